//! Selections so deep that rustc gives up on their types. Enter at [`check`].

use crate::diagnostics::{Diagnostic, Location};
use apollo_compiler::Name;
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::{ExecutableDocument, Selection, SelectionSet};

/// How many levels rustc's own limit of recursion, 128, certainly takes: a nullable field is two.
const LEVELS: usize = 60;

/// A warning for each operation whose types are nested more deeply than rustc takes by default.
pub fn check(document: &ExecutableDocument, operations: &[Name]) -> Vec<Diagnostic> {
    let mut known = HashMap::default();
    let mut warnings = Vec::new();
    for name in operations {
        let operation = &document.operations.named[name];
        let levels = levels(document, &operation.selection_set, &mut known);
        if levels >= LEVELS {
            let location = Location::of_span(operation.location(), &document.sources);
            let message = format!(
                "the selections of `{name}` are nested {levels} levels deep, fragments included"
            );
            warnings.push(
                Diagnostic::warning(message)
                    .with_rule("nesting")
                    .with_location(location.map(|location| location.up_to(&['(', '@', '{'])))
                    .with_help(
                        "where rustc says that queries overflow the depth limit, write \
                         `#![recursion_limit = \"512\"]` at the top of the crate, or select less \
                         deeply",
                    ),
            );
        }
    }
    warnings
}

/// How many selection sets lie within each other.
fn levels<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    known: &mut HashMap<&'a Name, usize>,
) -> usize {
    let below = set.selections.iter().map(|selection| match selection {
        Selection::Field(field) if field.selection_set.selections.is_empty() => 0,
        Selection::Field(field) => 1 + levels(document, &field.selection_set, known),
        Selection::InlineFragment(inline) => levels(document, &inline.selection_set, known),
        Selection::FragmentSpread(spread) => {
            let name = &spread.fragment_name;
            if let Some(levels) = known.get(name) {
                return *levels;
            }
            let Some(fragment) = document.fragments.get(name) else {
                return 0;
            };
            let found = levels(document, &fragment.selection_set, known);
            known.insert(name, found);
            found
        }
    });
    below.max().unwrap_or_default()
}
