//! Credentials in Redis, for services that run on several machines.
//!
//! A key holds a hash of version and secret, another one beside it the lock: a random owner token
//! that runs out by itself. Every write is a script that looks at the owner and the version first,
//! so that a writer whose lock has run out changes nothing. A hash stays when its secret is erased,
//! and its version goes on.

use std::future::Future;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::OnceCell;

use crate::error::{StoreError, StoreErrorKind};
use crate::http::BoxFuture;
use crate::http::jitter;
use crate::session::clock::deadline_after;
use crate::session::secret;

use super::interface::{Locked, Store, give_back, lock_times};
use super::key::{StoreKey, StoreLocation, Stored};

/// Answers -1 where the lock or the version is another one, else the new version.
const REPLACE: &str = "
if redis.call('get', KEYS[2]) ~= ARGV[1] then return -1 end
local there = redis.call('hexists', KEYS[1], 'secret') == 1
if ARGV[2] == '' then
  if there then return -1 end
elseif not there or redis.call('hget', KEYS[1], 'version') ~= ARGV[2] then
  return -1
end
local version = redis.call('hincrby', KEYS[1], 'version', 1)
if ARGV[3] == 'erase' then
  redis.call('hdel', KEYS[1], 'secret')
else
  redis.call('hset', KEYS[1], 'secret', ARGV[4])
end
return version";

const RELEASE: &str =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

/// Keeps credentials in Redis (feature `redis`).
///
/// The secrets are there as text: who may read them may act as the users. Redis must write to disk
/// before it answers (`appendonly yes`, `appendfsync always`) where a login is not to be lost with
/// the server. Clones share the connection.
#[derive(Clone)]
pub struct RedisStore {
    client: redis::Client,
    connection: std::sync::Arc<OnceCell<ConnectionManager>>,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Uses this client, which knows the server, the password and TLS. No connection is made yet;
    /// one that ends is made again.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use attendium::store::RedisStore;
    ///
    /// let store = RedisStore::new(redis::Client::open("redis://:password@redis.example.com/")?);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn new(client: redis::Client) -> Self {
        Self {
            client,
            connection: std::sync::Arc::default(),
        }
    }

    /// Connects to this URL, such as `redis://127.0.0.1/` or `redis+unix:///run/redis.sock`. No
    /// connection is made yet.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .store(attendium::store::RedisStore::connect("redis://127.0.0.1/")?)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The text is no such URL.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        redis::Client::open(url).map(Self::new).map_err(failed)
    }

    async fn connection(&self) -> Result<ConnectionManager, StoreError> {
        // By default half a second, which a busy server or client misses: an answer that comes late
        // is better than a request that fails.
        let patient = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(10)))
            .set_response_timeout(Some(Duration::from_secs(10)));
        let connect = || ConnectionManager::new_with_config(self.client.clone(), patient.clone());
        self.connection
            .get_or_try_init(connect)
            .await
            .cloned()
            .map_err(failed)
    }

    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let mut connection = self.connection().await?;
        let (version, secret): (Option<u64>, Option<String>) = redis::cmd("HMGET")
            .arg(data(key))
            .arg("version")
            .arg("secret")
            .query_async(&mut connection)
            .await
            .map_err(failed)?;
        Ok(version.zip(secret).map(|(version, secret)| Stored {
            version,
            secret: SecretString::from(secret),
        }))
    }

    async fn release(&self, key: &StoreKey, owner: &SecretString) -> Result<(), StoreError> {
        let mut connection = self.connection().await?;
        redis::cmd("EVAL")
            .arg(RELEASE)
            .arg(1)
            .arg(lock(key))
            .arg(owner.expose_secret())
            .query_async(&mut connection)
            .await
            .map_err(failed)
    }
}

impl Store for RedisStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        Box::pin(self.get(key))
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        Box::pin(async move {
            let owner =
                secret::random_secret().map_err(|error| unavailable().with_source(error))?;
            let (lives, patience) = lock_times(hold);
            let deadline = deadline_after(patience);
            let mut held = RedisLock {
                store: self.clone(),
                key: key.clone(),
                owner,
                lives,
                held: false,
            };
            loop {
                let mut connection = self.connection().await?;
                // From here on, until an answer says otherwise.
                held.held = true;
                let taken: Result<Option<String>, _> = redis::cmd("SET")
                    .arg(lock(key))
                    .arg(held.owner.expose_secret())
                    .arg("NX")
                    .arg("PX")
                    .arg(u64::try_from(lives.as_millis()).unwrap_or(u64::MAX))
                    .query_async(&mut connection)
                    .await;
                held.held = match &taken {
                    Ok(taken) => taken.is_some(),
                    Err(error) => error.code().is_none(),
                };
                taken.map_err(failed)?;
                if held.held {
                    return Ok(Box::new(held) as Box<dyn Locked>);
                }
                if tokio::time::Instant::now() >= deadline {
                    return Err(StoreError::new(LOCATION, StoreErrorKind::LockTimeout));
                }
                tokio::time::sleep(Duration::from_millis(10 + (jitter() * 40.0) as u64)).await;
            }
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        StoreLocation::new("redis", data(key))
    }
}

struct RedisLock {
    store: RedisStore,
    key: StoreKey,
    owner: SecretString,
    lives: Duration,
    /// Whether it may be ours: also where the answer was lost.
    held: bool,
}

impl RedisLock {
    fn give_back(&mut self) -> impl Future<Output = ()> + Send + 'static {
        self.held = false;
        let (store, key, owner) = (self.store.clone(), self.key.clone(), self.owner.clone());
        let release = move || {
            let (store, key, owner) = (store.clone(), key.clone(), owner.clone());
            async move { store.release(&key, &owner).await }
        };
        give_back(self.lives, release)
    }
}

impl Locked for RedisLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.store.get(&self.key))
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let mut connection = self.store.connection().await?;
            let text = secret.as_ref().map(|secret| secret.expose_secret());
            let version: i64 = redis::cmd("EVAL")
                .arg(REPLACE)
                .arg(2)
                .arg(data(&self.key))
                .arg(lock(&self.key))
                .arg(self.owner.expose_secret())
                .arg(
                    expected
                        .map(|version| version.to_string())
                        .unwrap_or_default(),
                )
                .arg(if text.is_some() { "write" } else { "erase" })
                .arg(text.unwrap_or_default())
                .query_async(&mut connection)
                .await
                .map_err(failed)?;
            u64::try_from(version).map_err(|_| StoreError::new(LOCATION, StoreErrorKind::LockLost))
        })
    }

    fn release(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(self.give_back())
    }
}

impl Drop for RedisLock {
    fn drop(&mut self) {
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(self.give_back());
        }
    }
}

const LOCATION: &str = "Redis";

fn unavailable() -> StoreError {
    StoreError::new(LOCATION, StoreErrorKind::Unavailable)
}

/// Keeps the kind of the error, and of a connection's its text. Others may quote a command, and
/// with it a secret.
fn failed(error: redis::RedisError) -> StoreError {
    let text = if error.is_io_error() {
        error.to_string()
    } else {
        format!("{:?}", error.kind())
    };
    unavailable().with_source(std::io::Error::other(text))
}

/// The braces keep the two keys on one node of a cluster.
fn data(key: &StoreKey) -> String {
    format!("attendium:{{{}}}", key.file_stem())
}

fn lock(key: &StoreKey) -> String {
    format!("{}:lock", data(key))
}
