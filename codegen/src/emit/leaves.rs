//! Enums and custom scalars.

use super::docs::is_described;
use super::emitter::Emitter;
use super::inputs::defined_in_suffix;
use super::table::Table;
use crate::ir::names::TypeNames;
use crate::ir::{Enum, Scalar};
use crate::options::last_segment;
use heck::ToShoutySnakeCase;
use std::fmt::Write;

impl Emitter<'_> {
    pub(super) fn enumeration(&mut self, definition: &Enum, names: &TypeNames) {
        let _ = writeln!(
            self.out,
            "\n/// The enum `{}`{}",
            definition.name,
            defined_in_suffix(&definition.path)
        );
        self.described("", definition.description.as_deref());
        self.allow();
        // An enum can be a key of maps, whatever other types derive.
        let equal = self
            .derives
            .split(", ")
            .any(|path| last_segment(path) == "PartialEq");
        let more: &[&str] = if equal { &["Eq", "Hash"] } else { &[] };
        self.derive("", more, &definition.skipped_derives);
        self.open("", "enum", &names.name);
        let mut row = Vec::new();
        for (value, member) in definition.values.iter().zip(&names.members) {
            self.docs("    ", value.description.as_deref());
            if member.to_shouty_snake_case() != value.name && *member != value.name {
                let described = is_described(value.description.as_deref());
                self.in_graphql("    ", described, &format!("`{}`", value.name));
            }
            self.deprecated("    ", value.deprecated.as_deref());
            let _ = writeln!(self.out, "    {member},");
            row.push(format!("{member}: {:?}", value.name));
        }
        self.out.push_str(
            "    /// A value that the schema does not know yet.\n    Other(String),\n}\n",
        );
        let mut table = Table::default();
        table.members("enum", &names.name, row);
        self.table("", &table);
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
            defined_in_suffix(&scalar.path)
        );
        self.described("", scalar.description.as_deref());
        self.allow();
        match &scalar.rust {
            Some(rust) => {
                let rust = rust.trim_start_matches("::");
                let path = match rust.strip_prefix("attendium::") {
                    _ if rust == "serde_json::Value" => format!("{}::Json", self.runtime),
                    Some(name @ ("Json" | "Id" | "RawJson" | "Upload")) => {
                        format!("{}::{name}", self.runtime)
                    }
                    _ => absolute(rust),
                };
                let _ = writeln!(self.out, "pub type {name} = {path};");
            }
            None => {
                self.derive("", &[], &scalar.skipped_derives);
                let _ = writeln!(self.out, "pub struct {name}(pub {}::Json);", self.runtime);
                let mut table = Table::default();
                table.name("scalar", name);
                self.table("", &table);
            }
        }
    }
}

/// A Rust path that names the same type in every module: `uuid::Uuid` is a crate's, whatever
/// stands beside it.
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
