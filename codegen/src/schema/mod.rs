//! From schema texts (SDL or introspection JSON) to a schema that documents can be validated against.
//!
//! Real schemas have faults; one that no operation touches must not stop anybody. So [`load`] keeps the faults
//! beside a schema that is taken as valid, and [`Loaded::classify`] decides, once the operations are known, which of
//! them are errors.

mod defaults;
pub mod introspection;
pub mod lexer;
mod sdl_parser;
pub mod slice;

use crate::Source;
use crate::diagnostics::messages as help;
use crate::diagnostics::{Diagnostic, Location};
use crate::document::place;
use apollo_compiler::ast::{Argument, Definition, Directive, InputValueDefinition};
use apollo_compiler::collections::{HashMap, HashSet};
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{ExecutableDocument, Selection, SelectionSet};
use apollo_compiler::schema::{ExtendedType, SchemaBuilder};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Node, Schema};
use sdl_parser::{self as tree, Tree};

/// A schema and what is wrong with it.
pub struct Loaded {
    pub schema: Valid<Schema>,
    pub faults: Vec<SchemaIssue>,
    /// The texts as SDL, where one of them is an introspection answer.
    pub sdl: Option<Vec<Source>>,
    pub files: Files,
}

/// Which file defines a type.
pub struct Files {
    paths: Vec<String>,
    /// Where there are several.
    of: HashMap<Name, usize>,
}

impl Files {
    fn new(texts: &[Source], of: HashMap<Name, usize>) -> Self {
        let paths = texts.iter().map(|source| source.path.clone());
        Self {
            paths: paths.collect(),
            of,
        }
    }

    pub fn path(&self, name: &Name) -> Option<&str> {
        let index = match self.paths.len() {
            1 => 0,
            _ => *self.of.get(name)?,
        };
        self.paths.get(index).map(String::as_str)
    }
}

/// The texts that define those types that have places.
fn located(schema: &Schema, texts: &[Source]) -> HashMap<Name, usize> {
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

/// The texts that define types, or extend them where no text does.
fn defining<'a>(trees: impl Iterator<Item = Option<&'a Tree>> + Clone) -> HashMap<Name, usize> {
    let mut of = HashMap::default();
    if trees.clone().count() == 1 {
        return of;
    }
    for extensions in [false, true] {
        for (index, tree) in trees.clone().enumerate() {
            let definitions = tree.into_iter().flat_map(|tree| &tree.document.definitions);
            for definition in
                definitions.filter(|each| each.is_extension_definition() == extensions)
            {
                let is_type = !matches!(definition, Definition::DirectiveDefinition(_));
                if let Some(name) = definition.name().filter(|_| is_type) {
                    of.entry(name.clone()).or_insert(index);
                }
            }
        }
    }
    of
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaIssue {
    pub diagnostic: Diagnostic,
    /// Whether it leaves open what an answer looks like; otherwise code can be generated for what has it.
    pub ambiguous: bool,
    /// What it is in.
    pub within: Option<SchemaCoordinate>,
}

impl SchemaIssue {
    pub fn new(
        message: &str,
        place: Option<Location>,
        ambiguous: bool,
        within: Option<SchemaCoordinate>,
    ) -> Self {
        Self {
            diagnostic: Diagnostic::error(format!("invalid schema: {message}"))
                .with_location(place),
            ambiguous,
            within,
        }
    }
}

/// What a fault concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaCoordinate {
    Type(Name),
    /// A field of a type.
    Field(Name, Name),
    /// An argument of a field of a type, where it is left out.
    Argument(Name, Name, Name),
    /// An argument of a directive, where it is left out.
    OfDirective(Name, Name),
}

impl SchemaCoordinate {
    /// The argument or input field of that name, as a message says it.
    pub fn input(&self, name: &Name) -> String {
        match self {
            Self::Type(ty) => format!("`{ty}.{name}`"),
            Self::Field(ty, field) | Self::Argument(ty, field, _) => {
                format!("the argument `{name}` of `{ty}.{field}`")
            }
            Self::OfDirective(directive, _) => format!("the argument `{name}` of `@{directive}`"),
        }
    }
}

