//! Where Attendium is, and the variables that say where else.

/// The base URL of the real Attendium.
pub const ATTENDIUM: &str = "https://api.attendium.com";

/// The environment variable that names another base URL, for the command `attendium` and for
/// [`Session::attendium`](crate::Session::attendium). A session of the builder does not read it.
pub const BASE_URL_VARIABLE: &str = "ATTENDIUM_BASE_URL";

/// The environment variable that names the profile for the command `attendium`.
///
/// The library itself does not read it.
pub const PROFILE_VARIABLE: &str = "ATTENDIUM_PROFILE";
