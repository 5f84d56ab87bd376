//! The files that `attendium generate` writes or compares. Enter at [`write`] and [`compare`].

use crate::terminal::{self, PrintError};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What became of one file.
pub struct Written {
    pub path: PathBuf,
    pub outcome: Outcome,
}

/// Whether a path stands for standard output.
pub fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How it went.
pub enum Outcome {
    /// It went to standard output.
    Printed,
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
        matches!(
            self.outcome,
            Outcome::Printed | Outcome::Current | Outcome::Changed
        )
    }

    /// Says on standard error why the file is not as it should be.
    pub fn print_failure(&self) {
        let path = self.path.display();
        match &self.outcome {
            Outcome::Printed | Outcome::Current | Outcome::Changed => {}
            Outcome::Outdated => terminal::print_error(
                &format!("`{path}` is not what would be generated"),
                "run the same command without --check",
            ),
            // The reader has seen enough.
            Outcome::Failed(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Outcome::Failed(error) => terminal::print_error(
                &format!("can't write `{path}`: {error}"),
                "does the directory exist, and may you write there?",
            ),
        }
    }

    /// The same for programs.
    pub fn document(&self) -> Value {
        let (outcome, error) = match &self.outcome {
            Outcome::Printed => ("printed", None),
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
    let written = |result: std::io::Result<()>, good| match result {
        Ok(()) => good,
        Err(error) => Outcome::Failed(error),
    };
    let outcome = if is_stdout(path) {
        let printed = terminal::print_data(content.trim_end());
        written(printed.map_err(|PrintError(error)| error), Outcome::Printed)
    } else if is_current(path, content) {
        Outcome::Current
    } else {
        written(std::fs::write(path, content), Outcome::Changed)
    };
    Written {
        path: path.to_owned(),
        outcome,
    }
}
