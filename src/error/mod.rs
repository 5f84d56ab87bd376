//! The one public error: typed all the way down, and each says what happened and what to do.
//!
//! Enter at [`Error`]; what a variant says in detail is in the module of its name. No variant holds text of a response's body beyond the fields that its specification defines for people
//! (`error`, `error_description`, GraphQL's `message`), and those are shortened and freed of control characters.

mod configuration;
mod discovery;
mod login;
mod store;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::GraphqlError;
use crate::json;
use crate::transport::{TransportError, TransportErrorKind};

pub use configuration::ConfigurationError;
pub use discovery::DiscoveryError;
pub use login::{LoginError, LoginRequired};
pub use store::{StoreError, StoreErrorKind};

/// What can go wrong between an operation and its answer.
///
/// `Display` says what happened and, on a second line, what to do; [`Error::message`] and [`Error::help`] give the two apart.
/// `Debug` says the same, because it is what people see of a `main` that returns a `Result`.
/// Clones are cheap: tasks that wait for the same refresh get the same error.
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// The session was set up with something that can't work.
    Configuration(ConfigurationError),
    /// The server's metadata can't be trusted or understood.
    Discovery(DiscoveryError),
    /// The login ended without tokens.
    Login(LoginError),
    /// Nobody is logged in, or the login has come to its end. The one remedy is to log in.
    LoginRequired(LoginRequired),
    /// The server refused a step of the protocol with an OAuth error (RFC 6749 §5.2, RFC 7591 §3.2.2).
    Refused(Refusal),
    /// The server answered a step with a status that makes no sense there.
    Status {
        /// What was asked for.
        step: Step,
        /// The HTTP status code.
        status: u16,
        /// How long the server asked to wait, where it did.
        retry_after: Option<Duration>,
    },
    /// The server's answer to a step is not what its specification says.
    Malformed {
        /// What was asked for.
        step: Step,
        /// What is wrong with it.
        problem: String,
    },
    /// There was no answer.
    Transport {
        /// What was asked for.
        step: Step,
        /// Why.
        source: TransportError,
    },
    /// Reading or writing the kept credentials failed.
    Store(StoreError),
    /// The API refused a token that the authorization server had just given (RFC 6750 §3.1).
    Unauthorized,
    /// The API wants a scope that the login did not ask for or the user did not grant (RFC 6750 §3.1).
    InsufficientScope {
        /// The scopes that the API names; empty where it names none.
        required: Vec<String>,
    },
    /// The API answered with errors, and the caller wanted data.
    Graphql(Arc<[GraphqlError]>),
    /// The API's answer does not have the types that the operation was compiled for.
    Decode {
        /// The operation's name.
        operation: Cow<'static, str>,
        /// What and where.
        source: Arc<json::Error>,
    },
    /// The API answered with neither data nor an error.
    NoData {
        /// The operation's name.
        operation: Cow<'static, str>,
    },
}

/// A step of the protocol, as errors and traces name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The metadata document (RFC 8414).
    Discovery,
    /// The client's registration (RFC 7591).
    Registration,
    /// The exchange of a code for tokens (RFC 6749 §4.1.3).
    Exchange,
    /// A refresh (RFC 6749 §6).
    Refresh,
    /// A revocation (RFC 7009).
    Revocation,
    /// A GraphQL request.
    Graphql,
}

impl Step {
    /// A short lower-case name, as for a metric.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Registration => "registration",
            Self::Exchange => "exchange",
            Self::Refresh => "refresh",
            Self::Revocation => "revocation",
            Self::Graphql => "graphql",
        }
    }
}

impl Step {
    /// What to do, for a step that goes on with a login: people ask at once whether they have to log in again.
    fn kept(self, help: &str) -> String {
        match self {
            Self::Refresh | Self::Graphql => format!("{help}; the login is kept"),
            _ => help.to_owned(),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery of the server's metadata",
            Self::Registration => "registration of the application",
            Self::Exchange => "the exchange of the login's code for tokens",
            Self::Refresh => "the refresh of the access token",
            Self::Revocation => "the revocation of the tokens",
            Self::Graphql => "the GraphQL request",
        })
    }
}

/// An OAuth error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked for.
    pub step: Step,
    /// The error code, such as `invalid_grant`.
    pub code: String,
    /// The server's description, shortened, without control characters.
    pub description: Option<String>,
}

impl Error {
    /// Whether a login is the remedy. Networks that fail and servers that are down are never a reason to log in again.
    #[must_use]
    pub fn is_login_required(&self) -> bool {
        matches!(self, Self::LoginRequired(_))
    }

