//! Sends one request, and sends it again where that is safe. Enter at [`Sender::send`].

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use tracing::Instrument as _;

use crate::error::{Error, Step, TransportError, TransportErrorKind};

use super::response::retry_after;
use super::retries::{Retries, RetrySafety, is_lost, jitter};
use super::sent::SentRequest;
use super::transport::{AnsweredFrom, Transport};

/// A transport with the rules for its requests.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) retries: Retries,
    /// The longest that one request may take, whatever the transport does.
    pub(crate) timeout: Duration,
}

impl Sender {
    /// The longest that [`Sender::send`] takes.
    pub(crate) fn max_elapsed(&self) -> Duration {
        self.retries.max_elapsed.saturating_add(self.timeout)
    }

    /// Sends the request until there is a response worth having or no safe attempt is left.
    pub(crate) async fn send(
        &self,
        step: Step,
        safety: RetrySafety,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Error> {
        let began = tokio::time::Instant::now();
        let sent = SentRequest::new(&request);
        let (mut attempt, mut lost) = (1, 0);
        loop {
            let outcome = self.send_once(step, attempt, request.clone()).await;
            lost += u32::from(outcome.as_ref().is_err_and(is_lost));
            let asked = outcome
                .as_ref()
                .ok()
                .and_then(|response| retry_after(response, SystemTime::now()));
            let delay = safety
                .allows_retry(&outcome, lost)
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

    /// Sends one request, in a span with OpenTelemetry's names for HTTP clients.
    async fn send_once(
        &self,
        step: Step,
        attempt: u32,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let uri = request.uri();
        // The conventions require the port, also where the URL leaves it to the scheme.
        let default_port = if uri.scheme_str() == Some("http") {
            80
        } else {
            443
        };
        let span = tracing::debug_span!(
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
        );
        let asked = uri.clone();
        let sending = self.transport.send(request).instrument(span.clone());
        let sent = tokio::time::timeout(self.timeout, sending).await;
        let outcome = sent
            .unwrap_or_else(|_| Err(TransportError::new(TransportErrorKind::Timeout)))
            .and_then(|response| check_url(&asked, response));
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

/// Refuses an answer from another URL than the one that was asked: a redirect carries tokens there.
fn check_url(
    asked: &http::Uri,
    response: Response<Bytes>,
) -> Result<Response<Bytes>, TransportError> {
    match response.extensions().get::<AnsweredFrom>() {
        Some(AnsweredFrom(url)) if url != asked => {
            Err(TransportError::new(TransportErrorKind::Redirected))
        }
        _ => Ok(response),
    }
}
