//! A compilation after another one: what no change reaches is kept.
//!
//! A build script runs anew when one file of five hundred has changed, and it is compiled without optimisation. [`again`] compiles that
//! file, and those that spread what has changed, against the part of the schema that they reach. It gives what a whole compilation
//! gives, or nothing: where anything is wrong, and in the few cases where a change reaches further than to the units around it, the caller
//! compiles all. Enter at [`again`]; [`CompilationCache`] is what is kept.

pub mod cache;

use crate::emit::units::{self, CodegenUnit, UnitKind};
use crate::ir::{lower, names};
use crate::pipeline::Clock;
use crate::schema::SchemaIssue;
use crate::schema::slice as sdl;
use crate::{Diagnostic, Options, Output, Source, document, schema};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

/// What is kept of a compilation without errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompilationCache {
    /// The schema as it was read.
    pub schema: Vec<Source>,
    /// The same as SDL, where one of them is an introspection answer.
    pub sdl: Option<Vec<Source>>,
    /// What is wrong with the schema.
    pub faults: Vec<SchemaIssue>,
    /// The built-in scalars that the schema has, which are those that it names.
    pub scalars: Vec<String>,
    /// The warnings about the settings.
    pub settings: Vec<Diagnostic>,
    pub documents: Vec<Source>,
    /// In the order of the code.
    pub units: Vec<CodegenUnit>,
}

/// Compiles documents whose schema and settings are as before.
pub fn again(
    memory: &CompilationCache,
    documents: &[Source],
    options: &Options,
) -> Option<(Output, Vec<CodegenUnit>)> {
    let mut output = Output::default();
    let mut clock = Clock(Instant::now());
    let compiled = to_compile(memory, documents)?;
    let sources: Vec<Source> = documents
        .iter()
        .filter(|source| compiled.contains(source.path.as_str()))
        .cloned()
        .collect();
    clock.stage("compare", &mut output);
    let mut names_used = HashSet::new();
    for source in &sources {
        sdl::names(&source.text, &mut names_used);
    }
    let whole = memory.sdl.as_ref().unwrap_or(&memory.schema);
    let part = sdl::reached(whole, &names_used)?;
    let loaded = schema::load_part(&part, memory.faults.clone(), &memory.scalars);
    clock.stage("schema", &mut output);
    let validated = document::validate(&loaded.schema, &sources, &options.allow);
    if !validated.diagnostics.is_empty() {
        return None;
    }
    clock.stage("validate", &mut output);
    let (module, used) = lower::lower(&loaded, &validated, options);
    output.diagnostics = memory.settings.clone();
    output
        .diagnostics
        .append(&mut loaded.classify(&used, &validated.document));
    if output.has_errors() {
        return None;
    }
    clock.stage("lower", &mut output);
    let mut new = units::partition(&module, &validated);
    let places = together(memory, &new, documents, &compiled)?;
    let top = {
        let all = places.iter().map(|place| place.of(&memory.units, &new));
        names::name_top_level(&units::definition_names(all))
    };
    for place in &places {
        if let Place::Kept(index) = place {
            let unit = &memory.units[*index];
            if unit.rust_names != units::rust_names(unit, &top) {
                return None;
            }
        }
    }
    units::render(&mut new, &module, &top, options);
    let units: Vec<CodegenUnit> = places
        .iter()
        .map(|place| place.of(&memory.units, &new).clone())
        .collect();
    units::assemble(&units, options, &mut output);
    clock.stage("emit", &mut output);
    output.sort();
    Some((output, units))
}

/// Where a unit of the new output is found.
#[derive(Debug, Clone, Copy)]
enum Place {
    Kept(usize),
    New(usize),
}

impl Place {
    fn of<'a>(self, kept: &'a [CodegenUnit], new: &'a [CodegenUnit]) -> &'a CodegenUnit {
        match self {
            Self::Kept(index) => &kept[index],
            Self::New(index) => &new[index],
        }
    }
}

