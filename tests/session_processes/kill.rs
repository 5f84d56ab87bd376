//! Processes that are killed with SIGKILL while they refresh. The one moment that costs a login is
//! between the server's rotation of the refresh token and the client's write of the new one; these
//! tests show that nothing else does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use attendium::store::{Locked, Store, StoreKey, StoreLocation, Stored};
use attendium::transport::{Body, BoxFuture, HttpTransport, Transport, TransportError};
use attendium::{Error, Me, Session, StoreError, StoreErrorKind};
use attendium_sandbox::Sandbox;
use secrecy::SecretString;

use crate::child::{Process, builder, log_in, say, variable, wait};

/// Says each step of a refresh, and stops or is killed at one of them.
#[derive(Clone, Default)]
struct Steps {
    stop_at: Option<String>,
    kill_after: Option<usize>,
    count: Arc<AtomicUsize>,
    times: Arc<Mutex<BTreeMap<String, Instant>>>,
}

impl Steps {
    fn reached(&self, step: &str) {
        say(step);
        let mut times = self.times.lock().unwrap();
        times.insert(step.to_owned(), Instant::now());
        if step == "released"
            && let Some([locked, answered, written]) = ["locked", "answered", "written"]
                .map(|step| times.remove(step))
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .as_deref()
        {
            let window = written.duration_since(*answered).as_micros();
            say(&format!(
                "window: {window} {}",
                locked.elapsed().as_micros()
            ));
        }
        drop(times);
        if self.kill_after == Some(self.count.fetch_add(1, Ordering::SeqCst)) {
            // As SIGKILL does, nothing is cleaned up; and Windows has it too.
            std::process::abort();
        }
        if self.stop_at.as_deref() == Some(step) {
            wait();
        }
    }
}

struct Watched<T> {
    inner: T,
    steps: Steps,
}

impl Transport for Watched<HttpTransport> {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
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

impl Store for Watched<Arc<dyn Store>> {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        self.inner.load(key)
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        Box::pin(async move {
            // A lock that runs out does so within seconds, or those who were not killed would wait
            // for minutes.
            let inner = self
                .inner
                .lock(key, hold.min(Duration::from_secs(3)))
                .await?;
            self.steps.reached("locked");
            Ok(Box::new(Watched {
                inner,
                steps: self.steps.clone(),
            }) as Box<dyn Locked>)
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        self.inner.location(key)
    }
}

impl Locked for Watched<Box<dyn Locked>> {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.inner.load()
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            let result = self.inner.replace(expected, secret).await;
            self.steps.reached("written");
            result
        })
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let Self { inner, steps } = *self;
        Box::pin(async move {
            inner.release().await;
            steps.reached("released");
        })
    }
}

fn watched(base_url: &str, store: Arc<dyn Store>, steps: Steps) -> Session {
    let store = Watched {
        inner: store,
        steps: steps.clone(),
    };
    let transport = Watched {
        inner: HttpTransport::default(),
        steps,
    };
    builder(base_url, Path::new(""))
        .store(Arc::new(store))
        .transport(transport)
        .build()
        .unwrap()
}

#[tokio::test]
async fn child_runs_queries_and_says_its_steps() {
    let (Some(base_url), Some(directory)) = (variable("KILL_BASE_URL"), variable("KILL_DIRECTORY"))
    else {
        return;
    };
    let steps = Steps {
        stop_at: variable("KILL_STOP_AT"),
        ..Steps::default()
    };
    let store = Arc::new(attendium::store::FileStore::new(&directory));
    let session = watched(&base_url, store, steps);
    say("ready");
    for _ in 0..100_000 {
        if session
            .run(&Me {})
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
        let result = next.run(&Me {}).await;
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
        // After a few of its steps, whichever they are; where it has none to do, its token is taken
        // away again.
        let after = random() % 7;
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
            seen.extend(victim.kill().1);
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
        let mut result = next.run(&Me {}).await;
        // A bystander's new token may have been taken away by us in the very moment that it came:
        // refused twice, so asked again.
        while matches!(result, Err(Error::Unauthorized { .. })) {
            result = next.run(&Me {}).await;
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

fn random() -> u32 {
    getrandom::u32().unwrap()
}

const ROUNDS: u32 = 5;
const PROCESSES: usize = 8;
const VICTIMS: usize = 4;
const EXPIRIES: u32 = 8;
const TASKS: usize = 200;

/// In the process: two hundred tasks, each until it has an answer or the login is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_storms_and_says_its_steps() {
    let Some(base_url) = variable("KILL_STORM_BASE_URL") else {
        return;
    };
    let steps = Steps {
        kill_after: variable("KILL_STORM_AFTER").map(|steps| steps.parse().unwrap()),
        ..Steps::default()
    };
    let session = watched(&base_url, crate::storm::store(), steps);
    let start = Arc::new(tokio::sync::Barrier::new(TASKS + 1));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (session, start) = (session.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                loop {
                    match session.run(&Me {}).await {
                        // A token that was taken away again before its first use was refused twice.
                        Err(Error::Unauthorized { .. }) => {}
                        // Several were killed with the lock in their hands, one after the other.
                        Err(Error::Store(error)) if error.kind() == StoreErrorKind::LockTimeout => {
                        }
                        other => return other.map(drop),
                    }
                }
            })
        })
        .collect();
    say("ready");
    tokio::task::spawn_blocking(wait).await.unwrap();
    start.wait().await;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => {}
            Err(error) if error.is_login_required() => return say("login required"),
            Err(error) => say(&format!("failed: {error}")),
        }
    }
    say("done");
}

