//! Which definitions are valid in spite of errors elsewhere. Enter at [`Validity`].

use crate::diagnostics::Diagnostic;
use crate::walk::spreads;
use apollo_compiler::Name;
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::parser::{FileId, SourceMap, SourceSpan};
use std::ops::Range;

/// An operation or a fragment by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Definition {
    Operation(Name),
    Fragment(Name),
}

/// Where a definition stands.
pub struct DefinitionRange {
    pub file: FileId,
    pub range: Range<usize>,
    pub definition: Definition,
}

/// The definitions of all documents, and which of them are invalid.
pub struct Validity {
    ranges: Vec<DefinitionRange>,
    invalid: HashSet<Definition>,
}

impl Validity {
    /// All definitions are valid at first.
    pub fn new(ranges: Vec<DefinitionRange>) -> Self {
        Self {
            ranges,
            invalid: HashSet::default(),
        }
    }

    /// Marks an operation as invalid.
    pub fn mark_operation(&mut self, name: Name) {
        self.invalid.insert(Definition::Operation(name));
    }

    /// Marks the definition that a span is in.
    pub fn mark_span(&mut self, span: SourceSpan) {
        self.mark(span.offset(), |file| file == span.file_id());
    }

    /// Marks the definitions that diagnostics are in.
    pub fn mark_locations(&mut self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        for location in diagnostics.iter().filter_map(|each| each.location.as_ref()) {
            self.mark(location.offset, |file| {
                let source = sources.get(&file);
                source.is_some_and(|source| source.path().to_string_lossy() == location.path)
            });
        }
    }

    fn mark(&mut self, offset: usize, is_file: impl Fn(FileId) -> bool) {
        for each in &self.ranges {
            if each.range.contains(&offset) && is_file(each.file) {
                self.invalid.insert(each.definition.clone());
            }
        }
    }

    /// The names of the operations, and of the fragments, that are valid and reach no invalid
    /// fragment.
    pub fn valid_definitions(&self, document: &ExecutableDocument) -> (Vec<Name>, Vec<Name>) {
        let invalid = &self.invalid;
        let mut direct: HashMap<&Name, Vec<&Name>> = HashMap::default();
        for (name, fragment) in &document.fragments {
            direct.insert(name, spreads(&fragment.selection_set));
        }
        let mut bad: HashSet<&Name> = HashSet::default();
        for name in document.fragments.keys() {
            if invalid.contains(&Definition::Fragment(name.clone())) {
                bad.insert(name);
            }
        }
        // A fragment that spreads a bad one is bad: repeat until nothing changes.
        let is_bad = |bad: &HashSet<&Name>, name: &Name| {
            bad.contains(name) || !document.fragments.contains_key(name)
        };
        loop {
            let more: Vec<&Name> = direct
                .iter()
                .filter(|(name, spreads)| {
                    !bad.contains(**name) && spreads.iter().any(|spread| is_bad(&bad, spread))
                })
                .map(|(name, _)| *name)
                .collect();
            if more.is_empty() {
                break;
            }
            bad.extend(more);
        }
        let operations = document
            .operations
            .named
            .iter()
            .filter(|(name, operation)| {
                !invalid.contains(&Definition::Operation((*name).clone()))
                    && !spreads(&operation.selection_set)
                        .iter()
                        .any(|spread| is_bad(&bad, spread))
            })
            .map(|(name, _)| name.clone())
            .collect();
        let fragments = document
            .fragments
            .keys()
            .filter(|name| !bad.contains(*name))
            .cloned()
            .collect();
        (operations, fragments)
    }
}
