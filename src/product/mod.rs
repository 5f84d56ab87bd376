//! Attendium, the product: its address, the session with it, and the compiled model of its API.
//!
//! Everything here stands behind the feature `attendium-api`. Nothing else in the crate knows
//! Attendium, but that a session which names no server is with it.

pub(crate) mod address;
pub mod model;
#[cfg(feature = "session")]
mod session;

pub use address::{ATTENDIUM, BASE_URL_VARIABLE, PROFILE_VARIABLE};
