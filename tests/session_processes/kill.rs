//! Processes that are killed with SIGKILL while they refresh. The one moment that costs a login is between the server's rotation of
//! the refresh token and the client's write of the new one; these tests show that nothing else does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attendium::store::{FileStore, Key, Locked, Place, Store, Stored};
use attendium::transport::{Boxed, Http, Transport, TransportError};
use attendium::{Error, Me, StoreError};
use attendium_sandbox::Sandbox;
use bytes::Bytes;
use secrecy::SecretString;

use crate::child::{Process, builder, log_in, say, variable, wait};

/// Says each step of a refresh, and stops at one of them.
#[derive(Clone)]
struct Steps {
    stop_at: Option<String>,
}

impl Steps {
    fn reached(&self, step: &str) {
        say(step);
        if self.stop_at.as_deref() == Some(step) {
            wait();
        }
    }
}

struct Watched<T> {
    inner: T,
    steps: Steps,
}

impl Transport for Watched<Http> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Boxed<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let refresh = request.uri().path() == "/oauth2/token";
            if refresh {
                self.steps.reached("asking");
            }
            let answer = self.inner.send(request).await;
            if refresh {
                self.steps.reached("answered");
            }
            answer
        })
    }
}

impl Store for Watched<FileStore> {
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
            self.steps.reached("locked");
            Ok(Box::new(Watched {
                inner,
                steps: self.steps.clone(),
            }) as Box<dyn Locked>)
        })
    }

    fn place(&self, key: &Key) -> Place {
        self.inner.place(key)
    }
}

impl Locked for Watched<Box<dyn Locked>> {
    fn load(&mut self) -> Boxed<'_, Result<Option<Stored>, StoreError>> {
        self.inner.load()
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> Boxed<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let result = self.inner.replace(expected, secret).await;
            self.steps.reached("written");
            result
        })
    }

    fn release(self: Box<Self>) -> Boxed<'static, ()> {
        let Self { inner, steps } = *self;
        Box::pin(async move {
            inner.release().await;
            steps.reached("released");
        })
    }
}

#[tokio::test]
async fn child_runs_queries_and_says_its_steps() {
    let (Some(base_url), Some(directory)) = (variable("KILL_BASE_URL"), variable("KILL_DIRECTORY"))
    else {
        return;
    };
    let steps = Steps {
        stop_at: variable("KILL_STOP_AT"),
    };
    let store = Watched {
        inner: FileStore::new(&directory),
        steps: steps.clone(),
    };
    let session = builder(&base_url, Path::new(&directory))
        .store(Arc::new(store))
        .transport(Watched {
            inner: Http::default(),
            steps,
        })
        .build()
        .unwrap();
    say("ready");
    for _ in 0..100_000 {
        if session
            .run(Me {})
            .await
            .is_err_and(|error| error.is_login_required())
        {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_23_a_kill_at_each_step_of_a_refresh_costs_a_login_only_before_the_write() {
    for (step, login_needed) in [
        ("locked", false),
        ("asking", false),
        ("answered", true),
        ("written", false),
        ("released", false),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let session = builder(sandbox.base_url(), directory.path())
            .build()
            .unwrap();
        log_in(&session, &sandbox).await;
        sandbox.expire_access_tokens();
        let path = directory.path().to_str().unwrap();
        let variables = [
            ("KILL_BASE_URL", sandbox.base_url()),
            ("KILL_DIRECTORY", path),
            ("KILL_STOP_AT", step),
        ];
        let mut process = Process::start("kill::child_runs_queries_and_says_its_steps", &variables);
        process.wait_for(step);
        process.kill();
        let next = builder(sandbox.base_url(), directory.path())
            .build()
            .unwrap();
        let result = next.run(Me {}).await;
        assert_eq!(
            result.as_ref().is_err_and(Error::is_login_required),
            login_needed,
            "{step}: {result:?}"
        );
        assert_eq!(result.is_ok(), !login_needed, "{step}: {result:?}");
        assert_eq!(
            sandbox.counts().families_revoked,
            u64::from(login_needed),
            "{step}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_23_kills_at_random_points_cost_a_login_only_in_that_window() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let session = builder(sandbox.base_url(), directory.path())
        .build()
        .unwrap();
    log_in(&session, &sandbox).await;
    let path = directory.path().to_str().unwrap();
    let variables = [
        ("KILL_BASE_URL", sandbox.base_url()),
        ("KILL_DIRECTORY", path),
    ];
    let (mut kills, mut logins) = (0, 0);
    let start = || Process::start("kill::child_runs_queries_and_says_its_steps", &variables);
    for round in 0..20 {
        // Two that live on, one that dies, all refreshing against each other.
        let mut bystanders = [start(), start()];
        let mut victim = start();
        for process in bystanders.iter_mut().chain([&mut victim]) {
            process.wait_for("ready");
        }
        sandbox.expire_access_tokens();
        // After a few of its steps, whichever they are; where it has none to do, its token is taken away again.
        let after = getrandom::u32().unwrap() % 7;
        let (sender, steps) = std::sync::mpsc::channel();
        let watching = std::thread::spawn(move || {
            let mut seen = Vec::new();
            while let Some(step) = victim.event() {
                seen.push(step);
                let _ = sender.send(());
                if seen.len() as u32 > after {
                    break;
                }
            }
            seen.extend(victim.kill());
            seen
        });
        while !watching.is_finished() {
            if steps.recv_timeout(Duration::from_millis(20)).is_err() {
                sandbox.expire_access_tokens();
            }
        }
        let seen = watching.join().unwrap();
        kills += 1;
        let next = builder(sandbox.base_url(), directory.path())
            .build()
            .unwrap();
        sandbox.expire_access_tokens();
        let mut result = next.run(Me {}).await;
        // A bystander's new token may have been taken away by us in the very moment that it came: refused twice, so asked again.
        while matches!(result, Err(Error::Unauthorized)) {
            result = next.run(Me {}).await;
        }
        for bystander in bystanders {
            bystander.kill();
        }
        let last = seen
            .iter()
            .rev()
            .map(String::as_str)
            .find(|step| ["asking", "answered", "written"].contains(step));
        match result {
            Ok(_) => {}
            Err(error) if error.is_login_required() => {
                assert!(
                    matches!(last, Some("asking" | "answered")),
                    "round {round}: {seen:?}"
                );
                logins += 1;
            }
            Err(error) => panic!("round {round}: {error}"),
        }
        // The bystanders were killed at random points too: a new start for the next round.
        log_in(&session, &sandbox).await;
    }
    println!("{kills} kills, {logins} logins needed");
}
