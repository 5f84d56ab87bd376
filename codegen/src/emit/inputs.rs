//! Variables, input objects, enums and scalars.

use super::selection::Table;
use super::{ALLOW, Level, Writer, is_native};
use crate::ir::{Enum, Input, InputField, InputKind, InputType, LeftOut, Operation, Scalar};
use crate::names::{Definition, Members};
use std::fmt::Write;

impl Writer<'_> {
    /// The operation's own type: its variables are the fields.
    pub(super) fn variables(&mut self, operation: &Operation, names: &Definition) {
        self.input_struct(
            &names.name,
            &operation.variables,
            &names.variables,
            &operation.left_out,
        );
    }

    pub(super) fn input(&mut self, input: &Input, names: &Members) {
        let _ = writeln!(
            self.out,
            "\n/// The input object `{}`{}",
            input.name,
            from(&input.path)
        );
        self.described("", input.description.as_deref());
        if input.one_of {
            self.one_of(input, names);
        } else {
            self.input_struct(&names.name, &input.fields, &names.members, &input.left_out);
        }
    }

    fn input_struct(
        &mut self,
        name: &str,
        fields: &[InputField],
        members: &[String],
        left_out: &[LeftOut],
    ) {
        let serde = &self.serde.clone();
        let default = if fields.iter().any(InputField::required) {
            ""
        } else {
            "Default"
        };
        let _ = writeln!(self.out, "{ALLOW}");
        self.derive("", default, left_out);
        let mut table = Table::new(&format!("::attendium::input! {{ {name}{serde} {{"), "");
        let (mut parameters, mut optional) = (Vec::new(), Vec::new());
        if fields.is_empty() {
            let _ = writeln!(self.out, "pub struct {name} {{}}");
        } else {
            self.open("", "struct", name);
        }
        for (field, member) in fields.iter().zip(members) {
            self.docs("    ", field.description.as_deref());
            self.deprecated("    ", field.deprecated.as_deref());
            let (rust, codec) = self.input_type(field);
            self.field("    ", member, &rust, "");
            table.push(&match codec {
                None => format!("{member}: {:?}", field.name),
                Some(codec) => format!("{member}: ({:?} as {codec})", field.name),
            });
            if field.required() {
                parameters.push(format!("{member}: {}", parameter(field, &rust)));
            } else {
                optional.push(format!("{member}: {rust}"));
            }
        }
        if !fields.is_empty() {
            self.out.push_str("}\n");
        }
        self.out.push_str(&table.close("} }"));
        if fields.is_empty() {
            return;
        }
        self.out
            .push_str(&constructor(name, &parameters, &optional));
    }

    fn one_of(&mut self, input: &Input, names: &Members) {
        let _ = writeln!(self.out, "{ALLOW}");
        self.derive("", "", &input.left_out);
        self.open("", "enum", &names.name);
        let mut table = Table::new(
            &format!("::attendium::one_of! {{ {}{} {{", names.name, self.serde),
            "",
        );
        for (field, member) in input.fields.iter().zip(&names.members) {
            self.docs("    ", field.description.as_deref());
            self.deprecated("    ", field.deprecated.as_deref());
            // A field of a oneOf object is nullable in the schema and given all the same.
            let given = InputType {
                nullable: false,
                kind: field.input.kind.clone(),
            };
            let (mut rust, codec) = self.element(&given);
            if field.boxed {
                rust = format!("Box<{rust}>");
            }
            self.variant("    ", member, &rust);
            table.push(&match codec {
                None => format!("{member}: {:?}", field.name),
                Some(codec) => format!("{member}: ({:?} as {codec})", field.name),
            });
        }
        self.out.push_str("}\n");
        self.out.push_str(&table.close("} }"));
    }

    /// The Rust type of a variable or input field, and the codec where a part of it needs one.
    fn input_type(&self, field: &InputField) -> (String, Option<String>) {
        let given = InputType {
            nullable: false,
            kind: field.input.kind.clone(),
        };
        let (mut rust, codec) = self.element(&given);
        if field.boxed {
            rust = format!("Box<{rust}>");
        }
        let wrapper = match (field.input.nullable, field.defaulted) {
            (true, _) => "::attendium::Maybe",
            (false, true) => "Option",
            (false, false) => return (rust, codec),
        };
        (
            format!("{wrapper}<{rust}>"),
            codec.map(|codec| format!("{wrapper}<{codec}>")),
        )
    }

    fn element(&self, input: &InputType) -> (String, Option<String>) {
        let (rust, codec) = match &input.kind {
            InputKind::List(item) => {
                let (rust, codec) = self.element(item);
                (
                    format!("Vec<{rust}>"),
                    codec.map(|codec| format!("Vec<{codec}>")),
                )
            }
            InputKind::Leaf(leaf) => (
                self.leaf(leaf, Level::Top("")),
                self.is_foreign(leaf)
                    .then(|| "::attendium::json::Serde".to_owned()),
            ),
        };
        if input.nullable {
            (
                format!("Option<{rust}>"),
                codec.map(|codec| format!("Option<{codec}>")),
            )
        } else {
            (rust, codec)
        }
    }

    pub(super) fn open_enum(&mut self, definition: &Enum, names: &Members) {
        let _ = writeln!(
            self.out,
            "\n/// The enum `{}`{}",
            definition.name,
            from(&definition.path)
        );
        self.described("", definition.description.as_deref());
        let _ = writeln!(self.out, "{ALLOW}");
        self.derive(
            "",
            if self.derives.contains("PartialEq") {
                "Eq, Hash"
            } else {
                ""
            },
            &definition.left_out,
        );
        self.open("", "enum", &names.name);
        let mut table = Table::new(
            &format!("::attendium::open_enum! {{ {}{} {{", names.name, self.serde),
            "",
        );
        for (value, member) in definition.values.iter().zip(&names.members) {
            self.docs("    ", value.description.as_deref());
            self.deprecated("    ", value.deprecated.as_deref());
            let _ = writeln!(self.out, "    {member},");
            table.push(&format!("{member}: {:?}", value.name));
        }
        self.out.push_str(
            "    /// A value that the schema does not know yet.\n    Other(String),\n}\n",
        );
        self.out.push_str(&table.close("} }"));
    }

    pub(super) fn scalar(&mut self, scalar: &Scalar, name: &str) {
        let note = if scalar.rust.is_none() {
            ": any JSON, because it is not mapped to a Rust type"
        } else {
            ""
        };
        let _ = writeln!(
            self.out,
            "\n/// The custom scalar `{}`{note}{}",
            scalar.name,
            from(&scalar.path)
        );
        self.described("", scalar.description.as_deref());
        self.out.push_str(ALLOW);
        self.out.push('\n');
        match &scalar.rust {
            Some(rust) => {
                let path = if is_native(rust) && rust.contains("serde_json") {
                    "::attendium::Json".to_owned()
                } else {
                    absolute(rust)
                };
                let _ = writeln!(self.out, "pub type {name} = {path};");
            }
            None => {
                self.derive("", "", &scalar.left_out);
                let _ = writeln!(self.out, "pub struct {name}(pub ::attendium::Json);");
                let _ = writeln!(self.out, "::attendium::scalar!({name}{});", self.serde);
            }
        }
    }
}

