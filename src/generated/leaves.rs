//! Enums and scalars, which answers and variables both have.

/// `Read`, `Write`, `Display`, `From<&str>`, `as_str` and `KNOWN` of an enum.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_and_write_enum {
    ($type:ident { $($variant:ident : $name:literal),* $(,)? }) => {
        #[allow(dead_code, deprecated)]
        impl $type {
            /// The values that the schema had when this was compiled.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The value's name in the schema.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Other(name) => name,
                }
            }
        }

        /// The value of this name in the schema, or `Other`.
        #[allow(deprecated)]
        impl ::core::convert::From<&str> for $type {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    _ => Self::Other(name.into()),
                }
            }
        }

        impl<'a> $crate::rt::Read<'a> for $type {
            fn read(reader: &mut $crate::rt::Reader<'a>) -> $crate::rt::Result<Self> {
                let ::core::result::Result::Ok(name) = reader.str() else {
                    return $crate::__private::failed();
                };
                ::core::result::Result::Ok(Self::from(&*name))
            }
        }

        impl $crate::rt::Write for $type {
            fn write(&self, out: &mut $crate::rt::Writer) {
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

/// `Read` and `Write` of a newtype over JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_and_write_scalar {
    ($type:ident) => {
        impl<'a> $crate::rt::Read<'a> for $type {
            fn read(reader: &mut $crate::rt::Reader<'a>) -> $crate::rt::Result<Self> {
                reader.exact_json().map(Self)
            }
        }

        impl $crate::rt::Write for $type {
            fn write(&self, out: &mut $crate::rt::Writer) {
                $crate::rt::Write::write(&self.0, out);
            }
        }
    };
}
