//! What the compiler writes: each document in `tests/ok/` has its code beside it.
//!
//! `NAME.expected.rs` is what users get by default, `NAME.serde.rs` the same with serde's traits.
//! `UPDATE_GOLDENS=1 cargo test -p attendium-codegen --test goldens` writes what is generated now:
//! read the difference before you commit it. That the goldens compile, and that they read and write
//! the answers beside them, is tested where the runtime is: `tests/goldens.rs` of `attendium`.

use attendium_codegen::{Options, Source, compile};
use similar::TextDiff;
use std::path::{Path, PathBuf};

const SERDE: [&str; 2] = ["serde::Serialize", "serde::Deserialize"];

/// What one document asks for besides, so that it is seen.
fn options(document: &Path, derives: &[&str]) -> Options {
    let scalars = [
        ("Url", "url::Url"),
        ("Instant", "jiff::Timestamp"),
        ("Uuid", "uuid::Uuid"),
    ];
    let mut options = Options::default();
    options.scalars = scalars
        .map(|(name, rust)| (name.into(), rust.into()))
        .into();
    options.derives = derives.iter().map(|&path| path.to_owned()).collect();
    if document.ends_with("derives.graphql") {
        let more = [
            "Default",
            "Eq",
            "std::hash::Hash",
            "PartialOrd",
            "Ord",
            "Copy",
        ];
        options.derives.extend(more.map(str::to_owned));
    }
    options.share_selections = document.ends_with("shared_selections.graphql");
    options
}

fn documents(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| {
        path.extension().is_some_and(|ending| ending == "graphql")
            && !path.ends_with("schema.graphql")
    });
    files.sort();
    files
}

fn read(path: &Path) -> Source {
    Source::new(
        path.file_name().unwrap().to_string_lossy(),
        std::fs::read_to_string(path).unwrap(),
    )
}

#[test]
fn each_feature_generates_its_golden() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ok");
    let schema = [read(&directory.join("schema.graphql"))];
    let mut wrong = Vec::new();
    for path in documents(&directory) {
        for (derives, ending) in [(&[][..], "expected.rs"), (&SERDE, "serde.rs")] {
            let output = compile(&schema, &[read(&path)], &options(&path, derives));
            let errors: Vec<String> = output
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.is_error())
                .map(|error| error.to_string())
                .collect();
            assert!(
                errors.is_empty(),
                "{}\n{}",
                path.display(),
                errors.join("\n")
            );
            let golden = path.with_extension(ending);
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                std::fs::write(&golden, &output.code).unwrap();
                continue;
            }
            let expected = std::fs::read_to_string(&golden).unwrap_or_default();
            if expected != output.code {
                let difference = TextDiff::from_lines(&expected, &output.code)
                    .unified_diff()
                    .header(&golden.display().to_string(), "what is generated now")
                    .to_string();
                wrong.push(difference);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "goldens differ (UPDATE_GOLDENS=1 writes what is generated now):\n{}",
        wrong.join("\n")
    );
}
