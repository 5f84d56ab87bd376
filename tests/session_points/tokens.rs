use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use attendium::store::{Key, Locked, MemoryStore, Place as StoredAt, Store, Stored};
use attendium::transport::{Boxed, Limits, TransportError, TransportErrorKind};
use attendium::{Error, LoginRequired, Me, Session, Status, StoreError, StoreErrorKind};
use attendium_sandbox::{Fault, Place, Sandbox};
use secrecy::SecretString;

use crate::support::{
    REDIRECT, Scripted, builder, json, log_in, logged_in, parameter, quick, scripted, session,
    with_header,
};

const ME: &str = r#"{"data":{"me":{"id":"7"}}}"#;

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
                session.run(Me {}).await
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
            .store(attendium::Stores::file_in(directory.path()))
            .build()
            .unwrap()
    };
    let (one, two) = (process(), process());
    log_in(&one, sandbox.scripted_user()).await.unwrap();
    two.run(Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    one.run(Me {}).await.unwrap();
    two.run(Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.families_revoked), (1, 0));
}

#[tokio::test]
async fn point_21_a_lock_that_can_not_be_had_never_means_go_on_without() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut limits = Limits::default();
    limits.total = Duration::from_secs(2);
    let mut retries = quick();
    retries.total = Duration::ZERO;
    let session = builder(&sandbox)
        .store(attendium::Stores::file_in(directory.path()))
        .limits(limits)
        .retries(retries)
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
    let error = session.run(Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::LockTimeout),
        "{error}"
    );
    assert_eq!(sandbox.counts().refresh_attempts, 0);
    held.unlock().unwrap();
    session.run(Me {}).await.unwrap();
}

/// A memory store in which something can go wrong under the lock.
#[derive(Clone, Default)]
struct Troubled {
    inner: MemoryStore,
    /// Writes fail.
    full: Arc<AtomicBool>,
    /// What somebody who has stolen the lock writes before the next but one load under it.
    thief: Arc<std::sync::Mutex<Option<SecretString>>>,
    writes: Arc<AtomicUsize>,
}

struct TroubledLock {
    store: Troubled,
    inner: Box<dyn Locked>,
    loads: usize,
}

impl Store for Troubled {
    fn load<'a>(&'a self, key: &'a Key) -> Boxed<'a, Result<Option<Stored>, StoreError>> {
        self.inner.load(key)
    }

    fn lock<'a>(
        &'a self,
        key: &'a Key,
        hold: Duration,
    ) -> Boxed<'a, Result<Box<dyn Locked>, StoreError>> {
        Box::pin(async move {
            let inner = self.inner.lock(key, hold).await?;
            Ok(Box::new(TroubledLock {
                store: self.clone(),
                inner,
                loads: 0,
            }) as Box<dyn Locked>)
        })
    }

    fn place(&self, key: &Key) -> StoredAt {
        self.inner.place(key)
    }
}

impl Locked for TroubledLock {
    fn load(&mut self) -> Boxed<'_, Result<Option<Stored>, StoreError>> {
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
    ) -> Boxed<'_, Result<u64, StoreError>> {
        if self.store.full.load(Ordering::SeqCst) {
            return Box::pin(async {
                Err(StoreError::new("a full disk", StoreErrorKind::Unavailable))
            });
        }
        self.store.writes.fetch_add(1, Ordering::SeqCst);
        self.inner.replace(expected, secret)
    }

    fn release(self: Box<Self>) -> Boxed<'static, ()> {
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
    let key = Key::new(
        status.application,
        status.issuer,
        attendium::store::Slot::Profile("default".into()),
    );
    let record = winners.load(&key).await.unwrap().unwrap().secret;
    *store.thief.lock().unwrap() = Some(record);

    sandbox.faults().add(Place::Graphql, Fault::InvalidToken);
    sandbox.faults().add(Place::Token, Fault::InvalidGrant);
    loser.run(Me {}).await.unwrap();
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
    let error = session.run(Me {}).await.unwrap_err();
    assert!(
        matches!(error, Error::LoginRequired(LoginRequired::Expired)),
        "{error}"
    );
    let attempts = sandbox.counts().refresh_attempts;
    for _ in 0..5 {
        assert!(session.run(Me {}).await.unwrap_err().is_login_required());
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
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    store.full.store(true, Ordering::SeqCst);
    let error = session.run(Me {}).await.unwrap_err();
    assert!(matches!(error, Error::Store(_)), "{error}");
    assert_eq!(
        (
            sandbox.counts().refreshes,
            sandbox.counts().graphql_executions
        ),
        (1, 0)
    );
    // The disk has room again: the tokens are written then, and no second refresh spends the old one.
    store.full.store(false, Ordering::SeqCst);
    session.run(Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refresh_attempts, counts.families_revoked), (1, 0));
}

