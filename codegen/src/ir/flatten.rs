//! Merged selection sets as one flat list of fields and spreads, each with what it depends on.
//!
//! Enter at [`flatten`].

use super::context::Context;
use super::deferrals::Deferral;
use apollo_compiler::Name;
use apollo_compiler::ast::{DirectiveList, Value};
use apollo_compiler::collections::HashSet;
use apollo_compiler::executable::{self, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use std::rc::Rc;

/// A part of an `@include` or `@skip`: the Boolean variable and what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition<'a> {
    pub skip: bool,
    /// Empty for `@skip(if: true)` and `@include(if: false)`, which always leave out.
    pub variable: &'a str,
}

/// One selection of a selection set, with the conditions under which it is in an answer that has
/// its parent.
pub type Occurrence<'a> = (Vec<Condition<'a>>, &'a SelectionSet);

/// A set of object types, shared between the guards that have the same one.
type TypeSet<'a> = Rc<HashSet<&'a Name>>;

/// A field or a spread, as it stands in the merged selection sets.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The type condition to pass, where the parent's type does not imply it: an index into
    /// [`Flat::guards`].
    pub guard: Option<usize>,
    /// All of these have to hold for it to be in an answer.
    pub conditions: Vec<Condition<'a>>,
    pub kind: ItemKind<'a>,
}

#[derive(Debug, Clone, Copy)]
pub enum ItemKind<'a> {
    Field(&'a executable::Field),
    Spread(&'a executable::FragmentSpread),
    /// A fragment under `@defer`, which is a type of its own.
    Deferred(&'a Deferral, Content<'a>),
}

/// What a fragment under `@defer` selects.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// As the fragment of this name does.
    Fragment(&'a Name),
    /// This set, which stands in the document behind this span.
    Set(&'a SelectionSet, Option<SourceSpan>),
}

/// Nested type conditions that hold together.
pub struct Guard<'a> {
    /// The name of the variant that it makes.
    pub name: String,
    chain: Vec<&'a Name>,
    /// The object types that pass.
    pub types: TypeSet<'a>,
    /// Whether the narrowest condition is an object type.
    pub object: bool,
}

/// What [`flatten`] finds.
pub struct Flat<'a> {
    pub items: Vec<Item<'a>>,
    /// Empty where the parent's type decides all type conditions.
    pub guards: Vec<Guard<'a>>,
}

/// Flattens selection sets that are merged with each other, on a value of type `on`.
pub fn flatten<'a>(
    context: &Context<'a>,
    on: &'a Name,
    occurrences: &[Occurrence<'a>],
) -> Flat<'a> {
    let mut walk = Walk {
        context,
        on,
        is_object: context.is_object(on),
        flat: Flat {
            items: Vec::new(),
            guards: Vec::new(),
        },
    };
    for (conditions, set) in occurrences {
        walk.set(set, None, conditions);
    }
    walk.flat
}

struct Walk<'a, 'c> {
    context: &'c Context<'a>,
    on: &'a Name,
    is_object: bool,
    flat: Flat<'a>,
}

/// What a type condition means for what stands under it.
enum Passed {
    /// It is there whenever the selection around it is, and keeps the guard of that.
    Always(Option<usize>),
    /// It is there for some object types.
    Guarded(usize),
    /// It is never there.
    Never,
}

