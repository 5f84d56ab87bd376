//! The one public error: typed all the way down, and each says what happened and what to do.
//!
//! Enter at [`Error`]. No variant holds text of a response's body beyond the fields that its specification defines for people
//! (`error`, `error_description`, GraphQL's `message`), and those are shortened and freed of control characters.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::GraphqlError;
use crate::json;
use crate::transport::{TransportError, TransportErrorKind};

/// What can go wrong between an operation and its answer.
///
/// `Display` says what happened and, on a second line, what to do; [`Error::message`] and [`Error::help`] give the two apart.
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

/// The session was set up with something that can't work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A URL that can't be used.
    Url {
        /// What the URL is for.
        what: &'static str,
        /// The URL, without user information and query.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A name that is empty or too long.
    Name {
        /// What the name is for.
        what: &'static str,
    },
    /// A redirect URI that the server would refuse.
    RedirectUri {
        /// The URI.
        uri: String,
    },
    /// Something that only a session with a login has was asked of one without.
    NoLogin,
    /// A credential with characters that no header can hold.
    Credential,
}

/// The server's metadata can't be trusted or understood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The document speaks for another issuer (RFC 8414 §3.3).
    IssuerMismatch {
        /// The configured base URL.
        expected: String,
        /// What the document says.
        found: String,
    },
    /// An endpoint without TLS that is not on loopback.
    InsecureEndpoint {
        /// The metadata's name for it.
        endpoint: &'static str,
        /// The URL.
        url: String,
    },
    /// An endpoint on an origin that the application did not allow.
    ForeignEndpoint {
        /// The metadata's name for it.
        endpoint: &'static str,
        /// Its origin.
        origin: String,
        /// The issuer.
        issuer: String,
    },
    /// The server does PKCE, and not with S256 (RFC 9700 §2.1.1).
    NoS256 {
        /// What it lists.
        supported: Vec<String>,
    },
    /// The metadata lacks an endpoint that is needed.
    MissingEndpoint {
        /// The metadata's name for it.
        endpoint: &'static str,
    },
}

/// The login ended without tokens.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LoginError {
    /// The user or the server said no (`access_denied`, RFC 6749 §4.1.2.1).
    Denied {
        /// The server's description, where it gave one.
        description: Option<String>,
    },
    /// The server ended the login with another error code.
    Refused {
        /// The code.
        code: String,
        /// The server's description, where it gave one.
        description: Option<String>,
    },
    /// Nobody came back in time.
    TimedOut {
        /// How long it waited.
        after: Duration,
    },
    /// The application or Ctrl-C ended it.
    Cancelled,
    /// The callback belongs to another login or was forged (RFC 6749 §10.12).
    StateMismatch,
    /// The callback comes from another issuer (RFC 9207 §2.4).
    IssuerMismatch {
        /// The issuer that the login began with.
        expected: String,
        /// The one in the callback, where there was one.
        found: Option<String>,
    },
    /// A parameter came more than once (RFC 6749 §3.1).
    DuplicateParameter {
        /// Its name.
        name: String,
    },
    /// The callback lacks a parameter.
    MissingParameter {
        /// Its name.
        name: &'static str,
    },
    /// What was given is no redirected URL.
    NotACallback,
    /// The loopback listener could not be had.
    Listener {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// Why.
        source: Arc<std::io::Error>,
    },
    /// The login was begun with another server or application.
    ForeignLogin,
    /// The server's registration was lost while the login ran, twice.
    ClientForgotten,
}

/// Why a login is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginRequired {
    /// Nobody has logged in with this profile.
    NeverLoggedIn,
    /// The refresh token is used up, revoked or expired (`invalid_grant`).
    Expired,
    /// The server gave no refresh token, and the access token has expired.
    NotRefreshable,
    /// The server has forgotten the application (`invalid_client`).
    ClientForgotten,
    /// Somebody logged out meanwhile.
    LoggedOut,
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

