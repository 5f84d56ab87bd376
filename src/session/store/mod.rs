//! Where credentials are kept between runs. A [`Store`] keeps one secret text per [`Key`], with a version, and a lock beside it.
//!
//! The session does everything that writes under the lock: check, lock, check again, exchange, write, unlock. The version fences
//! writers that lost their lock without noticing. All stores pass one suite of tests, `tests/session_points/conformance.rs`.

#[cfg(feature = "keyring")]
mod chosen;
mod file;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;

use crate::error::{Error, StoreError};
use crate::transport::Boxed;

#[cfg(feature = "keyring")]
pub use chosen::Chosen;
pub use file::FileStore;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;

/// Which secret: there is one per (issuer, profile) for tokens, and one per (issuer, application) for the registration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Key {
    /// The application's name. Applications never see each other's credentials.
    pub application: String,
    /// The issuer, without a slash at the end.
    pub issuer: String,
    /// What of it.
    pub slot: Slot,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The client that the application was registered as.
    Registration,
    /// The tokens of this profile.
    Profile(String),
}

impl Key {
    /// A key.
    #[must_use]
    pub fn new(application: impl Into<String>, issuer: impl Into<String>, slot: Slot) -> Self {
        Self {
            application: application.into(),
            issuer: issuer.into(),
            slot,
        }
    }

    /// A name for it that is a good file name everywhere, readable, and different for different keys.
    #[must_use]
    pub fn file_stem(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let (kind, name) = match &self.slot {
            Slot::Registration => ("client", ""),
            Slot::Profile(profile) => ("profile", profile.as_str()),
        };
        let mut hash = Sha256::new();
        for part in [&self.application, &self.issuer, kind, name] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let hash = hash
            .finalize()
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        let host = self.issuer.split("://").nth(1).unwrap_or(&self.issuer);
        let readable: String = [host, kind, name]
            .join("-")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(60)
            .collect();
        format!("{}-{hash}", readable.trim_matches(['-', '.']))
    }
}

/// A secret as a store has it.
#[derive(Clone)]
pub struct Stored {
    /// Changes with every write, and is never used again for the same key.
    pub version: u64,
    /// The text.
    pub secret: SecretString,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Keeps secrets.
pub trait Store: Send + Sync + 'static {
    /// Reads without a lock. What it gives was once written as a whole.
    fn load<'a>(&'a self, key: &'a Key) -> Boxed<'a, Result<Option<Stored>, StoreError>>;

    /// Takes the key's lock, against every other process that uses this store. Waits while another one has it.
    ///
    /// `hold` is the longest that the work under the lock takes: a store whose locks run out keeps this one for longer, and none
    /// gives up waiting earlier.
    ///
    /// # Errors
    /// A lock that can't be had is an error; there is no going on without it.
    fn lock<'a>(
        &'a self,
        key: &'a Key,
        hold: Duration,
    ) -> Boxed<'a, Result<Box<dyn Locked>, StoreError>>;

    /// Where the key's secret is, for people.
    fn place(&self, key: &Key) -> Place;
}

/// A key whose lock is held. Dropping it gives the lock back as well, at the latest when it runs out.
pub trait Locked: Send {
    /// Reads.
    fn load(&mut self) -> Boxed<'_, Result<Option<Stored>, StoreError>>;

    /// Writes, or erases with `None`, if the version is still `expected` (`None`: there is nothing), and gives the new version.
    /// What it says was written is durable.
    ///
    /// # Errors
    /// `LockLost` where the version differs: somebody else was here.
    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> Boxed<'_, Result<u64, StoreError>>;

    /// Gives the lock back.
    fn release(self: Box<Self>) -> Boxed<'static, ()>;
}

/// For stores whose locks run out: how long one lives, with room for the server's own slowness, and how long to wait for one. That is
/// longer, so that the lock of a process that was killed ends before anybody gives up.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) fn lock_times(hold: Duration) -> (Duration, Duration) {
    let lives = hold.saturating_mul(5) / 4 + hold.min(Duration::from_secs(10));
    (lives, lives.saturating_add(hold))
}

/// Where credentials are kept, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// `memory`, `file`, `keyring`, `redis`, `postgres`, or another word for another store.
    pub store: String,
    /// The path, the keyring's entry, the server and key. Never a secret.
    pub location: String,
}

impl Place {
    /// A place.
    #[must_use]
    pub fn new(store: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            store: store.into(),
            location: location.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.store, self.location)
    }
}

/// Constructors of the stores that this crate has; each gives what [`SessionBuilder::store`](crate::SessionBuilder::store) takes.
#[derive(Debug)]
pub struct Stores;

impl Stores {
    /// Keeps credentials as long as the process lives.
    #[must_use]
    pub fn memory() -> Arc<dyn Store> {
        Arc::new(MemoryStore::default())
    }

    /// Keeps credentials in files of this user's state directory: `$XDG_STATE_HOME/attendium`, `~/.local/state/attendium`,
    /// `~/Library/Application Support/attendium` or `%LOCALAPPDATA%\attendium`.
    ///
    /// # Errors
    /// No such directory is known.
    pub fn file() -> Result<Arc<dyn Store>, Error> {
        Ok(Arc::new(FileStore::in_state_directory()?))
    }

    /// Keeps credentials in files of this directory, which is made on the first write.
    #[must_use]
    pub fn file_in(directory: impl Into<std::path::PathBuf>) -> Arc<dyn Store> {
        Arc::new(FileStore::new(directory))
    }

    /// Keeps credentials in the operating system's keyring (feature `keyring`).
    ///
    /// # Errors
    /// No state directory is known, which the lock files need.
    #[cfg(feature = "keyring")]
    pub fn keyring() -> Result<Arc<dyn Store>, Error> {
        Ok(Arc::new(KeyringStore::new()?))
    }

    /// The keyring where there is one, else files of this user's state directory. Chosen on the first call and kept from then on,
    /// in the file `store` of that directory; tell the user [`Chosen::fallback`] where there is one (feature `keyring`).
    ///
    /// # Errors
    /// No state directory is known, or it can't be used.
    #[cfg(feature = "keyring")]
    pub async fn keyring_or_file() -> Result<Chosen, Error> {
        chosen::choose(FileStore::in_state_directory()?, KeyringStore::new()?).await
    }

    /// The same with a keyring and a directory of the application's choice.
    ///
    /// # Errors
    /// The directory can't be used.
    #[cfg(feature = "keyring")]
    pub async fn keyring_or_file_in(
        keyring: KeyringStore,
        directory: impl Into<std::path::PathBuf>,
    ) -> Result<Chosen, Error> {
        chosen::choose(FileStore::new(directory), keyring).await
    }
}
