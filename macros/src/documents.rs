//! The documents in the macro, as text, and which token each part of the text came from.
//!
//! Tokens are laid out as they stand in the file, on the same lines and at the same columns, so
//! that the compiler's places are those of the file. Enter at [`Inline`].

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::LitStr;

/// A document in the macro.
#[derive(Debug)]
pub struct Inline {
    pub text: String,
    /// The byte of `text` at which each token begins, in order.
    pub tokens: Vec<(usize, Span)>,
    /// The names of its operations and fragments, where it is made of tokens.
    pub definitions: Vec<(String, Span)>,
    /// Where the text begins, if it is a string: its line, and the column in characters from 0.
    pub string: Option<(usize, usize)>,
}

impl Inline {
    /// The document that a string literal holds.
    pub fn from_string(literal: &LitStr) -> Self {
        let start = literal.span().start();
        let quote = literal.token().to_string().find('"').unwrap_or_default();
        Self {
            text: literal.value(),
            tokens: vec![(0, literal.span())],
            definitions: Vec::new(),
            string: Some((start.line, start.column + quote + 1)),
        }
    }

    /// The document that tokens make, and each `#`, which begins no comment in Rust.
    pub fn from_tokens(tokens: TokenStream) -> (Self, Vec<Span>) {
        let mut page = Page {
            inline: Self {
                text: String::new(),
                tokens: Vec::new(),
                definitions: definitions(tokens.clone()),
                string: None,
            },
            line: 1,
            column: 0,
            comments: Vec::new(),
        };
        page.write_all(tokens);
        (page.inline, page.comments)
    }

    /// The first and the last token of some bytes.
    pub fn spans(&self, offset: usize, length: usize) -> (Span, Span) {
        (
            self.span_at(offset),
            self.span_at(offset + length.saturating_sub(1)),
        )
    }

    fn span_at(&self, offset: usize) -> Span {
        let after = self.tokens.partition_point(|(start, _)| *start <= offset);
        after
            .checked_sub(1)
            .and_then(|index| self.tokens.get(index))
            .map_or_else(Span::call_site, |(_, span)| *span)
    }
}

/// The names behind `query`, `fragment` and the like, outside of all braces.
fn definitions(tokens: TokenStream) -> Vec<(String, Span)> {
    let mut definitions = Vec::new();
    let mut is_behind_keyword = false;
    for token in tokens {
        let TokenTree::Ident(word) = token else {
            is_behind_keyword = false;
            continue;
        };
        if is_behind_keyword {
            definitions.push((word.to_string(), word.span()));
        }
        let keywords = ["query", "mutation", "subscription", "fragment"];
        is_behind_keyword = !is_behind_keyword && keywords.iter().any(|keyword| word == keyword);
    }
    definitions
}

/// The text so far, and the place in the file that its end stands for.
struct Page {
    inline: Inline,
    line: usize,
    column: usize,
    comments: Vec<Span>,
}

impl Page {
    fn write_all(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.write_group(&group),
                TokenTree::Punct(punct) => {
                    if punct.as_char() == '#' {
                        self.comments.push(punct.span());
                    }
                    self.write(&punct.as_char().to_string(), punct.span());
                }
                other => self.write(&other.to_string(), other.span()),
            }
        }
    }

    fn write_group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Brace => ("{", "}"),
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        self.write(open, group.span_open());
        self.write_all(group.stream());
        self.write(close, group.span_close());
    }

    fn write(&mut self, text: &str, span: Span) {
        if text.is_empty() {
            return;
        }
        self.move_to(span, text);
        self.inline.tokens.push((self.inline.text.len(), span));
        self.inline.text.push_str(text);
        self.column += text.chars().count();
        // A string may go over several lines.
        if let Some((before, last)) = text.rsplit_once('\n') {
            self.line += before.matches('\n').count() + 1;
            self.column = last.chars().count();
        }
    }

    /// Fills up with lines and spaces to where the token stands in the file.
    fn move_to(&mut self, span: Span, token: &str) {
        let start = span.start();
        let text = &mut self.inline.text;
        if start.line > self.line {
            text.extend(std::iter::repeat_n('\n', start.line - self.line));
            self.line = start.line;
            self.column = 0;
        }
        if start.column > self.column {
            text.extend(std::iter::repeat_n(' ', start.column - self.column));
            self.column = start.column;
        } else if start.column < self.column && token.starts_with(char::is_alphanumeric) {
            // The place is unknown; words still have to be told apart.
            text.push(' ');
        }
    }
}
