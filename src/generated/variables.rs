//! What is sent: `input!`, `one_of!`, `operation!`.

/// Structs that are sent: the variables of an operation, or an input object.
///
/// | written behind the type | the field is |
/// |---|---|
/// | nothing | sent by the name that is the field's in camel case: `first` for `first`, `orderBy` for `order_by` |
/// | `as "name"` | sent by that name |
/// | `as ("name" as Codec)` | the same through a codec, such as [`Serde`](crate::json::Serde) or `Maybe<Serde>` |
/// | and `= Absent` or `= None` | optional: a [`Maybe`](crate::Maybe), or an `Option` where the field is non-null and has a default value |
///
/// A [`Maybe::Absent`](crate::Maybe::Absent) field is left out, and so is an `Option` that is `None`; in a list both are `null`.
/// In brackets behind the struct's name stand the parameters of `new`: a field each of those that are not optional, with what it is made from.
/// For each optional field there is a setter.
///
/// `struct Name(…): Serialize, Deserialize { … }` implements serde's traits, too. `struct Name(…): Debug, Clone, PartialEq { … }`, without
/// codecs, has these three as if they were derived, for less of rustc's time; of a field that is deprecated, or not in snake case, rustc would warn.
///
/// ```
/// use attendium::Maybe;
/// attendium::input! {
///     pub struct Page(of: impl Into<String>) {
///         pub of: String,
///         pub first: Maybe<i32> = Absent,
///         pub cursor: Maybe<String> as "after" = Absent,
///     }
/// }
///
/// let page = Page::new("guests").first(20);
/// assert_eq!((page.of.as_str(), &page.first, &page.cursor), ("guests", &Maybe::Value(20), &Maybe::Absent));
/// assert_eq!(attendium::json::to_vec(&page), br#"{"of":"guests","first":20}"#);
/// assert_eq!(attendium::json::to_vec(&page.cursor(None)), br#"{"of":"guests","first":20,"after":null}"#);
/// ```
#[macro_export]
macro_rules! input {
    (
        $(#$meta:tt)* $vis:vis struct $type:ident($($required:ident: $given:ty),* $(,)?): Debug, Clone, PartialEq {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $name:literal)? $(= $absent:ident)?),+ $(,)?
        }
    ) => {
        $(#$meta)*
        $vis struct $type { $($(#$about)* $seen $field: $value),+ }
        $crate::__input! {
            $type (::core::stringify!($type $($field $($name)?)+)) ($($required: $given),*) { $($field)+ } { $($($field: $value = $absent,)?)+ }
        }
    };
    (
        $(#$meta:tt)* $vis:vis struct $type:ident($($required:ident: $given:ty),* $(,)?) {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $name:tt)? $(= $absent:ident)?),+ $(,)?
        }
    ) => {
        $(#$meta)*
        $vis struct $type { $($(#$about)* $seen $field: $value),+ }
        $crate::__write!($type { $($field $(: $name)?),+ });
        $crate::__constructor!($type($($required: $given),*) { $($($field: $value = $absent,)?)+ });
    };
    (
        $(#$meta:tt)* $vis:vis struct $type:ident($($parameters:tt)*): $($trait:ident),+ {
            $($(#$about:tt)* $seen:vis $field:ident: $value:ty $(as $name:tt)? $(= $absent:ident)?),+ $(,)?
        }
    ) => {
        $crate::input! {
            $(#$meta)* $vis struct $type($($parameters)*) {
                $($(#$about)* $seen $field: $value $(as $name)? $(= $absent)?),+
            }
        }
        $crate::__input_serde!($type: $($trait),+);
        $crate::__select!($type { $($field $(: $name)?),+ });
    };
    // An operation without variables.
    ($(#$meta:tt)* $vis:vis struct $type:ident $(: $($trait:ident),+)? {}) => {
        $(#$meta)*
        $vis struct $type {}
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                out.object().end();
            }
        }
        $(
            $crate::__input_serde!($type: $($trait),+);
            $crate::__select!($type {});
        )?
    };
}

/// The same for structs that stand as they are, in the generated code: of each its name, a text with that and the names of its fields as [`__fields!`] has it,
/// what `new` takes, its fields, and those that are optional.
#[doc(hidden)]
#[macro_export]
macro_rules! __input {
    ($type:ident $names:tt ($($required:tt)*) { $($field:ident)+ } { $($optional:tt)* }) => {
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                out.fields(const { &$crate::json::Keys::of_struct($names) }, &[$(&self.$field),+])
            }
        }
        $crate::__constructor!($type($($required)*) { $($optional)* });
        $crate::__derived! { $type $names { $($field)+ } }
    };
}

/// `new`, and a setter for each optional field.
#[doc(hidden)]
#[macro_export]
macro_rules! __constructor {
    ($type:ident($($required:ident: $given:ty),*) { $($field:ident: $value:ty = $absent:ident,)* }) => {
        #[allow(dead_code, deprecated, non_snake_case)]
        #[cfg_attr(clippy, allow(clippy::all, clippy::pedantic))]
        impl $type {
            /// With what is required; the rest is absent.
            #[must_use]
            pub fn new($($required: $given),*) -> Self {
                Self {
                    $($required: $required.into(),)*
                    $($field: $crate::__private::$absent(),)*
                }
            }
            $(
                /// Sets the field of this name.
                #[must_use]
                pub fn $field(mut self, value: impl $crate::__private::Into<$value>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*
        }
    };
}

/// How a struct is written: all fields at once, or one by one where there are codecs.
#[doc(hidden)]
#[macro_export]
macro_rules! __write {
    ($type:ident { $($field:ident $(: $name:literal)?),+ }) => {
        #[allow(deprecated)]
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                out.fields(
                    const { &$crate::json::Keys::of_fields(::core::stringify!($($field $($name)?)+)) },
                    &[$(&self.$field),+],
                )
            }
        }
    };
    ($type:ident { $($field:ident $(: $name:tt)?),+ }) => {
        #[allow(deprecated, non_snake_case)]
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                let mut object = out.object();
                $($crate::__give!(object (&self.$field) $field $(: $name)?);)+
                object.end();
            }
        }
    };
}

/// One field, given to the object that is written.
#[doc(hidden)]
#[macro_export]
macro_rules! __give {
    ($object:ident ($value:expr) $field:ident: ($name:literal as $codec:ty)) => {
        $object.field_as::<$codec, _>(const { &$crate::json::Key::new($name) }, $value)
    };
    ($object:ident ($value:expr) $field:ident $(: $name:tt)?) => {
        $object.field(const { &$crate::__key!($field $(: $name)?) }, $value)
    };
}

/// The name of a variant's field.
#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    ($name:literal) => {
        $name
    };
    (($name:literal as $codec:ty)) => {
        $name
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

/// An enum that is a `@oneOf` input object: `Variant(Type) as "name"`, or `as ("name" as Codec)`.
///
/// ```
/// attendium::one_of! {
///     pub enum Key {
///         Id(attendium::Id) as "id",
///         Code(String) as "code",
///     }
/// }
///
/// assert_eq!(attendium::json::to_vec(&Key::Code("x".to_owned())), br#"{"code":"x"}"#);
/// ```
#[macro_export]
macro_rules! one_of {
    (
        $(#$meta:tt)* $vis:vis enum $type:ident {
            $($(#$about:tt)* $variant:ident($value:ty) as $name:tt),+ $(,)?
        }
    ) => {
        $(#$meta)*
        $vis enum $type { $($(#$about)* $variant($value)),+ }
        #[allow(deprecated)]
        impl $crate::json::Write for $type {
            fn write(&self, out: &mut $crate::json::Writer) {
                let mut object = out.object();
                match self {
                    $(Self::$variant(value) => $crate::__give!(object (value) $variant: $name),)+
                }
                object.end();
            }
        }
    };
    (
        $(#$meta:tt)* $vis:vis enum $type:ident: $($trait:ident),+ {
            $($(#$about:tt)* $variant:ident($value:ty) as $name:tt),+ $(,)?
        }
    ) => {
        $crate::one_of! {
            $(#$meta)* $vis enum $type { $($(#$about)* $variant($value) as $name),+ }
        }
        $crate::__input_serde!($type: $($trait),+);
        #[allow(deprecated)]
        impl<'a> $crate::json::Read<'a> for $type {
            type Fields = ();
            fn read(reader: &mut $crate::json::Reader<'a>) -> $crate::json::Result<Self> {
                reader.one_of(|object, key| {
                    ::core::result::Result::Ok(match key {
                        $($crate::__name!($name) => Self::$variant({
                            let key = const { &$crate::__key!($variant: $name) };
                            $crate::__take!(object key $name)?
                        }),)+
                        _ => return ::core::result::Result::Ok(::core::option::Option::None),
                    }).map(::core::option::Option::Some)
                })
            }
        }
    };
}

/// Makes a struct of variables an operation: `Variables => Data, Kind "Name", "file:line", "document"`, and, ignored, the
/// document once more as it is in a JSON string.
///
/// ```
/// attendium::input! {
///     pub struct Me {}
/// }
/// attendium::operation!(Me => Data, Query "Me", "queries/me.graphql:1", "query Me{me{id}}");
///
/// attendium::selection! {
///     pub struct Data { pub me: User }
///     pub struct User { pub id: attendium::Id }
/// }
///
/// assert_eq!(
///     attendium::operation::body(&Me {}),
///     br#"{"query":"query Me{me{id}}","operationName":"Me","variables":{}}"#,
/// );
/// ```
#[macro_export]
macro_rules! operation {
    ($type:ty => $data:ty, $kind:ident $name:literal, $source:literal, $document:literal $(, $escaped:literal)? $(,)?) => {
        impl $crate::Operation for $type {
            type Data = $data;
            type Kind = $crate::operation::$kind;
            const INFO: &'static $crate::OperationInfo = &$crate::OperationInfo {
                kind: $crate::OperationKind::$kind,
                name: $name,
                document: $document,
                source: $source,
            };
        }
    };
}
