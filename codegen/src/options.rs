//! What a user can decide about generated code. Enter at [`Options`].

use crate::rules::{Lint, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// Settings of a compilation. The default maps no scalar and derives `Debug`, `Clone` and
/// `PartialEq`.
///
/// ```
/// use attendium_codegen::{Lint, Options};
///
/// let options = Options::default()
///     .scalar("DateTime", "jiff::Timestamp")
///     .derive("serde::Serialize")
///     .lint(Lint::Deprecated);
/// assert_eq!(options.scalars["DateTime"], "jiff::Timestamp");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The Rust type that stands for each custom scalar, such as `jiff::Timestamp` for `DateTime`.
    /// A type has to implement serde's `Deserialize`, and `Serialize` where it is in a variable. A
    /// scalar that is not mapped becomes a newtype over JSON.
    pub scalars: BTreeMap<String, String>,
    /// Paths to derive on every generated type besides the default ones. `Serialize` and
    /// `Deserialize` of serde are not derived but written compactly. `Copy`, `Default`, `Eq`,
    /// `Hash`, `Ord` and `PartialOrd` are left out, with a comment, where something in the type
    /// lacks them, as enums lack `Default`; types that scalars are mapped to have to have them.
    pub derives: Vec<String>,
    /// Whether `Debug`, `Clone` and `PartialEq` are derived. Without them the generated code
    /// compiles in half the time.
    pub default_derives: bool,
    /// Validation rules that documents may break.
    pub allow: BTreeSet<Rule>,
    /// Lints to run: warnings about what is valid.
    pub lints: BTreeSet<Lint>,
    /// Whether equal selections of one GraphQL type are one Rust type, with aliases in all places
    /// but the first. Then an edit of one operation may change the type of another.
    pub share_selections: bool,
    /// The path under which generated code finds the crate `attendium`.
    pub crate_path: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scalars: BTreeMap::new(),
            derives: Vec::new(),
            default_derives: true,
            allow: BTreeSet::new(),
            lints: BTreeSet::new(),
            share_selections: false,
            crate_path: "::attendium".to_owned(),
        }
    }
}

impl Options {
    /// Maps a custom scalar to a Rust type, in place of an earlier mapping; see
    /// [`scalars`](Self::scalars).
    #[must_use]
    pub fn scalar(mut self, name: impl Into<String>, rust: impl Into<String>) -> Self {
        self.scalars.insert(name.into(), rust.into());
        self
    }

    /// Derives one more trait on every generated type that can have it; see
    /// [`derives`](Self::derives).
    #[must_use]
    pub fn derive(mut self, path: impl Into<String>) -> Self {
        self.derives.push(path.into());
        self
    }

    /// Derives `Debug`, `Clone` and `PartialEq`, or none of them; see
    /// [`default_derives`](Self::default_derives).
    #[must_use]
    pub fn default_derives(mut self, derive: bool) -> Self {
        self.default_derives = derive;
        self
    }

    /// Lets documents break a rule.
    #[must_use]
    pub fn allow(mut self, rule: Rule) -> Self {
        self.allow.insert(rule);
        self
    }

    /// Warns of what is valid and still worth a word.
    #[must_use]
    pub fn lint(mut self, lint: Lint) -> Self {
        self.lints.insert(lint);
        self
    }

    /// Makes equal selections one type; see [`share_selections`](Self::share_selections).
    #[must_use]
    pub fn share_selections(mut self, share: bool) -> Self {
        self.share_selections = share;
        self
    }

    /// Names the path of the crate `attendium`; see [`crate_path`](Self::crate_path).
    #[must_use]
    pub fn crate_path(mut self, path: impl Into<String>) -> Self {
        self.crate_path = path.into();
        self
    }
}

/// The last segment of a path.
pub(crate) fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Names of a derive of serde.
fn is_serde(path: &str, name: &str) -> bool {
    path == name || path.trim_start_matches("::") == format!("serde::{name}")
}

impl Options {
    /// Whether a scalar is mapped to a Rust type.
    pub(crate) fn maps(&self, scalar: &str) -> bool {
        self.scalars.contains_key(scalar)
    }

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
            if !all
                .iter()
                .any(|other| last_segment(other) == last_segment(path))
            {
                all.push(path);
            }
        }
        all.join(", ")
    }

    /// What the table of a module says of serde's traits: `Serialize, Deserialize`.
    pub(crate) fn serde_list(&self) -> String {
        let wanted: Vec<&str> = ["Serialize", "Deserialize"]
            .into_iter()
            .filter(|name| self.derives.iter().any(|path| is_serde(path.trim(), name)))
            .collect();
        wanted.join(", ")
    }
}
