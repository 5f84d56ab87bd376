//! What all profiles of a session share: whom it talks to and how. Enter at [`SessionBuilder`].

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::error::{
    ConfigurationError, DiscoveryError, Error, LoginError, Step, StoreError, StoreErrorKind,
};
use crate::transport::{Http, Layered, Limits, Middleware, Transport};

use super::discovery::{self, Issuer, Server, origin, safe_url};
use super::loopback::Loopback;
use super::profile::Profile;
use super::registration::{self, RegisteredClient};
use super::secret::{self, to_json};
use super::store::{Key, Locked, Slot, Store, Stored, Stores};
use super::wire::{Again, Retries, Wire};
use super::{Credential, Session};

/// The server of a session that names none.
#[cfg(feature = "attendium-api")]
const DEFAULT_BASE_URL: Option<&str> = Some(crate::ATTENDIUM);
#[cfg(not(feature = "attendium-api"))]
const DEFAULT_BASE_URL: Option<&str> = None;

/// Redirect URIs that a registration gets: a server that compares ports exactly can then serve as many logins at once.
const PORTS: usize = 4;

/// Makes a [`Session`].
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct SessionBuilder {
    base_url: Option<String>,
    graphql_url: Option<String>,
    application: String,
    profile: String,
    store: Option<Arc<dyn Store>>,
    transport: Option<Arc<dyn Transport>>,
    middleware: Vec<Arc<dyn Middleware>>,
    identity: Option<(String, String)>,
    limits: Limits,
    retries: Retries,
    allowed: Vec<String>,
    scopes: Vec<String>,
    client_id: Option<String>,
    account: Option<(String, String)>,
    credential: Fixed,
}

#[derive(Clone)]
enum Fixed {
    Login,
    Nothing,
    Bearer(SecretString),
    Basic(String, SecretString),
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("base_url", &self.base_url)
            .field("application", &self.application)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl Default for SessionBuilder {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.map(str::to_owned),
            graphql_url: None,
            application: String::new(),
            profile: "default".into(),
            store: None,
            transport: None,
            middleware: Vec::new(),
            identity: None,
            limits: Limits::default(),
            retries: Retries::default(),
            allowed: Vec::new(),
            scopes: Vec::new(),
            client_id: None,
            account: None,
            credential: Fixed::Login,
        }
    }
}

impl SessionBuilder {
    /// The server, as its metadata names its issuer.
    ///
    /// With the feature `attendium-api` it is <https://api.attendium.com> by default; without it, a
    /// session has to name one.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The GraphQL endpoint, where it is not `graphql` below the base URL. Its origin must be the base URL's or an allowed one: it
    /// is where the access token goes.
    pub fn graphql_url(mut self, url: impl Into<String>) -> Self {
        self.graphql_url = Some(url.into());
        self
    }