#[tokio::test]
async fn point_23_a_refresh_runs_to_its_end_when_the_task_is_dropped() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox.expire_access_tokens();
    sandbox.faults().add(Place::Token, Fault::Slow);
    let task = tokio::spawn({
        let session = session.clone();
        async move { session.run(Me {}).await }
    });
    while sandbox.faults().waiting(Place::Token) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    session.settled().await;
    assert_eq!(sandbox.counts().refreshes, 1);
    session.run(Me {}).await.unwrap();
    assert_eq!(sandbox.counts().refresh_attempts, 1);
}

#[tokio::test]
async fn point_24_lenient_answers_are_understood() {
    for fault in [
        Fault::NoTokenType,
        Fault::StringExpiresIn,
        Fault::FloatExpiresIn,
        Fault::NoExpiresIn,
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(Place::Token, fault);
        let session = logged_in(&sandbox).await;
        let expires_at = session.status().await.unwrap().expires_at;
        assert_eq!(expires_at.is_none(), fault == Fault::NoExpiresIn, "{fault}");
        session.run(Me {}).await.unwrap();
        // Without an expiry, the 401 says it.
        sandbox.expire_access_tokens();
        session.run(Me {}).await.unwrap();
        assert_eq!(sandbox.counts().refreshes, 1, "{fault}");
    }
}

#[tokio::test]
async fn point_24_no_new_refresh_token_keeps_the_old_one() {
    let sandbox = Sandbox::builder()
        .refresh_token_rotation(false)
        .start()
        .await
        .unwrap();
    let session = logged_in(&sandbox).await;
    for _ in 0..3 {
        sandbox.expire_access_tokens();
        sandbox.faults().add(Place::Token, Fault::NoRefreshToken);
        session.run(Me {}).await.unwrap();
    }
    assert_eq!(sandbox.counts().refreshes, 3);
    assert!(session.status().await.unwrap().refreshable);
}

#[tokio::test]
async fn point_24_a_login_without_a_refresh_token_lasts_as_long_as_its_access_token() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Token, Fault::NoRefreshToken);
    let session = logged_in(&sandbox).await;
    session.run(Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    let error = session.run(Me {}).await.unwrap_err();
    assert!(
        matches!(error, Error::LoginRequired(LoginRequired::NotRefreshable)),
        "{error}"
    );
}

#[tokio::test]
async fn point_24_tokens_of_another_type_and_answers_without_a_token_are_refused() {
    for fault in [Fault::OtherTokenType, Fault::NoAccessToken] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(Place::Token, fault);
        let error = log_in(&session(&sandbox), sandbox.scripted_user())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{fault}: {error}");
    }
}

#[tokio::test]
async fn point_25_a_token_is_refreshed_ahead_of_its_expiry() {
    // Expired as soon as it is there: whatever the margin, the refresh comes before the request.
    let (session, transport) = scripted(0).await;
    transport.push(json(
        200,
        r#"{"access_token":"access-2","expires_in":3600}"#,
    ));
    transport.push(json(200, ME));
    transport.push(json(200, ME));
    session.run(Me {}).await.unwrap();
    session.run(Me {}).await.unwrap();
    assert_eq!((transport.count("/t"), transport.count("/graphql")), (2, 2));
    assert_eq!(
        transport.requests.lock().unwrap().last().unwrap().headers()["authorization"],
        "Bearer access-2"
    );
}

/// Keeps the time at which a request for tokens came, and lets it wait.
#[derive(Clone)]
struct Late(Scripted, Arc<std::sync::Mutex<Vec<u64>>>);

