//! What is wrong with a schema, and whether that matters.
//!
//! Real schemas have faults, and one that no operation touches must not stop anybody. The stages
//! that load a schema collect [`SchemaIssue`]s; [`classify`] decides, once the operations are
//! known, which of them are errors.

use crate::diagnostics::{Diagnostic, Location, Severity};
use apollo_compiler::ast::{Argument, Directive, DirectiveList};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{
    ExecutableDocument, Fragment, Operation, Selection, SelectionSet,
};
use apollo_compiler::{Name, Node, Schema};

/// Something wrong in a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaIssue {
    pub diagnostic: Diagnostic,
    /// Whether it leaves open what an answer looks like. Where it does not, code can be generated
    /// for whatever has the issue.
    pub ambiguous: bool,
    /// The part of the schema that it is in.
    pub trigger: Option<Trigger>,
}

impl SchemaIssue {
    pub fn new(
        message: &str,
        location: Option<Location>,
        ambiguous: bool,
        trigger: Option<Trigger>,
    ) -> Self {
        Self {
            diagnostic: Diagnostic::error(format!("invalid schema: {message}"))
                .with_location(location),
            ambiguous,
            trigger,
        }
    }
}

/// What an operation has to use for an issue to matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    Type(Name),
    /// A field of a type.
    Field(Name, Name),
    /// An argument of a field of a type, where it is left out.
    Argument(Name, Name, Name),
    /// An argument of a directive, where it is left out.
    DirectiveArgument(Name, Name),
}

impl Trigger {
    /// The argument or input field of that name, as a message says it.
    pub fn quote_input(&self, name: &Name) -> String {
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

/// The issues as diagnostics: an error where an operation uses what is wrong, otherwise a warning.
pub fn classify(
    issues: &[SchemaIssue],
    schema: &Schema,
    document: &ExecutableDocument,
) -> Vec<Diagnostic> {
    if issues.is_empty() {
        return Vec::new();
    }
    let mut parts = SelectedParts::new(schema, document);
    for operation in document.operations.iter() {
        parts.operation(operation);
    }
    for fragment in document.fragments.values() {
        parts.fragment(fragment);
    }
    issues
        .iter()
        .map(|issue| {
            let mut diagnostic = issue.diagnostic.clone();
            if issue.ambiguous && parts.has(issue) {
                diagnostic.help.get_or_insert(
                    "an operation selects it: mend the schema, or leave it out of the operation"
                        .into(),
                );
                return diagnostic;
            }
            diagnostic.severity = Severity::Warning;
            // What concerns no part of the schema says itself what became of it.
            if issue.trigger.is_some() || diagnostic.help.is_none() {
                let help = if issue.ambiguous {
                    "it does not concern what operations select, so code is generated all the same"
                } else {
                    "mend it in the schema, if you can; code is generated all the same"
                };
                diagnostic.help = Some(help.into());
            }
            diagnostic
        })
        .collect()
}

/// The operations and the fragments that use what an issue leaves open, also through fragments.
pub fn find_affected(
    issues: &[SchemaIssue],
    schema: &Schema,
    document: &ExecutableDocument,
) -> (HashSet<Name>, HashSet<Name>) {
    let open: Vec<&SchemaIssue> = issues.iter().filter(|issue| issue.ambiguous).collect();
    if open.is_empty() {
        return Default::default();
    }
    let is_affected = |parts: &SelectedParts| open.iter().any(|issue| parts.has(issue));
    let operations = document.operations.named.iter().filter(|(_, operation)| {
        let mut parts = SelectedParts::new(schema, document);
        parts.operation(operation);
        is_affected(&parts)
    });
    let fragments = document.fragments.iter().filter(|(_, fragment)| {
        let mut parts = SelectedParts::new(schema, document);
        parts.fragment(fragment);
        is_affected(&parts)
    });
    (
        operations.map(|(name, _)| name.clone()).collect(),
        fragments.map(|(name, _)| name.clone()).collect(),
    )
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

/// The parts of a schema that definitions use, with the fragments that they spread.
struct SelectedParts<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    types: HashSet<&'a Name>,
    /// Every field that is selected, with the type that it is selected from.
    fields: HashSet<(&'a Name, &'a Name)>,
    /// Arguments that are not given, with type and field.
    omitted_arguments: HashSet<(&'a Name, &'a Name, &'a Name)>,
    directives: Vec<&'a Directive>,
    fragments: HashSet<&'a Name>,
}

impl<'a> SelectedParts<'a> {
    fn new(schema: &'a Schema, document: &'a ExecutableDocument) -> Self {
        Self {
            schema,
            document,
            types: HashSet::default(),
            fields: HashSet::default(),
            omitted_arguments: HashSet::default(),
            directives: Vec::new(),
            fragments: HashSet::default(),
        }
    }

    /// Whether what an issue is about is used.
    fn has(&self, issue: &SchemaIssue) -> bool {
        match &issue.trigger {
            Some(Trigger::Field(name, field)) => self.fields.contains(&(name, field)),
            Some(Trigger::Type(name)) => self.types.contains(name),
            Some(Trigger::Argument(name, field, argument)) => {
                self.omitted_arguments.contains(&(name, field, argument))
            }
            Some(Trigger::DirectiveArgument(directive, argument)) => self
                .directives
                .iter()
                .any(|used| used.name == *directive && !is_given(&used.arguments, argument)),
            None => false,
        }
    }

    fn operation(&mut self, operation: &'a Operation) {
        self.directives(&operation.directives);
        for variable in &operation.variables {
            self.ty(variable.ty.inner_named_type());
        }
        self.set(&operation.selection_set);
    }

    fn fragment(&mut self, fragment: &'a Fragment) {
        if self.fragments.insert(&fragment.name) {
            self.directives(&fragment.directives);
            self.set(&fragment.selection_set);
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        self.directives
            .extend(directives.iter().map(|node| &**node));
    }

    /// A leaf, or an input object with all that is in it.
    fn ty(&mut self, name: &'a Name) {
        let mut queue = vec![name];
        while let Some(name) = queue.pop() {
            if self.types.insert(name)
                && let Some(input) = self.schema.get_input_object(name)
            {
                queue.extend(
                    input
                        .fields
                        .values()
                        .map(|field| field.ty.inner_named_type()),
                );
            }
        }
    }

    fn set(&mut self, set: &'a SelectionSet) {
        self.types.insert(&set.ty);
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    self.fields.insert((&set.ty, &field.name));
                    let arguments = field.definition.arguments.iter();
                    self.omitted_arguments.extend(
                        arguments
                            .filter(|argument| !is_given(&field.arguments, &argument.name))
                            .map(|argument| (&set.ty, &field.name, &argument.name)),
                    );
                    self.ty(field.definition.ty.inner_named_type());
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.set(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.fragment(fragment);
                    }
                }
            }
        }
    }
}

fn is_given(arguments: &[Node<Argument>], name: &Name) -> bool {
    arguments.iter().any(|argument| argument.name == *name)
}
