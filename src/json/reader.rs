//! [`Reader`]: the text, the place in it, and how each kind of value is read there.
//!
//! Enter at [`Reader::str`] for a scalar, [`Reader::list`] for a list. Objects are read by
//! [`Object`](super::Object), numbers in `number.rs`.

use std::borrow::Cow;

use super::error::{
    DecodeError, DecodeErrorKind, MAX_DEPTH, ReadFailed, Result, path_at, push_key,
};
use super::key_list::ListedKey;
use super::scan::{self, Fault, byte_at, skip_space};

/// A JSON text and the place in it that has been reached.
///
/// An implementation of [`Read`](super::Read) is called with the reader at the first byte of its
/// value and leaves it right behind the last. All methods that read fail where another value is.
///
/// ```
/// use attendium::rt;
/// use attendium::rt::{Read, Reader, Result};
///
/// #[derive(Debug, PartialEq)]
/// struct Minutes(u64);
///
/// impl<'a> Read<'a> for Minutes {
///     fn read(reader: &mut Reader<'a>) -> Result<Self> {
///         let text = reader.str()?;
///         match text.strip_suffix('m').and_then(|minutes| minutes.parse().ok()) {
///             Some(minutes) => Ok(Self(minutes)),
///             None => Err(reader.fail_scalar("minutes are written like `90m`")),
///         }
///     }
/// }
///
/// assert_eq!(rt::from_str::<Minutes>(r#""90m""#)?, Minutes(90));
/// # Ok::<(), attendium::DecodeError>(())
/// ```
pub struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// The listed keys of the open objects, those of the innermost object last.
    pub(super) keys: Vec<ListedKey>,
    /// Whether this is inside a conditional fragment: a missing key is an error for every type, and
    /// means that the fragment is not there.
    pub(super) in_conditional: bool,
    /// Whether a number that would lose digits is refused.
    pub(super) exact: bool,
    /// Whether parts of the answer are still to come that no mark announces: a deferred fragment
    /// that is not there may then come with them.
    pub(crate) is_unfinished: bool,
    /// Whether the text has marks of deferred fragments; none before that was asked.
    pub(super) has_marks: Option<bool>,
    failure: Option<Fault>,
}