impl attendium::transport::Transport for Late {
    fn send(&self, request: http::Request<bytes::Bytes>) -> Boxed<'_, crate::support::Answer> {
        let token = request.uri().path() == "/t";
        let answer = self.0.send(request);
        Box::pin(async move {
            if token {
                self.1.lock().unwrap().push(now());
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            answer.await
        })
    }
}

#[tokio::test]
async fn point_25_a_lifetime_counts_from_before_the_request_and_so_does_a_refreshed_one() {
    let tokens = r#"{"access_token":"a","refresh_token":"r","expires_in":0}"#;
    let refreshed = r#"{"access_token":"b","expires_in":3600}"#;
    let scripted = Scripted::new([
        json(200, crate::support::METADATA),
        json(201, r#"{"client_id":"c"}"#),
        json(200, tokens),
        json(200, refreshed),
        json(200, ME),
    ]);
    let late = Late(scripted, Arc::default());
    let store = MemoryStore::default();
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application("a")
        .transport(late.clone())
        .store(Arc::new(store.clone()))
        .build()
        .unwrap();
    let (url, pending) = session.begin(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=c&state={state}");
    let status = session.finish(pending, &query).await.unwrap();
    let expiry = async || {
        let mut expires_at = 0;
        rewrite(&store, &status, |record| {
            expires_at = record["expires_at"].as_u64().unwrap()
        })
        .await;
        expires_at
    };
    assert!(expiry().await <= late.1.lock().unwrap()[0]);
    session.run(Me {}).await.unwrap();
    let asked = late.1.lock().unwrap()[1];
    assert!(expiry().await <= asked + 3_600_000);
}

#[tokio::test]
async fn point_26_a_401_overrides_the_clock_and_is_replayed_once() {
    for fault in [Fault::InvalidToken, Fault::Unauthenticated200] {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.faults().add(Place::Graphql, fault);
        session.run(Me {}).await.unwrap();
        let counts = sandbox.counts();
        assert_eq!(
            (
                counts.refreshes,
                counts.graphql_requests,
                counts.graphql_executions
            ),
            (1, 2, 1),
            "{fault}"
        );
        // A second one in a row is an error, and no loop.
        sandbox.faults().add(Place::Graphql, fault).times(2);
        let error = session.run(Me {}).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized), "{fault}: {error}");
        assert_eq!(
            (
                sandbox.counts().refreshes,
                sandbox.counts().graphql_requests
            ),
            (2, 4)
        );
    }
}

