//! Lower: from valid documents to the [`ir`](crate::ir). Every decision about generated types is
//! made here. Enter at [`lower`].
//!
//! One selection set becomes one type, by these rules:
//!
//! - Inline fragments are merged into the selection set that they stand in; named fragments are
//!   not: a spread is a field whose type is the fragment's ([`flatten`](flatten)). The exception is
//!   a spread whose place decides a type condition that the fragment's own type leaves open.
//! - Where a type condition is not already decided by the parent's type, the type is a union: a
//!   variant for each set of conditions that holds together, and `Other` for the rest and for types
//!   that the schema does not know yet.
//! - Fields with one response key are merged as the specification merges them; a field that stands
//!   under `@include` or `@skip` wherever it is selected is conditional.
//! - A selection set that is nothing but one spread has the fragment's type.

use super::context::Context;
use super::deferrals::{self, Deferral, Deferrals};
use super::flatten::{self, Condition, Content, Item, ItemKind, Occurrence};
use super::{derives, used_types};
use crate::document::Documents;
use crate::ir::{self, Field, FieldType, FieldTypeKind, SelectionRef, Type, TypeShape, Variant};
use crate::options::Options;
use crate::schema::Loaded;
use crate::schema::deprecation::deprecation_reason;
use crate::walk::is_typename;
use apollo_compiler::ast::{self, OperationType};
use apollo_compiler::collections::{HashMap, HashSet, IndexMap};
use apollo_compiler::executable::{self, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::{Name, Schema};
use std::collections::BTreeMap;

/// Selection sets by address: the document is neither changed nor moved while it is compiled.
pub type SelectionSets = HashSet<*const SelectionSet>;

/// What the lowering decides.
pub struct Lowered {
    pub module: ir::Module,
    /// The selection sets that have to ask for `__typename`, because it decides their type.
    pub with_typename: SelectionSets,
    /// The fragments under `@defer`, with the labels that are added to what is sent.
    pub deferrals: Deferrals,
}

/// Lowers the valid operations and fragments, and the input types that they use.
pub fn lower(loaded: &Loaded, documents: &Documents, options: &Options) -> Lowered {
    let schema: &Schema = &loaded.schema;
    let document = &documents.document;
    let found = Deferrals::find(document, &documents.operations, &documents.fragments);
    let context = Context::new(schema, document, &found);
    let mut uses = used_types::UsedTypesCollector::new(schema, &loaded.files, options);
    let mut with_typename = SelectionSets::default();
    let mut module = ir::Module::default();
    let described = |span: Option<SourceSpan>| {
        documents
            .descriptions
            .get(&span.map(|span| (span.file_id(), span.offset()))?)
            .cloned()
    };

    for name in &documents.fragments {
        let fragment = &document.fragments[name];
        let mut lowering = Lowering::new(&context, &mut uses, &mut with_typename);
        lowering.definition(&fragment.selection_set, Vec::new());
        module.fragments.push(ir::Fragment {
            name: name.to_string(),
            on: fragment.type_condition().to_string(),
            location: context.lines.location(fragment.location()),
            description: described(fragment.location()),
            printed: fragment.to_string(),
            types: lowering.types,
        });
    }
    for name in &documents.operations {
        let operation = &document.operations.named[name];
        let mut lowering = Lowering::new(&context, &mut uses, &mut with_typename);
        lowering.definition(&operation.selection_set, vec!["Data".into()]);
        let types = lowering.types;
        module.operations.push(ir::Operation {
            kind: match operation.operation_type {
                OperationType::Query => ir::OperationKind::Query,
                OperationType::Mutation => ir::OperationKind::Mutation,
                OperationType::Subscription => ir::OperationKind::Subscription,
            },
            name: name.to_string(),
            location: context.lines.location(operation.location()),
            description: described(operation.location()),
            printed: operation.to_string(),
            variables: operation
                .variables
                .iter()
                .map(|variable| uses.variable(variable, described(variable.location())))
                .collect(),
            skipped_derives: Vec::new(),
            types,
            document: String::new(),
            incremental: deferrals::is_incremental(document, &operation.selection_set),
        });
    }
    module
        .operations
        .sort_by(|a, b| (&a.location.path, &a.name).cmp(&(&b.location.path, &b.name)));
    module.fragments.sort_by(|a, b| a.name.cmp(&b.name));
    uses.finish(&mut module);
    derives::note_skipped_derives(&mut module, options);
    Lowered {
        module,
        with_typename,
        deferrals: found,
    }
}

/// What decides a type: the type that is selected from, and the selection sets that are merged.
type Key = (Name, Vec<(Vec<(bool, String)>, *const SelectionSet)>);

/// The lowering of one operation or fragment.
struct Lowering<'a, 'c> {
    context: &'c Context<'a>,
    uses: &'c mut used_types::UsedTypesCollector<'a>,
    with_typename: &'c mut SelectionSets,
    types: Vec<Type>,
    /// A selection set that is shared by the variants of a union has one type.
    made: HashMap<Key, SelectionRef>,
}

impl<'a, 'c> Lowering<'a, 'c> {
    fn new(
        context: &'c Context<'a>,
        uses: &'c mut used_types::UsedTypesCollector<'a>,
        with_typename: &'c mut SelectionSets,
    ) -> Self {
        Self {
            context,
            uses,
            with_typename,
            types: Vec::new(),
            made: HashMap::default(),
        }
    }

    /// The selection set of an operation or fragment: its type is the first one.
    fn definition(&mut self, set: &'a SelectionSet, path: Vec<String>) {
        let occurrences = vec![(Vec::new(), set)];
        let flat = flatten::flatten(self.context, &set.ty, &occurrences);
        let line = 0;
        self.types.push(placeholder());
        self.selection_into(0, path, &set.ty, line, &occurrences, flat);
    }

    /// The type of merged selection sets on a field.
    fn selection(
        &mut self,
        path: Vec<String>,
        on: &'a Name,
        line: usize,
        occurrences: Vec<Occurrence<'a>>,
    ) -> SelectionRef {
        let sets = occurrences.iter().map(|(conditions, set)| {
            let conditions = conditions
                .iter()
                .map(|condition| (condition.skip, condition.variable.to_owned()))
                .collect();
            (conditions, std::ptr::from_ref(*set))
        });
        // The same deferred fragment may stand on several types, which decide what is in it.
        let key: Key = (on.clone(), sets.collect());
        if let Some(content) = self.made.get(&key) {
            return content.clone();
        }
        let flat = flatten::flatten(self.context, on, &occurrences);
        let content = if let (
            true,
            [
                Item {
                    conditions,
                    kind: ItemKind::Spread(spread),
                    ..
                },
            ],
        ) = (flat.guards.is_empty(), flat.items.as_slice())
            && conditions.is_empty()
        {
            SelectionRef::Fragment(spread.fragment_name.to_string())
        } else {
            let index = self.types.len();
            self.types.push(placeholder());
            self.selection_into(index, path, on, line, &occurrences, flat);
            SelectionRef::Local(index)
        };
        self.made.insert(key, content.clone());
        content
    }

    fn selection_into(
        &mut self,
        index: usize,
        path: Vec<String>,
        on: &'a Name,
        line: usize,
        occurrences: &[Occurrence<'a>],
        flat: flatten::Flat<'a>,
    ) {
        // `Data` names the type of the whole answer alone: paths below begin with response keys.
        let inner = if path.first().is_some_and(|first| first == "Data") && index == 0 {
            Vec::new()
        } else {
            path.clone()
        };
        let shape = if flat.guards.is_empty() {
            TypeShape::Struct(self.fields(&inner, on, flat.items))
        } else {
            // One selection set that is always there is enough: the last, which is no wider than
            // this type.
            let always = occurrences
                .iter()
                .rfind(|(conditions, _)| conditions.is_empty());
            match always {
                Some((_, set)) => {
                    self.with_typename.insert(std::ptr::from_ref(*set));
                }
                None => self
                    .with_typename
                    .extend(occurrences.iter().map(|(_, set)| std::ptr::from_ref(*set))),
            }
            self.union(&inner, on, line, flat)
        };
        self.types[index] = Type {
            skipped_derives: Vec::new(),
            path,
            on: on.to_string(),
            line,
            shape,
        };
    }

    fn union(
        &mut self,
        path: &[String],
        on: &'a Name,
        line: usize,
        flat: flatten::Flat<'a>,
    ) -> TypeShape {
        let flatten::Flat { items, guards } = flat;
        let items: Vec<Item<'a>> = items
            .into_iter()
            .filter(|item| !matches!(&item.kind, ItemKind::Field(field) if is_typename(field)))
            .collect();
        // The shared part comes first: nested types that every variant has are named by it.
        let shared: Vec<Item<'a>> = items
            .iter()
            .filter(|item| item.guard.is_none())
            .cloned()
            .collect();
        let other = (!shared.is_empty()).then(|| {
            let mut path = path.to_vec();
            let fields = self.fields(&path, on, shared);
            path.push("Other".into());
            SelectionRef::Local(self.variant_type(path, on, line, fields, true))
        });
        // Object types by the set of guards that they pass.
        let mut passed: BTreeMap<&'a Name, Vec<usize>> = BTreeMap::new();
        for (index, guard) in guards.iter().enumerate() {
            for name in guard.types.iter() {
                passed.entry(name).or_default().push(index);
            }
        }
        let mut groups: BTreeMap<Vec<usize>, Vec<&'a Name>> = BTreeMap::new();
        for (name, guards) in passed {
            groups.entry(guards).or_default().push(name);
        }
        let mut variants = Vec::new();
        for (passing, type_names) in groups {
            let object = passing.iter().find(|index| guards[**index].object);
            let name = match object {
                Some(_) => type_names[0].to_string(),
                None => passing
                    .iter()
                    .map(|index| guards[*index].name.as_str())
                    .collect::<Vec<_>>()
                    .join("_"),
            };
            let applying: Vec<Item<'a>> = items
                .iter()
                .filter(|item| item.guard.is_none_or(|guard| passing.contains(&guard)))
                .cloned()
                .collect();
            // A variant of one type is its own type name; one of several has to keep it.
            let needs_typename = object.is_none();
            let content = match applying.as_slice() {
                [
                    Item {
                        conditions,
                        kind: ItemKind::Spread(spread),
                        ..
                    },
                ] if conditions.is_empty() && !needs_typename => {
                    SelectionRef::Fragment(spread.fragment_name.to_string())
                }
                _ => {
                    let mut path = path.to_vec();
                    path.push(name.clone());
                    let on = if object.is_some() { type_names[0] } else { on };
                    let fields = self.fields(&path, on, applying);
                    SelectionRef::Local(self.variant_type(path, on, line, fields, needs_typename))
                }
            };
            variants.push(Variant {
                name,
                type_names: type_names.iter().map(|name| name.to_string()).collect(),
                selection: content,
            });
        }
        TypeShape::Union { variants, other }
    }

    fn variant_type(
        &mut self,
        path: Vec<String>,
        on: &Name,
        line: usize,
        mut fields: Vec<Field>,
        typename: bool,
    ) -> usize {
        if typename {
            fields.insert(
                0,
                Field::Value {
                    key: "__typename".into(),
                    conditional: false,
                    field_type: FieldType {
                        nullable: false,
                        kind: FieldTypeKind::Leaf(ir::NamedType::String),
                    },
                    description: Some("The name of the object type.".into()),
                    deprecated: None,
                },
            );
        }
        self.types.push(Type {
            skipped_derives: Vec::new(),
            path,
            on: on.to_string(),
            line,
            shape: TypeShape::Struct(fields),
        });
        self.types.len() - 1
    }

    /// Merges items into fields, in the order in which an answer has them.
    fn fields(&mut self, path: &[String], on: &'a Name, items: Vec<Item<'a>>) -> Vec<Field> {
        #[derive(PartialEq, Eq, Hash)]
        enum Key<'a> {
            Field(&'a Name),
            Spread(&'a Name),
            Deferred(&'a str),
        }
        enum Merged<'a> {
            Field(Vec<(Vec<Condition<'a>>, &'a executable::Field)>),
            Spread(bool),
            Deferred(&'a Deferral, Content<'a>),
        }
        let mut merged: IndexMap<Key<'a>, Merged<'a>> = IndexMap::default();
        for item in items {
            match item.kind {
                ItemKind::Field(field) => match merged
                    .entry(Key::Field(field.response_key()))
                    .or_insert_with(|| Merged::Field(Vec::new()))
                {
                    Merged::Field(occurrences) => occurrences.push((item.conditions, field)),
                    // The key keeps them apart.
                    Merged::Spread(_) | Merged::Deferred(..) => {}
                },
                ItemKind::Deferred(deferral, content) => {
                    merged
                        .entry(Key::Deferred(&deferral.label))
                        .or_insert(Merged::Deferred(deferral, content));
                }
                ItemKind::Spread(spread) => {
                    let conditional = !item.conditions.is_empty();
                    match merged
                        .entry(Key::Spread(&spread.fragment_name))
                        .or_insert(Merged::Spread(true))
                    {
                        Merged::Spread(all) => *all &= conditional,
                        Merged::Field(_) | Merged::Deferred(..) => {}
                    }
                }
            }
        }
        merged
            .into_iter()
            .filter_map(|(key, merged)| match (key, merged) {
                (Key::Spread(name), Merged::Spread(conditional)) => Some(Field::Spread {
                    fragment: name.to_string(),
                    conditional,
                }),
                (Key::Field(name), Merged::Field(occurrences)) => {
                    Some(self.field(path, name, occurrences))
                }
                (_, Merged::Deferred(deferral, content)) => {
                    Some(self.deferred(path, on, deferral, content))
                }
                _ => None,
            })
            .collect()
    }

    /// A fragment under `@defer`: a type of its own, which an inline fragment has, too.
    fn deferred(
        &mut self,
        path: &[String],
        on: &'a Name,
        deferral: &Deferral,
        content: Content<'a>,
    ) -> Field {
        let selection = match content {
            Content::Fragment(name) => SelectionRef::Fragment(name.to_string()),
            Content::Set(set, span) => {
                let mut path = path.to_vec();
                path.push(deferral.name.clone());
                // The narrower of the two types decides the conditions within.
                let on = match self.context.is_always_a(on, &set.ty) {
                    true => on,
                    false => &set.ty,
                };
                let line = self.context.lines.line(span);
                self.selection(path, on, line, vec![(Vec::new(), set)])
            }
        };
        Field::Deferred {
            name: deferral.name.clone(),
            label: deferral.label.clone(),
            selection,
        }
    }

    fn field(
        &mut self,
        path: &[String],
        key: &'a Name,
        occurrences: Vec<(Vec<Condition<'a>>, &'a executable::Field)>,
    ) -> Field {
        let conditional = occurrences
            .iter()
            .all(|(conditions, _)| !conditions.is_empty());
        // That the field is there at all implies the conditions that all its occurrences share.
        let implied: Vec<Condition<'a>> = occurrences
            .iter()
            .map(|(conditions, _)| conditions)
            .skip(1)
            .fold(occurrences[0].0.clone(), |common, conditions| {
                common
                    .into_iter()
                    .filter(|c| conditions.contains(c))
                    .collect()
            });
        let first = occurrences[0].1;
        let on = self.narrowest(&occurrences);
        let content = on.map(|on| {
            let mut path = path.to_vec();
            path.push(key.to_string());
            let line = self.context.lines.line(first.name.location());
            let nested = occurrences
                .iter()
                .map(|(conditions, field)| {
                    let rest = conditions
                        .iter()
                        .filter(|condition| !implied.contains(condition))
                        .copied()
                        .collect();
                    (rest, &field.selection_set)
                })
                .collect();
            self.selection(path, on, line, nested)
        });
        let mut output = self.output(first.ty(), content.as_ref());
        for (_, field) in &occurrences[1..] {
            weaken(&mut output, field.ty());
        }
        let definition = &first.definition;
        Field::Value {
            key: key.to_string(),
            conditional,
            field_type: output,
            description: definition.description.as_ref().map(|text| text.to_string()),
            deprecated: deprecation_reason(&definition.directives),
        }
    }

    /// The type that the merged selection sets of a field select from; where they differ, the
    /// narrowest.
    fn narrowest(
        &self,
        occurrences: &[(Vec<Condition<'a>>, &'a executable::Field)],
    ) -> Option<&'a Name> {
        let mut types = occurrences
            .iter()
            .map(|(_, field)| field)
            .filter(|field| !field.selection_set.selections.is_empty())
            .map(|field| &field.selection_set.ty);
        let first = types.next()?;
        Some(types.fold(first, |narrowest, ty| {
            if self.context.is_always_a(ty, narrowest) {
                ty
            } else {
                narrowest
            }
        }))
    }

    fn output(&mut self, ty: &'a ast::Type, content: Option<&SelectionRef>) -> FieldType {
        let kind = match ty {
            ast::Type::List(item) | ast::Type::NonNullList(item) => {
                FieldTypeKind::List(Box::new(self.output(item, content)))
            }
            ast::Type::Named(name) | ast::Type::NonNullNamed(name) => match content {
                Some(content) => FieldTypeKind::Selection(content.clone()),
                None => FieldTypeKind::Leaf(self.uses.named_type(name)),
            },
        };
        FieldType {
            nullable: !ty.is_non_null(),
            kind,
        }
    }
}

/// Where merged fields differ in nullability (an allowed conflict), the answer may hold a null.
fn weaken(output: &mut FieldType, ty: &ast::Type) {
    output.nullable |= !ty.is_non_null();
    if let (FieldTypeKind::List(item), ast::Type::List(other) | ast::Type::NonNullList(other)) =
        (&mut output.kind, ty)
    {
        weaken(item, other);
    }
}

fn placeholder() -> Type {
    Type {
        skipped_derives: Vec::new(),
        path: Vec::new(),
        on: String::new(),
        line: 0,
        shape: TypeShape::Struct(Vec::new()),
    }
}
