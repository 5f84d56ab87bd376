//! The storm over PostgreSQL: the same eight processes, with nothing in common but the database.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use attendium::store::PostgresStore;
use attendium_sandbox::Sandbox;
use rustix::process::{Pid, Signal, kill_process};

use crate::child::log_in;
use crate::outages::Database;
use crate::storm;

/// A database server of its own, on a socket in a temporary directory.
pub struct Server {
    process: Child,
    directory: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = command("initdb", directory.path())
            .args(["-A", "trust", "-U", "attendium", "--no-sync", "-D", "data"])
            .status();
        assert!(
            made.expect("these tests need PostgreSQL's `initdb` on the path")
                .success()
        );
        let process = launch(directory.path());
        Self { process, directory }
    }

    pub fn configuration(&self) -> String {
        format!(
            "host={} user=attendium dbname=postgres",
            self.directory.path().display()
        )
    }

    /// Sends a signal to the server and each of its processes.
    fn signal(&self, signal: Signal) {
        let id = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let children = children
            .split_whitespace()
            .map(|id| id.parse::<i32>().unwrap());
        // The server first: it would start processes anew.
        let own = i32::try_from(id).unwrap();
        for id in [own].into_iter().chain(children).filter_map(Pid::from_raw) {
            // One of its processes may have ended meanwhile.
            let _ = kill_process(id, signal);
        }
    }

    async fn connect(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let configuration: tokio_postgres::Config = self.configuration().parse().unwrap();
        let (client, connection) = configuration.connect(tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    pub async fn store(&self) -> PostgresStore {
        while self.connect().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        PostgresStore::connect(&self.configuration()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown; SIGKILL would leave its children and shared memory
        // behind.
        self.shut_down();
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
        let _ = kill_process(Pid::from_child(&self.process), Signal::INT);
        let _ = self.process.wait();
    }

    fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.process.wait();
    }

    async fn start_again(&mut self) {
        self.process = launch(self.directory.path());
        while self.connect().await.is_err() {
            // It ends by itself while processes of the server that was killed still live.
            if self.process.try_wait().unwrap().is_some() {
                self.process = launch(self.directory.path());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn refuse_writes(&self, refuse: bool) {
        let client = self.connect().await.unwrap();
        let setting = format!("alter system set default_transaction_read_only = {refuse}");
        client
            .batch_execute("set default_transaction_read_only = false")
            .await
            .unwrap();
        client.batch_execute(&setting).await.unwrap();
        client
            .batch_execute("select pg_reload_conf()")
            .await
            .unwrap();
    }

    async fn is_unlocked(&self) -> bool {
        let client = self.connect().await.unwrap();
        let locked = "select 1 from attendium_credentials where lock_owner is not null";
        client.query(locked, &[]).await.unwrap().is_empty()
    }
}

/// A command that works in this directory. PostgreSQL refuses to run as root; then it runs as
/// nobody.
fn command(name: &str, directory: &Path) -> Command {
    let mut command = Command::new(name);
    if std::os::unix::fs::chown(directory, Some(65534), Some(65534)).is_ok() {
        command.uid(65534).gid(65534);
    }
    command
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn launch(directory: &Path) -> Child {
    let settings = ["listen_addresses=", "fsync=off", "max_connections=50"];
    command("postgres", directory)
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .arg("-k")
        .arg(directory)
        .args(["-D", "data"])
        .spawn()
        .expect("these tests need `postgres` on the path")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_postgres_conforms_and_fences_late_writers() {
    use attendium::store::{Slot, Store as _, StoreKey};

    let server = Server::start();
    let store = server.store().await;
    crate::conformance::conforms(Arc::new(store.clone())).await;
    // A lock that has run out: the late writer changes nothing, and the one who came after is not
    // disturbed by the late release.
    let key = StoreKey::new(
        "Guest list",
        "https://api.example.com",
        Slot::Profile("late".into()),
    );
    let mut late = store.lock(&key, Duration::from_secs(1)).await.unwrap();
    let client = server.connect().await.unwrap();
    client
        .execute(
            "update attendium_credentials set lock_until = now() - interval '1 second'",
            &[],
        )
        .await
        .unwrap();
    // Also before anybody else has it.
    let error = late.replace(None, Some("late".into())).await.unwrap_err();
    assert_eq!(error.kind(), attendium::StoreErrorKind::LockLost);
    let mut next = store.lock(&key, Duration::from_secs(1)).await.unwrap();
    let error = late.replace(None, Some("late".into())).await.unwrap_err();
    assert_eq!(error.kind(), attendium::StoreErrorKind::LockLost);
    late.release().await;
    next.replace(None, Some("next".into())).await.unwrap();
    next.release().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_postgres_makes_its_table_only_where_there_is_none() {
    use attendium::store::{Slot, Store as _, StoreKey};

    let server = Server::start();
    let slot = Slot::Profile("ann".into());
    let key = StoreKey::new("Guest list", "https://api.example.com", slot);
    let owners = server.store().await;
    let mut locked = owners.lock(&key, Duration::from_secs(1)).await.unwrap();
    locked.replace(None, Some("secret".into())).await.unwrap();
    locked.release().await;
    let client = server.connect().await.unwrap();
    // PostgreSQL 15 gives nobody but the owner the right to make a table in `public`.
    let role = "revoke create on schema public from public;
        create role service login;
        grant select, insert, update on attendium_credentials to service";
    client.batch_execute(role).await.unwrap();
    let services = server
        .configuration()
        .replace("user=attendium", "user=service");
    let services = PostgresStore::connect(&services).unwrap();
    assert!(services.load(&key).await.unwrap().is_some());
    services
        .lock(&key, Duration::from_secs(1))
        .await
        .unwrap()
        .release()
        .await;
    // Also while nothing can be written.
    server.refuse_writes(true).await;
    let readers = PostgresStore::connect(&server.configuration()).unwrap();
    assert!(readers.load(&key).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_storm_over_postgres_refreshes_once_and_loses_nothing() {
    let server = Server::start();
    let store = Arc::new(server.store().await);
    let sandbox = Sandbox::start().await.unwrap();
    let nowhere = PathBuf::new();
    let session = crate::child::builder(sandbox.base_url(), &nowhere)
        .store(store)
        .build()
        .unwrap();
    log_in(&session, &sandbox).await;
    storm::run(
        &sandbox,
        &[
            ("STORM_BASE_URL", sandbox.base_url()),
            ("STORM_POSTGRES", &server.configuration()),
        ],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_21_storms_with_kills_over_postgres_cost_a_login_only_in_that_window() {
    let server = Server::start();
    let store = Arc::new(server.store().await);
    let sandbox = Sandbox::start().await.unwrap();
    let session = crate::child::builder(sandbox.base_url(), &PathBuf::new())
        .store(store)
        .build()
        .unwrap();
    let variables = [("STORM_POSTGRES", &*server.configuration())];
    crate::kill::storms(&sandbox, &session, &variables).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_42_a_database_that_is_stopped_is_an_error_in_its_time_and_used_again_afterwards() {
    use attendium::StoreErrorKind;
    use attendium::store::{Slot, Store as _, StoreKey};
    use std::time::Instant;

    let server = Server::start();
    let store = server.store().await;
    let key = |name: &str| {
        let slot = Slot::Profile(name.into());
        StoreKey::new("Guest list", "https://api.example.com", slot)
    };
    assert!(store.load(&key("ann")).await.unwrap().is_none());
    server.signal(Signal::STOP);
    let began = Instant::now();
    // Several users, one behind the other, with the connection that hangs and with a new one.
    let mut waiting = Vec::new();
    for (name, wait) in [("ann", 0), ("bob", 100), ("cleo", 11_000), ("dan", 11_100)] {
        let (store, key) = (store.clone(), key(name));
        waiting.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let began = Instant::now();
            let result = match name {
                "bob" | "dan" => store.lock(&key, Duration::from_secs(1)).await.map(drop),
                _ => store.load(&key).await.map(drop),
            };
            (result, began.elapsed())
        }));
    }
    let mut ended = Vec::new();
    for task in waiting {
        ended.push(task.await.unwrap());
    }
    server.signal(Signal::CONT);
    for (result, waited) in ended {
        assert_eq!(result.unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert!(waited < Duration::from_secs(15), "{waited:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(40));
    assert!(store.load(&key("ann")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_42_outages_of_postgres_cost_no_login() {
    let mut server = Server::start();
    let store = Arc::new(server.store().await);
    let sandbox = Sandbox::start().await.unwrap();
    let session = crate::child::builder(sandbox.base_url(), &PathBuf::new())
        .store(store)
        .build()
        .unwrap();
    let configuration = server.configuration();
    let variables = [("STORM_POSTGRES", &*configuration)];
    crate::outages::storms(&mut server, &session, &sandbox, &variables).await;
}
