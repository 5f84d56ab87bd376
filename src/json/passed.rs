//! What is on record of the text that was passed: keys ([`Record`]), and where values end ([`Ends`]).
//!
//! [`Object`](super::Object) writes and reads both.

use super::error::Result;
use super::reader::Reader;
use super::scan;

/// A key that was passed: where its opening quote is, and where its value begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Passed {
    pub(super) quote: u32,
    pub(super) value: u32,
}

impl Passed {
    #[inline]
    fn new(quote: usize, value: usize) -> Self {
        // Texts are no longer than `MAX_LENGTH`, so positions fit.
        Self {
            quote: quote as u32,
            value: value as u32,
        }
    }
}

/// The keys that were passed in the open objects, outermost first: a stack that allocates only where it grows large.
pub(super) struct Record {
    few: [Passed; Self::FEW],
    many: Vec<Passed>,
    pub(super) len: usize,
    /// Whether a key with an escape sequence, or with white space before its colon, was met; only then names are compared with care.
    pub(super) unusual: bool,
}

impl Record {
    const FEW: usize = 64;

    pub(super) fn new() -> Self {
        Self {
            few: [Passed::default(); Self::FEW],
            many: Vec::new(),
            len: 0,
            unusual: false,
        }
    }

    /// Puts a key on record, if there is room for it that needs no allocation.
    #[inline]
    pub(super) fn push(&mut self, quote: usize, value: usize) -> bool {
        let Some(slot) = self.few.get_mut(self.len) else {
            return false;
        };
        *slot = Passed::new(quote, value);
        self.len += 1;
        true
    }

    pub(super) fn push_anyway(&mut self, quote: usize, value: usize) {
        if !self.push(quote, value) {
            self.many.push(Passed::new(quote, value));
            self.len += 1;
        }
    }

    pub(super) fn get(&self, index: usize) -> Passed {
        let key = if index < Self::FEW {
            self.few.get(index)
        } else {
            self.many.get(index - Self::FEW)
        };
        key.copied().unwrap_or_default()
    }

    #[inline]
    pub(super) fn truncate(&mut self, len: usize) {
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
    pub(super) fn skip_marking(&mut self) -> Result<()> {
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
