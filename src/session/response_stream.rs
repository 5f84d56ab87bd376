//! The states of an answer that comes in parts, as a stream. Enter at [`ResponseStream`].
//!
//! What is awaited knows no type of the operation, and is compiled once; each state is read as the
//! operation's data when it is there.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::response;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::error::{Error, TransportError, TransportErrorKind};
use crate::http::form::Content;
use crate::http::graphql::{
    AnswerForm, OperationMeta, decode_answer, finish_response, record_failure,
};
use crate::http::parts::{PartsBody, PartsError};
use crate::http::{BoxFuture, CallOptions};
use crate::json::DecodeError;
use crate::operation::Operation;
use crate::response::Response;
use crate::stream::incremental::IncrementalDecoder;

use super::config::SessionConfig;
use super::profile::Credential;
use super::request;

/// The states of an answer, as they come: what [`Session::stream`](crate::Session::stream) gives.
///
/// Each item is the whole answer as far as it goes. The last one has
/// [`has_next`](Response::has_next) false, or is an error. It is a [`Stream`], and
/// [`next`](Self::next) takes one item without further crates.
///
/// Nothing is sent before the first item is asked for. To drop the stream ends the request.
#[must_use = "a stream does nothing until it is polled"]
pub struct ResponseStream<D> {
    state: State,
    read_whole: fn(&http::Response<Bytes>) -> Result<Response<D>, DecodeError>,
    read_parts: fn(&IncrementalDecoder) -> Result<Response<D>, DecodeError>,
}

enum State {
    Waiting(Progress),
    Running(BoxFuture<'static, Step>),
    Ended,
}

/// How far the request is.
enum Progress {
    NotSent(Box<Call>),
    Reading(Box<Reading>),
}

struct Call {
    config: Arc<SessionConfig>,
    credential: Credential,
    meta: OperationMeta,
    content: Content,
    options: CallOptions,
}

struct Reading {
    config: Arc<SessionConfig>,
    meta: OperationMeta,
    head: response::Parts,
    parts: PartsBody,
    deadline: Option<Instant>,
    span: Span,
}

/// What a step of the request has come to.
enum Step {
    /// An answer that does not come in parts.
    Whole(http::Response<Bytes>, OperationMeta, Span),
    /// Another state.
    Parts(Box<Reading>),
    Failed(Error),
    /// What the parts are is not what they may be.
    Broken(Box<Reading>, DecodeError),
    Ended,
}

impl<D> ResponseStream<D> {
    pub(super) fn new<O: Operation<Data = D>>(
        config: Arc<SessionConfig>,
        credential: Credential,
        operation: &O,
        options: &CallOptions,
    ) -> Self {
        let call = Call {
            config,
            credential,
            meta: OperationMeta {
                answer: match O::INFO.incremental {
                    true => AnswerForm::PartByPart,
                    false => AnswerForm::Whole,
                },
                ..OperationMeta::of(operation)
            },
            content: Content::of(operation),
            options: options.clone(),
        };
        Self {
            state: State::Waiting(Progress::NotSent(Box::new(call))),
            read_whole: decode_answer::<O>,
            read_parts: IncrementalDecoder::response::<O>,
        }
    }

    /// The next state of the answer, or none at its end.
    ///
    /// # Errors
    /// As [`Session::request`](crate::Session::request); also where the answer ends before its last
    /// part, or a part does not fit to those before it. An error is the last item.
    pub async fn next(&mut self) -> Option<Result<Response<D>, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn take(&mut self, step: Step) -> Option<Result<Response<D>, Error>> {
        match step {
            Step::Whole(response, meta, span) => {
                let decoded = (self.read_whole)(&response);
                Some(finish_response(meta, response, decoded, &span))
            }
            Step::Parts(reading) => {
                let decoded = (self.read_parts)(&reading.parts.decoder);
                let item = reading.response(decoded);
                if item.is_ok() {
                    self.state = State::Waiting(Progress::Reading(reading));
                }
                Some(item)
            }
            Step::Broken(reading, error) => Some(reading.response(Err(error))),
            Step::Failed(error) => Some(Err(error)),
            Step::Ended => None,
        }
    }
}

impl<D> Stream for ResponseStream<D> {
    type Item = Result<Response<D>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let State::Waiting(_) = this.state
            && let State::Waiting(progress) = std::mem::replace(&mut this.state, State::Ended)
        {
            this.state = State::Running(match progress {
                Progress::NotSent(call) => Box::pin(call.send()),
                Progress::Reading(reading) => {
                    let span = reading.span.clone();
                    Box::pin(reading.advance().instrument(span))
                }
            });
        }
        let State::Running(step) = &mut this.state else {
            return Poll::Ready(None);
        };
        let step = ready!(step.as_mut().poll(context));
        this.state = State::Ended;
        Poll::Ready(this.take(step))
    }
}

impl<D> fmt::Debug for ResponseStream<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Waiting(Progress::NotSent(_)) => "not sent",
            State::Waiting(Progress::Reading(_)) | State::Running(_) => "open",
            State::Ended => "ended",
        };
        f.debug_tuple("ResponseStream").field(&state).finish()
    }
}

impl Call {
    async fn send(self: Box<Self>) -> Step {
        let Self {
            config,
            credential,
            meta,
            content,
            options,
        } = *self;
        let deadline = options.deadline.map(|limit| Instant::now() + limit);
        let sent = request::send(&config, &credential, &meta, content, &options).await;
        let (mut response, span) = match sent {
            Ok(sent) => sent,
            Err(error) => return Step::Failed(error),
        };
        let Some(parts) = PartsBody::take(&mut response) else {
            return Step::Whole(response, meta, span);
        };
        let reading = Reading {
            config,
            meta,
            head: response.into_parts().0,
            parts,
            deadline,
            span: span.clone(),
        };
        Box::new(reading).advance().instrument(span).await
    }
}

impl Reading {
    async fn advance(mut self: Box<Self>) -> Step {
        let next = self.parts.next();
        let outcome = match self.deadline {
            None => next.await,
            Some(deadline) => tokio::time::timeout_at(deadline, next)
                .await
                .unwrap_or_else(|_| {
                    let late = TransportError::new(TransportErrorKind::Timeout);
                    Err(PartsError::Transport(late))
                }),
        };
        match outcome {
            Ok(true) => Step::Parts(self),
            Ok(false) => Step::Ended,
            Err(PartsError::Decode(error)) => Step::Broken(self, error),
            Err(PartsError::Transport(source)) => {
                let error = Error::Transport {
                    step: self.meta.step(),
                    source: source.with_server(&self.config.graphql.uri),
                };
                record_failure(&self.span, error.kind());
                Step::Failed(error)
            }
        }
    }

    /// A state of the answer with the head of its HTTP response.
    fn response<D>(&self, decoded: Result<Response<D>, DecodeError>) -> Result<Response<D>, Error> {
        let response = http::Response::from_parts(self.head.clone(), Bytes::new());
        finish_response(self.meta.clone(), response, decoded, &self.span)
    }
}
