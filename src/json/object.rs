//! [`Object`]: the cursor in an open object, from which a struct and its fragments take their fields by name.
//!
//! An answer has its keys in the order of the query, so the next key is predicted and compared once. Where it is another one,
//! the key may have been passed already (two fragments share it): the places of all keys that were passed are on record.
//! Where it is not among them, the cursor moves on, recording what it passes, until it finds the key or the object's end.
//! What it moves over is scanned once, however deep the objects nest: the ends of lists and objects are remembered ([`Ends`]).
//! So a key costs one comparison in the usual case, and in no case more than a search among the keys of its object.

use std::borrow::Cow;

use super::codec::ReadAs;
use super::error::{ErrorKind, Result};
use super::read::{Read, Selection};
use super::reader::Reader;
use super::scan::{self, byte_at, skip_space};

/// A key that was passed: where its opening quote is, and where its value begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Key {
    quote: u32,
    value: u32,
}

/// The keys that were passed in the open objects, outermost first: a stack that allocates only where it grows large.
pub(super) struct Keys {
    few: [Key; Self::FEW],
    many: Vec<Key>,
    len: usize,
    /// Whether a key with an escape sequence was met; only then names are compared with care.
    escaped: bool,
}

impl Keys {
    const FEW: usize = 64;

    pub(super) fn new() -> Self {
        Self {
            few: [Key::default(); Self::FEW],
            many: Vec::new(),
            len: 0,
            escaped: false,
        }
    }

    #[inline]
    fn push(&mut self, quote: usize, value: usize) {
        // Texts are no longer than `MAX_LENGTH`, so positions fit.
        let key = Key {
            quote: quote as u32,
            value: value as u32,
        };
        match self.few.get_mut(self.len) {
            Some(slot) => *slot = key,
            None => self.many.push(key),
        }
        self.len += 1;
    }

    fn get(&self, index: usize) -> Key {
        let key = if index < Self::FEW {
            self.few.get(index)
        } else {
            self.many.get(index - Self::FEW)
        };
        key.copied().unwrap_or_default()
    }

    #[inline]
    fn truncate(&mut self, len: usize) {
        if self.len > Self::FEW {
            self.many.truncate(len.saturating_sub(Self::FEW));
        }
        self.len = len;
    }
}

/// Where the lists and objects end that were moved over, in the order in which they begin. Short ones are not worth a note.
///
/// Without it, what lies deep in an answer whose keys are in another order would be scanned once for each object around it.
#[derive(Default)]
pub(super) struct Ends {
    /// Where one begins and where it ends; while it is open, which one it lies in.
    places: Vec<(u32, u32)>,
    /// All before this has been scanned.
    to: usize,
}

impl Ends {
    /// Less than this many bytes are scanned again.
    const SHORT: u32 = 48;
    const NONE: u32 = u32::MAX;

    fn of(&self, start: usize) -> Option<usize> {
        let index = self
            .places
            .binary_search_by_key(&(start as u32), |&(start, _)| start)
            .ok()?;
        self.places.get(index).map(|&(_, end)| end as usize)
    }

    /// Notes that one begins inside of another; returns the note.
    pub(super) fn open(&mut self, start: usize, around: u32) -> u32 {
        self.places.push((start as u32, around));
        self.places.len() as u32 - 1
    }

    /// Notes where one ends; returns the note of the one around it.
    pub(super) fn close(&mut self, note: u32, end: usize) -> u32 {
        let last = self.places.len() == note as usize + 1;
        let Some((start, place)) = self.places.get_mut(note as usize) else {
            return Self::NONE;
        };
        let around = std::mem::replace(place, end as u32);
        if last && *place - *start < Self::SHORT {
            self.places.pop();
        }
        around
    }
}

