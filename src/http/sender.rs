//! Sends one request, and sends it again where that is safe. Enter at [`Sender::send`].

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::error::{Error, Step, TransportError, TransportErrorKind};

use super::body::Body;
use super::client::Limits;
use super::form::{Content, LastPiece};
use super::parts::PartsBody;
use super::response::retry_after;
use super::retries::{Retries, RetrySafety, is_lost, jitter};
use super::sent::SentRequest;
use super::transport::{AnsweredFrom, StreamedAnswer, Transport};

/// A transport with the rules for its requests.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) retries: Retries,
    /// What holds for each request, whatever the transport does: its time, its answer's size.
    pub(crate) limits: Limits,
}

/// How an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// To its end.
    Whole,
    /// To the end of its first part, where it comes in parts.
    Parts,
}

impl Sender {
    /// The longest that [`Sender::send`] takes.
    pub(crate) fn max_elapsed(&self) -> Duration {
        self.retries.max_elapsed.saturating_add(self.limits.timeout)
    }

    /// Sends the request until there is a response worth having or no safe attempt is left.
    pub(crate) async fn send(
        &self,
        step: Step,
        safety: RetrySafety,
        request: Request<impl Into<Content>>,
    ) -> Result<Response<Bytes>, Error> {
        self.send_and_read(step, safety, request.map(Into::into), Reading::Whole)
            .await
    }

    /// As [`Sender::send`]; an answer that comes in parts is there when its first part is, and
    /// keeps the others ([`PartsBody::take`](super::parts::PartsBody::take)).
    pub(crate) async fn send_for_parts(
        &self,
        step: Step,
        safety: RetrySafety,
        request: Request<Content>,
    ) -> Result<Response<Bytes>, Error> {
        self.send_and_read(step, safety, request, Reading::Parts)
            .await
    }

