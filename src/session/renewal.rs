//! How tokens are renewed: read the store, lock, read again, make room, refresh (RFC 6749 §6),
//! write, unlock. A renewal gives tokens that are usable: those that another process has written,
//! or else new ones.
//!
//! Runs in a task of its own, at most one for each `Profile` value, which a session and its clones
//! share (`single_flight`); the lock holds others of the same name apart. Three things must not
//! happen here: two refreshes with one refresh token; tokens handed out that were not written down;
//! tokens erased for any other reason than the server's `invalid_grant` or `invalid_client`, or by
//! a process that did not hold the lock.

use std::sync::Arc;
use std::time::SystemTime;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::error::{
    ConfigurationError, Error, LoginRequired, Step, StoreError, StoreErrorKind, TransportError,
    TransportErrorKind, describe,
};
use crate::http::RetrySafety;

use super::clock;
use super::discovery::Server;
use super::persist::persist;
use super::prepared_client;
use super::profile::{Profile, RenewReason, UsableTokens};
use super::store::Locked;
use super::token::{self, Grant, RefreshFailure, Tokens, UnusableAnswer};
use super::unsaved::Unsaved;
use super::wall_clock::unix_millis;

/// How many bytes longer than the old record the new one may be, in the room that is made for it.
const ROOM_TO_GROW: usize = 4096;

/// Renews the profile's tokens, unless another process has done it.
pub(crate) async fn renew(
    profile: &Profile,
    reason: &RenewReason,
) -> Result<Arc<UsableTokens>, Error> {
    let config = &profile.config;
    let began = unix_millis(SystemTime::now());
    // Another process may have renewed them: then nothing has to be locked.
    let mut known = match config.store.load(&profile.key).await {
        Ok(stored) => stored
            .map(|stored| profile.parse_record(stored))
            .transpose()?,
        Err(error) => {
            // What was known before is as good as it was.
            let current = profile.current();
            let known = current.map(|known| UsableTokens::new(known.tokens.clone(), known.version));
            return without_store(profile, reason, known.transpose()?, error);
        }
    };
    if let Some(found) = known.take_if(|known| reason.is_met_by(known)) {
        return Ok(profile.set_current_tokens(found));
    }
    // Asked before the lock is taken, so that a slow server holds up nobody else. A failure counts
    // where a refresh needs it.
    let server = if config.client_credentials {
        config.server_for_tokens().await
    } else {
        config.server().await
    };
    let mut locked = match config.lock(&profile.key).await {
        Ok(locked) => locked,
        Err(error) => return without_store(profile, reason, known, error),
    };
    let result = renew_under_lock(profile, reason, server, began, &mut *locked).await;
    locked.release().await;
    result
}

async fn renew_under_lock(
    profile: &Profile,
    reason: &RenewReason,
    server: Result<Server, Error>,
    began: u64,
    locked: &mut dyn Locked,
) -> Result<Arc<UsableTokens>, Error> {
    save_unsaved(profile, locked).await?;
    let Some(stored) = locked.load().await? else {
        if profile.config.client_credentials {
            return get_client_token(profile, server, None, locked).await;
        }
        let known = profile.current().is_some();
        profile.set_current(None);
        return Err(profile.config.login_required(if known {
            LoginRequired::LoggedOut
        } else {
            LoginRequired::NeverLoggedIn
        }));
    };
    let mut found = profile.parse_record(stored)?;
    if reason.is_met_by(&found) {
        return Ok(profile.set_current_tokens(found));
    }
    if profile.config.client_credentials {
        return match get_client_token(profile, server, Some(found.version), locked).await {
            Err(error) => keep_using_or_fail(profile, reason, found, error),
            result => result,
        };
    }
    let Some(refresh_token) = found.tokens.refresh.clone() else {
        return match reason {
            RenewReason::Due if found.is_alive() => Ok(profile.set_current_tokens(found)),
            _ => Err(profile.config.login_required(LoginRequired::NotRefreshable)),
        };
    };
    if let Some(error) = failure_since(&found.tokens, began) {
        return keep_using_or_fail(profile, reason, found, error);
    }
    let endpoint = find_token_endpoint(profile, server, &found.tokens)?;
    // Nothing is spent before there is room for what comes in its place.
    let room = profile
        .serialize_record(&found.tokens)?
        .expose_secret()
        .len()
        + ROOM_TO_GROW;
    locked.reserve(room).await?;
    let critical = profile.config.critical.begin();
    let result = refresh(profile, &endpoint, &found, &refresh_token).await;
    let error = match result {
        Ok(tokens) => {
            let version = save(profile, locked, found.version, &tokens).await?;
            drop(critical);
            tracing::info!(
                target: "attendium::session",
                profile = profile.name,
                "the access token was refreshed"
            );
            return Ok(profile.set_current_tokens(UsableTokens::new(tokens, version)?));
        }
        Err(UnusableAnswer { error, refresh }) => {
            if let Some(refresh) = refresh {
                found.version = save_refresh_token(profile, locked, &mut found, refresh).await?;
            }
            error
        }
    };
    drop(critical);
    if !matches!(error, Error::Refused(_)) {
        record_refresh_failure(profile, locked, &mut found, &error).await;
    }
    match error {
        Error::Refused(refusal) if refusal.is("invalid_grant") => {
            let ended = LoginRequired::Expired;
            end_login(profile, locked, reason, found.version, ended).await
        }
        // A client that was configured by hand can't be registered again: the operator may have
        // changed its secret, and the login is as good as it was.
        Error::Refused(refusal)
            if refusal.is("invalid_client") && profile.config.given_client.is_none() =>
        {
            let ended = LoginRequired::ClientForgotten;
            let result = end_login(profile, locked, reason, found.version, ended).await;
            if result.is_err() {
                register_again(profile, &found.tokens).await;
            }
            result
        }
        error => keep_using_or_fail(profile, reason, found, error),
    }
}

