//! Load: from schema texts (SDL or introspection JSON) to a schema that documents can be validated
//! against, and what is wrong with it ([`issues`]). Enter at [`load`].
//!
//! There are two loaders. `sdl_parser` is fast and declines what it does not understand;
//! [`apollo_parser`] is apollo-compiler's parser, which says what is wrong with a text. Whatever
//! the first one accepts, both load to the same schema with the same issues.

pub mod apollo_parser;
mod built_schema;
mod checks;
mod defaults;
pub mod deprecation;
pub mod introspection;
pub mod issues;
mod lenient;
pub mod sdl_parser;

use crate::diagnostics::apollo::quoted_names;
use crate::diagnostics::{Diagnostic, Location};
use crate::source::Source;
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};
use built_schema::LoadedTexts;
pub use built_schema::is_own_definition;
use issues::SchemaIssue;

/// A schema and what is wrong with it.
pub struct Loaded {
    pub schema: Valid<Schema>,
    pub issues: Vec<SchemaIssue>,
    /// The texts that were parsed, where they are not those that were given: JSON as SDL, or SDL
    /// with blanks for what can't be read.
    pub sdl: Option<Vec<Source>>,
    pub files: SchemaFiles,
}

impl Loaded {
    /// The schema's issues as diagnostics, given what the documents use; see [`issues::classify`].
    pub fn classify_issues(&self, document: &ExecutableDocument) -> Vec<Diagnostic> {
        issues::classify(&self.issues, &self.schema, document)
    }

    /// The operations and fragments that the schema's issues make invalid.
    pub fn find_affected(&self, document: &ExecutableDocument) -> (HashSet<Name>, HashSet<Name>) {
        issues::find_affected(&self.issues, &self.schema, document)
    }
}

/// The files that define the types of a schema.
pub struct SchemaFiles {
    paths: Vec<String>,
    /// Indices of paths, where there are several.
    defined_in: HashMap<Name, usize>,
}

impl SchemaFiles {
    pub fn new(texts: &[Source], defined_in: HashMap<Name, usize>) -> Self {
        let paths = texts.iter().map(|source| source.path.clone());
        Self {
            paths: paths.collect(),
            defined_in,
        }
    }

    /// The path of the file that defines a type.
    pub fn path(&self, name: &Name) -> Option<&str> {
        let index = match self.paths.len() {
            1 => 0,
            _ => *self.defined_in.get(name)?,
        };
        self.paths.get(index).map(String::as_str)
    }
}

/// Parses and validates a schema that may be spread over several texts.
///
/// # Errors
///
/// Syntax errors, JSON that is not an introspection answer, and schemas without a root type.
pub fn load(sources: &[Source]) -> Result<Loaded, Vec<Diagnostic>> {
    let (mut sdl, left_out) = sdl_texts(sources)?;
    let loaded = match load_texts(sdl.as_deref().unwrap_or(sources), sources) {
        Ok(loaded) => loaded,
        Err(errors) => {
            // What servers print beyond the grammar is looked for only in what can't be read.
            let texts = sdl.as_deref().unwrap_or(sources);
            let readable = lenient::blank_unreadable(texts).map_err(|error| vec![*error])?;
            let loaded = load_texts(&readable, sources).map_err(|_| errors)?;
            sdl = Some(readable);
            loaded
        }
    };
    let LoadedTexts {
        schema,
        mut issues,
        defined_in,
    } = loaded;
    issues.extend(left_out);
    issues::merge_unknown_directives(&mut issues);
    for issue in &mut issues {
        locate_as_written(&mut issue.diagnostic, sources);
    }
    let texts = sdl.as_deref().unwrap_or(sources);
    Ok(Loaded {
        schema,
        issues,
        files: SchemaFiles::new(texts, defined_in),
        sdl,
    })
}

fn load_texts(texts: &[Source], sources: &[Source]) -> Result<LoadedTexts, Vec<Diagnostic>> {
    match sdl_parser::load_fast(texts) {
        Some(loaded) => Ok(loaded),
        None => apollo_parser::load_with_apollo_parser(texts, sources),
    }
}

/// Locates a diagnostic in the text of its file. What was read is SDL in place of JSON, or has
/// blanks.
fn locate_as_written(diagnostic: &mut Diagnostic, sources: &[Source]) {
    let Some(location) = &mut diagnostic.location else {
        return;
    };
    let Some(source) = sources.iter().find(|source| source.path == location.path) else {
        return;
    };
    let (offset, length) = if is_json(&source.text) {
        // The SDL has no lines in the JSON: the name that is meant stands somewhere.
        let name = quoted_names(&diagnostic.message).next().unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        let found = source.text.find(&format!("\"{name}\""));
        found.map_or((0, 1), |at| (at, name.len() + 2))
    } else {
        (location.offset, location.length)
    };
    *location = Location::new(&source.path, &source.text, offset, length);
}

/// Whether a schema is an introspection answer, or meant as one.
fn is_json(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    start.starts_with(['{', '['])
}

/// The texts as SDL, where one of them is an introspection answer, and what SDL can't say of it.
type Converted = (Option<Vec<Source>>, Vec<SchemaIssue>);

/// Converts introspection answers among the texts to SDL.
fn sdl_texts(sources: &[Source]) -> Result<Converted, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut left_out = Vec::new();
    let mut sdl: Option<Vec<Source>> = None;
    for (index, source) in sources.iter().enumerate() {
        if is_json(&source.text) {
            match introspection::convert(source) {
                Ok((text, issues)) => {
                    sdl.get_or_insert_with(|| sources.to_vec())[index].text = text;
                    left_out.extend(issues);
                }
                Err(error) => errors.push(*error),
            }
        }
    }
    if errors.is_empty() {
        Ok((sdl, left_out))
    } else {
        Err(errors)
    }
}

/// A builder of schemas, set as both loaders need it.
pub fn builder() -> SchemaBuilder {
    built_schema::builder()
}
