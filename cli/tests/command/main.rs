//! The real binary, run as a shell runs it, against a sandbox in this process, over sockets.
//!
//! Nothing here waits for a time to pass, but for the one login to which nobody comes: a test goes
//! on when a line was printed, a page was answered or the process has ended.

mod connection;
mod doctor;
mod examples;
mod generate;
mod help;
mod messages;
mod new;
mod query;
mod query_values;
#[cfg(unix)]
mod signals;
mod support;
#[cfg(target_os = "linux")]
mod terminal;
mod upload;
mod watch;

use attendium_sandbox::{Fault, Place, Sandbox};
use serde_json::Value;
use std::path::Path;
use support::{Home, Run, json, start};

#[test]
fn demo_json_is_one_document_with_the_whole_story() {
    let home = Home::new();
    let run = home.run(&["demo", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let story: Value = serde_json::from_str(&run.stdout).expect("one JSON document");
    assert_eq!(story["me"]["name"], "Emma Lindqvist");
    assert_eq!(story["event"]["name"], "Midsummer Night");
    assert_eq!(
        story["event"]["guests"]["nodes"].as_array().map(Vec::len),
        Some(12)
    );
    let counter = |name: &str| story["checked_in"][name].as_i64().unwrap_or(-1);
    assert!(
        0 < counter("before") && counter("before") < counter("after"),
        "{run:?}"
    );
    assert!(counter("after") <= counter("total"), "{run:?}");
    assert_eq!(story["seen"], "Chidi Okafor by Emma Lindqvist");
    assert!(story["refreshes"].as_u64() >= Some(1), "{run:?}");
    let steps: Vec<&str> = story["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|step| step["step"].as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "start", "discover", "register", "login", "keep", "me", "event", "watch", "check-in",
            "expire", "refresh", "logout"
        ]
    );
}

#[test]
fn a_login_is_kept_for_the_next_commands_and_ends_with_logout() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let login = home.run(&["login", "--json"]);
    assert_eq!(
        (login.code, json(&login)["account"].as_str()),
        (0, Some("user-emma")),
        "{login:?}"
    );
    let me = home.run(&["me", "--json"]);
    assert_eq!(
        (me.code, json(&me)),
        (0, serde_json::json!({ "me": { "id": "user-emma" } })),
        "{me:?}"
    );

    let status = home.run(&["status", "--json"]);
    let shown = json(&status);
    assert_eq!(status.code, 0, "{status:?}");
    assert_eq!(
        (shown["issuer"].as_str(), shown["profile"].as_str()),
        (Some(sandbox.base_url()), Some("default"))
    );
    assert!(
        shown["client_id"].is_string()
            && shown["expires_at"].is_u64()
            && shown["scopes"].is_array(),
        "{status:?}"
    );
    assert_eq!(shown["store"]["store"], "file");
    assert_eq!(home.secrets().len(), 2, "an access and a refresh token");
    for secret in home.secrets() {
        for run in [&login, &me, &status, &home.run(&["status"])] {
            assert!(
                !run.stdout.contains(&secret) && !run.stderr.contains(&secret),
                "a secret of {} letters is shown",
                secret.len()
            );
        }
    }

    let other = home.run(&["status", "--profile", "other"]);
    assert_eq!(other.code, 3, "{other:?}");
    let logout = home.run(&["logout"]);
    assert_eq!(
        (logout.code, sandbox.counts().revocations),
        (0, 1),
        "{logout:?}"
    );
    let me = home.run(&["me"]);
    assert_eq!((me.code, me.stdout.as_str()), (3, ""), "{me:?}");
    assert!(me.stderr.contains("help: run `attendium login`"), "{me:?}");
}

#[test]
fn a_login_that_the_server_ended_exits_with_3() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    sandbox.expire_access_tokens();
    let me = home.run(&["me"]);
    assert_eq!((me.code, sandbox.counts().refreshes), (0, 1), "{me:?}");
    sandbox.expire_access_tokens();
    sandbox.expire_refresh_tokens();
    let me = home.run(&["me"]);
    assert_eq!(me.code, 3, "{me:?}");
    assert!(
        me.stderr.contains(&format!(
            "error: login required at {}: the server ended this login\n  help: run `attendium \
             login`",
            sandbox.base_url()
        )),
        "{me:?}"
    );
}

