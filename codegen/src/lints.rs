//! What is valid and still worth a word, for those who ask for it. Enter at [`check`].

use crate::diagnostics::{Diagnostic, Location};
use crate::rules::Lint;
use crate::schema::deprecation::deprecation_reason;
use crate::walk::reached_fragments;
use apollo_compiler::ast::{self, Value};
use apollo_compiler::collections::HashSet;
use apollo_compiler::executable::{ExecutableDocument, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Schema};
use heck::{ToLowerCamelCase, ToUpperCamelCase};
use std::collections::BTreeSet;

/// The warnings of the lints that are asked for.
pub fn check(
    schema: &Schema,
    document: &ExecutableDocument,
    lints: &BTreeSet<Lint>,
) -> Vec<Diagnostic> {
    let mut linter = Linter {
        schema,
        document,
        found: Vec::new(),
    };
    for lint in lints {
        match lint {
            Lint::Deprecated => linter.check_deprecated(),
            Lint::Naming => linter.check_names(),
            Lint::UnusedFragment => linter.check_unused_fragments(),
        }
    }
    linter.found
}

struct Linter<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    found: Vec<Diagnostic>,
}

impl Linter<'_> {
    fn warn(
        &mut self,
        lint: Lint,
        span: Option<SourceSpan>,
        message: String,
        help: impl Into<String>,
    ) {
        let place = Location::of_span(span, &self.document.sources);
        self.found.push(
            Diagnostic::warning(message)
                .with_rule(lint.name())
                .with_location(place)
                .with_help(help),
        );
    }

    fn check_deprecated(&mut self) {
        for operation in self.document.operations.iter() {
            self.walk_for_deprecated(&operation.selection_set);
        }
        for fragment in self.document.fragments.values() {
            self.walk_for_deprecated(&fragment.selection_set);
        }
    }

    fn check_unused_fragments(&mut self) {
        let operations = self.document.operations.iter();
        let sets = operations.map(|operation| &operation.selection_set);
        let reached: HashSet<&Name> = reached_fragments(self.document, sets)
            .into_iter()
            .map(|fragment| &fragment.name)
            .collect();
        for (name, _) in &self.document.fragments {
            if !reached.contains(name) {
                self.warn(
                    Lint::UnusedFragment,
                    name.location(),
                    format!("no operation reaches the fragment `{name}`"),
                    "remove it, or spread it",
                );
            }
        }
    }

    fn check_names(&mut self) {
        let upper = |name: &Name| name.to_upper_camel_case();
        for (name, operation) in &self.document.operations.named {
            self.check_name("operation", name, upper(name));
            for variable in &operation.variables {
                self.check_name(
                    "variable",
                    &variable.name,
                    variable.name.to_lower_camel_case(),
                );
            }
        }
        for name in self.document.fragments.keys() {
            self.check_name("fragment", name, upper(name));
        }
    }

    fn check_name(&mut self, what: &str, name: &Name, expected: String) {
        if *name != expected.as_str() {
            self.warn(
                Lint::Naming,
                name.location(),
                format!("the {what} `{name}` is not written as {what}s are"),
                format!("call it `{expected}`"),
            );
        }
    }

    fn walk_for_deprecated(&mut self, set: &SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.warn_if_deprecated(
                        &field.definition.directives,
                        field.name.location(),
                        format!("`{}.{}`", set.ty, field.name),
                    );
                    for argument in &field.arguments {
                        if let Some(definition) = field.definition.argument_by_name(&argument.name)
                        {
                            let whose = format!(
                                "the argument `{}` of `{}.{}`",
                                argument.name, set.ty, field.name
                            );
                            self.warn_if_deprecated(
                                &definition.directives,
                                argument.name.location(),
                                whose,
                            );
                            self.value(&argument.value, &definition.ty);
                        }
                    }
                    self.walk_for_deprecated(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.walk_for_deprecated(&inline.selection_set)
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn value(&mut self, value: &Value, ty: &ast::Type) {
        let name = ty.inner_named_type();
        match value {
            Value::Enum(value) => {
                let schema = self.schema;
                if let Some(definition) = schema
                    .get_enum(name)
                    .and_then(|definition| definition.values.get(value))
                {
                    self.warn_if_deprecated(
                        &definition.directives,
                        value.location(),
                        format!("the value `{value}` of `{name}`"),
                    );
                }
            }
            Value::List(items) => items
                .iter()
                .for_each(|item| self.value(item, ty.item_type())),
            Value::Object(fields) => {
                let schema = self.schema;
                let Some(input) = schema.get_input_object(name) else {
                    return;
                };
                for (field, value) in fields {
                    if let Some(definition) = input.fields.get(field) {
                        self.warn_if_deprecated(
                            &definition.directives,
                            field.location(),
                            format!("`{name}.{field}`"),
                        );
                        self.value(value, &definition.ty);
                    }
                }
            }
            _ => {}
        }
    }

    fn warn_if_deprecated(
        &mut self,
        directives: &ast::DirectiveList,
        span: Option<SourceSpan>,
        what: String,
    ) {
        if let Some(reason) = deprecation_reason(directives) {
            self.warn(
                Lint::Deprecated,
                span,
                format!("{what} is deprecated"),
                format!("the schema says: {reason}"),
            );
        }
    }
}
