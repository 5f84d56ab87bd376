//! One refresh at a time, in this process and across processes, and nothing lost by it (points 19
//! to 23).
//!
//! [`Troubled`] is a store in which something goes wrong under the lock. Enter at `point_19_…`;
//! many processes at once are in `tests/session_processes/`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use attendium::store::{Locked, MemoryStore, Store, StoreKey, StoreLocation, Stored};
use attendium::transport::{BoxFuture, Limits};
use attendium::{Error, LoginRequired, Me, Retries, StoreError, StoreErrorKind};
use attendium_sandbox::{Fault, Place, Sandbox};
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::{builder, log_in, logged_in, quick};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn point_19_single_flight_of_two_hundred_tasks() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox.expire_access_tokens();
    let start = Arc::new(tokio::sync::Barrier::new(200));
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let (session, start) = (session.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                session.run(&Me {}).await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let counts = sandbox.counts();
    assert_eq!(
        (
            counts.refresh_attempts,
            counts.refreshes,
            counts.families_revoked
        ),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn point_20_what_another_process_refreshed_is_adopted() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let process = || {
        builder(&sandbox)
            .store(attendium::store::FileStore::new(directory.path()))
            .build()
            .unwrap()
    };
    let (one, two) = (process(), process());
    log_in(&one, sandbox.scripted_user()).await.unwrap();
    two.run(&Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    one.run(&Me {}).await.unwrap();
    two.run(&Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.families_revoked), (1, 0));
}

#[tokio::test]
async fn point_21_a_lock_that_can_not_be_had_never_means_go_on_without() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let session = builder(&sandbox)
        .store(attendium::store::FileStore::new(directory.path()))
        .limits(Limits::new().timeout(Duration::from_secs(2)))
        .retries(quick().max_elapsed(Duration::ZERO))
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    let lock = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let lock = lock
        .filter(|path| {
            path.extension().is_some_and(|end| end == "lock")
                && path.to_string_lossy().contains("profile")
        })
        .last()
        .unwrap();
    let held = std::fs::File::open(&lock).unwrap();
    held.lock().unwrap();
    sandbox.expire_access_tokens();
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::LockTimeout),
        "{error}"
    );
    assert_eq!(sandbox.counts().refresh_attempts, 0);
    held.unlock().unwrap();
    session.run(&Me {}).await.unwrap();
}

/// A memory store in which something can go wrong under the lock.
#[derive(Clone, Default)]
struct Troubled {
    inner: MemoryStore,
    /// Whoever asks anything gets an error; so many have.
    down: Arc<AtomicBool>,
    turned_away: Arc<AtomicUsize>,
    /// Writes fail.
    full: Arc<AtomicBool>,
    /// So many answers of writes are lost, that of the next one first.
    lost: Arc<AtomicUsize>,
    /// There is no room for another record.
    no_room: Arc<AtomicBool>,
    /// What somebody who has stolen the lock writes before the next but one load under it.
    thief: Arc<std::sync::Mutex<Option<SecretString>>>,
    writes: Arc<AtomicUsize>,
}

struct TroubledLock {
    store: Troubled,
    inner: Box<dyn Locked>,
    loads: usize,
}

/// Retries that give up on a store soon.
fn impatient() -> Retries {
    quick().max_elapsed(Duration::from_millis(200))
}

impl Troubled {
    fn check(&self) -> Result<(), StoreError> {
        if !self.down.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.turned_away.fetch_add(1, Ordering::SeqCst);
        Err(StoreError::new(
            "a database that restarts",
            StoreErrorKind::Unavailable,
        ))
    }
}

impl Store for Troubled {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            self.check()?;
            self.inner.load(key).await
        })
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        Box::pin(async move {
            self.check()?;
            let inner = self.inner.lock(key, hold).await?;
            Ok(Box::new(TroubledLock {
                store: self.clone(),
                inner,
                loads: 0,
            }) as Box<dyn Locked>)
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        self.inner.location(key)
    }
}

