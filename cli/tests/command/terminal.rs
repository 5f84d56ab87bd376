//! What only a person at a terminal sees: colours, warnings, progress.

use super::support::{Home, start};
use attendium_sandbox::{Fault, Place, Sandbox};
use std::time::Duration;

#[test]
fn colours_are_for_terminals_and_can_be_turned_off() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let shown = home.run_on_a_terminal(&["status"], &[]);
    assert_eq!(shown.code, 3, "{shown:?}");
    assert!(
        shown.stdout.contains("\x1b[1mNot logged in\x1b[0m"),
        "{shown:?}"
    );
    for variables in [&[("NO_COLOR", "1")][..], &[("TERM", "dumb")]] {
        let shown = home.run_on_a_terminal(&["status"], variables);
        assert!(shown.stdout.contains("Not logged in"), "{shown:?}");
        assert!(!shown.stdout.contains('\x1b'), "{variables:?}: {shown:?}");
    }
    assert!(!home.run(&["status"]).stdout.contains('\x1b'));
}

#[test]
fn a_token_on_a_terminal_comes_with_a_warning() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let shown = home.run_on_a_terminal(&["token"], &[]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.stdout.contains("warning: who reads this token"),
        "{}",
        shown.stdout.len()
    );
}

#[test]
fn a_long_wait_is_shown_and_leaves_no_trace() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    sandbox.faults().delay(Duration::from_millis(1500));
    sandbox.faults().add(Place::Graphql, Fault::Slow);
    let shown = home.run_on_a_terminal(&["schema", "pull", "--out", "schema.graphql"], &[]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.stdout.contains("Fetching the schema … 0 s"),
        "{shown:?}"
    );
    assert!(
        shown.stdout.contains("\r\x1b[2KWrote schema.graphql"),
        "{shown:?}"
    );
    sandbox.faults().clear();
    sandbox.faults().add(Place::Graphql, Fault::Slow);
    let piped = home.run(&["schema", "pull", "--out", "schema.graphql"]);
    assert_eq!(piped.code, 0, "{piped:?}");
    assert!(
        piped.stderr.starts_with("schema.graphql is up to date"),
        "{piped:?}"
    );
}
