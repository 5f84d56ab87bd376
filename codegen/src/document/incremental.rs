//! The rules of `@defer` and `@stream`, which apollo-compiler does not know. Enter at [`check`].
//!
//! They are those of the [RFC](https://github.com/graphql/graphql-spec/pull/1110) as GraphQL.js 17
//! checks them: labels are static and unique, neither directive stands at the root of a mutation or
//! anywhere in a subscription, and `@stream` stands on a list.

use crate::diagnostics::{Diagnostic, Location};
use crate::schema::is_own_definition;
use apollo_compiler::ast::{Directive, OperationType, Value};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet};
use apollo_compiler::{Name, Node, Schema};

/// An error for each use that breaks a rule, and one warning where the schema declares neither
/// directive.
pub fn check(schema: &Schema, document: &ExecutableDocument) -> Vec<Diagnostic> {
    let mut checker = Checker {
        schema,
        document,
        undeclared: None,
        found: Vec::new(),
    };
    let fragments = document.fragments.values();
    for set in fragments.map(|fragment| &fragment.selection_set) {
        checker.check_set(set);
    }
    for operation in document.operations.iter() {
        checker.check_set(&operation.selection_set);
        checker.check_operation(operation);
    }
    checker.found.extend(checker.undeclared.take());
    checker.found
}

struct Checker<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    undeclared: Option<Diagnostic>,
    found: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    /// What can be said of one definition by itself.
    fn check_set(&mut self, set: &'a SelectionSet) {
        let mut sets = vec![set];
        while let Some(set) = sets.pop() {
            let root = self.root_kind(&set.ty);
            for selection in &set.selections {
                for directive in uses_in(selection) {
                    self.note_undeclared(directive);
                    self.check_label(directive);
                    if let Some(kind) = root {
                        self.error(
                            directive,
                            format!("`@{}` at the root of a {kind}", directive.name),
                            "put it further down: what is at the root runs in order",
                        );
                    }
                    if let Selection::Field(field) = selection {
                        self.check_list(directive, field);
                    }
                }
                match selection {
                    Selection::Field(field) => sets.push(&field.selection_set),
                    Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
    }

    /// What can be said only of an operation with the fragments that it reaches.
    fn check_operation(&mut self, operation: &'a Operation) {
        let mut labels: HashMap<&str, ()> = HashMap::default();
        let mut reached: HashSet<&Name> = HashSet::default();
        let mut sets = vec![&operation.selection_set];
        while let Some(set) = sets.pop() {
            for selection in &set.selections {
                for directive in uses_in(selection) {
                    if let Some(label) = label(directive).and_then(|value| value.as_str())
                        && labels.insert(label, ()).is_some()
                    {
                        self.error(
                            directive,
                            format!("two directives of one operation have the label {label:?}"),
                            "give each a label of its own: the parts of the answer are known by it",
                        );
                    }
                    let is_subscription = operation.operation_type == OperationType::Subscription;
                    if is_subscription && !may_be_off(directive) {
                        self.error(
                            directive,
                            format!("`@{}` in a subscription", directive.name),
                            "leave it out: each event comes whole",
                        );
                    }
                }
                match selection {
                    Selection::Field(field) => sets.push(&field.selection_set),
                    Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
                    Selection::FragmentSpread(spread) => {
                        if reached.insert(&spread.fragment_name)
                            && let Some(fragment) =
                                self.document.fragments.get(&spread.fragment_name)
                        {
                            sets.push(&fragment.selection_set);
                        }
                    }
                }
            }
        }
    }

    fn check_label(&mut self, directive: &Node<Directive>) {
        if label(directive).is_some_and(|value| value.as_str().is_none()) {
            self.error(
                directive,
                format!("the label of `@{}` is no string", directive.name),
                "write it as a string, `label: \"…\"`: it has to be known before the answer",
            );
        }
    }

    fn check_list(&mut self, directive: &Node<Directive>, field: &Field) {
        if !field.ty().is_list() {
            self.error(
                directive,
                format!("`@stream` on `{}`, which is no list", field.name),
                format!(
                    "its type is `{}`: for what is no list, use `@defer` on a fragment",
                    field.ty()
                ),
            );
        }
    }

    fn note_undeclared(&mut self, directive: &Node<Directive>) {
        let definition = self.schema.directive_definitions.get(&directive.name);
        if self.undeclared.is_some() || !definition.is_some_and(|found| is_own_definition(found)) {
            return;
        }
        let place = Location::of_span(directive.location(), &self.document.sources);
        self.undeclared = Some(
            Diagnostic::warning(format!(
                "the schema does not declare `@{}`, so its server may refuse it",
                directive.name
            ))
            .with_rule("undeclared-directive")
            .with_location(place)
            .with_help(
                "it is taken as the RFC defines it; if the server knows it, declare it in a \
                 schema file of your own, and this warning ends",
            ),
        );
    }

    fn root_kind(&self, ty: &Name) -> Option<&'static str> {
        let roots = [OperationType::Mutation, OperationType::Subscription];
        let kind = roots
            .into_iter()
            .find(|kind| self.schema.root_operation(*kind) == Some(ty))?;
        Some(kind.name())
    }

    fn error(&mut self, directive: &Node<Directive>, message: String, help: impl Into<String>) {
        let place = Location::of_span(directive.location(), &self.document.sources);
        let diagnostic = Diagnostic::error(message)
            .with_rule("incremental")
            .with_location(place)
            .with_help(help);
        // A fragment is reached by several operations.
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }
}

/// The uses of both directives on a selection, where each may stand.
fn uses_in(selection: &Selection) -> impl Iterator<Item = &Node<Directive>> {
    let name = match selection {
        Selection::Field(_) => "stream",
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => "defer",
    };
    let directives = selection.directives().0.iter();
    directives.filter(move |directive| directive.name == name)
}

fn label(directive: &Directive) -> Option<&Value> {
    directive
        .specified_argument_by_name("label")
        .map(|value| value.as_ref())
}

/// Whether `if` can turn a directive off.
fn may_be_off(directive: &Directive) -> bool {
    let condition = directive.specified_argument_by_name("if");
    condition
        .is_some_and(|value| matches!(value.as_ref(), Value::Variable(_) | Value::Boolean(false)))
}
