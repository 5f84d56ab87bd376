//! `attendium query`: where the operation comes from, how its variables are read, what is printed
//! and how it exits.

use super::support::{self, Home, Run, start};
use attendium_sandbox::{Fault, Place, Sandbox};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/attendium.graphql");
const QUERIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../queries");

fn logged_in(sandbox: &Sandbox) -> Home {
    let home = Home::beside(sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    home
}

fn good(run: &Run) -> Value {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    support::json(run)
}

/// The name of the event that is going on, and its id.
fn ongoing(home: &Home) -> String {
    let query = "{ events(tab: ONGOING, first: 1) { nodes { id } } }";
    let run = home.run(&["query", "-e", query, "--select", "events.nodes[0].id"]);
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout.trim_end().to_owned()
}

#[test]
fn an_operation_runs_from_a_text_a_file_a_directory_and_standard_input() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let expected = json!({ "me": { "id": "user-emma" } });
    home.write(
        "me.graphql",
        "# A comment.\nquery Me {\n  me { ...Id }\n}\n",
    );
    home.write(
        "more/id.graphql",
        "fragment Id on User { id }\nfragment Unused on User { name }",
    );
    home.write("more/other.graphql", "query Other { __typename }");
    for (arguments, input) in [
        (&["-e", "{ me { id } }"][..], ""),
        (&["-e", "query { me { id } }", "--no-schema"], ""),
        (&["-"], "query Me { me { id } }"),
        (&["me.graphql", "more/id.graphql"], ""),
        // Unused fragments are not sent: the server would refuse them.
        (&["me.graphql", "more", "--operation", "Me"], ""),
        (
            &[
                "me.graphql",
                "more",
                "--operation",
                "Me",
                "--schema",
                SCHEMA,
            ],
            "",
        ),
        (
            &["-", "more/id.graphql", "--schema", SCHEMA],
            "{ me { ...Id } }",
        ),
    ] {
        let run = home.run_with_input(&[&["query"], arguments].concat(), input);
        assert_eq!(good(&run), expected, "{arguments:?}");
    }
    let whole = good(&home.run(&["query", "me.graphql", "more/id.graphql", "--json"]));
    assert_eq!(whole, json!({ "data": expected }));
    let none = home.run(&["query"]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""), "{none:?}");
}

#[test]
fn the_configuration_gives_schema_and_fragments() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    home.write(
        "graphql.config.yml",
        "schema: schema.graphql\ndocuments: queries/*.graphql\n",
    );
    home.write(
        "schema.graphql",
        &std::fs::read_to_string(SCHEMA).expect("the schema"),
    );
    home.write(
        "queries/id.graphql",
        "fragment Id on User { id }\nquery Broken { nothing }",
    );
    let before = sandbox.counts().graphql_requests;
    let run = home.run(&["query", "-e", "{ me { ...Id } }"]);
    assert_eq!(good(&run)["me"]["id"], "user-emma");
    let wrong = home.run(&["query", "-e", "{ me { nmae } }"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (1, ""), "{wrong:?}");
    for said in [
        "type `User` does not have a field `nmae`",
        "--> -e:1:8",
        "did you mean `name`?",
    ] {
        assert!(wrong.stderr.contains(said), "{said}: {wrong:?}");
    }
    let wrong = home.run(&["query", "-e", "{ me { nmae } }", "--json"]);
    let said: Value = serde_json::from_str(&wrong.stderr).expect("one JSON document");
    let found = &said["diagnostics"][0];
    assert_eq!(
        (found["line"].as_i64(), found["column"].as_i64()),
        (Some(1), Some(8)),
        "{said}"
    );
    assert_eq!(
        sandbox.counts().graphql_requests,
        before + 1,
        "nothing invalid is sent"
    );
    // The API says it where no schema is asked.
    let refused = home.run(&["query", "-e", "{ me { nmae } }", "--no-schema"]);
    assert_eq!(
        (refused.code, refused.stdout.as_str()),
        (4, ""),
        "{refused:?}"
    );
    assert!(refused.stderr.starts_with("error: "), "{refused:?}");
    home.write("graphql.config.yml", "schema: [");
    let broken = home.run(&["query", "-e", "{ me { id } }"]);
    assert_eq!((broken.code, broken.stdout.as_str()), (1, ""), "{broken:?}");
}

