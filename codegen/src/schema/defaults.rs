//! Default values in a schema, which apollo-compiler leaves unchecked: each has to be of the type
//! of its argument or input field (September 2025 edition, sections 3.6.1, 3.10 and 3.13). Enter at
//! [`check`].

use crate::diagnostics::Location;
use crate::schema::issues::{SchemaIssue, Trigger};
use apollo_compiler::ast::{InputValueDefinition, Type, Value};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema};

/// Finds default values that are not values of their types.
pub fn check(schema: &Schema) -> Vec<SchemaIssue> {
    let mut check = Check {
        schema,
        issues: Vec::new(),
    };
    for (name, directive) in &schema.directive_definitions {
        for argument in &directive.arguments {
            check.check_default(argument, || {
                Trigger::DirectiveArgument(name.clone(), argument.name.clone())
            });
        }
    }
    for (name, definition) in &schema.types {
        let fields = match definition {
            ExtendedType::InputObject(input) => {
                for field in input.fields.values() {
                    check.check_default(field, || Trigger::Type(name.clone()));
                }
                continue;
            }
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        for (field, definition) in fields {
            for argument in &definition.arguments {
                check.check_default(argument, || {
                    Trigger::Argument(name.clone(), field.clone(), argument.name.clone())
                });
            }
        }
    }
    check.issues
}

/// What is wrong with a value, and where.
type Wrong = (Option<SourceSpan>, String);

struct Check<'a> {
    schema: &'a Schema,
    issues: Vec<SchemaIssue>,
}

impl Check<'_> {
    fn check_default(&mut self, of: &InputValueDefinition, trigger: impl Fn() -> Trigger) {
        let Some((span, what)) = of
            .default_value
            .as_ref()
            .and_then(|default| self.wrong(&of.ty, default))
        else {
            return;
        };
        let trigger = trigger();
        let message = format!("the default of {}: {what}", trigger.quote_input(&of.name));
        let place = Location::of_span(span, &self.schema.sources);
        // It matters only where it leaves open whether a value has to be given.
        let ambiguous = of.ty.is_non_null();
        let issue = SchemaIssue::new(&message, place, ambiguous, Some(trigger));
        self.issues.push(issue);
    }

    /// The first thing that is wrong with a value of a type.
    fn wrong(&self, ty: &Type, value: &Node<Value>) -> Option<Wrong> {
        if value.is_null() {
            return ty.is_non_null().then(|| {
                (
                    value.location(),
                    format!("null is not a value of type `{ty}`"),
                )
            });
        }
        let name = match ty {
            Type::List(item) | Type::NonNullList(item) => {
                return match value.as_ref() {
                    Value::List(items) => items.iter().find_map(|value| self.wrong(item, value)),
                    // One value stands for a list of one.
                    _ => self.wrong(item, value),
                };
            }
            Type::Named(name) | Type::NonNullNamed(name) => name,
        };
        // That a type is not there, or is no input type, is another fault.
        let fits = match self.schema.types.get(name)? {
            ExtendedType::Scalar(_) => fits(name, value),
            ExtendedType::Enum(definition) => match value.as_ref() {
                Value::Enum(value) if !definition.values.contains_key(value) => {
                    let message = format!("the enum `{name}` has no value `{value}`");
                    return Some((value.location(), message));
                }
                value => matches!(value, Value::Enum(_)),
            },
            ExtendedType::InputObject(definition) => match value.as_ref() {
                Value::Object(fields) => {
                    let one_of = definition.directives.has("oneOf");
                    return self.object(name, &definition.fields, one_of, value, fields);
                }
                _ => false,
            },
            _ => true,
        };
        (!fits).then(|| {
            let what = format!("{} is not a value of type `{ty}`", kind(value));
            (value.location(), what)
        })
    }

    fn object(
        &self,
        name: &Name,
        definitions: &apollo_compiler::collections::IndexMap<
            Name,
            apollo_compiler::schema::Component<InputValueDefinition>,
        >,
        one_of: bool,
        value: &Node<Value>,
        fields: &[(Name, Node<Value>)],
    ) -> Option<Wrong> {
        for (index, (field, given)) in fields.iter().enumerate() {
            let Some(definition) = definitions.get(field) else {
                let message = format!("the input object `{name}` has no field `{field}`");
                return Some((field.location(), message));
            };
            if fields[..index].iter().any(|(earlier, _)| earlier == field) {
                let message = format!("the field `{field}` of `{name}` is given more than once");
                return Some((field.location(), message));
            }
            if let Some(wrong) = self.wrong(&definition.ty, given) {
                return Some(wrong);
            }
        }
        let missing = definitions.values().find(|definition| {
            definition.is_required() && !fields.iter().any(|(field, _)| *field == definition.name)
        });
        if let Some(missing) = missing {
            let message = format!("`{name}.{}` has to be given", missing.name);
            return Some((value.location(), message));
        }
        let is_one = matches!(fields, [(_, value)] if !value.is_null());
        (one_of && !is_one).then(|| {
            let message = format!("`{name}` is `@oneOf` and takes exactly one field, not null");
            (value.location(), message)
        })
    }
}

/// Whether a value can be one of a scalar; of a custom one every value can.
fn fits(scalar: &str, value: &Value) -> bool {
    match (scalar, value) {
        ("Int", Value::Int(number)) => number.try_to_i32().is_ok(),
        ("Float", Value::Int(number)) => number.try_to_f64().is_ok(),
        ("Float", Value::Float(number)) => number.try_to_f64().is_ok(),
        ("String" | "ID", Value::String(_)) | ("ID", Value::Int(_)) => true,
        ("Boolean", Value::Boolean(_)) => true,
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        _ => true,
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Enum(value) => format!("the enum value `{value}`"),
        Value::Variable(name) => format!("the variable `${name}`"),
        Value::String(_) => "a string".into(),
        Value::Float(number) => format!("`{number}`"),
        Value::Int(number) => format!("`{number}`"),
        Value::Boolean(value) => format!("`{value}`"),
        Value::List(_) => "a list".into(),
        Value::Object(_) => "an input object".into(),
    }
}
