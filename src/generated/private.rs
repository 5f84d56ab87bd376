//! What the macros call. Not part of the interface.

use std::marker::PhantomData;

pub use serde;

pub use crate::json::deferred::put_deferred;
use crate::json::encode::encode_field;
use crate::rt::{
    Encode, EncodeAs, Key, Map, Merge, Object, Read, ReadFailed, Result, Write, WriteAs, Writer,
};
use crate::value::Maybe;

/// Passes a failure on, whose reason the reader keeps.
#[inline]
pub fn failed<T>() -> Result<T> {
    Err(ReadFailed(()))
}

/// Reads a union's variant.
#[inline]
pub fn read_variant<'a, T: Read<'a>, U>(
    object: &mut Object<'_, 'a>,
    variant: fn(T) -> U,
) -> Result<U> {
    match T::select(object) {
        Ok(value) => Ok(variant(value)),
        Err(failed) => Err(failed),
    }
}

/// A value that is written through a codec.
pub struct Through<'a, C, T>(&'a T, PhantomData<C>);

impl<'a, C, T> Through<'a, C, T> {
    /// Borrows the value.
    pub fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<C: WriteAs<T>, T> Write for Through<'_, C, T> {
    fn write(&self, out: &mut Writer) {
        C::write_as(self.0, out);
    }

    fn absent(&self) -> bool {
        C::absent_as(self.0)
    }
}

/// Puts a field into its object.
pub fn put(object: &mut Map, key: &Key, value: &dyn Encode) {
    encode_field(object, &key.name(), |slot| value.encode(slot));
}

/// Puts a conditional field into its object, if it was there.
pub fn put_if<T: Conditional>(object: &mut Map, key: &Key, value: &T) {
    if !value.is_left_out() {
        put(object, key, value);
    }
}

/// Puts a field into its object through a codec.
pub fn put_as<C: EncodeAs<T>, T>(object: &mut Map, key: &Key, value: &T) {
    encode_field(object, &key.name(), |slot| C::encode_as(value, slot));
}

/// Puts a conditional field into its object through a codec, if it was there.
pub fn put_if_as<C: EncodeAs<T>, T: LeftOut>(object: &mut Map, key: &Key, value: &T) {
    if !value.is_left_out() {
        put_as::<C, T>(object, key, value);
    }
}

/// Puts a union's variant into its object, with its type name where the variant has none.
pub fn put_variant(object: &mut Map, name: &str, value: &dyn Merge) {
    if !object.contains_key("__typename") {
        object.insert("__typename".to_owned(), name.into());
    }
    value.merge(object);
}

/// A type that says whether a conditional field was there.
pub trait LeftOut {
    /// Whether it was not.
    fn is_left_out(&self) -> bool;
}

impl<T> LeftOut for Option<T> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T> LeftOut for Maybe<T> {
    fn is_left_out(&self) -> bool {
        self.is_absent()
    }
}

/// A conditional field's type.
pub trait Conditional: LeftOut + Encode {}

impl<T: LeftOut + Encode> Conditional for T {}
