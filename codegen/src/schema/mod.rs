//! Load: from schema texts (SDL or introspection JSON) to a schema that documents can be validated
//! against, and what is wrong with it ([`issues`]). Enter at [`load`].
//!
//! There are two loaders. `sdl_parser` is fast and declines what it does not understand;
//! [`with_spans`] is apollo-compiler's parser, which says what is wrong with a text. Whatever the
//! first one accepts, both load to the same schema with the same issues.

mod build;
mod checks;
mod defaults;
pub mod deprecation;
pub mod introspection;
pub mod issues;
pub mod sdl_parser;
pub mod with_spans;

use crate::diagnostics::Diagnostic;
use crate::source::Source;
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};
use build::LoadedTexts;
use issues::{SchemaIssue, UsedTypes};

/// A schema and what is wrong with it.
pub struct Loaded {
    pub schema: Valid<Schema>,
    pub issues: Vec<SchemaIssue>,
    /// The texts as SDL, where one of them is an introspection answer.
    pub sdl: Option<Vec<Source>>,
    pub files: SchemaFiles,
}

impl Loaded {
    /// The schema's issues as diagnostics, given what the operations use; see [`issues::classify`].
    pub fn classify_issues(
        &self,
        used: &UsedTypes,
        document: &ExecutableDocument,
    ) -> Vec<Diagnostic> {
        issues::classify(&self.issues, used, document)
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
    let sdl = sdl_texts(sources)?;
    let texts = sdl.as_deref().unwrap_or(sources);
    let LoadedTexts {
        schema,
        issues,
        defined_in,
    } = match sdl_parser::load_fast(texts) {
        Some(loaded) => loaded,
        None => with_spans::load_with_spans(texts, sources)?,
    };
    Ok(Loaded {
        schema,
        issues,
        files: SchemaFiles::new(texts, defined_in),
        sdl,
    })
}

/// The texts as SDL, where one of them is an introspection answer.
fn sdl_texts(sources: &[Source]) -> Result<Option<Vec<Source>>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut sdl: Option<Vec<Source>> = None;
    for (index, source) in sources.iter().enumerate() {
        let start = source.text.trim_start_matches('\u{feff}').trim_start();
        if start.starts_with('{') {
            match introspection::to_sdl(source) {
                Ok(text) => sdl.get_or_insert_with(|| sources.to_vec())[index].text = text,
                Err(error) => errors.push(*error),
            }
        }
    }
    if errors.is_empty() {
        Ok(sdl)
    } else {
        Err(errors)
    }
}

/// A builder of schemas, set as both loaders need it.
pub fn builder() -> SchemaBuilder {
    build::builder()
}