impl Reader<'_> {
    /// Moves over a value that may be read later, and notes the ends of what it holds.
    fn skip_marking(&mut self) -> Result<()> {
        let start = self.at;
        match self.peek() {
            b'"' => {
                self.at = self.checked(scan::string_end(self.bytes(), start + 1))?.0 + 1;
                return Ok(());
            }
            b'{' | b'[' => {}
            _ => return self.skip(),
        }
        if start < self.ends.to {
            if let Some(end) = self.ends.of(start) {
                self.at = end;
                return Ok(());
            }
            return self.skip();
        }
        let mut ends = std::mem::take(&mut self.ends);
        let end = scan::value_end(self.bytes(), start, self.depth, Some(&mut ends));
        self.ends = ends;
        self.at = self.checked(end)?;
        self.ends.to = self.at;
        Ok(())
    }
}

/// The keys of a large object by name, so that looking for one is no walk along all of them.
struct Index {
    /// Sorted by name.
    sorted: Vec<u32>,
    /// Up to where the record has been sorted.
    to: usize,
}

/// An object that is being read.
///
/// ```
/// use attendium::json::{self, Object, Read, Reader, Result, Selection};
///
/// struct Guest { name: String, tickets: i32 }
///
/// impl<'a> Selection<'a> for Guest {
///     fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
///         Ok(Self { name: object.field("name")?, tickets: object.field("tickets")? })
///     }
/// }
/// impl<'a> Read<'a> for Guest {
///     fn read(reader: &mut Reader<'a>) -> Result<Self> {
///         reader.object()
///     }
/// }
///
/// let guest: Guest = json::from_str(r#"{"tickets": 3, "notes": null, "name": "Ann"}"#)?;
/// assert_eq!((guest.name.as_str(), guest.tickets), ("Ann", 3));
/// # Ok::<(), json::Error>(())
/// ```
///
/// [`selection!`](crate::selection) writes these two implementations.
pub struct Object<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// Where the object begins.
    start: usize,
    /// Where this object's keys begin in the record.
    base: usize,
    /// Where to go on after a value that lies behind the cursor; 0 while reading at the cursor.
    back: usize,
    index: Option<Box<Index>>,
    seen: Seen,
    /// The record that was looked up last: the next one is often its neighbour.
    last: usize,
}

/// Which keys are on record, roughly: a bit for each key, so that what was not passed is not looked for.
#[derive(Default)]
struct Seen([u64; 4]);

impl Seen {
    /// Where a key's bit is: chosen by its length and three of its bytes.
    #[inline]
    fn place(key: &[u8]) -> (usize, u64) {
        let byte = |at: usize| usize::from(byte_at(key, at));
        let len = key.len();
        let mixed = len * 29 + byte(0) * 7 + byte(len / 2) * 53 + byte(len.wrapping_sub(1)) * 11;
        (mixed >> 6 & 3, 1 << (mixed & 63))
    }

