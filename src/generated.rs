//! The tables that generated code is made of.
//!
//! The compiler writes plain structs and enums, and beside each a table of names in one of these macros; the macros write
//! the implementations. Each is one pass of repetition and no recursion over tokens, because what they expand to is compiled
//! for every type of every application: calls of a few functions, which are compiled once, in this crate.
//!
//! | macro | for | implements |
//! |---|---|---|
//! | [`operation!`](crate::operation!) | an operation and its variables | [`Operation`](crate::Operation) |
//! | [`selection!`](crate::selection) | what an operation or a fragment selects from an object | [`Read`](crate::json::Read) |
//! | [`union!`](crate::union) | the same where the object may have several types | the same |
//! | [`open_enum!`](crate::open_enum) | an enum | [`Read`](crate::json::Read), [`Write`](crate::json::Write), `Display`, `as_str` |
//! | [`scalar!`](crate::scalar) | a custom scalar | [`Read`](crate::json::Read), [`Write`](crate::json::Write) |
//! | [`input!`](crate::input), [`one_of!`](crate::one_of) | variables and input objects | [`Write`](crate::json::Write) |
//! | [`constructor!`](crate::constructor) | the same | `new`, and a setter for each optional field |
//!
//! All of them but `operation!` and `constructor!` take serde's traits behind the type's name (`selection!(Event: Serialize, Deserialize { … })`),
//! and `selection!` and `union!` a type with one lifetime (`selection!(Event<'a> { … })`), whose strings are borrowed from the answer.

