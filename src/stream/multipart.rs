//! A parser of `multipart/mixed` bodies ([RFC
//! 2046](https://www.rfc-editor.org/rfc/rfc2046#section-5.1), section 5.1): bytes in, as they come,
//! and the bodies of parts out.
//!
//! Servers send incremental answers and the events of subscriptions in this form. Enter at
//! [`MultipartParser::push`]. A part ends where the next delimiter stands, and does not wait for
//! its successor. Servers that write the delimiter in front of the next part, and not behind this
//! one, name a `Content-Length`: such a part is given out when that many bytes are there and are a
//! whole JSON object. Others write the delimiter's line end with the next part.
//!
//! Memory is bounded: what stands outside the parts is dropped at once, and a part may have as many
//! bytes as the limit says, its headers included.

use std::fmt;

/// Cuts a `multipart/mixed` body into its parts.
#[derive(Debug)]
pub(crate) struct MultipartParser {
    /// `--` and the boundary.
    delimiter: Vec<u8>,
    max_part: usize,
    /// What was pushed and not yet dropped.
    buffer: Vec<u8>,
    /// How much of the buffer is used up.
    used: usize,
    /// How much of the rest was searched for the end of what is being read.
    searched: usize,
    /// The line feed in the rest before which the body was looked at as a whole.
    judged: Option<usize>,
    state: State,
}

/// What the buffer begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The preamble, or what stands between a part that has been given out and the delimiter. A
    /// delimiter can stand at the very beginning of it where this says so.
    Outside { line_start: bool },
    /// The headers of a part, at the start of a line.
    Headers { length: Option<usize> },
    /// The body of a part, the line ends of its headers included: an empty body has only these.
    Body { length: Option<usize> },
    /// The epilogue.
    Ended,
}

/// Why a body is not `multipart/mixed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MultipartError {
    /// The header `Content-Type` names no usable boundary.
    Boundary,
    /// A part, or its headers, has more bytes than the limit allows.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
}

impl fmt::Display for MultipartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boundary => f.write_str(
                "the server's `Content-Type` is multipart and names no valid `boundary` \
                 (RFC 2046, section 5.1.1)",
            ),
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "a part of the multipart answer is larger than {limit} bytes"
                )
            }
        }
    }
}

impl std::error::Error for MultipartError {}

impl MultipartParser {
    /// Makes a parser for a body with this `Content-Type`. A part may have `max_part` bytes.
    pub(crate) fn from_content_type(
        content_type: &str,
        max_part: usize,
    ) -> Result<Self, MultipartError> {
        let boundary = parameter(content_type, "boundary").ok_or(MultipartError::Boundary)?;
        // RFC 2046 allows 70 characters. Longer ones harm nobody, line ends and nothing at all do.
        let valid = !boundary.is_empty()
            && boundary.len() <= 1024
            && !boundary.contains(['\r', '\n'])
            && !boundary.ends_with(' ');
        if !valid {
            return Err(MultipartError::Boundary);
        }
        Ok(Self {
            delimiter: format!("--{boundary}").into_bytes(),
            max_part,
            buffer: Vec::new(),
            used: 0,
            searched: 0,
            judged: None,
            state: State::Outside { line_start: true },
        })
    }

