//! [`Writer`] and [`Write`]: variables and input objects as JSON.
//!
//! A value is written to the stack, then copied into one allocation of exactly its size; one that is too long for that is
//! measured thereby, and written once more.

use std::io;

use serde::Serialize;

use super::key::{Key, Keys};
use super::scan::plain_run;
use crate::value::{Id, Json, Maybe};

/// A type that can be sent: a variable, an input object, a field of one.
pub trait Write {
    /// Writes the value.
    fn write(&self, out: &mut Writer);

    /// Whether a *field* with this value is left out of its object.
    fn absent(&self) -> bool {
        false
    }

    /// Writes the value as a field, behind its key, unless it is absent: one call for an object that knows no types.
    #[doc(hidden)]
    #[inline]
    fn write_field(&self, key: &Key, out: &mut Writer) {
        if !self.absent() {
            out.key(key);
            self.write(out);
        }
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
pub struct Writer<'b> {
    to: &'b mut [u8],
    /// How much was written, also beyond the end of `to`.
    length: usize,
}

/// A value as JSON, in one allocation.
#[must_use]
pub fn to_vec<T: Write + ?Sized>(value: &T) -> Vec<u8> {
    write_between("", &|out| value.write(out), "")
}

/// What `write` writes, between two texts, in one allocation. `write` may be called twice and must do the same both times.
///
/// Compiled once, not for each operation.
pub(crate) fn write_between(before: &str, write: &dyn Fn(&mut Writer), after: &str) -> Vec<u8> {
    let mut few = [0; 256];
    let length = written(&mut few, write);
    let mut out = Vec::with_capacity(before.len() + length + after.len());
    out.extend_from_slice(before.as_bytes());
    match few.get(..length) {
        Some(bytes) => out.extend_from_slice(bytes),
        None => {
            out.resize(before.len() + length, 0);
            written(out.get_mut(before.len()..).unwrap_or_default(), write);
        }
    }
    out.extend_from_slice(after.as_bytes());
    out
}

/// Writes as much as there is room for; returns how much that would be with enough of it.
fn written(to: &mut [u8], write: &dyn Fn(&mut Writer)) -> usize {
    let mut writer = Writer { to, length: 0 };
    write(&mut writer);
    writer.length
}

/// Copies a text of the same length; names and most values are short, so that no call is needed: their first and their last bytes
/// may meet.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    macro_rules! ends {
        ($($width:literal),*) => {$(
            if let (Some(first), Some(last)) = (from.first_chunk::<$width>(), from.last_chunk::<$width>())
                && from.len() <= 2 * $width
            {
                if let Some(to) = to.first_chunk_mut() {
                    *to = *first;
                }
                if let Some(to) = to.last_chunk_mut() {
                    *to = *last;
                }
                return;
            }
        )*};
    }
    ends!(8, 16, 4, 2, 1);
    to.copy_from_slice(from);
}

impl<'b> Writer<'b> {
    /// Writes text that is JSON already.
    #[inline]
    pub fn raw(&mut self, json: &str) {
        self.bytes(json.as_bytes());
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(place) = self.to.get_mut(self.length..end) {
            copy(place, bytes);
        }
        self.length = end;
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.to.get_mut(self.length) {
            *place = byte;
        }
        self.length += 1;
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.raw("null");
    }

    /// Writes a string in quotes, with the escapes that RFC 8259, section 7 asks for and no others.
    pub fn string(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let end = plain_run(bytes, 0);
        if end < bytes.len() {
            self.string_with_escapes(bytes, end);
            return;
        }
        let end = self.length + bytes.len() + 2;
        if let Some([open, text @ .., close]) = self.to.get_mut(self.length..end) {
            (*open, *close) = (b'"', b'"');
            copy(text, bytes);
        }
        self.length = end;
    }

    /// The same where an escape is needed at `end`.
    #[cold]
    #[inline(never)]
    fn string_with_escapes(&mut self, bytes: &[u8], mut end: usize) {
        self.byte(b'"');
        let mut from = 0;
        loop {
            self.bytes(bytes.get(from..end).unwrap_or_default());
            let Some(&byte) = bytes.get(end) else { break };
            self.escaped(byte);
            from = end + 1;
            end = plain_run(bytes, from);
        }
        self.byte(b'"');
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

    fn integer(&mut self, negative: bool, mut magnitude: u64) {
        // Twenty digits and a sign, from the last to the first.
        let mut digits = [b'-'; 21];
        let mut start = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (magnitude % 10) as u8;
            magnitude /= 10;
            start -= 1;
            if magnitude == 0 {
                break;
            }
        }
        if negative {
            start -= 1;
            if let Some(sign) = digits.get_mut(start) {
                *sign = b'-';
            }
        }
        self.bytes(digits.get(start..).unwrap_or_default());
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
        self.byte(b'[');
        for (index, element) in list.iter().enumerate() {
            if index > 0 {
                self.byte(b',');
            }
            write(element, self);
        }
        self.byte(b']');
    }

