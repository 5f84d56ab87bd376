//! What is sent: `input!`, `one_of!`, `constructor!`, `operation!`.

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
        $crate::__select!($type { $($field: $name),* });
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
            type Fields = ();
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
/// attendium::selection! {
///     pub struct Data { pub me: User }
///     pub struct User { pub id: attendium::Id }
/// }
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
