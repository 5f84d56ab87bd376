//! What a command does that is ended in the middle of a refresh, or finds no room for its outcome
//! (points 39 and 40), and what stands in place of a login (point 52).

use crate::support::{Home, start};
use attendium_sandbox::{Fault, Place, Sandbox};
use std::time::Duration;

/// A home with a login whose access token has expired.
fn expired() -> (Sandbox, Home) {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    sandbox.expire_access_tokens();
    (sandbox, home)
}

/// Waits until the sandbox has read the refresh.
fn wait_for_refresh(sandbox: &Sandbox) {
    while sandbox.faults().waiting(Place::Token) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn point_39_a_signal_during_a_refresh_waits_until_the_tokens_are_kept() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (sandbox, home) = expired();
        sandbox.faults().delay(Duration::from_millis(700));
        sandbox.faults().add(Place::Token, Fault::Slow);
        let running = home.spawn(&["me"]);
        wait_for_refresh(&sandbox);
        running.signal(signal);
        let ended = running.end();
        // The command may finish in the very moment in which the tokens are kept.
        assert!([code, 0].contains(&ended.code), "{signal}: {ended:?}");
        assert_eq!(
            ended.stderr.matches("second signal").count(),
            1,
            "{ended:?}"
        );

        let me = home.run(&["me"]);
        assert_eq!(me.code, 0, "{signal}: {me:?}");
        let counts = sandbox.counts();
        assert_eq!(
            (counts.refreshes, counts.families_revoked),
            (1, 0),
            "{signal}"
        );
    }
}

/// Sweeps the signal over the whole run of the command, from its start to its end.
#[test]
fn point_39_signals_at_any_time_cost_no_login() {
    let (sandbox, home) = expired();
    sandbox.faults().delay(Duration::from_millis(40));
    let rounds = std::env::var("ATTENDIUM_SIGNAL_ROUNDS")
        .map_or(48, |rounds| rounds.parse().expect("a number"));
    let mut refreshed = 0;
    for round in 0..rounds {
        sandbox.expire_access_tokens();
        sandbox.faults().clear();
        sandbox.faults().add(Place::Token, Fault::Slow);
        let before = sandbox.counts().refreshes;
        let running = home.spawn(&["me"]);
        std::thread::sleep(Duration::from_millis(round * 7 % 160));
        let signal = ["INT", "TERM", "HUP"][round as usize % 3];
        running.try_signal(signal);
        running.end();
        refreshed += sandbox.counts().refreshes - before;
    }
    sandbox.faults().clear();
    let me = home.run(&["me"]);
    assert_eq!(me.code, 0, "{me:?}");
    assert_eq!(sandbox.counts().families_revoked, 0);
    assert!(
        refreshed > rounds / 8,
        "too few refreshes to say anything: {refreshed}"
    );
}

#[test]
fn point_39_a_second_signal_ends_the_command_at_once() {
    let (sandbox, home) = expired();
    sandbox.faults().delay(Duration::from_secs(60));
    sandbox.faults().add(Place::Token, Fault::Slow);
    let began = std::time::Instant::now();
    let mut running = home.spawn(&["me"]);
    wait_for_refresh(&sandbox);
    running.signal("TERM");
    running.wait_for_line("second signal");
    running.signal("TERM");
    assert_eq!(running.end().code, 143);
    assert!(began.elapsed() < Duration::from_secs(50));
}

#[test]
fn point_39_a_signal_without_a_refresh_ends_the_command_at_once_and_in_silence() {
    let (sandbox, home) = expired();
    assert_eq!(home.run(&["me"]).code, 0);
    sandbox.faults().delay(Duration::from_secs(60));
    sandbox.faults().add(Place::Graphql, Fault::Slow);
    let running = home.spawn(&["me"]);
    while sandbox.faults().waiting(Place::Graphql) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    running.signal("TERM");
    let ended = running.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (143, ""), "{ended:?}");
}

#[test]
fn point_40_a_full_disk_is_found_out_before_the_refresh_is_sent() {
    let (sandbox, home) = expired();
    let full = home.run_on_a_full_disk(&["me"]);
    assert_eq!((full.code, full.stdout.as_str()), (1, ""), "{full:?}");
    assert!(full.stderr.contains("store"), "{full:?}");
    assert_eq!(sandbox.counts().refresh_attempts, 0);
    assert_eq!(home.run(&["me"]).code, 0);
    assert_eq!(sandbox.counts().families_revoked, 0);
}

