//! Every fault that can be at any place, at every place: what it costs is said here in one table,
//! and nowhere does it cost a login that was there, a loop, or a text of the server's in an error.
//! What is special about some of them has tests of its own.

use std::time::Duration;

use attendium::transport::Limits;
use attendium::{ConfigurationError, Error, Me, Retries, Session, model};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{APPLICATION, log_in, quick};

/// What the session is doing when it meets the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Discovering,
    Registering,
    Exchanging,
    Refreshing,
    Revoking,
    Querying,
    Mutating,
}

use Doing::{Discovering, Exchanging, Mutating, Querying, Refreshing, Registering, Revoking};

const ALL: [Doing; 7] = [
    Discovering,
    Registering,
    Exchanging,
    Refreshing,
    Revoking,
    Querying,
    Mutating,
];

impl Doing {
    fn place(self) -> Place {
        match self {
            Discovering => Place::Discovery,
            Registering => Place::Register,
            Exchanging | Refreshing => Place::Token,
            Revoking => Place::Revoke,
            Querying | Mutating => Place::Graphql,
        }
    }

    fn needs_a_login(self) -> bool {
        matches!(self, Refreshing | Revoking | Querying | Mutating)
    }

    /// Whether one such fault goes by without anybody noticing.
    fn overcomes(self, fault: Fault) -> bool {
        match fault {
            Fault::Status429Seconds | Fault::Status429Date => true,
            // Turned away without having been read: all but a mutation, of which only the server's
            // word would do.
            Fault::Status503Seconds | Fault::Status503Date => self != Mutating,
            // Answers that say nothing of what was done, and no answers: where doing it twice does
            // no harm.
            Fault::Status500
            | Fault::Html
            | Fault::DroppedBefore
            | Fault::DroppedAfter
            | Fault::Truncated
            | Fault::Hung
            | Fault::HungAfter => {
                matches!(self, Discovering | Refreshing | Revoking | Querying)
            }
            // What will not be better the next time.
            Fault::Status404 | Fault::Html200 | Fault::Huge | Fault::GzipBomb | Fault::Redirect => {
                false
            }
            Fault::Slow => true,
            other => panic!("`{other}` can be anywhere: what does it cost?"),
        }
    }

    /// Whether it need not be overcome, however often it is met.
    fn does_not_mind(self, fault: Fault) -> bool {
        match fault {
            Fault::Slow => true,
            // RFC 7009, section 2.2: the status says all, and the body is ignored.
            Fault::Html200 => self == Revoking,
            _ => false,
        }
    }

    /// Does it, in a process of its own as it were.
    async fn run(self, session: &Session, sandbox: &Sandbox) -> Result<(), Error> {
        match self {
            Discovering | Registering | Exchanging => {
                log_in(session, sandbox.scripted_user()).await.map(drop)
            }
            Refreshing | Querying => session.run(&Me {}).await.map(drop),
            // There is no such guest, which the API says in an answer.
            Mutating => session
                .request(&model::CheckIn::new("nobody"))
                .await
                .map(drop),
            Revoking => {
                let outcome = session.logout().await?;
                assert!(outcome.was_logged_in);
                // Only the answer says whether it was revoked; here it is an error like the others.
                if outcome.revoked {
                    Ok(())
                } else {
                    Err(ConfigurationError::NoLogin.into())
                }
            }
        }
    }
}

fn session(
    sandbox: &Sandbox,
    directory: &std::path::Path,
    limits: Limits,
    retries: Retries,
) -> Session {
    Session::builder()
        .base_url(sandbox.base_url())
        .application(APPLICATION)
        .store(attendium::store::FileStore::new(directory))
        .limits(limits)
        .retries(retries)
        .build()
        .unwrap()
}

