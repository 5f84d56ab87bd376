//! The session: from a base URL to an authorised request. It registers, logs in and refreshes by
//! itself.
//!
//! The login is a chain of values, each made from the last:
//!
//! 1. `discovery` asks the server about itself and checks it: a `Server`.
//! 2. `prepared_client` finds the application's registration or makes one: a `RegisteredClient`.
//!    `registration` is the protocol of it.
//! 3. `authorization` sends the user to the server and checks the callback: a [`PendingLogin`],
//!    then a code. `callback_server` and `page` are what the browser comes back to.
//! 4. `token` exchanges the code: `Tokens`, which a [`store`] keeps.
//! 5. `profile` holds them as a header for requests: `UsableTokens`.
//!
//! Beside the chain: `oauth_response` reads what all endpoints answer, `client_authentication` says
//! how a client with a secret shows it, `parameters` are those of an authorization request,
//! `device` and `device_code` are a login on another device, `revocation` and `status` end a login
//! and tell of it, `persist` writes tokens that can't be got again, `unsaved` keeps those that
//! could not be written, `account` asks who logged in, `token_source` is a caller's own source of
//! tokens, `clock` and `wall_clock` tell the time, and `secret` keeps secrets out of memory that is
//! given back.
//!
//! `login` runs the chain, `renewal` gets new tokens when it is time, and `single_flight` sees that
//! it happens once. `critical` and `shutdown` see that a process which ends loses nothing.
//! `request` runs operations, `response_stream` gives the states of an answer in parts, `subscribe`
//! gives subscriptions their credential. `builder` makes the `config` that all of them read.
//!
//! Each step of the protocol is two pure functions, one that builds the request and one that checks
//! the response, with the section of the specification on them. [`crate::http`] sends in between.
//!
//! [`Session`] is the door: its methods are the list of what a session does, each with the file
//! that does it.

mod account;
mod authorization;
mod builder;
mod callback_server;
mod client_authentication;
mod clock;
mod config;
mod critical;
mod device;
mod device_code;
mod discovery;
mod login;
mod login_options;
mod oauth_response;
mod page;
mod parameters;
mod persist;
mod prepared_client;
mod profile;
mod registration;
mod renewal;
mod request;
mod response_stream;
mod revocation;
pub(crate) mod secret;
mod shutdown;
mod single_flight;
mod status;
pub mod store;
#[cfg(feature = "subscriptions")]
mod subscribe;
mod token;
mod token_source;
mod unsaved;
mod wall_clock;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use tracing::Span;
use url::Url;

use crate::error::{ConfigurationError, Error};
use crate::http::CallOptions;
use crate::http::form::Content;
use crate::http::graphql::{OperationMeta, decode_answer, finish_response, into_data};
use crate::operation::{Operation, SingleResponse};
use crate::response::Response;

#[cfg(feature = "subscriptions")]
use crate::stream::subscriptions::{SubscriptionStream, registry::Subscriptions};

use config::{SessionConfig, check_name};
use profile::{Credential, Profile};

pub use authorization::PendingLogin;
pub use builder::SessionBuilder;
pub use device_code::DeviceCode;
pub use login_options::Login;
pub use parameters::LoginParameters;
pub use response_stream::ResponseStream;
pub use status::{LoggedOut, Status};
pub use token_source::{TokenSource, TokenSourceError};

/// Runs operations against one GraphQL API, logged in as one user.
///
/// Cheap to clone: clones share the connections and the one refresh that runs at a time.
///
/// ```no_run
/// # pub struct Me {}
/// # pub struct Data { pub me: User }
/// # pub struct User { pub id: attendium::Id }
/// # attendium::impl_graphql! {
/// #     query Me {
/// #         data: Data,
/// #         name: "Me",
/// #         source: "queries/me.graphql:1",
/// #         document: "query Me{me{id}}",
/// #     }
/// #     variables Me {}
/// #     object Data { me }
/// #     object User { id }
/// # }
/// use attendium::store::FileStore;
/// use attendium::{Login, Session};
///
/// # async fn example() -> Result<(), attendium::Error> {
/// let session = Session::builder()
///     .base_url("https://api.example.com")
///     .application("Guest list")
///     .store(FileStore::in_state_directory()?)
///     .build()?;
/// if !session.status().await?.logged_in {
///     session.login(Login::browser()).await?;
/// }
/// println!("logged in as {}", session.run(&Me {}).await?.me.id);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session {
    config: Arc<SessionConfig>,
    credential: Credential,
    #[cfg(feature = "subscriptions")]
    subscriptions: Arc<Subscriptions>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Session");
        debug
            .field("issuer", &self.config.issuer.as_str())
            .field("application", &self.config.application);
        if let Credential::Profile(profile) = &self.credential {
            debug.field("profile", &profile.name);
        }
        debug.finish_non_exhaustive()
    }
}

