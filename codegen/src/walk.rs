//! Walks over valid documents that several stages need. Enter at [`spreads`].

use apollo_compiler::Name;
use apollo_compiler::collections::HashSet;
use apollo_compiler::executable::{Field, Selection, SelectionSet};

/// The fragments that a selection set spreads itself, at any depth, in order and each once.
pub fn spreads(set: &SelectionSet) -> Vec<&Name> {
    let mut found = Vec::new();
    let mut seen = HashSet::default();
    collect_spreads(set, &mut seen, &mut found);
    found
}

fn collect_spreads<'a>(
    set: &'a SelectionSet,
    seen: &mut HashSet<&'a Name>,
    found: &mut Vec<&'a Name>,
) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => collect_spreads(&field.selection_set, seen, found),
            Selection::InlineFragment(inline) => {
                collect_spreads(&inline.selection_set, seen, found)
            }
            Selection::FragmentSpread(spread) => {
                if seen.insert(&spread.fragment_name) {
                    found.push(&spread.fragment_name);
                }
            }
        }
    }
}

/// Whether a field is `__typename` under its own name.
pub fn is_typename(field: &Field) -> bool {
    field.name == "__typename"
        && field
            .alias
            .as_ref()
            .is_none_or(|alias| alias == "__typename")
}
