//! [`Tape`]: the keys of what was scanned ahead, at every depth, so that an answer whose keys are in another order is scanned once.
//!
//! Where an object's next key is not the one that is asked for, what is left of the object is scanned to its end, and each key in it,
//! however deep, is written on the tape. From then on the object is read by the tape: the key asked for is mostly the neighbour of the
//! last one, and what lies between them needs no reading. The objects inside of it find themselves on the same tape.
//! What an object wrote is taken off again where it is closed, so the tape holds 8 bytes for each key and 32 for each object of one
//! value that is out of order, and its memory is used for the next one.

use super::key::Key;
use super::scan::{self, Notes, byte_at};

/// A key on the tape. Those of an object stand side by side, in the order of the text.
#[derive(Clone, Copy)]
struct TapedKey {
    quote: u32,
    /// The first object that begins behind the key: where the key's value holds objects, it is one of them.
    object: u32,
}

/// An object on the tape.
struct TapedObject {
    start: u32,
    /// Where its closing bracket is; while it is being scanned, which object it lies in.
    end: u32,
    /// Where its keys are; while it is being scanned, among those that wait.
    first: u32,
    count: u32,
    /// The first object that begins behind it.
    after: u32,
    /// While one inside of it is being scanned: which keys it has, roughly.
    seen: u64,
    /// Whether its keys stand in the order of their names.
    sorted: bool,
}

/// Keys that were scanned ahead. See the [module](self).
#[derive(Default)]
pub(super) struct Tape {
    /// The objects of each part in the order in which they begin.
    objects: Vec<TapedObject>,
    /// The keys of the objects that have ended.
    keys: Vec<TapedKey>,
    /// The keys of those that are being scanned, outermost first.
    waiting: Vec<TapedKey>,
    /// Where the last part begins: one is written by an object that no other part holds, and lies on top of the others.
    part: u32,
    /// The object that is being scanned.
    open: u32,
    /// The object that is likely to be opened next.
    likely: u32,
    /// Whether keys were last found from the end to the beginning.
    backward: bool,
    /// Whether a key with an escape sequence, or with white space before its colon, was met; only then names are compared with care.
    unusual: bool,
}

/// An object that is read from the tape.
#[derive(Clone, Copy)]
pub(super) struct Taped {
    object: u32,
    /// Its keys.
    first: u32,
    end: u32,
    /// The key that was found last.
    last: u32,
    /// What the tape was before the object wrote a part of it, where it did.
    before: u32,
    before_keys: u32,
}

impl Taped {
    /// No object.
    pub(super) const NONE: Self = Self {
        object: NONE,
        first: 0,
        end: 0,
        last: 0,
        before: NONE,
        before_keys: 0,
    };

    #[inline]
    pub(super) fn is_none(self) -> bool {
        self.object == NONE
    }
}

/// How far the tape was written.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    objects: u32,
    keys: u32,
    part: u32,
}

const NONE: u32 = u32::MAX;

/// An object with more keys than this is not searched key by key.
pub(super) const LARGE: usize = 64;

impl Tape {
    /// Begins a part of the tape for an object, with those of its keys that were passed already, which differ.
    pub(super) fn begin(
        &mut self,
        text: &str,
        start: usize,
        unusual: bool,
        passed: impl Iterator<Item = u32>,
    ) -> Taped {
        if self.keys.capacity() == 0 {
            // Room for what answers mostly hold: a tape of megabytes that grows is copied as often as it doubles.
            let left = text.len() - start;
            self.objects.reserve((left / 128).clamp(8, 1 << 16));
            self.keys.reserve((left / 24).clamp(32, 1 << 18));
            self.waiting.reserve(64);
        }
        let object = self.objects.len() as u32;
        self.unusual |= unusual;
        self.waiting.clear();
        self.open = NONE;
        self.open(start);
        self.waiting
            .extend(passed.map(|quote| TapedKey { quote, object }));
        Taped {
            object,
            before: std::mem::replace(&mut self.part, object),
            before_keys: self.keys.len() as u32,
            ..Taped::NONE
        }
    }

    fn open(&mut self, start: usize) {
        let object = self.objects.len() as u32;
        self.objects.push(TapedObject {
            start: start as u32,
            end: self.open,
            first: self.waiting.len() as u32,
            count: 0,
            after: NONE,
            seen: 0,
            sorted: false,
        });
        self.open = object;
    }