/// Set up: `builder.rs`.
impl Session {
    /// Begins to set up a session.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// use attendium::{Retries, Session};
    ///
    /// let session = Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .retries(Retries::new().max_attempts(5))
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// A session that sends this access token, which the application looks after.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// # let token = "a token";
    /// let session = attendium::Session::with_access_token("https://api.example.com", token)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The URL or the token can't be used.
    pub fn with_access_token(
        base_url: impl Into<String>,
        token: impl Into<secrecy::SecretString>,
    ) -> Result<Self, Error> {
        Self::builder()
            .base_url(base_url)
            .access_token(token)
            .build()
    }

    /// A session for another of the application's logins. It shares the connections and what is
    /// known of the server.
    ///
    /// ```
    /// # fn main() -> Result<(), attendium::Error> {
    /// # let session = attendium::Session::builder()
    /// #     .base_url("https://api.example.com")
    /// #     .application("Guest list")
    /// #     .build()?;
    /// let at_the_door = session.for_profile("door")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The name can't be used, or this session has no login.
    pub fn for_profile(&self, name: impl Into<String>) -> Result<Self, Error> {
        self.profile()?;
        let name = name.into();
        check_name("profile", &name)?;
        let profile = Profile::new(Arc::clone(&self.config), name);
        let credential = Credential::Profile(Arc::new(profile));
        Ok(Self::new(Arc::clone(&self.config), credential))
    }

    fn new(config: Arc<SessionConfig>, credential: Credential) -> Self {
        Self {
            #[cfg(feature = "subscriptions")]
            subscriptions: Arc::new(subscribe::subscriptions(&config, &credential)),
            config,
            credential,
        }
    }

    fn profile(&self) -> Result<&Arc<Profile>, ConfigurationError> {
        match &self.credential {
            Credential::Profile(profile) => Ok(profile),
            Credential::Fixed(_) | Credential::Source(_) => Err(ConfigurationError::NoLogin),
        }
    }
}

// Here, because a builder that imports `Session` would be a circle.
impl SessionBuilder {
    /// Makes the session. Nothing is sent and nothing is read yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] where a URL, a name or a credential can't be used.
    pub fn build(self) -> Result<Session, Error> {
        let (config, credential) = self.into_parts()?;
        Ok(Session::new(config, credential))
    }
}

