//! The session: from a base URL to an authorised request. It registers, logs in and refreshes by itself.
//!
//! The login is a chain of values, each made from the last; read [`Session::login`] downward, and each module in this order:
//!
//! 1. `discovery` asks the server about itself and checks it: a `Server`.
//! 2. `registration` makes the application known to it: a `RegisteredClient`.
//! 3. `authorization` sends the user there and checks who comes back: a [`PendingLogin`], then a code.
//!    `login` says how the user is asked, `loopback` and `page` are what the browser comes back to.
//! 4. `token` exchanges the code: `Tokens`, which `store` keeps.
//! 5. `profile` has them as a header for requests: `Authorized`; `renewal` gets new ones when it is time.
//!
//! Each step of the protocol is two pure functions, one that builds the request and one that checks the response, with the section
//! of the specification on them. `wire` sends in between. `setup` is what was configured.

mod authorization;
mod clock;
mod discovery;
mod login;
mod loopback;
mod page;
mod profile;
mod registration;
mod renewal;
pub(crate) mod secret;
mod setup;
mod status;
pub mod store;
mod token;
pub(crate) mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use url::Url;

use crate::error::{ConfigurationError, Error, LoginError, Step};

use authorization::Code;
use discovery::Server;
use loopback::{Reception, Visit};
use page::Page;
use profile::Profile;
pub(crate) use profile::{Authorized, Why};
use registration::RegisteredClient;
use setup::{Ready, Return, Setup, check_name};
use token::{Asked, Tokens};
use wire::Again;

pub use authorization::PendingLogin;
pub use login::Login;
use login::say;
pub use setup::SessionBuilder;
pub use status::{LoggedOut, Status};
pub use store::{Store, Stores};
pub use wire::Retries;

/// Runs operations against one GraphQL API, logged in as one user.
///
/// Cheap to clone: clones share the connections and the one refresh that runs at a time.
///
/// ```no_run
/// # attendium::input! { pub struct Me {} }
/// # attendium::operation!(Me => Data, Query "Me", "queries/me.graphql:1", "query Me{me{id}}");
/// # attendium::selection! {
/// #     pub struct Data { pub me: User }
/// #     pub struct User { pub id: attendium::Id }
/// # }
/// use attendium::{Login, Session, Stores};
///
/// # async fn example() -> Result<(), attendium::Error> {
/// let session = Session::builder().application("Guest list").store(Stores::file()?).build()?;
/// if !session.status().await?.logged_in {
///     session.login(Login::browser()).await?;
/// }
/// println!("logged in as {}", session.run(&Me {}).await?.me.id);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session {
    pub(crate) setup: Arc<Setup>,
    pub(crate) credential: Credential,
}

#[derive(Clone)]
pub(crate) enum Credential {
    /// A login.
    Profile(Arc<Profile>),
    /// A header that never changes, or none.
    Fixed(Option<HeaderValue>),
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Session");
        debug
            .field("issuer", &self.setup.issuer.as_str())
            .field("application", &self.setup.application);
        if let Credential::Profile(profile) = &self.credential {
            debug.field("profile", &profile.name);
        }
        debug.finish_non_exhaustive()
    }
}

impl Session {
    /// A session, to be set up.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// A session that sends a token which somebody else looks after.
    ///
    /// # Errors
    /// The URL or the token can't be used.
    pub fn with_token(
        base_url: impl Into<String>,
        token: impl Into<secrecy::SecretString>,
    ) -> Result<Self, Error> {
        Self::builder().base_url(base_url).bearer(token).build()
    }

    /// The same session for another of the application's logins. It shares the connections and what is known of the server.
    ///
    /// # Errors
    /// The name can't be used, or this session has no login.
    pub fn for_profile(&self, name: impl Into<String>) -> Result<Self, Error> {
        self.profile()?;
        let name = name.into();
        check_name("profile", &name)?;
        let setup = Arc::clone(&self.setup);
        Ok(Self {
            credential: Credential::Profile(Arc::new(Profile::new(Arc::clone(&setup), name))),
            setup,
        })
    }

    pub(crate) fn profile(&self) -> Result<&Arc<Profile>, Error> {
        match &self.credential {
            Credential::Profile(profile) => Ok(profile),
            Credential::Fixed(_) => Err(ConfigurationError::NoLogin.into()),
        }
    }

