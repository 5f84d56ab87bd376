//! One renewal at a time, however many tasks ask for one. Enter at [`authorize`].
//!
//! Within the process a renewal is a [`Flight`] that others join. Across processes it is a lock of
//! the store, which `renewal` takes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::error::{Error, Step, TransportError, TransportErrorKind};

use super::profile::{Authorized, Profile, RenewReason, RenewalOutcome};
use super::renewal;

/// Tokens for a request. Fresh ones at hand cost one look at the clock.
pub(crate) async fn authorize(profile: &Arc<Profile>) -> Result<Arc<Authorized>, Error> {
    match profile.map_fresh(Arc::clone) {
        Some(current) => Ok(current),
        None => renew(profile, RenewReason::Due).await,
    }
}

/// Gets new tokens.
///
/// However many tasks ask at the same time, one renewal runs. It runs to its end even when all
/// who asked have gone: a rotated refresh token that nobody wrote down would be lost.
pub(crate) async fn renew(
    profile: &Arc<Profile>,
    reason: RenewReason,
) -> Result<Arc<Authorized>, Error> {
    // A flight that began before this request's token was refused may end with that very token,
    // and the runtime of a flight may be shut down. Both are followed by a flight of our own.
    for _ in 0..3 {
        let mut flight = match join_flight(profile, &reason) {
            Flight::Unnecessary(current) => return Ok(current),
            Flight::Running(flight) => flight,
        };
        let outcome = match flight.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => continue,
        };
        match outcome {
            Some(Ok(authorized)) if reason.rejects(&authorized) => {}
            Some(outcome) => return outcome,
            None => {}
        }
    }
    Err(Error::Transport {
        step: Step::Refresh,
        source: TransportError::new(TransportErrorKind::Interrupted),
    })
}

/// Waits for a renewal that is under way.
pub(crate) async fn wait_for_flight(profile: &Profile) {
    let flight = profile.flight().clone();
    if let Some(mut flight) = flight {
        let _ = flight.wait_for(Option::is_some).await;
    }
}

/// A renewal to wait for.
enum Flight {
    /// The tokens at hand are good enough.
    Unnecessary(Arc<Authorized>),
    /// A renewal is under way.
    Running(watch::Receiver<RenewalOutcome>),
}

/// Joins the renewal that runs, or starts one.
fn join_flight(profile: &Arc<Profile>, reason: &RenewReason) -> Flight {
    let mut running = profile.flight();
    // Another task may have renewed them between our look and our turn.
    if let Some(current) = profile.current()
        && reason.is_met_by(&current)
    {
        return Flight::Unnecessary(current);
    }
    if let Some(flight) = &*running
        && flight.borrow().is_none()
        && flight.has_changed().is_ok()
    {
        return Flight::Running(flight.clone());
    }
    let (outcome, flight) = watch::channel(None);
    *running = Some(flight.clone());
    let (profile, reason) = (Arc::clone(profile), reason.clone());
    tokio::spawn(async move {
        let result = renewal::renew(&profile, &reason).await;
        outcome.send_replace(Some(result));
    });
    Flight::Running(flight)
}
