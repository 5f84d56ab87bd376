//! Codecs: how a type that this crate doesn't know is read and written, chosen where it is used.
//!
//! A scalar of the schema may be mapped to any type, and neither is ours, so a trait can't say how
//! they meet; a codec does, in the manner of `serde_with`: `Option<Vec<Serde>>` reads an
//! `Option<Vec<T>>` whose `T` goes through [`Serde`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{DecodeErrorKind, Result};
use super::key::Key;
use super::object::Object;
use super::reader::Reader;
use super::writer::{ObjectWriter, Writer};
use crate::value::{Json, Maybe};

/// A codec that reads a `T`.
pub trait ReadAs<'a, T>: Sized {
    /// Reads the value that begins at the reader's place.
    ///
    /// # Errors
    /// Where another value stands there.
    fn read_as(reader: &mut Reader<'a>) -> Result<T>;

    /// Reads a field under `@include` or `@skip` that is there. `None` means that it is not, so
    /// `null` is an error here, unless the type has room for it, as `Maybe` has.
    ///
    /// # Errors
    /// Where another value stands there.
    #[doc(hidden)]
    fn read_included_as(reader: &mut Reader<'a>) -> Result<T> {
        Self::read_as(reader)
    }

    /// What it means that an object has no such key.
    ///
    /// # Errors
    /// Where the type has no room for it.
    fn missing_as(object: &mut Object<'_, 'a>, key: &Key) -> Result<T> {
        Err(object.missing(key))
    }
}

/// A codec that writes a `T` as a variable.
pub trait WriteAs<T: ?Sized> {
    /// Writes the value.
    fn write_as(value: &T, out: &mut Writer);

    /// Whether a field with this value is left out.
    fn absent_as(_: &T) -> bool {
        false
    }
}

/// A codec that encodes a `T`, where generated types implement `Serialize`.
pub trait EncodeAs<T: ?Sized> {
    /// Puts the value into its place.
    fn encode_as(value: &T, slot: &mut Json);
}

impl ObjectWriter<'_> {
    /// Writes a field through the codec `C`, unless its value is absent.
    pub fn field_as<C: WriteAs<T>, T: ?Sized>(&mut self, key: &Key, value: &T) {
        if !C::absent_as(value) {
            self.key(key);
            C::write_as(value, self.out);
        }
    }
}

/// The codec for types that implement serde's traits: a mapped custom scalar such as `uuid::Uuid`.
///
/// ```
/// use std::net::IpAddr;
/// use attendium::rt::{ReadAs, Serde};
/// use attendium::rt::Reader;
///
/// let mut reader = Reader::new(r#"["127.0.0.1", null]"#);
/// let addresses: Vec<Option<IpAddr>> = Vec::<Option<Serde>>::read_as(&mut reader).unwrap();
/// assert_eq!(addresses, [Some(IpAddr::from([127, 0, 0, 1])), None]);
/// ```
///
/// A value that serde can't write (a map whose keys are no strings) is written as `null`.
#[derive(Debug)]
pub struct Serde;

impl<'a, T: DeserializeOwned> ReadAs<'a, T> for Serde {
    fn read_as(reader: &mut Reader<'a>) -> Result<T> {
        let start = reader.at;
        let raw = reader.raw()?;
        serde_json::from_str(raw).map_err(|error| {
            // serde counts lines and columns in the scalar's own text, which says nothing here.
            let message = error.to_string();
            let message = message
                .rsplit_once(" at line ")
                .map_or(message.as_str(), |(message, _)| message);
            reader.fail_at(start, DecodeErrorKind::Scalar(message.to_owned()))
        })
    }
}

impl<T: Serialize> WriteAs<T> for Serde {
    fn write_as(value: &T, out: &mut Writer) {
        out.serde(value);
    }
}

impl<T: Serialize> EncodeAs<T> for Serde {
    fn encode_as(value: &T, slot: &mut Json) {
        *slot = serde_json::to_value(value).unwrap_or_default();
    }
}