/// Makes a struct the answer, or part of the answer, of an operation: `field`, or `field: what it is read from`.
///
/// | written | the field is |
/// |---|---|
/// | nothing | the value of the response key that is the field's name in camel case: `createdAt` for `created_at` ([`Key::of_field`](crate::json::Key::of_field)) |
/// | `"key"` | the value of that response key; its type implements [`Read`](crate::json::Read). A missing key is an error, unless the type has room for it |
/// | `("key"?)` | the same under `@include` or `@skip`: an `Option`, or a [`Maybe`](crate::Maybe) where the field is nullable |
/// | `("key" as Codec)`, `("key"? as Codec)` | the same through a codec, such as [`Serde`](crate::json::Serde) or `Option<Serde>` |
/// | `(..)` | a fragment, read from the same object |
/// | `(..?)` | a fragment under `@include` or `@skip`: an `Option` |
///
/// The order is the answer's; another order costs time and nothing else.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub struct Event { pub id: attendium::Id, pub owner: Owner, pub card: Card }
/// attendium::selection!(Event { id, owner, card: (..) });
///
/// #[derive(Debug, PartialEq)]
/// pub struct Owner { pub login: String }
/// attendium::selection!(Owner { login });
///
/// /// A fragment that shares `id` and `owner` with the event, and asks the owner for something else.
/// #[derive(Debug, PartialEq)]
/// pub struct Card { pub id: attendium::Id, pub owner: CardOwner }
/// attendium::selection!(Card { id, owner });
///
/// #[derive(Debug, PartialEq)]
/// pub struct CardOwner { pub name: Option<String> }
/// attendium::selection!(CardOwner { name });
///
/// let event: Event = attendium::json::from_str(r#"{"id": 7, "owner": {"login": "ann", "name": null}}"#)?;
/// assert_eq!(event.card.id, "7");
/// assert_eq!(event.owner.login, "ann");
/// # Ok::<(), attendium::json::Error>(())
/// ```
#[macro_export]
macro_rules! selection {
    // More fields than a tuple of `Fields` has.
    ($type:ident {
      $f0:ident $(: $k0:tt)?, $f1:ident $(: $k1:tt)?, $f2:ident $(: $k2:tt)?, $f3:ident $(: $k3:tt)?,
      $f4:ident $(: $k4:tt)?, $f5:ident $(: $k5:tt)?, $f6:ident $(: $k6:tt)?, $f7:ident $(: $k7:tt)?,
      $f8:ident $(: $k8:tt)?, $f9:ident $(: $k9:tt)?, $f10:ident $(: $k10:tt)?, $f11:ident $(: $k11:tt)?,
      $f12:ident $(: $k12:tt)?, $f13:ident $(: $k13:tt)?, $f14:ident $(: $k14:tt)?, $f15:ident $(: $k15:tt)?,
      $f16:ident $(: $k16:tt)?, $f17:ident $(: $k17:tt)?, $f18:ident $(: $k18:tt)?, $f19:ident $(: $k19:tt)?,
      $f20:ident $(: $k20:tt)?, $f21:ident $(: $k21:tt)?, $f22:ident $(: $k22:tt)?, $f23:ident $(: $k23:tt)?,
      $f24:ident $(: $k24:tt)?, $f25:ident $(: $k25:tt)?, $f26:ident $(: $k26:tt)?, $f27:ident $(: $k27:tt)?,
      $f28:ident $(: $k28:tt)?, $f29:ident $(: $k29:tt)?, $f30:ident $(: $k30:tt)?, $f31:ident $(: $k31:tt)?,
      $f32:ident $(: $k32:tt)?
      $(, $field:ident $(: $from:tt)?)* $(,)?
    }) => {
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<'a> $crate::json::Read<'a> for $type {
            fn select(object: &mut $crate::json::Object<'_, 'a>) -> $crate::json::Result<Self> {
                $crate::__select!(object
                    $f0 $(: $k0)?, $f1 $(: $k1)?, $f2 $(: $k2)?, $f3 $(: $k3)?, $f4 $(: $k4)?, $f5 $(: $k5)?,
                    $f6 $(: $k6)?, $f7 $(: $k7)?, $f8 $(: $k8)?, $f9 $(: $k9)?, $f10 $(: $k10)?, $f11 $(: $k11)?,
                    $f12 $(: $k12)?, $f13 $(: $k13)?, $f14 $(: $k14)?, $f15 $(: $k15)?, $f16 $(: $k16)?, $f17 $(: $k17)?,
                    $f18 $(: $k18)?, $f19 $(: $k19)?, $f20 $(: $k20)?, $f21 $(: $k21)?, $f22 $(: $k22)?, $f23 $(: $k23)?,
                    $f24 $(: $k24)?, $f25 $(: $k25)?, $f26 $(: $k26)?, $f27 $(: $k27)?, $f28 $(: $k28)?, $f29 $(: $k29)?,
                    $f30 $(: $k30)?, $f31 $(: $k31)?, $f32 $(: $k32)?
                    $(, $field $(: $from)?)*)
            }
        }
    };
    // Most selections have such fields alone.
    ($type:ident { $($field:ident $(: $key:literal)?),* $(,)? }) => {
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<'a> $crate::json::Read<'a> for $type {
            const FIELDS: &'static str = ::core::stringify!($($field $($key)?)*);
            fn select(object: &mut $crate::json::Object<'_, 'a>) -> $crate::json::Result<Self> {
                let ::core::result::Result::Ok(($($field,)*)) = $crate::json::Fields::of::<Self>(object) else { return $crate::__private::failed() };
                ::core::result::Result::Ok(Self { $($field),* })
            }
        }
    };
    ($type:ident { $($field:ident $(: $from:tt)?),* $(,)? }) => {
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<'a> $crate::json::Read<'a> for $type {
            fn select(object: &mut $crate::json::Object<'_, 'a>) -> $crate::json::Result<Self> {
                $crate::__select!(object $($field $(: $from)?),*)
            }
        }
    };
    ($type:ident<$a:lifetime> { $($field:ident $(: $from:tt)?),* $(,)? }) => {
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<$a> $crate::json::Read<$a> for $type<$a> {
            fn select(object: &mut $crate::json::Object<'_, $a>) -> $crate::json::Result<Self> {
                $crate::__select!(object $($field $(: $from)?),*)
            }
        }
    };
    ($type:ident $(<$a:lifetime>)?: $($trait:ident),+ { $($field:ident $(: $from:tt)?),* $(,)? }) => {
        $crate::selection!($type $(<$a>)? { $($field $(: $from)?),* });
        $crate::__serde!($type $(<$a>)?: $($trait),+);
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl $(<$a>)? $crate::json::Merge for $type $(<$a>)? {
            fn merge(&self, object: &mut $crate::json::Map) {
                $($crate::__put!(object (&self.$field) $field $(: $from)?);)*
                let _ = object;
            }
        }
    };
}