    /// A short lower-case name of the variant, as for a metric.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "configuration",
            Self::Discovery(_) => "discovery",
            Self::Login(_) => "login",
            Self::LoginRequired(_) => "login_required",
            Self::Refused(_) => "refused",
            Self::Status { .. } => "status",
            Self::Malformed { .. } => "malformed",
            Self::Transport { .. } => "transport",
            Self::Store(_) => "store",
            Self::Unauthorized => "unauthorized",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::Graphql(_) => "graphql",
            Self::Decode { .. } => "decode",
            Self::NoData { .. } => "no_data",
        }
    }

    /// What happened, on one line.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Configuration(error) => error.to_string(),
            Self::Discovery(error) => error.to_string(),
            Self::Login(error) => error.to_string(),
            Self::LoginRequired(reason) => format!("login required: {reason}"),
            Self::Refused(refusal) => refusal.to_string(),
            Self::Status { step, status, .. } => {
                format!("{step} failed: the server answered with status {status}")
            }
            Self::Malformed { step, problem } => format!("{step} failed: {problem}"),
            Self::Transport { step, source } => format!("{step} failed: {source}"),
            Self::Store(error) => error.to_string(),
            Self::Unauthorized => "the API refused the access token, and a new one as well".into(),
            Self::InsufficientScope { required } if required.is_empty() => {
                "the login has not the scope that this needs".into()
            }
            Self::InsufficientScope { required } => format!(
                "the login has not the scope that this needs: {}",
                required.join(" ")
            ),
            Self::Graphql(errors) => {
                let shown = errors
                    .iter()
                    .take(5)
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; ");
                let more = errors.len().saturating_sub(5);
                if more == 0 {
                    format!("the API answered: {shown}")
                } else {
                    format!("the API answered: {shown}; and {more} more")
                }
            }
            Self::Decode { operation, source } => {
                format!("the answer to {operation} is not what the schema says: {source}")
            }
            Self::NoData { operation } => {
                format!("the API answered {operation} with neither data nor an error")
            }
        }
    }

    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Configuration(error) => error.help().into(),
            Self::Discovery(error) => error.help(),
            Self::Login(error) => error.help().into(),
            Self::LoginRequired(_) => "log in (`attendium login`, or `session.login(…)`)".into(),
            Self::Refused(_) => "the server's operator can say what it did not like; if this goes on, log out and log in again".into(),
            Self::Status { retry_after: Some(wait), .. } => format!("try again in {} s", wait.as_secs().max(1)),
            Self::Status { status: 300..400, .. } => "redirects are not followed, they would carry secrets elsewhere: correct the base URL".into(),
            Self::Status { status: 404 | 405, .. } => "check the base URL".into(),
            Self::Status { step, status: 500.., .. } => step.kept("the server has a problem: try again later"),
            Self::Status { .. } => "check the base URL and that the server is the one you mean".into(),
            Self::Malformed { step, .. } => step.kept("check the base URL, and that no proxy or login page stands between"),
            Self::Transport { step, source } => match source.kind() {
                TransportErrorKind::Connect => step.kept("check the base URL, the network and whether the server runs"),
                TransportErrorKind::TooLarge => "ask for less, or raise the limit with `Limits::body`".into(),
                TransportErrorKind::Setup => "check the URL and the system's certificates".into(),
                _ if *step == Step::Graphql => {
                    "try again; the login is kept. A mutation may have been carried out: look before you repeat it".into()
                }
                _ => step.kept("try again"),
            },
            Self::Store(error) => error.help().into(),
            Self::Unauthorized => "log out and log in again; if it stays, the API and the authorization server disagree".into(),
            Self::InsufficientScope { .. } => "log in again with that scope (`Login::scopes`, `attendium login --scope`)".into(),
            Self::Graphql(_) => "`session.request` gives the partial data and each error's path and extensions".into(),
            Self::Decode { .. } => "fetch the schema anew (`attendium schema pull`) and build again".into(),
            Self::NoData { .. } => "check that the URL is that of a GraphQL API".into(),
        }
    }

    pub(crate) fn malformed(step: Step, problem: impl Into<String>) -> Self {
        Self::Malformed {
            step,
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.message(), self.help())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport { source, .. } => source.source(),
            Self::Store(error) => error.source(),
            Self::Login(LoginError::Listener { source, .. }) => Some(source.as_ref()),
            Self::Decode { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused with `{}`", self.step, self.code)?;
        self.description
            .as_ref()
            .map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}

/// Text of a server, made fit for an error: one line, no control characters, at most 200 characters.
pub(crate) fn plain(text: &str) -> String {
    let clean = |c: char| {
        if c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            ' '
        } else {
            c
        }
    };
    let mut short: String = text.chars().take(200).map(clean).collect();
    if text.chars().nth(200).is_some() {
        short.push('…');
    }
    short.trim().to_owned()
}
