//! The envelope of an answer: `data`, `errors` and `extensions` (GraphQL, section 7).
//!
//! Enter at [`decode`]. One function, compiled once, reads the envelope of every operation and
//! hands over to the operation's own type for `data`.

use crate::deferred::PendingPart;
use crate::graphql_error::GraphqlError;
use crate::json::error::{ReadFailed, Result};
use crate::json::object::Object;
use crate::json::reader::Reader;
use crate::json::{self, DecodeError, DecodeErrorKind, Read};
use crate::operation::Operation;
use crate::value::Json;

/// A GraphQL response: what [`decode`] reads and [`Session::request`](crate::Session::request)
/// gives.
///
/// ```
/// use attendium::{Me, PathSegment};
///
/// let answer = br#"{"data": null, "errors": [{"message": "not allowed", "path": ["me"]}]}"#;
/// let response = attendium::decode::<Me>(answer)?;
/// assert!(response.data.is_none());
/// assert_eq!(response.errors[0].message, "not allowed");
/// assert_eq!(response.errors[0].path, [PathSegment::Key("me".into())]);
/// # Ok::<(), attendium::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Response<T> {
    /// The answer; `None` where the server sends `null` or nothing. Beside `errors` it may be
    /// partial.
    pub data: Option<T>,
    /// What went wrong, as the server says; empty where nothing did.
    pub errors: Vec<GraphqlError>,
    /// What the server adds.
    pub extensions: Option<Json>,
    /// Why `data` is `None` although the server sent some, which is not what the schema says.
    /// Only beside `errors`, which often leave out more than they may; else it is an error.
    pub data_error: Option<DecodeError>,
    /// Whether parts of the answer are still to come. Only answers to operations with `@defer` or
    /// `@stream` come in parts, and [`Session::run`](crate::Session::run) and
    /// [`Session::request`](crate::Session::request) wait for all of them.
    pub has_next: bool,
    /// What the server has announced and not completed: fragments under `@defer`, and lists under
    /// `@stream`. Empty for a server whose format announces nothing.
    pub pending: Vec<PendingPart>,
    /// The head of the HTTP response. [`decode`] sees only the body, and leaves this empty.
    #[cfg(feature = "session")]
    pub http: Option<ResponseHead>,
}

/// The head of an HTTP response: what stands before the body.
#[cfg(feature = "session")]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHead {
    /// The server's origin, such as `https://api.example.com`.
    pub server: std::sync::Arc<str>,
    /// The status.
    pub status: http::StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
}

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
/// # Ok::<(), attendium::DecodeError>(())
/// ```
///
/// # Errors
/// Where the body is not JSON, is no GraphQL response, or its data does not have the types that the
/// schema says. Errors that the server reports are part of the response, not errors of this
/// function.
pub fn decode<O: Operation>(body: &[u8]) -> Result<Response<O::Data>, DecodeError> {
    decode_data(body)
}

/// Reads a response whose `data` is of this type.
pub(crate) fn decode_data<'a, T: Read<'a>>(body: &'a [u8]) -> Result<Response<T>, DecodeError> {
    let mut data: Option<T> = None;
    let envelope = read_body(body, &mut data)?;
    Ok(Response {
        data,
        errors: envelope.errors,
        extensions: envelope.extensions,
        data_error: envelope.data_error,
        has_next: false,
        pending: Vec::new(),
        #[cfg(feature = "session")]
        http: None,
    })
}

/// Reads data that was joined from parts. `is_unfinished` says that more may come unannounced.
pub(crate) fn read_data_text<'a, T: Read<'a>>(
    text: &'a str,
    is_unfinished: bool,
) -> Result<T, DecodeError> {
    let mut reader = Reader::new(text);
    reader.is_unfinished = is_unfinished;
    T::read(&mut reader).map_err(|failed| reader.take_error(failed))
}

/// The error for a body that is JSON and no GraphQL response.
pub(crate) fn no_data_and_no_errors() -> DecodeError {
    DecodeError::new(DecodeErrorKind::Envelope(NOTHING), 0, String::new())
}

const NOTHING: &str = "it has neither `data` nor `errors`";

/// Where the data goes, for an envelope that is compiled once for all operations.
trait ReadData<'a> {
    fn read_data(&mut self, reader: &mut Reader<'a>) -> Result<()>;
}

impl<'a, T: Read<'a>> ReadData<'a> for Option<T> {
    fn read_data(&mut self, reader: &mut Reader<'a>) -> Result<()> {
        *self = Some(T::read(reader)?);
        Ok(())
    }
}

#[derive(Default)]
struct Envelope {
    errors: Vec<GraphqlError>,
    extensions: Option<Json>,
    data_error: Option<DecodeError>,
    /// Whether there is `data`, and whether there is `errors`, be they `null`.
    data_seen: bool,
    errors_seen: bool,
}

fn read_body<'a>(body: &'a [u8], data: &mut dyn ReadData<'a>) -> Result<Envelope, DecodeError> {
    let mut reader = Reader::new(json::decode::utf8(body)?);
    let envelope = match read_envelope(&mut reader, data) {
        Ok(envelope) => envelope,
        Err(failed) => return Err(error_below_data(&mut reader, failed)),
    };
    match envelope {
        Envelope {
            data_error: Some(error),
            errors,
            ..
        } if errors.is_empty() => Err(error),
        envelope => Ok(envelope),
    }
}

/// Makes the error for what has failed. A path in the data starts below `data`.
fn error_below_data(reader: &mut Reader<'_>, failed: ReadFailed) -> DecodeError {
    let error = reader.take_error(failed);
    match error.path().strip_prefix("data.") {
        Some(path) => DecodeError::new(error.kind().clone(), error.offset(), path.to_owned()),
        None => error,
    }
}

fn read_envelope<'a>(reader: &mut Reader<'a>, data: &mut dyn ReadData<'a>) -> Result<Envelope> {
    // Some servers' files begin with one, and so do their responses.
    reader.skip_byte_order_mark();
    reader.start();
    if !reader.at_object() {
        reader.raw()?;
        return Err(reader.fail_at(
            0,
            DecodeErrorKind::Envelope("the body is not a JSON object"),
        ));
    }
    let mut envelope = Envelope::default();
    let mut object = Object::open(reader)?;
    while let Some(key) = object.next_key()? {
        let reader = object.reader();
        match &*key {
            "data" if !envelope.data_seen => {
                envelope.data_seen = true;
                if !reader.null() {
                    envelope.data_error = read_data(reader, data)?;
                }
            }
            "errors" if !envelope.errors_seen => {
                envelope.errors_seen = true;
                envelope.errors = GraphqlError::list_from_json(Json::read(reader)?);
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
        return Err(reader.fail_at(0, DecodeErrorKind::Envelope(NOTHING)));
    }
    Ok(envelope)
}

/// Reads the data, or passes over data that is JSON and not what the schema says, and returns why.
fn read_data<'a>(
    reader: &mut Reader<'a>,
    data: &mut dyn ReadData<'a>,
) -> Result<Option<DecodeError>> {
    let (at, depth, keys) = reader.place();
    let Err(failed) = data.read_data(reader) else {
        return Ok(None);
    };
    let error = error_below_data(reader, failed);
    reader.return_to(at, depth, keys);
    reader.skip()?;
    Ok(Some(error))
}
