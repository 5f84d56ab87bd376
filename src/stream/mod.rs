//! Answers that arrive in parts: how a body is cut into parts, and how parts become one answer.
//!
//! Nothing here opens a connection. [`multipart`] cuts a `multipart/mixed` body, as bytes come in;
//! [`incremental`] joins the parts of an answer with `@defer` and `@stream`.

pub(crate) mod incremental;
pub(crate) mod multipart;
#[cfg(feature = "subscriptions")]
pub(crate) mod sse;
#[cfg(feature = "subscriptions")]
pub(crate) mod subscriptions;
