//! JSON for generated code: a reader that follows the order of the query, and a writer of
//! variables.
//!
//! - [`from_str`] and [`from_slice`] read a text as any type that implements [`Read`], and
//!   [`to_vec`] writes any that implements [`Write`]: generated types and GraphQL's scalars.
//! - `Serde` is the codec of a custom scalar that is mapped to a type with serde's traits. `ReadAs`
//!   and `WriteAs` are what a codec implements.
//!
//! Enter at `Reader`, which holds the text and the place in it, and at `Object::field`, by which a
//! struct and its fragments take their fields. [`rt`](crate::rt) is what generated code sees of it.
//!
//! | reading | |
//! |---|---|
//! | `decode` | whole texts |
//! | `read` | `Read`, and the types that are read without generated code |
//! | `fields`, `object` | the fields of an object, and how a key is found |
//! | `deferred` | fragments under `@defer`, and the marks that say what became of them |
//! | `key`, `key_list` | keys ready to be compared; the keys of an object in another order |
//! | `reader`, `number`, `scan` | the text: values, numbers, strings and white space |
//! | `error` | what can go wrong, and where |
//!
//! | writing | |
//! |---|---|
//! | `writer` | `Write`, and the text of variables |
//! | `path` | where in that text a file stands |
//! | `encode` | generated types as serde's, through `Json` |
//! | `codec` | both directions through a marker type |
//!
//! The reader is strict ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)): nothing may follow
//! the value, escapes must be right, a surrogate needs its other half, and what is skipped is
//! checked like what is read. Unknown keys are skipped. Of duplicate keys the first counts.
//! Integers are exact or refused; `1.0` and `2e3` are integers where one is asked for. `f64` is
//! right to the last bit. Nesting is limited to [`MAX_DEPTH`]. Reading allocates what is in the
//! result, and one list of keys where fragments share an object or keys are not in the order of the
//! query.

pub(crate) mod codec;
pub(crate) mod decode;
pub(crate) mod deferred;
pub(crate) mod encode;
pub(crate) mod error;
pub(crate) mod fields;
pub(crate) mod key;
mod key_list;
mod number;
pub(crate) mod object;
#[cfg(feature = "session")]
pub(crate) mod path;
pub(crate) mod read;
pub(crate) mod reader;
mod scan;
pub(crate) mod writer;

pub use decode::{from_slice, from_str};
pub use error::{DecodeError, DecodeErrorKind, IncrementalFault, MAX_DEPTH};
pub use read::Read;
pub use writer::{Write, to_vec};
