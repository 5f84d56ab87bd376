//! What the validator found, each thing once: an error that only follows from another is left out, and the rest is told with
//! what belongs to it (the other one of two that conflict, the first of two that have a name). Enter at [`Telling::all`].

use super::{conflicts as conflict, messages as help};
use crate::diagnostics::{CONFLICTING_TYPES, Diagnostic, Location};
use apollo_compiler::collections::HashSet;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{ExecutableDocument, Field, Selection, SelectionSet};
use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticData;
use apollo_compiler::{Name, Schema};

/// A finding of the validator.
type Finding<'a> = apollo_compiler::diagnostic::Diagnostic<'a, DiagnosticData>;

/// What is needed to tell errors.
pub struct Telling<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    /// Rules that may be broken.
    pub allow: &'a [String],
    /// Fragments that are defined, also where that can't be read.
    pub defined: &'a HashSet<Name>,
    /// Places of which something has been said: path and offset.
    pub said: HashSet<(String, usize)>,
}

/// An error, and what is not valid because of it.
pub struct Told {
    /// None where another error says it.
    pub error: Option<Diagnostic>,
    pub concerns: Vec<Concerned>,
}

/// What an error is about.
pub enum Concerned {
    /// The definition that a span is in.
    Span(SourceSpan),
    Operation(Name),
}

impl Telling<'_> {
    /// All findings as errors in our words.
    pub fn all(&self, findings: Vec<Finding<'_>>) -> Vec<Told> {
        let mut seen = HashSet::default();
        let mut cycles: HashSet<String> = HashSet::default();
        let known = Known::new(&findings);
        let mut told: Vec<Told> = findings
            .iter()
            .filter(|finding| {
                let span = finding.error.location();
                seen.insert((
                    span.map(|span| (span.file_id(), span.offset())),
                    finding.error.to_string(),
                ))
            })
            .filter_map(|finding| self.one(finding, &known, &mut cycles))
            .collect();
        told.extend(self.fragments_on_leaves().into_iter().map(|error| Told {
            error: Some(error),
            concerns: Vec::new(),
        }));
        told
    }

    fn one(
        &self,
        finding: &Finding<'_>,
        known: &Known<'_>,
        cycles: &mut HashSet<String>,
    ) -> Option<Told> {
        let rule = finding.error.unstable_error_name();
        let message = finding.error.to_string();
        let span = finding.error.location();
        let first = help::quoted(&message).next().unwrap_or_default().to_owned();
        match rule {
            // A lint, not an error: a library of fragments may hold more than one application uses.
            Some("UnusedFragment") => return None,
            Some("ConflictingFieldType")
                if self.allow.iter().any(|rule| rule == CONFLICTING_TYPES) =>
            {
                return None;
            }
            _ => {}
        }
        let conflict = rule
            .filter(|rule| rule.starts_with("ConflictingField"))
            .and_then(|_| conflict::find(self.document, span?));
        let concerns = match &conflict {
            // Two fragments that are good each for itself meet in an operation: that is what is wrong.
            Some(conflict) if !conflict.is_within_one_definition(self.document) => conflict
                .operations
                .iter()
                .map(|name| Concerned::Operation((*name).clone()))
                .collect(),
            _ => span.into_iter().map(Concerned::Span).collect(),
        };
        if self.follows(rule, &message, span, known, finding.sources)
            || cycles.contains(&first) && rule == Some("RecursiveFragmentDefinition")
        {
            return Some(Told {
                error: None,
                concerns,
            });
        }
        if rule == Some("RecursiveFragmentDefinition") {
            // One round of fragments is one error, wherever one begins.
            cycles.extend(
                help::cycle(self.document, &first)
                    .into_iter()
                    .flatten()
                    .map(str::to_owned),
            );
        }
        let field = match &conflict {
            Some(conflict) => Some(conflict.field),
            None if rule == Some("MissingSubselection") => {
                span.and_then(|span| self.field_at(span))
            }
            None => None,
        };
        let also = match &conflict {
            Some(conflict) => Location::of_span(conflict.other_span, finding.sources)
                .map(|place| (place.up_to(&['{']), "the other".to_owned())),
            None => self.first_definition(rule, &first, finding.sources),
        };
        let around = help::Surroundings {
            schema: self.schema,
            document: self.document,
            field,
            other: conflict.as_ref().map(|conflict| conflict.other),
            variables: span.map(|span| self.variables_at(span)).unwrap_or_default(),
        };
        let error = help::explain(
            rule,
            message,
            Location::of_span(span, finding.sources),
            &around,
        )
        .with_related(also);
        Some(Told {
            error: Some(error),
            concerns,
        })
    }

    /// Whether an error only follows from another that is told.
    fn follows(
        &self,
        rule: Option<&str>,
        message: &str,
        span: Option<SourceSpan>,
        known: &Known<'_>,
        sources: &SourceMap,
    ) -> bool {
        let mut names = help::quoted(message);
        let place = Location::of_span(span, sources);
        if place.is_some_and(|place| self.said.contains(&(place.path, place.offset))) {
            return true;
        }
        match rule {
            // Two fields under one key differ in their types as well.
            Some("ConflictingFieldType") => known.different_fields.contains(&span),
            // A variable of a type that is no input type fits nowhere; its declaration is what is wrong.
            Some("DisallowedVariableUsage") => {
                names.nth(1).is_some_and(|ty| !self.is_input_type(ty))
            }
            // A null that may not be there is given, if wrongly.
            Some("RequiredArgument" | "RequiredField") => {
                let name = help::required_name(message);
                known.nulls.iter().any(|(null, whose)| {
                    *whose == name && span.is_some_and(|span| holds(span, *null))
                })
            }
            // A fragment on a type without fields is told itself.
            Some("UndefinedField") => names
                .next()
                .and_then(|ty| self.schema.types.get(ty))
                .is_some_and(ExtendedType::is_leaf),
            Some("UndefinedFragment") => {
                names.next().is_some_and(|name| self.defined.contains(name))
            }
            // All that it selects is unknown, which is told.
            Some("MissingSubselection") => span.is_some_and(|span| has_selection(span, sources)),
            _ => false,
        }
    }

    fn is_input_type(&self, ty: &str) -> bool {
        let name = ty.trim_matches(['[', ']', '!']);
        self.schema.types.get(name).map_or(
            matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID"),
            |definition| definition.is_input_type(),
        )
    }

    /// Where the first definition of a name stands that is defined twice.
    fn first_definition(
        &self,
        rule: Option<&str>,
        name: &str,
        sources: &SourceMap,
    ) -> Option<(Location, String)> {
        let span = match rule? {
            "OperationNameCollision" => self.document.operations.named.get(name)?.location(),
            "FragmentNameCollision" => self.document.fragments.get(name)?.location(),
            _ => return None,
        };
        Some((
            Location::of_span(span, sources)?.up_to(&['{']),
            "the first".into(),
        ))
    }

    /// The field that covers exactly this span.
    fn field_at(&self, span: SourceSpan) -> Option<&Field> {
        let operations = self
            .document
            .operations
            .iter()
            .map(|operation| &operation.selection_set);
        let fragments = self
            .document
            .fragments
            .values()
            .map(|fragment| &fragment.selection_set);
        let mut stack: Vec<&SelectionSet> = operations.chain(fragments).collect();
        while let Some(set) = stack.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(field) if field.location() == Some(span) => {
                        return Some(field);
                    }
                    Selection::Field(field) => stack.push(&field.selection_set),
                    Selection::InlineFragment(inline) => stack.push(&inline.selection_set),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        None
    }

    /// The variables of the operation that a span is in.
    fn variables_at(&self, span: SourceSpan) -> Vec<&str> {
        let mut operations = self.document.operations.iter();
        let operation = operations
            .find(|operation| operation.location().is_some_and(|outer| holds(outer, span)));
        operation.map_or_else(Vec::new, |operation| {
            operation
                .variables
                .iter()
                .map(|variable| variable.name.as_str())
                .collect()
        })
    }

    /// Named fragments on scalars, enums and input objects, whose fields alone the validator misses.
    fn fragments_on_leaves(&self) -> Vec<Diagnostic> {
        let fragments = self.document.fragments.values().filter(|fragment| {
            let on = self.schema.types.get(fragment.type_condition());
            on.is_some_and(|definition| definition.is_leaf() || definition.is_input_object())
        });
        fragments
            .map(|fragment| {
                let on = fragment.type_condition();
                Diagnostic::error(format!(
                    "a fragment can't be on `{on}`, which has no fields"
                ))
                .with_rule("fragment-type")
                .with_location(Location::of_span(on.location(), &self.document.sources))
                .with_help("fragments are on objects, interfaces and unions")
            })
            .collect()
    }
}

