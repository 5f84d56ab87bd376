//! What an application set up wrongly.

use std::borrow::Cow;
use std::fmt;

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
    /// No base URL was given, and the feature `attendium-api`, which has a default, is off.
    MissingBaseUrl,
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
    /// Client credentials were asked for without a client id or its secret.
    MissingClient,
    /// A parameter of a login that can't be set.
    Parameter {
        /// Its name.
        name: String,
    },
    /// A session without a login was asked for what only a login has.
    NoLogin,
    /// A credential with characters that no header can hold.
    Credential,
    /// Another value with characters that no header can hold.
    HeaderValue {
        /// What it was to be.
        what: &'static str,
    },
    /// A client secret was given, and no client id that it belongs to.
    SecretWithoutClientId,
    /// No directory is known for this user's files.
    NoStateDirectory,
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { what, url, problem } => {
                write!(f, "the {what} `{url}` can't be used: {problem}")
            }
            Self::MissingBaseUrl => f.write_str("the session has no base URL"),
            Self::Name { what } => write!(
                f,
                "the {what} must have 1 to 128 characters, none of them a control character"
            ),
            Self::RedirectUri { uri } => write!(f, "the redirect URI `{uri}` can't be used"),
            Self::MissingClient => {
                f.write_str("client credentials need a client id and its secret")
            }
            Self::Parameter { name } => {
                write!(f, "the login's parameter `{name}` can't be set to this")
            }
            Self::NoLogin => f.write_str(
                "this session has no login: it was made with a fixed credential or none",
            ),
            Self::Credential => {
                f.write_str("the credential has characters that no header can hold")
            }
            Self::HeaderValue { what } => {
                write!(f, "the {what} has characters that no header can hold")
            }
            Self::SecretWithoutClientId => {
                f.write_str("a client secret was given without the client id that it belongs to")
            }
            Self::NoStateDirectory => f.write_str("no directory is known for this user's files"),
        }
    }
}

impl std::error::Error for ConfigurationError {}

impl ConfigurationError {
    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        let help = match self {
            Self::Url { .. } => {
                "give an absolute https URL, such as https://api.attendium.com; http is for \
                 localhost, 127.0.0.1 and [::1]"
            }
            Self::MissingBaseUrl => {
                "give the server's with `SessionBuilder::base_url`; \
                 the feature `attendium-api` has Attendium's as a default"
            }
            Self::Name { .. } => {
                "give it (`SessionBuilder::application`, `profile`), or choose another one"
            }
            Self::RedirectUri { .. } => {
                "use https, or http with localhost, 127.0.0.1 or [::1], and no fragment"
            }
            Self::MissingClient => {
                "give both (`SessionBuilder::client_id`, `SessionBuilder::client_secret`)"
            }
            Self::Parameter { .. } => {
                "the protocol's own parameters are set by the session; a resource is an absolute \
                 URL without a fragment"
            }
            Self::NoLogin => "make the session with `Session::builder()` and an application's name",
            Self::Credential => "check that it was read whole and without a line break",
            Self::HeaderValue { .. } => "use printable ASCII",
            Self::SecretWithoutClientId => "give the id too (`SessionBuilder::client_id`)",
            Self::NoStateDirectory if cfg!(windows) => {
                "set LOCALAPPDATA, or name a directory with `FileStore::new`"
            }
            Self::NoStateDirectory if cfg!(target_os = "macos") => {
                "set HOME, or name a directory with `FileStore::new`"
            }
            Self::NoStateDirectory => {
                "set XDG_STATE_HOME or HOME, or name a directory with `FileStore::new`"
            }
        };
        Cow::Borrowed(help)
    }
}
