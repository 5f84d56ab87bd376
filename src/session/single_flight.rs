//! One renewal at a time, however many tasks ask for one. Enter at [`usable_tokens`].
//!
//! Within the process others join a renewal that runs. Across processes it is a lock of
//! the store, which `renewal` takes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::error::{Error, Step, TransportError, TransportErrorKind};

use super::profile::{Profile, RenewReason, RenewalOutcome, UsableTokens};
use super::renewal;

/// Tokens for a request. Fresh ones at hand cost one look at the clock.
pub(crate) async fn usable_tokens(profile: &Arc<Profile>) -> Result<Arc<UsableTokens>, Error> {
    match profile.map_fresh(Arc::clone) {
        Some(current) => Ok(current),
        None => join_or_start_renewal(profile, RenewReason::Due).await,
    }
}

/// Gets new tokens.
///
/// However many tasks ask at the same time, one renewal runs. It runs to its end even when all
/// who asked have gone: a rotated refresh token that nobody wrote down would be lost.
pub(crate) async fn join_or_start_renewal(
    profile: &Arc<Profile>,
    reason: RenewReason,
) -> Result<Arc<UsableTokens>, Error> {
    // A flight that began before this request's token was refused may end with that very token,
    // and the runtime of a flight may be shut down. Both are followed by a flight of our own.
    for _ in 0..3 {
        let mut flight = match join_flight(profile, &reason) {
            Joined::NotNeeded(current) => return Ok(current),
            Joined::Waiting(flight) => flight,
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

/// What a task that wants new tokens does next.
enum Joined {
    /// Nothing: the tokens at hand are good enough.
    NotNeeded(Arc<UsableTokens>),
    /// It waits for the renewal that is under way.
    Waiting(watch::Receiver<RenewalOutcome>),
}

/// Joins the renewal that runs, or starts one.
fn join_flight(profile: &Arc<Profile>, reason: &RenewReason) -> Joined {
    let mut running = profile.flight();
    // Another task may have renewed them between our look and our turn.
    if let Some(current) = profile.current()
        && reason.is_met_by(&current)
    {
        return Joined::NotNeeded(current);
    }
    if let Some(flight) = &*running
        && flight.borrow().is_none()
        && flight.has_changed().is_ok()
    {
        return Joined::Waiting(flight.clone());
    }
    let (outcome, flight) = watch::channel(None);
    *running = Some(flight.clone());
    let (profile, reason) = (Arc::clone(profile), reason.clone());
    tokio::spawn(async move {
        let result = renewal::renew(&profile, &reason).await;
        outcome.send_replace(Some(result));
    });
    Joined::Waiting(flight)
}
