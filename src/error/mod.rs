//! The one public error: typed all the way down. Each error says what happened and what to do.
//!
//! Enter at [`Error`]; the details of a variant are in the file of its name. `Display` is one line
//! without advice, `help` is the advice, and `source` is the cause that `Display` does not repeat.
//!
//! Of a response's body, an error holds what is meant for people: OAuth's `error` and
//! `error_description` and what servers send in their place, shortened and freed of control
//! characters, and GraphQL's errors, whole. Secrets of the request are taken out of both
//! (`http/sent.rs`).

mod answer;
mod configuration;
mod discovery;
mod login;
mod refusal;
mod reported;
mod step;
mod store;
#[cfg(feature = "subscriptions")]
mod subscription;
mod text;
mod transport;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::graphql_error::GraphqlError;
use crate::json;
use crate::operation::OperationKind;

pub use answer::Answered;
pub use configuration::ConfigurationError;
pub use discovery::DiscoveryError;
pub use login::{LoginError, LoginRequired};
pub use refusal::Refusal;
pub use reported::ReportedErrors;
pub use step::Step;
pub use store::{StoreError, StoreErrorKind};
#[cfg(feature = "subscriptions")]
pub use subscription::{CloseCode, ConnectionLoss, SubscriptionError};
pub use transport::{TransportError, TransportErrorKind};

use text::without_controls;
pub(crate) use text::{describe, printable, redact};

