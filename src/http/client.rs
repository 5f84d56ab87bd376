//! The default HTTP client, [`HttpTransport`]: reqwest, set up so that no secret goes astray.

use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::{Frame, SizeHint};

use crate::error::{TransportError, TransportErrorKind};

use super::body::{Body, BoxFuture};
use super::codings::{DecodedBody, Limit};
#[cfg(feature = "subscriptions")]
use super::socket::{SocketAnswer, SocketTransport};
use super::transport::{StreamedAnswer, StreamedRequest, Transport};

/// The longest timeout that reqwest gets: it adds timeouts to the time, which must not overflow.
const LONGEST: Duration = Duration::from_secs(86_400 * 365);

/// How long to wait for a response, and how much of it to read.
///
/// For a subscription, `timeout` limits the time to the head of its answer, and `max_body_size`
/// each of its parts. `read_timeout` does not apply: the subscription's settings say how long it
/// may be silent. For an answer in parts ([`Session::stream`](crate::Session::stream)), `timeout`
/// limits the time to the end of its first part, and `read_timeout` and `max_body_size` are as for
/// any other answer.
///
/// Where an operation has files ([`Upload`](crate::Upload)), `timeout` begins anew with each piece
/// of them that is sent.
///
/// ```
/// use std::time::Duration;
/// use attendium::transport::Limits;
///
/// let limits = Limits::new().timeout(Duration::from_secs(5)).max_body_size(1 << 20);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Limits {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) max_body_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

impl Limits {
    /// The default limits: each setter names its own.
    pub const fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(20),
            timeout: Duration::from_secs(30),
            max_body_size: 32 << 20,
        }
    }

    /// Limits the time for a connection, TLS included. 10 s by default.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Limits the time between two pieces of a response. 20 s by default.
    pub const fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// Limits the time for one request, from its start to the response's last byte. 30 s by
    /// default.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Limits the bytes of a response's body after decompression. 32 MiB by default.
    pub const fn max_body_size(mut self, bytes: usize) -> Self {
        self.max_body_size = bytes;
        self
    }
}

/// The default transport: reqwest on rustls.
///
/// It trusts the certificates that the operating system trusts, speaks gzip and HTTP/2, follows no
/// redirects, and uses the proxies that the environment names (never for loopback addresses).
///
/// Cloning is cheap, and clones share the connections.
///
/// ```
/// # fn main() -> Result<(), attendium::Error> {
/// use attendium::transport::{HttpTransport, Limits};
///
/// let session = attendium::Session::builder()
///     .base_url("https://api.example.com")
///     .application("Guest list")
///     .transport(HttpTransport::new(Limits::new().max_body_size(1 << 20)))
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HttpTransport {
    limits: Limits,
    requests: Arc<Clients>,
    /// Those that speak HTTP/1.1 alone, which sockets need.
    #[cfg(feature = "subscriptions")]
    sockets: Arc<Clients>,
}

/// Clients that are alike.
#[derive(Default)]
struct Clients {
    /// The application's own, for every request.
    own: Option<reqwest::Client>,
    /// Made on first use: reading the system's certificates takes milliseconds and may fail, and
    /// plain loopback needs none.
    any: OnceLock<Result<reqwest::Client, TransportError>>,
    loopback: OnceLock<Result<reqwest::Client, TransportError>>,
}

impl Clients {
    fn own(client: reqwest::Client) -> Self {
        Self {
            own: Some(client),
            ..Self::default()
        }
    }

    /// The client for a URL. `http1` is the same in every call.
    fn get(
        &self,
        uri: &http::Uri,
        limits: &Limits,
        http1: bool,
    ) -> Result<&reqwest::Client, TransportError> {
        if let Some(own) = &self.own {
            return Ok(own);
        }
        let plain_loopback =
            uri.scheme_str() == Some("http") && uri.host().is_some_and(is_loopback);
        let cell = if plain_loopback {
            &self.loopback
        } else {
            &self.any
        };
        cell.get_or_init(|| build_client(limits, plain_loopback, http1))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl Default for HttpTransport {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// A transport with these limits. It makes no connection yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            requests: Arc::default(),
            #[cfg(feature = "subscriptions")]
            sockets: Arc::default(),
        }
    }

