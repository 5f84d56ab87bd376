//! Answers that arrive in parts: how a body is cut into parts, and how parts become one answer.
//!
//! [`multipart`] and [`sse`] cut a body, as bytes come in, and open no connection; [`incremental`]
//! joins the parts of an answer with `@defer` and `@stream`.

pub(crate) mod incremental;
pub(crate) mod multipart;
pub(crate) mod sse;
#[cfg(feature = "subscriptions")]
pub(crate) mod subscriptions;
