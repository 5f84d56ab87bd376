//! The seam to sockets: an HTTP request that becomes a connection of its own (RFC 9110 §7.8).

use tokio::io::{AsyncRead, AsyncWrite};

use crate::error::TransportError;

use super::body::{Body, BoxFuture};

/// A connection that carries bytes in both directions.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + 'static> Socket for S {}

/// What a server does with the request for a socket.
pub enum SocketAnswer {
    /// It switches protocols (status 101).
    Socket(Box<dyn Socket>),
    /// It answers as to any other request.
    Refused(Body),
}

impl std::fmt::Debug for SocketAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Socket(_) => "Socket",
            Self::Refused(_) => "Refused",
        })
    }
}

/// Opens sockets, for subscriptions over WebSocket (RFC 6455).
///
/// What holds for a [`Transport`](super::Transport) holds here: TLS and proxies are the client's,
/// and no redirect is followed.
pub trait SocketTransport: Send + Sync {
    /// Sends the request, a GET with the headers of the handshake, over HTTP/1.1.
    ///
    /// # Errors
    /// There is no response: see [`TransportError`].
    fn connect(
        &self,
        request: http::Request<()>,
    ) -> BoxFuture<'_, Result<http::Response<SocketAnswer>, TransportError>>;
}
