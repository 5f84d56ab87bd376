//! The path of `--select`: what it says, and what it finds in an answer. Enter at [`parse`].

use crate::failure::Failure;
use attendium::Json;
use std::fmt;

/// The parts of an answer that are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Into an object.
    Key(String),
    /// To one item of a list, from its end where it is negative.
    Item(i64),
    /// To each item of a list.
    Each,
}

/// Reads `event.guests.nodes[].name`, or `.event.guests.nodes[0]` as jq writes it.
pub fn parse(text: &str) -> Result<Selection, String> {
    let mut steps = Vec::new();
    for part in text.strip_prefix('.').unwrap_or(text).split('.') {
        let (name, mut brackets) = part.split_at(part.find('[').unwrap_or(part.len()));
        if !name.is_empty() {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if !name.chars().all(is_name) {
                return Err(format!(
                    "`{name}` is no name of a field: write a.b[].c or a.b[0]"
                ));
            }
            steps.push(Step::Key(name.to_owned()));
        } else if brackets.is_empty() && text != "." {
            return Err("a name is missing beside a dot: write a.b[].c or a.b[0]".into());
        }
        while let Some(rest) = brackets.strip_prefix('[') {
            let Some((inside, after)) = rest.split_once(']') else {
                return Err("a bracket is not closed: write a.b[].c or a.b[0]".into());
            };
            steps.push(match inside.trim() {
                "" | "*" => Step::Each,
                index => Step::Item(index.parse().map_err(|_| {
                    format!("`[{index}]` is no item: write [] for each one, or [0]")
                })?),
            });
            brackets = after;
        }
        if !brackets.is_empty() {
            return Err(format!(
                "`{brackets}` follows a bracket: write a.b[].c or a.b[0]"
            ));
        }
    }
    Ok(Selection(steps))
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Each => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl Selection {
    /// Whether it stands for any number of values.
    pub fn is_each(&self) -> bool {
        self.0.contains(&Step::Each)
    }

    /// What it finds. What is null has null in it.
    pub fn of<'a>(&self, data: &'a Json) -> Result<Vec<&'a Json>, Failure> {
        let mut found = vec![data];
        let mut path = String::new();
        for step in &self.0 {
            let mut next = Vec::with_capacity(found.len());
            for value in found {
                match (step, value) {
                    (Step::Each, Json::Null) => {}
                    (_, Json::Null) => next.push(value),
                    (Step::Key(key), Json::Object(members)) => match members.get(key) {
                        Some(member) => next.push(member),
                        None => {
                            let names: Vec<&str> = members.keys().map(String::as_str).collect();
                            return Err(missing(&path, key, &names));
                        }
                    },
                    (Step::Item(index), Json::Array(items)) => {
                        let from_end = || items.len().checked_sub(index.unsigned_abs() as usize);
                        let at = usize::try_from(*index).ok().or_else(from_end);
                        let item = at.and_then(|at| items.get(at));
                        next.push(item.unwrap_or(&Json::Null));
                    }
                    (Step::Each, Json::Array(items)) => next.extend(items),
                    (step, value) => return Err(misfit(&path, step, value)),
                }
            }
            found = next;
            match step {
                Step::Key(key) => path = format!("{path}.{key}"),
                Step::Item(index) => path = format!("{path}[{index}]"),
                Step::Each => path.push_str("[]"),
            }
        }
        Ok(found)
    }
}

/// What a path so far is called.
fn called(path: &str) -> String {
    match path.trim_start_matches('.') {
        "" => "the data".into(),
        path => format!("`{path}`"),
    }
}

fn missing(path: &str, key: &str, names: &[&str]) -> Failure {
    Failure::new(
        format!("{} has no `{key}`", called(path)),
        format!("it has: {}", names.join(", ")),
    )
}

fn misfit(path: &str, step: &Step, value: &Json) -> Failure {
    let path = path.trim_start_matches('.');
    match (step, value) {
        (Step::Key(key), Json::Array(_)) => Failure::new(
            format!("{} is a list, and has no `{key}`", called(path)),
            format!("write `{path}[].{key}` for each item, or `{path}[0].{key}` for one"),
        ),
        (Step::Key(key), _) => Failure::new(
            format!("{} has no fields, so no `{key}`", called(path)),
            format!("select `{path}` itself"),
        ),
        _ => Failure::new(
            format!("{} is no list", called(path)),
            "leave the brackets out",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(path: &str) -> Vec<Json> {
        let data = json!({"a": {"b": [{"c": 1}, {"c": "x"}, null], "n": null}});
        let selection = parse(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let values = selection
            .of(&data)
            .unwrap_or_else(|error| panic!("{path}: {error:?}"));
        values.into_iter().cloned().collect()
    }

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        assert_eq!(found("a.b[0].c"), [json!(1)]);
        assert_eq!(found(".a.b[].c"), [json!(1), json!("x"), Json::Null]);
        assert_eq!(found("a.b[*].c"), found("a.b[].c"));
        assert_eq!(found("a.b[-2].c"), [json!("x")]);
        assert_eq!(found("a.b[9].c"), [Json::Null]);
        assert_eq!(found("a.b[-9]"), [Json::Null]);
        assert_eq!(found("a.n.deeper"), [Json::Null]);
        assert!(found("a.n[].deeper").is_empty());
        assert_eq!(found(".").len(), 1);
    }

    #[test]
    fn what_is_no_path_is_an_error_and_no_panic() {
        for text in [
            "a..b",
            "a.",
            "a[",
            "a[x]",
            "a[0]b",
            "a b",
            "ä",
            "a[9999999999999999999999]",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let data = json!({"a": [1], "n": 1});
        for text in ["b", "a.b", "n.x", "n[0]", "n[]"] {
            assert!(parse(text).unwrap().of(&data).is_err(), "{text}");
        }
        let lowest = format!("a[{}]", i64::MIN);
        assert_eq!(parse(&lowest).unwrap().of(&data).unwrap(), [&Json::Null]);
    }
}