    #[inline]
    fn has(&self, (word, bit): (usize, u64)) -> bool {
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    #[inline]
    fn add(&mut self, (word, bit): (usize, u64)) {
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads an object through its type's [`Selection`].
    #[inline]
    pub fn object<T: Selection<'a>>(&mut self) -> Result<T> {
        let mut object = Object::open(self)?;
        let value = T::select(&mut object)?;
        object.close()?;
        Ok(value)
    }

    /// Reads an object of exactly one key, whose name chooses what to read; `None` where it is not known.
    pub fn one_of<T>(
        &mut self,
        read: impl FnOnce(&mut Object<'_, 'a>, &str) -> Result<Option<T>>,
    ) -> Result<T> {
        let mut object = Object::open(self)?;
        let start = object.reader.at;
        let key = match object.reader.peek() {
            b'"' => object.name(start),
            _ => Cow::Borrowed(""),
        };
        let value = read(&mut object, &key)?;
        match value {
            Some(value) if object.reader.peek() == b'}' => {
                object.close()?;
                Ok(value)
            }
            _ => {
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
    pub(crate) fn open(reader: &'r mut Reader<'a>) -> Result<Self> {
        let start = reader.at;
        reader.open(b'{', "an object")?;
        let base = reader.keys.len;
        let mut object = Self {
            reader,
            start,
            base,
            back: 0,
            index: None,
            seen: Seen::default(),
            last: base,
        };
        if object.reader.peek() != b'"' {
            object.key_or_end()?;
        }
        Ok(object)
    }

    /// Passes over what is left of the object.
    pub(crate) fn close(&mut self) -> Result<()> {
        while self.reader.peek() != b'}' {
            let (.., value) = self
                .reader
                .checked(scan::key_end(self.reader.bytes(), self.reader.at))?;
            self.reader.at = value;
            self.reader.skip()?;
            self.resume()?;
        }
        self.reader.at += 1;
        self.reader.depth -= 1;
        self.reader.keys.truncate(self.base);
        Ok(())
    }

    /// Reads the field with this response key.
    #[inline]
    pub fn field<T: Read<'a>>(&mut self, key: &'static str) -> Result<T> {
        if self.seek(key)? {
            let value = T::read(self.reader)?;
            self.resume()?;
            Ok(value)
        } else if self.reader.strict {
            Err(self.missing(key))
        } else {
            T::missing(self, key)
        }
    }

    /// Reads a field that `@include` or `@skip` may leave out, also where other fields are there.
    ///
    /// Where another selection asked for the same key and this one was left out, the value lacks a key that this one always has.
    #[inline]
    pub fn field_if<T: Read<'a>>(&mut self, key: &'static str) -> Result<T> {
        if self.seek(key)?
            && let Some(value) = self.value_if(T::read)?
        {
            self.resume()?;
            Ok(value)
        } else {
            T::missing(self, key)
        }
    }

    /// Reads the value at the cursor; `None`, and past it, where a key that it always has is absent below it.
    fn value_if<T>(&mut self, read: fn(&mut Reader<'a>) -> Result<T>) -> Result<Option<T>> {
        let reader = &mut *self.reader;
        let (at, depth, keys) = (reader.at, reader.depth, reader.keys.len);
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
                self.reader.skip()?;
                self.resume()?;
                Ok(None)
            }
        }
    }

    /// Like [`field`](Self::field), through the codec `C`.
    #[inline]
    pub fn field_as<C: ReadAs<'a, T>, T>(&mut self, key: &'static str) -> Result<T> {
        if self.seek(key)? {
            let value = C::read_as(self.reader)?;
            self.resume()?;
            Ok(value)
        } else if self.reader.strict {
            Err(self.missing(key))
        } else {
            C::missing_as(self, key)
        }
    }

