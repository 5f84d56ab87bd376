//! [`Object`]: the cursor in an open object, from which a struct and its fragments take their fields by name.
//!
//! An answer has its keys in the order of the query, so the next key is predicted and compared once ([`Key`]), together with the
//! comma or the brace before it. Where it is another one,
//! the key may have been passed already (two fragments share it): where a key may be asked for again, its place goes on record.
//! Where it is not among them, what is left of the object is scanned once, with all objects in it, and from then on they are read from
//! the [tape](super::tape) on which their keys are written.
//! So a key costs one comparison in the usual case, and in no case more than a search among the keys of its object.

use std::borrow::Cow;

use super::codec::ReadAs;
use super::error::{ErrorKind, Result};
use super::key::{Key, Keys, Seen};
use super::read::Read;
use super::reader::Reader;
use super::scan::{self, byte_at, skip_space};
use super::tape::{LARGE, Taped, Taping};

const OPEN: u8 = b'{';
const COMMA: u8 = b',';
/// What stands nowhere, in an object that is read from the tape: the text is UTF-8.
const NEVER: u8 = 0xFF;
/// The same, where the value that was read last lies behind the cursor, which has to be put back.
const BEHIND: u8 = 0xFE;

/// An object that is being read.
///
/// ```
/// use attendium::json::{self, Key, Object, Read, Result};
///
/// struct Guest { name: String, tickets: i32 }
///
/// impl<'a> Read<'a> for Guest {
///     type Fields = ();
///     fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
///         let (name, tickets) = (object.field(&Key::new("name"))?, object.field(&Key::new("tickets"))?);
///         object.finish()?;
///         Ok(Self { name, tickets })
///     }
/// }
///
/// let guest: Guest = json::from_str(r#"{"tickets": 3, "notes": null, "name": "Ann"}"#)?;
/// assert_eq!((guest.name.as_str(), guest.tickets), ("Ann", 3));
/// # Ok::<(), json::Error>(())
/// ```
///
/// [`selection!`](crate::selection) does the same for a struct.
pub struct Object<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Where the object begins.
    start: usize,
    /// Where this object's keys begin in the record.
    base: usize,
    /// What must stand at the cursor, before the next key: the brace right behind which it begins, or the comma behind a value.
    /// Where it is neither, it is the space that does stand there, before a key that has been looked at.
    lead: u8,
    /// Where to go on after a value that lies behind the cursor.
    back: usize,
    back_lead: u8,
    /// How many fragments are being read, one inside another.
    spreads: u32,
    /// Whether the keys that are read go on record: where one may be asked for twice (there are fragments, or a union).
    recording: bool,
    seen: Seen,
    /// The record that was looked up last: the next one is often its neighbour, and often on the same side as the time before.
    last: usize,
    backward: bool,
    /// The object's keys on the tape, where it is read from there.
    taped: Taped,
}

/// Where a key is: its opening quote and its value.
#[derive(Clone, Copy)]
struct KeyPlace {
    quote: usize,
    value: usize,
}

impl<'a> Reader<'a> {
    /// Reads an object of exactly one key, whose name chooses what to read; `None` where it is not known.
    pub fn one_of<T>(
        &mut self,
        read: impl FnOnce(&mut Object<'_, 'a>, &str) -> Result<Option<T>>,
    ) -> Result<T> {
        let mut object = Object::open(self)?;
        let start = object.start;
        let mut key = Cow::Borrowed("");
        if let Some(first) = object.next_key()? {
            object.reader.skip()?;
            if object.next_quote()?.is_none() {
                key = first;
            }
        }
        // Back to its beginning.
        self.at = start;
        self.depth -= 1;
        let mut object = Object::open(self)?;
        match read(&mut object, &key)? {
            Some(value) => {
                object.close()?;
                Ok(value)
            }
            None => {
                let kind = ErrorKind::Type {
                    expected: "an object with one of its type's keys",
                    found: "another",
                };
                Err(object.reader.fail_at(object.start, kind))
            }
        }
    }
}

