//! [`Fields`]: several fields of an object at once.
//!
//! A struct of plain fields takes them as a tuple, whose types rustc infers from the struct. What
//! takes them from the object one by one is checked once, here, for each number of fields: a call
//! for each field in the generated code costs a seventh of its `cargo check`.

use super::error::{ReadFailed, Result};
use super::key::Keys;
use super::object::Object;
use super::read::Read;

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
