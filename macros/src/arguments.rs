//! The arguments of the macro: `key = value` pairs, then documents. Enter at [`parse`].

use attendium_codegen::Options;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use std::path::PathBuf;

/// What the macro was asked for.
#[derive(Default)]
pub struct Arguments {
    pub schema: Vec<PathBuf>,
    pub operations: Vec<PathBuf>,
    pub options: Options,
    /// Documents in the macro itself.
    pub inline: Option<Inline>,
}

/// A document in the macro, and which token each part of its text came from.
pub struct Inline {
    pub text: String,
    /// The byte at which each token begins, in order.
    pub tokens: Vec<(usize, Span)>,
    /// Where the text begins, if it is a string: its line, and the column in characters from 0.
    pub string: Option<(usize, usize)>,
}

impl Inline {
    /// The tokens that the first and the last of some bytes belong to.
    pub fn spans(&self, offset: usize, length: usize) -> (Span, Span) {
        (
            self.span(offset),
            self.span(offset + length.saturating_sub(1)),
        )
    }

    fn span(&self, offset: usize) -> Span {
        let after = self.tokens.partition_point(|(start, _)| *start <= offset);
        after
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index))
            .map_or_else(Span::call_site, |(_, span)| *span)
    }
}

/// A mistake in the arguments, and where.
pub type Mistake = (Span, String);

/// Reads the arguments. All mistakes are found, not the first alone.
pub fn parse(input: TokenStream) -> Result<Arguments, Vec<Mistake>> {
    let mut arguments = Arguments::default();
    let mut mistakes = Vec::new();
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [TokenTree::Ident(key), TokenTree::Punct(equals), after @ ..] = rest {
        if equals.as_char() != '=' {
            break;
        }
        let Some(value) = after.first() else {
            mistakes.push((
                equals.span(),
                format!("`{key}` has no value\nhelp: write `{key} = \"…\"`"),
            ));
            rest = after;
            break;
        };
        match string(value) {
            Ok(text) => {
                if let Err(mistake) = set(&mut arguments, &key.to_string(), text) {
                    mistakes.push((if mistake.0 { key.span() } else { value.span() }, mistake.1));
                }
            }
            Err(message) => mistakes.push((value.span(), message)),
        }
        rest = &after[1..];
        if let [TokenTree::Punct(comma), more @ ..] = rest
            && comma.as_char() == ','
        {
            rest = more;
        }
    }
    arguments.inline = match rest {
        [] => None,
        [TokenTree::Literal(_)] => match string(&rest[0]) {
            Ok(text) => Some(Inline {
                text,
                tokens: vec![(0, rest[0].span())],
                string: {
                    let start = rest[0].span().start();
                    let quote = rest[0].to_string().find('"').unwrap_or_default();
                    Some((start.line, start.column + quote + 1))
                },
            }),
            Err(message) => {
                mistakes.push((rest[0].span(), message));
                None
            }
        },
        documents => Some(write(documents, &mut mistakes)),
    };
    if arguments.inline.is_some() && !arguments.operations.is_empty() {
        mistakes.push((rest[0].span(), "documents stand in the macro or in files, not both\nhelp: remove `operations = …`, or put these into a file too".into()));
    }
    if arguments.inline.is_none() && arguments.operations.is_empty() && mistakes.is_empty() {
        mistakes.push((Span::call_site(), "nothing to compile\nhelp: write `graphql! { query Me { me { id } } }`, or name files: `operations = \"queries\"`".into()));
    }
    if mistakes.is_empty() {
        Ok(arguments)
    } else {
        Err(mistakes)
    }
}

