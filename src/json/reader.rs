//! [`Reader`]: the text, the place in it, and how each kind of value is read there.

use std::borrow::Cow;

use super::error::{Error, ErrorKind, Failed, Result, path_at, push_key};
use super::passed::Record;
use super::scan::{self, Fault, byte_at, skip_space};
use super::tape::Tape;
use super::{MAX_DEPTH, MAX_LENGTH};

/// A JSON text and the place in it that has been reached.
///
/// Implementations of [`Read`](super::Read) are called with the reader at the first byte of their value and leave it right behind its
/// last. All methods that read fail where another value stands there.
///
/// ```
/// use attendium::json::{self, Read, Reader, Result};
///
/// #[derive(Debug, PartialEq)]
/// struct Minutes(u64);
///
/// impl<'a> Read<'a> for Minutes {
///     type Fields = ();
///     fn read(reader: &mut Reader<'a>) -> Result<Self> {
///         let text = reader.str()?;
///         match text.strip_suffix('m').and_then(|minutes| minutes.parse().ok()) {
///             Some(minutes) => Ok(Self(minutes)),
///             None => Err(reader.fail_scalar("minutes are written like `90m`")),
///         }
///     }
/// }
///
/// assert_eq!(json::from_str::<Minutes>(r#""90m""#)?, Minutes(90));
/// # Ok::<(), json::Error>(())
/// ```
pub struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// Where the keys of the objects lie that are open.
    pub(super) keys: Record,
    /// The keys of what was scanned ahead.
    pub(super) tape: Tape,
    /// Inside a conditional spread: a missing key is an error for every type, and means that the fragment is not there.
    pub(super) strict: bool,
    /// How long the last list was, for elements of different sizes: the lists of a field are often as long as each other.
    lengths: [u8; KINDS_OF_LISTS],
    failure: Option<Fault>,
}

const KINDS_OF_LISTS: usize = 16;
/// For how many elements a list has room at its first, at least and at most.
const FIRST_ROOM: (u8, u8) = (4, 64);
/// Elements of more bytes than this are given room one by one at first, as `Vec` does by itself.
const LARGE: usize = 1024;