/// Gets a token for the client itself, and keeps it over this version of the record.
async fn get_client_token(
    profile: &Profile,
    server: Result<Server, Error>,
    over: Option<u64>,
    locked: &mut dyn Locked,
) -> Result<Arc<UsableTokens>, Error> {
    let (config, server) = (&profile.config, server?);
    let client = config
        .given_client
        .as_ref()
        .ok_or(ConfigurationError::MissingClient)?
        .at(&server);
    let scopes = &config.scopes;
    let parameters = config
        .parameters
        .with_default_resource(server.resource.as_ref());
    let resources = parameters.resources();
    let request = token::client_request(&server.token_endpoint, &client, scopes, resources)?;
    let sent = SystemTime::now();
    // It changes nothing: the server may be asked again.
    let response = config
        .sender
        .send(Step::ClientCredentials, RetrySafety::Idempotent, request)
        .await?;
    let grant = Grant::Client { scopes };
    let tokens = token::check_response(&grant, &client, sent, response);
    let tokens = Tokens {
        token_endpoint: Some(server.token_endpoint),
        revocation_endpoint: server.revocation_endpoint,
        ..tokens.map_err(|unusable| unusable.error)?
    };
    let version = locked
        .replace(over, Some(profile.serialize_record(&tokens)?))
        .await?;
    Ok(profile.set_current_tokens(UsableTokens::new(tokens, version)?))
}

/// Where the store can't be asked, and nothing was sent: uses on what is known, or fails.
fn without_store(
    profile: &Profile,
    reason: &RenewReason,
    known: Option<UsableTokens>,
    error: StoreError,
) -> Result<Arc<UsableTokens>, Error> {
    match known {
        Some(known) => keep_using_or_fail(profile, reason, known, error.into()),
        None => Err(error.into()),
    }
}

/// After a failure that says nothing certain about the login: a token that still lives is used on,
/// and the next attempt waits a little.
fn keep_using_or_fail(
    profile: &Profile,
    reason: &RenewReason,
    mut found: UsableTokens,
    error: Error,
) -> Result<Arc<UsableTokens>, Error> {
    if matches!(reason, RenewReason::Due) && found.is_alive() {
        tracing::warn!(
            target: "attendium::session",
            profile = profile.name,
            error = describe(&error),
            "the refresh ahead of expiry failed: the token is used on"
        );
        let now = clock::now();
        let left = found.deadlines.expires_at.saturating_sub(now);
        found.deadlines.refresh_at = now.saturating_add((left / 4).min(10_000));
        return Ok(profile.set_current_tokens(found));
    }
    Err(match error {
        Error::Refused(refusal) if refusal.step == Step::Refresh && !refusal.may_pass() => {
            Error::RefreshRefused(refusal)
        }
        error => error,
    })
}

