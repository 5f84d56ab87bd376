//! [`Writer`] and [`Write`]: variables and input objects as JSON.
//!
//! A value is written twice: first only its length is taken, then its bytes go into one allocation of exactly that size.

use std::io;

use serde::Serialize;

use crate::value::{Id, Json, Maybe};

/// A type that can be sent: a variable, an input object, a field of one.
pub trait Write {
    /// Writes the value.
    fn write(&self, out: &mut Writer);

    /// Whether a *field* with this value is left out of its object.
    fn absent(&self) -> bool {
        false
    }
}

/// Where JSON is written to.
///
/// ```
/// use attendium::json::{Write, Writer, to_vec};
///
/// struct Minutes(u32);
///
/// impl Write for Minutes {
///     fn write(&self, out: &mut Writer) {
///         out.string(&format!("{}m", self.0));
///     }
/// }
///
/// assert_eq!(to_vec(&Minutes(90)), br#""90m""#);
/// ```
pub struct Writer {
    out: Out,
}

enum Out {
    /// Only the length is wanted.
    Length(usize),
    Bytes(Vec<u8>),
}

/// A value as JSON, in one allocation.
#[must_use]
pub fn to_vec<T: Write + ?Sized>(value: &T) -> Vec<u8> {
    write_between("", |out| value.write(out), "")
}

/// What `write` writes, between two texts, in one allocation. `write` is called twice and must do the same both times.
pub(crate) fn write_between(before: &str, write: impl Fn(&mut Writer), after: &str) -> Vec<u8> {
    let mut writer = Writer {
        out: Out::Length(before.len() + after.len()),
    };
    write(&mut writer);
    let length = match writer.out {
        Out::Length(length) => length,
        Out::Bytes(bytes) => bytes.len(),
    };
    let mut writer = Writer {
        out: Out::Bytes(Vec::with_capacity(length)),
    };
    writer.raw(before);
    write(&mut writer);
    writer.raw(after);
    match writer.out {
        Out::Bytes(bytes) => bytes,
        Out::Length(_) => Vec::new(),
    }
}

impl Writer {
    /// Writes text that is JSON already.
    #[inline]
    pub fn raw(&mut self, json: &str) {
        self.bytes(json.as_bytes());
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        match &mut self.out {
            Out::Length(length) => *length += bytes.len(),
            Out::Bytes(out) => out.extend_from_slice(bytes),
        }
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Writes a string in quotes, with the escapes that RFC 8259, section 7 asks for and no others.
    pub fn string(&mut self, text: &str) {
        self.bytes(b"\"");
        let mut rest = text;
        while let Some(at) = rest.bytes().position(needs_escape) {
            let (plain, behind) = rest.split_at(at);
            let (character, behind) = behind.split_at(1);
            self.raw(plain);
            self.escaped(character.as_bytes().first().copied().unwrap_or_default());
            rest = behind;
        }
        self.raw(rest);
        self.bytes(b"\"");
    }

    #[cold]
    fn escaped(&mut self, byte: u8) {
        match byte {
            b'"' => self.raw("\\\""),
            b'\\' => self.raw("\\\\"),
            b'\n' => self.raw("\\n"),
            b'\r' => self.raw("\\r"),
            b'\t' => self.raw("\\t"),
            8 => self.raw("\\b"),
            12 => self.raw("\\f"),
            _ => {
                let hex = |digit: u8| {
                    if digit < 10 {
                        b'0' + digit
                    } else {
                        b'a' + digit - 10
                    }
                };
                self.bytes(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            }
        }
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to a `Writer` can't fail.
        let _ = io::Write::write_fmt(self, format_args!("{value}"));
    }

    /// Writes what a type's `Serialize` says. What serde can't write as JSON (a map whose keys are no strings) is `null`.
    pub fn serde<T: Serialize + ?Sized>(&mut self, value: &T) {
        let mut json = Vec::new();
        match serde_json::to_writer(&mut json, value) {
            Ok(()) => self.bytes(&json),
            Err(_) => self.null(),
        }
    }

    /// Writes a list, element by element.
    pub fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&T, &mut Self)) {
        self.raw("[");
        for (index, element) in list.iter().enumerate() {
            if index > 0 {
                self.raw(",");
            }
            write(element, self);
        }
        self.raw("]");
    }

