//! Types of selection sets: structs and unions, with their tables.

use super::{Level, Writer};
use crate::ir::{Content, Field, Leaf, Output, OutputKind, Type, TypeShape};
use crate::names::Members;
use std::fmt::Write;

impl Writer<'_> {
    pub(super) fn selection(
        &mut self,
        ty: &Type,
        names: &Members,
        path: &str,
        types: &[Type],
        all: &[Members],
        level: Level,
    ) {
        let indent = level.indent();
        if matches!(level, Level::Nested) {
            let whose = if ty.path.first().is_some_and(|first| first == "Data") {
                String::new()
            } else {
                format!("`{}` — ", ty.on)
            };
            if ty.line > 0 {
                let _ = writeln!(self.out, "{indent}/// {whose}{path}:{}", ty.line);
            }
        }
        match &ty.shape {
            TypeShape::Struct(fields) => {
                self.derive(indent, "", &ty.left_out);
                if fields.is_empty() {
                    let _ = writeln!(self.out, "{indent}pub struct {} {{}}", names.name);
                } else {
                    self.open(indent, "struct", &names.name);
                }
                let mut table = Table::new(
                    &format!("::attendium::selection! {{ {}{} {{", names.name, self.serde),
                    indent,
                );
                for (field, name) in fields.iter().zip(&names.members) {
                    match field {
                        Field::Value {
                            key,
                            conditional,
                            output,
                            description,
                            deprecated,
                        } => {
                            let inner = format!("{indent}    ");
                            self.docs(&inner, description.as_deref());
                            self.deprecated(&inner, deprecated.as_deref());
                            let (rust, codec) = self.output(output, *conditional, all, level);
                            self.field(&inner, name, &rust);
                            let spec = match (conditional, codec) {
                                (false, None) => format!("{key:?}"),
                                (true, None) => format!("({key:?}?)"),
                                (false, Some(codec)) => format!("({key:?} as {codec})"),
                                (true, Some(codec)) => format!("({key:?}? as {codec})"),
                            };
                            table.push(&format!("{name}: {spec}"));
                        }
                        Field::Spread {
                            fragment,
                            conditional,
                        } => {
                            let rust =
                                format!("{}{}", level.to_top(), self.names.fragment(fragment));
                            if *conditional {
                                self.field(
                                    &format!("{indent}    "),
                                    name,
                                    &format!("Option<{rust}>"),
                                );
                                table.push(&format!("{name}: (..?)"));
                            } else {
                                self.field(&format!("{indent}    "), name, &rust);
                                table.push(&format!("{name}: (..)"));
                            }
                        }
                    }
                }
                if !fields.is_empty() {
                    let _ = writeln!(self.out, "{indent}}}");
                }
                self.out.push_str(&table.close("} }"));
            }
            TypeShape::Union { variants, other } => {
                self.derive(indent, "", &ty.left_out);
                self.open(indent, "enum", &names.name);
                let mut table = Table::new(
                    &format!("::attendium::union! {{ {}{} {{", names.name, self.serde),
                    indent,
                );
                for (variant, name) in variants.iter().zip(&names.members) {
                    let rust = self.content(&variant.content, all, level);
                    self.variant(&format!("{indent}    "), name, &rust);
                    let patterns: Vec<String> = variant
                        .type_names
                        .iter()
                        .map(|name| format!("{name:?}"))
                        .collect();
                    table.push(&match patterns.as_slice() {
                        [one] => format!("{name}: {one}"),
                        many => format!("{name}: ({})", many.join(" | ")),
                    });
                }
                let rust = match other {
                    Some(index) => self.content(&Content::Local(*index), all, level),
                    None => "::attendium::Other".into(),
                };
                let _ = writeln!(
                    self.out,
                    "{indent}    /// Every other type, also one that the schema does not know yet."
                );
                self.variant(&format!("{indent}    "), "Other", &rust);
                let _ = writeln!(self.out, "{indent}}}");
                self.out.push_str(&table.close("} }"));
            }
        }
        debug_assert!(types.len() == all.len());
    }

    fn content(&self, content: &Content, all: &[Members], level: Level) -> String {
        match content {
            Content::Local(index) => format!("{}{}", level.to_nested(), all[*index].name),
            Content::Fragment(name) => format!("{}{}", level.to_top(), self.names.fragment(name)),
        }
    }

    /// The Rust type of a field, and the codec where a part of it needs one.
    fn output(
        &self,
        output: &Output,
        conditional: bool,
        all: &[Members],
        level: Level,
    ) -> (String, Option<String>) {
        let (rust, codec) = match &output.kind {
            OutputKind::List(item) => {
                let (rust, codec) = self.output(item, false, all, level);
                (
                    format!("Vec<{rust}>"),
                    codec.map(|codec| format!("Vec<{codec}>")),
                )
            }
            OutputKind::Leaf(leaf) => (
                self.leaf(leaf, level),
                self.is_foreign(leaf)
                    .then(|| "::attendium::json::Serde".to_owned()),
            ),
            OutputKind::Selection(content) => (self.content(content, all, level), None),
        };
        let wrapper = match (conditional, output.nullable) {
            (false, false) => return (rust, codec),
            // Absent, null and a value are three things.
            (true, true) => "::attendium::Maybe",
            _ => "Option",
        };
        (
            format!("{wrapper}<{rust}>"),
            codec.map(|codec| format!("{wrapper}<{codec}>")),
        )
    }
}

/// A macro's table: entries on one line where they fit, otherwise filled lines of at most 120 characters.
pub(super) struct Table {
    head: String,
    indent: String,
    entries: Vec<String>,
}

impl Table {
    pub(super) fn new(head: &str, indent: &str) -> Self {
        Self {
            head: head.to_owned(),
            indent: indent.to_owned(),
            entries: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, entry: &str) {
        self.entries.push(entry.to_owned());
    }

    pub(super) fn close(self, end: &str) -> String {
        const WIDTH: usize = 120;
        let Self {
            head,
            indent,
            entries,
        } = self;
        let all = entries.join(", ");
        if entries.is_empty() {
            return format!("{indent}{head}{end}\n");
        }
        if indent.len() + head.len() + all.len() + end.len() + 2 <= WIDTH {
            return format!("{indent}{head} {all} {end}\n");
        }
        let mut out = format!("{indent}{head}\n");
        let mut line = String::new();
        for entry in entries {
            if !line.is_empty() && indent.len() + 4 + line.len() + entry.len() + 2 > WIDTH {
                out.push_str(&format!("{indent}    {line}\n"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&entry);
            line.push(',');
        }
        out.push_str(&format!("{indent}    {line}\n{indent}{end}\n"));
        out
    }
}

impl Leaf {
    /// Whether `impl Into<T>` serves as the type of a parameter: text and ids, which come as `&str` too.
    pub(super) fn takes_into(&self) -> bool {
        matches!(self, Leaf::String | Leaf::Id)
    }
}
