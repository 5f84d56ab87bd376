//! The seam as tower's: a service is a [`Transport`], and a layer a middleware.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_service::Service;

use crate::error::TransportError;

use super::body::{Body, BoxError, BoxFuture};
use super::transport::Transport;

/// A [`Transport`] of a tower service: of hyper's client, or of layers around anything.
///
/// The service is cloned for each request. One that can't be cloned, such as a rate limit, goes
/// into `tower::buffer::Buffer`. An error that is no [`TransportError`] counts as
/// [`Interrupted`](crate::transport::TransportErrorKind::Interrupted): the server may have acted.
///
/// ```
/// use attendium::Session;
/// use attendium::transport::{Body, ServiceTransport, TransportError};
///
/// # fn main() -> Result<(), attendium::Error> {
/// let service = tower::service_fn(|request: http::Request<Body>| async move {
///     Ok::<_, TransportError>(http::Response::new(Body::from("{}")))
/// });
/// let session = Session::builder()
///     .base_url("https://api.example.com")
///     .application("Guest list")
///     .transport(ServiceTransport::new(service))
///     .build()?;
/// # Ok(()) }
/// ```
pub struct ServiceTransport<S> {
    service: Mutex<S>,
}

impl<S> ServiceTransport<S> {
    /// Sends requests with this service.
    pub fn new(service: S) -> Self {
        Self {
            service: Mutex::new(service),
        }
    }
}

impl<S> fmt::Debug for ServiceTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTransport").finish_non_exhaustive()
    }
}

impl<S, B> Transport for ServiceTransport<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        let mut service = service.clone();
        Box::pin(async move {
            let failed = |error: S::Error| TransportError::from_boxed(error.into());
            std::future::poll_fn(|context| service.poll_ready(context))
                .await
                .map_err(failed)?;
            let response = service.call(request).await.map_err(failed)?;
            Ok(response.map(Body::new))
        })
    }
}

/// A [`Transport`] as a tower service: what
/// [`SessionBuilder::layer`](crate::SessionBuilder::layer) puts a layer around.
#[derive(Clone)]
pub struct TransportService {
    transport: Arc<dyn Transport>,
}

impl TransportService {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }
}

impl fmt::Debug for TransportService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportService").finish_non_exhaustive()
    }
}

impl Service<http::Request<Body>> for TransportService {
    type Response = http::Response<Body>;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<http::Response<Body>, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let transport = Arc::clone(&self.transport);
        Box::pin(async move { transport.send(request).await })
    }
}
