//! What apollo-compiler leaves unchecked in values: that each input field is given once (September
//! 2025 edition, section 5.6.3), that one of `@oneOf` has exactly one field, not null (section
//! 5.6.5), and that a variable fits where it stands, also inside lists and objects (section 5.8.5).
//! Enter at [`check`].

use crate::diagnostics::{Diagnostic, Location};
use crate::walk::reached_fragments;
use apollo_compiler::ast::{Argument, DirectiveList, InputValueDefinition, Type, Value};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{
    ExecutableDocument, Operation, Selection, SelectionSet, VariableDefinition,
};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Node, Schema};

/// What [`check`] found.
#[derive(Default)]
pub struct Checked {
    /// Where the errors are.
    pub spans: Vec<SourceSpan>,
    /// The operations whose variables do not fit somewhere, also in a fragment that fits others.
    pub operations: HashSet<Name>,
    /// What is wrong, each thing once.
    pub errors: Vec<Diagnostic>,
    /// Nulls in the list of a custom scalar: what its literals hold is the scalar's own affair
    /// (section 3.5).
    pub scalar_nulls: HashSet<SourceSpan>,
}

/// Checks all values that operations reach.
pub fn check(schema: &Schema, document: &ExecutableDocument) -> Checked {
    let mut check = InputValueCheck {
        schema,
        document,
        operation: None,
        variables: HashMap::default(),
        found: Checked::default(),
        seen: HashSet::default(),
    };
    for operation in document.operations.iter() {
        check.operation(operation);
    }
    check.found
}

struct InputValueCheck<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    /// The operation that is looked at.
    operation: Option<&'a Name>,
    variables: HashMap<&'a Name, &'a VariableDefinition>,
    found: Checked,
    seen: HashSet<SourceSpan>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Position<'a> {
    ty: &'a Type,
    /// Whether something else stands for a value that is left out.
    has_default: bool,
    /// What a variable there is said to be used for.
    what: &'a str,
    /// What is shown of a variable there.
    span: Option<SourceSpan>,
}

