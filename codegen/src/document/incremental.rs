//! The rules of `@defer` and `@stream`, which apollo-compiler does not know. Enter at [`check`].
//!
//! They are those of the [RFC](https://github.com/graphql/graphql-spec/pull/1110) as GraphQL.js 17
//! checks them: labels are static and unique, neither directive stands at the root of a mutation or
//! anywhere in a subscription, and `@stream` stands on a list.

use crate::diagnostics::{Diagnostic, Location};
use crate::schema::is_own_definition;
use apollo_compiler::ast::{Directive, OperationType, Value};
use apollo_compiler::collections::{HashSet, IndexMap};
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet};
use apollo_compiler::{Name, Node, Schema};

/// What is wrong with the uses of both directives.
#[derive(Default)]
pub struct IncrementalFindings {
    /// What is wrong with the definition that it stands in.
    pub of_definitions: Vec<Diagnostic>,
    /// What is wrong with an operation and the fragments that it reaches, taken together.
    pub of_operations: Vec<Diagnostic>,
    /// Those operations.
    pub operations: Vec<Name>,
    /// A warning, where the schema declares a directive that is used and the user is told once.
    pub undeclared: Option<Diagnostic>,
}

/// Finds an error for each use that breaks a rule, and a warning where the schema does not declare
/// what is used.
pub fn check(schema: &Schema, document: &ExecutableDocument) -> IncrementalFindings {
    let mut checker = Checker {
        schema,
        document,
        found: IncrementalFindings::default(),
    };
    let fragments = document.fragments.values();
    for set in fragments.map(|fragment| &fragment.selection_set) {
        if checker.check_set(set) {
            let mut errors = Vec::new();
            checker.check_overlaps(set, &mut errors);
            checker.found.of_definitions.extend(errors);
        }
    }
    for operation in document.operations.iter() {
        checker.check_set(&operation.selection_set);
        checker.check_operation(operation);
    }
    checker.found
}

struct Checker<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    found: IncrementalFindings,
}

