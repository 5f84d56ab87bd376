//! The typed GraphQL client: `.graphql` files in, Rust types out, run through a session that logs itself in.
//!
//! A build script (`attendium_codegen::build`) or the macro [`graphql!`] compiles operations against a schema into Rust types; a
//! [`Session`] finds the server's endpoints, registers the application, logs a user in, and runs the operations with a token that
//! it refreshes by itself.
//!
//! ```no_run
//! use attendium::{Login, Session};
//!
//! attendium::graphql! {
//!     query Viewer { me { id } }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), attendium::Error> {
//!     let session = Session::attendium("Guest list")?;
//!     if !session.status().await?.logged_in {
//!         session.login(Login::browser()).await?;
//!     }
//!     println!("logged in as {}", session.run(Viewer {}).await?.me.id);
//!     Ok(())
//! }
//! ```
//!
//! # Where to look
//!
//! - operations in `.graphql` files: [`include_queries!`]; in Rust: [`graphql!`]; what they send, in a test: [`operation::snapshot`];
//! - another server, where credentials are kept, timeouts, scopes: [`Session::builder`]; ways to log in: [`Login`];
//! - data or an error: [`Session::run`]; partial data, errors with paths, headers: [`Session::request`]; what can go wrong: [`Error`];
//! - an HTTP client of one's own, or something around each request: [`transport`];
//! - the macros below that are not named here are what generated code is made of: it calls them, nobody writes them.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `macros` (default) | [`graphql!`] |
//! | `session` (default) | [`Session`], and all else that talks to a server. A crate of operations alone, or one with an HTTP client of its own, goes without: [`operation::body`] is what it sends, [`decode`] reads the answer |
//! | `keyring` | credentials in the operating system's keyring |
//! | `postgres`, `redis` | credentials that services on several machines share |
//! | `graphql_client`, `cynic` | operations of these crates, run through the session |
//!
#![warn(clippy::unwrap_used)]

extern crate self as attendium;

#[cfg(feature = "session")]
mod client;
#[cfg(feature = "session")]
mod error;
mod generated;
mod graphql_error;
pub mod json;
pub mod operation;
#[cfg(any(feature = "graphql_client", feature = "cynic"))]
mod peers;
#[cfg(feature = "attendium-api")]
mod product;
mod response;
#[cfg(feature = "session")]
mod session;
#[cfg(feature = "session")]
pub mod transport;
mod value;

#[cfg(feature = "session")]
pub use client::Reply;
#[cfg(feature = "session")]
pub use error::{
    ConfigurationError, DiscoveryError, Error, LoginError, LoginRequired, Refusal, Step,
    StoreError, StoreErrorKind,
};
#[doc(hidden)]
pub use generated::private as __private;
pub use graphql_error::{GraphqlError, Location, PathSegment};
pub use operation::{Operation, OperationInfo, OperationKind};
pub use response::{Response, decode};
#[cfg(feature = "session")]
pub use session::store;
#[cfg(feature = "session")]
pub use session::{
    LoggedOut, Login, PendingLogin, Retries, Session, SessionBuilder, Status, Stores,
};
pub use value::{Id, Json, Maybe, Other};

#[cfg(feature = "macros")]
pub use attendium_macros::graphql;

#[cfg(feature = "attendium-api")]
pub use product::model::{Me, me};
#[cfg(feature = "attendium-api")]
pub use product::{ATTENDIUM, BASE_URL_VARIABLE, PROFILE_VARIABLE, model};

/// Includes what a build script compiled: `queries.rs` in `OUT_DIR`, or the file that [`Build::out`] named.
///
/// ```
/// mod queries {
///     attendium::include_queries!();
/// }
/// use queries::Me;
/// assert_eq!(<Me as attendium::Operation>::INFO.document, "query Me{me{id}}");
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