/// Storms in which half of the processes are killed, each at a random moment, while tokens keep
/// expiring. `session` has the login that the processes find over the `variables`.
pub async fn storms(sandbox: &Sandbox, session: &Session, variables: &[(&str, &str)]) {
    let mut variables = variables.to_vec();
    variables.push(("KILL_STORM_BASE_URL", sandbox.base_url()));
    let (mut kills, mut in_a_refresh, mut in_the_window, mut logins) = (0, 0, 0, 0);
    let (mut refreshes, mut window_micros, mut refresh_micros) = (0u64, 0, 0);
    for round in 0..ROUNDS {
        log_in(session, sandbox).await;
        sandbox.expire_access_tokens();
        let start = |process: usize| {
            let mut variables = variables.clone();
            // Half of the victims die at a step, where the interesting moments are, and the others
            // at any moment.
            let after = (random() % 5).to_string();
            if process < VICTIMS / 2 {
                variables.push(("KILL_STORM_AFTER", &after));
            }
            Process::start("kill::child_storms_and_says_its_steps", &variables)
        };
        let mut processes: Vec<_> = (0..PROCESSES).map(start).collect();
        for process in &mut processes {
            process.wait_for("ready");
        }
        for process in &mut processes {
            process.go_on();
        }
        let survivors = processes.split_off(VICTIMS);
        let killing: Vec<_> = processes
            .into_iter()
            .enumerate()
            .map(|(index, victim)| {
                let after = Duration::from_micros(u64::from(random()) % 400_000);
                std::thread::spawn(move || {
                    if index < VICTIMS / 2 {
                        return victim.end();
                    }
                    std::thread::sleep(after);
                    victim.kill()
                })
            })
            .collect();
        let living: Vec<_> = survivors
            .into_iter()
            .map(|process| std::thread::spawn(|| process.end()))
            .collect();
        // Tokens go on expiring while the kills come, and not longer: a token must live for one
        // request at least.
        for _ in 0..EXPIRIES {
            tokio::time::sleep(Duration::from_millis(40)).await;
            sandbox.expire_access_tokens();
        }
        let mut possible = false;
        for victim in killing {
            let (status, seen) = victim.join().unwrap();
            if status.success() {
                // It was done before its time came.
                continue;
            }
            let step = |steps: &[&str]| {
                let mut last_first = seen.iter().rev().map(String::as_str);
                last_first
                    .find(|step| steps.contains(step))
                    .map(str::to_owned)
            };
            kills += 1;
            let last = step(&["locked", "asking", "answered", "written", "released"]);
            in_a_refresh += u32::from(last.as_deref().is_some_and(|step| step != "released"));
            // What the server did with a request whose answer was not seen, only the server knows.
            let window = matches!(last.as_deref(), Some("asking" | "answered"));
            in_the_window += u32::from(window);
            possible |= window;
        }
        let mut over = false;
        for process in living {
            let (status, events) = process.join().unwrap();
            assert!(status.success(), "round {round}: {events:?}");
            let failed = events.iter().find(|event| event.starts_with("failed"));
            assert_eq!(failed, None, "round {round}");
            over |= events.iter().any(|event| event == "login required");
            let windows = events
                .iter()
                .filter_map(|event| event.strip_prefix("window: "));
            for (window, whole) in windows.filter_map(|times| times.split_once(' ')) {
                refreshes += 1;
                window_micros += window.parse::<u64>().unwrap();
                refresh_micros += whole.parse::<u64>().unwrap();
            }
        }
        let mut result = session.run(&Me {}).await;
        while matches!(result, Err(Error::Unauthorized { .. })) {
            result = session.run(&Me {}).await;
        }
        match result {
            Ok(_) => assert!(!over, "round {round}: over, and not over"),
            Err(error) if error.is_login_required() => {
                assert!(possible, "round {round}: nobody was killed in the window");
                logins += 1;
            }
            Err(error) => panic!("round {round}: {error}"),
        }
    }
    println!(
        "{kills} kills, {in_a_refresh} of them in a refresh, {in_the_window} of those between the request and the write: {logins} logins needed\n\
         {refreshes} refreshes of those who lived: {} µs each, of which {} µs between the answer and the end of the write",
        refresh_micros / refreshes.max(1),
        window_micros / refreshes.max(1),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_23_storms_with_kills_cost_a_login_only_in_that_window() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let session = builder(sandbox.base_url(), directory.path())
        .build()
        .unwrap();
    let path = directory.path().to_str().unwrap();
    storms(&sandbox, &session, &[("STORM_DIRECTORY", path)]).await;
}
