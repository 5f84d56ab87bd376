//! Types of selection sets: structs in their macro, and unions with a table.

use super::{Level, SELECTION, Writer};
use crate::ir::{Content, Field, Leaf, Output, OutputKind, Type, TypeShape};
use crate::names::Members;
use std::fmt::Write;

/// How many fields the runtime takes as a tuple at most (`Fields` has the implementations).
const TUPLE: usize = 32;

/// The derives that `selection!` writes itself where they stand behind a struct's name.
const IN_MACRO: &str = "Debug, Clone, PartialEq";

/// What a type is written as: what stands in one macro is of one kind, as the runtime has a quicker way with plain structs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A struct whose fields are all read from keys, with nothing more to say of them; with serde's traits, every struct.
    Plain,
    /// The same, with [`IN_MACRO`] behind its name.
    Derived,
    Struct,
    Union,
}

impl Writer<'_> {
    /// The types of a module, those of one kind that follow each other in one macro.
    pub(super) fn selections<'t>(
        &mut self,
        types: impl Iterator<Item = (&'t Type, &'t Members)>,
        path: &str,
        all: &[Members],
    ) {
        let mut open = Written::Union;
        for (ty, names) in types {
            let start = self.out.len();
            let written = self.selection(ty, names, path, all, Level::Nested);
            if written == open {
                continue;
            }
            let mut between = String::new();
            if open != Written::Union {
                between.push_str("    }\n");
            }
            if written != Written::Union {
                between.push_str("    ");
                between.push_str(SELECTION);
            }
            self.out.insert_str(start, &between);
            open = written;
        }
        if open != Written::Union {
            self.out.push_str("    }\n");
        }
    }

    /// One type: a struct as it stands in its macro, a union with the macro behind it.
    pub(super) fn selection(
        &mut self,
        ty: &Type,
        names: &Members,
        path: &str,
        all: &[Members],
        level: Level,
    ) -> Written {
        let indent = level.indent(&ty.shape);
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
                let written = self.written(fields, &names.members);
                let (derived, behind) = match written {
                    Written::Derived => (IN_MACRO, format!(": {IN_MACRO}")),
                    _ => ("", self.serde.clone()),
                };
                self.derive_all_but(derived, indent, "", &ty.left_out);
                let head = format!("{}{behind}", names.name);
                self.structure(indent, &head, fields, &names.members, all, level);
                written
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
                Written::Union
            }
        }
    }

    /// What a struct of such fields is written as.
    fn written(&self, fields: &[Field], names: &[String]) -> Written {
        let plain = (1..=TUPLE).contains(&fields.len())
            && fields.iter().all(|field| match field {
                Field::Value {
                    conditional,
                    output,
                    ..
                } => !conditional && !self.has_codec(output),
                Field::Spread { .. } => false,
            });
        // With derives rustc says nothing of fields that are deprecated or whose names are not in snake case.
        let quiet = |(field, name): (&Field, &String)| match field {
            Field::Value { deprecated, .. } => deprecated.is_none() && is_snake_case(name),
            Field::Spread { .. } => true,
        };
        let more = self.derives.strip_prefix(IN_MACRO);
        if !self.serde.is_empty() && !fields.is_empty() {
            Written::Plain
        } else if !plain {
            Written::Struct
        } else if more.is_some_and(|more| more.is_empty() || more.starts_with(','))
            && fields.iter().zip(names).all(quiet)
        {
            Written::Derived
        } else {
            Written::Plain
        }
    }

    fn structure(
        &mut self,
        indent: &str,
        head: &str,
        fields: &[Field],
        names: &[String],
        all: &[Members],
        level: Level,
    ) {
        if fields.is_empty() {
            let _ = writeln!(self.out, "{indent}pub struct {head} {{}}");
            return;
        }
        self.open(indent, "struct", head);
        let inner = format!("{indent}    ");
        for (index, (field, name)) in fields.iter().zip(names).enumerate() {
            let (rust, from) = match field {
                Field::Value {
                    key,
                    conditional,
                    output,
                    description,
                    deprecated,
                } => {
                    self.docs(&inner, description.as_deref());
                    self.deprecated(&inner, deprecated.as_deref());
                    let (rust, codec) = self.output(output, *conditional, all, level);
                    let from = match (conditional, codec) {
                        (false, None) if index == 0 && fields.len() > TUPLE => {
                            format!(" as ({key:?})")
                        }
                        (false, None) if is_camel_case_of(key, name) => String::new(),
                        (false, None) => format!(" as {key:?}"),
                        (true, None) => format!(" as ({key:?}?)"),
                        (false, Some(codec)) => format!(" as ({key:?} as {codec})"),
                        (true, Some(codec)) => format!(" as ({key:?}? as {codec})"),
                    };
                    (rust, from)
                }
                Field::Spread {
                    fragment,
                    conditional,
                } => {
                    let rust = format!("{}{}", level.to_top(), self.names.fragment(fragment));
                    if *conditional {
                        (format!("Option<{rust}>"), " as (..?)".to_owned())
                    } else {
                        (rust, " as (..)".to_owned())
                    }
                }
            };
            self.field(&inner, name, &rust, &from);
        }
        let _ = writeln!(self.out, "{indent}}}");
    }

    fn content(&self, content: &Content, all: &[Members], level: Level) -> String {
        match content {
            Content::Local(index) => format!("{}{}", level.to_nested(), all[*index].name),
            Content::Fragment(name) => format!("{}{}", level.to_top(), self.names.fragment(name)),
        }
    }

    /// Whether a part of a field's type needs a codec.
    fn has_codec(&self, output: &Output) -> bool {
        match &output.kind {
            OutputKind::List(item) => self.has_codec(item),
            OutputKind::Leaf(leaf) => self.is_foreign(leaf),
            OutputKind::Selection(_) => false,
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

/// Whether rustc's lint `non_snake_case` has nothing to say.
fn is_snake_case(name: &str) -> bool {
    !name.trim_matches('_').contains("__") && !name.contains(|letter: char| letter.is_uppercase())
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