/// The paths of the documents to compile: those that changed, those that reach a fragment that may have changed, and those whose
/// fragments these need.
fn to_compile<'a>(
    memory: &'a CompilationCache,
    documents: &'a [Source],
) -> Option<HashSet<&'a str>> {
    let before: HashMap<&str, &str> = memory
        .documents
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    let now: HashMap<&str, &str> = documents
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    if before.len() != memory.documents.len() || now.len() != documents.len() {
        // Two texts under one path can't be told apart.
        return None;
    }
    let unchanged = |path: &str| before.get(path) == now.get(path);
    let fragments: HashMap<&str, &CodegenUnit> = memory
        .units
        .iter()
        .filter(|unit| unit.kind == UnitKind::Fragment)
        .map(|unit| (unit.name.as_str(), unit))
        .collect();
    let mut users: HashMap<&str, Vec<&CodegenUnit>> = HashMap::new();
    for unit in &memory.units {
        for fragment in &unit.fragments {
            users.entry(fragment).or_default().push(unit);
        }
    }
    let mut compiled: HashSet<&str> = now
        .keys()
        .copied()
        .filter(|path| !unchanged(path))
        .collect();
    // Whoever spreads a fragment of a changed or removed document, at whatever distance.
    let mut queue: Vec<&CodegenUnit> = fragments
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
    let mut in_document: HashMap<&str, Vec<&CodegenUnit>> = HashMap::new();
    for unit in &memory.units {
        in_document.entry(&unit.path).or_default().push(unit);
    }
    let mut queue: Vec<&str> = compiled.iter().copied().collect();
    while let Some(path) = queue.pop() {
        let mut wanted: HashSet<&str> = HashSet::new();
        if unchanged(path) {
            let units = in_document.get(path).into_iter().flatten();
            wanted.extend(units.flat_map(|unit| &unit.fragments).map(String::as_str));
        } else {
            sdl::names(now[path], &mut wanted);
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

/// Operations have the order of their documents, all else that of its names.
fn order(unit: &CodegenUnit) -> (UnitKind, &str, &str) {
    let path = match unit.kind {
        UnitKind::Operation => unit.path.as_str(),
        _ => "",
    };
    (unit.kind, path, &unit.name)
}

/// The units of the new output, in the order of the code: new ones, and those that are kept.
fn together(
    memory: &CompilationCache,
    new: &[CodegenUnit],
    documents: &[Source],
    compiled: &HashSet<&str>,
) -> Option<Vec<Place>> {
    let kept = &memory.units;
    let now: HashSet<&str> = documents
        .iter()
        .map(|source| source.path.as_str())
        .collect();
    let mut places: Vec<Place> = Vec::with_capacity(kept.len() + new.len());
    let mut names: HashSet<(UnitKind, &str)> = HashSet::new();
    let mut leaves: HashMap<&str, Place> = HashMap::new();
    let kept_places = (0..kept.len()).map(Place::Kept);
    for place in kept_places.chain((0..new.len()).map(Place::New)) {
        let unit = place.of(kept, new);
        if !matches!(unit.kind, UnitKind::Operation | UnitKind::Fragment) {
            leaves.insert(&unit.name, place);
            continue;
        }
        let stays = match place {
            Place::Kept(_) => {
                now.contains(unit.path.as_str()) && !compiled.contains(unit.path.as_str())
            }
            Place::New(_) => true,
        };
        if stays {
            if !names.insert((unit.kind, &unit.name)) {
                // Two documents define one name.
                return None;
            }
            places.push(place);
        }
    }
    // Of enums, input objects and scalars, those that are still named.
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut queue: Vec<&str> = places
        .iter()
        .flat_map(|place| &place.of(kept, new).leaves)
        .map(String::as_str)
        .collect();
    while let Some(name) = queue.pop() {
        if reached.insert(name) {
            let unit = leaves.get(name)?.of(kept, new);
            queue.extend(unit.leaves.iter().map(String::as_str));
        }
    }
    places.extend(reached.iter().map(|name| leaves[name]));
    places.sort_by(|a, b| order(a.of(kept, new)).cmp(&order(b.of(kept, new))));
    Some(places)
}