#[test]
fn a_login_that_the_user_denies_exits_with_1() {
    let sandbox = start(Sandbox::builder());
    let mut home = Home::beside(&sandbox);
    home.browser("sandbox browse --deny");
    let login = home.run(&["login"]);
    assert_eq!((login.code, login.stdout.as_str()), (1, ""), "{login:?}");
    assert!(
        login
            .stderr
            .contains("help: log in again and allow the access"),
        "{login:?}"
    );
}

#[test]
fn a_callback_with_a_tampered_state_changes_nothing_and_ctrl_c_ends_the_wait_with_1() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let mut login = home.spawn(&["login", "--no-browser"]);
    let link = login.link();
    let forged = support::with_parameter(&link, "state", "forged");
    let visit = support::visit(&sandbox.scripted_user(), &forged);
    assert!(visit.text.contains("another login"), "{}", visit.text);
    login.interrupt();
    let login = login.end();
    assert_eq!(
        (login.code, sandbox.counts().code_exchanges),
        (1, 0),
        "{login:?}"
    );
    assert!(
        login.stderr.contains("\n  help: run `attendium login`"),
        "{login:?}"
    );
}

#[test]
fn the_address_that_a_browser_elsewhere_ended_up_at_can_be_pasted() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let mut login = home.spawn(&["login", "--no-browser", "--json"]);
    let link = login.link();
    login.wait_for_line("paste the address that it ends up at here");
    let visit = support::visit(&sandbox.scripted_user().stop_at_callback(), &link);
    login.paste(&visit.url);
    let login = login.end();
    assert_eq!(
        (login.code, json(&login)["logged_in"].as_bool()),
        (0, Some(true)),
        "{login:?}"
    );
}

#[test]
fn memory_keeps_nothing_so_that_a_command_logs_in_for_itself() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let me = home.run(&["me", "--json", "--store", "memory"]);
    assert_eq!(
        (me.code, json(&me)["me"]["id"].as_str()),
        (0, Some("user-emma")),
        "{me:?}"
    );
    assert_eq!(home.run(&["status"]).code, 3);
    assert!(home.secrets().is_empty());
}

#[test]
fn what_is_wrong_with_a_server_is_said_with_what_to_do() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("its address"))
    };
    // The same server under a name that is not its issuer's.
    let other_name = sandbox.base_url().replace("127.0.0.1", "localhost");
    for (url, code) in [
        ("no url", 2),
        ("ftp://api.attendium.com", 2),
        ("http://api.attendium.com", 2),
        (&other_name, 1),
        (&closed, 1),
    ] {
        let login = home.run(&["login", "--base-url", url]);
        assert_eq!(
            (login.code, login.stdout.as_str()),
            (code, ""),
            "{url}: {login:?}"
        );
        assert!(
            login.stderr.starts_with("error: ") && login.stderr.contains("\n  help: "),
            "{url}: {login:?}"
        );
    }
    assert_eq!(sandbox.counts().registrations, 0);
    let me = home.run(&["me", "--base-url", &closed, "--store", "memory"]);
    assert!(
        me.stderr
            .ends_with(&format!("\n  note: the base URL is {closed}\n")),
        "{me:?}"
    );
    assert!(
        !me.stderr.contains("the login is kept"),
        "there is none: {me:?}"
    );
    sandbox
        .faults()
        .add(Place::Discovery, Fault::Html200)
        .forever();
    let login = home.run(&["login"]);
    assert_eq!(login.code, 1, "{login:?}");
    assert!(login.stderr.contains("check the base URL"), "{login:?}");
    assert!(!login.stderr.contains("<html"), "{login:?}");
    let from = format!(
        "note: the base URL is {}, from ATTENDIUM_BASE_URL\n",
        sandbox.base_url()
    );
    assert!(login.stderr.ends_with(&from), "{login:?}");
}

