//! The seam to an HTTP client: [`Transport`] is one method, [`Middleware`] stands around it.

use std::sync::Arc;

use crate::error::TransportError;

use super::body::{Body, BoxFuture};
#[cfg(feature = "subscriptions")]
use super::socket::SocketTransport;

/// Sends one HTTP request, and gives the response when its head has come.
///
/// The response's body may still be coming: the session reads it, up to its limits.
///
/// An implementation follows no redirects: a redirect would carry a token to another place.
/// [`HttpTransport::with_client`](crate::transport::HttpTransport::with_client) takes a
/// `reqwest::ClientBuilder` and sees to it. One that is built on another HTTP client says with
/// [`AnsweredFrom`] which URL answered. Its errors say with [`TransportError::kind`] whether the
/// request may have reached the server, because a mutation is never sent again on a guess.
///
/// ```
/// use attendium::transport::{Body, BoxFuture, Transport, TransportError};
///
/// /// Answers each request with the same text: for a test without a server.
/// struct Canned(&'static str);
///
/// impl Transport for Canned {
///     fn send(
///         &self,
///         _request: http::Request<Body>,
///     ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
///         Box::pin(async { Ok(http::Response::new(Body::from(self.0))) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), attendium::Error> {
/// let session = attendium::Session::builder()
///     .base_url("https://api.example.com")
///     .transport(Canned(r#"{"data": {"me": {"id": "user-1"}}}"#))
///     .anonymous()
///     .build()?;
/// assert_eq!(session.run(&attendium::Me {}).await?.me.id, "user-1");
/// # Ok(()) }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends the request. The response's body is decompressed, also where it is a stream
    /// ([`StreamedAnswer`]).
    ///
    /// # Errors
    /// There is no response: see [`TransportError`]. What happens after the head is an error of the
    /// body.
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>>;

    /// What opens sockets in the same way, for subscriptions over WebSocket. None where the
    /// transport has no such thing, as by default.
    #[cfg(feature = "subscriptions")]
    fn sockets(&self) -> Option<&dyn SocketTransport> {
        None
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        (**self).send(request)
    }

    #[cfg(feature = "subscriptions")]
    fn sockets(&self) -> Option<&dyn SocketTransport> {
        (**self).sockets()
    }
}

/// The URL that an answer came from: an extension of the response, set by a transport whose HTTP
/// client knows it.
///
/// An answer from another URL than the one that was asked is refused, because a redirect was
/// followed.
///
/// ```
/// # use attendium::transport::{AnsweredFrom, Body};
/// # fn example(mut response: http::Response<Body>, url: http::Uri) -> http::Response<Body> {
/// response.extensions_mut().insert(AnsweredFrom(url));
/// # response }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredFrom(pub http::Uri);

/// Says that a request's answer is a stream, which may stay open for days: an extension of the
/// request.
///
/// A transport gives such an answer no limit in time after its head, and none of its whole size. It
/// passes on what has come at once. What watches over the stream is the one who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamedAnswer;

/// Says that a request's body is read while it is sent, as long as that takes: an extension of the
/// request, of an operation with files.
///
/// A transport limits the time of such a request only up to the connection, and between two pieces
/// of its answer. What watches over the sending is the one who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamedRequest;

/// Stands around every GraphQL request: it can add headers, measure, answer or send again.
///
/// It sees the access token's header, marked as sensitive. It sees none of the requests that carry
/// refresh tokens.
///
/// ```
/// use attendium::transport::{Body, BoxFuture, Middleware, Transport, TransportError};
///
/// struct Tenant(&'static str);
///
/// impl Middleware for Tenant {
///     fn handle<'a>(
///         &'a self,
///         mut request: http::Request<Body>,
///         next: &'a dyn Transport,
///     ) -> BoxFuture<'a, Result<http::Response<Body>, TransportError>> {
///         request.headers_mut().insert("x-tenant", http::HeaderValue::from_static(self.0));
///         next.send(request)
///     }
/// }
///
/// # fn main() -> Result<(), attendium::Error> {
/// let session = attendium::Session::builder()
///     .base_url("https://api.example.com")
///     .application("Guest list")
///     .middleware(Tenant("north"))
///     .build()?;
/// # Ok(()) }
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Handles the request, in most cases by sending it on with `next`.
    ///
    /// # Errors
    /// There is no response: see [`TransportError`].
    fn handle<'a>(
        &'a self,
        request: http::Request<Body>,
        next: &'a dyn Transport,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportError>>;
}

/// A transport with a middleware around it.
pub(crate) struct Layered {
    pub(crate) middleware: Arc<dyn Middleware>,
    pub(crate) next: Arc<dyn Transport>,
}

impl Transport for Layered {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        self.middleware.handle(request, &*self.next)
    }
}
