//! Numbers: integers exactly or not at all, floats to the last bit.
//!
//! Enter at [`Reader::i32`].

use super::error::{DecodeErrorKind, Result};
use super::reader::Reader;
use super::scan;

/// Why a number is no integer.
enum NotInteger {
    OutOfRange,
    Fraction,
}

impl<'a> Reader<'a> {
    /// Reads a GraphQL `Int`: a signed integer of 32 bits (GraphQL, section 3.5.1).
    pub fn i32(&mut self) -> Result<i32> {
        self.integer("an Int of 32 bits (`--scalar Int=i64` makes it 64)")
    }

    /// Reads a signed integer of 64 bits.
    pub fn i64(&mut self) -> Result<i64> {
        self.integer("64 bits, signed")
    }

    /// Reads an unsigned integer of 64 bits.
    pub fn u64(&mut self) -> Result<u64> {
        self.integer("64 bits, unsigned")
    }

    /// Reads a float. One beyond what 64 bits hold is refused, not made infinite.
    pub fn f64(&mut self) -> Result<f64> {
        let start = self.at;
        let (literal, _) = self.number("a number")?;
        // Every number of JSON is one that Rust parses, rounded correctly.
        match literal.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(self.fail_at(start, DecodeErrorKind::Range("a Float (64 bits)"))),
        }
    }

    /// Reads a number's literal, and says whether it is written as an integer.
    pub(crate) fn number(&mut self, expected: &'static str) -> Result<(&'a str, bool)> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.fail_type(expected));
        }
        let start = self.at;
        let (end, integer) = self.checked(scan::number_end(self.bytes(), start))?;
        self.at = end;
        Ok((self.text.get(start..end).unwrap_or_default(), integer))
    }

    /// Reads an integer of a type that is described by `range`.
    fn integer<T: std::str::FromStr + TryFrom<i128>>(&mut self, range: &'static str) -> Result<T> {
        let start = self.at;
        let (literal, _) = self.number("an integer")?;
        // `-0` is refused by the unsigned types, `1.0` and `2e3` by all.
        if let Ok(value) = literal.parse() {
            return Ok(value);
        }
        let kind = match integral_value(literal).map(T::try_from) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(_)) | Err(NotInteger::OutOfRange) => DecodeErrorKind::Range(range),
            Err(NotInteger::Fraction) => DecodeErrorKind::Type {
                expected: "an integer",
                found: "a number with a fraction",
            },
        };
        Err(self.fail_at(start, kind))
    }
}

/// Whether a float has the digits of the literal that it was read from: the shortest ones that
/// stand for it are the same, but for zeros.
pub(super) fn is_exact(literal: &str, value: f64) -> bool {
    // Every number of 15 digits comes back from a float, but at the very ends of its range.
    if literal.len() <= 15 && !literal.contains(['e', 'E']) {
        return true;
    }
    let shortest = format!("{value:e}");
    significant(literal) == significant(&shortest)
}

/// The digits of a number without zeros around them, and the power of ten of the first one.
fn significant(literal: &str) -> (String, i64) {
    let unsigned = literal.trim_start_matches('-');
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.bytes().take_while(|digit| *digit == b'0').count();
    let digits = digits.trim_matches('0');
    if digits.is_empty() {
        return (String::new(), 0);
    }
    let places = |count: usize| i64::try_from(count).unwrap_or(i64::MAX / 4);
    // What is too long to parse is far from what a float holds.
    let exponent: i64 = exponent.parse().unwrap_or(i64::MAX / 4);
    let first = exponent.saturating_add(places(whole.len()) - places(leading));
    (digits.to_owned(), first)
}

/// The integer that a literal stands for, by its decimal digits: a float would not be exact.
fn integral_value(literal: &str) -> Result<i128, NotInteger> {
    let (sign, unsigned) = match literal.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, literal),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
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
    // The value is `digits` with that many zeros behind it, or with that many digits cut off.
    let shift = exponent.saturating_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX / 2));
    let cut = usize::try_from(shift.min(0).unsigned_abs()).unwrap_or(usize::MAX);
    let zeros = usize::try_from(shift.max(0)).unwrap_or(usize::MAX);
    let length = whole.len() + fraction.len();
    let kept = length.saturating_sub(cut);
    if digits.clone().skip(kept).any(|digit| digit != b'0') {
        return Err(NotInteger::Fraction);
    }
    digits
        .take(kept)
        // A digit other than zero with twenty zeros behind it is beyond 64 bits.
        .chain(std::iter::repeat_n(b'0', zeros.min(20)))
        .try_fold(0i128, |value, digit| {
            value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))
        })
        .map(|value| sign * value)
        .ok_or(NotInteger::OutOfRange)
}
