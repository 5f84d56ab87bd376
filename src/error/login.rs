//! How a login ends without tokens, and why one is needed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The login ended without tokens.
///
/// ```no_run
/// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
/// use attendium::{Error, Login, LoginError};
///
/// match session.login(Login::browser().cancel_on_ctrl_c()).await {
///     Ok(status) => println!("logged in, {} scopes", status.scopes.len()),
///     Err(Error::Login(LoginError::Denied { .. })) => println!("you did not allow the access"),
///     Err(Error::Login(LoginError::Cancelled)) => println!("another time, then"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LoginError {
    /// The user or the server said no (`access_denied`, RFC 6749 §4.1.2.1).
    Denied {
        /// The authorization server.
        server: String,
        /// The server's description, where it gave one.
        description: Option<String>,
    },
    /// The server ended the login with another error code.
    Refused {
        /// The authorization server.
        server: String,
        /// The code.
        code: String,
        /// The server's description, where it gave one.
        description: Option<String>,
    },
    /// The user did not come back in time.
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
    /// The pasted text is not the redirected URL of a login.
    NotACallback,
    /// No listener on the loopback address could be opened.
    Listener {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// Why.
        source: Arc<std::io::Error>,
    },
    /// The login was begun with another server or application.
    ForeignLogin,
    /// The server's registration was lost while the login ran, twice.
    ClientForgotten {
        /// The authorization server.
        server: String,
    },
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, description: &Option<String>| {
            description
                .as_ref()
                .map_or(Ok(()), |text| write!(f, ": {text}"))
        };
        match self {
            Self::Denied {
                server,
                description,
            } => {
                write!(f, "the login at {server} was denied")?;
                with(f, description)
            }
            Self::Refused {
                server,
                code,
                description,
            } => {
                write!(f, "the server {server} ended the login with `{code}`")?;
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
                    "the callback comes from the issuer `{found}`, the login began with \
                     `{expected}`"
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
            Self::Listener { port: 0, .. } => {
                f.write_str("no port on 127.0.0.1 can be listened on")
            }
            Self::Listener { port, .. } => {
                write!(f, "port {port} on 127.0.0.1 can't be listened on")
            }
            Self::ForeignLogin => {
                f.write_str("this login was begun with another server or another client id")
            }
            Self::ClientForgotten { server } => write!(
                f,
                "the server {server} does not know the application, even after it was registered \
                 again"
            ),
        }
    }
}

impl std::error::Error for LoginError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listener { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl LoginError {
    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        let help = match self {
            Self::Denied { .. } => "log in again and allow the access",
            Self::Refused { .. } => "log in again; if it stays, the server's operator can say why",
            Self::TimedOut { .. } => {
                "log in again; if the browser showed an error of the server, register the \
                 application again (`Login::register_again`, `attendium login --register-again`)"
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
            Self::ClientForgotten { .. } => {
                "check the base URL; the server's operator can say why it forgets registrations"
            }
        };
        Cow::Borrowed(help)
    }
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

impl std::error::Error for LoginRequired {}

impl LoginRequired {
    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        Cow::Borrowed("log in (`attendium login`, or `session.login(…)`)")
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
