//! How a session is set up. Enter at [`SessionBuilder`].

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{ConfigurationError, DiscoveryError, Error};
use crate::http::graphql::GraphqlEndpoint;
use crate::http::{HttpTransport, Layered, Limits, Middleware, Retries, Sender, Transport};
#[cfg(feature = "tower")]
use crate::http::{ServiceTransport, TransportService};
use crate::operation::{Operation, Query};
#[cfg(feature = "subscriptions")]
use crate::stream::subscriptions::SubscriptionSettings;

use super::account::AccountQuery;
use super::config::{GivenClient, ServerCache, SessionConfig, check_name};
use super::critical::Critical;
use super::discovery::{Issuer, parse_safe_url, to_origin, to_uri};
use super::parameters::LoginParameters;
use super::profile::{Credential, Profile};
use super::secret;
use super::store::{MemoryStore, Store, TimedStore};
use super::token_source::TokenSource;
use super::unsaved::UnsavedTokens;

/// The server of a session that names none.
#[cfg(feature = "attendium-api")]
const DEFAULT_BASE_URL: Option<&str> = Some(crate::product::address::ATTENDIUM);
#[cfg(not(feature = "attendium-api"))]
const DEFAULT_BASE_URL: Option<&str> = None;

/// Sets up a [`Session`](super::Session).
///
/// ```
/// use attendium::Session;
/// use attendium::store::FileStore;
///
/// # fn main() -> Result<(), attendium::Error> {
/// let session = Session::builder()
///     .base_url("https://api.example.com")
///     .application("Guest list")
///     .store(FileStore::new("/var/lib/guest-list"))
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct SessionBuilder {
    base_url: Option<String>,
    graphql_url: Option<String>,
    application: String,
    profile: String,
    store: Arc<dyn Store>,
    transport: Option<Arc<dyn Transport>>,
    layers: Vec<AddLayer>,
    client_name: Option<String>,
    client_version: Option<String>,
    headers: HeaderMap,
    limits: Limits,
    retries: Retries,
    allowed_origins: Vec<String>,
    scopes: Vec<String>,
    parameters: LoginParameters,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    client_credentials: bool,
    revoke_replaced: bool,
    account: Option<AccountQuery>,
    authentication: RequestAuthentication,
    #[cfg(feature = "subscriptions")]
    subscriptions: SubscriptionSettings,
}

/// Puts something around a transport.
type AddLayer = Arc<dyn Fn(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + Sync>;

/// How requests are authorised.
#[derive(Clone)]
enum RequestAuthentication {
    Login,
    Anonymous,
    AccessToken(SecretString),
    Source(Arc<dyn TokenSource>),
    Basic(String, SecretString),
    Header(HeaderValue),
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
            store: Arc::new(MemoryStore::new()),
            transport: None,
            layers: Vec::new(),
            client_name: None,
            client_version: None,
            headers: HeaderMap::new(),
            limits: Limits::new(),
            retries: Retries::new(),
            allowed_origins: Vec::new(),
            scopes: Vec::new(),
            parameters: LoginParameters::new(),
            client_id: None,
            client_secret: None,
            client_credentials: false,
            revoke_replaced: false,
            account: None,
            authentication: RequestAuthentication::Login,
            #[cfg(feature = "subscriptions")]
            subscriptions: SubscriptionSettings::new(),
        }
    }
}

impl SessionBuilder {
    /// Sets the issuer: the authorization server's URL, exactly as its metadata says it (`issuer`,
    /// RFC 8414 §2). The GraphQL API is expected at `graphql` below it; see
    /// [`graphql_url`](Self::graphql_url).
    ///
    /// With the feature `attendium-api` it is <https://api.attendium.com> by default. Without it, a
    /// session has to name one.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Sets the GraphQL endpoint; `graphql` below the base URL by default.
    ///
    /// The access token goes there, so its origin must be the base URL's or an allowed one.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://login.example.com")
    ///     .graphql_url("https://api.example.com/graphql")
    ///     .allow_origin("https://api.example.com")
    ///     .application("Guest list")
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn graphql_url(mut self, url: impl Into<String>) -> Self {
        self.graphql_url = Some(url.into());
        self
    }

