//! Walks over valid documents that several stages need. Enter at [`spreads`].

use apollo_compiler::collections::HashSet;
use apollo_compiler::executable::{ExecutableDocument, Field, Fragment, Selection, SelectionSet};
use apollo_compiler::{Name, Node};

/// The fragments that a selection set spreads itself, at any depth, in order and each once.
pub fn spreads(set: &SelectionSet) -> Vec<&Name> {
    let mut found = Vec::new();
    let mut seen = HashSet::default();
    collect_spreads(set, &mut seen, &mut found);
    found
}

/// The fragments that selection sets reach, those within other fragments too, each once.
pub fn reached_fragments<'a>(
    document: &'a ExecutableDocument,
    sets: impl IntoIterator<Item = &'a SelectionSet>,
) -> Vec<&'a Node<Fragment>> {
    let mut found = Vec::new();
    let mut seen = HashSet::default();
    let mut queue: Vec<&Name> = sets.into_iter().flat_map(spreads).collect();
    while let Some(name) = queue.pop() {
        if seen.insert(name)
            && let Some(fragment) = document.fragments.get(name)
        {
            queue.extend(spreads(&fragment.selection_set));
            found.push(fragment);
        }
    }
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
