//! How a command ends that does not succeed: what happened, what to do, and the exit code.

use crate::diagnostics;
use crate::terminal::{self, PrintError};
use attendium::{ConfigurationError, DiscoveryError, Error, LoginError};
use attendium_codegen::Diagnostic;
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::process::ExitCode;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
/// The exit code where nobody is logged in.
pub const LOGIN_REQUIRED: u8 = 3;
/// The exit code where the API answered with errors.
pub const ANSWERED_WITH_ERRORS: u8 = 4;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: String,
    note: Option<String>,
    /// What the compiler says: shown to people in place of the message.
    diagnostics: Vec<Diagnostic>,
    /// A short name for programs.
    kind: &'static str,
    code: u8,
}

impl Failure {
    /// A failure with exit code 1. Both texts are for people, without a full stop.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            note: None,
            diagnostics: Vec::new(),
            kind: "failed",
            code: FAILED,
        }
    }

    /// A failure of what was written on the command line, with exit code 2.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            kind: "usage",
            code: USAGE,
            ..Self::new(message, help)
        }
    }

    /// A failure of the documents or the schema, in the compiler's words.
    pub fn diagnostics(diagnostics: &[Diagnostic]) -> Self {
        let message = match diagnostics {
            [] => String::new(),
            [one] => diagnostics::with_its_place(one),
            [first, ..] => format!(
                "{}, the first: {}",
                terminal::counted(diagnostics.len(), "error"),
                diagnostics::with_its_place(first)
            ),
        };
        let help = diagnostics.iter().find_map(|each| each.help.clone());
        Self {
            kind: "document",
            diagnostics: diagnostics.to_vec(),
            ..Self::new(message, help.unwrap_or_default())
        }
    }

    /// A failure of what was written on the command line, as clap found it.
    pub fn command_line(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let parts: Vec<String> = text.split("\n\n").map(terminal::on_one_line).collect();
        let tip = parts.iter().find_map(|part| part.strip_prefix("tip: "));
        let usage = parts.iter().find(|part| part.starts_with("Usage: "));
        let message = parts[0].trim_start_matches("error: ");
        let help = tip.or(usage.map(String::as_str));
        Self::usage(message, help.unwrap_or("see `attendium --help`"))
    }

    /// The same failure with another name for programs.
    pub fn of_kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// The same failure with another exit code.
    pub fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
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
            Error::LoginRequired { .. } => format!("run `attendium login{flags}`"),
            Error::Login(LoginError::TimedOut { .. }) => format!(
                "run the command again and finish the login in the browser; where the browser \
                 showed an error about the client instead of a login, run \
                 `attendium login --register-again{flags}`; on a machine without a browser give \
                 `--no-browser` or `--device`"
            ),
            Error::Login(LoginError::Cancelled) => {
                format!("run `attendium login{flags}` when you want to go on")
            }
            Error::Graphql(_) => {
                "the request arrived and the API said no: look at its message".into()
            }
            Error::Configuration(ConfigurationError::NoLogin) => {
                "unset ATTENDIUM_TOKEN, and leave out `--anonymous` and an `Authorization` header, \
                 which stand in place of a login"
                    .into()
            }
            Error::Unauthorized { renewed: false, .. } => {
                "set ATTENDIUM_TOKEN to a token that the API takes, or log in without it (and \
                 without `--anonymous`)"
                    .into()
            }
            Error::Configuration(ConfigurationError::MissingClient) => {
                "set ATTENDIUM_CLIENT_SECRET, or give `--client-secret-file`".into()
            }
            error => with_flags(&error.help()),
        };
        Self {
            message: terminal::on_one_line(&message(error)),
            help,
            note: None,
            diagnostics: Vec::new(),
            kind: error.kind(),
            code: match error {
                Error::LoginRequired { .. } => LOGIN_REQUIRED,
                // The machine lacks that one.
                Error::Configuration(ConfigurationError::NoStateDirectory) => FAILED,
                // What sets a session up are flags and variables.
                Error::Configuration(_) => USAGE,
                Error::Discovery(DiscoveryError::ForeignEndpoint { endpoint, .. })
                    if *endpoint == "GraphQL URL" =>
                {
                    USAGE
                }
                _ => FAILED,
            },
        }
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The same failure with other advice.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Adds to the advice.
    pub fn with_more_help(mut self, more: &str) -> Self {
        self.help = format!("{}; {more}", self.help);
        self
    }

    /// Adds a line for the person who follows the help.
    pub fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }

    /// Says on standard error what went wrong, and gives the exit code. As one JSON document where
    /// the output is JSON as well.
    pub fn report(&self, as_json: bool) -> ExitCode {
        if self.message.is_empty() {
            return ExitCode::from(self.code);
        }
        if as_json {
            terminal::print_to_stderr(self.document());
        } else if self.diagnostics.is_empty() {
            terminal::print_error(&self.message, &self.help);
        } else {
            diagnostics::print(&self.diagnostics);
        }
        if let Some(note) = self.note.as_ref().filter(|_| !as_json) {
            terminal::print_note(format_args!("  note: {note}"));
        }
        ExitCode::from(self.code)
    }

    /// The failure for programs.
    fn document(&self) -> Value {
        let mut document = json!({ "error": self.kind, "message": self.message });
        if !self.help.is_empty() {
            document["help"] = json!(self.help);
        }
        if let Some(note) = &self.note {
            document["note"] = json!(note);
        }
        if !self.diagnostics.is_empty() {
            document["diagnostics"] = self.diagnostics.iter().map(diagnostics::document).collect();
        }
        document
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

/// What the library's advice calls by its methods, in the words of the command.
const FLAGS: [(&str, &str); 6] = [
    ("Login::print_url", "--no-browser"),
    ("SessionBuilder::client_id", "--client-id"),
    ("SessionBuilder::graphql_url", "--graphql-url"),
    (
        "`Login::scopes`, `attendium login --scope`",
        "`attendium login --scope`",
    ),
    ("Login::scopes", "attendium login --scope"),
    (
        "ask for less, or raise the limit with `Limits::max_body_size`",
        "ask for less",
    ),
];

/// Advice for a user of the command.
fn with_flags(help: &str) -> String {
    let mut text = help.to_owned();
    for (method, flag) in FLAGS {
        text = text.replace(method, flag);
    }
    // `.allow_origin("https://login.example.com")`
    if let Some((before, rest)) = text.split_once("`.allow_origin(\"")
        && let Some((origin, after)) = rest.split_once("\")`")
    {
        text = format!("{before}`--allow-origin {origin}`{after}");
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_59_advice_names_flags_and_no_methods() {
        let foreign = DiscoveryError::ForeignEndpoint {
            endpoint: "token_endpoint",
            origin: "https://login.example.com".into(),
            issuer: "https://api.example.com".into(),
        };
        let unregistered = DiscoveryError::MissingEndpoint {
            issuer: "https://api.example.com".into(),
            endpoint: "registration_endpoint",
        };
        let no_device = DiscoveryError::MissingEndpoint {
            issuer: "https://api.example.com".into(),
            endpoint: "device_authorization_endpoint",
        };
        let scope = Error::InsufficientScope {
            required: vec!["write".into()],
            answer: None,
        };
        for (error, flag) in [
            (
                Error::Discovery(foreign),
                "--allow-origin https://login.example.com",
            ),
            (Error::Discovery(unregistered), "--client-id"),
            (Error::Discovery(no_device), "--no-browser"),
            (scope, "attendium login --scope"),
        ] {
            let help = Failure::from_session(&error, "").help;
            assert!(help.contains(flag), "{help}");
            assert!(
                !help.contains("::") && !help.contains("allow_origin"),
                "{help}"
            );
        }
    }
}
