//! `attendium doctor`: each thing that can be wrong is found, with what to do.

use super::support::{CONFIG, Home, Run, json, start};
use attendium_sandbox::Sandbox;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;

/// What it found of one thing.
fn check(run: &Run, name: &str) -> Value {
    let document = json(run);
    let checks = document["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    found
        .unwrap_or_else(|| panic!("no `{name}` in {document:#}"))
        .clone()
}

fn is(run: &Run, name: &str, state: &str, found: &str, fix: &str) {
    let check = check(run, name);
    assert_eq!(check["state"], state, "{check}");
    assert!(
        check["found"]
            .as_str()
            .is_some_and(|text| text.contains(found)),
        "{check}"
    );
    let shown = check["fix"].as_str().unwrap_or_default();
    assert!(
        shown.contains(fix) && (fix.is_empty() == shown.is_empty()),
        "{check}"
    );
}

#[test]
fn a_good_project_with_a_login_is_found_good() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    home.write("graphql.config.yml", CONFIG);
    home.write(
        "schema.graphql",
        "type Query { me: User! } type User { id: ID! }",
    );
    home.write("queries/me.graphql", "query Me { me { id } }");
    let version = env!("CARGO_PKG_VERSION");
    home.write(
        "Cargo.lock",
        &format!("[[package]]\nname = \"attendium\"\nversion = \"{version}\"\n"),
    );
    let run = home.run(&["doctor", "--json"]);
    assert_eq!(
        (run.code, json(&run)["ok"].as_bool()),
        (0, Some(true)),
        "{run:?}"
    );
    is(&run, "configuration", "ok", "no errors in 1 operation", "");
    is(&run, "schema", "ok", "written ", "");
    is(&run, "versions", "ok", &format!("attendium {version}"), "");
    is(&run, "store", "ok", "", "");
    is(&run, "login", "ok", "user-emma", "");
    is(&run, "network", "ok", "answered 200", "");
    is(&run, "metadata", "ok", "what a login needs", "");
    is(&run, "clock", "ok", "agrees", "");
    is(&run, "api", "ok", "took the token", "");
    for secret in home.secrets() {
        assert!(!run.stdout.contains(&secret), "a secret is shown");
    }
    let shown = home.run(&["doctor"]);
    assert_eq!(
        (shown.code, shown.stdout.contains("fix:")),
        (0, false),
        "{shown:?}"
    );
}

#[test]
fn what_is_wrong_with_a_project_comes_with_its_fix() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    home.write("graphql.config.yml", CONFIG);
    home.write(
        "schema.graphql",
        "type Query { me: User! } type User { id: ID! }",
    );
    home.write("queries/me.graphql", "query Me { me { nope } }");
    home.write(
        "Cargo.lock",
        "[[package]]\nname = \"attendium-codegen\"\nversion = \"0.0.7\"\n",
    );
    let age = std::time::SystemTime::now() - std::time::Duration::from_secs(90 * 86_400);
    let schema = std::fs::File::options()
        .write(true)
        .open(home.file("schema.graphql"));
    schema
        .expect("the schema")
        .set_modified(age)
        .expect("an old file");
    let run = home.run(&["doctor", "--json"]);
    assert_eq!(
        (run.code, json(&run)["ok"].as_bool()),
        (1, Some(false)),
        "{run:?}"
    );
    is(
        &run,
        "configuration",
        "error",
        "queries/me.graphql:1:17: type `User` does not have a field `nope`",
        "`User` has `id`",
    );
    is(
        &run,
        "schema",
        "warning",
        "written 90 days ago",
        "attendium schema pull",
    );
    is(
        &run,
        "versions",
        "warning",
        "attendium-codegen 0.0.7",
        "cargo update",
    );
    is(
        &run,
        "login",
        "warning",
        "nobody is logged in",
        "run `attendium login`",
    );
    home.write("queries/more.graphql", "query More { nope }");
    is(
        &home.run(&["doctor", "--json"]),
        "configuration",
        "error",
        "2 errors, the first: queries/me.graphql:1:17: ",
        "attendium generate --check",
    );
    home.write("graphql.config.yml", "schema: [");
    is(
        &home.run(&["doctor", "--json"]),
        "configuration",
        "error",
        "graphql.config.yml",
        "see ",
    );
}

