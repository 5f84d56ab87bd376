//! [`Key`]: a response key, made ready at compile time to be compared with the text.

use std::borrow::Cow;

use super::scan;

/// A response key, as [`Object`](super::object::Object) looks for it.
///
/// It holds what stands in the text of an answer (`"id":`) as words of eight bytes, so that the
/// usual case is two comparisons. [`impl_graphql!`](crate::impl_graphql) makes one for each field;
/// they are constants.
///
/// ```
/// use attendium::rt::Key;
///
/// const ID: Key = Key::new("id");
/// assert_eq!(ID.name(), "id");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The text that the name stands in, and where.
    text: &'static str,
    start: u32,
    end: u32,
    /// Whether the name is a field's, in snake case, and the key is the same in camel case.
    snake: bool,
    // The pattern is what stands in a text: a byte before the key, which is left open (as 0), and
    // the key with its quotes and the colon, `_"id":`.
    /// The first 16 bytes of the pattern, and which of them there are.
    head: [u64; 2],
    mask: [u64; 2],
    /// The last 16 bytes of the pattern, where there are more than 16.
    tail: [u64; 2],
    /// The length of the pattern.
    pub(super) length: u32,
    /// One bit, chosen by the length and three of the bytes, for a set of keys (a Bloom filter).
    pub(super) bit: u64,
}

/// The keys of a selection, in its order; a fragment has the key of an empty name.
///
/// ```
/// use attendium::rt::{Key, Keys};
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
            spreads |= keys[index].start == keys[index].end;
            index += 1;
        }
        Self { keys, spreads }
    }

    /// The [keys of fields](Key::of_field), given by their names with white space between them.
    ///
    /// A key in quotes behind a name stands in its place, and two dots before a name make it a
    /// fragment's: `id created_at url "URL" ..card` has the keys `id`, `createdAt`, `URL` and none.
    ///
    /// # Panics
    /// Where there are not as many; in a constant, that is an error of the compiler.
    #[must_use]
    pub const fn of_fields(names: &'static str) -> Self {
        let text = names.as_bytes();
        let mut keys = [Key::NONE; N];
        let mut spreads = false;
        let mut spread = false;
        let (mut at, mut count) = (0, 0);
        while at < text.len() {
            if text[at] <= b' ' {
                at += 1;
            } else if text[at] == b'.' {
                spread = true;
                at += 1;
            } else if text[at] == b'"' {
                let key = Key::build(names, at + 1, false, true);
                at = key.end as usize + 1;
                keys[count - 1] = key;
            } else {
                let key = Key::build(names, at, true, true);
                at = key.end as usize;
                if spread {
                    (spread, spreads) = (false, true);
                } else {
                    keys[count] = key;
                }
                count += 1;
            }
        }
        assert!(count == N, "as many names as keys");
        Self { keys, spreads }
    }

    /// The keys one by one.
    #[doc(hidden)]
    #[must_use]
    pub const fn as_array(&self) -> &[Key; N] {
        &self.keys
    }
}

/// How many bytes the comparison takes at a time.
const WIDTH: usize = 16;

impl Key {
    const NONE: Self = Self::new("");

