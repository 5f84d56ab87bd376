//! An answer that is read as its parts come. Enter at [`PartsBody::next`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, header};

use crate::error::{TransportError, TransportErrorKind};
use crate::json::DecodeError;
use crate::stream::incremental::{IncrementalDecoder, comes_in_parts};

use super::body::Body;
use super::client::Limits;

/// The body of an answer in parts, and the answer so far.
pub(crate) struct PartsBody {
    body: Body,
    pub(crate) decoder: IncrementalDecoder,
    read_timeout: Duration,
    /// Whether the body has ended.
    ended: bool,
    /// Whether the last state said that more follows; so it is before the first one.
    has_next: bool,
    /// What went wrong with the bytes in front of the first part.
    failed: Option<DecodeError>,
}

/// Why an answer in parts ends early.
#[derive(Debug)]
pub(crate) enum PartsError {
    Transport(TransportError),
    Decode(DecodeError),
}

/// Where a response of the form of all others, whose body is its first part, keeps the rest.
#[derive(Clone)]
struct Kept(Arc<Mutex<Option<PartsBody>>>);

impl PartsBody {
    /// Begins to read an answer. One that comes in parts has the first of them as its body, so that
    /// it is judged as any other, and [`PartsBody::take`] gives the rest.
    pub(super) async fn begin(
        response: Response<Body>,
        limits: &Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let (mut head, body) = response.into_parts();
        let content_type = head.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|kind| kind.to_str().ok());
        let in_parts = content_type.filter(|kind| head.status.is_success() && comes_in_parts(kind));
        let decoder =
            in_parts.and_then(|kind| IncrementalDecoder::new(kind, limits.max_body_size).ok());
        let Some(decoder) = decoder else {
            let body = body.collect(limits.max_body_size).await?;
            return Ok(Response::from_parts(head, body));
        };
        let mut parts = Self {
            body,
            decoder,
            read_timeout: limits.read_timeout,
            ended: false,
            has_next: true,
            failed: None,
        };
        while parts.decoder.next_part().is_none() && !parts.ended {
            match parts.receive().await {
                Ok(()) => {}
                Err(PartsError::Transport(error)) => return Err(error),
                Err(PartsError::Decode(error)) => {
                    parts.failed = Some(error);
                    break;
                }
            }
        }
        let first = parts.decoder.next_part().unwrap_or_default();
        let first = Bytes::copy_from_slice(first);
        head.extensions
            .insert(Kept(Arc::new(Mutex::new(Some(parts)))));
        Ok(Response::from_parts(head, first))
    }

    /// The parts of a response, if it comes in parts and they were not taken.
    pub(crate) fn take<B>(response: &mut Response<B>) -> Option<Self> {
        let kept: Kept = response.extensions_mut().remove()?;
        kept.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether a response keeps its parts.
    pub(crate) fn is_kept_in<B>(response: &Response<B>) -> bool {
        response.extensions().get::<Kept>().is_some()
    }

    /// Waits until there is another state of the answer: the parts that have come meanwhile are one
    /// step. False at its end.
    ///
    /// # Errors
    /// Where the body ends early, or a part does not fit.
    pub(crate) async fn next(&mut self) -> Result<bool, PartsError> {
        if let Some(error) = self.failed.take() {
            return Err(PartsError::Decode(error));
        }
        while self.has_next {
            let mut advanced = false;
            while self.decoder.advance().map_err(PartsError::Decode)? {
                advanced = true;
            }
            if self.ended || self.decoder.is_complete() {
                self.has_next = false;
                self.decoder.finish().map_err(PartsError::Decode)?;
                return Ok(true);
            }
            if advanced {
                return Ok(true);
            }
            self.receive().await?;
        }
        Ok(false)
    }

    /// Takes the next bytes, or the end of the body.
    async fn receive(&mut self) -> Result<(), PartsError> {
        let late = |_| Err(TransportError::new(TransportErrorKind::Timeout));
        let received = tokio::time::timeout(self.read_timeout, self.body.next_part()).await;
        match received
            .unwrap_or_else(late)
            .map_err(PartsError::Transport)?
        {
            Some(bytes) => self.decoder.push(&bytes).map_err(PartsError::Decode),
            None => {
                self.ended = true;
                Ok(())
            }
        }
    }
}
