//! Objects and unions: how a struct takes its fields from an open object, and how an enum chooses
//! its variant.

/// `Read` of a struct: its fields are taken from the open object, in their order.
///
/// Plain fields are taken as a tuple, by one call, which is much less work for rustc. With a
/// fragment, a condition or a codec among them, or a comma behind the last one, they are taken one
/// by one.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_object {
    ($type:ident { $($field:ident $(: $key:literal)?),+ }) => {
        #[allow(deprecated, non_snake_case)]
        impl<'a> $crate::rt::Read<'a> for $type {
            fn select(
                object: &mut $crate::rt::Object<'_, 'a>,
            ) -> $crate::rt::Result<Self> {
                let ::core::result::Result::Ok(($($field,)+)) = $crate::rt::Fields::read_fields(
                    object,
                    const {
                        &$crate::rt::Keys::of_fields(::core::stringify!($($field $($key)?)+))
                    },
                ) else {
                    return $crate::__private::failed();
                };
                ::core::result::Result::Ok(Self { $($field),+ })
            }
        }
    };
    ($type:ident {
        $(
            $(.. $(@ $spread:tt)?)? $field:ident $(@ $label:literal)? $(: $key:literal)?
            $(? $(@ $conditional:tt)?)? $(as $codec:ty)?
        ),* $(,)?
    }) => {
        // `@ …` never occurs: it gives `..` and `?` a variable, without which a macro can't repeat
        // them here.
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<'a> $crate::rt::Read<'a> for $type {
            fn select(
                object: &mut $crate::rt::Object<'_, 'a>,
            ) -> $crate::rt::Result<Self> {
                let [$($field),*] = object.keys(const {
                    &$crate::rt::Keys::of_fields(::core::stringify!(
                        $($(.. $($spread)?)? $field $($key)?)*
                    ))
                });
                $(
                    let ::core::result::Result::Ok($field) = $crate::__read_field!(
                        object $(.. $($spread)?)? $field $(@ $label)? $(? $($conditional)?)?
                        $(as $codec)?
                    ) else {
                        return $crate::__private::failed();
                    };
                )*
                let ::core::result::Result::Ok(()) = object.finish() else {
                    return $crate::__private::failed();
                };
                ::core::result::Result::Ok(Self { $($field),* })
            }
        }
    };
}

/// One field, taken from the open object by its key.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_field {
    ($object:ident $key:ident) => {
        $object.field($key)
    };
    ($object:ident $key:ident ?) => {
        $object.field_if($key)
    };
    ($object:ident $key:ident as $codec:ty) => {
        $object.field_as::<$codec, _>($key)
    };
    ($object:ident $key:ident ? as $codec:ty) => {
        $object.field_if_as::<$codec, _>($key)
    };
    ($object:ident .. $key:ident @ $label:literal) => {
        $object.deferred($label)
    };
    ($object:ident .. $key:ident) => {
        $object.spread()
    };
    ($object:ident .. $key:ident ?) => {
        $object.spread_if()
    };
}

/// `Read` of a union: the variant that `__typename` names, or `Other`.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_union {
    ($type:ident { $($variant:ident $(: $($name:literal)|+)?),* $(,)? }) => {
        impl<'a> $crate::rt::Read<'a> for $type {
            fn select(
                object: &mut $crate::rt::Object<'_, 'a>,
            ) -> $crate::rt::Result<Self> {
                let ::core::result::Result::Ok(name) = object.typename() else {
                    return $crate::__private::failed();
                };
                match &*name {
                    $(
                        $crate::__names!($variant $($($name)|+)?) => {
                            $crate::__private::read_variant(object, Self::$variant)
                        }
                    )*
                    _ => $crate::__private::read_variant(object, Self::Other),
                }
            }
        }
    };
}

/// The names of a union's variant as a pattern: its own, where no other is said.
#[doc(hidden)]
#[macro_export]
macro_rules! __names {
    ($variant:ident) => {
        ::core::stringify!($variant)
    };
    ($variant:ident $($name:literal)|+) => {
        $($name)|+
    };
}