    /// Sets the application's name.
    ///
    /// It is the `client_name` of the registration (RFC 7591 §2): the server shows it to the user
    /// when it asks for consent. Credentials are kept under it.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self
    }

    /// Chooses one of several logins of the application; `default` by default.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .profile("door")
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = name.into();
        self
    }

    /// Sets where credentials are kept: see [`store`](crate::store).
    ///
    /// They are kept in memory by default: nothing is written to a place that was not chosen.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Sends requests with this transport instead of [`HttpTransport`].
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// use attendium::transport::{HttpTransport, Limits};
    ///
    /// // Several sessions share the connections of one transport.
    /// let transport = HttpTransport::new(Limits::new());
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .transport(transport.clone())
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Puts a middleware around every GraphQL request. The first one added is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        let middleware: Arc<dyn Middleware> = Arc::new(middleware);
        self.layers.push(Arc::new(move |next| {
            let middleware = Arc::clone(&middleware);
            Arc::new(Layered { middleware, next })
        }));
        self
    }

    /// Puts a tower layer around every GraphQL request, as [`middleware`](Self::middleware) does.
    ///
    /// It stands around one request of many: the session's own retries are outside of it, and a
    /// stream's answer comes through it as its parts come.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .layer(tower::limit::ConcurrencyLimitLayer::new(16))
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "tower")]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: tower_layer::Layer<TransportService> + Send + Sync + 'static,
        ServiceTransport<L::Service>: Transport,
    {
        self.layers.push(Arc::new(move |next| {
            Arc::new(ServiceTransport::new(
                layer.layer(TransportService::new(next)),
            ))
        }));
        self
    }

    /// Tells the API the client's name and the operation's, in the headers
    /// `apollographql-client-name` and `x-apollo-operation-name`, which many servers read.
    pub fn apollo_client_name(mut self, name: impl Into<String>) -> Self {
        self.client_name = Some(name.into());
        self
    }

    /// Tells the API the client's version, in the header `apollographql-client-version`.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .apollo_client_name("guest-list")
    ///     .apollo_client_version("1.4.0")
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn apollo_client_version(mut self, version: impl Into<String>) -> Self {
        self.client_version = Some(version.into());
        self
    }

    /// Sends this header with every GraphQL request. `Authorization` stands in place of a login;
    /// one of a call ([`CallOptions::header`](crate::CallOptions::header)) in place of this one.
    ///
    /// A value that is marked as sensitive is left out of errors.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// use http::{HeaderName, HeaderValue};
    ///
    /// let tenant = HeaderName::from_static("x-tenant");
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .header(tenant, HeaderValue::from_static("north"))
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        if name == header::AUTHORIZATION {
            value.set_sensitive(true);
            self.authentication = RequestAuthentication::Header(value);
        } else {
            self.headers.append(name, value);
        }
        self
    }

    /// Sets the timeouts and the largest response. A [`transport`](Self::transport) of your own is
    /// held to the timeout of the whole request and to the size of the response.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// use attendium::transport::Limits;
    /// use std::time::Duration;
    ///
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .limits(Limits::new().timeout(Duration::from_secs(5)))
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how often a request is sent where that is safe.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// use attendium::Retries;
    ///
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .retries(Retries::never())
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Allows endpoints at this origin, such as `https://login.example.com`, beside those at the
    /// base URL's.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }

    /// Sets the scopes that logins ask for. None by default, which leaves them to the server.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .scopes(["guests:read", "guests:write"])
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the parameters that logins send to the server, such as `prompt`, `audience` or
    /// `resource`.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// use attendium::LoginParameters;
    ///
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .login_parameters(LoginParameters::new().audience("https://api.example.com/graphql"))
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn login_parameters(mut self, parameters: LoginParameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// Sets a client id that the application was given by hand, for servers without registration.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Sets the secret of a client id that the application was given by hand
    /// ([`SessionBuilder::client_id`]): for services, which can keep one. It is sent by HTTP Basic,
    /// or in the form where the server's metadata offers that alone (RFC 6749 §2.3.1).
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// # let secret = "a secret";
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .client_id("guest-list")
    ///     .client_secret(secret)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Gets tokens for the application itself (RFC 6749 §4.4), for a service where nobody logs in:
    /// with [`SessionBuilder::client_id`] and [`SessionBuilder::client_secret`], and for the
    /// session's scopes and resources. The first request gets one, and another is got when it
    /// expires, once for all tasks and processes that share the store.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// # let secret = "a secret";
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Nightly report")
    ///     .client_id("nightly-report")
    ///     .client_secret(secret)
    ///     .client_credentials()
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn client_credentials(mut self) -> Self {
        self.client_credentials = true;
        self
    }

    /// Revokes a login at once that a new one of the same person replaces, where each login is a
    /// grant of its own at the server.
    ///
    /// Without it, such a login is revoked at the logout, together with the new one: at some
    /// servers (oidc-provider is one) both are one grant, and end together. A login of another
    /// person or with another client id is always revoked at once.
    pub fn revoke_replaced_logins(mut self, at_once: bool) -> Self {
        self.revoke_replaced = at_once;
        self
    }

    /// Sets how subscriptions are carried.
    #[cfg(feature = "subscriptions")]
    pub fn subscriptions(mut self, settings: SubscriptionSettings) -> Self {
        self.subscriptions = settings;
        self
    }

    /// Sets how to learn who logged in, for the callback's page and [`Status`](super::Status): a
    /// query, and the account's name in its answer.
    ///
    /// ```
    /// # use attendium::{Me, Session};
    /// let builder = Session::builder().account(&Me {}, |data| data.me.id.to_string());
    /// ```
    pub fn account<O: Operation<Kind = Query>>(
        mut self,
        query: &O,
        name: impl Fn(O::Data) -> String + Send + Sync + 'static,
    ) -> Self {
        self.account = Some(AccountQuery::new(query, name));
        self
    }

    /// Sends this access token with every request, instead of logging in.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// # let token = "a token";
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .access_token(token)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.authentication = RequestAuthentication::AccessToken(token.into());
        self
    }

    /// Sends access tokens that the application gets by itself, instead of logging in.
    pub fn token_source(mut self, source: impl TokenSource) -> Self {
        self.authentication = RequestAuthentication::Source(Arc::new(source));
        self
    }

    /// Sends no credential: for public APIs.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .anonymous()
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn anonymous(mut self) -> Self {
        self.authentication = RequestAuthentication::Anonymous;
        self
    }

    /// Sends a user name and a password with every request (RFC 7617).
    #[deprecated = "Attendium will remove Basic authentication; log in instead, this is for \
                    applications that still have to migrate"]
    pub fn basic_auth(
        mut self,
        user: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        self.authentication = RequestAuthentication::Basic(user.into(), password.into());
        self
    }

    /// Checks the settings: what a session is made of.
    pub(super) fn into_parts(self) -> Result<(Arc<SessionConfig>, Credential), Error> {
        let base_url = self.base_url.ok_or(ConfigurationError::MissingBaseUrl)?;
        let issuer = Issuer::parse(&base_url)?;
        let mut allowed_origins = Vec::new();
        for text in &self.allowed_origins {
            allowed_origins.push(to_origin(&parse_safe_url("allowed origin", text)?));
        }
        let uri = graphql_uri(&issuer, &allowed_origins, self.graphql_url.as_deref())?;
        let fixed = fixed_credential(&self.authentication)?;
        if fixed.is_none() {
            check_name("application's name", &self.application)?;
            check_name("profile", &self.profile)?;
        }
        if self.client_secret.is_some() && self.client_id.is_none() {
            return Err(ConfigurationError::SecretWithoutClientId.into());
        }
        if self.client_credentials && (self.client_id.is_none() || self.client_secret.is_none()) {
            return Err(ConfigurationError::MissingClient.into());
        }
        let transport = self
            .transport
            .unwrap_or_else(|| Arc::new(HttpTransport::new(self.limits)));
        let sender = Sender {
            transport: Arc::clone(&transport),
            retries: self.retries,
            limits: self.limits,
        };
        let layers = self.layers.iter().rev();
        let layered = layers.fold(transport, |next, add_layer| add_layer(next));
        let graphql = GraphqlEndpoint {
            uri,
            sender: Sender {
                transport: layered,
                ..sender.clone()
            },
            headers: self.headers,
            client_name: self.client_name.map(to_header).transpose()?,
            client_version: self.client_version.map(to_header).transpose()?,
        };
        #[cfg(feature = "subscriptions")]
        let socket_uri = match self.subscriptions.socket_url.as_deref() {
            // reqwest knows the schemes of HTTP alone, and the socket begins as HTTP.
            Some(url) => {
                let url = match url.split_once("://") {
                    Some(("wss", rest)) => format!("https://{rest}"),
                    Some(("ws", rest)) => format!("http://{rest}"),
                    _ => url.to_owned(),
                };
                graphql_uri(&issuer, &allowed_origins, Some(&url))?
            }
            None => graphql.uri.clone(),
        };
        let default_server = DEFAULT_BASE_URL.and_then(|url| Issuer::parse(url).ok());
        let config = Arc::new(SessionConfig {
            has_default_server: default_server.as_ref() == Some(&issuer),
            issuer,
            application: self.application,
            store: Arc::new(TimedStore::new(self.store)),
            sender,
            graphql,
            allowed_origins,
            scopes: self.scopes,
            parameters: self.parameters,
            given_client: self.client_id.map(|id| GivenClient {
                id,
                secret: self.client_secret,
            }),
            client_credentials: self.client_credentials,
            revoke_replaced: self.revoke_replaced,
            account: self.account,
            #[cfg(feature = "subscriptions")]
            subscriptions: self.subscriptions,
            #[cfg(feature = "subscriptions")]
            socket_uri,
            server_cache: ServerCache::default(),
            unsaved: UnsavedTokens::default(),
            critical: Critical::default(),
        });
        let credential = fixed.unwrap_or_else(|| {
            let profile = Profile::new(Arc::clone(&config), self.profile);
            Credential::Profile(Arc::new(profile))
        });
        Ok((config, credential))
    }
}