    /// A transport with an HTTP client that the application sets up: for a certificate authority or
    /// a client certificate of its own, a proxy, SOCKS, or headers.
    ///
    /// [`reqwest`](crate::transport::reqwest) is the version to set it up with. Redirects and the
    /// header `Referer` are turned off, whatever the builder says: they would carry a refresh token
    /// to another server. The limits take the place of the builder's timeouts.
    ///
    /// ```no_run
    /// # fn example(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// use attendium::transport::{HttpTransport, Limits, reqwest};
    ///
    /// let certificate = reqwest::Certificate::from_pem(pem)?;
    /// let client = reqwest::Client::builder().add_root_certificate(certificate);
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .transport(HttpTransport::with_client(client, Limits::new())?)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// Sockets are opened with the same client. Where the server speaks HTTP/2, they need one of
    /// their own: see `socket_client`.
    ///
    /// # Errors
    /// The client can't be built with this setup.
    pub fn with_client(
        builder: reqwest::ClientBuilder,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        let client = own_client(with_limits(builder, &limits))?;
        Ok(Self {
            limits,
            #[cfg(feature = "subscriptions")]
            sockets: Arc::new(Clients::own(client.clone())),
            requests: Arc::new(Clients::own(client)),
        })
    }

    /// Opens sockets with a client of the application's own, which is set up as the one in
    /// [`with_client`](Self::with_client) and speaks HTTP/1.1 alone.
    ///
    /// # Errors
    /// The client can't be built with this setup.
    #[cfg(feature = "subscriptions")]
    pub fn socket_client(self, builder: reqwest::ClientBuilder) -> Result<Self, TransportError> {
        let client = own_client(with_limits(builder, &self.limits).http1_only())?;
        Ok(Self {
            sockets: Arc::new(Clients::own(client)),
            ..self
        })
    }

    async fn exchange(
        &self,
        mut request: http::Request<Body>,
    ) -> Result<http::Response<Body>, TransportError> {
        let limits = &self.limits;
        let client = self.requests.get(request.uri(), limits, false)?;
        let streamed = request.extensions().get::<StreamedAnswer>().is_some();
        let uploaded = request.extensions().get::<StreamedRequest>().is_some();
        request
            .headers_mut()
            .entry(header::ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("gzip"));
        let mut request = reqwest::Request::try_from(request.map(to_reqwest_body))
            .map_err(|error| transport_error(TransportErrorKind::Setup, error))?;
        let head_timeout = match (uploaded, streamed) {
            (true, _) => LONGEST,
            (false, true) => limits.timeout,
            (false, false) => {
                *request.timeout_mut() = Some(limits.timeout.min(LONGEST));
                limits.read_timeout
            }
        };
        let answer = execute(client, request, head_timeout).await?;
        Ok(self.read_response(answer, streamed))
    }

    /// A response whose body is decompressed as it comes, within the limits.
    fn read_response(&self, answer: reqwest::Response, streamed: bool) -> http::Response<Body> {
        let (mut head, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let (read_timeout, limit) = if streamed {
            (None, Limit::Piece(self.limits.max_body_size))
        } else {
            let read_timeout = self.limits.read_timeout.min(LONGEST);
            (Some(read_timeout), Limit::Body(self.limits.max_body_size))
        };
        let body = TimedBody {
            body,
            read_timeout,
            timer: None,
        };
        let body = DecodedBody::new(body, &mut head.headers, limit);
        http::Response::from_parts(head, Body::new(body))
    }

    #[cfg(feature = "subscriptions")]
    async fn open_socket(
        &self,
        request: http::Request<()>,
    ) -> Result<http::Response<SocketAnswer>, TransportError> {
        let client = self.sockets.get(request.uri(), &self.limits, true)?;
        let request = reqwest::Request::try_from(request.map(|()| reqwest::Body::default()))
            .map_err(|error| transport_error(TransportErrorKind::Setup, error))?;
        let mut answer = execute(client, request, self.limits.timeout).await?;
        if answer.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            let response = self.read_response(answer, false);
            return Ok(response.map(SocketAnswer::Refused));
        }
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let socket = answer
            .upgrade()
            .await
            .map_err(|error| transport_error(TransportErrorKind::Interrupted, error))?;
        Ok(response.map(|()| SocketAnswer::Socket(Box::new(socket))))
    }
}

