//! What to do about a broken rule: a help line for each, with the near miss where a name is wrong.
//!
//! Enter at [`explain`], for rules of the specification's chapter on validation, and [`syntax`].

use super::suggestions::*;
use super::values as value;
use crate::diagnostics::{CONFLICTING_TYPES, Diagnostic, Location, near_miss};
use crate::walk::spreads;
use apollo_compiler::Schema;
use apollo_compiler::executable::{ExecutableDocument, Field};
use std::collections::{HashSet, VecDeque};

/// The parts of a message that stand between backquotes, without a `$` or `@` before them.
pub fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|name| name.trim_start_matches(['$', '@']))
}

/// What [`explain`] knows besides the error itself.
pub struct Surroundings<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    /// The field that the error is about, where it is about a whole field.
    pub field: Option<&'a Field>,
    /// The field that it can't be merged with.
    pub other: Option<&'a Field>,
    /// The variables of the operation that the error is in.
    pub variables: Vec<&'a str>,
}

/// A validation error in our words.
pub fn explain(
    rule: Option<&'static str>,
    message: String,
    place: Option<Location>,
    around: &Surroundings<'_>,
) -> Diagnostic {
    let Surroundings {
        schema, document, ..
    } = *around;
    let names: Vec<String> = quoted(&message).map(str::to_owned).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let first = names.first().copied().unwrap_or_default();
    let second = names.get(1).copied().unwrap_or_default();
    let written = place
        .as_ref()
        .map(Location::text)
        .unwrap_or_default()
        .to_owned();
    let mut message = message;
    let mut place = place;
    let (rule, help) = match rule {
        Some("UndefinedField") => ("unknown-field", field(schema, first, second)),
        Some("UndefinedArgument") => {
            let at = if second.contains('.') { "" } else { "@" };
            message = format!("`{at}{second}` takes no argument `{first}`");
            ("unknown-argument", argument(schema, first, second))
        }
        Some(
            "UndefinedDefinition"
            | "UndefinedTypeInNamedFragmentTypeCondition"
            | "UndefinedTypeInInlineFragmentTypeCondition",
        ) => {
            message = format!("the schema has no type `{first}`");
            let help = if matches!(first, "Int" | "Float" | "String" | "Boolean" | "ID") {
                format!(
                    "`{first}` is built in, but nothing in this schema is one, so no argument takes such a variable: declare it with the type of the argument that it is for"
                )
            } else {
                missing("type", first, schema.types.keys().map(|name| name.as_str()))
            };
            ("unknown-type", help)
        }
        Some("UndefinedDirective") => {
            message = format!("the schema has no directive `@{first}`");
            let known = schema
                .directive_definitions
                .keys()
                .map(|name| name.as_str());
            ("unknown-directive", missing("directive", first, known))
        }
        Some("UndefinedFragment") => {
            message = format!("there is no fragment `{first}`");
            let known = document.fragments.keys().map(|name| name.as_str());
            let help = if schema
                .types
                .get(first)
                .is_some_and(|ty| ty.is_object() || ty.is_interface() || ty.is_union())
            {
                format!("`{first}` is a type: write `... on {first} {{ … }}`")
            } else {
                missing("fragment", first, known)
            };
            ("unknown-fragment", help)
        }
        Some("UndefinedVariable") => {
            message = format!("the variable `${first}` is not declared");
            let help = match near_miss(first, around.variables.iter().copied()) {
                Some(near) => format!("did you mean `${near}`?"),
                None => format!(
                    "declare it on each operation that reaches this place: `query Name(${first}: …)`"
                ),
            };
            ("unknown-variable", help)
        }
        Some("UndefinedEnumValue") => {
            message = format!("the enum `{second}` has no value `{first}`");
            ("unknown-enum-value", enum_value(schema, first, second))
        }
        Some("UndefinedInputValue") => {
            message = format!("the input object `{second}` has no field `{first}`");
            ("unknown-input-field", input_field(schema, first, second))
        }
        Some("UnusedVariable") => {
            message = format!("the variable `${first}` is declared and never used");
            (
                "unused-variable",
                format!("use `${first}`, or remove its declaration"),
            )
        }
        Some("UniqueVariable") => ("duplicate-variable", "declare each variable once".into()),
        Some("UniqueArgument" | "UniqueInputValue") => {
            message = format!("the argument `{first}` is given more than once");
            (
                "duplicate-argument",
                "give each argument and input field once".into(),
            )
        }
        Some("UniqueDirective") => {
            message = format!(
                "`{}` is given more than once",
                written.split('(').next().unwrap_or_default().trim_end()
            );
            (
                "duplicate-directive",
                "this directive is not repeatable: keep one of them".into(),
            )
        }
        Some("RequiredArgument") => {
            place = place.map(|place| place.up_to(&['{', '(']));
            ("required-argument", required(first, "argument"))
        }
        Some("RequiredField") => ("required-input-field", required(first, "field")),
        Some("VariableInputType") => {
            message = format!("the variable `${first}` is not of an input type");
            (
                "variable-type",
                "variables are scalars, enums and input objects; objects, interfaces and unions only come in answers".into(),
            )
        }
        Some("UnsupportedLocation") => {
            let help = directive_location(schema, &message);
            let location = message
                .split(" for ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next())
                .unwrap_or_default();
            message = format!(
                "`{}` can't be on {location}",
                written.split('(').next().unwrap_or_default().trim_end()
            );
            ("directive-location", help)
        }
        Some("UnsupportedValueType") => {
            let help = value::help(schema, &message, &written);
            message = value::message(&message, &written);
            ("value-type", help)
        }
        Some("IntCoercionError") => {
            message = format!("`{written}` does not fit into an `Int`");
            ("value-type", "Int has 32 bits: from -2147483648 to 2147483647; larger numbers need a custom scalar".into())
        }
        Some("FloatCoercionError") => {
            message = format!("`{written}` does not fit into a `Float`");
            (
                "value-type",
                "Float has 64 bits: at most about 1.8e308".into(),
            )
        }
        Some("MissingSubselection") => {
            place = place.map(|place| place.up_to(&['@', '(']));
            match around.field {
                Some(field) => {
                    message = format!(
                        "nothing is selected from `{}`, which is of type `{}`",
                        field.name,
                        field.ty()
                    );
                    ("missing-selection", selectable(schema, field))
                }
                None => (
                    "missing-selection",
                    "say which fields you want: `{ id … }`".into(),
                ),
            }
        }
        Some("SubselectionOnScalarType" | "SubselectionOnEnumType") => {
            place = place.map(|place| place.up_to(&['{']));
            message = format!(
                "`{}` has no fields: it is of type `{first}`",
                written
                    .split(['{', '(', '@'])
                    .next()
                    .unwrap_or_default()
                    .trim_end()
            );
            ("selection-on-leaf", "remove the `{ … }` behind it".into())
        }
        Some("InvalidFragmentTarget") => {
            let on = written.split(" on ").nth(1).map(|rest| {
                &rest[..rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len())]
            });
            if let Some(on) = on.or((!first.is_empty()).then_some(first)) {
                message = format!("a fragment can't be on `{on}`, which has no fields");
            }
            (
                "fragment-type",
                "fragments are on objects, interfaces and unions".into(),
            )
        }
        Some("InvalidFragmentSpread") => ("impossible-fragment", impossible(schema, &names)),
        Some("DisallowedVariableUsage") => ("variable-position", variable_position(&names)),
        Some("RecursiveFragmentDefinition") => {
            place = place.map(|place| place.up_to(&['{']));
            if let Some(way) = cycle(document, first) {
                let names: Vec<String> = way
                    .iter()
                    .chain([&first])
                    .map(|name| format!("`{name}`"))
                    .collect();
                message = format!(
                    "the fragment `{first}` reaches itself: {}",
                    names.join(" → ")
                );
            }
            (
                "fragment-cycle",
                "an answer would never end: select down to a fixed depth instead".into(),
            )
        }
        Some("OperationNameCollision") => {
            message = format!("a second operation is called `{first}`");
            (
                "duplicate-operation",
                "operation names are unique among all files of a compilation: rename one".into(),
            )
        }
        Some("FragmentNameCollision") => {
            message = format!("a second fragment is called `{first}`");
            ("duplicate-fragment", "fragment names are unique among all files of a compilation: rename one, or remove the copy".into())
        }
        Some("AmbiguousAnonymousOperation") => {
            message = "an operation without a name beside others".into();
            place = place.map(|place| place.up_to(&['{']));
            (
                "anonymous",
                "give it a name, `query MyName { … }`: the generated type is called by it".into(),
            )
        }
        Some("UndefinedRootOperation") => {
            message = format!("the schema has no {first} root type");
            (
                "unknown-root-type",
                format!(
                    "is `{first}` the right kind of operation, and is every file of the schema given?"
                ),
            )
        }
        Some("SubscriptionUsesMultipleFields") => (
            "subscription-root",
            "write one subscription for each root field".into(),
        ),
        Some("SubscriptionUsesIntrospection") => {
            ("subscription-root", "ask for it in a query".into())
        }
        Some("SubscriptionUsesConditionalSelection") => (
            "subscription-root",
            "a subscription's root field is always there: remove @include and @skip from it".into(),
        ),
        Some("ConflictingFieldType") => {
            if let (Some(field), Some(other)) = (around.field, around.other) {
                message = match (
                    field.selection_set.selections.is_empty(),
                    field.ty() == other.ty(),
                ) {
                    (true, _) | (_, false) => format!(
                        "`{first}` is of type `{}` in one place and of type `{}` in another",
                        field.ty(),
                        other.ty()
                    ),
                    _ => format!("`{first}` selects what can't be merged"),
                };
            }
            place = place.map(|place| place.up_to(&['{']));
            (
                CONFLICTING_TYPES,
                format!(
                    "give one of them an alias, or allow it: `--allow {}` (each type then reads its own)",
                    CONFLICTING_TYPES
                ),
            )
        }
        Some("ConflictingFieldName" | "ConflictingFieldArgument") => {
            if let (Some(field), Some(other)) = (around.field, around.other) {
                message = if field.name == other.name {
                    format!("`{first}` is asked for twice, with different arguments")
                } else {
                    format!(
                        "two fields answer as `{first}`: `{}` and `{}`",
                        other.name, field.name
                    )
                };
            }
            place = place.map(|place| place.up_to(&['{']));
            (
                "conflicting-fields",
                format!(
                    "give one of them an alias: `other{}: …`",
                    capitalised(first)
                ),
            )
        }
        Some("TypeSystemDefinition") => {
            message = message.replace(
                "an executable document must not contain",
                "a document can't hold",
            );
            (
                "not-executable",
                "documents hold operations and fragments; type definitions belong to the schema"
                    .into(),
            )
        }
        Some("RecursionError" | "RecursionLimitError" | "DeeplyNestedType") => (
            "recursion",
            "nest selections and fragments less deeply".into(),
        ),
        Some(other) => (other, String::new()),
        None => ("document", String::new()),
    };
    let error = Diagnostic::error(message)
        .with_rule(rule)
        .with_location(place);
    if help.is_empty() {
        error
    } else {
        error.with_help(help)
    }
}

