//! How a command ends that does not succeed: what happened, what to do, and the exit code.

use crate::terminal::{self, PrintError};
use attendium::{Error, LoginError};
use std::io::ErrorKind;
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
    /// A failure with exit code 1. Both texts are for people, without a full stop.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            note: None,
            code: FAILED,
        }
    }

    /// A failure that was already reported.
    pub fn reported() -> Self {
        Self::new("", "")
    }

    /// A failure of the session.
    ///
    /// `flags` are those with which `attendium login` logs in for this command.
    pub fn from_session(error: &Error, flags: &str) -> Self {
        let help = match error {
            Error::LoginRequired(_) => format!("run `attendium login{flags}`"),
            Error::Login(LoginError::TimedOut { .. }) => format!(
                "run the command again and finish the login in the browser; where the browser \
                 showed an error about the client instead of a login, run \
                 `attendium login --register-again{flags}`"
            ),
            Error::Login(LoginError::Cancelled) => {
                format!("run `attendium login{flags}` when you want to go on")
            }
            Error::Graphql(_) => {
                "the request arrived and the API said no: look at its message".into()
            }
            error => error.help().into_owned(),
        };
        Self {
            message: terminal::on_one_line(&message(error)),
            help,
            note: None,
            code: if error.is_login_required() {
                LOGIN_REQUIRED
            } else {
                FAILED
            },
        }
    }

    /// Adds a line for the person who follows the help.
    pub fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }

    /// Says on standard error what went wrong, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        if !self.message.is_empty() {
            terminal::print_error(&self.message, &self.help);
        }
        if let Some(note) = &self.note {
            terminal::print_note(format_args!("  note: {note}"));
        }
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from_session(&error, "")
    }
}

impl From<PrintError> for Failure {
    fn from(PrintError(error): PrintError) -> Self {
        match error.kind() {
            // The reader has seen enough, as `head` has: nobody is left to hear of it.
            ErrorKind::BrokenPipe => Self::reported(),
            _ => Self::new(
                format!("the output can't be written: {error}"),
                "look at what the output is piped or redirected to",
            ),
        }
    }
}

/// What happened and why, on one line.
fn message(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
