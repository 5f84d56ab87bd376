//! The files of a project: its configuration, its schema's age, the versions of the crates. Enter
//! at [`check`].

use super::finding::Check;
use crate::diagnostics::with_its_place;
use crate::terminal::{counted, in_words};
use attendium_codegen::config::{self, Config};
use attendium_codegen::{Diagnostic, Inputs, Sources};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// A schema that was not pulled for this long may have changed at the server.
const OLD: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Looks at the files of the project that a directory is in.
pub fn check(base: &Path, config: Option<&Path>, project: Option<&str>) -> Vec<Check> {
    let mut checks = Vec::new();
    let found = config
        .map(|path| base.join(path))
        .or_else(|| config::find(base));
    match found {
        None => checks.push(Check::good(
            "configuration",
            "no graphql.config.* here or above: flags and build scripts name the files",
        )),
        Some(path) => match config::load(&path, project) {
            Ok(config) => {
                let inputs = Inputs {
                    schema: Sources::read_schema(&config.directory, &config.schema),
                    documents: Sources::read_documents(&config.directory, &config.documents),
                };
                checks.push(check_configuration(&path, &config, &inputs));
                checks.extend(check_age(&inputs));
            }
            Err(errors) => checks.extend(errors.iter().map(|error| {
                let fix = error.help.as_deref().unwrap_or("mend the file");
                Check::bad("configuration", with_its_place(error), fix)
            })),
        },
    }
    checks.extend(check_versions(base));
    checks
}

fn check_configuration(path: &Path, config: &Config, inputs: &Inputs) -> Check {
    let name = "configuration";
    let shown = path.display();
    let missing: Vec<&str> = [
        ("schema", config.schema.is_empty()),
        ("documents", config.documents.is_empty()),
    ]
    .into_iter()
    .filter_map(|(key, is_missing)| is_missing.then_some(key))
    .collect();
    if !missing.is_empty() {
        return Check::warning(
            name,
            format!("{shown} names no `{}`", missing.join("` and no `")),
            format!(
                "write `{}:` into it, for editors and for this command",
                missing.join(":` and `")
            ),
        );
    }
    let output = inputs.compile(&config.options);
    let errors: Vec<&Diagnostic> = output
        .diagnostics
        .iter()
        .filter(|each| each.is_error())
        .collect();
    match errors.as_slice() {
        [] => Check::good(
            name,
            format!(
                "{shown}: no errors in {}",
                counted(output.operations.len(), "operation")
            ),
        ),
        [only] => Check::bad(
            name,
            with_its_place(only),
            only.help
                .as_deref()
                .unwrap_or("run `attendium generate --check`, which shows the line"),
        ),
        [first, ..] => Check::bad(
            name,
            format!(
                "{}, the first: {}",
                counted(errors.len(), "error"),
                with_its_place(first)
            ),
            "run `attendium generate --check`, which shows each with its place and what to write",
        ),
    }
}

/// How long ago the newest file of the schema was written.
fn check_age(inputs: &Inputs) -> Option<Check> {
    let files = inputs.schema.watched.iter();
    let times = files.filter_map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        (metadata.is_file()).then(|| metadata.modified().ok())?
    });
    let age = SystemTime::now()
        .duration_since(times.max()?)
        .unwrap_or_default();
    let found = format!("written {} ago", in_words(age.as_secs()));
    Some(if age > OLD {
        let fix = "run `attendium schema pull --out` with its path, and read what changed";
        Check::warning("schema", found, fix)
    } else {
        Check::good("schema", found)
    })
}

/// The crates of attendium in the lock file: one version of each, and all the same.
fn check_versions(base: &Path) -> Option<Check> {
    let name = "versions";
    let own = env!("CARGO_PKG_VERSION");
    let mut locks = base.ancestors().map(|above| above.join("Cargo.lock"));
    let lock = locks.find(|path| path.is_file())?;
    let text = match std::fs::read_to_string(&lock) {
        Ok(text) => text,
        Err(error) => {
            let found = format!("`{}` can't be read: {error}", lock.display());
            return Some(Check::warning(
                name,
                found,
                "look at its rights and its encoding",
            ));
        }
    };
    let crates = versions(&text);
    if crates.is_empty() {
        return None;
    }
    let shown: Vec<String> = crates
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let found = format!("{}; this command is {own}", shown.join(", "));
    Some(if crates.iter().all(|(_, version)| *version == own) {
        Check::good(name, found)
    } else {
        Check::warning(
            name,
            found,
            "make them one version: `cargo update -p` with the older crate, or install the \
             command anew; generated code says which runtime it needs",
        )
    })
}

/// The crates of attendium that a lock file names.
fn versions(lock: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let quoted = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim().trim_matches('"'))
        };
        let (Some(name), Some(version)) = (quoted("name = "), quoted("version = ")) else {
            continue;
        };
        if ["attendium", "attendium-codegen", "attendium-macros"].contains(&name) {
            found.push((name, version));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_says_which_versions_there_are() {
        let lock = "version = 4\n\n[[package]]\nname = \"attendium\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"attendium-codegen\"\nversion = \"0.2.0\"\n\n\
                    [[package]]\nname = \"other\"\nversion = \"1.0.0\"\n";
        let expected = [("attendium", "0.1.0"), ("attendium-codegen", "0.2.0")];
        assert_eq!(versions(lock), expected);
        assert!(versions("no lock file").is_empty());
    }
}
