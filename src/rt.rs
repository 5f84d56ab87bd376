//! The runtime of generated code. It is no part of the public API.
//!
//! # The contract
//!
//! Code that `attendium-codegen` wrote is compiled against these items, and may be committed. It
//! may use what is here, what the macros of this crate expand to, and the public API. Nothing else.
//!
//! The contract has a version, which generated code states. An item may be added without a new
//! version. The version is raised when code that an earlier compiler wrote no longer compiles, or
//! no longer means what it meant. A mismatch is one compile error that says what to do.
//!
//! People who write a type by hand can implement [`Read`] and [`Write`] with what is here, as the
//! examples do. It may change with any version of the contract.

pub use crate::json::codec::{EncodeAs, ReadAs, Serde, WriteAs};
pub use crate::json::encode::{
    Encode, Map, Merge, deserialize, encode_merged, serialize, serialize_written,
};
pub use crate::json::error::{ReadFailed, Result};
pub use crate::json::fields::Fields;
pub use crate::json::key::{Key, Keys};
pub use crate::json::object::Object;
pub use crate::json::read::Read;
pub use crate::json::reader::Reader;
pub use crate::json::writer::{ObjectWriter, Write, Writer, to_vec};
pub use crate::json::{MAX_DEPTH, from_slice, from_str};