    /// Writes a comma, a key and its colon: those of usual lengths as the words that they are.
    #[inline]
    fn key(&mut self, key: &Key) {
        let (length, [first, _]) = key.behind_comma();
        if length <= first.len()
            && let Some(left) = self.to.get_mut(self.length..)
            && let Some(place) = left.first_chunk_mut()
        {
            *place = first;
            self.length += length;
        } else {
            self.other_key(key);
        }
    }

    /// The same of one that is longer, or where less place is left.
    #[inline(never)]
    fn other_key(&mut self, key: &Key) {
        let (length, [first, last]) = key.behind_comma();
        if length > first.len() + last.len() {
            self.raw(",\"");
            for character in key.characters() {
                self.bytes(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            self.raw("\":");
            return;
        }
        if let Some(place) = self.to.get_mut(self.length..self.length + length) {
            if let (Some(begin), true) = (place.first_chunk_mut(), length > first.len()) {
                *begin = first;
                if let Some(end) = place.last_chunk_mut() {
                    *end = last;
                }
            } else {
                copy(place, first.get(..length).unwrap_or_default());
            }
        }
        self.length += length;
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
    #[inline]
    pub fn object(&mut self) -> ObjectWriter<'_, 'b> {
        ObjectWriter {
            start: self.length,
            out: self,
        }
    }
}

impl io::Write for Writer<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.bytes(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An object that is being written.
///
/// Each field begins with a comma; the first comma becomes the object's brace.
pub struct ObjectWriter<'w, 'b> {
    out: &'w mut Writer<'b>,
    start: usize,
}

impl ObjectWriter<'_, '_> {
    /// Writes a field, unless its value is absent.
    pub fn field(&mut self, key: &Key, value: &dyn Write) {
        value.write_field(key, self.out);
    }

    /// Writes a field through the codec `C`, unless its value is absent.
    pub fn field_as<C: super::WriteAs<T>, T: ?Sized>(&mut self, key: &Key, value: &T) {
        if !C::absent_as(value) {
            self.out.key(key);
            C::write_as(value, self.out);
        }
    }

    /// Ends the object.
    pub fn end(self) {
        if self.out.length == self.start {
            self.out.raw("{}");
        } else {
            if let Some(comma) = self.out.to.get_mut(self.start) {
                *comma = b'{';
            }
            self.out.byte(b'}');
        }
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
        out.integer(*self < 0, u64::from(self.unsigned_abs()));
    }
}

impl Write for i64 {
    fn write(&self, out: &mut Writer) {
        out.integer(*self < 0, self.unsigned_abs());
    }
}

impl Write for u64 {
    fn write(&self, out: &mut Writer) {
        out.integer(false, *self);
    }
}

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
                out.byte(b'{');
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        out.byte(b',');
                    }
                    out.string(key);
                    out.byte(b':');
                    value.write(out);
                }
                out.byte(b'}');
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

    struct Padded {
        text: String,
        key: Key,
    }

    impl Write for Padded {
        fn write(&self, out: &mut Writer) {
            let mut object = out.object();
            object.field(&Key::new("pad"), &self.text);
            object.field(&self.key, &7);
            object.end();
        }
    }

    /// Keys are written in words of 16 bytes: wherever they begin and end, and where little or no place is left.
    #[test]
    fn keys_of_all_lengths_are_written_in_all_places() {
        for length in 1..=40 {
            let letters = |at: usize| char::from(b'a' + (at * 7 % 26) as u8);
            let name: &'static str = (0..length).map(letters).collect::<String>().leak();
            let (before, behind) = name.split_at(length / 2);
            let snake: &'static str = format!("{before}_{behind}").leak();
            let mut camel = format!("{before}{behind}");
            camel[length / 2..=length / 2].make_ascii_uppercase();
            for (key, name) in [(Key::new(name), name), (Key::of_field(snake), &camel)] {
                for pad in (0..10).chain(190..270) {
                    let text = "x".repeat(pad);
                    let expected = format!(r#"{{"pad":"{text}","{name}":7}}"#);
                    let written = to_vec(&Padded { text, key });
                    assert_eq!(String::from_utf8_lossy(&written), expected);
                }
            }
        }
    }
}
