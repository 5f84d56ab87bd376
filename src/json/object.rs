//! [`Object`]: an open object, from which a struct and its fragments take their fields by name.
//!
//! A response has its keys in the order of the query, so the next key is predicted: it is compared
//! with the text once, together with the brace or the comma before it. Enter at [`Object::seek`].
//!
//! What is not predicted is on a list of keys and the places of their values ([`ListedKey`]):
//!
//! - Fragments may ask for a key again, so keys that were read are put on the list.
//! - Where the next key is another one, the rest of the object is scanned once and all of its keys
//!   are put on the list. From then on the object is read by the list.
//!
//! Values are read from the text in any case. So an object in another order is scanned once and
//! then read, and a text whose objects are all in another order is scanned once for each level.

use std::borrow::Cow;

use super::error::{DecodeErrorKind, ReadFailed, Result};
use super::key::{Key, Keys};
use super::key_list::{ListedKey, MAX_UNSORTED, find_key, sort_keys};
use super::reader::Reader;
use super::scan::{self, skip_space};

/// An object that is being read.
///
/// ```
/// use attendium::rt;
/// use attendium::rt::{Key, Object, Read, Result};
///
/// struct Guest { name: String, tickets: i32 }
///
/// impl<'a> Read<'a> for Guest {
///     fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
///         let name = object.field(&Key::new("name"))?;
///         let tickets = object.field(&Key::new("tickets"))?;
///         object.finish()?;
///         Ok(Self { name, tickets })
///     }
/// }
///
/// let guest: Guest = rt::from_str(r#"{"tickets": 3, "notes": null, "name": "Ann"}"#)?;
/// assert_eq!((guest.name.as_str(), guest.tickets), ("Ann", 3));
/// # Ok::<(), attendium::DecodeError>(())
/// ```
///
/// [`impl_graphql!`](crate::impl_graphql) does the same for a struct.
pub struct Object<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    /// Where the object begins.
    start: usize,
    pub(super) cursor: Cursor,
    /// Where this object's keys begin in the reader's list.
    pub(super) first_key: usize,
    /// Whether keys that are read go on the list: a fragment or a union may ask for them again.
    lists_keys: bool,
    /// The [bits](Key::bit) of the keys that were read. A key whose bit is not set was not read.
    read_keys: u64,
    /// How many fragments are being read, one inside another.
    pub(super) open_fragments: u32,
}

/// Where the next key of an object is.
#[derive(Clone, Copy)]
pub(super) enum Cursor {
    /// Behind this byte at the reader's place: the object's brace, or the comma behind a value.
    Next(u8),
    /// Behind the comma here, as the value that was read last is an earlier one.
    Resume(usize),
    /// Nowhere: all keys are on the list, that many. The closing bracket is at `end`.
    Listed { keys: usize, end: usize },
}

const BRACE: u8 = b'{';
const COMMA: u8 = b',';

