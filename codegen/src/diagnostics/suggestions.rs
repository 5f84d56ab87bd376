//! The near miss of a name, or what there is instead.

use crate::diagnostics::near_miss;
use apollo_compiler::Schema;
use apollo_compiler::executable::Field;
use apollo_compiler::schema::ExtendedType;

pub fn missing<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match near_miss(name, known.filter(|known| !known.starts_with("__"))) {
        Some(near) if what == "directive" => format!("did you mean `@{near}`?"),
        Some(near) => format!("did you mean `{near}`?"),
        None if what == "fragment" => {
            "define it in any of the files, or check which files the compilation reads".into()
        }
        None => {
            format!("the schema has no such {what}: check the spelling, or pull the schema anew")
        }
    }
}

/// What to do about a directive that the schema does not have. Directives of other clients are not
/// misspelt: they are for the tools of those.
pub fn directive(schema: &Schema, name: &str) -> String {
    let advice = match name {
        "client" => {
            "is Apollo Client's, for fields that it keeps itself: the server does not have them, \
             so leave the field out"
        }
        "connection" | "export" | "nonreactive" | "unmask" => {
            "is Apollo Client's, for its cache: leave it out"
        }
        "rest" => "is apollo-link-rest's, for fields of other services: leave the field out",
        "arguments" | "argumentDefinitions" => {
            "is Relay's, for fragments with arguments: declare variables in the operation instead"
        }
        "relay" | "refetchable" | "inline" | "raw_response_type" | "appendNode" | "prependNode"
        | "appendEdge" | "prependEdge" | "deleteRecord" | "deleteEdge" | "alias"
        | "preloadable" | "no_inline" | "waterfall" => {
            "is Relay's, for its compiler and its store: leave it out"
        }
        "live" => {
            "asks for a live query, which this server does not have: leave it out, or subscribe"
        }
        _ => {
            let known = schema.directive_definitions.keys();
            return missing("directive", name, known.map(|name| name.as_str()));
        }
    };
    format!("`@{name}` {advice}")
}

