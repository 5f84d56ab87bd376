//! What is wrong with a schema, and whether that matters.
//!
//! Real schemas have faults, and one that no operation touches must not stop anybody. The stages
//! that load a schema collect [`SchemaIssue`]s; [`classify`] decides, once the operations are
//! known, which of them are errors.

use crate::diagnostics::{Diagnostic, Location, Severity};
use apollo_compiler::ast::{Argument, Directive};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{ExecutableDocument, Selection, SelectionSet};
use apollo_compiler::{Name, Node};

/// Something wrong in a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaIssue {
    pub diagnostic: Diagnostic,
    /// Whether it leaves open what an answer looks like. Where it does not, code can be generated
    /// for whatever has the issue.
    pub ambiguous: bool,
    /// The part of the schema that it is in.
    pub coordinate: Option<SchemaCoordinate>,
}

impl SchemaIssue {
    pub fn new(
        message: &str,
        location: Option<Location>,
        ambiguous: bool,
        coordinate: Option<SchemaCoordinate>,
    ) -> Self {
        Self {
            diagnostic: Diagnostic::error(format!("invalid schema: {message}"))
                .with_location(location),
            ambiguous,
            coordinate,
        }
    }
}

/// The part of a schema that an issue concerns (specification, section 3.14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaCoordinate {
    Type(Name),
    /// A field of a type.
    Field(Name, Name),
    /// An argument of a field of a type, where it is left out.
    Argument(Name, Name, Name),
    /// An argument of a directive, where it is left out.
    DirectiveArgument(Name, Name),
}

impl SchemaCoordinate {
    /// The argument or input field of that name, as a message says it.
    pub fn input(&self, name: &Name) -> String {
        match self {
            Self::Type(ty) => format!("`{ty}.{name}`"),
            Self::Field(ty, field) | Self::Argument(ty, field, _) => {
                format!("the argument `{name}` of `{ty}.{field}`")
            }
            Self::DirectiveArgument(directive, _) => {
                format!("the argument `{name}` of `@{directive}`")
            }
        }
    }
}

/// The enums, input objects and scalars that code is generated for.
#[derive(Default)]
pub struct UsedTypes {
    pub types: HashSet<Name>,
}

/// The issues as diagnostics: an error where an operation uses what is wrong, otherwise a warning.
pub fn classify(
    issues: &[SchemaIssue],
    used: &UsedTypes,
    document: &ExecutableDocument,
) -> Vec<Diagnostic> {
    if issues.is_empty() {
        return Vec::new();
    }
    let mut selected = SelectedParts {
        types: used.types.clone(),
        ..SelectedParts::default()
    };
    for operation in document.operations.iter() {
        selected
            .directives
            .extend(operation.directives.iter().map(|node| &**node));
        selected.set(&operation.selection_set);
    }
    for fragment in document.fragments.values() {
        selected
            .directives
            .extend(fragment.directives.iter().map(|node| &**node));
        selected.set(&fragment.selection_set);
    }
    issues
        .iter()
        .map(|issue| {
            let is_used = match &issue.coordinate {
                Some(SchemaCoordinate::Field(name, field)) => {
                    selected.fields.contains(&(name, field))
                }
                Some(SchemaCoordinate::Type(name)) => selected.types.contains(name),
                Some(SchemaCoordinate::Argument(name, field, argument)) => selected
                    .omitted_arguments
                    .contains(&(name, field, argument)),
                Some(SchemaCoordinate::DirectiveArgument(directive, argument)) => selected
                    .directives
                    .iter()
                    .any(|used| used.name == *directive && !is_given(&used.arguments, argument)),
                None => false,
            };
            let selected = issue.ambiguous && is_used;
            let mut diagnostic = issue.diagnostic.clone();
            if selected {
                diagnostic.help.get_or_insert(
                    "an operation selects it: mend the schema, or leave it out of the operation"
                        .into(),
                );
            } else {
                diagnostic.severity = Severity::Warning;
                // What concerns no part of the schema says itself what became of it.
                if issue.coordinate.is_some() || diagnostic.help.is_none() {
                    diagnostic.help = Some(
                        "it does not concern what operations select, \
                         so code is generated all the same"
                            .into(),
                    );
                }
            }
            diagnostic
        })
        .collect()
}

/// Makes one issue of all uses of a directive that the schema does not define, and says how many
/// there are: a subgraph of a federation has hundreds.
pub fn merge_unknown_directives(issues: &mut Vec<SchemaIssue>) {
    let is_about_directive =
        |message: &str| message.starts_with("invalid schema: there is no directive ");
    let mut counts: HashMap<String, usize> = HashMap::default();
    issues.retain(|issue| {
        let message = &issue.diagnostic.message;
        if !is_about_directive(message) {
            return true;
        }
        let count = counts.entry(message.clone()).or_default();
        *count += 1;
        *count == 1
    });
    for issue in issues {
        let message = &mut issue.diagnostic.message;
        if let Some(count) = counts.get(message).filter(|count| **count > 1) {
            *message = format!("{message} ({count} uses)");
        }
    }
}

/// The parts of a schema that documents use.
#[derive(Default)]
struct SelectedParts<'a> {
    types: HashSet<Name>,
    /// Every field that is selected, with the type that it is selected from.
    fields: HashSet<(&'a Name, &'a Name)>,
    /// Arguments that are not given, with type and field.
    omitted_arguments: HashSet<(&'a Name, &'a Name, &'a Name)>,
    directives: Vec<&'a Directive>,
}

impl<'a> SelectedParts<'a> {
    fn set(&mut self, set: &'a SelectionSet) {
        self.types.insert(set.ty.clone());
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.directives
                        .extend(field.directives.iter().map(|node| &**node));
                    self.fields.insert((&set.ty, &field.name));
                    let arguments = field.definition.arguments.iter();
                    self.omitted_arguments.extend(
                        arguments
                            .filter(|argument| !is_given(&field.arguments, &argument.name))
                            .map(|argument| (&set.ty, &field.name, &argument.name)),
                    );
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives
                        .extend(inline.directives.iter().map(|node| &**node));
                    self.set(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives
                        .extend(spread.directives.iter().map(|node| &**node));
                }
            }
        }
    }
}

fn is_given(arguments: &[Node<Argument>], name: &Name) -> bool {
    arguments.iter().any(|argument| argument.name == *name)
}
