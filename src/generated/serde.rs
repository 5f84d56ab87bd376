//! serde's traits, over the crate's own.

/// One row of [`impl_graphql!`](crate::impl_graphql): serde's traits.
#[doc(hidden)]
#[macro_export]
macro_rules! __implement_serde {
    ($kind:ident (Serialize, Deserialize) $type:ident $body:tt) => {
        $crate::__serialize! { $kind $type $body }
        $crate::__deserialize! { $kind $type $body }
    };
    ($kind:ident (Serialize) $type:ident $body:tt) => {
        $crate::__serialize! { $kind $type $body }
    };
    ($kind:ident (Deserialize) $type:ident $body:tt) => {
        $crate::__deserialize! { $kind $type $body }
    };
}

/// `Serialize` of a row's type.
#[doc(hidden)]
#[macro_export]
macro_rules! __serialize {
    (object $type:ident {
        $(
            $(.. $(@ $spread:tt)?)? $field:ident $(@ $label:literal)? $(: $key:literal)?
            $(? $(@ $conditional:tt)?)? $(as $codec:ty)?
        ),* $(,)?
    }) => {
        // `@ …` never occurs: it gives `..` and `?` a variable, without which a macro can't repeat
        // them here.
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl $crate::rt::Merge for $type {
            fn merge(&self, object: &mut $crate::rt::Map) {
                let [$($field),*] = const {
                    &$crate::rt::Keys::of_fields(::core::stringify!(
                        $($(.. $($spread)?)? $field $($key)?)*
                    ))
                }
                .as_array();
                $($crate::__put_field!(
                    object (&self.$field) $(.. $($spread)?)? $field $(@ $label)?
                    $(? $($conditional)?)? $(as $codec)?
                );)*
            }
        }
        $crate::__serialize! { merged $type }
    };
    (union $type:ident { $($variant:ident $(: $($name:literal)|+)?),* $(,)? }) => {
        impl $crate::rt::Merge for $type {
            fn merge(&self, object: &mut $crate::rt::Map) {
                match self {
                    $(
                        Self::$variant(value) => $crate::__private::put_variant(
                            object,
                            [$($($name,)+)? ::core::stringify!($variant)][0],
                            value,
                        ),
                    )*
                    Self::Other(value) => $crate::rt::Merge::merge(value, object),
                }
            }
        }
        $crate::__serialize! { merged $type }
    };
    (merged $type:ident) => {
        impl $crate::rt::Encode for $type {
            fn encode(&self, slot: &mut $crate::Json) {
                $crate::rt::encode_merged(self, slot);
            }
        }
        $crate::__serialize! { encoded $type }
    };
    (enum $type:ident $values:tt) => {
        impl $crate::rt::Encode for $type {
            fn encode(&self, slot: &mut $crate::Json) {
                *slot = $crate::Json::from(self.as_str());
            }
        }
        $crate::__serialize! { encoded $type }
    };
    (scalar $type:ident $end:tt) => {
        impl $crate::rt::Encode for $type {
            fn encode(&self, slot: &mut $crate::Json) {
                $crate::rt::Encode::encode(&self.0, slot);
            }
        }
        $crate::__serialize! { encoded $type }
    };
    (encoded $type:ident) => {
        impl $crate::__private::serde::Serialize for $type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::rt::serialize(self, serializer)
            }
        }
    };
    (variables $type:ident $fields:tt) => {
        $crate::__serialize! { written $type }
    };
    (input $type:ident $fields:tt) => {
        $crate::__serialize! { written $type }
    };
    (one_of $type:ident $variants:tt) => {
        $crate::__serialize! { written $type }
    };
    (written $type:ident) => {
        impl $crate::__private::serde::Serialize for $type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::rt::serialize_written(self, serializer)
            }
        }
    };
    // An operation's traits are those of its variables.
    ($kind:ident $type:ident $operation:tt) => {};
}

/// One field, put back into the object that it was read from.
#[doc(hidden)]
#[macro_export]
macro_rules! __put_field {
    ($object:ident ($value:expr) $key:ident) => {
        $crate::__private::put($object, $key, $value)
    };
    ($object:ident ($value:expr) $key:ident ?) => {
        $crate::__private::put_if($object, $key, $value)
    };
    ($object:ident ($value:expr) $key:ident as $codec:ty) => {
        $crate::__private::put_as::<$codec, _>($object, $key, $value)
    };
    ($object:ident ($value:expr) $key:ident ? as $codec:ty) => {
        $crate::__private::put_if_as::<$codec, _>($object, $key, $value)
    };
    ($object:ident ($value:expr) .. $key:ident @ $label:literal) => {
        $crate::__private::put_deferred($object, $label, $value)
    };
    ($object:ident ($value:expr) .. $key:ident) => {
        $crate::rt::Merge::merge($value, $object)
    };
    ($object:ident ($value:expr) .. $key:ident ?) => {
        if let ::core::option::Option::Some(value) = $value {
            $crate::rt::Merge::merge(value, $object);
        }
    };
}

/// `Deserialize` of a row's type. What is only sent without serde is read with it.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    (variables $type:ident $fields:tt) => {
        $crate::__read_object! { $type $fields }
        $crate::__deserialize! { read $type {} }
    };
    (input $type:ident $fields:tt) => {
        $crate::__read_object! { $type $fields }
        $crate::__deserialize! { read $type {} }
    };
    (one_of $type:ident { $($variant:ident : $name:literal $(as $codec:ty)?),* $(,)? }) => {
        #[allow(deprecated)]
        impl<'a> $crate::rt::Read<'a> for $type {
            fn read(reader: &mut $crate::rt::Reader<'a>) -> $crate::rt::Result<Self> {
                reader.one_of(|object, name| {
                    $(
                        if name == $name {
                            let key = const { &$crate::rt::Key::new($name) };
                            return $crate::__read_field!(object key $(as $codec)?)
                                .map(|value| ::core::option::Option::Some(Self::$variant(value)));
                        }
                    )*
                    ::core::result::Result::Ok(::core::option::Option::None)
                })
            }
        }
        $crate::__deserialize! { read $type {} }
    };
    (query $type:ident $operation:tt) => {};
    (mutation $type:ident $operation:tt) => {};
    (subscription $type:ident $operation:tt) => {};
    ($kind:ident $type:ident $body:tt) => {
        impl<'de> $crate::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::rt::deserialize(deserializer)
            }
        }
    };
}
