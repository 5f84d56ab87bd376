//! The fields and fragments of an object: one by one ([`Object::field`]), or several at once
//! ([`Fields`]).
//!
//! A struct of plain fields takes them as a tuple, whose types rustc infers from the struct. What
//! takes them from the object one by one is checked once, here, for each number of fields: a call
//! for each field in the generated code costs a seventh of its `cargo check`.

use super::codec::ReadAs;
use super::error::{ReadFailed, Result};
use super::key::{Key, Keys};
use super::object::{Cursor, Object};
use super::read::Read;
use super::reader::Reader;

impl<'a> Object<'_, 'a> {
    /// Reads the field with this response key.
    pub fn field<T: Read<'a>>(&mut self, key: &Key) -> Result<T> {
        match self.seek(key) {
            Ok(true) => T::read(self.reader),
            Ok(false) => self.absent_field(key),
            Err(failed) => Err(failed),
        }
    }

    /// Reads a field that `@include` or `@skip` may leave out. `null` is not left out: it is an
    /// error, unless the type has room for it, as `Maybe` has.
    ///
    /// Another selection may have asked for the same key while this one was left out. The value
    /// then lacks a key that this selection always has, and the field is absent.
    #[inline]
    pub fn field_if<T: Read<'a>>(&mut self, key: &Key) -> Result<T> {
        match self.read_if(key, T::read_included)? {
            Some(value) => Ok(value),
            None => T::missing(self, key),
        }
    }

    /// Reads the value of this key with `read`. `None`, and behind the value, where the object has
    /// no such key or the value lacks a key that it always has.
    fn read_if<T>(
        &mut self,
        key: &Key,
        read: fn(&mut Reader<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        if !self.seek(key)? {
            return Ok(None);
        }
        let (at, depth, keys) = self.reader.place();
        let outer = std::mem::replace(&mut self.reader.in_conditional, true);
        let value = read(self.reader);
        self.reader.in_conditional = outer;
        match value {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.reader.lacks_key() => {
                self.reader.return_to(at, depth, keys);
                if let Cursor::Next(_) = self.cursor {
                    self.reader.skip()?;
                }
                Ok(None)
            }
            Err(failed) => Err(failed),
        }
    }

    /// Reads the field with this response key through the codec `C`.
    #[inline]
    pub fn field_as<C: ReadAs<'a, T>, T>(&mut self, key: &Key) -> Result<T> {
        match self.seek(key) {
            Ok(true) => C::read_as(self.reader),
            Ok(false) if self.reader.in_conditional => Err(self.missing(key)),
            Ok(false) => C::missing_as(self, key),
            Err(failed) => Err(failed),
        }
    }

    /// Reads a field that `@include` or `@skip` may leave out through the codec `C`.
    #[inline]
    pub fn field_if_as<C: ReadAs<'a, T>, T>(&mut self, key: &Key) -> Result<T> {
        match self.read_if(key, C::read_included_as)? {
            Some(value) => Ok(value),
            None => C::missing_as(self, key),
        }
    }

    /// What a field is whose key the object lacks. In a conditional fragment, that the fragment is
    /// not there, whatever the field's type has room for.
    #[cold]
    fn absent_field<T: Read<'a>>(&mut self, key: &Key) -> Result<T> {
        if self.reader.in_conditional {
            Err(self.missing(key))
        } else {
            T::missing(self, key)
        }
    }

    /// Reads a fragment from this same object.
    #[inline]
    pub fn spread<T: Read<'a>>(&mut self) -> Result<T> {
        self.open_fragments += 1;
        T::select(self)
    }

    /// Reads a fragment that `@include` or `@skip` may leave out: `None` where the object, or a
    /// value in it, lacks a key that the fragment always has.
    pub fn spread_if<T: Read<'a>>(&mut self) -> Result<Option<T>> {
        let (cursor, open_fragments) = (self.cursor, self.open_fragments);
        let (at, depth, keys) = self.reader.place();
        let outer = std::mem::replace(&mut self.reader.in_conditional, true);
        let fragment = self.spread();
        self.reader.in_conditional = outer;
        match fragment {
            Ok(fragment) => Ok(Some(fragment)),
            Err(_) if self.reader.lacks_key() => {
                self.open_fragments = open_fragments;
                if let Cursor::Listed { keys: listed, .. } = self.cursor {
                    // The list stays, so the place does not matter.
                    self.reader.return_to(at, depth, self.first_key + listed);
                } else {
                    self.cursor = cursor;
                    self.reader.return_to(at, depth, keys);
                }
                Ok(None)
            }
            Err(failed) => Err(failed),
        }
    }
}

/// A tuple of the values of the keys of one object.
#[diagnostic::on_unimplemented(
    message = "`impl_graphql!` takes at most 32 plain fields as they are",
    note = "in a row of more, a comma stands behind the last field"
)]
pub trait Fields<'a, const N: usize>: Sized {
    /// Takes the fields from the open object, then finishes it.
    ///
    /// # Errors
    /// Where a field is missing or is of another type.
    fn read_fields(object: &mut Object<'_, 'a>, keys: &Keys<N>) -> Result<Self>;
}

macro_rules! fields {
    ($($count:literal: $($field:ident)*;)*) => {$(
        impl<'a, $($field: Read<'a>),*> Fields<'a, $count> for ($($field,)*) {
            // Into the struct's own function, so that nothing is moved twice.
            #[inline(always)]
            #[allow(non_snake_case)]
            fn read_fields(object: &mut Object<'_, 'a>, keys: &Keys<$count>) -> Result<Self> {
                let [$($field),*] = object.keys(keys);
                $(let Ok($field) = object.field($field) else { return Err(ReadFailed(())) };)*
                let Ok(()) = object.finish() else { return Err(ReadFailed(())) };
                Ok(($($field,)*))
            }
        }
    )*};
}

fields! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M N;
    15: A B C D E F G H I J K L M N O;
    16: A B C D E F G H I J K L M N O P;
    17: A B C D E F G H I J K L M N O P Q;
    18: A B C D E F G H I J K L M N O P Q R;
    19: A B C D E F G H I J K L M N O P Q R S;
    20: A B C D E F G H I J K L M N O P Q R S T;
    21: A B C D E F G H I J K L M N O P Q R S T U;
    22: A B C D E F G H I J K L M N O P Q R S T U V;
    23: A B C D E F G H I J K L M N O P Q R S T U V W;
    24: A B C D E F G H I J K L M N O P Q R S T U V W X;
    25: A B C D E F G H I J K L M N O P Q R S T U V W X Y;
    26: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z;
    27: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1;
    28: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1;
    29: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1 C1;
    30: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1 C1 D1;
    31: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1 C1 D1 E1;
    32: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1 C1 D1 E1 F1;
}
