//! What arrives after the rest of an answer: a fragment under `@defer` is a [`Deferred`], and
//! [`PendingPart`] names what a server has announced.

use crate::graphql_error::{GraphqlError, PathSegment};

/// What has become of a fragment under `@defer`.
///
/// A server may send such a fragment with the answer or after it, or leave it out.
/// [`Session::run`](crate::Session::run) waits for all of them, so there none is pending;
/// [`Session::stream`](crate::Session::stream) gives each state of the answer as it comes.
///
/// These are all states that there are, so a `match` needs no arm for others.
///
/// ```
/// use attendium::Deferred;
///
/// # struct Analytics { revenue: i32 }
/// fn revenue(analytics: &Deferred<Analytics>) -> String {
///     match analytics {
///         Deferred::Pending => "loading".into(),
///         Deferred::Skipped => "not asked for".into(),
///         Deferred::Ready(analytics) => analytics.revenue.to_string(),
///         Deferred::Failed(errors) => format!("failed: {}", errors.len()),
///     }
/// }
/// assert_eq!(revenue(&Deferred::Pending), "loading");
/// assert_eq!(revenue(&Deferred::Ready(Analytics { revenue: 7 })), "7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Deferred<T> {
    /// It has not arrived yet.
    #[default]
    Pending,
    /// It is no part of the answer: `@include`, `@skip` or its type condition leaves it out.
    Skipped,
    /// It has arrived.
    Ready(T),
    /// It will not arrive, and why: a field of it that can't be null has failed. The errors are
    /// empty where the server ended the answer without a word about it. They are also among those
    /// of the [response](crate::Response::errors).
    Failed(Vec<GraphqlError>),
}

impl<T> Deferred<T> {
    /// The fragment, if it has arrived.
    #[must_use]
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// The fragment, if it has arrived.
    #[must_use]
    pub fn into_ready(self) -> Option<T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it may still arrive.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending)
    }
}

/// A part that was announced and is not complete: a fragment under `@defer`, or a list under
/// `@stream`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PendingPart {
    /// Where the fragment's object or the list is.
    pub path: Vec<PathSegment>,
    /// The directive's label. The compiler gives one to each `@defer` that has none.
    pub label: Option<String>,
}
