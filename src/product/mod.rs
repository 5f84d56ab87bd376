//! Attendium, the product: its address, the session with it, and the compiled model of its API.
//!
//! Everything here stands behind the feature `attendium-api`. Besides, `session` knows Attendium as
//! the server of a session that names none, and the paths of its endpoints, which it documents.

pub(crate) mod address;
pub mod model;
#[cfg(feature = "session")]
mod session;

pub use address::{ATTENDIUM, BASE_URL_VARIABLE, PROFILE_VARIABLE};
