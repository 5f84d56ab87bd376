//! A schema as apollo-compiler's parser reads it: slowly, with all that there is to say about the
//! texts. Enter at [`load_with_apollo_parser`].

use crate::diagnostics::{Diagnostic, apollo};
use crate::lexer::{Lexer, Token};
use crate::schema::built_schema::{BuiltSchema, LoadedTexts, builder};
use crate::source::Source;
use apollo_compiler::collections::HashMap;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Name, Schema};

/// Loads a schema with apollo-compiler's parser. `texts` are SDL; `sources` are what the user gave.
pub fn load_with_apollo_parser(
    texts: &[Source],
    sources: &[Source],
) -> Result<LoadedTexts, Vec<Diagnostic>> {
    // An empty file among others is nothing to speak of.
    let filled = texts
        .iter()
        .filter(|source| texts.len() == 1 || Lexer::new(&source.text).peek().is_some());
    let builder = filled.fold(builder(), |builder, source| {
        builder.parse(source.text.as_str(), &source.path)
    });
    let built = BuiltSchema::new(builder, lacks_one_of(texts), true);
    let errors = match &built.built {
        Some(list) => syntax_errors(list, sources),
        None => Vec::new(),
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    if !built.has_root() {
        let names: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        return Err(vec![
            Diagnostic::error(format!(
                "the schema has no root type ({})",
                names.join(", ")
            ))
            .with_help(
                "define `type Query { … }`, or name the type in `schema { query: … }`; \
                 give every file that the schema is made of",
            ),
        ]);
    }
    Ok(LoadedTexts {
        issues: built.issues(),
        defined_in: defining_texts(&built.schema, texts),
        schema: built.schema,
    })
}

/// Whether the directive `@oneOf` is used and not defined.
fn lacks_one_of(texts: &[Source]) -> bool {
    let mut is_used = false;
    for source in texts.iter().filter(|source| source.text.contains("oneOf")) {
        let mut tokens = Lexer::new(&source.text);
        let mut before = [None, None];
        while let Some(token) = tokens.next() {
            if token == Token::Name("oneOf") && before[1] == Some(Token::Byte(b'@')) {
                if before[0] == Some(Token::Name("directive")) {
                    return false;
                }
                is_used = true;
            }
            before = [before[1], Some(token)];
        }
    }
    is_used
}

/// Syntax errors, with a help line that depends on the kind of text.
fn syntax_errors(list: &DiagnosticList, sources: &[Source]) -> Vec<Diagnostic> {
    let is_json = |path: &str| {
        sources
            .iter()
            .any(|source| source.path == path && source.text.trim_start().starts_with('{'))
    };
    apollo::read_syntax_errors(list)
        .into_iter()
        .map(|error| match &error.location {
            Some(location) if is_json(&location.path) => {
                error.with_help("the introspection answer describes something that SDL can't say")
            }
            _ => error.with_help(
                "a schema is SDL (`type Query { … }`) or the JSON answer to an introspection query",
            ),
        })
        .collect()
}

/// The texts that define the types, where there are several.
pub fn defining_texts(schema: &Schema, texts: &[Source]) -> HashMap<Name, usize> {
    let types = schema.types.iter().filter(|_| texts.len() > 1);
    types
        .filter_map(|(name, definition)| {
            let file = definition.name().location()?.file_id();
            let path = schema.sources.get(&file)?.path().to_string_lossy();
            let index = texts.iter().position(|source| source.path == path)?;
            Some((name.clone(), index))
        })
        .collect()
}
