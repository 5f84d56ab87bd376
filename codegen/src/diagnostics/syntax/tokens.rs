//! The tokens of executable documents, and what is wrong with a text that is none. Enter at
//! [`SyntaxChecker::next`].

use crate::lexer::{Lexer, StringToken};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxToken<'a> {
    Name(&'a str),
    Punctuator(&'a str),
    Number,
    String,
    End,
}

/// A mistake: which bytes, what about them, and what to do.
#[derive(Debug)]
pub struct Mistake {
    pub offset: usize,
    pub length: usize,
    pub message: String,
    pub help: String,
    /// The definition that can't be read because of it.
    pub definition: Range<usize>,
}

/// A mistake, or none where reading stops for another reason.
pub type Stop = Option<Box<Mistake>>;

/// Reads a text token by token, and keeps what a message needs to know of the current one.
#[derive(Clone)]
pub struct SyntaxChecker<'a> {
    pub text: &'a str,
    /// Behind the current token.
    pub at: usize,
    pub token: SyntaxToken<'a>,
    pub start: usize,
    /// How far the line of the current token is indented, and whether the token is the first on it.
    pub indentation: usize,
    pub is_first: bool,
    /// The first `{` whose `}` has another indentation: most likely, it was not closed.
    pub misplaced: Option<usize>,
    /// Whether a definition ends where a line begins with a word that begins one.
    pub by_lines: bool,
}

