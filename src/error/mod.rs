//! The one public error: typed all the way down. Each error says what happened and what to do.
//!
//! Enter at [`Error`]; the details of a variant are in the file of its name. `Display` is one line
//! without advice, `help` is the advice, and `source` is the cause that `Display` does not repeat.
//!
//! No error holds text of a response's body beyond the fields that a specification defines for
//! people (`error`, `error_description`, GraphQL's `message`). Those are shortened and freed of
//! control characters.

mod configuration;
mod discovery;
mod login;
mod store;
mod transport;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::graphql_error::GraphqlError;
use crate::json;

pub use configuration::ConfigurationError;
pub use discovery::DiscoveryError;
pub use login::{LoginError, LoginRequired};
pub use store::{StoreError, StoreErrorKind};
pub use transport::{TransportError, TransportErrorKind};

/// What can go wrong between an operation and its answer.
///
/// `Display` says on one line what happened, [`Error::help`] what to do, and
/// [`source`](std::error::Error::source) gives the cause where there is one. A report such as
/// anyhow's `{:#}` prints message and causes without repetition.
///
/// Clones are cheap: tasks that wait for the same refresh get the same error.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// The session was set up with something that can't work.
    Configuration(ConfigurationError),
    /// The server's metadata can't be trusted or understood.
    Discovery(DiscoveryError),
    /// The login ended without tokens.
    Login(LoginError),
    /// Nobody is logged in, or the login has ended. The remedy is to log in.
    LoginRequired(LoginRequired),
    /// The server refused a step of the protocol with an OAuth error (RFC 6749 §5.2, RFC 7591
    /// §3.2.2).
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
    /// The operating system gave no random numbers, which a login needs.
    RandomNumbers {
        /// Why.
        source: Arc<std::io::Error>,
    },
    /// The API refused a token that the authorization server had just given (RFC 6750 §3.1).
    Unauthorized,
    /// The API wants a scope that the login did not ask for or the user did not grant (RFC 6750
    /// §3.1).
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
        source: Arc<json::DecodeError>,
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
    /// Adds to the help of a step with a login that it is kept: people ask that first.
    fn add_login_kept(self, help: &'static str) -> Cow<'static, str> {
        match self {
            Self::Refresh | Self::Graphql => format!("{help}; the login is kept").into(),
            _ => help.into(),
        }
    }

    fn transport_help(self, error: &TransportError) -> Cow<'static, str> {
        use TransportErrorKind::{Connect, Interrupted, Setup, Timeout, TooLarge};
        match (error.kind(), self) {
            (TooLarge | Setup, _) => error.help(),
            (Timeout | Interrupted, Self::Graphql) => {
                "try again; the login is kept. A mutation may have been carried out: look before \
                 you repeat it"
                    .into()
            }
            (Connect | Timeout | Interrupted, Self::Refresh | Self::Graphql) => {
                format!("{}; the login is kept", error.help()).into()
            }
            (Connect | Timeout | Interrupted, _) => error.help(),
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
    /// Whether a login is the remedy. A failing network or server is never a reason to log in
    /// again.
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
            Self::RandomNumbers { .. } => "random_numbers",
            Self::Unauthorized => "unauthorized",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::Graphql(_) => "graphql",
            Self::Decode { .. } => "decode",
            Self::NoData { .. } => "no_data",
        }
    }

    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        let help = match self {
            Self::Configuration(error) => return error.help(),
            Self::Discovery(error) => return error.help(),
            Self::Login(error) => return error.help(),
            Self::LoginRequired(reason) => return reason.help(),
            Self::Refused(refusal) => return refusal.help(),
            Self::Store(error) => return error.help(),
            Self::Transport { step, source } => return step.transport_help(source),
            Self::Malformed { step, .. } => {
                return step.add_login_kept(
                    "check the base URL, and that no proxy or login page stands between",
                );
            }
            Self::Status {
                retry_after: Some(wait),
                ..
            } => return format!("try again in {} s", wait.as_secs().max(1)).into(),
            Self::Status {
                step,
                status: 500..,
                ..
            } => return step.add_login_kept("the server has a problem: try again later"),
            Self::Status {
                status: 300..400, ..
            } => {
                "redirects are not followed, they would carry secrets elsewhere: correct the \
                 base URL"
            }
            Self::Status {
                status: 404 | 405, ..
            } => "check the base URL",
            Self::Status { .. } => "check the base URL and that the server is the one you mean",
            Self::RandomNumbers { .. } => "check the operating system's source of random numbers",
            Self::Unauthorized => {
                "log out and log in again; if it stays, the API and the authorization server \
                 disagree"
            }
            Self::InsufficientScope { .. } => {
                "log in again with that scope (`Login::scopes`, `attendium login --scope`)"
            }
            Self::Graphql(_) => {
                "`session.request` gives the partial data and each error's path and extensions"
            }
            Self::Decode { .. } => {
                "fetch the schema anew (`attendium schema pull`) and build again"
            }
            Self::NoData { .. } => "check that the URL is that of a GraphQL API",
        };
        Cow::Borrowed(help)
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
        match self {
            Self::Configuration(error) => error.fmt(f),
            Self::Discovery(error) => error.fmt(f),
            Self::Login(error) => error.fmt(f),
            Self::LoginRequired(reason) => write!(f, "login required: {reason}"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Status { step, status, .. } => {
                write!(f, "{step} failed: the server answered with status {status}")
            }
            Self::Malformed { step, problem } => write!(f, "{step} failed: {problem}"),
            Self::Transport { step, .. } => write!(f, "{step} failed"),
            Self::Store(error) => error.fmt(f),
            Self::RandomNumbers { .. } => f.write_str("the system gave no random numbers"),
            Self::Unauthorized => {
                f.write_str("the API refused the access token, and a new one as well")
            }
            Self::InsufficientScope { required } => {
                f.write_str("the login has not the scope that this needs")?;
                if required.is_empty() {
                    return Ok(());
                }
                write!(f, ": {}", required.join(" "))
            }
            Self::Graphql(errors) => write_graphql_errors(f, errors),
            Self::Decode { operation, .. } => {
                write!(f, "the answer to {operation} is not what the schema says")
            }
            Self::NoData { operation } => {
                write!(
                    f,
                    "the API answered {operation} with neither data nor an error"
                )
            }
        }
    }
}