/// What can go wrong between an operation and its answer.
///
/// `Display` says on one line what happened, [`Error::help`] what to do, and
/// [`source`](std::error::Error::source) gives the cause where there is one. A report such as
/// anyhow's `{:#}` prints message and causes without repetition.
///
/// `Debug` is such a report, too, a line each for message, causes, the request's id and help. So a
/// `main` that returns `Result<(), Error>` says what happened and what to do.
///
/// Clones are cheap: tasks that wait for the same refresh get the same error.
///
/// ```no_run
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// use attendium::{Error, Me};
///
/// match session.run(&Me {}).await {
///     Ok(data) => println!("logged in as {}", data.me.id),
///     Err(error) if error.is_login_required() => println!("please log in: {error}"),
///     Err(Error::Transport { step, source }) => println!("{step}: {source}"),
///     Err(error) => println!("{error}\n{}", error.help()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// The session was set up with something that can't work.
    Configuration(ConfigurationError),
    /// The server's metadata can't be trusted or understood.
    Discovery(DiscoveryError),
    /// The login ended without tokens.
    Login(LoginError),
    /// Nobody is logged in, or the login has ended. The remedy is to log in.
    LoginRequired {
        /// Why.
        reason: LoginRequired,
        /// The authorization server that a login is needed at.
        server: Arc<str>,
    },
    /// The server refused a step of the protocol with an OAuth error (RFC 6749 §5.2, RFC 7591
    /// §3.2.2).
    Refused(Refusal),
    /// The server refused a refresh with another error than `invalid_grant`, as some do for a
    /// refresh token that is dead. The login is kept: the next request tries again. A login may be
    /// needed.
    RefreshRefused(Refusal),
    /// The server answered a step with a status that makes no sense there.
    Status {
        /// What was asked for.
        step: Step,
        /// The HTTP status code.
        status: u16,
        /// How long the server asked to wait, where it did.
        retry_after: Option<Duration>,
        /// Who answered.
        answer: Option<Arc<Answered>>,
    },
    /// The server's answer to a step is not what its specification says.
    Malformed {
        /// What was asked for.
        step: Step,
        /// What is wrong with it.
        problem: String,
        /// Who answered.
        answer: Option<Arc<Answered>>,
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
    /// The application's own source of tokens gave none.
    TokenSource {
        /// Why.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The API refused the request's credential: a token that the authorization server had just
    /// given (RFC 6750 §3.1), or what a session without a login sends.
    Unauthorized {
        /// Whether a new token was got meanwhile, and refused as well. A session without a login
        /// has no other one to try.
        renewed: bool,
        /// What the API said of it, where its last answer was a GraphQL response.
        errors: Arc<[GraphqlError]>,
        /// Who answered.
        answer: Option<Arc<Answered>>,
    },
    /// The API wants a scope that the login did not ask for or the user did not grant (RFC 6750
    /// §3.1).
    InsufficientScope {
        /// The scopes that the API names; empty where it names none.
        required: Vec<String>,
        /// Who answered.
        answer: Option<Arc<Answered>>,
    },
    /// The API answered with errors, and the caller wanted data.
    Graphql(ReportedErrors),
    /// The API's answer does not have the types that the operation was compiled for.
    Decode {
        /// The operation's name.
        operation: Cow<'static, str>,
        /// Its kind: a mutation was carried out, whatever its answer looks like.
        kind: OperationKind,
        /// What and where.
        source: Arc<json::DecodeError>,
        /// Who answered.
        answer: Option<Arc<Answered>>,
    },
    /// The API answered with neither data nor an error.
    NoData {
        /// The operation's name.
        operation: Cow<'static, str>,
        /// Who answered.
        answer: Option<Arc<Answered>>,
    },
    /// A subscription ended before the server completed it.
    #[cfg(feature = "subscriptions")]
    Subscription {
        /// The operation's name.
        operation: Cow<'static, str>,
        /// The server's origin.
        server: Arc<str>,
        /// Why.
        source: SubscriptionError,
    },
}

impl Error {
    /// Whether a login is the remedy. A failing network or server is never a reason to log in
    /// again.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::Me;
    ///
    /// session.logout().await?;
    /// let error = session.run(&Me {}).await.unwrap_err();
    /// assert!(error.is_login_required());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_login_required(&self) -> bool {
        matches!(self, Self::LoginRequired { .. })
    }

    /// A short lower-case name of the variant, as for a metric.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "configuration",
            Self::Discovery(_) => "discovery",
            Self::Login(_) => "login",
            Self::LoginRequired { .. } => "login_required",
            Self::Refused(_) => "refused",
            Self::RefreshRefused(_) => "refresh_refused",
            Self::Status { .. } => "status",
            Self::Malformed { .. } => "malformed",
            Self::Transport { .. } => "transport",
            Self::Store(_) => "store",
            Self::RandomNumbers { .. } => "random_numbers",
            Self::TokenSource { .. } => "token_source",
            Self::Unauthorized { .. } => "unauthorized",
            Self::InsufficientScope { .. } => "insufficient_scope",
            Self::Graphql(_) => "graphql",
            Self::Decode { .. } => "decode",
            Self::NoData { .. } => "no_data",
            #[cfg(feature = "subscriptions")]
            Self::Subscription { .. } => "subscription",
        }
    }

    /// What to do about it, on one line.
    ///
    /// ```
    /// # use attendium::Session;
    /// let session = Session::builder().base_url("api.example.com").application("Guests").build();
    /// let error = session.unwrap_err();
    /// eprintln!("error: {error}\nhelp: {}", error.help());
    /// # assert!(error.help().starts_with("give an absolute https URL"));
    /// ```
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        let help = match self {
            Self::Configuration(error) => return error.help(),
            Self::Discovery(error) => return error.help(),
            Self::Login(error) => return error.help(),
            Self::LoginRequired { reason, .. } => return reason.help(),
            Self::Refused(refusal) => return refusal.help(),
            Self::RefreshRefused(refusal) if refusal.is("invalid_client") => {
                return format!("{}; the login is kept", refusal.help()).into();
            }
            Self::RefreshRefused(_) => {
                "the login is kept, and the next request tries again; if this goes on, the login \
                 is over at the server: log in again"
            }
            Self::Store(error) => return error.help(),
            Self::Transport { step, source } => return step.transport_help(source),
            Self::Malformed { step, .. } => return step.malformed_help(),
            Self::Status {
                retry_after: Some(wait),
                ..
            } => return format!("try again in {} s", wait.as_secs().max(1)).into(),
            Self::Status { step, status, .. } => return step.status_help(*status),
            Self::TokenSource { .. } => {
                "look at what gives this application its tokens; nothing was sent"
            }
            Self::RandomNumbers { .. } => "check the operating system's source of random numbers",
            Self::Unauthorized { renewed: false, .. } => {
                "this session does not log in: give it a credential that the API takes"
            }
            Self::Unauthorized { errors, .. } if !errors.is_empty() => {
                "the request arrived and the API said no: look at its message"
            }
            Self::Unauthorized { .. } => {
                "log out and log in again; if it stays, the API and the authorization server \
                 disagree"
            }
            Self::InsufficientScope { .. } => {
                "log in again with that scope (`Login::scopes`, `attendium login --scope`)"
            }
            Self::Graphql(_) => {
                "`session.request` gives the partial data and each error's path and extensions"
            }
            Self::Decode { kind, source, .. } => return decode_help(*kind, source),
            Self::NoData { .. } => "check that the URL is that of a GraphQL API",
            #[cfg(feature = "subscriptions")]
            Self::Subscription { source, .. } => return source.help(),
        };
        Cow::Borrowed(help)
    }

    /// Who answered, where the error is about an answer.
    ///
    /// ```
    /// # fn example(error: attendium::Error) {
    /// if let Some(answer) = error.answer() {
    ///     let request = answer.request_id().unwrap_or("without an id");
    ///     eprintln!("{} answered {}, request {request}", answer.server(), answer.status());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn answer(&self) -> Option<&Answered> {
        match self {
            Self::Refused(refusal) | Self::RefreshRefused(refusal) => refusal.answer.as_deref(),
            Self::Status { answer, .. }
            | Self::Malformed { answer, .. }
            | Self::Unauthorized { answer, .. }
            | Self::InsufficientScope { answer, .. }
            | Self::NoData { answer, .. }
            | Self::Decode { answer, .. } => answer.as_deref(),
            Self::Graphql(errors) => errors.answer.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn malformed(step: Step, problem: impl Into<String>) -> Self {
        Self::Malformed {
            step,
            problem: problem.into(),
            answer: None,
        }
    }

    /// Adds who answered, where the error has a place for it.
    pub(crate) fn with_answer(mut self, found: Option<Arc<Answered>>) -> Self {
        if let Self::Status { answer, .. } | Self::Malformed { answer, .. } = &mut self {
            *answer = found;
        }
        self
    }
}

