//! Where in JSON a value stands: [`paths_at`].

use std::fmt::Write as _;
use std::ops::Range;

/// The paths of the values that begin at these places, in ascending order, as the map of a
/// multipart request has them: `variables.guests.0.photo`.
///
/// The JSON is what the writer wrote: valid, and with keys on these paths that need no escapes.
pub(crate) fn paths_at(json: &[u8], places: impl Iterator<Item = usize>) -> Vec<String> {
    let mut open = Vec::new();
    let mut at = 0;
    places
        .map(|place| {
            while at < place {
                at = step(json, at, &mut open);
            }
            path(json, &open)
        })
        .collect()
}

/// An object or a list that has not ended, and where in it the reading stands.
enum Open {
    Object { key: Range<usize> },
    List { index: usize },
}

/// Passes over one token.
fn step(json: &[u8], at: usize, open: &mut Vec<Open>) -> usize {
    match json.get(at) {
        Some(b'{') => open.push(Open::Object { key: 0..0 }),
        Some(b'[') => open.push(Open::List { index: 0 }),
        Some(b'}' | b']') => {
            open.pop();
        }
        Some(b',') => {
            if let Some(Open::List { index }) = open.last_mut() {
                *index += 1;
            }
        }
        Some(b'"') => {
            let end = string_end(json, at + 1);
            if let Some(Open::Object { key }) = open.last_mut()
                && json.get(end + 1) == Some(&b':')
            {
                *key = at + 1..end;
            }
            return end + 1;
        }
        _ => {}
    }
    at + 1
}

/// Where the quote is that ends a string.
fn string_end(json: &[u8], mut at: usize) -> usize {
    loop {
        match json.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') | None => return at,
            Some(_) => at += 1,
        }
    }
}

fn path(json: &[u8], open: &[Open]) -> String {
    let mut path = String::new();
    for step in open {
        if !path.is_empty() {
            path.push('.');
        }
        let _ = match step {
            Open::Object { key } => {
                let key = json.get(key.clone()).unwrap_or_default();
                write!(path, "{}", String::from_utf8_lossy(key))
            }
            Open::List { index } => write!(path, "{index}"),
        };
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::paths_at;
    use crate::json::writer::{Write as _, Writer};

    #[test]
    fn a_place_is_found_behind_anything_that_json_has() {
        let json =
            r#"{"query":"{\\\"[,:","n":[1,[{"a":{"b":"}"},"at":0}],{"k":":","at":0}],"at":0}"#;
        let places = json.match_indices("0").map(|(at, _)| at);
        let expected = ["n.1.0.at", "n.2.at", "at"];
        assert_eq!(paths_at(json.as_bytes(), places), expected);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\\\\"{}:,\\[\\]]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from);
            let object = prop::collection::btree_map("[_A-Za-z][_0-9A-Za-z]{0,4}", inner, 0..6)
                .prop_map(|members| members.into_iter().collect());
            prop_oneof![list, object]
        })
    }

    /// Writes a value, and notes where each `null` stands and under which path.
    fn write(value: &Value, path: &[String], out: &mut Writer, found: &mut Vec<(usize, String)>) {
        let below = |step: String| [path, &[step]].concat();
        match value {
            Value::Null => {
                found.push((out.len(), path.join(".")));
                out.null();
            }
            Value::Array(items) => {
                let mut index = 0..;
                out.list(items, |item, out| {
                    let step = index.next().unwrap_or(0).to_string();
                    write(item, &below(step), out, found);
                });
            }
            Value::Object(members) => {
                for (index, (key, member)) in members.iter().enumerate() {
                    out.raw(if index == 0 { "{" } else { "," });
                    out.string(key);
                    out.raw(":");
                    write(member, &below(key.clone()), out, found);
                }
                out.raw(if members.is_empty() { "{}" } else { "}" });
            }
            leaf => leaf.write(out),
        }
    }

    proptest! {
        #[test]
        fn every_place_has_the_path_under_which_it_was_written(value in any_json()) {
            let (mut out, mut found) = (Writer::default(), Vec::new());
            write(&value, &[], &mut out, &mut found);
            let json = out.into_bytes();
            let paths = paths_at(&json, found.iter().map(|(at, _)| *at));
            let expected: Vec<String> = found.into_iter().map(|(_, path)| path).collect();
            prop_assert_eq!(paths, expected);
        }
    }
}
