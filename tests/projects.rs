//! Applications as users write them, built by cargo: what is compiled again after a change and what
//! is not, and where the errors of a build script and of the macro point.
//!
//! Each project is a directory of its own that depends on this repository by path and shares its
//! target directory. They are built without the session, so that little else is built here.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCHEMA: &str = "type Query {\n  me: User!\n  now: DateTime\n}\n\ntype User {\n  id: ID!\n  name: String!\n}\n\nscalar DateTime\n";

/// A package with its files.
struct Project {
    directory: PathBuf,
}

/// What cargo said.
struct Built {
    success: bool,
    /// Whether the application was compiled.
    compiled: bool,
    /// rustc's errors and warnings: the file, line and columns of the first place, and the text.
    messages: Vec<(String, u64, u64, u64, String)>,
    stderr: String,
}

impl Project {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("projects")
            .join(name);
        std::fs::remove_dir_all(&directory).ok();
        let project = Self { directory };
        project.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"project-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
                 [dependencies.attendium]\npath = {repository:?}\ndefault-features = false\nfeatures = [\"macros\"]\n\n\
                 [build-dependencies]\nattendium-codegen = {{ path = {:?} }}\n\n\
                 [workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n\n\
                 [profile.dev.package.\"*\"]\ndebug = false\n",
                repository.join("codegen")
            ),
        );
        std::fs::copy(
            repository.join("Cargo.lock"),
            project.directory.join("Cargo.lock"),
        )
        .unwrap();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.directory.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn build(&self) -> Built {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        // What cargo told this test about its own package would make dependencies look changed.
        for (name, _) in std::env::vars_os() {
            let told = name.to_str().is_some_and(|name| {
                name == "OUT_DIR" || name.starts_with("CARGO_") && name != "CARGO_HOME"
            });
            if told {
                cargo.env_remove(name);
            }
        }
        let output = cargo
            .args(["build", "--offline", "--message-format=json"])
            .current_dir(&self.directory)
            .env("CARGO_TARGET_DIR", target)
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let mut built = Built {
            success: output.status.success(),
            compiled: false,
            messages: Vec::new(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            let ours =
                message["manifest_path"] == self.directory.join("Cargo.toml").to_str().unwrap();
            let is_bin = message["target"]["kind"][0] == "bin";
            if ours && is_bin && message["reason"] == "compiler-artifact" {
                built.compiled = message["fresh"] == false;
            }
            if ours && is_bin && message["reason"] == "compiler-message" {
                let span = &message["message"]["spans"][0];
                built.messages.push((
                    span["file_name"].as_str().unwrap_or_default().to_owned(),
                    span["line_start"].as_u64().unwrap_or_default(),
                    span["column_start"].as_u64().unwrap_or_default(),
                    span["column_end"].as_u64().unwrap_or_default(),
                    message["message"]["message"].as_str().unwrap().to_owned(),
                ));
            }
        }
        built
    }

    /// Builds, and says whether the application was compiled for it.
    #[track_caller]
    fn is_compiled(&self) -> bool {
        let built = self.build();
        assert!(
            built.success && built.messages.is_empty(),
            "{:?}\n{}",
            built.messages,
            built.stderr
        );
        built.compiled
    }
}

