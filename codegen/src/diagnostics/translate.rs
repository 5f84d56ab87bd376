//! What the validator found, each thing once, in our words.
//!
//! An error that only follows from another one is left out. The rest is told with what belongs to
//! it: the other one of two fields that conflict, the first one of two definitions with one name.
//! Enter at [`ErrorTranslator::translate`].

use super::apollo::{Finding, Violation};
use super::conflicts;
use super::messages::{self, RuleContext};
use crate::diagnostics::{Diagnostic, Location};
use crate::options::Options;
use crate::rules::Rule;
use apollo_compiler::ast;
use apollo_compiler::collections::HashSet;
use apollo_compiler::executable::{ExecutableDocument, Field, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema};

/// Turns findings into errors.
pub struct ErrorTranslator<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    /// Which rules may be broken, and which scalars are mapped.
    pub options: &'a Options,
    /// Fragments that are defined, also where their definition can't be read.
    pub known_fragments: &'a HashSet<Name>,
    /// Locations of errors that have been reported already: path and offset.
    pub reported: HashSet<(String, usize)>,
    /// Nulls that are right, though the validator refuses them.
    pub scalar_nulls: &'a HashSet<SourceSpan>,
    /// The documents with what the validator drops: unknown fields and fragments on unknown types.
    pub trees: &'a [ast::Document],
}

/// An error, and what is not valid because of it.
pub struct Translation {
    /// None where another error says it.
    pub error: Option<Diagnostic>,
    pub affected: Vec<Affected>,
}

/// What an error makes invalid.
pub enum Affected {
    /// The definition that a span is in.
    Span(SourceSpan),
    Operation(Name),
}

