//! Numbers: integers exactly or not at all, floats to the last bit.

use super::error::{ErrorKind, Result};
use super::reader::Reader;
use super::scan::{self, byte_at};

/// An integer's sign and magnitude.
#[derive(Clone, Copy)]
struct Integer {
    negative: bool,
    magnitude: u64,
}

impl<'a> Reader<'a> {
    /// Reads a GraphQL `Int`: a signed integer of 32 bits (GraphQL, section 3.5.1).
    pub fn i32(&mut self) -> Result<i32> {
        self.i32_here()
    }

    #[inline(always)]
    pub(super) fn i32_here(&mut self) -> Result<i32> {
        match self.short_integer() {
            Some(value) => Ok(value),
            None => self.long_i32(),
        }
    }

    #[inline(never)]
    fn long_i32(&mut self) -> Result<i32> {
        const KIND: &str = "an Int (32 bits, signed)";
        let start = self.at;
        let Integer {
            negative,
            magnitude,
        } = self.integer(KIND)?;
        let value = i64::try_from(magnitude).map(|value| if negative { -value } else { value });
        match value.map(i32::try_from) {
            Ok(Ok(value)) => Ok(value),
            _ => Err(self.fail_at(start, ErrorKind::Range(KIND))),
        }
    }

    /// Reads a signed integer of 64 bits.
    pub fn i64(&mut self) -> Result<i64> {
        const KIND: &str = "64 bits, signed";
        let start = self.at;
        let Integer {
            negative,
            magnitude,
        } = self.integer(KIND)?;
        let value = if negative {
            0i64.checked_sub_unsigned(magnitude)
        } else {
            i64::try_from(magnitude).ok()
        };
        value.ok_or_else(|| self.fail_at(start, ErrorKind::Range(KIND)))
    }

    /// Reads an unsigned integer of 64 bits.
    pub fn u64(&mut self) -> Result<u64> {
        const KIND: &str = "64 bits, unsigned";
        let start = self.at;
        match self.integer(KIND)? {
            Integer {
                negative: true,
                magnitude: 1..,
            } => Err(self.fail_at(start, ErrorKind::Range(KIND))),
            Integer { magnitude, .. } => Ok(magnitude),
        }
    }

    /// Reads a float. One beyond what 64 bits hold is refused, not made infinite.
    pub fn f64(&mut self) -> Result<f64> {
        let start = self.at;
        let (literal, _) = self.number("a number")?;
        // Every number of JSON is one that Rust parses, rounded correctly.
        match literal.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(self.fail_at(start, ErrorKind::Range("a Float (64 bits)"))),
        }
    }

    /// Reads a number's literal, and says whether it is an integer in form.
    pub(crate) fn number(&mut self, expected: &'static str) -> Result<(&'a str, bool)> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.fail_type(expected));
        }
        let start = self.at;
        let (end, integer) = self.checked(scan::number_end(self.bytes(), start))?;
        self.at = end;
        Ok((self.text.get(start..end).unwrap_or_default(), integer))
    }

    /// An integer of at most seven digits, without a sign, by which one of JSON's marks stands: all of its digits at a time.
    #[inline]
    fn short_integer(&mut self) -> Option<i32> {
        const ZEROS: u64 = 0x3030_3030_3030_3030;
        let digits = u64::from_le_bytes(*scan::chunk_at(self.bytes(), self.at)?) ^ ZEROS;
        // What is more than 9 gets its highest bit, as may a byte behind it.
        let others = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
        let length = others.trailing_zeros() / 8;
        let leading_zero = digits as u8 == 0 && length > 1;
        if !(1..8).contains(&length) || leading_zero {
            return None;
        }
        let behind = self.at + length as usize;
        if !matches!(self.byte(behind), b',' | b'}' | b']') {
            return None;
        }
        self.at = behind;
        // The first digit, which is in the lowest byte, goes to where that of eight would be. Then pairs, then all.
        let digits = digits << (64 - 8 * length);
        let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
        let first = (pairs & 0xFF_0000_00FF).wrapping_mul(100 + (1_000_000 << 32));
        let second = (pairs >> 16 & 0xFF_0000_00FF).wrapping_mul(1 + (10_000 << 32));
        Some((first.wrapping_add(second) >> 32) as i32)
    }

    fn integer(&mut self, kind: &'static str) -> Result<Integer> {
        let bytes = self.bytes();
        let negative = self.peek() == b'-';
        let start = self.at + usize::from(negative);
        let mut at = start;
        let mut magnitude: u64 = 0;
        // Eighteen digits always fit.
        while at < start + 18 && byte_at(bytes, at).is_ascii_digit() {
            magnitude = magnitude * 10 + u64::from(byte_at(bytes, at) - b'0');
            at += 1;
        }
        let leading_zero = at > start + 1 && byte_at(bytes, start) == b'0';
        if at == start
            || leading_zero
            || matches!(byte_at(bytes, at), b'0'..=b'9' | b'.' | b'e' | b'E')
        {
            return self.unusual_integer(kind);
        }
        self.at = at;
        Ok(Integer {
            negative,
            magnitude,
        })
    }

    /// An integer that is long or written with a fraction or an exponent, or what is no number at all.
    #[cold]
    #[inline(never)]
    fn unusual_integer(&mut self, kind: &'static str) -> Result<Integer> {
        let start = self.at;
        let (literal, in_form) = self.number("an integer")?;
        let negative = literal.starts_with('-');
        match magnitude(literal.trim_start_matches('-')) {
            Ok(magnitude) => Ok(Integer {
                negative,
                magnitude,
            }),
            Err(Unfit::TooLarge) => Err(self.fail_at(start, ErrorKind::Range(kind))),
            Err(Unfit::Fraction) => {
                debug_assert!(!in_form);
                Err(self.fail_at(
                    start,
                    ErrorKind::Type {
                        expected: "an integer",
                        found: "a number with a fraction",
                    },
                ))
            }
        }
    }
}

enum Unfit {
    TooLarge,
    Fraction,
}

/// The integer that an unsigned literal stands for, by its decimal digits: a float would not be exact.
fn magnitude(literal: &str) -> Result<u64, Unfit> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = whole.bytes().chain(fraction.bytes());
    if digits.clone().all(|digit| digit == b'0') {
        return Ok(0);
    }
    // An exponent that is too long to parse is far out of range, upward or downward.
    let downward = exponent.starts_with('-');
    let exponent: i64 =
        exponent
            .parse()
            .unwrap_or(if downward { i64::MIN / 2 } else { i64::MAX / 2 });
    // The value is `digits` with this many zeros behind it, or with this many of its digits cut off.
    let shift = exponent.saturating_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX / 2));
    let cut = usize::try_from(shift.min(0).unsigned_abs()).unwrap_or(usize::MAX);
    let zeros = usize::try_from(shift.max(0)).unwrap_or(usize::MAX);
    let length = whole.len() + fraction.len();
    let kept = length.saturating_sub(cut);
    if digits.clone().skip(kept).any(|digit| digit != b'0') {
        return Err(Unfit::Fraction);
    }
    digits
        .take(kept)
        // Twenty zeros behind a digit that is not zero are beyond 64 bits, so there is no need for more.
        .chain(std::iter::repeat_n(b'0', zeros.min(20)))
        .try_fold(0u64, |value, digit| {
            value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        })
        .ok_or(Unfit::TooLarge)
}
