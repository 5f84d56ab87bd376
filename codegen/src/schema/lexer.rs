//! The words of a GraphQL text: names, strings, and what stands between them.
//!
//! A build script is compiled without optimisation: few calls for each byte, and the standard library's searches, which always are.
//! Enter at [`Scan`].

/// A name, a string or a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    Name(&'a str),
    String,
    /// A punctuator, or a byte of something else.
    Other(u8),
}

/// A text, and how far it has been read.
pub struct Scan<'a> {
    pub text: &'a str,
    pub at: usize,
}

/// A string as it is written.
#[derive(Debug, Clone, Copy)]
pub enum Written<'a> {
    /// Between single quotes.
    Line(&'a str),
    /// Between three.
    Block(&'a str),
}

const OTHER: u8 = 0;
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SPACE: u8 = 3;

/// What each byte is.
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

impl<'a> Scan<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Passes over what parts tokens, and says where the next one begins.
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

    pub fn next(&mut self) -> Option<Token<'a>> {
        let first = self.peek()?;
        if first == b'"' {
            self.string();
            return Some(Token::String);
        }
        let start = self.at;
        let end = self.word_end();
        if end == start {
            self.at += 1;
            return Some(Token::Other(first));
        }
        self.at = end;
        if CLASSES[first as usize] == DIGIT {
            return Some(Token::Other(first));
        }
        Some(Token::Name(&self.text[start..end]))
    }

    /// Where the letters and digits end that come next.
    fn word_end(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while at < bytes.len() && matches!(CLASSES[bytes[at] as usize], LETTER | DIGIT) {
            at += 1;
        }
        at
    }

    /// Passes over a string, and says what is between the quotes; one that is not closed ends with the text.
    pub fn string(&mut self) -> Option<Written<'a>> {
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
                self.at = at + quotes;
                let written = &self.text[start..at];
                return Some(if block {
                    Written::Block(written)
                } else {
                    Written::Line(written)
                });
            }
            at += if three { 3 } else { 1 };
        }
        self.at = bytes.len();
        None
    }

    pub fn name(&mut self) -> Option<&'a str> {
        let first = self.peek()?;
        if CLASSES[first as usize] != LETTER {
            return None;
        }
        let start = self.at;
        self.at = self.word_end();
        Some(&self.text[start..self.at])
    }

    /// Passes over one byte, if it comes next.
    pub fn eat(&mut self, byte: u8) -> bool {
        match self.peek() {
            Some(next) if next == byte => {
                self.at += 1;
                true
            }
            _ => false,
        }
    }

    /// Passes over a keyword, if it comes next.
    pub fn word(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = self.name() == Some(word);
        if !found {
            self.at = before;
        }
        found
    }
}
