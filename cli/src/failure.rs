//! How a command ends that does not succeed: what happened, what to do, and the exit code.

use attendium::{Error, LoginError};
use std::process::ExitCode;

const FAILED: u8 = 1;
/// The exit code where nobody is logged in.
pub const LOGIN_REQUIRED: u8 = 3;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: String,
    note: Option<String>,
    code: u8,
}

impl Failure {
    /// Exit code 1. Both texts are for people, without a full stop.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            note: None,
            code: FAILED,
        }
    }

    /// Whoever read the output has seen enough, as `head` does: there is nothing to say, and nobody to say it to.
    pub fn nobody_reads() -> Self {
        Self::new("", "")
    }

    /// An error of the session. `flags` are those that a login needs to be the same as this command's.
    pub fn of(error: &Error, flags: &str) -> Self {
        let help = match error {
            Error::LoginRequired(_) => format!("run `attendium login{flags}`"),
            Error::Login(LoginError::TimedOut { .. }) => format!(
                "run the command again and finish the login in the browser; where the browser showed an error about the \
                 client instead of a login, run `attendium login --register-again{flags}`"
            ),
            Error::Login(LoginError::Cancelled) => {
                format!("run `attendium login{flags}` when you want to go on")
            }
            Error::Graphql(_) => {
                "the request arrived and the API said no: look at its message".into()
            }
            error => error.help(),
        };
        Self {
            message: error.message(),
            help,
            note: None,
            code: if error.is_login_required() {
                LOGIN_REQUIRED
            } else {
                FAILED
            },
        }
    }

    /// With something that one looks for when the help is followed.
    pub fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }

    /// Says it on stderr.
    pub fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            crate::terminal::error(&self.message, &self.help);
        }
        if let Some(note) = &self.note {
            crate::terminal::note(format_args!("  note: {note}"));
        }
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of(&error, "")
    }
}
