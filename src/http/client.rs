//! The default HTTP client, [`HttpTransport`]: reqwest, set up so that no secret goes astray.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;

use crate::error::{TransportError, TransportErrorKind};

use super::transport::{BoxFuture, Transport};

/// The longest timeout that reqwest gets: it adds timeouts to the time, which must not overflow.
const LONGEST: Duration = Duration::from_secs(86_400 * 365);

/// How long to wait for a response, and how much of it to read.
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
#[derive(Clone)]
pub struct HttpTransport {
    clients: Arc<Clients>,
}

struct Clients {
    limits: Limits,
    /// Made on first use: reading the system's certificates takes milliseconds and may fail, and
    /// plain loopback needs none.
    any: OnceLock<Result<reqwest::Client, TransportError>>,
    loopback: OnceLock<Result<reqwest::Client, TransportError>>,
}

impl Default for HttpTransport {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("limits", &self.clients.limits)
            .finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// A transport with these limits. It makes no connection yet.
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
        cell.get_or_init(|| build_client(&self.clients.limits, plain_loopback))
            .as_ref()
            .map_err(Clone::clone)
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let client = self.client(request.uri())?;
        let request = reqwest::Request::try_from(request)
            .map_err(|error| transport_error(TransportErrorKind::Setup, error))?;
        let mut answer = client.execute(request).await.map_err(|error| {
            let kind = match () {
                () if error.is_connect() => TransportErrorKind::Connect,
                () if error.is_timeout() => TransportErrorKind::Timeout,
                () if error.is_builder() => TransportErrorKind::Setup,
                () => TransportErrorKind::Interrupted,
            };
            transport_error(kind, error)
        })?;
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = read_body(answer, self.clients.limits.max_body_size).await?;
        Ok(response)
    }
}

/// Reads the body up to the limit.
///
/// It is counted after decompression, piece by piece: a small bomb never becomes a large buffer.
async fn read_body(mut answer: reqwest::Response, limit: usize) -> Result<Bytes, TransportError> {
    let mut body = Vec::new();
    loop {
        let chunk = answer.chunk().await.map_err(|error| {
            let kind = if error.is_timeout() {
                TransportErrorKind::Timeout
            } else {
                TransportErrorKind::Interrupted
            };
            transport_error(kind, error)
        })?;
        let Some(chunk) = chunk else { break };
        if chunk.len() > limit.saturating_sub(body.len()) {
            return Err(TransportError::new(TransportErrorKind::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(body))
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn build_client(limits: &Limits, plain_loopback: bool) -> Result<reqwest::Client, TransportError> {
    let setup =
        |error: rustls::Error| TransportError::with_source(TransportErrorKind::Setup, error);
    // The provider is named, so nothing depends on the one that the process installed. Where the
    // process has none, this becomes the process's: without one, reqwest built without a provider,
    // as it is here, panics for everybody else who uses it plainly.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is just as good.
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
        .connect_timeout(limits.connect_timeout.min(LONGEST))
        .read_timeout(limits.read_timeout.min(LONGEST))
        .timeout(limits.timeout.min(LONGEST))
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
