//! [`Key`]: a response key, made ready at compile time to be compared with the text.

use std::borrow::Cow;

use super::scan;

/// A response key, as [`Object`](super::Object) looks for it.
///
/// It holds what stands in the text of an answer (`"id":`) as words of eight bytes, so that the usual case is two comparisons.
/// [`selection!`](crate::selection) makes one for each field; they are constants.
///
/// ```
/// use attendium::json::Key;
///
/// const ID: Key = Key::new("id");
/// assert_eq!(ID.name(), "id");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Key {
    name: &'static str,
    /// Whether the name is a field's, in snake case, and the key is the same in camel case.
    snake: bool,
    /// The first 16 bytes of the byte before the key, which is left open, and of `"id":`.
    head: [u64; 2],
    mask: [u64; 2],
    /// The last 16 bytes of the same, where there are more than 16.
    tail: [u64; 2],
    /// How many bytes the same has.
    length: u32,
    pub(super) place: Place,
}

/// Where a key's bit is in a set of keys: chosen by its length and three of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    word: u8,
    bit: u8,
}

impl Place {
    pub(super) const fn of(key: &[u8]) -> Self {
        const fn byte(key: &[u8], at: usize) -> usize {
            if at < key.len() { key[at] as usize } else { 0 }
        }
        let len = key.len();
        let mixed = len
            .wrapping_mul(29)
            .wrapping_add(byte(key, 0) * 7)
            .wrapping_add(byte(key, len / 2) * 53)
            .wrapping_add(byte(key, len.wrapping_sub(1)) * 11);
        Self {
            word: (mixed >> 6 & 3) as u8,
            bit: (mixed & 63) as u8,
        }
    }
}

/// Which keys an object has shown, roughly: a bit for each, so that what was not passed is not looked for.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen([u64; 4]);

impl Seen {
    pub(super) const ALL: Self = Self([u64::MAX; 4]);

    #[inline]
    pub(super) fn has(&self, place: Place) -> bool {
        self.0[usize::from(place.word & 3)] >> (place.bit & 63) & 1 != 0
    }

    /// Adds a key; whether it may be a new one.
    #[inline]
    pub(super) fn add_new(&mut self, place: Place) -> bool {
        let new = !self.has(place);
        self.add(place);
        new
    }

    #[inline]
    pub(super) fn add(&mut self, place: Place) {
        self.0[usize::from(place.word & 3)] |= 1 << (place.bit & 63);
    }
}

/// The keys of a selection, in its order; a fragment has the key of an empty name.
///
/// ```
/// use attendium::json::{Key, Keys};
///
/// const KEYS: Keys<2> = Keys::new([Key::new("id"), Key::of_field("created_at")]);
/// const SAME: Keys<2> = Keys::of_fields("id created_at");
/// const AGAIN: Keys<2> = Keys::of_fields(r#"id "id" created "createdAt""#);
/// # let _ = (KEYS, SAME, AGAIN);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Keys<const N: usize> {
    pub(super) keys: [Key; N],
    /// Whether there are fragments among them.
    pub(super) spreads: bool,
}

impl<const N: usize> Keys<N> {
    /// These keys.
    #[must_use]
    pub const fn new(keys: [Key; N]) -> Self {
        let mut spreads = false;
        let mut index = 0;
        while index < N {
            spreads |= keys[index].name.is_empty();
            index += 1;
        }
        Self { keys, spreads }
    }

    /// The [keys of fields](Key::of_field), given by their names with white space between them. A key in quotes behind a name counts
    /// in its place: `"id created_at url \"URL\""` are `id`, `createdAt` and `URL`.
    ///
    /// # Panics
    /// Where there are not as many, or one has more than 128 bytes; in a constant, that is an error of the compiler.
    #[must_use]
    pub const fn of_fields(names: &'static str) -> Self {
        let mut keys = [Key::new(""); N];
        let (mut rest, mut count) = (names.trim_ascii(), 0);
        while !rest.is_empty() {
            let mut end = 0;
            while end < rest.len() && !rest.as_bytes()[end].is_ascii_whitespace() {
                end += 1;
            }
            let (name, behind) = rest.split_at(end);
            if name.as_bytes()[0] == b'"' {
                let (key, _) = name.split_at(1).1.split_at(name.len() - 2);
                keys[count - 1] = Key::new(key);
            } else {
                keys[count] = Key::of_field(name);
                count += 1;
            }
            rest = behind.trim_ascii();
        }
        assert!(count == N, "as many names as keys");
        Self {
            keys,
            spreads: false,
        }
    }
}

/// How many bytes the comparison takes at a time.
const WIDTH: usize = 16;