/// Sets one key; a mistake is about the key (`true`) or about the value.
fn set(arguments: &mut Arguments, key: &str, value: String) -> Result<(), (bool, String)> {
    match key {
        "schema" => arguments.schema.push(value.into()),
        "operations" => arguments.operations.push(value.into()),
        "derive" => arguments.options.derives.push(value),
        "allow" => arguments.options.allow.push(value),
        "scalar" => {
            let (name, rust) = value.split_once('=').ok_or((
                false,
                "not a mapping\nhelp: write `scalar = \"DateTime=jiff::Timestamp\"`".to_owned(),
            ))?;
            arguments
                .options
                .scalars
                .push((name.trim().to_owned(), rust.trim().to_owned()));
        }
        _ => {
            return Err((
                true,
                format!(
                    "unknown key `{key}`\nhelp: the keys are `schema`, `operations`, `scalar`, `derive` and `allow`"
                ),
            ));
        }
    }
    Ok(())
}

/// The content of a string literal, plain or raw.
fn string(token: &TokenTree) -> Result<String, String> {
    let TokenTree::Literal(literal) = token else {
        // A literal that came through another macro stands in a group without delimiters.
        if let TokenTree::Group(group) = token
            && group.delimiter() == Delimiter::None
            && let Some(inner) = group.stream().into_iter().next()
        {
            return string(&inner);
        }
        return Err("a string is expected here".into());
    };
    let text = literal.to_string();
    if let Some(raw) = text.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        if let Some(content) = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
            return Ok(content.to_owned());
        }
    }
    let content = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .ok_or("a string is expected here")?;
    unescape(content)
        .ok_or_else(|| "this escape is not supported here\nhelp: use a raw string, r#\"…\"#".into())
}

fn unescape(content: &str) -> Option<String> {
    let mut out = String::new();
    let mut characters = content.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next()? {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            '"' => out.push('"'),
            '\'' => out.push('\''),
            '\\' => out.push('\\'),
            '0' => out.push('\0'),
            '\n' => while characters.next_if(|next| next.is_whitespace()).is_some() {},
            _ => return None,
        }
    }
    Some(out)
}

/// Writes tokens down as they stand in the file: on the same lines, at the same columns, as far as they are known.
fn write(tokens: &[TokenTree], mistakes: &mut Vec<Mistake>) -> Inline {
    let mut page = Page {
        inline: Inline {
            text: String::new(),
            tokens: Vec::new(),
            string: None,
        },
        line: 1,
        column: 0,
        mistakes,
    };
    page.trees(tokens.iter().cloned());
    page.inline
}

struct Page<'a> {
    inline: Inline,
    line: usize,
    column: usize,
    mistakes: &'a mut Vec<Mistake>,
}

impl Page<'_> {
    fn trees(&mut self, trees: impl Iterator<Item = TokenTree>) {
        for tree in trees {
            match tree {
                TokenTree::Group(group) => self.group(&group),
                TokenTree::Punct(punct) => {
                    if punct.as_char() == '#' {
                        self.mistakes.push((punct.span(), "`#` begins no comment here\nhelp: write `//`, which is a comment in Rust, or put the documents into a string or a file".into()));
                    }
                    self.put(punct.as_char().to_string(), punct.span());
                }
                other => {
                    let span = other.span();
                    self.put(other.to_string(), span);
                }
            }
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Brace => ("{", "}"),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.put(open.into(), group.span_open());
        self.trees(group.stream().into_iter());
        self.put(close.into(), group.span_close());
    }

    fn put(&mut self, text: String, span: Span) {
        if text.is_empty() {
            return;
        }
        let start = span.start();
        if start.line > self.line {
            self.inline
                .text
                .extend(std::iter::repeat_n('\n', start.line - self.line));
            self.line = start.line;
            self.column = 0;
        }
        if start.column > self.column {
            self.inline
                .text
                .extend(std::iter::repeat_n(' ', start.column - self.column));
            self.column = start.column;
        } else if start.column < self.column && !text.starts_with(|c: char| !c.is_alphanumeric()) {
            // The place is unknown; tokens still have to be told apart.
            self.inline.text.push(' ');
        }
        self.inline.tokens.push((self.inline.text.len(), span));
        self.column += text.chars().count();
        let lines = text.matches('\n').count();
        if lines > 0 {
            self.line += lines;
            self.column = text
                .rsplit('\n')
                .next()
                .map_or(0, |last| last.chars().count());
        }
        self.inline.text.push_str(&text);
    }
}
