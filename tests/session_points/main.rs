//! The acceptance list of `docs/session.md`: each point has a test that carries its number.
#![allow(missing_docs)]

mod callers;
mod conformance;
mod discovery;
mod errors;
mod failures;
mod kept;
#[cfg(feature = "tower")]
mod layers;
mod lenient;
mod login;
mod managed;
mod matrix;
#[cfg(target_os = "linux")]
mod memory;
mod parts;
#[cfg(any(feature = "graphql_client", feature = "cynic"))]
mod peers;
mod properties;
mod protocol;
mod refresh;
mod requests;
mod resource_metadata;
mod secrets;
mod storage;
mod support;
mod tokens;
