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

/// How many objects and lists within each other the runtime reads below `data`: 128 with the
/// response and `data` themselves.
const READ: usize = 126;

/// How deep a selection set is.
#[derive(Debug, Default, Clone, Copy)]
struct Depth {
    /// Selection sets within each other.
    levels: usize,
    /// Rust types within each other: a struct, an `Option`, and the parts of a `Vec`.
    types: usize,
    /// Objects and lists within each other in an answer.
    json: usize,
}

/// A warning for each operation whose types are nested more deeply than rustc takes by default.
pub fn check(document: &ExecutableDocument, operations: &[Name]) -> Vec<Diagnostic> {
    let mut known = HashMap::default();
    let mut warnings = Vec::new();
    for name in operations {
        let operation = &document.operations.named[name];
        let depth = depth(document, &operation.selection_set, &mut known);
        let Depth { levels, types, .. } = depth;
        let location = Location::of_span(operation.location(), &document.sources);
        let location = location.map(|location| location.up_to(&['(', '@', '{']));
        if levels >= LEVELS || types >= TYPES {
            let message = format!(
                "the selections of `{name}` are nested {levels} levels deep, fragments included"
            );
            let limit = (types + 64).next_power_of_two().max(256);
            warnings.push(
                Diagnostic::warning(message)
                    .with_rule("nesting")
                    .with_location(location.clone())
                    .with_help(format!(
                        "where rustc reports an overflow, write \
                         `#![recursion_limit = \"{limit}\"]` at the top of the crate, or select \
                         less deeply"
                    )),
            );
        }
        if depth.json > READ {
            let message = format!(
                "answers to `{name}` may be nested {} levels deep, lists included, and are read to \
                 {READ}",
                depth.json
            );
            warnings.push(
                Diagnostic::warning(message)
                    .with_rule("nesting")
                    .with_location(location)
                    .with_help("select less deeply: a deeper answer is an error when it is read"),
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
        let (below, levels, types, json) = match selection {
            Selection::Field(field) if field.selection_set.selections.is_empty() => continue,
            Selection::Field(field) => {
                let below = depth(document, &field.selection_set, known);
                let ty = &field.definition.ty;
                (below, 1, 1 + wrappers(ty), 1 + lists(ty))
            }
            // A variant of a union, or nothing.
            Selection::InlineFragment(inline) => {
                (depth(document, &inline.selection_set, known), 0, 1, 0)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.fragment_name;
                let below = match (known.get(name), document.fragments.get(name)) {
                    (Some(depth), _) => *depth,
                    (None, Some(fragment)) => depth(document, &fragment.selection_set, known),
                    (None, None) => continue,
                };
                known.insert(name, below);
                (below, 0, 1, 0)
            }
        };
        deepest.levels = deepest.levels.max(below.levels + levels);
        deepest.json = deepest.json.max(below.json + json);
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

/// How many lists a field has around its objects.
fn lists(ty: &Type) -> usize {
    match ty {
        Type::Named(_) | Type::NonNullNamed(_) => 0,
        Type::List(item) | Type::NonNullList(item) => 1 + lists(item),
    }
}
