//! What all items are written with: lines, derives, fields, paths of types. Enter at [`Emitter`].

use super::text::{WIDTH, broken, literal};
use crate::ir::names::Names;
use crate::ir::{Module, NamedType, SkippedDerive, SourceLine};
use crate::options::{Options, last_segment};
use std::fmt::Write;

/// What an item says to the lints of the crate that includes it. An included file can't say it
/// for all its items at once. Longer, rustfmt would break the line.
pub const ALLOW: &str =
    "#[allow(dead_code, missing_docs, bad_style, clippy::all, clippy::pedantic)]";

/// The same for methods, which set fields that may be deprecated.
pub const ALLOW_IN_METHODS: &str =
    "#[allow(dead_code, deprecated, bad_style, clippy::all, clippy::pedantic)]";

/// Writes items, and knows what all of them depend on.
pub struct Emitter<'a> {
    pub out: String,
    pub names: &'a Names,
    /// The path of the runtime crate.
    pub runtime: &'a str,
    /// What stands in `#[derive(…)]` of each type.
    pub derives: String,
    /// Which of serde's traits each type has, as the table says it.
    pub serde: String,
    /// Custom scalars that are mapped to a Rust type.
    pub scalars: std::collections::HashMap<&'a str, &'a str>,
}

impl<'a> Emitter<'a> {
    pub fn new(module: &'a Module, names: &'a Names, options: &'a Options) -> Self {
        Self {
            out: String::new(),
            names,
            runtime: &options.crate_path,
            derives: options.derive_list(),
            serde: options.serde_list(),
            scalars: module
                .scalars
                .iter()
                .filter_map(|scalar| Some((scalar.name.as_str(), scalar.rust.as_deref()?)))
                .collect(),
        }
    }
}

/// A Rust type, and the codec where a part of it needs one: a marker type that reads and writes its
/// values, such as `Option<rt::Serde>` (`src/json/codec.rs` of the runtime).
pub struct RustType {
    pub path: String,
    pub codec: Option<String>,
}

impl RustType {
    /// The type inside a generic one, and its codec likewise.
    pub fn within(self, wrapper: &str) -> Self {
        Self {
            path: format!("{wrapper}<{}>", self.path),
            codec: self.codec.map(|codec| format!("{wrapper}<{codec}>")),
        }
    }
}

impl Emitter<'_> {
    pub fn allow(&mut self) {
        let _ = writeln!(self.out, "{ALLOW}");
    }

    /// `#[derive(…)]`, where anything is derived, each trait once; before it, what is left out.
    pub fn derive(&mut self, indent: &str, more: &[&str], skipped: &[SkippedDerive]) {
        for SkippedDerive { path, because } in skipped {
            let _ = writeln!(self.out, "{indent}// No `{path}`: {because} has none.");
        }
        let is_skipped = |path: &str| skipped.iter().any(|one| one.path == path);
        let mut all: Vec<&str> = self
            .derives
            .split(", ")
            .filter(|path| !path.is_empty() && !is_skipped(path))
            .collect();
        for path in more {
            if !all.iter().any(|other| last_segment(other) == *path) {
                all.push(path);
            }
        }
        if !all.is_empty() {
            let _ = writeln!(self.out, "{indent}#[derive({})]", all.join(", "));
        }
    }

    /// `pub struct Name {`, or the same of an enum.
    pub fn open(&mut self, indent: &str, kind: &str, name: &str) {
        let head = format!("{indent}pub {kind} {name}");
        if head.chars().count() + 2 <= WIDTH {
            let _ = writeln!(self.out, "{head} {{");
        } else {
            let _ = writeln!(self.out, "{head}\n{indent}{{");
        }
    }

    /// `pub name: Type,`, on several lines where one is too long, as rustfmt would.
    pub fn field(&mut self, indent: &str, name: &str, rust: &str) {
        let fits = |before: usize| before + rust.chars().count() < WIDTH;
        if fits(indent.len() + "pub : ".len() + name.chars().count()) {
            let _ = writeln!(self.out, "{indent}pub {name}: {rust},");
        } else if fits(indent.len() + 4) {
            let _ = writeln!(self.out, "{indent}pub {name}:\n{indent}    {rust},");
        } else {
            let _ = writeln!(self.out, "{indent}pub {name}: {},", broken(rust, indent));
        }
    }

    /// `Name(Type),` of an enum.
    pub fn variant(&mut self, indent: &str, name: &str, rust: &str) {
        let line = format!("{indent}{name}({rust}),");
        if line.chars().count() <= WIDTH {
            let _ = writeln!(self.out, "{line}");
        } else {
            let _ = writeln!(self.out, "{indent}{name}(\n{indent}    {rust},\n{indent}),");
        }
    }

    pub fn deprecated(&mut self, indent: &str, reason: Option<&str>) {
        if let Some(reason) = reason {
            let _ = writeln!(self.out, "{indent}#[deprecated = {}]", literal(reason));
        }
    }

    /// The type of a leaf, for an item at the top or in a module below it.
    pub fn named_type(&self, leaf: &NamedType, level: Level) -> RustType {
        let path = match leaf {
            NamedType::Int => "i32".into(),
            NamedType::Float => "f64".into(),
            NamedType::String => "String".into(),
            NamedType::Boolean => "bool".into(),
            NamedType::Id => format!("{}::Id", self.runtime),
            NamedType::Enum(name) | NamedType::Scalar(name) | NamedType::Input(name) => {
                format!("{}{}", level.to_top(), self.names.named_type(name))
            }
        };
        let codec = self
            .is_foreign(leaf)
            .then(|| format!("{}::rt::Serde", self.runtime));
        RustType { path, codec }
    }

    /// `Maybe<T>`, for values that may be absent, null or there.
    pub fn maybe(&self, rust: RustType) -> RustType {
        rust.within(&format!("{}::Maybe", self.runtime))
    }

    /// Whether a leaf is a Rust type that the runtime does not know, and goes through serde.
    pub fn is_foreign(&self, leaf: &NamedType) -> bool {
        match leaf {
            NamedType::Scalar(name) => self
                .scalars
                .get(name.as_str())
                .is_some_and(|rust| !is_native(rust)),
            _ => false,
        }
    }
}

/// Types that the runtime reads and writes itself.
fn is_native(rust: &str) -> bool {
    matches!(
        rust.trim_start_matches("::"),
        "String"
            | "bool"
            | "i32"
            | "i64"
            | "u64"
            | "f64"
            | "attendium::Id"
            | "attendium::Json"
            | "attendium::RawJson"
            | "attendium::Upload"
            | "serde_json::Value"
            | "std::string::String"
    )
}

/// Where an item stands: at the top, beside the module of its own nested types, or in such a
/// module.
#[derive(Clone, Copy)]
pub enum Level<'a> {
    Top(&'a str),
    Nested,
}

impl Level<'_> {
    pub fn to_top(self) -> &'static str {
        match self {
            Level::Top(_) => "",
            Level::Nested => "super::",
        }
    }

    pub fn to_nested(self) -> String {
        match self {
            Level::Top(module) => format!("{module}::"),
            Level::Nested => String::new(),
        }
    }

    pub fn indent(self) -> &'static str {
        match self {
            Level::Top(_) => "",
            Level::Nested => "    ",
        }
    }
}

pub fn path_and_line(location: &SourceLine) -> String {
    format!("{}:{}", location.path, location.line)
}