impl<'a> InputValueCheck<'a> {
    fn operation(&mut self, operation: &'a Operation) {
        self.operation = operation.name.as_ref();
        self.variables = operation
            .variables
            .iter()
            .map(|variable| (&variable.name, variable.as_ref()))
            .collect();
        for variable in &operation.variables {
            self.directives(&variable.directives);
            if let Some(default) = &variable.default_value {
                let position = Position {
                    ty: &variable.ty,
                    has_default: false,
                    what: "a default",
                    span: default.location(),
                };
                self.value(default, position);
            }
        }
        self.directives(&operation.directives);
        self.set(&operation.selection_set);
        for fragment in reached_fragments(self.document, [&operation.selection_set]) {
            self.directives(&fragment.directives);
            self.set(&fragment.selection_set);
        }
    }

    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    self.arguments(&field.arguments, &field.definition.arguments);
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.set(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => self.directives(&spread.directives),
            }
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        for directive in directives.iter() {
            if let Some(definition) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(&directive.arguments, &definition.arguments);
            }
        }
    }

    fn arguments(&mut self, given: &[Node<Argument>], definitions: &[Node<InputValueDefinition>]) {
        for argument in given {
            let mut definitions = definitions.iter();
            if let Some(definition) = definitions.find(|each| each.name == argument.name) {
                let position = Position {
                    ty: &definition.ty,
                    has_default: definition.default_value.is_some(),
                    what: &format!("argument `{}`", argument.name),
                    span: argument.location(),
                };
                self.value(&argument.value, position);
            }
        }
    }

    fn value(&mut self, value: &Node<Value>, position: Position<'_>) {
        match value.as_ref() {
            Value::Variable(name) => self.variable(name, position),
            Value::List(items) => {
                let named = position.ty.inner_named_type();
                // What is no list takes one for a custom scalar alone, whose items are nobody's
                // affair.
                let (item_type, is_scalar) = match position.ty {
                    Type::List(item) | Type::NonNullList(item) => (item.as_ref().clone(), false),
                    Type::Named(_) | Type::NonNullNamed(_) => (
                        Type::Named(named.clone()),
                        self.schema.get_scalar(named).is_some(),
                    ),
                };
                for item in items {
                    if is_scalar && item.is_null() {
                        self.found.scalar_nulls.extend(item.location());
                    }
                    let position = Position {
                        ty: &item_type,
                        has_default: false,
                        what: "a list item",
                        span: item.location(),
                    };
                    self.value(item, position);
                }
            }
            Value::Object(fields) => self.object(value, position.ty.inner_named_type(), fields),
            _ => {}
        }
    }

    fn object(&mut self, value: &Node<Value>, named: &Name, fields: &[(Name, Node<Value>)]) {
        let Some(input) = self.schema.get_input_object(named) else {
            return;
        };
        for (index, (name, _)) in fields.iter().enumerate() {
            if fields[..index].iter().any(|(earlier, _)| earlier == name) {
                self.error(
                    name.location(),
                    format!("the field `{name}` of `{named}` is given more than once"),
                    "duplicate-argument",
                    "give each argument and input field once",
                );
            }
        }
        for (name, field) in fields {
            if let Some(definition) = input.fields.get(name) {
                let position = Position {
                    ty: &definition.ty,
                    has_default: definition.default_value.is_some(),
                    what: &format!("input field `{named}.{name}`"),
                    span: SourceSpan::recompose(name.location(), field.location()),
                };
                self.value(field, position);
            }
        }
        if input.directives.has("oneOf") {
            self.check_one_of(value, &input.name, fields);
        }
    }

    /// A variable has to fit the position as a whole, with its nullability and its lists.
    fn variable(&mut self, name: &Name, position: Position<'_>) {
        let Some(variable) = self.variables.get(name) else {
            return;
        };
        let named = variable.ty.inner_named_type();
        // That there is no such input type is said where the variable is declared.
        let is_input = self.schema.types.get(named).map_or(
            matches!(
                named.as_str(),
                "Int" | "Float" | "String" | "Boolean" | "ID"
            ),
            |definition| definition.is_input_type(),
        );
        if !is_input || is_allowed(variable, position) {
            return;
        }
        let (ty, wanted) = (variable.ty.to_string(), position.ty.to_string());
        let what = position.what;
        let message = format!(
            "variable `${name}` of type `{ty}` cannot be used for {what} of type `{wanted}`"
        );
        let help = if variable
            .default_value
            .as_ref()
            .is_some_and(|it| it.is_null())
        {
            format!("a default of null makes nothing non-null: declare it as `${name}: {wanted}`")
        } else {
            format!("declare it as `${name}: {wanted}`")
        };
        self.found.operations.extend(self.operation.cloned());
        if let Some(span) = position.span.filter(|span| self.seen.insert(*span)) {
            self.found.errors.push(
                Diagnostic::error(message)
                    .with_rule("variable-position")
                    .with_location(Location::of_span(Some(span), &self.document.sources))
                    .with_help(help),
            );
        }
    }

    fn check_one_of(&mut self, value: &Node<Value>, input: &Name, fields: &[(Name, Node<Value>)]) {
        let wrong = match fields {
            [(name, field)] => match field.as_ref() {
                Value::Null => format!(
                    "`{input}.{name}` is null, but the one field of a `@oneOf` input object \
                     has a value"
                ),
                Value::Variable(variable) if self.is_nullable(variable) => {
                    format!(
                        "`${variable}` may be null, but the one field of the `@oneOf` input \
                         object `{input}` has a value"
                    )
                }
                _ => return,
            },
            fields => format!(
                "`{input}` is `@oneOf` and takes exactly one field, not {}",
                fields.len()
            ),
        };
        self.error(
            value.location(),
            wrong,
            "one-of",
            "give one field, with a value or a variable of a non-null type (`$name: Type!`)",
        );
    }

    fn is_nullable(&self, variable: &Name) -> bool {
        self.variables
            .get(variable)
            .is_some_and(|variable| !variable.ty.is_non_null())
    }

    fn error(&mut self, span: Option<SourceSpan>, message: String, rule: &'static str, help: &str) {
        // A fragment is looked at once for each operation that reaches it.
        let Some(span) = span.filter(|span| self.seen.insert(*span)) else {
            return;
        };
        self.found.spans.push(span);
        self.found.errors.push(
            Diagnostic::error(message)
                .with_rule(rule)
                .with_location(Location::of_span(Some(span), &self.document.sources))
                .with_help(help),
        );
    }
}

/// Whether a variable may stand at a position (section 5.8.5, `IsVariableUsageAllowed`).
fn is_allowed(variable: &VariableDefinition, position: Position<'_>) -> bool {
    if !position.ty.is_non_null() || variable.ty.is_non_null() {
        return variable.ty.is_assignable_to(position.ty);
    }
    let has_value = (variable.default_value.as_ref()).is_some_and(|default| !default.is_null());
    (has_value || position.has_default)
        && (variable.ty).is_assignable_to(&position.ty.clone().nullable())
}