    /// The application's name. The server shows it to the user when it asks for consent, and credentials are kept under it.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self
    }

    /// Which of several logins of one application; `default` by default.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = name.into();
        self
    }

    /// Where credentials are kept: see [`Stores`]. In memory by default; nothing is ever written to a place that was not chosen.
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// Sends requests with this instead of [`Http`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Puts this around every GraphQL request; the first one that was added is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Tells the API which client it is and what it runs, in the headers that Apollo's servers and many others read:
    /// `apollographql-client-name`, `apollographql-client-version`, `x-apollo-operation-name`.
    pub fn identity(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.identity = Some((name.into(), version.into()));
        self
    }

    /// Timeouts, and the cap on answers.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How often a request is tried where that is safe.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Allows endpoints at this origin, such as `https://login.example.com`, beside those at the base URL's.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed.push(origin.into());
        self
    }

    /// The scopes that logins ask for; none by default, which leaves it to the server.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// A client id that the application was given by hand, for servers without registration.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// How to learn who logged in, for the callback's page and [`Status`](super::Status): a query, and the JSON pointer (RFC 6901) of
    /// a string or number in its `data`, such as `{ me { id } }` and `/me/id`.
    pub fn account(mut self, query: impl Into<String>, pointer: impl Into<String>) -> Self {
        self.account = Some((query.into(), pointer.into()));
        self
    }

    /// Sends this access token with every request, instead of logging in.
    pub fn bearer(mut self, token: impl Into<SecretString>) -> Self {
        self.credential = Fixed::Bearer(token.into());
        self
    }

    /// Sends no credential: for public APIs.
    pub fn anonymous(mut self) -> Self {
        self.credential = Fixed::Nothing;
        self
    }

    /// Sends a user name and a password with every request (RFC 7617).
    #[deprecated = "Attendium will remove Basic authentication; log in instead, this is for applications that still have to migrate"]
    pub fn basic(mut self, user: impl Into<String>, password: impl Into<SecretString>) -> Self {
        self.credential = Fixed::Basic(user.into(), password.into());
        self
    }

    /// Makes the session. Nothing is sent and nothing is read yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] where a URL, a name or a credential can't be used.
    pub fn build(self) -> Result<Session, Error> {
        let base_url = self.base_url.ok_or(ConfigurationError::MissingBaseUrl)?;
        let issuer = Issuer::parse(&base_url)?;
        let mut allowed = Vec::new();
        for text in &self.allowed {
            allowed.push(origin(&safe_url("allowed origin", text)?));
        }
        let graphql = match &self.graphql_url {
            None => issuer.join("graphql"),
            Some(text) => {
                let url = safe_url("GraphQL URL", text)?;
                let at = origin(&url);
                if at != issuer.origin() && !allowed.contains(&at) {
                    return Err(DiscoveryError::ForeignEndpoint {
                        endpoint: "GraphQL URL",
                        origin: at,
                        issuer: issuer.as_str().into(),
                    }
                    .into());
                }
                url
            }
        };
        let fixed = match &self.credential {
            Fixed::Login => None,
            Fixed::Nothing => Some(None),
            Fixed::Bearer(token) => Some(Some(secret::header("Bearer", token.expose_secret())?)),
            Fixed::Basic(user, password) => Some(Some(secret::basic(user, password)?)),
        };
        if fixed.is_none() {
            check_name("application's name", &self.application)?;
            check_name("profile", &self.profile)?;
        }
        let transport = self
            .transport
            .unwrap_or_else(|| Arc::new(Http::new(self.limits)));
        let layer = |next, middleware| Arc::new(Layered { middleware, next }) as Arc<dyn Transport>;
        let layered = self
            .middleware
            .into_iter()
            .rev()
            .fold(Arc::clone(&transport), layer);
        let header = |text: String| {
            http::HeaderValue::try_from(text).map_err(|_| ConfigurationError::Credential)
        };
        let identity = match self.identity {
            Some((name, version)) => Some((header(name)?, header(version)?)),
            None => None,
        };
        let wire = Wire {
            transport,
            retries: self.retries,
            timeout: self.limits.total,
        };
        let setup = Arc::new(Setup {
            graphql_wire: Wire {
                transport: layered,
                ..wire.clone()
            },
            identity,
            issuer,
            graphql: discovery::uri(&graphql),
            application: self.application,
            store: self.store.unwrap_or_else(Stores::memory),
            wire,
            allowed,
            scopes: self.scopes,
            client_id: self.client_id,
            account: self.account,
            server: Mutex::new(None),
        });
        Ok(Session {
            credential: match fixed {
                None => {
                    Credential::Profile(Arc::new(Profile::new(Arc::clone(&setup), self.profile)))
                }
                Some(header) => Credential::Fixed(header),
            },
            setup,
        })
    }
}

pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), Error> {
    let good = !name.trim().is_empty()
        && name.chars().count() <= 128
        && !name.chars().any(char::is_control);
    if good {
        Ok(())
    } else {
        Err(ConfigurationError::Name { what }.into())
    }
}

/// What all profiles of a session share.
pub(crate) struct Setup {
    pub(crate) issuer: Issuer,
    pub(crate) graphql: http::Uri,
    pub(crate) application: String,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) wire: Wire,
    /// The same with the application's middleware.
    pub(crate) graphql_wire: Wire,
    pub(crate) identity: Option<(http::HeaderValue, http::HeaderValue)>,
    allowed: Vec<String>,
    pub(crate) scopes: Vec<String>,
    client_id: Option<String>,
    pub(crate) account: Option<(String, String)>,
    /// Asked once per process. A failure is not remembered.
    server: Mutex<Option<Server>>,
}

/// Where the user is to come back to.
pub(crate) enum Return<'a> {
    /// To a listener on this machine, on this port or on one of the registered.
    Loopback { port: Option<u16> },
    /// To an address of the application's own.
    Own(&'a str),
}

