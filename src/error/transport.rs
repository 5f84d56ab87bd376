//! Why an HTTP request has no response.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Why there is no response.
///
/// Its `source` is the innermost cause, the one that a person understands: "connection refused",
/// "certificate expired".
///
/// ```
/// use attendium::transport::{TransportError, TransportErrorKind};
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// let error = TransportError::with_source(TransportErrorKind::Connect, refused);
/// assert!(error.never_sent()); // A mutation may be sent again.
/// ```
#[derive(Debug, Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    /// The origin of the URL, where it is known.
    server: Option<Arc<str>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What kept the response away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the request never left.
    Connect,
    /// It took too long; the server may have acted.
    Timeout,
    /// The connection ended in the middle; the server may have acted.
    Interrupted,
    /// The response is larger than the limit.
    TooLarge,
    /// The request or the client's setup is at fault: nothing was sent.
    Setup,
    /// The answer came from another URL than the one that was asked: the transport followed a
    /// redirect, and may have carried a secret there.
    Redirected,
    /// A file could not be read, before or while it was sent
    /// ([`Upload`](crate::Upload)): the server did not get the whole request.
    Upload,
}

impl TransportErrorKind {
    /// A short lower-case name, as for a metric.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::TooLarge => "too_large",
            Self::Setup => "setup",
            Self::Redirected => "redirected",
            Self::Upload => "upload",
        }
    }
}

impl TransportError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self {
            kind,
            server: None,
            source: None,
        }
    }

    /// An error of this kind, with its cause.
    #[must_use]
    pub fn with_source(
        kind: TransportErrorKind,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self {
            kind,
            server: None,
            source: Some(Arc::new(source)),
        }
    }

    /// The error that another crate's service or body failed with: the connection may have been
    /// used, unless it says otherwise.
    pub(crate) fn from_boxed(error: Box<dyn StdError + Send + Sync>) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => Self {
                kind: TransportErrorKind::Interrupted,
                server: None,
                source: Some(Arc::from(error)),
            },
        }
    }

    /// The error of a request's body, in what a client that reads it failed with.
    pub(crate) fn of_body(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(own) = error.downcast_ref::<Self>() {
                return Some(own.clone());
            }
            cause = error.source();
        }
        None
    }

    /// Adds the origin of the URL that was asked for. An origin holds no secret.
    pub(crate) fn with_server(mut self, uri: &http::Uri) -> Self {
        if let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) {
            let port = uri.port_u16().map(|port| format!(":{port}"));
            self.server = Some(format!("{scheme}://{host}{}", port.unwrap_or_default()).into());
        }
        self
    }

    /// What kept the response away.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the request certainly never reached the server.
    #[must_use]
    pub fn never_sent(&self) -> bool {
        matches!(
            self.kind,
            TransportErrorKind::Connect | TransportErrorKind::Setup
        )
    }

    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.kind {
            TransportErrorKind::Connect => {
                "check the base URL, the network and whether the server runs"
            }
            TransportErrorKind::TooLarge => {
                "ask for less, or raise the limit with `Limits::max_body_size`"
            }
            TransportErrorKind::Setup => "check the URL and the system's certificates",
            TransportErrorKind::Timeout | TransportErrorKind::Interrupted => "try again",
            TransportErrorKind::Redirected => {
                "set up the transport's HTTP client so that it follows no redirects, or use \
                 `HttpTransport::with_client`; what was sent may have reached another server"
            }
            TransportErrorKind::Upload => "look at the file, and run the operation anew",
        })
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server.as_deref().unwrap_or("the server");
        match self.kind {
            TransportErrorKind::Connect => write!(f, "no connection to {server} could be made"),
            TransportErrorKind::Timeout => write!(f, "{server} took too long"),
            TransportErrorKind::Interrupted => write!(
                f,
                "the connection to {server} ended in the middle of the answer"
            ),
            TransportErrorKind::TooLarge => {
                write!(f, "the answer of {server} is larger than allowed")
            }
            TransportErrorKind::Redirected => write!(
                f,
                "the answer does not come from {server}: the transport followed a redirect"
            ),
            TransportErrorKind::Setup => write!(f, "the request to {server} could not be made"),
            TransportErrorKind::Upload => write!(f, "a file for {server} could not be read"),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let mut cause = self.source.as_deref()? as &(dyn StdError + 'static);
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Some(cause)
    }
}