/// Running operations: `request.rs`, and `http/graphql.rs` for the response.
///
/// `compat.rs` adds operations of `graphql_client` and `cynic`.
impl Session {
    /// Runs a query or a mutation, and gives its data.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::Me;
    ///
    /// let me = session.run(&Me {}).await?.me;
    /// assert_eq!(me.id, "user-emma");
    /// # Ok(()) }
    /// ```
    ///
    /// A subscription, which has no single response, does not compile:
    ///
    /// ```compile_fail,E0277
    /// use attendium::operation::{Operation, Subscription};
    ///
    /// async fn run<O: Operation<Kind = Subscription>>(session: attendium::Session, operation: O) {
    ///     session.run(&operation).await;
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::Graphql`] where the API reports any error, even beside partial data, which
    /// [`Session::request`] gives. For other errors see [`Session::request`].
    pub async fn run<O>(&self, operation: &O) -> Result<O::Data, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        self.run_with(operation, &CallOptions::new()).await
    }

    /// As [`Session::run`], with options for this call: headers, a deadline, whether a mutation may
    /// be sent again.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::{CallOptions, Me};
    /// use std::time::Duration;
    ///
    /// let options = CallOptions::new().deadline(Duration::from_secs(3));
    /// let me = session.run_with(&Me {}, &options).await?.me;
    /// # assert_eq!(me.id, "user-emma");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn run_with<O>(&self, operation: &O, options: &CallOptions) -> Result<O::Data, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        let response = self.request_with(operation, options).await?;
        into_data(response, OperationMeta::of(operation).name)
    }

    /// Runs a query or a mutation, and gives the whole response: partial data, errors, extensions
    /// and the HTTP head.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// use attendium::Me;
    ///
    /// let response = session.request(&Me {}).await?;
    /// for error in &response.errors {
    ///     eprintln!("{error}, {:?}", error.path);
    /// }
    /// if let Some(data) = response.data {
    ///     println!("logged in as {}", data.me.id);
    /// }
    /// # assert_eq!(response.http.map(|head| head.status.as_u16()), Some(200));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::LoginRequired`] where nobody is logged in; the other variants where there is no
    /// GraphQL response.
    pub async fn request<O>(&self, operation: &O) -> Result<Response<O::Data>, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        self.request_with(operation, &CallOptions::new()).await
    }

    /// As [`Session::request`], with options for this call.
    ///
    /// # Errors
    /// As [`Session::request`].
    pub async fn request_with<O>(
        &self,
        operation: &O,
        options: &CallOptions,
    ) -> Result<Response<O::Data>, Error>
    where
        O: Operation<Kind: SingleResponse>,
    {
        let meta = OperationMeta::of(operation);
        let content = Content::of(operation);
        let (response, span) = self.send(&meta, content, options).await?;
        let decoded = decode_answer::<O>(&response);
        finish_response(meta, response, decoded, &span)
    }

    /// Runs a query or a mutation, and gives each state of an answer that comes in parts: at first
    /// without what is under `@defer` and `@stream`, then with more and more of it.
    ///
    /// An answer that comes whole is one state, so this works with any operation and any server.
    /// Parts that arrive while a state is being looked at are one state. The request is sent when
    /// the first state is asked for, with the same token, renewal and retries as by
    /// [`Session::request`]. A failure after the first part is not repeated: it ends the stream.
    /// Between two pieces of the answer, the transport's
    /// [`read_timeout`](crate::transport::Limits::read_timeout) may pass.
    ///
    /// ```no_run
    /// # use attendium::{Deferred, Session};
    /// # pub struct Event { }
    /// # #[derive(Debug)]
    /// # pub struct Data { pub name: String, pub numbers: Deferred<Numbers> }
    /// # #[derive(Debug)]
    /// # pub struct Numbers { pub sold: i32 }
    /// # attendium::impl_graphql! {
    /// #     query Event {
    /// #         data: Data,
    /// #         name: "Event",
    /// #         source: "queries/event.graphql:1",
    /// #         document: "query Event{name ...@defer(label:\"numbers\"){sold}}",
    /// #         incremental: true,
    /// #     }
    /// #     variables Event {}
    /// #     object Data { name, ..numbers @ "numbers" }
    /// #     object Numbers { sold }
    /// # }
    /// # async fn example(session: Session) -> Result<(), attendium::Error> {
    /// // query Event { name ... @defer(label: "numbers") { sold } }
    /// let mut states = session.stream(&Event {});
    /// while let Some(state) = states.next().await {
    ///     if let Some(data) = state?.data {
    ///         println!("{}: {:?} sold", data.name, data.numbers.ready());
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream<O>(&self, operation: &O) -> ResponseStream<O::Data>
    where
        O: Operation<Kind: SingleResponse>,
    {
        self.stream_with(operation, &CallOptions::new())
    }

    /// As [`Session::stream`], with options for this call. A deadline is that of the last state.
    pub fn stream_with<O>(&self, operation: &O, options: &CallOptions) -> ResponseStream<O::Data>
    where
        O: Operation<Kind: SingleResponse>,
    {
        let (config, credential) = (self.config.clone(), self.credential.clone());
        ResponseStream::new(config, credential, operation, options)
    }

    /// Sends an operation's content, authorised. The span ends when the response was read.
    pub(crate) async fn send(
        &self,
        meta: &OperationMeta,
        content: Content,
        options: &CallOptions,
    ) -> Result<(http::Response<Bytes>, Span), Error> {
        request::send(&self.config, &self.credential, meta, content, options).await
    }

    /// The `Authorization` header for a request of the application's own to the same server: with a
    /// token that is fresh, after a refresh where one is due. None where this session sends no
    /// header.
    ///
    /// Its `Debug` shows nothing, and its memory is zeroed when it is dropped. Who has it acts as
    /// the user: send it to nobody else.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// let header = session.authorization_header().await?.expect("the user is logged in");
    /// assert!(header.is_sensitive());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::LoginRequired`] where nobody is logged in; the other variants where a refresh
    /// fails.
    pub async fn authorization_header(&self) -> Result<Option<HeaderValue>, Error> {
        request::authorization_header(&self.credential).await
    }

    /// Waits for a refresh that is under way, and for a login whose tokens are not kept yet.
    ///
    /// A program that is about to end its runtime calls this, so that a rotated refresh token is
    /// not lost on the way to the store. [`Session::shutdown_signal`] calls it by itself.
    ///
    /// ```no_run
    /// # fn example(runtime: tokio::runtime::Runtime, session: attendium::Session) {
    /// runtime.block_on(session.wait_for_refresh());
    /// runtime.shutdown_background();
    /// # }
    /// ```
    pub async fn wait_for_refresh(&self) {
        if let Credential::Profile(profile) = &self.credential {
            single_flight::wait_for_flight(profile).await;
        }
        self.config.critical.wait().await;
    }

    /// Waits for a signal that ends the process (SIGINT, SIGTERM, SIGHUP; Ctrl-C, Ctrl-Break and
    /// the closed window on Windows), and then until no refresh and no login of this session, with
    /// any of its profiles, is between the server and the store. A second signal ends that wait.
    /// Gives the exit code that shells expect, such as 130 for SIGINT.
    ///
    /// From the first call on, these signals no longer end the process by themselves.
    ///
    /// ```no_run
    /// # async fn serve(session: attendium::Session) {}
    /// # async fn example(session: attendium::Session) {
    /// tokio::select! {
    ///     () = serve(session.clone()) => {}
    ///     code = session.shutdown_signal() => std::process::exit(code.into()),
    /// }
    /// # }
    /// ```
    pub async fn shutdown_signal(&self) -> u8 {
        self.shutdown_signal_with(|| {}).await
    }

    /// As [`Session::shutdown_signal`], and calls `tell` where there is something to wait for.
    pub async fn shutdown_signal_with(&self, tell: impl FnOnce() + Send) -> u8 {
        shutdown::shutdown_signal(&self.config.critical, tell).await
    }
}

