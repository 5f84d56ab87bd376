//! What answers are read with: `selection!`, `union!`, `open_enum!`, `scalar!`, and the parts that they are made of.

/// Structs that are the answer, or parts of the answer, of an operation: `field: Type`, or `field: Type as what it is read from`.
///
/// | written behind `as` | the field is |
/// |---|---|
/// | nothing | the value of the response key that is the field's name in camel case: `createdAt` for `created_at` ([`Key::of_field`](crate::json::Key::of_field)) |
/// | `"key"` | the value of that response key; its type implements [`Read`](crate::json::Read). A missing key is an error, unless the type has room for it |
/// | `("key")` | the same; a struct of more than 32 fields has one of these |
/// | `("key"?)` | the same under `@include` or `@skip`: an `Option`, or a [`Maybe`](crate::Maybe) where the field is nullable |
/// | `("key" as Codec)`, `("key"? as Codec)` | the same through a codec, such as [`Serde`](crate::json::Serde) or `Option<Serde>` |
/// | `(..)` | a fragment, read from the same object |
/// | `(..?)` | a fragment under `@include` or `@skip`: an `Option` |
///
/// The order is the answer's; another order costs time and nothing else. `struct Name: Serialize, Deserialize { … }` implements
/// serde's traits, too. `struct Name: Debug, Clone, PartialEq { … }` has these three as if they were derived, for less of rustc's time;
/// of a field that is deprecated, or not in snake case, rustc would warn.
///
/// ```
/// attendium::selection! {
///     #[derive(Debug, PartialEq)]
///     pub struct Event {
///         pub id: attendium::Id,
///         pub owner: Owner,
///         pub card: Card as (..),
///     }
///
///     #[derive(Debug, PartialEq)]
///     pub struct Owner {
///         pub login: String,
///     }
///
///     /// A fragment that shares `id` and `owner` with the event, and asks the owner for something else.
///     #[derive(Debug, PartialEq)]
///     pub struct Card {
///         pub id: attendium::Id,
///         pub owner: CardOwner,
///     }
///
///     #[derive(Debug, PartialEq)]
///     pub struct CardOwner {
///         pub name: Option<String>,
///     }
/// }
///
/// let event: Event = attendium::json::from_str(r#"{"id": 7, "owner": {"login": "ann", "name": null}}"#)?;
/// assert_eq!(event.card.id, "7");
/// assert_eq!(event.owner.login, "ann");
/// # Ok::<(), attendium::json::Error>(())
/// ```
#[macro_export]
macro_rules! selection {
    // Structs whose fields are read from keys. rustc has the least to do with them: a tuple of types, a text of names.
    ($(
        $(#$meta:tt)* $vis:vis struct $type:ident {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $key:literal)?),+ $(,)?
        }
    )+) => {$(
        $(#$meta)*
        $vis struct $type { $($(#$about)* $seen $field: $value),+ }
        #[allow(deprecated, non_snake_case)]
        impl<'a> $crate::json::Read<'a> for $type {
            type Fields = ($($value,)+);
            const NAMES: &'static str = ::core::stringify!($type $($field $($key)?)+);
            fn of(($($field,)+): Self::Fields) -> Self {
                Self { $($field),+ }
            }
        }
    )+};
    ($(
        $(#$meta:tt)* $vis:vis struct $type:ident $(<$a:lifetime>)? {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $from:tt)?),* $(,)?
        }
    )*) => {$(
        $(#$meta)*
        $vis struct $type $(<$a>)? { $($(#$about)* $seen $field: $value),* }
        $crate::__select!($type $(<$a>)? { $($field $(: $from)?),* });
    )*};
    ($(
        $(#$meta:tt)* $vis:vis struct $type:ident: Debug, Clone, PartialEq {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $from:tt)?),+ $(,)?
        }
    )+) => {$(
        $(#$meta)*
        $vis struct $type { $($(#$about)* $seen $field: $value),+ }
        $crate::__select!($type { $($field $(: $from)?),+ });
        $crate::__derived! { $type (::core::stringify!($type $($field)+)) { $($field)+ } }
    )+};
    ($(
        $(#$meta:tt)* $vis:vis struct $type:ident $(<$a:lifetime>)?: $($trait:ident),+ {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $from:tt)?),* $(,)?
        }
    )*) => {$(
        $crate::selection! {
            $(#$meta)* $vis struct $type $(<$a>)? { $($(#$about)* $seen $field: $value $(as $from)?),* }
        }
        $crate::__serde!($type $(<$a>)?: $($trait),+);
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl $(<$a>)? $crate::json::Merge for $type $(<$a>)? {
            fn merge(&self, object: &mut $crate::json::Map) {
                $($crate::__put!(object (&self.$field) $field $(: $from)?);)*
                let _ = object;
            }
        }
    )*};
}

/// The same for structs that stand as they are, in the generated code: of each its name, a text of names, the types of its fields, its fields. The text has the
/// struct's name, then those of its fields, with a key in quotes behind a field that has another. rustc has the least to do with what is a token
/// already, and with few expansions: the three traits are one for the whole table.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    ($($type:ident $names:literal $fields:tt { $($field:ident)+ })+) => {$(
        impl<'a> $crate::json::Read<'a> for $type {
            type Fields = $fields;
            const NAMES: &'static str = $names;
            fn of(($($field,)+): Self::Fields) -> Self {
                Self { $($field),+ }
            }
        }
    )+
        $crate::__derived! { $($type $names { $($field)+ })+ }
    };
}

/// `Debug`, `Clone` and `PartialEq` of structs, as derived. Paths are short, the names are one text.
#[doc(hidden)]
#[macro_export]
macro_rules! __derived {
    ($($type:ident $names:tt { $($field:ident)+ })+) => {$(
        impl $crate::__private::Debug for $type {
            #[inline]
            fn fmt(&self, f: &mut $crate::__private::Formatter) -> $crate::__private::Formatted {
                $crate::__private::debug(f, $names, &[$(&self.$field),+])
            }
        }
        impl $crate::__private::Clone for $type {
            #[inline]
            fn clone(&self) -> Self {
                Self { $($field: $crate::__private::clone(&self.$field)),+ }
            }
        }
        impl $crate::__private::PartialEq for $type {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&+
            }
        }
    )+};
}

/// How a struct is read of which the tuple of fields does not say all.
#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    ($type:ident { $($fields:tt)* }) => {
        $crate::__select!(impl 'a $type { $($fields)* });
    };
    ($type:ident<$a:lifetime> { $($fields:tt)* }) => {
        $crate::__select!(impl $a $type<$a> { $($fields)* });
    };
    (impl $a:lifetime $type:ty { $($fields:tt)* }) => {
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<$a> $crate::json::Read<$a> for $type {
            type Fields = ();
            fn select(object: &mut $crate::json::Object<'_, $a>) -> $crate::json::Result<Self> {
                $crate::__take_all!(object $($fields)*)
            }
        }
    };
}

/// The fields, taken from the open object in their order, and what they make. With `?`, or with
/// `match`, rustc has more to do.
#[doc(hidden)]
#[macro_export]
macro_rules! __take_all {
    ($object:ident $($field:ident $(: $from:tt)?),*) => {{
        let [$($field),*] = $object.keys(const { &$crate::json::Keys::new([$($crate::__key!($field $(: $from)?)),*]) });
        $(let ::core::result::Result::Ok($field) = $crate::__take!($object $field $($from)?) else { return $crate::__private::failed() };)*
        let ::core::result::Result::Ok(()) = $object.finish() else { return $crate::__private::failed() };
        ::core::result::Result::Ok(Self { $($field),* })
    }};
}

/// The response key of a field; a fragment has one without a name.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    ($field:ident) => {
        $crate::json::Key::of_field(::core::stringify!($field))
    };
    ($field:ident: $key:literal) => {
        $crate::json::Key::new($key)
    };
    ($field:ident: ($key:literal $($codec:tt)*)) => {
        $crate::json::Key::new($key)
    };
    ($field:ident: $fragment:tt) => {
        $crate::json::Key::new("")
    };
}

/// One field, taken from the open object.
#[doc(hidden)]
#[macro_export]
macro_rules! __take {
    ($object:ident $name:ident $($key:literal)?) => {
        $object.field($name)
    };
    ($object:ident $name:ident ($key:literal)) => {
        $object.field($name)
    };
    ($object:ident $name:ident (..)) => {
        $object.spread()
    };
    ($object:ident $name:ident (..?)) => {
        $object.spread_if()
    };
    ($object:ident $name:ident ($key:literal?)) => {
        $object.field_if($name)
    };
    ($object:ident $name:ident ($key:literal as $codec:ty)) => {
        $object.field_as::<$codec, _>($name)
    };
    ($object:ident $name:ident ($key:literal? as $codec:ty)) => {
        $object.field_if_as::<$codec, _>($name)
    };
}

/// One field, put back into the object.
#[doc(hidden)]
#[macro_export]
macro_rules! __put {
    ($object:ident ($value:expr) $field:ident) => {
        $crate::__private::put(
            $object,
            &const { $crate::json::Key::of_field(::core::stringify!($field)) }.name(),
            $value,
        )
    };
    ($object:ident ($value:expr) $field:ident: $key:literal) => {
        $crate::__private::put($object, $key, $value)
    };
    ($object:ident ($value:expr) $field:ident: ($key:literal)) => {
        $crate::__private::put($object, $key, $value)
    };
    ($object:ident ($value:expr) $field:ident: (..)) => {
        $crate::json::Merge::merge($value, $object)
    };
    ($object:ident ($value:expr) $field:ident: (..?)) => {
        if let ::core::option::Option::Some(value) = $value {
            $crate::json::Merge::merge(value, $object);
        }
    };
    ($object:ident ($value:expr) $field:ident: ($key:literal?)) => {
        $crate::__private::put_if($object, $key, $value)
    };
    ($object:ident ($value:expr) $field:ident: ($key:literal as $codec:ty)) => {
        $crate::__private::put_as::<$codec, _>($object, $key, $value)
    };
    ($object:ident ($value:expr) $field:ident: ($key:literal? as $codec:ty)) => {
        $crate::__private::put_if_as::<$codec, _>($object, $key, $value)
    };
}

/// serde's traits over the crate's own.
#[doc(hidden)]
#[macro_export]
macro_rules! __serde {
    ($type:ident $(<$a:lifetime>)?: Serialize, Deserialize) => {
        $crate::__serde!($type $(<$a>)?: Serialize);
        $crate::__serde!($type $(<$a>)?: Deserialize);
    };
    ($type:ident $(<$a:lifetime>)?: Deserialize, Serialize) => {
        $crate::__serde!($type $(<$a>)?: Serialize, Deserialize);
    };
    ($type:ident $(<$a:lifetime>)?: Serialize) => {
        impl $(<$a>)? $crate::json::Encode for $type $(<$a>)? {
            fn encode(&self, slot: &mut $crate::Json) {
                $crate::json::encode_merged(self, slot);
            }
        }
        $crate::__serialize!($type $(<$a>)?);
    };
    ($type:ident: Deserialize) => {
        impl<'de> $crate::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::json::deserialize(deserializer)
            }
        }
    };
}

/// `Serialize` over `Encode`.
#[doc(hidden)]
#[macro_export]
macro_rules! __serialize {
    ($type:ident $(<$a:lifetime>)?) => {
        impl $(<$a>)? $crate::__private::serde::Serialize for $type $(<$a>)? {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::json::serialize(self, serializer)
            }
        }
    };
}

/// Enums that are the answer where an object may have several types: `Variant(Type) as "TypeName"`, or `as "A" | "B"`.
///
/// The variant `Other` is for every other type: those that the query does not name, and those that the schema did
/// not have yet. It holds an [`Other`](crate::Other), or a struct with the fields that all types share. A variant holds
/// a struct, a fragment or another union, read from the same object.
///
/// `enum Name: Debug, Clone, PartialEq { … }` has these three as if they were derived. With `Serialize`, the enum writes a
/// `__typename` where what it holds doesn't: the variant's name, the first one of several.
/// So what a variant of several names holds, and the struct in `Other`, should have a field for `__typename`.
///
/// ```
/// attendium::union! {
///     pub enum Entry {
///         Added(Added) as "GuestAdded" | "GuestsImported",
///         Other(attendium::Other),
///     }
/// }
///
/// attendium::selection! {
///     pub struct Added { pub tickets: i32 }
/// }
///
/// let log: Vec<Entry> = attendium::json::from_str(
///     r#"[{"__typename": "GuestAdded", "tickets": 2}, {"__typename": "GuestAteCake"}]"#,
/// )?;
/// assert!(matches!(&log[0], Entry::Added(added) if added.tickets == 2));
/// assert!(matches!(&log[1], Entry::Other(other) if other.typename == "GuestAteCake"));
/// # Ok::<(), attendium::json::Error>(())
/// ```
#[macro_export]
macro_rules! union {
    // What the compiler writes most.
    ($(
        $(#$meta:tt)* $vis:vis enum $type:ident: Debug, Clone, PartialEq {
            $($(#$about:tt)* $variant:ident($value:ty) $(as $($name:literal)|+)?),+ $(,)?
        }
    )+) => {$(
        $(#$meta)*
        $vis enum $type { $($(#$about)* $variant($value)),+ }
        $crate::__union!('a $type { $($variant $($($name)|+)?),+ });
        impl $crate::__private::Debug for $type {
            #[inline]
            fn fmt(&self, f: &mut $crate::__private::Formatter) -> $crate::__private::Formatted {
                match self {
                    $(Self::$variant(value) => $crate::__private::debug_variant(f, ::core::stringify!($variant), value),)+
                }
            }
        }
        impl $crate::__private::Clone for $type {
            #[inline]
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant(value) => Self::$variant($crate::__private::clone(value)),)+
                }
            }
        }
        impl $crate::__private::PartialEq for $type {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$variant(one), Self::$variant(other)) => one == other,)+
                    _ => false,
                }
            }
        }
    )+};
    ($(
        $(#$meta:tt)* $vis:vis enum $type:ident $(<$a:lifetime>)? {
            $($(#$about:tt)* $variant:ident($value:ty) $(as $($name:literal)|+)?),+ $(,)?
        }
    )+) => {$(
        $(#$meta)*
        $vis enum $type $(<$a>)? { $($(#$about)* $variant($value)),+ }
        $crate::__union!($type $(<$a>)? { $($variant $($($name)|+)?),+ });
    )+};
    ($(
        $(#$meta:tt)* $vis:vis enum $type:ident $(<$a:lifetime>)?: $($trait:ident),+ {
            $($(#$about:tt)* $variant:ident($value:ty) $(as $($name:literal)|+)?),+ $(,)?
        }
    )+) => {$(
        $crate::union! {
            $(#$meta)* $vis enum $type $(<$a>)? { $($(#$about)* $variant($value) $(as $($name)|+)?),+ }
        }
        $crate::__serde!($type $(<$a>)?: $($trait),+);
        impl $(<$a>)? $crate::json::Merge for $type $(<$a>)? {
            fn merge(&self, object: &mut $crate::json::Map) {
                match self {
                    $($(Self::$variant(value) => $crate::__private::variant(object, [$($name),+][0], value),)?)+
                    Self::Other(value) => $crate::json::Merge::merge(value, object),
                }
            }
        }
    )+};
}

/// The variant that `__typename` names, read from the open object.
#[doc(hidden)]
#[macro_export]
macro_rules! __union {
    ($type:ident { $($variants:tt)* }) => {
        $crate::__union!('a $type { $($variants)* });
    };
    ($type:ident<$a:lifetime> { $($variants:tt)* }) => {
        $crate::__union!($a $type<$a> { $($variants)* });
    };
    ($a:lifetime $type:ty { $($variant:ident $($($name:literal)|+)?),+ }) => {
        impl<$a> $crate::json::Read<$a> for $type {
            type Fields = ();
            fn select(object: &mut $crate::json::Object<'_, $a>) -> $crate::json::Result<Self> {
                let ::core::result::Result::Ok(name) = object.typename() else { return $crate::__private::failed() };
                match &*name {
                    $($($($name)|+ => $crate::__private::variant_of(object, Self::$variant),)?)+
                    _ => $crate::__private::variant_of(object, Self::Other),
                }
            }
        }
    };
}

/// An enum that is a GraphQL enum: `Variant as "VALUE"`. The last variant is always `Other(String)`, for values that the schema
/// did not have yet.
///
/// With `enum Name: PartialEq, Eq, Hash { … }` two values are equal where their names are: what was `Other` for code without the value, too.
/// `Serialize` and `Deserialize` behind the name are serde's.
///
/// ```
/// attendium::open_enum! {
///     #[derive(Debug)]
///     pub enum GuestStatus: PartialEq, Eq, Hash {
///         Invited as "INVITED",
///         Confirmed as "CONFIRMED",
///         Other(String),
///     }
/// }
///
/// assert_eq!(attendium::json::from_str::<GuestStatus>("\"INVITED\"")?, GuestStatus::Invited);
/// let other: GuestStatus = attendium::json::from_str("\"GONE\"")?;
/// assert_eq!((other.as_str(), &other), ("GONE", &GuestStatus::Other("GONE".to_owned())));
/// assert_eq!(GuestStatus::Invited, GuestStatus::Other("INVITED".to_owned()));
/// # Ok::<(), attendium::json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#$meta:tt)* $vis:vis enum $type:ident $(: $($trait:ident),+)? {
            $($(#$about:tt)* $variant:ident $(($other:ty))? $(as $name:literal)?),+ $(,)?
        }
    ) => {
        $(#$meta)*
        $vis enum $type { $($(#$about)* $variant $(($other))?),+ }
        $crate::__open_enum!($type { $($($variant $name)?)+ });
        $($($crate::__enum_trait!($trait $type);)+)?
    };
}

/// An enum's values and their names.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($type:ident { $($variant:ident $name:literal)* }) => {
        #[allow(dead_code, deprecated)]
        impl $type {
            /// The value's name in the schema.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }
        }
        #[allow(deprecated)]
        impl<'a> $crate::json::Read<'a> for $type {
            type Fields = ();
            fn read(reader: &mut $crate::json::Reader<'a>) -> $crate::json::Result<Self> {
                let ::core::result::Result::Ok(name) = reader.str() else { return $crate::__private::failed() };
                ::core::result::Result::Ok(match &*name {
                    $($name => Self::$variant,)*
                    _ => Self::Other(name.into_owned()),
                })
            }
        }
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                out.string(self.as_str());
            }
        }
        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

/// The same for an enum that stands as it is, in the generated code: its name, a text with each variant's name and that of its value, then the same as tokens. With what
/// is derived: `Debug` shows the variant, values are equal where their names are.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum {
    ($type:ident $names:literal { $($variant:ident $name:literal)* }) => {
        $crate::__open_enum!($type { $($variant $name)* });
        impl $crate::__private::Debug for $type {
            #[inline]
            fn fmt(&self, f: &mut $crate::__private::Formatter) -> $crate::__private::Formatted {
                $crate::__private::debug_value(f, self.as_str(), $names)
            }
        }
        impl $crate::__private::Clone for $type {
            #[inline]
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant => Self::$variant,)*
                    Self::Other(name) => Self::Other($crate::__private::clone(name)),
                }
            }
        }
        $crate::__enum_trait!(PartialEq $type);
        $crate::__enum_trait!(Eq $type);
        $crate::__enum_trait!(Hash $type);
    };
}

/// A trait of an enum, by its name.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum_trait {
    (PartialEq $type:ident) => {
        impl $crate::__private::PartialEq for $type {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }
    };
    (Eq $type:ident) => {
        impl ::core::cmp::Eq for $type {}
    };
    (Hash $type:ident) => {
        impl ::core::hash::Hash for $type {
            #[inline]
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                ::core::hash::Hash::hash(self.as_str(), state)
            }
        }
    };
    (Serialize $type:ident) => {
        impl $crate::json::Encode for $type {
            fn encode(&self, slot: &mut $crate::Json) {
                *slot = $crate::Json::from(self.as_str());
            }
        }
        $crate::__serialize!($type);
    };
    (Deserialize $type:ident) => {
        $crate::__serde!($type: Deserialize);
    };
}

/// Makes a newtype over [`Json`](crate::Json) a custom scalar.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub struct DateTime(pub attendium::Json);
/// attendium::scalar!(DateTime);
///
/// assert_eq!(attendium::json::from_str::<DateTime>("\"2026-01-01\"")?.0, "2026-01-01");
/// # Ok::<(), attendium::json::Error>(())
/// ```
#[macro_export]
macro_rules! scalar {
    ($type:ident) => {
        impl<'a> $crate::json::Read<'a> for $type {
            type Fields = ();
            fn read(reader: &mut $crate::json::Reader<'a>) -> $crate::json::Result<Self> {
                ::core::result::Result::Ok(Self($crate::json::Read::read(reader)?))
            }
        }
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                $crate::json::Write::write(&self.0, out);
            }
        }
    };
    ($type:ident: $($trait:ident),+) => {
        $crate::scalar!($type);
        $($crate::__scalar_serde!($trait $type);)+
    };
}

/// serde's traits for a custom scalar.
#[doc(hidden)]
#[macro_export]
macro_rules! __scalar_serde {
    (Serialize $type:ident) => {
        impl $crate::json::Encode for $type {
            fn encode(&self, slot: &mut $crate::Json) {
                $crate::json::Encode::encode(&self.0, slot);
            }
        }
        $crate::__serialize!($type);
    };
    (Deserialize $type:ident) => {
        $crate::__serde!($type: Deserialize);
    };
}
