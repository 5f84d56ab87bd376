//! What all profiles of a session share: the settings, which
//! [`SessionBuilder`](super::SessionBuilder) makes, and what they learn while the process runs: the
//! server's metadata (step 1, with `discovery`), tokens that could not be written, and which work
//! must not be interrupted.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use secrecy::SecretString;
use tokio::sync::Mutex;
use url::Url;

use crate::error::{ConfigurationError, DiscoveryError, Error, LoginRequired, Step, StoreError};
use crate::http::graphql::GraphqlEndpoint;
use crate::http::{RetrySafety, Sender};

use super::account::AccountQuery;
use super::client_authentication::Authentication;
use super::critical::Critical;
use super::discovery::{self, Issuer, Server};
use super::parameters::LoginParameters;
use super::registration::RegisteredClient;
use super::store::{Locked, Slot, Store, StoreKey};
use super::token::Tokens;
use super::unsaved::UnsavedTokens;

pub(crate) struct SessionConfig {
    pub(crate) issuer: Issuer,
    pub(crate) application: String,
    pub(crate) store: Arc<dyn Store>,
    /// Sends the requests of the login. Middleware never sees them.
    pub(crate) sender: Sender,
    pub(crate) graphql: GraphqlEndpoint,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) parameters: LoginParameters,
    pub(crate) given_client: Option<GivenClient>,
    /// Whether tokens are the client's own, for which nobody logs in.
    pub(crate) client_credentials: bool,
    /// Whether a login that is replaced is revoked at once, whoever logged in.
    pub(crate) revoke_replaced: bool,
    /// Whether the issuer is the one that a session has by default.
    pub(crate) has_default_server: bool,
    pub(crate) account: Option<AccountQuery>,
    #[cfg(feature = "subscriptions")]
    pub(crate) subscriptions: crate::stream::subscriptions::SubscriptionSettings,
    /// Where sockets are opened.
    #[cfg(feature = "subscriptions")]
    pub(crate) socket_uri: http::Uri,
    pub(crate) server_cache: ServerCache,
    /// Tokens that the store did not take, for all handles of the session.
    pub(crate) unsaved: UnsavedTokens,
    /// What must not be interrupted now.
    pub(crate) critical: Critical,
}

/// A client that the application was given by hand.
pub(crate) struct GivenClient {
    pub(crate) id: String,
    pub(crate) secret: Option<SecretString>,
}

