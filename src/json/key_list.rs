//! [`ListedKey`]: a key's place in the text, for objects in which the next key is another one.
//!
//! An [`Object`](super::Object) lists the keys that a second fragment may ask for again, and all of
//! its keys where they are in another order than the query's. Enter at [`find_key`].

use super::key::Key;
use super::scan::{self, Fault};

/// Where a key of an object is.
#[derive(Clone, Copy)]
pub(super) struct ListedKey {
    /// The offset of its opening quote.
    pub(super) quote: usize,
    /// The offset of its value.
    pub(super) value: usize,
    /// Whether it has no escapes and no white space around its colon, so that its bytes decide.
    plain: bool,
}

/// An object with more keys than this has them sorted, so that each is found by bisection.
pub(super) const MAX_UNSORTED: usize = 32;

impl ListedKey {
    /// Looks at the key with this opening quote.
    pub(super) fn at_quote(bytes: &[u8], quote: usize) -> Result<Self, Fault> {
        let (end, escaped, value) = scan::key_end(bytes, quote)?;
        Ok(Self {
            quote,
            value,
            plain: !escaped && value == end + 2,
        })
    }

    /// A key without escapes and without white space around its colon.
    #[inline]
    pub(super) fn plain(quote: usize, value: usize) -> Self {
        Self {
            quote,
            value,
            plain: true,
        }
    }

    /// Whether the key has this name.
    #[inline]
    pub(super) fn has_name(&self, text: &str, key: &Key) -> bool {
        // The length of a key counts a byte before it.
        if self.plain && self.value - self.quote + 1 != key.length as usize {
            return false;
        }
        let (bytes, quote) = (text.as_bytes(), self.quote);
        key.value_behind(bytes, quote).is_some()
            || (!self.plain || !key.fits_at(bytes, quote))
                && key.is_named(&scan::key_name(text, quote))
    }
}

/// Makes a list ready for [`find_key`]. A long one is sorted by name; duplicates keep their order.
pub(super) fn sort_keys(text: &str, keys: &mut [ListedKey]) {
    if keys.len() > MAX_UNSORTED {
        keys.sort_by_cached_key(|key| scan::key_name(text, key.quote));
    }
}

/// Finds the first key of this name.
pub(super) fn find_key<'k>(text: &str, keys: &'k [ListedKey], key: &Key) -> Option<&'k ListedKey> {
    if keys.len() > MAX_UNSORTED {
        let name = key.name();
        let first = keys.partition_point(|listed| scan::key_name(text, listed.quote) < name);
        keys.get(first).filter(|listed| listed.has_name(text, key))
    } else {
        keys.iter().find(|listed| listed.has_name(text, key))
    }
}
