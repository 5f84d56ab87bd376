//! Selections so deep that rustc gives up on their types. Enter at [`check`].

use crate::diagnostics::{Diagnostic, Location};
use apollo_compiler::Name;
use apollo_compiler::ast::Type;
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::{ExecutableDocument, Selection, SelectionSet};

/// From how many levels on there is a warning, whatever they are made of.
const LEVELS: usize = 60;

/// How many types within types rustc certainly takes: its limit is 128, and the application's own
/// types are around these.
const TYPES: usize = 120;

/// How deep a selection set is.
#[derive(Debug, Default, Clone, Copy)]
struct Depth {
    /// Selection sets within each other.
    levels: usize,
    /// Rust types within each other: a struct, an `Option`, and the parts of a `Vec`.
    types: usize,
}

/// A warning for each operation whose types are nested more deeply than rustc takes by default.
pub fn check(document: &ExecutableDocument, operations: &[Name]) -> Vec<Diagnostic> {
    let mut known = HashMap::default();
    let mut warnings = Vec::new();
    for name in operations {
        let operation = &document.operations.named[name];
        let Depth { levels, types } = depth(document, &operation.selection_set, &mut known);
        if levels >= LEVELS || types >= TYPES {
            let location = Location::of_span(operation.location(), &document.sources);
            let message = format!(
                "the selections of `{name}` are nested {levels} levels deep, fragments included"
            );
            let limit = (types + 64).next_power_of_two().max(256);
            warnings.push(
                Diagnostic::warning(message)
                    .with_rule("nesting")
                    .with_location(location.map(|location| location.up_to(&['(', '@', '{'])))
                    .with_help(format!(
                        "where rustc reports an overflow, write `#![recursion_limit = \"{limit}\"]` \
                         at the top of the crate, or select less deeply"
                    )),
            );
        }
    }
    warnings
}

fn depth<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    known: &mut HashMap<&'a Name, Depth>,
) -> Depth {
    let mut deepest = Depth::default();
    for selection in &set.selections {
        let (below, levels, types) = match selection {
            Selection::Field(field) if field.selection_set.selections.is_empty() => continue,
            Selection::Field(field) => {
                let below = depth(document, &field.selection_set, known);
                (below, 1, 1 + wrappers(&field.definition.ty))
            }
            // A variant of a union, or nothing.
            Selection::InlineFragment(inline) => {
                (depth(document, &inline.selection_set, known), 0, 1)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.fragment_name;
                let below = match (known.get(name), document.fragments.get(name)) {
                    (Some(depth), _) => *depth,
                    (None, Some(fragment)) => depth(document, &fragment.selection_set, known),
                    (None, None) => continue,
                };
                known.insert(name, below);
                (below, 0, 1)
            }
        };
        deepest.levels = deepest.levels.max(below.levels + levels);
        deepest.types = deepest.types.max(below.types + types);
    }
    deepest
}

/// How many types stand around the one of a field: an `Option`, and of a `Vec` itself and what it
/// is made of.
fn wrappers(ty: &Type) -> usize {
    match ty {
        Type::Named(_) => 1,
        Type::NonNullNamed(_) => 0,
        Type::List(item) => 4 + wrappers(item),
        Type::NonNullList(item) => 3 + wrappers(item),
    }
}
