//! Fields that can't be merged: which two, and the operations in which they meet. Enter at
//! [`find_conflict`].

use apollo_compiler::Name;
use apollo_compiler::collections::{HashSet, IndexMap};
use apollo_compiler::executable::{ExecutableDocument, Field, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;

/// A conflict of two fields.
pub struct Conflict<'a> {
    pub field: &'a Field,
    pub other: &'a Field,
    pub span: Option<SourceSpan>,
    pub other_span: Option<SourceSpan>,
    /// The operations in which they are merged.
    pub operations: Vec<&'a Name>,
}

impl Conflict<'_> {
    /// Whether both fields stand in one operation or fragment.
    pub fn is_within_one_definition(&self, document: &ExecutableDocument) -> bool {
        let (Some(a), Some(b)) = (self.span, self.other_span) else {
            return true;
        };
        let operations = document
            .operations
            .iter()
            .map(|operation| operation.location());
        let fragments = document
            .fragments
            .values()
            .map(|fragment| fragment.location());
        operations.chain(fragments).flatten().any(|outer| {
            [a, b].iter().all(|inner| {
                outer.file_id() == inner.file_id()
                    && outer.offset() <= inner.offset()
                    && inner.offset() < outer.end_offset()
            })
        })
    }
}

/// How many fields are looked at: fragments that multiply have more than anybody wants to read.
const LIMIT: usize = 100_000;
/// How deep: fragments that reach themselves have no end.
const DEPTH: usize = 100;

/// The conflict of the field that stands there.
pub fn find_conflict(document: &ExecutableDocument, span: SourceSpan) -> Option<Conflict<'_>> {
    let mut found: Option<Conflict<'_>> = None;
    for (name, operation) in &document.operations.named {
        let mut search = ConflictSearch {
            document,
            span,
            left: LIMIT,
        };
        if let Some((field, other, other_span)) = search.sets(&[&operation.selection_set], DEPTH) {
            found
                .get_or_insert_with(|| Conflict {
                    field,
                    other,
                    span: Some(span),
                    other_span,
                    operations: Vec::new(),
                })
                .operations
                .push(name);
        }
    }
    found
}

struct ConflictSearch<'a> {
    document: &'a ExecutableDocument,
    span: SourceSpan,
    left: usize,
}

/// A field and where it stands.
type Placed<'a> = (&'a Field, Option<SourceSpan>);

impl<'a> ConflictSearch<'a> {
    /// In selection sets that are merged with each other.
    fn sets(
        &mut self,
        sets: &[&'a SelectionSet],
        depth: usize,
    ) -> Option<(&'a Field, &'a Field, Option<SourceSpan>)> {
        let mut fields: IndexMap<&'a Name, Vec<Placed<'a>>> = IndexMap::default();
        let mut seen = HashSet::default();
        for set in sets {
            self.collect(set, &mut seen, &mut fields);
        }
        for group in fields.values() {
            if let Some((field, _)) = group.iter().find(|(_, span)| *span == Some(self.span))
                && let Some((other, span)) = group.iter().find(|(other, _)| conflict(field, other))
            {
                return Some((field, other, *span));
            }
        }
        fields.values().find_map(|group| {
            let nested: Vec<&'a SelectionSet> = group
                .iter()
                .map(|(field, _)| &field.selection_set)
                .filter(|set| !set.selections.is_empty())
                .collect();
            if nested.is_empty() || self.left == 0 || depth == 0 {
                return None;
            }
            self.sets(&nested, depth - 1)
        })
    }

    fn collect(
        &mut self,
        set: &'a SelectionSet,
        seen: &mut HashSet<&'a Name>,
        fields: &mut IndexMap<&'a Name, Vec<Placed<'a>>>,
    ) {
        for selection in &set.selections {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return;
            }
            match selection {
                Selection::Field(field) => fields
                    .entry(field.response_key())
                    .or_default()
                    .push((field, field.location())),
                Selection::InlineFragment(inline) => {
                    self.collect(&inline.selection_set, seen, fields)
                }
                Selection::FragmentSpread(spread) => {
                    if seen.insert(&spread.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                    {
                        self.collect(&fragment.selection_set, seen, fields);
                    }
                }
            }
        }
    }
}

/// Whether two fields under one key differ in name, arguments or type.
fn conflict(a: &Field, b: &Field) -> bool {
    let has_all = |a: &Field, b: &Field| {
        a.arguments.iter().all(|argument| {
            b.arguments
                .iter()
                .any(|other| other.name == argument.name && other.value == argument.value)
        })
    };
    a.name != b.name || a.ty() != b.ty() || !has_all(a, b) || !has_all(b, a)
}
