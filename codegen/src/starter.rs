//! A first query for a schema that nobody has written a query for yet, with an answer to it: what
//! `attendium new` begins an application with. Enter at [`starter`].

use crate::diagnostics::Diagnostic;
use crate::schema;
use crate::source::Source;
use apollo_compiler::Schema;
use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::schema::ExtendedType;
use serde_json::{Map, Value, json};

/// The most fields that a first query selects of one type.
const FIELDS: usize = 6;
/// Root fields that most schemas have for who is logged in.
const VIEWERS: [&str; 2] = ["me", "viewer"];

/// A query without variables that a schema allows, and an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Starter {
    /// The query, ready to be written to a file.
    pub document: String,
    /// An answer to it, as a server may give it.
    pub answer: Value,
}

/// Writes a first query by this name: who is logged in, or else the first field of the root that
/// needs no arguments.
///
/// ```
/// use attendium_codegen::{Source, starter};
///
/// let schema = [Source::new("schema.graphql", "type Query { me: User } type User { id: ID! }")];
/// let starter = starter(&schema, "Start").unwrap();
/// assert_eq!(starter.document, "query Start {\n  me {\n    id\n  }\n}\n");
/// assert_eq!(starter.answer["data"]["me"]["id"], "1");
/// ```
///
/// # Errors
/// The schema can't be loaded, or has no queries.
pub fn starter(schema: &[Source], name: &str) -> Result<Starter, Vec<Diagnostic>> {
    let loaded = schema::load(schema)?;
    let schema = &*loaded.schema;
    let root = schema.root_operation(apollo_compiler::ast::OperationType::Query);
    let Some(ExtendedType::Object(root)) = root.and_then(|name| schema.types.get(name)) else {
        return Err(vec![
            Diagnostic::error("the schema has no queries")
                .with_help("name a schema with a type `Query`"),
        ]);
    };
    let fields: Vec<&FieldDefinition> = root
        .fields
        .values()
        .map(|field| &***field)
        .filter(|field| is_free(field))
        .collect();
    let selected = |field: &&FieldDefinition| !leaves(schema, field).is_empty();
    let viewer = VIEWERS
        .iter()
        .find_map(|name| fields.iter().find(|field| field.name == *name));
    let object = || fields.iter().find(|field| selected(field));
    let leaf = || fields.iter().find(|field| is_leaf(schema, &field.ty));
    let Some(field) = viewer.or_else(object).or_else(leaf) else {
        return Ok(Starter {
            document: format!("query {name} {{\n  __typename\n}}\n"),
            answer: json!({ "data": { "__typename": root.name.as_str() } }),
        });
    };
    let (selection, value) = select(schema, field);
    Ok(Starter {
        document: format!("query {name} {{\n  {selection}\n}}\n"),
        answer: json!({ "data": { field.name.as_str(): value } }),
    })
}

/// Whether a field can be selected by its name alone.
fn is_free(field: &FieldDefinition) -> bool {
    let is_deprecated = field.directives.has("deprecated");
    !is_deprecated
        && !field
            .arguments
            .iter()
            .any(|argument| argument.is_required())
}

fn is_leaf(schema: &Schema, ty: &Type) -> bool {
    matches!(
        schema.types.get(ty.inner_named_type()),
        Some(ExtendedType::Scalar(_) | ExtendedType::Enum(_))
    )
}

/// The leaf fields of a field's type that need no arguments.
fn leaves<'a>(schema: &'a Schema, field: &FieldDefinition) -> Vec<&'a FieldDefinition> {
    let fields = match schema.types.get(field.ty.inner_named_type()) {
        Some(ExtendedType::Object(of)) => &of.fields,
        Some(ExtendedType::Interface(of)) => &of.fields,
        _ => return Vec::new(),
    };
    let leaves = fields.values().map(|field| &***field);
    leaves
        .filter(|field| is_free(field) && is_leaf(schema, &field.ty))
        .take(FIELDS)
        .collect()
}

/// What is selected of a root field, and a value for it.
fn select(schema: &Schema, field: &FieldDefinition) -> (String, Value) {
    let name = field.name.as_str();
    if is_leaf(schema, &field.ty) {
        return (name.to_owned(), value(schema, &field.ty, None));
    }
    let leaves = leaves(schema, field);
    let (names, object) = if leaves.is_empty() {
        let named = field.ty.inner_named_type();
        let members = match schema.types.get(named) {
            Some(ExtendedType::Union(of)) => of.members.first().map(|member| member.as_str()),
            Some(ExtendedType::Object(of)) => Some(of.name.as_str()),
            _ => None,
        };
        // Of an interface, some type that the client does not know yet.
        let object = json!({ "__typename": members.unwrap_or(named.as_str()) });
        (vec!["__typename"], object)
    } else {
        let object: Map<String, Value> = leaves
            .iter()
            .map(|leaf| (leaf.name.to_string(), value(schema, &leaf.ty, None)))
            .collect();
        let names = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
        (names, object.into())
    };
    let inner = names.join("\n    ");
    let selection = format!("{name} {{\n    {inner}\n  }}");
    (selection, value(schema, &field.ty, Some(object)))
}

/// A value of a type: a list of one item where it is a list.
fn value(schema: &Schema, ty: &Type, object: Option<Value>) -> Value {
    if let Type::List(item) | Type::NonNullList(item) = ty {
        return Value::Array(vec![value(schema, item, object)]);
    }
    if let Some(object) = object {
        return object;
    }
    match (
        ty.inner_named_type().as_str(),
        schema.types.get(ty.inner_named_type()),
    ) {
        ("Int", _) => 1.into(),
        ("Float", _) => 1.5.into(),
        ("Boolean", _) => true.into(),
        ("ID", _) => "1".into(),
        (_, Some(ExtendedType::Enum(of))) => match of.values.keys().next() {
            Some(value) => value.as_str().into(),
            None => Value::Null,
        },
        _ => "text".into(),
    }
}
