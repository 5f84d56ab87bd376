//! The tokens of a GraphQL text, SDL or executable: names, strings, and the bytes between them.
//!
//! The compiler's one lexer besides apollo-compiler's own. It is written for build scripts, which
//! are compiled without optimisation: few calls for each byte, and the standard library's searches,
//! which are always optimised. It passes over what is no token; `diagnostics/syntax` says what is
//! wrong with it. Enter at [`Lexer`].
//!
//! Grammar on top of it: `schema/sdl_parser` (definitions), `schema/lenient.rs` (what is newer than
//! the grammar), `incremental/schema_slice.rs` (where definitions begin and end) and
//! `document/descriptions.rs`.

/// A name, a string or a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    Name(&'a str),
    String,
    /// A punctuator, or the first byte of something else.
    Byte(u8),
}

/// A text, and how far it has been read.
pub struct Lexer<'a> {
    pub text: &'a str,
    pub at: usize,
}

/// What stands between the quotes of a string, as it is written.
#[derive(Debug, Clone, Copy)]
pub enum StringToken<'a> {
    /// Between single quotes.
    Line(&'a str),
    /// Between three.
    Block(&'a str),
}

const OTHER: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 3;

/// The class of each byte.
static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => LETTER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | b'\n' | b'\r' | b',' => SPACE,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

/// A text with spaces in the place of commas, which mean nothing anywhere but in strings.
pub fn blank_commas(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut lexer = Lexer::new(text);
    loop {
        let from = lexer.at;
        let is_end = lexer.peek().is_none();
        let mut in_comment = false;
        for byte in &mut bytes[from..lexer.at] {
            match *byte {
                b'#' => in_comment = true,
                b'\n' | b'\r' => in_comment = false,
                b',' if !in_comment => *byte = b' ',
                _ => {}
            }
        }
        if is_end || lexer.next().is_none() {
            return String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned());
        }
    }
}

impl<'a> Lexer<'a> {
    /// A lexer at the beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Skips what stands between tokens: white space, commas and comments (specification, section
    /// 2.1.7). Returns the first byte of the next token.
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        loop {
            while at < bytes.len() && CLASSES[bytes[at] as usize] == SPACE {
                at += 1;
            }
            if at == bytes.len() {
                self.at = at;
                return None;
            }
            match bytes[at] {
                b'#' => {
                    while at < bytes.len() && bytes[at] != b'\n' && bytes[at] != b'\r' {
                        at += 1;
                    }
                }
                0xef if self.text[at..].starts_with('\u{feff}') => at += 3,
                byte => {
                    self.at = at;
                    return Some(byte);
                }
            }
        }
    }

    /// Reads the next token.
    pub fn next(&mut self) -> Option<Token<'a>> {
        let first = self.peek()?;
        if first == b'"' {
            self.read_string();
            return Some(Token::String);
        }
        let start = self.at;
        let end = self.word_end();
        if end == start {
            self.at += 1;
            return Some(Token::Byte(first));
        }
        self.at = end;
        if CLASSES[first as usize] == DIGIT {
            return Some(Token::Byte(first));
        }
        Some(Token::Name(&self.text[start..end]))
    }

    /// The end of the letters and digits that come next.
    fn word_end(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while at < bytes.len() && matches!(CLASSES[bytes[at] as usize], LETTER | DIGIT) {
            at += 1;
        }
        at
    }

    /// Reads a string. None where it is not closed: then a line string ends with its line, and a
    /// block string with the text.
    pub fn read_string(&mut self) -> Option<StringToken<'a>> {
        let bytes = self.text.as_bytes();
        let block = bytes[self.at..].starts_with(b"\"\"\"");
        let quotes = if block { 3 } else { 1 };
        let start = self.at + quotes;
        let mut at = start;
        while let Some(found) = self.text.get(at..).and_then(|rest| rest.find('"')) {
            at += found;
            let mut escapes = 0;
            while bytes[at - 1 - escapes] == b'\\' {
                escapes += 1;
            }
            let escaped = if block { escapes > 0 } else { escapes % 2 == 1 };
            let three = block && bytes[at..].starts_with(b"\"\"\"");
            if !escaped && (three || !block) {
                let written = &self.text[start..at];
                if !block && (written.contains('\n') || written.contains('\r')) {
                    break;
                }
                self.at = at + quotes;
                return Some(if block {
                    StringToken::Block(written)
                } else {
                    StringToken::Line(written)
                });
            }
            at += if three { 3 } else { 1 };
        }
        let line_end = self.text[start..].find(['\n', '\r']);
        self.at = match line_end {
            Some(end) if !block => start + end,
            _ => bytes.len(),
        };
        None
    }

    /// Reads a name, if one comes next.
    pub fn read_name(&mut self) -> Option<&'a str> {
        let first = self.peek()?;
        if CLASSES[first as usize] != LETTER {
            return None;
        }
        let start = self.at;
        self.at = self.word_end();
        Some(&self.text[start..self.at])
    }

    /// Skips one byte, if it comes next.
    pub fn eat(&mut self, byte: u8) -> bool {
        match self.peek() {
            Some(next) if next == byte => {
                self.at += 1;
                true
            }
            _ => false,
        }
    }

    /// Skips a keyword, if it comes next.
    pub fn eat_keyword(&mut self, keyword: &str) -> bool {
        let before = self.at;
        let found = self.read_name() == Some(keyword);
        if !found {
            self.at = before;
        }
        found
    }
}