    async fn send_and_read(
        &self,
        step: Step,
        safety: RetrySafety,
        request: Request<Content>,
        reading: Reading,
    ) -> Result<Response<Bytes>, Error> {
        let began = Instant::now();
        let sent = SentRequest::with_content(&request);
        let (mut attempt, mut lost) = (1, 0);
        loop {
            let outcome = self
                .send_once(step, attempt, request.clone(), reading)
                .await;
            lost += u32::from(outcome.as_ref().is_err_and(is_lost));
            let asked = outcome
                .as_ref()
                .ok()
                .and_then(|response| retry_after(response, SystemTime::now()));
            let delay = (safety.allows_retry(&outcome, lost) && request.body().can_be_sent())
                .then(|| {
                    self.retries
                        .next_delay(attempt, began.elapsed(), asked, jitter())
                })
                .flatten();
            let Some(delay) = delay else {
                return match outcome {
                    Ok(mut response) => {
                        response.extensions_mut().insert(sent);
                        Ok(response)
                    }
                    Err(source) => Err(Error::Transport {
                        step,
                        source: source.with_server(request.uri()),
                    }),
                };
            };
            tracing::debug!(
                target: "attendium::http",
                step = step.as_str(),
                attempt,
                wait_ms = delay.as_millis() as u64,
                "trying again"
            );
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// Sends one request and reads its answer.
    async fn send_once(
        &self,
        step: Step,
        attempt: u32,
        request: Request<Content>,
        reading: Reading,
    ) -> Result<Response<Bytes>, TransportError> {
        let (mut request, last_piece) = Content::open(request).await?;
        if reading == Reading::Parts {
            request.extensions_mut().insert(StreamedAnswer);
        }
        let span = span_of(step, attempt, &request);
        let exchange = pin!(async {
            let response = self.receive_head(request).await?;
            if reading == Reading::Parts {
                return PartsBody::begin(response, &self.limits).await;
            }
            let (head, body) = response.into_parts();
            let body = body.collect(self.limits.max_body_size).await?;
            Ok(Response::from_parts(head, body))
        });
        self.in_time(exchange, last_piece, &span).await
    }

    /// Sends one request whose answer is a stream, and gives the answer when its head has come.
    ///
    /// It is sent once: a stream that ends early is begun anew by the one who reads it.
    #[cfg(feature = "subscriptions")]
    pub(crate) async fn open(
        &self,
        step: Step,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Error> {
        request.extensions_mut().insert(StreamedAnswer);
        let asked = request.uri().clone();
        let sent = SentRequest::new(&request);
        let span = span_of(step, 1, &request);
        match self.in_time(self.receive_head(request), None, &span).await {
            Ok(mut response) => {
                response.extensions_mut().insert(sent);
                Ok(response)
            }
            Err(source) => Err(Error::Transport {
                step,
                source: source.with_server(&asked),
            }),
        }
    }

    /// Reads the body of a response that is no stream.
    #[cfg(feature = "subscriptions")]
    pub(crate) async fn collect(
        &self,
        step: Step,
        response: Response<Body>,
    ) -> Result<Response<Bytes>, Error> {
        let asked = SentRequest::uri_of(&response).cloned();
        let (head, body) = response.into_parts();
        let reading = body.collect(self.limits.max_body_size);
        let late = |_| Err(TransportError::new(TransportErrorKind::Timeout));
        let read = tokio::time::timeout(self.limits.timeout, reading)
            .await
            .unwrap_or_else(late);
        match read {
            Ok(body) => Ok(Response::from_parts(head, body)),
            Err(source) => Err(Error::Transport {
                step,
                source: match asked {
                    Some(asked) => source.with_server(&asked),
                    None => source,
                },
            }),
        }
    }

    async fn receive_head(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let asked = request.uri().clone();
        check_url(&asked, self.transport.send(request).await?)
    }

    /// Runs a part of an exchange within the time that a request may take. That begins anew with
    /// each piece of a form.
    async fn in_time<B>(
        &self,
        exchange: impl Future<Output = Result<Response<B>, TransportError>>,
        last_piece: Option<LastPiece>,
        span: &Span,
    ) -> Result<Response<B>, TransportError> {
        let mut exchange = pin!(exchange.instrument(span.clone()));
        let began = Instant::now();
        let latest = || last_piece.as_ref().map_or(began, LastPiece::time);
        let outcome = loop {
            let since = latest();
            let left = self.limits.timeout.saturating_sub(since.elapsed());
            match tokio::time::timeout(left, &mut exchange).await {
                Ok(outcome) => break outcome,
                Err(_) if latest() == since => {
                    break Err(TransportError::new(TransportErrorKind::Timeout));
                }
                Err(_) => {}
            }
        };
        match &outcome {
            Ok(response) => {
                let status = response.status();
                span.record("http.response.status_code", status.as_u16());
                if status.is_client_error() || status.is_server_error() {
                    span.record("error.type", status.as_str());
                    span.record("otel.status_code", "ERROR");
                }
            }
            Err(error) => {
                span.record("error.type", error.kind().as_str());
                span.record("otel.status_code", "ERROR");
            }
        }
        outcome
    }
}

/// The span of one request, with OpenTelemetry's names for HTTP clients.
fn span_of(step: Step, attempt: u32, request: &Request<Body>) -> Span {
    let uri = request.uri();
    // The conventions require the port, also where the URL leaves it to the scheme.
    let default_port = if uri.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    tracing::debug_span!(
        target: "attendium::http",
        "http",
        otel.name = %request.method(),
        otel.kind = "client",
        attendium.step = step.as_str(),
        http.request.method = %request.method(),
        http.request.resend_count = (attempt > 1).then(|| attempt - 1),
        server.address = uri.host(),
        server.port = uri.port_u16().unwrap_or(default_port),
        url.full = %uri,
        http.response.status_code = tracing::field::Empty,
        error.type = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    )
}

/// Refuses an answer from another URL than the one that was asked: a redirect carries tokens there.
fn check_url(
    asked: &http::Uri,
    response: Response<Body>,
) -> Result<Response<Body>, TransportError> {
    match response.extensions().get::<AnsweredFrom>() {
        Some(AnsweredFrom(url)) if url != asked => {
            Err(TransportError::new(TransportErrorKind::Redirected))
        }
        _ => Ok(response),
    }
}