impl Locked for TroubledLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            self.loads += 1;
            if self.loads == 2 {
                let winner = self.store.thief.lock().unwrap().take();
                if let Some(winner) = winner {
                    let version = self.inner.load().await?.map(|stored| stored.version);
                    self.inner.replace(version, Some(winner)).await?;
                }
            }
            self.inner.load().await
        })
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        if self.store.full.load(Ordering::SeqCst) {
            return Box::pin(async {
                Err(StoreError::new("a full disk", StoreErrorKind::Unavailable))
            });
        }
        self.store.writes.fetch_add(1, Ordering::SeqCst);
        let writing = self.inner.replace(expected, secret);
        let less = |lost: usize| lost.checked_sub(1);
        let order = Ordering::SeqCst;
        if self.store.lost.fetch_update(order, order, less).is_err() {
            return writing;
        }
        Box::pin(async {
            let _ = writing.await;
            Err(StoreError::new("a database", StoreErrorKind::Unavailable))
        })
    }

    fn reserve(&mut self, bytes: usize) -> BoxFuture<'_, Result<(), StoreError>> {
        assert!(bytes > 100, "more than a record: {bytes}");
        if self.store.no_room.load(Ordering::SeqCst) {
            return Box::pin(async {
                Err(StoreError::new("a full disk", StoreErrorKind::Unavailable))
            });
        }
        self.inner.reserve(bytes)
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.inner.release()
    }
}

#[tokio::test]
async fn point_22_the_loser_of_a_race_adopts_the_winners_tokens_and_deletes_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Troubled::default();
    let loser = builder(&sandbox)
        .store(Arc::new(store.clone()))
        .build()
        .unwrap();
    log_in(&loser, sandbox.scripted_user()).await.unwrap();
    // The winner's tokens: another login's.
    let winners = MemoryStore::default();
    let winner = builder(&sandbox)
        .store(Arc::new(winners.clone()))
        .build()
        .unwrap();
    let status = log_in(&winner, sandbox.scripted_user()).await.unwrap();
    let key = StoreKey::new(
        status.application,
        status.issuer,
        attendium::store::Slot::Profile("default".into()),
    );
    let record = winners.load(&key).await.unwrap().unwrap().secret;
    *store.thief.lock().unwrap() = Some(record);

    sandbox.faults().add(Place::Graphql, Fault::InvalidToken);
    sandbox.faults().add(Place::Token, Fault::InvalidGrant);
    loser.run(&Me {}).await.unwrap();
    assert!(loser.status().await.unwrap().logged_in);
    assert_eq!(
        loser.status().await.unwrap().client_id,
        winner.status().await.unwrap().client_id
    );
}

#[tokio::test]
async fn point_22_invalid_grant_with_nothing_newer_is_login_required_and_is_not_tried_for_ever() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox.revoke_families();
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::LoginRequired {
                reason: LoginRequired::Expired,
                ..
            }
        ),
        "{error}"
    );
    let attempts = sandbox.counts().refresh_attempts;
    for _ in 0..5 {
        assert!(session.run(&Me {}).await.unwrap_err().is_login_required());
    }
    assert_eq!((attempts, sandbox.counts().refresh_attempts), (1, 1));
    assert!(!session.status().await.unwrap().logged_in);
}

#[tokio::test]
async fn point_23_no_token_is_handed_out_before_it_is_written_and_none_is_lost() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Troubled::default();
    let session = builder(&sandbox)
        .store(Arc::new(store.clone()))
        .retries(impatient())
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    store.full.store(true, Ordering::SeqCst);
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    assert_eq!(
        (
            sandbox.counts().refreshes,
            sandbox.counts().graphql_executions
        ),
        (1, 0)
    );
    // The disk has room again: the tokens are written then, and no second refresh spends the old
    // one.
    store.full.store(false, Ordering::SeqCst);
    session.run(&Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.families_revoked), (1, 0));
}

#[tokio::test]
async fn point_41_a_write_goes_on_while_the_store_restarts_and_knows_its_own_work_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Troubled::default();
    let session = builder(&sandbox).store(store.clone()).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    store.full.store(true, Ordering::SeqCst);
    let running = tokio::spawn({
        let session = session.clone();
        async move { session.run(&Me {}).await }
    });
    while sandbox.counts().refreshes == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Longer than a moment, and then a write that is carried out without an answer.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!running.is_finished());
    store.lost.store(2, Ordering::SeqCst);
    store.full.store(false, Ordering::SeqCst);
    running.await.unwrap().unwrap();
    // A new login is as hard to get again.
    store.lost.store(1, Ordering::SeqCst);
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.families_revoked), (1, 0));
}

/// What a store does that is stopped, not refused.
#[derive(Clone, Default)]
struct Stopped {
    inner: MemoryStore,
    loads: Arc<AtomicBool>,
    locks: Arc<AtomicBool>,
}

