//! A faster loader of SDL, for build scripts, which are compiled without optimisation. This folder
//! can be deleted: every schema is then loaded by apollo-compiler's parser, to the same result.
//!
//! [`parser`] reads definitions without spans. Where the schema has issues, the definitions that
//! their messages name are parsed again with spans. Enter at [`load_fast`].

pub mod parser;

#[cfg(test)]
mod load_tests;

use crate::diagnostics::Location;
use crate::diagnostics::apollo::quoted_names;
use crate::schema::built_schema::{BuiltSchema, LoadedTexts, builder};
use crate::schema::issues::SchemaIssue;
use crate::source::Source;
use apollo_compiler::Name;
use apollo_compiler::ast::Definition;
use apollo_compiler::collections::{HashMap, HashSet};
use parser::ParsedSdl;

/// Loads a schema. None where only apollo-compiler's parser can say what is wrong with it.
pub fn load_fast(texts: &[Source]) -> Option<LoadedTexts> {
    let parsed: Vec<ParsedSdl> = texts
        .iter()
        .map(|source| parser::parse(&source.text))
        .collect::<Option<_>>()?;
    let builder = parsed
        .iter()
        .fold(builder(), |builder, sdl| builder.add_ast(&sdl.document));
    let built = BuiltSchema::new(builder, lacks_one_of(&parsed), true);
    if !built.has_root() {
        return None;
    }
    let mut issues = built.issues();
    if !issues.is_empty() {
        let reported = issues.into_iter().map(|issue| issue.diagnostic.message);
        issues = locate(
            reported.collect(),
            texts,
            &parsed,
            built.validated.is_some(),
        )?;
    }
    Some(LoadedTexts {
        schema: built.schema,
        issues,
        defined_in: defining_texts(parsed.iter().map(Some)),
    })
}

/// The issues with these messages, now with locations: of a schema in which the definitions that
/// the messages name have spans. None where that gives other issues.
fn locate(
    mut reported: Vec<String>,
    texts: &[Source],
    parsed: &[ParsedSdl],
    validate: bool,
) -> Option<Vec<SchemaIssue>> {
    let definitions = parsed.iter().flat_map(|sdl| &sdl.document.definitions);
    let defined: HashSet<&str> = definitions
        .filter_map(|definition| Some(definition.name()?.as_str()))
        .collect();
    let mut named: HashSet<&str> = HashSet::default();
    // A type that is not defined is wrong in every definition that names it.
    let mut missing: HashSet<&str> = HashSet::default();
    for message in &reported {
        let words = quoted_names(message).map(|word| word.split('.').next().unwrap_or(word));
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            words.partition(|word| defined.contains(word));
        if known.is_empty() {
            missing.extend(unknown.first());
        }
        named.extend(known);
    }
    let mut builder = builder();
    let mut excerpts = Vec::with_capacity(texts.len());
    for (index, (source, sdl)) in texts.iter().zip(parsed).enumerate() {
        let (document, excerpt) =
            sdl.with_spans(&source.text, &index.to_string(), |definition, text| {
                // The definition of the schema itself has no name.
                definition
                    .name()
                    .is_none_or(|name| named.contains(name.as_str()))
                    || missing.iter().any(|word| text.contains(word))
            })?;
        builder = builder.add_ast(&document);
        excerpts.push(excerpt);
    }
    let mut issues = BuiltSchema::new(builder, lacks_one_of(parsed), validate).issues();
    for issue in &mut issues {
        let location = issue.diagnostic.location.as_mut()?;
        let index: usize = location.path.parse().ok()?;
        let offset = excerpts.get(index)?.origin(location.offset)?;
        let source = &texts[index];
        *location = Location::new(&source.path, &source.text, offset, location.length);
    }
    let mut located: Vec<&str> = issues
        .iter()
        .map(|issue| issue.diagnostic.message.as_str())
        .collect();
    located.sort_unstable();
    reported.sort_unstable();
    (located == reported).then_some(issues)
}

/// The indices of the texts that define the types, or extend them where no text defines them.
pub fn defining_texts<'a>(
    parsed: impl Iterator<Item = Option<&'a ParsedSdl>> + Clone,
) -> HashMap<Name, usize> {
    let mut defined_in = HashMap::default();
    if parsed.clone().count() == 1 {
        return defined_in;
    }
    for extensions in [false, true] {
        for (index, sdl) in parsed.clone().enumerate() {
            let definitions = sdl.into_iter().flat_map(|sdl| &sdl.document.definitions);
            for definition in
                definitions.filter(|each| each.is_extension_definition() == extensions)
            {
                let is_type = !matches!(definition, Definition::DirectiveDefinition(_));
                if let Some(name) = definition.name().filter(|_| is_type) {
                    defined_in.entry(name.clone()).or_insert(index);
                }
            }
        }
    }
    defined_in
}

/// Whether the directive `@oneOf` is used and not defined.
fn lacks_one_of(parsed: &[ParsedSdl]) -> bool {
    let mut definitions = parsed.iter().flat_map(|sdl| &sdl.document.definitions);
    let is_definition = |definition: &Definition| {
        matches!(definition, Definition::DirectiveDefinition(directive)
            if directive.name == "oneOf")
    };
    parsed.iter().any(|sdl| sdl.has_one_of) && !definitions.any(is_definition)
}