#[test]
fn a_build_script_compiles_again_what_it_read_and_nothing_else() {
    let project = Project::new(
        "built",
        &[
            (
                "build.rs",
                "fn main() {\n    attendium_codegen::build().schema(\"schema.graphql\").operations(\"queries\").run();\n    \
                 attendium_codegen::build().schema(\"other\").operations(\"others\").out(\"others.rs\").lint(attendium_codegen::Lint::Naming).run();\n}\n",
            ),
            (
                "src/main.rs",
                "mod queries {\n    attendium::include_queries!();\n}\nmod others {\n    attendium::include_queries!(\"others.rs\");\n}\n\n\
                 // Two schemas, the same names.\nfn main() {\n    let _ = (queries::Me {}, others::Me::new(), \
                 queries::User { id: \"1\".into() });\n}\n",
            ),
            ("schema.graphql", SCHEMA),
            (
                "queries/me.graphql",
                "query Me {\n  me {\n    ...User\n  }\n}\n",
            ),
            (
                "queries/deep/user.gql",
                "fragment User on User {\n  id\n}\n",
            ),
            (
                "other/a.graphqls",
                "type Query {\n  me(of: Int): [Int]\n}\n",
            ),
            ("other/b.graphql", "extend type Query {\n  you: Int\n}\n"),
            (
                "other/c.graphql",
                "extend type Query {\n  twice: Int\n  twice: Int\n}\n",
            ),
            (
                "others/me.graphql",
                "query Me($I: Int) {\n  me(of: $I)\n  you\n}\n",
            ),
        ],
    );
    let built = project.build();
    assert!(built.success && built.compiled, "{}", built.stderr);
    for warning in [
        "other/c.graphql:3:3: invalid schema: duplicate definitions for the `twice` field",
        "others/me.graphql:1:11: the variable `I` is not written as variables are (call it `i`)",
    ] {
        assert!(built.stderr.contains(warning), "{}", built.stderr);
    }
    assert!(!project.is_compiled(), "nothing has changed");
    project.write("notes.txt", "not GraphQL");
    project.write("README.md", "not GraphQL either");
    assert!(!project.is_compiled(), "what was not read has changed");
    for (path, text) in [
        (
            "queries/me.graphql",
            "query Me {\n  me {\n    ...User\n    name\n  }\n}\n",
        ),
        (
            "queries/deep/user.gql",
            "fragment User on User {\n  id\n  # more\n}\n",
        ),
        ("schema.graphql", &*format!("{SCHEMA}\nenum New {{ A }}\n")),
        ("other/b.graphql", "extend type Query {\n  you: Int!\n}\n"),
        ("queries/new.graphql", "query New {\n  now\n}\n"),
    ] {
        project.write(path, text);
        assert!(project.is_compiled(), "{path} has changed");
        assert!(
            !project.is_compiled(),
            "nothing has changed since {path} has"
        );
    }
    std::fs::remove_file(project.directory.join("queries/new.graphql")).unwrap();
    assert!(project.is_compiled(), "a file is gone");

    project.write(
        "queries/me.graphql",
        "query Me {\n  me {\n    nmae\n  }\n}\n",
    );
    project.write("queries/two.graphql", "query Two {\n  now(\n}\n");
    let built = project.build();
    assert!(!built.success);
    for said in [
        "error[unknown-field]: type `User` does not have a field `nmae`",
        "--> queries/me.graphql:3:5",
        "= help: did you mean `name`?",
        "--> queries/two.graphql:3:1",
        "attendium: 2 GraphQL errors",
    ] {
        assert!(
            built.stderr.contains(said),
            "{said} is not in\n{}",
            built.stderr
        );
    }
    assert!(!built.stderr.contains("panicked"), "{}", built.stderr);
}

#[test]
fn the_macro_compiles_again_what_it_read_and_nothing_else() {
    let project = Project::new(
        "inline",
        &[
            (
                "src/main.rs",
                "mod api {\n    attendium::graphql!(schema = \"schema.graphql\", operations = \"queries\");\n}\n\
                 mod inline {\n    attendium::graphql! {\n        schema = \"schema.graphql\",\n        query Inline { me { id } }\n    }\n}\n\n\
                 fn main() {\n    let _ = (api::Me {}, inline::Inline {});\n}\n",
            ),
            ("schema.graphql", SCHEMA),
            ("queries/me.graphql", "query Me {\n  me {\n    id\n  }\n}\n"),
        ],
    );
    assert!(project.is_compiled());
    assert!(!project.is_compiled(), "nothing has changed");
    project.write("queries/notes.txt", "not GraphQL");
    assert!(!project.is_compiled(), "what was not read has changed");
    for (path, text) in [
        (
            "queries/me.graphql",
            "query Me {\n  me {\n    name\n  }\n}\n",
        ),
        ("schema.graphql", &*format!("{SCHEMA}\nenum New {{ A }}\n")),
    ] {
        project.write(path, text);
        assert!(project.is_compiled(), "{path} has changed");
        assert!(
            !project.is_compiled(),
            "nothing has changed since {path} has"
        );
    }
}

#[test]
fn errors_of_the_macro_underline_the_place_in_the_query() {
    let main = r####"mod a {
    attendium::graphql! {
        schema = "schema.graphql",
        query Wrong($id: ID) {
            me { id nmae }
            mee: me { id(size: 3) }
            now { x }
        }

        fragment Missing on Usr { id }
    }
}
mod b {
    attendium::graphql!(schema = "schema.graphql", shema = "x", scalar = "DateTime");
}
mod c {
    attendium::graphql!(
        schema = "schema.graphql",
        r#"
            query InText { me { emial } }
        "#
    );
}
mod d {
    attendium::graphql!(schema = "schema.graphql", operations = "queries");
}
mod e {
    attendium::graphql! {
        schema = "missing.graphql",
        query NoSchema { me { id } }
    }
}
mod f {
    attendium::graphql! { schema = "schema.graphql", query Open { me { id; } } }
}