impl GivenClient {
    /// The client as this server takes it.
    pub(crate) fn at(&self, server: &Server) -> RegisteredClient {
        let authentication = match self.secret {
            Some(_) => server.authentication.for_secret(),
            None => Authentication::None,
        };
        RegisteredClient {
            id: self.id.clone(),
            secret: self.secret.clone(),
            secret_expires_at: 0,
            authentication,
            redirect_uris: Vec::new(),
            management: None,
        }
    }
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
        let server = self.find_server().await?;
        *known = Some(server.clone());
        Ok(server)
    }

    /// Step 1 where no token is there yet: the metadata, or that of the server which the API names
    /// when it refuses a request without a token. A refresh goes to where its token came from.
    pub(crate) async fn server_for_tokens(&self) -> Result<Server, Error> {
        match self.server().await {
            Err(missing) if is_no_metadata(&missing) && !self.has_default_server => {
                let server = self.follow(self.ask_api().await?, missing).await?;
                *self.server_cache.0.lock().await = Some(server.clone());
                Ok(server)
            }
            result => result,
        }
    }

    /// Step 1 of a login: the metadata, or the paths that Attendium documents where this is its
    /// server and there is none. A refresh never guesses: it would send a token to the guess.
    pub(crate) async fn server_for_login(&self) -> Result<Server, Error> {
        match self.server_for_tokens().await {
            Err(error) if is_no_metadata(&error) && self.has_default_server => {
                tracing::warn!(
                    target: "attendium::session",
                    issuer = self.issuer.as_str(),
                    "the server has no metadata document: using the paths that Attendium documents"
                );
                Ok(discovery::documented_paths(&self.issuer))
            }
            result => result,
        }
    }

    /// Looks for the metadata of the base URL's server, or of the one that the API names.
    async fn find_server(&self) -> Result<Server, Error> {
        let missing = match self.find_metadata(&self.issuer).await {
            Err(error) if is_no_metadata(&error) => error,
            result => return result,
        };
        let place = discovery::resource_metadata_url(&self.issuer);
        let found = self.ask_resource(&place).await?;
        self.follow(found, missing).await
    }

    /// Reads the metadata of the server that the API named. Where it named none, or the one that
    /// has no metadata, that is the error.
    async fn follow(
        &self,
        named: Option<(Issuer, String)>,
        missing: Error,
    ) -> Result<Server, Error> {
        match named {
            Some((server, resource)) if server != self.issuer => {
                let server = self.find_metadata(&server).await?;
                Ok(Server {
                    resource: Some(resource),
                    ..server
                })
            }
            _ => Err(missing),
        }
    }

    /// Asks for the API's metadata, which may name the server.
    async fn ask_resource(&self, place: &Url) -> Result<Option<(Issuer, String)>, Error> {
        let response = self.ask_for(place).await?;
        let (graphql, allowed) = (&self.graphql.uri, &self.allowed_origins);
        discovery::check_resource_metadata(&self.issuer, graphql, allowed, &response)
    }

    /// Asks the API where its metadata is.
    async fn ask_api(&self) -> Result<Option<(Issuer, String)>, Error> {
        let graphql = &self.graphql.uri;
        let request = discovery::request_without_token(graphql);
        let sending = self
            .sender
            .send(Step::Discovery, RetrySafety::Idempotent, request);
        // An API that can't be reached says nothing: that there is no metadata is the error then.
        let Ok(response) = sending.await else {
            return Ok(None);
        };
        let allowed = &self.allowed_origins;
        match discovery::challenged_place(&self.issuer, graphql, allowed, &response)? {
            Some(place) => self.ask_resource(&place).await,
            None => Ok(None),
        }
    }

    /// Looks for the metadata at each of its places.
    async fn find_metadata(&self, issuer: &Issuer) -> Result<Server, Error> {
        let places = issuer.metadata_urls();
        let mut first_error = None;
        for place in &places {
            let response = self.ask_for(place).await?;
            if discovery::is_missing(&response) {
                continue;
            }
            match discovery::check_response(issuer, &self.allowed_origins, &response) {
                Err(error) if discovery::may_be_elsewhere(&error) => {
                    first_error.get_or_insert(error);
                }
                result => return result,
            }
        }
        Err(first_error.unwrap_or_else(|| {
            DiscoveryError::NoMetadata {
                issuer: issuer.as_str().to_owned(),
                tried: places.iter().map(|url| url.path().to_owned()).collect(),
            }
            .into()
        }))
    }

    async fn ask_for(&self, place: &Url) -> Result<Response<Bytes>, Error> {
        let request = discovery::request(place);
        self.sender
            .send(Step::Discovery, RetrySafety::Idempotent, request)
            .await
    }

    /// The client of these tokens as it proves itself today: the secret of one that was configured
    /// by hand may have changed since.
    pub(crate) fn client_of(&self, tokens: &Tokens) -> RegisteredClient {
        let mut client = tokens.client.clone();
        if let Some(given) = self
            .given_client
            .as_ref()
            .filter(|given| given.id == client.id)
        {
            client.secret.clone_from(&given.secret);
            if given.secret.is_none() {
                client.authentication = Authentication::None;
            } else if client.authentication == Authentication::None {
                client.authentication = Authentication::ClientSecretBasic;
            }
        }
        client
    }

    /// The error that asks for a login at this session's server.
    pub(crate) fn login_required(&self, reason: LoginRequired) -> Error {
        let server = self.issuer.as_str().into();
        Error::LoginRequired { reason, server }
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

fn is_no_metadata(error: &Error) -> bool {
    matches!(error, Error::Discovery(DiscoveryError::NoMetadata { .. }))
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