impl<'a> Checker<'a> {
    /// What can be said of one definition by itself. Returns whether `@stream` is in it.
    fn check_set(&mut self, set: &'a SelectionSet) -> bool {
        let mut streams = false;
        let mut sets = vec![set];
        while let Some(set) = sets.pop() {
            let root = self.root_kind(&set.ty);
            for selection in &set.selections {
                for directive in uses_in(selection) {
                    streams |= directive.name == "stream";
                    self.note_undeclared(directive);
                    self.check_label(directive);
                    if let Some(kind) = root {
                        let error = self.error(
                            directive,
                            format!("`@{}` at the root of a {kind}", directive.name),
                            "put it further down: what is at the root runs in order",
                        );
                        self.found.of_definitions.push(error);
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
        streams
    }

    /// What can be said only of an operation with the fragments that it reaches.
    fn check_operation(&mut self, operation: &'a Operation) {
        let mut labels: HashSet<&str> = HashSet::default();
        let mut streams = false;
        let mut errors = Vec::new();
        let mut reached: HashSet<&Name> = HashSet::default();
        let mut sets = vec![&operation.selection_set];
        while let Some(set) = sets.pop() {
            for selection in &set.selections {
                for directive in uses_in(selection) {
                    streams |= directive.name == "stream";
                    if let Some(label) = label(directive).and_then(|value| value.as_str())
                        && !labels.insert(label)
                    {
                        errors.push(self.error(
                            directive,
                            format!("two directives of one operation have the label {label:?}"),
                            "give each a label of its own: the parts of the answer are known by it",
                        ));
                    }
                    let is_subscription = operation.operation_type == OperationType::Subscription;
                    if is_subscription && !may_be_off(directive) && !may_be_left_out(selection) {
                        errors.push(self.error(
                            directive,
                            format!("`@{}` in a subscription", directive.name),
                            "leave it out: each event comes whole",
                        ));
                    }
                }
                if may_be_left_out(selection)
                    && operation.operation_type == OperationType::Subscription
                {
                    continue;
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
        if streams {
            self.check_overlaps(&operation.selection_set, &mut errors);
        }
        if !errors.is_empty() {
            self.found.operations.extend(operation.name.clone());
        }
        for error in errors {
            // A fragment is reached by several operations.
            let found = &self.found;
            if !found.of_operations.contains(&error) && !found.of_definitions.contains(&error) {
                self.found.of_operations.push(error);
            }
        }
    }

    /// Checks that no field under `@stream` is selected a second time in the same place.
    fn check_overlaps(&self, set: &'a SelectionSet, errors: &mut Vec<Diagnostic>) {
        let mut seen: HashSet<Vec<*const SelectionSet>> = HashSet::default();
        let mut open = vec![vec![set]];
        while let Some(merged) = open.pop() {
            let place = merged.iter().map(|set| std::ptr::from_ref(*set)).collect();
            if !seen.insert(place) {
                continue;
            }
            for (key, fields) in self.merged_fields(merged) {
                let stream = fields
                    .iter()
                    .find_map(|field| field.directives.get("stream"));
                if let (Some(stream), true) = (stream, fields.len() > 1) {
                    errors.push(self.error(
                        stream,
                        format!("`{key}` is under `@stream` and selected twice in one place"),
                        "select it once there, or give one of the two an alias",
                    ));
                }
                let inner = fields.iter().map(|field| &field.selection_set);
                let inner: Vec<_> = inner.filter(|set| !set.selections.is_empty()).collect();
                if !inner.is_empty() {
                    open.push(inner);
                }
            }
        }
    }

    /// The fields of selection sets that are merged with each other, by their response keys.
    fn merged_fields(&self, mut sets: Vec<&'a SelectionSet>) -> IndexMap<&'a Name, Vec<&'a Field>> {
        let mut fields: IndexMap<&Name, Vec<&'a Field>> = IndexMap::default();
        let mut spread: HashSet<&Name> = HashSet::default();
        while let Some(set) = sets.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(field) => {
                        fields.entry(field.response_key()).or_default().push(field);
                    }
                    Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
                    Selection::FragmentSpread(one) => {
                        if spread.insert(&one.fragment_name)
                            && let Some(fragment) = self.document.fragments.get(&one.fragment_name)
                        {
                            sets.push(&fragment.selection_set);
                        }
                    }
                }
            }
        }
        fields
    }

    fn check_label(&mut self, directive: &Node<Directive>) {
        if label(directive).is_some_and(|value| value.as_str().is_none()) {
            let error = self.error(
                directive,
                format!("the label of `@{}` is no string", directive.name),
                "write it as a string, `label: \"…\"`: it has to be known before the answer",
            );
            self.found.of_definitions.push(error);
        }
    }

    fn check_list(&mut self, directive: &Node<Directive>, field: &Field) {
        if !field.ty().is_list() {
            let error = self.error(
                directive,
                format!("`@stream` on `{}`, which is no list", field.name),
                format!(
                    "its type is `{}`: for what is no list, use `@defer` on a fragment",
                    field.ty()
                ),
            );
            self.found.of_definitions.push(error);
        }
    }

    fn note_undeclared(&mut self, directive: &Node<Directive>) {
        let definition = self.schema.directive_definitions.get(&directive.name);
        if self.found.undeclared.is_some()
            || !definition.is_some_and(|found| is_own_definition(found))
        {
            return;
        }
        let place = Location::of_span(directive.location(), &self.document.sources);
        self.found.undeclared = Some(
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

    fn error(
        &self,
        directive: &Node<Directive>,
        message: String,
        help: impl Into<String>,
    ) -> Diagnostic {
        let place = Location::of_span(directive.location(), &self.document.sources);
        Diagnostic::error(message)
            .with_rule("incremental")
            .with_location(place)
            .with_help(help)
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

/// Whether `@skip` or `@include` may leave a selection out.
fn may_be_left_out(selection: &Selection) -> bool {
    let directives = selection.directives();
    let condition = |name: &str| {
        let directive = directives.get(name)?;
        let condition = directive.specified_argument_by_name("if");
        Some(condition.map(|value| value.as_ref()))
    };
    let skipped = condition("skip").is_some_and(|value| value != Some(&Value::Boolean(false)));
    let excluded = condition("include").is_some_and(|value| value != Some(&Value::Boolean(true)));
    skipped || excluded
}