    /// The key of this name. Names of GraphQL have no characters that JSON escapes.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self::build(name, 0, false, false)
    }

    /// The key of a field whose name is the key's in snake case: each underscore and the letter
    /// behind it stand for a capital.
    ///
    /// ```
    /// use attendium::rt::Key;
    ///
    /// assert_eq!(Key::of_field("created_at").name(), "createdAt");
    /// assert_eq!(Key::of_field("id").name(), "id");
    /// ```
    #[must_use]
    pub const fn of_field(field: &'static str) -> Self {
        Self::build(field, 0, true, false)
    }

    /// The key whose name begins at `start`, and ends with the text or, in a list of names, before
    /// white space or a quote.
    ///
    /// rustc runs this for each key of an application, a statement at a time, and spends a quarter
    /// of a dev build on it if it is slow: so it is one loop that does little for each byte.
    const fn build(text: &'static str, mut start: usize, snake: bool, listed: bool) -> Self {
        let bytes = text.as_bytes();
        if snake && start + 2 < bytes.len() && bytes[start] == b'r' && bytes[start + 1] == b'#' {
            // A raw identifier.
            start += 2;
        }
        // The last 16 bytes, of which the last is the highest; the one before the quote is 0. The
        // first 16 are those at a length of 16.
        let mut last = (b'"' as u128) << 120;
        let mut head = 0;
        let mut length = 2;
        let mut at = start;
        while at < bytes.len() {
            let mut byte = bytes[at];
            if listed && (byte <= b' ' || byte == b'"') {
                break;
            }
            at += 1;
            if byte == b'_' && snake && at < bytes.len() && bytes[at].is_ascii_lowercase() {
                byte = bytes[at].to_ascii_uppercase();
                at += 1;
            }
            last = last >> 8 | (byte as u128) << 120;
            length += 1;
            if length == WIDTH {
                head = last;
            }
        }
        let name = length - 2;
        let end = (last >> 120) as u8;
        last = last >> 8 | (b'"' as u128) << 120;
        if length + 1 == WIDTH {
            head = last;
        }
        last = last >> 8 | (b':' as u128) << 120;
        length += 2;
        let mut mask = u128::MAX;
        if length <= WIDTH {
            head = last >> (8 * (WIDTH - length));
            mask = mask >> (8 * (WIDTH - length));
        }
        // In the middle, or as near to it as the first 16 bytes go.
        let middle = if name / 2 < 13 { name / 2 } else { 13 };
        let middle = (head >> (8 * (2 + middle))) as u8;
        Self {
            text,
            start: start as u32,
            end: at as u32,
            snake,
            head: words(head),
            mask: words(mask),
            tail: words(last),
            length: length as u32,
            bit: bit(name, [(head >> 16) as u8, middle, end]),
        }
    }

    fn written(&self) -> &'static str {
        let written = self.text.get(self.start as usize..self.end as usize);
        written.unwrap_or_default()
    }

    /// The name, letter by letter; a field's is made camel case. What the compiler writes without a
    /// key is what comes back from here: its `is_camel_case_of` is the other side of this.
    pub(super) fn characters(&self) -> impl Iterator<Item = char> {
        let mut left = self.written().chars().peekable();
        let snake = self.snake;
        std::iter::from_fn(move || {
            let next = left.next()?;
            let letter = (snake && next == '_').then(|| left.next_if(char::is_ascii_lowercase));
            Some(
                letter
                    .flatten()
                    .map_or(next, |letter| letter.to_ascii_uppercase()),
            )
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        let written = self.written();
        if self.snake {
            Cow::Owned(self.characters().collect())
        } else {
            Cow::Borrowed(written)
        }
    }

    /// Whether this is the key's name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let written = self.written();
        if self.snake {
            self.characters().eq(name.chars())
        } else {
            written == name
        }
    }

    /// Whether the key at this quote can be compared in words: it may be too long for that, or too
    /// near to the text's end.
    #[inline]
    pub(super) fn fits_at(&self, bytes: &[u8], quote: usize) -> bool {
        self.length as usize <= 2 * WIDTH && quote + 2 * WIDTH <= bytes.len()
    }

    /// Where the value begins if this key and its colon stand at this quote, without white space
    /// between them.
    ///
    /// Says `None` of very long keys too, which are compared otherwise.
    #[inline]
    pub(super) fn value_behind(&self, bytes: &[u8], quote: usize) -> Option<usize> {
        let before = quote.wrapping_sub(1);
        let [low, high] = load(bytes, before)?;
        self.value_in(bytes, before, [low & !0xFF, high])
    }

    /// The place of the value, if `lead` stands at `at`, and the key behind it.
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

/// A key's bit in a set of 64.
const fn bit(length: usize, [first, middle, last]: [u8; 3]) -> u64 {
    let mixed = length
        .wrapping_mul(29)
        .wrapping_add(first as usize * 7)
        .wrapping_add(middle as usize * 53)
        .wrapping_add(last as usize * 11);
    1 << (mixed & 63)
}

/// 16 bytes as two words.
const fn words(bytes: u128) -> [u64; 2] {
    [bytes as u64, (bytes >> 64) as u64]
}

/// 16 bytes of the text, as words.
#[inline]
fn load(bytes: &[u8], at: usize) -> Option<[u64; 2]> {
    Some(words(u128::from_le_bytes(*scan::chunk_at(bytes, at)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the value of `"NAME":` begins, in a text that goes on behind it.
    fn found(key: &Key, name: &str) -> Option<usize> {
        let text = format!(",\"{name}\":{}", "1".repeat(2 * WIDTH));
        let end = key.value_at(text.as_bytes(), 0, b',');
        assert_eq!(end, key.value_behind(text.as_bytes(), 1));
        end
    }

    #[test]
    fn a_key_of_any_length_is_compared_in_all_of_its_bytes() {
        for len in 1..=40 {
            let field: String = (0..len)
                .map(|at| char::from(b'a' + (at * 7 % 26) as u8))
                .collect();
            let (before, behind) = field.split_at(len / 2);
            let snake = format!("{before}_{behind}");
            let mut camel = field.clone();
            camel[len / 2..=len / 2].make_ascii_uppercase();
            let list: &str = format!("first {snake}\n other \"{camel}\"  last ").leak();
            let keys: Keys<4> = Keys::of_fields(list);
            let one = Key::of_field(snake.clone().leak());
            let same = Key::new(camel.clone().leak());
            for key in [one, same, keys.keys[1], keys.keys[2]] {
                assert_eq!(key.name(), camel);
                assert!(
                    key.is_named(&camel) && !key.is_named(&snake) && !key.is_named("other"),
                    "{camel}"
                );
                let fits = key.length as usize <= 2 * WIDTH;
                assert_eq!(
                    found(&key, &camel),
                    fits.then_some(camel.len() + 4),
                    "{camel}"
                );
                for at in 0..camel.len() {
                    let mut other = camel.clone();
                    other.replace_range(at..=at, "0");
                    assert_eq!(found(&key, &other), None, "{camel} {other}");
                    assert!(!key.is_named(&other), "{camel} {other}");
                }
                assert_eq!(key.bit, same.bit, "{camel}");
            }
            assert_eq!(
                (keys.keys[0].name(), keys.keys[3].name()),
                ("first".into(), "last".into())
            );
        }
    }

    #[test]
    fn underscores_that_stand_for_no_capital_stay() {
        for (field, key) in [
            ("_", "_"),
            ("__typename", "_Typename"),
            ("a_", "a_"),
            ("a_1", "a_1"),
            ("a__b", "a_B"),
            ("a_B", "a_B"),
            ("a_b_c", "aBC"),
        ] {
            assert_eq!(Key::of_field(field).name(), key);
            assert_eq!(found(&Key::of_field(field), key), Some(key.len() + 4));
        }
    }
}