#[test]
fn all_mistakes_of_a_configuration_come_with_their_places() {
    let home = Home::new();
    home.write(
        "graphql.config.yml",
        "schema: 1\nextensions:\n  attendium:\n    outt: a.rs\n",
    );
    let run = home.run(&["doctor", "--json"]);
    let document = json(&run);
    let checks = document["checks"].as_array().expect("checks");
    let of_configuration = checks.iter().filter(|each| each["name"] == "configuration");
    let found: Vec<&str> = of_configuration
        .flat_map(|each| each["found"].as_str())
        .collect();
    let [schema, setting] = found[..] else {
        panic!("{found:?}");
    };
    assert!(
        schema.contains("graphql.config.yml:1:1: `schema` is neither"),
        "{schema}"
    );
    assert!(
        setting.contains("graphql.config.yml:4:5: `outt` is not a setting"),
        "{setting}"
    );
}

/// A server that answers every request in the same way, until the test ends.
fn always(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let own = url.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a request");
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).expect("a head");
            let _ = stream.write_all(answer(&own).as_bytes());
        }
    });
    url
}

#[test]
fn a_server_at_which_no_login_is_possible_is_found() {
    let missing = always(|_| {
        "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned()
    });
    let home = Home::new();
    let arguments = ["doctor", "--json", "--base-url", &missing];
    let run = home.run(&arguments);
    assert_eq!(run.code, 1, "{run:?}");
    is(&run, "network", "ok", "answered 404", "");
    is(
        &run,
        "metadata",
        "error",
        "publishes no metadata",
        "check the base URL",
    );
    // A token needs no login.
    let run = home.run_with(&arguments, &[("ATTENDIUM_TOKEN", "secret")]);
    is(
        &run,
        "metadata",
        "warning",
        "publishes no metadata",
        "check the base URL",
    );

    let closed = always(|url| {
        let metadata = format!(
            "{{\"issuer\":\"{url}\",\"authorization_endpoint\":\"{url}/a\",\
             \"token_endpoint\":\"{url}/t\"}}"
        );
        format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{metadata}",
            metadata.len()
        )
    });
    let arguments = ["doctor", "--json", "--base-url", &closed];
    is(
        &home.run(&arguments),
        "metadata",
        "error",
        "no `registration_endpoint`",
        "--client-id",
    );
    let run = home.run(&[&arguments[..], &["--client-id", "guests"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    is(&run, "metadata", "ok", "", "");
}

#[test]
fn a_look_at_the_server_registers_nothing() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let run = home.run(&["doctor", "--json"]);
    is(&run, "metadata", "ok", "what a login needs", "");
    assert_eq!(sandbox.counts().registrations, 0);
}

#[test]
fn a_server_that_can_not_be_reached_and_a_wrong_variable_are_found() {
    let home = Home::new();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("its address"))
    };
    let run = home.run(&["doctor", "--json", "--base-url", &closed]);
    assert_eq!(run.code, 1, "{run:?}");
    is(
        &run,
        "network",
        "error",
        "can't be reached",
        "check the base URL",
    );
    let run = home.run(&["doctor", "--json", "--base-url", "nonsense"]);
    assert_eq!(run.code, 1, "{run:?}");
    is(&run, "session", "error", "nonsense", "give an absolute");
}

#[test]
fn a_clock_that_differs_from_the_servers_is_found() {
    for (date, state) in [
        ("Thu, 01 Jan 2015 00:00:00 GMT", "error"),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "error"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).expect("a head");
            let answer =
                format!("HTTP/1.1 404 Not Found\r\ndate: {date}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).expect("an answer");
        });
        let run = Home::new().run(&["doctor", "--json", "--base-url", &url]);
        server.join().expect("the server");
        assert_eq!(run.code, 1, "{run:?}");
        is(&run, "clock", state, "days", "set the clock");
    }
}

#[test]
fn a_client_that_gets_no_token_for_itself_is_found() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let client = [
        ("ATTENDIUM_CLIENT_ID", "unknown"),
        ("ATTENDIUM_CLIENT_SECRET", "b"),
    ];
    let run = home.run_with(&["doctor", "--client-credentials", "--json"], &client);
    assert_eq!(run.code, 1, "{run:?}");
    is(&run, "login", "error", "invalid_client", "client id");
}
