//! What the macros call. Not part of the interface.

pub use serde;
pub use std::clone::Clone;
pub use std::cmp::PartialEq;
pub use std::convert::Into;
pub use std::fmt::{Debug, Formatter, Result as Formatted};

use crate::Maybe;
use crate::json::{Encode, EncodeAs, Map, Merge, Object, Read, ReadFailed, Result, encode_field};

/// Passes a failure on, whose reason the reader keeps.
#[inline]
pub fn failed<T>() -> Result<T> {
    Err(ReadFailed(()))
}

/// `Clone::clone`, by a shorter path.
#[inline]
pub fn clone<T: Clone>(value: &T) -> T {
    value.clone()
}

/// Writes a struct as a derived `Debug` does. The names are its own, then those of its fields; a key in quotes is none.
pub fn debug(f: &mut Formatter<'_>, names: &str, values: &[&dyn Debug]) -> Formatted {
    let mut names = names
        .split_ascii_whitespace()
        .filter(|name| !name.starts_with('"'))
        .map(|name| name.strip_prefix("r#").unwrap_or(name));
    let mut out = f.debug_struct(names.next().unwrap_or_default());
    for (name, value) in names.zip(values) {
        out.field(name, value);
    }
    out.finish()
}

/// Writes a variant as a derived `Debug` does.
pub fn debug_variant(f: &mut Formatter<'_>, name: &str, value: &dyn Debug) -> Formatted {
    f.debug_tuple(name).field(value).finish()
}

/// Writes an enum's value as a derived `Debug` does: the variant whose value has the name. The names are the variants' and their values', by turns.
pub fn debug_value(f: &mut Formatter<'_>, name: &str, names: &str) -> Formatted {
    let mut names = names.split(' ');
    while let (Some(variant), Some(value)) = (names.next(), names.next()) {
        if value == name {
            return f.write_str(variant);
        }
    }
    debug_variant(f, "Other", &name)
}

/// What an optional field is before it is set: `= Absent`, `= None`. In capitals, as the macro has the word and no other name for it.
#[allow(non_snake_case)]
#[must_use]
pub fn Absent<T>() -> Maybe<T> {
    Maybe::Absent
}

#[allow(non_snake_case)]
#[must_use]
pub fn None<T>() -> Option<T> {
    Option::None
}

/// Reads a union's variant.
#[inline]
pub fn variant_of<'a, T: Read<'a>, U>(
    object: &mut Object<'_, 'a>,
    variant: fn(T) -> U,
) -> Result<U> {
    match T::select(object) {
        Ok(value) => Ok(variant(value)),
        Err(failed) => Err(failed),
    }
}

pub fn put(object: &mut Map, key: &str, value: &dyn Encode) {
    encode_field(object, key, |slot| value.encode(slot));
}

pub fn put_if<T: Conditional>(object: &mut Map, key: &str, value: &T) {
    if !value.left_out() {
        put(object, key, value);
    }
}

pub fn put_as<C: EncodeAs<T>, T>(object: &mut Map, key: &str, value: &T) {
    encode_field(object, key, |slot| C::encode_as(value, slot));
}

pub fn put_if_as<C: EncodeAs<T>, T: LeftOut>(object: &mut Map, key: &str, value: &T) {
    if !value.left_out() {
        put_as::<C, T>(object, key, value);
    }
}

pub fn variant(object: &mut Map, name: &str, value: &dyn Merge) {
    if !object.contains_key("__typename") {
        object.insert("__typename".to_owned(), name.into());
    }
    value.merge(object);
}

/// A type that says whether a conditional field was there.
pub trait LeftOut {
    fn left_out(&self) -> bool;
}

impl<T> LeftOut for Option<T> {
    fn left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T> LeftOut for Maybe<T> {
    fn left_out(&self) -> bool {
        self.is_absent()
    }
}

/// A conditional field's type.
pub trait Conditional: LeftOut + Encode {}

impl<T: LeftOut + Encode> Conditional for T {}
