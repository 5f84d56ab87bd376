//! What to do about a broken rule: a help line for each, with the near miss where a name is wrong.
//!
//! Enter at [`explain`], for rules of the specification's chapter on validation, and [`syntax`].

use crate::diagnostic::{Diagnostic, Place, near_miss};
use apollo_compiler::Schema;
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::schema::ExtendedType;

/// The parts of a message that stand between backquotes, without a `$` or `@` before them.
pub fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|name| name.trim_start_matches(['$', '@']))
}

/// A validation error in our words.
pub fn explain(
    rule: Option<&'static str>,
    message: String,
    place: Option<Place>,
    schema: &Schema,
    document: &ExecutableDocument,
) -> Diagnostic {
    let names: Vec<&str> = quoted(&message).collect();
    let first = names.first().copied().unwrap_or_default();
    let second = names.get(1).copied().unwrap_or_default();
    let (rule, help) = match rule {
        Some("UndefinedField") if schema.types.get(first).is_some_and(ExtendedType::is_leaf) => {
            ("fragment-type", format!("fragments are on objects, interfaces and unions; `{first}` has no fields"))
        }
        Some("UndefinedField") => ("unknown-field", field(schema, first, second)),
        Some("UndefinedArgument") => ("unknown-argument", argument(schema, first, second)),
        Some("UndefinedDefinition" | "UndefinedTypeInNamedFragmentTypeCondition" | "UndefinedTypeInInlineFragmentTypeCondition") => {
            ("unknown-type", missing("type", first, schema.types.keys().map(|name| name.as_str())))
        }
        Some("UndefinedDirective") => {
            let known = schema.directive_definitions.keys().map(|name| name.as_str());
            ("unknown-directive", missing("directive", first, known))
        }
        Some("UndefinedFragment") => {
            let known = document.fragments.keys().map(|name| name.as_str());
            ("unknown-fragment", missing("fragment", first, known))
        }
        Some("UndefinedVariable") => (
            "unknown-variable",
            format!("declare it on each operation that reaches this place: `query Name(${first}: …)`"),
        ),
        Some("UndefinedEnumValue") => ("unknown-enum-value", enum_value(schema, first, second)),
        Some("UndefinedInputValue") => ("unknown-input-field", input_field(schema, first, second)),
        Some("UnusedVariable") => ("unused-variable", format!("use `${first}`, or remove its declaration")),
        Some("UniqueVariable") => ("duplicate-variable", "declare each variable once".into()),
        Some("UniqueArgument" | "UniqueInputValue") => ("duplicate-argument", "give each argument and input field once".into()),
        Some("UniqueDirective") => ("duplicate-directive", "this directive is not repeatable: keep one of them".into()),
        Some("RequiredArgument") => ("required-argument", required(first, "argument")),
        Some("RequiredField") => ("required-input-field", required(first, "field")),
        Some("VariableInputType") => (
            "variable-type",
            "variables are scalars, enums and input objects; objects, interfaces and unions only come in answers".into(),
        ),
        Some("UnsupportedLocation") => ("directive-location", directive_location(schema, &message)),
        Some("UnsupportedValueType") => (
            "value-type",
            "write a value of that type: `1`, `1.5`, `\"text\"`, `true`, ENUM_VALUE, `[…]`, `{ field: … }`, or a variable".into(),
        ),
        Some("IntCoercionError") => ("value-type", "Int has 32 bits: from -2147483648 to 2147483647; larger numbers need a custom scalar".into()),
        Some("FloatCoercionError") => ("value-type", "Float has 64 bits: at most about 1.8e308".into()),
        Some("MissingSubselection") => ("missing-selection", "say which fields you want: `{ id … }`".into()),
        Some("SubselectionOnScalarType" | "SubselectionOnEnumType") => ("selection-on-leaf", "it has no fields: remove the `{ … }`".into()),
        Some("InvalidFragmentTarget") => ("fragment-type", "fragments are on objects, interfaces and unions".into()),
        Some("InvalidFragmentSpread") => ("impossible-fragment", impossible(schema, &names)),
        Some("DisallowedVariableUsage") => ("variable-position", variable_position(&names)),
        Some("RecursiveFragmentDefinition") => (
            "fragment-cycle",
            "a fragment may not reach itself: select down to a fixed depth instead".into(),
        ),
        Some("OperationNameCollision") => ("duplicate-operation", "operation names are unique among all files of a compilation: rename one".into()),
        Some("FragmentNameCollision") => ("duplicate-fragment", "fragment names are unique among all files of a compilation: rename one, or remove the copy".into()),
        Some("AmbiguousAnonymousOperation") => ("anonymous", "give it a name, `query MyName { … }`: the generated type is called by it".into()),
        Some("UndefinedRootOperation") => (
            "unknown-root-type",
            format!("the schema defines no root type for it; is `{first}` the right kind of operation, and is the schema complete?"),
        ),
        Some("SubscriptionUsesMultipleFields") => ("subscription-root", "write one subscription for each root field".into()),
        Some("SubscriptionUsesIntrospection") => ("subscription-root", "ask for it in a query".into()),
        Some("SubscriptionUsesConditionalSelection") => ("subscription-root", "a subscription's root field is always there: remove @include and @skip from it".into()),
        Some("ConflictingFieldType") => (
            crate::document::CONFLICTING_TYPES,
            format!("give one of them an alias, or allow it: `--allow {}` (each type then reads its own)", crate::document::CONFLICTING_TYPES),
        ),
        Some("ConflictingFieldName" | "ConflictingFieldArgument") => {
            ("conflicting-fields", format!("give one of them an alias: `other{}: …`", capitalised(first)))
        }
        Some("TypeSystemDefinition") => ("not-executable", "documents hold operations and fragments; type definitions belong to the schema".into()),
        Some("RecursionError" | "RecursionLimitError" | "DeeplyNestedType") => ("recursion", "nest selections and fragments less deeply".into()),
        Some(other) => (other, String::new()),
        None => ("document", String::new()),
    };
    let error = Diagnostic::error(message).with_rule(rule).with_place(place);
    if help.is_empty() {
        error
    } else {
        error.with_help(help)
    }
}

