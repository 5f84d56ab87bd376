//! What the compiler says: every file in `tests/errors/` beside its `.stderr`, directories there as
//! sets of several files, with a schema of their own where there is one, and schemas in
//! `tests/errors/schemas/`.
//!
//! `UPDATE_GOLDENS=1 cargo test -p attendium-codegen` writes what is said now; read the difference
//! before committing it.

use attendium_codegen::{Options, Source, compile};
use std::path::{Path, PathBuf};

fn graphql_files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ending| ending == "graphql" || ending == "json")
        })
        .collect();
    files.sort();
    files
}

/// The documents of a directory, and the directories of documents.
fn inputs(directory: &Path) -> Vec<PathBuf> {
    let mut inputs = graphql_files(directory);
    inputs.retain(|path| !path.ends_with("schema.graphql"));
    inputs.extend(
        std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.is_dir() && !path.ends_with("schemas") && !path.ends_with("config")
            }),
    );
    inputs
}

fn source(path: &Path) -> Source {
    Source::new(
        path.file_name().unwrap().to_string_lossy(),
        std::fs::read_to_string(path).unwrap(),
    )
}

fn assert_golden(path: &Path, actual: &str) -> Option<String> {
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(path, actual).unwrap();
        return None;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    (expected != actual).then(|| {
        format!(
            "{}\n--- expected\n{expected}\n--- actual\n{actual}",
            path.display()
        )
    })
}

fn said(schema: &[Source], documents: &[Source]) -> String {
    let output = compile(schema, documents, &Options::default());
    output
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n\n"))
        .collect()
}

#[test]
fn each_broken_rule_is_said_with_its_place_and_a_help() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let schema = [source(&directory.join("schema.graphql"))];
    let mut wrong = Vec::new();
    for path in inputs(&directory) {
        let set = if path.is_dir() {
            graphql_files(&path)
        } else {
            vec![path.clone()]
        };
        let (own, documents): (Vec<Source>, Vec<Source>) = set
            .iter()
            .map(|path| source(path))
            .partition(|source| source.path == "schema.graphql");
        let schema = if own.is_empty() {
            &schema[..]
        } else {
            &own[..]
        };
        let actual = said(schema, &documents);
        assert!(actual.contains("error"), "{} is valid", path.display());
        for part in actual.trim_end().split("\n\n") {
            assert!(
                part.contains("= help: ") && part.contains(" --> "),
                "{}: no place or help in\n{part}",
                path.display()
            );
        }
        wrong.extend(assert_golden(&path.with_extension("stderr"), &actual));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_fault_of_a_schema_is_said() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/schemas");
    let documents = [Source::new("query.graphql", "query A { a }\n")];
    let mut wrong = Vec::new();
    for path in graphql_files(&directory) {
        let actual = said(&[source(&path)], &documents);
        assert!(!actual.is_empty(), "{} is valid", path.display());
        wrong.extend(assert_golden(&path.with_extension("stderr"), &actual));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