/// The enums, input objects and scalars that code is generated for.
#[derive(Default)]
pub struct UsedTypes {
    pub types: HashSet<Name>,
}

/// The definition that the September 2025 edition adds and that the parser's built-in types lack.
const ONE_OF: &str = "directive @oneOf on INPUT_OBJECT";

/// Parses and validates a schema that may be spread over several texts.
///
/// # Errors
///
/// Syntax errors, JSON that is not an introspection answer, and schemas without a query type.
pub fn load(sources: &[Source]) -> Result<Loaded, Vec<Diagnostic>> {
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
    if !errors.is_empty() {
        return Err(errors);
    }
    let texts = sdl.as_deref().unwrap_or(sources);
    let trees = trees(texts);
    let quick = trees
        .as_ref()
        .and_then(|trees| without_places(texts, trees));
    let (schema, faults, of) = match quick {
        Some(loaded) => loaded,
        None => with_places(texts, sources, trees.as_deref())?,
    };
    Ok(Loaded {
        schema,
        faults,
        files: Files::new(texts, of),
        sdl,
    })
}

fn trees(texts: &[Source]) -> Option<Vec<Tree>> {
    let trees = texts.iter().map(|source| tree::read(&source.text));
    trees.collect()
}

fn builder() -> SchemaBuilder {
    Schema::builder()
        .adopt_orphan_extensions()
        .ignore_builtin_redefinitions()
}

/// What a builder makes of definitions.
struct Checked {
    schema: Valid<Schema>,
    /// What the builder says, and what validation does.
    built: Option<DiagnosticList>,
    validated: Option<DiagnosticList>,
    /// The types that are extended, and defined nowhere.
    orphans: Vec<Name>,
}

impl Checked {
    /// Builds the schema, with the definition of `@oneOf` if it lacks that, and validates it if that is asked for.
    fn new(mut builder: SchemaBuilder, lacks_one_of: bool, validate: bool) -> Self {
        if lacks_one_of {
            builder = builder.parse(ONE_OF, "built-in.graphql");
        }
        let orphans = builder.iter_orphan_extension_types().cloned().collect();
        let (schema, built) = match builder.build() {
            Ok(schema) => (schema, None),
            Err(with) => (with.partial, Some(with.errors)),
        };
        let (schema, validated) = if !validate {
            (Valid::assume_valid(schema), None)
        } else {
            match schema.validate() {
                Ok(schema) => (schema, None),
                Err(with) => (Valid::assume_valid(with.partial), Some(with.errors)),
            }
        };
        Self {
            schema,
            built,
            validated,
            orphans,
        }
    }

    fn has_root(&self) -> bool {
        let root = &self.schema.schema_definition;
        root.query.is_some() || root.mutation.is_some() || root.subscription.is_some()
    }

    fn faults(&self) -> Vec<SchemaIssue> {
        let lists = self.built.iter().chain(&self.validated);
        lists
            .flat_map(|list| faults(list, &self.schema))
            .chain(unchecked(&self.schema))
            .chain(defaults::check(&self.schema))
            .chain(extended_only(&self.schema, &self.orphans))
            .collect()
    }
}

/// A schema, its faults, and the texts that define its types.
type Parts = (Valid<Schema>, Vec<SchemaIssue>, HashMap<Name, usize>);

