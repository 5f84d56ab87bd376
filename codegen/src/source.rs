//! Texts and the paths they came from. The only module that reads schemas and documents.
//!
//! Enter at [`read`], which turns what a user named (files and directories) into [`Source`]s.

use crate::diagnostics::Diagnostic;
use std::path::{Path, PathBuf};

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

/// What [`read`] found: the texts, and each file and directory that decided about them.
#[derive(Debug, Default)]
pub struct Read {
    /// The texts, ordered by path, each file once.
    pub sources: Vec<Source>,
    /// What a build script has to watch: the files that were read and the directories that were listed.
    pub watched: Vec<PathBuf>,
    /// One error for each path that could not be read.
    pub errors: Vec<Diagnostic>,
}

/// Reads files, and for a directory all files below it whose name ends in one of `endings`.
///
/// Relative paths count from `base`; a path below `base` is shown relative to it, so that the same
/// files give the same output from every working directory. A file that is named is read whatever
/// its ending. Paths that start with a dot below a directory are passed over.
pub fn read(base: &Path, paths: &[PathBuf], endings: &[&str]) -> Read {
    let mut files = Vec::new();
    let mut read = Read::default();
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

fn list(directory: &Path, endings: &[&str], files: &mut Vec<PathBuf>, read: &mut Read) {
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

fn shown(base: &Path, file: &Path) -> String {
    let path = file.strip_prefix(base).unwrap_or(file);
    let path = path.strip_prefix("./").unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("can't read `{}`: {error}", path.display()))
        .with_help("check the path; relative paths count from the package's directory for a build script, and from the working directory for the command")
}
