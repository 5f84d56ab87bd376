//! The derives of the standard library that a type can't have, because something in it lacks the
//! trait: an enum has no `Default`, a floating-point number no `Eq`.
//!
//! Other derives are taken to fit, and so are the Rust types that scalars are mapped to. Enter at
//! [`note_skipped_derives`].

use crate::ir::{
    Field, FieldType, FieldTypeKind, InputField, InputKind, InputType, Module, NamedType,
    SelectionRef, SkippedDerive, Type, TypeShape,
};
use crate::options::Options;
use crate::options::last_segment;
use std::collections::HashMap;

/// Notes with each type what can't be derived on it.
pub fn note_skipped_derives(module: &mut Module, options: &Options) {
    let mut seen = Vec::new();
    for path in options.derives.iter().map(|path| path.trim()) {
        let Some(derive) = Derive::of(path).filter(|derive| !seen.contains(derive)) else {
            continue;
        };
        seen.push(derive);
        let note = |list: &mut Vec<SkippedDerive>, because: &str| {
            list.push(SkippedDerive {
                path: path.to_owned(),
                because: because.to_owned(),
            });
        };
        let found = DeriveSearch::new(module, options, derive).run();
        for (at, because) in found {
            let list = match at {
                TypeIndex::Variables(index) => &mut module.operations[index].skipped_derives,
                TypeIndex::Answer(index, ty) => {
                    &mut module.operations[index].types[ty].skipped_derives
                }
                TypeIndex::Fragment(index, ty) => {
                    &mut module.fragments[index].types[ty].skipped_derives
                }
                TypeIndex::Input(index) => &mut module.inputs[index].skipped_derives,
            };
            note(list, &because);
        }
        if derive.is_missing_on_enums() {
            for definition in &mut module.enums {
                note(&mut definition.skipped_derives, ENUMS);
            }
        }
        if derive.is_missing_on_json() {
            for scalar in &mut module.scalars {
                if scalar.rust.is_none() {
                    note(&mut scalar.skipped_derives, "JSON");
                }
            }
        }
    }
}

const ENUMS: &str = "an enum";

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// The traits of the standard library that some generated types can't derive. `Debug`, `Clone` and
/// `PartialEq` fit all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derive {
    Copy,
    Default,
    Eq,
    Hash,
    Ord,
    PartialOrd,
}

impl Derive {
    /// The trait that a path names.
    pub fn of(path: &str) -> Option<Self> {
        let path = path.trim_start_matches("::");
        let first = path.split("::").next().unwrap_or_default();
        if !matches!(first, "std" | "core") && path.contains("::") {
            return None;
        }
        Some(match last_segment(path) {
            "Copy" => Self::Copy,
            "Default" => Self::Default,
            "Eq" => Self::Eq,
            "Hash" => Self::Hash,
            "Ord" => Self::Ord,
            "PartialOrd" => Self::PartialOrd,
            _ => return None,
        })
    }

    /// What has to be derived beside it.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Copy => &["Clone"],
            Self::Default | Self::Hash => &[],
            Self::Eq | Self::PartialOrd => &["PartialEq"],
            Self::Ord => &["Eq", "PartialOrd"],
        }
    }

    /// An enum keeps an unknown name as text, and none of its values comes first.
    fn is_missing_on_enums(self) -> bool {
        matches!(self, Self::Copy | Self::Default)
    }

    fn is_missing_on_text(self) -> bool {
        self == Self::Copy
    }

    fn is_missing_on_floats(self) -> bool {
        matches!(self, Self::Eq | Self::Hash | Self::Ord)
    }

    /// `Json`, and `Other`, which has the name of a type.
    fn is_missing_on_json(self) -> bool {
        matches!(self, Self::Copy | Self::Ord | Self::PartialOrd)
    }
}

/// A generated type, by its index in the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum TypeIndex {
    Variables(usize),
    Answer(usize, usize),
    Fragment(usize, usize),
    Input(usize),
}

struct DeriveSearch<'a> {
    module: &'a Module,
    derive: Derive,
    fragments: HashMap<&'a str, usize>,
    inputs: HashMap<&'a str, usize>,
    scalars: HashMap<&'a str, &'a str>,
    /// The types that are known to lack it, and why.
    lacking: HashMap<TypeIndex, String>,
}

impl<'a> DeriveSearch<'a> {
    fn new(module: &'a Module, options: &'a Options, derive: Derive) -> Self {
        let fragments = module.fragments.iter().enumerate();
        let inputs = module.inputs.iter().enumerate();
        let scalars = options.scalars.iter();
        Self {
            module,
            derive,
            fragments: fragments
                .map(|(index, fragment)| (fragment.name.as_str(), index))
                .collect(),
            inputs: inputs
                .map(|(index, input)| (input.name.as_str(), index))
                .collect(),
            scalars: scalars
                .map(|(name, rust)| (name.as_str(), rust.as_str()))
                .collect(),
            lacking: HashMap::new(),
        }
    }

