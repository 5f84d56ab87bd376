//! The storm over Redis: the same eight processes, with nothing in common but the server.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use attendium::store::{RedisStore, Slot, Store as _, StoreKey};
use attendium_sandbox::Sandbox;
use rustix::process::{Pid, Signal, kill_process};

use crate::child::{builder, log_in};
use crate::outages::Database;
use crate::storm;

/// A server of its own, on a socket in a temporary directory.
struct Server {
    process: Child,
    directory: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let process = launch(directory.path());
        let server = Self { process, directory };
        server.wait_until_ready().await;
        server
    }

    async fn wait_until_ready(&self) {
        // It answers before it has read its data.
        while self.ask::<()>(&["PING"]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> redis::RedisResult<T> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let mut asking = redis::cmd(command[0]);
        asking.arg(&command[1..]);
        asking.query_async(&mut connection).await
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    fn url(&self) -> String {
        format!("redis+unix://{}/socket", self.directory.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Database for Server {
    fn stop(&self) {
        self.signal(Signal::STOP);
    }

    fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn shut_down(&mut self) {
        self.signal(Signal::TERM);
        self.process.wait().unwrap();
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    async fn start_again(&mut self) {
        self.process = launch(self.directory.path());
        self.wait_until_ready().await;
    }

    async fn refuse_writes(&self, refuse: bool) {
        let room = if refuse { "1" } else { "0" };
        let set = ["CONFIG", "SET", "maxmemory", room];
        self.ask::<()>(&set).await.unwrap();
    }

    async fn is_unlocked(&self) -> bool {
        let locks: Vec<String> = self.ask(&["KEYS", "attendium:*:lock"]).await.unwrap();
        locks.is_empty()
    }
}

/// One that writes before it answers: otherwise a kill takes back what was acknowledged, up to two
/// seconds of it.
fn launch(directory: &Path) -> Child {
    Command::new("redis-server")
        .args(["--port", "0", "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .arg("--unixsocket")
        .arg(directory.join("socket"))
        .current_dir(directory)
        .stdout(Stdio::null())
        .spawn()
        .expect("these tests need `redis-server` on the path")
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_42_outages_of_redis_cost_no_login() {
    let mut server = Server::start().await;
    let store = Arc::new(RedisStore::connect(&server.url()).unwrap());
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(sandbox.base_url(), &PathBuf::new())
        .store(store)
        .build()
        .unwrap();
    let url = server.url();
    let variables = [("STORM_REDIS", &*url)];
    crate::outages::storms(&mut server, &session, &sandbox, &variables).await;
}