    /// Takes the next bytes of the body, and appends the bodies of the parts that they complete.
    ///
    /// # Errors
    /// Where a part grows over the limit. The parser is of no use then.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        parts: &mut Vec<Vec<u8>>,
    ) -> Result<(), MultipartError> {
        if self.state == State::Ended {
            return Ok(());
        }
        self.buffer.extend_from_slice(bytes);
        let mut given = parts.len();
        while self.step(parts) {
            if parts
                .get(given..)
                .is_some_and(|new| new.iter().any(|part| part.len() > self.max_part))
            {
                return Err(self.too_large());
            }
            given = parts.len();
        }
        // Once for each push: one for each part would move the whole rest each time.
        self.buffer.drain(..self.used);
        self.used = 0;
        if self.buffer.len() > self.max_part {
            return Err(self.too_large());
        }
        Ok(())
    }

    /// Takes the end of the body. A last part whose server has left out the closing delimiter is
    /// given out as far as it goes.
    pub(crate) fn finish(&mut self) -> Option<Vec<u8>> {
        let state = std::mem::replace(&mut self.state, State::Ended);
        let mut rest = std::mem::take(&mut self.buffer).split_off(self.used);
        self.used = 0;
        if !matches!(state, State::Body { .. }) {
            return None;
        }
        rest.drain(..line_end_at(&rest).unwrap_or(0));
        // The closing delimiter may be there but for its line end.
        if let Some(at) = rest.iter().rposition(|&byte| byte == b'\n')
            && rest.get(at + 1..) == Some(&self.delimiter)
        {
            rest.truncate(body_end(&rest, at));
        }
        (!rest.trim_ascii().is_empty()).then_some(rest)
    }

    /// Whether the closing delimiter was there.
    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    fn too_large(&self) -> MultipartError {
        MultipartError::TooLarge {
            limit: self.max_part,
        }
    }

    /// Uses up what the buffer begins with. False where more bytes are needed.
    fn step(&mut self, parts: &mut Vec<Vec<u8>>) -> bool {
        match self.state {
            State::Outside { line_start } => self.pass_outside(line_start),
            State::Headers { length } => self.pass_header(length),
            State::Body { length } => self.read_body(length, parts),
            State::Ended => {
                self.use_up(self.rest().len(), State::Ended);
                false
            }
        }
    }

    fn pass_outside(&mut self, line_start: bool) -> bool {
        if line_start {
            match self.delimiter_at(0) {
                Found::Delimiter { end, closes } => return self.enter_part(end, closes),
                Found::Perhaps => return false,
                Found::Nothing => {}
            }
        }
        match self.rest().iter().position(|&byte| byte == b'\n') {
            Some(at) => {
                self.use_up(at + 1, State::Outside { line_start: true });
                true
            }
            None => {
                let kept = self.rest().is_empty() && line_start;
                self.use_up(self.rest().len(), State::Outside { line_start: kept });
                false
            }
        }
    }

    fn pass_header(&mut self, length: Option<usize>) -> bool {
        // The line end in front of the body stays: a delimiter can follow it immediately.
        if line_end_at(self.rest()).is_some() {
            self.state = State::Body { length };
            self.searched = 0;
            return true;
        }
        let Some(at) = self.line_feed() else {
            self.searched = self.rest().len();
            return false;
        };
        let end = at + 1;
        let line = self.rest().get(..end).unwrap_or_default();
        let length = content_length(line).or(length);
        self.use_up(end, State::Headers { length });
        true
    }

    fn read_body(&mut self, length: Option<usize>, parts: &mut Vec<Vec<u8>>) -> bool {
        let start = line_end_at(self.rest()).unwrap_or(0);
        while let Some(line_end) = self.line_feed() {
            match self.delimiter_at(line_end + 1) {
                Found::Delimiter { end, closes } => {
                    let body_end = body_end(self.rest(), line_end).max(start);
                    let body = self.rest().get(start..body_end).unwrap_or_default();
                    parts.push(body.to_vec());
                    return self.enter_part(end, closes);
                }
                Found::Perhaps => {
                    // Searched again from this line end when more has come.
                    self.searched = line_end;
                    return self.give_out_early(start, line_end, parts)
                        || self.give_out_by_length(start, length, parts);
                }
                Found::Nothing => self.searched = line_end + 1,
            }
        }
        self.searched = self.rest().len();
        self.give_out_by_length(start, length, parts)
    }

    /// Gives out a part behind which a delimiter stands, if only what ends its line is still to
    /// come: some servers send that with the next part.
    fn give_out_early(&mut self, start: usize, line_feed: usize, parts: &mut Vec<Vec<u8>>) -> bool {
        let behind = self.rest().get(line_feed + 1..).unwrap_or_default();
        if !behind.starts_with(&self.delimiter) || self.judged == Some(line_feed) {
            return false;
        }
        self.judged = Some(line_feed);
        let end = body_end(self.rest(), line_feed).max(start);
        let body = self.rest().get(start..end).unwrap_or_default();
        if !is_whole_object(body) {
            return false;
        }
        parts.push(body.to_vec());
        self.use_up(line_feed + 1, State::Outside { line_start: true });
        true
    }

    /// Gives out a part that has the length that its header says, and is whole by itself too:
    /// servers have counted characters where they had to count bytes.
    fn give_out_by_length(
        &mut self,
        start: usize,
        length: Option<usize>,
        parts: &mut Vec<Vec<u8>>,
    ) -> bool {
        let end = length.and_then(|length| start.checked_add(length));
        let Some((end, body)) = end.and_then(|end| Some((end, self.rest().get(start..end)?)))
        else {
            return false;
        };
        if !is_whole_object(body) {
            self.state = State::Body { length: None };
            return false;
        }
        parts.push(body.to_vec());
        self.use_up(end, State::Outside { line_start: false });
        true
    }

    fn enter_part(&mut self, end: usize, closes: bool) -> bool {
        let state = if closes {
            State::Ended
        } else {
            State::Headers { length: None }
        };
        self.use_up(end, state);
        true
    }

    fn use_up(&mut self, end: usize, state: State) {
        self.used += end.min(self.rest().len());
        self.searched = 0;
        self.judged = None;
        self.state = state;
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// Where the first line feed stands in what was not searched.
    fn line_feed(&self) -> Option<usize> {
        let unsearched = self.rest().get(self.searched..)?;
        let at = unsearched.iter().position(|&byte| byte == b'\n')?;
        Some(self.searched + at)
    }

    /// What stands at the start of a line.
    fn delimiter_at(&self, at: usize) -> Found {
        let line = self.rest().get(at..).unwrap_or_default();
        let Some(behind) = line.strip_prefix(self.delimiter.as_slice()) else {
            return match self.delimiter.starts_with(line) {
                true => Found::Perhaps,
                false => Found::Nothing,
            };
        };
        let behind_delimiter = at + self.delimiter.len();
        if behind.starts_with(b"--") {
            let end = behind_delimiter + 2;
            return Found::Delimiter { end, closes: true };
        }
        // White space may stand between the delimiter and its line end (RFC 2046, section 5.1.1).
        let padding = behind.iter().take_while(|&&byte| is_padding(byte)).count();
        match behind.get(padding..).unwrap_or_default() {
            [b'\n', ..] => Found::Delimiter {
                end: behind_delimiter + padding + 1,
                closes: false,
            },
            [b'\r', b'\n', ..] => Found::Delimiter {
                end: behind_delimiter + padding + 2,
                closes: false,
            },
            [] | [b'\r'] => Found::Perhaps,
            [b'-'] if padding == 0 => Found::Perhaps,
            _ => Found::Nothing,
        }
    }
}

