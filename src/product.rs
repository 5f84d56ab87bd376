//! Attendium, the product: its address, the session with it, and the compiled model of its API.
//!
//! Everything here stands behind the feature `attendium-api`. Nothing else in the crate knows
//! Attendium.

/// The base URL of the real Attendium.
pub const ATTENDIUM: &str = "https://api.attendium.com";

/// The environment variable that names the base URL for the command `attendium`.
///
/// The library itself does not read it.
pub const BASE_URL_VARIABLE: &str = "ATTENDIUM_BASE_URL";

/// The environment variable that names the profile for the command `attendium`.
///
/// The library itself does not read it.
pub const PROFILE_VARIABLE: &str = "ATTENDIUM_PROFILE";

#[cfg(feature = "session")]
impl crate::Session {
    /// A session with the real Attendium. Credentials are kept in files of this user's state
    /// directory.
    ///
    /// # Errors
    /// The application's name can't be used, or no state directory is known.
    pub fn attendium(application: impl Into<String>) -> Result<Self, crate::Error> {
        Self::builder()
            .base_url(ATTENDIUM)
            .application(application)
            .store(crate::store::FileStore::in_state_directory()?)
            .account(&crate::Me {}, |data| data.me.id.to_string())
            .build()
    }
}

/// Attendium's API beyond [`Me`](crate::Me), as this project models it.
///
/// Attendium documents `me { id }` and publishes no schema. The other operations here are compiled
/// from `queries/` against `schema/attendium.graphql`, a model of the product as it is publicly
/// known, which the sandbox serves. For the live API, fetch its schema (`attendium schema pull`)
/// and compile your own documents.
pub mod model {
    include!(concat!(env!("OUT_DIR"), "/queries.rs"));
}