pub fn field(schema: &Schema, type_name: &str, name: &str) -> String {
    if name == "__id" {
        return "`__id` is Relay's, for its store: leave it out, or select `id`".into();
    }
    if matches!(name, "__schema" | "__type") {
        return format!("`{name}` is a field of the query root alone");
    }
    if name.starts_with("__") && near_miss(name, ["__typename"]).is_some() {
        return "did you mean `__typename`?".into();
    }
    let fields: Vec<&str> = match schema.types.get(type_name) {
        Some(ExtendedType::Object(object)) => {
            object.fields.keys().map(|name| name.as_str()).collect()
        }
        Some(ExtendedType::Interface(interface)) => {
            if let Some(owner) = implementer_with(schema, type_name, name) {
                return format!("`{owner}` has it: select it in `... on {owner} {{ {name} }}`");
            }
            interface.fields.keys().map(|name| name.as_str()).collect()
        }
        Some(ExtendedType::Union(union)) => {
            let owner = union
                .members
                .iter()
                .find(|member| has_field(schema, member.as_str(), name));
            return match owner {
                Some(owner) => format!(
                    "a union has no fields of its own; \
                     `{owner}` has it: `... on {owner} {{ {name} }}`"
                ),
                None => "a union has no fields of its own: \
                         select from its types with `... on Type { … }`"
                    .into(),
            };
        }
        _ => Vec::new(),
    };
    match near_miss(name, fields.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{type_name}` has {}", listed(&fields)),
    }
}

/// A selection set that could stand behind a field: some of its leaves.
pub fn selectable(schema: &Schema, field: &Field) -> String {
    const SHOWN: usize = 3;
    let name = field.ty().inner_named_type();
    let fields = match schema.types.get(name) {
        Some(ExtendedType::Object(object)) => &object.fields,
        Some(ExtendedType::Interface(interface)) => &interface.fields,
        _ => {
            return format!(
                "say what you want of its types: `{} {{ ... on Type {{ … }} }}`",
                field.name
            );
        }
    };
    let leaves: Vec<&str> = fields
        .iter()
        .filter(|(_, field)| {
            schema
                .types
                .get(field.ty.inner_named_type())
                .is_none_or(ExtendedType::is_leaf)
                && field
                    .arguments
                    .iter()
                    .all(|argument| !argument.is_required())
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let shown = leaves[..leaves.len().min(SHOWN)].join(" ");
    let more = if fields.len() > SHOWN || leaves.is_empty() {
        " …"
    } else {
        ""
    };
    let arguments = if field.arguments.is_empty() {
        ""
    } else {
        "(…)"
    };
    format!(
        "say which fields you want: `{}{arguments} {{ {} }}`",
        field.name,
        format!("{shown}{more}").trim()
    )
}

fn has_field(schema: &Schema, type_name: &str, field: &str) -> bool {
    schema
        .get_object(type_name)
        .is_some_and(|object| object.fields.contains_key(field))
}

fn implementer_with<'a>(schema: &'a Schema, interface: &str, field: &str) -> Option<&'a str> {
    schema
        .types
        .values()
        .filter_map(|definition| definition.as_object())
        .find(|object| {
            object.implements_interfaces.contains(interface) && object.fields.contains_key(field)
        })
        .map(|object| object.name.as_str())
}

pub fn argument(schema: &Schema, name: &str, coordinate: &str) -> String {
    let arguments: Vec<&str> = if !coordinate.contains('.') {
        let definition = schema.directive_definitions.get(coordinate);
        definition
            .map(|definition| {
                definition
                    .arguments
                    .iter()
                    .map(|argument| argument.name.as_str())
                    .collect()
            })
            .unwrap_or_default()
    } else {
        coordinate
            .split_once('.')
            .and_then(|(type_name, field)| schema.type_field(type_name, field).ok())
            .map(|field| {
                field
                    .arguments
                    .iter()
                    .map(|argument| argument.name.as_str())
                    .collect()
            })
            .unwrap_or_default()
    };
    match near_miss(name, arguments.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if arguments.is_empty() => "it takes no arguments".into(),
        None => format!("it takes {}", listed(&arguments)),
    }
}

pub fn enum_value(schema: &Schema, value: &str, name: &str) -> String {
    let values: Vec<&str> = schema
        .get_enum(name)
        .map(|definition| definition.values.keys().map(|name| name.as_str()).collect())
        .unwrap_or_default();
    match near_miss(value, values.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{name}` has {}", listed(&values)),
    }
}

/// The value that is most likely meant.
pub fn near_enum_value<'a>(value: &str, values: &[&'a str]) -> Option<&'a str> {
    let same = values.iter().copied().find(|known| *known == value);
    same.or_else(|| near_miss(value, values.iter().copied()))
}

pub fn input_field(schema: &Schema, field: &str, name: &str) -> String {
    let fields: Vec<&str> = schema
        .get_input_object(name)
        .map(|definition| definition.fields.keys().map(|name| name.as_str()).collect())
        .unwrap_or_default();
    match near_miss(field, fields.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{name}` has {}", listed(&fields)),
    }
}

pub fn required(name: &str, what: &str) -> String {
    format!("the {what} is non-null and has no default: give it, `{name}: …`, or pass a variable")
}

pub fn directive_location(schema: &Schema, name: &str) -> String {
    let locations: Vec<&str> = schema
        .directive_definitions
        .get(name)
        .map(|definition| {
            definition
                .locations
                .iter()
                .map(|location| location.name())
                .collect()
        })
        .unwrap_or_default();
    format!("`@{name}` goes on {}", listed(&locations))
}

pub fn impossible(schema: &Schema, condition: &str, on: &str) -> String {
    match schema.types.get(on) {
        Some(ExtendedType::Union(union)) => {
            let members: Vec<&str> = union.members.iter().map(|member| member.as_str()).collect();
            format!(
                "`{on}` is never a `{condition}`: it is {}",
                listed(&members)
            )
        }
        _ => format!(
            "`{on}` is never a `{condition}`: \
             remove the fragment, or spread it where a `{condition}` can be"
        ),
    }
}

pub fn capitalise(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// Up to eight names in the order of the schema, and how many more there are.
pub fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len() {
        0 => "none".into(),
        count if count > SHOWN => format!("{} and {} more", shown.join(", "), count - SHOWN),
        _ => shown.join(", "),
    }
}
