//! Documents that are sent as they are written, by the command `attendium query`: which operation
//! runs, whether the schema allows it, and what it sends. No code is generated.
//!
//! Enter at [`RequestInputs::prepare`]. [`variables`] reads and checks the operation's variables.

mod variables;

pub use variables::RequestVariables;

use crate::diagnostics::{Diagnostic, Location, near_miss};
use crate::document;
use crate::options::Options;
use crate::schema;
use crate::source::Source;
use apollo_compiler::ast::{self, OperationType, VariableDefinition};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Node, Schema};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What one request is made from.
///
/// ```
/// use attendium_codegen::{Options, RequestInputs, Source};
///
/// let schema = [Source::new("schema.graphql", "type Query { seats(first: Int): Int }")];
/// let text = "query Seats($first: Int) { seats(first: $first) }";
/// let documents = [Source::new("seats.graphql", text)];
/// let inputs = RequestInputs { schema: &schema, documents: &documents, ..Default::default() };
/// let request = inputs.prepare(&Options::default()).unwrap();
/// assert_eq!((request.kind(), request.name()), ("query", Some("Seats")));
/// let variables = request.variables(Default::default(), &[("first".into(), "3".into())]).unwrap();
/// assert_eq!(variables.values["first"], 3);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestInputs<'a> {
    /// The texts of the schema. Without any, the server alone says what is valid.
    pub schema: &'a [Source],
    /// The texts with the operation.
    pub documents: &'a [Source],
    /// Texts with more fragments that the operation may spread. Their operations don't run.
    pub fragments: &'a [Source],
    /// The operation's name, where the documents have several.
    pub operation: Option<&'a str>,
}

/// An operation that is ready to be sent: [`RequestInputs::prepare`] makes it.
pub struct Request {
    kind: OperationType,
    name: Option<String>,
    document: String,
    variables: Vec<Node<VariableDefinition>>,
    schema: Option<Valid<Schema>>,
}

impl RequestInputs<'_> {
    /// Chooses the operation, checks it against the schema, and takes what it needs out of the
    /// texts.
    ///
    /// # Errors
    /// The schema can't be loaded, a document can't be read, there is not exactly one operation to
    /// choose, or the schema does not allow it.
    pub fn prepare(&self, options: &Options) -> Result<Request, Vec<Diagnostic>> {
        let (trees, mut wrong) = document::parse(self.documents);
        wrong.retain(Diagnostic::is_error);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        // What is wrong with a file of fragments is said where the operation needs it.
        let (more, _) = document::parse(self.fragments);
        let (tree, operation) = self.choose(&trees).map_err(|error| vec![*error])?;
        let reached = reach(operation, trees.iter().chain(&more));
        let schema = match self.schema {
            [] => {
                if !reached.missing.is_empty() {
                    return Err(reached.missing);
                }
                None
            }
            texts => {
                let loaded = schema::load(texts)?;
                let all = self.documents.iter().chain(self.fragments);
                let paths = &reached.paths;
                let texts: Vec<Source> = all
                    .filter(|source| {
                        paths.contains(&source.path) || path_of(tree) == Some(source.path.clone())
                    })
                    .cloned()
                    .collect();
                check(&loaded.schema, &texts, operation, options)?;
                Some(loaded.schema)
            }
        };
        let mut document = text_of(tree, operation.location());
        for (tree, span) in reached.fragments {
            document.push('\n');
            document.push_str(&text_of(tree, span));
        }
        // The name of a file stands for a missing name only where code is generated.
        let name = operation
            .name
            .as_ref()
            .filter(|name| name.location().is_some());
        Ok(Request {
            kind: operation.operation_type,
            name: name.map(ToString::to_string),
            document,
            variables: operation.variables.clone(),
            schema,
        })
    }

    /// The operation that runs, and the tree that it is in.
    fn choose<'t>(
        &self,
        trees: &'t [ast::Document],
    ) -> Result<(&'t ast::Document, &'t Node<ast::OperationDefinition>), Box<Diagnostic>> {
        let all: Vec<_> = trees
            .iter()
            .flat_map(|tree| {
                let operations = tree.definitions.iter().filter_map(|each| match each {
                    ast::Definition::OperationDefinition(operation) => Some(operation),
                    _ => None,
                });
                operations.map(move |operation| (tree, operation))
            })
            .collect();
        let names: Vec<&str> = all
            .iter()
            .filter_map(|(_, operation)| Some(operation.name.as_ref()?.as_str()))
            .collect();
        let paths: Vec<&str> = self
            .documents
            .iter()
            .map(|each| each.path.as_str())
            .collect();
        let place = paths.join("`, `");
        match (self.operation, all.as_slice()) {
            (_, []) => Err(Box::new(
                Diagnostic::error(format!("there is no operation in `{place}`"))
                    .with_help("write one, such as `query { __typename }`"),
            )),
            (None, [one]) => Ok(*one),
            (None, _) => Err(Box::new(
                Diagnostic::error(format!("there are {} operations in `{place}`", all.len()))
                    .with_help(format!(
                        "choose one with `--operation`: {}",
                        names.join(", ")
                    )),
            )),
            (Some(wanted), _) => {
                let mut named = all.iter().filter(|(_, operation)| {
                    operation.name.as_ref().is_some_and(|name| name == wanted)
                });
                named.next().copied().ok_or_else(|| {
                    let error =
                        Diagnostic::error(format!("no operation in `{place}` is named `{wanted}`"));
                    Box::new(
                        error.with_help(match near_miss(wanted, names.iter().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("there are: {}", names.join(", ")),
                        }),
                    )
                })
            }
        }
    }
}