async fn play(doing: Doing, fault: Fault, for_ever: bool) {
    let case = format!("{fault} while {doing:?}");
    // An old refresh token is taken for a while, so that a lost answer can be asked for again.
    let sandbox = Sandbox::builder()
        .refresh_grace(Duration::from_secs(600))
        .start()
        .await
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let healthy = session(&sandbox, directory.path(), Limits::default(), quick());
    if doing.needs_a_login() {
        log_in(&healthy, sandbox.scripted_user()).await.unwrap();
    }
    if doing == Refreshing {
        sandbox.expire_access_tokens();
    }
    sandbox.faults().retry_after(Duration::ZERO);
    sandbox.faults().delay(Duration::from_millis(20));
    let added = sandbox.faults().add(doing.place(), fault);
    if for_ever {
        added.forever();
    }
    let mut limits = Limits::new().max_body_size(1 << 20);
    let hangs = matches!(fault, Fault::Hung | Fault::HungAfter);
    if hangs {
        limits = limits.timeout(Duration::from_secs(1));
    }
    // Another session, so that it asks for the metadata as well.
    let troubled = session(&sandbox, directory.path(), limits, quick());
    let result = doing.run(&troubled, &sandbox).await;
    let played = sandbox.counts().faults_played;
    assert!(
        (1..=3).contains(&played) || fault == Fault::Slow,
        "{case}: {played} tries"
    );
    if doing.does_not_mind(fault) || (!for_ever && doing.overcomes(fault)) {
        // A request that is slow only because the machine is runs into the short limit; all others
        // must not fail.
        assert!(result.is_ok() || hangs, "{case}: {result:?}");
    } else {
        let Err(error) = result else {
            panic!("{case}: it went on")
        };
        assert!(!error.is_login_required(), "{case}: {error}");
        let text = format!("{error} {error:?}");
        for words in [
            "<h1>",
            "something went wrong",
            "nothing here",
            "come back later",
        ] {
            assert!(!text.contains(words), "{case}: {text}");
        }
        assert!(
            !error.help().is_empty() && !error.to_string().contains('\n'),
            "{case}"
        );
    }
    let counts = sandbox.counts();
    assert_eq!(
        (counts.redirects_followed, counts.families_revoked.min(1)),
        (0, u64::from(doing == Revoking && counts.revocations > 0)),
        "{case}"
    );
    assert!(
        counts.graphql_executions <= 3 && counts.code_exchanges <= 1,
        "{case}: {counts:?}"
    );
    if doing == Mutating {
        assert!(counts.graphql_executions <= 1, "{case}: {counts:?}");
    }
    // Whatever it was, when it is over the login that was there still works, and one that was not
    // there can be made.
    sandbox.faults().clear();
    let logged_in = healthy.status().await.unwrap().logged_in;
    if doing.needs_a_login() {
        assert_eq!(logged_in, doing != Revoking, "{case}");
    }
    if logged_in {
        healthy.run(&Me {}).await.unwrap();
    } else {
        log_in(&healthy, sandbox.scripted_user()).await.unwrap();
    }
}

fn anywhere() -> impl Iterator<Item = Fault> {
    let all = Fault::ALL.iter().copied();
    all.filter(|fault| fault.places() == Place::HTTP)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_29_every_fault_at_every_place_is_overcome_or_a_typed_error_and_costs_no_login() {
    for doing in ALL {
        let mut playing = tokio::task::JoinSet::new();
        for fault in anywhere() {
            playing.spawn(play(doing, fault, false));
            playing.spawn(play(doing, fault, true));
        }
        while let Some(played) = playing.join_next().await {
            played.unwrap();
        }
    }
}

/// At authorize it is the browser that meets the fault; the session waits for it to come back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn point_14_whatever_the_browser_meets_at_authorize_the_login_waits_for_the_next_try() {
    for fault in anywhere() {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().delay(Duration::from_millis(20));
        sandbox.faults().add(Place::Authorize, fault);
        let directory = tempfile::tempdir().unwrap();
        let session = session(&sandbox, directory.path(), Limits::default(), quick());
        let (login, mut links) = crate::support::handing_over();
        let running = tokio::spawn(async move { session.login(login).await });
        let link = links.recv().await.unwrap();
        let user = sandbox.scripted_user();
        let first = tokio::time::timeout(Duration::from_secs(1), user.visit(&link)).await;
        if !matches!(&first, Ok(Ok(visit)) if visit.status == Some(200) && visit.url.contains("/callback"))
        {
            assert!(!running.is_finished(), "{fault}");
            user.visit(&link).await.unwrap();
        }
        running.await.unwrap().unwrap();
        assert_eq!(sandbox.counts().faults_played, 1, "{fault}");
        assert_eq!(sandbox.counts().code_exchanges, 1, "{fault}");
    }
}

/// The table in the documentation: every fault at each of its places, and tests that exist.
#[test]
fn the_table_of_faults_is_whole() {
    let table = include_str!("../../docs/faults.md");
    let tests: String = [
        include_str!("callers.rs"),
        include_str!("discovery.rs"),
        include_str!("failures.rs"),
        include_str!("kept.rs"),
        include_str!("lenient.rs"),
        include_str!("login.rs"),
        include_str!("refresh.rs"),
        include_str!("tokens.rs"),
        include_str!("requests.rs"),
        include_str!("resource_metadata.rs"),
        include_str!("managed.rs"),
        include_str!("matrix.rs"),
        include_str!("storage.rs"),
        include_str!("../session_processes/kill.rs"),
        include_str!("../session_processes/storm.rs"),
        include_str!("../session_processes/postgres.rs"),
        include_str!("../session_processes/redis.rs"),
        include_str!("../session_keyring/keyring.rs"),
        include_str!("../session_processes/unwritable.rs"),
        include_str!("../subscriptions/secrets.rs"),
    ]
    .concat();
    for fault in Fault::ALL {
        assert!(
            table.contains(&format!("`{fault}`")),
            "`{fault}` is missing"
        );
    }
    let mut named = 0;
    for name in table
        .split('`')
        .filter(|text| text.starts_with("point_") && *text != "point_NN")
    {
        let beginning = name.trim_end_matches('…');
        assert!(
            tests.contains(&format!("fn {beginning}")),
            "there is no test `{name}`"
        );
        named += 1;
    }
    assert!(named > 40, "{named}");
}
