//! Validate: from document texts to one set of valid operations and fragments.
//!
//! All documents of a compilation are one set: a fragment in one file serves operations in every
//! other. apollo-compiler parses and validates; the files of this folder read each text
//! ([`parse`]), check what apollo-compiler does not check yet ([`input_values`], [`incremental`],
//! [`unsupported`], [`nesting`]),
//! and find out what is valid in spite of errors elsewhere ([`validity`]). Enter at [`validate`].

mod descriptions;
mod incremental;
mod input_values;
mod nesting;
mod parse;
mod unsupported;
mod validity;

use crate::diagnostics::apollo::{Finding, read_findings};
use crate::diagnostics::translate::{Affected, ErrorTranslator};
use crate::diagnostics::{Diagnostic, Location};
use crate::options::Options;
use crate::source::Source;
use crate::walk::reached_fragments;
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::parser::{FileId, SourceMap};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Schema, ast};
use parse::ParsedTexts;
use validity::Validity;

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
    /// The descriptions of operations, fragments and variables, by where these stand.
    pub descriptions: HashMap<(FileId, usize), String>,
}

/// Parses and validates all documents against the schema.
pub fn validate(schema: &Valid<Schema>, sources: &[Source], options: &Options) -> Documents {
    let mut built = DiagnosticList::new(SourceMap::default());
    let mut builder = ExecutableDocument::builder(Some(schema), &mut built);
    let mut parsed = ParsedTexts::default();
    let mut trees = Vec::new();
    for source in sources {
        if let Some(ast) = parsed.parse(source) {
            let unsupported = unsupported::check_directives(&ast, schema);
            parsed.diagnostics.extend(unsupported);
            builder.add_ast_document(&ast, true);
            trees.push(ast);
        }
    }
    let document = builder.build();
    let (document, validated) = match document.validate(schema) {
        Ok(valid) => (valid.into_inner(), None),
        Err(with) => (with.partial, Some(with.errors)),
    };

    let ParsedTexts {
        mut diagnostics,
        ranges,
        known_fragments,
        descriptions,
    } = parsed;
    let mut validity = Validity::new(ranges);
    validity.mark_locations(&diagnostics, &document.sources);
    let incremental = incremental::check(schema, &document);
    validity.mark_locations(&incremental.of_definitions, &document.sources);
    for operation in incremental.operations {
        validity.mark_operation(operation);
    }
    diagnostics.extend(incremental.of_definitions);
    diagnostics.extend(incremental.of_operations);
    diagnostics.extend(incremental.undeclared);
    let values = input_values::check(schema, &document);
    let translator = ErrorTranslator {
        schema,
        document: &document,
        options,
        known_fragments: &known_fragments,
        reported: locations(&diagnostics),
        scalar_nulls: &values.scalar_nulls,
        trees: &trees,
    };
    let mut findings = read_findings(&built);
    findings.extend(validated.iter().flat_map(read_findings));
    if findings.iter().any(Finding::is_conflict) {
        findings.extend(conflicts_of_each_operation(schema, &document));
    }
    for translation in translator.translate(findings) {
        for affected in translation.affected {
            match affected {
                Affected::Operation(name) => validity.mark_operation(name),
                Affected::Span(span) => validity.mark_span(span),
            }
        }
        diagnostics.extend(translation.error);
    }
    for span in values.spans {
        validity.mark_span(span);
    }
    for operation in values.operations {
        validity.mark_operation(operation);
    }
    diagnostics.extend(values.errors);
    if let Some(error) = check_anonymous(&document)
        && !diagnostics.iter().any(|other| other.rule == error.rule)
    {
        diagnostics.push(error);
    }
    show_as_written(&mut diagnostics, sources);
    let (operations, fragments) = validity.valid_definitions(&document);
    diagnostics.extend(nesting::check(&document, &operations));
    Documents {
        document,
        diagnostics,
        operations,
        fragments,
        descriptions,
    }
}

/// The fields that conflict in each operation by itself.
///
/// apollo-compiler compares the fields of equal selections once: where the same two fields conflict
/// in several operations, it names one of them.
fn conflicts_of_each_operation(
    schema: &Valid<Schema>,
    document: &ExecutableDocument,
) -> Vec<Finding> {
    let mut conflicts = Vec::new();
    for operation in document.operations.iter() {
        let mut alone = ExecutableDocument::new();
        alone.sources = document.sources.clone();
        alone.operations.insert(operation.clone());
        let reached = reached_fragments(document, [&operation.selection_set]).into_iter();
        let reached = reached.map(|fragment| (fragment.name.clone(), fragment.clone()));
        alone.fragments.extend(reached);
        if let Err(invalid) = alone.validate(schema) {
            let found = read_findings(&invalid.errors).into_iter();
            conflicts.extend(found.filter(Finding::is_conflict));
        }
    }
    conflicts
}

/// Parses documents without a schema: the trees of what can be read, and what is wrong with the
/// rest.
pub fn parse(sources: &[Source]) -> (Vec<ast::Document>, Vec<Diagnostic>) {
    let mut parsed = ParsedTexts::default();
    let trees = sources
        .iter()
        .filter_map(|source| parsed.parse(source))
        .collect();
    let mut diagnostics = parsed.diagnostics;
    show_as_written(&mut diagnostics, sources);
    (trees, diagnostics)
}

/// Where the diagnostics are: path and offset.
fn locations(diagnostics: &[Diagnostic]) -> HashSet<(String, usize)> {
    let locations = diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.location.as_ref());
    locations.map(|at| (at.path.clone(), at.offset)).collect()
}

/// Shows source lines as they stand in the files. The text that was parsed has blanks for
/// descriptions and for what can't be read.
fn show_as_written(diagnostics: &mut [Diagnostic], sources: &[Source]) {
    let texts: HashMap<&str, &str> = sources
        .iter()
        .map(|source| (source.path.as_str(), source.text.as_str()))
        .collect();
    let locations = diagnostics.iter_mut().flat_map(|diagnostic| {
        diagnostic
            .location
            .as_mut()
            .into_iter()
            .chain(diagnostic.related.as_mut().map(|(location, _)| location))
    });
    for location in locations {
        if let Some(text) = texts.get(location.path.as_str()) {
            *location = Location::new(&location.path, text, location.offset, location.length);
        }
    }
}

/// An operation without a name is an error where no other operation has made it one.
fn check_anonymous(document: &ExecutableDocument) -> Option<Diagnostic> {
    let anonymous = document.operations.anonymous.as_ref()?;
    // Beside other operations, the validator has reported it.
    document.operations.named.is_empty().then(|| {
        Diagnostic::error("an operation without a name")
            .with_rule("anonymous")
            .with_location(Location::of_span(anonymous.location(), &document.sources))
            .with_help("give it one, `query MyName { … }`: the generated type is called by it")
    })
}
