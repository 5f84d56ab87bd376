//! A compilation after another one, of what has changed and what that reaches. Enter at
//! [`recompile`].

use crate::document;
use crate::emit::print;
use crate::emit::units::{self, OutputUnit, UnitKind};
use crate::incremental::cache::CompilationCache;
use crate::incremental::schema_slice;
use crate::ir::{lower, names};
use crate::options::Options;
use crate::output::Output;
use crate::pipeline::Clock;
use crate::source::Source;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Compiles documents whose schema and options are those of the cache. None where a change reaches
/// too far, or anything is wrong: then the caller compiles everything.
pub fn recompile(
    cache: &CompilationCache,
    documents: &[Source],
    options: &Options,
) -> Option<(Output, Vec<OutputUnit>)> {
    let mut output = Output::default();
    let mut clock = Clock::start();
    let compiled = find_documents_to_compile(cache, documents)?;
    let sources: Vec<Source> = documents
        .iter()
        .filter(|source| compiled.contains(source.path.as_str()))
        .cloned()
        .collect();
    clock.finish("compare", &mut output);
    let mut used_names = HashSet::new();
    for source in &sources {
        schema_slice::collect_names(&source.text, &mut used_names);
    }
    let texts = cache.sdl.as_ref().unwrap_or(&cache.schema);
    let slice = schema_slice::slice(texts, &used_names)?;
    let loaded = schema_slice::load_slice(&slice, cache.issues.clone(), &cache.scalars);
    clock.finish("schema", &mut output);
    let validated = document::validate(&loaded.schema, &sources, options);
    // Warnings too: they may be about fragments that are not compiled again.
    if !validated.diagnostics.is_empty() {
        return None;
    }
    clock.finish("validate", &mut output);
    let mut lowered = lower::lower(&loaded, &validated, options);
    output.diagnostics = cache.option_warnings.clone();
    output
        .diagnostics
        .append(&mut loaded.classify_issues(&validated.document));
    if output.has_errors() {
        return None;
    }
    clock.finish("lower", &mut output);
    print::print_operations(&validated.document, &mut lowered);
    let mut new = units::list_units(&lowered.module, &validated);
    let indices = merge_units(cache, &new, documents, &compiled)?;
    let top = {
        let all = indices.iter().map(|index| index.of(&cache.units, &new));
        names::name_top_level(&units::definition_names(all))
    };
    for index in &indices {
        if let UnitIndex::Kept(at) = index {
            let unit = &cache.units[*at];
            if unit.rust_names != units::rust_names(unit, &top) {
                return None;
            }
        }
    }
    let names = names::name_module(&lowered.module, &top);
    units::render(&mut new, &lowered.module, &top, &names, options);
    let units: Vec<OutputUnit> = indices
        .iter()
        .map(|index| index.of(&cache.units, &new).clone())
        .collect();
    units::assemble(&units, options, &mut output);
    clock.finish("emit", &mut output);
    output.sort_diagnostics();
    Some((output, units))
}

/// Where a unit of the new output is: among those of the cache, or among the new ones.
#[derive(Debug, Clone, Copy)]
enum UnitIndex {
    Kept(usize),
    New(usize),
}

impl UnitIndex {
    fn of<'a>(self, kept: &'a [OutputUnit], new: &'a [OutputUnit]) -> &'a OutputUnit {
        match self {
            Self::Kept(index) => &kept[index],
            Self::New(index) => &new[index],
        }
    }
}

