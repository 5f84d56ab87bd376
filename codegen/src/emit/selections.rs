//! Types of selection sets: structs and unions.

use super::docs::is_described;
use super::emitter::{Emitter, Level, RustType};
use super::table::{self, Table};
use super::text::WIDTH;
use crate::ir::names::{OperationNames, TypeNames};
use crate::ir::{Field, FieldType, FieldTypeKind, SelectionRef, Type, TypeShape};
use std::fmt::Write;

impl Emitter<'_> {
    /// The types of a module, from the `first` on, and its table.
    pub(super) fn nested(
        &mut self,
        types: &[Type],
        names: &OperationNames,
        path: &str,
        first: usize,
    ) {
        let mut table = Table::default();
        for (index, (ty, named)) in types.iter().zip(&names.types).enumerate().skip(first) {
            if index > first {
                self.out.push('\n');
            }
            if ty.line > 0 {
                let _ = writeln!(self.out, "    /// `{}` — {path}:{}", ty.on, ty.line);
            }
            match &named.alias_of {
                Some(target) => self.alias(&named.name, target),
                None => self.selection(ty, named, &names.types, Level::Nested, &mut table),
            }
        }
        self.table("    ", &table);
    }

    /// The name of a type that stands elsewhere.
    fn alias(&mut self, name: &str, target: &str) {
        let head = format!("    pub type {name} =");
        let fits = head.chars().count() + target.chars().count() + " ;".len() <= WIDTH;
        let gap = if fits { " " } else { "\n        " };
        let _ = writeln!(self.out, "{head}{gap}{target};");
    }

    /// One type, and its row in the table.
    pub(super) fn selection(
        &mut self,
        ty: &Type,
        names: &TypeNames,
        all: &[TypeNames],
        level: Level,
        table: &mut Table,
    ) {
        let indent = level.indent();
        self.derive(indent, &[], &ty.skipped_derives);
        match &ty.shape {
            TypeShape::Struct(fields) => self.structure(fields, names, all, level, table),
            TypeShape::Union { variants, other } => {
                self.open(indent, "enum", &names.name);
                let inner = format!("{indent}    ");
                let mut members = Vec::new();
                for (variant, name) in variants.iter().zip(&names.members) {
                    let rust = self.selection_ref(&variant.selection, all, level);
                    if variant.type_names.as_slice() == [name.as_str()] {
                        members.push(name.clone());
                    } else {
                        let quoted = |quote: char| {
                            let names = variant.type_names.iter();
                            names.map(move |name| format!("{quote}{name}{quote}"))
                        };
                        let documented: Vec<String> = quoted('`').collect();
                        self.in_graphql(&inner, false, &documented.join(" or "));
                        let alternatives: Vec<String> = quoted('"').collect();
                        members.push(format!("{name}: {}", alternatives.join(" | ")));
                    }
                    self.variant(&inner, name, &rust);
                }
                let rust = match other {
                    Some(selection) => self.selection_ref(selection, all, level),
                    None => format!("{}::Other", self.runtime),
                };
                let _ = writeln!(
                    self.out,
                    "{inner}/// Every other type, also one that the schema does not know yet."
                );
                self.variant(&inner, "Other", &rust);
                let _ = writeln!(self.out, "{indent}}}");
                table.members("union", &names.name, members);
            }
        }
    }

    fn structure(
        &mut self,
        fields: &[Field],
        names: &TypeNames,
        all: &[TypeNames],
        level: Level,
        table: &mut Table,
    ) {
        let indent = level.indent();
        let TypeNames { name, members, .. } = names;
        if fields.is_empty() {
            let _ = writeln!(self.out, "{indent}pub struct {name} {{}}");
            table.members("object", name, Vec::new());
            return;
        }
        self.open(indent, "struct", name);
        let inner = format!("{indent}    ");
        let mut row = Vec::new();
        for (field, member) in fields.iter().zip(members) {
            match field {
                Field::Value {
                    key,
                    conditional,
                    field_type,
                    description,
                    deprecated,
                } => {
                    self.docs(&inner, description.as_deref());
                    if !table::is_camel_case_of(key, member) {
                        self.in_graphql(
                            &inner,
                            is_described(description.as_deref()),
                            &format!("`{key}`"),
                        );
                    }
                    self.deprecated(&inner, deprecated.as_deref());
                    let rust = self.field_type(field_type, *conditional, all, level);
                    self.field(&inner, member, &rust.path);
                    let codec = rust.codec.as_deref();
                    row.push(table::field(member, key, *conditional, codec));
                }
                Field::Spread {
                    fragment,
                    conditional,
                } => {
                    let rust = format!("{}{}", level.to_top(), self.names.fragment(fragment));
                    if *conditional {
                        self.field(&inner, member, &format!("Option<{rust}>"));
                        row.push(format!("..{member}?"));
                    } else {
                        self.field(&inner, member, &rust);
                        row.push(format!("..{member}"));
                    }
                }
                Field::Deferred {
                    label, selection, ..
                } => {
                    let rust = self.selection_ref(selection, all, level);
                    let rust = format!("{}::Deferred<{rust}>", self.runtime);
                    self.field(&inner, member, &rust);
                    row.push(table::deferred(member, label));
                }
            }
        }
        let _ = writeln!(self.out, "{indent}}}");
        table.members("object", name, row);
    }

    fn selection_ref(&self, selection: &SelectionRef, all: &[TypeNames], level: Level) -> String {
        match selection {
            SelectionRef::Local(index) => format!("{}{}", level.to_nested(), all[*index].name),
            SelectionRef::Fragment(name) => {
                format!("{}{}", level.to_top(), self.names.fragment(name))
            }
        }
    }

    /// The Rust type of a field.
    fn field_type(
        &self,
        field_type: &FieldType,
        conditional: bool,
        all: &[TypeNames],
        level: Level,
    ) -> RustType {
        let rust = match &field_type.kind {
            FieldTypeKind::List(item) => self.field_type(item, false, all, level).within("Vec"),
            FieldTypeKind::Leaf(leaf) => self.named_type(leaf, level),
            FieldTypeKind::Selection(selection) => RustType {
                path: self.selection_ref(selection, all, level),
                codec: None,
            },
        };
        match (conditional, field_type.nullable) {
            (false, false) => rust,
            // Absent, null and a value are three things.
            (true, true) => self.maybe(rust),
            _ => rust.within("Option"),
        }
    }
}
