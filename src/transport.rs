//! The HTTP seam: one method, and its implementation with reqwest.
//!
//! Everything that leaves the process goes through [`Transport::send`]: discovery, registration, tokens and GraphQL. Enter at
//! [`Transport`] to bring an HTTP client of your own or one for tests, at [`Http`] for the one that is used by default.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;

/// A future on the heap, so that a trait with async methods can be used as `dyn`.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one HTTP request and reads the whole answer.
///
/// An implementation follows no redirects (RFC 9700 §4.12: a redirect would carry a token to another place), and it says with
/// [`TransportError::kind`] whether the request may have reached the server: mutations are never sent again on a guess.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request, and gives the answer with its body decompressed.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Boxed<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Boxed<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// The head of an HTTP response: what stands before the body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHead {
    /// The status.
    pub status: http::StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
}

/// Why there is no answer.
#[derive(Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    /// The origin that was asked, where it is known.
    server: Option<Arc<str>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What kept the answer away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the request never left.
    Connect,
    /// It took too long; the server may have acted.
    Timeout,
    /// The connection ended in the middle; the server may have acted.
    Interrupted,
    /// The answer is larger than the cap.
    TooLarge,
    /// The request or the client's setup is at fault: nothing was sent.
    Setup,
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
        }
    }
}

/// Stands around every GraphQL request: adds headers, measures, counts, answers by itself, asks again.
///
/// It sees the access token's header, marked as sensitive, and none of the requests that carry refresh tokens.
///
/// ```
/// use attendium::transport::{Boxed, Middleware, Transport, TransportError};
/// use bytes::Bytes;
///
/// struct Tenant(&'static str);
///
/// impl Middleware for Tenant {
///     fn handle<'a>(
///         &'a self,
///         mut request: http::Request<Bytes>,
///         next: &'a dyn Transport,
///     ) -> Boxed<'a, Result<http::Response<Bytes>, TransportError>> {
///         request.headers_mut().insert("x-tenant", http::HeaderValue::from_static(self.0));
///         next.send(request)
///     }
/// }
///
/// # fn main() -> Result<(), attendium::Error> {
/// let session = attendium::Session::builder().application("Guest list").middleware(Tenant("north")).build()?;
/// # Ok(()) }
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Handles the request, most often by sending it on with `next`.
    fn handle<'a>(
        &'a self,
        request: http::Request<Bytes>,
        next: &'a dyn Transport,
    ) -> Boxed<'a, Result<http::Response<Bytes>, TransportError>>;
}

/// A transport with a middleware around it.
pub(crate) struct Layered {
    pub(crate) middleware: Arc<dyn Middleware>,
    pub(crate) next: Arc<dyn Transport>,
}

impl Transport for Layered {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Boxed<'_, Result<http::Response<Bytes>, TransportError>> {
        self.middleware.handle(request, &*self.next)
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

    /// An error of this kind, with what caused it.
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

    /// The same with the origin of the URL that was asked for, which holds no secret.
    pub(crate) fn at(mut self, uri: &http::Uri) -> Self {
        if let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) {
            let port = uri.port_u16().map(|port| format!(":{port}"));
            self.server = Some(format!("{scheme}://{host}{}", port.unwrap_or_default()).into());
        }
        self
    }

    /// What kept the answer away.
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
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server.as_deref().unwrap_or("the server");
        match self.kind {
            TransportErrorKind::Connect => write!(f, "no connection to {server} could be made")?,
            TransportErrorKind::Timeout => write!(f, "{server} took too long")?,
            TransportErrorKind::Interrupted => write!(
                f,
                "the connection to {server} ended in the middle of the answer"
            )?,
            TransportErrorKind::TooLarge => {
                write!(f, "the answer of {server} is larger than allowed")?
            }
            TransportErrorKind::Setup => write!(f, "the request to {server} could not be made")?,
        }
        // The innermost cause is the one that a person understands: "connection refused", "certificate has expired".
        let mut cause = self.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(inner) = cause.and_then(StdError::source) {
            cause = Some(inner);
        }
        cause.map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportError({self})")
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// How long to wait, and how much to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// For the connection, TLS included. 10 s by default.
    pub connect: Duration,
    /// Between two pieces of the answer. 20 s by default.
    pub read: Duration,
    /// For one request, from the start to the answer's last byte. 30 s by default.
    pub total: Duration,
    /// Bytes of an answer's body after decompression. 32 MiB by default.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(20),
            total: Duration::from_secs(30),
            body: 32 << 20,
        }
    }
}

