//! How tokens are renewed: read the store, lock, read again, refresh, write, unlock.
//!
//! Runs in a task of its own, at most one for each profile and process (`single_flight`). Three
//! things must not happen here: two refreshes with one refresh token; tokens handed out that were
//! not written down; tokens erased for any other reason than the server's `invalid_grant` or
//! `invalid_client`, or by a process that did not hold the lock.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use crate::error::{Error, LoginRequired, Step, StoreErrorKind, describe};
use crate::http::RetrySafety;

use super::clock;
use super::discovery::Server;
use super::prepared_client;
use super::profile::{Authorized, Profile, RenewReason, Unsaved};
use super::store::Locked;
use super::token::{self, Grant, Tokens};

/// Renews the profile's tokens, unless another process has done it.
pub(crate) async fn renew(
    profile: &Profile,
    reason: &RenewReason,
) -> Result<Arc<Authorized>, Error> {
    let config = &profile.config;
    // Another process may have renewed them: then nothing has to be locked.
    if let Some(stored) = config.store.load(&profile.key).await? {
        let found = profile.parse_record(stored)?;
        if reason.is_met_by(&found) {
            return Ok(profile.adopt(found));
        }
    }
    // Asked before the lock is taken, so that a slow server holds up nobody else. A failure counts
    // where a refresh needs it.
    let server = config.server().await;
    let mut locked = config.lock(&profile.key).await?;
    let result = renew_under_lock(profile, reason, server, &mut *locked).await;
    locked.release().await;
    result
}

async fn renew_under_lock(
    profile: &Profile,
    reason: &RenewReason,
    server: Result<Server, Error>,
    locked: &mut dyn Locked,
) -> Result<Arc<Authorized>, Error> {
    save_unsaved(profile, locked).await?;
    let Some(stored) = locked.load().await? else {
        let known = profile.current().is_some();
        profile.publish(None);
        return Err(if known {
            LoginRequired::LoggedOut
        } else {
            LoginRequired::NeverLoggedIn
        }
        .into());
    };
    let mut found = profile.parse_record(stored)?;
    if reason.is_met_by(&found) {
        return Ok(profile.adopt(found));
    }
    let Some(refresh_token) = &found.tokens.refresh else {
        return match reason {
            RenewReason::Due if found.is_alive() => Ok(profile.adopt(found)),
            _ => Err(LoginRequired::NotRefreshable.into()),
        };
    };
    match refresh(profile, server, &found, refresh_token).await {
        Ok(tokens) => {
            let version = save(profile, locked, found.version, &tokens).await?;
            tracing::info!(
                target: "attendium::session",
                profile = profile.name,
                "the access token was refreshed"
            );
            Ok(profile.adopt(Authorized::new(tokens, version)?))
        }
        Err(Error::Refused(refusal)) if refusal.code == "invalid_grant" => {
            let ended = LoginRequired::Expired;
            end_login(profile, locked, reason, found.version, ended).await
        }
        Err(Error::Refused(refusal)) if refusal.code == "invalid_client" => {
            let ended = LoginRequired::ClientForgotten;
            let result = end_login(profile, locked, reason, found.version, ended).await;
            if result.is_err() {
                register_again(profile, &found.tokens).await;
            }
            result
        }
        // Any other failure says nothing about the login. A token that still lives is used on, and
        // the next attempt waits a little.
        Err(error) if matches!(reason, RenewReason::Due) && found.is_alive() => {
            tracing::warn!(
                target: "attendium::session",
                profile = profile.name,
                error = describe(&error),
                "the refresh ahead of expiry failed: the token is used on"
            );
            let now = clock::now();
            let left = found.deadlines.end.saturating_sub(now);
            found.deadlines.due = now.saturating_add((left / 4).min(10_000));
            Ok(profile.adopt(found))
        }
        Err(error) => Err(error),
    }
}

async fn refresh(
    profile: &Profile,
    server: Result<Server, Error>,
    found: &Authorized,
    refresh_token: &SecretString,
) -> Result<Tokens, Error> {
    let (server, client) = (server?, &found.tokens.client);
    let request = token::refresh_request(&server, client, refresh_token)?;
    let sent = SystemTime::now();
    let response = profile
        .config
        .sender
        .send(Step::Refresh, RetrySafety::LostOnce, request)
        .await?;
    token::check_response(&Grant::Refresh(&found.tokens), client, sent, response)
}

/// Ends the login, because the server says that it is over.
///
/// The server may say so to a process that lost a race: what the store has now counts. Only the
/// very version that was refused is erased.
async fn end_login(
    profile: &Profile,
    locked: &mut dyn Locked,
    reason: &RenewReason,
    refused: u64,
    ended: LoginRequired,
) -> Result<Arc<Authorized>, Error> {
    match locked.load().await? {
        Some(stored) if stored.version != refused => {
            let found = profile.parse_record(stored)?;
            if reason.is_met_by(&found) {
                return Ok(profile.adopt(found));
            }
            // Changed, and no better: the next request decides, with a refresh of that one.
            return Err(profile.store_error(StoreErrorKind::LockLost));
        }
        Some(_) => {
            locked.replace(Some(refused), None).await?;
        }
        None => {}
    }
    profile.publish(None);
    Err(ended.into())
}

/// Registers a forgotten client again, once, so that the login that follows finds it. Where that
/// fails, the login says why.
async fn register_again(profile: &Profile, tokens: &Tokens) {
    let replaced = prepared_client::replace_client(&profile.config, &tokens.client).await;
    if let Err(error) = replaced {
        tracing::warn!(
            target: "attendium::session",
            error = describe(&error),
            "the application could not be registered again"
        );
    }
}

/// Writes new tokens down before anybody gets them.
///
/// Where the store fails they are kept for the next renewal: the old refresh token is worth
/// nothing any more.
async fn save(
    profile: &Profile,
    locked: &mut dyn Locked,
    over: u64,
    tokens: &Tokens,
) -> Result<u64, Error> {
    let record = profile.write_record(tokens)?;
    let mut result = locked.replace(Some(over), Some(record.clone())).await;
    for _ in 0..2 {
        if !matches!(&result, Err(error) if error.kind() == StoreErrorKind::Unavailable) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        result = locked.replace(Some(over), Some(record.clone())).await;
    }
    if result.is_err() {
        *profile.unsaved() = Some(Unsaved {
            over,
            tokens: tokens.clone(),
        });
    }
    Ok(result?)
}

async fn save_unsaved(profile: &Profile, locked: &mut dyn Locked) -> Result<(), Error> {
    let unsaved = profile.unsaved().take();
    let Some(unsaved) = unsaved else {
        return Ok(());
    };
    // A record that another process has replaced since is newer than ours.
    if locked
        .load()
        .await?
        .is_some_and(|stored| stored.version == unsaved.over)
    {
        save(profile, locked, unsaved.over, &unsaved.tokens).await?;
    }
    Ok(())
}
