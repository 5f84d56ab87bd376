//! Who is logged in, and the end of it.

use std::time::SystemTime;

use serde::Serialize;

use crate::error::{Error, Step};

use super::profile::Authorized;
use super::store::Place;
use super::token::{self, Tokens, unix_millis};
use super::wire::Again;
use super::{Session, renewal};

/// What is known of a login, without a secret. It can be shown and serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Whether there are tokens. The server may have ended the login meanwhile; only a request shows that.
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
    /// When the access token expires, in Unix seconds; `None` where the server did not say. It is refreshed before.
    pub expires_at: Option<u64>,
    /// Whether the access token has expired; the next request refreshes it.
    pub expired: bool,
    /// Whether there is a refresh token.
    pub refreshable: bool,
    /// Where the credentials are kept.
    pub store: Place,
}

/// How a logout went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedOut {
    /// Whether there was anything to erase.
    pub was_logged_in: bool,
    /// Whether the server confirmed that it revoked the tokens. Without a revocation endpoint, or when it could not be reached, the
    /// tokens are erased here and run out there.
    pub revoked: bool,
}

impl Session {
    /// Who is logged in, as the store has it. Nothing is sent.
    ///
    /// # Errors
    /// Where the store can't be read, or this session has no login.
    pub async fn status(&self) -> Result<Status, Error> {
        let profile = self.profile()?;
        let stored = self.setup.store.load(&profile.key).await?;
        let tokens = stored
            .map(|stored| renewal::read(profile, stored))
            .transpose()?
            .map(|authorized| authorized.tokens);
        let tokens = tokens.as_ref();
        Ok(Status {
            logged_in: tokens.is_some(),
            issuer: self.setup.issuer.as_str().to_owned(),
            application: self.setup.application.clone(),
            profile: profile.name.clone(),
            account: tokens.and_then(|tokens| tokens.account.clone()),
            client_id: tokens.map(|tokens| tokens.client.id.clone()),
            scopes: tokens
                .map(|tokens| tokens.scopes.clone())
                .unwrap_or_default(),
            expires_at: tokens
                .and_then(|tokens| tokens.expires_at)
                .map(|millis| millis / 1000),
            expired: tokens
                .and_then(|tokens| tokens.expires_at)
                .is_some_and(|at| at <= unix_millis(SystemTime::now())),
            refreshable: tokens.is_some_and(|tokens| tokens.refresh.is_some()),
            store: self.setup.store.place(&profile.key),
        })
    }

    /// Ends the login: erases the tokens here, and revokes them at the server where it offers that (RFC 7009).
    ///
    /// # Errors
    /// Where the store can't be written, or this session has no login. A server that can't be reached is no error: see
    /// [`LoggedOut::revoked`].
    pub async fn logout(&self) -> Result<LoggedOut, Error> {
        let Some(tokens) = self.erase().await? else {
            return Ok(LoggedOut {
                was_logged_in: false,
                revoked: false,
            });
        };
        let revoked = match self.revoke(&tokens).await {
            Ok(revoked) => revoked,
            Err(error) => {
                tracing::warn!(target: "attendium::session", error = %error.message(), "the tokens were erased here and could not be revoked at the server");
                false
            }
        };
        Ok(LoggedOut {
            was_logged_in: true,
            revoked,
        })
    }

    /// Under the lock, so that the tokens of a refresh that is under way are erased too, and no older ones.
    async fn erase(&self) -> Result<Option<Tokens>, Error> {
        let profile = self.profile()?;
        let mut locked = self.setup.lock(&profile.key).await?;
        let result = async {
            let Some(stored) = locked.load().await? else {
                return Ok(None);
            };
            let version = stored.version;
            // What can't be read can still be erased.
            let tokens = renewal::read(profile, stored)
                .map(|authorized: Authorized| authorized.tokens)
                .ok();
            locked.replace(Some(version), None).await?;
            Ok(tokens)
        }
        .await;
        profile.publish(None);
        locked.release().await;
        result
    }

    async fn revoke(&self, tokens: &Tokens) -> Result<bool, Error> {
        let server = self.setup.server().await?;
        let Some(endpoint) = &server.revoke else {
            return Ok(false);
        };
        let response = self
            .setup
            .wire
            .send(
                Step::Revocation,
                Again::Harmless,
                token::revoke(endpoint, tokens)?,
            )
            .await?;
        if let Some(refused) = token::refusal(Step::Revocation, &response) {
            return Err(Error::Refused(refused));
        }
        // RFC 7009 §2.2: 200 also for a token that is already dead.
        if response.status().is_success() {
            Ok(true)
        } else {
            Err(super::wire::unexpected(Step::Revocation, &response))
        }
    }

    /// Waits for a refresh that is under way. A program that is about to end its runtime calls this, so that a rotated refresh token
    /// is not lost on the way to the store.
    pub async fn settled(&self) {
        if let Ok(profile) = self.profile() {
            profile.settled().await;
        }
    }
}