fn main() {}
"####;
    let project = Project::new(
        "wrong",
        &[
            ("src/main.rs", main),
            ("schema.graphql", SCHEMA),
            (
                "queries/me.graphql",
                "query Me {\n  me {\n    nam\n  }\n}\n",
            ),
        ],
    );
    let built = project.build();
    assert!(!built.success);
    let lines: Vec<&str> = main.lines().collect();
    let said: Vec<String> = built
        .messages
        .iter()
        .filter(|(_, line, ..)| *line > 0)
        .map(|(file, line, from, to, text)| {
            assert_eq!(file, "src/main.rs");
            let marked: String = lines[*line as usize - 1]
                .chars()
                .skip(*from as usize - 1)
                .take(to.saturating_sub(*from) as usize)
                .collect();
            format!("{line}: `{marked}` {text}")
        })
        .collect();
    let expected = [
        "4: `$id` the variable `$id` is declared and never used\nhelp: use `$id`, or remove its declaration",
        "5: `nmae` type `User` does not have a field `nmae`\nhelp: did you mean `name`?",
        "6: `size: 3` `User.id` takes no argument `size`\nhelp: it takes no arguments",
        "7: `now` `now` has no fields: it is of type `DateTime`\nhelp: remove the `{ … }` behind it",
        "10: `Usr` the schema has no type `Usr`\nhelp: did you mean `User`?",
        "14: `shema` unknown key `shema`\nhelp: the keys are `schema`, `operations`, `scalar`, `derive`, `allow`, `crate` and `share_selections`",
        "14: `\"DateTime\"` not a mapping\nhelp: write `scalar = \"DateTime=jiff::Timestamp\"`",
        "19: `r#` type `User` does not have a field `emial`\n  --> src/main.rs:20:33\n   |\n20 |             query InText { me { emial } }\n   |                                 ^^^^^\n   = help: `User` has `id`, `name`",
        "25: `\"queries\"` type `User` does not have a field `nam`\n --> queries/me.graphql:3:5\n  |\n3 |     nam\n  |     ^^^\n  = help: did you mean `name`?",
        "29: `\"missing.graphql\"` can't read `missing.graphql`: No such file or directory (os error 2)\n = help: check the path; relative paths count from the package's directory for a build script and for `graphql!`, and from the working directory for the command",
        "34: `;` GraphQL has no semicolons\nhelp: remove it: white space separates fields",
    ];
    assert_eq!(said, expected, "{}", said.join("\n---\n"));
}

#[test]
fn generated_code_needs_the_runtime_by_the_path_and_version_that_it_names() {
    let main = |queries: &str| {
        format!(
            "mod queries {{\n    {queries}\n}}\nmod inline {{\n    client::graphql! {{\n        \
             schema = \"schema.graphql\",\n        crate = \"::client\",\n        \
             query Inline($input: Filter) {{ find(input: $input) {{ id }} }}\n    }}\n}}\n\n\
             fn main() {{\n    let _ = (queries::Me {{}}, inline::Inline::new());\n}}\n"
        )
    };
    let included = main("client::include_queries!();");
    let schema = format!("{SCHEMA}extend type Query {{ find(input: Filter): User }}\n");
    let schema = schema.clone() + "input Filter { name: String, at: DateTime, or: [Filter!] }\n";
    let files = [
        ("src/main.rs", &*included),
        (
            "build.rs",
            "fn main() {\n    attendium_codegen::build().schema(\"schema.graphql\")\
             .operations(\"queries\").crate_path(\"::client\").derive(\"Hash\").run();\n}\n",
        ),
        ("schema.graphql", &schema),
        ("queries/me.graphql", "query Me { me { id } now }\n"),
    ];
    let project = Project::new("renamed", &files);
    let manifest = std::fs::read_to_string(project.directory.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace(".attendium]\n", ".client]\npackage = \"attendium\"\n");
    project.write("Cargo.toml", &manifest);
    assert!(project.is_compiled());

    // Code that a later compiler wrote, and somebody committed.
    let later = "client::assert_contract!(2, \"attendium-codegen 9.9.9\");\n    pub struct Me {}";
    project.write("src/main.rs", &main(later));
    let built = project.build();
    let said: Vec<&str> = built.messages.iter().map(|said| &*said.4).collect();
    let expected = "this code was generated by attendium-codegen 9.9.9 for version 2 of the \
                    contract between generated code and the crate `attendium`; this `attendium` \
                    has version 1: use `attendium` and `attendium-codegen` of one version, and \
                    generate the code again";
    assert_eq!(said, [expected]);
}