impl<'a> Reader<'a> {
    /// Makes a reader at the start of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            keys: Vec::new(),
            in_conditional: false,
            exact: false,
            is_unfinished: false,
            has_marks: None,
            failure: None,
        }
    }

    /// Goes to the text's value.
    pub(crate) fn start(&mut self) {
        self.at = skip_space(self.bytes(), self.at);
    }

    /// Passes over a byte order mark at the text's start, which a parser may ignore (RFC 8259,
    /// section 8.1).
    pub(crate) fn skip_byte_order_mark(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
    }

    /// Makes sure that only white space is left.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.at = skip_space(self.bytes(), self.at);
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.fail(DecodeErrorKind::Syntax(
                "there is something behind the value",
            )))
        }
    }

    /// Fails at the current place.
    pub fn fail(&mut self, kind: DecodeErrorKind) -> ReadFailed {
        self.fail_at(self.at, kind)
    }

    /// Fails because a custom scalar's value is not valid, in the words of its type.
    pub fn fail_scalar(&mut self, message: impl Into<String>) -> ReadFailed {
        self.fail(DecodeErrorKind::Scalar(message.into()))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fail_at(&mut self, at: usize, kind: DecodeErrorKind) -> ReadFailed {
        self.failure = Some((at, kind));
        ReadFailed(())
    }

    /// Fails because the value here is not the expected one.
    #[cold]
    #[inline(never)]
    pub(super) fn fail_type(&mut self, expected: &'static str) -> ReadFailed {
        let found = match self.peek() {
            b'"' => "a string",
            b'{' => "an object",
            b'[' => "a list",
            b'n' => "null",
            b't' | b'f' => "a boolean",
            b'-' | b'0'..=b'9' => "a number",
            _ => {
                let kind = scan::no_value(self.bytes(), self.at);
                return self.fail(kind);
            }
        };
        // A word that only begins like `null` is a mistake of syntax.
        match scan::value_end(self.bytes(), self.at, self.depth) {
            Err((at, kind)) if at == self.at => self.fail(kind),
            _ => self.fail(DecodeErrorKind::Type { expected, found }),
        }
    }

    /// Whether the last failure was a missing key.
    pub(super) fn lacks_key(&self) -> bool {
        matches!(self.failure, Some((_, DecodeErrorKind::Missing(_))))
    }

    /// The place, to [return to](Self::return_to): its offset, its depth, how many keys are listed.
    pub(crate) fn place(&self) -> (usize, usize, usize) {
        (self.at, self.depth, self.keys.len())
    }

    /// Returns to a place.
    pub(crate) fn return_to(&mut self, at: usize, depth: usize, keys: usize) {
        self.at = at;
        self.depth = depth;
        self.keys.truncate(keys);
    }

    /// Makes the error for what has failed, with its path.
    pub(crate) fn take_error(&mut self, _: ReadFailed) -> DecodeError {
        let unknown = (self.at, DecodeErrorKind::Syntax("reading failed"));
        let (offset, kind) = self.failure.take().unwrap_or(unknown);
        let mut path = path_at(self.text, offset);
        if let DecodeErrorKind::Missing(key) = &kind {
            push_key(&mut path, key);
        }
        DecodeError::new(kind, offset, path)
    }

    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    #[inline]
    pub(super) fn byte(&self, at: usize) -> u8 {
        byte_at(self.bytes(), at)
    }

    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    /// Passes on what a scan found, or fails where and why the scan did.
    #[inline]
    pub(super) fn checked<T>(&mut self, scanned: Result<T, Fault>) -> Result<T> {
        match scanned {
            Ok(value) => Ok(value),
            Err((at, kind)) => Err(self.fail_at(at, kind)),
        }
    }

    pub(crate) fn at_object(&self) -> bool {
        self.peek() == b'{'
    }

    /// Reads over `null`, if it stands here. A word that only begins like it stays, and is refused
    /// when it is read as another value.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.peek() == b'n' && self.read_word(b"null").is_ok()
    }

    /// Reads over this word, which has to stand here.
    pub(super) fn read_word<const N: usize>(&mut self, word: &[u8; N]) -> Result<()> {
        self.at = self.checked(scan::word_end(self.bytes(), self.at, word))?;
        Ok(())
    }

    /// Reads a boolean.
    pub fn bool(&mut self) -> Result<bool> {
        match self.peek() {
            b't' => self.read_word(b"true").map(|()| true),
            b'f' => self.read_word(b"false").map(|()| false),
            _ => Err(self.fail_type("a boolean")),
        }
    }

    /// Reads a string, borrowed from the text unless it has escapes.
    #[inline]
    pub fn str(&mut self) -> Result<Cow<'a, str>> {
        if self.peek() != b'"' {
            return Err(self.fail_type("a string"));
        }
        let (text, end) = self.checked(scan::string(self.text, self.at + 1))?;
        self.at = end + 1;
        Ok(text)
    }

    /// Reads a string into one allocation.
    #[inline]
    pub fn string(&mut self) -> Result<String> {
        self.str().map(Cow::into_owned)
    }

    /// Reads a string without escapes, borrowed from the text. One with escapes is refused.
    pub fn borrowed_str(&mut self) -> Result<&'a str> {
        let start = self.at;
        match self.str()? {
            Cow::Borrowed(text) => Ok(text),
            Cow::Owned(_) => {
                let refused = "it holds an escape sequence, so it can't be borrowed".to_owned();
                Err(self.fail_at(start, DecodeErrorKind::Scalar(refused)))
            }
        }
    }

    /// Reads over any value and returns its text, checked like what is read.
    pub fn raw(&mut self) -> Result<&'a str> {
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Reads over any value.
    pub fn skip(&mut self) -> Result<()> {
        self.at = self.checked(scan::value_end(self.bytes(), self.at, self.depth))?;
        Ok(())
    }

    /// Goes one level deeper, into the object or list that begins here with this bracket.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<()> {
        if self.peek() != bracket {
            return Err(self.fail_type(expected));
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(DecodeErrorKind::Depth));
        }
        self.depth += 1;
        Ok(())
    }

    /// Enters a list, and goes to its first element. False where it is empty.
    ///
    /// ```
    /// # use attendium::rt::{Reader, Result};
    /// fn sum(reader: &mut Reader<'_>) -> Result<i64> {
    ///     let mut sum = 0;
    ///     let mut more = reader.open_list()?;
    ///     while more {
    ///         sum += reader.i64()?;
    ///         more = reader.next_element()?;
    ///     }
    ///     Ok(sum)
    /// }
    /// assert_eq!(sum(&mut Reader::new("[1,2]")).ok(), Some(3));
    /// ```
    pub fn open_list(&mut self) -> Result<bool> {
        self.enter(b'[', "a list")?;
        self.at = skip_space(self.bytes(), self.at + 1);
        if self.peek() == b']' {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads a list, each element with `read`.
    #[inline]
    pub fn list<T>(&mut self, read: fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut list = Vec::new();
        let mut more = self.open_list()?;
        while more {
            list.push(read(self)?);
            more = self.next_element()?;
        }
        Ok(list)
    }

    /// Goes to a list's next element. False where the list has ended.
    pub fn next_element(&mut self) -> Result<bool> {
        self.at = skip_space(self.bytes(), self.at);
        match self.peek() {
            b',' => {
                self.at = skip_space(self.bytes(), self.at + 1);
                Ok(true)
            }
            b']' => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ => Err(self.fail(DecodeErrorKind::Syntax("expected `,` or `]` after a value"))),
        }
    }
}
