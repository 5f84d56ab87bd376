//! What all errors have in common: one shape for programs, one look for people, and `--quiet`.

use super::support::{Home, Run, json, start};
use attendium_sandbox::Sandbox;
use serde_json::Value;

/// The error on standard error, which is one JSON document.
fn error(run: &Run) -> Value {
    serde_json::from_str(&run.stderr).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[test]
fn every_error_for_programs_has_a_kind_and_a_message() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    home.write(
        "schema.graphql",
        "type Query { me(id: ID!): User! } type User { id: ID! }",
    );
    home.write("broken.yml", "schema: 1");
    let by_schema = |text| ["query", "--json", "--schema", "schema.graphql", "-e", text];
    let no_config = ["generate", "--json", "--config", "no.yml"];
    for (arguments, code, kind, message, help) in [
        (
            &["me", "--json"][..],
            3,
            "login_required",
            "login required",
            "attendium login",
        ),
        (
            &by_schema("{ me(id: 1) { nope } }"),
            1,
            "document",
            "-e:1:15: type `User` does not have a field `nope`",
            "has `id`",
        ),
        (
            &by_schema("query A($id: ID!) { me(id: $id) { id } }"),
            2,
            "variables",
            "$id",
            "",
        ),
        (
            &["query", "--json", "no.graphql"],
            1,
            "file",
            "can't read `no.graphql`",
            "check the path",
        ),
        (&no_config, 1, "configuration", "can't read", "leave it out"),
        (
            &["generate", "--json", "--config", "broken.yml"],
            1,
            "configuration",
            "broken.yml:1:1: `schema` is neither",
            "a path",
        ),
        (
            &["me", "--json", "--nope"],
            2,
            "usage",
            "unexpected argument '--nope'",
            "'--scope'",
        ),
        (
            &["mee", "--json"],
            2,
            "usage",
            "unrecognized subcommand 'mee'",
            "'me'",
        ),
        (
            &["man", "nope", "--json"],
            2,
            "usage",
            "there is no command `nope`",
            "login",
        ),
    ] {
        let run = home.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run:?}");
        let said = error(&run);
        assert_eq!(said["error"], kind, "{said}");
        let text = said["message"].as_str().unwrap_or_default();
        assert!(text.contains(message) && !text.contains('\n'), "{said}");
        if !help.is_empty() {
            let text = said["help"].as_str().unwrap_or_default();
            assert!(text.contains(help) && !text.contains('\n'), "{said}");
        }
        let is_of_the_compiler = ["document", "variables", "file", "configuration"];
        assert_eq!(
            said["diagnostics"].is_array(),
            is_of_the_compiler.contains(&kind),
            "{said}"
        );
    }
    // Where another command gets the flag, people read the errors.
    let run = home.run(&["nope", "--", "--json"]);
    assert!(run.stderr.starts_with("error: unrecognized"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_compiler_finds_is_coloured_on_a_terminal() {
    let home = Home::new();
    home.write("schema.graphql", "type Query { me: ID }");
    let arguments = ["query", "--schema", "schema.graphql", "-e", "'{ mee }'"];
    let shown = home.run_on_a_terminal(&arguments, &[]).stdout;
    for part in [
        "\x1b[1;31merror[unknown-field]:\x1b[0m type",
        "\x1b[1;31m   ^^^\x1b[0m",
        "\x1b[1mhelp:\x1b[0m did you mean `me`?",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown:?}");
    }
    for variables in [&[("NO_COLOR", "1")][..], &[("TERM", "dumb")]] {
        let shown = home.run_on_a_terminal(&arguments, variables).stdout;
        assert!(shown.contains("error[unknown-field]: type"), "{shown:?}");
        assert!(!shown.contains('\x1b'), "{shown:?}");
    }
    // What has no place in a file looks as every other error does.
    let run = home.run(&["query", "no.graphql"]);
    assert!(
        run.stderr.starts_with("error: can't read `no.graphql`")
            && run.stderr.contains("\n  help: check the path")
            && !run.stderr.contains("\n\n"),
        "{run:?}"
    );
}

#[test]
fn quiet_commands_say_errors_alone() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let pull = ["schema", "pull", "--out", "schema.graphql"];
    let run = home.run(&[&["-q"][..], &pull].concat());
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", "")
    );
    home.write(
        "queries/a.graphql",
        "query A { me { id } } fragment b on User { id }",
    );
    let generate = [
        "generate",
        "--schema",
        "schema.graphql",
        "--operations",
        "queries",
        "--out",
        "a.rs",
        "--lint",
        "unused-fragment",
    ];
    let run = home.run(&generate);
    assert!(run.stderr.contains("warning[unused-fragment]"), "{run:?}");
    std::fs::remove_file(home.file("a.rs")).expect("removed");
    let run = home.run(&[&generate[..], &["--quiet"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    home.write("queries/a.graphql", "query A { mee }");
    let run = home.run(&[&generate[..], &["--quiet"]].concat());
    assert!(run.code == 1 && run.stderr.starts_with("error["), "{run:?}");
    let run = home.run(&["me", "--quiet", "--profile", "nobody"]);
    assert!(
        run.code == 3 && run.stderr.starts_with("error: "),
        "{run:?}"
    );
    // Errors of the API are errors.
    let run = home.run(&[
        "query",
        "--no-schema",
        "-q",
        "--json",
        "--select",
        "me",
        "-e",
        "{ mee }",
    ]);
    assert_eq!(error(&run)["error"], "graphql", "{run:?}");
    assert!(error(&run)["message"].is_string(), "{run:?}");
    let document = json(&home.run(&["me", "-q", "--json"]));
    assert_eq!(document["me"]["id"], "user-emma");
}
