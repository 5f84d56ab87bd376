//! Tokens of executable documents, and what is wrong with a text that has none. Enter at [`Reading::next`].

use super::{Reading, Stop};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Punctuator(&'a str),
    Number,
    String,
    End,
}

impl<'a> Reading<'a> {
    /// Goes on to the next token.
    pub(super) fn next(&mut self) -> Result<(), Stop> {
        let bytes = self.text.as_bytes();
        let mut line = (self.at == 0).then_some(0);
        loop {
            match bytes.get(self.at) {
                Some(b'\n' | b'\r') => {
                    self.at += 1;
                    line = Some(self.at);
                }
                Some(b' ' | b'\t' | b',') => self.at += 1,
                Some(b'#') => {
                    self.at += self.text[self.at..]
                        .find(['\n', '\r'])
                        .unwrap_or(self.text.len() - self.at);
                }
                Some(0xef) if self.text[self.at..].starts_with('\u{feff}') => self.at += 3,
                _ => break,
            }
        }
        self.is_first = line.is_some();
        if let Some(line) = line {
            self.indentation = self.at - line;
        }
        self.start = self.at;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            self.token = Token::End;
            return Ok(());
        };
        if rest.starts_with("...") {
            self.at += 3;
            self.token = Token::Punctuator("...");
            return Ok(());
        }
        match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                self.at += 1;
                self.token = Token::Punctuator(&rest[..1]);
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let length = word(rest);
                self.at += length;
                self.token = Token::Name(&rest[..length]);
            }
            '-' | '0'..='9' => return self.number(rest),
            '"' => return self.string(rest),
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
        self.token = Token::Number;
        let digits = text.trim_start_matches('-');
        let whole = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        if whole == 0 {
            return Err(self.mistake_at(
                self.start,
                self.start + 1,
                "`-` can't be in a name",
                "names hold the letters a to z and A to Z, digits and `_`; a number follows its `-` at once",
            ));
        }
        if whole > 1 && digits.starts_with('0') {
            return Err(self.mistake(
                format!("the number `{text}` begins with a zero"),
                "write it without",
            ));
        }
        // What serde_json reads as a number is one in GraphQL too: the grammars are the same.
        if serde_json::from_str::<serde_json::Number>(text).is_err() && !text.contains(['e', 'E']) {
            let help = "names begin with a letter or `_`; numbers are `1`, `-1.5` or `2e10`";
            return Err(self.mistake(format!("`{text}` is neither a number nor a name"), help));
        }
        Ok(())
    }

    fn string(&mut self, rest: &str) -> Result<(), Stop> {
        self.token = Token::String;
        if let Some(block) = rest.strip_prefix("\"\"\"") {
            let mut from = 0;
            while let Some(found) = block[from..].find("\"\"\"") {
                let end = from + found;
                if !block[..end].ends_with('\\') {
                    self.at += 3 + end + 3;
                    return Ok(());
                }
                from = end + 3;
            }
            self.at += 3;
            return Err(self.mistake("this block string has no end", "close it with `\"\"\"`"));
        }
        let mut characters = rest.char_indices().skip(1).peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at += at + 1;
                    return Ok(());
                }
                '\n' | '\r' => {
                    self.at += at;
                    return Err(self.unterminated());
                }
                '\\' => match characters.next() {
                    Some((_, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {}
                    Some((end, other)) if !matches!(other, '\n' | '\r') => {
                        let start = self.start + at;
                        self.at += end + other.len_utf8();
                        let message = format!("`\\{other}` is not an escape");
                        return Err(self.mistake_at(start, self.at, message, "a backslash itself is written `\\\\`; the escapes are `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u{…}`"));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        self.at = self.text.len();
        Err(self.unterminated())
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

/// The length of the name at the beginning of a text.
pub(super) fn word(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}