/// The default transport: reqwest on rustls with the operating system's trust in certificates, gzip, HTTP/2, no redirects, and
/// the proxies that the environment names (never for loopback addresses).
///
/// Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Http {
    clients: Arc<Clients>,
}

struct Clients {
    limits: Limits,
    /// Made on first use: reading the system's certificates takes milliseconds and may fail, which plain loopback needs not.
    any: OnceLock<Result<reqwest::Client, TransportError>>,
    loopback: OnceLock<Result<reqwest::Client, TransportError>>,
}

impl Default for Http {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("limits", &self.clients.limits)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// A transport with these limits. No connection is made yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            clients: Arc::new(Clients {
                limits,
                any: OnceLock::new(),
                loopback: OnceLock::new(),
            }),
        }
    }

    fn client(&self, uri: &http::Uri) -> Result<&reqwest::Client, TransportError> {
        let plain_loopback =
            uri.scheme_str() == Some("http") && uri.host().is_some_and(is_loopback);
        let cell = if plain_loopback {
            &self.clients.loopback
        } else {
            &self.clients.any
        };
        cell.get_or_init(|| client(&self.clients.limits, plain_loopback))
            .as_ref()
            .map_err(Clone::clone)
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let client = self.client(request.uri())?;
        let limits = &self.clients.limits;
        let request = reqwest::Request::try_from(request)
            .map_err(|error| failed(TransportErrorKind::Setup, error))?;
        let mut answer = client.execute(request).await.map_err(|error| {
            let kind = match () {
                () if error.is_connect() => TransportErrorKind::Connect,
                () if error.is_timeout() => TransportErrorKind::Timeout,
                () if error.is_builder() => TransportErrorKind::Setup,
                () => TransportErrorKind::Interrupted,
            };
            failed(kind, error)
        })?;
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = Vec::new();
        loop {
            let chunk = answer.chunk().await.map_err(|error| {
                let kind = if error.is_timeout() {
                    TransportErrorKind::Timeout
                } else {
                    TransportErrorKind::Interrupted
                };
                failed(kind, error)
            })?;
            let Some(chunk) = chunk else { break };
            // Counted after decompression, piece by piece, so that a small bomb never becomes a large buffer.
            if chunk.len() > limits.body.saturating_sub(body.len()) {
                return Err(TransportError::new(TransportErrorKind::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = Bytes::from(body);
        Ok(response)
    }
}

impl Transport for Http {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Boxed<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn client(limits: &Limits, plain_loopback: bool) -> Result<reqwest::Client, TransportError> {
    let setup =
        |error: rustls::Error| TransportError::with_source(TransportErrorKind::Setup, error);
    // The provider is named here, so that nothing depends on which one the process installed. Where it has none, this one becomes
    // the process's: reqwest, built without a provider as it is then, would panic for everybody else who uses it plainly.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may have been faster, which is as good.
        let _ = provider.as_ref().clone().install_default();
    }
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(setup)?;
    let tls = if plain_loopback {
        tls.with_root_certificates(rustls::RootCertStore::empty())
    } else {
        use rustls_platform_verifier::BuilderVerifierExt as _;
        tls.with_platform_verifier().map_err(setup)?
    };
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.with_no_client_auth())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(limits.connect)
        .read_timeout(limits.read)
        .timeout(limits.total)
        // Shorter than most servers keep an idle connection: one that they close under a request costs that request.
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .user_agent(concat!("attendium/", env!("CARGO_PKG_VERSION")));
    let builder = if plain_loopback {
        builder.no_proxy()
    } else {
        builder
    };
    builder
        .build()
        .map_err(|error| failed(TransportErrorKind::Setup, error))
}

/// Keeps the cause and drops the URL, which may hold what a log should not.
fn failed(kind: TransportErrorKind, error: reqwest::Error) -> TransportError {
    TransportError::with_source(kind, error.without_url())
}

/// Whether a host names this machine (RFC 8252 §7.3, RFC 6761 §6.3).
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