    /// Ends the object that is being scanned; its bracket is here.
    pub(super) fn close(&mut self, bracket: usize) {
        let after = self.objects.len() as u32;
        let Some(object) = self.objects.get_mut(self.open as usize) else {
            return;
        };
        self.open = std::mem::replace(&mut object.end, bracket as u32);
        object.after = after;
        let from = std::mem::replace(&mut object.first, self.keys.len() as u32) as usize;
        if let Some(keys) = self.waiting.get(from..) {
            object.count = keys.len() as u32;
            self.keys.extend_from_slice(keys);
        }
        self.waiting.truncate(from);
    }

    /// The object that begins here, if it was scanned.
    #[inline]
    pub(super) fn locate(&self, start: usize) -> Option<Taped> {
        let start = start as u32;
        let likely = self.objects.get(self.likely as usize);
        let object =
            if likely.is_some_and(|object| object.start == start) && self.likely >= self.part {
                self.likely
            } else {
                let objects = self.objects.get(self.part as usize..)?;
                let index = objects.binary_search_by_key(&start, |object| object.start);
                self.part + index.ok()? as u32
            };
        Some(Taped {
            object,
            ..Taped::NONE
        })
    }

    /// Makes an object ready to be read from the tape.
    pub(super) fn enter(&mut self, text: &str, taped: Taped) -> Taped {
        let Some(entered) = self.objects.get_mut(taped.object as usize) else {
            return taped;
        };
        let (first, end) = (entered.first, entered.first + entered.count);
        if entered.count as usize > LARGE && !entered.sorted {
            entered.sorted = true;
            if let Some(keys) = self.keys.get_mut(first as usize..end as usize) {
                sort(text, keys);
            }
        }
        let last = if self.backward {
            end
        } else {
            first.wrapping_sub(1)
        };
        Taped {
            first,
            end,
            last,
            ..taped
        }
    }

    /// Leaves an object, and takes from the tape what it wrote; returns where its closing bracket is.
    pub(super) fn leave(&mut self, taped: Taped) -> Option<usize> {
        let left = self.objects.get(taped.object as usize)?;
        let end = left.end as usize;
        self.likely = left.after;
        if taped.before != NONE {
            self.part = taped.before;
            self.objects.truncate(taped.object as usize);
            self.keys.truncate(taped.before_keys as usize);
        }
        Some(end)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            objects: self.objects.len() as u32,
            keys: self.keys.len() as u32,
            part: self.part,
        }
    }

    /// Takes from the tape what was written since, except for what this object wrote, which goes on to be read from it.
    pub(super) fn back_to(&mut self, mut mark: Mark, kept: Taped) {
        if kept.before != NONE
            && let Some(object) = self.objects.get(kept.object as usize)
        {
            mark = Mark {
                objects: object.after,
                keys: object.first + object.count,
                part: kept.object,
            };
        }
        self.part = mark.part;
        self.objects.truncate(mark.objects as usize);
        self.keys.truncate(mark.keys as usize);
    }

    /// Where the value of a key begins, which then counts as the one found last.
    #[inline(always)]
    pub(super) fn find(&mut self, text: &str, taped: &mut Taped, key: &Key) -> Option<usize> {
        let ahead = if self.backward {
            taped.last.wrapping_sub(1)
        } else {
            taped.last.wrapping_add(1)
        };
        if (taped.first..taped.end).contains(&ahead)
            && let Some(found) = self.keys.get(ahead as usize)
            && let Some(value) = key.value_behind(text.as_bytes(), found.quote as usize)
            && byte_at(text.as_bytes(), value) > b' '
        {
            self.likely = found.object;
            taped.last = ahead;
            return Some(value);
        }
        self.find_far(text, taped, key)
    }

    #[inline(never)]
    fn find_far(&mut self, text: &str, taped: &mut Taped, key: &Key) -> Option<usize> {
        let keys = self.keys.get(..taped.end as usize)?;
        let keys = keys.get(taped.first as usize..)?;
        let same = |taped: &TapedKey| {
            let (bytes, quote) = (text.as_bytes(), taped.quote as usize);
            key.value_behind(bytes, quote).is_some()
                || (self.unusual || !key.fits_at(bytes, quote))
                    && key.is(&scan::key_name(text, quote))
        };
        let found = if keys.len() > LARGE {
            let (name, key) = (
                |taped: &TapedKey| scan::key_name(text, taped.quote as usize),
                key.name(),
            );
            let first = keys.partition_point(|taped| name(taped) < key);
            keys.get(first).is_some_and(same).then_some(first)
        } else {
            // Where in the object the last one was; before its first one at the beginning.
            let last = taped.last.wrapping_sub(taped.first);
            let (behind, ahead) = if self.backward {
                keys.split_at_checked(last as usize)?
            } else {
                keys.split_at_checked(last.wrapping_add(1) as usize)?
            };
            let offset = behind.len();
            let position = || ahead.iter().position(same).map(|index| offset + index);
            let before = || behind.iter().rposition(same);
            if self.backward {
                before().or_else(position)
            } else {
                position().or_else(before)
            }
        }?;
        let found_key = keys.get(found)?;
        let value = scan::key_end(text.as_bytes(), found_key.quote as usize)
            .ok()?
            .2;
        self.likely = found_key.object;
        let found = taped.first + found as u32;
        // One step to the other side: so it will be for the next one.
        if found == taped.last.wrapping_add(1) || found == taped.last.wrapping_sub(1) {
            self.backward = found < taped.last;
        }
        taped.last = found;
        Some(value)
    }
}

