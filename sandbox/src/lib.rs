//! A local Attendium: a real OAuth 2.0 authorization server and GraphQL API in process, for tests
//! and the demo.
//!
//! Start one with [`Sandbox::start`], or [`Sandbox::builder`] to choose lifetimes and rules. It
//! listens on a free port of 127.0.0.1, runs on a thread of its own, so that a test may block or
//! pause its own clock, and stops when it is dropped. [`ScriptedUser`] is the person at the
//! browser; [`Faults`] make the server misbehave on demand; [`Counts`] say what happened.
//!
//! It shares no type with the client, on purpose: a mistake made once must not pass on both sides.
//!
//! Inside: `server.rs` accepts connections and routes them, `oauth/` is the authorization server,
//! `pages/` what a browser shows of it, `graphql.rs` the API's endpoint,
//! `subscriptions/` what it sends in parts, `model/` what the API
//! knows, `faults/` what goes wrong on demand.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = attendium_sandbox::Sandbox::start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.counts().graphql_requests, 0);
//! # Ok(())
//! # }
//! ```
#![warn(clippy::unwrap_used)]

mod builder;
mod counts;
mod credentials;
mod faults;
mod graphql;
mod incremental;
mod introspection;
mod model;
mod oauth;
mod pages;
mod random;
mod sandbox;
mod scripted_user;
mod server;
mod shared;
mod subscriptions;

pub use builder::Builder;
pub use counts::Counts;
pub use credentials::Credentials;
pub use faults::{Added, Fault, Faults, Place, UnknownFault};
pub use model::sdl;
pub use sandbox::Sandbox;
pub use scripted_user::{ScriptedUser, Visit, VisitError};