/// The fields, taken from the open object in their order, and what they make. With `?`, or with
/// `match`, rustc has more to do.
#[doc(hidden)]
#[macro_export]
macro_rules! __select {
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

/// Makes an enum the answer where an object may have several types: `Variant: "TypeName"`, or `Variant: ("A" | "B")`.
///
/// The last variant is always `Other`, for every other type: those that the query does not name, and those that the schema did
/// not have yet. It holds an [`Other`](crate::Other), or a struct with the fields that all types share. A variant holds
/// a struct, a fragment or another union, read from the same object.
///
/// With `Serialize`, the enum writes a `__typename` where what it holds doesn't: the variant's name, the first one of several.
/// So what a variant of several names holds, and the struct in `Other`, should have a field for `__typename`.
///
/// ```
/// pub enum Entry { Added(Added), Other(attendium::Other) }
/// attendium::union!(Entry { Added: ("GuestAdded" | "GuestsImported") });
///
/// pub struct Added { pub tickets: i32 }
/// attendium::selection!(Added { tickets });
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
    ($type:ident { $($variant:ident: $name:tt),* $(,)? }) => {
        impl<'a> $crate::json::Read<'a> for $type {
            #[allow(unused_parens)]
            fn select(object: &mut $crate::json::Object<'_, 'a>) -> $crate::json::Result<Self> {
                let ::core::result::Result::Ok(name) = object.typename() else { return $crate::__private::failed() };
                match &*name {
                    $($name => $crate::__private::variant_of(object, Self::$variant),)*
                    _ => $crate::__private::variant_of(object, Self::Other),
                }
            }
        }
    };
    ($type:ident<$a:lifetime> { $($variant:ident: $name:tt),* $(,)? }) => {
        impl<$a> $crate::json::Read<$a> for $type<$a> {
            #[allow(unused_parens)]
            fn select(object: &mut $crate::json::Object<'_, $a>) -> $crate::json::Result<Self> {
                let ::core::result::Result::Ok(name) = object.typename() else { return $crate::__private::failed() };
                match &*name {
                    $($name => $crate::__private::variant_of(object, Self::$variant),)*
                    _ => $crate::__private::variant_of(object, Self::Other),
                }
            }
        }
    };
    ($type:ident $(<$a:lifetime>)?: $($trait:ident),+ { $($variant:ident: $name:tt),* $(,)? }) => {
        $crate::union!($type $(<$a>)? { $($variant: $name),* });
        $crate::__serde!($type $(<$a>)?: $($trait),+);
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl $(<$a>)? $crate::json::Merge for $type $(<$a>)? {
            fn merge(&self, object: &mut $crate::json::Map) {
                match self {
                    $(Self::$variant(value) => $crate::__private::variant(object, $crate::__first!($name), value),)*
                    Self::Other(value) => $crate::json::Merge::merge(value, object),
                }
            }
        }
    };
}

/// The first name of a variant.
#[doc(hidden)]
#[macro_export]
macro_rules! __first {
    ($name:literal) => {
        $name
    };
    (($name:literal $($more:tt)*)) => {
        $name
    };
}