impl<'a, T, C: ReadAs<'a, T>> ReadAs<'a, Option<T>> for Option<C> {
    fn read_as(reader: &mut Reader<'a>) -> Result<Option<T>> {
        if reader.null() {
            Ok(None)
        } else {
            C::read_as(reader).map(Some)
        }
    }

    fn read_included_as(reader: &mut Reader<'a>) -> Result<Option<T>> {
        C::read_as(reader).map(Some)
    }

    fn missing_as(_: &mut Object<'_, 'a>, _: &Key) -> Result<Option<T>> {
        Ok(None)
    }
}

impl<T, C: WriteAs<T>> WriteAs<Option<T>> for Option<C> {
    fn write_as(value: &Option<T>, out: &mut Writer) {
        match value {
            Some(value) => C::write_as(value, out),
            None => out.null(),
        }
    }

    fn absent_as(value: &Option<T>) -> bool {
        value.is_none()
    }
}

impl<T, C: EncodeAs<T>> EncodeAs<Option<T>> for Option<C> {
    fn encode_as(value: &Option<T>, slot: &mut Json) {
        match value {
            Some(value) => C::encode_as(value, slot),
            None => *slot = Json::Null,
        }
    }
}

impl<'a, T, C: ReadAs<'a, T>> ReadAs<'a, Maybe<T>> for Maybe<C> {
    fn read_as(reader: &mut Reader<'a>) -> Result<Maybe<T>> {
        if reader.null() {
            Ok(Maybe::Null)
        } else {
            C::read_as(reader).map(Maybe::Value)
        }
    }

    fn missing_as(_: &mut Object<'_, 'a>, _: &Key) -> Result<Maybe<T>> {
        Ok(Maybe::Absent)
    }
}

impl<T, C: WriteAs<T>> WriteAs<Maybe<T>> for Maybe<C> {
    fn write_as(value: &Maybe<T>, out: &mut Writer) {
        match value {
            Maybe::Value(value) => C::write_as(value, out),
            Maybe::Absent | Maybe::Null => out.null(),
        }
    }

    fn absent_as(value: &Maybe<T>) -> bool {
        value.is_absent()
    }
}

impl<T, C: EncodeAs<T>> EncodeAs<Maybe<T>> for Maybe<C> {
    fn encode_as(value: &Maybe<T>, slot: &mut Json) {
        match value {
            Maybe::Value(value) => C::encode_as(value, slot),
            Maybe::Absent | Maybe::Null => *slot = Json::Null,
        }
    }
}

impl<'a, T, C: ReadAs<'a, T>> ReadAs<'a, Vec<T>> for Vec<C> {
    fn read_as(reader: &mut Reader<'a>) -> Result<Vec<T>> {
        reader.list(C::read_as)
    }
}

impl<T, C: WriteAs<T>> WriteAs<Vec<T>> for Vec<C> {
    fn write_as(value: &Vec<T>, out: &mut Writer) {
        out.list(value, |element, out| C::write_as(element, out));
    }
}

impl<T, C: EncodeAs<T>> EncodeAs<Vec<T>> for Vec<C> {
    fn encode_as(value: &Vec<T>, slot: &mut Json) {
        super::encode::encode_list(value, slot, C::encode_as);
    }
}

impl<'a, T, C: ReadAs<'a, T>> ReadAs<'a, Box<T>> for Box<C> {
    fn read_as(reader: &mut Reader<'a>) -> Result<Box<T>> {
        C::read_as(reader).map(Box::new)
    }

    fn missing_as(object: &mut Object<'_, 'a>, key: &Key) -> Result<Box<T>> {
        C::missing_as(object, key).map(Box::new)
    }
}

impl<T, C: WriteAs<T>> WriteAs<Box<T>> for Box<C> {
    fn write_as(value: &Box<T>, out: &mut Writer) {
        C::write_as(value, out);
    }

    fn absent_as(value: &Box<T>) -> bool {
        C::absent_as(value)
    }
}

impl<T, C: EncodeAs<T>> EncodeAs<Box<T>> for Box<C> {
    fn encode_as(value: &Box<T>, slot: &mut Json) {
        C::encode_as(value, slot);
    }
}
