//! Credentials in the operating system's keyring: Keychain on macOS, the Credential Manager on
//! Windows, the Secret Service elsewhere.
//!
//! A keyring has neither locks nor versions. The locks are files of the state directory, which hold
//! no secret; the version is kept beside the secret. Traps, all handled here: its calls block and
//! may wait for a person to unlock it, so they run on threads that may block; Windows takes at most
//! 2,560 bytes per entry, and says so with an error.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::CredentialStore;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::error::{Error, StoreError, StoreErrorKind};
use crate::http::BoxFuture;

use super::file::{FileStore, run_blocking};
use super::interface::{Locked, Store};
use super::key::{StoreKey, StoreLocation, Stored};

/// Keeps credentials in the operating system's keyring.
#[derive(Clone)]
pub struct KeyringStore {
    locks: FileStore,
    /// Another keyring than the system's.
    custom: Option<Arc<CredentialStore>>,
}

impl std::fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyringStore")
            .field("locks", &self.locks)
            .finish_non_exhaustive()
    }
}

impl KeyringStore {
    /// The system's keyring, with lock files in this user's state directory.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .store(attendium::store::KeyringStore::new()?)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// No state directory is known.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            locks: FileStore::in_state_directory()?,
            custom: None,
        })
    }

    /// A keyring of the application's choice, with lock files in this directory. All processes must
    /// name the same directory.
    #[must_use]
    pub fn with_keyring(keyring: Arc<CredentialStore>, locks: impl Into<PathBuf>) -> Self {
        Self {
            locks: FileStore::new(locks),
            custom: Some(keyring),
        }
    }

    /// Whether the keyring can be used: reads an entry that need not be there.
    ///
    /// # Errors
    /// There is no keyring, or it is locked.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let entry = KeyringEntry {
            service: "attendium".into(),
            user: "probe".into(),
            custom: self.custom.clone(),
        };
        run_blocking(move || entry.get().map(drop)).await
    }

    fn entry(&self, key: &StoreKey) -> KeyringEntry {
        KeyringEntry {
            service: format!("attendium:{}", key.application),
            user: key.file_stem(),
            custom: self.custom.clone(),
        }
    }
}

impl Store for KeyringStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        let entry = self.entry(key);
        Box::pin(run_blocking(move || entry.get()))
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        Box::pin(async move {
            let lock = self.locks.lock(key, hold).await?;
            Ok(Box::new(KeyringLock {
                entry: self.entry(key),
                lock,
            }) as Box<dyn Locked>)
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        let entry = self.entry(key);
        StoreLocation::new("keyring", format!("{} {}", entry.service, entry.user))
    }
}

struct KeyringLock {
    entry: KeyringEntry,
    lock: Box<dyn Locked>,
}

impl Locked for KeyringLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        let entry = self.entry.clone();
        Box::pin(run_blocking(move || entry.get()))
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        let entry = self.entry.clone();
        Box::pin(run_blocking(move || entry.replace(expected, secret)))
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.lock.release()
    }
}

#[derive(Clone)]
struct KeyringEntry {
    service: String,
    user: String,
    custom: Option<Arc<CredentialStore>>,
}

impl KeyringEntry {
    fn error(&self, kind: StoreErrorKind) -> StoreError {
        StoreError::new(
            format!("keyring entry {} {}", self.service, self.user),
            kind,
        )
    }

    /// The keyring's error, without the data that some of its variants carry.
    fn failed(&self, error: keyring_core::Error) -> StoreError {
        match error {
            keyring_core::Error::BadEncoding(_) | keyring_core::Error::BadDataFormat(..) => {
                self.error(StoreErrorKind::Corrupt)
            }
            // The `keyring` crate keeps what went wrong at its start for itself, and says only that
            // there is no store.
            keyring_core::Error::NoDefaultStore if self.custom.is_none() => {
                let unavailable = self.error(StoreErrorKind::Unavailable);
                match keyring::Entry::store_status() {
                    Err(cause) => unavailable.with_source(io::Error::other(cause.to_string())),
                    Ok(()) => unavailable,
                }
            }
            error => self.error(StoreErrorKind::Unavailable).with_source(error),
        }
    }

    fn get(&self) -> Result<Option<Stored>, StoreError> {
        let text = match &self.custom {
            None => {
                keyring::Entry::new(&self.service, &self.user).and_then(|entry| entry.get_secret())
            }
            Some(store) => store
                .build(&self.service, &self.user, None)
                .and_then(|entry| entry.get_secret()),
        };
        let text = match text {
            Ok(text) => Zeroizing::new(text),
            Err(keyring_core::Error::NoEntry) => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        // The version on a line of its own, then the secret.
        let corrupt = || self.error(StoreErrorKind::Corrupt);
        let text = std::str::from_utf8(&text).map_err(|_| corrupt())?;
        let (version, secret) = text.split_once('\n').ok_or_else(corrupt)?;
        Ok(Some(Stored {
            version: version.parse().map_err(|_| corrupt())?,
            secret: SecretString::from(secret),
        }))
    }

    fn replace(
        &self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> Result<u64, StoreError> {
        if self.get()?.map(|stored| stored.version) != expected {
            return Err(self.error(StoreErrorKind::LockLost));
        }
        let version = getrandom::u64()
            .map_err(|error| self.error(StoreErrorKind::Unavailable).with_source(error))?;
        let text = secret.as_ref().map(|secret| {
            let secret = secret.expose_secret();
            // Large enough that it never grows: growing would leave a copy behind.
            let mut text = Zeroizing::new(String::with_capacity(32 + secret.len()));
            text.push_str(&version.to_string());
            text.push('\n');
            text.push_str(secret);
            text
        });
        let bytes = text.as_ref().map(|text| text.as_bytes());
        let done = match (&self.custom, bytes) {
            (None, Some(bytes)) => keyring::Entry::new(&self.service, &self.user)
                .and_then(|entry| entry.set_secret(bytes)),
            (None, None) => keyring::Entry::new(&self.service, &self.user)
                .and_then(|entry| entry.delete_credential()),
            (Some(store), Some(bytes)) => store
                .build(&self.service, &self.user, None)
                .and_then(|entry| entry.set_secret(bytes)),
            (Some(store), None) => store
                .build(&self.service, &self.user, None)
                .and_then(|entry| entry.delete_credential()),
        };
        match done {
            Ok(()) => Ok(version),
            Err(keyring_core::Error::NoEntry) if bytes.is_none() => Ok(version),
            Err(error) => Err(self.failed(error)),
        }
    }
}
