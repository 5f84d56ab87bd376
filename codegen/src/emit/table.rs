//! The table behind the items of a module: one call of `impl_graphql!`, a row for each type.

use super::emitter::Emitter;
use super::text::{WIDTH, literal};
use std::fmt::Write;

/// How many plain fields the runtime takes at once: the largest tuple of `Fields` in
/// `src/json/fields.rs`. A row of more ends in a comma, which chooses another arm of
/// `__read_object!`.
const TUPLE: usize = 32;

/// The rows of one call, each as it stands there without its indentation.
#[derive(Default)]
pub struct Table(Vec<Row>);

struct Row {
    /// The kind of the type and its name: `object Event`.
    head: String,
    body: Body,
}

enum Body {
    /// Fields or variants, filled into lines.
    Members(Vec<String>),
    /// One line each.
    Lines(Vec<String>),
    /// `scalar DateTime;`
    NameOnly,
}

impl Table {
    /// A row of fields or variants.
    pub fn members(&mut self, kind: &str, name: &str, mut members: Vec<String>) {
        if members.len() > TUPLE
            && let Some(last) = members.last_mut()
        {
            last.push(',');
        }
        self.push(kind, name, Body::Members(members));
    }

    /// A row of lines.
    pub fn lines(&mut self, kind: &str, name: &str, lines: Vec<String>) {
        self.push(kind, name, Body::Lines(lines));
    }

    /// A row of a name alone.
    pub fn name(&mut self, kind: &str, name: &str) {
        self.push(kind, name, Body::NameOnly);
    }

    fn push(&mut self, kind: &str, name: &str, body: Body) {
        let head = format!("{kind} {name}");
        self.0.push(Row { head, body });
    }
}

impl Emitter<'_> {
    /// Writes the call with its rows, if there are any.
    pub(super) fn table(&mut self, indent: &str, table: &Table) {
        if table.0.is_empty() {
            return;
        }
        let _ = writeln!(self.out, "\n{indent}{}::impl_graphql! {{", self.runtime);
        let inner = format!("{indent}    ");
        if !self.serde.is_empty() {
            let _ = writeln!(self.out, "{inner}#![derive({})]", self.serde);
        }
        for Row { head, body } in &table.0 {
            match body {
                Body::NameOnly => {
                    let _ = writeln!(self.out, "{inner}{head};");
                }
                Body::Lines(lines) => {
                    let _ = writeln!(self.out, "{inner}{head} {{");
                    for line in lines {
                        let _ = writeln!(self.out, "{inner}    {line},");
                    }
                    let _ = writeln!(self.out, "{inner}}}");
                }
                Body::Members(members) => {
                    let _ = match members.as_slice() {
                        [] => writeln!(self.out, "{inner}{head} {{}}"),
                        members => {
                            let row = filled(&format!("{inner}{head} {{"), &inner, members);
                            writeln!(self.out, "{row} }}")
                        }
                    };
                }
            }
        }
        let _ = writeln!(self.out, "{indent}}}");
    }
}

/// Words with commas between them behind a text, as many on a line as it has room for. The
/// alternatives of a word, `"A" | "B"`, may stand on several lines.
fn filled(head: &str, indent: &str, words: &[String]) -> String {
    let mut out = head.to_owned();
    let mut length = head.chars().count();
    let mut is_first = true;
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        let mut parts = word.split(" | ").peekable();
        let mut bar = "";
        while let Some(part) = parts.next() {
            let end = if parts.peek().is_none() { comma } else { "" };
            // A space before it, and a comma or a space and a brace behind it.
            let width = bar.len() + part.chars().count() + 1;
            if length + width + 2 > WIDTH && !is_first {
                out.push('\n');
                out.push_str(indent);
                out.push_str("   ");
                length = indent.len() + 3;
            }
            for text in [" ", bar, part, end] {
                out.push_str(text);
            }
            length += width + end.len();
            is_first = false;
            bar = "| ";
        }
    }
    out
}

/// Whether the runtime finds the key by the field's name: each underscore and the letter behind it
/// stand for a capital (`Key::of_field` is the other side of this).
pub fn is_camel_case_of(key: &str, field: &str) -> bool {
    let mut camel = String::new();
    let mut left = field.strip_prefix("r#").unwrap_or(field);
    while let Some((before, behind)) = left.split_once('_') {
        camel.push_str(before);
        left = behind;
        match behind.chars().next().filter(char::is_ascii_lowercase) {
            Some(letter) => {
                camel.push(letter.to_ascii_uppercase());
                left = &behind[1..];
            }
            None => camel.push('_'),
        }
    }
    camel.push_str(left);
    camel == key
}

/// A field as its row has it: the name, the key where the name does not say it, whether it is
/// conditional, and its codec.
pub fn field(name: &str, key: &str, conditional: bool, codec: Option<&str>) -> String {
    let mut out = name.to_owned();
    if !is_camel_case_of(key, name) {
        let _ = write!(out, ": {key:?}");
    }
    if conditional {
        out.push('?');
    }
    if let Some(codec) = codec {
        let _ = write!(out, " as {codec}");
    }
    out
}

/// A fragment under `@defer` as its row has it: the name and the label.
pub fn deferred(name: &str, label: &str) -> String {
    // A bar in the literal would be taken for one between alternatives where the row is filled.
    let label = literal(label).replace('|', "\\u{7c}");
    format!("..{name} @ {label}")
}
