//! Why a subscription ended early: [`SubscriptionError`].

use std::borrow::Cow;
use std::fmt;

use super::transport::TransportError;

/// Why a subscription ended before the server completed it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SubscriptionError {
    /// The connection was lost, and could not be made again in as many attempts as the settings
    /// allow.
    Lost {
        /// How many attempts were made in a row.
        attempts: u32,
        /// What went wrong the last time.
        cause: ConnectionLoss,
    },
    /// The server closed the socket with a code that makes another attempt useless.
    Closed {
        /// The code of the close frame.
        code: CloseCode,
        /// What the server says.
        reason: String,
    },
    /// The application reads events more slowly than they come, and asked for an error in that case
    /// ([`Overflow::Error`](crate::subscription::Overflow::Error)).
    Overflow {
        /// How many events were waiting.
        capacity: usize,
    },
    /// The server offers the subscription by none of the ways that the settings allow.
    NotOffered {
        /// What it answered.
        answer: String,
    },
    /// The session's transport opens no sockets
    /// ([`Transport::sockets`](crate::transport::Transport::sockets)).
    NoSockets,
    /// A variable of the subscription is a file ([`Upload`](crate::Upload)).
    HasFiles,
}

/// Why a connection for subscriptions ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConnectionLoss {
    /// It could not be made, or broke.
    Transport(TransportError),
    /// The server turned it away with this HTTP status.
    Status(u16),
    /// The server closed the socket, with this code if it named one, and the subscription was not
    /// completed.
    Closed(Option<CloseCode>, String),
    /// The answer ended, and the subscription was not completed.
    Ended,
    /// The server did not acknowledge the connection in time.
    NotAcknowledged,
    /// Nothing came for longer than the settings allow, not even the answer to a ping.
    Silent,
    /// The server sent what its protocol does not allow.
    Protocol(String),
}

/// The code with which a socket is closed: those of graphql-transport-ws, and any other (RFC 6455
/// §7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseCode {
    /// 1000: a normal end, which no subscription takes for its own.
    Normal,
    /// 4400: the server could not make sense of a message.
    BadRequest,
    /// 4401: a subscription came before the connection was acknowledged, or the credential is
    /// missing.
    Unauthorized,
    /// 4403: the credential was refused.
    Forbidden,
    /// 4406: the server speaks another subprotocol.
    SubprotocolNotAcceptable,
    /// 4408: the client's first message came too late.
    InitialisationTimeout,
    /// 4409: an id was used twice.
    SubscriberAlreadyExists,
    /// 4429: the client's first message came twice.
    TooManyInitialisationRequests,
    /// Any other one.
    Other(u16),
}

impl CloseCode {
    /// The code as a number.
    #[must_use]
    pub fn as_u16(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::BadRequest => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::SubprotocolNotAcceptable => 4406,
            Self::InitialisationTimeout => 4408,
            Self::SubscriberAlreadyExists => 4409,
            Self::TooManyInitialisationRequests => 4429,
            Self::Other(code) => code,
        }
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        match code {
            1000 => Self::Normal,
            4400 => Self::BadRequest,
            4401 => Self::Unauthorized,
            4403 => Self::Forbidden,
            4406 => Self::SubprotocolNotAcceptable,
            4408 => Self::InitialisationTimeout,
            4409 => Self::SubscriberAlreadyExists,
            4429 => Self::TooManyInitialisationRequests,
            other => Self::Other(other),
        }
    }
}

impl SubscriptionError {
    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Lost { .. } => {
                "subscribe again when the server can be reached; \
                 `SubscriptionSettings::max_reconnects` allows more attempts"
            }
            Self::Closed { code, .. } => match code {
                CloseCode::SubprotocolNotAcceptable => {
                    "the server speaks another protocol on its socket than graphql-transport-ws: \
                     choose server-sent events or multipart (`SubscriptionSettings::protocol`)"
                }
                _ => "the server refuses the connection: look at its reason",
            },
            Self::Overflow { .. } => {
                "read the stream faster, or choose another `Overflow` in \
                 `SubscriptionSettings::queue`"
            }
            Self::NotOffered { .. } => {
                "check that the URL is that of a GraphQL API with subscriptions; a socket may have \
                 an address of its own (`SubscriptionSettings::socket_url`)"
            }
            Self::NoSockets => {
                "use `HttpTransport`, give your transport sockets (`Transport::sockets`), or \
                 choose server-sent events or multipart (`SubscriptionSettings::protocol`)"
            }
            Self::HasFiles => "send the file with a mutation, and subscribe to what comes of it",
        })
    }
}

impl fmt::Display for SubscriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { attempts: 1, cause } => write!(f, "the connection was lost: {cause}"),
            Self::Lost { attempts, cause } => write!(
                f,
                "the connection was lost, and {attempts} attempts failed: {cause}"
            ),
            Self::Closed { code, reason } => {
                write!(f, "the server closed the socket with {}", code.as_u16())?;
                write_reason(f, reason)
            }
            Self::Overflow { capacity } => write!(
                f,
                "events came faster than they were read, and {capacity} were waiting"
            ),
            Self::NotOffered { answer } => {
                write!(f, "the server does not offer subscriptions here: {answer}")
            }
            Self::NoSockets => f.write_str("the session's transport opens no sockets"),
            Self::HasFiles => f.write_str("a subscription sends no files"),
        }
    }
}

impl std::error::Error for SubscriptionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Lost {
                cause: ConnectionLoss::Transport(error),
                ..
            } => error.source(),
            _ => None,
        }
    }
}

impl fmt::Display for ConnectionLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Closed(code, reason) => {
                f.write_str("the server closed the socket")?;
                if let Some(code) = code {
                    write!(f, " with {}", code.as_u16())?;
                }
                write_reason(f, reason)
            }
            Self::Ended => f.write_str("the answer ended without being completed"),
            Self::NotAcknowledged => {
                f.write_str("the server did not acknowledge the connection in time")
            }
            Self::Silent => f.write_str("nothing came any more, not even an answer to a ping"),
            Self::Protocol(problem) => write!(f, "the server broke the protocol: {problem}"),
        }
    }
}

fn write_reason(f: &mut fmt::Formatter<'_>, reason: &str) -> fmt::Result {
    if reason.is_empty() {
        Ok(())
    } else {
        write!(f, " ({reason})")
    }
}
