//! From document texts to one set of valid operations and fragments.
//!
//! All documents of a compilation are one set: a fragment in one file serves operations in every other. apollo-compiler
//! parses and validates; this file gives a nameless operation its file's name, says in our words what is wrong, and
//! finds out what is valid in spite of errors elsewhere. Enter at [`validate`].

mod descriptions;
mod input_values;

use crate::diagnostics::apollo::{Concerned, Telling, Told};
use crate::diagnostics::{Diagnostic, Location, messages as help, syntax};
use crate::source::Source;
use crate::walk::spreads;
use apollo_compiler::ast;
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::parser::{FileId, Parser, SourceMap, SourceSpan};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Schema};
use heck::ToUpperCamelCase;
use input_values as values;
use std::borrow::Cow;

/// Documents after validation.
pub struct Documents {
    /// Everything that could be understood, valid or not.
    pub document: ExecutableDocument,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The names of the operations that are valid with all the fragments that they reach.
    pub operations: Vec<Name>,
    /// The names of the fragments that are valid with all the fragments that they reach.
    pub fragments: Vec<Name>,
    /// What operations, fragments and variables say of themselves, by where they stand.
    pub descriptions: HashMap<(FileId, usize), String>,
}

/// An operation or a fragment by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Definition {
    Operation(Name),
    Fragment(Name),
}

/// Where a definition stands, to find out which one an error is about.
struct Extent {
    file: FileId,
    start: usize,
    end: usize,
    definition: Definition,
}

/// Parses and validates all documents against the schema.
pub fn validate(schema: &Valid<Schema>, sources: &[Source], allow: &[String]) -> Documents {
    let mut diagnostics = Vec::new();
    let mut extents = Vec::new();
    let mut defined: HashSet<Name> = HashSet::default();
    let mut invalid: HashSet<Definition> = HashSet::default();
    let mut list = DiagnosticList::new(SourceMap::default());
    let mut builder = ExecutableDocument::builder(Some(schema), &mut list);
    let mut described = HashMap::default();
    for source in sources {
        let mistakes = syntax::mistakes(&source.text);
        let mut readable = Cow::Borrowed(source.text.as_str());
        if !mistakes.is_empty() {
            readable = syntax::without(&source.text, &mistakes).into();
            // What can't be read is not missing.
            defined.extend(
                mistakes
                    .iter()
                    .flat_map(|mistake| syntax::fragments(&source.text[mistake.definition.clone()]))
                    .filter_map(|name| Name::new(name).ok()),
            );
        }
        diagnostics.extend(mistakes.into_iter().map(|mistake| {
            let place = Location::new(&source.path, &source.text, mistake.offset, mistake.length);
            Diagnostic::error(mistake.message)
                .with_rule("syntax")
                .with_location(Some(place))
                .with_help(mistake.help)
        }));
        let descriptions::Described {
            text,
            descriptions,
            has_definitions,
        } = descriptions::take(&readable);
        if !has_definitions {
            continue;
        }
        let mut parser = Parser::new().recursion_limit(200);
        let mut ast = match parser.parse_ast(text, &source.path) {
            Ok(ast) => ast,
            Err(with) => {
                // What the parser alone refuses is said in its words; after the first error it guesses.
                diagnostics.extend(with.errors.iter().next().map(|error| {
                    help::syntax(
                        &error.error.to_string(),
                        Location::of_span(error.error.location(), error.sources),
                    )
                }));
                defined.extend(
                    syntax::fragments(&source.text).filter_map(|name| Name::new(name).ok()),
                );
                continue;
            }
        };
        name_by_file(&mut ast, source);
        for (file, _) in ast.sources.iter() {
            described.extend(
                descriptions
                    .iter()
                    .map(|(at, text)| ((*file, *at), text.clone())),
            );
        }
        for definition in &ast.definitions {
            let named = match definition {
                ast::Definition::OperationDefinition(operation) => {
                    operation.name.clone().map(Definition::Operation)
                }
                ast::Definition::FragmentDefinition(fragment) => {
                    // One on a type that is not there is left out by the validator, and not missing either.
                    defined.insert(fragment.name.clone());
                    Some(Definition::Fragment(fragment.name.clone()))
                }
                _ => None,
            };
            let (Some(span), Some(definition_name)) = (definition.location(), named) else {
                continue;
            };
            extents.push(Extent {
                file: span.file_id(),
                start: span.offset(),
                end: span.end_offset(),
                definition: definition_name,
            });
            not_yet(definition, schema, &ast.sources, &mut diagnostics);
        }
        builder.add_ast_document(&ast, true);
    }
    let document = builder.build();
    let sources_so_far = document.sources.clone();
    let (document, found) = match document.validate(schema) {
        Ok(valid) => (valid.into_inner(), None),
        Err(with) => (with.partial, Some(with.errors)),
    };
    for diagnostic in &diagnostics {
        if let Some(place) = &diagnostic.location {
            mark(
                place.offset,
                &place.path,
                &sources_so_far,
                &extents,
                &mut invalid,
            );
        }
    }
    let said = diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.location.as_ref())
        .map(|place| (place.path.clone(), place.offset))
        .collect();
    let telling = Telling {
        schema,
        document: &document,
        allow,
        defined: &defined,
        said,
    };
    let found = list
        .iter()
        .chain(found.iter().flat_map(DiagnosticList::iter))
        .collect();
    for Told { error, concerns } in telling.all(found) {
        for concerned in concerns {
            match concerned {
                Concerned::Operation(name) => {
                    invalid.insert(Definition::Operation(name));
                }
                Concerned::Span(span) => mark_span(span, &extents, &mut invalid),
            }
        }
        diagnostics.extend(error);
    }
    for (span, error) in values::check(schema, &document) {
        mark_span(span, &extents, &mut invalid);
        diagnostics.push(error);
    }
    if let Some(error) = too_many_anonymous(&document, &sources_so_far)
        && !diagnostics.iter().any(|said| said.rule == error.rule)
    {
        diagnostics.push(error);
    }
    show_as_written(&mut diagnostics, sources);
    let (operations, fragments) = valid_in_whole(&document, &invalid);
    Documents {
        document,
        diagnostics,
        operations,
        fragments,
        descriptions: described,
    }
}