impl<'a> Reader<'a> {
    /// Reads an object with one key, whose name decides what its value is read as. `read` gives
    /// `None` for a name that it does not know.
    pub fn one_of<T>(
        &mut self,
        read: impl FnOnce(&mut Object<'_, 'a>, &str) -> Result<Option<T>>,
    ) -> Result<T> {
        let mut object = Object::open(self)?;
        let mut name = Cow::Borrowed("");
        if let Some(first) = object.next_key()? {
            object.reader.skip()?;
            if object.next_key()?.is_none() {
                name = first;
            }
        }
        object.reader.at = object.start;
        object.cursor = Cursor::Next(BRACE);
        match read(&mut object, &name)? {
            Some(value) => {
                object.close()?;
                Ok(value)
            }
            None => {
                let kind = DecodeErrorKind::Type {
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
            cursor: Cursor::Next(BRACE),
            first_key: reader.keys.len(),
            lists_keys: true,
            read_keys: 0,
            open_fragments: 0,
            reader,
        })
    }

    /// Ends a selection: every `select` calls this once, last. The object's own passes over the
    /// rest of the object; that of a [fragment](Self::spread) only counts it as read.
    ///
    /// # Errors
    /// Where the rest is not well-formed.
    pub fn finish(&mut self) -> Result<()> {
        match self.open_fragments.checked_sub(1) {
            Some(fragments) => {
                self.open_fragments = fragments;
                Ok(())
            }
            None => self.close(),
        }
    }

    /// Passes over the rest of the object.
    #[inline]
    pub(crate) fn close(&mut self) -> Result<()> {
        if !matches!(self.cursor, Cursor::Next(COMMA)) || self.reader.peek() != b'}' {
            self.pass_rest()?;
        }
        self.reader.at += 1;
        self.reader.depth -= 1;
        self.reader.keys.truncate(self.first_key);
        Ok(())
    }

    #[inline(never)]
    fn pass_rest(&mut self) -> Result<()> {
        while self.pass_key()?.is_some() {
            self.reader.skip()?;
        }
        Ok(())
    }

    /// The keys of a selection, made ready at compile time. Where it has no fragments, none of
    /// them is asked for twice, so they need not be listed.
    ///
    /// ```
    /// use attendium::rt::{Keys, Object, Read, Result};
    ///
    /// struct Guest { name: String, tickets: i32 }
    ///
    /// impl<'a> Read<'a> for Guest {
    ///     fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
    ///         let [name, tickets] = object.keys(const { &Keys::of_fields("name tickets") });
    ///         let (name, tickets) = (object.field(name)?, object.field(tickets)?);
    ///         object.finish()?;
    ///         Ok(Self { name, tickets })
    ///     }
    /// }
    /// # let guest: Guest = attendium::rt::from_str(r#"{"name": "Ann", "tickets": 3}"#)?;
    /// # assert_eq!((guest.name.as_str(), guest.tickets), ("Ann", 3));
    /// # Ok::<(), attendium::DecodeError>(())
    /// ```
    #[inline]
    pub fn keys<'k, const N: usize>(&mut self, keys: &'k Keys<N>) -> &'k [Key; N] {
        if !keys.spreads && self.open_fragments == 0 {
            self.lists_keys = false;
        }
        &keys.keys
    }

    /// Reads `__typename`, by which a union chooses its variant.
    pub fn typename(&mut self) -> Result<Cow<'a, str>> {
        const TYPENAME: &Key = &Key::new("__typename");
        if self.seek(TYPENAME)? {
            self.reader.str()
        } else {
            Err(self.missing(TYPENAME))
        }
    }

    /// Fails because this object lacks a key.
    #[cold]
    #[inline(never)]
    pub fn missing(&mut self, key: &Key) -> ReadFailed {
        // Nobody is told what a conditional fragment lacks, so that name is not made.
        let name = if self.reader.in_conditional {
            Cow::Borrowed("")
        } else {
            key.name()
        };
        self.reader
            .fail_at(self.start, DecodeErrorKind::Missing(name))
    }

    /// Fails because a scalar or a list is used as a fragment.
    #[cold]
    #[inline(never)]
    pub(super) fn fail_no_selection(&mut self) -> ReadFailed {
        let kind = DecodeErrorKind::Type {
            expected: "a value that is no object",
            found: "the fields of an object",
        };
        self.reader.fail_at(self.start, kind)
    }

    /// Goes to the next key's value, for a reader that takes all keys as they come.
    pub(crate) fn next_key(&mut self) -> Result<Option<Cow<'a, str>>> {
        let key = self.pass_key()?;
        Ok(key.map(|key| scan::key_name(self.reader.text, key.quote)))
    }

    /// The reader, at the value whose key was found.
    #[inline]
    pub(crate) fn reader(&mut self) -> &mut Reader<'a> {
        self.reader
    }

    /// Goes to the value of this key. False where the object has no such key.
    pub(crate) fn seek(&mut self, key: &Key) -> Result<bool> {
        let reader = &mut *self.reader;
        if let Cursor::Next(lead) = self.cursor
            && let Some(value) = key.value_at(reader.bytes(), reader.at, lead)
            // No white space behind the colon.
            && reader.byte(value) > b' '
        {
            if self.lists_keys {
                return self.seek_and_list(key, value);
            }
            self.cursor = Cursor::Next(COMMA);
            reader.at = value;
            return Ok(true);
        }
        self.seek_any(key)
    }

    /// Goes to the value of the next key, and lists the key, unless it is a duplicate.
    #[inline(never)]
    fn seek_and_list(&mut self, key: &Key, value: usize) -> Result<bool> {
        if self.read_keys & key.bit != 0 {
            return self.seek_any(key);
        }
        self.read_keys |= key.bit;
        let quote = self.reader.at + 1;
        self.reader.keys.push(ListedKey::plain(quote, value));
        self.cursor = Cursor::Next(COMMA);
        self.reader.at = value;
        Ok(true)
    }

    /// Goes to the value of a key that is not the next one, as far as its bytes show.
    #[inline(never)]
    fn seek_any(&mut self, key: &Key) -> Result<bool> {
        if let Cursor::Listed { .. } = self.cursor {
            return Ok(self.seek_listed(key));
        }
        if self.read_keys & key.bit != 0 {
            if self.listed_keys().len() > MAX_UNSORTED {
                self.list_rest()?;
                return Ok(self.seek_listed(key));
            }
            let next = match self.cursor {
                Cursor::Resume(next) => next,
                _ => self.reader.at,
            };
            if self.seek_listed(key) {
                self.cursor = Cursor::Resume(next);
                return Ok(true);
            }
        }
        let Some(next) = self.pass_key()? else {
            return Ok(false);
        };
        if next.has_name(self.reader.text, key) {
            if self.lists_keys {
                self.read_keys |= key.bit;
                self.reader.keys.push(next);
            }
            return Ok(true);
        }
        self.reader.keys.push(next);
        self.reader.skip()?;
        self.list_rest()?;
        Ok(self.seek_listed(key))
    }

    /// The keys of this object that are on the list.
    fn listed_keys(&self) -> &[ListedKey] {
        self.reader.keys.get(self.first_key..).unwrap_or_default()
    }

    /// Goes to the value of a key on the list.
    fn seek_listed(&mut self, key: &Key) -> bool {
        let value = find_key(self.reader.text, self.listed_keys(), key).map(|found| found.value);
        if let Some(value) = value {
            self.reader.at = value;
        }
        value.is_some()
    }

    /// Puts the object's other keys on the list, and checks their values.
    fn list_rest(&mut self) -> Result<()> {
        while let Some(key) = self.pass_key()? {
            self.reader.keys.push(key);
            self.reader.skip()?;
        }
        let end = self.reader.at;
        let keys = self
            .reader
            .keys
            .get_mut(self.first_key..)
            .unwrap_or_default();
        sort_keys(self.reader.text, keys);
        self.cursor = Cursor::Listed {
            keys: keys.len(),
            end,
        };
        Ok(())
    }

    /// Goes past the next key, to its value. `None` at the object's end: the reader is then at its
    /// bracket.
    fn pass_key(&mut self) -> Result<Option<ListedKey>> {
        let reader = &mut *self.reader;
        let bytes = reader.bytes();
        let lead = match self.cursor {
            Cursor::Next(lead) => lead,
            Cursor::Resume(at) => {
                reader.at = at;
                COMMA
            }
            Cursor::Listed { end, .. } => {
                reader.at = end;
                return Ok(None);
            }
        };
        self.cursor = Cursor::Next(lead);
        if lead == COMMA {
            reader.at = skip_space(bytes, reader.at);
            match reader.peek() {
                b',' => {}
                b'}' => return Ok(None),
                _ => {
                    let kind = DecodeErrorKind::Syntax("expected `,` or `}` after a value");
                    return Err(reader.fail(kind));
                }
            }
        }
        let quote = skip_space(bytes, reader.at + 1);
        match reader.byte(quote) {
            b'"' => {}
            b'}' if lead == BRACE => {
                reader.at = quote;
                self.cursor = Cursor::Next(COMMA);
                return Ok(None);
            }
            _ => {
                let expected = if lead == BRACE {
                    "expected a key in quotes or `}`"
                } else {
                    "expected a key in quotes"
                };
                return Err(reader.fail_at(quote, DecodeErrorKind::Syntax(expected)));
            }
        }
        let key = reader.checked(ListedKey::at_quote(bytes, quote))?;
        reader.at = key.value;
        self.cursor = Cursor::Next(COMMA);
        Ok(Some(key))
    }
}
