//! Credentials in PostgreSQL, for services that run on several machines.
//!
//! One row per key, which also carries the lock: who has it (a random owner token) and until when,
//! by the database's clock. Every write names the owner and the version that it replaces, so that a
//! writer whose lock has run out changes nothing. A row stays when its secret is erased, and its
//! version goes on.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio_postgres::Client;

use crate::error::{StoreError, StoreErrorKind};
use crate::http::BoxFuture;
use crate::http::jitter;
use crate::session::clock::deadline_after;
use crate::session::secret;

use super::interface::{Locked, Store, give_back, lock_times};
use super::key::{Slot, StoreKey, StoreLocation, Stored};

/// Makes the table where it is not there. `if not exists` alone wants the right to make it, and a
/// server that takes writes, also where it is there.
const TABLE: &str = "
do $$ begin
if to_regclass('attendium_credentials') is null then
    create table if not exists attendium_credentials (
        application text not null,
        issuer text not null,
        slot text not null,
        version bigint not null default 0,
        secret text,
        lock_owner text,
        lock_until timestamptz,
        primary key (application, issuer, slot)
    );
end if;
end $$";

const LOAD: &str = "
select version, secret from attendium_credentials
where application = $1 and issuer = $2 and slot = $3 and secret is not null";

const LOCK: &str = "
insert into attendium_credentials as existing (application, issuer, slot, lock_owner, lock_until)
values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
on conflict (application, issuer, slot)
do update set lock_owner = excluded.lock_owner, lock_until = excluded.lock_until
where existing.lock_owner is null or existing.lock_until < clock_timestamp()";

const REPLACE: &str = "
update attendium_credentials set version = version + 1, secret = $6
where application = $1 and issuer = $2 and slot = $3 and lock_owner = $4
and lock_until > clock_timestamp()
and case when $5::bigint is null then secret is null else secret is not null and version = $5 end
returning version";

const RELEASE: &str = "
update attendium_credentials set lock_owner = null, lock_until = null
where application = $1 and issuer = $2 and slot = $3 and lock_owner = $4";

/// How long the database may take for one statement, a connection included.
const PATIENCE: Duration = Duration::from_secs(10);

type Connect = dyn Fn() -> BoxFuture<'static, Result<Client, tokio_postgres::Error>> + Send + Sync;

/// Keeps credentials in the table `attendium_credentials` of a PostgreSQL database (feature
/// `postgres`).
///
/// The secrets are there as text: who may read the table may act as the users. Clones share the
/// connection.
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
}

struct Shared {
    connect: Box<Connect>,
    client: Mutex<Option<Arc<Client>>>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Uses connections that this function makes; it is called again when one has ended. It drives
    /// the connection by itself, as in [`PostgresStore::connect`], and chooses TLS.
    ///
    /// ```
    /// use attendium::store::PostgresStore;
    ///
    /// let store = PostgresStore::new(|| async {
    ///     // Or a connector such as that of tokio-postgres-rustls.
    ///     let tls = tokio_postgres::NoTls;
    ///     let (client, connection) = tokio_postgres::connect("host=db.example.com", tls).await?;
    ///     tokio::spawn(connection);
    ///     Ok(client)
    /// });
    /// ```
    pub fn new<F>(connect: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Client, tokio_postgres::Error>> + Send + 'static,
    {
        let connect = Box::new(move || Box::pin(connect()) as BoxFuture<'static, _>);
        Self {
            shared: Arc::new(Shared {
                connect,
                client: Mutex::new(None),
            }),
        }
    }

    /// Connects without TLS, for a socket of this machine or a network that is trusted, such as
    /// `host=/var/run/postgresql dbname=app`. No connection is made yet.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), attendium::Error> {
    /// use attendium::store::PostgresStore;
    ///
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .store(PostgresStore::connect("host=/var/run/postgresql dbname=app")?)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The text is no configuration.
    pub fn connect(configuration: &str) -> Result<Self, StoreError> {
        let configuration: tokio_postgres::Config = configuration.parse().map_err(failed)?;
        Ok(Self::new(move || {
            let configuration = configuration.clone();
            async move {
                let (client, connection) = configuration.connect(tokio_postgres::NoTls).await?;
                tokio::spawn(connection);
                Ok(client)
            }
        }))
    }

    /// Does something with the connection, for at most so long as a database may take.
    ///
    /// One that is stopped, not refused, says nothing: the connection is given up then, so that the
    /// next call makes another one. Nobody waits longer than this, also behind others.
    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if let Ok(result) = tokio::time::timeout(PATIENCE, work).await {
            return result;
        }
        if let Ok(mut known) = self.shared.client.try_lock() {
            *known = None;
        }
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        Err(unavailable().with_source(late))
    }

    async fn client(&self) -> Result<Arc<Client>, StoreError> {
        let mut known = self.shared.client.lock().await;
        if let Some(client) = &*known
            && !client.is_closed()
        {
            return Ok(Arc::clone(client));
        }
        let client = (self.shared.connect)().await.map_err(failed)?;
        // Two that make it at the same time may collide in the catalogue; the table is there then.
        if let Err(error) = client.batch_execute(TABLE).await
            && error.code() != Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION)
            && error.code() != Some(&tokio_postgres::error::SqlState::DUPLICATE_TABLE)
        {
            return Err(failed(error));
        }
        let client = Arc::new(client);
        *known = Some(Arc::clone(&client));
        Ok(client)
    }

    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let client = self.client().await?;
        let slot = slot(key);
        let row = client
            .query_opt(LOAD, &[&key.application, &key.issuer, &slot])
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let version: i64 = row.try_get(0).map_err(failed)?;
        let secret: String = row.try_get(1).map_err(failed)?;
        Ok(Some(Stored {
            version: version.cast_unsigned(),
            secret: SecretString::from(secret),
        }))
    }

    async fn release(&self, key: &StoreKey, owner: &SecretString) -> Result<(), StoreError> {
        let client = self.client().await?;
        let (slot, owner) = (slot(key), owner.expose_secret());
        let released = client
            .execute(RELEASE, &[&key.application, &key.issuer, &slot, &owner])
            .await;
        released.map(drop).map_err(failed)
    }
}

