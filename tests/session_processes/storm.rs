//! Eight processes with two hundred tasks each find one expired token, at a server that rotates
//! refresh tokens and revokes the family when an old one comes again.

use std::path::Path;
use std::sync::Arc;

use attendium::Me;
use attendium::store::Store;
use attendium_sandbox::Sandbox;

use crate::child::{Process, builder, log_in, say, variable, wait};

const PROCESSES: usize = 8;
const TASKS: usize = 200;

/// In the process: the store that its starter chose.
pub fn store() -> Arc<dyn Store> {
    #[cfg(feature = "postgres")]
    if let Some(configuration) = variable("STORM_POSTGRES") {
        return Arc::new(attendium::store::PostgresStore::connect(&configuration).unwrap());
    }
    #[cfg(feature = "redis")]
    if let Some(url) = variable("STORM_REDIS") {
        return Arc::new(attendium::store::RedisStore::connect(&url).unwrap());
    }
    #[cfg(feature = "keyring")]
    if variable("STORM_KEYRING").is_some() {
        return Arc::new(attendium::store::KeyringStore::new().unwrap());
    }
    Arc::new(attendium::store::FileStore::new(
        variable("STORM_DIRECTORY").unwrap(),
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_runs_two_hundred_tasks() {
    let Some(base_url) = variable("STORM_BASE_URL") else {
        return;
    };
    let session = builder(&base_url, Path::new(""))
        .store(store())
        .build()
        .unwrap();
    let start = Arc::new(tokio::sync::Barrier::new(TASKS + 1));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (session, start) = (session.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                session.run(&Me {}).await
            })
        })
        .collect();
    say("ready");
    tokio::task::spawn_blocking(wait).await.unwrap();
    start.wait().await;
    for task in tasks {
        if let Err(error) = task.await.unwrap() {
            say(&format!("failed: {error}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_20_storm_of_eight_processes_refreshes_once_and_loses_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    log_in(
        &builder(sandbox.base_url(), directory.path())
            .build()
            .unwrap(),
        &sandbox,
    )
    .await;
    let path = directory.path().to_str().unwrap();
    run(
        &sandbox,
        &[
            ("STORM_BASE_URL", sandbox.base_url()),
            ("STORM_DIRECTORY", path),
        ],
    );
}

/// Lets the token expire and the processes loose.
pub fn run(sandbox: &Sandbox, variables: &[(&str, &str)]) {
    sandbox.expire_access_tokens();
    let mut processes: Vec<_> = (0..PROCESSES)
        .map(|_| Process::start("storm::child_runs_two_hundred_tasks", variables))
        .collect();
    for process in &mut processes {
        process.wait_for("ready");
    }
    for process in &mut processes {
        process.go_on();
    }
    for process in processes {
        let (status, events) = process.end();
        assert!(status.success() && events.is_empty(), "{events:?}");
    }
    let counts = sandbox.counts();
    assert_eq!(
        (
            counts.refresh_attempts,
            counts.refreshes,
            counts.families_revoked
        ),
        (1, 1, 0),
        "{counts:?}"
    );
    assert_eq!(counts.graphql_executions, (PROCESSES * TASKS) as u64);
}
