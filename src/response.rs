//! The envelope of an answer: `data`, `errors` and `extensions` (GraphQL, section 7).
//!
//! Enter at [`decode`]. One function, compiled once, reads the envelope of every operation and hands over to the operation's
//! own type for `data`.

use std::fmt;

use crate::json::{self, Error, ErrorKind, Key, Object, Read, Reader, Result};
use crate::operation::Operation;
use crate::value::Json;

/// A GraphQL response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response<T> {
    /// The answer; `None` where the server sends `null` or nothing. With `errors` beside it, it may be partial.
    pub data: Option<T>,
    /// What went wrong, as the server says; empty where nothing did.
    pub errors: Vec<GraphqlError>,
    /// What the server adds.
    pub extensions: Option<Json>,
}

/// An error of a GraphQL response (GraphQL, section 7.1.2).
///
/// A server that leaves one of the parts out, or sends `null` for it, is understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GraphqlError {
    /// The server's description.
    pub message: String,
    /// Where in the document.
    pub locations: Vec<Location>,
    /// Where in the answer; empty where the error belongs to no field.
    pub path: Vec<PathSegment>,
    /// What the server adds, such as `{"code": "…"}`; `null` where there is nothing.
    pub extensions: Json,
}

crate::selection! {
    /// A place in a document, counted from 1.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Location {
        /// The line.
        pub line: u64,
        /// The column.
        pub column: u64,
    }
}

/// A step into an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// Into an object, by response key.
    Key(String),
    /// Into a list, counted from 0.
    Index(u64),
}

impl fmt::Display for GraphqlError {
    /// The message and the path: `not allowed (at event.guests.nodes[3].email)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.message.is_empty() {
            "an error without a message"
        } else {
            &self.message
        })?;
        for (index, segment) in self.path.iter().enumerate() {
            f.write_str(if index == 0 { " (at " } else { "" })?;
            match segment {
                PathSegment::Key(key) if index == 0 => f.write_str(key)?,
                PathSegment::Key(key) => write!(f, ".{key}")?,
                PathSegment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str(if self.path.is_empty() { "" } else { ")" })
    }
}

impl std::error::Error for GraphqlError {}

/// Reads the answer to an operation.
///
/// Members of the envelope may come in any order, and unknown ones are skipped.
///
/// ```
/// // What is sent by any HTTP client, as `application/json`; and what came back.
/// let body = attendium::operation::body(&attendium::Me {});
/// assert!(body.starts_with(br#"{"query":"query Me{me{id}}""#));
/// let answer = br#"{"data":{"me":{"id":"user-emma"}}}"#;
///
/// let response = attendium::decode::<attendium::Me>(answer)?;
/// assert_eq!(response.data.expect("there are no errors").me.id, "user-emma");
/// # Ok::<(), attendium::json::Error>(())
/// ```
///
/// # Errors
/// Where the body is not JSON, is no GraphQL response, or does not have the types that the schema says.
/// Errors that the server reports are part of the response, not errors of this function.
pub fn decode<O: Operation>(body: &[u8]) -> Result<Response<O::Data>, Error> {
    decode_data(body)
}

/// Reads a response whose `data` is of this type.
pub(crate) fn decode_data<'a, T: Read<'a>>(body: &'a [u8]) -> Result<Response<T>, Error> {
    let mut data: Option<T> = None;
    let Envelope {
        errors, extensions, ..
    } = envelope(body, &mut data)?;
    Ok(Response {
        data,
        errors,
        extensions,
    })
}

/// Where the data goes, for an envelope that is compiled once for all operations.
trait ReadData<'a> {
    fn read_data(&mut self, reader: &mut Reader<'a>) -> Result<()>;
}

impl<'a, T: Read<'a>> ReadData<'a> for Option<T> {
    fn read_data(&mut self, reader: &mut Reader<'a>) -> Result<()> {
        match T::read(reader) {
            Ok(value) => {
                *self = Some(value);
                Ok(())
            }
            Err(failed) => Err(failed),
        }
    }
}

#[derive(Default)]
struct Envelope {
    errors: Vec<GraphqlError>,
    extensions: Option<Json>,
    /// Whether there is `data`, and whether there is `errors`, be they `null`.
    data_seen: bool,
    errors_seen: bool,
}

fn envelope<'a>(body: &'a [u8], data: &mut dyn ReadData<'a>) -> Result<Envelope, Error> {
    let mut reader = Reader::new(json::utf8(body)?);
    read_envelope(&mut reader, data).map_err(|failed| {
        let error = reader.into_error(failed);
        match error.path().strip_prefix("data.") {
            Some(path) => Error::new(error.kind().clone(), error.offset(), path.to_owned()),
            None => error,
        }
    })
}

fn read_envelope<'a>(reader: &mut Reader<'a>, data: &mut dyn ReadData<'a>) -> Result<Envelope> {
    reader.start();
    if !reader.at_object() {
        reader.raw()?;
        return Err(reader.fail_at(0, ErrorKind::Envelope("the body is not a JSON object")));
    }
    let mut envelope = Envelope::default();
    let mut object = Object::open(reader)?;
    while let Some(key) = object.next_key()? {
        let reader = object.reader();
        match &*key {
            "data" if !envelope.data_seen => {
                envelope.data_seen = true;
                if !reader.null() {
                    data.read_data(reader)?;
                }
            }
            "errors" if !envelope.errors_seen => {
                envelope.errors_seen = true;
                envelope.errors = Option::read(reader)?.unwrap_or_default();
            }
            "extensions" if envelope.extensions.is_none() => {
                envelope.extensions = Option::read(reader)?
            }
            _ => reader.skip()?,
        }
    }
    object.close()?;
    reader.end()?;
    if !envelope.data_seen && envelope.errors.is_empty() {
        return Err(reader.fail_at(0, ErrorKind::Envelope("it has neither `data` nor `errors`")));
    }
    Ok(envelope)
}

impl<'a> Read<'a> for GraphqlError {
    type Fields = ();
    fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
        let message: Option<String> = object.field(&Key::new("message"))?;
        let locations: Option<Vec<Location>> = object.field(&Key::new("locations"))?;
        let path: Option<Vec<PathSegment>> = object.field(&Key::new("path"))?;
        let extensions: Option<Json> = object.field(&Key::new("extensions"))?;
        object.finish()?;
        Ok(Self {
            message: message.unwrap_or_default(),
            locations: locations.unwrap_or_default(),
            path: path.unwrap_or_default(),
            extensions: extensions.unwrap_or_default(),
        })
    }
}

impl<'a> Read<'a> for PathSegment {
    type Fields = ();
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        if reader.at_string() {
            reader.string().map(Self::Key)
        } else {
            reader.u64().map(Self::Index)
        }
    }
}