/// Subscriptions: `subscribe.rs`, and `stream/subscriptions` for what carries them.
#[cfg(feature = "subscriptions")]
impl Session {
    /// Subscribes: gives a stream of the subscription's events.
    ///
    /// There is nothing to wait for. The request is sent when the stream is polled for the first
    /// time; with a token that is fresh, and again with a new one where the server refuses it or
    /// the connection is lost. [`SubscriptionSettings`](crate::subscription::SubscriptionSettings)
    /// say how events come, and what happens where the application reads too slowly.
    ///
    /// ```no_run
    /// # attendium::graphql!(
    /// #     schema = "schema/example.graphql",
    /// #     "
    /// #     subscription CheckedIn { checkedIn { id } }
    /// #     "
    /// # );
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::subscription::StreamExt as _;
    ///
    /// let mut events = session.subscribe(&CheckedIn {});
    /// while let Some(event) = events.next().await {
    ///     println!("{} came in", event?.checked_in.id);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// Queries and mutations have one response, and do not compile here:
    ///
    /// ```compile_fail,E0271
    /// # fn example(session: attendium::Session) {
    /// session.subscribe(&attendium::Me {});
    /// # }
    /// ```
    pub fn subscribe<O>(&self, operation: &O) -> SubscriptionStream<O::Data>
    where
        O: Operation<Kind = crate::operation::Subscription>,
    {
        SubscriptionStream::new(&self.subscriptions, operation)
    }

    /// Ends all subscriptions of this session and of its clones: the server is told, the
    /// connections are closed, and the streams end without an error.
    pub async fn close_subscriptions(&self) {
        self.subscriptions.close().await;
    }
}

/// Logging in: `login.rs`.
impl Session {
    /// Logs a user in, over a listener on this machine that the browser comes back to.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::Login;
    ///
    /// let status = session.login(Login::browser().cancel_on_ctrl_c()).await?;
    /// println!("the scopes are {}", status.scopes.join(" "));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Each way in which a login can end has an error of its own: see
    /// [`LoginError`](crate::LoginError), [`DiscoveryError`](crate::DiscoveryError) and [`Error`].
    /// An earlier login is left as it is then.
    pub async fn login(&self, login: Login) -> Result<Status, Error> {
        if login.is_on_device() {
            device::log_in(self.profile()?, login).await?;
        } else {
            login::log_in(self.profile()?, login).await?;
        }
        self.status().await
    }

