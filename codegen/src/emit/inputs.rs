//! What is sent: variables and input objects, with their constructors and setters.

use super::docs::is_described;
use super::emitter::{ALLOW_IN_METHODS, Emitter, Level, RustType};
use super::table::{self, Table};
use super::text::{WIDTH, broken};
use crate::ir::names::{OperationNames, TypeNames};
use crate::ir::{Input, InputField, InputKind, InputType, NamedType, Operation, SkippedDerive};
use heck::ToLowerCamelCase;
use std::fmt::Write;

/// A struct that is sent: the variables of an operation, or an input object.
struct InputStruct<'a> {
    /// `variables` or `input`.
    kind: &'a str,
    name: &'a str,
    fields: &'a [InputField],
    members: &'a [String],
    skipped_derives: &'a [SkippedDerive],
    /// The first sentence of the documentation of `new`.
    about_new: &'a str,
}

impl Emitter<'_> {
    /// The operation's own type: its variables are the fields.
    pub(super) fn variables(
        &mut self,
        operation: &Operation,
        names: &OperationNames,
        table: &mut Table,
    ) {
        let structure = InputStruct {
            kind: "variables",
            name: &names.name,
            fields: &operation.variables,
            members: &names.variables,
            skipped_derives: &operation.skipped_derives,
            about_new: "Takes the required variables, in the order of the document",
        };
        self.input_struct(&structure, table);
    }

    pub(super) fn input(&mut self, input: &Input, names: &TypeNames) {
        let place = defined_in_suffix(&input.path);
        let _ = writeln!(self.out, "\n/// The input object `{}`{place}", input.name);
        self.described("", input.description.as_deref());
        let mut table = Table::default();
        if input.one_of {
            self.one_of(input, names, &mut table);
        } else {
            let structure = InputStruct {
                kind: "input",
                name: &names.name,
                fields: &input.fields,
                members: &names.members,
                skipped_derives: &input.skipped_derives,
                about_new: "Takes the required fields, in the alphabetical order of their names in \
                            GraphQL",
            };
            self.input_struct(&structure, &mut table);
        }
        self.table("", &table);
    }

    fn input_struct(&mut self, structure: &InputStruct, table: &mut Table) {
        let InputStruct {
            kind,
            name,
            fields,
            members,
            skipped_derives,
            ..
        } = structure;
        self.allow();
        let required = fields.iter().any(InputField::required);
        self.derive(
            "",
            if required { &[] } else { &["Default"] },
            skipped_derives,
        );
        if fields.is_empty() {
            let _ = writeln!(self.out, "pub struct {name} {{}}");
            table.members(kind, name, Vec::new());
            return;
        }
        // That a setter's result is used: it takes the value, and gives it back.
        self.out.push_str("#[must_use]\n");
        self.open("", "struct", name);
        let mut row = Vec::new();
        for (field, member) in fields.iter().zip(*members) {
            self.docs("    ", field.description.as_deref());
            if !table::is_camel_case_of(&field.name, member) {
                let described = is_described(field.description.as_deref());
                self.in_graphql("    ", described, &format!("`{}`", field.name));
            }
            self.deprecated("    ", field.deprecated.as_deref());
            let rust = self.input_type(field);
            self.field("    ", member, &rust.path);
            let codec = rust.codec.as_deref();
            row.push(table::field(member, &field.name, false, codec));
        }
        let _ = writeln!(self.out, "}}");
        self.methods(structure);
        table.members(kind, name, row);
    }

    /// `new`, and a setter for each field that is not required.
    fn methods(&mut self, structure: &InputStruct) {
        let InputStruct {
            name,
            fields,
            members,
            about_new,
            kind,
            ..
        } = structure;
        let fields: Vec<(&InputField, &String)> = fields.iter().zip(*members).collect();
        let mut required: Vec<_> = fields
            .iter()
            .filter(|(field, _)| field.required())
            .collect();
        if *kind == "input" {
            // An order that no printer of schemas changes.
            required.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        }
        self.out.push('\n');
        let _ = writeln!(self.out, "{ALLOW_IN_METHODS}\nimpl {name} {{");
        if required.is_empty() {
            let _ = writeln!(
                self.out,
                "    /// Leaves all fields absent.\n    pub fn new() -> Self {{\n        \
                 Self::default()\n    }}"
            );
        } else {
            let rest = if required.len() < fields.len() {
                "; the others are absent"
            } else {
                ""
            };
            let _ = writeln!(self.out, "    /// {about_new}{rest}.");
            if required.iter().any(|(field, _)| holds_float(&field.input)) {
                self.out.push_str(ABOUT_FLOATS);
            }
            let parameters: Vec<String> = required
                .iter()
                .map(|(field, member)| format!("{member}: {}", self.parameter(field)))
                .collect();
            self.signature("new", &parameters);
            let mut values: Vec<String> = Vec::new();
            for (field, member) in &fields {
                values.push(match field.required() {
                    true if takes_into(field) => format!("{member}: {member}.into()"),
                    true => (*member).clone(),
                    false if field.input.nullable => {
                        format!("{member}: {}::Maybe::Absent", self.runtime)
                    }
                    false => format!("{member}: None"),
                });
            }
            let line = values.join(", ");
            if line.chars().count() <= STRUCT_LITERAL_WIDTH {
                let _ = writeln!(self.out, "        Self {{ {line} }}\n    }}");
            } else {
                let lines = values.join(",\n            ");
                let _ = writeln!(
                    self.out,
                    "        Self {{\n            {lines},\n        }}\n    }}"
                );
            }
        }
        for (field, member) in fields.iter().filter(|(field, _)| !field.required()) {
            // Text, `None` and the value itself are all a `Maybe`, and null is no value here.
            let about = if field.input.nullable {
                ""
            } else {
                "; `None` leaves it to its default"
            };
            let _ = writeln!(self.out, "\n    /// Sets `{member}`{about}.");
            if holds_float(&field.input) {
                self.out.push_str(ABOUT_FLOATS);
            }
            let rust = self.maybe(self.element(&non_null(field)));
            let parameter = format!("value: impl Into<{}>", rust.path);
            self.signature(member, &["mut self".to_owned(), parameter]);
            let option = if field.input.nullable {
                ""
            } else {
                ".into_option()"
            };
            let boxed = if field.boxed { ".map(Box::new)" } else { "" };
            let line = format!("        self.{member} = value.into(){option}{boxed};");
            let _ = writeln!(self.out, "{line}\n        self\n    }}");
        }
        self.out.push_str("}\n");
    }

    /// `pub fn name(parameters) -> Self {`, on several lines where one is too long.
    fn signature(&mut self, name: &str, parameters: &[String]) {
        let line = format!("    pub fn {name}({}) -> Self {{", parameters.join(", "));
        if line.chars().count() <= WIDTH {
            let _ = writeln!(self.out, "{line}");
        } else {
            let parameters: Vec<String> =
                parameters.iter().map(|one| parameter_lines(one)).collect();
            let parameters = parameters.join(",\n        ");
            let _ = writeln!(
                self.out,
                "    pub fn {name}(\n        {parameters},\n    ) -> Self {{"
            );
        }
    }

    /// The type of a parameter of `new`.
    fn parameter(&self, field: &InputField) -> String {
        let rust = self.input_type(field).path;
        if takes_into(field) {
            format!("impl Into<{rust}>")
        } else {
            rust
        }
    }

    fn one_of(&mut self, input: &Input, names: &TypeNames, table: &mut Table) {
        self.allow();
        self.derive("", &[], &input.skipped_derives);
        self.open("", "enum", &names.name);
        let mut row = Vec::new();
        for (field, member) in input.fields.iter().zip(&names.members) {
            self.docs("    ", field.description.as_deref());
            if member.to_lower_camel_case() != field.name {
                let described = is_described(field.description.as_deref());
                self.in_graphql("    ", described, &format!("`{}`", field.name));
            }
            self.deprecated("    ", field.deprecated.as_deref());
            // A field of a oneOf object is nullable in the schema and given all the same.
            let rust = self.value_type(field);
            self.variant("    ", member, &rust.path);
            let mut item = format!("{member}: {:?}", field.name);
            if let Some(codec) = rust.codec {
                let _ = write!(item, " as {codec}");
            }
            row.push(item);
        }
        self.out.push_str("}\n");
        table.members("one_of", &names.name, row);
    }

    /// The Rust type of a variable or input field.
    fn input_type(&self, field: &InputField) -> RustType {
        self.optional(field, self.value_type(field))
    }

    fn optional(&self, field: &InputField, rust: RustType) -> RustType {
        match (field.input.nullable, field.defaulted) {
            (true, _) => self.maybe(rust),
            (false, true) => rust.within("Option"),
            (false, false) => rust,
        }
    }

    /// The Rust type of a field's value when it is given.
    fn value_type(&self, field: &InputField) -> RustType {
        let rust = self.element(&non_null(field));
        if field.boxed {
            rust.within("Box")
        } else {
            rust
        }
    }

    fn element(&self, input: &InputType) -> RustType {
        let rust = match &input.kind {
            InputKind::List(item) => self.element(item).within("Vec"),
            InputKind::Named(leaf) => self.named_type(leaf, Level::Top("")),
        };
        if input.nullable {
            rust.within("Option")
        } else {
            rust
        }
    }
}