/// Makes an enum a GraphQL enum: `Variant: "VALUE"`. The last variant is always `Other(String)`, for values that the schema
/// did not have yet.
///
/// ```
/// #[derive(Debug, PartialEq)]
/// pub enum GuestStatus { Invited, Confirmed, Other(String) }
/// attendium::open_enum!(GuestStatus { Invited: "INVITED", Confirmed: "CONFIRMED" });
///
/// let status: Vec<GuestStatus> = attendium::json::from_str(r#"["INVITED", "WAITLISTED"]"#)?;
/// assert_eq!(status, [GuestStatus::Invited, GuestStatus::Other("WAITLISTED".to_owned())]);
/// assert_eq!(status[1].as_str(), "WAITLISTED");
/// # Ok::<(), attendium::json::Error>(())
/// ```
#[macro_export]
macro_rules! open_enum {
    ($type:ident { $($variant:ident: $name:literal),* $(,)? }) => {
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
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<'a> $crate::json::Read<'a> for $type {
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
    ($type:ident: $($trait:ident),+ { $($values:tt)* }) => {
        $crate::open_enum!($type { $($values)* });
        $($crate::__enum_serde!($trait $type);)+
    };
}

/// serde's traits for an enum.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum_serde {
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

/// Makes a struct the variables of an operation, or an input object: `field: "name"`, or `field: ("name" as Codec)`.
///
/// A [`Maybe::Absent`](crate::Maybe::Absent) field is left out, and so is an `Option` that is `None`; in a list both are `null`.
///
/// ```
/// use attendium::Maybe;
/// pub struct Filter { pub text: Maybe<String>, pub tags: Vec<String>, pub page: Maybe<i32> }
/// attendium::input!(Filter { text: "text", tags: "tags", page: "page" });
///
/// let filter = Filter { text: Maybe::Null, tags: vec!["vip".to_owned()], page: Maybe::Absent };
/// assert_eq!(attendium::json::to_vec(&filter), br#"{"text":null,"tags":["vip"]}"#);
/// ```
#[macro_export]
macro_rules! input {
    ($type:ident { $($field:ident: $name:tt),* $(,)? }) => {
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                #[allow(unused_mut)]
                let mut object = out.object();
                $($crate::__give!(object (&self.$field) $name);)*
                object.end();
            }
        }
    };
    ($type:ident: $($trait:ident),+ { $($field:ident: $name:tt),* $(,)? }) => {
        $crate::input!($type { $($field: $name),* });
        $crate::__input_serde!($type: $($trait),+);
        #[allow(deprecated, non_snake_case, unused_variables)]
        impl<'a> $crate::json::Read<'a> for $type {
            fn select(object: &mut $crate::json::Object<'_, 'a>) -> $crate::json::Result<Self> {
                $crate::__select!(object $($field: $name),*)
            }
        }
    };
}

/// One field, given to the object that is written.
#[doc(hidden)]
#[macro_export]
macro_rules! __give {
    ($object:ident ($value:expr) $name:literal) => {
        $object.field(::core::concat!(",\"", $name, "\":"), $value)
    };
    ($object:ident ($value:expr) ($name:literal as $codec:ty)) => {
        $object.field_as::<$codec, _>(::core::concat!(",\"", $name, "\":"), $value)
    };
}

/// serde's traits for what is sent.
#[doc(hidden)]
#[macro_export]
macro_rules! __input_serde {
    ($type:ident: Serialize, Deserialize) => {
        $crate::__input_serde!($type: Serialize);
        $crate::__serde!($type: Deserialize);
    };
    ($type:ident: Deserialize, Serialize) => {
        $crate::__input_serde!($type: Serialize, Deserialize);
    };
    ($type:ident: Deserialize) => {
        $crate::__serde!($type: Deserialize);
    };
    ($type:ident: Serialize) => {
        impl $crate::__private::serde::Serialize for $type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::json::serialize_written(self, serializer)
            }
        }
    };
}

/// Makes an enum a `@oneOf` input object: `Variant: "name"`, or `Variant: ("name" as Codec)`.
///
/// ```
/// pub enum Key { Id(attendium::Id), Code(String) }
/// attendium::one_of!(Key { Id: "id", Code: "code" });
///
/// assert_eq!(attendium::json::to_vec(&Key::Code("x".to_owned())), br#"{"code":"x"}"#);
/// ```
#[macro_export]
macro_rules! one_of {
    ($type:ident { $($variant:ident: $name:tt),* $(,)? }) => {
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                let mut object = out.object();
                match self {
                    $(Self::$variant(value) => $crate::__give!(object (value) $name),)*
                }
                object.end();
            }
        }
    };
    ($type:ident: $($trait:ident),+ { $($variant:ident: $name:tt),* $(,)? }) => {
        $crate::one_of!($type { $($variant: $name),* });
        $crate::__input_serde!($type: $($trait),+);
        impl<'a> $crate::json::Read<'a> for $type {
            fn read(reader: &mut $crate::json::Reader<'a>) -> $crate::json::Result<Self> {
                reader.one_of(|object, key| {
                    ::core::result::Result::Ok(match key {
                        $($crate::__first!($name) => Self::$variant({
                            let key = const { &$crate::__key!($variant: $name) };
                            $crate::__take!(object key $name)?
                        }),)*
                        _ => return ::core::result::Result::Ok(::core::option::Option::None),
                    }).map(::core::option::Option::Some)
                })
            }
        }
    };
}

