//! [`Writer`] and [`Write`]: variables and input objects as JSON.
//!
//! Enter at [`to_vec`], or at [`Writer::object`] for how a generated type is written.

use serde::Serialize;

use super::key::{Key, Keys};
use super::scan::plain_run;
#[cfg(feature = "session")]
use crate::upload::Upload;
use crate::value::{Id, Json, Maybe, RawJson};

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
/// use attendium::rt::to_vec;
/// use attendium::rt::{Write, Writer};
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
#[derive(Default)]
pub struct Writer {
    json: Vec<u8>,
    /// The files, and where in the JSON the `null` of each stands.
    #[cfg(feature = "session")]
    pub(crate) uploads: Vec<(usize, Upload)>,
}

/// Writes a value as JSON.
#[must_use]
pub fn to_vec<T: Write + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Writer::default();
    value.write(&mut out);
    out.into_bytes()
}

impl Writer {
    /// Makes a writer with room for that many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            json: Vec::with_capacity(bytes),
            #[cfg(feature = "session")]
            uploads: Vec::new(),
        }
    }

    /// How many bytes were written.
    #[cfg(feature = "session")]
    pub(super) fn len(&self) -> usize {
        self.json.len()
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.json
    }

    /// Writes text that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.json.extend_from_slice(json.as_bytes());
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Writes a string in quotes, with the escapes that RFC 8259, section 7 asks for and no others.
    pub fn string(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.json.push(b'"');
        let mut from = 0;
        loop {
            let end = plain_run(bytes, from);
            self.json
                .extend_from_slice(bytes.get(from..end).unwrap_or_default());
            let Some(&byte) = bytes.get(end) else { break };
            self.escape(byte);
            from = end + 1;
        }
        self.json.push(b'"');
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.raw("\\\""),
            b'\\' => self.raw("\\\\"),
            b'\n' => self.raw("\\n"),
            b'\r' => self.raw("\\r"),
            b'\t' => self.raw("\\t"),
            8 => self.raw("\\b"),
            12 => self.raw("\\f"),
            _ => self.display(format_args!("\\u{byte:04x}")),
        }
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to a vector can't fail.
        let _ = std::io::Write::write_fmt(&mut self.json, format_args!("{value}"));
    }

    /// Writes what a type's `Serialize` says. What serde can't write as JSON (a map whose keys are
    /// no strings) is `null`.
    pub fn serde<T: Serialize + ?Sized>(&mut self, value: &T) {
        let start = self.json.len();
        if serde_json::to_writer(&mut self.json, value).is_err() {
            self.json.truncate(start);
            self.null();
        }
    }

    /// Writes a list, element by element.
    pub fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&T, &mut Self)) {
        self.json.push(b'[');
        for (index, element) in list.iter().enumerate() {
            if index > 0 {
                self.json.push(b',');
            }
            write(element, self);
        }
        self.json.push(b']');
    }

    /// Writes an object of these fields, without those that are absent.
    #[doc(hidden)]
    pub fn fields<const N: usize>(&mut self, keys: &Keys<N>, values: &[&dyn Write; N]) {
        let mut object = self.object();
        for (key, value) in keys.keys.iter().zip(values) {
            object.field(key, *value);
        }
        object.end();
    }

    /// Begins an object; [`ObjectWriter::end`] ends it.
    pub fn object(&mut self) -> ObjectWriter<'_> {
        self.json.push(b'{');
        ObjectWriter {
            out: self,
            is_empty: true,
        }
    }
}

/// An object that is being written.
pub struct ObjectWriter<'w> {
    pub(super) out: &'w mut Writer,
    is_empty: bool,
}

impl ObjectWriter<'_> {
    /// Writes a field, unless its value is absent.
    pub fn field(&mut self, key: &Key, value: &dyn Write) {
        if !value.absent() {
            self.key(key);
            value.write(self.out);
        }
    }

    /// Writes a key. Names of GraphQL have no characters that JSON escapes.
    pub(super) fn key(&mut self, key: &Key) {
        self.out.raw(if self.is_empty { "\"" } else { ",\"" });
        self.is_empty = false;
        for character in key.characters() {
            self.out.raw(character.encode_utf8(&mut [0; 4]));
        }
        self.out.raw("\":");
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.raw("}");
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

impl Write for i32 {
    fn write(&self, out: &mut Writer) {
        out.display(self);
    }
}

impl Write for i64 {
    fn write(&self, out: &mut Writer) {
        out.display(self);
    }
}

impl Write for u64 {
    fn write(&self, out: &mut Writer) {
        out.display(self);
    }
}

/// The shortest digits that read back as the same float.
///
/// JSON has no infinities and no NaN. They are written as text, `"NaN"`, which is no value of a
/// `Float` (GraphQL, section 3.5.2): the server answers with an error. A `null` would be one that
/// means something else.
impl Write for f64 {
    fn write(&self, out: &mut Writer) {
        if self.is_finite() {
            // `Debug` has exponents for very large and very small numbers, `Display` has zeros.
            out.display(format_args!("{self:?}"));
        } else {
            out.raw(match (self.is_nan(), self.is_sign_negative()) {
                (true, _) => "\"NaN\"",
                (false, false) => "\"Infinity\"",
                (false, true) => "\"-Infinity\"",
            });
        }
    }
}

impl Write for RawJson {
    fn write(&self, out: &mut Writer) {
        out.raw(self.as_str());
    }
}

/// A file is `null` in the JSON, and sent beside it (GraphQL multipart request specification).
#[cfg(feature = "session")]
impl Write for Upload {
    fn write(&self, out: &mut Writer) {
        out.uploads.push((out.len(), self.clone()));
        out.null();
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Renamed(Key);

    impl Write for Renamed {
        fn write(&self, out: &mut Writer) {
            let mut object = out.object();
            object.field(&Key::new("first"), &"x");
            object.field(&self.0, &7);
            object.end();
        }
    }

    #[test]
    fn keys_of_all_lengths_are_written_as_their_names() {
        for length in 1..=40 {
            let letters = |at: usize| char::from(b'a' + (at * 7 % 26) as u8);
            let name: &'static str = (0..length).map(letters).collect::<String>().leak();
            let (before, behind) = name.split_at(length / 2);
            let snake: &'static str = format!("{before}_{behind}").leak();
            let mut camel = format!("{before}{behind}");
            camel[length / 2..=length / 2].make_ascii_uppercase();
            for (key, name) in [(Key::new(name), name), (Key::of_field(snake), &camel)] {
                let expected = format!(r#"{{"first":"x","{name}":7}}"#);
                let written = to_vec(&Renamed(key));
                assert_eq!(String::from_utf8_lossy(&written), expected);
            }
        }
    }
}
