//! [`Read`]: how each type is read, from its value or from the keys of an object.

use std::borrow::Cow;

use super::error::{DecodeErrorKind, ReadFailed, Result};
use super::key::Key;
use super::number;
use super::object::Object;
use super::reader::Reader;
use crate::value::{Id, Json, Maybe, Other, RawJson};

/// A type that can be read from JSON. What is borrowed lives in the text, for `'a`.
///
/// A scalar or a list implements [`read`](Self::read). An object, or a part of one, implements
/// [`select`](Self::select), as [`impl_graphql!`](crate::impl_graphql) does for structs and unions.
/// Several types can be read from one object, whatever keys they share.
///
/// ```
/// use attendium::rt::{Read, Reader, Result};
///
/// /// A number of seconds.
/// #[derive(Debug, PartialEq)]
/// struct Seconds(u64);
///
/// impl<'a> Read<'a> for Seconds {
///     fn read(reader: &mut Reader<'a>) -> Result<Self> {
///         u64::read(reader).map(Self)
///     }
/// }
///
/// assert_eq!(attendium::rt::from_str::<Vec<Seconds>>("[90, 5]")?, [Seconds(90), Seconds(5)]);
/// # Ok::<(), attendium::DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from JSON",
    note = "a field of a type that has serde's traits is read with \
            `as attendium::rt::Serde` behind its name; a custom scalar is mapped to \
            such a type in the compiler's configuration"
)]
pub trait Read<'a>: Sized {
    /// Reads the value that begins at the reader's place: where the type doesn't say otherwise, an
    /// object, through [`select`](Self::select).
    ///
    /// # Errors
    /// Where another value stands there; the reader keeps the reason.
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        match Object::open(reader) {
            Ok(mut object) => Self::select(&mut object),
            Err(failed) => Err(failed),
        }
    }

    /// Takes the type's fields from the open object, then [finishes](Object::finish) it.
    ///
    /// # Errors
    /// Where a field is missing or is of another type; and always where the type is no object.
    fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
        Err(object.fail_no_selection())
    }

    /// Reads a field under `@include` or `@skip` that is there. `None` means that it is not, so
    /// `null` is an error here, unless the type has room for it, as `Maybe` has.
    ///
    /// # Errors
    /// Where another value stands there.
    #[doc(hidden)]
    #[inline]
    fn read_included(reader: &mut Reader<'a>) -> Result<Self> {
        Self::read(reader)
    }

    /// What it means that an object has no such key: an error, unless the type has room for it.
    ///
    /// # Errors
    /// Where the type has no room for it.
    fn missing(object: &mut Object<'_, 'a>, key: &Key) -> Result<Self> {
        Err(object.missing(key))
    }
}

macro_rules! read {
    ($($type:ty: $method:ident;)*) => {$(
        impl<'a> Read<'a> for $type {
            #[inline]
            fn read(reader: &mut Reader<'a>) -> Result<Self> {
                reader.$method()
            }
        }
    )*};
}

// These types are also in `writer.rs`, in `encode.rs`, and in `is_native` of the compiler
// (`codegen/src/emit/emitter.rs`): else a scalar that is mapped to one goes through serde.
read! {
    String: string;
    Cow<'a, str>: str;
    &'a str: borrowed_str;
    bool: bool;
    i32: i32;
    i64: i64;
    u64: u64;
    f64: f64;
}

/// `null` and a missing key are `None`.
impl<'a, T: Read<'a>> Read<'a> for Option<T> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        if reader.null() {
            return Ok(None);
        }
        match T::read(reader) {
            Ok(value) => Ok(Some(value)),
            Err(failed) => Err(failed),
        }
    }

    fn read_included(reader: &mut Reader<'a>) -> Result<Self> {
        T::read(reader).map(Some)
    }

    #[inline]
    fn missing(_: &mut Object<'_, 'a>, _: &Key) -> Result<Self> {
        Ok(None)
    }
}

