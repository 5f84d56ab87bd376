//! What a user can decide about generated code. Enter at [`Options`].

/// Settings of a compilation. The default maps no scalar and derives `Debug`, `Clone` and
/// `PartialEq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Custom scalars and the Rust types that stand for them, such as
    /// `("DateTime", "jiff::Timestamp")`. A type has to implement serde's `Deserialize`, and
    /// `Serialize` where it is in a variable. A scalar that is not mapped becomes a newtype over
    /// JSON.
    pub scalars: Vec<(String, String)>,
    /// Paths to derive on every generated type besides the default ones. `Serialize` and
    /// `Deserialize` of serde are not derived but written compactly. `Copy`, `Default`, `Eq`,
    /// `Hash`, `Ord` and `PartialOrd` are left out, with a comment, where something in the type
    /// lacks them, as enums lack `Default`; types that scalars are mapped to have to have them.
    pub derives: Vec<String>,
    /// Whether `Debug`, `Clone` and `PartialEq` are derived. Without them the generated code
    /// compiles in half the time.
    pub default_derives: bool,
    /// Validation rules that documents may break; [`CONFLICTING_TYPES`](crate::CONFLICTING_TYPES)
    /// is the one there is.
    pub allow: Vec<String>,
    /// Lints to run, of [`LINTS`](crate::LINTS): warnings about what is valid.
    pub lints: Vec<String>,
    /// Whether equal selections of one GraphQL type are one Rust type, with aliases in all places
    /// but the first. Then an edit of one operation may change the type of another.
    pub share_selections: bool,
    /// The path under which generated code finds the crate `attendium`.
    pub crate_path: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scalars: Vec::new(),
            derives: Vec::new(),
            default_derives: true,
            allow: Vec::new(),
            lints: Vec::new(),
            share_selections: false,
            crate_path: "::attendium".to_owned(),
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

    /// What the table of a module says of serde's traits: `Serialize, Deserialize`.
    pub(crate) fn serde_list(&self) -> String {
        let wanted: Vec<&str> = ["Serialize", "Deserialize"]
            .into_iter()
            .filter(|name| self.derives.iter().any(|path| is_serde(path.trim(), name)))
            .collect();
        wanted.join(", ")
    }
}
