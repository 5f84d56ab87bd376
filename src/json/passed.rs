//! [`Record`]: the keys that were passed in the usual order, since fragments may ask for them again.
//!
//! [`Object`](super::Object) writes and reads it. What comes in another order is on the [tape](super::tape).

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