/// A schema as apollo-compiler's parser reads it: slowly, with all that there is to say about the texts.
fn with_places(
    texts: &[Source],
    sources: &[Source],
    trees: Option<&[Tree]>,
) -> Result<Parts, Vec<Diagnostic>> {
    let builder = texts.iter().fold(builder(), |builder, source| {
        builder.parse(source.text.as_str(), &source.path)
    });
    let has = |what: &str| texts.iter().any(|source| source.text.contains(what));
    let lacks = trees.map_or_else(|| has("oneOf") && !has("directive @oneOf"), lacks_one_of);
    let checked = Checked::new(builder, lacks, true);
    if let Some(errors) = syntax_errors(checked.built.as_ref(), sources) {
        return Err(errors);
    }
    if !checked.has_root() {
        let names: Vec<&str> = sources.iter().map(|source| source.path.as_str()).collect();
        return Err(vec![
            Diagnostic::error(format!("the schema has no root type ({})", names.join(", ")))
                .with_help("define `type Query { … }`, or name the type in `schema { query: … }`; give every file that the schema is made of"),
        ]);
    }
    let faults = checked.faults();
    let of = located(&checked.schema, texts);
    Ok((checked.schema, faults, of))
}

/// Whether the directive `@oneOf` is used and not defined.
fn lacks_one_of(trees: &[Tree]) -> bool {
    let mut definitions = trees.iter().flat_map(|tree| &tree.document.definitions);
    trees.iter().any(|tree| tree.has_one_of)
        && !definitions.any(|definition| {
            matches!(definition, Definition::DirectiveDefinition(directive) if directive.name == "oneOf")
        })
}

/// A schema whose trees have no places, and its faults, which have them; nothing where only apollo-compiler's parser can say what is
/// wrong.
fn without_places(texts: &[Source], trees: &[Tree]) -> Option<Parts> {
    let builder = trees
        .iter()
        .fold(builder(), |builder, tree| builder.add_ast(&tree.document));
    let checked = Checked::new(builder, lacks_one_of(trees), true);
    if !checked.has_root() {
        return None;
    }
    let mut faults = checked.faults();
    if !faults.is_empty() {
        let said = faults.into_iter().map(|fault| fault.diagnostic.message);
        faults = placed(said.collect(), texts, trees, checked.validated.is_some())?;
    }
    let of = defining(trees.iter().map(Some));
    Some((checked.schema, faults, of))
}

/// The faults with these messages, in a schema whose definitions have places where the messages name them; nothing where that is not
/// enough.
fn placed(
    mut said: Vec<String>,
    texts: &[Source],
    trees: &[Tree],
    validate: bool,
) -> Option<Vec<SchemaIssue>> {
    let definitions = trees.iter().flat_map(|tree| &tree.document.definitions);
    let defined: HashSet<&str> = definitions
        .filter_map(|definition| Some(definition.name()?.as_str()))
        .collect();
    let mut named: HashSet<&str> = HashSet::default();
    // What is not defined is wrong wherever it stands.
    let mut missing: HashSet<&str> = HashSet::default();
    for message in &said {
        let words = help::quoted(message).map(|word| word.split('.').next().unwrap_or(word));
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            words.partition(|word| defined.contains(word));
        if known.is_empty() {
            missing.extend(unknown.first());
        }
        named.extend(known);
    }
    let mut builder = builder();
    let mut parts = Vec::with_capacity(texts.len());
    for (index, (source, tree)) in texts.iter().zip(trees).enumerate() {
        let (document, part) =
            tree.with_places(&source.text, &index.to_string(), |definition, text| {
                // The schema itself has no name.
                definition
                    .name()
                    .is_none_or(|name| named.contains(name.as_str()))
                    || missing.iter().any(|word| text.contains(word))
            })?;
        builder = builder.add_ast(&document);
        parts.push(part);
    }
    let mut faults = Checked::new(builder, lacks_one_of(trees), validate).faults();
    for fault in &mut faults {
        let place = fault.diagnostic.location.as_mut()?;
        let index: usize = place.path.parse().ok()?;
        let offset = parts.get(index)?.origin(place.offset)?;
        let source = &texts[index];
        *place = Location::new(&source.path, &source.text, offset, place.length);
    }
    let mut again: Vec<&str> = faults
        .iter()
        .map(|fault| fault.diagnostic.message.as_str())
        .collect();
    again.sort_unstable();
    said.sort_unstable();
    (again == said).then_some(faults)
}