/// Reading or writing the kept credentials failed.
#[derive(Debug, Clone)]
pub struct StoreError {
    place: String,
    kind: StoreErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What went wrong in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The place can't be read or written.
    Unavailable,
    /// The place belongs to another user of the machine.
    ForeignOwner,
    /// What is there is not what this crate writes.
    Corrupt,
    /// Somebody else held the lock for too long.
    LockTimeout,
    /// The lock was lost before the work was done.
    LockLost,
}

impl StoreError {
    /// An error of a store.
    #[must_use]
    pub fn new(place: impl Into<String>, kind: StoreErrorKind) -> Self {
        Self {
            place: place.into(),
            kind,
            source: None,
        }
    }

    /// The same with what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Where: a path, a keyring entry, a server.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match self.kind {
            StoreErrorKind::Unavailable => {
                write!(f, "the credentials' store {place} can't be read or written")?
            }
            StoreErrorKind::ForeignOwner => write!(f, "{place} belongs to another user")?,
            StoreErrorKind::Corrupt => {
                write!(f, "{place} does not hold credentials of this application")?
            }
            StoreErrorKind::LockTimeout => {
                write!(f, "another process kept the lock of {place} for too long")?
            }
            StoreErrorKind::LockLost => {
                write!(f, "the lock of {place} was lost before the work was done")?
            }
        }
        self.source
            .as_ref()
            .map_or(Ok(()), |source| write!(f, ": {source}"))
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
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
            Self::Store(error) => match error.kind {
                StoreErrorKind::Unavailable => "make the place usable, or choose another store".into(),
                StoreErrorKind::ForeignOwner => "choose another directory, or remove this one".into(),
                StoreErrorKind::Corrupt => "remove it and log in again".into(),
                StoreErrorKind::LockTimeout | StoreErrorKind::LockLost => "try again; end a process that hangs".into(),
            },
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

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
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

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { what, url, problem } => {
                write!(f, "the {what} `{url}` can't be used: {problem}")
            }
            Self::Name { what } => write!(
                f,
                "the {what} must have 1 to 128 characters, none of them a control character"
            ),
            Self::RedirectUri { uri } => write!(f, "the redirect URI `{uri}` can't be used"),
            Self::NoLogin => f.write_str(
                "this session has no login: it was made with a fixed credential or none",
            ),
            Self::Credential => {
                f.write_str("the credential has characters that no header can hold")
            }
        }
    }
}

impl ConfigurationError {
    fn help(&self) -> &'static str {
        match self {
            Self::Url { .. } => {
                "give an absolute https URL, such as https://api.attendium.com; http is for localhost, 127.0.0.1 and [::1]"
            }
            Self::Name { .. } => "choose another name",
            Self::RedirectUri { .. } => {
                "use https, or http with localhost, 127.0.0.1 or [::1], and no fragment"
            }
            Self::NoLogin => "make the session with `Session::builder()` and an application's name",
            Self::Credential => "check that it was read whole and without a line break",
        }
    }
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerMismatch { expected, found } => {
                write!(
                    f,
                    "the server's metadata is for the issuer `{found}`, the base URL is `{expected}`"
                )
            }
            Self::InsecureEndpoint { endpoint, url } => {
                write!(f, "the server's `{endpoint}` is not safe: `{url}`")
            }
            Self::ForeignEndpoint {
                endpoint,
                origin,
                issuer,
            } => {
                write!(
                    f,
                    "the server's `{endpoint}` is at `{origin}`, another origin than the issuer `{issuer}`"
                )
            }
            Self::NoS256 { supported } => {
                write!(
                    f,
                    "the server offers PKCE with `{}` and not with `S256`",
                    supported.join("`, `")
                )
            }
            Self::MissingEndpoint { endpoint } => {
                write!(f, "the server's metadata has no `{endpoint}`")
            }
        }
    }
}