/// A missing key is `Absent`.
impl<'a, T: Read<'a>> Read<'a> for Maybe<T> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        if reader.null() {
            return Ok(Self::Null);
        }
        match T::read(reader) {
            Ok(value) => Ok(Self::Value(value)),
            Err(failed) => Err(failed),
        }
    }

    #[inline]
    fn missing(_: &mut Object<'_, 'a>, _: &Key) -> Result<Self> {
        Ok(Self::Absent)
    }
}

impl<'a, T: Read<'a>> Read<'a> for Box<T> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        T::read(reader).map(Self::new)
    }

    #[inline]
    fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
        T::select(object).map(Self::new)
    }

    fn missing(object: &mut Object<'_, 'a>, key: &Key) -> Result<Self> {
        T::missing(object, key).map(Self::new)
    }
}

impl<'a, T: Read<'a>> Read<'a> for Vec<T> {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        reader.list(T::read)
    }
}

/// A string, or an integer in its decimal digits: servers send both (GraphQL, section 3.5.5).
impl<'a> Read<'a> for Id {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        if matches!(reader.peek(), b'-' | b'0'..=b'9') {
            return integer_id(reader);
        }
        // Not by way of a `String`: a short id needs no allocation.
        Ok(Id::from(&*reader.str()?))
    }
}

fn integer_id(reader: &mut Reader<'_>) -> Result<Id> {
    let start = reader.at;
    match reader.number("a string or an integer")? {
        (literal, true) => Ok(Id::from(literal)),
        _ => {
            let kind = DecodeErrorKind::Type {
                expected: "a string or an integer",
                found: "a number with a fraction",
            };
            Err(reader.fail_at(start, kind))
        }
    }
}

/// Any value. An integer that fits neither `i64` nor `u64` becomes a float.
impl<'a> Read<'a> for Json {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        match reader.peek() {
            b'n' => reader.read_word(b"null").map(|()| Self::Null),
            b't' | b'f' => reader.bool().map(Self::Bool),
            b'"' => reader.string().map(Self::String),
            b'[' => Vec::read(reader).map(Self::Array),
            b'{' => object(reader).map(Self::Object),
            _ => number(reader),
        }
    }
}

/// Any value, as it is written.
impl<'a> Read<'a> for RawJson {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        reader.raw().map(|text| Self(text.into()))
    }
}

impl Reader<'_> {
    /// Reads any value of which no number loses a digit: one that does is refused.
    pub fn exact_json(&mut self) -> Result<Json> {
        let outer = std::mem::replace(&mut self.exact, true);
        let value = Json::read(self);
        self.exact = outer;
        value
    }
}

fn object(reader: &mut Reader<'_>) -> Result<serde_json::Map<String, Json>> {
    let mut map = serde_json::Map::new();
    let mut object = Object::open(reader)?;
    while let Some(key) = object.next_key()? {
        let value = Json::read(object.reader())?;
        map.entry(key).or_insert(value);
    }
    object.close()?;
    Ok(map)
}

fn number(reader: &mut Reader<'_>) -> Result<Json> {
    let start = reader.at;
    let (literal, integer) = reader.number("a value")?;
    if integer {
        // `-0` is the one integer in form that only a float holds.
        if let Some(number) = literal
            .parse::<i64>()
            .ok()
            .filter(|&value| value != 0 || literal == "0")
        {
            return Ok(number.into());
        }
        if let Ok(number) = literal.parse::<u64>() {
            return Ok(number.into());
        }
    }
    let Ok(value) = literal.parse::<f64>() else {
        return Err(too_large(reader, start));
    };
    let Some(number) = serde_json::Number::from_f64(value) else {
        return Err(too_large(reader, start));
    };
    if reader.exact && !number::is_exact(literal, value) {
        let kept = "64 bits without losing digits: map its scalar to `attendium::RawJson`";
        return Err(reader.fail_at(start, DecodeErrorKind::Range(kept)));
    }
    Ok(Json::Number(number))
}

fn too_large(reader: &mut Reader<'_>, start: usize) -> ReadFailed {
    reader.fail_at(start, DecodeErrorKind::Range("a Float (64 bits)"))
}

impl<'a> Read<'a> for Other {
    fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
        let typename = object.typename()?.into_owned();
        object.finish()?;
        Ok(Self { typename })
    }
}
