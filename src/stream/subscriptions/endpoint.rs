//! Where subscriptions go, and with which credential: [`Endpoint`], what all connections of a
//! session share.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, Method, Request, header};

use crate::error::Error;
use crate::http::sent::origin_of;
use crate::http::{Body, BoxFuture, Sender, Transport};

use super::settings::{SubscriptionProtocol, SubscriptionSettings};

/// Gives the `Authorization` header for a connection. The session implements it.
pub(crate) trait Authorize: Send + Sync {
    /// The header for a connection that begins now; none where the session sends no credential.
    fn header(&self) -> BoxFuture<'_, Result<Option<HeaderValue>, Error>>;

    /// Another header than this one, which the server has refused; none where there is no other
    /// one to be had.
    fn renewed_header<'a>(
        &'a self,
        refused: Option<&'a HeaderValue>,
    ) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>>;
}

pub(crate) struct Endpoint {
    /// Of the GraphQL API.
    pub(crate) uri: http::Uri,
    pub(crate) socket_uri: http::Uri,
    pub(crate) sender: Sender,
    /// Opens sockets: the session's transport, without what stands around requests.
    pub(crate) sockets: Arc<dyn Transport>,
    /// How the server has sent events, where it was found out.
    pub(crate) works: Mutex<Option<SubscriptionProtocol>>,
    pub(crate) settings: SubscriptionSettings,
    pub(crate) authorize: Arc<dyn Authorize>,
}

impl Endpoint {
    /// The server's origin, for errors.
    pub(super) fn server(&self) -> Arc<str> {
        origin_of(&self.uri).unwrap_or_default().into()
    }

    /// Remembers that the server sends events in this way.
    pub(super) fn remember(&self, protocol: SubscriptionProtocol) {
        *self.works.lock().unwrap_or_else(PoisonError::into_inner) = Some(protocol);
    }

    /// The ways to ask the server, in their order.
    pub(super) fn ways(&self) -> &'static [SubscriptionProtocol] {
        use SubscriptionProtocol::{
            Auto, Multipart, ServerSentEvents, ServerSentEventsSingle, WebSocket,
        };
        let known = match self.settings.protocol {
            Auto => *self.works.lock().unwrap_or_else(PoisonError::into_inner),
            chosen => Some(chosen),
        };
        match known {
            None | Some(Auto) => &[ServerSentEvents, Multipart, WebSocket],
            Some(ServerSentEvents) => &[ServerSentEvents],
            Some(ServerSentEventsSingle) => &[ServerSentEventsSingle],
            Some(Multipart) => &[Multipart],
            Some(WebSocket) => &[WebSocket],
        }
    }

    /// A request to the API, with the session's headers.
    pub(super) fn request(
        &self,
        method: Method,
        authorization: Option<&HeaderValue>,
        accept: &'static str,
        body: Body,
    ) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers(authorization);
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        request
    }

    /// The headers of every request.
    pub(super) fn headers(&self, authorization: Option<&HeaderValue>) -> HeaderMap {
        let mut headers = self.settings.headers.clone();
        headers.remove(header::AUTHORIZATION);
        if let Some(authorization) = authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        headers
    }
}
