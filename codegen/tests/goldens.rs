//! What the compiler writes: every file in `tests/ok/` beside its `.expected.rs`. That the goldens
//! compile, and that they read and write the answers beside them, is tested where the runtime is:
//! `tests/goldens.rs` of the crate `attendium`.
//!
//! `UPDATE_GOLDENS=1 cargo test -p attendium-codegen` writes what is generated now; read the
//! difference before committing it.

use attendium_codegen::{Options, Source, compile};
use std::path::{Path, PathBuf};

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

#[test]
fn each_feature_generates_its_golden() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ok");
    let read = |path: &Path| {
        Source::new(
            path.file_name().unwrap().to_string_lossy(),
            std::fs::read_to_string(path).unwrap(),
        )
    };
    let schema = [read(&directory.join("schema.graphql"))];
    let options = Options {
        derives: vec!["serde::Serialize".into(), "serde::Deserialize".into()],
        scalars: [
            ("Url", "url::Url"),
            ("Instant", "jiff::Timestamp"),
            ("Uuid", "uuid::Uuid"),
        ]
        .map(|(name, rust)| (name.into(), rust.into()))
        .to_vec(),
        ..Options::default()
    };
    let mut wrong = Vec::new();
    let derives = [
        "Default",
        "Eq",
        "std::hash::Hash",
        "PartialOrd",
        "Ord",
        "Copy",
    ];
    for path in documents(&directory) {
        let mut options = options.clone();
        if path.ends_with("derives.graphql") {
            options.derives.extend(derives.map(str::to_owned));
        }
        let serde = std::mem::take(&mut options.derives);
        let (serde, more) = serde.split_at(2);
        for (derives, golden) in [
            ([serde, more].concat(), "expected.rs"),
            (more.to_vec(), "without_serde.rs"),
        ] {
            let options = Options {
                derives,
                ..options.clone()
            };
            let output = compile(&schema, &[read(&path)], &options);
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
            let golden = path.with_extension(golden);
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                std::fs::write(&golden, &output.code).unwrap();
            } else if std::fs::read_to_string(&golden).unwrap_or_default() != output.code {
                wrong.push(format!(
                    "{}: what is generated now differs from the golden",
                    golden.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
