//! The intermediate representation: which types to generate and what is in them, as plain data.
//! Nothing has a Rust name yet. How Rust says it (constructors, codecs, derives of enums) is for
//! [`emit`](crate::emit).
//!
//! [`lower`](crate::ir::lower) makes it, [`names`](crate::ir::names) names it,
//! [`emit`](crate::emit) writes it down. Enter at [`Module`].

mod context;
pub mod deferrals;
pub mod derives;
mod flatten;
pub mod lower;
pub mod names;
pub mod sharing;
mod used_types;

/// All that one compilation generates, each list in the order in which it is written.
#[derive(Debug, Default)]
pub struct Module {
    pub operations: Vec<Operation>,
    pub fragments: Vec<Fragment>,
    pub enums: Vec<Enum>,
    pub inputs: Vec<Input>,
    pub scalars: Vec<Scalar>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    Query,
    Mutation,
    Subscription,
}

#[derive(Debug)]
pub struct Operation {
    pub kind: OperationKind,
    pub name: String,
    pub location: SourceLine,
    pub description: Option<String>,
    pub variables: Vec<InputField>,
    /// What the struct of the variables can't derive.
    pub skipped_derives: Vec<SkippedDerive>,
    /// The first is the type of the whole answer.
    pub types: Vec<Type>,
    /// The operation printed anew with indentation, for the comment.
    pub printed: String,
    /// What is sent: this operation and the fragments that it reaches, minified. The lowering
    /// leaves it empty for [`print_operations`](crate::emit::print::print_operations).
    pub document: String,
    /// Whether its answer may come in parts: it reaches `@defer` or `@stream`.
    pub incremental: bool,
}

#[derive(Debug)]
pub struct Fragment {
    pub name: String,
    pub on: String,
    pub location: SourceLine,
    pub description: Option<String>,
    /// The fragment printed anew with indentation, for the comment.
    pub printed: String,
    /// The first is the fragment's own type.
    pub types: Vec<Type>,
}

/// Where something stands in a source, for the comment above what is generated from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    pub path: String,
    pub line: usize,
}

/// The type of one selection set.
#[derive(Debug)]
pub struct Type {
    /// Response keys, and names of type conditions, from the operation or fragment down to here.
    /// `Data` names the type of the whole answer alone; paths below begin with response keys.
    pub path: Vec<String>,
    /// The name of the GraphQL type that is selected from.
    pub on: String,
    /// The line of the field that it is the type of. 0 where no field is: a whole operation or
    /// fragment, and its variants.
    pub line: usize,
    pub shape: TypeShape,
    pub skipped_derives: Vec<SkippedDerive>,
}

/// A derive that is asked for and that a type can't have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SkippedDerive {
    /// As it is asked for.
    pub path: String,
    /// What in the type lacks it, as a comment says it.
    pub because: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TypeShape {
    Struct(Vec<Field>),
    Union {
        variants: Vec<Variant>,
        /// The type of `Other`, where it has more than the type's name.
        other: Option<SelectionRef>,
    },
}

impl TypeShape {
    /// The types of the same operation or fragment that it holds itself.
    pub fn locals(&self) -> Vec<usize> {
        let contents: Vec<&SelectionRef> = match self {
            Self::Struct(fields) => fields.iter().filter_map(Field::selection).collect(),
            Self::Union { variants, other } => {
                let variants = variants.iter().map(|variant| &variant.selection);
                variants.chain(other).collect()
            }
        };
        let local = |content: &SelectionRef| match content {
            SelectionRef::Local(index) => Some(*index),
            SelectionRef::Fragment(_) => None,
        };
        contents.into_iter().filter_map(local).collect()
    }