impl<'a> Walk<'a, '_> {
    fn set(&mut self, set: &'a SelectionSet, guard: Option<usize>, outer: &[Condition<'a>]) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.push(guard, outer, &field.directives, ItemKind::Field(field))
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.context.document.fragments.get(&spread.fragment_name)
                    else {
                        continue;
                    };
                    let passed = self.pass(guard, fragment.type_condition());
                    if let Some(deferral) = self.context.deferrals.of_spread(spread) {
                        let content = if self.decides_a_condition_within(fragment) {
                            Content::Set(&fragment.selection_set, spread.location())
                        } else {
                            Content::Fragment(&spread.fragment_name)
                        };
                        let kind = ItemKind::Deferred(deferral, content);
                        self.push_passed(passed, outer, &spread.directives, kind);
                        continue;
                    }
                    match passed {
                        // The fragment's own type would be a union, though its conditions hold here
                        // for every type.
                        Passed::Always(guard)
                            if guard.is_none() && self.decides_a_condition_within(fragment) =>
                        {
                            let conditions = conditions(outer, &spread.directives);
                            self.set(&fragment.selection_set, guard, &conditions);
                        }
                        passed => {
                            let kind = ItemKind::Spread(spread);
                            self.push_passed(passed, outer, &spread.directives, kind);
                        }
                    }
                }
                Selection::InlineFragment(inline) => {
                    let passed = match &inline.type_condition {
                        Some(condition) => self.pass(guard, condition),
                        None => Passed::Always(guard),
                    };
                    if let Some(deferral) = self.context.deferrals.of_inline(inline) {
                        let content = Content::Set(&inline.selection_set, inline.location());
                        let kind = ItemKind::Deferred(deferral, content);
                        self.push_passed(passed, outer, &inline.directives, kind);
                        continue;
                    }
                    let guard = match passed {
                        Passed::Always(guard) => guard,
                        Passed::Guarded(guard) => Some(guard),
                        Passed::Never => continue,
                    };
                    let conditions = conditions(outer, &inline.directives);
                    self.set(&inline.selection_set, guard, &conditions);
                }
            }
        }
    }

    /// Whether the type that is selected from decides a condition of the fragment that the
    /// fragment's own type leaves open: then types that the schema does not have yet pass it too.
    fn decides_a_condition_within(&self, fragment: &'a executable::Fragment) -> bool {
        if self.is_object || self.on == fragment.type_condition() {
            return false;
        }
        let of = fragment.type_condition();
        let is_decided = |condition: &Name| {
            !self.context.is_always_a(of, condition) && self.context.is_always_a(self.on, condition)
        };
        let mut seen = Vec::new();
        let mut sets = vec![&fragment.selection_set];
        while let Some(set) = sets.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(_) => {}
                    Selection::InlineFragment(inline) => {
                        if inline.type_condition.as_ref().is_some_and(is_decided) {
                            return true;
                        }
                        sets.push(&inline.selection_set);
                    }
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.fragment_name;
                        let Some(inner) = self.context.document.fragments.get(name) else {
                            continue;
                        };
                        if is_decided(inner.type_condition()) {
                            return true;
                        }
                        if !seen.contains(&name) {
                            seen.push(name);
                            sets.push(&inner.selection_set);
                        }
                    }
                }
            }
        }
        false
    }

    fn push_passed(
        &mut self,
        passed: Passed,
        outer: &[Condition<'a>],
        directives: &'a DirectiveList,
        kind: ItemKind<'a>,
    ) {
        match passed {
            Passed::Always(guard) => self.push(guard, outer, directives, kind),
            Passed::Guarded(guard) => self.push(Some(guard), outer, directives, kind),
            Passed::Never => {}
        }
    }

    fn push(
        &mut self,
        guard: Option<usize>,
        outer: &[Condition<'a>],
        directives: &'a DirectiveList,
        kind: ItemKind<'a>,
    ) {
        let conditions = conditions(outer, directives);
        self.flat.items.push(Item {
            guard,
            conditions,
            kind,
        });
    }

    fn pass(&mut self, guard: Option<usize>, condition: &'a Name) -> Passed {
        let context = self.context;
        if context.is_always_a(self.on, condition) {
            return Passed::Always(guard);
        }
        if self.is_object {
            return Passed::Never;
        }
        let mut chain: Vec<&'a Name> = guard
            .map(|guard| self.flat.guards[guard].chain.clone())
            .unwrap_or_default();
        if chain
            .iter()
            .any(|outer| context.is_always_a(outer, condition))
        {
            return Passed::Always(guard);
        }
        // A narrower condition makes a wider one around it superfluous.
        chain.retain(|outer| !context.is_always_a(condition, outer));
        chain.push(condition);
        if let Some(index) = self
            .flat
            .guards
            .iter()
            .position(|guard| guard.chain == chain)
        {
            return Passed::Guarded(index);
        }
        let mut types = self.types(self.on);
        for condition in &chain {
            let passing = self.types(condition);
            types.retain(|name| passing.contains(name));
        }
        if types.is_empty() {
            return Passed::Never;
        }
        let object = chain.iter().any(|name| context.is_object(name));
        self.flat.guards.push(Guard {
            name: chain
                .iter()
                .map(|name| name.as_str())
                .collect::<Vec<_>>()
                .join("_"),
            chain,
            types: Rc::new(types),
            object,
        });
        Passed::Guarded(self.flat.guards.len() - 1)
    }

    fn types(&self, name: &str) -> HashSet<&'a Name> {
        self.context.possible_types(name).into_iter().collect()
    }
}

/// The outer conditions and those of the directives, in a fixed order, each once.
fn conditions<'a>(outer: &[Condition<'a>], directives: &'a DirectiveList) -> Vec<Condition<'a>> {
    let mut all = outer.to_vec();
    for directive in &directives.0 {
        let skip = match directive.name.as_str() {
            "skip" => true,
            "include" => false,
            _ => continue,
        };
        match directive
            .specified_argument_by_name("if")
            .map(|value| value.as_ref())
        {
            Some(Value::Variable(variable)) => all.push(Condition { skip, variable }),
            Some(Value::Boolean(value)) if *value == skip => {
                all.push(Condition { skip, variable: "" })
            }
            _ => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
