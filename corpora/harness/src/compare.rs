//! Whether what was encoded is the JSON that was decoded: [`same_data`], [`same_text`].

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Compares the `data` of a response with `encoded`. The error is the first difference, with its
/// path.
///
/// The order of keys is free, and numbers are equal by value; a key that was encoded twice is a
/// difference.
pub(crate) fn same_data(response: &[u8], encoded: &str) -> Result<(), String> {
    let mut expected: Value = serde_json::from_slice(response)
        .map_err(|error| format!("the answer is not JSON: {error}"))?;
    same_value("data", &expected["data"].take(), encoded)
}

/// The same for two JSON texts; `root` is what the path begins with.
pub(crate) fn same_text(root: &str, expected: &str, encoded: &str) -> Result<(), String> {
    same_value(
        root,
        &serde_json::from_str(expected).map_err(|error| error.to_string())?,
        encoded,
    )
}

/// Whether a state of an answer has nothing that the whole answer has not. The error is the first
/// thing that it has, with its path.
pub(crate) fn is_part_of(state: &Value, whole: &Value, path: &str) -> Result<(), String> {
    match (state, whole) {
        (Value::Object(state), Value::Object(whole)) => {
            // Pending fragments are marked in the JSON of a state.
            let mut members = state.iter().filter(|(key, _)| *key != "@defer");
            members.try_for_each(|(key, value)| {
                let path = format!("{path}.{key}");
                match whole.get(key) {
                    Some(other) => is_part_of(value, other, &path),
                    None => Err(format!("{path}: {} is not in the answer", short(value))),
                }
            })
        }
        (Value::Array(state), Value::Array(whole)) if state.len() <= whole.len() => {
            let mut items = state.iter().zip(whole).enumerate();
            items
                .try_for_each(|(at, (one, other))| is_part_of(one, other, &format!("{path}[{at}]")))
        }
        _ => same(whole, state, &mut path.to_owned()),
    }
}

fn same_value(root: &str, expected: &Value, encoded: &str) -> Result<(), String> {
    let Strict(actual) =
        serde_json::from_str(encoded).map_err(|error| format!("what was encoded: {error}"))?;
    same(expected, &actual, &mut root.to_owned())
}

fn same(expected: &Value, actual: &Value, path: &mut String) -> Result<(), String> {
    let length = path.len();
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                let Some(other) = actual.get(key) else {
                    return Err(format!("{path}.{key}: {} got lost", short(value)));
                };
                path.push('.');
                path.push_str(key);
                same(value, other, path)?;
                path.truncate(length);
            }
            match actual.iter().find(|(key, _)| !expected.contains_key(*key)) {
                Some((key, value)) => Err(format!(
                    "{path}.{key}: {} was not in the answer",
                    short(value)
                )),
                None => Ok(()),
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (value, other)) in expected.iter().zip(actual).enumerate() {
                path.push_str(&format!("[{index}]"));
                same(value, other, path)?;
                path.truncate(length);
            }
            Ok(())
        }
        (Value::Number(expected), Value::Number(actual)) if equal(expected, actual) => Ok(()),
        (expected, actual) if expected == actual => Ok(()),
        (expected, actual) => Err(format!(
            "{path}: {} became {}",
            short(expected),
            short(actual)
        )),
    }
}

fn equal(expected: &Number, actual: &Number) -> bool {
    // `3` is a valid `Float`, which is encoded as `3.0`.
    expected == actual
        || ((expected.is_f64() || actual.is_f64()) && expected.as_f64() == actual.as_f64())
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A JSON value whose objects have no key twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(Strict(element)) = access.next_element()? {
            elements.push(element);
        }
        Ok(elements.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = access.next_entry::<String, Strict>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} is there twice")));
            }
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::same_data;

    #[test]
    fn a_key_that_was_encoded_twice_is_a_difference() {
        assert!(same_data(br#"{"data":{"a":1}}"#, r#"{"a":1,"a":1}"#).is_err());
    }

    #[test]
    fn null_and_absent_differ_and_the_path_is_told() {
        let error =
            same_data(br#"{"data":{"a":[{},{"b":null}]}}"#, r#"{"a":[{},{}]}"#).unwrap_err();
        assert_eq!(error, "data.a[1].b: null got lost");
        let error = same_data(br#"{"data":{"a":[{}]}}"#, r#"{"a":[{"b":null}]}"#).unwrap_err();
        assert_eq!(error, "data.a[0].b: null was not in the answer");
    }

    #[test]
    fn numbers_are_equal_by_value_and_integers_to_the_last_digit() {
        assert!(same_data(br#"{"data":[3,1e2]}"#, "[3.0,100.0]").is_ok());
        assert!(same_data(br#"{"data":18446744073709551615}"#, "18446744073709551614").is_err());
    }
}
