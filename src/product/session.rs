//! The session with Attendium.

use super::address::ATTENDIUM;
use super::model::Me;
use crate::error::Error;
use crate::session::Session;
use crate::session::store::FileStore;

impl Session {
    /// A session with the real Attendium. Credentials are kept in files of this user's state
    /// directory.
    ///
    /// # Errors
    /// The application's name can't be used, or no state directory is known.
    pub fn attendium(application: impl Into<String>) -> Result<Self, Error> {
        Self::builder()
            .base_url(ATTENDIUM)
            .application(application)
            .store(FileStore::in_state_directory()?)
            .account(&Me {}, |data| data.me.id.to_string())
            .build()
    }
}
