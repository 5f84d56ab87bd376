//! Whether and when a request is sent again.
//!
//! [`RetrySafety`] says what is safe, one value for each kind of step. [`Retries`] says how often
//! and how late. No arithmetic here can overflow, whatever a server or an application asks for.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::error::{TransportError, TransportErrorKind};

/// How often a request is sent, and how long to wait in between.
///
/// The wait doubles each time, and a random part of it is taken (full jitter). `Retry-After` takes
/// precedence.
///
/// ```
/// use attendium::Retries;
///
/// let retries = Retries::new().max_attempts(5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Retries {
    pub(crate) max_attempts: u32,
    pub(crate) first_delay: Duration,
    pub(crate) max_elapsed: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self::new()
    }
}

impl Retries {
    /// The default retries: each setter names its own.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            first_delay: Duration::from_millis(250),
            max_elapsed: Duration::from_secs(60),
        }
    }

    /// Every request is sent once.
    pub const fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// Limits how many times a request is sent, the first time included. 3 by default.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Limits the first wait. 250 ms by default.
    pub const fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// Limits the time from the first attempt to the start of the last one. 60 s by default.
    ///
    /// The write of new tokens is tried for as long while the store fails, however many attempts
    /// that takes.
    ///
    /// A server that asks for a longer wait gives the caller an error instead.
    pub const fn max_elapsed(mut self, elapsed: Duration) -> Self {
        self.max_elapsed = elapsed;
        self
    }

    /// The wait before the next attempt, or none where there is no next one. `jitter` is in 0..1.
    pub(super) fn next_delay(
        &self,
        attempt: u32,
        elapsed: Duration,
        retry_after: Option<Duration>,
        jitter: f64,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let delay = retry_after.unwrap_or_else(|| {
            let doubled = f64::from(1u32 << attempt.saturating_sub(1).min(6));
            let seconds = self.first_delay.as_secs_f64() * doubled * jitter;
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        });
        (delay <= self.max_elapsed.checked_sub(elapsed)?).then_some(delay)
    }
}

/// What makes it safe to send a request again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetrySafety {
    /// The request changes nothing: it may be sent again after any failure that may pass.
    Idempotent,
    /// The request must work once (a mutation): it may be sent again only where the server
    /// certainly did not act. That is no connection, or 429, which is an answer given instead of
    /// acting (RFC 6585 §4).
    UnlessProcessed,
    /// As `UnlessProcessed`, and also after 503: a server that turns requests away has not read
    /// them. For a registration and the exchange of a code.
    UnlessProcessedOr503,
    /// After rejections and server errors, and once more after a lost response: for a refresh token
    /// that rotates.
    OneLostResponse,
}

impl RetrySafety {
    /// Whether a failure of this kind may be followed by another attempt. `lost` counts the
    /// responses that were lost so far, this one included.
    pub(super) fn allows_retry(
        self,
        outcome: &Result<Response<Bytes>, TransportError>,
        lost: u32,
    ) -> bool {
        match outcome {
            Ok(response) => self.allows_retry_after(response.status()),
            Err(error) if error.kind() == TransportErrorKind::Connect => true,
            Err(error) if is_lost(error) => match self {
                Self::Idempotent => true,
                Self::OneLostResponse => lost <= 1,
                Self::UnlessProcessed | Self::UnlessProcessedOr503 => false,
            },
            Err(_) => false,
        }
    }

    fn allows_retry_after(self, status: StatusCode) -> bool {
        let repeatable = matches!(self, Self::Idempotent | Self::OneLostResponse);
        match status.as_u16() {
            429 => true,
            503 => repeatable || self == Self::UnlessProcessedOr503,
            500 | 502 | 504 => repeatable,
            _ => false,
        }
    }
}

/// Whether the server may have answered, and the answer did not arrive.
pub(super) fn is_lost(error: &TransportError) -> bool {
    matches!(
        error.kind(),
        TransportErrorKind::Timeout | TransportErrorKind::Interrupted
    )
}

/// A random number in 0..1 that spreads waits. It is no secret, and never a reason to fail.
pub(crate) fn jitter() -> f64 {
    let bits = getrandom::u32().unwrap_or(u32::MAX / 2);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_44_no_duration_overflows() {
        let boundless = Retries::new()
            .max_attempts(u32::MAX)
            .first_delay(Duration::MAX)
            .max_elapsed(Duration::MAX);
        for elapsed in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            for attempt in [0, 1, 7, u32::MAX - 1, u32::MAX] {
                for jitter in [0.0, 0.5, 0.999_999_999] {
                    boundless.next_delay(attempt, elapsed, None, jitter);
                    boundless.next_delay(attempt, elapsed, Some(Duration::MAX), jitter);
                }
            }
        }
        let longest = Some(Duration::from_secs(u64::MAX));
        let second = Duration::from_secs(1);
        assert_eq!(boundless.next_delay(1, second, longest, 0.5), None);
        assert_eq!(Retries::new().next_delay(1, second, longest, 0.5), None);
        assert_eq!(
            boundless.next_delay(1, Duration::ZERO, None, 0.0),
            Some(Duration::ZERO)
        );
    }
}
