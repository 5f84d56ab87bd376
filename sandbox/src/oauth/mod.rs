//! The authorization server: metadata, registration, authorize with its pages, token, revocation.
//!
//! `state.rs` holds what was issued and the rules of its life; the other files are one endpoint
//! each.

mod authorize;
mod error;
mod form;
mod interaction;
mod metadata;
mod redirect;
mod redirect_uri;
mod register;
mod revoke;
pub(crate) mod scopes;
pub(crate) mod state;
mod token;

pub(crate) use authorize::authorize;
pub(crate) use interaction::{consent, consent_page, login, login_page};
pub(crate) use metadata::metadata;
pub(crate) use register::register;
pub(crate) use revoke::revoke;
pub(crate) use token::token;
