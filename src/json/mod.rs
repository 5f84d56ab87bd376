//! JSON for generated code: a reader that follows the order of the query, and a writer of
//! variables.
//!
//! - [`from_str`] and [`from_slice`] read a text as any type that implements [`Read`], and
//!   [`to_vec`] writes any that implements [`Write`]: generated types and GraphQL's scalars.
//! - [`Serde`] is the codec of a custom scalar that is mapped to a type with serde's traits.
//!   [`ReadAs`] and [`WriteAs`] are what a codec implements.
//!
//! In the code, enter at `Reader`, which holds the text and the place in it, and at `Object`, from
//! which a struct and its fragments take their fields.
//!
//! The reader is strict ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)): nothing may follow
//! the value, escapes must be right, a surrogate needs its other half, and what is skipped is
//! checked like what is read. Unknown keys are skipped. Of duplicate keys the first counts.
//! Integers are exact or refused; `1.0` and `2e3` are integers where one is asked for. Floats are
//! right to the last bit. Nesting is limited to [`MAX_DEPTH`]. Reading allocates what is in the
//! result, and one list of keys where fragments share an object or keys are not in the order of the
//! query.

// `rt` shows generated code what it needs of these.
pub(crate) mod codec;
pub(crate) mod encode;
pub(crate) mod error;
pub(crate) mod fields;
pub(crate) mod key;
mod key_list;
mod number;
pub(crate) mod object;
pub(crate) mod read;
pub(crate) mod reader;
mod scan;
pub(crate) mod writer;

pub use codec::{ReadAs, Serde, WriteAs};
pub use error::{DecodeError, DecodeErrorKind};
pub use read::Read;
pub use writer::{Write, to_vec};

use error::Result;
use reader::Reader;

/// How deep objects and lists may be nested in a text.
pub const MAX_DEPTH: usize = 128;

/// Reads a whole text as one value.
///
/// ```
/// use attendium::json;
/// assert_eq!(json::from_str::<Vec<Option<i32>>>("[1, null, 3]")?, [Some(1), None, Some(3)]);
/// # Ok::<(), json::DecodeError>(())
/// ```
///
/// # Errors
/// Where the text is not JSON, or not of this type.
pub fn from_str<'a, T: Read<'a>>(text: &'a str) -> Result<T, DecodeError> {
    let mut reader = Reader::new(text);
    match read_whole(&mut reader) {
        Ok(value) => Ok(value),
        Err(failed) => Err(reader.take_error(failed)),
    }
}

/// Reads a whole text, given as bytes, as one value. The bytes are checked to be UTF-8 first.
///
/// # Errors
/// Where the bytes are not UTF-8, not JSON, or not of this type.
pub fn from_slice<'a, T: Read<'a>>(bytes: &'a [u8]) -> Result<T, DecodeError> {
    from_str(utf8(bytes)?)
}

/// The bytes as text.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, DecodeError> {
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        DecodeError::new(DecodeErrorKind::Utf8, error.valid_up_to(), String::new())
    })
}

fn read_whole<'a, T: Read<'a>>(reader: &mut Reader<'a>) -> Result<T> {
    reader.start();
    let value = T::read(reader)?;
    reader.end()?;
    Ok(value)
}
