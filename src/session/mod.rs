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
//! [`Session`] is the door: its methods, in `operations` and `logins`, are the list of what a
//! session does, each with the file that does it.

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
mod logins;
mod oauth_response;
mod operations;
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

use crate::error::{ConfigurationError, Error};
#[cfg(feature = "subscriptions")]
use crate::stream::subscriptions::registry::Subscriptions;

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

// Set up: `builder.rs`.
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