#[test]
fn point_43_a_long_wait_is_told_and_a_login_shows_its_link_before_any_lock() {
    let (sandbox, home) = expired();
    sandbox.faults().delay(Duration::from_secs(8));
    sandbox.faults().add(Place::Token, Fault::Slow);
    let mut waiting = home.spawn(&["me"]);
    wait_for_refresh(&sandbox);
    // The lock is held by the refresh, which takes a while.
    let began = std::time::Instant::now();
    let mut login = home.spawn(&["login", "--no-browser"]);
    login.link();
    assert!(began.elapsed() < Duration::from_secs(6));
    waiting.wait_for_line("Still waiting");
    assert_eq!(waiting.end().code, 0);
    login.interrupt();
    assert_eq!(login.end().code, 1);
}

#[test]
fn point_43_commands_that_wait_for_a_refresh_that_fails_do_not_repeat_it() {
    let (sandbox, home) = expired();
    // Turned away, and asked to come again after two seconds: three attempts in all.
    sandbox.faults().retry_after(Duration::from_secs(2));
    sandbox
        .faults()
        .add(Place::Token, Fault::Status503Seconds)
        .forever();
    let first = home.spawn(&["me"]);
    while sandbox.counts().faults_played == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let others: Vec<_> = (0..4).map(|_| home.spawn(&["me"])).collect();
    assert_eq!(first.end().code, 1);
    for other in others {
        let other = other.end();
        assert_eq!(other.code, 1, "{other:?}");
        assert!(other.stderr.contains("Still waiting"), "{other:?}");
    }
    assert_eq!(sandbox.counts().faults_played, 3);
    sandbox.faults().clear();
    assert_eq!(home.run(&["me"]).code, 0);
}

#[test]
fn point_58_a_fresh_token_is_printed_and_errors_are_json_where_the_output_is() {
    let (sandbox, home) = expired();
    sandbox.expire_refresh_tokens();
    let refused = home.run(&["token", "--json"]);
    // The clock does not know yet that the token is dead: it is printed, and the API refuses it.
    assert_eq!(refused.code, 0, "{refused:?}");
    assert_eq!(home.run(&["login"]).code, 0);
    let printed = home.run(&["token"]);
    let token = printed.stdout.trim().to_owned();
    assert!(home.secrets().contains(&token), "{}", printed.stderr);
    let other = Home::beside(&sandbox);
    let me = other.run_with(&["me"], &[("ATTENDIUM_TOKEN", &token)]);
    assert_eq!(me.code, 0, "{me:?}");

    let nobody = other.run(&["token", "--json"]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (3, ""), "{nobody:?}");
    let error: serde_json::Value = serde_json::from_str(&nobody.stderr).expect("one document");
    assert_eq!(error["error"], "login_required");
    assert!(
        error["help"]
            .as_str()
            .is_some_and(|help| help.contains("attendium login"))
    );
    let plain = other.run(&["token"]);
    assert!(
        plain.stderr.starts_with("error: login required"),
        "{plain:?}"
    );
}

#[test]
fn point_52_a_token_from_the_environment_stands_in_place_of_a_login() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let access = home.secrets();
    let nobody = Home::beside(&sandbox);
    let works = |token: &String| nobody.run_with(&["me"], &[("ATTENDIUM_TOKEN", token)]).code == 0;
    assert_eq!(access.iter().filter(|token| works(token)).count(), 1);
    let wrong = nobody.run_with(&["me"], &[("ATTENDIUM_TOKEN", "wrong-token")]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.stderr.contains("ATTENDIUM_TOKEN"), "{wrong:?}");
    assert!(!wrong.stderr.contains("wrong-token"), "{wrong:?}");
    let login = nobody.run_with(&["login"], &[("ATTENDIUM_TOKEN", "any")]);
    assert!(
        login.code == 2 && login.stderr.contains("unset ATTENDIUM_TOKEN"),
        "{login:?}"
    );
    assert_eq!(nobody.run_with(&["me"], &[("ATTENDIUM_TOKEN", "")]).code, 3);
}
