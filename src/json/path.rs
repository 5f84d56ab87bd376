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
    use super::paths_at;

    #[test]
    fn a_place_is_found_behind_anything_that_json_has() {
        let json =
            r#"{"query":"{\\\"[,:","n":[1,[{"a":{"b":"}"},"at":0}],{"k":":","at":0}],"at":0}"#;
        let places = json.match_indices("0").map(|(at, _)| at);
        let expected = ["n.1.0.at", "n.2.at", "at"];
        assert_eq!(paths_at(json.as_bytes(), places), expected);
    }
}
