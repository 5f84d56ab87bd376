//! A store whose calls all end: [`TimedStore`] stands around every store of a session.
//!
//! A store that is stopped, as by SIGSTOP or a network that swallows packets, answers nothing, not
//! even an error. Whoever waits for it must not wait for ever.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::error::{StoreError, StoreErrorKind};
use crate::http::BoxFuture;

use super::interface::{Locked, Store};
use super::key::{StoreKey, StoreLocation, Stored};

/// The longest that one call may take. A keyring may ask the person at the machine for a password
/// in it.
const LONGEST: Duration = Duration::from_secs(60);

/// Puts a limit on each call of a store.
pub(crate) struct TimedStore(Arc<dyn Store>);

struct TimedLock {
    inner: Box<dyn Locked>,
    location: StoreLocation,
}

impl TimedStore {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

async fn within<T>(
    limit: Duration,
    location: &StoreLocation,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit, call).await {
        Ok(result) => result,
        Err(_) => {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            let error = StoreError::new(location.to_string(), StoreErrorKind::Unavailable);
            Err(error.with_source(late))
        }
    }
}

impl Store for TimedStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        Box::pin(async move { within(LONGEST, &self.location(key), self.0.load(key)).await })
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        Box::pin(async move {
            let location = self.location(key);
            // A store waits for others that hold the lock, by itself and for longer than `hold`.
            let limit = hold.saturating_mul(3).saturating_add(LONGEST);
            let inner = within(limit, &location, self.0.lock(key, hold)).await?;
            Ok(Box::new(TimedLock { inner, location }) as Box<dyn Locked>)
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        self.0.location(key)
    }
}

impl Locked for TimedLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(within(LONGEST, &self.location, self.inner.load()))
    }

    fn reserve(&mut self, bytes: usize) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(within(LONGEST, &self.location, self.inner.reserve(bytes)))
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        let writing = self.inner.replace(expected, secret);
        Box::pin(within(LONGEST, &self.location, writing))
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // A lock that can't be given back runs out, or ends with the process.
            let _ = tokio::time::timeout(LONGEST, self.inner.release()).await;
        })
    }
}