    /// Like [`field_if`](Self::field_if), through the codec `C`.
    #[inline]
    pub fn field_if_as<C: ReadAs<'a, T>, T>(&mut self, key: &'static str) -> Result<T> {
        if self.seek(key)?
            && let Some(value) = self.value_if(C::read_as)?
        {
            self.resume()?;
            Ok(value)
        } else {
            C::missing_as(self, key)
        }
    }

    /// Reads a fragment from this same object.
    #[inline]
    pub fn spread<T: Selection<'a>>(&mut self) -> Result<T> {
        T::select(self)
    }

    /// Reads a fragment that `@include` or `@skip` may leave out: `None` where a key that it always has is absent, in this
    /// object or below it.
    pub fn spread_if<T: Selection<'a>>(&mut self) -> Result<Option<T>> {
        let reader = &mut *self.reader;
        let (at, depth, keys) = (reader.at, reader.depth, reader.keys.len);
        let strict = std::mem::replace(&mut reader.strict, true);
        let fragment = T::select(self);
        self.reader.strict = strict;
        match fragment {
            Ok(fragment) => Ok(Some(fragment)),
            Err(failed) => self.go_back(at, depth, keys, failed).map(|()| None),
        }
    }

    /// After a conditional fragment failed: back to where it began, if it is just not there.
    #[cold]
    #[inline(never)]
    fn go_back(
        &mut self,
        at: usize,
        depth: usize,
        keys: usize,
        failed: super::Failed,
    ) -> Result<()> {
        if !self.reader.missing_key_failed() {
            return Err(failed);
        }
        self.back = 0;
        self.index = None;
        self.reader.at = at;
        self.reader.depth = depth;
        self.reader.keys.truncate(keys);
        Ok(())
    }

    /// Reads `__typename`, by which a union chooses its variant.
    pub fn typename(&mut self) -> Result<Cow<'a, str>> {
        if self.seek("__typename")? {
            let name = self.reader.str()?;
            self.resume()?;
            Ok(name)
        } else {
            Err(self.missing("__typename"))
        }
    }

    /// Notes that this object lacks a key.
    #[cold]
    #[inline(never)]
    pub fn missing(&mut self, key: &'static str) -> super::Failed {
        self.reader.fail_at(self.start, ErrorKind::Missing(key))
    }

    /// The next key at the cursor, for a reader that takes all keys as they come. The value is then at the reader's place.
    pub(crate) fn next_key(&mut self) -> Result<Option<Cow<'a, str>>> {
        if self.reader.peek() == b'}' {
            return Ok(None);
        }
        let key = self.reader.str()?;
        self.reader.at = skip_space(self.reader.bytes(), self.reader.at);
        if self.reader.peek() != b':' {
            return Err(self
                .reader
                .fail(ErrorKind::Syntax("expected `:` after a key")));
        }
        self.reader.at = skip_space(self.reader.bytes(), self.reader.at + 1);
        Ok(Some(key))
    }

    /// The reader at the value whose key was found.
    pub(crate) fn reader(&mut self) -> &mut Reader<'a> {
        self.reader
    }

    /// Goes to the value of this key, if the object has it.
    pub(crate) fn seek(&mut self, key: &str) -> Result<bool> {
        let bytes = self.reader.bytes();
        let quote = self.reader.at;
        let end = quote + 1 + key.len();
        let place = Seen::place(key.as_bytes());
        if byte_at(bytes, end) == b'"'
            && byte_at(bytes, end + 1) == b':'
            && byte_at(bytes, quote) == b'"'
            && bytes.get(quote + 1..end) == Some(key.as_bytes())
            && (!self.seen.has(place) || self.passed(key).is_none())
        {
            let mut value = end + 2;
            if byte_at(bytes, value) <= b' ' {
                value = skip_space(bytes, value);
            }
            self.seen.add(place);
            self.reader.keys.push(quote, value);
            self.reader.at = value;
            return Ok(true);
        }
        self.search(key, place)
    }

    /// Goes on after a value: to the next key or the object's end, or back to the cursor.
    #[inline]
    pub(crate) fn resume(&mut self) -> Result<()> {
        let reader = &mut *self.reader;
        if self.back == 0
            && byte_at(reader.bytes(), reader.at) == b','
            && byte_at(reader.bytes(), reader.at + 1) == b'"'
        {
            reader.at += 1;
            return Ok(());
        }
        self.resume_slowly()
    }

    #[inline(never)]
    fn resume_slowly(&mut self) -> Result<()> {
        if self.back != 0 {
            self.reader.at = std::mem::take(&mut self.back);
            return Ok(());
        }
        let bytes = self.reader.bytes();
        let at = skip_space(bytes, self.reader.at);
        self.reader.at = at;
        match byte_at(bytes, at) {
            b'}' => Ok(()),
            b',' => {
                self.reader.at = skip_space(bytes, at + 1);
                if self.reader.peek() == b'"' {
                    Ok(())
                } else {
                    Err(self
                        .reader
                        .fail(ErrorKind::Syntax("expected a key in quotes")))
                }
            }
            _ => Err(self
                .reader
                .fail(ErrorKind::Syntax("expected `,` or `}` after a value"))),
        }
    }

    /// Right behind the opening brace: a key or the end must follow.
    fn key_or_end(&mut self) -> Result<()> {
        match self.reader.peek() {
            b'"' | b'}' => Ok(()),
            _ => Err(self
                .reader
                .fail(ErrorKind::Syntax("expected a key in quotes or `}`"))),
        }
    }

    /// Looks for a key that is not the next one: among those that were passed, then among those to come.
    #[inline(never)]
    fn search(&mut self, key: &str, place: (usize, u64)) -> Result<bool> {
        if self.seen.has(place)
            && let Some(value) = self.passed(key)
        {
            self.back = self.reader.at;
            self.reader.at = value;
            return Ok(true);
        }
        while self.reader.peek() != b'}' {
            let quote = self.reader.at;
            let (end, escaped, value) = self
                .reader
                .checked(scan::key_end(self.reader.bytes(), quote))?;
            self.reader.at = value;
            let raw = self.reader.text.get(quote + 1..end).unwrap_or_default();
            // Of duplicate keys the first counts, so one that is on record already is passed over.
            if self.record(quote, raw, escaped, value)
                && (raw == key || escaped && self.same(quote, key))
            {
                return Ok(true);
            }
            self.reader.skip_marking()?;
            self.resume()?;
        }
        Ok(false)
    }

    /// Puts a key on record, unless it is there already.
    fn record(&mut self, quote: usize, raw: &str, escaped: bool, value: usize) -> bool {
        if escaped {
            self.reader.keys.escaped = true;
            // What it is without its escapes may have any bit.
            self.seen = Seen([u64::MAX; 4]);
        }
        let place = Seen::place(raw.as_bytes());
        if self.seen.has(place) {
            let known = if escaped {
                self.passed(&self.name(quote))
            } else {
                self.passed(raw)
            };
            if known.is_some() {
                return false;
            }
        }
        self.seen.add(place);
        self.reader.keys.push(quote, value);
        true
    }

    /// Where the value of a key begins that was passed.
    fn passed(&mut self, key: &str) -> Option<usize> {
        const LARGE: usize = 64;
        let count = self.reader.keys.len;
        let mut from = self.base;
        for near in [self.last + 1, self.last.wrapping_sub(1)] {
            if (from..count).contains(&near)
                && self.same(self.reader.keys.get(near).quote as usize, key)
            {
                self.last = near;
                return Some(self.reader.keys.get(near).value as usize);
            }
        }
        if count - from > LARGE {
            from = self.indexed(count, LARGE);
            let found = self
                .index
                .as_ref()
                .and_then(|index| self.look_up(&index.sorted, key));
            if found.is_some() {
                return found;
            }
        }
        self.last = (from..count)
            .find(|&index| self.same(self.reader.keys.get(index).quote as usize, key))?;
        Some(self.reader.keys.get(self.last).value as usize)
    }

    /// Sorts a large object's keys, except for a tail that is short beside what is sorted; returns where the tail begins.
    #[cold]
    #[inline(never)]
    fn indexed(&mut self, count: usize, large: usize) -> usize {
        let sorted_to = self.index.as_ref().map_or(self.base, |index| index.to);
        if count - sorted_to <= large.max(sorted_to - self.base) {
            return sorted_to;
        }
        let mut sorted: Vec<u32> = (self.base..count).map(|index| index as u32).collect();
        sorted.sort_by_cached_key(|&index| {
            self.name(self.reader.keys.get(index as usize).quote as usize)
        });
        self.index = Some(Box::new(Index { sorted, to: count }));
        count
    }

    fn look_up(&self, sorted: &[u32], key: &str) -> Option<usize> {
        let place = |index: u32| self.reader.keys.get(index as usize);
        let first =
            sorted.partition_point(|&index| self.name(place(index).quote as usize).as_ref() < key);
        let found = place(*sorted.get(first)?);
        self.same(found.quote as usize, key)
            .then_some(found.value as usize)
    }

    /// Whether the key at this opening quote is that one.
    fn same(&self, quote: usize, key: &str) -> bool {
        let bytes = self.reader.bytes();
        let end = quote + 1 + key.len();
        let equal =
            byte_at(bytes, end) == b'"' && bytes.get(quote + 1..end) == Some(key.as_bytes());
        equal || (self.reader.keys.escaped && self.name(quote) == key)
    }

    /// The key at this opening quote, which has been passed and so is well-formed (or else is empty).
    fn name(&self, quote: usize) -> Cow<'a, str> {
        let start = quote + 1;
        let (end, escaped) = scan::string_end(self.reader.bytes(), start).unwrap_or((start, false));
        let name = self.reader.text.get(start..end).unwrap_or_default();
        if escaped {
            scan::unescape(name).map_or(Cow::Borrowed(""), Cow::Owned)
        } else {
            Cow::Borrowed(name)
        }
    }
}
