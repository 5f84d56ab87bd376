//! The code as a build script writes it: a file for each operation and fragment, for all enums, all
//! input objects and all scalars, and one that includes them.
//!
//! rustc compiles again what an edit has moved to other lines, in the same file. With a file for
//! each, an edit of one operation is an edit of one file, and what rustc knows of the other ones
//! still holds: an edit that adds a line to one of a hundred operations over GitHub's schema is
//! checked in less than half of the time. Enter at [`write`].

use crate::emit;
use crate::output::Output;
use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Writes the code so that `path` includes it. What is there already keeps its time, what no longer
/// belongs there goes.
///
/// # Errors
/// The file that could not be written.
pub fn write(path: &Path, output: &Output) -> Result<(), (PathBuf, io::Error)> {
    // Beside the file, and never its own name.
    let mut directory = path.as_os_str().to_owned();
    directory.push(".parts");
    let directory = PathBuf::from(directory);
    let beside = directory.file_name().unwrap_or_default().to_string_lossy();
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    fs::create_dir_all(&directory).map_err(failed(&directory))?;
    let mut includes = header(&output.code).to_owned();
    let mut written = HashSet::new();
    for (name, code) in files(output) {
        let _ = writeln!(
            includes,
            "::core::include!({:?});",
            format!("{beside}/{name}")
        );
        let file = directory.join(name);
        replace(&file, &code).map_err(failed(&file))?;
        written.insert(name);
    }
    replace(path, &includes).map_err(failed(path))?;
    for entry in fs::read_dir(&directory)
        .map_err(failed(&directory))?
        .flatten()
    {
        if !entry
            .file_name()
            .to_str()
            .is_some_and(|name| written.contains(name))
        {
            // One that can't be removed is included by nothing.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// The name and the text of each file, in the order of the code. Those of one name are one file.
fn files(output: &Output) -> Vec<(&str, String)> {
    let mut files: Vec<(&str, String)> = Vec::with_capacity(output.parts.len());
    let mut at = std::collections::HashMap::new();
    let mut start = header(&output.code).len();
    for (name, end) in &output.parts {
        let index = *at.entry(name.as_str()).or_insert_with(|| {
            files.push((name, emit::head()));
            files.len() - 1
        });
        files[index].1.push_str(&output.code[start..*end]);
        start = *end;
    }
    files
}

/// What stands before the first item, which begins behind an empty line.
fn header(code: &str) -> &str {
    code.find("\n\n").map_or(code, |end| &code[..=end])
}

/// Writes a file whose text is another one. cargo and rustc take one with a new time for one that
/// has changed.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|before| before == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Options, Source, compile};
    use std::time::{Duration, SystemTime};

    const SCHEMA: &str = "type Query { me(role: Role, by: By): User role: Role at: At } \
        type User { id: ID! name: String } enum Role { A B } input By { id: ID } scalar At";

    fn output(documents: &[(&str, &str)]) -> Output {
        let documents: Vec<Source> = documents
            .iter()
            .map(|(path, text)| Source::new(*path, *text))
            .collect();
        let output = compile(&[Source::new("s", SCHEMA)], &documents, &Options::default());
        assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);
        output
    }

    /// The files that the one at `path` includes, in their order, each without its head.
    fn included(path: &Path) -> Vec<(String, String)> {
        let text = fs::read_to_string(path).unwrap();
        let includes = text.lines().filter(|line| line.contains("include!"));
        includes
            .map(|line| {
                let name = line.strip_prefix("::core::include!(\"").unwrap();
                let name = name.strip_suffix("\");").unwrap();
                let text = fs::read_to_string(path.with_file_name(name)).unwrap();
                let text = text.strip_prefix(&emit::head()).unwrap();
                (name.to_owned(), text.to_owned())
            })
            .collect()
    }

    #[test]
    fn an_edit_of_one_operation_is_one_of_one_file() {
        let directory =
            std::env::temp_dir().join(format!("attendium-parts-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("queries.rs");
        let user = ("user.graphql", "fragment User on User { id }");
        let all = (
            "all.graphql",
            "query All($by: By) { me(by: $by) { ...User } role at }",
        );
        let me = ("me.graphql", "query Me { me { id } } query ME { role }");
        let before = output(&[me, all, user]);
        write(&path, &before).unwrap();

        let files = included(&path);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        // A file system without case has no room for `Me` and `ME`.
        assert_eq!(
            names,
            [
                "operation-all.rs",
                "operation-me.rs",
                "fragment-user.rs",
                "enums.rs",
                "inputs.rs",
                "scalars.rs"
            ]
            .map(|name| format!("queries.rs.parts/{name}"))
        );
        let texts: String = files.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(header(&before.code).to_owned() + &texts, before.code);

        let old = SystemTime::now() - Duration::from_secs(3600);
        let parts = path.with_file_name("queries.rs.parts");
        let time = |name: &str| {
            fs::metadata(directory.join(name))
                .unwrap()
                .modified()
                .unwrap()
        };
        for name in names.iter().copied().chain(["queries.rs"]) {
            let file = fs::File::options()
                .append(true)
                .open(directory.join(name))
                .unwrap();
            file.set_modified(old).unwrap();
        }
        let edited = (
            "all.graphql",
            "query All($by: By) {\n  me(by: $by) { ...User }\n  other: me { id name }\n  \
             role\n  at\n}",
        );
        write(&path, &output(&[me, edited, user])).unwrap();
        for name in names.iter().copied().chain(["queries.rs"]) {
            assert_eq!(
                time(name) > old,
                name.ends_with("operation-all.rs"),
                "{name}"
            );
        }

        write(&path, &output(&[me])).unwrap();
        let left: Vec<_> = fs::read_dir(&parts)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "{left:?}");
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn names_of_any_length_are_names_of_files() {
        let long = "L".repeat(300);
        let other = format!("{long}2");
        let text = format!("query {long} {{ role }} query {other} {{ role }}");
        let output = output(&[("long.graphql", &text)]);
        let files = files(&output);
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                format!("operation-{}.rs", "l".repeat(100)),
                "enums.rs".into()
            ]
        );
        assert!(files[0].1.contains(&other));
    }
}
