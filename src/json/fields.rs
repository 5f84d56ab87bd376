//! [`Fields`]: all fields of a selection at once.
//!
//! Generated code has no call for a struct and its fields: their types are a tuple, and what takes them from the object one by one is
//! checked once, in this crate, for each number of fields.

use super::error::{ReadFailed, Result};
use super::key::{Key, Keys};
use super::object::Object;
use super::read::Read;

/// A tuple of the values of the keys of one object: of 32 at most.
#[diagnostic::on_unimplemented(
    message = "`selection!` takes 32 fields as they are",
    note = "where a struct has more, `as (\"key\")` stands behind one of them"
)]
pub trait Fields<'a>: Sized {
    /// Takes the fields of `Struct` from the open object, by their names, then finishes it.
    ///
    /// # Errors
    /// Where a field is missing or is of another type.
    fn of<Struct: Read<'a>>(object: &mut Object<'_, 'a>) -> Result<Self>;
}

macro_rules! fields {
    ($($count:literal: $($field:ident)*;)*) => {$(
        impl<'a, $($field: Read<'a>),*> Fields<'a> for ($($field,)*) {
            // Into the struct's own function, so that nothing is moved twice.
            #[inline(always)]
            #[allow(non_snake_case)]
            fn of<Struct: Read<'a>>(object: &mut Object<'_, 'a>) -> Result<Self> {
                let [$($field),*]: &[Key; $count] = object.keys(const { &Keys::of_struct(Struct::NAMES) });
                $(let Ok($field) = object.field($field) else { return Err(ReadFailed(())) };)*
                let Ok(()) = object.finish() else { return Err(ReadFailed(())) };
                Ok(($($field,)*))
            }
        }
    )*};
}

fields! {
    0: ;
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
    28: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 A2;
    29: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 A2 A3;
    30: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 A2 A3 A4;
    31: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 A2 A3 A4 A5;
    32: A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 A2 A3 A4 A5 A6;
}