/// The paths of the documents to compile: those that changed, those that reach a fragment which may
/// have changed, and those whose fragments these need.
fn find_documents_to_compile<'a>(
    cache: &'a CompilationCache,
    documents: &'a [Source],
) -> Option<HashSet<&'a str>> {
    let before: HashMap<&str, &str> = cache
        .documents
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    let now: HashMap<&str, &str> = documents
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    if before.len() != cache.documents.len() || now.len() != documents.len() {
        // Two texts under one path can't be told apart.
        return None;
    }
    let unchanged = |path: &str| before.get(path) == now.get(path);
    let fragments: HashMap<&str, &OutputUnit> = cache
        .units
        .iter()
        .filter(|unit| unit.kind == UnitKind::Fragment)
        .map(|unit| (unit.name.as_str(), unit))
        .collect();
    let mut users: HashMap<&str, Vec<&OutputUnit>> = HashMap::new();
    for unit in &cache.units {
        for fragment in &unit.fragments {
            users.entry(fragment).or_default().push(unit);
        }
    }
    let mut compiled: HashSet<&str> = now
        .keys()
        .copied()
        .filter(|path| !unchanged(path))
        .collect();
    // The documents that spread a fragment of a changed or removed document, at any distance.
    let mut queue: Vec<&OutputUnit> = fragments
        .values()
        .copied()
        .filter(|unit| !unchanged(&unit.path))
        .collect();
    let mut seen: HashSet<&str> = HashSet::new();
    while let Some(unit) = queue.pop() {
        if unit.kind == UnitKind::Fragment && seen.insert(&unit.name) {
            queue.extend(users.get(unit.name.as_str()).into_iter().flatten());
        }
        if now.contains_key(unit.path.as_str()) {
            compiled.insert(&unit.path);
        }
    }
    // The fragments that all these need, with the documents in which they stand.
    let mut in_document: HashMap<&str, Vec<&OutputUnit>> = HashMap::new();
    for unit in &cache.units {
        in_document.entry(&unit.path).or_default().push(unit);
    }
    let mut queue: Vec<&str> = compiled.iter().copied().collect();
    while let Some(path) = queue.pop() {
        let mut wanted: HashSet<&str> = HashSet::new();
        if unchanged(path) {
            let units = in_document.get(path).into_iter().flatten();
            wanted.extend(units.flat_map(|unit| &unit.fragments).map(String::as_str));
        } else {
            schema_slice::collect_names(now[path], &mut wanted);
        }
        for name in wanted {
            if let Some(fragment) = fragments.get(name)
                && unchanged(&fragment.path)
                && compiled.insert(&fragment.path)
            {
                queue.push(&fragment.path);
            }
        }
    }
    Some(compiled)
}

/// Operations are ordered by their documents, all other units by their names.
fn sort_key(unit: &OutputUnit) -> (UnitKind, &str, &str) {
    let path = match unit.kind {
        UnitKind::Operation => unit.path.as_str(),
        _ => "",
    };
    (unit.kind, path, &unit.name)
}

/// The units of the new output, in the order of the code: new ones, and those that are kept.
fn merge_units(
    cache: &CompilationCache,
    new: &[OutputUnit],
    documents: &[Source],
    compiled: &HashSet<&str>,
) -> Option<Vec<UnitIndex>> {
    let kept = &cache.units;
    let now: HashSet<&str> = documents
        .iter()
        .map(|source| source.path.as_str())
        .collect();
    let mut indices: Vec<UnitIndex> = Vec::with_capacity(kept.len() + new.len());
    let mut names: HashSet<(UnitKind, &str)> = HashSet::new();
    let mut schema_types: HashMap<&str, UnitIndex> = HashMap::new();
    let kept_units = (0..kept.len()).map(UnitIndex::Kept);
    for index in kept_units.chain((0..new.len()).map(UnitIndex::New)) {
        let unit = index.of(kept, new);
        if !matches!(unit.kind, UnitKind::Operation | UnitKind::Fragment) {
            schema_types.insert(&unit.name, index);
            continue;
        }
        let stays = match index {
            UnitIndex::Kept(_) => {
                now.contains(unit.path.as_str()) && !compiled.contains(unit.path.as_str())
            }
            UnitIndex::New(_) => true,
        };
        if stays {
            if !names.insert((unit.kind, &unit.name)) {
                // Two documents define one name.
                return None;
            }
            indices.push(index);
        }
    }
    // Of enums, input objects and scalars, those that are still named.
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut queue: Vec<&str> = indices
        .iter()
        .flat_map(|index| &index.of(kept, new).schema_types)
        .map(String::as_str)
        .collect();
    while let Some(name) = queue.pop() {
        if reached.insert(name) {
            let unit = schema_types.get(name)?.of(kept, new);
            queue.extend(unit.schema_types.iter().map(String::as_str));
        }
    }
    indices.extend(reached.iter().map(|name| schema_types[name]));
    indices.sort_by(|a, b| sort_key(a.of(kept, new)).cmp(&sort_key(b.of(kept, new))));
    Some(indices)
}