/// A client, and what listens for it where that is here.
pub(crate) struct Ready {
    pub(crate) client: RegisteredClient,
    pub(crate) redirect_uri: String,
    pub(crate) loopback: Option<Loopback>,
}

impl Setup {
    /// Step 1: the server's metadata.
    pub(crate) async fn server(&self) -> Result<Server, Error> {
        let mut known = self.server.lock().await;
        if let Some(server) = &*known {
            return Ok(server.clone());
        }
        let response = self
            .wire
            .send(
                Step::Discovery,
                Again::Harmless,
                discovery::request(&self.issuer),
            )
            .await?;
        let server = discovery::check(&self.issuer, &self.allowed, &response)?;
        *known = Some(server.clone());
        Ok(server)
    }

    fn registration_key(&self) -> Key {
        Key::new(
            self.application.clone(),
            self.issuer.as_str(),
            Slot::Registration,
        )
    }

    /// Step 2: a client of the server's that the user can come back to: the one that was kept, or a new one.
    pub(crate) async fn client(
        &self,
        server: &Server,
        back: &Return<'_>,
        again: bool,
    ) -> Result<Ready, Error> {
        if let Return::Own(uri) = back {
            registration::check_redirect_uri(uri)?;
        }
        if let Some(id) = &self.client_id {
            return given(id, back).await;
        }
        let key = self.registration_key();
        if !again && let Some(ready) = self.usable(self.store.load(&key).await?, back).await? {
            return Ok(ready);
        }
        let seen = if again {
            self.store.load(&key).await?.map(|stored| stored.version)
        } else {
            None
        };
        let mut locked = self.lock(&key).await?;
        let result = self
            .client_under_lock(server, back, again.then_some(seen).flatten(), &mut *locked)
            .await;
        locked.release().await;
        result
    }

    async fn client_under_lock(
        &self,
        server: &Server,
        back: &Return<'_>,
        not: Option<u64>,
        locked: &mut dyn Locked,
    ) -> Result<Ready, Error> {
        // Another process that started together with this one may have registered while we waited.
        let stored = locked.load().await?;
        let (version, old) = (
            stored.as_ref().map(|stored| stored.version),
            stored.as_ref().and_then(|stored| self.parse(stored).ok()),
        );
        if (not.is_none() || version != not)
            && let Some(ready) = self.usable(stored, back).await?
        {
            return Ok(ready);
        }
        let (loopback, redirect_uris) = match back {
            Return::Own(uri) => {
                // An application's other addresses stay registered.
                let mut uris = vec![(*uri).to_owned()];
                let others = old.map(|client| client.redirect_uris).unwrap_or_default();
                uris.extend(others.into_iter().filter(|other| other != uri).take(15));
                (None, uris)
            }
            Return::Loopback { port } => {
                let first = Loopback::bind(port.unwrap_or(0)).await?;
                let mut uris = vec![Loopback::redirect_uri(first.port())];
                let mut others = Vec::new();
                while others.len() + 1 < PORTS
                    && let Ok(other) = Loopback::bind(0).await
                {
                    uris.push(Loopback::redirect_uri(other.port()));
                    others.push(other);
                }
                let own = old.map(|client| client.redirect_uris).unwrap_or_default();
                uris.extend(
                    own.into_iter()
                        .filter(|uri| Loopback::port_of(uri).is_none())
                        .take(12),
                );
                (Some(first), uris)
            }
        };
        let client = self.register(server, &redirect_uris).await?;
        self.keep(&client, version, locked).await?;
        let redirect_uri = redirect_uris.into_iter().next().unwrap_or_default();
        Ok(Ready {
            client,
            redirect_uri,
            loopback,
        })
    }

    async fn register(
        &self,
        server: &Server,
        redirect_uris: &[String],
    ) -> Result<RegisteredClient, Error> {
        let endpoint = server
            .register
            .as_ref()
            .ok_or(DiscoveryError::MissingEndpoint {
                endpoint: "registration_endpoint",
            })?;
        let request = registration::request(server, endpoint, &self.application, redirect_uris)?;
        let response = self
            .wire
            .send(Step::Registration, Again::TurnedAway, request)
            .await?;
        let client = registration::check(redirect_uris, response)?;
        tracing::info!(target: "attendium::session", issuer = self.issuer.as_str(), client_id = client.id, "the application was registered");
        Ok(client)
    }

