//! The answer to an introspection query as SDL (specification, section 4).
//!
//! Real servers describe types without fields, directives without locations and defaults that are
//! no GraphQL. What SDL can't say is left out with a warning, so that it ends nothing that does not
//! use it. Enter at [`convert`].

use crate::diagnostics::{Diagnostic, Location, syntax};
use crate::schema::issues::SchemaIssue;
use crate::source::Source;
use apollo_compiler::ast::Document;
use serde_json::Value;
use std::fmt::Write;

/// Directives that the specification defines itself (September 2025 edition, section 3.13).
const DIRECTIVES: [&str; 5] = ["skip", "include", "deprecated", "specifiedBy", "oneOf"];

/// Where a directive may stand (September 2025 edition, section 3.13).
pub const LOCATIONS: [&str; 19] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
];

/// What servers before 2016 said in the place of locations.
const OLD_LOCATIONS: [(&str, &[&str]); 3] = [
    ("onOperation", &["QUERY", "MUTATION", "SUBSCRIPTION"]),
    ("onFragment", &["FRAGMENT_SPREAD", "INLINE_FRAGMENT"]),
    ("onField", &["FIELD"]),
];

/// The root types: the operation, and the member that names its type.
const ROOTS: [(&str, &str); 3] = [
    ("query", "queryType"),
    ("mutation", "mutationType"),
    ("subscription", "subscriptionType"),
];

/// How deep type references may nest; deeper ones count as cut off.
const DEPTH: usize = 100;

/// Writes the schema that an introspection answer describes as SDL, without what the specification
/// defines itself: its scalars, its directives, and the types of introspection. What SDL can't say
/// is left out.
///
/// The answer may stand alone (`{"__schema": …}`) or in an envelope (`{"data": {"__schema": …}}`).
///
/// # Errors
///
/// Text that is not JSON, and JSON that holds no `__schema` with types.
pub fn to_sdl(source: &Source) -> Result<String, Box<Diagnostic>> {
    convert(source).map(|(sdl, _)| sdl)
}

/// The SDL of [`to_sdl`], and what had to be left out of it.
pub fn convert(source: &Source) -> Result<(String, Vec<SchemaIssue>), Box<Diagnostic>> {
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
        let found = match &answer {
            Value::Array(_) => "the JSON is an array".to_owned(),
            _ => match answer.pointer("/errors/0/message").and_then(Value::as_str) {
                Some(message) => format!("the server refused the query: {message}"),
                None => "the JSON holds no `__schema` with `types`".to_owned(),
            },
        };
        let error = Diagnostic::error(format!("no introspection answer: {found}"))
            .with_location(at(0))
            .with_help(
                "save the whole answer to the introspection query, \
                 or fetch it with `attendium schema pull`",
            );
        return Err(error.into());
    };
    let named = |wanted: &str| types.iter().any(|each| each["name"] == wanted);
    let query = schema["queryType"]["name"].as_str();
    if let Some(name) = query.filter(|name| !named(name)) {
        let message = format!("the query type is `{name}`, and there is no type `{name}`");
        let error = Diagnostic::error(message)
            .with_location(at(0))
            .with_help("the introspection answer lacks a type: fetch the whole schema");
        return Err(error.into());
    }
    let mut writer = Writer::default();
    writer.description("", schema);
    writer.out.push_str("schema {\n");
    for (kind, key) in ROOTS {
        match schema[key]["name"].as_str() {
            Some(name) if named(name) => {
                let _ = writeln!(writer.out, "  {kind}: {name}");
            }
            Some(name) => writer.leave_out(format!(
                "the {kind} type is `{name}`, and there is no type `{name}`"
            )),
            None => {}
        }
    }
    writer.out.push_str("}\n");
    for directive in list(schema, "directives") {
        writer.directive(directive);
    }
    for definition in types {
        writer.type_definition(definition);
    }
    writer.cut_off();
    let faults = (writer.left_out.into_iter()).map(|message| {
        let mut fault = SchemaIssue::new(&message, None, false, None);
        fault.diagnostic.location = at(0);
        fault.diagnostic.help =
            Some("that is left out, and code is generated for all that does not need it".into());
        fault
    });
    Ok((writer.out, faults.collect()))
}