impl ErrorTranslator<'_> {
    /// Translates all findings.
    pub fn translate(&self, findings: Vec<Finding>) -> Vec<Translation> {
        let mut seen = HashSet::default();
        let mut cycles: HashSet<String> = HashSet::default();
        let index = FindingIndex::new(&findings);
        let mut translations: Vec<Translation> = findings
            .iter()
            .filter(|finding| {
                let start = finding.span.map(|span| (span.file_id(), span.offset()));
                seen.insert((start, finding.message.as_str()))
            })
            .filter_map(|finding| self.translate_one(finding, &index, &mut cycles))
            .collect();
        let on_leaves = self.find_fragments_on_leaves().into_iter();
        translations.extend(on_leaves.map(|error| Translation {
            error: Some(error),
            affected: Vec::new(),
        }));
        translations
    }

    fn translate_one(
        &self,
        finding: &Finding,
        index: &FindingIndex<'_>,
        cycles: &mut HashSet<String>,
    ) -> Option<Translation> {
        let span = finding.span;
        let conflict = match &finding.violation {
            // A lint, not an error: a library of fragments may hold more than one application uses.
            Violation::UnusedFragment => return None,
            // `input_values` checks where variables stand: the validator takes a default of null
            // for a value, and compares named types alone inside of literals.
            Violation::VariablePosition { .. } => return None,
            Violation::ValueType { found, .. } if found == "a variable" => return None,
            Violation::ValueType { .. }
                if span.is_some_and(|span| self.scalar_nulls.contains(&span)) =>
            {
                return None;
            }
            // A type that stands for Int decides itself which numbers there are.
            Violation::IntRange if self.options.maps("Int") => return None,
            Violation::ConflictingTypes { .. }
                if self.options.allow.contains(&Rule::ConflictingResponseTypes) =>
            {
                return None;
            }
            Violation::ConflictingTypes { .. }
            | Violation::ConflictingFields { .. }
            | Violation::ConflictingArguments { .. } => {
                span.and_then(|span| conflicts::find_conflict(self.document, span))
            }
            _ => None,
        };
        let affected = match &conflict {
            // Two fragments that are valid each by itself meet in an operation: the operation is
            // wrong.
            Some(conflict) if !conflict.is_within_one_definition(self.document) => conflict
                .operations
                .iter()
                .map(|name| Affected::Operation((*name).clone()))
                .collect(),
            _ => span.into_iter().map(Affected::Span).collect(),
        };
        if self.only_follows(finding, index, cycles) {
            return Some(Translation {
                error: None,
                affected,
            });
        }
        if let Violation::FragmentCycle { name } = &finding.violation {
            // A cycle of fragments is one error, wherever it begins.
            let cycle = messages::find_cycle(self.document, name).into_iter();
            cycles.extend(cycle.flatten().map(str::to_owned));
        }
        let field = match (&conflict, &finding.violation) {
            (Some(conflict), _) => Some(conflict.field),
            (None, Violation::MissingSelection) => span.and_then(|span| self.field_at(span)),
            (None, _) => None,
        };
        let related = match &conflict {
            Some(conflict) => Location::of_span(conflict.other_span, &finding.sources)
                .map(|location| (location.up_to(&['{']), "the other".to_owned())),
            None => self.first_definition(finding),
        };
        let context = RuleContext {
            schema: self.schema,
            document: self.document,
            field,
            other: conflict.as_ref().map(|conflict| conflict.other),
            variables: span.map(|span| self.variables_at(span)).unwrap_or_default(),
        };
        let error = messages::explain(finding, &context).with_related(related);
        Some(Translation {
            error: Some(error),
            affected,
        })
    }

    /// Whether an error only follows from another one that is reported.
    fn only_follows(
        &self,
        finding: &Finding,
        index: &FindingIndex<'_>,
        cycles: &HashSet<String>,
    ) -> bool {
        let span = finding.span;
        let location = finding.location();
        if location.is_some_and(|at| self.reported.contains(&(at.path, at.offset))) {
            return true;
        }
        match &finding.violation {
            // The same is said with its place.
            Violation::Recursion => span.is_none() && index.has_located_recursion,
            // Two fields under one key differ in their types as well.
            Violation::ConflictingTypes { .. } => index.different_fields.contains(&span),
            // What uses the variable is unknown, and dropped.
            Violation::UnusedVariable { name } => {
                span.is_some_and(|span| self.may_be_used(name, span))
            }
            // The argument is given: as a null where none is allowed.
            Violation::MissingArgument { name } | Violation::MissingInputField { name } => {
                index.nulls.iter().any(|(null, given_for)| {
                    given_for == name && span.is_some_and(|span| contains(span, *null))
                })
            }
            // A fragment on a type without fields is an error itself.
            Violation::UnknownField { ty, .. } => self
                .schema
                .types
                .get(ty.as_str())
                .is_some_and(ExtendedType::is_leaf),
            Violation::UnknownFragment { name } => self.known_fragments.contains(name.as_str()),
            // Everything that it selects is unknown, which is reported.
            Violation::MissingSelection => has_selection(finding),
            Violation::FragmentCycle { name } => cycles.contains(name),
            _ => false,
        }
    }

    /// Whether the operation that declares a variable uses it as written, or spreads what can't be
    /// read.
    fn may_be_used(&self, variable: &str, declared: SourceSpan) -> bool {
        let definitions = || self.trees.iter().flat_map(|tree| &tree.definitions);
        let operation = definitions().find_map(|definition| match definition {
            ast::Definition::OperationDefinition(operation) => {
                let span = operation.location()?;
                contains(span, declared).then_some(operation)
            }
            _ => None,
        });
        let Some(operation) = operation else {
            return false;
        };
        let fragment = |name: &Name| {
            definitions().find_map(|definition| match definition {
                ast::Definition::FragmentDefinition(fragment) if fragment.name == *name => {
                    Some(fragment)
                }
                _ => None,
            })
        };
        let in_directives = |directives: &ast::DirectiveList| {
            let mut directives = directives.iter();
            directives.any(|directive| uses_variable(&directive.arguments, variable))
        };
        let mut sets: Vec<&[ast::Selection]> = vec![&operation.selection_set];
        let mut seen: HashSet<&Name> = HashSet::default();
        while let Some(set) = sets.pop() {
            for selection in set {
                let is_used = match selection {
                    ast::Selection::Field(field) => {
                        sets.push(&field.selection_set);
                        uses_variable(&field.arguments, variable)
                            || in_directives(&field.directives)
                    }
                    ast::Selection::InlineFragment(inline) => {
                        sets.push(&inline.selection_set);
                        in_directives(&inline.directives)
                    }
                    ast::Selection::FragmentSpread(spread) => {
                        let Some(fragment) = fragment(&spread.fragment_name) else {
                            return true;
                        };
                        if seen.insert(&fragment.name) {
                            sets.push(&fragment.selection_set);
                        }
                        in_directives(&spread.directives) || in_directives(&fragment.directives)
                    }
                };
                if is_used {
                    return true;
                }
            }
        }
        false
    }

    /// Where the first one of two definitions with one name stands.
    fn first_definition(&self, finding: &Finding) -> Option<(Location, String)> {
        let span = match &finding.violation {
            Violation::DuplicateOperation { name } => {
                let operations = &self.document.operations.named;
                operations.get(name.as_str())?.location()
            }
            Violation::DuplicateFragment { name } => {
                self.document.fragments.get(name.as_str())?.location()
            }
            _ => return None,
        };
        let location = Location::of_span(span, &finding.sources)?;
        Some((location.up_to(&['{']), "the first".into()))
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
        let operation = operations.find(|operation| {
            operation
                .location()
                .is_some_and(|outer| contains(outer, span))
        });
        operation.map_or_else(Vec::new, |operation| {
            operation
                .variables
                .iter()
                .map(|variable| variable.name.as_str())
                .collect()
        })
    }

    /// Named fragments on scalars, enums and input objects, of which the validator only misses the
    /// fields.
    fn find_fragments_on_leaves(&self) -> Vec<Diagnostic> {
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

/// What one finding needs to know of all others.
struct FindingIndex<'a> {
    /// The spans of fields that differ from another field under the same key.
    different_fields: HashSet<Option<SourceSpan>>,
    /// Nulls where none is allowed, and the argument or input field that each is given for.
    nulls: Vec<(SourceSpan, &'a str)>,
    has_located_recursion: bool,
}

impl<'a> FindingIndex<'a> {
    fn new(findings: &'a [Finding]) -> Self {
        let mut index = Self {
            different_fields: HashSet::default(),
            nulls: Vec::new(),
            has_located_recursion: false,
        };
        for finding in findings {
            match &finding.violation {
                Violation::ConflictingFields { .. } => {
                    index.different_fields.insert(finding.span);
                }
                Violation::Recursion => index.has_located_recursion |= finding.span.is_some(),
                Violation::ValueType { found, .. } if found == "null" => {
                    index.nulls.extend(name_before(finding));
                }
                _ => {}
            }
        }
        index
    }
}

/// The span of a value, and the name of the argument or input field that it is given for.
fn name_before(finding: &Finding) -> Option<(SourceSpan, &str)> {
    let span = finding.span?;
    let text = finding.sources.get(&span.file_id())?.source_text();
    let before = text.get(..span.offset())?.trim_end();
    let before = before.strip_suffix(':')?.trim_end();
    let end = before.rfind(|c: char| !(c.is_alphanumeric() || c == '_'));
    Some((span, &before[end.map_or(0, |at| at + 1)..]))
}

/// Whether arguments hold a variable, at any depth.
fn uses_variable(arguments: &[Node<ast::Argument>], variable: &str) -> bool {
    let mut values: Vec<&ast::Value> = arguments.iter().map(|argument| &*argument.value).collect();
    while let Some(value) = values.pop() {
        match value {
            ast::Value::Variable(name) if name == variable => return true,
            ast::Value::List(items) => values.extend(items.iter().map(|item| &**item)),
            ast::Value::Object(fields) => values.extend(fields.iter().map(|(_, value)| &**value)),
            _ => {}
        }
    }
    false
}

/// Whether a span contains another one.
fn contains(outer: SourceSpan, inner: SourceSpan) -> bool {
    outer.file_id() == inner.file_id()
        && outer.offset() <= inner.offset()
        && inner.end_offset() <= outer.end_offset()
}

/// Whether the text of a field has a selection set, even if the validator dropped it.
fn has_selection(finding: &Finding) -> bool {
    let text = finding.span.and_then(|span| {
        let file = finding.sources.get(&span.file_id())?;
        file.source_text().get(span.offset()..span.end_offset())
    });
    text.is_some_and(|text| text.trim_end().ends_with('}'))
}