impl Store for Stopped {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        if self.loads.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        self.inner.load(key)
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        if self.locks.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        self.inner.lock(key, hold)
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        self.inner.location(key)
    }
}

#[tokio::test]
async fn point_42_a_store_that_is_stopped_is_waited_for_with_an_end() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Stopped::default();
    let session = builder(&sandbox).store(store.clone()).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    for stopped in [&store.loads, &store.locks] {
        stopped.store(true, Ordering::SeqCst);
        let running = tokio::spawn({
            let session = session.clone();
            async move { session.run(&Me {}).await }
        });
        // Until the API has refused the token and the store is waited for.
        while sandbox.counts().graphql_requests == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(600)).await;
        tokio::time::resume();
        let error = running.await.unwrap().unwrap_err();
        assert!(
            matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Unavailable),
            "{error}"
        );
        stopped.store(false, Ordering::SeqCst);
    }
    assert_eq!(sandbox.counts().refresh_attempts, 0);
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn point_42_a_token_that_lives_is_used_on_while_the_store_is_down() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Troubled::default();
    let first = builder(&sandbox).store(store.clone()).build().unwrap();
    let status = log_in(&first, sandbox.scripted_user()).await.unwrap();
    // Due, and still good for twenty seconds.
    let soon = crate::support::now() + 20_000;
    crate::support::rewrite(&store.inner, &status, |record| {
        record["expires_at"] = soon.into();
    })
    .await;
    let session = builder(&sandbox).store(store.clone()).build().unwrap();
    sandbox
        .faults()
        .add(Place::Token, Fault::Status500)
        .times(3);
    session.run(&Me {}).await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    while store.turned_away.load(Ordering::SeqCst) == 0 {
        session.run(&Me {}).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nothing makes up for a token that the API refuses.
    sandbox.expire_access_tokens();
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    store.down.store(false, Ordering::SeqCst);
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn point_43_who_waits_for_the_lock_learns_of_the_failure_and_does_not_repeat_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = MemoryStore::new();
    let first = builder(&sandbox).store(store.clone()).build().unwrap();
    let status = log_in(&first, sandbox.scripted_user()).await.unwrap();
    crate::support::rewrite(&store, &status, |record| record["expires_at"] = 0.into()).await;
    sandbox
        .faults()
        .add(Place::Token, Fault::HungAfter)
        .forever();
    let limits = Limits::new().timeout(Duration::from_secs(1));
    let hasty = || {
        let builder = builder(&sandbox).store(store.clone()).limits(limits);
        builder.build().unwrap()
    };
    let before = sandbox.counts().faults_played;
    let waiting: Vec<_> = (0..6).map(|_| tokio::spawn(process_run(hasty()))).collect();
    for task in waiting {
        let error = task.await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Transport { .. }), "{error}");
        assert!(!error.is_login_required());
    }
    // One of them, and its one more try after a lost answer.
    assert_eq!(sandbox.counts().faults_played - before, 2);
}

async fn process_run(session: attendium::Session) -> Result<(), Error> {
    session.run(&Me {}).await.map(drop)
}

#[tokio::test]
async fn point_40_a_full_store_is_found_out_before_the_refresh_token_is_spent() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Troubled::default();
    let session = builder(&sandbox).store(store.clone()).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    store.no_room.store(true, Ordering::SeqCst);
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    assert_eq!(sandbox.counts().refresh_attempts, 0);
    store.no_room.store(false, Ordering::SeqCst);
    session.run(&Me {}).await.unwrap();
    assert_eq!(sandbox.counts().refresh_attempts, 1);
}