fn decode_help(kind: OperationKind, error: &json::DecodeError) -> Cow<'static, str> {
    let help = match error.kind() {
        json::DecodeErrorKind::Range(_) => {
            "the server sends more than the type holds: map the scalar to a larger one (`--scalar \
             Int=i64`, `Build::scalar`)"
        }
        _ => "fetch the schema anew (`attendium schema pull`) and build again",
    };
    if kind == OperationKind::Mutation {
        format!("{help}; the mutation was carried out").into()
    } else {
        help.into()
    }
}

/// ` at https://api.example.com`, where the server is known.
fn at(answer: &Option<Arc<Answered>>) -> String {
    let server = answer.as_ref().map(|answer| answer.server());
    server.map_or_else(String::new, |server| format!(" at {server}"))
}

/// ` of https://api.example.com`, where the server is known.
fn of(answer: &Option<Arc<Answered>>) -> String {
    let server = answer.as_ref().map(|answer| answer.server());
    server.map_or_else(String::new, |server| format!(" of {server}"))
}

/// A report for a person. Rust prints an error in this way where `main` returns it, and where it is
/// unwrapped.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, "\n  caused by: {error}")?;
            cause = error.source();
        }
        if let Some(id) = self.answer().and_then(Answered::request_id) {
            write!(f, "\n  request id: {}", printable(id))?;
        }
        write!(f, "\n  help: {}", self.help())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(error) => error.fmt(f),
            Self::Discovery(error) => error.fmt(f),
            Self::Login(error) => error.fmt(f),
            Self::LoginRequired { reason, server } => {
                write!(f, "login required at {server}: {reason}")
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::RefreshRefused(refusal) => write!(f, "{refusal}; a login may be needed"),
            Self::Status {
                step,
                status,
                answer,
                ..
            } => {
                let at = at(answer);
                write!(
                    f,
                    "{step}{at} failed: the server answered with status {status}"
                )
            }
            Self::Malformed {
                step,
                problem,
                answer,
            } => write!(f, "{step}{} failed: {problem}", at(answer)),
            Self::Transport { step, .. } => write!(f, "{step} failed"),
            Self::Store(error) => error.fmt(f),
            Self::TokenSource { .. } => f.write_str("the source of access tokens gave none"),
            Self::RandomNumbers { .. } => f.write_str("the system gave no random numbers"),
            Self::Unauthorized {
                renewed,
                errors,
                answer,
            } => {
                let at = at(answer);
                if *renewed {
                    write!(
                        f,
                        "the API{at} refused the access token, and a new one as well"
                    )?;
                } else {
                    write!(f, "the API{at} refused the credential")?;
                }
                write_graphql_errors(f, errors)
            }
            Self::InsufficientScope { required, answer } => {
                let of = of(answer);
                write!(f, "the login has not the scope that the API{of} needs here")?;
                if required.is_empty() {
                    return Ok(());
                }
                write!(f, ": {}", required.join(" "))
            }
            Self::Graphql(errors) => {
                write!(f, "the API{} answered", at(&errors.answer))?;
                write_graphql_errors(f, errors)
            }
            Self::Decode {
                operation, answer, ..
            } => {
                let of = of(answer);
                write!(
                    f,
                    "the answer{of} to {operation} is not what the schema says"
                )
            }
            Self::NoData { operation, answer } => {
                let at = at(answer);
                write!(
                    f,
                    "the API{at} answered {operation} with neither data nor an error"
                )
            }
            #[cfg(feature = "subscriptions")]
            Self::Subscription {
                operation, server, ..
            } => write!(f, "the subscription {operation} at {server} ended"),
        }
    }
}

/// The first five errors, and how many more there are.
fn write_graphql_errors(f: &mut fmt::Formatter<'_>, errors: &[GraphqlError]) -> fmt::Result {
    for (index, error) in errors.iter().take(5).enumerate() {
        f.write_str(if index == 0 { ": " } else { "; " })?;
        f.write_str(&without_controls(&error.to_string()))?;
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
            Self::TokenSource { source } => Some(source.as_ref()),
            Self::Decode { source, .. } => Some(source.as_ref()),
            #[cfg(feature = "subscriptions")]
            Self::Subscription { source, .. } => Some(source),
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
