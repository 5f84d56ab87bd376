//! SDL that servers print and that the grammar of September 2025 does not have, made readable:
//! every byte keeps its place.
//!
//! Enter at [`blank_unreadable`], once the parsers have refused a text.

use crate::diagnostics::{Diagnostic, Location};
use crate::lexer::{Lexer, Token, blank_commas};
use crate::schema::introspection::LOCATIONS;
use crate::source::Source;
use std::ops::Range;

/// Words that begin a definition.
const DEFINITIONS: [&str; 9] = [
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

/// The texts without what the grammar does not have.
///
/// # Errors
///
/// As [`readable`].
pub fn blank_unreadable(texts: &[Source]) -> Result<Vec<Source>, Box<Diagnostic>> {
    let readable = texts
        .iter()
        .map(|source| Ok(Source::new(&source.path, readable(source)?)));
    readable.collect()
}

/// The text without stray commas, without the braces of types that have no fields, and without what
/// directive definitions have that is newer than the grammar: locations, and directives of their
/// own.
///
/// # Errors
///
/// The syntax of `implements` before 2018, which other tools wrote for long.
fn readable(source: &Source) -> Result<String, Box<Diagnostic>> {
    let text = blank_commas(&source.text);
    let tokens = tokens(&text);
    if let Some(at) = old_implements(&tokens) {
        let place = Location::new(&source.path, &source.text, at.start, at.len());
        let name = &text[at];
        let error = Diagnostic::error(format!("`&` is missing before the interface `{name}`"))
            .with_rule("syntax")
            .with_location(Some(place))
            .with_help("several interfaces are written `implements A & B`");
        return Err(error.into());
    }
    let mut blank = empty_braces(&tokens);
    blank.extend(directive_definitions(&tokens));
    let mut bytes = text.into_bytes();
    for byte in blank.into_iter().flatten() {
        if !matches!(bytes[byte], b'\n' | b'\r') {
            bytes[byte] = b' ';
        }
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|_| source.text.clone()))
}

type Tokens<'a> = Vec<(Token<'a>, Range<usize>)>;

fn tokens(text: &str) -> Tokens<'_> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    while lexer.peek().is_some() {
        let start = lexer.at;
        let Some(token) = lexer.next() else {
            break;
        };
        tokens.push((token, start..lexer.at));
    }
    tokens
}

/// The second of two names behind `implements` that nothing parts.
fn old_implements(tokens: &Tokens<'_>) -> Option<Range<usize>> {
    tokens.windows(3).enumerate().find_map(|(index, window)| {
        let [(Token::Name(first), _), (Token::Name(second), at), _] = window else {
            return None;
        };
        let begins = index > 0 && tokens[index - 1].0 == Token::Name("implements")
            || index > 1
                && tokens[index - 1].0 == Token::Byte(b'&')
                && tokens[index - 2].0 == Token::Name("implements");
        let is_type = index > 2 && is_name_of_a_type(tokens, index - 2);
        (begins && is_type && *first != "implements" && !DEFINITIONS.contains(second))
            .then(|| at.clone())
    })
}

/// Whether a token or the one before it is the name behind `type` or `interface`.
fn is_name_of_a_type(tokens: &Tokens<'_>, index: usize) -> bool {
    (index.saturating_sub(1)..=index).any(|at| {
        at > 0
            && matches!(tokens[at].0, Token::Name(_))
            && matches!(tokens[at - 1].0, Token::Name("type" | "interface"))
    })
}

/// Pairs of braces with nothing between them, outside of all others.
fn empty_braces(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut depth = 0_i32;
    let mut keyword = "";
    for (index, (token, at)) in tokens.iter().enumerate() {
        match token {
            Token::Name(word) if depth == 0 && DEFINITIONS.contains(word) => keyword = word,
            Token::Byte(b'{') => {
                let closing = tokens.get(index + 1);
                if let Some((Token::Byte(b'}'), end)) = closing
                    && depth == 0
                    && keyword != "schema"
                {
                    found.extend([at.clone(), end.clone()]);
                }
                depth += 1;
            }
            Token::Byte(b'(') => depth += 1,
            Token::Byte(b'}' | b')') => depth -= 1,
            _ => {}
        }
    }
    found
}

/// What the grammar lacks in directive definitions; those whole that may stand nowhere else.
fn directive_definitions(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut depth = 0_i32;
    for (index, (token, at)) in tokens.iter().enumerate() {
        match token {
            Token::Byte(b'{' | b'(') => depth += 1,
            Token::Byte(b'}' | b')') => depth -= 1,
            Token::Name("directive") if depth == 0 => {
                let described = index > 0 && tokens[index - 1].0 == Token::String;
                let start = if described {
                    tokens[index - 1].1.start
                } else {
                    at.start
                };
                found.extend(directive_definition(&tokens[index..], start));
            }
            _ => {}
        }
    }
    found
}

