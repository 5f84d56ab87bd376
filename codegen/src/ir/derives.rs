//! The derives of the standard library that a type can't have, because something in it lacks the
//! trait: an enum has no `Default`, a floating-point number no `Eq`.
//!
//! Other derives are taken to fit, and so are the Rust types that scalars are mapped to. Enter at
//! [`note_skipped_derives`].

use crate::ir::{
    Field, FieldType, FieldTypeKind, InputField, InputKind, InputType, Leaf, Module, SelectionRef,
    SkippedDerive, Type, TypeShape,
};
use crate::options::Options;
use crate::options::last;
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
        if derive.lacks_enum() {
            for definition in &mut module.enums {
                note(&mut definition.skipped_derives, ENUMS);
            }
        }
        if derive.lacks_json() {
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
        Some(match last(path) {
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
    fn lacks_enum(self) -> bool {
        matches!(self, Self::Copy | Self::Default)
    }

    fn lacks_text(self) -> bool {
        self == Self::Copy
    }

    fn lacks_float(self) -> bool {
        matches!(self, Self::Eq | Self::Hash | Self::Ord)
    }

    fn lacks_json(self) -> bool {
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
                for (ty, content) in operation.types.iter().enumerate() {
                    let lacks = self.selection(content, |ty| TypeIndex::Answer(index, ty));
                    self.note(TypeIndex::Answer(index, ty), lacks);
                }
            }
            for (index, fragment) in self.module.fragments.iter().enumerate() {
                for (ty, content) in fragment.types.iter().enumerate() {
                    let lacks = self.selection(content, |ty| TypeIndex::Fragment(index, ty));
                    self.note(TypeIndex::Fragment(index, ty), lacks);
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
        let lacks = |content: &SelectionRef| self.content(content, &local);
        match &ty.shape {
            TypeShape::Struct(fields) => fields.iter().find_map(|field| match field {
                Field::Value {
                    key,
                    conditional,
                    field_type: output,
                    ..
                } => self
                    .output(output, *conditional, &local)
                    .then(|| quoted(key)),
                Field::Spread {
                    fragment,
                    conditional,
                } => {
                    let optional = *conditional && self.derive == Derive::Default;
                    (!optional && lacks(&SelectionRef::Fragment(fragment.clone())))
                        .then(|| quoted(&format!("...{fragment}")))
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
                    Some(content) => lacks(content),
                    // The type's name as text, which has no order.
                    None => self.derive.lacks_json(),
                };
                variant.or_else(|| other.then(|| quoted("Other")))
            }
        }
    }

    fn content(&self, content: &SelectionRef, local: impl Fn(usize) -> TypeIndex) -> bool {
        let at = match content {
            SelectionRef::Local(index) => local(*index),
            SelectionRef::Fragment(name) => match self.fragments.get(name.as_str()) {
                Some(index) => TypeIndex::Fragment(*index, 0),
                None => return false,
            },
        };
        self.lacking.contains_key(&at)
    }

    fn output(
        &self,
        output: &FieldType,
        conditional: bool,
        local: &impl Fn(usize) -> TypeIndex,
    ) -> bool {
        if self.derive == Derive::Default && (output.nullable || conditional) {
            return false;
        }
        match &output.kind {
            FieldTypeKind::List(item) => self.list(|| self.output(item, false, local)),
            FieldTypeKind::Leaf(leaf) => self.leaf(leaf),
            FieldTypeKind::Selection(content) => self.content(content, local),
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
            InputKind::Leaf(leaf) => self.leaf(leaf),
        }
    }

    fn list(&self, item: impl Fn() -> bool) -> bool {
        match self.derive {
            Derive::Default => false,
            Derive::Copy => true,
            _ => item(),
        }
    }

    fn leaf(&self, leaf: &Leaf) -> bool {
        let derive = self.derive;
        match leaf {
            Leaf::Int | Leaf::Boolean => false,
            Leaf::Float => derive.lacks_float(),
            Leaf::String | Leaf::Id => derive.lacks_text(),
            Leaf::Enum(_) => derive.lacks_enum(),
            Leaf::Input(name) => self
                .inputs
                .get(name.as_str())
                .is_some_and(|index| self.lacking.contains_key(&TypeIndex::Input(*index))),
            Leaf::Scalar(name) => match self.scalars.get(name.as_str()) {
                None => derive.lacks_json(),
                Some(rust) => match rust.trim_start_matches("::") {
                    "f64" | "f32" => derive.lacks_float(),
                    "String" | "std::string::String" | "attendium::Id" => derive.lacks_text(),
                    "attendium::Json" | "serde_json::Value" => derive.lacks_json(),
                    _ => false,
                },
            },
        }
    }
}