    /// Logs in again for these scopes and those that the login has already: the answer to
    /// [`Error::InsufficientScope`]. The login that is there is kept until the new one is.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::{Error, Login, Me};
    ///
    /// if let Err(Error::InsufficientScope { required, .. }) = session.run(&Me {}).await {
    ///     session.step_up(Login::browser(), required).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::login`].
    pub async fn step_up<S: Into<String>>(
        &self,
        login: Login,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<Status, Error> {
        let mut union = self.status().await?.scopes;
        for scope in scopes.into_iter().map(Into::into) {
            if !union.contains(&scope) {
                union.push(scope);
            }
        }
        self.login(login.scopes(union)).await
    }

    /// Begins a login whose callback comes to an address of the application's own, as in a web
    /// application. Gives the URL for the user, and what [`Session::finish_login`] needs later.
    ///
    /// ```no_run
    /// # use attendium::{Error, Session};
    /// # async fn example(session: Session, query: &str) -> Result<(), Error> {
    /// let (url, pending) = session.begin_login("https://guests.example.com/callback").await?;
    /// // Keep `pending` in the user's session on your server, and redirect the browser to `url`.
    /// // Later, in the callback's handler:
    /// let status = session.finish_login(pending, query).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The redirect URI, the server's metadata or the registration can't be used.
    pub async fn begin_login(&self, redirect_uri: &str) -> Result<(Url, PendingLogin), Error> {
        self.begin_login_with(redirect_uri, LoginParameters::new())
            .await
    }

    /// As [`Session::begin_login`], with parameters for the server such as `prompt`.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// use attendium::LoginParameters;
    ///
    /// let parameters = LoginParameters::new().prompt("select_account");
    /// let redirect_uri = "https://guests.example.com/callback";
    /// let (url, pending) = session.begin_login_with(redirect_uri, parameters).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Session::begin_login`]; also where a parameter can't be set.
    pub async fn begin_login_with(
        &self,
        redirect_uri: &str,
        parameters: LoginParameters,
    ) -> Result<(Url, PendingLogin), Error> {
        login::begin(self.profile()?, redirect_uri, &parameters).await
    }

    /// Finishes a login that [`Session::begin_login`] began, with the callback's query
    /// (`code=…&state=…`). The user is logged in with the profile that began it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = attendium_sandbox::Sandbox::start().await?;
    /// # let session = attendium::Session::builder()
    /// #     .base_url(sandbox.base_url())
    /// #     .application("Guest list")
    /// #     .build()?;
    /// let (url, pending) = session.begin_login("http://127.0.0.1:8080/callback").await?;
    /// // The user opens `url`, and comes back with a query such as `code=…&state=…`.
    /// # let visit = sandbox.scripted_user().stop_at_callback().visit(url.as_str()).await?;
    /// # let (_, query) = visit.url.split_once('?').ok_or("no query")?;
    /// let status = session.finish_login(pending, query).await?;
    /// assert!(status.logged_in);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Login`] where the callback is not this login's or brings no code; the other
    /// variants where the exchange fails.
    pub async fn finish_login(&self, pending: PendingLogin, query: &str) -> Result<Status, Error> {
        let session = if self.profile()?.name == pending.profile {
            self.clone()
        } else {
            self.for_profile(&pending.profile)?
        };
        login::finish(session.profile()?, &pending, query).await?;
        session.status().await
    }
}

/// Status and logout: `status.rs`.
impl Session {
    /// Who is logged in, as the store has it. Nothing is sent.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// let status = session.status().await?;
    /// assert!(status.logged_in && status.refreshable);
    /// println!("the credentials are in {}", status.store);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The store can't be read, or this session has no login.
    pub async fn status(&self) -> Result<Status, Error> {
        status::read_status(self.profile()?).await
    }

    /// Ends the login: erases the tokens here, and revokes them at the server where it offers that
    /// (RFC 7009).
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctests/logged_in.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (sandbox, session) = logged_in().await?;
    /// let ended = session.logout().await?;
    /// assert!(ended.was_logged_in && ended.revoked);
    /// assert!(!session.status().await?.logged_in);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The store can't be written, or this session has no login. A server that can't be reached is
    /// no error: see [`LoggedOut::revoked`].
    pub async fn logout(&self) -> Result<LoggedOut, Error> {
        status::log_out(self.profile()?).await
    }

    /// Deletes the application's registration with the server: there, where the server lets clients
    /// do that (RFC 7592 §2.3), and here. Gives whether the server confirmed it.
    ///
    /// Every login of the application ends with it at most servers, those of other profiles too, so
    /// log out first. The next login registers anew. A client id of your own is left alone.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// session.logout().await?;
    /// if session.delete_registration().await? {
    ///     println!("the server has forgotten this application");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The server can't be reached or refuses, and the registration is kept; the store can't be
    /// written; this session has no login.
    pub async fn delete_registration(&self) -> Result<bool, Error> {
        prepared_client::delete_client(&self.profile()?.config).await
    }

    /// Tries again to revoke the tokens that a logout erased here and could not revoke at the
    /// server: see [`LoggedOut::failure`].
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session) -> Result<(), attendium::Error> {
    /// let mut ended = session.logout().await?;
    /// if let Some(failure) = &ended.failure {
    ///     eprintln!("the tokens still live at the server: {failure}");
    ///     ended = session.revoke_again(&ended).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// This session has no login.
    pub async fn revoke_again(&self, ended: &LoggedOut) -> Result<LoggedOut, Error> {
        Ok(status::revoke_again(self.profile()?, ended).await)
    }
}