#[test]
fn a_login_goes_as_its_flags_say() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener
            .local_addr()
            .expect("its address")
            .port()
            .to_string()
    };
    let mut login = home.spawn(&[
        "login",
        "--no-browser",
        "--json",
        "--profile",
        "door",
        "--store",
        "file",
        "--port",
        &port,
        "--scope",
        "read",
        "--login-hint",
        "ann@example.com",
        "--timeout",
        "90s",
    ]);
    let link = login.link();
    let parameter = |name: &str| {
        let link = url::Url::parse(&link).expect("a link");
        let found = link.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("scope").as_deref(), Some("read"));
    assert_eq!(parameter("login_hint").as_deref(), Some("ann@example.com"));
    assert_eq!(
        parameter("redirect_uri"),
        Some(format!("http://127.0.0.1:{port}/callback"))
    );
    support::visit(&sandbox.scripted_user(), &link);
    let login = login.end();
    assert_eq!(login.code, 0, "{login:?}");
    let status = json(&home.run(&["status", "--json", "--profile", "door"]));
    assert_eq!(status, json(&login));
    assert_eq!(status["scopes"], serde_json::json!(["read"]));
    let members: Vec<&str> = status
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "logged_in",
        "issuer",
        "application",
        "profile",
        "account",
        "client_id",
        "scopes",
        "expires_at",
        "expired",
        "refreshable",
        "store",
    ];
    assert_eq!(members, expected);
    assert!(
        Path::new(status["store"]["location"].as_str().expect("a place")).exists(),
        "{status}"
    );
    // Nobody comes: the shortest wait there is.
    let late = home.run(&["login", "--no-browser", "--timeout", "1s"]);
    assert_eq!((late.code, late.stdout.as_str()), (1, ""), "{late:?}");
    assert!(
        late.stderr.contains("attendium login --register-again"),
        "{late:?}"
    );
}

#[test]
fn point_58_status_all_shows_the_logins_at_every_server_and_profile() {
    let (first, second) = (start(Sandbox::builder()), start(Sandbox::builder()));
    let home = Home::new();
    let run = |command: &str, sandbox: &Sandbox, profile: &str| {
        let run = home.run(&[
            command,
            "--base-url",
            sandbox.base_url(),
            "--profile",
            profile,
        ]);
        assert_eq!(run.code, 0, "{run:?}");
    };
    let all = || {
        let run = home.run(&["status", "--all", "--json"]);
        let shown = json(&run);
        let names = shown.as_array().expect("an array").iter().map(|status| {
            let text = |name: &str| status[name].as_str().expect("a text").to_owned();
            assert_eq!(status["logged_in"], true);
            (text("issuer"), text("profile"))
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        (run.code, names)
    };
    assert_eq!(all(), (3, vec![]));
    run("login", &first, "default");
    run("login", &first, "door");
    run("login", &second, "default");
    let name =
        |sandbox: &Sandbox, profile: &str| (sandbox.base_url().to_owned(), profile.to_owned());
    let mut expected = vec![
        name(&first, "default"),
        name(&first, "door"),
        name(&second, "default"),
    ];
    expected.sort();
    assert_eq!(all(), (0, expected));
    let shown = home.run(&["status", "--all"]).stdout;
    assert_eq!(
        shown.matches("Logged in as user-emma").count(),
        3,
        "{shown}"
    );
    for secret in home.secrets() {
        assert!(!shown.contains(&secret));
    }
    run("logout", &first, "default");
    run("logout", &second, "default");
    assert_eq!(all(), (0, vec![name(&first, "door")]));
    // One that can't be read is told, and the others are shown all the same.
    run("login", &second, "default");
    let status = home.run(&["status", "--json", "--base-url", second.base_url()]);
    let place = json(&status)["store"]["location"]
        .as_str()
        .expect("a path")
        .to_owned();
    std::fs::write(place, "broken").expect("a file");
    let broken = home.run(&["status", "--all"]);
    assert_eq!(broken.code, 1, "{broken:?}");
    assert!(
        broken.stdout.contains("door") && broken.stderr.contains("error"),
        "{broken:?}"
    );
}

#[test]
fn point_56_logout_forgets_the_registration() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let register = || {
        let login = home.run(&["login", "--json"]);
        assert_eq!(login.code, 0, "{login:?}");
        sandbox.counts().registrations
    };
    assert_eq!(register(), 1);
    assert_eq!(home.run(&["logout"]).code, 0);
    assert_eq!(register(), 1, "the registration is found again");
    let logout = home.run(&["logout", "--forget", "--json"]);
    assert_eq!(logout.code, 0, "{logout:?}");
    assert_eq!(
        json(&logout)["registration_deleted"],
        false,
        "the server offers none"
    );
    assert_eq!(register(), 2);
}

#[test]
fn credentials_that_can_not_be_read_are_said_before_the_browser_opens() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let place = json(&home.run(&["login", "--json"]))["store"]["location"].clone();
    let place = place.as_str().expect("a path");
    std::fs::write(place, "not ours").expect("a file");
    for command in ["login", "me", "status", "logout"] {
        let run = home.run(&[command]);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(
            run.stderr
                .starts_with(&format!("error: {place} does not hold credentials"))
                && run.stderr.contains("\n  help: remove it"),
            "{run:?}"
        );
    }
    std::fs::remove_file(place).expect("removed");
    assert_eq!(home.run(&["login"]).code, 0);
}

