//! What can go wrong while reading JSON, and where: a kind, a byte offset, a path in the response.
//!
//! A function that fails returns the empty [`ReadFailed`], and the reader keeps the reason. The
//! path is found by a second scan of the text when reading has ended. Enter at [`DecodeError`].

use std::borrow::Cow;
use std::fmt;

/// How deep objects and lists may be nested in a text.
pub const MAX_DEPTH: usize = 128;

/// Why a text could not be read, and where.
///
/// ```
/// let answer = br#"{"data": {"me": {"id": true}}}"#;
/// let error = attendium::decode::<attendium::Me>(answer).unwrap_err();
/// assert_eq!(error.offset(), 23);
/// assert_eq!(error.path(), "me.id");
/// assert_eq!(error.to_string(), "expected a string, found a boolean at me.id (byte 23)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
struct Details {
    kind: DecodeErrorKind,
    offset: usize,
    path: String,
}

/// The kinds of [`DecodeError`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The text is not JSON ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)), and why not.
    Syntax(&'static str),
    /// A value has another type than the schema says.
    Type {
        /// What was asked for, with its article: "a string".
        expected: &'static str,
        /// What stands there, with its article: "a number".
        found: &'static str,
    },
    /// An object lacks this key.
    Missing(Cow<'static, str>),
    /// A number does not fit the type that is named.
    Range(&'static str),
    /// Objects and lists are nested more than 128 levels deep.
    Depth,
    /// The text is not UTF-8.
    Utf8,
    /// A custom scalar's own type refused the value, in its own words.
    Scalar(String),
    /// The text is JSON, but not a GraphQL response (GraphQL, section 7.1).
    Envelope(&'static str),
    /// A part of an answer that comes in parts does not fit to those before it.
    Incremental(IncrementalFault),
}

/// Why the parts of an answer are not one answer.
///
/// The offset of the [`DecodeError`] counts in the part, its path is where the part belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IncrementalFault {
    /// The media type names no usable boundary (RFC 2046, section 5.1.1).
    Boundary,
    /// The answer has more bytes than this.
    TooLarge(usize),
    /// The answer ended although more was announced.
    Truncated,
    /// A part comes before the first one, which has the data that it belongs to.
    TooEarly,
    /// A part has a member of a shape that no format knows, and which.
    Shape(&'static str),
    /// A part names an id that is not pending.
    UnknownId(String),
    /// An id is announced again while it is pending.
    RepeatedId(String),
    /// A part belongs to a place that the data does not have.
    UnknownPath,
    /// Items of a list begin behind its end.
    Gap {
        /// Where they begin, counted from 0.
        index: u64,
        /// How many items there are.
        length: u64,
    },
    /// A part has an object where the data has a list, or the like.
    Conflict,
}

impl DecodeError {
    pub(crate) fn new(kind: DecodeErrorKind, offset: usize, path: String) -> Self {
        Self(Box::new(Details { kind, offset, path }))
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Where in the text, in bytes from its start. For a missing key: where its object starts.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Where in the response, as in `event.guests.nodes[3].email`; empty at its root.
    /// In a GraphQL response the path starts below `data`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, offset, path } = &*self.0;
        kind.fmt(f)?;
        if path.is_empty() {
            write!(f, " (byte {offset})")
        } else {
            write!(f, " at {path} (byte {offset})")
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, offset, path } = &*self.0;
        f.debug_struct("DecodeError")
            .field("kind", kind)
            .field("offset", offset)
            .field("path", path)
            .finish()
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(what) => write!(f, "not valid JSON: {what}"),
            Self::Type { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Missing(key) if key == "__typename" => f.write_str(
                "the object has no `__typename`, which says which of several types it is",
            ),
            Self::Missing(key) => write!(f, "the key `{key}` is missing"),
            Self::Range(kind) => write!(f, "the number does not fit {kind}"),
            Self::Depth => write!(f, "nested more than {} levels deep", MAX_DEPTH),
            Self::Utf8 => f.write_str("not valid UTF-8"),
            Self::Scalar(message) => write!(f, "not a valid scalar: {message}"),
            Self::Envelope(what) => write!(f, "not a GraphQL response: {what}"),
            Self::Incremental(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for IncrementalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boundary => f.write_str("the multipart answer names no valid boundary"),
            Self::TooLarge(limit) => write!(f, "the answer has more than {limit} bytes"),
            Self::Truncated => f.write_str("the answer ended before its last part"),
            Self::TooEarly => f.write_str("a part came before the first one"),
            Self::Shape(what) => write!(f, "a part is not of a known format: {what}"),
            Self::UnknownId(id) => write!(f, "a part has the id {id:?}, which is not pending"),
            Self::RepeatedId(id) => write!(f, "the id {id:?} is announced twice"),
            Self::UnknownPath => f.write_str("a part belongs to a place that the data lacks"),
            Self::Gap { index, length } => {
                write!(f, "items begin at {index}, and the list has {length}")
            }
            Self::Conflict => f.write_str("a part has another kind of value than the data"),
        }
    }
}

/// The token that a failed read returns. The reader that made it keeps the reason.
///
/// An implementation of [`Read`](super::Read) gets one from
/// [`Reader::fail`](super::reader::Reader::fail) or from another read that failed.
#[derive(Debug)]
pub struct ReadFailed(pub(crate) ());

/// What every read returns.
pub type Result<T, E = ReadFailed> = core::result::Result<T, E>;

/// Finds the path of the value at `offset` of `text`, for an error message.
///
/// The text before `offset` was read, so it is well-formed. Where it is not, the path ends early.
pub(super) fn path_at(text: &str, offset: usize) -> String {
    enum Step {
        Key(usize, usize),
        Index(usize),
    }
    let bytes = text.as_bytes();
    let mut steps: Vec<Step> = Vec::new();
    let mut key_next = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at).filter(|_| at < offset) {
        at += 1;
        match byte {
            b'{' => {
                steps.push(Step::Key(at, at));
                key_next = true;
            }
            b'[' => steps.push(Step::Index(0)),
            b'}' | b']' => {
                steps.pop();
                key_next = false;
            }
            b',' => match steps.last_mut() {
                Some(Step::Index(index)) => *index += 1,
                Some(Step::Key(..)) => key_next = true,
                None => {}
            },
            b'"' => {
                let start = at;
                while let Some(&byte) = bytes.get(at).filter(|&&byte| byte != b'"') {
                    at += if byte == b'\\' { 2 } else { 1 };
                }
                if key_next && at <= offset {
                    if let Some(Step::Key(from, to)) = steps.last_mut() {
                        (*from, *to) = (start, at);
                    }
                    key_next = false;
                }
                at += 1;
            }
            _ => {}
        }
    }
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(from, to) => push_key(&mut path, text.get(from..to).unwrap_or_default()),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// Adds a key to a path: with a dot, except where the path begins.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() && !key.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}