/// The first five errors, and how many more there are.
fn write_graphql_errors(f: &mut fmt::Formatter<'_>, errors: &[GraphqlError]) -> fmt::Result {
    f.write_str("the API answered")?;
    for (index, error) in errors.iter().take(5).enumerate() {
        f.write_str(if index == 0 { ": " } else { "; " })?;
        write!(f, "{error}")?;
    }
    match errors.len().saturating_sub(5) {
        0 => Ok(()),
        more => write!(f, "; and {more} more"),
    }
}

impl std::error::Error for Error {
    /// The cause, where the message does not say it already.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Login(error) => error.source(),
            Self::Store(error) => error.source(),
            Self::Transport { source, .. } => Some(source),
            Self::RandomNumbers { source } => Some(source.as_ref()),
            Self::Decode { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<ConfigurationError> for Error {
    fn from(error: ConfigurationError) -> Self {
        Self::Configuration(error)
    }
}

impl From<DiscoveryError> for Error {
    fn from(error: DiscoveryError) -> Self {
        Self::Discovery(error)
    }
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

impl From<LoginRequired> for Error {
    fn from(reason: LoginRequired) -> Self {
        Self::LoginRequired(reason)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
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

impl std::error::Error for Refusal {}

impl Refusal {
    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        Cow::Borrowed(
            "the server's operator can say what it did not like; if this goes on, log out and log \
             in again",
        )
    }
}

/// An error with its causes on one line, for logs and for people.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Makes text of a server fit for an error: one line, no control characters, at most 200
/// characters.
pub(crate) fn printable(text: &str) -> String {
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
