//! The methods of [`Session`] by which users log in and out.

use url::Url;

use crate::error::Error;

use super::authorization::PendingLogin;
use super::login_options::Login;
use super::parameters::LoginParameters;
use super::status::{self, LoggedOut, Status};
use super::{Session, device, login, prepared_client};

// Logging in: `login.rs`.
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
        // In a box, because the state of a login would make every future large that awaits one.
        if login.is_on_device() {
            Box::pin(device::log_in(self.profile()?, login)).await?;
        } else {
            Box::pin(login::log_in(self.profile()?, login)).await?;
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

// Status and logout: `status.rs`.
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
