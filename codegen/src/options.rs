//! What a user can decide about generated code. Enter at [`Options`].

use crate::diagnostics::{Diagnostic, near_miss};
use crate::document::CONFLICTING_TYPES;
use crate::ir::derives::Derive;
use crate::lints::LINTS;
use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;

/// Settings of a compilation. The default maps no scalar and derives `Debug`, `Clone` and `PartialEq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Custom scalars and the Rust types that stand for them, such as `("DateTime", "jiff::Timestamp")`. A type has to
    /// implement serde's `Deserialize`, and `Serialize` where it is in a variable. A scalar that is not mapped becomes
    /// a newtype over JSON.
    pub scalars: Vec<(String, String)>,
    /// Paths to derive on every generated type besides the default ones. `Serialize` and `Deserialize` of serde are not
    /// derived but written compactly. `Copy`, `Default`, `Eq`, `Hash`, `Ord` and `PartialOrd` are left out, with a comment, where
    /// something in the type lacks them, as enums lack `Default`; types that scalars are mapped to have to have them.
    pub derives: Vec<String>,
    /// Whether `Debug`, `Clone` and `PartialEq` are derived. Without them the generated code compiles in half the time.
    pub default_derives: bool,
    /// Validation rules that documents may break; [`CONFLICTING_TYPES`] is the one there is.
    pub allow: Vec<String>,
    /// Lints to run, of [`LINTS`](crate::LINTS): warnings about what is valid.
    pub lints: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scalars: Vec::new(),
            derives: Vec::new(),
            default_derives: true,
            allow: Vec::new(),
            lints: Vec::new(),
        }
    }
}

/// The last part of a path.
pub(crate) fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Names of a derive of serde.
fn is_serde(path: &str, name: &str) -> bool {
    path == name || path.trim_start_matches("::") == format!("serde::{name}")
}

impl Options {
    /// What stands in `#[derive(…)]`.
    pub(crate) fn derive_list(&self) -> String {
        let mut all: Vec<&str> = if self.default_derives {
            vec!["Debug", "Clone", "PartialEq"]
        } else {
            Vec::new()
        };
        let more = self.derives.iter().map(|path| path.trim());
        for path in
            more.filter(|path| !is_serde(path, "Serialize") && !is_serde(path, "Deserialize"))
        {
            if !all.iter().any(|other| last(other) == last(path)) {
                all.push(path);
            }
        }
        all.join(", ")
    }

    /// What stands behind the type in a table: `: Serialize, Deserialize`.
    pub(crate) fn serde_list(&self) -> String {
        let wanted: Vec<&str> = ["Serialize", "Deserialize"]
            .into_iter()
            .filter(|name| self.derives.iter().any(|path| is_serde(path.trim(), name)))
            .collect();
        if wanted.is_empty() {
            String::new()
        } else {
            format!(": {}", wanted.join(", "))
        }
    }

    /// What is wrong with the settings, given the schema.
    pub(crate) fn check(&self, schema: &Schema) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        let scalars = || {
            schema
                .types
                .values()
                .filter(|definition| matches!(definition, ExtendedType::Scalar(_)))
                .map(|definition| definition.name().as_str())
        };
        for (name, rust) in &self.scalars {
            if !scalars().any(|scalar| scalar == name)
                && !matches!(name.as_str(), "Int" | "Float" | "String" | "Boolean" | "ID")
            {
                let error = Diagnostic::warning(format!(
                    "the schema has no scalar `{name}`, which is mapped to `{rust}`"
                ));
                wrong.push(match near_miss(name, scalars()) {
                    Some(near) => error.with_help(format!("did you mean `{near}`?")),
                    None => error.with_help("remove the mapping"),
                });
            }
            if !is_type(rust) {
                wrong.push(
                    Diagnostic::error(format!("`{rust}`, which scalar `{name}` is mapped to, is not a Rust type"))
                        .with_help("write a path, with arguments where it has them: `jiff::Timestamp`, `chrono::DateTime<chrono::Utc>`"),
                );
            }
        }
        for path in &self.derives {
            if !is_type(path) || path.contains('<') {
                wrong.push(
                    Diagnostic::error(format!("`{path}`, which is to be derived, is not a path"))
                        .with_help("write the path of a derive macro: `serde::Serialize`"),
                );
            }
        }
        let derived = self.derive_list();
        let is_derived = |name: &str| derived.split(", ").any(|path| last(path) == name);
        for path in &self.derives {
            let needs = Derive::of(path.trim()).map_or(&[][..], Derive::needs);
            if let Some(missing) = needs.iter().find(|name| !is_derived(name)) {
                wrong.push(
                    Diagnostic::error(format!(
                        "`{path}`, which is to be derived, needs `{missing}`"
                    ))
                    .with_help(format!("derive `{missing}` too")),
                );
            }
        }
        for lint in &self.lints {
            if !LINTS.contains(&lint.as_str()) {
                wrong.push(
                    Diagnostic::error(format!("`{lint}` is not a lint"))
                        .with_help(format!("the lints are `{}`", LINTS.join("`, `"))),
                );
            }
        }
        for rule in &self.allow {
            if rule != CONFLICTING_TYPES {
                wrong.push(
                    Diagnostic::error(format!("`{rule}` is not a rule that can be allowed"))
                        .with_help(format!("`{CONFLICTING_TYPES}` is")),
                );
            }
        }
        wrong
    }
}

/// Whether a text can be a path with generic arguments: a coarse check, so that nothing else gets into the code.
fn is_type(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut start = true;
    for part in text.chars() {
        match part {
            '<' if !start => depth += 1,
            '>' if depth > 0 && !start => depth -= 1,
            ',' | ' ' if depth > 0 => {}
            ':' | '#' => {}
            c if c.is_alphabetic() || c == '_' || (c.is_numeric() && !start) => {}
            _ => return false,
        }
        start = matches!(part, '<' | ',' | ' ');
    }
    depth == 0 && !text.is_empty() && !start && !text.ends_with(':')
}
