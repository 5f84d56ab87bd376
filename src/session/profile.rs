//! Step 5: One profile's credentials in this process: where every request takes its header from.
//!
//! [`UsableTokens`] is the last value of the chain: tokens as a header. A request with a fresh one
//! takes no lock; everything else goes through `single_flight`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use crate::error::{Error, StoreError, StoreErrorKind};

use super::clock::{self, Deadlines};
use super::config::SessionConfig;
use super::secret::{self, to_json};
use super::store::{Slot, StoreKey, Stored};
use super::token::Tokens;
use super::token_source::TokenSource;

/// What authorises the requests of a session.
#[derive(Clone)]
pub(crate) enum Credential {
    /// A login.
    Profile(Arc<Profile>),
    /// A header that never changes, or none.
    Fixed(Option<HeaderValue>),
    /// Tokens that the application gets by itself.
    Source(Arc<dyn TokenSource>),
}

/// Tokens that requests can be sent with.
pub(crate) struct UsableTokens {
    pub(crate) tokens: Tokens,
    /// The store's version of the tokens.
    pub(crate) version: u64,
    pub(crate) header: HeaderValue,
    pub(crate) deadlines: Deadlines,
}

impl UsableTokens {
    pub(crate) fn new(tokens: Tokens, version: u64) -> Result<Self, Error> {
        let header = secret::authorization_header("Bearer", tokens.access.expose_secret())?;
        let deadlines = Deadlines::from_tokens(&tokens);
        Ok(Self {
            tokens,
            version,
            header,
            deadlines,
        })
    }

    /// Whether the access token can be used without a refresh.
    pub(crate) fn is_fresh(&self) -> bool {
        clock::now() < self.deadlines.refresh_at
    }

    /// Whether the tokens still live, be a refresh due or not.
    pub(crate) fn is_alive(&self) -> bool {
        clock::now() < self.deadlines.expires_at
    }
}

/// Why new tokens are wanted.
#[derive(Clone)]
pub(crate) enum RenewReason {
    /// No tokens are known here, or they are about to expire.
    Due,
    /// The API refused the token in this header, whatever the clock says.
    Rejected(HeaderValue),
}

impl RenewReason {
    /// Whether these tokens make a renewal unnecessary.
    pub(crate) fn is_met_by(&self, authorized: &UsableTokens) -> bool {
        match self {
            Self::Due => authorized.is_fresh(),
            // Another token that has expired would only be refused as well.
            Self::Rejected(_) => !self.rejects(authorized) && authorized.is_alive(),
        }
    }

    /// Whether these are the tokens that were refused.
    pub(crate) fn rejects(&self, authorized: &UsableTokens) -> bool {
        match self {
            Self::Due => false,
            Self::Rejected(header) => authorized.header == header,
        }
    }
}

/// What a renewal gave, once it has ended.
pub(crate) type RenewalOutcome = Option<Result<Arc<UsableTokens>, Error>>;

/// One login of the application in this process.
pub(crate) struct Profile {
    pub(crate) config: Arc<SessionConfig>,
    pub(crate) name: String,
    pub(crate) key: StoreKey,
    current: ArcSwapOption<UsableTokens>,
    flight: Mutex<Option<watch::Receiver<RenewalOutcome>>>,
}

impl Profile {
    pub(crate) fn new(config: Arc<SessionConfig>, name: String) -> Self {
        let key = StoreKey::new(
            config.application.clone(),
            config.issuer.as_str(),
            Slot::Profile(name.clone()),
        );
        Self {
            config,
            name,
            key,
            current: ArcSwapOption::empty(),
            flight: Mutex::default(),
        }
    }

    /// Maps the current tokens, where they are fresh. Takes no lock and makes no system call but
    /// the clock's.
    pub(crate) fn map_fresh<T>(&self, map: impl FnOnce(&Arc<UsableTokens>) -> T) -> Option<T> {
        let current = self.current.load();
        current
            .as_ref()
            .filter(|current| current.is_fresh())
            .map(map)
    }

    /// The current tokens, fresh or not.
    pub(crate) fn current(&self) -> Option<Arc<UsableTokens>> {
        self.current.load_full()
    }

    /// Uses these tokens from now on, or none.
    pub(crate) fn set_current(&self, authorized: Option<Arc<UsableTokens>>) {
        self.current.store(authorized);
    }

    /// Uses these tokens from now on, and gives them back as they are shared.
    pub(crate) fn set_current_tokens(&self, authorized: UsableTokens) -> Arc<UsableTokens> {
        let authorized = Arc::new(authorized);
        self.set_current(Some(Arc::clone(&authorized)));
        authorized
    }

    /// The renewal that runs, or that ran last.
    pub(crate) fn flight(&self) -> MutexGuard<'_, Option<watch::Receiver<RenewalOutcome>>> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads tokens from their record.
    pub(crate) fn parse_record(&self, stored: Stored) -> Result<UsableTokens, Error> {
        let tokens: Tokens =
            serde_json::from_str(stored.secret.expose_secret()).map_err(|_| self.corrupt())?;
        UsableTokens::new(tokens, stored.version)
    }

    /// The record of these tokens, as a store keeps it.
    pub(crate) fn serialize_record(&self, tokens: &Tokens) -> Result<SecretString, Error> {
        to_json(tokens).map_err(|_| self.corrupt())
    }

    /// An error about the record of this profile.
    pub(crate) fn store_error(&self, kind: StoreErrorKind) -> Error {
        StoreError::new(self.config.store.location(&self.key).to_string(), kind).into()
    }

    fn corrupt(&self) -> Error {
        self.store_error(StoreErrorKind::Corrupt)
    }
}