/// What the documentation says where a float is set.
const ABOUT_FLOATS: &str =
    "    ///\n    /// NaN and infinities are sent as text, which servers refuse.\n";

/// How wide the fields of a struct may be on one line: rustfmt's default.
const STRUCT_LITERAL_WIDTH: usize = 18;

/// Whether a value is a float, or a list of them.
fn holds_float(input: &InputType) -> bool {
    match &input.kind {
        InputKind::List(item) => holds_float(item),
        InputKind::Named(leaf) => matches!(leaf, NamedType::Float),
    }
}

fn non_null(field: &InputField) -> InputType {
    InputType {
        nullable: false,
        kind: field.input.kind.clone(),
    }
}

/// Whether a parameter of `new` is `impl Into<T>`: lists, boxes, and text and ids, which come as
/// `&str` too.
fn takes_into(field: &InputField) -> bool {
    match &field.input.kind {
        InputKind::List(_) => true,
        InputKind::Named(leaf) => field.boxed || matches!(leaf, NamedType::String | NamedType::Id),
    }
}

/// The end of a sentence: where in the schema something is defined.
pub(super) fn defined_in_suffix(path: &Option<String>) -> String {
    path.as_ref()
        .map_or_else(|| ".".to_owned(), |path| format!(" — {path}"))
}

/// A parameter on a line of its own; on several where its type is too long, as rustfmt writes it.
fn parameter_lines(parameter: &str) -> String {
    let indent = "        ";
    // rustfmt does not count the word `impl`.
    if indent.len() + parameter.chars().count() < WIDTH + "impl ".len() {
        parameter.to_owned()
    } else {
        broken(parameter, indent)
    }
}
