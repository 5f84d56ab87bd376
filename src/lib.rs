//! The typed GraphQL client: `.graphql` files in, Rust types out, run through a session that logs itself in.
//!
//! Apps write `.graphql` files; a build script (`attendium_codegen::build`) or the macro [`graphql!`] compiles them against a
//! schema into Rust types; a session runs them.
#![warn(clippy::unwrap_used)]

extern crate self as attendium;

mod client;
mod error;
mod generated;
pub mod json;
pub mod operation;
#[cfg(any(feature = "graphql_client", feature = "cynic"))]
mod peers;
mod response;
mod session;
pub mod transport;
mod value;

pub use client::Reply;
pub use error::{
    ConfigurationError, DiscoveryError, Error, LoginError, LoginRequired, Refusal, Step,
    StoreError, StoreErrorKind,
};
#[doc(hidden)]
pub use generated::private as __private;
pub use operation::{Operation, OperationInfo, OperationKind};
pub use response::{GraphqlError, Location, PathSegment, Response, decode};
pub use session::store;
pub use session::{
    ATTENDIUM, BASE_URL_VARIABLE, LoggedOut, Login, PROFILE_VARIABLE, PendingLogin, Retries,
    Session, SessionBuilder, Status, Stores,
};
pub use value::{Id, Json, Maybe, Other};

#[cfg(feature = "macros")]
pub use attendium_macros::graphql;

pub use model::{Me, me};

/// Attendium's API beyond [`Me`]: written against this project's model of it.
///
/// Attendium documents `me { id }` and publishes no schema. What else is here is compiled from `queries/` against
/// `schema/attendium.graphql`, which models the product as it is publicly known and which the sandbox serves. Against
/// the live API, fetch its schema (`attendium schema pull`) and compile your own documents.
pub mod model {
    include!(concat!(env!("OUT_DIR"), "/queries.rs"));
}

/// Includes what a build script compiled: `queries.rs` in `OUT_DIR`, or the file that [`Build::out`] named.
///
/// ```ignore
/// mod queries {
///     attendium::include_queries!();
/// }
/// ```
///
/// [`Build::out`]: https://docs.rs/attendium-codegen/latest/attendium_codegen/struct.Build.html#method.out
#[macro_export]
macro_rules! include_queries {
    () => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/queries.rs"));
    };
    ($file:literal) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $file));
    };
}