/// The failure of a refresh that another process made while this one waited for the lock. It is not
/// repeated: the waits of many processes would add up.
fn failure_since(tokens: &Tokens, began: u64) -> Option<Error> {
    let failure = tokens.failure.as_ref()?;
    // Nor of the millisecond in which this renewal began: that may be the caller's own last one.
    // Not one from the future either: the clock was set back.
    if failure.at <= began || failure.at > unix_millis(SystemTime::now()) {
        return None;
    }
    let step = Step::Refresh;
    Some(match failure.status {
        Some(status) => Error::Status {
            step,
            status,
            retry_after: None,
            answer: None,
        },
        None => Error::Transport {
            step,
            source: TransportError::with_source(
                TransportErrorKind::Timeout,
                std::io::Error::other("another process has just tried"),
            ),
        },
    })
}

/// Notes in the record that the refresh failed, for those who wait for the lock. Nothing depends on
/// it.
async fn record_refresh_failure(
    profile: &Profile,
    locked: &mut dyn Locked,
    found: &mut UsableTokens,
    error: &Error,
) {
    let status = match error {
        Error::Status { status, .. } => Some(*status),
        Error::Transport { .. } => None,
        _ => return,
    };
    let at = unix_millis(SystemTime::now());
    found.tokens.failure = Some(RefreshFailure { at, status });
    if let Ok(record) = profile.serialize_record(&found.tokens)
        && let Ok(version) = locked.replace(Some(found.version), Some(record)).await
    {
        found.version = version;
    }
}

/// Where the refresh token goes: as the metadata says, or else where it came from. Never to a
/// guess.
fn find_token_endpoint(
    profile: &Profile,
    server: Result<Server, Error>,
    tokens: &Tokens,
) -> Result<Url, Error> {
    match (server, &tokens.token_endpoint) {
        (Ok(server), _) => Ok(server.token_endpoint),
        (Err(error), Some(endpoint)) => {
            tracing::debug!(
                target: "attendium::session",
                profile = profile.name,
                error = describe(&error),
                "the metadata can't be read: the refresh goes to the endpoint that gave the tokens"
            );
            Ok(endpoint.clone())
        }
        (Err(error), None) => Err(error),
    }
}

async fn refresh(
    profile: &Profile,
    endpoint: &Url,
    found: &UsableTokens,
    refresh_token: &SecretString,
) -> Result<Tokens, UnusableAnswer> {
    let client = profile.config.client_of(&found.tokens);
    let request =
        token::refresh_request(endpoint, &client, refresh_token, &found.tokens.resources)?;
    let sent = SystemTime::now();
    let response = profile
        .config
        .sender
        .send(Step::Refresh, RetrySafety::OneLostResponse, request)
        .await?;
    let mut tokens =
        token::check_response(&Grant::Refresh(&found.tokens), &client, sent, response)?;
    tokens.token_endpoint = Some(endpoint.clone());
    Ok(tokens)
}

/// Keeps the refresh token of an answer that gave nothing else: the one that was sent may be dead.
async fn save_refresh_token(
    profile: &Profile,
    locked: &mut dyn Locked,
    found: &mut UsableTokens,
    refresh: SecretString,
) -> Result<u64, Error> {
    found.tokens.refresh = Some(refresh);
    save(profile, locked, found.version, &found.tokens).await
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
) -> Result<Arc<UsableTokens>, Error> {
    match locked.load().await? {
        Some(stored) if stored.version != refused => {
            let found = profile.parse_record(stored)?;
            if reason.is_met_by(&found) {
                return Ok(profile.set_current_tokens(found));
            }
            // Changed, and no better: the next request decides, with a refresh of that one.
            return Err(profile.store_error(StoreErrorKind::LockLost));
        }
        Some(_) => {
            locked.replace(Some(refused), None).await?;
        }
        None => {}
    }
    profile.set_current(None);
    Err(profile.config.login_required(ended))
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
    let record = profile.serialize_record(tokens)?;
    let result = persist(&profile.config, locked, Some(over), record).await;
    if result.is_err() {
        let tokens = tokens.clone();
        profile
            .config
            .unsaved
            .keep(&profile.name, Unsaved { over, tokens });
    }
    Ok(result?)
}

/// Writes what the store did not take before. It is kept until it is written or out of date.
async fn save_unsaved(profile: &Profile, locked: &mut dyn Locked) -> Result<(), Error> {
    let unsaved = &profile.config.unsaved;
    let Some(found) = unsaved.find(&profile.name) else {
        return Ok(());
    };
    // A record that another process has replaced since is newer than ours.
    if locked
        .load()
        .await?
        .is_some_and(|stored| stored.version == found.over)
    {
        save(profile, locked, found.over, &found.tokens).await?;
    }
    unsaved.take(&profile.name);
    Ok(())
}