/// What stands at the start of a line.
enum Found {
    /// A delimiter, up to `end` in the buffer.
    Delimiter {
        end: usize,
        closes: bool,
    },
    /// The beginning of one, or of something else: more bytes are needed.
    Perhaps,
    Nothing,
}

fn is_padding(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The end of the line end that the text begins with.
fn line_end_at(text: &[u8]) -> Option<usize> {
    match text {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// Where a body ends whose delimiter's line follows this line feed: the line end is not its own.
fn body_end(text: &[u8], line_feed: usize) -> usize {
    match line_feed.checked_sub(1).and_then(|before| text.get(before)) {
        Some(b'\r') => line_feed - 1,
        _ => line_feed,
    }
}

/// The length that a header line says, where it is `Content-Length`.
fn content_length(line: &[u8]) -> Option<usize> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let is_length = name.trim().eq_ignore_ascii_case("content-length");
    // `parse` would take a sign as well.
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    (is_length && is_number).then(|| value.parse().ok())?
}

/// Whether the text's first bracket is closed by its last byte, as far as white space goes.
fn is_whole_object(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => match depth.checked_sub(1) {
                None => return false,
                Some(0) => return at + 1 == text.len(),
                Some(outer) => depth = outer,
            },
            _ => {}
        }
    }
    false
}

/// A parameter of a media type (RFC 9110, section 5.6.6): `name=token` or `name="quoted"`.
pub(crate) fn parameter(content_type: &str, name: &str) -> Option<String> {
    let mut rest = content_type.split_once(';')?.1;
    loop {
        let (key, behind) = rest.split_once('=')?;
        // A parameter without a value, as in `a; b=c`, is no reason to give up.
        let key = key.rsplit(';').next().unwrap_or_default().trim();
        let behind = behind.trim_start();
        let (value, behind) = match behind.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = behind.find(';').unwrap_or(behind.len());
                let (value, behind) = behind.split_at(end);
                (value.trim_end().to_owned(), behind)
            }
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = behind.split_once(';')?.1;
    }
}

/// A quoted string without its quotes, and what stands behind it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests;