/// What has to be known of all findings to tell one.
struct Known<'a> {
    /// Fields that differ from another under the same key.
    different_fields: HashSet<Option<SourceSpan>>,
    /// Nulls that may not be there, and the argument or input field that each is given for.
    nulls: Vec<(SourceSpan, &'a str)>,
}

impl<'a> Known<'a> {
    fn new(findings: &[Finding<'a>]) -> Self {
        let different = findings
            .iter()
            .filter(|finding| finding.error.unstable_error_name() == Some("ConflictingFieldName"));
        let nulls = findings.iter().filter(|finding| {
            finding.error.unstable_error_name() == Some("UnsupportedValueType")
                && finding.error.to_string().ends_with(", found null")
        });
        Self {
            different_fields: different.map(|finding| finding.error.location()).collect(),
            nulls: nulls
                .filter_map(|finding| {
                    let span = finding.error.location()?;
                    let text = finding.sources.get(&span.file_id())?.source_text();
                    let before = text[..span.offset()]
                        .trim_end()
                        .strip_suffix(':')?
                        .trim_end();
                    let end = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_'));
                    Some((span, &before[end.map_or(0, |at| at + 1)..]))
                })
                .collect(),
        }
    }
}

/// Whether a span holds another.
fn holds(outer: SourceSpan, inner: SourceSpan) -> bool {
    outer.file_id() == inner.file_id()
        && outer.offset() <= inner.offset()
        && inner.end_offset() <= outer.end_offset()
}

/// Whether the text of a field has a selection set, whatever became of it.
fn has_selection(span: SourceSpan, sources: &SourceMap) -> bool {
    let text = sources
        .get(&span.file_id())
        .and_then(|file| file.source_text().get(span.offset()..span.end_offset()));
    text.is_some_and(|text| text.trim_end().ends_with('}'))
}
