//! A value of the wrong type: what it is, and what would be right.

use super::suggestions::{listed, near_enum_value};
use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;

/// What is wrong with a value of the kind `found`, as it is written.
pub fn describe(expected: &str, found: &str, written: &str) -> String {
    const SHOWN: usize = 40;
    match kind(found) {
        "null" => format!("null where a value of type `{expected}` has to be"),
        kind if written.len() <= SHOWN && !written.is_empty() => {
            format!("`{written}` is {kind}, not a value of type `{expected}`")
        }
        kind => format!("{kind} where a value of type `{expected}` has to be"),
    }
}

fn kind(found: &str) -> &str {
    match found {
        "an enum" => "an enum value",
        kind => kind,
    }
}

/// What to write instead.
pub fn help(schema: &Schema, expected: &str, found: &str, written: &str) -> String {
    let (ty, kind) = (expected, kind(found));
    let content = written.trim_matches('"');
    let name = ty.trim_matches(['[', ']', '!']);
    if kind == "null" {
        return "the `!` of its type says that it is never null: give a value".into();
    }
    if ty.starts_with('[') && kind != "a list" {
        return format!("a list of `{}` is written `[…]`", ty.trim_end_matches('!'));
    }
    if kind == "a list" && !ty.starts_with('[') {
        return "one value is wanted, without `[…]`".into();
    }
    match (name, schema.types.get(name)) {
        ("String" | "ID", _)
            if kind == "an enum value"
                || kind == "a boolean"
                || kind.ends_with("integer")
                || kind.ends_with("float") =>
        {
            format!("text stands in double quotes: `\"{written}\"`")
        }
        ("String" | "ID", _) => "text stands in double quotes: `\"text\"`".into(),
        ("Int", _) if content.parse::<i32>().is_ok() => {
            format!("numbers have no quotes: `{content}`")
        }
        ("Int", _) => "an Int is a whole number: `1`".into(),
        ("Float", _) if content.parse::<f64>().is_ok() => {
            format!("numbers have no quotes: `{content}`")
        }
        ("Float", _) => "a Float is a number: `1.5`".into(),
        ("Boolean", _) => "write `true` or `false`".into(),
        (_, Some(ExtendedType::Enum(definition))) => {
            let values: Vec<&str> = definition.values.keys().map(|name| name.as_str()).collect();
            match near_enum_value(content, &values) {
                Some(near) => format!("enum values have no quotes: `{near}`"),
                None => format!("it is one of {}, without quotes", listed(&values)),
            }
        }
        (_, Some(ExtendedType::InputObject(definition))) => {
            let fields: Vec<&str> = definition.fields.keys().map(|name| name.as_str()).collect();
            format!(
                "`{name}` is an input object, `{{ field: … }}`, with {}",
                listed(&fields)
            )
        }
        _ => {
            "write `1`, `1.5`, `\"text\"`, `true`, ENUM_VALUE, `[…]`, `{ field: … }` or a variable"
                .into()
        }
    }
}
