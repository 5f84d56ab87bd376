//! Variables as people write them, tables of answers with several lists, and readers that go.

use super::support::{Home, json, start};
use attendium_sandbox::Sandbox;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/attendium.graphql");

fn logged_in(sandbox: &Sandbox) -> Home {
    let home = Home::beside(sandbox);
    let login = home.run(&["login"]);
    assert_eq!(login.code, 0, "{login:?}");
    home
}

#[test]
fn lists_and_objects_are_json_or_written_as_in_graphql() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let text = "query Q($f: GuestFilter, $s: [GuestStatus!]) { event(id: \"event-midsummer\") {
        a: guests(filter: $f) { totalCount } b: guests(filter: {status: $s}) { totalCount } } }";
    let run = |more: &[&str], schema: &[&str]| {
        home.run(&[&["query", "-e", text, "--json"], more, schema].concat())
    };
    let json_text = r#"f={"status": ["ARRIVED"]}"#;
    let with_json = run(&["--var", json_text, "--var", r#"s=["ARRIVED"]"#], &[]);
    let wanted = json(&with_json);
    assert!(
        wanted["data"]["event"]["a"]["totalCount"].as_u64() > Some(0),
        "{with_json:?}"
    );
    for schema in [&[][..], &["--schema", SCHEMA]] {
        for values in [
            ["f={status: [ARRIVED]}", "s=[ARRIVED]"],
            ["f={ status: ARRIVED } # a comment", "s=ARRIVED"],
            ["f={status: [\"ARRIVED\"], and: []}", "s=[ \"ARRIVED\" ]"],
        ] {
            let run = run(&["--var", values[0], "--var", values[1]], schema);
            assert_eq!(json(&run), wanted, "{values:?}: {run:?}");
        }
    }
    for wrong in [
        "f={status: [$x]}",
        "f={status: ARRIVED}) { id",
        "f={a: 1}, filter: {b: 1}",
        "f={",
    ] {
        let run = run(&["--var", wrong], &["--schema", SCHEMA]);
        assert_eq!(run.code, 2, "{wrong}: {run:?}");
        assert!(run.stderr.contains("{first: 10}"), "{wrong}: {run:?}");
    }
    let input = r#"{"f": {"status": ["ARRIVED"]}, "s": "ARRIVED"}"#;
    let arguments = ["query", "-e", text, "--json", "--variables"];
    for place in ["-", "@-"] {
        let run = home.run_with_input(&[&arguments[..], &[place]].concat(), input);
        assert_eq!(json(&run), wanted, "{run:?}");
    }
}

#[test]
fn of_several_lists_none_is_shown_in_silence() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let text = "{ event(id: \"event-midsummer\") {
        guestLists { name } guests { nodes { name } } } }";
    let run = |more: &[&str]| home.run(&[&["query", "-e", text, "--table"], more].concat());
    let both = run(&[]);
    assert_eq!((both.code, both.stdout.as_str()), (1, ""), "{both:?}");
    for path in ["--select event.guestLists`", "--select event.guests.nodes`"] {
        assert!(both.stderr.contains(path), "{both:?}");
    }
    let below = run(&["--select", "event"]);
    assert!(
        below.stderr.contains("--select 'event.guests.nodes'`"),
        "{below:?}"
    );
    let one = run(&["--select", "event.guestLists"]);
    assert!(one.code == 0 && one.stdout.starts_with("name"), "{one:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_subscription_ends_when_its_reader_has_gone() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let text = "subscription { activity(event: \"event-midsummer\") { __typename } }";
    let mut live = home.spawn(&["query", "-e", text]);
    while sandbox.counts().subscriptions == 0 {
        std::thread::yield_now();
    }
    // Nothing happens at the event from here on.
    live.stop_reading();
    let live = live.end();
    assert_eq!((live.code, live.stderr.as_str()), (1, ""), "{live:?}");
}