#[tokio::test]
async fn point_40_files_hold_room_for_a_record_and_give_it_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = attendium::store::FileStore::new(directory.path());
    let key = StoreKey::new(
        "a",
        "https://api.example.com",
        attendium::store::Slot::Profile("p".into()),
    );
    let temporary = || {
        let entries = std::fs::read_dir(directory.path()).unwrap();
        let entries = entries.map(|entry| entry.unwrap());
        let temporary =
            entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "tmp"));
        let sizes = temporary.map(|entry| entry.metadata().unwrap().len());
        sizes.collect::<Vec<_>>()
    };
    let mut locked = store.lock(&key, Duration::ZERO).await.unwrap();
    locked.reserve(5000).await.unwrap();
    assert_eq!(temporary(), [5000]);
    locked.reserve(6000).await.unwrap();
    assert_eq!(temporary(), [6000]);
    let secret = SecretString::from("s".repeat(40));
    let version = locked.replace(None, Some(secret)).await.unwrap();
    assert!(temporary().is_empty());
    let found = locked.load().await.unwrap().unwrap();
    assert_eq!(
        (found.version, found.secret.expose_secret().len()),
        (version, 40)
    );
    // Not used: given back with the lock, and by dropping it.
    locked.reserve(100).await.unwrap();
    locked.release().await;
    assert!(temporary().is_empty());
    let mut locked = store.lock(&key, Duration::ZERO).await.unwrap();
    locked.reserve(100).await.unwrap();
    drop(locked);
    assert!(temporary().is_empty());
    // Longer than the room: the record is whole all the same.
    let mut locked = store.lock(&key, Duration::ZERO).await.unwrap();
    locked.reserve(10).await.unwrap();
    let secret = SecretString::from("t".repeat(9000));
    locked.replace(Some(version), Some(secret)).await.unwrap();
    let found = locked.load().await.unwrap().unwrap();
    assert_eq!(found.secret.expose_secret().len(), 9000);
}

#[tokio::test]
async fn point_41_unsaved_tokens_are_found_by_another_handle_of_the_session() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Troubled::default();
    let server = builder(&sandbox)
        .store(store.clone())
        .retries(impatient())
        .build()
        .unwrap();
    // As a web server does: a handle for each request.
    let request = || server.for_profile("ann").unwrap();
    log_in(&request(), sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    store.full.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let error = request().run(&Me {}).await.unwrap_err();
        assert!(matches!(error, Error::Store(_)), "{error}");
    }
    let error = server
        .for_profile("bob")
        .unwrap()
        .run(&Me {})
        .await
        .unwrap_err();
    assert!(
        error.is_login_required(),
        "another profile has its own: {error}"
    );
    store.full.store(false, Ordering::SeqCst);
    request().run(&Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.families_revoked), (1, 0));
}

#[tokio::test]
async fn point_41_a_logout_and_a_new_login_leave_no_unsaved_tokens_behind() {
    for ends_with_login in [false, true] {
        let sandbox = Sandbox::start().await.unwrap();
        let store = Troubled::default();
        let builder = builder(&sandbox)
            .store(store.clone())
            .retries(impatient())
            .revoke_replaced_logins(true);
        let session = builder.build().unwrap();
        log_in(&session, sandbox.scripted_user()).await.unwrap();
        sandbox.expire_access_tokens();
        store.full.store(true, Ordering::SeqCst);
        session.run(&Me {}).await.unwrap_err();
        store.full.store(false, Ordering::SeqCst);
        if ends_with_login {
            log_in(&session, sandbox.scripted_user()).await.unwrap();
            session.run(&Me {}).await.unwrap();
        } else {
            assert!(session.logout().await.unwrap().revoked);
            assert!(session.run(&Me {}).await.unwrap_err().is_login_required());
        }
        let counts = sandbox.counts();
        assert_eq!((counts.revocations, counts.refresh_attempts), (1, 1));
    }
}

#[tokio::test]
async fn point_23_a_refresh_runs_to_its_end_when_the_task_is_dropped() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox.expire_access_tokens();
    sandbox.faults().add(Place::Token, Fault::Slow);
    let task = tokio::spawn({
        let session = session.clone();
        async move { session.run(&Me {}).await }
    });
    while sandbox.faults().waiting(Place::Token) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    session.wait_for_refresh().await;
    assert_eq!(sandbox.counts().refreshes, 1);
    session.run(&Me {}).await.unwrap();
    assert_eq!(sandbox.counts().refresh_attempts, 1);
}

#[tokio::test]
async fn point_22_a_revoked_family_is_login_required_wherever_it_shows() {
    for place in [Place::Token, Place::Graphql] {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        if place == Place::Token {
            sandbox.expire_access_tokens();
        }
        sandbox.faults().add(place, Fault::RevokedFamily);
        let error = session.run(&Me {}).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::LoginRequired {
                    reason: LoginRequired::Expired,
                    ..
                }
            ),
            "{place}: {error}"
        );
        log_in(&session, sandbox.scripted_user()).await.unwrap();
        session.run(&Me {}).await.unwrap();
    }
}
