//! The session with Attendium.

use super::address::{ATTENDIUM, BASE_URL_VARIABLE};
use super::model::Me;
use crate::error::Error;
use crate::session::Session;
use crate::session::store::FileStore;

impl Session {
    /// A session with Attendium. Credentials are kept in files of this user's state directory.
    ///
    /// The environment variable `ATTENDIUM_BASE_URL` may name another server, as `attendium sandbox
    /// run` does for the program that it starts. Each server has its own login.
    ///
    /// # Errors
    /// The application's name or the server's URL can't be used, or no state directory is known.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), attendium::Error> {
    /// use attendium::{Login, Me, Session};
    ///
    /// let session = Session::attendium("Guest list")?;
    /// if !session.status().await?.logged_in {
    ///     session.login(Login::browser()).await?;
    /// }
    /// println!("logged in as {}", session.run(&Me {}).await?.me.id);
    /// # Ok(()) }
    /// ```
    pub fn attendium(application: impl Into<String>) -> Result<Self, Error> {
        let server = std::env::var(BASE_URL_VARIABLE).unwrap_or_else(|_| ATTENDIUM.into());
        Self::builder()
            .base_url(server)
            .application(application)
            .store(FileStore::in_state_directory()?)
            .account(&Me {}, |data| data.me.id.to_string())
            .build()
    }
}
