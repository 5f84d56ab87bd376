//! The flags for the server and the login, and what they make of the environment.

use super::support::{Home, json, start};
use attendium_sandbox::Sandbox;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

const QUERY: [&str; 3] = ["query", "-e", "{ me { id } }"];

/// A public API: it answers each request with this status and body, and gives the request on.
pub fn public_api(status: &'static str, body: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let (send, requests) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a request");
            let mut request = Vec::new();
            let mut part = [0; 4096];
            // The body of GraphQL is one object; OAuth asks by GET, without one.
            while !request.ends_with(b"}") && !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut part).expect("a request") {
                    0 => break,
                    read => request.extend_from_slice(&part[..read]),
                }
                if request.starts_with(b"POST") && request.ends_with(b"\r\n\r\n") {
                    let read = stream.read(&mut part).expect("a body");
                    request.extend_from_slice(&part[..read]);
                }
            }
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json");
            let length = body.len();
            let answer =
                format!("{head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).expect("an answer");
            let _ = send.send(String::from_utf8_lossy(&request).to_lowercase());
        }
    });
    (url, requests)
}

#[test]
fn a_variable_is_no_flag_that_was_typed() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let set = [
        ("ATTENDIUM_PROFILE", "door"),
        ("ATTENDIUM_CLIENT_ID", "guest-list"),
        ("ATTENDIUM_STORE", "file"),
    ];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let arguments = ["new", "srv", "--url", sandbox.base_url(), "--path", path];
    let new = home.run_with(&arguments, &set);
    assert_eq!(new.code, 3, "it asks the server: {new:?}");
    let both = home.run(&[&arguments[..], &["--base-url", "https://a.example"]].concat());
    assert!(
        both.code == 2 && both.stderr.contains("cannot be used"),
        "{both:?}"
    );
    for command in ["query", "new", "sandbox run", "schema", "doctor --nonsense"] {
        let words: Vec<&str> = command.split(' ').collect();
        let run = home.run_with(&words, &set);
        assert_eq!(run.code, 2, "{run:?}");
        for flag in ["--base-url", "--profile", "--client-id", "--store"] {
            assert!(!run.stderr.contains(flag), "{command}: {run:?}");
        }
    }
    let query = home.run(&["query"]);
    assert!(query.stderr.contains("--execute <TEXT>"), "{query:?}");
    assert!(query.stderr.contains("`-` is standard input"), "{query:?}");
    // It counts where a flag needs another one.
    let secret = [
        ("ATTENDIUM_CLIENT_ID", "a"),
        ("ATTENDIUM_CLIENT_SECRET", "b"),
    ];
    let machine = home.run_with(&["me", "--client-credentials"], &secret);
    assert_eq!(machine.code, 1, "the server was asked: {machine:?}");
}

#[test]
fn the_next_step_logs_in_where_the_command_looked() {
    let (one, other) = (start(Sandbox::builder()), start(Sandbox::builder()));
    let home = Home::beside(&one);
    let flags = |url: &str| format!("--base-url {url} --profile 'a b' --store file`");
    let arguments = ["me", "--profile", "a b", "--store", "file", "--base-url"];
    let run = |url: &str, variables: &[(&str, &str)]| {
        let run = home.run_with(&[&arguments[..], &[url]].concat(), variables);
        assert_eq!(run.code, 3, "{run:?}");
        run.stderr
    };
    let usual = [("ATTENDIUM_STORE", "")];
    let said = run(other.base_url(), &usual);
    assert!(said.contains(&flags(other.base_url())), "{said}");
    // What the variables say is found there by the next command too.
    let said = run(one.base_url(), &[("ATTENDIUM_STORE", "file")]);
    assert!(said.contains("`attendium login --profile 'a b'`"), "{said}");
    let said = run(one.base_url(), &[("ATTENDIUM_PROFILE", "a b")]);
    assert!(said.contains("`attendium login`"), "{said}");
}

