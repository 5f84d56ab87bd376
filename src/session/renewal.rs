//! How tokens are renewed: look at the store, lock, look again, refresh, write, unlock.
//!
//! Runs in a task of its own, at most one per profile and process ([`super::profile`]). What must not happen here: two refreshes
//! with one refresh token; tokens handed out that were not written down; tokens erased for any other reason than the server's
//! `invalid_grant` or `invalid_client`, or by one who did not hold the lock.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{Error, LoginRequired, StoreError, StoreErrorKind};

use super::clock;
use super::discovery::Server;
use super::profile::{Authorized, Profile, Why};
use super::secret::to_json;
use super::store::{Locked, Stored};
use super::token::{self, Asked, Tokens};
use super::wire::Again;

/// Tokens that wait to be written, over this version of the record.
pub(crate) struct Unsaved {
    over: u64,
    tokens: Tokens,
}

pub(crate) async fn renew(profile: &Profile, why: &Why) -> Result<Arc<Authorized>, Error> {
    let setup = &profile.setup;
    // Another process may have done it: then there is nothing to lock.
    if let Some(stored) = setup.store.load(&profile.key).await? {
        let found = read(profile, stored)?;
        if why.content_with(&found) {
            return Ok(adopt(profile, found));
        }
    }
    // Asked before the lock is taken, so that a slow server holds up nobody else. A failure counts when a refresh needs it.
    let server = setup.server().await;
    let mut locked = setup.lock(&profile.key).await?;
    let result = under_lock(profile, why, server, &mut *locked).await;
    locked.release().await;
    result
}

async fn under_lock(
    profile: &Profile,
    why: &Why,
    server: Result<Server, Error>,
    locked: &mut dyn Locked,
) -> Result<Arc<Authorized>, Error> {
    save_unsaved(profile, locked).await?;
    let Some(stored) = locked.load().await? else {
        let known = profile.current.swap(None).is_some();
        return Err(if known {
            LoginRequired::LoggedOut
        } else {
            LoginRequired::NeverLoggedIn
        }
        .into());
    };
    let found = read(profile, stored)?;
    if why.content_with(&found) {
        return Ok(adopt(profile, found));
    }
    let Some(refresh_token) = &found.tokens.refresh else {
        return match why {
            Why::Due if clock::now() < found.deadlines.end => Ok(adopt(profile, found)),
            _ => Err(LoginRequired::NotRefreshable.into()),
        };
    };
    match refresh(profile, server, &found, refresh_token).await {
        Ok(tokens) => {
            let version = save(profile, locked, found.version, &tokens).await?;
            tracing::info!(target: "attendium::session", profile = profile.name, "the access token was refreshed");
            Ok(adopt(profile, Authorized::new(tokens, version)?))
        }
        Err(Error::Refused(refusal)) if refusal.code == "invalid_grant" => {
            ended(profile, locked, why, found.version, LoginRequired::Expired).await
        }
        Err(Error::Refused(refusal)) if refusal.code == "invalid_client" => {
            let result = ended(
                profile,
                locked,
                why,
                found.version,
                LoginRequired::ClientForgotten,
            )
            .await;
            if result.is_err() {
                // Registered anew once, here, so that the login that follows finds it. If that fails, the login will say why.
                if let Err(error) = profile.setup.replace_client(&found.tokens.client).await {
                    tracing::warn!(target: "attendium::session", %error, "the application could not be registered again");
                }
            }
            result
        }
        // Whatever else failed says nothing about the login. A token that still lives is used on, and the next try waits a little.
        Err(error) if matches!(why, Why::Due) && clock::now() < found.deadlines.end => {
            tracing::warn!(target: "attendium::session", profile = profile.name, error = %error.message(), "the refresh ahead of expiry failed: the token is used on");
            let mut found = found;
            let left = found.deadlines.end - clock::now();
            found.deadlines.due = clock::now() + (left / 4).min(10_000);
            Ok(adopt(profile, found))
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
    let request = token::refresh(&server, client, refresh_token)?;
    let sent = SystemTime::now();
    let response = profile
        .setup
        .wire
        .send(crate::error::Step::Refresh, Again::LostOnce, request)
        .await?;
    token::check(&Asked::Refresh(&found.tokens), client, sent, response)
}

/// The server says that this login is over. It may have been said to one who lost a race: what the store has now counts. Erased is
/// only the very version that was refused.
async fn ended(
    profile: &Profile,
    locked: &mut dyn Locked,
    why: &Why,
    refused: u64,
    reason: LoginRequired,
) -> Result<Arc<Authorized>, Error> {
    match locked.load().await? {
        Some(stored) if stored.version != refused => {
            let found = read(profile, stored)?;
            if why.content_with(&found) {
                return Ok(adopt(profile, found));
            }
            // Changed, and no better: the next request decides, with a refresh of that one.
            Err(StoreError::new(
                profile.setup.store.place(&profile.key).to_string(),
                StoreErrorKind::LockLost,
            )
            .into())
        }
        Some(_) => {
            locked.replace(Some(refused), None).await?;
            profile.publish(None);
            Err(reason.into())
        }
        None => {
            profile.publish(None);
            Err(reason.into())
        }
    }
}

/// Writes new tokens down before anybody gets them. Where the store fails they are kept for the next renewal: the old refresh token
/// is worth nothing any more.
async fn save(
    profile: &Profile,
    locked: &mut dyn Locked,
    over: u64,
    tokens: &Tokens,
) -> Result<u64, Error> {
    let record = record(profile, tokens)?;
    let mut result = locked.replace(Some(over), Some(record.clone())).await;
    for _ in 0..2 {
        if !matches!(&result, Err(error) if error.kind() == StoreErrorKind::Unavailable) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        result = locked.replace(Some(over), Some(record.clone())).await;
    }
    if result.is_err() {
        *profile
            .unsaved
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Unsaved {
            over,
            tokens: tokens.clone(),
        });
    }
    Ok(result?)
}

async fn save_unsaved(profile: &Profile, locked: &mut dyn Locked) -> Result<(), Error> {
    let unsaved = profile
        .unsaved
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(unsaved) = unsaved else {
        return Ok(());
    };
    // A record that somebody else has replaced since is newer than ours.
    if locked
        .load()
        .await?
        .is_some_and(|stored| stored.version == unsaved.over)
    {
        save(profile, locked, unsaved.over, &unsaved.tokens).await?;
    }
    Ok(())
}

fn adopt(profile: &Profile, authorized: Authorized) -> Arc<Authorized> {
    let authorized = Arc::new(authorized);
    profile.publish(Some(Arc::clone(&authorized)));
    authorized
}

pub(crate) fn read(profile: &Profile, stored: Stored) -> Result<Authorized, Error> {
    let tokens: Tokens =
        serde_json::from_str(stored.secret.expose_secret()).map_err(|_| corrupt(profile))?;
    Authorized::new(tokens, stored.version)
}

pub(crate) fn record(profile: &Profile, tokens: &Tokens) -> Result<SecretString, Error> {
    to_json(tokens).map_err(|_| corrupt(profile))
}

fn corrupt(profile: &Profile) -> Error {
    StoreError::new(
        profile.setup.store.place(&profile.key).to_string(),
        StoreErrorKind::Corrupt,
    )
    .into()
}