/// The SDL that has been written, and what could not be.
#[derive(Default)]
struct Writer {
    out: String,
    left_out: Vec<String>,
    /// The fields and arguments whose types are cut off.
    cut: Vec<String>,
}

impl Writer {
    fn leave_out(&mut self, message: String) {
        self.left_out.push(message);
    }

    /// One warning for all type references that end too early: the query that asked for them was
    /// not deep enough.
    fn cut_off(&mut self) {
        let Some(first) = self.cut.first() else {
            return;
        };
        let more = match self.cut.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let message = format!(
            "the type of {first} is cut off{more}: fetch the schema with more levels of `ofType`"
        );
        self.leave_out(message);
    }

    fn directive(&mut self, directive: &Value) {
        let name = text_of(directive, "name");
        if DIRECTIVES.contains(&name) {
            return;
        }
        if !is_name(name) {
            return self.leave_out(format!("`@{name}` is no name of a directive"));
        }
        let locations: Vec<&str> = if directive["locations"].is_array() {
            let known = list(directive, "locations").filter_map(Value::as_str);
            known.filter(|each| LOCATIONS.contains(each)).collect()
        } else {
            let old = OLD_LOCATIONS
                .iter()
                .filter(|(key, _)| directive[*key].as_bool() == Some(true));
            old.flat_map(|(_, locations)| locations.iter().copied())
                .collect()
        };
        if locations.is_empty() {
            return self.leave_out(format!("the directive `@{name}` has no location"));
        }
        let Some(arguments) = self.arguments(directive, &format!("`@{name}`")) else {
            return;
        };
        self.out.push('\n');
        self.description("", directive);
        let _ = write!(self.out, "directive @{name}{arguments}");
        if directive["isRepeatable"].as_bool() == Some(true) {
            self.out.push_str(" repeatable");
        }
        let _ = writeln!(self.out, " on {}", locations.join(" | "));
    }

