//! What every store can do: [`Store`] and, under a lock, [`Locked`].

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
#[cfg(any(feature = "postgres", feature = "redis"))]
use tokio::time::Instant;

use crate::error::StoreError;
use crate::http::BoxFuture;
#[cfg(any(feature = "postgres", feature = "redis"))]
use crate::session::clock::deadline_after;

use super::key::{StoreKey, StoreLocation, Stored};

/// Keeps secrets, each with a version and a lock.
///
/// Implement it to keep credentials in a place of your own. The version fences writers that lost
/// their lock without noticing.
///
/// ```
/// use attendium::StoreError;
/// use attendium::store::{FileStore, Locked, Store, StoreKey, StoreLocation, Stored};
/// use attendium::transport::BoxFuture;
/// use std::time::Duration;
///
/// /// Files, and a word about each lock.
/// struct Watched(FileStore);
///
/// impl Store for Watched {
///     fn load<'a>(
///         &'a self,
///         key: &'a StoreKey,
///     ) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
///         self.0.load(key)
///     }
///
///     fn lock<'a>(
///         &'a self,
///         key: &'a StoreKey,
///         hold: Duration,
///     ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
///         println!("waits for the lock of {}", self.location(key));
///         self.0.lock(key, hold)
///     }
///
///     fn location(&self, key: &StoreKey) -> StoreLocation {
///         self.0.location(key)
///     }
/// }
/// ```
pub trait Store: Send + Sync + 'static {
    /// Reads without a lock. What it gives is one whole write, never parts of two.
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>>;

    /// Takes the key's lock, against every other process that uses this store. Waits while another
    /// process has it.
    ///
    /// `hold` is the longest that the work under the lock takes, up to [`Duration::MAX`]. A store
    /// whose locks run out keeps this one for longer, and no store gives up waiting earlier.
    ///
    /// # Errors
    /// The lock can't be had. Nothing goes on without it.
    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>>;

    /// Where the key's secret is, for people to read.
    fn location(&self, key: &StoreKey) -> StoreLocation;
}

/// A key whose lock is held. Dropping it gives the lock back as well, at the latest when the lock
/// runs out.
pub trait Locked: Send {
    /// Reads.
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>>;

    /// Makes sure that a secret of so many bytes can be written, before anything is sent that could
    /// not be undone: a full disk or a quota is found out here. The room is given back with the
    /// lock.
    ///
    /// A store that can't know does nothing, which is the default.
    ///
    /// # Errors
    /// There is no room.
    fn reserve(&mut self, _bytes: usize) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Writes, or erases with `None`, if the version is still `expected` (`None`: there is
    /// nothing): a compare-and-swap. Gives the new version. A write that succeeded is as durable as
    /// the store.
    ///
    /// # Errors
    /// `LockLost` where the version differs: another process was here.
    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Gives the lock back.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()>;
}

impl<T: Store + ?Sized> Store for Arc<T> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        (**self).load(key)
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        (**self).lock(key, hold)
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        (**self).location(key)
    }
}

/// How long a lock lives in a store whose locks run out, and how long to wait for one.
///
/// It lives longer than the work, with room for the server's own slowness. The wait is longer
/// still: the lock of a process that was killed ends before anybody gives up.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(super) fn lock_times(hold: Duration) -> (Duration, Duration) {
    /// Longer than any login, and short enough for every database's arithmetic.
    const LONGEST: Duration = Duration::from_secs(86_400 * 365);
    let hold = hold.min(LONGEST);
    let lives = hold * 5 / 4 + hold.min(Duration::from_secs(10));
    (lives, lives + hold)
}

/// Gives a lock back that would run out by itself after `lives`: everybody waits for it until then,
/// so it is tried again where the server does not answer.
///
/// Waits a moment for the release. The rest of it goes on in a task of its own.
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(super) async fn give_back<F>(lives: Duration, release: impl Fn() -> F + Send + 'static)
where
    F: Future<Output = Result<(), StoreError>> + Send,
{
    const PAUSE: Duration = Duration::from_millis(100);
    const MOMENT: Duration = Duration::from_secs(1);
    let ends = deadline_after(lives);
    let releasing = tokio::spawn(async move {
        while release().await.is_err() && Instant::now() < ends {
            tokio::time::sleep(PAUSE).await;
        }
    });
    let _ = tokio::time::timeout(MOMENT, releasing).await;
}