#[test]
fn variables_are_read_by_their_types() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let query = "query List($tab: EventTab, $first: Int = 1) {
        events(tab: $tab, first: $first) { nodes { id } } }";
    let count = |more: &[&str]| {
        let arguments = [&["query", "-e", query, "--schema", SCHEMA], more].concat();
        good(&home.run(&arguments))["events"]["nodes"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(count(&[]), Some(1));
    assert_eq!(
        count(&["--var", "first=2", "--var", "tab=UPCOMING"]),
        Some(2)
    );
    home.write("variables.json", "{\"first\": 2, \"tab\": \"UPCOMING\"}");
    assert_eq!(count(&["--variables", "@variables.json"]), Some(2));
    // A flag by name goes before the object.
    assert_eq!(
        count(&["--variables", "@variables.json", "--var", "first=1"]),
        Some(1)
    );
    let input =
        "mutation Add($input: AddGuestInput!) { addGuest(input: $input) { guest { name } } }";
    let list = home.run(&[
        "query",
        "-e",
        "query E($id: ID!) { event(id: $id) { guestLists { id } } }",
        "--var",
        &format!("id={}", ongoing(&home)),
        "--select",
        "event.guestLists[0].id",
    ]);
    let object = json!({ "guestList": list.stdout.trim_end(), "name": "Ada" });
    let added = home.run(&[
        "query",
        "-e",
        input,
        "--schema",
        SCHEMA,
        "--var",
        &format!("input={object}"),
    ]);
    assert_eq!(good(&added)["addGuest"]["guest"]["name"], "Ada");
}

#[test]
fn a_variable_that_does_not_fit_is_said_before_anything_is_sent() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let before = sandbox.counts().graphql_requests;
    let list = "query List($tab: EventTab, $first: Int!, $filter: GuestFilter, $id: ID!) {
        events(tab: $tab, first: $first) { nodes { id } }
        event(id: $id) { guests(filter: $filter) { totalCount } } }";
    for (arguments, said) in [
        (&[][..], "`$first` has no value, and its type is `Int!`"),
        (
            &["--var", "first=ten"],
            "`$first` is `\"ten\"`, and its type `Int!` takes a whole number",
        ),
        (
            &["--var", "first=3000000000"],
            "takes a whole number of 32 bits",
        ),
        (&["--var", "first=null"], "`$first` is null"),
        (&["--var", "frist=1"], "did you mean `$first`?"),
        (
            &["--var", "first=1", "--var", "first=2"],
            "given more than once",
        ),
        (&["--var", "tab=UPCOMMING"], "did you mean `UPCOMING`?"),
        (&["--var", "filter={"], "is neither JSON nor"),
        (
            &["--var", "filter={\"serch\": \"x\"}"],
            "`$filter.serch` is no field of `GuestFilter`",
        ),
        (&["--variables", "{\"filter\": 1}"], "takes an object"),
        (&["--variables", "[]"], "holds no JSON object"),
        (&["--variables", "{"], "holds no JSON"),
        (
            &["--variables", "@missing.json"],
            "can't read `missing.json`",
        ),
        (&["--var", "first"], "write NAME=VALUE"),
    ] {
        let all = [&["query", "-e", list, "--schema", SCHEMA], arguments].concat();
        let run = home.run(&all);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {run:?}"
        );
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    // Deep values end somewhere, and not in a panic.
    let deep = format!("{{\"id\": {}1{}}}", "[".repeat(120), "]".repeat(120));
    let run = home.run(&[
        "query",
        "-e",
        list,
        "--schema",
        SCHEMA,
        "--variables",
        &deep,
    ]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.counts().graphql_requests, before);
}