    /// Begins an object; [`ObjectWriter::end`] ends it.
    #[inline]
    pub fn object(&mut self) -> ObjectWriter<'_> {
        ObjectWriter {
            out: self,
            before: "{\"",
        }
    }
}

fn needs_escape(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < b' '
}

impl io::Write for Writer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.bytes(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An object that is being written.
pub struct ObjectWriter<'w> {
    out: &'w mut Writer,
    /// What stands before the next key.
    before: &'static str,
}

impl ObjectWriter<'_> {
    /// Writes a field, unless its value is absent. The key is written as it is: GraphQL's names need no escapes.
    pub fn field(&mut self, key: &str, value: &dyn Write) {
        if !value.absent() {
            self.key(key);
            value.write(self.out);
        }
    }

    /// Writes a field through the codec `C`, unless its value is absent.
    pub fn field_as<C: super::WriteAs<T>, T: ?Sized>(&mut self, key: &str, value: &T) {
        if !C::absent_as(value) {
            self.key(key);
            C::write_as(value, self.out);
        }
    }

    fn key(&mut self, key: &str) {
        self.out.raw(self.before);
        self.before = ",\"";
        self.out.raw(key);
        self.out.raw("\":");
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.raw(if self.before == "{\"" { "{}" } else { "}" });
    }
}

impl Write for str {
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Write for String {
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Write for std::borrow::Cow<'_, str> {
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Write for Id {
    fn write(&self, out: &mut Writer) {
        out.string(self.as_str());
    }
}

impl Write for bool {
    fn write(&self, out: &mut Writer) {
        out.raw(if *self { "true" } else { "false" });
    }
}

macro_rules! write_integer {
    ($($type:ty)*) => {$(
        impl Write for $type {
            fn write(&self, out: &mut Writer) {
                out.display(self);
            }
        }
    )*};
}

write_integer!(i32 i64 u64);

/// The shortest digits that read back as the same float. JSON has no infinities and no NaN: they are written as `null`,
/// which a server refuses where a number is required.
impl Write for f64 {
    fn write(&self, out: &mut Writer) {
        if self.is_finite() {
            // `Debug` goes over to exponents for very large and very small numbers; `Display` writes hundreds of zeros.
            out.display(format_args!("{self:?}"));
        } else {
            out.null();
        }
    }
}

impl Write for Json {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Null => out.null(),
            Self::Bool(value) => value.write(out),
            Self::Number(value) => out.display(value),
            Self::String(value) => out.string(value),
            Self::Array(values) => out.list(values, Self::write),
            Self::Object(map) => {
                out.raw("{");
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        out.raw(",");
                    }
                    out.string(key);
                    out.raw(":");
                    value.write(out);
                }
                out.raw("}");
            }
        }
    }
}

impl<T: Write + ?Sized> Write for &T {
    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }

    fn absent(&self) -> bool {
        T::absent(self)
    }
}

/// `None` is left out as a field, and `null` in a list.
impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => value.write(out),
            None => out.null(),
        }
    }

    fn absent(&self) -> bool {
        self.is_none()
    }
}

/// `Absent` is left out as a field, and `null` in a list.
impl<T: Write> Write for Maybe<T> {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Value(value) => value.write(out),
            Self::Absent | Self::Null => out.null(),
        }
    }

    fn absent(&self) -> bool {
        self.is_absent()
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.list(self, T::write);
    }
}

impl<T: Write> Write for Box<T> {
    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }

    fn absent(&self) -> bool {
        T::absent(self)
    }
}