impl DiscoveryError {
    fn help(&self) -> String {
        match self {
            Self::IssuerMismatch { found, .. } => {
                format!("if you trust it, use `{found}` as the base URL")
            }
            Self::InsecureEndpoint { .. } => {
                "the server must use https; http is for loopback addresses alone".into()
            }
            Self::ForeignEndpoint { origin, .. } => {
                format!("if you trust it, allow it by name: `.allow_origin(\"{origin}\")`")
            }
            Self::NoS256 { .. } => {
                "the server's operator must enable S256; nothing weaker is used".into()
            }
            Self::MissingEndpoint { .. } => "the server's operator must add it".into(),
        }
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, description: &Option<String>| {
            description
                .as_ref()
                .map_or(Ok(()), |text| write!(f, ": {text}"))
        };
        match self {
            Self::Denied { description } => {
                f.write_str("the login was denied")?;
                with(f, description)
            }
            Self::Refused { code, description } => {
                write!(f, "the server ended the login with `{code}`")?;
                with(f, description)
            }
            Self::TimedOut { after } => write!(
                f,
                "nobody came back from the login within {} s",
                after.as_secs()
            ),
            Self::Cancelled => f.write_str("the login was cancelled"),
            Self::StateMismatch => {
                f.write_str("the callback's `state` does not belong to this login")
            }
            Self::IssuerMismatch {
                expected,
                found: Some(found),
            } => {
                write!(
                    f,
                    "the callback comes from the issuer `{found}`, the login began with `{expected}`"
                )
            }
            Self::IssuerMismatch {
                expected,
                found: None,
            } => {
                write!(
                    f,
                    "the callback lacks `iss`, which `{expected}` promised to send"
                )
            }
            Self::DuplicateParameter { name } => {
                write!(f, "the callback has the parameter `{name}` more than once")
            }
            Self::MissingParameter { name } => {
                write!(f, "the callback lacks the parameter `{name}`")
            }
            Self::NotACallback => f.write_str("this is no redirected URL of a login"),
            Self::Listener { port: 0, source } => {
                write!(f, "no port on 127.0.0.1 can be listened on: {source}")
            }
            Self::Listener { port, source } => {
                write!(f, "port {port} on 127.0.0.1 can't be listened on: {source}")
            }
            Self::ForeignLogin => {
                f.write_str("this login was begun with another server or another client id")
            }
            Self::ClientForgotten => f.write_str(
                "the server does not know the application, even after it was registered again",
            ),
        }
    }
}

impl LoginError {
    fn help(&self) -> &'static str {
        match self {
            Self::Denied { .. } => "log in again and allow the access",
            Self::Refused { .. } => "log in again; if it stays, the server's operator can say why",
            Self::TimedOut { .. } => {
                "log in again; if the browser showed an error of the server, register the application again (`Login::register_again`, `attendium login --register-again`)"
            }
            Self::Cancelled => "log in again when you are ready",
            Self::StateMismatch
            | Self::DuplicateParameter { .. }
            | Self::MissingParameter { .. } => "begin the login anew and use its newest link",
            Self::IssuerMismatch { .. } => {
                "do not go on: another server answered; check the base URL"
            }
            Self::NotACallback => "copy the whole address from the browser, from `http` to its end",
            Self::Listener { port: 0, .. } => "check the firewall, or paste the redirected URL",
            Self::Listener { .. } => "choose another port, or 0 for any",
            Self::ForeignLogin => "begin the login anew",
            Self::ClientForgotten => {
                "check the base URL; the server's operator can say why it forgets registrations"
            }
        }
    }
}

impl fmt::Display for LoginRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NeverLoggedIn => "nobody is logged in with this profile",
            Self::Expired => "the server ended this login",
            Self::NotRefreshable => {
                "the access token has expired, and the server gave no refresh token"
            }
            Self::ClientForgotten => "the server has forgotten this application's registration",
            Self::LoggedOut => "the profile was logged out",
        })
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
