//! Syntax errors in a person's words: one for each definition, at its cause.
//!
//! Every document is read along the grammar of executable documents (September 2025 edition,
//! appendix C) before apollo-compiler parses it, to say what was expected, which opening brace is
//! meant, and what to write. Enter at [`find_mistakes`]; [`tokens`] reads the tokens.

mod tokens;

use crate::diagnostics::near_miss;
use tokens::{Mistake, Stop, SyntaxChecker, SyntaxToken, name_length};

/// How deep selections and values may nest before this gives up on a definition.
const DEPTH: usize = 150;

/// Words that begin a definition, and those that would begin one of a schema.
const DEFINITIONS: [&str; 4] = ["query", "mutation", "subscription", "fragment"];
const TYPE_SYSTEM: [&str; 9] = [
    "schema",
    "scalar",
    "type",
    "interface",
    "union",
    "enum",
    "input",
    "directive",
    "extend",
];

/// Finds the first mistake of each definition: none where the text is a document, or too deep to
/// tell.
pub fn find_mistakes(text: &str) -> Vec<Mistake> {
    let mut checker = SyntaxChecker::new(text);
    let mut found = Vec::new();
    let mut step = checker.next();
    loop {
        let start = checker.start;
        if step.is_ok() {
            // Fields may be called `query` too: the words at the beginnings of lines count only
            // where the grammar alone finds no end.
            let before = checker.clone();
            step = checker.definition();
            if matches!(step, Err(Some(_))) {
                checker = SyntaxChecker {
                    by_lines: true,
                    ..before
                };
                step = checker.definition();
                checker.by_lines = false;
            }
        }
        match step {
            Ok(()) if checker.token == SyntaxToken::End => return found,
            Ok(()) => {}
            Err(stop) => {
                let more = checker.skip_to_definition();
                let end = if more { checker.start } else { text.len() };
                found.extend(stop.map(|mistake| Mistake {
                    definition: start..end,
                    ..*mistake
                }));
                if !more {
                    return found;
                }
                step = Ok(());
            }
        }
    }
}

/// A text without the definitions that can't be read, every other byte in its place.
pub fn blank(text: &str, mistakes: &[Mistake]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for byte in mistakes
        .iter()
        .flat_map(|mistake| mistake.definition.clone())
    {
        if !matches!(bytes[byte], b'\n' | b'\r') {
            bytes[byte] = b' ';
        }
    }
    // Whole characters are blanked, so it stays UTF-8.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Whether a text is one constant value (specification, section 2.9), with nothing around it but
/// ignored tokens.
pub fn is_constant(text: &str) -> bool {
    let mut checker = SyntaxChecker::new(text);
    let read = checker
        .next()
        .and_then(|()| checker.value("a constant", 0, false));
    read.is_ok() && checker.token == SyntaxToken::End
}

/// The names of the fragments that a text seems to define, however broken it is.
pub fn fragment_names(text: &str) -> impl Iterator<Item = &str> {
    text.split("fragment").skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let length = name_length(rest);
        (length > 0).then_some(&rest[..length])
    })
}

impl<'a> SyntaxChecker<'a> {
    fn is(&self, punctuator: &str) -> bool {
        self.token == SyntaxToken::Punctuator(punctuator)
    }

    /// Goes on to a definition that begins a line.
    fn skip_to_definition(&mut self) -> bool {
        let mut from = self.start;
        while let Some(end) = self.text[from..].find(['\n', '\r']) {
            from += end + 1;
            let line = &self.text[from..];
            let length = name_length(line);
            if line.starts_with('{') || DEFINITIONS.contains(&&line[..length]) {
                self.at = from;
                self.misplaced = None;
                let found = self.next().is_ok();
                (self.indentation, self.is_first) = (0, true);
                return found;
            }
        }
        false
    }

    /// Whether the current token begins a line and the next definition: then the one before is not
    /// closed.
    fn at_next_definition(&self) -> bool {
        self.by_lines
            && matches!(self.token, SyntaxToken::Name(word) if DEFINITIONS.contains(&word))
            && self.text[..self.start].ends_with(['\n', '\r'])
    }