/// The part of a schema that has been loaded before in whole: with these faults, and these built-in scalars.
pub fn load_part(part: &[Source], faults: Vec<SchemaIssue>, scalars: &[String]) -> Loaded {
    let trees: Vec<Option<Tree>> = part.iter().map(|source| tree::read(&source.text)).collect();
    let mut builder = builder();
    for (source, tree) in part.iter().zip(&trees) {
        builder = match tree {
            Some(tree) => builder.add_ast(&tree.document),
            // Nothing of this file is reached.
            None if source.text.is_empty() => builder,
            None => builder.parse(source.text.as_str(), &source.path),
        };
    }
    let mut schema = match builder.build() {
        Ok(schema) => schema,
        Err(with) => with.partial,
    };
    // Validation of the whole leaves out the built-in scalars that a schema does not name.
    schema.types.retain(|name, definition| {
        !is_built_in_scalar(definition) || scalars.iter().any(|scalar| scalar == name.as_str())
    });
    let mut of = defining(trees.iter().map(Option::as_ref));
    of.extend(located(&schema, part));
    Loaded {
        schema: Valid::assume_valid(schema),
        faults,
        files: Files::new(part, of),
        sdl: None,
    }
}

/// The built-in scalars that a schema has after validation.
pub fn built_in_scalars(schema: &Schema) -> Vec<String> {
    let all = schema.types.iter();
    all.filter(|(_, definition)| is_built_in_scalar(definition))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn is_built_in_scalar(definition: &ExtendedType) -> bool {
    definition.is_built_in() && definition.is_scalar()
}

fn syntax_errors(list: Option<&DiagnosticList>, sources: &[Source]) -> Option<Vec<Diagnostic>> {
    let mut seen = HashSet::default();
    let errors: Vec<Diagnostic> = list?
        .iter()
        .filter(|diagnostic| diagnostic.error.to_string().starts_with("syntax error"))
        // After the first error of a file the parser guesses.
        .filter(|diagnostic| {
            let file = diagnostic.error.location().map(|span| span.file_id());
            seen.insert(file)
        })
        .map(|diagnostic| {
            let place = place(diagnostic.error.location(), diagnostic.sources);
            let is_json = place.as_ref().is_some_and(|place| {
                sources.iter().any(|source| source.path == place.path && source.text.trim_start().starts_with('{'))
            });
            let error = help::syntax(&diagnostic.error.to_string(), place);
            if is_json {
                error.with_help("the introspection answer describes something that SDL can't say")
            } else {
                error.with_help("a schema is SDL (`type Query { … }`) or the JSON answer to an introspection query")
            }
        })
        .collect();
    (!errors.is_empty()).then_some(errors)
}

fn faults(list: &DiagnosticList, schema: &Schema) -> Vec<SchemaIssue> {
    list.iter()
        .map(|diagnostic| {
            let place = place(diagnostic.error.location(), diagnostic.sources);
            // A field that is defined twice is kept once; the second definition stands outside every kept one.
            let message = diagnostic.error.to_string();
            let twice = message
                .starts_with("duplicate definitions")
                .then(|| help::quoted(&message).next().map(str::to_owned))
                .flatten();
            let within = diagnostic.error.location().and_then(|span| {
                schema.types.iter().find_map(|(name, definition)| {
                    enclosing(name, definition, span, twice.as_deref())
                })
            });
            // A type that is defined twice: which of the two an answer has is open, but for scalars.
            let collision = message
                .ends_with("is defined multiple times in the schema")
                .then(|| schema.types.get_key_value(help::quoted(&message).next()?))
                .flatten()
                .filter(|(_, definition)| !definition.is_scalar())
                .map(|(name, _)| SchemaCoordinate::Type(name.clone()));
            let in_a_field = match &within {
                Some(SchemaCoordinate::Type(name)) => schema.get_input_object(name).is_some(),
                within => within.is_some(),
            };
            let ambiguous = match diagnostic.error.unstable_error_name() {
                Some("UndefinedDefinition") => in_a_field,
                Some("OutputType" | "InputType" | "UnionMemberObjectType") => true,
                None => collision.is_some() || twice.is_some() && in_a_field,
                _ => false,
            };
            SchemaIssue::new(&worded(&message), place, ambiguous, collision.or(within))
        })
        .collect()
}

/// A fault in our words, where the validator's are about documents.
fn worded(message: &str) -> String {
    message
        .replace("cannot find type", "there is no type")
        .replace("cannot find directive", "there is no directive")
        .replace(" in this document", "")
}

/// What the validator leaves unchecked: fields of `@oneOf` input objects are nullable and have no default (September 2025
/// edition, section 3.10.1), and what has to be given is not deprecated (section 3.13.3).
fn unchecked(schema: &Schema) -> Vec<SchemaIssue> {
    let mut faults = Vec::new();
    let mut fault = |message: &str, place: Option<Location>, within: SchemaCoordinate| {
        faults.push(SchemaIssue::new(message, place, false, Some(within)));
    };
    let is_deprecated =
        |value: &InputValueDefinition| value.is_required() && value.directives.has("deprecated");
    let deprecated = |within: &SchemaCoordinate, name: &Name| {
        let input = within.input(name);
        format!("{input} has to be given, and is deprecated")
    };
    for definition in schema.types.values() {
        let fields = match definition {
            ExtendedType::InputObject(input) => {
                for (name, field) in &input.fields {
                    // To find a place is slow: only of what is wrong.
                    let place = || place(field.location(), &schema.sources);
                    let within = SchemaCoordinate::Type(input.name.clone());
                    if is_deprecated(field) {
                        fault(&deprecated(&within, name), place(), within.clone());
                    }
                    if input.directives.has("oneOf")
                        && (field.ty.is_non_null() || field.default_value.is_some())
                    {
                        let message = format!(
                            "`{}` is `@oneOf`, so `{name}` is nullable and has no default",
                            input.name
                        );
                        fault(&message, place(), within);
                    }
                }
                continue;
            }
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        for (name, field) in fields {
            for argument in field
                .arguments
                .iter()
                .filter(|argument| is_deprecated(argument))
            {
                let place = place(argument.location(), &schema.sources);
                let within = SchemaCoordinate::Field(definition.name().clone(), name.clone());
                fault(&deprecated(&within, &argument.name), place, within);
            }
        }
    }
    faults
}

/// Types that are extended and defined nowhere: the rest of them is missing.
fn extended_only(schema: &Schema, names: &[Name]) -> impl Iterator<Item = SchemaIssue> {
    names.iter().map(|name| {
        let message = format!("`{name}` is extended, and defined nowhere");
        let extension = schema
            .types
            .get(name)
            .and_then(|definition| definition.name().location());
        let place = place(extension, &schema.sources);
        let mut fault = SchemaIssue::new(&message, place, true, Some(SchemaCoordinate::Type(name.clone())));
        fault.diagnostic.help = Some("an operation selects it: give the file that defines it, or write the definition without `extend`".into());
        fault
    })
}

/// The definition whose text holds the span: its type, and the field where one alone is concerned.
fn enclosing(
    name: &Name,
    definition: &ExtendedType,
    span: apollo_compiler::parser::SourceSpan,
    twice: Option<&str>,
) -> Option<SchemaCoordinate> {
    let holds = |outer: Option<apollo_compiler::parser::SourceSpan>| {
        outer.is_some_and(|outer| {
            outer.file_id() == span.file_id()
                && outer.offset() <= span.offset()
                && span.end_offset() <= outer.end_offset()
        })
    };
    let in_extension = definition.iter_origins().any(|origin| {
        origin
            .extension_id()
            .is_some_and(|extension| holds(extension.location()))
    });
    if !holds(definition.location()) && !in_extension {
        return None;
    }
    let fields = match definition {
        ExtendedType::Object(object) => &object.fields,
        ExtendedType::Interface(interface) => &interface.fields,
        _ => return Some(SchemaCoordinate::Type(name.clone())),
    };
    let field = fields
        .iter()
        .find(|(field, definition)| holds(definition.location()) || twice == Some(field.as_str()));
    Some(match field {
        Some((field, _)) => SchemaCoordinate::Field(name.clone(), field.clone()),
        None => SchemaCoordinate::Type(name.clone()),
    })
}

impl Loaded {
    /// The faults as diagnostics: an error where an operation uses what is faulty, otherwise a warning.
    pub fn classify(&self, used: &UsedTypes, document: &ExecutableDocument) -> Vec<Diagnostic> {
        if self.faults.is_empty() {
            return Vec::new();
        }
        let mut touched = Touched {
            types: used.types.clone(),
            ..Touched::default()
        };
        for operation in document.operations.iter() {
            touched
                .directives
                .extend(operation.directives.iter().map(|node| &**node));
            touched.set(&operation.selection_set);
        }
        for fragment in document.fragments.values() {
            touched
                .directives
                .extend(fragment.directives.iter().map(|node| &**node));
            touched.set(&fragment.selection_set);
        }
        self.faults
            .iter()
            .map(|fault| {
                let touched = fault.ambiguous
                    && match &fault.within {
                        Some(SchemaCoordinate::Field(name, field)) => touched.fields.contains(&(name, field)),
                        Some(SchemaCoordinate::Type(name)) => touched.types.contains(name),
                        Some(SchemaCoordinate::Argument(name, field, argument)) => {
                            touched.skipped_derives.contains(&(name, field, argument))
                        }
                        Some(SchemaCoordinate::OfDirective(directive, argument)) => {
                            touched.directives.iter().any(|used| {
                                used.name == *directive && !is_given(&used.arguments, argument)
                            })
                        }
                        None => false,
                    };
                let mut diagnostic = fault.diagnostic.clone();
                if touched {
                    diagnostic.help.get_or_insert("an operation selects it: mend the schema, or leave it out of the operation".into());
                } else {
                    diagnostic.severity = crate::Severity::Warning;
                    diagnostic.help = Some("it does not concern what operations select, so code is generated all the same".into());
                }
                diagnostic
            })
            .collect()
    }
}

/// What documents use of a schema.
#[derive(Default)]
struct Touched<'a> {
    types: HashSet<Name>,
    /// Every field that is selected, with the type that it is selected from.
    fields: HashSet<(&'a Name, &'a Name)>,
    /// Arguments that are not given, with type and field.
    skipped_derives: HashSet<(&'a Name, &'a Name, &'a Name)>,
    directives: Vec<&'a Directive>,
}

impl<'a> Touched<'a> {
    fn set(&mut self, set: &'a SelectionSet) {
        self.types.insert(set.ty.clone());
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    self.directives
                        .extend(field.directives.iter().map(|node| &**node));
                    self.fields.insert((&set.ty, &field.name));
                    let arguments = field.definition.arguments.iter();
                    self.skipped_derives.extend(
                        arguments
                            .filter(|argument| !is_given(&field.arguments, &argument.name))
                            .map(|argument| (&set.ty, &field.name, &argument.name)),
                    );
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives
                        .extend(inline.directives.iter().map(|node| &**node));
                    self.set(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives
                        .extend(spread.directives.iter().map(|node| &**node));
                }
            }
        }
    }
}

fn is_given(arguments: &[Node<Argument>], name: &Name) -> bool {
    arguments.iter().any(|argument| argument.name == *name)
}

#[cfg(test)]
mod tests;
