//! Types of selection sets: structs and unions.

use super::dedup;
use super::{Level, WIDTH, Writer, literal};
use crate::emit::units::{Nested, Written};
use crate::ir::names::TypeNames;
use crate::ir::{
    Field, FieldType, FieldTypeKind, Leaf, SelectionRef, SkippedDerive, Type, TypeShape,
};
use std::fmt::Write;

/// How many fields the runtime takes as a tuple at most (`Fields` has the implementations).
const TUPLE: usize = 32;

/// The derives that the macros write themselves where they stand behind a type's name.
pub(super) const IN_MACRO: &str = "Debug, Clone, PartialEq";

impl Writer<'_> {
    /// The types of a module, from the `first` on. That of the whole operation or fragment is always a type of its own.
    pub(super) fn nested(
        &mut self,
        types: &[Type],
        names: &[TypeNames],
        path: &str,
        first: usize,
    ) -> Vec<Nested> {
        let selections = dedup::fingerprints(types, names);
        let code = std::mem::take(&mut self.out);
        let all = types.iter().zip(names).zip(selections).enumerate();
        let nested = all.skip(first).map(|(index, ((ty, named), selection))| {
            let written = self.written(ty, named);
            let row = self.selection(ty, named, names, written, Level::Nested);
            let whose = if ty.path.first().is_some_and(|first| first == "Data") {
                String::new()
            } else {
                format!("`{}` — ", ty.on)
            };
            Nested {
                name: named.name.clone(),
                about: if ty.line > 0 {
                    format!("{whose}{path}:{}", ty.line)
                } else {
                    String::new()
                },
                code: std::mem::take(&mut self.out),
                row,
                written,
                selection: (index > 0).then_some(selection),
            }
        });
        let nested = nested.collect();
        self.out = code;
        nested
    }

    /// One type, as it stands in its macro or by itself. Returns its row in the table.
    pub(super) fn selection(
        &mut self,
        ty: &Type,
        names: &TypeNames,
        all: &[TypeNames],
        written: Written,
        level: Level,
    ) -> String {
        let indent = level.indent(written);
        let traits = self.traits(written.derived(), "", indent, &ty.skipped_derives);
        match &ty.shape {
            TypeShape::Struct(fields) => {
                self.structure(&traits, fields, names, all, written, level)
            }
            TypeShape::Union { variants, other } => {
                let head = format!("{}{traits}", names.name);
                self.open(indent, "enum", &head);
                let inner = format!("{indent}    ");
                for (variant, name) in variants.iter().zip(&names.members) {
                    let rust = self.content(&variant.selection, all, level);
                    let before = inner.len() + name.len() + rust.chars().count() + "(),".len();
                    let from = alternatives(&variant.type_names, &inner, before);
                    self.variant(&inner, name, &rust, &from);
                }
                let rust = match other {
                    Some(content) => self.content(content, all, level),
                    None => "::attendium::Other".into(),
                };
                let _ = writeln!(
                    self.out,
                    "{inner}/// Every other type, also one that the schema does not know yet."
                );
                self.variant(&inner, "Other", &rust, "");
                let _ = writeln!(self.out, "{indent}}}");
                String::new()
            }
        }
    }

    /// Whether the macros write the first of what is derived, and nothing of serde's.
    pub(super) fn derives_in_macro(&self) -> bool {
        let more = self.derives.strip_prefix(IN_MACRO);
        self.serde.is_empty() && more.is_some_and(|more| more.is_empty() || more.starts_with(','))
    }

    /// What is derived, on a line of its own; returns what stands behind the type's name: the traits that its macro writes.
    pub(super) fn traits(
        &mut self,
        derived: bool,
        more: &str,
        indent: &str,
        skipped_derives: &[SkippedDerive],
    ) -> String {
        if derived {
            let in_macro = |path: &str| IN_MACRO.split(", ").any(|other| other == path);
            self.derive_all_but(in_macro, indent, more, skipped_derives);
            format!(": {IN_MACRO}")
        } else {
            self.derive(indent, more, skipped_derives);
            self.serde.clone()
        }
    }

    /// What a type is written as.
    pub(super) fn written(&self, ty: &Type, names: &TypeNames) -> Written {
        let derived = self.derives_in_macro();
        let TypeShape::Struct(fields) = &ty.shape else {
            return if derived {
                Written::DerivedUnion
            } else {
                Written::Union
            };
        };
        if !self.serde.is_empty() && !fields.is_empty() {
            return Written::Plain;
        }
        let plain = fields.len() <= TUPLE
            && fields.iter().all(|field| match field {
                Field::Value {
                    conditional,
                    field_type: output,
                    ..
                } => !conditional && !self.has_codec(output),
                Field::Spread { .. } => false,
            });
        let quiet = |(field, name): (&Field, &String)| match field {
            Field::Value { deprecated, .. } => is_quiet(name, deprecated.as_deref()),
            Field::Spread { .. } => true,
        };
        let derived = derived && fields.iter().zip(&names.members).all(quiet);
        match (plain, derived) {
            _ if fields.is_empty() => Written::Struct,
            (true, true) => Written::Itself,
            (true, false) => Written::Plain,
            (false, true) => Written::DerivedStruct,
            (false, false) => Written::Struct,
        }
    }

    /// A struct. Returns its row, where it stands by itself: its name, all names, the types as a tuple, the fields.
    fn structure(
        &mut self,
        traits: &str,
        fields: &[Field],
        names: &TypeNames,
        all: &[TypeNames],
        written: Written,
        level: Level,
    ) -> String {
        let indent = level.indent(written);
        let TypeNames { name, members } = names;
        if fields.is_empty() {
            let _ = writeln!(self.out, "{indent}pub struct {name}{traits} {{}}");
            return String::new();
        }
        let itself = written == Written::Itself;
        let traits = if itself { "" } else { traits };
        self.open(indent, "struct", &format!("{name}{traits}"));
        let inner = format!("{indent}    ");
        let (mut texts, mut types) = (name.clone(), Vec::new());
        for (index, (field, member)) in fields.iter().zip(members).enumerate() {
            let (rust, from) = match field {
                Field::Value {
                    key,
                    conditional,
                    field_type: output,
                    description,
                    deprecated,
                } => {
                    self.docs(&inner, description.as_deref());
                    self.deprecated(&inner, deprecated.as_deref());
                    let (rust, codec) = self.output(output, *conditional, all, level);
                    let from = match (conditional, codec) {
                        _ if itself => {
                            texts.push_str(&in_text(key, member));
                            types.push(rust.clone());
                            String::new()
                        }
                        (false, None) if index == 0 && fields.len() > TUPLE => {
                            format!(" as ({key:?})")
                        }
                        (false, None) if is_camel_case_of(key, member) => String::new(),
                        (true, None) => format!(" as ({key:?}?)"),
                        (false, codec) => named(key, codec.as_deref()),
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
            self.field(&inner, member, &rust, &from);
        }
        let _ = writeln!(self.out, "{indent}}}");
        if !itself {
            return String::new();
        }
        let types = match types.as_slice() {
            [one] => format!("{one},"),
            types => types.join(", "),
        };
        let (texts, members) = (literal(&texts), members.join(" "));
        format!("{name} {texts} ({types}) {{ {members} }}")
    }

    fn content(&self, content: &SelectionRef, all: &[TypeNames], level: Level) -> String {
        match content {
            SelectionRef::Local(index) => format!("{}{}", level.to_nested(), all[*index].name),
            SelectionRef::Fragment(name) => {
                format!("{}{}", level.to_top(), self.names.fragment(name))
            }
        }
    }

    /// Whether a part of a field's type needs a codec.
    fn has_codec(&self, output: &FieldType) -> bool {
        match &output.kind {
            FieldTypeKind::List(item) => self.has_codec(item),
            FieldTypeKind::Leaf(leaf) => self.is_foreign(leaf),
            FieldTypeKind::Selection(_) => false,
        }
    }

    /// The Rust type of a field, and the codec where a part of it needs one.
    fn output(
        &self,
        output: &FieldType,
        conditional: bool,
        all: &[TypeNames],
        level: Level,
    ) -> (String, Option<String>) {
        let (rust, codec) = match &output.kind {
            FieldTypeKind::List(item) => {
                let (rust, codec) = self.output(item, false, all, level);
                (
                    format!("Vec<{rust}>"),
                    codec.map(|codec| format!("Vec<{codec}>")),
                )
            }
            FieldTypeKind::Leaf(leaf) => (
                self.leaf(leaf, level),
                self.is_foreign(leaf)
                    .then(|| "::attendium::json::Serde".to_owned()),
            ),
            FieldTypeKind::Selection(content) => (self.content(content, all, level), None),
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

/// ` as "A" | "B"`: on one line where it and what is before it have room there, and else on lines below, filled as words fill them.
fn alternatives(names: &[String], indent: &str, before: usize) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let line = format!(" as {}", names.join(" | "));
    if before + line.len() <= WIDTH {
        return line;
    }
    let (mut out, mut length) = (String::from(" as"), WIDTH);
    for (index, name) in names.iter().enumerate() {
        let bar = if index == 0 { "" } else { "| " };
        let word = bar.len() + name.len();
        // With a space before it and a comma that may follow.
        let gap = if length + word + " ,".len() > WIDTH {
            length = indent.len() + "    ".len() + word;
            format!("\n{indent}    ")
        } else {
            length += " ".len() + word;
            " ".to_owned()
        };
        out.push_str(&gap);
        out.push_str(bar);
        out.push_str(name);
    }
    out
}

/// ` as "name"`, or with the codec that the value goes through.
pub(super) fn named(name: &str, codec: Option<&str>) -> String {
    match codec {
        None => format!(" as {name:?}"),
        Some(codec) => format!(" as ({name:?} as {codec})"),
    }
}

/// A field in the text of names that a table has: its name, and the key in quotes where that does not say it.
pub(super) fn in_text(key: &str, field: &str) -> String {
    if is_camel_case_of(key, field) {
        format!(" {field}")
    } else {
        format!(" {field} {key:?}")
    }
}

/// Whether the runtime finds the key by the field's name: each underscore and the letter behind it stand for a capital
/// (`Key::of_field` is the other side of this).
pub(super) fn is_camel_case_of(key: &str, field: &str) -> bool {
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

/// Whether rustc says nothing where a macro uses such a field; with derives it never does.
pub(super) fn is_quiet(name: &str, deprecated: Option<&str>) -> bool {
    deprecated.is_none()
        && !name.trim_matches('_').contains("__")
        && !name.contains(|letter: char| letter.is_uppercase())
}

impl Leaf {
    /// Whether `impl Into<T>` serves as the type of a parameter: text and ids, which come as `&str` too.
    pub(super) fn takes_into(&self) -> bool {
        matches!(self, Leaf::String | Leaf::Id)
    }
}