impl<'r, 'a> Object<'r, 'a> {
    /// Enters the object at the reader's place.
    #[inline]
    pub(crate) fn open(reader: &'r mut Reader<'a>) -> Result<Self> {
        let start = reader.at;
        reader.enter(b'{', "an object")?;
        Ok(Self {
            start,
            base: reader.keys.len,
            last: reader.keys.len,
            backward: false,
            reader,
            lead: OPEN,
            back: 0,
            back_lead: COMMA,
            spreads: 0,
            recording: true,
            seen: Seen::default(),
            taped: Taped::NONE,
        })
    }

    /// Ends a selection, before its value is made of what was read: the object's own passes over what is left of the object.
    ///
    /// That it comes before the value is made lets the value be made in its place.
    ///
    /// # Errors
    /// Where what is left is not well-formed.
    pub fn finish(&mut self) -> Result<()> {
        match self.spreads.checked_sub(1) {
            Some(spreads) => {
                self.spreads = spreads;
                Ok(())
            }
            None => self.close(),
        }
    }

    /// Passes over what is left of the object.
    #[inline]
    pub(crate) fn close(&mut self) -> Result<()> {
        if self.lead != COMMA || self.reader.peek() != b'}' {
            self.pass_rest()?;
        }
        self.reader.at += 1;
        self.reader.depth -= 1;
        self.reader.keys.truncate(self.base);
        Ok(())
    }

    #[inline(never)]
    fn pass_rest(&mut self) -> Result<()> {
        if self.taped.is_none()
            && let Some(taped) = self.reader.tape.locate(self.start)
        {
            self.taped = taped;
        }
        if let Some(end) = self.reader.tape.leave(self.taped) {
            self.reader.at = end;
        } else if let Some(quote) = self.next_quote()? {
            let reader = &mut *self.reader;
            let end = scan::object_end(reader.bytes(), quote, reader.depth, &mut ());
            reader.at = reader.checked(end)? - 1;
        }
        Ok(())
    }

