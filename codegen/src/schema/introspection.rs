//! The answer to an introspection query as SDL (specification, section 4). Enter at [`to_sdl`].

use crate::diagnostics::{Diagnostic, Location};
use crate::source::Source;
use serde_json::Value;
use std::fmt::Write;

/// Directives that the specification defines itself (September 2025 edition, section 3.13).
const DIRECTIVES: [&str; 5] = ["skip", "include", "deprecated", "specifiedBy", "oneOf"];

/// Writes the schema that an introspection answer describes, without what the specification defines
/// itself: its scalars, its directives, and the types of introspection.
///
/// The answer may stand alone (`{"__schema": …}`) or in an envelope (`{"data": {"__schema": …}}`).
///
/// # Errors
///
/// Text that is not JSON, and JSON that holds no `__schema` with types.
pub fn to_sdl(source: &Source) -> Result<String, Box<Diagnostic>> {
    let text = source.text.trim_start_matches('\u{feff}');
    let at = |offset| Some(Location::new(&source.path, text, offset, 1));
    let answer: Value = serde_json::from_str(text).map_err(|error| {
        let start: usize = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let offset = start + error.column().saturating_sub(1);
        Diagnostic::error(format!("not JSON: {error}"))
            .with_location(at(offset))
            .with_help(
                "a schema is SDL (`type Query { … }`) or the JSON answer to an introspection query",
            )
    })?;
    let schema = answer
        .pointer("/data/__schema")
        .or_else(|| answer.get("__schema"));
    let types = schema.and_then(|schema| schema["types"].as_array());
    let (Some(schema), Some(types)) = (schema, types) else {
        let error =
            Diagnostic::error("no introspection answer: the JSON holds no `__schema` with `types`")
                .with_location(at(0))
                .with_help(
                    "save the whole answer to the introspection query, \
                 or fetch it with `attendium schema pull`",
                );
        return Err(error.into());
    };
    let mut out = String::new();
    description(&mut out, "", schema);
    out.push_str("schema {\n");
    for (kind, key) in [
        ("query", "queryType"),
        ("mutation", "mutationType"),
        ("subscription", "subscriptionType"),
    ] {
        if let Some(name) = schema[key]["name"].as_str() {
            let _ = writeln!(out, "  {kind}: {name}");
        }
    }
    out.push_str("}\n");
    for directive in list(schema, "directives") {
        let name = text_of(directive, "name");
        if DIRECTIVES.contains(&name) {
            continue;
        }
        out.push('\n');
        description(&mut out, "", directive);
        let _ = write!(out, "directive @{name}");
        arguments(&mut out, directive);
        if directive["isRepeatable"].as_bool() == Some(true) {
            out.push_str(" repeatable");
        }
        let locations: Vec<&str> = list(directive, "locations")
            .filter_map(Value::as_str)
            .collect();
        let _ = writeln!(out, " on {}", locations.join(" | "));
    }
    for definition in types {
        type_definition(&mut out, definition);
    }
    Ok(out)
}

fn type_definition(out: &mut String, definition: &Value) {
    let name = text_of(definition, "name");
    if name.starts_with("__") || matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID") {
        return;
    }
    out.push('\n');
    description(out, "", definition);
    match text_of(definition, "kind") {
        "SCALAR" => {
            let _ = write!(out, "scalar {name}");
            if let Some(url) = definition["specifiedByURL"].as_str() {
                let _ = write!(out, " @specifiedBy(url: {})", Value::from(url));
            }
            out.push('\n');
        }
        kind @ ("OBJECT" | "INTERFACE") => {
            let _ = write!(
                out,
                "{} {name}",
                if kind == "OBJECT" {
                    "type"
                } else {
                    "interface"
                }
            );
            let interfaces: Vec<&str> = list(definition, "interfaces")
                .map(|interface| text_of(interface, "name"))
                .collect();
            if !interfaces.is_empty() {
                let _ = write!(out, " implements {}", interfaces.join(" & "));
            }
            out.push_str(" {\n");
            for field in list(definition, "fields") {
                description(out, "  ", field);
                let _ = write!(out, "  {}", text_of(field, "name"));
                arguments(out, field);
                let _ = write!(out, ": {}", type_reference(&field["type"]));
                deprecated(out, field);
                out.push('\n');
            }
            out.push_str("}\n");
        }
        "UNION" => {
            let members: Vec<&str> = list(definition, "possibleTypes")
                .map(|member| text_of(member, "name"))
                .collect();
            let _ = writeln!(out, "union {name} = {}", members.join(" | "));
        }
        "ENUM" => {
            let _ = writeln!(out, "enum {name} {{");
            for value in list(definition, "enumValues") {
                description(out, "  ", value);
                let _ = write!(out, "  {}", text_of(value, "name"));
                deprecated(out, value);
                out.push('\n');
            }
            out.push_str("}\n");
        }
        "INPUT_OBJECT" => {
            let one_of = if definition["isOneOf"].as_bool() == Some(true) {
                " @oneOf"
            } else {
                ""
            };
            let _ = writeln!(out, "input {name}{one_of} {{");
            for field in list(definition, "inputFields") {
                description(out, "  ", field);
                out.push_str("  ");
                input_value(out, field);
                out.push('\n');
            }
            out.push_str("}\n");
        }
        _ => {}
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn type_reference(value: &Value) -> String {
    match text_of(value, "kind") {
        "NON_NULL" => format!("{}!", type_reference(&value["ofType"])),
        "LIST" => format!("[{}]", type_reference(&value["ofType"])),
        _ => text_of(value, "name").to_owned(),
    }
}

fn arguments(out: &mut String, value: &Value) {
    let mut arguments = list(value, "args").peekable();
    if arguments.peek().is_none() {
        return;
    }
    out.push('(');
    for (index, argument) in arguments.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        input_value(out, argument);
    }
    out.push(')');
}

fn input_value(out: &mut String, value: &Value) {
    let _ = write!(
        out,
        "{}: {}",
        text_of(value, "name"),
        type_reference(&value["type"])
    );
    // The default comes as text in GraphQL's own syntax.
    if let Some(default) = value["defaultValue"].as_str() {
        let _ = write!(out, " = {default}");
    }
    deprecated(out, value);
}

fn deprecated(out: &mut String, value: &Value) {
    if value["isDeprecated"].as_bool() == Some(true) {
        match value["deprecationReason"].as_str() {
            Some(reason) => {
                let _ = write!(out, " @deprecated(reason: {})", Value::from(reason));
            }
            None => out.push_str(" @deprecated"),
        }
    }
}

fn description(out: &mut String, indent: &str, value: &Value) {
    if let Some(text) = value["description"]
        .as_str()
        .filter(|text| !text.is_empty())
    {
        // JSON's escapes are a subset of GraphQL's.
        let _ = writeln!(out, "{indent}{}", Value::from(text));
    }
}
