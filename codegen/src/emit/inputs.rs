//! Variables, input objects, enums and scalars.

use super::selections::{in_text, is_camel_case_of, is_quiet, named};
use super::{Level, WIDTH, Writer, is_native, literal};
use crate::ir::names::{OperationNames, TypeNames};
use crate::ir::{Enum, Input, InputField, InputKind, InputType, Operation, Scalar, SkippedDerive};
use crate::options::last;
use std::fmt::Write;

impl Writer<'_> {
    /// The operation's own type: its variables are the fields.
    pub(super) fn variables(&mut self, about: &str, operation: &Operation, names: &OperationNames) {
        self.input_struct(
            about,
            operation.description.as_deref(),
            &names.name,
            &operation.variables,
            &names.variables,
            &operation.skipped_derives,
        );
    }

    pub(super) fn input(&mut self, input: &Input, names: &TypeNames) {
        let about = format!("The input object `{}`{}", input.name, from(&input.path));
        if input.one_of {
            let _ = writeln!(self.out, "\n::attendium::one_of! {{\n    /// {about}");
            self.described("    ", input.description.as_deref());
            self.one_of(input, names);
            self.out.push_str("}\n");
        } else {
            self.input_struct(
                &about,
                input.description.as_deref(),
                &names.name,
                &input.fields,
                &names.members,
                &input.skipped_derives,
            );
        }
    }

    /// A struct with its `new`: by itself with a row behind it where the macros write what is derived, else in its macro.
    fn input_struct(
        &mut self,
        about: &str,
        description: Option<&str>,
        name: &str,
        fields: &[InputField],
        members: &[String],
        skipped_derives: &[SkippedDerive],
    ) {
        let types: Vec<_> = fields.iter().map(|field| self.input_type(field)).collect();
        let mut all = fields.iter().zip(members);
        let itself = self.derives_in_macro()
            && !fields.is_empty()
            && types.iter().all(|(_, codec)| codec.is_none())
            && all.all(|(field, member)| is_quiet(member, field.deprecated.as_deref()));
        let (indent, open) = if itself {
            ("", "")
        } else {
            ("    ", "::attendium::input! {\n")
        };
        let _ = writeln!(self.out, "\n{open}{indent}/// {about}");
        self.described(indent, description);
        self.allow(indent);
        let required: Vec<String> = fields
            .iter()
            .zip(members)
            .zip(&types)
            .filter(|((field, _), _)| field.required())
            .map(|((field, member), (rust, _))| format!("{member}: {}", parameter(field, rust)))
            .collect();
        let default = if required.is_empty() { "Default" } else { "" };
        let traits = self.traits(itself, default, indent, skipped_derives);
        if itself {
            self.open(indent, "struct", name);
        } else if fields.is_empty() {
            let _ = writeln!(self.out, "    pub struct {name}{traits} {{}}\n}}");
            return;
        } else {
            self.open_with(name, &required, &traits);
        }
        let (mut texts, mut optional) = (name.to_owned(), String::new());
        let inner = format!("{indent}    ");
        for ((field, member), (rust, codec)) in fields.iter().zip(members).zip(types) {
            self.docs(&inner, field.description.as_deref());
            self.deprecated(&inner, field.deprecated.as_deref());
            let absent = match (field.required(), field.input.nullable) {
                (true, _) => "",
                (false, true) => " = Absent",
                (false, false) => " = None",
            };
            let from = if itself {
                texts.push_str(&in_text(&field.name, member));
                if !field.required() {
                    let _ = write!(optional, "{member}: {rust}{absent}, ");
                }
                String::new()
            } else {
                match codec {
                    None if is_camel_case_of(&field.name, member) => absent.to_owned(),
                    codec => named(&field.name, codec.as_deref()) + absent,
                }
            };
            self.field(&inner, member, &rust, &from);
        }
        let _ = writeln!(self.out, "{indent}}}");
        if itself {
            let _ = writeln!(
                self.out,
                "::attendium::__input! {{\n    {name} {} ({}) {{ {} }} {{{}}}",
                literal(&texts),
                required.join(", "),
                members.join(" "),
                optional.trim_end(),
            );
        }
        self.out.push_str("}\n");
    }

    /// `pub struct Name(required: Type): Trait {`, on several lines where it is too long for one.
    fn open_with(&mut self, name: &str, required: &[String], traits: &str) {
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
    }

    fn one_of(&mut self, input: &Input, names: &TypeNames) {
        self.allow("    ");
        let traits = self.traits(false, "", "    ", &input.skipped_derives);
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

    /// An enum: by itself with a row behind it where the macros write what is derived, else in its macro.
    pub(super) fn open_enum(&mut self, definition: &Enum, names: &TypeNames) {
        let has = |name: &str| self.derives.split(", ").any(|path| last(path) == name);
        // Values are equal where their names are; where an order is asked for, which is that of the variants, equality is derived with it.
        let (equal, by_name) = (has("PartialEq"), has("PartialEq") && !has("PartialOrd"));
        let values = || definition.values.iter().zip(&names.members);
        let quiet = values().all(|(value, _)| value.deprecated.is_none());
        let itself = self.derives_in_macro() && by_name && quiet;
        let (indent, open) = if itself {
            ("", "")
        } else {
            ("    ", "::attendium::open_enum! {\n")
        };
        let _ = writeln!(
            self.out,
            "\n{open}{indent}/// The enum `{}`{}",
            definition.name,
            from(&definition.path)
        );
        self.described(indent, definition.description.as_deref());
        self.allow(indent);
        let elsewhere = |path: &str| match last(path) {
            "Debug" | "Clone" => itself,
            "PartialEq" | "Eq" | "Hash" => by_name,
            _ => false,
        };
        let more = if equal && !by_name { "Eq, Hash" } else { "" };
        self.derive_all_but(elsewhere, indent, more, &definition.skipped_derives);
        let traits = if by_name && !itself {
            format!(": PartialEq, Eq, Hash{}", self.serde.replacen(':', ",", 1))
        } else {
            self.serde.clone()
        };
        self.open(indent, "enum", &format!("{}{traits}", names.name));
        let inner = format!("{indent}    ");
        let (mut texts, mut rows) = (Vec::new(), String::new());
        for (value, member) in values() {
            self.docs(&inner, value.description.as_deref());
            self.deprecated(&inner, value.deprecated.as_deref());
            if itself {
                let _ = writeln!(self.out, "{inner}{member},");
                texts.push(format!("{member} {}", value.name));
                let _ = write!(rows, " {member} {:?}", value.name);
            } else {
                let _ = writeln!(self.out, "{inner}{member} as {:?},", value.name);
            }
        }
        let _ = writeln!(
            self.out,
            "{inner}/// A value that the schema does not know yet.\n{inner}Other(String),\n{indent}}}"
        );
        if itself {
            let _ = writeln!(
                self.out,
                "::attendium::__enum! {{\n    {} {:?} {{{rows} }}",
                names.name,
                texts.join(" ")
            );
        }
        self.out.push_str("}\n");
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
                self.derive("", "", &scalar.skipped_derives);
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
