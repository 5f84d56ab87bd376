//! The seam to an HTTP client: [`Transport`] is one method, [`Middleware`] stands around it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::TransportError;

/// A future on the heap, which lets a trait with async methods be used as `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one HTTP request and reads the whole response.
///
/// An implementation follows no redirects: a redirect would carry a token to another place.
/// [`HttpTransport::with_client`](crate::transport::HttpTransport::with_client) takes a
/// `reqwest::ClientBuilder` and sees to it. One that is built on another HTTP client says with
/// [`AnsweredFrom`] which URL answered. Its errors say with [`TransportError::kind`] whether the
/// request may have reached the server, because a mutation is never sent again on a guess.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request. The response's body is decompressed.
    ///
    /// # Errors
    /// There is no response: see [`TransportError`].
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// The URL that an answer came from: an extension of the response, set by a transport whose HTTP
/// client knows it.
///
/// An answer from another URL than the one that was asked is refused, because a redirect was
/// followed.
///
/// ```
/// # use attendium::transport::AnsweredFrom;
/// # use bytes::Bytes;
/// # fn example(mut response: http::Response<Bytes>, url: http::Uri) -> http::Response<Bytes> {
/// response.extensions_mut().insert(AnsweredFrom(url));
/// # response }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredFrom(pub http::Uri);

/// Stands around every GraphQL request: it can add headers, measure, answer or send again.
///
/// It sees the access token's header, marked as sensitive. It sees none of the requests that carry
/// refresh tokens.
///
/// ```
/// use attendium::transport::{BoxFuture, Middleware, Transport, TransportError};
/// use bytes::Bytes;
///
/// struct Tenant(&'static str);
///
/// impl Middleware for Tenant {
///     fn handle<'a>(
///         &'a self,
///         mut request: http::Request<Bytes>,
///         next: &'a dyn Transport,
///     ) -> BoxFuture<'a, Result<http::Response<Bytes>, TransportError>> {
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
        request: http::Request<Bytes>,
        next: &'a dyn Transport,
    ) -> BoxFuture<'a, Result<http::Response<Bytes>, TransportError>>;
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
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.middleware.handle(request, &*self.next)
    }
}
