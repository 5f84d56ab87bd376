//! To be written.

extern crate self as attendium;

mod generated;
pub mod json;
pub mod operation;
mod response;
mod value;

#[doc(hidden)]
pub use generated::private as __private;
pub use operation::{Operation, OperationInfo, OperationKind};
pub use response::{GraphqlError, Location, PathSegment, Response, decode};
pub use value::{Id, Json, Maybe, Other};