/// Where operations go: the access token goes there too, so its origin must be a trusted one.
fn graphql_uri(
    issuer: &Issuer,
    allowed_origins: &[String],
    text: Option<&str>,
) -> Result<http::Uri, Error> {
    let Some(text) = text else {
        return Ok(to_uri(&issuer.join("graphql")));
    };
    let url = parse_safe_url("GraphQL URL", text)?;
    let origin = to_origin(&url);
    if origin != issuer.origin() && !allowed_origins.contains(&origin) {
        return Err(DiscoveryError::ForeignEndpoint {
            endpoint: "GraphQL URL",
            origin,
            issuer: issuer.as_str().into(),
        }
        .into());
    }
    Ok(to_uri(&url))
}

/// What authorises requests without a login. `None` where a login does.
fn fixed_credential(
    authentication: &RequestAuthentication,
) -> Result<Option<Credential>, ConfigurationError> {
    Ok(Some(match authentication {
        RequestAuthentication::Login => return Ok(None),
        RequestAuthentication::Anonymous => Credential::Fixed(None),
        RequestAuthentication::AccessToken(token) => {
            let header = secret::authorization_header("Bearer", token.expose_secret())?;
            Credential::Fixed(Some(header))
        }
        RequestAuthentication::Source(source) => Credential::Source(Arc::clone(source)),
        RequestAuthentication::Basic(user, password) => {
            Credential::Fixed(Some(secret::basic_header_rfc7617(user, password)?))
        }
        RequestAuthentication::Header(header) => Credential::Fixed(Some(header.clone())),
    }))
}

fn to_header(text: String) -> Result<HeaderValue, ConfigurationError> {
    let what = "client's name or version";
    HeaderValue::try_from(text).map_err(|_| ConfigurationError::HeaderValue { what })
}
