//! The document that is sent: an operation and the fragments that it reaches, minified, with
//! `__typename` first in each selection set whose type is decided by it.
//!
//! Enter at [`print_operations`]. A fragment is printed once, however many operations send it.

use crate::ir::deferrals::{Deferral, Deferrals};
use crate::ir::lower::{Lowered, SelectionSets};
use crate::walk::{is_typename, spreads};
use apollo_compiler::Name;
use apollo_compiler::ast::{Argument, DirectiveList, Value};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{ExecutableDocument, Operation, Selection, SelectionSet};
use std::fmt::Write;

/// Fills in the documents of the operations in a module.
pub fn print_operations(document: &ExecutableDocument, lowered: &mut Lowered) {
    let Lowered {
        module,
        with_typename,
        deferrals,
    } = lowered;
    let added = Added {
        with_typename,
        deferrals,
    };
    let mut printer = Printer::new(document, added);
    for operation in &mut module.operations {
        if let Some(definition) = document.operations.named.get(operation.name.as_str()) {
            operation.document = printer.operation(&operation.name, definition);
        }
    }
}

/// What is sent and not written.
#[derive(Clone, Copy)]
struct Added<'a> {
    /// The selection sets that ask for `__typename` first.
    with_typename: &'a SelectionSets,
    /// The fragments under `@defer`, which are sent with a label.
    deferrals: &'a Deferrals,
}

/// Prints operations of one document.
struct Printer<'a> {
    document: &'a ExecutableDocument,
    added: Added<'a>,
    fragments: HashMap<&'a Name, (String, Vec<&'a Name>)>,
}

impl<'a> Printer<'a> {
    fn new(document: &'a ExecutableDocument, added: Added<'a>) -> Self {
        Self {
            document,
            added,
            fragments: HashMap::default(),
        }
    }

    /// The operation under its name, then the fragments in the order in which it reaches them.
    fn operation(&mut self, name: &str, operation: &'a Operation) -> String {
        let mut out = String::new();
        let _ = write!(out, "{} {name}", operation.operation_type.name());
        if !operation.variables.is_empty() {
            out.push('(');
            for (index, variable) in operation.variables.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "${}:{}", variable.name, variable.ty);
                if let Some(default) = &variable.default_value {
                    out.push('=');
                    value(&mut out, default);
                }
                directives(&mut out, &variable.directives);
            }
            out.push(')');
        }
        directives(&mut out, &operation.directives);
        selections(&mut out, &operation.selection_set, self.added);
        let mut seen: HashSet<&Name> = HashSet::default();
        let mut queue: Vec<&'a Name> = spreads(&operation.selection_set);
        queue.reverse();
        while let Some(name) = queue.pop() {
            if !seen.insert(name) {
                continue;
            }
            let Some(fragment) = self.document.fragments.get(name) else {
                continue;
            };
            let added = self.added;
            let (text, reached) = self.fragments.entry(name).or_insert_with(|| {
                let mut text = String::new();
                let _ = write!(text, "fragment {name} on {}", fragment.type_condition());
                directives(&mut text, &fragment.directives);
                selections(&mut text, &fragment.selection_set, added);
                (text, spreads(&fragment.selection_set))
            });
            out.push_str(text);
            queue.extend(reached.iter().rev());
        }
        out
    }
}

fn selections(out: &mut String, set: &SelectionSet, added: Added<'_>) {
    out.push('{');
    let mut gap = false;
    if added.with_typename.contains(&std::ptr::from_ref(set)) {
        out.push_str("__typename");
        gap = true;
    }
    for selection in &set.selections {
        // `...` and a closing brace part tokens by themselves.
        let spaced = gap && !out.ends_with('}');
        match selection {
            Selection::Field(field) => {
                if is_typename(field)
                    && added.with_typename.contains(&std::ptr::from_ref(set))
                    && field.directives.0.is_empty()
                {
                    continue;
                }
                if spaced {
                    out.push(' ');
                }
                if let Some(alias) = &field.alias {
                    let _ = write!(out, "{alias}:");
                }
                out.push_str(&field.name);
                arguments(out, &field.arguments);
                directives(out, &field.directives);
                if !field.selection_set.selections.is_empty() {
                    selections(out, &field.selection_set, added);
                }
            }
            Selection::FragmentSpread(spread) => {
                let _ = write!(out, "...{}", spread.fragment_name);
                fragment_directives(out, &spread.directives, added.deferrals.of_spread(spread));
            }
            Selection::InlineFragment(inline) => {
                out.push_str("...");
                if let Some(condition) = &inline.type_condition {
                    let _ = write!(out, "on {condition}");
                }
                fragment_directives(out, &inline.directives, added.deferrals.of_inline(inline));
                selections(out, &inline.selection_set, added);
            }
        }
        gap = true;
    }
    out.push('}');
}

/// The directives of a fragment, with the label that `@defer` lacks.
fn fragment_directives(out: &mut String, list: &DirectiveList, deferral: Option<&Deferral>) {
    let label = deferral.filter(|deferral| !deferral.is_written);
    for directive in &list.0 {
        let _ = write!(out, "@{}", directive.name);
        match label.filter(|_| directive.name == "defer") {
            Some(Deferral { label, .. }) => {
                out.push_str("(label:");
                string(out, label);
                for argument in &directive.arguments {
                    let _ = write!(out, ",{}:", argument.name);
                    value(out, &argument.value);
                }
                out.push(')');
            }
            None => arguments(out, &directive.arguments),
        }
    }
}

fn directives(out: &mut String, list: &DirectiveList) {
    for directive in &list.0 {
        let _ = write!(out, "@{}", directive.name);
        arguments(out, &directive.arguments);
    }
}

fn arguments(out: &mut String, list: &[apollo_compiler::Node<Argument>]) {
    if list.is_empty() {
        return;
    }
    out.push('(');
    for (index, argument) in list.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let _ = write!(out, "{}:", argument.name);
        value(out, &argument.value);
    }
    out.push(')');
}

fn value(out: &mut String, written: &Value) {
    match written {
        Value::Null => out.push_str("null"),
        Value::Enum(name) => out.push_str(name),
        Value::Variable(name) => {
            out.push('$');
            out.push_str(name);
        }
        Value::String(text) => string(out, text),
        Value::Float(number) => out.push_str(number.as_str()),
        Value::Int(number) => out.push_str(number.as_str()),
        Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                value(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{name}:");
                value(out, field);
            }
            out.push('}');
        }
    }
}

/// A string value in quotes (specification, section 2.9.4).
fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' || control == '\u{7f}' => {
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
