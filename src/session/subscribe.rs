//! Subscriptions of a session: where they go, and with which credential.

use std::sync::{Arc, Mutex};

use http::{HeaderName, HeaderValue};

use crate::error::Error;
use crate::http::BoxFuture;
use crate::stream::subscriptions::endpoint::{Authorize, Endpoint};
use crate::stream::subscriptions::registry::Subscriptions;

use super::config::SessionConfig;
use super::profile::Credential;
use super::request::{authorization_header, renewed_header};

/// The subscriptions of a session with this credential: none yet.
pub(crate) fn subscriptions(config: &SessionConfig, credential: &Credential) -> Subscriptions {
    let graphql = &config.graphql;
    let mut settings = config.subscriptions.clone();
    let of_subscriptions = std::mem::replace(&mut settings.headers, graphql.headers.clone());
    settings.headers.extend(of_subscriptions);
    let of_client = [
        ("apollographql-client-name", &graphql.client_name),
        ("apollographql-client-version", &graphql.client_version),
    ];
    for (name, value) in of_client {
        if let Some(value) = value {
            let name = HeaderName::from_static(name);
            settings
                .headers
                .entry(name)
                .or_insert_with(|| value.clone());
        }
    }
    Subscriptions::new(Endpoint {
        uri: graphql.uri.clone(),
        socket_uri: config.socket_uri.clone(),
        sender: graphql.sender.clone(),
        sockets: Arc::clone(&config.sender.transport),
        works: Mutex::default(),
        settings,
        authorize: Arc::new(credential.clone()),
    })
}

impl Authorize for Credential {
    fn header(&self) -> BoxFuture<'_, Result<Option<HeaderValue>, Error>> {
        Box::pin(authorization_header(self))
    }

    fn renewed_header<'a>(
        &'a self,
        refused: Option<&'a HeaderValue>,
    ) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        Box::pin(renewed_header(self, refused.cloned()))
    }
}
