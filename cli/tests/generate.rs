//! `attendium generate` as it is called: what it writes, what it says and how it exits.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A directory with files, and the command in it.
struct Place(TempDir);

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

const SCHEMA: &str = "type Query {\n  me: User!\n  twice: Int\n  twice: Int\n}\n\ntype User {\n  id: ID!\n  name: String!\n  joined: DateTime!\n}\n\nscalar DateTime\n";

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    fn run(&self, arguments: &str) -> Run {
        self.run_in("", arguments)
    }

    fn run_in(&self, directory: &str, arguments: &str) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_attendium"))
            .arg("generate")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path().join(directory))
            .output()
            .unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

const ALL: &str = "--schema schema.graphql --operations queries --out api.rs";

fn me() -> Place {
    Place::new(&[
        ("schema.graphql", SCHEMA),
        (
            "queries/me.graphql",
            "query Me {\n  me {\n    ...User\n  }\n}\n",
        ),
        (
            "queries/more/user.gql",
            "fragment User on User {\n  id\n  joined\n}\n",
        ),
        ("queries/notes.md", "not GraphQL"),
    ])
}

#[test]
fn it_writes_code_and_manifest_and_counts() {
    let place = me();
    let run = place.run(&format!("{ALL} --manifest api.json --stats --derive serde::Serialize --scalar DateTime=jiff::Timestamp"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    // The schema defines a field twice that no operation selects.
    assert!(
        run.stderr
            .starts_with("warning: invalid schema: duplicate definitions for the `twice` field"),
        "{}",
        run.stderr
    );
    let code = place.read("api.rs");
    for part in [
        "/// `query Me` — queries/me.graphql:1",
        "pub type DateTime = ::jiff::Timestamp;",
        "#![derive(Serialize)]",
    ] {
        assert!(code.contains(part), "{part} is not in\n{code}");
    }
    let manifest: Value = serde_json::from_str(&place.read("api.json")).unwrap();
    assert_eq!(
        manifest,
        serde_json::json!({ "Me": {
            "document": "query Me{me{...User}}fragment User on User{id joined}",
            "sha256": "3eb5f2bb06a811894b7ff02fda2a047540ea536857ba5a8861dc0493c504757a",
        } })
    );
    assert_eq!(run.stdout.lines().count(), 1);
    let stats: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(stats["operations"], 1);
    assert_eq!(stats["fragments"], 1);
    assert_eq!(stats["lines"], code.lines().count());
    let stages: Vec<&str> = stats["milliseconds"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        stages,
        ["read", "schema", "validate", "lower", "emit", "total"]
    );
}

#[test]
fn check_writes_nothing_and_tells_by_its_exit_code() {
    let place = me();
    let missing = place.run(&format!("{ALL} --check"));
    assert_eq!(missing.code, 1);
    assert!(
        missing
            .stderr
            .contains("`api.rs` is not what would be generated"),
        "{}",
        missing.stderr
    );
    assert!(!place.0.path().join("api.rs").exists());

    assert_eq!(place.run(ALL).code, 0);
    let written = std::fs::metadata(place.0.path().join("api.rs"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(place.run(&format!("{ALL} --check")).code, 0);
    assert_eq!(place.run(ALL).code, 0);
    let again = std::fs::metadata(place.0.path().join("api.rs"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(written, again, "an unchanged file keeps its time");

    let code = place.read("api.rs");
    place.write("api.rs", &format!("{code}// mine\n"));
    assert_eq!(place.run(&format!("{ALL} --check")).code, 1);
    assert!(place.read("api.rs").ends_with("// mine\n"));
    assert_eq!(place.run(&format!("{ALL} --manifest api.json")).code, 0);
    place.write("api.json", "{}");
    assert_eq!(
        place
            .run(&format!("{ALL} --manifest api.json --check"))
            .code,
        1
    );
}

#[test]
fn one_bad_operation_hides_no_other_and_keep_going_writes_the_good_ones() {
    let place = me();
    place.write(
        "queries/bad.graphql",
        "query Bad {\n  me {\n    nmae\n  }\n}\n\nquery Open {\n  me(\n}\n",
    );
    place.write(
        "queries/worse.graphql",
        "query Worse($x: Int) {\n  me {\n    ...Missing\n  }\n}\n",
    );
    let run = place.run(ALL);
    assert_eq!(run.code, 1);
    for said in [
        "--> queries/bad.graphql:3:5",
        "--> queries/bad.graphql:9:1",
        "--> queries/worse.graphql:3:5",
        "3 errors",
    ] {
        assert!(
            run.stderr.contains(said),
            "{said} is not in\n{}",
            run.stderr
        );
    }
    assert!(
        !place.0.path().join("api.rs").exists(),
        "nothing is written"
    );

    let run = place.run(&format!("{ALL} --keep-going --stats --manifest api.json"));
    assert_eq!(run.code, 1);
    let code = place.read("api.rs");
    assert!(code.contains("pub struct Me {}") && !code.contains("Bad") && !code.contains("Worse"));
    let manifest: Value = serde_json::from_str(&place.read("api.json")).unwrap();
    assert_eq!(
        manifest.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["Me"]
    );
    let stats: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(stats["operations"], 1);
}

#[test]
fn what_an_operation_needs_of_a_faulty_schema_is_an_error() {
    let place = me();
    place.write("queries/twice.graphql", "query Twice {\n  twice\n}\n");
    let run = place.run(ALL);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .starts_with("error: invalid schema: duplicate definitions for the `twice` field"),
        "{}",
        run.stderr
    );
    // Which of the two an answer has is open: there is no code for it, nor for what spreads it.
    place.write(
        "queries/spread.graphql",
        "query Spread { ...Twice } fragment Twice on Query { twice }",
    );
    let run = place.run(&format!("{ALL} --keep-going"));
    assert_eq!(run.code, 1);
    let code = place.read("api.rs");
    assert!(
        code.contains("struct Me ") && !code.contains("wice") && !code.contains("Spread"),
        "{code}"
    );
}

#[test]
fn operations_are_found_by_patterns() {
    let place = me();
    let run = place.run("--schema *.graphql --operations queries/**/*.{graphql,gql} --out api.rs");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(place.read("api.rs").contains("pub struct User "));
    let run = place.run("--schema schema.graphql --operations queries/*.gqls --out api.rs");
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .starts_with("error: no file that `queries/*.gqls` matches"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_rule_that_applications_break_can_be_allowed() {
    let place = Place::new(&[
        (
            "schema.graphql",
            "type Query { item: Item }\nunion Item = A | B\ntype A { size: Int! }\ntype B { size: Int }\n",
        ),
        (
            "queries/a.graphql",
            "query A { item { ... on A { size } ... on B { size } } }\n",
        ),
    ]);
    let run = place.run(ALL);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("--allow conflicting-response-types"),
        "{}",
        run.stderr
    );
    let run = place.run(&format!("{ALL} --allow conflicting-response-types"));
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn lints_are_warnings_on_request() {
    let place = me();
    place.write(
        "queries/unused.graphql",
        "fragment unused on User {\n  id\n}\n",
    );
    assert!(!place.run(ALL).stderr.contains("unused"));
    let run = place.run(&format!("{ALL} --lint unused-fragment --lint naming"));
    assert_eq!(run.code, 0);
    for said in [
        "warning[unused-fragment]",
        "warning[naming]",
        "--> queries/unused.graphql:1:10",
    ] {
        assert!(
            run.stderr.contains(said),
            "{said} is not in\n{}",
            run.stderr
        );
    }
}

#[test]
fn the_configuration_gives_what_no_flag_does() {
    let place = me();
    place.write(
        "graphql.config.yml",
        "schema: schema.graphql\ndocuments: queries/**/*.{graphql,gql}\nextensions:\n  attendium:\n    out: src/api.rs\n    manifest: api.json\n    scalars: { DateTime: jiff::Timestamp }\n",
    );
    place.write("src/lib.rs", "");
    let run = place.run_in("src", "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        place
            .read("src/api.rs")
            .contains("pub type DateTime = ::jiff::Timestamp;")
    );
    assert!(place.read("api.json").contains("sha256"));
    assert_eq!(
        place.run("--check").code,
        0,
        "from another directory, the same"
    );
    let run = place.run("--out other.rs --scalar DateTime=String");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        place
            .read("other.rs")
            .contains("pub type DateTime = String;"),
        "{}",
        place.read("other.rs")
    );

    place.write(
        "graphql.config.yml",
        "schema: schema.graphql\nextensions:\n  attendium:\n    scalar: {}\n",
    );
    let run = place.run("");
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("did you mean `scalars`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn usage_is_2_and_what_can_not_be_read_or_written_is_1() {
    let place = me();
    for wrong in [
        "",
        "--schema schema.graphql --out api.rs",
        "--schema schema.graphql --operations queries --out api.rs --scalar DateTime",
        "--schema schema.graphql --operations queries --out api.rs --lint everything",
        "--schema schema.graphql --operations queries --out api.rs --unknown",
    ] {
        let run = place.run(wrong);
        assert_eq!(run.code, 2, "{wrong}: {}", run.stderr);
        assert!(!run.stderr.is_empty());
    }
    for (wrong, said) in [
        (
            "--schema missing.graphql --operations queries --out api.rs",
            "can't read `missing.graphql`",
        ),
        (
            "--schema schema.graphql --operations missing --out api.rs",
            "can't read `missing`",
        ),
        (
            "--schema schema.graphql --operations queries/more/none --out api.rs",
            "can't read",
        ),
        (
            "--schema schema.graphql --operations queries --out missing/api.rs",
            "can't write `missing/api.rs`",
        ),
        (
            "--schema schema.graphql --operations queries --out api.rs --scalar DateTime=a;b",
            "is not a Rust type",
        ),
        (
            "--schema queries/me.graphql --operations queries --out api.rs",
            "no root type",
        ),
    ] {
        let run = place.run(wrong);
        assert_eq!(run.code, 1, "{wrong}: {}", run.stderr);
        assert!(
            run.stderr.contains(said) && run.stderr.contains(" help: "),
            "{wrong}: {}",
            run.stderr
        );
    }
    assert!(!place.0.path().join("api.rs").exists());
    std::fs::write(
        place.0.path().join("queries/latin.graphql"),
        b"query A { caf\xe9 }",
    )
    .unwrap();
    let run = place.run(ALL);
    assert!(
        run.code == 1 && run.stderr.contains("is not UTF-8"),
        "{}",
        run.stderr
    );
}

#[test]
fn places_do_not_depend_on_the_working_directory() {
    let place = me();
    assert_eq!(place.run(ALL).code, 0);
    let here = place.read("api.rs");
    let whole = Path::new(place.0.path());
    let run = place.run(&format!(
        "--schema {0}/schema.graphql --operations {0}/queries --out api.rs --check",
        whole.display()
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(here.contains("queries/me.graphql:1"));
}

#[test]
fn the_output_is_the_same_from_every_directory() {
    let place = me();
    assert_eq!(place.run(ALL).code, 0);
    for (directory, arguments) in [
        (
            "queries",
            "--schema ../schema.graphql --operations . --out ../api.rs",
        ),
        (
            "queries/more",
            "--schema ../../schema.graphql --operations .. --out ../../api.rs",
        ),
        (
            "",
            "--schema ./queries/../schema.graphql --operations ./queries --out ./api.rs",
        ),
    ] {
        let run = place.run_in(directory, &format!("{arguments} --check"));
        assert_eq!(run.code, 0, "{directory}: {}", run.stderr);
    }
    // In a package, paths count from it, as they do in its build script.
    place.write("app/Cargo.toml", "");
    place.write("app/src/lib.rs", "");
    let arguments = "--schema schema.graphql --operations queries --out app/src/api.rs";
    assert_eq!(place.run(arguments).code, 0);
    let code = place.read("app/src/api.rs");
    assert!(code.contains("../queries/me.graphql:1"), "{code}");
    let arguments = "--schema ../../schema.graphql --operations ../../queries --out api.rs --check";
    let run = place.run_in("app/src", arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_scalar_without_a_rust_type_is_noted_once() {
    let place = me();
    place.write("queries/joined.graphql", "query Joined { me { joined } }");
    place.write("queries/again.graphql", "query Again { me { joined } }");
    let run = place.run(&format!("{ALL} --stats"));
    let note = "note: the custom scalar `DateTime` is not mapped to a Rust type: it is a newtype over JSON\n  help: map one with `--scalar DateTime=rust::Path`\n";
    assert_eq!((run.code, run.stderr.matches("note: ").count()), (0, 1));
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert!(
        serde_json::from_str::<Value>(&run.stdout).is_ok(),
        "{}",
        run.stdout
    );
    let run = place.run(&format!("{ALL} --scalar DateTime=jiff::Timestamp"));
    assert!(!run.stderr.contains("note: "), "{}", run.stderr);
}

#[test]
fn a_configuration_that_is_a_program_is_named_and_not_run() {
    let place = me();
    place.write(
        "graphql.config.ts",
        "export default { schema: 'schema.graphql' }",
    );
    let run = place.run("");
    assert_eq!(run.code, 1);
    for part in [
        "graphql.config.ts` is a program, which is not run to read it\n",
        "write the same into a `graphql.config.yml` beside it",
    ] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    // One that can be read counts before it, and flags before both.
    let run = place.run(ALL);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = "{\"name\": \"app\", \"graphql\": {\"schema\": \"schema.graphql\", \"documents\": \"queries\", \
                \"extensions\": {\"attendium\": {\"out\": \"api.rs\"}}}}";
    place.write("package.json", "{\"name\": \"app\"}");
    assert_eq!(place.run("").code, 1);
    place.write("package.json", text);
    let run = place.run("--check");
    assert_eq!(run.code, 0, "{}", run.stderr);
    place.write("package.json", &text.replace("\"schema.graphql\"", "7"));
    let run = place.run("--check");
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("package.json:1:"), "{}", run.stderr);
}
