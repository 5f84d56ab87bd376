//! Sends one step of the protocol, and again where that is safe.
//!
//! What may be sent again is decided by [`Again`], one value per kind of step; how often and how late by [`Retries`].

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use tracing::Instrument as _;

use crate::error::{Error, Step};
use crate::transport::{Transport, TransportError, TransportErrorKind};

use super::secret::jitter;

/// How often a request is tried, and how long to wait in between.
///
/// The wait doubles from `first` on, each time a random part of it (full jitter). `Retry-After` goes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// How many times a request is sent at most, the first one counted. 3 by default.
    pub attempts: u32,
    /// The longest first wait. 250 ms by default.
    pub first: Duration,
    /// No try begins later than this after the first one; a server that asks for a longer wait gets an error to the caller
    /// instead. 60 s by default.
    pub total: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 3,
            first: Duration::from_millis(250),
            total: Duration::from_secs(60),
        }
    }
}

impl Retries {
    /// Every request is sent once.
    #[must_use]
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }
}

/// What makes it safe to send a request again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It changes nothing: after any failure that may pass.
    Harmless,
    /// It works once (a code, a mutation): only when the server certainly did not act. That is no connection, or 429, which is
    /// an answer given instead of acting (RFC 6585 §4).
    Untouched,
    /// As `Untouched`, and after 503 as well, where a server that turns requests away has not read them.
    TurnedAway,
    /// A rotating refresh token: after rejections and server errors, but after a lost answer only once more.
    LostOnce,
}

#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) retries: Retries,
    /// The longest that one request may take, whatever the transport does.
    pub(crate) timeout: Duration,
}

impl Wire {
    /// The longest that [`Wire::send`] takes.
    pub(crate) fn longest(&self) -> Duration {
        self.retries.total + self.timeout
    }

    pub(crate) async fn send(
        &self,
        step: Step,
        again: Again,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Error> {
        let began = tokio::time::Instant::now();
        let mut lost = false;
        for attempt in 1.. {
            let outcome = self.send_once(step, attempt, request.clone()).await;
            let wait = match &outcome {
                Ok(response) => retry_after(response, SystemTime::now()),
                Err(_) => None,
            };
            let safe = match (&outcome, again) {
                (Ok(response), again) => may_pass(response.status(), again),
                (Err(error), _) if error.kind() == TransportErrorKind::Connect => true,
                (Err(error), Again::Harmless) => matches!(
                    error.kind(),
                    TransportErrorKind::Timeout | TransportErrorKind::Interrupted
                ),
                (Err(error), Again::LostOnce) => {
                    let lost_now = matches!(
                        error.kind(),
                        TransportErrorKind::Timeout | TransportErrorKind::Interrupted
                    );
                    lost_now && !std::mem::replace(&mut lost, true)
                }
                (Err(_), Again::Untouched | Again::TurnedAway) => false,
            };
            let wait = wait.unwrap_or_else(|| {
                self.retries
                    .first
                    .mul_f64(jitter() * f64::from(1u32 << (attempt - 1).min(6)))
            });
            if safe
                && attempt < self.retries.attempts
                && began.elapsed() + wait <= self.retries.total
            {
                tracing::debug!(target: "attendium::http", step = step.as_str(), attempt, wait_ms = wait.as_millis() as u64, "trying again");
                tokio::time::sleep(wait).await;
                continue;
            }
            return outcome.map_err(|source| Error::Transport {
                step,
                source: source.at(request.uri()),
            });
        }
        Err(Error::Transport {
            step,
            source: TransportError::new(TransportErrorKind::Setup),
        })
    }
}

impl Wire {
    /// One request, in a span with OpenTelemetry's names for HTTP clients.
    async fn send_once(
        &self,
        step: Step,
        attempt: u32,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let uri = request.uri();
        let span = tracing::debug_span!(
            target: "attendium::http",
            "http",
            otel.name = %request.method(),
            otel.kind = "client",
            attendium.step = step.as_str(),
            http.request.method = %request.method(),
            http.request.resend_count = (attempt > 1).then(|| attempt - 1),
            server.address = uri.host(),
            // Required by the conventions, also where the URL leaves it to the scheme.
            server.port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 }),
            url.full = %uri,
            http.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        let sending = self.transport.send(request).instrument(span.clone());
        let sent = tokio::time::timeout(self.timeout, sending).await;
        let outcome =
            sent.unwrap_or_else(|_| Err(TransportError::new(TransportErrorKind::Timeout)));
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

fn may_pass(status: StatusCode, again: Again) -> bool {
    let lasting = matches!(again, Again::Harmless | Again::LostOnce);
    match status.as_u16() {
        429 => true,
        503 => lasting || again == Again::TurnedAway,
        500 | 502 | 504 => lasting,
        _ => false,
    }
}

/// How long the server asks to wait: seconds or a date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(response: &Response<Bytes>, now: SystemTime) -> Option<Duration> {
    if !matches!(response.status().as_u16(), 429 | 503) {
        return None;
    }
    let text = response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date has whole seconds: one that has just passed means "now".
    Some(date.duration_since(now).unwrap_or_default())
}

/// The error for an answer that is neither the step's success nor an OAuth error.
pub(crate) fn unexpected(step: Step, response: &Response<Bytes>) -> Error {
    let status = response.status();
    if status.is_success() {
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let html = kind.starts_with("text/html");
        return Error::malformed(
            step,
            if html {
                "the answer is a web page, not JSON"
            } else {
                "the answer is not the JSON that it should be"
            },
        );
    }
    Error::Status {
        step,
        status: status.as_u16(),
        retry_after: retry_after(response, SystemTime::now()),
    }
}