#[test]
fn a_pulled_schema_compiles_what_compiled_before() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["schema", "pull"]).code, 3);
    assert_eq!(home.run(&["login"]).code, 0);
    let schema = home.file("schema.graphql");
    let pull = |home: &Home| home.run(&["schema", "pull", "--out", &schema]);
    let first = pull(&home);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(pull(&home).stderr.contains("is up to date: "));
    // The server describes them, and every schema has them.
    let pulled = std::fs::read_to_string(&schema).expect("the schema");
    assert!(pulled.contains("input GuestKey @oneOf {"));
    for own in ["directive @oneOf", "directive @include", "scalar ID", " __"] {
        assert!(!pulled.contains(own), "{own} in\n{pulled}");
    }

    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let (queries, committed) = (
        format!("{root}/queries"),
        format!("{root}/schema/attendium.graphql"),
    );
    let (before, after) = (home.file("before.rs"), home.file("after.rs"));
    let generate = |schema: &str, out: &str, more: &[&str]| -> Run {
        home.run(
            &[
                &[
                    "generate",
                    "--schema",
                    schema,
                    "--operations",
                    &queries,
                    "--out",
                    out,
                ],
                more,
            ]
            .concat(),
        )
    };
    assert_eq!(generate(&committed, &before, &[]).code, 0);
    assert_eq!(generate(&schema, &after, &[]).code, 0);
    let read = |path: &str| std::fs::read_to_string(path).expect("generated code");
    // They say which file they are from, as seen from the file that is written.
    let shown = |schema: &str| format!("`GuestStatus` — {schema}\n");
    assert!(read(&after).contains(&shown("schema.graphql")));
    let build = attendium_codegen::build();
    let build = build.schema(&committed).operations(&queries);
    let (built, _) = build.compile_in(Path::new(&home.file("")));
    let path = built.code.split("`GuestStatus` — ").nth(1);
    let path = path.and_then(|rest| rest.lines().next()).expect("a path");
    assert!(path.starts_with("../") && path.ends_with("/schema/attendium.graphql"));
    assert_eq!(read(&before).replace(path, "schema.graphql"), read(&after));
    assert!(
        read(&before) == built.code,
        "not what a build script generates"
    );

    assert_eq!(generate(&schema, &after, &["--check"]).code, 0);
    std::fs::write(&after, "// older\n").expect("a file");
    let check = generate(&schema, &after, &["--check"]);
    assert_eq!(
        (check.code, read(&after).as_str()),
        (1, "// older\n"),
        "{check:?}"
    );
}