#[test]
fn a_public_api_is_asked_without_a_login() {
    const ANSWER: &str = r#"{"data":{"me":{"id":"7"}}}"#;
    let (url, requests) = public_api("200 OK", ANSWER);
    let home = Home::new();
    home.write("headers.txt", "X-Api-Key: of-a-file\n\nX-Tenant: south\n");
    let at = format!("{url}/v1?k=1");
    let more = [
        "--anonymous",
        "--graphql-url",
        &at,
        "-H",
        "X-Version:  3 ",
        "--header",
        "@headers.txt",
    ];
    let run = home.run(&[&QUERY[..], &more].concat());
    assert_eq!(
        (run.code, json(&run)["me"]["id"].as_str()),
        (0, Some("7")),
        "{run:?}"
    );
    let request = requests.recv().expect("a request");
    for line in [
        "post /v1?k=1 ",
        "x-version: 3\r\n",
        "x-api-key: of-a-file",
        "x-tenant: south",
    ] {
        assert!(request.contains(line), "{line}: {request}");
    }
    assert!(!request.contains("authorization"), "{request}");
    let me = home.run(&["me", "--anonymous", "--base-url", &url]);
    assert_eq!(me.stdout, "Logged in as 7\n", "{me:?}");
    assert!(
        requests
            .recv()
            .is_ok_and(|request| request.starts_with("post /graphql "))
    );
    let text = "subscription { a }";
    let arguments = [
        "query",
        "-e",
        text,
        "--anonymous",
        "-H",
        "x-version: 3",
        "--base-url",
        &url,
    ];
    assert_eq!(home.run(&arguments).code, 0);
    let request = requests.recv().expect("a request");
    assert!(request.contains("text/event-stream"), "{request}");
    assert!(request.contains("x-version: 3"), "{request}");
    while requests.try_recv().is_ok() {}
    // A header of a file stands in place of a login.
    home.write("basic.txt", "Authorization: Basic YTpi\n");
    let run = home.run(&[&QUERY[..], &["-H", "@basic.txt", "--base-url", &url]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        requests
            .recv()
            .is_ok_and(|request| request.contains("authorization: basic ytpi"))
    );
    let status = home.run(&["status", "-H", "@basic.txt"]);
    assert!(
        status.code == 0 && status.stdout.contains("of a file"),
        "{status:?}"
    );
    // Who does not know of the flag is told of it.
    let login = home.run(&[&QUERY[..], &["--base-url", &url]].concat());
    assert!(
        login.code == 3 && login.stderr.contains("give `--anonymous`"),
        "{login:?}"
    );
    let (nothing, _requests) = public_api("404 Not Found", "");
    let login = home.run(&["login", "--base-url", &nothing]);
    assert_eq!(login.code, 1, "{login:?}");
    assert!(login.stderr.contains("publishes no metadata"), "{login:?}");
    assert!(login.stderr.contains("with `--anonymous`"), "{login:?}");
}

#[test]
fn a_credential_is_no_argument_and_no_header_is_shown() {
    let home = Home::new();
    for name in [
        "Authorization",
        "proxy-authorization",
        "Cookie",
        "X-Api-Key",
        "x-auth-token",
    ] {
        let header = format!("{name}: very-secret-value");
        let run = home.run(&[&QUERY[..], &["--anonymous", "--header", &header]].concat());
        assert_eq!(run.code, 2, "{run:?}");
        assert!(!run.stderr.contains("very-secret"), "{run:?}");
        assert!(run.stderr.contains("`--header @FILE`"), "{run:?}");
    }
    const ECHO: &str = r#"{"errors":[{"message":"no tenant north-of-here, key of-a-file"}]}"#;
    home.write("key", "x-api-key: of-a-file\nnonsense very-secret\n");
    let broken = home.run(&[&QUERY[..], &["--anonymous", "-H", "@key"]].concat());
    assert!(
        broken.code == 2 && broken.stderr.contains("line 2 of `key`"),
        "{broken:?}"
    );
    assert!(!broken.stderr.contains("very-secret"), "{broken:?}");
    home.write("key", "x-api-key: of-a-file\n");
    for (status, body) in [
        ("200 OK", ECHO),
        ("401 Unauthorized", ECHO),
        ("400 Bad Request", ECHO),
    ] {
        let (url, _requests) = public_api(status, body);
        let more = [
            "--anonymous",
            "-vv",
            "-H",
            "x-tenant: north-of-here",
            "-H",
            "@key",
            "--base-url",
            &url,
        ];
        let run = home.run(&[&QUERY[..], &more].concat());
        assert!(run.stderr.contains("error: "), "{run:?}");
        for value in ["north-of-here", "of-a-file"] {
            assert!(!run.stderr.contains(value), "{status}: {run:?}");
        }
    }
}

#[test]
fn a_token_from_the_environment_is_what_status_reports() {
    let home = Home::new();
    let token = [("ATTENDIUM_TOKEN", "of-a-machine")];
    let status = home.run_with(&["status"], &token);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(
        status.stdout.contains("the token of ATTENDIUM_TOKEN"),
        "{status:?}"
    );
    let as_json = home.run_with(&["status", "--json"], &token);
    assert_eq!(json(&as_json)["credential"], "the token of ATTENDIUM_TOKEN");
    for run in [status, as_json] {
        assert!(!format!("{run:?}").contains("of-a-machine"), "{run:?}");
    }
}

#[test]
fn an_error_names_the_url_that_was_asked() {
    let (url, _requests) = public_api("404 Not Found", "");
    let home = Home::new();
    let asked = format!("{url}/graphqll");
    let with_secret = format!("{asked}?key=very-secret");
    let more = ["--anonymous", "--graphql-url", &with_secret];
    let run = home.run(&[&QUERY[..], &more].concat());
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stderr
            .ends_with(&format!("note: the GraphQL URL is {asked}\n")),
        "{run:?}"
    );
    assert!(!run.stderr.contains("very-secret"), "{run:?}");
    let run = home.run(&[&QUERY[..], &["--anonymous", "--base-url", &url]].concat());
    assert!(run.stderr.contains(&format!("{url}/graphql")), "{run:?}");
    // No server has a part in it.
    let upload = "mutation M($f: Upload!) { import(file: $f) }";
    let more = ["--anonymous", "--base-url", &url, "--var", "f=missing.csv"];
    let run = home.run(&[&["query", "-e", upload], &more[..]].concat());
    assert!(
        run.code == 1 && run.stderr.contains("missing.csv"),
        "{run:?}"
    );
    assert!(!run.stderr.contains("note: "), "{run:?}");
}

