//! Variables, input objects, enums and scalars.

use super::selection::{is_camel_case_of, is_quiet, named};
use super::{Level, WIDTH, Writer, is_native};
use crate::ir::{Enum, Input, InputField, InputKind, InputType, LeftOut, Operation, Scalar};
use crate::names::{Definition, Members};
use crate::options::last;
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
            "\n::attendium::{}! {{\n    /// The input object `{}`{}",
            if input.one_of { "one_of" } else { "input" },
            input.name,
            from(&input.path)
        );
        self.described("    ", input.description.as_deref());
        if input.one_of {
            self.one_of(input, names);
        } else {
            self.input_struct(&names.name, &input.fields, &names.members, &input.left_out);
        }
        self.out.push_str("}\n");
    }

    fn input_struct(
        &mut self,
        name: &str,
        fields: &[InputField],
        members: &[String],
        left_out: &[LeftOut],
    ) {
        let types: Vec<_> = fields.iter().map(|field| self.input_type(field)).collect();
        let required: Vec<String> = fields
            .iter()
            .zip(members)
            .zip(&types)
            .filter(|((field, _), _)| field.required())
            .map(|((field, member), (rust, _))| format!("{member}: {}", parameter(field, rust)))
            .collect();
        let derived = self.derives_in_macro()
            && !fields.is_empty()
            && types.iter().all(|(_, codec)| codec.is_none())
            && fields
                .iter()
                .zip(members)
                .all(|(field, member)| is_quiet(member, field.deprecated.as_deref()));
        let default = if required.is_empty() { "Default" } else { "" };
        self.allow("    ");
        let traits = self.traits(derived, default, "    ", left_out);
        if fields.is_empty() {
            let _ = writeln!(self.out, "    pub struct {name}{traits} {{}}");
            return;
        }
        let head = format!("{name}({}){traits}", required.join(", "));
        if required.is_empty() || "    pub struct  {".len() + head.chars().count() <= WIDTH {
            self.open("    ", "struct", &head);
        } else {
            let parameters = required.join(",\n        ");
            let _ = writeln!(
                self.out,
                "    pub struct {name}(\n        {parameters},\n    ){traits} {{"
            );
        }
        for ((field, member), (rust, codec)) in fields.iter().zip(members).zip(types) {
            self.docs("        ", field.description.as_deref());
            self.deprecated("        ", field.deprecated.as_deref());
            let mut from = match codec {
                None if is_camel_case_of(&field.name, member) => String::new(),
                codec => named(&field.name, codec.as_deref()),
            };
            from.push_str(match (field.required(), field.input.nullable) {
                (true, _) => "",
                (false, true) => " = Absent",
                (false, false) => " = None",
            });
            self.field("        ", member, &rust, &from);
        }
        self.out.push_str("    }\n");
    }

    fn one_of(&mut self, input: &Input, names: &Members) {
        self.allow("    ");
        let traits = self.traits(false, "", "    ", &input.left_out);
        let head = format!("{}{traits}", names.name);
        self.open("    ", "enum", &head);
        for (field, member) in input.fields.iter().zip(&names.members) {
            self.docs("        ", field.description.as_deref());
            self.deprecated("        ", field.deprecated.as_deref());
            // A field of a oneOf object is nullable in the schema and given all the same.
            let given = InputType {
                nullable: false,
                kind: field.input.kind.clone(),
            };
            let (mut rust, codec) = self.element(&given);
            if field.boxed {
                rust = format!("Box<{rust}>");
            }
            let from = named(&field.name, codec.as_deref());
            self.variant("        ", member, &rust, &from);
        }
        self.out.push_str("    }\n");
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
            "\n::attendium::open_enum! {{\n    /// The enum `{}`{}",
            definition.name,
            from(&definition.path)
        );
        self.described("    ", definition.description.as_deref());
        self.allow("    ");
        let traits = self.enum_traits(&definition.left_out);
        let head = format!("{}{traits}", names.name);
        self.open("    ", "enum", &head);
        for (value, member) in definition.values.iter().zip(&names.members) {
            self.docs("        ", value.description.as_deref());
            self.deprecated("        ", value.deprecated.as_deref());
            let _ = writeln!(self.out, "        {member} as {:?},", value.name);
        }
        self.out.push_str(
            "        /// A value that the schema does not know yet.\n        Other(String),\n    }\n}\n",
        );
    }

    /// What an enum derives, and the traits behind its name, which its macro writes: values are equal where their names are. Where an order is asked for, which is that of
    /// the variants, equality is derived with it.
    fn enum_traits(&mut self, left_out: &[LeftOut]) -> String {
        let has = |name: &str| self.derives.split(", ").any(|path| last(path) == name);
        if !has("PartialEq") || has("PartialOrd") {
            let more = if has("PartialEq") { "Eq, Hash" } else { "" };
            return self.traits(false, more, "    ", left_out);
        }
        let by_name = |path: &str| matches!(last(path), "PartialEq" | "Eq" | "Hash");
        self.derive_all_but(by_name, "    ", "", left_out);
        let serde = self.serde.replacen(':', ",", 1);
        format!(": PartialEq, Eq, Hash{serde}")
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
        self.allow("");
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
