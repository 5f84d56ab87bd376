//! From the bytes of a body to typed states of the answer. Enter at [`IncrementalDecoder`].

use std::collections::VecDeque;

use super::merge::{Merger, fault_at};
use crate::json::{DecodeError, IncrementalFault};
use crate::operation::Operation;
use crate::response::{self, Response};
use crate::stream::multipart::{MultipartError, MultipartParser};
use crate::stream::sse::EventParser;

/// Reads an answer that may come in parts, for any HTTP client.
///
/// [`Session`](crate::Session) does this by itself. Bytes are pushed as they come, cut anywhere.
/// Each part that they complete is one [`advance`](Self::advance), and between two of them
/// [`response`](Self::response) is the answer as far as it goes.
///
/// ```
/// use attendium::{Deferred, IncrementalDecoder};
/// # pub struct Event { }
/// # pub struct Data { pub name: String, pub numbers: Deferred<Numbers> }
/// # pub struct Numbers { pub sold: i32 }
/// # attendium::impl_graphql! {
/// #     query Event {
/// #         data: Data,
/// #         name: "Event",
/// #         source: "queries/event.graphql:1",
/// #         document: "query Event{name ...@defer(label:\"numbers\"){sold}}",
/// #         incremental: true,
/// #     }
/// #     variables Event {}
/// #     object Data { name, ..numbers @ "numbers" }
/// #     object Numbers { sold }
/// # }
///
/// // query Event { name ... @defer(label: "numbers") { sold } }
/// let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=-", 1 << 20)?;
/// decoder.push(
///     b"---\r\n\r\n{\"data\":{\"name\":\"Ball\"},\"hasNext\":true,
///     \"pending\":[{\"id\":\"0\",\"path\":[],\"label\":\"numbers\"}]}\r\n---\r\n",
/// )?;
/// assert!(decoder.advance()?);
/// let data = decoder.response::<Event>()?.data.unwrap();
/// assert_eq!((data.name.as_str(), data.numbers.is_pending()), ("Ball", true));
///
/// decoder.push(
///     b"\r\n{\"incremental\":[{\"id\":\"0\",\"data\":{\"sold\":7}}],
///     \"completed\":[{\"id\":\"0\"}],\"hasNext\":false}\r\n-----\r\n",
/// )?;
/// decoder.finish()?;
/// let data = decoder.response::<Event>()?.data.unwrap();
/// assert_eq!(data.numbers.into_ready().unwrap().sold, 7);
/// # Ok::<(), attendium::DecodeError>(())
/// ```
#[derive(Debug)]
pub struct IncrementalDecoder {
    framing: Framing,
    parts: VecDeque<Vec<u8>>,
    merger: Merger,
    received: usize,
    max_bytes: usize,
    /// Whether the server has ended the body in form.
    closed: bool,
}

/// How parts stand in the body.
#[derive(Debug)]
enum Framing {
    /// One part is the whole body.
    Whole(Vec<u8>),
    Multipart(MultipartParser),
    /// As graphql-sse sends it: an event `next` for each part, and `complete` at the end.
    Events(EventParser),
}

impl IncrementalDecoder {
    /// Makes a decoder for a body with this `Content-Type`. `multipart/mixed` and
    /// `text/event-stream` come in parts, and anything else is one part: a server is free to ignore
    /// `@defer` and `@stream`. The whole body may have `max_bytes`.
    ///
    /// # Errors
    /// Where the type is multipart and names no boundary.
    pub fn new(content_type: &str, max_bytes: usize) -> Result<Self, DecodeError> {
        let framing = match essence(content_type).as_str() {
            MULTIPART => {
                let parser = MultipartParser::from_content_type(content_type, max_bytes);
                Framing::Multipart(parser.map_err(multipart_error)?)
            }
            EVENTS => Framing::Events(EventParser::new(max_bytes)),
            _ => Framing::Whole(Vec::new()),
        };
        Ok(Self {
            framing,
            parts: VecDeque::new(),
            merger: Merger::default(),
            received: 0,
            max_bytes,
            closed: false,
        })
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// Where the body is larger than it may be.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.count(bytes.len())?;
        let mut parts = Vec::new();
        match &mut self.framing {
            Framing::Whole(body) => body.extend_from_slice(bytes),
            Framing::Multipart(parser) => {
                parser.push(bytes, &mut parts).map_err(multipart_error)?;
                self.closed = parser.is_ended();
            }
            Framing::Events(parser) => {
                let mut events = Vec::new();
                let pushed = parser.push(bytes, &mut events);
                let too_large = IncrementalFault::TooLarge(self.max_bytes);
                pushed.map_err(|_| fault_at(too_large, &[]))?;
                for event in events {
                    self.closed |= event.name == "complete";
                    parts.push(event.data);
                }
            }
        }
        // A part without a body keeps a connection alive.
        let parts = parts.into_iter();
        self.parts
            .extend(parts.filter(|part| !part.trim_ascii().is_empty()));
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.received = self.received.saturating_add(bytes);
        if self.received > self.max_bytes {
            return Err(fault_at(IncrementalFault::TooLarge(self.max_bytes), &[]));
        }
        Ok(())
    }

