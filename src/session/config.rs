//! What all profiles of a session share: the server, the store, how requests are sent.
//!
//! [`SessionBuilder`](super::SessionBuilder) makes it; it never changes afterwards.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::error::{ConfigurationError, Error, Step, StoreError};
use crate::http::graphql::GraphqlEndpoint;
use crate::http::{RetrySafety, Sender};

use super::account::AccountQuery;
use super::discovery::{self, Issuer, Server};
use super::store::{Locked, Slot, Store, StoreKey};

pub(crate) struct SessionConfig {
    pub(crate) issuer: Issuer,
    pub(crate) application: String,
    pub(crate) store: Arc<dyn Store>,
    /// Sends the requests of the login. Middleware never sees them.
    pub(crate) sender: Sender,
    pub(crate) graphql: GraphqlEndpoint,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) account: Option<AccountQuery>,
    pub(crate) server_cache: ServerCache,
}

/// The server's metadata, which is asked for once per process. A failure is not remembered.
#[derive(Default)]
pub(crate) struct ServerCache(Mutex<Option<Server>>);

impl SessionConfig {
    /// Step 1: the server's metadata, checked.
    pub(crate) async fn server(&self) -> Result<Server, Error> {
        let mut known = self.server_cache.0.lock().await;
        if let Some(server) = &*known {
            return Ok(server.clone());
        }
        let request = discovery::request(&self.issuer);
        let response = self
            .sender
            .send(Step::Discovery, RetrySafety::Idempotent, request)
            .await?;
        let server = discovery::check_response(&self.issuer, &self.allowed_origins, &response)?;
        *known = Some(server.clone());
        Ok(server)
    }

    /// Where the application's registration is kept.
    pub(crate) fn registration_key(&self) -> StoreKey {
        StoreKey::new(
            self.application.clone(),
            self.issuer.as_str(),
            Slot::Registration,
        )
    }

    /// The store's lock on this key, for as long as a step of the protocol may take with its
    /// retries.
    pub(crate) async fn lock(&self, key: &StoreKey) -> Result<Box<dyn Locked>, StoreError> {
        self.store.lock(key, self.sender.max_elapsed()).await
    }
}

/// Checks the name of an application or a profile.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), ConfigurationError> {
    let good = !name.trim().is_empty()
        && name.chars().count() <= 128
        && !name.chars().any(char::is_control);
    if good {
        Ok(())
    } else {
        Err(ConfigurationError::Name { what })
    }
}