/// A way from a fragment back to itself: the fragments on it, the first one alone at its beginning.
pub fn cycle<'a>(document: &'a ExecutableDocument, name: &str) -> Option<Vec<&'a str>> {
    let (name, _) = document.fragments.get_key_value(name)?;
    let mut ways = VecDeque::from([vec![name]]);
    let mut seen = HashSet::new();
    while let Some(way) = ways.pop_front() {
        let fragment = document.fragments.get(*way.last()?)?;
        for next in spreads(&fragment.selection_set) {
            if next == name {
                return Some(way.into_iter().map(|name| name.as_str()).collect());
            }
            if seen.insert(next) && document.fragments.contains_key(next) {
                ways.push_back(way.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

/// The name in `the required argument `T.f(name:)` is not provided`, and the like.
pub fn required_name(message: &str) -> &str {
    let coordinate = message.split('`').nth(1).unwrap_or_default();
    coordinate
        .rsplit(['.', '('])
        .next()
        .unwrap_or_default()
        .trim_end_matches([')', ':'])
}

/// A syntax error in the parser's words, with the tokens as they are written.
pub fn syntax(message: &str, place: Option<Location>) -> Diagnostic {
    const TOKENS: [(&str, &str); 7] = [
        ("R_CURLY", "`}`"),
        ("L_CURLY", "`{`"),
        ("R_PAREN", "`)`"),
        ("L_PAREN", "`(`"),
        ("R_BRACK", "`]`"),
        ("COLON", "`:`"),
        ("EOF", "the end of the file"),
    ];
    let mut message = message.trim_start_matches("syntax error: ").to_owned();
    for (token, written) in TOKENS {
        message = message.replace(token, written);
    }
    Diagnostic::error(message)
        .with_rule("syntax")
        .with_location(place)
        .with_help("see the grammar at https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary")
}
