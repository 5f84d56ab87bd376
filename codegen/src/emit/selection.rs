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
                            table.push(&match (conditional, codec) {
                                (false, None) if is_camel_case_of(key, name) => name.clone(),
                                (false, None) => format!("{name}: {key:?}"),
                                (true, None) => format!("{name}: ({key:?}?)"),
                                (false, Some(codec)) => format!("{name}: ({key:?} as {codec})"),
                                (true, Some(codec)) => format!("{name}: ({key:?}? as {codec})"),
                            });
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

/// Whether the runtime finds the key by the field's name: each underscore and the letter behind it stand for a capital
/// (`Key::of_field` is the other side of this).
fn is_camel_case_of(key: &str, field: &str) -> bool {
    let mut written = String::new();
    let mut left = field;
    while let Some((before, behind)) = left.split_once('_') {
        written.push_str(before);
        left = behind;
        match behind.chars().next().filter(char::is_ascii_lowercase) {
            Some(letter) => {
                written.push(letter.to_ascii_uppercase());
                left = &behind[1..];
            }
            None => written.push('_'),
        }
    }
    written.push_str(left);
    // Raw identifiers (`r#type`) are not keys.
    written == key
}

/// A macro's table: entries that fill lines like words do, from the line of the head to the one of the end.
pub(super) struct Table {
    out: String,
    indent: String,
    /// How long the last line is.
    line: usize,
    empty: bool,
}

impl Table {
    /// How long a line of a table may be, which rustfmt leaves alone.
    const WIDTH: usize = 120;

    pub(super) fn new(head: &str, indent: &str) -> Self {
        Self {
            out: format!("{indent}{head}"),
            indent: indent.to_owned(),
            line: indent.len() + head.len(),
            empty: true,
        }
    }

    pub(super) fn push(&mut self, entry: &str) {
        let before = match (self.empty, self.out.ends_with('(')) {
            (true, true) => "",
            (true, false) => " ",
            (false, _) => ", ",
        };
        self.word(before, entry, ",".len());
        self.empty = false;
    }

    /// Goes on with a list of other entries.
    pub(super) fn part(&mut self, text: &str) {
        self.word("", text, 0);
        self.empty = true;
    }

    pub(super) fn close(mut self, end: &str) -> String {
        let space = if self.empty { "" } else { " " };
        self.word(space, end, 0);
        self.out.push('\n');
        self.out
    }

    /// One more word, on the next line if it and what comes right behind it have no room on this one.
    fn word(&mut self, before: &str, word: &str, behind: usize) {
        if self.line + before.len() + word.len() + behind <= Self::WIDTH {
            self.out.push_str(before);
            self.line += before.len() + word.len();
        } else {
            self.out.push_str(before.trim_end());
            self.out.push('\n');
            // No deeper than the head, which is where rustfmt puts it.
            self.out.push_str(&self.indent);
            self.line = self.indent.len() + word.len();
        }
        self.out.push_str(word);
    }
}

impl Leaf {
    /// Whether `impl Into<T>` serves as the type of a parameter: text and ids, which come as `&str` too.
    pub(super) fn takes_into(&self) -> bool {
        matches!(self, Leaf::String | Leaf::Id)
    }
}