    fn definition(&mut self) -> Result<(), Stop> {
        if self.token == SyntaxToken::String {
            self.next()?;
        }
        match self.token {
            SyntaxToken::End => Ok(()),
            SyntaxToken::Punctuator("{") => self.selections(0),
            SyntaxToken::Name("query" | "mutation" | "subscription") => {
                self.next()?;
                if let SyntaxToken::Name(_) = self.token {
                    self.next()?;
                }
                if self.is("(") {
                    self.variables()?;
                }
                self.directives(0)?;
                self.block("an operation", "{ … }")
            }
            SyntaxToken::Name("fragment") => {
                self.next()?;
                match self.token {
                    SyntaxToken::Name("on") => {
                        return Err(self.mistake(
                            "the fragment has no name",
                            "write `fragment Name on Type { … }`",
                        ));
                    }
                    SyntaxToken::Name(_) => self.next()?,
                    _ => {
                        return Err(self.expected(
                            "the fragment's name",
                            "write `fragment Name on Type { … }`",
                        ));
                    }
                }
                if self.token != SyntaxToken::Name("on") {
                    return Err(self.expected(
                        "`on` and the type that the fragment is on",
                        "write `fragment Name on Type { … }`",
                    ));
                }
                self.next()?;
                self.name(
                    "the type that the fragment is on",
                    "write `fragment Name on Type { … }`",
                )?;
                self.directives(0)?;
                self.block("a fragment", "{ … }")
            }
            // Whoever put a schema here is told so by the validator.
            SyntaxToken::Name(word) if TYPE_SYSTEM.contains(&word) => Err(None),
            SyntaxToken::Name(word) => {
                let help = match near_miss(word, DEFINITIONS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "an operation begins with `query`, `mutation` or `subscription`, \
                     a fragment with `fragment Name on Type`"
                        .into(),
                };
                Err(self.mistake(format!("`{word}` begins no definition"), help))
            }
            SyntaxToken::Punctuator("}") => Err(self.mistake(
                "this `}` closes nothing",
                "remove it, or look for a `{` that is missing above",
            )),
            _ => Err(self.expected("an operation or a fragment", "write `query Name { … }`")),
        }
    }

    fn expected(&self, what: &str, help: &str) -> Stop {
        self.mistake(format!("expected {what}, found {}", self.found()), help)
    }

