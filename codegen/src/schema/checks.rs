//! Issues that apollo-compiler's validation of a schema finds, and those that it leaves unchecked.
//! Enter at [`find_issues`], [`check_unchecked_rules`] and [`find_orphan_extensions`].

use crate::diagnostics::Location;
use crate::diagnostics::messages as help;
use crate::schema::issues::{SchemaCoordinate, SchemaIssue};
use apollo_compiler::ast::InputValueDefinition;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Name, Schema};

/// The findings of apollo-compiler as issues.
pub fn find_issues(list: &DiagnosticList, schema: &Schema) -> Vec<SchemaIssue> {
    list.iter()
        .map(|diagnostic| {
            let place = Location::of_span(diagnostic.error.location(), diagnostic.sources);
            // A field that is defined twice is kept once; the second definition stands outside every kept one.
            let message = diagnostic.error.to_string();
            let twice = message
                .starts_with("duplicate definitions")
                .then(|| help::quoted(&message).next().map(str::to_owned))
                .flatten();
            let coordinate = diagnostic.error.location().and_then(|span| {
                schema.types.iter().find_map(|(name, definition)| {
                    enclosing(name, definition, span, twice.as_deref())
                })
            });
            // A type that is defined twice: which of the two an answer has is open, but for scalars.
            let collision = message
                .ends_with("is defined multiple times in the schema")
                .then(|| schema.types.get_key_value(help::quoted(&message).next()?))
                .flatten()
                .filter(|(_, definition)| !definition.is_scalar())
                .map(|(name, _)| SchemaCoordinate::Type(name.clone()));
            let in_a_field = match &coordinate {
                Some(SchemaCoordinate::Type(name)) => schema.get_input_object(name).is_some(),
                coordinate => coordinate.is_some(),
            };
            let ambiguous = match diagnostic.error.unstable_error_name() {
                Some("UndefinedDefinition") => in_a_field,
                Some("OutputType" | "InputType" | "UnionMemberObjectType") => true,
                None => collision.is_some() || twice.is_some() && in_a_field,
                _ => false,
            };
            SchemaIssue::new(
                &worded(&message),
                place,
                ambiguous,
                collision.or(coordinate),
            )
        })
        .collect()
}

/// A fault in our words, where the validator's are about documents.
fn worded(message: &str) -> String {
    message
        .replace("cannot find type", "there is no type")
        .replace("cannot find directive", "there is no directive")
        .replace(" in this document", "")
}

/// What the validator leaves unchecked: fields of `@oneOf` input objects are nullable and have no default (September 2025
/// edition, section 3.10.1), and what has to be given is not deprecated (section 3.13.3).
pub fn check_unchecked_rules(schema: &Schema) -> Vec<SchemaIssue> {
    let mut issues = Vec::new();
    let mut issue = |message: &str, place: Option<Location>, coordinate: SchemaCoordinate| {
        issues.push(SchemaIssue::new(message, place, false, Some(coordinate)));
    };
    let is_deprecated =
        |value: &InputValueDefinition| value.is_required() && value.directives.has("deprecated");
    let deprecated = |coordinate: &SchemaCoordinate, name: &Name| {
        let input = coordinate.input(name);
        format!("{input} has to be given, and is deprecated")
    };
    for definition in schema.types.values() {
        let fields = match definition {
            ExtendedType::InputObject(input) => {
                for (name, field) in &input.fields {
                    // To find a place is slow: only of what is wrong.
                    let place = || Location::of_span(field.location(), &schema.sources);
                    let coordinate = SchemaCoordinate::Type(input.name.clone());
                    if is_deprecated(field) {
                        issue(&deprecated(&coordinate, name), place(), coordinate.clone());
                    }
                    if input.directives.has("oneOf")
                        && (field.ty.is_non_null() || field.default_value.is_some())
                    {
                        let message = format!(
                            "`{}` is `@oneOf`, so `{name}` is nullable and has no default",
                            input.name
                        );
                        issue(&message, place(), coordinate);
                    }
                }
                continue;
            }
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        for (name, field) in fields {
            for argument in field
                .arguments
                .iter()
                .filter(|argument| is_deprecated(argument))
            {
                let place = Location::of_span(argument.location(), &schema.sources);
                let coordinate = SchemaCoordinate::Field(definition.name().clone(), name.clone());
                issue(&deprecated(&coordinate, &argument.name), place, coordinate);
            }
        }
    }
    issues
}

/// Types that are extended and defined nowhere: the rest of them is missing.
pub fn find_orphan_extensions(
    schema: &Schema,
    names: &[Name],
) -> impl Iterator<Item = SchemaIssue> {
    names.iter().map(|name| {
        let message = format!("`{name}` is extended, and defined nowhere");
        let extension = schema
            .types
            .get(name)
            .and_then(|definition| definition.name().location());
        let place = Location::of_span(extension, &schema.sources);
        let mut issue = SchemaIssue::new(&message, place, true, Some(SchemaCoordinate::Type(name.clone())));
        issue.diagnostic.help = Some("an operation selects it: give the file that defines it, or write the definition without `extend`".into());
        issue
    })
}

/// The definition whose text holds the span: its type, and the field where one alone is concerned.
fn enclosing(
    name: &Name,
    definition: &ExtendedType,
    span: SourceSpan,
    twice: Option<&str>,
) -> Option<SchemaCoordinate> {
    let holds = |outer: Option<SourceSpan>| {
        outer.is_some_and(|outer| {
            outer.file_id() == span.file_id()
                && outer.offset() <= span.offset()
                && span.end_offset() <= outer.end_offset()
        })
    };
    let in_extension = definition.iter_origins().any(|origin| {
        origin
            .extension_id()
            .is_some_and(|extension| holds(extension.location()))
    });
    if !holds(definition.location()) && !in_extension {
        return None;
    }
    let fields = match definition {
        ExtendedType::Object(object) => &object.fields,
        ExtendedType::Interface(interface) => &interface.fields,
        _ => return Some(SchemaCoordinate::Type(name.clone())),
    };
    let field = fields
        .iter()
        .find(|(field, definition)| holds(definition.location()) || twice == Some(field.as_str()));
    Some(match field {
        Some((field, _)) => SchemaCoordinate::Field(name.clone(), field.clone()),
        None => SchemaCoordinate::Type(name.clone()),
    })
}