#[test]
fn me_at_another_api_says_what_it_asks() {
    const NO_ME: &str = r#"{"data":{"viewer":{"id":"7"}}}"#;
    const REFUSED: &str = r#"{"errors":[{"message":"Cannot query field \"me\""}]}"#;
    let home = Home::new();
    for answer in [NO_ME, REFUSED] {
        let (url, _requests) = public_api("200 OK", answer);
        let run = home.run(&["me", "--anonymous", "--json", "--base-url", &url]);
        assert_eq!(run.code, 1, "{run:?}");
        let error: Value = serde_json::from_str(&run.stderr).expect("one document");
        let help = error["help"].as_str().unwrap_or_default();
        assert!(help.contains("a query of Attendium's API"), "{run:?}");
        assert!(help.contains("`attendium query`"), "{run:?}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let home = Home::new();
    for arguments in [
        &["me", "--store", "cloud"][..],
        &["login", "--timeout", "soon"],
        &["schema"],
        &["nonsense"],
        &["me", "--base-url", "nonsense"],
        &["me", "--graphql-url", "nonsense"],
        &["me", "--graphql-url", "https://other.example.com/graphql"],
        &["me", "--allow-origin", "nonsense"],
        &["me", "--profile", ""],
        &["me", "--client-secret-file", "missing", "--client-id", "id"],
        &["me", "--client-credentials"],
        &["me", "--header", "nonsense"],
        &["me", "--header", "@missing"],
        &["query", "-e", "{ a }", "--variables", "nonsense"],
    ] {
        let run = home.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    }
    let variable = home.run_with(&["me"], &[("ATTENDIUM_STORE", "cloud")]);
    assert_eq!(variable.code, 2, "{variable:?}");
}

#[test]
fn point_58_verbose_tells_what_is_done_and_no_secret() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let login = home.run(&["login", "-vvv"]);
    assert_eq!(login.code, 0, "{login:?}");
    assert!(
        login.stderr.contains("the application was registered"),
        "{login:?}"
    );
    sandbox.expire_access_tokens();
    let before = home.secrets();
    let me = home.run(&["me", "--json", "-vv"]);
    assert_eq!(
        (me.code, json(&me)["me"]["id"].as_str()),
        (0, Some("user-emma")),
        "{me:?}"
    );
    let lines: Vec<&str> = me.stderr.lines().collect();
    let is_line = |start: &str, end: &str| {
        let mut lines = lines.iter();
        lines.any(|line| line.starts_with(start) && line.contains(end) && line.ends_with(" ms"))
    };
    assert!(is_line("refresh: POST http://", ": 200 in "), "{me:?}");
    assert!(is_line("query Me: done in ", ""), "{me:?}");
    for part in ["otel.", "time.busy", "attendium.step"] {
        assert!(!me.stderr.contains(part), "{part}: {me:?}");
    }
    let raw = home.run_with(&["me"], &[("RUST_LOG", "attendium=debug")]);
    assert!(
        raw.stderr.contains("http.response.status_code=200"),
        "{raw:?}"
    );
    sandbox.expire_access_tokens();
    let variable = home.run_with(&["me"], &[("RUST_LOG", "attendium=info")]);
    assert!(
        variable.stderr.contains("the access token was refreshed"),
        "{variable:?}"
    );
    assert!(!variable.stderr.contains("attendium.step"), "{variable:?}");
    for secret in before.into_iter().chain(home.secrets()) {
        for run in [&login, &me, &variable] {
            assert!(
                !run.stderr.contains(&secret),
                "a secret of {} letters",
                secret.len()
            );
        }
    }
    assert_eq!(
        home.run(&["me"]).stderr,
        "",
        "without either nothing is told"
    );
    let wrong = home.run_with(&["me"], &[("RUST_LOG", "attendium=loud")]);
    assert!(
        wrong.code == 0 && wrong.stderr.contains("RUST_LOG"),
        "{wrong:?}"
    );
}
