//! What is sent: variables, input objects and operations.

/// `Write` of a struct: its fields, without those that are absent.
#[doc(hidden)]
#[macro_export]
macro_rules! __write_input {
    ($type:ident { $($field:ident $(: $name:literal)? $(as $codec:ty)?),* $(,)? }) => {
        #[allow(deprecated)]
        impl $crate::rt::Write for $type {
            fn write(&self, out: &mut $crate::rt::Writer) {
                out.fields(
                    const {
                        &$crate::rt::Keys::of_fields(::core::stringify!($($field $($name)?)*))
                    },
                    &[$($crate::__written!((&self.$field) $(as $codec)?)),*],
                )
            }
        }
    };
}

/// A value that is written, through its codec where it has one.
#[doc(hidden)]
#[macro_export]
macro_rules! __written {
    (($value:expr)) => {
        $value
    };
    (($value:expr) as $codec:ty) => {
        &$crate::__private::Through::<$codec, _>::new($value)
    };
}

/// `Write` of a oneOf input object: an object with the variant's key.
#[doc(hidden)]
#[macro_export]
macro_rules! __write_one_of {
    ($type:ident { $($variant:ident : $name:literal $(as $codec:ty)?),* $(,)? }) => {
        #[allow(deprecated)]
        impl $crate::rt::Write for $type {
            fn write(&self, out: &mut $crate::rt::Writer) {
                match self {
                    $(
                        Self::$variant(value) => out.fields(
                            const { &$crate::rt::Keys::new([$crate::rt::Key::new($name)]) },
                            &[$crate::__written!((value) $(as $codec)?)],
                        ),
                    )*
                }
            }
        }
    };
}

/// `Operation` of the struct of an operation's variables.
#[doc(hidden)]
#[macro_export]
macro_rules! __operation {
    ($kind:ident $type:ident {
        data: $data:ty,
        name: $name:literal,
        source: $source:literal,
        document: $document:literal
        $(, incremental: $incremental:literal)? $(,)?
    }) => {
        impl $crate::Operation for $type {
            type Data = $data;
            type Kind = $crate::operation::$kind;
            const INFO: &'static $crate::OperationInfo = &$crate::OperationInfo {
                kind: $crate::OperationKind::$kind,
                name: $name,
                document: $document,
                source: $source,
                incremental: false $(|| $incremental)?,
            };
        }
    };
}
