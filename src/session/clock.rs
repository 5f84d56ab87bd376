//! When a token is due for a refresh, on a clock that goes on while the machine sleeps.
//!
//! [`now`] reads that clock. [`before`] is what every request asks, and asks it only where two clocks that cost a fifth can't tell.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod look;

use std::time::{Duration, SystemTime};

use super::secret::jitter;
use super::token::{Tokens, unix_millis};

/// Milliseconds of a clock that never jumps and counts the time that the machine slept.
///
/// `Instant` stops during sleep on Linux, so that a laptop that was closed for the night would believe in last evening's token.
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

/// Whether this moment of [`now`]'s clock is yet to come.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn before(moment: u64) -> bool {
    std::thread_local! {
        static LAST: std::cell::Cell<look::Look> = const { std::cell::Cell::new(look::Look::NONE) };
    }
    let mut last = LAST.get();
    let before = last.before(moment, &look::System);
    LAST.set(last);
    before
}

/// Whether this moment of [`now`]'s clock is yet to come.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn before(moment: u64) -> bool {
    now() < moment
}

/// When tokens are due and when they end, on [`now`]'s clock. Without `expires_in` both are never: a 401 will say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadlines {
    pub(crate) due: u64,
    pub(crate) end: u64,
}

impl Deadlines {
    pub(crate) fn of(tokens: &Tokens) -> Self {
        Self::at(
            tokens.expires_at,
            tokens.lifetime,
            unix_millis(SystemTime::now()),
            now(),
            jitter(),
        )
    }

    /// The record says the expiry in wall-clock time, since it must mean something to other processes; it is put onto the clock
    /// that never jumps once, here. `jitter` is in 0..1.
    fn at(
        expires_at: Option<u64>,
        lifetime: Option<u64>,
        wall: u64,
        now: u64,
        jitter: f64,
    ) -> Self {
        let Some(expires_at) = expires_at else {
            return Self {
                due: u64::MAX,
                end: u64::MAX,
            };
        };
        // A wall clock that was set back can't make a token live longer than its whole life.
        let left = expires_at
            .saturating_sub(wall)
            .min(lifetime.unwrap_or(u64::MAX));
        let end = now.saturating_add(left);
        let margin = margin(lifetime.unwrap_or(left), jitter);
        Self {
            due: end.saturating_sub(margin),
            end,
        }
    }
}

/// 60 s, at most a tenth of the lifetime, of which a random half is left away, so that a fleet does not refresh in one moment.
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
            Deadlines::at(Some(hour), Some(hour), 0, 500, 0.0),
            Deadlines {
                due: 500 + hour - 60_000,
                end: 500 + hour
            }
        );
    }

    #[test]
    fn point_25_a_wall_clock_that_jumps_does_not_stretch_a_lifetime() {
        // The wall clock was set back by a year after the token was written.
        let set_back = Deadlines::at(Some(40_000_000_000), Some(10_000), 1_000, 7, 0.0);
        assert_eq!(set_back.end, 7 + 10_000);
        let expired = Deadlines::at(Some(5), Some(10_000), 1_000, 7, 0.0);
        assert_eq!(expired.end, 7);
        assert_eq!(Deadlines::at(None, None, 1_000, 7, 0.0).due, u64::MAX);
    }

    #[test]
    fn point_25_the_clock_goes_forward() {
        let (first, second) = (now(), now());
        assert!(first <= second && second < first + 60_000);
    }
}