#[tokio::test]
async fn point_26_a_token_that_changed_meanwhile_is_tried_before_a_refresh() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = attendium::Stores::memory();
    let process = || builder(&sandbox).store(store.clone()).build().unwrap();
    let (one, two) = (process(), process());
    log_in(&one, sandbox.scripted_user()).await.unwrap();
    two.run(Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    one.run(Me {}).await.unwrap();
    two.run(Me {}).await.unwrap();
    assert_eq!(sandbox.counts().refresh_attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn point_28_retry_after_is_honoured_in_seconds_and_as_a_date() {
    let soon = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(20));
    for (status, value, least, most) in [
        (429, "7", 7, 8),
        (503, "7", 7, 8),
        (429, soon.as_str(), 15, 21),
        (503, soon.as_str(), 15, 21),
    ] {
        let (session, transport) = scripted(0).await;
        transport.push(with_header(status, "retry-after", value, "later"));
        transport.push(json(
            200,
            r#"{"access_token":"access-2","expires_in":3600}"#,
        ));
        transport.push(json(200, ME));
        let began = tokio::time::Instant::now();
        session.run(Me {}).await.unwrap();
        let waited = began.elapsed().as_secs();
        assert!(
            (least..=most).contains(&waited),
            "{status} {value}: {waited}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn point_28_a_wait_that_is_too_long_is_the_callers_to_decide() {
    let (session, transport) = scripted(0).await;
    transport.push(with_header(429, "retry-after", "3600", "later"));
    let error = session.run(Me {}).await.unwrap_err();
    assert!(
        matches!(error, Error::Status { status: 429, retry_after: Some(wait), .. } if wait.as_secs() == 3600),
        "{error}"
    );
    assert!(session.status().await.unwrap().logged_in);
}

#[tokio::test(start_paused = true)]
async fn point_28_server_errors_and_connections_are_tried_again_and_bounded() {
    let connect = || Err(TransportError::new(TransportErrorKind::Connect));
    let (session, transport) = scripted(0).await;
    transport.push(json(500, "{}"));
    transport.push(connect());
    transport.push(json(
        200,
        r#"{"access_token":"access-2","expires_in":3600}"#,
    ));
    transport.push(json(200, ME));
    session.run(Me {}).await.unwrap();

    let (session, transport) = scripted(0).await;
    for _ in 0..10 {
        transport.push(json(502, "{}"));
    }
    session.run(Me {}).await.unwrap_err();
    // The exchange, and three tries of the refresh.
    assert_eq!(transport.count("/t"), 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn point_28_a_lost_answer_to_a_refresh_is_tried_once_more() {
    let lost = || Err(TransportError::new(TransportErrorKind::Interrupted));
    let (session, transport) = scripted(0).await;
    for _ in 0..5 {
        transport.push(lost());
    }
    session.run(Me {}).await.unwrap_err();
    assert_eq!(transport.count("/t"), 1 + 2);
}

#[tokio::test]
async fn point_28_a_code_is_exchanged_once() {
    for fault in [
        Fault::DroppedAfter,
        Fault::DroppedBefore,
        Fault::Truncated,
        Fault::Status500,
        Fault::Html,
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(Place::Token, fault);
        log_in(&session(&sandbox), sandbox.scripted_user())
            .await
            .unwrap_err();
        assert_eq!(sandbox.faults().waiting(Place::Token), 0);
        assert!(sandbox.counts().code_exchanges <= 1, "{fault}");
        assert_eq!(
            (
                sandbox.counts().families_revoked,
                sandbox.counts().faults_played
            ),
            (0, 1),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn point_29_only_invalid_grant_ends_a_login() {
    let faults = [
        Fault::Status500,
        Fault::Status404,
        Fault::Html,
        Fault::Html200,
        Fault::DroppedBefore,
        Fault::OauthErrorWithStatus200,
        Fault::Redirect,
        Fault::NoAccessToken,
    ];
    for fault in faults {
        // A server that accepts the old token for a while, so that what a fault spent does not end the login.
        let sandbox = Sandbox::builder()
            .refresh_grace(Duration::from_secs(60))
            .start()
            .await
            .unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.expire_access_tokens();
        sandbox.faults().add(Place::Token, fault).forever();
        let error = session.run(Me {}).await.unwrap_err();
        assert!(!error.is_login_required(), "{fault}: {error}");
        assert!(session.status().await.unwrap().logged_in, "{fault}");
        sandbox.faults().clear();
        session.run(Me {}).await.unwrap();
        assert_eq!(sandbox.counts().code_exchanges, 1);
    }
}

#[tokio::test]
async fn point_29_a_server_that_is_down_erases_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = attendium::Stores::memory();
    let session = builder(&sandbox).store(store).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    drop(sandbox);
    let error = session.run(Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Transport { source, .. } if source.kind() == TransportErrorKind::Connect),
        "{error}"
    );
    assert!(session.status().await.unwrap().logged_in);
}

#[tokio::test]
async fn point_29_a_failing_refresh_ahead_of_expiry_uses_the_token_on() {
    // Ten seconds are left of an hour: due, and still good.
    let (session, transport) = expiring_soon().await;
    transport.push(json(500, "{}"));
    transport.push(json(500, "{}"));
    transport.push(json(500, "{}"));
    transport.push(json(200, ME));
    transport.push(json(200, ME));
    session.run(Me {}).await.unwrap();
    session.run(Me {}).await.unwrap();
    assert_eq!(transport.count("/graphql"), 2);
}

/// A session whose stored token has a tenth of a minute left.
async fn expiring_soon() -> (Session, Scripted) {
    let store = MemoryStore::default();
    let (source, _) = scripted(3600).await;
    drop(source);
    let transport = Scripted::new([
        json(200, crate::support::METADATA),
        json(201, r#"{"client_id":"c"}"#),
        json(
            200,
            r#"{"access_token":"access-1","refresh_token":"r","expires_in":3600}"#,
        ),
    ]);
    let build = |store: MemoryStore| {
        Session::builder()
            .base_url("https://api.example.com")
            .application("a")
            .transport(transport.clone())
            .store(Arc::new(store))
            .retries(quick())
            .build()
            .unwrap()
    };
    let first = build(store.clone());
    let (url, pending) = first.begin(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let status = first
        .finish(pending, &format!("code=c&state={state}"))
        .await
        .unwrap();
    let in_ten_seconds = now() + 10_000;
    rewrite(&store, &status, |record| {
        record["expires_at"] = in_ten_seconds.into();
    })
    .await;
    transport.push(json(200, crate::support::METADATA));
    (build(store), transport)
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64
}

/// Changes what is kept of a login, as another process might.
async fn rewrite(store: &dyn Store, of: &Status, change: impl FnOnce(&mut serde_json::Value)) {
    let slot = attendium::store::Slot::Profile(of.profile.clone());
    let key = Key::new(of.application.clone(), of.issuer.clone(), slot);
    let mut locked = store.lock(&key, Duration::ZERO).await.unwrap();
    let stored = locked.load().await.unwrap().unwrap();
    let mut record: serde_json::Value =
        serde_json::from_str(secrecy::ExposeSecret::expose_secret(&stored.secret)).unwrap();
    change(&mut record);
    let record = Some(SecretString::from(record.to_string()));
    locked.replace(Some(stored.version), record).await.unwrap();
    locked.release().await;
}

#[tokio::test]
async fn point_26_another_token_that_has_expired_is_not_tried_but_refreshed() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = MemoryStore::default();
    let session = builder(&sandbox)
        .store(Arc::new(store.clone()))
        .build()
        .unwrap();
    let status = log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(Me {}).await.unwrap();
    // Another process refreshed an hour ago, and its token has expired since; then ours is revoked.
    rewrite(&store, &status, |record| {
        record["access"] = "theirs-an-hour-ago".into();
        record["expires_at"] = (now() - 1000).into();
    })
    .await;
    sandbox.expire_access_tokens();
    session.run(Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refreshes, counts.graphql_requests), (1, 3));
}

#[tokio::test]
async fn point_30_logout_revokes_at_the_server_and_erases_here() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    let outcome = session.logout().await.unwrap();
    assert!(outcome.was_logged_in && outcome.revoked);
    assert_eq!(sandbox.counts().revocations, 1);
    assert!(session.run(Me {}).await.unwrap_err().is_login_required());
    let again = session.logout().await.unwrap();
    assert!(!again.was_logged_in && !again.revoked);
}

#[tokio::test]
async fn point_30_logout_erases_here_when_the_server_can_not_or_does_not_revoke() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox
        .faults()
        .add(Place::Revoke, Fault::Status500)
        .forever();
    let outcome = session.logout().await.unwrap();
    assert!(outcome.was_logged_in && !outcome.revoked);
    assert!(!session.status().await.unwrap().logged_in);

    let sandbox = Sandbox::builder()
        .revocation_endpoint(false)
        .start()
        .await
        .unwrap();
    let session = logged_in(&sandbox).await;
    assert!(!session.logout().await.unwrap().revoked);
    assert!(!session.status().await.unwrap().logged_in);
}

#[tokio::test]
async fn point_31_scopes_are_sent_recorded_and_missed_with_an_error_of_their_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).scopes(["read"]).build().unwrap();
    let (url, _) = session.begin(REDIRECT).await.unwrap();
    assert_eq!(parameter(url.as_str(), "scope").as_deref(), Some("read"));
    let status = log_in(&session, sandbox.scripted_user()).await.unwrap();
    assert_eq!(status.scopes, ["read"]);
    sandbox
        .faults()
        .add(Place::Graphql, Fault::InsufficientScope);
    let error = session.run(Me {}).await.unwrap_err();
    let Error::InsufficientScope { required } = &error else {
        panic!("{error}")
    };
    assert!(
        !required.is_empty() && error.to_string().contains(&required[0]),
        "{error}"
    );
    assert_eq!(
        sandbox.counts().refreshes,
        0,
        "a new token would have no more scopes"
    );
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
        let error = session.run(Me {}).await.unwrap_err();
        assert!(
            matches!(error, Error::LoginRequired(LoginRequired::Expired)),
            "{place}: {error}"
        );
        log_in(&session, sandbox.scripted_user()).await.unwrap();
        session.run(Me {}).await.unwrap();
    }
}