    async fn keep(
        &self,
        client: &RegisteredClient,
        over: Option<u64>,
        locked: &mut dyn Locked,
    ) -> Result<(), Error> {
        let place = || self.store.place(&self.registration_key()).to_string();
        let record =
            to_json(client).map_err(|_| StoreError::new(place(), StoreErrorKind::Corrupt))?;
        locked.replace(over, Some(record)).await?;
        Ok(())
    }

    fn parse(&self, stored: &Stored) -> Result<RegisteredClient, Error> {
        serde_json::from_str(stored.secret.expose_secret()).map_err(|_| {
            StoreError::new(
                self.store.place(&self.registration_key()).to_string(),
                StoreErrorKind::Corrupt,
            )
            .into()
        })
    }

    /// Whether a kept registration serves this login: it has the address, and the port is free.
    async fn usable(
        &self,
        stored: Option<Stored>,
        back: &Return<'_>,
    ) -> Result<Option<Ready>, Error> {
        let Some(stored) = stored else {
            return Ok(None);
        };
        let client = self.parse(&stored)?;
        if !client.usable(SystemTime::now()) {
            return Ok(None);
        }
        match back {
            Return::Own(uri) => Ok(client.has(uri).then(|| Ready {
                client,
                redirect_uri: (*uri).to_owned(),
                loopback: None,
            })),
            Return::Loopback { port } => {
                let ports: Vec<u16> = client
                    .redirect_uris
                    .iter()
                    .filter_map(|uri| Loopback::port_of(uri))
                    .collect();
                if let Some(port) = port {
                    if !ports.contains(port) {
                        return Ok(None);
                    }
                    let loopback = Loopback::bind(*port).await?;
                    return Ok(Some(Ready {
                        client,
                        redirect_uri: Loopback::redirect_uri(*port),
                        loopback: Some(loopback),
                    }));
                }
                for port in ports {
                    if let Ok(loopback) = Loopback::bind(port).await {
                        return Ok(Some(Ready {
                            client,
                            redirect_uri: Loopback::redirect_uri(port),
                            loopback: Some(loopback),
                        }));
                    }
                }
                Ok(None)
            }
        }
    }

    /// The server has forgotten this client: forget it too, and register again, once. A client that somebody else has registered
    /// meanwhile stays.
    pub(crate) async fn replace_client(&self, forgotten: &RegisteredClient) -> Result<(), Error> {
        if self.client_id.is_some() {
            return Err(LoginError::ClientForgotten.into());
        }
        let server = self.server().await?;
        let key = self.registration_key();
        let mut locked = self.lock(&key).await?;
        let result = async {
            let stored = locked.load().await?;
            let Some(stored) = stored else { return Ok(()) };
            if self.parse(&stored)?.id != forgotten.id {
                return Ok(());
            }
            // Erased before the new one is asked for: whatever comes of that, the dead one is not found again.
            locked.replace(Some(stored.version), None).await?;
            let client = self.register(&server, &forgotten.redirect_uris).await?;
            self.keep(&client, None, &mut *locked).await
        }
        .await;
        locked.release().await;
        result
    }

    /// The store's lock on this key, for as long as a step of the protocol may take with its retries.
    pub(crate) async fn lock(&self, key: &Key) -> Result<Box<dyn Locked>, StoreError> {
        self.store.lock(key, self.wire.longest()).await
    }
}

/// A client id that was given by hand: its redirect URIs are the application's business.
async fn given(id: &str, back: &Return<'_>) -> Result<Ready, Error> {
    let client = |uri: &str| RegisteredClient {
        id: id.to_owned(),
        secret: None,
        secret_expires_at: 0,
        authentication: registration::Authentication::None,
        redirect_uris: vec![uri.to_owned()],
    };
    Ok(match back {
        Return::Own(uri) => Ready {
            client: client(uri),
            redirect_uri: (*uri).to_owned(),
            loopback: None,
        },
        Return::Loopback { port } => {
            let loopback = Loopback::bind(port.unwrap_or(0)).await?;
            let uri = Loopback::redirect_uri(loopback.port());
            Ready {
                client: client(&uri),
                redirect_uri: uri,
                loopback: Some(loopback),
            }
        }
    })
}
