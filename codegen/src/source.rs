//! Texts and the paths they came from. The only module that reads schemas and documents.
//!
//! Enter at [`Sources`], which turns what a user named (files and directories) into [`Source`]s.

use crate::diagnostics::Diagnostic;
#[cfg(feature = "config")]
use crate::globs;
use std::path::{Component, Path, PathBuf};

/// Endings of files with a schema.
pub(crate) const SCHEMA_ENDINGS: [&str; 4] = [".graphql", ".gql", ".graphqls", ".json"];
/// Endings of files with documents.
pub(crate) const DOCUMENT_ENDINGS: [&str; 2] = [".graphql", ".gql"];

/// A text to compile, with the path that diagnostics and comments call it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as diagnostics and generated comments show it, with `/` between its parts.
    pub path: String,
    /// The text itself.
    pub text: String,
}

impl Source {
    /// A text that is already in memory.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }
}

/// Texts that were read, and what to watch for changes.
#[derive(Debug, Default)]
pub struct Sources {
    /// The texts, ordered by path, each file once.
    pub sources: Vec<Source>,
    /// What a build script has to watch: the files that were read and the directories that were
    /// listed.
    pub watched: Vec<PathBuf>,
    /// One error for each path that could not be read.
    pub errors: Vec<Diagnostic>,
}

impl Sources {
    /// Reads the files of a schema, and for a directory all `.graphql`, `.gql`, `.graphqls` and
    /// `.json` files below it.
    ///
    /// Relative paths count from `base`, and paths are shown relative to it, so that the same files
    /// give the same output from every working directory. A file that is named is read whatever its
    /// ending. Paths that start with a dot below a directory are passed over. With the feature
    /// `config`, a path that does not exist may be a pattern, `queries/**/*.graphql`.
    pub fn read_schema(base: &Path, paths: &[PathBuf]) -> Self {
        read(base, paths, &SCHEMA_ENDINGS)
    }

    /// Reads files of documents, and for a directory all `.graphql` and `.gql` files below it.
    ///
    /// Paths are those of [`read_schema`](Self::read_schema).
    pub fn read_documents(base: &Path, paths: &[PathBuf]) -> Self {
        read(base, paths, &DOCUMENT_ENDINGS)
    }

    /// Shows paths relative to `base` instead of the directory that they were read from.
    #[must_use]
    pub fn shown_from(mut self, directory: &Path, base: &Path) -> Self {
        for source in &mut self.sources {
            source.path = shown(base, &directory.join(&source.path));
        }
        self
    }
}

fn read(base: &Path, paths: &[PathBuf], endings: &[&str]) -> Sources {
    let mut files = Vec::new();
    let mut read = Sources::default();
    for path in paths {
        let full = base.join(path);
        match std::fs::metadata(&full) {
            Ok(metadata) if metadata.is_dir() => {
                let before = files.len();
                list(&full, endings, &mut files, &mut read);
                if files.len() == before {
                    read.errors.push(
                        Diagnostic::error(format!(
                            "no file below `{}` ends in {}",
                            path.display(),
                            endings.join(" or ")
                        ))
                        .with_help(
                            "name a directory that holds `.graphql` files, or the files themselves",
                        ),
                    );
                }
            }
            Ok(_) => files.push(full),
            #[cfg(feature = "config")]
            Err(_) if globs::is_pattern(&path.to_string_lossy()) => {
                match matching(base, path, endings) {
                    Ok(found) => files.extend(found),
                    Err(error) => read.errors.push(*error),
                }
            }
            Err(error) => {
                read.watched.push(full);
                read.errors.push(unreadable(path, &error));
            }
        }
    }
    files.sort();
    files.dedup();
    for file in files {
        match std::fs::read(&file) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => read.sources.push(Source::new(shown(base, &file), text)),
                Err(error) => read.errors.push(
                    Diagnostic::error(format!(
                        "`{}` is not UTF-8: the byte at offset {} starts no character",
                        shown(base, &file),
                        error.utf8_error().valid_up_to()
                    ))
                    .with_help("save the file as UTF-8; GraphQL documents are Unicode text"),
                ),
            },
            Err(error) => read.errors.push(unreadable(&file, &error)),
        }
        read.watched.push(file);
    }
    read
}

/// The files that a pattern matches. A shell passes a pattern on where it is in quotes, or matches
/// nothing.
#[cfg(feature = "config")]
fn matching(base: &Path, path: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let pattern = path.to_string_lossy();
    let found = globs::expand(base, &pattern, endings).map_err(|problem| {
        let error = Diagnostic::error(format!("`{pattern}` is not a pattern: {problem}"));
        error.with_help("`*` is any name, `**` any directories, `{a,b}` one of several")
    })?;
    if found.is_empty() {
        let endings = endings.join(" or ");
        let message = format!("no file that `{pattern}` matches ends in {endings}");
        let error = Diagnostic::error(message).with_help(
            "`*` is any name, `**` any directories; quotes keep the shell from reading them",
        );
        return Err(error.into());
    }
    Ok(found)
}

fn list(directory: &Path, endings: &[&str], files: &mut Vec<PathBuf>, read: &mut Sources) {
    read.watched.push(directory.to_owned());
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => return read.errors.push(unreadable(directory, &error)),
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        // A link to a directory is not followed: it may lead back up.
        let is_directory = std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_directory {
            list(&path, endings, files, read);
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            files.push(path);
        }
    }
}

/// A file's path from `base`, with `/` between its parts.
fn shown(base: &Path, file: &Path) -> String {
    let (base, file) = (without_dots(base), without_dots(file));
    let common = base
        .components()
        .zip(file.components())
        .take_while(|(one, other)| one == other)
        .count();
    // A path from a working directory that is not known, or on another drive of Windows.
    if common == 0 && (base.is_absolute() || file.is_absolute()) {
        return file.to_string_lossy().replace('\\', "/");
    }
    let up = base.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(file.components().skip(common)).collect();
    path.to_string_lossy().replace('\\', "/")
}

/// A path without `.` and without `..` behind a name. Links are not followed.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(clean.components().next_back(), Some(Component::Normal(_))) =>
            {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("can't read `{}`: {error}", path.display())).with_help(
        "check the path; relative paths count from the package's directory for a build \
             script and for `graphql!`, and from the working directory for the command",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_base_wherever_the_file_is() {
        for (base, file, path) in [
            ("/a/b", "/a/b/q/./x.graphql", "q/x.graphql"),
            ("/a/b", "/a/b/../s.graphql", "../s.graphql"),
            ("/a/b/c/..", "/a/b/s.graphql", "s.graphql"),
            ("/a/b", "/c/s.graphql", "../../c/s.graphql"),
            ("", "q/x.graphql", "q/x.graphql"),
            ("", "../x.graphql", "../x.graphql"),
            ("", "/x.graphql", "/x.graphql"),
        ] {
            assert_eq!(
                shown(Path::new(base), Path::new(file)),
                path,
                "{base} {file}"
            );
        }
    }
}
