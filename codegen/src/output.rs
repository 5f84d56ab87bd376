//! What a compilation gives back. Enter at [`Output`].

use crate::diagnostics::Diagnostic;
use std::time::Duration;

/// What a compilation made.
#[derive(Debug, Default)]
pub struct Output {
    /// The Rust code of everything that is valid; [`has_errors`](Self::has_errors) says whether
    /// that is everything.
    pub code: String,
    /// The operations in the code: name and the exact document that is sent.
    pub operations: Vec<(String, String)>,
    /// How many fragments are in the code.
    pub fragments: usize,
    /// The custom scalars in the code that are not mapped to a Rust type: newtypes over JSON.
    pub unmapped: Vec<String>,
    /// Errors, then warnings, each ordered by location.
    pub diagnostics: Vec<Diagnostic>,
    /// How long each stage took, in the order in which they run.
    pub stages: Vec<(&'static str, Duration)>,
    /// Where [`code`](Self::code) may be cut into files: the name of each, and the offset of its
    /// end.
    pub(crate) parts: Vec<(String, usize)>,
}

impl Output {
    /// Whether a diagnostic is an error, so that something is missing from the code.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// A note on the custom scalars that are not mapped, if there are any. It is not a diagnostic:
    /// nothing is wrong with them.
    pub fn note(&self) -> Option<String> {
        let names = match self.unmapped.as_slice() {
            [] => return None,
            [one] => format!(
                "the custom scalar `{one}` is not mapped to a Rust type: it is a newtype over JSON"
            ),
            many => format!(
                "the custom scalars `{}` are not mapped to Rust types: they are newtypes over JSON",
                many.join("`, `")
            ),
        };
        Some(format!("note: {names}"))
    }

    /// A scalar that is not mapped, and a Rust type that it could be mapped to: for a help line.
    pub fn mapping_example(&self) -> Option<(&str, &'static str)> {
        let unmapped = || self.unmapped.iter().map(String::as_str);
        // What the multipart request specification calls a file.
        let upload = unmapped().find(|name| *name == "Upload");
        upload
            .map(|name| (name, "attendium::Upload"))
            .or_else(|| Some((unmapped().next()?, "rust::Path")))
    }

    pub(crate) fn sort_diagnostics(&mut self) {
        self.diagnostics
            .sort_by(|a, b| (a.severity, a.order()).cmp(&(b.severity, b.order())));
    }
}
