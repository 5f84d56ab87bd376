//! JSON for generated code: a reader that follows the order of the query, and a writer of variables.
//!
//! - [`from_str`] and [`from_slice`] read a text as any type that implements [`Read`].
//! - [`Reader`] holds the text and the place in it. [`Object`] is an open object, from which a struct
//!   and its fragments take their fields by [`Key`].
//! - [`Writer`] and [`Write`] make request bodies.
//! - [`ReadAs`], [`WriteAs`] and the codec [`Serde`] are for types that only know serde.
//!
//! The reader is strict ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)): nothing may follow the
//! value, escapes must be right, a surrogate needs its other half, and what is skipped is checked
//! like what is read. Unknown keys are skipped. Of duplicate keys the first counts. Integers are
//! exact or refused; `1.0` and `2e3` are integers where one is asked for. Floats are right to the
//! last bit. Nesting is limited to [`MAX_DEPTH`]. Reading allocates what is in the result, and one
//! list of keys where fragments share an object or keys are not in the order of the query.

mod codec;
mod encode;
mod error;
mod fields;
mod key;
mod key_list;
mod number;
mod object;
mod read;
mod reader;
mod scan;
mod writer;

pub use codec::{EncodeAs, ReadAs, Serde, WriteAs};
pub use encode::{Encode, Map, Merge, deserialize, encode_merged, serialize, serialize_written};
pub use error::{Error, ErrorKind, ReadFailed, Result};
#[doc(hidden)]
pub use fields::Fields;
pub use key::{Key, Keys};
pub use object::Object;
pub use read::Read;
pub use reader::Reader;
pub use writer::{ObjectWriter, Write, Writer, to_vec};

pub(crate) use encode::encode_field;

/// How deep objects and lists may be nested in a text.
pub const MAX_DEPTH: usize = 128;

/// Reads a whole text as one value.
///
/// ```
/// use attendium::json;
/// assert_eq!(json::from_str::<Vec<Option<i32>>>("[1, null, 3]")?, [Some(1), None, Some(3)]);
/// # Ok::<(), json::Error>(())
/// ```
///
/// # Errors
/// Where the text is not JSON, or not of this type.
pub fn from_str<'a, T: Read<'a>>(text: &'a str) -> Result<T, Error> {
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
pub fn from_slice<'a, T: Read<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    from_str(utf8(bytes)?)
}

/// The bytes as text.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    simdutf8::compat::from_utf8(bytes)
        .map_err(|error| Error::new(ErrorKind::Utf8, error.valid_up_to(), String::new()))
}

fn read_whole<'a, T: Read<'a>>(reader: &mut Reader<'a>) -> Result<T> {
    reader.start();
    let value = T::read(reader)?;
    reader.end()?;
    Ok(value)
}
