//! What is known of an operation, and the kinds of operation as types. Enter at [`Operation`].

use std::fmt;

use crate::json::{Read, Write};

/// An operation that can be run. A value of this type holds the operation's variables.
///
/// Generated code implements it.
///
/// ```
/// use attendium::{Me, Operation, OperationKind};
///
/// /// What a log says of an operation.
/// fn describe<O: Operation>(_: &O) -> String {
///     format!("{} {}", O::INFO.kind.as_str(), O::INFO.name)
/// }
///
/// assert_eq!(Me::INFO.kind, OperationKind::Query);
/// assert_eq!(describe(&Me {}), "query Me");
/// ```
pub trait Operation: Write {
    /// The type of the response's `data`.
    type Data: for<'a> Read<'a>;

    /// Whether it is a [`Query`], a [`Mutation`] or a [`Subscription`].
    type Kind: OperationType;

    /// What is known before it runs.
    const INFO: &'static OperationInfo;

    /// The document that is sent: that of [`INFO`](Self::INFO), unless it is made at run time.
    fn document(&self) -> &str {
        Self::INFO.document
    }

    /// The name that is sent beside the document: that of [`INFO`](Self::INFO), unless the document
    /// is made at run time. None where the operation in it has no name.
    fn operation_name(&self) -> Option<&str> {
        Some(Self::INFO.name)
    }
}

/// What is known of an operation at compile time.
///
/// ```
/// use attendium::{Me, Operation};
///
/// assert_eq!(Me::INFO.name, "Me");
/// assert_eq!(Me::INFO.document, "query Me{me{id}}");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationInfo {
    /// Query, mutation or subscription.
    pub kind: OperationKind,
    /// The operation's name in the document.
    pub name: &'static str,
    /// The document that is sent: the operation and the fragments that it reaches.
    pub document: &'static str,
    /// Where the operation was written: `file:line`.
    pub source: &'static str,
    /// Whether the document has `@defer` or `@stream`, so that the answer may come in parts.
    pub incremental: bool,
}

/// The kinds of operation (GraphQL, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Reads, and may be sent again.
    Query,
    /// Changes something, and is sent once.
    Mutation,
    /// Asks for a stream of answers.
    Subscription,
}

impl OperationKind {
    /// The keyword of the query language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A kind of operation as a type: [`Query`], [`Mutation`] or [`Subscription`].
///
/// Bounds on [`Operation::Kind`] say which operations a function takes. No other type implements
/// it.
pub trait OperationType: sealed::Sealed {
    /// The kind as a value.
    const KIND: OperationKind;
}

/// A kind of operation that has one response: [`Query`] or [`Mutation`].
#[diagnostic::on_unimplemented(
    message = "a subscription gives a stream of answers: only queries and mutations can be run",
    label = "this operation has no single response"
)]
pub trait SingleResponse: OperationType {}

/// The kind of an operation that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query;

/// The kind of an operation that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutation;

/// The kind of an operation that asks for a stream of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription;

impl OperationType for Query {
    const KIND: OperationKind = OperationKind::Query;
}

impl OperationType for Mutation {
    const KIND: OperationKind = OperationKind::Mutation;
}

impl OperationType for Subscription {
    const KIND: OperationKind = OperationKind::Subscription;
}

impl SingleResponse for Query {}

impl SingleResponse for Mutation {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Query {}
    impl Sealed for super::Mutation {}
    impl Sealed for super::Subscription {}
}