impl Request {
    /// `query`, `mutation` or `subscription`.
    pub fn kind(&self) -> &'static str {
        self.kind.name()
    }

    /// The name of the operation, where it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What is sent: the operation and the fragments that it reaches, as they are written.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The operation's variables: those of `given`, and those that `texts` says by name and value.
    ///
    /// A text is read by the variable's type: as it is for a `String`, an `ID` and an enum's value;
    /// as JSON for numbers, `Boolean`, input objects and lists; and as JSON or else as it is where
    /// nothing but a custom scalar's name is known. Objects and lists may also be written as in
    /// GraphQL, `{status: [ARRIVED]}`. Of a list, each text may be one item. The value
    /// of an `Upload`, the scalar of the multipart request specification, is a file's path.
    ///
    /// # Errors
    /// A value does not fit its type, a variable is missing, or the operation has none of the name.
    pub fn variables(
        &self,
        given: Map<String, Value>,
        texts: &[(String, String)],
    ) -> Result<RequestVariables, Vec<Diagnostic>> {
        variables::read(&self.variables, self.schema.as_deref(), given, texts)
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("kind", &self.kind())
            .field("name", &self.name)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

/// Checks an operation against the schema.
fn check(
    schema: &Valid<Schema>,
    texts: &[Source],
    operation: &ast::OperationDefinition,
    options: &Options,
) -> Result<(), Vec<Diagnostic>> {
    let mut documents = document::validate(schema, texts, options);
    let errors = &mut documents.diagnostics;
    errors.retain(Diagnostic::is_error);
    // That an operation has no name is an error only where it names a type.
    errors.retain(|error| operation.name.is_some() || error.rule != Some("anonymous"));
    let is_valid = match &operation.name {
        Some(name) => documents.operations.contains(name),
        None => errors.is_empty(),
    };
    if is_valid {
        return Ok(());
    }
    if errors.is_empty() {
        errors.push(
            Diagnostic::error("the operation is not valid")
                .with_help("compile it with `attendium generate`, which says more"),
        );
    }
    Err(documents.diagnostics)
}

/// The fragments that an operation reaches.
struct Reached<'a> {
    fragments: Vec<(&'a ast::Document, Option<SourceSpan>)>,
    /// The texts that they are in.
    paths: BTreeSet<String>,
    missing: Vec<Diagnostic>,
}

fn reach<'a>(
    operation: &'a ast::OperationDefinition,
    trees: impl Iterator<Item = &'a ast::Document> + Clone,
) -> Reached<'a> {
    let mut known: BTreeMap<&str, (&ast::Document, &Node<ast::FragmentDefinition>)> =
        BTreeMap::new();
    for tree in trees.clone() {
        for definition in &tree.definitions {
            if let ast::Definition::FragmentDefinition(fragment) = definition {
                known
                    .entry(fragment.name.as_str())
                    .or_insert((tree, fragment));
            }
        }
    }
    let mut reached = Reached {
        fragments: Vec::new(),
        paths: BTreeSet::new(),
        missing: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    let mut sets = vec![&operation.selection_set];
    while let Some(set) = sets.pop() {
        for selection in set {
            match selection {
                ast::Selection::Field(field) => sets.push(&field.selection_set),
                ast::Selection::InlineFragment(inline) => sets.push(&inline.selection_set),
                ast::Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if !seen.insert(name) {
                        continue;
                    }
                    if let Some((tree, fragment)) = known.get(name) {
                        reached.paths.extend(path_of(tree));
                        reached.fragments.push((tree, fragment.location()));
                        sets.push(&fragment.selection_set);
                    } else {
                        let at = trees
                            .clone()
                            .find_map(|tree| Location::of_span(spread.location(), &tree.sources));
                        let help = match near_miss(name, known.keys().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "define it in the same file, or name its file too".into(),
                        };
                        reached.missing.push(
                            Diagnostic::error(format!("there is no fragment `{name}`"))
                                .with_location(at)
                                .with_help(help),
                        );
                    }
                }
            }
        }
    }
    reached
}

/// The path of a tree's text.
fn path_of(tree: &ast::Document) -> Option<String> {
    let file = tree.sources.values().next()?;
    Some(file.path().to_string_lossy().into_owned())
}

/// The text of a definition, without its description, which older servers refuse.
fn text_of(tree: &ast::Document, span: Option<SourceSpan>) -> String {
    let text = span.and_then(|span| {
        let file = tree.sources.get(&span.file_id())?;
        file.source_text().get(span.offset()..span.end_offset())
    });
    text.unwrap_or_default().trim_end().to_owned()
}