    /// Adds the next part that has come to the answer. False where none has.
    ///
    /// # Errors
    /// Where the part is no JSON, or does not fit to those before it.
    pub fn advance(&mut self) -> Result<bool, DecodeError> {
        let Some(part) = self.parts.pop_front() else {
            return Ok(false);
        };
        self.merger.add(&part)?;
        Ok(true)
    }

    /// Takes the end of the body, and adds what has come before it.
    ///
    /// # Errors
    /// As [`advance`](Self::advance); also where the body ends before its last part.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        match &mut self.framing {
            Framing::Whole(body) => {
                self.closed = true;
                self.parts.push_back(std::mem::take(body));
            }
            Framing::Multipart(parser) => self.parts.extend(parser.finish()),
            Framing::Events(_) => {}
        }
        while self.advance()? {}
        self.merger.finish(self.closed)
    }

    /// The next part that has come and was not added yet.
    #[cfg(feature = "session")]
    pub(crate) fn next_part(&self) -> Option<&[u8]> {
        self.parts.front().map(Vec::as_slice)
    }

    /// Whether the server has said that no part will follow.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let ended = self.closed || !self.merger.has_next();
        self.merger.has_begun() && self.parts.is_empty() && ended
    }

    /// The answer as it is now. Before the first part, it is empty.
    ///
    /// # Errors
    /// Where the data does not have the types that the schema says.
    pub fn response<O: Operation>(&self) -> Result<Response<O::Data>, DecodeError> {
        let merged = &self.merger;
        let mut response = Response {
            data: None,
            errors: merged.errors().to_vec(),
            extensions: merged.extensions().cloned(),
            data_error: None,
            has_next: merged.has_next() || !self.parts.is_empty(),
            pending: merged.pending(),
            #[cfg(feature = "session")]
            http: None,
        };
        let Some(text) = merged.data() else {
            if merged.has_begun() && response.errors.is_empty() && !merged.has_data() {
                return Err(response::no_data_and_no_errors());
            }
            return Ok(response);
        };
        match response::read_data_text(&text, merged.is_unfinished()) {
            Ok(data) => response.data = Some(data),
            Err(error) if response.errors.is_empty() => return Err(error),
            Err(error) => response.data_error = Some(error),
        }
        Ok(response)
    }

    /// The data as JSON, with the marks of deferred fragments left in; for tests of the merge.
    #[doc(hidden)]
    #[must_use]
    pub fn data_text(&self) -> Option<String> {
        self.merger.data()
    }
}

const MULTIPART: &str = "multipart/mixed";
const EVENTS: &str = "text/event-stream";

/// Whether a body of this `Content-Type` comes in parts.
#[cfg(feature = "session")]
pub(crate) fn comes_in_parts(content_type: &str) -> bool {
    matches!(essence(content_type).as_str(), MULTIPART | EVENTS)
}

/// A media type without its parameters.
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn multipart_error(error: MultipartError) -> DecodeError {
    let fault = match error {
        MultipartError::Boundary => IncrementalFault::Boundary,
        MultipartError::TooLarge { limit } => IncrementalFault::TooLarge(limit),
    };
    fault_at(fault, &[])
}
