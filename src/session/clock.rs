//! When a token is due for a refresh, on a clock that goes on while the machine sleeps.
//!
//! Access tokens are judged by one clock, [`now`]. Waits use tokio's, and records wall time.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::http::jitter;

use super::token::Tokens;
use super::wall_clock::unix_millis;

/// Milliseconds of a clock that never jumps and counts the time that the machine slept.
///
/// `Instant` stops during sleep on Linux: a laptop that was closed for the night would believe in
/// last evening's token.
pub(crate) fn now() -> u64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    // Apple's CLOCK_MONOTONIC goes on during sleep.
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    #[cfg(unix)]
    {
        let (seconds, nanos) = (
            u64::try_from(time.tv_sec).unwrap_or(0),
            u64::try_from(time.tv_nsec).unwrap_or(0),
        );
        seconds * 1000 + nanos / 1_000_000
    }
    #[cfg(not(unix))]
    {
        use std::sync::OnceLock;
        use std::time::Instant;
        static START: OnceLock<Instant> = OnceLock::new();
        u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The moment after this duration, for a wait that may be as long as [`Duration::MAX`].
pub(crate) fn deadline_after(duration: Duration) -> Instant {
    /// Thirty years, as tokio's own timers take where a sum overflows.
    const FAR_FUTURE: Duration = Duration::from_secs(86_400 * 365 * 30);
    let now = Instant::now();
    now.checked_add(duration)
        .unwrap_or_else(|| now + FAR_FUTURE)
}

/// When tokens are due and when they end, on [`now`]'s clock. Without `expires_in` both are never:
/// a 401 will tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadlines {
    pub(crate) refresh_at: u64,
    pub(crate) expires_at: u64,
}

impl Deadlines {
    pub(crate) fn from_tokens(tokens: &Tokens) -> Self {
        Self::from_expiry(
            tokens.expires_at,
            tokens.lifetime,
            unix_millis(SystemTime::now()),
            now(),
            jitter(),
        )
    }

    /// The record has the expiry in wall-clock time, which other processes understand. It is put
    /// onto the clock that never jumps once, here. `jitter` is in 0..1.
    fn from_expiry(
        expires_at: Option<u64>,
        lifetime: Option<u64>,
        wall: u64,
        now: u64,
        jitter: f64,
    ) -> Self {
        let Some(expires_at) = expires_at else {
            return Self {
                refresh_at: u64::MAX,
                expires_at: u64::MAX,
            };
        };
        // A wall clock that was set back can't make a token live longer than its whole life.
        let left = expires_at
            .saturating_sub(wall)
            .min(lifetime.unwrap_or(u64::MAX));
        let end = now.saturating_add(left);
        let margin = margin(lifetime.unwrap_or(left), jitter);
        Self {
            refresh_at: end.saturating_sub(margin),
            expires_at: end,
        }
    }
}

/// How long before the end a refresh is due: 60 s, at most a tenth of the lifetime. Up to half of
/// it is taken off at random, so that a fleet does not refresh in one moment.
fn margin(lifetime: u64, jitter: f64) -> u64 {
    let whole = (Duration::from_secs(60).as_millis() as u64).min(lifetime / 10);
    whole - ((whole / 2) as f64 * jitter) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_25_margin_is_a_minute_or_a_tenth_and_jittered() {
        let hour = 3_600_000;
        assert_eq!(margin(hour, 0.0), 60_000);
        assert_eq!(margin(hour, 1.0), 30_000);
        assert_eq!(margin(100_000, 0.0), 10_000);
        assert_eq!(margin(0, 0.5), 0);
        assert_eq!(
            Deadlines::from_expiry(Some(hour), Some(hour), 0, 500, 0.0),
            Deadlines {
                refresh_at: 500 + hour - 60_000,
                expires_at: 500 + hour
            }
        );
    }

    #[test]
    fn point_25_a_wall_clock_that_jumps_does_not_stretch_a_lifetime() {
        // The wall clock was set back by a year after the token was written.
        let set_back = Deadlines::from_expiry(Some(40_000_000_000), Some(10_000), 1_000, 7, 0.0);
        assert_eq!(set_back.expires_at, 7 + 10_000);
        let expired = Deadlines::from_expiry(Some(5), Some(10_000), 1_000, 7, 0.0);
        assert_eq!(expired.expires_at, 7);
        assert_eq!(
            Deadlines::from_expiry(None, None, 1_000, 7, 0.0).refresh_at,
            u64::MAX
        );
    }

    #[test]
    fn point_25_the_clock_goes_forward() {
        let (first, second) = (now(), now());
        assert!(first <= second && second < first + 60_000);
    }
}
