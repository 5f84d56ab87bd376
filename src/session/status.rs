//! Who is logged in ([`read_status`]), and the end of a login ([`log_out`]).

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;

use crate::error::{Error, describe};

use super::profile::Profile;
use super::revocation;
use super::store::StoreLocation;
use super::token::Tokens;
use super::wall_clock::unix_millis;

/// What is known of a login, without a secret: it can be shown and serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Whether there are tokens. The server may have ended the login meanwhile; only a request
    /// shows that.
    pub logged_in: bool,
    /// The server.
    pub issuer: String,
    /// The application.
    pub application: String,
    /// The profile.
    pub profile: String,
    /// Who logged in, where the session was told how to ask the API.
    pub account: Option<String>,
    /// The client id that the server gave the application.
    pub client_id: Option<String>,
    /// The granted scopes; empty where neither side named any.
    pub scopes: Vec<String>,
    /// When the access token expires, in Unix seconds; `None` where the server did not say. It is
    /// refreshed before.
    pub expires_at: Option<u64>,
    /// Whether the access token has expired; the next request refreshes it.
    pub expired: bool,
    /// Whether there is a refresh token.
    pub refreshable: bool,
    /// Where the credentials are kept.
    pub store: StoreLocation,
}

/// How a logout went.
///
/// ```no_run
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// let ended = session.logout().await?;
/// if !ended.revoked {
///     println!("the tokens are erased here, and run out at the server");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedOut {
    /// Whether there were tokens. A record that could not be read is erased and does not count.
    pub was_logged_in: bool,
    /// Whether the server confirmed that it revoked the tokens. Without a revocation endpoint, or
    /// when the server can't be reached, the tokens are erased here and run out there.
    pub revoked: bool,
    /// Why the server did not revoke them, where it could not be asked or refused. The revocation
    /// can be repeated then, with [`Session::revoke_again`](crate::Session::revoke_again).
    pub failure: Option<String>,
    /// What a repetition needs.
    #[serde(skip)]
    unrevoked: Unrevoked,
}

/// Tokens that were erased here and still live at the server. They show and compare as nothing.
#[derive(Clone, Default)]
struct Unrevoked(Option<Arc<Tokens>>);

impl fmt::Debug for Unrevoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "kept" } else { "none" })
    }
}

impl PartialEq for Unrevoked {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_some() == other.0.is_some()
    }
}

impl Eq for Unrevoked {}

/// Reads who is logged in from the store.
pub(crate) async fn read_status(profile: &Profile) -> Result<Status, Error> {
    let config = &profile.config;
    let stored = config.store.load(&profile.key).await?;
    let tokens = stored
        .map(|stored| profile.parse_record(stored))
        .transpose()?
        .map(|authorized| authorized.tokens);
    let tokens = tokens.as_ref();
    let expires_at = tokens.and_then(|tokens| tokens.expires_at);
    Ok(Status {
        logged_in: tokens.is_some(),
        issuer: config.issuer.as_str().to_owned(),
        application: config.application.clone(),
        profile: profile.name.clone(),
        account: tokens.and_then(|tokens| tokens.account.clone()),
        client_id: tokens.map(|tokens| tokens.client.id.clone()),
        scopes: tokens
            .map(|tokens| tokens.scopes.clone())
            .unwrap_or_default(),
        expires_at: expires_at.map(|millis| millis / 1000),
        expired: expires_at.is_some_and(|at| at <= unix_millis(SystemTime::now())),
        refreshable: tokens.is_some_and(|tokens| tokens.refresh.is_some()),
        store: config.store.location(&profile.key),
    })
}

/// Ends the login: erases the tokens, then revokes them at the server.
pub(crate) async fn log_out(profile: &Profile) -> Result<LoggedOut, Error> {
    match erase_tokens(profile).await? {
        Some(tokens) => Ok(revoke_erased(profile, Arc::new(tokens)).await),
        None => Ok(LoggedOut {
            was_logged_in: false,
            revoked: false,
            failure: None,
            unrevoked: Unrevoked::default(),
        }),
    }
}

/// Tries once more to revoke what a logout could not. Nothing is sent where there is nothing left.
pub(crate) async fn revoke_again(profile: &Profile, ended: &LoggedOut) -> LoggedOut {
    match &ended.unrevoked.0 {
        Some(tokens) => revoke_erased(profile, Arc::clone(tokens)).await,
        None => ended.clone(),
    }
}

async fn revoke_erased(profile: &Profile, tokens: Arc<Tokens>) -> LoggedOut {
    let (revoked, failure) = match revocation::revoke(&profile.config, &tokens).await {
        Ok(revoked) => (revoked, None),
        Err(error) => {
            let failure = describe(&error);
            tracing::warn!(
                target: "attendium::session",
                error = failure,
                "the tokens were erased here and could not be revoked at the server"
            );
            (false, Some(failure))
        }
    };
    LoggedOut {
        was_logged_in: true,
        revoked,
        unrevoked: Unrevoked(failure.is_some().then_some(tokens)),
        failure,
    }
}

/// Erases the tokens under the lock, so that those of a refresh that is under way go too.
async fn erase_tokens(profile: &Profile) -> Result<Option<Tokens>, Error> {
    let mut locked = profile.config.lock(&profile.key).await?;
    let result = async {
        let Some(stored) = locked.load().await? else {
            return Ok(None);
        };
        let version = stored.version;
        // A record that can't be read can still be erased.
        let tokens = profile
            .parse_record(stored)
            .map(|authorized| authorized.tokens)
            .ok();
        locked.replace(Some(version), None).await?;
        // What the store did not take is newer, and it is what lives at the server.
        let unsaved = profile.config.unsaved.take(&profile.name);
        Ok(unsaved
            .filter(|unsaved| unsaved.over == version)
            .map(|unsaved| unsaved.tokens)
            .or(tokens))
    }
    .await;
    profile.set_current(None);
    locked.release().await;
    result
}