    /// The same shape with other numbers for the types that it holds itself.
    pub fn with_locals(&self, number: impl Fn(usize) -> usize) -> Self {
        let mut shape = self.clone();
        let renumber = |selection: &mut SelectionRef| {
            if let SelectionRef::Local(index) = selection {
                *index = number(*index);
            }
        };
        match &mut shape {
            Self::Struct(fields) => fields
                .iter_mut()
                .filter_map(Field::selection_mut)
                .for_each(renumber),
            Self::Union { variants, other } => variants
                .iter_mut()
                .map(|variant| &mut variant.selection)
                .chain(other)
                .for_each(renumber),
        }
        shape
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The type condition that makes it.
    pub name: String,
    /// The object types that it stands for.
    pub type_names: Vec<String>,
    pub selection: SelectionRef,
}

/// A reference to the type of a selection set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SelectionRef {
    /// An index into the `types` of the same operation or fragment.
    Local(usize),
    /// The type of the fragment of that name.
    Fragment(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    Value {
        /// The response key: alias or name.
        key: String,
        /// Under `@include` or `@skip` wherever it is selected.
        conditional: bool,
        field_type: FieldType,
        description: Option<String>,
        deprecated: Option<String>,
    },
    Spread {
        fragment: String,
        conditional: bool,
    },
    /// A fragment under `@defer`.
    Deferred {
        /// What it is called after: the fragment's name, or the label.
        name: String,
        label: String,
        selection: SelectionRef,
    },
}

impl Field {
    /// What is selected from it, where that is no leaf.
    fn selection(&self) -> Option<&SelectionRef> {
        let mut field_type = match self {
            Self::Value { field_type, .. } => field_type,
            Self::Deferred { selection, .. } => return Some(selection),
            Self::Spread { .. } => return None,
        };
        loop {
            match &field_type.kind {
                FieldTypeKind::List(item) => field_type = item,
                FieldTypeKind::Leaf(_) => return None,
                FieldTypeKind::Selection(content) => return Some(content),
            }
        }
    }

    fn selection_mut(&mut self) -> Option<&mut SelectionRef> {
        let mut field_type = match self {
            Self::Value { field_type, .. } => field_type,
            Self::Deferred { selection, .. } => return Some(selection),
            Self::Spread { .. } => return None,
        };
        loop {
            match &mut field_type.kind {
                FieldTypeKind::List(item) => field_type = item,
                FieldTypeKind::Leaf(_) => return None,
                FieldTypeKind::Selection(selection) => return Some(selection),
            }
        }
    }
}

/// The type of a field in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldType {
    pub nullable: bool,
    pub kind: FieldTypeKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldTypeKind {
    List(Box<FieldType>),
    Leaf(NamedType),
    Selection(SelectionRef),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NamedType {
    Int,
    Float,
    String,
    Boolean,
    Id,
    Enum(String),
    Scalar(String),
    /// Inputs only.
    Input(String),
}

#[derive(Debug)]
pub struct Enum {
    pub name: String,
    /// The file of the schema that defines it; none for introspection's own.
    pub path: Option<String>,
    pub skipped_derives: Vec<SkippedDerive>,
    pub description: Option<String>,
    pub values: Vec<EnumValue>,
}

#[derive(Debug)]
pub struct EnumValue {
    pub name: String,
    pub description: Option<String>,
    pub deprecated: Option<String>,
}

#[derive(Debug)]
pub struct Input {
    pub name: String,
    /// The file of the schema that defines it; none for introspection's own.
    pub path: Option<String>,
    pub skipped_derives: Vec<SkippedDerive>,
    pub description: Option<String>,
    pub one_of: bool,
    pub fields: Vec<InputField>,
}

#[derive(Debug)]
pub struct InputField {
    pub name: String,
    pub input: InputType,
    /// Non-null in the schema, but a default value stands in where it is left out.
    pub defaulted: bool,
    /// The value is an input object in an input object, which could contain itself, and whose
    /// size would multiply along the schema.
    pub boxed: bool,
    pub description: Option<String>,
    pub deprecated: Option<String>,
}

impl InputField {
    /// Whether a value must be given.
    pub fn required(&self) -> bool {
        !self.input.nullable && !self.defaulted
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputType {
    pub nullable: bool,
    pub kind: InputKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputKind {
    List(Box<InputType>),
    Named(NamedType),
}

#[derive(Debug)]
pub struct Scalar {
    pub name: String,
    /// The file of the schema that defines it; none for introspection's own.
    pub path: Option<String>,
    pub skipped_derives: Vec<SkippedDerive>,
    pub description: Option<String>,
    /// The Rust type that it is mapped to; a newtype over JSON where it is not.
    pub rust: Option<String>,
}
