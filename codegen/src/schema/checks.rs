//! Issues that apollo-compiler's validation of a schema finds, and those that it leaves unchecked.
//! Enter at [`find_issues`], [`check_unchecked_rules`] and [`find_orphan_extensions`].

use crate::diagnostics::Location;
use crate::diagnostics::apollo::{SchemaViolation, read_schema_findings};
use crate::schema::issues::{SchemaCoordinate, SchemaIssue};
use apollo_compiler::ast::InputValueDefinition;
use apollo_compiler::collections::HashSet;
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Name, Schema};

/// The findings of apollo-compiler as issues.
pub fn find_issues(list: &DiagnosticList, schema: &Schema) -> Vec<SchemaIssue> {
    read_schema_findings(list)
        .into_iter()
        .map(|finding| {
            // A field that is defined twice is kept once: the second definition is outside of the
            // kept one.
            let twice = match &finding.violation {
                SchemaViolation::DuplicateMember { name } => Some(name.as_str()),
                _ => None,
            };
            let coordinate = finding.span.and_then(|span| {
                schema
                    .types
                    .iter()
                    .find_map(|(name, definition)| enclosing(name, definition, span, twice))
            });
            let in_a_field = match &coordinate {
                Some(SchemaCoordinate::Type(name)) => schema.get_input_object(name).is_some(),
                coordinate => coordinate.is_some(),
            };
            let (ambiguous, coordinate) = match &finding.violation {
                SchemaViolation::UnknownType => (in_a_field, coordinate),
                SchemaViolation::WrongKindOfType => (true, coordinate),
                SchemaViolation::DuplicateMember { .. } => (in_a_field, coordinate),
                // Which of two types an answer has is open, but for scalars.
                SchemaViolation::DuplicateType { name } => {
                    let ty = schema
                        .types
                        .get_key_value(name.as_str())
                        .filter(|(_, definition)| !definition.is_scalar())
                        .map(|(name, _)| SchemaCoordinate::Type(name.clone()));
                    (ty.is_some(), ty.or(coordinate))
                }
                SchemaViolation::Other => (false, coordinate),
            };
            SchemaIssue::new(&finding.message, finding.location, ambiguous, coordinate)
        })
        .collect()
}

/// The rules that apollo-compiler leaves unchecked: fields of `@oneOf` input objects are nullable
/// and have no default (September 2025 edition, section 3.10.1), and a required argument or input
/// field is not deprecated (section 3.13.3).
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

/// Input objects that are `@oneOf` and have no finite value, since each of their fields needs
/// another one of them (September 2026 edition, section 3.10.1).
pub fn check_one_of_cycles(schema: &Schema) -> Vec<SchemaIssue> {
    let inputs = || {
        schema
            .types
            .values()
            .filter_map(ExtendedType::as_input_object)
    };
    let one_ofs = || inputs().filter(|input| input.directives.has("oneOf"));
    if one_ofs().next().is_none() {
        return Vec::new();
    }
    let mut finite: HashSet<&Name> = HashSet::default();
    loop {
        let before = finite.len();
        for input in inputs() {
            let ends = |field: &InputValueDefinition| {
                // A list may be empty.
                let named = field.ty.inner_named_type();
                field.ty.is_list()
                    || schema.get_input_object(named).is_none()
                    || finite.contains(named)
            };
            let mut fields = input.fields.values();
            let is_finite = if input.directives.has("oneOf") {
                fields.any(|field| ends(field))
            } else {
                fields.all(|field| !field.is_required() || ends(field))
            };
            if is_finite {
                finite.insert(&input.name);
            }
        }
        if finite.len() == before {
            break;
        }
    }
    one_ofs()
        .filter(|input| !input.fields.is_empty() && !finite.contains(&input.name))
        .map(|input| {
            let message = format!("`{}` is `@oneOf` and has no value that ends", input.name);
            let location = Location::of_span(input.name.location(), &schema.sources);
            let coordinate = SchemaCoordinate::Type(input.name.clone());
            SchemaIssue::new(&message, location, false, Some(coordinate))
        })
        .collect()
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
        let mut issue = SchemaIssue::new(
            &message,
            place,
            true,
            Some(SchemaCoordinate::Type(name.clone())),
        );
        issue.diagnostic.help = Some(
            "an operation selects it: give the file that defines it, \
             or write the definition without `extend`"
                .into(),
        );
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
