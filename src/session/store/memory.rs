//! Credentials that live as long as the process: for tests, and for services that are given theirs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::OwnedMutexGuard;

use crate::error::{StoreError, StoreErrorKind};
use crate::http::BoxFuture;

use super::interface::{Locked, Store};
use super::key::{StoreKey, StoreLocation, Stored};

/// Keeps credentials in memory. Clones share them.
///
/// ```
/// # fn main() -> Result<(), attendium::Error> {
/// use attendium::Session;
/// use attendium::store::MemoryStore;
///
/// let store = MemoryStore::new();
/// let builder = Session::builder().base_url("https://api.example.com").application("Guest list");
/// let session = builder.clone().store(store.clone()).build()?;
/// let other = builder.store(store).build()?; // Has the same logins.
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    entries: Arc<Mutex<HashMap<StoreKey, MemoryEntry>>>,
}

#[derive(Clone, Default)]
struct MemoryEntry {
    /// Goes on through erasures, so that no version comes twice.
    version: u64,
    secret: Option<SecretString>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl MemoryStore {
    /// A store that is empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<StoreKey, MemoryEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_entry(&self, key: &StoreKey) -> Option<Stored> {
        let entries = self.entries();
        let entry = entries.get(key)?;
        Some(Stored {
            version: entry.version,
            secret: entry.secret.clone()?,
        })
    }
}

impl Store for MemoryStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        Box::pin(async move { Ok(self.read_entry(key)) })
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        _hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        let lock = Arc::clone(&self.entries().entry(key.clone()).or_default().lock);
        Box::pin(async move {
            let guard = lock.lock_owned().await;
            Ok(Box::new(MemoryLock {
                store: self.clone(),
                key: key.clone(),
                _guard: guard,
            }) as Box<dyn Locked>)
        })
    }

    fn location(&self, _key: &StoreKey) -> StoreLocation {
        StoreLocation::new("memory", "this process")
    }
}

struct MemoryLock {
    store: MemoryStore,
    key: StoreKey,
    _guard: OwnedMutexGuard<()>,
}

impl Locked for MemoryLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move { Ok(self.store.read_entry(&self.key)) })
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut entries = self.store.entries();
            let entry = entries.entry(self.key.clone()).or_default();
            let current = entry.secret.as_ref().map(|_| entry.version);
            if current != expected {
                return Err(StoreError::new("memory", StoreErrorKind::LockLost));
            }
            entry.version += 1;
            entry.secret = secret;
            Ok(entry.version)
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { drop(self) })
    }
}
