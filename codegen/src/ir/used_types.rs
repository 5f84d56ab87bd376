//! The lowering of the enums, input objects and scalars that operations use. Enter at
//! [`UsedTypesCollector`].

use crate::ir::{self, InputField, InputKind, InputType, NamedType};
use crate::options::Options;
use crate::schema::SchemaFiles;
use crate::schema::deprecation::deprecation_reason;
use apollo_compiler::ast::{InputValueDefinition, Type, VariableDefinition};
use apollo_compiler::collections::IndexSet;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Name, Schema};

/// Collects the named leaf and input types that are reached; [`finish`](Self::finish) lowers them.
pub struct UsedTypesCollector<'a> {
    schema: &'a Schema,
    files: &'a SchemaFiles,
    options: &'a Options,
    enums: IndexSet<&'a Name>,
    scalars: IndexSet<&'a Name>,
    inputs: IndexSet<&'a Name>,
}

impl<'a> UsedTypesCollector<'a> {
    pub fn new(schema: &'a Schema, files: &'a SchemaFiles, options: &'a Options) -> Self {
        Self {
            schema,
            files,
            options,
            enums: IndexSet::default(),
            scalars: IndexSet::default(),
            inputs: IndexSet::default(),
        }
    }

    /// The enum, input object or scalar of that name, from here on used.
    pub fn named_type(&mut self, name: &str) -> NamedType {
        let mapped = self.options.maps(name);
        let Some((name, definition)) = self.schema.types.get_key_value(name) else {
            // The schema has no entry for a built-in scalar that nothing names. Any other name was
            // refused by validation.
            debug_assert!(builtin(name).is_some(), "the schema has no type `{name}`");
            return builtin(name).unwrap_or(NamedType::String);
        };
        match definition {
            ExtendedType::Enum(_) => {
                self.enums.insert(name);
                NamedType::Enum(name.to_string())
            }
            ExtendedType::InputObject(_) => {
                self.inputs.insert(name);
                NamedType::Input(name.to_string())
            }
            _ => match builtin(name) {
                Some(leaf) if !mapped => leaf,
                _ => {
                    self.scalars.insert(name);
                    NamedType::Scalar(name.to_string())
                }
            },
        }
    }

    fn input(&mut self, ty: &Type) -> InputType {
        let kind = match ty {
            Type::List(item) | Type::NonNullList(item) => {
                InputKind::List(Box::new(self.input(item)))
            }
            Type::Named(name) | Type::NonNullNamed(name) => InputKind::Named(self.named_type(name)),
        };
        InputType {
            nullable: !ty.is_non_null(),
            kind,
        }
    }

    /// A variable of an operation.
    pub fn variable(
        &mut self,
        variable: &VariableDefinition,
        description: Option<String>,
    ) -> InputField {
        InputField {
            name: variable.name.to_string(),
            input: self.input(&variable.ty),
            defaulted: variable.ty.is_non_null() && variable.default_value.is_some(),
            boxed: false,
            description,
            deprecated: None,
        }
    }

    /// Lowers what is used into the module.
    pub fn finish(mut self, module: &mut ir::Module) {
        // An input object can use others: the set grows while it is walked.
        let mut at = 0;
        while let Some(name) = self.inputs.get_index(at).copied() {
            at += 1;
            if let Some(definition) = self.schema.get_input_object(name) {
                let input = self.input_object(definition);
                module.inputs.push(input);
            }
        }
        for name in &self.enums {
            let Some(definition) = self.schema.get_enum(name) else {
                continue;
            };
            module.enums.push(ir::Enum {
                name: name.to_string(),
                path: self.path(name),
                skipped_derives: Vec::new(),
                description: definition.description.as_ref().map(|text| text.to_string()),
                values: definition
                    .values
                    .values()
                    .map(|value| ir::EnumValue {
                        name: value.value.to_string(),
                        description: value.description.as_ref().map(|text| text.to_string()),
                        deprecated: deprecation_reason(&value.directives),
                    })
                    .collect(),
            });
        }
        for name in &self.scalars {
            module.scalars.push(ir::Scalar {
                name: name.to_string(),
                path: self.path(name),
                skipped_derives: Vec::new(),
                description: self
                    .schema
                    .get_scalar(name)
                    .and_then(|definition| Some(definition.description.as_ref()?.to_string())),
                rust: self.options.scalars.get(name.as_str()).cloned(),
            });
        }
        module.inputs.sort_by(|a, b| a.name.cmp(&b.name));
        module.enums.sort_by(|a, b| a.name.cmp(&b.name));
        module.scalars.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The file that defines a type. Not the line: a line that is added to a schema would change
    /// the code of every type below it.
    fn path(&self, name: &Name) -> Option<String> {
        let definition = self.schema.types.get(name)?;
        let path = self.files.path(name)?;
        (!definition.is_built_in()).then(|| path.to_owned())
    }

    fn input_object(&mut self, definition: &'a InputObjectType) -> ir::Input {
        ir::Input {
            name: definition.name.to_string(),
            path: self.path(&definition.name),
            skipped_derives: Vec::new(),
            description: definition.description.as_ref().map(|text| text.to_string()),
            one_of: definition.directives.has("oneOf"),
            fields: definition
                .fields
                .values()
                .map(|field| self.input_field(field))
                .collect(),
        }
    }

    fn input_field(&mut self, field: &InputValueDefinition) -> InputField {
        let input = self.input(&field.ty);
        InputField {
            name: field.name.to_string(),
            defaulted: field.ty.is_non_null() && field.default_value.is_some(),
            boxed: matches!(input.kind, InputKind::Named(NamedType::Input(_))),
            input,
            description: field.description.as_ref().map(|text| text.to_string()),
            deprecated: deprecation_reason(&field.directives),
        }
    }
}

fn builtin(name: &str) -> Option<NamedType> {
    Some(match name {
        "Int" => NamedType::Int,
        "Float" => NamedType::Float,
        "String" => NamedType::String,
        "Boolean" => NamedType::Boolean,
        "ID" => NamedType::Id,
        _ => return None,
    })
}