    /// Logs a user in, over a listener on this machine that the browser comes back to.
    ///
    /// # Errors
    /// Each way in which a login can end has an error of its own: see [`LoginError`], [`DiscoveryError`](crate::DiscoveryError) and
    /// [`Error`]. What was kept of an earlier login is left as it is then.
    pub async fn login(&self, mut login: Login) -> Result<Status, Error> {
        let profile = self.profile()?;
        self.check_store().await?;
        let server = self.setup.server().await?;
        let scopes = login
            .scopes
            .clone()
            .unwrap_or_else(|| self.setup.scopes.clone());
        let mut waiting = Waiting::new(&mut login);
        let mut register_again = login.register_again;
        for attempt in 1.. {
            let Ready {
                client,
                redirect_uri,
                loopback,
            } = self
                .setup
                .client(
                    &server,
                    &Return::Loopback { port: login.port },
                    register_again,
                )
                .await?;
            let (url, pending) =
                authorization::begin(&server, &client, &profile.name, &redirect_uri, &scopes)?;
            let mut reception = loopback
                .ok_or(ConfigurationError::RedirectUri { uri: redirect_uri })?
                .serve();
            login.show(&url);
            let (code, visitors) = waiting
                .for_callback(self, &server, &pending, &mut reception)
                .await?;
            let finishing = self.finish_with(&server, &client, &pending, code);
            let (result, visitors) =
                receive_meanwhile(finishing, &server, &pending, &mut reception, visitors).await;
            tell(visitors, &self.last_page(&result), reception).await;
            match result {
                Ok(_) => break,
                Err(Error::Refused(refusal)) if refusal.code == "invalid_client" => {
                    // Forgotten between the registration and now. Once, and never in a circle.
                    self.setup.replace_client(&client).await?;
                    if attempt == 2 {
                        return Err(LoginError::ClientForgotten.into());
                    }
                    register_again = false;
                }
                Err(error) => return Err(error),
            }
        }
        self.status().await
    }

    /// Begins a login whose callback comes to an address of the application's own, as in a web application: the URL for the user,
    /// and what [`Session::finish`] needs later.
    ///
    /// ```no_run
    /// # async fn example(session: attendium::Session, query: &str) -> Result<(), attendium::Error> {
    /// let (url, pending) = session.begin("https://guests.example.com/callback").await?;
    /// // Keep `pending` in the user's session on your server, and redirect the browser to `url`. Later, in the callback's handler:
    /// let status = session.finish(pending, query).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Where the redirect URI, the server's metadata or the registration can't be used.
    pub async fn begin(&self, redirect_uri: &str) -> Result<(Url, PendingLogin), Error> {
        let profile = self.profile()?;
        registration::check_redirect_uri(redirect_uri)?;
        let server = self.setup.server().await?;
        let ready = self
            .setup
            .client(&server, &Return::Own(redirect_uri), false)
            .await?;
        authorization::begin(
            &server,
            &ready.client,
            &profile.name,
            redirect_uri,
            &self.setup.scopes,
        )
    }

    /// Finishes a login that [`Session::begin`] began, with the callback's query (`code=…&state=…`). The user is logged in with the
    /// profile of the session that began it.
    ///
    /// # Errors
    /// [`Error::Login`] where the callback is not this login's or brings no code; else as the exchange fails.
    pub async fn finish(&self, pending: PendingLogin, query: &str) -> Result<Status, Error> {
        self.profile()?;
        if pending.issuer != self.setup.issuer.as_str() {
            return Err(LoginError::ForeignLogin.into());
        }
        let session = self.for_profile_of(&pending)?;
        let server = self.setup.server().await?;
        let code = authorization::check(&server, &pending, query)?;
        let ready = self
            .setup
            .client(&server, &Return::Own(&pending.redirect_uri), false)
            .await?;
        if ready.client.id != pending.client_id {
            return Err(LoginError::ForeignLogin.into());
        }
        match session
            .finish_with(&server, &ready.client, &pending, code)
            .await
        {
            Err(Error::Refused(refusal)) if refusal.code == "invalid_client" => {
                self.setup.replace_client(&ready.client).await?;
                Err(crate::LoginRequired::ClientForgotten.into())
            }
            Err(error) => Err(error),
            Ok(_) => session.status().await,
        }
    }

    /// A login that could not be kept is not begun: nobody wants to hear of it after the browser.
    async fn check_store(&self) -> Result<(), Error> {
        let profile = self.profile()?;
        let mut locked = self.setup.lock(&profile.key).await?;
        let stored = locked.load().await;
        locked.release().await;
        match stored? {
            Some(stored) => renewal::read(profile, stored).map(drop),
            None => Ok(()),
        }
    }

    fn for_profile_of(&self, pending: &PendingLogin) -> Result<Self, Error> {
        if self.profile()?.name == pending.profile {
            Ok(self.clone())
        } else {
            self.for_profile(&pending.profile)
        }
    }

    /// Steps 4 and 5: the code becomes tokens, the tokens are kept and then used.
    async fn finish_with(
        &self,
        server: &Server,
        client: &RegisteredClient,
        pending: &PendingLogin,
        code: Code,
    ) -> Result<Arc<Authorized>, Error> {
        let profile = self.profile()?;
        let request = token::exchange(server, client, pending, &code)?;
        let sent = SystemTime::now();
        let response = self
            .setup
            .wire
            .send(Step::Exchange, Again::TurnedAway, request)
            .await?;
        let tokens = token::check(
            &Asked::Code {
                scopes: &pending.scopes,
            },
            client,
            sent,
            response,
        )?;
        tracing::info!(target: "attendium::session", issuer = pending.issuer, profile = profile.name, "logged in");
        // Kept first, so that nothing that fails from here on can lose the login.
        let authorized = self.keep(tokens).await?;
        match self.account(&authorized).await {
            None => Ok(authorized),
            Some(account) => {
                self.keep(Tokens {
                    account: Some(account),
                    ..authorized.tokens.clone()
                })
                .await
            }
        }
    }

