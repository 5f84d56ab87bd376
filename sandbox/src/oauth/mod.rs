//! The authorization server: metadata, registration, authorize with its pages, token, revocation.
//!
//! `state.rs` holds what was issued and the rules of its life; the other files are one endpoint
//! each.

mod authorize;
mod error;
mod form;
mod interaction;
mod metadata;
mod redirect_uri;
mod register;
mod revoke;
mod state;
mod token;

pub(crate) use authorize::authorize;
pub(crate) use interaction::{consent, consent_page, login, login_page};
pub(crate) use metadata::metadata;
pub(crate) use register::register;
pub(crate) use revoke::revoke;
pub(crate) use state::State;
pub(crate) use token::token;

/// The scope that queries need.
pub(crate) const READ: &str = "read";
/// The scope that mutations need.
pub(crate) const WRITE: &str = "write";
/// Every scope there is; what a client gets that asks for none.
pub(crate) const SCOPES: [&str; 2] = [READ, WRITE];
