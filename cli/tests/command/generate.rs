//! `attendium generate`: what it asks for, where it writes, and what it says of it.

use super::support::{CONFIG, Home, json};

const ALL: [&str; 7] = [
    "generate",
    "--schema",
    "schema.graphql",
    "--operations",
    "queries",
    "--out",
    "queries.rs",
];

fn project() -> Home {
    let home = Home::new();
    home.write(
        "schema.graphql",
        "type Query { me: User! } type User { id: ID! at: Date } scalar Date",
    );
    home.write("queries/me.graphql", "query Me { me { id at } }");
    home
}

#[test]
fn a_project_with_a_build_script_is_checked_without_a_file_to_write() {
    let home = project();
    home.write("graphql.config.yml", CONFIG);
    let check = home.run(&["generate", "--check"]);
    assert_eq!(
        (check.code, check.stderr.as_str()),
        (0, "No errors: 1 operation, 0 fragments\n"),
        "{check:?}"
    );
    home.write("queries/more.graphql", "query More { nope }");
    let check = home.run(&["generate", "--check"]);
    assert_eq!(check.code, 1, "{check:?}");
    for said in ["--> queries/more.graphql:1:14", "\n\n1 error\n"] {
        assert!(check.stderr.contains(said), "{said}: {check:?}");
    }
}

#[test]
fn only_what_is_missing_is_named() {
    let home = project();
    home.write("graphql.config.yml", CONFIG);
    let run = home.run(&["generate"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (
            2,
            "error: the file to write is not known\n  help: give `--out FILE.rs`, or write \
             `extensions.attendium.out` into a `graphql.config.yml`; `--check` looks for errors \
             and writes nothing\n"
        ),
    );
    std::fs::remove_file(home.file("graphql.config.yml")).expect("removed");
    let run = home.run(&["generate", "--operations", "queries", "--check"]);
    assert!(
        run.code == 2 && run.stderr.starts_with("error: the schema is not known\n"),
        "{run:?}"
    );
    let run = home.run(&["generate", "--out", "a.rs"]);
    assert!(
        run.stderr
            .contains("the schema and the operations are not known")
            && run.stderr.contains("`--schema FILE --operations PATH`"),
        "{run:?}"
    );
}

#[test]
fn it_says_what_it_wrote_and_notes_scalars_only_then() {
    let home = project();
    let run = home.run(&ALL);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.starts_with("note: the custom scalar `Date`")
            && run
                .stderr
                .ends_with("\nWrote queries.rs: 1 operation, 0 fragments\n"),
        "{run:?}"
    );
    let run = home.run(&ALL);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "queries.rs is up to date: 1 operation, 0 fragments\n")
    );
    let run = home.run(&[&ALL[..], &["--manifest", "m.json"]].concat());
    assert!(
        run.stderr
            .ends_with("Wrote m.json: 1 operation, 0 fragments\n")
    );
    let document = json(&home.run(&[&ALL[..], &["--json"]].concat()));
    assert_eq!(document["files"][0]["outcome"], "current");
}

#[test]
fn a_dash_is_standard_output() {
    let home = project();
    assert_eq!(home.run(&ALL).code, 0);
    let written = std::fs::read_to_string(home.file("queries.rs")).expect("the code");
    let to_stdout = [&ALL[..6], &["-"]].concat();
    let run = home.run(&to_stdout);
    assert_eq!((run.code, run.stdout == written), (0, true), "{run:?}");
    assert!(!std::path::Path::new(&home.file("-")).exists());
    for more in [
        &["--json"][..],
        &["--stats"],
        &["--manifest", "-"],
        &["--check"],
    ] {
        let run = home.run(&[&to_stdout[..], more].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

#[test]
fn mistakes_of_a_configuration_come_at_once_with_their_places() {
    let home = project();
    home.write(
        "graphql.config.yml",
        "schema: no.graphql\ndocuments: no/*.graphql\nextensions:\n  attendium:\n    \
         scalars: { Date: \"a;b\" }\n    derive: [\"c d\"]\n    crate: \"e f\"\n",
    );
    let run = home.run(&["generate", "--out", "a.rs"]);
    assert_eq!(run.code, 1, "{run:?}");
    for (said, place) in [
        ("there is no `no.graphql`", ":1:9\n"),
        ("no file that `documents` names", ":2:12\n"),
        ("`a;b`, which scalar `Date` is mapped to", ":5:23\n"),
        ("`c d`, which is to be derived", ":6:15\n"),
        ("`e f`, where generated code is to find", ":7:13\n"),
    ] {
        let found = run
            .stderr
            .split("error: ")
            .find(|each| each.starts_with(said));
        let found = found.unwrap_or_else(|| panic!("{said}: {run:?}"));
        assert!(
            found.contains(&format!("graphql.config.yml{place}")),
            "{found}"
        );
    }
    home.write("graphql.config.yml", "projects:\n  a: {}\n  b: {}\n");
    let run = home.run(&["generate", "--project", "c"]);
    assert!(
        run.stderr
            .starts_with("error: no project is named `c`: there are `a`, `b`\n"),
        "{run:?}"
    );
    let run = home.run(&["generate"]);
    assert!(
        run.stderr
            .starts_with("error: it has several projects: `a`, `b`\n"),
        "{run:?}"
    );
}