    /// Writes the tokens of a new login over whatever there is, under the lock, and uses them.
    async fn keep(&self, tokens: Tokens) -> Result<Arc<Authorized>, Error> {
        let profile = self.profile()?;
        let record = renewal::record(profile, &tokens)?;
        let mut locked = self.setup.lock(&profile.key).await?;
        let result = async {
            let over = locked.load().await?.map(|stored| stored.version);
            locked.replace(over, Some(record)).await
        }
        .await;
        locked.release().await;
        let authorized = Arc::new(Authorized::new(tokens, result?)?);
        profile.publish(Some(Arc::clone(&authorized)));
        Ok(authorized)
    }

    /// The page that the browser ends at.
    fn last_page(&self, result: &Result<Arc<Authorized>, Error>) -> Page {
        let application = self.setup.application.clone();
        match (result, &self.credential) {
            (Ok(authorized), Credential::Profile(profile)) => Page::Done {
                application,
                account: authorized
                    .tokens
                    .account
                    .clone()
                    .unwrap_or_else(|| profile.name.clone()),
                issuer: self.setup.issuer.as_str().to_owned(),
            },
            (Err(error), _) => Page::Failed {
                application,
                message: error.message(),
                help: error.help(),
            },
            (Ok(_), Credential::Fixed(_)) => Page::NotFound,
        }
    }
}

/// What a login waits for, beside the browser.
struct Waiting {
    pasted: Option<tokio::sync::mpsc::Receiver<String>>,
    cancel: crate::transport::Boxed<'static, ()>,
    deadline: tokio::time::Instant,
    timeout: std::time::Duration,
}

impl Waiting {
    fn new(login: &mut Login) -> Self {
        Self {
            pasted: login.take_pasted(),
            cancel: login.take_cancel(),
            deadline: tokio::time::Instant::now() + login.timeout,
            timeout: login.timeout,
        }
    }

    /// Waits for the callback with the right `state`, from the browser or pasted. Others are told so, and change nothing.
    async fn for_callback(
        &mut self,
        session: &Session,
        server: &Server,
        pending: &PendingLogin,
        reception: &mut Reception,
    ) -> Result<(Code, Vec<Visit>), Error> {
        loop {
            let (query, visit) = tokio::select! {
                visit = reception.next() => (visit.query.clone(), Some(visit)),
                line = Login::pasted(&mut self.pasted) => match pasted_query(&line, &pending.redirect_uri) {
                    Ok(query) => (query, None),
                    Err(error) => {
                        say(Error::from(error));
                        continue;
                    }
                },
                () = &mut self.cancel => return Err(LoginError::Cancelled.into()),
                () = tokio::time::sleep_until(self.deadline) => return Err(LoginError::TimedOut { after: self.timeout }.into()),
            };
            match (authorization::check(server, pending, &query), visit) {
                (Ok(code), visit) => return Ok((code, visit.into_iter().collect())),
                (Err(LoginError::StateMismatch), Some(visit)) => {
                    tracing::debug!(target: "attendium::session", "a callback of another login was turned away");
                    visit.answer(Page::NotOurs);
                }
                (Err(error @ LoginError::StateMismatch), None) => say(Error::from(error)),
                (Err(error), visit) => {
                    let error = Error::from(error);
                    if let Some(visit) = visit {
                        visit.answer(session.last_page(&Err(error.clone())));
                        // The page must be out before the port closes.
                        reception.drain().await;
                    }
                    return Err(error);
                }
            }
        }
    }
}

/// The query of a pasted address, which must be the redirect URI's.
fn pasted_query(line: &str, redirect_uri: &str) -> Result<String, LoginError> {
    let url = Url::parse(line.trim().trim_matches(['"', '\'', '<', '>']))
        .map_err(|_| LoginError::NotACallback)?;
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    match url.query() {
        Some(query) if bare.as_str() == redirect_uri => Ok(query.to_owned()),
        _ => Err(LoginError::NotACallback),
    }
}

/// Goes on answering while the code is exchanged: a second callback of this login gets the page that the first one gets.
async fn receive_meanwhile<T>(
    work: impl Future<Output = T>,
    server: &Server,
    pending: &PendingLogin,
    reception: &mut Reception,
    mut visitors: Vec<Visit>,
) -> (T, Vec<Visit>) {
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return (result, visitors),
            visit = reception.next() => match authorization::check(server, pending, &visit.query) {
                Ok(_) => visitors.push(visit),
                Err(_) => visit.answer(Page::NotOurs),
            },
        }
    }
}

async fn tell(visitors: Vec<Visit>, page: &Page, reception: Reception) {
    for visit in visitors {
        visit.answer(page.clone());
    }
    reception.close().await;
}