/// Writes `new`, with a parameter for each required field, and a setter for each optional one: a [`Maybe`](crate::Maybe), or an
/// `Option` where the field is non-null and has a default value.
///
/// ```
/// use attendium::Maybe;
/// pub struct Page { pub of: String, pub first: Maybe<i32>, pub after: Maybe<String> }
/// attendium::constructor!(Page(of: impl Into<String>) { first: Maybe<i32>, after: Maybe<String> });
///
/// let page = Page::new("guests").first(20);
/// assert_eq!((page.of.as_str(), &page.first, &page.after), ("guests", &Maybe::Value(20), &Maybe::Absent));
/// assert_eq!(page.after(None).after, Maybe::Null);
/// ```
#[macro_export]
macro_rules! constructor {
    ($type:ident($($required:ident: $given:ty),* $(,)?) { $($field:ident: $value:ty),* $(,)? }) => {
        #[allow(clippy::all, clippy::pedantic, dead_code, deprecated, non_snake_case)]
        impl $type {
            /// With what is required; the rest is absent.
            #[must_use]
            pub fn new($($required: $given),*) -> Self {
                Self {
                    $($required: $required.into(),)*
                    $($field: ::core::default::Default::default(),)*
                }
            }
            $(
                #[doc = ::core::concat!("Sets `", ::core::stringify!($field), "`.")]
                #[must_use]
                pub fn $field(mut self, value: impl ::core::convert::Into<$value>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*
        }
    };
}

/// Makes a struct of variables an operation: `Variables => Data, Kind "Name", "file:line", "document"`, and the document once
/// more as it stands in a JSON string where the two differ.
///
/// ```
/// pub struct Me;
/// attendium::input!(Me {});
/// attendium::operation!(Me => Data, Query "Me", "queries/me.graphql:1", "query Me{me{id}}");
///
/// pub struct Data { pub me: User }
/// attendium::selection!(Data { me });
/// pub struct User { pub id: attendium::Id }
/// attendium::selection!(User { id });
///
/// assert_eq!(
///     attendium::operation::body(&Me),
///     br#"{"query":"query Me{me{id}}","operationName":"Me","variables":{}}"#,
/// );
/// ```
#[macro_export]
macro_rules! operation {
    ($type:ty => $data:ty, $kind:ident $name:literal, $source:literal, $document:literal $(,)?) => {
        $crate::operation!($type => $data, $kind $name, $source, $document, $document);
    };
    ($type:ty => $data:ty, $kind:ident $name:literal, $source:literal, $document:literal, $escaped:literal $(,)?) => {
        impl $crate::Operation for $type {
            type Data = $data;
            const INFO: &'static $crate::OperationInfo = &$crate::OperationInfo {
                kind: $crate::OperationKind::$kind,
                name: $name,
                document: $document,
                body_prefix: ::core::concat!(
                    "{\"query\":\"", $escaped, "\",\"operationName\":\"", $name, "\",\"variables\":"
                ),
                source: $source,
            };
            fn write_variables(&self, out: &mut $crate::json::Writer) {
                $crate::json::Write::write(self, out);
            }
        }
    };
}

/// What the macros call. Not part of the interface.
#[doc(hidden)]
pub mod private {
    pub use serde;

    use crate::json::{Encode, EncodeAs, Failed, Map, Merge, Object, Read, Result, encode_field};

    /// Passes a failure on, whose reason the reader keeps.
    #[inline]
    pub fn failed<T>() -> Result<T> {
        Err(Failed(()))
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

    impl<T> LeftOut for crate::Maybe<T> {
        fn left_out(&self) -> bool {
            self.is_absent()
        }
    }

    /// A conditional field's type.
    pub trait Conditional: LeftOut + Encode {}

    impl<T: LeftOut + Encode> Conditional for T {}
}
