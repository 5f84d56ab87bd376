//! Storms in which the database fails: several processes share one login while tokens keep
//! expiring, and the server is stopped, restarted, killed or takes no writes. No login may be lost,
//! and afterwards no lock may be left behind.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attendium::{Error, Me, Session};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::child::{Process, builder, log_in, say, variable, wait};

const PROCESSES: usize = 4;
const TASKS: usize = 8;

/// A database server that can be made to fail. After each method that ends an outage it takes
/// connections and writes.
pub trait Database {
    /// The server and its processes do nothing until they go on (SIGSTOP, SIGCONT).
    fn stop(&self);
    fn go_on(&self);
    /// The server ends in order.
    fn shut_down(&mut self);
    /// The server ends at once (SIGKILL).
    fn kill(&mut self);
    /// Starts it again, over the same data.
    async fn start_again(&mut self);
    /// As a full disk does, or a server that has become a read-only copy.
    async fn refuse_writes(&self, refuse: bool);
    /// Whether nobody holds a lock of the store.
    async fn is_unlocked(&self) -> bool;
}

#[derive(Debug, Clone, Copy)]
enum Outage {
    Stopped,
    Restarted,
    Killed,
    Full,
}

impl Outage {
    const ALL: [Self; 4] = [Self::Stopped, Self::Restarted, Self::Killed, Self::Full];

    async fn play(self, database: &mut impl Database) {
        let lasts = Duration::from_millis(u64::from(random() % (seconds() * 1000)));
        match self {
            Self::Stopped => database.stop(),
            Self::Restarted => database.shut_down(),
            Self::Killed => database.kill(),
            Self::Full => database.refuse_writes(true).await,
        }
        tokio::time::sleep(lasts).await;
        match self {
            Self::Stopped => database.go_on(),
            Self::Restarted | Self::Killed => database.start_again().await,
            Self::Full => database.refuse_writes(false).await,
        }
    }
}

fn random() -> u32 {
    getrandom::u32().unwrap()
}

/// How often each outage is played.
fn rounds() -> u32 {
    setting("ATTENDIUM_OUTAGE_ROUNDS", 1)
}

/// The longest that an outage lasts.
fn seconds() -> u32 {
    setting("ATTENDIUM_OUTAGE_SECONDS", 2)
}

fn setting(name: &str, default: u32) -> u32 {
    variable(name).map_or(default, |value| value.parse().unwrap())
}

/// In the process: an error that an outage of the database may cause. A token that expired before
/// its first use was refused twice.
fn is_expected(error: &Error) -> bool {
    matches!(error, Error::Store(_) | Error::Unauthorized { .. })
}

/// In the process: whether the error shows a token of the sandbox.
fn shows_secret(error: &Error) -> bool {
    let text = format!("{error} {error:?} {}", error.help());
    let in_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.split(|c| !in_token(c)).any(|word| {
        let random = ["access_", "refresh_"].map(|prefix| word.strip_prefix(prefix));
        random.into_iter().flatten().any(|rest| rest.len() >= 32)
    })
}

/// In the process: calls at random times until they are told to end.
async fn call_until(session: Session, ended: Arc<AtomicBool>) {
    while !ended.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(u64::from(random() % 50))).await;
        if let Err(error) = session.run(&Me {}).await {
            if shows_secret(&error) {
                say("failed: an error shows a secret");
            }
            if is_expected(&error) {
                say(&format!("error: {error}"));
            } else {
                say(&format!("failed: {error}"));
            }
        }
    }
}

/// In the process: a storm and a last call for each outage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_calls_while_the_database_fails() {
    let Some(base_url) = variable("OUTAGE_BASE_URL") else {
        return;
    };
    let session = builder(&base_url, Path::new(""))
        .store(crate::storm::store())
        .build()
        .unwrap();
    let told = || async { tokio::task::spawn_blocking(wait).await.unwrap() };
    for _ in 0..rounds() * Outage::ALL.len() as u32 {
        told().await;
        let ended = Arc::new(AtomicBool::new(false));
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| tokio::spawn(call_until(session.clone(), ended.clone())))
            .collect();
        say("storming");
        told().await;
        ended.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }
        say("quiet");
        told().await;
        let mut result = session.run(&Me {}).await;
        // The token that the others had meanwhile was taken away too: refused twice, asked again.
        while matches!(result, Err(Error::Unauthorized { .. })) {
            result = session.run(&Me {}).await;
        }
        if let Err(error) = result {
            say(&format!("failed: after the outage: {error}"));
        }
        say("well");
    }
}

/// Plays every outage over the login that `session` gets, in front of processes that find it over
/// the `variables`.
pub async fn storms(
    database: &mut impl Database,
    session: &Session,
    sandbox: &Sandbox,
    variables: &[(&str, &str)],
) {
    log_in(session, sandbox).await;
    // So that outages meet refreshes that are under way.
    sandbox.faults().delay(Duration::from_millis(30));
    let slow = sandbox.faults().add(Place::Token, Fault::Slow);
    slow.forever();
    let mut variables = variables.to_vec();
    variables.push(("OUTAGE_BASE_URL", sandbox.base_url()));
    let start = |_| Process::start("outages::child_calls_while_the_database_fails", &variables);
    let mut processes: Vec<_> = (0..PROCESSES).map(start).collect();
    let mut expiries = 0;
    for round in 0..rounds() {
        for outage in Outage::ALL {
            let name = format!("round {round}, {outage:?}");
            all(&mut processes, "storming", &name);
            // Tokens expire at random moments, during the outage and a little around it.
            let playing = async {
                tokio::time::sleep(Duration::from_millis(200)).await;
                outage.play(database).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            let expiring = async {
                loop {
                    tokio::time::sleep(Duration::from_millis(u64::from(random() % 200))).await;
                    sandbox.expire_access_tokens();
                    expiries += 1;
                }
            };
            tokio::select! {
                () = playing => {}
                () = expiring => {}
            }
            let errors = all(&mut processes, "quiet", &name);
            for _ in 0..600 {
                if database.is_unlocked().await {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert!(
                database.is_unlocked().await,
                "{name}: a lock was left behind"
            );
            let before = sandbox.counts();
            assert!(
                before.refreshes <= expiries,
                "{name}: {before:?}, {expiries}"
            );
            sandbox.expire_access_tokens();
            expiries += 1;
            all(&mut processes, "well", &name);
            let counts = sandbox.counts();
            assert_eq!(
                (
                    counts.refresh_attempts,
                    counts.families_revoked,
                    counts.authorizations
                ),
                (counts.refreshes, 0, 1),
                "{name}: {counts:?}"
            );
            assert_eq!(
                counts.refreshes,
                before.refreshes + 1,
                "{name}: single flight"
            );
            println!(
                "{name}: {} refreshes so far, {errors} errors",
                counts.refreshes
            );
        }
    }
    for process in processes {
        let (status, events) = process.end();
        assert!(status.success() && events.is_empty(), "{events:?}");
    }
}

/// Lets all processes go on until they say `event`. Gives the number of errors that the outage
/// caused meanwhile.
fn all(processes: &mut [Process], event: &str, name: &str) -> usize {
    for process in processes.iter_mut() {
        process.go_on();
    }
    let mut errors = 0;
    for process in processes {
        loop {
            let said = process.event();
            let said = said.unwrap_or_else(|| panic!("{name}: a process ended before `{event}`"));
            if said == event {
                break;
            }
            assert!(!said.starts_with("failed"), "{name}: {said}");
            errors += 1;
        }
    }
    errors
}