/// Source lines as they stand in the files: what is parsed lacks descriptions and what can't be read.
fn show_as_written(diagnostics: &mut [Diagnostic], sources: &[Source]) {
    let texts: HashMap<&str, &str> = sources
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    let places = diagnostics.iter_mut().flat_map(|diagnostic| {
        diagnostic
            .location
            .as_mut()
            .into_iter()
            .chain(diagnostic.related.as_mut().map(|(place, _)| place))
    });
    for place in places {
        if let Some(text) = texts.get(place.path.as_str()) {
            *place = Location::new(&place.path, text, place.offset, place.length);
        }
    }
}

/// The only operation of a file needs no name there; in the generated code it has the file's.
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

fn too_many_anonymous(document: &ExecutableDocument, sources: &SourceMap) -> Option<Diagnostic> {
    let anonymous = document.operations.anonymous.as_ref()?;
    // With other operations around, the validator has already said so.
    document.operations.named.is_empty().then(|| {
        Diagnostic::error("an operation without a name")
            .with_rule("anonymous")
            .with_location(Location::of_span(anonymous.location(), sources))
            .with_help("give it one, `query MyName { … }`: the generated type is called by it")
    })
}

/// Directives that change what an answer looks like and that the runtime does not know yet.
fn not_yet(
    definition: &ast::Definition,
    schema: &Schema,
    sources: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let (directives, selections) = match definition {
        ast::Definition::OperationDefinition(operation) => {
            (&operation.directives, &operation.selection_set)
        }
        ast::Definition::FragmentDefinition(fragment) => {
            (&fragment.directives, &fragment.selection_set)
        }
        _ => return,
    };
    let mut check = |directives: &ast::DirectiveList| {
        for directive in &directives.0 {
            let name = directive.name.as_str();
            let known = matches!(name, "defer" | "stream" | "catch" | "semanticNonNull")
                || matches!(name, "required" | "throwOnFieldError")
                    && !schema.directive_definitions.contains_key(name);
            if known {
                diagnostics.push(
                    Diagnostic::error(format!("`@{name}` is not supported yet"))
                        .with_rule("not-yet")
                        .with_location(Location::of_span(directive.location(), sources))
                        .with_help(format!("leave `@{name}` out: without it the whole answer comes at once, and a field that failed is null with its error beside it")),
                );
            }
        }
    };
    check(directives);
    let mut stack: Vec<&ast::Selection> = selections.iter().collect();
    while let Some(selection) = stack.pop() {
        match selection {
            ast::Selection::Field(field) => {
                check(&field.directives);
                stack.extend(&field.selection_set);
            }
            ast::Selection::FragmentSpread(spread) => check(&spread.directives),
            ast::Selection::InlineFragment(inline) => {
                check(&inline.directives);
                stack.extend(&inline.selection_set);
            }
        }
    }
}

fn mark_span(span: SourceSpan, extents: &[Extent], invalid: &mut HashSet<Definition>) {
    for extent in extents {
        if extent.file == span.file_id()
            && extent.start <= span.offset()
            && span.offset() < extent.end
        {
            invalid.insert(extent.definition.clone());
        }
    }
}

fn mark(
    offset: usize,
    path: &str,
    sources: &SourceMap,
    extents: &[Extent],
    invalid: &mut HashSet<Definition>,
) {
    for extent in extents {
        let same = sources
            .get(&extent.file)
            .is_some_and(|source| source.path().to_string_lossy() == path);
        if same && extent.start <= offset && offset < extent.end {
            invalid.insert(extent.definition.clone());
        }
    }
}

/// The definitions that are valid and reach none that is not.
fn valid_in_whole(
    document: &ExecutableDocument,
    invalid: &HashSet<Definition>,
) -> (Vec<Name>, Vec<Name>) {
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
    // Whoever spreads a bad fragment is bad: repeat until nothing changes.
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
