//! One profile's credentials in this process: what every request takes its header from, and the one refresh that runs at a time.
//!
//! [`Authorized`] is the last value of the chain: tokens as a header. A request with a fresh one takes no lock. Everything else goes
//! through [`Profile::renew`], and there through one flight per process, and in it through one lock across processes:
//! look at the store, lock, look again, refresh, write, unlock (`renewal.rs`).

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use crate::error::{Error, Step};
use crate::transport::{TransportError, TransportErrorKind};

use super::clock::{self, Deadlines};
use super::renewal;
use super::secret;
use super::setup::Setup;
use super::store::{Key, Slot};
use super::token::Tokens;

/// Tokens that requests can be sent with.
pub(crate) struct Authorized {
    pub(crate) tokens: Tokens,
    /// The store's version of them.
    pub(crate) version: u64,
    pub(crate) header: HeaderValue,
    pub(crate) deadlines: Deadlines,
}

impl Authorized {
    pub(crate) fn new(tokens: Tokens, version: u64) -> Result<Self, Error> {
        let header = secret::header("Bearer", tokens.access.expose_secret())?;
        let deadlines = Deadlines::of(&tokens);
        Ok(Self {
            tokens,
            version,
            header,
            deadlines,
        })
    }

    pub(crate) fn fresh(&self) -> bool {
        clock::before(self.deadlines.due)
    }
}

/// Why new tokens are wanted.
#[derive(Clone)]
pub(crate) enum Why {
    /// None are known here, or they are about to expire.
    Due,
    /// The API refused this access token, whatever the clock says.
    Rejected(SecretString),
}

impl Why {
    /// Whether these tokens do.
    pub(crate) fn content_with(&self, authorized: &Authorized) -> bool {
        match self {
            Self::Due => authorized.fresh(),
            // Another one that has expired would only be refused as well.
            Self::Rejected(_) => {
                !self.is_about(authorized) && clock::now() < authorized.deadlines.end
            }
        }
    }

    /// Whether these are the tokens that were refused.
    fn is_about(&self, authorized: &Authorized) -> bool {
        match self {
            Self::Due => false,
            Self::Rejected(access) => {
                authorized.tokens.access.expose_secret() == access.expose_secret()
            }
        }
    }
}

type Outcome = Option<Result<Arc<Authorized>, Error>>;

pub(crate) struct Profile {
    pub(crate) setup: Arc<Setup>,
    pub(crate) name: String,
    pub(crate) key: Key,
    pub(crate) current: ArcSwapOption<Authorized>,
    /// Tokens that the server gave and the store did not take: the next renewal writes them first.
    pub(crate) unsaved: Mutex<Option<renewal::Unsaved>>,
    flight: Mutex<Option<watch::Receiver<Outcome>>>,
}

impl Profile {
    pub(crate) fn new(setup: Arc<Setup>, name: String) -> Self {
        let key = Key::new(
            setup.application.clone(),
            setup.issuer.as_str(),
            Slot::Profile(name.clone()),
        );
        Self {
            setup,
            name,
            key,
            current: ArcSwapOption::empty(),
            unsaved: Mutex::default(),
            flight: Mutex::default(),
        }
    }

    /// Tokens for a request. With fresh ones at hand this takes no lock and makes no system call but the clock's.
    pub(crate) async fn authorized(self: &Arc<Self>) -> Result<Arc<Authorized>, Error> {
        match self.fresh(Arc::clone) {
            Some(current) => Ok(current),
            None => self.renew(Why::Due).await,
        }
    }

    /// What is wanted of the tokens at hand, where they are fresh.
    pub(crate) fn fresh<T>(&self, take: impl FnOnce(&Arc<Authorized>) -> T) -> Option<T> {
        let current = self.current.load();
        current.as_ref().filter(|current| current.fresh()).map(take)
    }

    /// New tokens. However many ask at the same time, one renewal runs, and it runs to its end even when all who asked have gone:
    /// a rotated refresh token that nobody wrote down would be lost.
    pub(crate) async fn renew(self: &Arc<Self>, why: Why) -> Result<Arc<Authorized>, Error> {
        // A flight that began before this request's token was refused may end with that very token, and the runtime that a flight
        // runs on may be shut down: both are followed by a flight of one's own.
        for _ in 0..3 {
            let mut flight = match self.board(&why) {
                Boarded::NoNeed(current) => return Ok(current),
                Boarded::Flight(flight) => flight,
            };
            let outcome = match flight.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone(),
                Err(_) => continue,
            };
            match outcome {
                Some(Ok(authorized)) if why.is_about(&authorized) => {}
                Some(outcome) => return outcome,
                None => {}
            }
        }
        Err(Error::Transport {
            step: Step::Refresh,
            source: TransportError::new(TransportErrorKind::Interrupted),
        })
    }

    fn board(self: &Arc<Self>, why: &Why) -> Boarded {
        let mut running = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = self.current.load_full()
            && why.content_with(&current)
        {
            // Somebody has done it between our look and our turn.
            return Boarded::NoNeed(current);
        }
        if let Some(flight) = &*running
            && flight.borrow().is_none()
            && flight.has_changed().is_ok()
        {
            return Boarded::Flight(flight.clone());
        }
        let (outcome, flight) = watch::channel(None);
        *running = Some(flight.clone());
        let (profile, why) = (Arc::clone(self), why.clone());
        tokio::spawn(async move {
            let result = renewal::renew(&profile, &why).await;
            outcome.send_replace(Some(result));
        });
        Boarded::Flight(flight)
    }

    /// Waits for a renewal that is under way.
    pub(crate) async fn settled(&self) {
        let flight = self
            .flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(mut flight) = flight {
            let _ = flight.wait_for(Option::is_some).await;
        }
    }

    pub(crate) fn publish(&self, authorized: Option<Arc<Authorized>>) {
        self.current.store(authorized);
    }
}

enum Boarded {
    NoNeed(Arc<Authorized>),
    Flight(watch::Receiver<Outcome>),
}