impl Key {
    /// The key of this name. Names of GraphQL have no characters that JSON escapes.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self::made(name, false, name.as_bytes())
    }

    /// The key of a field whose name is the key's in snake case: each underscore and the letter behind it stand for a capital.
    ///
    /// ```
    /// use attendium::json::Key;
    ///
    /// assert_eq!(Key::of_field("created_at").name(), "createdAt");
    /// assert_eq!(Key::of_field("id").name(), "id");
    /// ```
    ///
    /// # Panics
    /// Where the name has more than 128 bytes; in a constant, that is an error of the compiler.
    #[must_use]
    pub const fn of_field(field: &'static str) -> Self {
        let (key, len) = camel_case(field.as_bytes());
        Self::made(field, true, key.split_at(len).0)
    }

    const fn made(name: &'static str, snake: bool, key: &[u8]) -> Self {
        let length = key.len() + 4;
        let mut mask = [0; 2];
        let mut at = 0;
        while at < WIDTH && at < length {
            mask[at / 8] |= 0xFF << (at % 8 * 8);
            at += 1;
        }
        Self {
            name,
            snake,
            head: Self::words(key, 0),
            mask,
            tail: Self::words(key, length.saturating_sub(WIDTH)),
            length: length as u32,
            place: Place::of(key),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        if !self.snake {
            return Cow::Borrowed(self.name);
        }
        let (key, len) = camel_case(self.name.as_bytes());
        Cow::Owned(String::from_utf8_lossy(&key[..len]).into_owned())
    }

    /// Whether this is the key's name.
    pub(super) fn is(&self, name: &str) -> bool {
        if !self.snake {
            return self.name == name;
        }
        let (key, len) = camel_case(self.name.as_bytes());
        key.get(..len) == Some(name.as_bytes())
    }

    /// 16 bytes of what stands in the text, beginning with the one before the key, from `at` on.
    const fn words(name: &[u8], mut at: usize) -> [u64; 2] {
        let mut words = [0; 2];
        let mut index = 0;
        while index < WIDTH && at < name.len() + 4 {
            let byte = match at {
                0 => 0,
                1 => b'"',
                _ if at < name.len() + 2 => name[at - 2],
                _ if at == name.len() + 2 => b'"',
                _ => b':',
            };
            words[index / 8] |= (byte as u64) << (index % 8 * 8);
            index += 1;
            at += 1;
        }
        words
    }

    /// Whether the key at this quote can be compared in words: it may be too long for that, or too near to the text's end.
    #[inline]
    pub(super) fn fits_at(&self, bytes: &[u8], quote: usize) -> bool {
        self.length as usize <= 2 * WIDTH && quote + 2 * WIDTH <= bytes.len()
    }

    /// Where the value begins if this key and its colon stand at this quote, without white space between them.
    ///
    /// Says `None` of very long keys too, which are compared otherwise.
    #[inline]
    pub(super) fn value_behind(&self, bytes: &[u8], quote: usize) -> Option<usize> {
        let before = quote.wrapping_sub(1);
        let [low, high] = load(bytes, before)?;
        self.value_in(bytes, before, [low & !0xFF, high])
    }

    /// The same if `lead` stands at `at`, before the key.
    #[inline]
    pub(super) fn value_at(&self, bytes: &[u8], at: usize, lead: u8) -> Option<usize> {
        let [low, high] = load(bytes, at)?;
        self.value_in(bytes, at, [low ^ u64::from(lead), high])
    }

    #[inline(always)]
    fn value_in(&self, bytes: &[u8], at: usize, [low, high]: [u64; 2]) -> Option<usize> {
        let differ = ((low ^ self.head[0]) & self.mask[0]) | ((high ^ self.head[1]) & self.mask[1]);
        let end = at + self.length as usize;
        let equal = differ == 0
            && (self.length <= WIDTH as u32
                || self.length <= 2 * WIDTH as u32
                    && load(bytes, end - WIDTH).is_some_and(|[low, high]| {
                        (low ^ self.tail[0]) | (high ^ self.tail[1]) == 0
                    }));
        equal.then_some(end)
    }
}

/// The longest name of a field that stands for its key.
const LONGEST: usize = 128;

/// A name in snake case as the same in camel case, and how many bytes that has. What the compiler writes without a key is what
/// comes back from here: its `is_camel_case_of` is the other side of this.
const fn camel_case(snake: &[u8]) -> ([u8; LONGEST], usize) {
    assert!(
        snake.len() <= LONGEST,
        "a field of so long a name has to name its key"
    );
    let (mut key, mut len, mut at) = ([0; LONGEST], 0, 0);
    while at < snake.len() {
        let capital =
            snake[at] == b'_' && at + 1 < snake.len() && snake[at + 1].is_ascii_lowercase();
        if capital {
            at += 1;
        }
        key[len] = if capital {
            snake[at].to_ascii_uppercase()
        } else {
            snake[at]
        };
        len += 1;
        at += 1;
    }
    (key, len)
}

/// 16 bytes of the text, as words.
#[inline]
fn load(bytes: &[u8], at: usize) -> Option<[u64; 2]> {
    let chunk = u128::from_le_bytes(*scan::chunk_at(bytes, at)?);
    Some([chunk as u64, (chunk >> 64) as u64])
}