/// The end of a sentence: where in the schema something is defined.
fn from(path: &Option<String>) -> String {
    path.as_ref()
        .map_or_else(|| ".".to_owned(), |path| format!(" — {path}"))
}

/// The type of a parameter of `new`.
fn parameter(field: &InputField, rust: &str) -> String {
    let takes_into = match &field.input.kind {
        InputKind::List(_) => true,
        InputKind::Leaf(leaf) => leaf.takes_into(),
    };
    if takes_into {
        format!("impl Into<{rust}>")
    } else {
        rust.to_owned()
    }
}

/// `new` and the setters, as a table: what is required in brackets, what is optional in braces.
fn constructor(name: &str, required: &[String], optional: &[String]) -> String {
    let mut table = Table::new(&format!("::attendium::constructor! {{ {name}("), "");
    for field in required {
        table.push(field);
    }
    table.part(") {");
    for field in optional {
        table.push(field);
    }
    table.close("} }")
}

/// A Rust path that names the same type in every module: `uuid::Uuid` is a crate's, whatever stands beside it.
fn absolute(rust: &str) -> String {
    let mut out = String::new();
    let mut rest = rust;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '#'))
            .unwrap_or(rest.len());
        if end == 0 {
            let next = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..next]);
            rest = &rest[next..];
            continue;
        }
        let path = &rest[..end];
        let first = path.split("::").next().unwrap_or_default();
        if path.contains("::")
            && !path.starts_with("::")
            && !matches!(first, "crate" | "self" | "super")
        {
            out.push_str("::");
        }
        out.push_str(path);
        rest = &rest[end..];
    }
    out
}