    fn name(&mut self, what: &str, help: &str) -> Result<&'a str, Stop> {
        let SyntaxToken::Name(name) = self.token else {
            return Err(self.expected(what, help));
        };
        self.next()?;
        Ok(name)
    }

    fn block(&mut self, of: &str, help: &str) -> Result<(), Stop> {
        if !self.is("{") {
            return Err(self.expected(
                &format!("the selection set of {of}"),
                &format!("write the fields that you want: `{help}`"),
            ));
        }
        self.selections(0)
    }

    /// What is not closed, where the file or the definition ends.
    fn open(&self, open: usize, closing: &str) -> Stop {
        let open = if closing == "}" {
            self.misplaced.unwrap_or(open)
        } else {
            open
        };
        let opening = &self.text[open..=open];
        self.mistake_at(
            open,
            open + 1,
            format!("this `{opening}` is not closed"),
            format!(
                "its `{closing}` is missing before {}",
                if self.token == SyntaxToken::End {
                    "the end of the file".into()
                } else {
                    format!("{} on line {}", self.found(), self.line(self.start))
                }
            ),
        )
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    fn selections(&mut self, depth: usize) -> Result<(), Stop> {
        if depth > DEPTH {
            return Err(None);
        }
        let (open, indentation) = (self.start, self.indentation);
        self.next()?;
        if self.is("}") {
            return Err(self.mistake_at(
                open,
                self.at,
                "nothing is selected here",
                "write the fields that you want, or `__typename`: servers refuse an empty \
                 selection, which the newest edition allows; what has no fields has no braces",
            ));
        }
        loop {
            match self.token {
                SyntaxToken::End => return Err(self.open(open, "}")),
                _ if self.at_next_definition() => return Err(self.open(open, "}")),
                SyntaxToken::Punctuator("}") => break,
                SyntaxToken::Punctuator("...") => self.spread(depth)?,
                SyntaxToken::Name(_) => self.field(depth)?,
                SyntaxToken::Punctuator("(") => {
                    return Err(self.mistake(
                        "arguments without a field",
                        "arguments follow their field, once: `field(name: value)`",
                    ));
                }
                SyntaxToken::Punctuator("@") => {
                    return Err(self.mistake(
                        "a directive without a field",
                        "directives follow a field and its arguments",
                    ));
                }
                SyntaxToken::Punctuator("{") => {
                    return Err(self.mistake(
                        "a selection set without a field",
                        "write the field's name before it",
                    ));
                }
                _ => {
                    return Err(self.expected(
                        "a field, a spread or `}`",
                        "write a field's name, `...Fragment` or `... on Type { … }`",
                    ));
                }
            }
        }
        if self.is_first && self.indentation != indentation && self.misplaced.is_none() {
            self.misplaced = Some(open);
        }
        self.next()
    }

    fn spread(&mut self, depth: usize) -> Result<(), Stop> {
        self.next()?;
        match self.token {
            SyntaxToken::Name("on") => {
                self.next()?;
                self.name("the type behind `on`", "write `... on Type { … }`")?;
            }
            SyntaxToken::Name(name) => {
                self.next()?;
                self.directives(depth)?;
                if self.is("{") {
                    return Err(self.mistake(
                        format!("`...{name}` spreads a fragment and selects nothing itself"),
                        format!("an inline fragment is written `... on {name} {{ … }}`"),
                    ));
                }
                return Ok(());
            }
            SyntaxToken::Punctuator("@" | "{") => {}
            _ => {
                return Err(self.expected(
                    "a fragment",
                    "write `...FragmentName` or `... on Type { … }`",
                ));
            }
        }
        self.directives(depth)?;
        if !self.is("{") {
            return Err(self.expected(
                "the selection set of an inline fragment",
                "write the fields that you want: `... on Type { … }`",
            ));
        }
        self.selections(depth + 1)
    }

    fn field(&mut self, depth: usize) -> Result<(), Stop> {
        let name = self.name("a field", "")?;
        if self.is(":") {
            self.next()?;
            self.name(
                "the field behind its alias",
                &format!("an alias is written `{name}: field`"),
            )?;
        }
        if self.is("(") {
            self.arguments("a field without arguments has no parentheses", depth, true)?;
        }
        self.directives(depth)?;
        if self.is("{") {
            self.selections(depth + 1)?;
        }
        Ok(())
    }

    fn directives(&mut self, depth: usize) -> Result<(), Stop> {
        while self.is("@") {
            self.next()?;
            self.name(
                "the name of a directive",
                "write it behind the `@` at once: `@include(if: $x)`",
            )?;
            if self.is("(") {
                self.arguments(
                    "a directive without arguments has no parentheses",
                    depth,
                    true,
                )?;
            }
        }
        Ok(())
    }

    fn arguments(&mut self, empty: &str, depth: usize, variables: bool) -> Result<(), Stop> {
        let open = self.start;
        self.next()?;
        if self.is(")") {
            return Err(self.mistake_at(
                open,
                self.at,
                "empty parentheses",
                format!("remove them: {empty}"),
            ));
        }
        while !self.is(")") {
            if self.token == SyntaxToken::End || self.at_next_definition() {
                return Err(self.open(open, ")"));
            }
            self.entry("argument", ")", depth, variables)?;
        }
        self.next()
    }

    /// `name: value`, of arguments and of input objects.
    fn entry(
        &mut self,
        what: &str,
        closing: &str,
        depth: usize,
        variables: bool,
    ) -> Result<(), Stop> {
        let SyntaxToken::Name(name) = self.token else {
            return Err(match self.token {
                SyntaxToken::Punctuator("$") => {
                    self.mistake(format!("the {what} has no name"), "write `name: $variable`")
                }
                _ => self.expected(
                    &format!("an {what} or `{closing}`"),
                    &format!("an {what} is written `name: value`, and `{closing}` ends the list"),
                ),
            });
        };
        self.next()?;
        if !self.is(":") {
            let help = format!("write `{name}: …`");
            return Err(match self.token {
                SyntaxToken::Punctuator("=") => {
                    self.mistake(format!("`{name}` is followed by `=`, not by `:`"), help)
                }
                _ => self.expected(&format!("`:` behind the {what} `{name}`"), &help),
            });
        }
        self.next()?;
        self.value(&format!("the {what} `{name}`"), depth, variables)
    }

    fn value(&mut self, of: &str, depth: usize, variables: bool) -> Result<(), Stop> {
        if depth > DEPTH {
            return Err(None);
        }
        match self.token {
            SyntaxToken::Number | SyntaxToken::String | SyntaxToken::Name(_) => self.next(),
            SyntaxToken::Punctuator("$") if variables => {
                self.next()?;
                self.name(
                    "the name of a variable",
                    "write it behind the `$` at once: `$name`",
                )?;
                Ok(())
            }
            SyntaxToken::Punctuator("$") => Err(self.mistake(
                "a default value can't hold a variable",
                "write the value itself",
            )),
            SyntaxToken::Punctuator("[") => {
                let open = self.start;
                self.next()?;
                while !self.is("]") {
                    if self.token == SyntaxToken::End || self.at_next_definition() {
                        return Err(self.open(open, "]"));
                    }
                    self.value("an item of the list", depth + 1, variables)?;
                }
                self.next()
            }
            SyntaxToken::Punctuator("{") => {
                let open = self.start;
                self.next()?;
                while !self.is("}") {
                    if self.token == SyntaxToken::End || self.at_next_definition() {
                        return Err(self.open(open, "}"));
                    }
                    self.entry("input field", "}", depth + 1, variables)?;
                }
                self.next()
            }
            _ => Err(self.expected(
                &format!("the value of {of}"),
                "values are `1`, `1.5`, `\"text\"`, `true`, `null`, ENUM_VALUE, `[…]`, \
                 `{ field: … }` and `$variable`",
            )),
        }
    }

    fn variables(&mut self) -> Result<(), Stop> {
        let open = self.start;
        self.next()?;
        if self.is(")") {
            return Err(self.mistake_at(
                open,
                self.at,
                "empty parentheses",
                "remove them: an operation without variables has none",
            ));
        }
        while !self.is(")") {
            if self.token == SyntaxToken::String {
                self.next()?;
            }
            match self.token {
                SyntaxToken::End => return Err(self.open(open, ")")),
                SyntaxToken::Punctuator("$") => {}
                SyntaxToken::Name(name) => {
                    return Err(self.mistake(
                        "a variable begins with `$`",
                        format!("write `${name}: Type`"),
                    ));
                }
                _ => {
                    return Err(self.expected(
                        "a variable or `)`",
                        "variables are written `$name: Type = default`",
                    ));
                }
            }
            self.next()?;
            let name = self.name(
                "the name of a variable",
                "write it behind the `$` at once: `$name`",
            )?;
            if !self.is(":") {
                return Err(self.expected(
                    &format!("`:` behind the variable `${name}`"),
                    &format!("write its type: `${name}: String`"),
                ));
            }
            self.next()?;
            self.ty(name, 0)?;
            if self.is("=") {
                self.next()?;
                self.value(&format!("the default of `${name}`"), 0, false)?;
            }
            self.directives(0)?;
        }
        self.next()
    }

    fn ty(&mut self, variable: &str, depth: usize) -> Result<(), Stop> {
        if depth > DEPTH {
            return Err(None);
        }
        if self.is("[") {
            let open = self.start;
            self.next()?;
            self.ty(variable, depth + 1)?;
            if !self.is("]") {
                return Err(self.open(open, "]"));
            }
            self.next()?;
        } else {
            self.name(
                &format!("the type of `${variable}`"),
                &format!("write its type: `${variable}: String`"),
            )?;
        }
        if self.is("!") {
            self.next()?;
            if self.is("!") {
                return Err(self.mistake("`!` is doubled", "one `!` says non-null"));
            }
        }
        Ok(())
    }
}