/// Help for a text that is no GraphQL.
pub fn syntax(place: Option<&Place>) -> String {
    let line = place
        .map(|place| place.source_line.trim())
        .unwrap_or_default();
    if line.contains('\'') {
        "strings stand in double quotes: \"text\"".into()
    } else if line.contains(';') {
        "GraphQL has no semicolons".into()
    } else if line == "}" || line.is_empty() {
        "count the braces: each `{` needs its `}`, and a selection set at least one field".into()
    } else {
        "see the grammar at https://spec.graphql.org/September2025/#sec-Document-Syntax".into()
    }
}

fn missing<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match near_miss(name, known.filter(|known| !known.starts_with("__"))) {
        Some(near) => format!("did you mean `{near}`?"),
        None if what == "fragment" => {
            "define it in any of the files, or check which files the compilation reads".into()
        }
        None => {
            format!("the schema has no such {what}: check the spelling, or pull the schema anew")
        }
    }
}

fn field(schema: &Schema, type_name: &str, name: &str) -> String {
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
                Some(owner) => format!("a union has no fields of its own; `{owner}` has it: `... on {owner} {{ {name} }}`"),
                None => "a union has no fields of its own: select from its types with `... on Type { … }`".into(),
            };
        }
        _ => Vec::new(),
    };
    match near_miss(name, fields.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{type_name}` has {}", listed(&fields)),
    }
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

fn argument(schema: &Schema, name: &str, coordinate: &str) -> String {
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

fn enum_value(schema: &Schema, value: &str, name: &str) -> String {
    let values: Vec<&str> = schema
        .get_enum(name)
        .map(|definition| definition.values.keys().map(|name| name.as_str()).collect())
        .unwrap_or_default();
    match near_miss(value, values.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{name}` has {}", listed(&values)),
    }
}

fn input_field(schema: &Schema, field: &str, name: &str) -> String {
    let fields: Vec<&str> = schema
        .get_input_object(name)
        .map(|definition| definition.fields.keys().map(|name| name.as_str()).collect())
        .unwrap_or_default();
    match near_miss(field, fields.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{name}` has {}", listed(&fields)),
    }
}

fn required(coordinate: &str, what: &str) -> String {
    let name = coordinate
        .rsplit(['.', '('])
        .next()
        .unwrap_or(coordinate)
        .trim_end_matches([')', ':']);
    format!("the {what} is non-null and has no default: give it, `{name}: …`, or pass a variable")
}

fn directive_location(schema: &Schema, message: &str) -> String {
    let name = message
        .split(' ')
        .next()
        .unwrap_or_default()
        .trim_start_matches('@')
        .trim_matches('`');
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

fn impossible(schema: &Schema, names: &[&str]) -> String {
    // The last two names are the condition and the type that it is applied to.
    let (Some(on), Some(condition)) = (
        names.last(),
        names.len().checked_sub(2).and_then(|at| names.get(at)),
    ) else {
        return String::new();
    };
    match schema.types.get(*on) {
        Some(ExtendedType::Union(union)) => {
            let members: Vec<&str> = union.members.iter().map(|member| member.as_str()).collect();
            format!(
                "`{on}` is never a `{condition}`: it is {}",
                listed(&members)
            )
        }
        _ => format!(
            "`{on}` is never a `{condition}`: remove the fragment, or spread it where a `{condition}` can be"
        ),
    }
}

fn variable_position(names: &[&str]) -> String {
    match names {
        [variable, _, _, wanted, ..] => format!("declare it as `${variable}: {wanted}`"),
        _ => String::new(),
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// Up to eight names in the order of the schema, and how many more there are.
fn listed(names: &[&str]) -> String {
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
