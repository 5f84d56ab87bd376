//! A whole text as one value. Enter at [`from_str`].

use super::error::{DecodeError, DecodeErrorKind, Result};
use super::read::Read;
use super::reader::Reader;
use crate::value::RawJson;
use std::str::FromStr;

/// Reads a whole text as one value.
///
/// ```
/// use attendium::rt;
/// assert_eq!(rt::from_str::<Vec<Option<i32>>>("[1, null, 3]")?, [Some(1), None, Some(3)]);
/// # Ok::<(), attendium::DecodeError>(())
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

impl FromStr for RawJson {
    type Err = DecodeError;

    /// Checks that the text is one JSON value, and keeps it.
    fn from_str(text: &str) -> Result<Self, DecodeError> {
        from_str(text)
    }
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
