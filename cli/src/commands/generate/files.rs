//! The files that `attendium generate` writes or compares. Enter at [`write`] and [`compare`].

use crate::terminal;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What became of one file.
pub struct Written {
    pub path: PathBuf,
    pub outcome: Outcome,
}

/// How it went.
pub enum Outcome {
    /// It holds what it should, and did before.
    Current,
    /// It was written.
    Changed,
    /// It is not what would be written, and only a comparison was asked for.
    Outdated,
    /// It can't be written.
    Failed(std::io::Error),
}

impl Written {
    pub fn is_good(&self) -> bool {
        matches!(self.outcome, Outcome::Current | Outcome::Changed)
    }

    /// Says on standard error why the file is not as it should be.
    pub fn print_failure(&self) {
        let path = self.path.display();
        match &self.outcome {
            Outcome::Current | Outcome::Changed => {}
            Outcome::Outdated => terminal::print_note(format_args!(
                "error: `{path}` is not what would be generated\n \
                 = help: run the same command without --check",
            )),
            Outcome::Failed(error) => terminal::print_note(format_args!(
                "error: can't write `{path}`: {error}\n \
                 = help: does the directory exist, and may you write there?",
            )),
        }
    }

    /// The same for programs.
    pub fn document(&self) -> Value {
        let (outcome, error) = match &self.outcome {
            Outcome::Current => ("current", None),
            Outcome::Changed => ("changed", None),
            Outcome::Outdated => ("outdated", None),
            Outcome::Failed(error) => ("failed", Some(error.to_string())),
        };
        json!({ "path": self.path.to_string_lossy(), "outcome": outcome, "error": error })
    }
}

fn is_current(path: &Path, content: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|before| before == content)
}

/// Compares a file with what would be written.
pub fn compare(path: &Path, content: &str) -> Written {
    let outcome = if is_current(path, content) {
        Outcome::Current
    } else {
        Outcome::Outdated
    };
    Written {
        path: path.to_owned(),
        outcome,
    }
}

/// Writes a file. An unchanged one keeps its time, so that nothing is built anew for it.
pub fn write(path: &Path, content: &str) -> Written {
    let outcome = if is_current(path, content) {
        Outcome::Current
    } else {
        match std::fs::write(path, content) {
            Ok(()) => Outcome::Changed,
            Err(error) => Outcome::Failed(error),
        }
    };
    Written {
        path: path.to_owned(),
        outcome,
    }
}
