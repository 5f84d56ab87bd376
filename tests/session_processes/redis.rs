//! The storm over Redis: the same eight processes, with nothing in common but the server.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use attendium::store::{RedisStore, Slot, Store as _, StoreKey};
use attendium_sandbox::Sandbox;

use crate::child::{builder, log_in};
use crate::storm;

/// A server of its own, on a socket in a temporary directory.
struct Server {
    process: Child,
    directory: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "yes"])
            .arg("--unixsocket")
            .arg(directory.path().join("socket"))
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("these tests need `redis-server` on the path");
        let server = Self { process, directory };
        let client = redis::Client::open(server.url()).unwrap();
        while client.get_multiplexed_async_connection().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server
    }

    fn url(&self) -> String {
        format!("redis+unix://{}/socket", self.directory.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_redis_conforms_and_fences_late_writers() {
    let server = Server::start().await;
    let store = RedisStore::connect(&server.url()).unwrap();
    crate::conformance::conforms(Arc::new(store.clone())).await;
    // A lock that has run out: the late writer changes nothing, and the one who came after is not
    // disturbed by the late release.
    let slot = Slot::Profile("late".into());
    let key = StoreKey::new("Guest list", "https://api.example.com", slot);
    let mut late = store.lock(&key, Duration::from_secs(30)).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let lock = format!("{}:lock", store.location(&key).location);
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    // It lives longer than the work may take, and not for ever.
    let ttl: i64 = redis::cmd("PTTL")
        .arg(&lock)
        .query_async(&mut connection)
        .await
        .unwrap();
    assert!((30_001..60_000).contains(&ttl), "{ttl}");
    let removed: i64 = redis::cmd("DEL")
        .arg(lock)
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(removed, 1);
    let mut next = store.lock(&key, Duration::from_secs(1)).await.unwrap();
    let error = late.replace(None, Some("late".into())).await.unwrap_err();
    assert_eq!(error.kind(), attendium::StoreErrorKind::LockLost);
    late.release().await;
    next.replace(None, Some("next".into())).await.unwrap();
    next.release().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_storm_over_redis_refreshes_once_and_loses_nothing() {
    let server = Server::start().await;
    let store = Arc::new(RedisStore::connect(&server.url()).unwrap());
    let sandbox = Sandbox::start().await.unwrap();
    let nowhere = PathBuf::new();
    let session = builder(sandbox.base_url(), &nowhere)
        .store(store)
        .build()
        .unwrap();
    log_in(&session, &sandbox).await;
    storm::run(
        &sandbox,
        &[
            ("STORM_BASE_URL", sandbox.base_url()),
            ("STORM_REDIS", &server.url()),
        ],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_storms_with_kills_over_redis_cost_a_login_only_in_that_window() {
    let server = Server::start().await;
    let store = Arc::new(RedisStore::connect(&server.url()).unwrap());
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(sandbox.base_url(), &PathBuf::new())
        .store(store)
        .build()
        .unwrap();
    let variables = [("STORM_REDIS", &*server.url())];
    crate::kill::storms(&sandbox, &session, &variables).await;
}