impl Store for PostgresStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        Box::pin(self.within(self.get(key)))
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
            let until = lives.as_secs_f64();
            let deadline = deadline_after(patience);
            let slot = slot(key);
            let mut lock = PostgresLock {
                store: self.clone(),
                key: key.clone(),
                owner,
                lives,
                held: false,
            };
            loop {
                let taking = async {
                    let client = self.client().await?;
                    // From here on, until an answer says otherwise.
                    lock.held = true;
                    let taken = client
                        .execute(
                            LOCK,
                            &[
                                &key.application,
                                &key.issuer,
                                &slot,
                                &lock.owner.expose_secret(),
                                &until,
                            ],
                        )
                        .await;
                    lock.held = match &taken {
                        Ok(rows) => *rows == 1,
                        Err(error) => error.code().is_none(),
                    };
                    taken.map_err(failed)
                };
                self.within(taking).await?;
                if lock.held {
                    return Ok(Box::new(lock) as Box<dyn Locked>);
                }
                if tokio::time::Instant::now() >= deadline {
                    return Err(StoreError::new(LOCATION, StoreErrorKind::LockTimeout));
                }
                tokio::time::sleep(Duration::from_millis(10 + (jitter() * 40.0) as u64)).await;
            }
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        StoreLocation::new(
            "postgres",
            format!("table attendium_credentials, {} {}", key.issuer, slot(key)),
        )
    }
}

struct PostgresLock {
    store: PostgresStore,
    key: StoreKey,
    owner: SecretString,
    lives: Duration,
    /// Whether it may be ours: also where the answer was lost.
    held: bool,
}

impl PostgresLock {
    fn give_back(&mut self) -> impl Future<Output = ()> + Send + 'static {
        self.held = false;
        let (store, key, owner) = (self.store.clone(), self.key.clone(), self.owner.clone());
        let release = move || {
            let (store, key, owner) = (store.clone(), key.clone(), owner.clone());
            async move { store.within(store.release(&key, &owner)).await }
        };
        give_back(self.lives, release)
    }
}

impl Locked for PostgresLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.store.within(self.store.get(&self.key)))
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        let store = self.store.clone();
        let writing = async move {
            let client = self.store.client().await?;
            let (key, slot) = (&self.key, slot(&self.key));
            let owner = self.owner.expose_secret();
            let expected = expected.map(u64::cast_signed);
            let secret = secret.as_ref().map(|secret| secret.expose_secret());
            let row = client
                .query_opt(
                    REPLACE,
                    &[
                        &key.application,
                        &key.issuer,
                        &slot,
                        &owner,
                        &expected,
                        &secret,
                    ],
                )
                .await;
            let row = row
                .map_err(failed)?
                .ok_or_else(|| StoreError::new(LOCATION, StoreErrorKind::LockLost))?;
            let version: i64 = row.try_get(0).map_err(failed)?;
            Ok(version.cast_unsigned())
        };
        Box::pin(async move { store.within(writing).await })
    }

    fn release(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(self.give_back())
    }
}

impl Drop for PostgresLock {
    fn drop(&mut self) {
        if self.held
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(self.give_back());
        }
    }
}

const LOCATION: &str = "the table attendium_credentials in PostgreSQL";

fn unavailable() -> StoreError {
    StoreError::new(LOCATION, StoreErrorKind::Unavailable)
}

/// Keeps the code and the connection's error. A database error's detail may quote a row, so its
/// text is left out.
fn failed(error: tokio_postgres::Error) -> StoreError {
    match error.code() {
        Some(code) => {
            unavailable().with_source(std::io::Error::other(format!("SQLSTATE {}", code.code())))
        }
        None => unavailable().with_source(error),
    }
}

fn slot(key: &StoreKey) -> String {
    match &key.slot {
        Slot::Registration => "registration".to_owned(),
        Slot::Profile(profile) => format!("profile:{profile}"),
    }
}