    /// Types hold each other: the search repeats until it finds nothing more.
    fn run(mut self) -> HashMap<TypeIndex, String> {
        loop {
            let before = self.lacking.len();
            for (index, operation) in self.module.operations.iter().enumerate() {
                let lacks = self.fields(&operation.variables, false);
                self.note(TypeIndex::Variables(index), lacks);
                for (at, ty) in operation.types.iter().enumerate() {
                    let lacks = self.selection(ty, |ty| TypeIndex::Answer(index, ty));
                    self.note(TypeIndex::Answer(index, at), lacks);
                }
            }
            for (index, fragment) in self.module.fragments.iter().enumerate() {
                for (at, ty) in fragment.types.iter().enumerate() {
                    let lacks = self.selection(ty, |ty| TypeIndex::Fragment(index, ty));
                    self.note(TypeIndex::Fragment(index, at), lacks);
                }
            }
            for (index, input) in self.module.inputs.iter().enumerate() {
                let lacks = if input.one_of && self.derive == Derive::Default {
                    Some(ENUMS.to_owned())
                } else {
                    self.fields(&input.fields, input.one_of)
                };
                self.note(TypeIndex::Input(index), lacks);
            }
            if self.lacking.len() == before {
                return self.lacking;
            }
        }
    }

    fn note(&mut self, at: TypeIndex, because: Option<String>) {
        if let Some(because) = because {
            self.lacking.entry(at).or_insert(because);
        }
    }

    /// The field or variant because of which a selected type lacks it.
    fn selection(&self, ty: &Type, local: impl Fn(usize) -> TypeIndex) -> Option<String> {
        let lacks = |content: &SelectionRef| self.selection_ref(content, &local);
        match &ty.shape {
            TypeShape::Struct(fields) => fields.iter().find_map(|field| match field {
                Field::Value {
                    key,
                    conditional,
                    field_type,
                    ..
                } => self
                    .field_type(field_type, *conditional, &local)
                    .then(|| quoted(key)),
                Field::Spread {
                    fragment,
                    conditional,
                } => {
                    let optional = *conditional && self.derive == Derive::Default;
                    (!optional && lacks(&SelectionRef::Fragment(fragment.clone())))
                        .then(|| quoted(&format!("...{fragment}")))
                }
                // `Deferred` has the errors of a fragment that failed, which hold JSON.
                Field::Deferred {
                    name, selection, ..
                } => {
                    let is_missing = self.derive.is_missing_on_json()
                        || self.derive != Derive::Default && lacks(selection);
                    is_missing.then(|| quoted(name))
                }
            }),
            TypeShape::Union { variants, other } => {
                if self.derive == Derive::Default {
                    return Some(ENUMS.to_owned());
                }
                let mut variants = variants.iter();
                let variant = variants
                    .find(|variant| lacks(&variant.selection))
                    .map(|variant| quoted(&variant.name));
                let other = match other {
                    Some(selection) => lacks(selection),
                    None => self.derive.is_missing_on_json(),
                };
                variant.or_else(|| other.then(|| quoted("Other")))
            }
        }
    }

    fn selection_ref(&self, selection: &SelectionRef, local: impl Fn(usize) -> TypeIndex) -> bool {
        let at = match selection {
            SelectionRef::Local(index) => local(*index),
            SelectionRef::Fragment(name) => match self.fragments.get(name.as_str()) {
                Some(index) => TypeIndex::Fragment(*index, 0),
                None => return false,
            },
        };
        self.lacking.contains_key(&at)
    }

    fn field_type(
        &self,
        field_type: &FieldType,
        conditional: bool,
        local: &impl Fn(usize) -> TypeIndex,
    ) -> bool {
        if self.derive == Derive::Default && (field_type.nullable || conditional) {
            return false;
        }
        match &field_type.kind {
            FieldTypeKind::List(item) => self.list(|| self.field_type(item, false, local)),
            FieldTypeKind::Leaf(leaf) => self.named_type(leaf),
            FieldTypeKind::Selection(content) => self.selection_ref(content, local),
        }
    }

    /// The variable or input field that lacks it. Fields of `@oneOf` are never in `Option` or
    /// `Maybe`.
    fn fields(&self, fields: &[InputField], one_of: bool) -> Option<String> {
        let lacks = |field: &&InputField| match self.derive {
            Derive::Default if !one_of && !field.required() => false,
            Derive::Copy if field.boxed => true,
            _ => self.input(&field.input),
        };
        fields.iter().find(lacks).map(|field| quoted(&field.name))
    }

    fn input(&self, input: &InputType) -> bool {
        match &input.kind {
            InputKind::List(item) => self.list(|| self.input(item)),
            InputKind::Named(leaf) => self.named_type(leaf),
        }
    }

    fn list(&self, item: impl Fn() -> bool) -> bool {
        match self.derive {
            Derive::Default => false,
            Derive::Copy => true,
            _ => item(),
        }
    }

    fn named_type(&self, leaf: &NamedType) -> bool {
        let derive = self.derive;
        match leaf {
            NamedType::Int | NamedType::Boolean => false,
            NamedType::Float => derive.is_missing_on_floats(),
            NamedType::String | NamedType::Id => derive.is_missing_on_text(),
            NamedType::Enum(_) => derive.is_missing_on_enums(),
            NamedType::Input(name) => self
                .inputs
                .get(name.as_str())
                .is_some_and(|index| self.lacking.contains_key(&TypeIndex::Input(*index))),
            NamedType::Scalar(name) => match self.scalars.get(name.as_str()) {
                None => derive.is_missing_on_json(),
                Some(rust) => match rust.trim_start_matches("::") {
                    "f64" | "f32" => derive.is_missing_on_floats(),
                    "String" | "std::string::String" | "attendium::Id" => {
                        derive.is_missing_on_text()
                    }
                    "attendium::Json" | "serde_json::Value" => derive.is_missing_on_json(),
                    "attendium::RawJson" => !matches!(derive, Derive::Eq | Derive::Hash),
                    "attendium::Upload" => derive != Derive::Eq,
                    _ => false,
                },
            },
        }
    }
}