#[test]
fn a_schema_is_pulled_from_a_server_that_limits_introspection() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let pull = |more: &[&str]| home.run(&[&["schema", "pull"], more].concat());
    let whole = pull(&[]);
    assert_eq!((whole.code, whole.stderr.as_str()), (0, ""), "{whole:?}");
    assert_eq!(pull(&["--out", "-"]).stdout, whole.stdout);
    for (fault, is_as_before, refusals) in [
        (Fault::IntrospectionGoodFaith, true, 0),
        (Fault::IntrospectionDepth, true, 1),
        (Fault::IntrospectionComplexity, true, 1),
        (Fault::IntrospectionOf2018, false, 2),
    ] {
        sandbox.faults().add(Place::Graphql, fault).forever();
        let run = pull(&[]);
        let said = run.stderr.matches("The server refused ").count();
        assert_eq!((run.code, said), (0, refusals), "{fault}: {run:?}");
        assert_eq!(run.stdout == whole.stdout, is_as_before, "{fault}: {run:?}");
        assert!(run.stdout.contains("type Query"), "{fault}: {run:?}");
        sandbox.faults().clear();
    }
    // The query for what the server knows is refused by itself.
    sandbox
        .faults()
        .add(Place::Graphql, Fault::IntrospectionOff);
    let run = pull(&[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr
            .contains("The server refused the meta fields that it knows: the API answered: "),
        "{run:?}"
    );
    // What is cut off is said.
    let run = pull(&["--type-depth", "1"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains("is cut off") && run.stderr.contains("more levels of `ofType`"),
        "{run:?}"
    );
    // Levels that are asked for by name are not lowered.
    sandbox
        .faults()
        .add(Place::Graphql, Fault::IntrospectionDepth)
        .forever();
    assert_eq!(pull(&["--type-depth", "7"]).stdout, whole.stdout);
    let run = pull(&["--type-depth", "9"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(
        run.stderr
            .contains("introspection depth 14 exceeds maximum of 12"),
        "{run:?}"
    );
}

#[test]
fn a_server_without_introspection_is_asked_for_less_before_it_is_given_up() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let before = sandbox.counts().graphql_requests;
    sandbox
        .faults()
        .add(Place::Graphql, Fault::IntrospectionOff)
        .forever();
    let run = home.run(&["schema", "pull"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert_eq!(sandbox.counts().graphql_requests - before, 4, "{run:?}");
    for said in [
        "error: the API answered: Introspection is not allowed.",
        "help: the server may have introspection switched off",
        "the meta fields that it knows: ",
        "the schema of June 2018 with 9 levels of `ofType`: ",
        "the schema of June 2018 with 4 levels of `ofType`: ",
    ] {
        assert!(run.stderr.contains(said), "{said}: {run:?}");
    }
}

#[test]
fn a_sandbox_says_where_it_is_to_programs() {
    let home = Home::new();
    let mut sandbox = home.spawn(&["sandbox", "--json"]);
    let mut text = String::new();
    while serde_json::from_str::<Value>(&text).is_err() {
        text.push_str(&sandbox.wait_for_output(""));
    }
    let document: Value = serde_json::from_str(&text).expect("a document");
    let url = document["base_url"].as_str().expect("an address");
    assert!(document["users"][0]["password"].is_string(), "{document}");
    let me = home.run(&["me", "--json", "--store", "memory", "--base-url", url]);
    assert_eq!(json(&me)["me"]["id"], "user-emma", "{me:?}");
    // What follows `--` is another command's: its errors are, too.
    let failed = home.run(&["sandbox", "run", "--", "no-such-command", "--json"]);
    assert!(failed.stderr.starts_with("error: "), "{failed:?}");
}

#[test]
fn sandbox_run_gives_a_command_a_server_and_somebody_at_the_browser() {
    let home = Home::new();
    let attendium = env!("CARGO_BIN_EXE_attendium");
    let me = home.run(&[
        "sandbox", "run", "--", attendium, "me", "--json", "--store", "memory",
    ]);
    assert_eq!(
        (me.code, json(&me)["me"]["id"].as_str()),
        (0, Some("user-emma")),
        "{me:?}"
    );
    let status = home.run(&["sandbox", "run", "--", attendium, "status"]);
    assert_eq!(status.code, 3, "{status:?}");
    let query = ["--", attendium, "query", "-e", "{ me { id } }"];
    let nobody = home.run(&[&["sandbox", "run"], &query[..]].concat());
    assert_eq!(nobody.code, 3, "{nobody:?}");
    assert!(
        nobody.stderr.contains("`attendium sandbox run --logged-in"),
        "{nobody:?}"
    );
    let emma = home.run(&[&["sandbox", "run", "--logged-in"], &query[..]].concat());
    assert_eq!(
        (emma.code, json(&emma)["me"]["id"].as_str()),
        (0, Some("user-emma"))
    );
}

#[test]
fn nothing_is_said_to_a_reader_that_has_gone() {
    let home = Home::new();
    let mut demo = home.spawn(&["demo"]);
    demo.stop_reading();
    let demo = demo.end();
    assert_eq!((demo.code, demo.stderr.as_str()), (1, ""), "{demo:?}");
}

#[test]
fn a_token_is_printed_alone_for_other_tools() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    let none = home.run(&["token"]);
    assert_eq!((none.code, none.stdout.as_str()), (3, ""), "{none:?}");
    assert_eq!(home.run(&["login"]).code, 0);
    let token = home.run(&["token"]);
    assert_eq!(
        (token.code, token.stderr.as_str()),
        (0, ""),
        "no warning: nobody looks"
    );
    assert!(home.secrets().contains(&token.stdout.trim_end().to_owned()));
    let document = json(&home.run(&["token", "--json"]));
    assert_eq!(document["access_token"], token.stdout.trim_end());
}
