//! `attendium new`: what it writes, and that its operations compile. That an application builds,
//! runs and passes its tests is tried by the gate's step `examples`, which has the time.

use super::support::{Home, json, start};
use attendium_sandbox::Sandbox;
use std::path::Path;

const CLONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn read(home: &Home, path: &str) -> String {
    std::fs::read_to_string(home.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The code that the application's build script makes.
fn compiled(home: &Home, name: &str) -> String {
    let build = attendium_codegen::build()
        .schema("schema.graphql")
        .operations("queries");
    let (output, _) = build.compile_in(Path::new(&home.file(name)));
    assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);
    output.code
}

#[test]
fn an_application_for_attendium_has_a_test_on_a_local_one() {
    let home = Home::new();
    let run = home.run(&["new", "guest-list", "--path", CLONE]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    assert!(run.stderr.contains("cd guest-list"), "{run:?}");
    assert!(compiled(&home, "guest-list").contains("pub mod start"));
    let manifest = read(&home, "guest-list/Cargo.toml");
    assert!(
        manifest.contains("name = \"guest-list\"") && manifest.contains("attendium-sandbox = ")
    );
    let main = read(&home, "guest-list/src/main.rs");
    assert!(
        main.contains("https://api.attendium.com") && main.contains("attendium_sandbox::Sandbox")
    );
    assert!(
        !main.contains("include_str!") && !main.contains("an_answer_is_read"),
        "a test that the first edit of the query breaks: {main}"
    );
    for path in [
        "guest-list/Cargo.toml",
        "guest-list/src/main.rs",
        "guest-list/README.md",
    ] {
        assert!(
            !read(&home, path).contains("{{"),
            "{path} has a place that was not filled"
        );
    }
    // Cargo reads it, and finds the crates.
    let metadata = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(home.file("guest-list/Cargo.toml"))
        .output()
        .expect("cargo");
    assert!(
        metadata.status.success(),
        "{}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let again = home.run(&["new", "guest-list", "--path", CLONE]);
    assert_eq!((again.code, again.stdout.as_str()), (1, ""), "{again:?}");
    assert!(again.stderr.contains("nothing is overwritten"), "{again:?}");
}

#[test]
fn an_application_for_another_server_begins_with_its_schema() {
    let sandbox = start(Sandbox::builder());
    let home = Home::new();
    let url = sandbox.base_url();
    let asked = home.run(&["new", "api", "--url", url, "--path", CLONE]);
    assert_eq!((asked.code, asked.stdout.as_str()), (3, ""), "{asked:?}");
    assert!(
        !Path::new(&home.file("api")).exists(),
        "nothing is left behind"
    );
    assert_eq!(home.run(&["login", "--base-url", url]).code, 0);
    let run = home.run(&["new", "api", "--url", url, "--path", CLONE, "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(json(&run)["name"], "api");
    assert!(read(&home, "api/schema.graphql").contains("type Event"));
    assert!(read(&home, "api/src/main.rs").contains(&format!("SERVER: &str = \"{url}\"")));
    assert!(compiled(&home, "api").contains("pub mod start"));
    assert!(!read(&home, "api/Cargo.toml").contains("attendium-sandbox"));

    let schemas = [
        "type Query { now: Int! }",
        "type Query { search(text: String!): [Hit] } union Hit = A | B type A { a: Int } type B { b: Int }",
        "schema { query: Root } type Root { hits: [Hit!]! } union Hit = A type A { a: Int }",
        "type Query { node: Node } interface Node { id: ID! kind: Kind! } enum Kind { A B } type A implements Node { id: ID! kind: Kind! }",
        "type Query { deep: Deep } type Deep { deeper: Deep at: Date } scalar Date",
    ];
    for (index, schema) in schemas.into_iter().enumerate() {
        let name = format!("app{index}");
        home.write("given.graphql", schema);
        let run = home.run(&[
            "new",
            &name,
            "--schema",
            "given.graphql",
            "--path",
            CLONE,
            "--base-url",
            "https://api.example.com",
            "--graphql-url",
            "https://api.example.com/v1",
        ]);
        assert_eq!(run.code, 0, "{schema}: {run:?}");
        assert!(compiled(&home, &name).contains("pub mod start"), "{schema}");
        let main = read(&home, &format!("{name}/src/main.rs"));
        assert!(
            main.contains(".graphql_url(\"https://api.example.com/v1\")"),
            "{main}"
        );
        assert!(
            main.contains("change it when you change `queries/start.graphql`"),
            "{main}"
        );
    }
}

#[test]
fn the_readme_says_how_to_get_the_whole_schema() {
    let home = Home::new();
    assert_eq!(home.run(&["new", "guests", "--path", CLONE]).code, 0);
    let line = "attendium sandbox run --logged-in -- attendium schema pull --out schema.graphql";
    for path in ["guests/README.md", "guests/schema.graphql"] {
        assert!(read(&home, path).contains(line), "{path}");
    }
    let schema = home.file("guests/schema.graphql");
    let words: Vec<&str> = line
        .split(' ')
        .skip(1)
        .map(|word| match word {
            "attendium" => env!("CARGO_BIN_EXE_attendium"),
            "schema.graphql" => &schema,
            word => word,
        })
        .collect();
    let run = home.run(&words);
    assert_eq!(run.code, 0, "{run:?}");
    home.write(
        "guests/queries/start.graphql",
        "# Who it is.\nquery Start { me { id name } }\n",
    );
    assert!(compiled(&home, "guests").contains("pub name: "));
}

#[test]
fn a_package_is_outside_of_a_workspace_only_where_it_has_to_be() {
    let home = Home::new();
    home.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\nexclude = [\"crates/out\"]\n",
    );
    // Cargo takes what is excluded for a package of its own.
    for (path, is_outside) in [("crates/x", false), ("crates/out", false), ("beside", true)] {
        let run = home.run(&["new", path, "--path", CLONE]);
        assert_eq!(run.code, 0, "{run:?}");
        let manifest = read(&home, &format!("{path}/Cargo.toml"));
        assert_eq!(manifest.contains("[workspace]"), is_outside, "{manifest}");
        for directory in [".", path] {
            let metadata = std::process::Command::new(env!("CARGO"))
                .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
                .current_dir(home.file(directory))
                .output()
                .expect("cargo");
            let said = String::from_utf8_lossy(&metadata.stderr);
            assert!(metadata.status.success(), "{path} in {directory}: {said}");
        }
    }
}

#[test]
fn the_working_directory_and_names_with_spaces_are_directories_too() {
    let home = Home::new();
    std::fs::create_dir(home.file("here")).expect("a directory");
    std::fs::create_dir(home.file("here/below")).expect("a directory");
    let run = home.run_in("here/below", &["new", ".", "--path", CLONE]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("Made below") && !run.stderr.contains("  cd "));
    assert!(read(&home, "here/below/Cargo.toml").contains("name = \"below\""));
    let run = home.run(&["new", "Emma's app", "--name", "app", "--path", CLONE]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("  cd 'Emma'\\''s app'\n"), "{run:?}");
}

#[test]
fn what_can_not_be_made_is_said_before_anything_is_written() {
    let home = Home::new();
    home.write(
        "mutations.graphql",
        "type Mutation { a: Int } schema { mutation: Mutation }",
    );
    for (arguments, code, said) in [
        (
            &["new", "1st", "--path", CLONE][..],
            2,
            "is no package's name",
        ),
        (
            &["new", "mod", "--path", CLONE],
            2,
            "means something else to Rust",
        ),
        (
            &["new", "ok", "--name", "a b", "--path", CLONE],
            2,
            "is no package's name",
        ),
        (&["new", ".", "--path", CLONE], 2, "is no package's name"),
        (
            &["new", "ok", "--path", "nowhere"],
            2,
            "is no clone of attendium",
        ),
        (&["new", "ok"], 2, "name a clone with `--path`"),
        (
            &["new", "ok", "--schema", "missing.graphql", "--path", CLONE],
            1,
            "can't read",
        ),
        (
            &[
                "new",
                "ok",
                "--schema",
                "mutations.graphql",
                "--path",
                CLONE,
            ],
            1,
            "",
        ),
    ] {
        let run = home.run(arguments);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (code, ""),
            "{arguments:?}: {run:?}"
        );
        assert!(
            run.stderr.contains(said) && run.stderr.contains("help: "),
            "{run:?}"
        );
        assert!(!Path::new(&home.file("ok")).exists(), "{arguments:?}");
    }
}

#[test]
fn an_application_for_a_public_api_has_no_login() {
    let home = Home::new();
    home.write("given.graphql", "type Query { now: Int! }");
    let url = "https://api.example.com/v1";
    let arguments = ["new", "app", "--schema", "given.graphql", "--path", CLONE];
    let public = ["--anonymous", "--graphql-url", url];
    let run = home.run(&[&arguments[..], &public].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let main = read(&home, "app/src/main.rs");
    for call in [
        ".anonymous()",
        ".graphql_url(",
        &format!(".allow_origin({url:?})"),
    ] {
        assert!(main.contains(call), "{call}: {main}");
    }
    let readme = read(&home, "app/README.md");
    for text in [&main, &readme] {
        for part in ["{{", "login", "logs in", "Login", "FileStore"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
    }
    assert!(readme.contains("schema pull --anonymous"), "{readme}");
}