/// The same for the definition at the beginning of `tokens`, whose text begins at `start`.
fn directive_definition(tokens: &[(Token<'_>, Range<usize>)], start: usize) -> Vec<Range<usize>> {
    let is = |index: usize, token| tokens.get(index).is_some_and(|(found, _)| *found == token);
    if !is(1, Token::Byte(b'@')) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut index = behind_parentheses(tokens, 3);
    while is(index, Token::Byte(b'@')) {
        let end = behind_parentheses(tokens, index + 2);
        found.extend(
            tokens[index..end.min(tokens.len())]
                .iter()
                .map(|(_, at)| at.clone()),
        );
        index = end;
    }
    index += usize::from(is(index, Token::Name("repeatable")));
    if !is(index, Token::Name("on")) {
        return found;
    }
    index += 1;
    let first = index;
    let mut end = index;
    let mut known = 0;
    // The `|` before a location goes with it, and the first one that stays has none.
    while let Some((Token::Name(name), at)) =
        tokens.get(index + usize::from(is(index, Token::Byte(b'|'))))
    {
        let bar = is(index, Token::Byte(b'|'));
        if !bar && index > first {
            break;
        }
        let is_known = LOCATIONS.contains(name);
        if bar && (!is_known || known == 0) {
            found.push(tokens[index].1.clone());
        }
        if !is_known {
            found.push(at.clone());
        }
        known += usize::from(is_known);
        index += 1 + usize::from(bar);
        end = at.end;
    }
    if known == 0 && end > 0 && index > first {
        found.clear();
        found.push(start..end);
    }
    found
}

/// The index behind the parentheses that begin at `index`; `index` where there are none.
fn behind_parentheses(tokens: &[(Token<'_>, Range<usize>)], index: usize) -> usize {
    if !matches!(tokens.get(index), Some((Token::Byte(b'('), _))) {
        return index;
    }
    let mut depth = 0_i32;
    for (at, (token, _)) in tokens.iter().enumerate().skip(index) {
        match token {
            Token::Byte(b'(') => depth += 1,
            Token::Byte(b')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::readable;
    use crate::source::Source;

    fn of(text: &str) -> String {
        let readable = readable(&Source::new("s.graphql", text)).expect("it is readable");
        assert_eq!(readable.len(), text.len(), "every byte keeps its place");
        readable.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_grammar_lacks_is_blanked_and_nothing_else() {
        for (written, read) in [
            ("extend, type A { a,: Int, }", "extend type A { a : Int }"),
            (
                "\"a, b\" type A { a: Int # c, d\n}",
                "\"a, b\" type A { a: Int # c, d }",
            ),
            (
                "type A {} enum B { } type Q { a: Int }",
                "type A enum B type Q { a: Int }",
            ),
            (
                "type Q { f(a: I = {}): Int }",
                "type Q { f(a: I = {}): Int }",
            ),
            ("schema {}", "schema {}"),
            (
                "directive @a(x: Int) @deprecated(reason: \"no\") repeatable on FIELD",
                "directive @a(x: Int) repeatable on FIELD",
            ),
            (
                "directive @a on DIRECTIVE_DEFINITION | FIELD | NOWHERE | QUERY type Q { a: Int }",
                "directive @a on FIELD | QUERY type Q { a: Int }",
            ),
            ("directive @a on | NOWHERE | FIELD", "directive @a on FIELD"),
            (
                "\"d\" directive @a on DIRECTIVE_DEFINITION \"q\" type Q { directive: Int }",
                "\"q\" type Q { directive: Int }",
            ),
        ] {
            assert_eq!(of(written), read);
        }
    }

    #[test]
    fn interfaces_without_an_ampersand_are_told() {
        for text in [
            "type A implements B, C { a: Int }",
            "type A implements B C { a: Int }",
            "interface A implements & B, C @x { a: Int }",
        ] {
            let error = readable(&Source::new("s.graphql", text)).expect_err(text);
            let place = error.location.as_ref().expect("a place");
            assert_eq!(place.text().chars().next(), Some('C'), "{error}");
        }
        for text in [
            "type A implements B & C { a: Int }",
            "type A implements B type C { implements: Int a: Int }",
            "type implements { implements: Int a: Int b: Int }",
            "directive @implements on FIELD type Q { a: Int }",
        ] {
            assert!(readable(&Source::new("s.graphql", text)).is_ok(), "{text}");
        }
    }
}
