//! The model's custom scalars.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::Timestamp;

/// An instant in UTC as RFC 3339 writes it, for example `2027-06-18T20:45:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DateTime(pub Timestamp);

/// An instant in UTC as RFC 3339 writes it, for example `2027-06-18T20:45:00Z`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text
                .parse()
                .map(DateTime)
                .map_err(|_| InputValueError::custom(format!("`{text}` is not an RFC 3339 time"))),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A decimal number with two places, kept as hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal(pub i64);

/// A decimal number as a string, so that no place is lost: `"25.00"`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        parse_hundredths(text).map(Decimal).ok_or_else(|| {
            InputValueError::custom(format!(
                "`{text}` is not a decimal number of at most two places"
            ))
        })
    }

    fn to_value(&self) -> Value {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        Value::String(format!(
            "{sign}{}.{:02}",
            hundredths / 100,
            hundredths % 100
        ))
    }
}

fn parse_hundredths(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || places.len() > 2 || !all_digits(whole) || !all_digits(places) {
        return None;
    }
    let hundredths = whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(format!("{places:0<2}").parse().ok()?)?;
    Some(if negative { -hundredths } else { hundredths })
}

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Color(pub String);

/// A colour as `#rrggbb`, in lower case.
#[Scalar(name = "Color")]
impl ScalarType for Color {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text)
                if text.len() == 7
                    && text.starts_with('#')
                    && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                Ok(Color(text.to_ascii_lowercase()))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An absolute URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url(pub String);

/// An absolute URL.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => url::Url::parse(text)
                .map(|url| Url(url.into()))
                .map_err(|error| InputValueError::custom(format!("`{text}`: {error}"))),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_keeps_its_places_both_ways() {
        for (text, hundredths) in [("25", 2500), ("25.5", 2550), ("-0.05", -5), ("0.07", 7)] {
            let parsed = Decimal::parse(Value::String(text.into())).expect("a decimal");
            assert_eq!(parsed, Decimal(hundredths));
        }
        assert_eq!(Decimal(-5).to_value(), Value::String("-0.05".into()));
        for text in ["", "1.234", "1,5", "+1", "99999999999999999999", "."] {
            assert!(
                Decimal::parse(Value::String(text.into())).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_color_of_other_bytes_is_refused() {
        assert!(Color::parse(Value::String("#12345é".into())).is_err());
        assert!(Color::parse(Value::String("#A1b2C3".into())).is_ok());
    }
}
