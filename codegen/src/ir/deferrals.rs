//! The fragments under `@defer`: what each is called, and the label by which its part of an answer
//! is known. Enter at [`Deferrals::find`].
//!
//! A server names a part by the path of its object and the label of the directive, so each label is
//! unique in the operation. Where the document has none, one is made from the place in the
//! definition: an edit of one definition changes no label of another.

use apollo_compiler::Name;
use apollo_compiler::ast::{DirectiveList, Value};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::{
    ExecutableDocument, FragmentSpread, InlineFragment, Selection, SelectionSet,
};

/// The fragments under `@defer`, by address: the document is neither changed nor moved while it is
/// compiled.
#[derive(Debug, Default)]
pub struct Deferrals {
    spreads: HashMap<*const FragmentSpread, Deferral>,
    inline: HashMap<*const InlineFragment, Deferral>,
}

/// A fragment under `@defer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// What the field is called after: the fragment's name, the label, or `deferred`.
    pub name: String,
    pub label: String,
    /// Whether the document has the label. Else it is added to what is sent.
    pub is_written: bool,
}

impl Deferrals {
    /// Finds those of the definitions.
    pub fn find(document: &ExecutableDocument, operations: &[Name], fragments: &[Name]) -> Self {
        let mut found = Self::default();
        for name in fragments {
            let walk = Walk::new(format!("{name}/"), &mut found);
            walk.definition(&document.fragments[name].selection_set);
        }
        for name in operations {
            // What stands before the slash keeps labels of several definitions apart.
            let walk = Walk::new("/".to_owned(), &mut found);
            walk.definition(&document.operations.named[name].selection_set);
        }
        found
    }

    /// What is known of a spread, if it is under `@defer`.
    pub fn of_spread(&self, spread: &FragmentSpread) -> Option<&Deferral> {
        self.spreads.get(&std::ptr::from_ref(spread))
    }

    /// What is known of an inline fragment, if it is under `@defer`.
    pub fn of_inline(&self, inline: &InlineFragment) -> Option<&Deferral> {
        self.inline.get(&std::ptr::from_ref(inline))
    }
}

/// The walk through one definition.
struct Walk<'f> {
    prefix: String,
    labels: HashSet<String>,
    found: &'f mut Deferrals,
}

impl<'f> Walk<'f> {
    fn new(prefix: String, found: &'f mut Deferrals) -> Self {
        Self {
            prefix,
            labels: HashSet::default(),
            found,
        }
    }

    fn definition(mut self, set: &SelectionSet) {
        self.set(set, "");
    }

    /// `path` is that of the response keys, each with a dot behind it.
    fn set(&mut self, set: &SelectionSet, path: &str) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    if !field.selection_set.selections.is_empty() {
                        let path = format!("{path}{}.", field.response_key());
                        self.set(&field.selection_set, &path);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if let Some(deferral) = self.deferral(&spread.directives, path, Some(name)) {
                        let address = std::ptr::from_ref::<FragmentSpread>(spread);
                        self.found.spreads.insert(address, deferral);
                    }
                }
                Selection::InlineFragment(inline) => {
                    if let Some(deferral) = self.deferral(&inline.directives, path, None) {
                        let address = std::ptr::from_ref::<InlineFragment>(inline);
                        self.found.inline.insert(address, deferral);
                    }
                    self.set(&inline.selection_set, path);
                }
            }
        }
    }

    fn deferral(
        &mut self,
        directives: &DirectiveList,
        path: &str,
        fragment: Option<&str>,
    ) -> Option<Deferral> {
        if !is_deferred(directives) {
            return None;
        }
        let written = label(directives);
        let named = fragment.map_or_else(|| written.and_then(as_name), |name| Some(name.into()));
        let base = named.clone().unwrap_or_else(|| "deferred".to_owned());
        // The second of its kind in one place is called by its number.
        let mut name = base.clone();
        let mut made = format!("{}{path}{name}", self.prefix);
        let mut number = 1;
        while !self.labels.insert(made.clone()) {
            number += 1;
            name = format!("{base}_{number}");
            made = format!("{}{path}{name}", self.prefix);
        }
        Some(Deferral {
            name,
            label: written.map_or(made, str::to_owned),
            is_written: written.is_some(),
        })
    }
}

/// Whether a fragment is under `@defer`, which `if: false` takes back.
pub fn is_deferred(directives: &DirectiveList) -> bool {
    directives.get("defer").is_some_and(|directive| {
        let condition = directive.specified_argument_by_name("if");
        condition.is_none_or(|value| !matches!(value.as_ref(), Value::Boolean(false)))
    })
}

/// The label that the document gives to `@defer`.
fn label(directives: &DirectiveList) -> Option<&str> {
    let label = directives.get("defer")?.specified_argument_by_name("label");
    label?.as_str()
}

/// A label as a GraphQL name, as far as it has letters and digits.
fn as_name(label: &str) -> Option<String> {
    let words = label.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let name = words.join("_");
    match name.chars().next()? {
        first if first.is_ascii_digit() => Some(format!("deferred_{name}")),
        _ => Some(name),
    }
}

/// Whether `@defer` or `@stream` is in a selection set or a fragment that it reaches.
pub fn is_incremental(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    let mut reached: HashSet<&Name> = HashSet::default();
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        for selection in &set.selections {
            if selection.directives().has("defer") || selection.directives().has("stream") {
                return true;
            }
            match selection {
                Selection::Field(field) => sets.push(&field.selection_set),
                Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if reached.insert(&spread.fragment_name)
                        && let Some(fragment) = document.fragments.get(&spread.fragment_name)
                    {
                        sets.push(&fragment.selection_set);
                    }
                }
            }
        }
    }
    false
}
