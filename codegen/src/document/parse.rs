//! One text after the other into apollo-compiler's trees. Enter at [`ParsedTexts::parse`].

use super::descriptions::{self, WithoutDescriptions};
use super::validity::{Definition, DefinitionRange};
use crate::diagnostics::{Diagnostic, Location, apollo, syntax};
use crate::lexer::blank_commas;
use crate::source::Source;
use apollo_compiler::Name;
use apollo_compiler::ast;
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::parser::{FileId, Parser};
use heck::ToUpperCamelCase;
use std::borrow::Cow;

/// How deep selection sets may be nested.
const DEPTH: usize = 200;

/// What is known of the texts besides their trees.
#[derive(Default)]
pub struct ParsedTexts {
    pub diagnostics: Vec<Diagnostic>,
    pub ranges: Vec<DefinitionRange>,
    /// The names of all fragments, also of those that can't be read.
    pub known_fragments: HashSet<Name>,
    pub descriptions: HashMap<(FileId, usize), String>,
}

impl ParsedTexts {
    /// The tree of a text: of all of it that can be read. None where that is nothing.
    pub fn parse(&mut self, source: &Source) -> Option<ast::Document> {
        let readable = self.blank_mistakes(source);
        let WithoutDescriptions {
            text,
            descriptions,
            has_definitions,
        } = descriptions::split_descriptions(&readable);
        if !has_definitions {
            return None;
        }
        let mut parser = Parser::new().recursion_limit(DEPTH);
        let parsed = parser.parse_ast(text.as_str(), &source.path);
        // The parser does not take a comma everywhere. Few documents have one elsewhere.
        let parsed = parsed.or_else(|with| {
            let again = parser.parse_ast(blank_commas(&text), &source.path);
            again.map_err(|_| with)
        });
        let mut ast = match parsed {
            Ok(ast) => ast,
            Err(with) => {
                self.diagnostics
                    .extend(apollo::read_parser_error(&with.errors));
                self.note_fragments(syntax::fragment_names(&source.text));
                return None;
            }
        };
        name_by_file(&mut ast, source);
        for file in ast.sources.keys() {
            let located = descriptions.iter();
            self.descriptions
                .extend(located.map(|(at, text)| ((*file, *at), text.clone())));
        }
        self.note_definitions(&ast);
        Some(ast)
    }

    /// The text with blanks in place of definitions that have syntax errors, which are reported.
    fn blank_mistakes<'a>(&mut self, source: &'a Source) -> Cow<'a, str> {
        let mistakes = syntax::find_mistakes(&source.text);
        if mistakes.is_empty() {
            return Cow::Borrowed(&source.text);
        }
        let readable = syntax::blank(&source.text, &mistakes);
        for mistake in mistakes {
            // A fragment that can't be read is not missing.
            self.note_fragments(syntax::fragment_names(
                &source.text[mistake.definition.clone()],
            ));
            let location =
                Location::new(&source.path, &source.text, mistake.offset, mistake.length);
            self.diagnostics.push(
                Diagnostic::error(mistake.message)
                    .with_rule("syntax")
                    .with_location(Some(location))
                    .with_help(mistake.help),
            );
        }
        readable.into()
    }

    fn note_fragments<'a>(&mut self, fragments: impl Iterator<Item = &'a str>) {
        self.known_fragments
            .extend(fragments.filter_map(|name| Name::new(name).ok()));
    }

    fn note_definitions(&mut self, ast: &ast::Document) {
        for definition in &ast.definitions {
            let named = match definition {
                ast::Definition::OperationDefinition(operation) => {
                    operation.name.clone().map(Definition::Operation)
                }
                ast::Definition::FragmentDefinition(fragment) => {
                    // The validator leaves out a fragment on an unknown type, which is not missing
                    // either.
                    self.known_fragments.insert(fragment.name.clone());
                    Some(Definition::Fragment(fragment.name.clone()))
                }
                _ => None,
            };
            if let (Some(span), Some(definition)) = (definition.location(), named) {
                self.ranges.push(DefinitionRange {
                    file: span.file_id(),
                    range: span.offset()..span.end_offset(),
                    definition,
                });
            }
        }
    }
}

/// Names the only operation of a file after the file, where it has no name.
fn name_by_file(ast: &mut ast::Document, source: &Source) {
    let operations = ast
        .definitions
        .iter()
        .filter(|definition| matches!(definition, ast::Definition::OperationDefinition(_)))
        .count();
    if operations != 1 {
        return;
    }
    let stem = source
        .path
        .rsplit('/')
        .next()
        .and_then(|name| name.split('.').next())
        .unwrap_or_default();
    let Ok(name) = Name::new(&stem.to_upper_camel_case()) else {
        return;
    };
    for definition in &mut ast.definitions {
        if let ast::Definition::OperationDefinition(operation) = definition
            && operation.name.is_none()
        {
            operation.make_mut().name = Some(name.clone());
        }
    }
}
