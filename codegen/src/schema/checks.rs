//! Issues that apollo-compiler's validation of a schema finds, and those that it leaves unchecked.
//! Enter at [`find_issues`], [`check_rules_apollo_skips`] and [`find_orphan_extensions`].

use crate::diagnostics::Location;
use crate::diagnostics::apollo::{SchemaViolation, read_schema_findings};
use crate::schema::issues::{SchemaIssue, Trigger};
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
            let trigger = finding.span.and_then(|span| {
                schema
                    .types
                    .iter()
                    .find_map(|(name, definition)| enclosing(name, definition, span, twice))
            });
            let in_a_field = match &trigger {
                Some(Trigger::Type(name)) => schema.get_input_object(name).is_some(),
                trigger => trigger.is_some(),
            };
            let (ambiguous, trigger) = match &finding.violation {
                SchemaViolation::UnknownType => (in_a_field, trigger),
                SchemaViolation::WrongKindOfType => (true, trigger),
                SchemaViolation::DuplicateMember { .. } => (in_a_field, trigger),
                // Which of two types an answer has is open, but for scalars.
                SchemaViolation::DuplicateType { name } => {
                    let ty = schema
                        .types
                        .get_key_value(name.as_str())
                        .filter(|(_, definition)| !definition.is_scalar())
                        .map(|(name, _)| Trigger::Type(name.clone()));
                    (ty.is_some(), ty.or(trigger))
                }
                SchemaViolation::Other => (false, trigger),
            };
            SchemaIssue::new(&finding.message, finding.location, ambiguous, trigger)
        })
        .collect()
}

/// The rules that apollo-compiler leaves unchecked: fields of `@oneOf` input objects are nullable
/// and have no default (September 2025 edition, section 3.10.1), and a required argument or input
/// field is not deprecated (section 3.13.3).
pub fn check_rules_apollo_skips(schema: &Schema) -> Vec<SchemaIssue> {
    let mut issues = Vec::new();
    let mut issue = |message: &str, place: Option<Location>, trigger: Trigger| {
        issues.push(SchemaIssue::new(message, place, false, Some(trigger)));
    };
    let is_required_and_deprecated =
        |value: &InputValueDefinition| value.is_required() && value.directives.has("deprecated");
    let deprecation_message = |trigger: &Trigger, name: &Name| {
        let input = trigger.quote_input(name);
        format!("{input} has to be given, and is deprecated")
    };
    for definition in schema.types.values() {
        let fields = match definition {
            ExtendedType::InputObject(input) => {
                for (name, field) in &input.fields {
                    // To find a place is slow: only of what is wrong.
                    let place = || Location::of_span(field.location(), &schema.sources);
                    let trigger = Trigger::Type(input.name.clone());
                    if is_required_and_deprecated(field) {
                        issue(
                            &deprecation_message(&trigger, name),
                            place(),
                            trigger.clone(),
                        );
                    }
                    if input.directives.has("oneOf")
                        && (field.ty.is_non_null() || field.default_value.is_some())
                    {
                        let message = format!(
                            "`{}` is `@oneOf`, so `{name}` is nullable and has no default",
                            input.name
                        );
                        issue(&message, place(), trigger);
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
                .filter(|argument| is_required_and_deprecated(argument))
            {
                let place = Location::of_span(argument.location(), &schema.sources);
                let trigger = Trigger::Field(definition.name().clone(), name.clone());
                issue(
                    &deprecation_message(&trigger, &argument.name),
                    place,
                    trigger,
                );
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
            let trigger = Trigger::Type(input.name.clone());
            SchemaIssue::new(&message, location, false, Some(trigger))
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
        let mut issue = SchemaIssue::new(&message, place, true, Some(Trigger::Type(name.clone())));
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
) -> Option<Trigger> {
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
        _ => return Some(Trigger::Type(name.clone())),
    };
    let field = fields
        .iter()
        .find(|(field, definition)| holds(definition.location()) || twice == Some(field.as_str()));
    Some(match field {
        Some((field, _)) => Trigger::Field(name.clone(), field.clone()),
        None => Trigger::Type(name.clone()),
    })
}