    /// The keys of a selection, made ready at compile time. Where it has no fragments, none of them is asked for twice, so that the
    /// object needs no record of those that are read.
    ///
    /// ```
    /// use attendium::json::{Keys, Object, Read, Result};
    ///
    /// struct Guest { name: String, tickets: i32 }
    ///
    /// impl<'a> Read<'a> for Guest {
    ///     type Fields = ();
    ///     fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
    ///         let [name, tickets] = object.keys(const { &Keys::of_fields("name tickets") });
    ///         let (name, tickets) = (object.field(name)?, object.field(tickets)?);
    ///         object.finish()?;
    ///         Ok(Self { name, tickets })
    ///     }
    /// }
    /// # let guest: Guest = attendium::json::from_str(r#"{"name": "Ann", "tickets": 3}"#)?;
    /// # assert_eq!((guest.name.as_str(), guest.tickets), ("Ann", 3));
    /// # Ok::<(), attendium::json::Error>(())
    /// ```
    #[inline]
    pub fn keys<'k, const N: usize>(&mut self, keys: &'k Keys<N>) -> &'k [Key; N] {
        if !keys.spreads && self.spreads == 0 {
            self.recording = false;
        }
        &keys.keys
    }

    /// Reads the field with this response key.
    #[inline]
    pub fn field<T: Read<'a>>(&mut self, key: &Key) -> Result<T> {
        T::field(self, key)
    }

    /// Reads a field that `@include` or `@skip` may leave out, also where other fields are there.
    ///
    /// Where another selection asked for the same key and this one was left out, the value lacks a key that this one always has.
    #[inline]
    pub fn field_if<T: Read<'a>>(&mut self, key: &Key) -> Result<T> {
        match self.value_if(key, T::read)? {
            Some(value) => Ok(value),
            None => T::missing(self, key),
        }
    }

    /// Reads the value of this key; `None`, and past it, where a key that it always has is absent below it.
    fn value_if<T>(
        &mut self,
        key: &Key,
        read: fn(&mut Reader<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        if !self.seek(key)? {
            return Ok(None);
        }
        let reader = &mut *self.reader;
        let (at, depth, keys, mark) =
            (reader.at, reader.depth, reader.keys.len, reader.tape.mark());
        let strict = std::mem::replace(&mut reader.strict, true);
        let value = read(reader);
        reader.strict = strict;
        match value {
            Ok(value) => Ok(Some(value)),
            Err(failed) if !self.reader.missing_key_failed() => Err(failed),
            Err(_) => {
                self.reader.at = at;
                self.reader.depth = depth;
                self.reader.keys.truncate(keys);
                self.reader.tape.back_to(mark, self.taped);
                if self.taped.is_none() {
                    self.reader.skip()?;
                }
                Ok(None)
            }
        }
    }

    /// Like [`field`](Self::field), through the codec `C`.
    #[inline]
    pub fn field_as<C: ReadAs<'a, T>, T>(&mut self, key: &Key) -> Result<T> {
        match self.seek(key) {
            Ok(true) => C::read_as(self.reader),
            found => match self.absent(key, found) {
                Ok(()) => C::missing_as(self, key),
                Err(failed) => Err(failed),
            },
        }
    }

    /// Like [`field_if`](Self::field_if), through the codec `C`.
    #[inline]
    pub fn field_if_as<C: ReadAs<'a, T>, T>(&mut self, key: &Key) -> Result<T> {
        match self.value_if(key, C::read_as)? {
            Some(value) => Ok(value),
            None => C::missing_as(self, key),
        }
    }

    /// The value of a key that was looked for, read by this function, or what it means that there is none. For scalars: where it is compiled for
    /// each type of an application, a release build takes 6 % longer than with the same written out.
    #[inline(always)]
    pub(super) fn value<T: Read<'a>>(
        &mut self,
        key: &Key,
        found: Result<bool>,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T>,
    ) -> Result<T> {
        match found {
            Ok(true) => read(self.reader),
            found => match self.absent(key, found) {
                Ok(()) => T::missing(self, key),
                Err(failed) => Err(failed),
            },
        }
    }

    /// A key without a value: fails where looking for it did, and where its absence means that a conditional fragment is not there, and
    /// not what its type says.
    #[cold]
    #[inline(never)]
    pub(super) fn absent(&mut self, key: &Key, found: Result<bool>) -> Result<()> {
        found?;
        if self.reader.strict {
            Err(self.missing(key))
        } else {
            Ok(())
        }
    }

    /// Reads a fragment from this same object.
    #[inline]
    pub fn spread<T: Read<'a>>(&mut self) -> Result<T> {
        self.spreads += 1;
        T::select(self)
    }

    /// Reads a fragment that `@include` or `@skip` may leave out: `None` where a key that it always has is absent, in this
    /// object or below it.
    pub fn spread_if<T: Read<'a>>(&mut self) -> Result<Option<T>> {
        self.go_on();
        let reader = &mut *self.reader;
        let (at, depth, keys, mark) =
            (reader.at, reader.depth, reader.keys.len, reader.tape.mark());
        let (lead, spreads) = (self.lead, self.spreads);
        let strict = std::mem::replace(&mut reader.strict, true);
        let fragment = self.spread();
        self.reader.strict = strict;
        match fragment {
            Ok(fragment) => Ok(Some(fragment)),
            Err(failed) if !self.reader.missing_key_failed() => Err(failed),
            // Back to where it began. An object that is read from the tape has no place to go back to.
            Err(_) => {
                self.spreads = spreads;
                self.reader.depth = depth;
                self.reader.keys.truncate(keys);
                self.reader.tape.back_to(mark, self.taped);
                if self.taped.is_none() {
                    self.lead = lead;
                    self.reader.at = at;
                }
                Ok(None)
            }
        }
    }

    /// Reads `__typename`, by which a union chooses its variant.
    pub fn typename(&mut self) -> Result<Cow<'a, str>> {
        const TYPENAME: &Key = &Key::new("__typename");
        if self.seek_here(TYPENAME)? {
            self.reader.str_here::<16>()
        } else {
            Err(self.missing(TYPENAME))
        }
    }

    /// Notes that this object lacks a key.
    #[cold]
    #[inline(never)]
    pub fn missing(&mut self, key: &Key) -> super::Failed {
        // What is left out of a conditional fragment is told to nobody, so its name is not made.
        let name = if self.reader.strict {
            Cow::Borrowed("")
        } else {
            key.name()
        };
        self.reader.fail_at(self.start, ErrorKind::Missing(name))
    }

    /// Notes that a type is asked for its fields and has none: a scalar is no fragment.
    #[cold]
    #[inline(never)]
    pub(super) fn no_selection(&mut self) -> super::Failed {
        let kind = ErrorKind::Type {
            expected: "a value that is no object",
            found: "the fields of an object",
        };
        self.reader.fail_at(self.start, kind)
    }

    /// The next key at the cursor, for a reader that takes all keys as they come. The value is then at the reader's place.
    pub(crate) fn next_key(&mut self) -> Result<Option<Cow<'a, str>>> {
        let key = self.pass_key()?;
        Ok(key.map(|key| scan::key_name(self.reader.text, key.quote)))
    }

    /// The reader at the value whose key was found.
    #[inline]
    pub(crate) fn reader(&mut self) -> &mut Reader<'a> {
        self.reader
    }

    /// Goes to the value of this key; false where the object has none.
    ///
    /// The usual case calls nothing, so that it needs no registers of the caller's; all others are left to `search`.
    pub(crate) fn seek(&mut self, key: &Key) -> Result<bool> {
        self.seek_here(key)
    }

    /// The same within its caller: a scalar's field, so that the place in the text goes from the key to the value in a register.
    #[inline(always)]
    pub(super) fn seek_here(&mut self, key: &Key) -> Result<bool> {
        let reader = &mut *self.reader;
        let at = reader.at;
        if let Some(value) = key.value_at(reader.bytes(), at, self.lead)
            && reader.byte(value) > b' '
            && (!self.recording || self.seen.add_new(key.place) && reader.keys.push(at + 1, value))
        {
            self.lead = COMMA;
            reader.at = value;
            return Ok(true);
        }
        self.search(key)
    }

    /// Puts the cursor back, if the last value lay behind it.
    fn go_on(&mut self) {
        if self.lead == BEHIND {
            self.reader.at = self.back;
            self.lead = self.back_lead;
        }
    }

    /// Where the next key's quote is; `None` at the object's end, where the cursor then is.
    fn next_quote(&mut self) -> Result<Option<usize>> {
        self.go_on();
        let reader = &mut *self.reader;
        let bytes = reader.bytes();
        let (before, at) = match self.lead {
            COMMA => {
                let at = skip_space(bytes, reader.at);
                match byte_at(bytes, at) {
                    b',' => (b',', at),
                    b'}' => {
                        reader.at = at;
                        return Ok(None);
                    }
                    _ => {
                        reader.at = at;
                        let kind = ErrorKind::Syntax("expected `,` or `}` after a value");
                        return Err(reader.fail(kind));
                    }
                }
            }
            lead => (lead, reader.at),
        };
        let quote = skip_space(bytes, at + 1);
        reader.at = quote;
        match (byte_at(bytes, quote), before) {
            (b'"', _) => {
                // The byte before a key that has been looked at is known, whatever it is.
                reader.at = quote - 1;
                self.lead = reader.peek();
                Ok(Some(quote))
            }
            (b'}', OPEN) => {
                self.lead = COMMA;
                Ok(None)
            }
            (_, OPEN) => Err(reader.fail(ErrorKind::Syntax("expected a key in quotes or `}`"))),
            _ => Err(reader.fail(ErrorKind::Syntax("expected a key in quotes"))),
        }
    }

    /// Looks for a key that is not the next one, as far as its bytes show.
    #[inline(never)]
    fn search(&mut self, key: &Key) -> Result<bool> {
        if self.lead == BEHIND {
            self.go_on();
            return self.seek(key);
        }
        if self.taped.is_none() {
            self.search_far(key)
        } else {
            Ok(self.find_on_tape(key))
        }
    }

    #[inline(never)]
    fn search_far(&mut self, key: &Key) -> Result<bool> {
        let mut large = false;
        if self.seen.has(key.place) {
            if let Some(value) = self.passed(key) {
                (self.back, self.back_lead) = (self.reader.at, self.lead);
                self.reader.at = value;
                self.lead = BEHIND;
                return Ok(true);
            }
            large = self.reader.keys.len - self.base > LARGE;
        }
        if let Some(taped) = self.reader.tape.locate(self.start) {
            self.taped = taped;
        } else if large {
            let quote = self.next_quote()?;
            self.scan_ahead(quote)?;
        } else {
            let Some(KeyPlace { quote, value }) = self.pass_key()? else {
                return Ok(false);
            };
            if self.same(quote, key) {
                if self.recording {
                    self.seen.add(key.place);
                    self.reader.keys.push_anyway(quote, value);
                }
                return Ok(true);
            }
            self.scan_ahead(Some(quote))?;
        }
        self.lead = NEVER;
        let reader = &mut *self.reader;
        self.taped = reader.tape.enter(reader.text, self.taped);
        Ok(self.find_on_tape(key))
    }

    /// Goes to the value of a key by the tape.
    #[inline(always)]
    fn find_on_tape(&mut self, key: &Key) -> bool {
        let reader = &mut *self.reader;
        let value = reader.tape.find(reader.text, &mut self.taped, key);
        if let Some(value) = value {
            reader.at = value;
        }
        value.is_some()
    }

    /// Writes the object's keys on the tape: those on record, and from the one at this quote on, where there is one.
    fn scan_ahead(&mut self, quote: Option<usize>) -> Result<()> {
        let reader = &mut *self.reader;
        let (text, keys) = (reader.text, &reader.keys);
        let passed = (self.base..keys.len).map(|index| keys.get(index).quote);
        self.taped = reader.tape.begin(text, self.start, keys.unusual, passed);
        match quote {
            Some(quote) => {
                let mut tape = Taping::new(&mut reader.tape, text);
                let end = scan::object_end(text.as_bytes(), quote, reader.depth, &mut tape);
                reader.checked(end)?;
            }
            None => reader.tape.close(reader.at),
        }
        Ok(())
    }

    /// Goes to the value of the next key.
    #[inline]
    fn pass_key(&mut self) -> Result<Option<KeyPlace>> {
        let at = self.reader.at;
        let usual = self.reader.peek() == self.lead && self.reader.byte(at + 1) == b'"';
        let quote = if usual {
            at + 1
        } else {
            match self.next_quote()? {
                Some(quote) => quote,
                None => return Ok(None),
            }
        };
        let value = match scan::short_key_end(self.reader.bytes(), quote) {
            Some((_, value)) => value,
            None => self.pass_unusual_key(quote)?,
        };
        self.lead = COMMA;
        self.reader.at = value;
        Ok(Some(KeyPlace { quote, value }))
    }

    #[inline(never)]
    fn pass_unusual_key(&mut self, quote: usize) -> Result<usize> {
        let (end, escaped, value) = self
            .reader
            .checked(scan::key_end(self.reader.bytes(), quote))?;
        if escaped || self.reader.byte(end + 1) != b':' {
            self.reader.keys.unusual = true;
        }
        if escaped {
            // What it is without its escapes may have any bit.
            self.seen = Seen::ALL;
        }
        Ok(value)
    }

    /// Where the value of a key begins that was passed. A large record is left to the tape, except for what is near.
    fn passed(&mut self, key: &Key) -> Option<usize> {
        let (from, count) = (self.base, self.reader.keys.len);
        let (after, before) = (self.last + 1, self.last.wrapping_sub(1));
        let near = if self.backward {
            [before, after]
        } else {
            [after, before]
        };
        for near in near {
            if (from..count).contains(&near) {
                let passed = self.reader.keys.get(near);
                if self.same(passed.quote as usize, key) {
                    self.backward = near < self.last;
                    self.last = near;
                    return Some(passed.value as usize);
                }
            }
        }
        if count - from > LARGE {
            return None;
        }
        self.last = (from..count)
            .find(|&index| self.same(self.reader.keys.get(index).quote as usize, key))?;
        Some(self.reader.keys.get(self.last).value as usize)
    }

    /// Whether the key at this opening quote is that one.
    #[inline]
    fn same(&self, quote: usize, key: &Key) -> bool {
        key.value_behind(self.reader.bytes(), quote).is_some()
            || (self.reader.keys.unusual || !key.fits_at(self.reader.bytes(), quote))
                && key.is(&scan::key_name(self.reader.text, quote))
    }
}