impl<'a> SyntaxChecker<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            token: SyntaxToken::End,
            start: 0,
            indentation: 0,
            is_first: true,
            misplaced: None,
            by_lines: false,
        }
    }

    pub fn mistake(&self, message: impl Into<String>, help: impl Into<String>) -> Stop {
        self.mistake_at(self.start, self.at, message, help)
    }

    pub fn mistake_at(
        &self,
        start: usize,
        end: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Stop {
        Some(Box::new(Mistake {
            offset: start,
            length: end.saturating_sub(start),
            message: message.into(),
            help: help.into(),
            definition: 0..0,
        }))
    }

    /// The current token as it is called in a message.
    pub fn found(&self) -> String {
        match self.token {
            SyntaxToken::End => "the end of the file".into(),
            SyntaxToken::String => "a string".into(),
            _ => format!("`{}`", &self.text[self.start..self.at]),
        }
    }

    /// Goes on to the next token.
    pub fn next(&mut self) -> Result<(), Stop> {
        let gap = self.at;
        let mut lexer = Lexer {
            text: self.text,
            at: gap,
        };
        lexer.peek();
        self.at = lexer.at;
        let line_end = self.text[gap..self.at].rfind(['\n', '\r']);
        let line = line_end
            .map(|end| gap + end + 1)
            .or((gap == 0).then_some(0));
        self.is_first = line.is_some();
        if let Some(line) = line {
            self.indentation = self.at - line;
        }
        self.start = self.at;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            self.token = SyntaxToken::End;
            return Ok(());
        };
        if rest.starts_with("...") {
            self.at += 3;
            self.token = SyntaxToken::Punctuator("...");
            return Ok(());
        }
        match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                self.at += 1;
                self.token = SyntaxToken::Punctuator(&rest[..1]);
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let length = name_length(rest);
                self.at += length;
                self.token = SyntaxToken::Name(&rest[..length]);
            }
            '-' | '0'..='9' => return self.number(rest),
            '"' => return self.string(),
            _ => {
                self.at += first.len_utf8();
                return Err(self.no_token(first, rest));
            }
        }
        Ok(())
    }

    fn number(&mut self, rest: &str) -> Result<(), Stop> {
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-')))
            .unwrap_or(rest.len());
        let text = &rest[..length];
        self.at += length;
        self.token = SyntaxToken::Number;
        let digits = text.trim_start_matches('-');
        let whole = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        if whole == 0 {
            return Err(self.mistake_at(
                self.start,
                self.start + 1,
                "`-` can't be in a name",
                "names hold the letters a to z and A to Z, digits and `_`; \
                 a number follows its `-` at once",
            ));
        }
        if whole > 1 && digits.starts_with('0') {
            return Err(self.mistake(
                format!("the number `{text}` begins with a zero"),
                "write it without",
            ));
        }
        if !is_number(text) {
            let help = "names begin with a letter or `_`; numbers are `1`, `-1.5` or `2e10`";
            return Err(self.mistake(format!("`{text}` is neither a number nor a name"), help));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Stop> {
        self.token = SyntaxToken::String;
        let start = self.at;
        let mut lexer = Lexer {
            text: self.text,
            at: start,
        };
        let string = lexer.read_string();
        if string.is_none() && self.text[start..].starts_with("\"\"\"") {
            self.at = start + 3;
            return Err(self.mistake("this block string has no end", "close it with `\"\"\"`"));
        }
        self.at = lexer.at;
        match string {
            Some(StringToken::Block(_)) => Ok(()),
            Some(StringToken::Line(content)) => self.check_escapes(start + 1, content),
            None => {
                self.check_escapes(start + 1, &self.text[start + 1..lexer.at])?;
                Err(self.unterminated())
            }
        }
    }

    /// Checks the escapes in a string whose content begins at `start`.
    fn check_escapes(&mut self, start: usize, content: &str) -> Result<(), Stop> {
        let mut characters = content.char_indices();
        while let Some((at, character)) = characters.next() {
            if character != '\\' {
                continue;
            }
            match characters.next() {
                Some((_, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) | None => {}
                Some((end, other)) => {
                    self.at = start + end + other.len_utf8();
                    return Err(self.mistake_at(
                        start + at,
                        self.at,
                        format!("`\\{other}` is not an escape"),
                        "a backslash itself is written `\\\\`; the escapes are `\\\"`, `\\\\`, \
                         `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u{…}`",
                    ));
                }
            }
        }
        Ok(())
    }

    fn unterminated(&self) -> Stop {
        self.mistake(
            "this string has no end on its line",
            "close it with `\"`; a text of several lines stands between `\"\"\"`",
        )
    }

    fn no_token(&self, character: char, rest: &str) -> Stop {
        match character {
            '\'' => {
                let line = rest.lines().next().unwrap_or_default();
                let end = line[1..].find('\'').map_or(1, |at| at + 2);
                let text = line[..end].trim_matches('\'');
                self.mistake_at(
                    self.start,
                    self.start + end,
                    "strings stand in double quotes",
                    format!("write `\"{text}\"`"),
                )
            }
            ';' => self.mistake(
                "GraphQL has no semicolons",
                "remove it: white space separates fields",
            ),
            '.' => self.mistake(
                "a spread has three dots",
                "write `...FragmentName` or `... on Type { … }`",
            ),
            '/' if rest.starts_with("//") || rest.starts_with("/*") => self.mistake_at(
                self.start,
                self.start + 2,
                "this begins no comment",
                "comments begin with `#` and end with their line",
            ),
            '“' | '”' | '‘' | '’' | '«' | '»' => self.mistake(
                format!("`{character}` is no quotation mark of GraphQL"),
                "write the plain `\"`",
            ),
            other if other.is_alphabetic() => self.mistake(
                format!("`{other}` can't be in a name"),
                "names hold the letters a to z and A to Z, digits and `_`",
            ),
            other if other.is_control() || other.is_whitespace() => self.mistake(
                format!(
                    "the character U+{:04X} has no meaning in GraphQL",
                    u32::from(other)
                ),
                "remove it; white space is spaces, tabs and line ends",
            ),
            other => self.mistake(format!("`{other}` has no meaning in GraphQL"), "remove it"),
        }
    }
}

/// Whether a text is a number: digits, and behind them perhaps a fraction and an exponent, as in
/// JSON.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// The length of the name at the beginning of a text.
pub fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}