/// Sorts a large object's keys by name. Of equal ones all become the first.
#[cold]
#[inline(never)]
fn sort(text: &str, keys: &mut [TapedKey]) {
    let name = |key: &TapedKey| scan::key_name(text, key.quote as usize);
    keys.sort_by_cached_key(name);
    let mut first: Option<TapedKey> = None;
    for key in keys {
        match first {
            Some(first) if name(&first) == name(key) => *key = first,
            _ => first = Some(*key),
        }
    }
}

/// Writes a tape in a scan.
pub(super) struct Taping<'t> {
    tape: &'t mut Tape,
    text: &'t str,
    /// Which keys the object has that is being scanned: a bit for each, so that most need not be compared with the others.
    seen: u64,
}

impl<'t> Taping<'t> {
    /// Goes on with a part that has begun.
    pub(super) fn new(tape: &'t mut Tape, text: &'t str) -> Self {
        let seen = if tape.waiting.is_empty() { 0 } else { u64::MAX };
        Self { tape, text, seen }
    }

    #[cold]
    #[inline(never)]
    fn unusual_key(&mut self, quote: usize, end: usize) {
        self.tape.unusual = true;
        let name = self.text.as_bytes().get(quote..end).unwrap_or_default();
        if name.contains(&b'\\') {
            // What it is without its escapes may have any bit.
            self.seen = u64::MAX;
        }
    }

    /// Whether the object that is being scanned has this key already; not asked of large ones, which are sorted before they are read.
    #[cold]
    #[inline(never)]
    fn is_duplicate(&self, quote: usize, end: usize) -> bool {
        let (tape, bytes) = (&*self.tape, self.text.as_bytes());
        let object = tape.objects.get(tape.open as usize);
        let keys = object.and_then(|object| tape.waiting.get(object.first as usize..));
        let Some(keys) = keys.filter(|keys| keys.len() <= LARGE) else {
            return false;
        };
        let name = bytes.get(quote..=end).unwrap_or_default();
        keys.iter().any(|key| {
            let other = key.quote as usize;
            bytes
                .get(other..)
                .is_some_and(|text| text.starts_with(name))
                || tape.unusual
                    && scan::key_name(self.text, other) == scan::key_name(self.text, quote)
        })
    }
}

impl Notes for Taping<'_> {
    #[inline]
    fn open(&mut self, start: usize) {
        if let Some(around) = self.tape.objects.get_mut(self.tape.open as usize) {
            around.seen = std::mem::take(&mut self.seen);
        }
        self.tape.open(start);
    }

    #[inline(always)]
    fn key(&mut self, quote: usize, end: usize, usual: bool) {
        if !usual {
            self.unusual_key(quote, end);
        }
        // Of duplicate keys the first counts.
        let bit = bit(self.text.as_bytes(), quote, end);
        let new = self.seen & bit == 0;
        self.seen |= bit;
        if new || !self.is_duplicate(quote, end) {
            let object = self.tape.objects.len() as u32;
            self.tape.waiting.push(TapedKey {
                quote: quote as u32,
                object,
            });
        }
    }

    #[inline]
    fn close(&mut self, bracket: usize) {
        self.tape.close(bracket);
        let around = self.tape.objects.get(self.tape.open as usize);
        self.seen = around.map_or(0, |around| around.seen);
    }
}

/// A key's bit, chosen by its length and its first seven bytes; all of them at the text's end.
#[inline]
fn bit(bytes: &[u8], quote: usize, end: usize) -> u64 {
    let Some(first) = bytes.get(quote..).and_then(<[u8]>::first_chunk::<8>) else {
        return u64::MAX;
    };
    let length = end - quote;
    // What stands behind a short key is shifted out.
    let name = u64::from_le_bytes(*first) << ((64 - 8 * length.min(8) as u32) % 64);
    let mixed = (name ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    1 << (mixed >> 58)
}