impl<'a> Reader<'a> {
    /// A reader at the start of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            keys: Record::new(),
            tape: Tape::default(),
            strict: false,
            lengths: [FIRST_ROOM.0; KINDS_OF_LISTS],
            failure: None,
        }
    }

    /// Goes to the text's value.
    pub(crate) fn start(&mut self) -> Result<()> {
        if self.text.len() > MAX_LENGTH {
            return Err(self.fail_at(0, ErrorKind::Length));
        }
        self.at = skip_space(self.bytes(), 0);
        Ok(())
    }

    /// Makes sure that nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<()> {
        self.at = skip_space(self.bytes(), self.at);
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.fail(ErrorKind::Syntax("there is something behind the value")))
        }
    }

    /// Notes why reading failed, at the current place.
    pub fn fail(&mut self, kind: ErrorKind) -> Failed {
        self.fail_at(self.at, kind)
    }

    /// Notes that a custom scalar's value is not valid, in the words of its type.
    pub fn fail_scalar(&mut self, message: impl Into<String>) -> Failed {
        self.fail(ErrorKind::Scalar(message.into()))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn fail_at(&mut self, at: usize, kind: ErrorKind) -> Failed {
        self.failure = Some((at, kind));
        Failed(())
    }

    /// Notes that another value than the expected one stands here.
    #[cold]
    #[inline(never)]
    pub(super) fn fail_type(&mut self, expected: &'static str) -> Failed {
        let found = match byte_at(self.bytes(), self.at) {
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
            _ => self.fail(ErrorKind::Type { expected, found }),
        }
    }

    /// The reason for a failure, taken: whether it was a missing key.
    pub(super) fn missing_key_failed(&self) -> bool {
        matches!(self.failure, Some((_, ErrorKind::Missing(_))))
    }

    /// The error for what has failed, with its path.
    pub(crate) fn into_error(self, _: Failed) -> Error {
        let unknown = (self.at, ErrorKind::Syntax("reading failed"));
        let (offset, kind) = self.failure.unwrap_or(unknown);
        let mut path = path_at(self.text, offset);
        if let ErrorKind::Missing(key) = &kind {
            push_key(&mut path, key);
        }
        Error::new(kind, offset, path)
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

    #[inline]
    pub(super) fn checked<T>(&mut self, scanned: core::result::Result<T, Fault>) -> Result<T> {
        match scanned {
            Ok(value) => Ok(value),
            Err((at, kind)) => Err(self.fail_at(at, kind)),
        }
    }

    pub(crate) fn at_object(&self) -> bool {
        self.peek() == b'{'
    }

    pub(crate) fn at_string(&self) -> bool {
        self.peek() == b'"'
    }

    /// Reads over `null`, if it stands here. What only begins like it is refused by whoever reads it as another value.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.peek() == b'n' && self.word(b"null").is_ok()
    }

    /// Reads over this word, which has to stand here.
    pub(super) fn word<const N: usize>(&mut self, word: &[u8; N]) -> Result<()> {
        self.at = self.checked(scan::word_end(self.bytes(), self.at, word))?;
        Ok(())
    }

    /// Reads a boolean.
    pub fn bool(&mut self) -> Result<bool> {
        self.bool_here()
    }

    #[inline(always)]
    pub(super) fn bool_here(&mut self) -> Result<bool> {
        match self.peek() {
            b't' => self.word(b"true").map(|()| true),
            b'f' => self.word(b"false").map(|()| false),
            _ => Err(self.fail_type("a boolean")),
        }
    }

    /// Reads a string, borrowed from the text unless it holds escapes.
    pub fn str(&mut self) -> Result<Cow<'a, str>> {
        self.str_here::<16>()
    }

    /// The same where it is likely to be longer than a name or an id.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>> {
        self.str_here::<32>()
    }

    /// The same within its caller, as is all that ends in `_here`; `N` bytes are looked at before there is a call.
    #[inline(always)]
    pub(super) fn str_here<const N: usize>(&mut self) -> Result<Cow<'a, str>> {
        match self.short_str::<N>() {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(from) => self.long_str(from),
        }
    }

    #[inline(never)]
    fn long_str(&mut self, from: usize) -> Result<Cow<'a, str>> {
        if self.peek() != b'"' {
            return Err(self.fail_type("a string"));
        }
        let (text, end) = self.checked(scan::string(self.text, self.at + 1, from))?;
        self.at = end + 1;
        Ok(text)
    }

    /// Reads a string into one allocation.
    pub fn string(&mut self) -> Result<String> {
        self.string_here()
    }

    #[inline(always)]
    pub(super) fn string_here(&mut self) -> Result<String> {
        match self.str_here::<32>() {
            Ok(Cow::Borrowed(text)) => Ok(text.to_owned()),
            Ok(Cow::Owned(text)) => Ok(text),
            Err(failed) => Err(failed),
        }
    }

    /// A string of less than `N` bytes without escapes, the usual case, which calls nothing; of others, up to where they have been
    /// scanned and hold nothing special.
    #[inline(always)]
    fn short_str<const N: usize>(&mut self) -> core::result::Result<&'a str, usize> {
        let start = self.at + 1;
        if self.peek() == b'"'
            && let Some(chunk) = scan::chunk_at::<N>(self.bytes(), start)
        {
            let special = scan::specials(chunk);
            if special == 0 {
                return Err(start + chunk.len());
            }
            let end = start + special.trailing_zeros() as usize;
            if self.byte(end) == b'"'
                && let Some(text) = self.text.get(start..end)
            {
                self.at = end + 1;
                return Ok(text);
            }
            return Err(end);
        }
        Err(start)
    }

    /// Reads a string, refusing one with escapes, which can't be borrowed.
    pub fn borrowed_str(&mut self) -> Result<&'a str> {
        let start = self.at;
        match self.long_str(start + 1)? {
            Cow::Borrowed(text) => Ok(text),
            Cow::Owned(_) => {
                let refused = "it holds an escape sequence, so it can't be borrowed".to_owned();
                Err(self.fail_at(start, ErrorKind::Scalar(refused)))
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

    /// Enters what begins with this bracket, and stays there.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<()> {
        if self.peek() != bracket {
            return Err(self.fail_type(expected));
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(ErrorKind::Depth));
        }
        self.depth += 1;
        Ok(())
    }

    /// Enters a list; whether it has a first element, which is then the value to read.
    ///
    /// ```
    /// # use attendium::json::{Reader, Result};
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

    /// Reads a list. It has room at first for as many elements as the last one of elements of this size, from 4 to 64, and doubles
    /// that where they are more; where they fill less than a quarter of it, the rest is given back.
    #[inline]
    pub fn list<T>(&mut self, read: fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        match self.open_list() {
            Ok(true) => {}
            Ok(false) => return Ok(Vec::new()),
            Err(failed) => return Err(failed),
        }
        let kind = const { size_of::<T>() / align_of::<T>() % KINDS_OF_LISTS };
        let mut list = if size_of::<T>() > LARGE {
            Vec::new()
        } else {
            Vec::with_capacity(self.lengths[kind].into())
        };
        loop {
            // Before there is an element. A call that may unwind while there is one costs a second copy of it.
            if list.len() == list.capacity() {
                list.reserve(1);
            }
            match read(self) {
                Ok(element) if list.len() < list.capacity() => list.push(element),
                _ => return Err(Failed(())),
            }
            match self.next_element() {
                Ok(true) => {}
                Ok(false) => break,
                Err(failed) => return Err(failed),
            }
        }
        let length = u8::try_from(list.len()).unwrap_or(u8::MAX);
        self.lengths[kind] = length.clamp(FIRST_ROOM.0, FIRST_ROOM.1);
        // No emptier than a list of one that has room for four.
        if list.len() * usize::from(FIRST_ROOM.0) < list.capacity() {
            list.shrink_to_fit();
        }
        Ok(list)
    }

    /// Goes on to a list's next element; false where the list has ended.
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
            _ => Err(self.fail(ErrorKind::Syntax("expected `,` or `]` after a value"))),
        }
    }
}
