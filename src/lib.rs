//! The typed GraphQL client: `.graphql` files in, Rust types out, run through a session that logs
//! itself in.
//!
//! A build script (`attendium_codegen::build`) or the macro [`graphql!`] compiles operations
//! against a schema into Rust types. A [`Session`] finds the server's endpoints, registers the
//! application, logs a user in, and runs the operations with a token that it refreshes by itself.
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
//!     println!("logged in as {}", session.run(&Viewer {}).await?.me.id);
//!     Ok(())
//! }
//! ```
//!
//! # Where to start
//!
//! [The guide](https://github.com/attendium/attendium-rs/blob/main/docs/guide/src/SUMMARY.md) leads
//! through all of it, with examples that run. In this documentation:
//!
//! | to | see |
//! |---|---|
//! | write operations in `.graphql` files | [`include_queries!`] |
//! | write operations in Rust | [`graphql!`] |
//! | test what an operation sends | [`operation::snapshot`] |
//! | set up another server, a store of credentials, timeouts, scopes | [`Session::builder`] |
//! | log a user in | [`Login`] |
//! | get data, or an error | [`Session::run`] |
//! | get partial data, errors with paths, headers | [`Session::request`] |
//! | show an answer as its parts come (`@defer`, `@stream`) | [`Session::stream`] |
//! | be told of events | [`Session::subscribe`] |
//! | send a file | [`Upload`] |
//! | log visitors of a web application in | [`Session::begin_login`] |
//! | run without a user | [`SessionBuilder::client_credentials`], [`TokenSource`] |
//! | choose where logins are kept | [`store`] |
//! | test against a server on this machine | the crate `attendium-sandbox` |
//! | see what can go wrong | [`Error`] |
//! | use an HTTP client of your own, or put something around each GraphQL request | [`transport`] |
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `attendium-api` (default) | Attendium: its address, and a model of its API ([`model`]) |
//! | `macros` (default) | [`graphql!`] |
//! | `session` (default) | [`Session`], and everything else that talks to a server |
//! | `keyring` | credentials in the operating system's keyring |
//! | `postgres`, `redis` | credentials that services on several machines share |
//! | `subscriptions` | [`Session::subscribe`]: a stream of events, over WebSocket, server-sent events or multipart |
//! | `tower` | a tower service as [`transport`], tower layers around GraphQL requests |
//! | `graphql_client`, `cynic` | operations of these crates, run through the session |
//!
//! Attendium documents one query, `me { id }`. The rest of the schema that `attendium-api` brings
//! is this project's model of the product, which `attendium-sandbox` serves. `attendium schema
//! pull` fetches the schema of the real API.
//!
//! Without `attendium-api`, a session has to name its base URL and [`graphql!`] its schema, and no
//! compiler is built for the build script of this crate.
//!
//! A crate of operations alone, or one with an HTTP client of its own, goes without the default
//! features: [`operation::body`] is what an operation sends, and [`decode`] reads the answer.
// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used)]

extern crate self as attendium;

#[cfg(any(feature = "graphql_client", feature = "cynic"))]
mod compat;
mod deferred;
#[cfg(feature = "session")]
mod error;
mod generated;
mod graphql_error;
#[cfg(feature = "session")]
mod http;
mod json;
pub mod operation;
#[cfg(feature = "attendium-api")]
mod product;
mod response;
#[doc(hidden)]
pub mod rt;
#[cfg(feature = "session")]
mod session;
mod stream;
#[cfg(feature = "session")]
mod upload;
mod value;

#[cfg(feature = "session")]
pub use self::http::{CallOptions, Retries};
pub use deferred::{Deferred, PendingPart};
#[cfg(feature = "session")]
pub use error::{
    Answered, ConfigurationError, DiscoveryError, Error, LoginError, LoginRequired, Refusal,
    ReportedErrors, Step, StoreError, StoreErrorKind,
};
#[doc(hidden)]
pub use generated::private as __private;
pub use graphql_error::{GraphqlError, Location, PathSegment};
pub use json::{DecodeError, DecodeErrorKind, IncrementalFault};
pub use operation::{Operation, OperationInfo, OperationKind};
#[cfg(feature = "session")]
pub use response::ResponseHead;
pub use response::{Response, decode};
#[cfg(feature = "session")]
pub use session::store;
#[cfg(feature = "session")]
pub use session::{
    DeviceCode, LoggedOut, Login, LoginParameters, PendingLogin, ResponseStream, Session,
    SessionBuilder, Status, TokenSource, TokenSourceError,
};
pub use stream::incremental::IncrementalDecoder;
#[cfg(feature = "session")]
pub use upload::{Upload, UploadProgress};
pub use value::{Id, Json, Maybe, Other, RawJson};

/// HTTP: a client of your own, something around each request, timeouts and limits.
///
/// Enter at [`Transport`](transport::Transport) to bring an HTTP client of your own or one for
/// tests, at [`Middleware`](transport::Middleware) to add to every GraphQL request.
#[cfg(feature = "session")]
pub mod transport {
    pub use crate::error::{TransportError, TransportErrorKind};
    pub use crate::http::{
        AnsweredFrom, Body, BoxFuture, HttpTransport, Limits, Middleware, StreamedAnswer,
        StreamedRequest, Transport,
    };
    #[cfg(feature = "tower")]
    pub use crate::http::{ServiceTransport, TransportService};
    #[cfg(feature = "subscriptions")]
    pub use crate::http::{Socket, SocketAnswer, SocketTransport};
    #[doc(no_inline)]
    pub use ::reqwest;
}

/// Subscriptions: their settings, their streams, and what can end one.
///
/// Enter at [`Session::subscribe`], and at
/// [`SubscriptionSettings`](subscription::SubscriptionSettings) to choose how events come.
#[cfg(feature = "subscriptions")]
pub mod subscription {
    pub use crate::error::{CloseCode, ConnectionLoss, SubscriptionError};
    pub use crate::stream::subscriptions::{
        NewToken, Overflow, SubscriptionProtocol, SubscriptionSettings, SubscriptionStream,
        SubscriptionUpdate, SubscriptionUpdates,
    };
    #[doc(no_inline)]
    pub use futures_util::{Stream, StreamExt};
}

#[cfg(feature = "macros")]
pub use attendium_macros::graphql;

/// The README's code compiles.
#[cfg(all(
    doctest,
    feature = "attendium-api",
    feature = "macros",
    feature = "session"
))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "attendium-api")]
pub use product::model::{Me, me};
#[cfg(feature = "attendium-api")]
pub use product::{ATTENDIUM, BASE_URL_VARIABLE, PROFILE_VARIABLE, model};

/// Includes what a build script compiled.
///
/// That is `queries.rs` in `OUT_DIR`, or the file that [`Build::out`] named.
///
/// ```
/// mod queries {
///     attendium::include_queries!();
/// }
/// use queries::Me;
/// assert_eq!(<Me as attendium::Operation>::INFO.document, "query Me{me{id}}");
/// ```
///
/// [`Build::out`]: https://docs.rs/attendium-codegen
#[macro_export]
macro_rules! include_queries {
    () => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/queries.rs"));
    };
    ($file:literal) => {
        ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/", $file));
    };
}