    fn type_definition(&mut self, definition: &Value) {
        let name = text_of(definition, "name");
        if name.starts_with("__") || matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID") {
            return;
        }
        let kind = text_of(definition, "kind");
        let keyword = match kind {
            "SCALAR" => "scalar",
            "OBJECT" => "type",
            "INTERFACE" => "interface",
            "UNION" => "union",
            "ENUM" => "enum",
            "INPUT_OBJECT" => "input",
            _ => return self.leave_out(format!("the type `{name}` is of the kind `{kind}`")),
        };
        if !is_name(name) {
            return self.leave_out(format!("`{name}` is no name of a type"));
        }
        self.out.push('\n');
        self.description("", definition);
        let _ = write!(self.out, "{keyword} {name}");
        match kind {
            "SCALAR" => {
                let url = ["specifiedByURL", "specifiedByUrl"]
                    .iter()
                    .find_map(|key| definition[*key].as_str());
                if let Some(url) = url {
                    let _ = write!(self.out, " @specifiedBy(url: {})", Value::from(url));
                }
            }
            "UNION" => {
                let members = names(definition, "possibleTypes");
                if !members.is_empty() {
                    let _ = write!(self.out, " = {}", members.join(" | "));
                }
            }
            "ENUM" => self.block(list(definition, "enumValues"), |writer, value| {
                let value_name = text_of(value, "name");
                if !is_name(value_name) || matches!(value_name, "true" | "false" | "null") {
                    writer.leave_out(format!("`{value_name}` is no name of a value of `{name}`"));
                    return None;
                }
                Some(format!("{value_name}{}", deprecated(value)))
            }),
            "INPUT_OBJECT" => {
                if definition["isOneOf"].as_bool() == Some(true) {
                    self.out.push_str(" @oneOf");
                }
                self.block(list(definition, "inputFields"), |writer, field| {
                    writer.input_value(field, |field| format!("`{name}.{field}`"))
                });
            }
            _ => {
                let interfaces = names(definition, "interfaces");
                if !interfaces.is_empty() {
                    let _ = write!(self.out, " implements {}", interfaces.join(" & "));
                }
                self.block(list(definition, "fields"), |writer, field| {
                    writer.field(name, field)
                });
            }
        }
        self.out.push('\n');
    }

    /// The members of a type in braces, each with its description; without braces where there is
    /// none.
    fn block<'v>(
        &mut self,
        members: impl Iterator<Item = &'v Value>,
        write: impl Fn(&mut Self, &Value) -> Option<String>,
    ) {
        let mut is_open = false;
        for member in members {
            if let Some(text) = write(self, member) {
                if !is_open {
                    self.out.push_str(" {\n");
                }
                is_open = true;
                self.description("  ", member);
                let _ = writeln!(self.out, "  {text}");
            }
        }
        if is_open {
            self.out.push('}');
        }
    }

    fn field(&mut self, of: &str, field: &Value) -> Option<String> {
        let name = text_of(field, "name");
        if !is_name(name) {
            self.leave_out(format!("`{name}` is no name of a field of `{of}`"));
            return None;
        }
        let Some(ty) = type_reference(&field["type"], DEPTH) else {
            self.cut.push(format!("`{of}.{name}`"));
            return None;
        };
        let arguments = self.arguments(field, &format!("`{of}.{name}`"))?;
        Some(format!("{name}{arguments}: {ty}{}", deprecated(field)))
    }

    /// Arguments in parentheses; nothing where one of them can't be said.
    fn arguments(&mut self, value: &Value, of: &str) -> Option<String> {
        let arguments: Option<Vec<String>> = list(value, "args")
            .map(|argument| {
                self.input_value(argument, |name| format!("the argument `{name}` of {of}"))
            })
            .collect();
        let arguments = arguments?;
        Some(if arguments.is_empty() {
            String::new()
        } else {
            format!("({})", arguments.join(", "))
        })
    }

    fn input_value(&mut self, value: &Value, called: impl Fn(&str) -> String) -> Option<String> {
        let name = text_of(value, "name");
        if !is_name(name) {
            self.leave_out(format!("{}: that is no name", called(name)));
            return None;
        }
        let Some(mut ty) = type_reference(&value["type"], DEPTH) else {
            self.cut.push(called(name));
            return None;
        };
        let default = match &value["defaultValue"] {
            Value::Null => None,
            // The default comes as text in GraphQL's own syntax.
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let mut written = String::new();
        if let Some(text) = default {
            if is_readable(&text) {
                // A comment would hide what follows.
                let end = if text.contains('#') { "\n" } else { "" };
                written = format!(" = {text}{end}");
            } else {
                self.leave_out(format!(
                    "the default of {} is `{}`, which is no GraphQL value",
                    called(name),
                    text.escape_debug()
                ));
                // The server has a default: nobody has to give a value.
                ty.truncate(ty.trim_end_matches('!').len());
            }
        }
        Some(format!("{name}: {ty}{written}{}", deprecated(value)))
    }

    fn description(&mut self, indent: &str, value: &Value) {
        let text = value["description"].as_str().unwrap_or_default();
        if !text.trim().is_empty() {
            // JSON's escapes are a subset of GraphQL's.
            let _ = writeln!(self.out, "{indent}{}", Value::from(text));
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text_of<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The names of the types in a list.
fn names<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    list(value, key)
        .map(|each| text_of(each, "name"))
        .filter(|name| is_name(name))
        .collect()
}

/// Whether a text is a name (specification, section 2.1.9).
fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && text
            .bytes()
            .next()
            .is_some_and(|first| !first.is_ascii_digit())
}

/// Whether a text is a constant that the parser reads.
fn is_readable(text: &str) -> bool {
    syntax::is_constant(text)
        && Document::parse(format!("input I{{a:I={text}\n}}"), "default").is_ok()
}

/// A type as SDL writes it; nothing where its name is missing.
fn type_reference(value: &Value, depth: usize) -> Option<String> {
    let of = || type_reference(&value["ofType"], depth.checked_sub(1)?);
    match text_of(value, "kind") {
        // What is doubly non-null is non-null.
        "NON_NULL" => of().map(|ty| format!("{}!", ty.trim_end_matches('!'))),
        "LIST" => of().map(|ty| format!("[{ty}]")),
        _ => Some(text_of(value, "name").to_owned()).filter(|name| is_name(name)),
    }
}

fn deprecated(value: &Value) -> String {
    if value["isDeprecated"].as_bool() != Some(true) {
        return String::new();
    }
    match value["deprecationReason"].as_str() {
        Some(reason) => format!(" @deprecated(reason: {})", Value::from(reason)),
        None => " @deprecated".to_owned(),
    }
}
