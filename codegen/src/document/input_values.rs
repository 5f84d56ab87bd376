//! Rules for input object values that apollo-compiler leaves unchecked: each field is given once
//! (September 2025 edition, section 5.6.3), and a `@oneOf` object has exactly one field, which is
//! not null (section 5.6.5). Enter at [`check`].

use crate::diagnostics::{Diagnostic, Location};
use crate::walk::spreads;
use apollo_compiler::ast::{InputValueDefinition, Type, Value};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{ExecutableDocument, Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Node, Schema};

/// The errors, each with its span.
pub fn check(schema: &Schema, document: &ExecutableDocument) -> Vec<(SourceSpan, Diagnostic)> {
    let mut check = InputValueCheck {
        schema,
        document,
        variables: HashMap::default(),
        errors: Vec::new(),
        seen: HashSet::default(),
    };
    for operation in document.operations.iter() {
        check.operation(operation);
    }
    check.errors
}

struct InputValueCheck<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    /// Whether each variable of the operation is non-null.
    variables: HashMap<&'a Name, bool>,
    errors: Vec<(SourceSpan, Diagnostic)>,
    seen: HashSet<SourceSpan>,
}

impl<'a> InputValueCheck<'a> {
    fn operation(&mut self, operation: &'a Operation) {
        self.variables = operation
            .variables
            .iter()
            .map(|variable| (&variable.name, variable.ty.is_non_null()))
            .collect();
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                self.value(default, &variable.ty);
            }
        }
        self.set(&operation.selection_set);
        let mut queue = spreads(&operation.selection_set);
        let mut reached: HashSet<&Name> = HashSet::default();
        while let Some(name) = queue.pop() {
            if let (true, Some(fragment)) =
                (reached.insert(name), self.document.fragments.get(name))
            {
                self.set(&fragment.selection_set);
                queue.extend(spreads(&fragment.selection_set));
            }
        }
    }

    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    for argument in &field.arguments {
                        let definition: Option<&Node<InputValueDefinition>> =
                            field.definition.argument_by_name(&argument.name);
                        if let Some(definition) = definition {
                            self.value(&argument.value, &definition.ty);
                        }
                    }
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => self.set(&inline.selection_set),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn value(&mut self, value: &Node<Value>, ty: &Type) {
        match value.as_ref() {
            Value::List(items) => {
                for item in items {
                    self.value(item, ty.item_type());
                }
            }
            Value::Object(fields) => {
                let Some(input) = self.schema.get_input_object(ty.inner_named_type()) else {
                    return;
                };
                for (index, (name, _)) in fields.iter().enumerate() {
                    if fields[..index].iter().any(|(earlier, _)| earlier == name) {
                        let message = format!(
                            "the field `{name}` of `{input}` is given more than once",
                            input = input.name
                        );
                        self.error(
                            name.location(),
                            message,
                            "duplicate-argument",
                            "give each argument and input field once",
                        );
                    }
                }
                for (name, field) in fields {
                    if let Some(definition) = input.fields.get(name) {
                        self.value(field, &definition.ty);
                    }
                }
                if input.directives.has("oneOf") {
                    self.one(value, &input.name, fields);
                }
            }
            _ => {}
        }
    }

    fn one(&mut self, value: &Node<Value>, input: &Name, fields: &[(Name, Node<Value>)]) {
        let wrong = match fields {
            [(name, field)] => match field.as_ref() {
                Value::Null => format!(
                    "`{input}.{name}` is null, \
                     but the one field of a `@oneOf` input object has a value"
                ),
                Value::Variable(variable) if self.variables.get(variable) == Some(&false) => {
                    format!(
                        "`${variable}` may be null, \
                         but the one field of the `@oneOf` input object `{input}` has a value"
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

    fn error(&mut self, span: Option<SourceSpan>, message: String, rule: &'static str, help: &str) {
        // A fragment is looked at once for each operation that reaches it.
        let Some(span) = span.filter(|span| self.seen.insert(*span)) else {
            return;
        };
        let place = Location::of_span(Some(span), &self.document.sources);
        self.errors.push((
            span,
            Diagnostic::error(message)
                .with_rule(rule)
                .with_location(place)
                .with_help(help),
        ));
    }
}