/// Sends a request, and waits so long for the head of its answer.
async fn execute(
    client: &reqwest::Client,
    request: reqwest::Request,
    timeout: Duration,
) -> Result<reqwest::Response, TransportError> {
    tokio::time::timeout(timeout.min(LONGEST), client.execute(request))
        .await
        .map_err(|_| TransportError::new(TransportErrorKind::Timeout))?
        .map_err(|error| {
            if let Some(error) = TransportError::of_body(&error) {
                return error;
            }
            let kind = match () {
                () if error.is_connect() => TransportErrorKind::Connect,
                () if error.is_timeout() => TransportErrorKind::Timeout,
                () if error.is_builder() => TransportErrorKind::Setup,
                () => TransportErrorKind::Interrupted,
            };
            transport_error(kind, error)
        })
}

/// Bytes that are all there go as they are, with their length.
fn to_reqwest_body(body: Body) -> reqwest::Body {
    match body.as_bytes() {
        Some(bytes) => bytes.clone().into(),
        None => reqwest::Body::wrap(body),
    }
}

/// A response's body, with a limit on the time between two pieces.
struct TimedBody {
    body: reqwest::Body,
    read_timeout: Option<Duration>,
    /// Runs while a piece is waited for.
    timer: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.timer = None;
            return Poll::Ready(frame.map(|frame| {
                frame.map_err(|error| {
                    let kind = if error.is_timeout() {
                        TransportErrorKind::Timeout
                    } else {
                        TransportErrorKind::Interrupted
                    };
                    transport_error(kind, error)
                })
            }));
        }
        let Some(read_timeout) = self.read_timeout else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(read_timeout)));
        match timer.as_mut().poll(context) {
            Poll::Ready(()) => {
                Poll::Ready(Some(Err(TransportError::new(TransportErrorKind::Timeout))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(self.exchange(request))
    }

    #[cfg(feature = "subscriptions")]
    fn sockets(&self) -> Option<&dyn SocketTransport> {
        Some(self)
    }
}

#[cfg(feature = "subscriptions")]
impl SocketTransport for HttpTransport {
    fn connect(
        &self,
        request: http::Request<()>,
    ) -> BoxFuture<'_, Result<http::Response<SocketAnswer>, TransportError>> {
        Box::pin(self.open_socket(request))
    }
}

/// A client as the application set it up.
fn own_client(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, TransportError> {
    install_provider();
    builder
        // Limits that the application may have set, which would end a stream: each request has its
        // own.
        .read_timeout(LONGEST)
        .timeout(LONGEST)
        .build()
        .map_err(|error| transport_error(TransportErrorKind::Setup, error))
}

/// Makes the provider of cryptography the process's where it has none: without one, reqwest built
/// without a provider, as it is here, panics for everybody else who uses it plainly.
fn install_provider() -> Arc<rustls::crypto::CryptoProvider> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is just as good.
        let _ = provider.as_ref().clone().install_default();
    }
    provider
}

/// What every client has to keep to, whoever set it up.
fn with_limits(builder: reqwest::ClientBuilder, limits: &Limits) -> reqwest::ClientBuilder {
    builder
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(limits.connect_timeout.min(LONGEST))
}

fn build_client(
    limits: &Limits,
    plain_loopback: bool,
    http1: bool,
) -> Result<reqwest::Client, TransportError> {
    let setup =
        |error: rustls::Error| TransportError::with_source(TransportErrorKind::Setup, error);
    // The provider is named, so nothing depends on the one that the process installed.
    let provider = install_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(setup)?;
    let tls = if plain_loopback {
        tls.with_root_certificates(rustls::RootCertStore::empty())
    } else {
        use rustls_platform_verifier::BuilderVerifierExt as _;
        tls.with_platform_verifier().map_err(setup)?
    };
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls.with_no_client_auth());
    let builder = with_limits(builder, limits)
        // Shorter than most servers keep an idle connection: a connection that the server closes
        // under a request costs that request.
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .user_agent(concat!("attendium/", env!("CARGO_PKG_VERSION")));
    let builder = if plain_loopback {
        builder.no_proxy()
    } else {
        builder
    };
    let builder = if http1 { builder.http1_only() } else { builder };
    builder
        .build()
        .map_err(|error| transport_error(TransportErrorKind::Setup, error))
}

/// Keeps the cause and drops the URL, which may hold what a log should not.
fn transport_error(kind: TransportErrorKind, error: reqwest::Error) -> TransportError {
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
