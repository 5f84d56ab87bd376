//! What a compiled operation is: its kind, name, document and variables, and the type of its data.
//!
//! Enter at [`Operation`], which generated code implements, and [`body`], which makes the request.

mod request;
mod snapshot;
mod traits;

#[cfg(feature = "session")]
pub(crate) use request::body_and_uploads;
pub use request::{body, variables};
pub use snapshot::{Snapshot, snapshot};
pub use traits::{
    Mutation, Operation, OperationInfo, OperationKind, OperationType, Query, SingleResponse,
    Subscription,
};