#[test]
fn without_a_schema_the_document_says_what_a_variable_is() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let id = ongoing(&home);
    let query = "query E($id: ID!, $first: Int, $filter: GuestFilter) {
        event(id: $id) { guests(first: $first, filter: $filter) { nodes { name } } } }";
    let run = home.run(&[
        "query",
        "-e",
        query,
        "--var",
        &format!("id={id}"),
        "--var",
        "first=2",
        "--var",
        "filter={}",
    ]);
    assert_eq!(
        good(&run)["event"]["guests"]["nodes"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let wrong = home.run(&["query", "-e", query, "--var", "id=x", "--var", "first=two"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    let missing = home.run(&["query", "-e", "{ me { ...Nope } }"]);
    assert_eq!(
        (missing.code, missing.stdout.as_str()),
        (1, ""),
        "{missing:?}"
    );
    assert!(
        missing.stderr.contains("there is no fragment `Nope`"),
        "{missing:?}"
    );
}

#[test]
fn parts_are_selected_and_lists_are_tables() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let id = format!("id={}", ongoing(&home));
    let event = |more: &[&str]| {
        let base = [
            "query",
            QUERIES,
            "--operation",
            "Event",
            "--schema",
            SCHEMA,
            "--var",
            &id,
        ];
        home.run(&[&base, more].concat())
    };
    let names = event(&["--select", "event.guests.nodes[].name"]);
    assert_eq!(
        (names.code, names.stdout.lines().count()),
        (0, 12),
        "{names:?}"
    );
    assert!(
        names.stdout.lines().any(|line| line == "李雷"),
        "without quotes: {names:?}"
    );
    let as_json = support::json(&event(&["--select", "event.guests.nodes[].name", "--json"]));
    assert_eq!(as_json.as_array().map(Vec::len), Some(12));
    let table = event(&["--select", "event.guests.nodes", "--table"]);
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert_eq!((table.code, lines.len()), (0, 14), "{table:?}");
    assert!(
        lines[0].contains("name") && lines[0].contains("guestList.name"),
        "{table:?}"
    );
    assert!(lines[1].starts_with("──"), "{table:?}");
    let wrong = event(&["--select", "event.guests.nodes.name"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (1, ""), "{wrong:?}");
    assert!(
        wrong
            .stderr
            .contains("write `event.guests.nodes[].name` for each"),
        "{wrong:?}"
    );
    let wrong = event(&["--select", "event.gests"]);
    assert!(wrong.stderr.contains("it has: "), "{wrong:?}");
    assert_eq!(event(&["--select", "event..x"]).code, 2);
    assert_eq!(event(&["--table", "--select", "event.id"]).code, 1);
}

/// A server that gives these answers, one to each request.
fn answering(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut request = Vec::new();
            let mut part = [0; 4096];
            // The body is one object, which ends the request.
            while !request.ends_with(b"}") {
                let read = stream.read(&mut part).expect("a request");
                request.extend_from_slice(&part[..read]);
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    });
    url
}

#[test]
fn partial_data_is_printed_and_the_exit_code_tells_of_the_errors() {
    const PARTIAL: &str = r#"{"data":{"me":{"id":"7"},"seats":null},
        "errors":[{"message":"no\u001b[31m seats","path":["seats",0]}],"extensions":{"cost":1}}"#;
    let home = Home::new();
    let url = answering(&[PARTIAL; 4]);
    let query = |more: &[&str]| {
        let base = ["query", "-e", "{ me { id } seats }", "--base-url", &url];
        home.run_with(
            &[&base, more].concat(),
            &[("ATTENDIUM_TOKEN", "of-a-machine")],
        )
    };
    let run = query(&[]);
    assert_eq!(
        (run.code, support::json(&run)["me"]["id"].as_str()),
        (4, Some("7")),
        "{run:?}"
    );
    assert_eq!(run.stderr, "error: no[31m seats (at seats[0])\n", "{run:?}");
    let run = query(&["--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (4, ""), "{run:?}");
    let sent: Value = serde_json::from_str(PARTIAL).expect("JSON");
    assert_eq!(support::json(&run), sent);
    let run = query(&["--select", "me.id"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, "7\n"), "{run:?}");
    let run = query(&["--select", "seats[].row", "--json"]);
    assert_eq!((run.code, support::json(&run)), (4, json!([])), "{run:?}");
    assert!(run.stderr.contains("\"errors\""), "{run:?}");
}

#[test]
fn what_can_not_run_is_said_and_not_sent() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let before = sandbox.counts().graphql_requests;
    let file = "query One { __typename } query Two { __typename }";
    for (arguments, code, said) in [
        (&["-e", ""][..], 1, "no operation"),
        (&["-e", "fragment F on User { id }"], 1, "no operation"),
        (&["-e", "{ me {"], 1, "error[syntax]"),
        (&["-e", file], 1, "choose one with `--operation`: One, Two"),
        (
            &["-e", file, "--operation", "Tow"],
            1,
            "did you mean `Two`?",
        ),
        (&["missing.graphql"], 1, "can't read `missing.graphql`"),
        (
            &["-e", "{ a }", "--schema", "missing.graphql"],
            1,
            "can't read `missing.graphql`",
        ),
        (
            &[
                "-e",
                "mutation M($f: Upload!) { importGuests(guestList: \"list-1\", file: $f) }",
                "--var",
                "f=missing.csv",
            ],
            1,
            "missing.csv: No such file",
        ),
        (
            &[
                "-e",
                "query Q($f: Upload!) { a(f: $f) }",
                "--variables",
                r#"{"f": 1}"#,
            ],
            2,
            "its type `Upload!` takes a file",
        ),
    ] {
        let run = home.run(&[&["query"], arguments].concat());
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (code, ""),
            "{arguments:?}: {run:?}"
        );
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(sandbox.counts().graphql_requests, before);
    assert_eq!(
        Home::beside(&sandbox)
            .run(&["query", "-e", "{ me { id } }"])
            .code,
        3
    );
}

#[test]
fn a_mutation_is_not_sent_twice_on_a_guess() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let mutation = "mutation { checkIn(guest: \"x\") { guest { id } } }";
    for (text, code, requests) in [(mutation, 1, 1), ("{ me { id } }", 0, 2)] {
        let before = sandbox.counts().graphql_requests;
        sandbox.faults().add(Place::Graphql, Fault::DroppedAfter);
        let run = home.run(&["query", "-e", text]);
        let sent = sandbox.counts().graphql_requests - before;
        assert_eq!((run.code, sent), (code, requests), "{text}: {run:?}");
    }
}

#[test]
fn a_subscription_prints_each_event_on_a_line_until_it_is_interrupted() {
    let sandbox = start(Sandbox::builder());
    let home = logged_in(&sandbox);
    let id = format!("event={}", ongoing(&home));
    let text = "subscription Live($event: ID!) {
        activity(event: $event) { __typename ... on LogEntry { guestName } } }";
    let base = ["query", "-e", text, "--schema", SCHEMA, "--var", &id];
    let table = home.run(&[&base[..], &["--table"]].concat());
    assert_eq!((table.code, table.stdout.as_str()), (2, ""), "{table:?}");
    let mut live = home.spawn(&[&base[..], &["--select", "activity.guestName"]].concat());
    while sandbox.counts().subscriptions == 0 {
        std::thread::yield_now();
    }
    let list = home.run(&[
        "query",
        "-e",
        "query L($event: ID!) { event(id: $event) { guestLists { id } } }",
        "--var",
        &id,
        "--select",
        "event.guestLists[0].id",
    ]);
    for name in ["Ada", "Zo\u{eb}"] {
        let input = json!({ "guestList": list.stdout.trim_end(), "name": name });
        let added = home.run(&[
            "query",
            "-e",
            "mutation Add($input: AddGuestInput!) { addGuest(input: $input) { guest { id } } }",
            "--var",
            &format!("input={input}"),
        ]);
        assert_eq!(added.code, 0, "{added:?}");
    }
    assert_eq!(live.wait_for_output("Ada"), "Ada\n");
    #[cfg(unix)]
    {
        live.interrupt();
        assert_eq!(live.end().code, 130);
    }
}
