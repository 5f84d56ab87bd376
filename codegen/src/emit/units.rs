//! The output in pieces: what each operation, fragment, enum, input object and scalar adds to the code, and what that depends on.
//!
//! A piece depends on its own definition, on the fragments that it reaches, and on the names that it is written with. So a later
//! compilation can keep those that nothing of this has changed for ([`again`](crate::incremental)). Enter at [`cut`].

use super::dedup::Homes;
use crate::document::{Documents, spreads};
use crate::ir::names::{self, Lists, Top};
use crate::ir::{Field, InputKind, InputType, Leaf, Module, Output, OutputKind, Type, TypeShape};
use crate::{Options, emit};

/// What a piece is, in the order in which the code has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Operation,
    Fragment,
    Enum,
    Input,
    Scalar,
}

/// What one definition adds to the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub kind: Kind,
    /// Its name in GraphQL.
    pub name: String,
    /// The document that an operation or fragment stands in.
    pub path: String,
    /// The fragments that it spreads itself.
    pub fragments: Vec<String>,
    /// The enums, input objects and scalars that it names itself.
    pub leaves: Vec<String>,
    /// Its code, up to its types.
    pub code: String,
    /// The types in the module of an operation or fragment.
    pub types: Vec<Nested>,
    /// What is sent, for an operation.
    pub document: String,
    /// The Rust names in the code that depend on other pieces.
    pub written: Vec<String>,
}

impl Piece {
    /// The Rust module of an operation or fragment.
    pub fn module(&self) -> &str {
        self.written.get(1).map_or("", String::as_str)
    }
}

/// The type of a selection set, in the module of its operation or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nested {
    pub name: String,
    /// From what and where it is selected, for the comment above it.
    pub about: String,
    /// The type, as it stands in its macro or by itself.
    pub code: String,
    /// What the table of the module says of it, where it stands by itself.
    pub row: String,
    pub written: Written,
    /// Which [selection](crate::emit::dedup::selections) it is; none where the type is never another one's.
    pub selection: Option<u64>,
}

/// What a type is written as: what stands in one macro is of one kind, as the runtime has a quicker way with some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A struct by itself, whose fields are all read from keys, with nothing more to say of them: a table says how it is read, and implements what is derived.
    Itself,
    /// The same with other derives; with serde's traits, every struct.
    Plain,
    Struct,
    /// The same, with the derives that the macros write behind its name.
    DerivedStruct,
    Union,
    /// The same, with the derives that the macros write behind its name.
    DerivedUnion,
}

impl Written {
    pub const ALL: [Self; 6] = [
        Self::Itself,
        Self::Plain,
        Self::Struct,
        Self::DerivedStruct,
        Self::Union,
        Self::DerivedUnion,
    ];

    /// The macro in which such types stand.
    pub fn in_macro(self) -> Option<&'static str> {
        match self {
            Self::Itself => None,
            Self::Plain | Self::Struct | Self::DerivedStruct => Some("selection"),
            Self::Union | Self::DerivedUnion => Some("union"),
        }
    }

    /// Whether the macros write what is derived.
    pub fn derived(self) -> bool {
        matches!(
            self,
            Self::Itself | Self::DerivedStruct | Self::DerivedUnion
        )
    }
}

/// The pieces of a module, nothing written yet: the module's lists, one after the other.
pub fn cut(module: &Module, documents: &Documents) -> Vec<Piece> {
    let document = &documents.document;
    let piece = |kind, name: &str| Piece {
        kind,
        name: name.to_owned(),
        path: String::new(),
        fragments: Vec::new(),
        leaves: Vec::new(),
        code: String::new(),
        types: Vec::new(),
        document: String::new(),
        written: Vec::new(),
    };
    let mut pieces = Vec::new();
    for operation in &module.operations {
        let mut leaves = Vec::new();
        types(&operation.types, &mut leaves);
        for variable in &operation.variables {
            input(&variable.input, &mut leaves);
        }
        let set = document.operations.named.get(operation.name.as_str());
        pieces.push(Piece {
            path: operation.location.path.clone(),
            fragments: set.map_or_else(Vec::new, |found| texts(&spreads(&found.selection_set))),
            leaves: once(leaves),
            document: operation.document.clone(),
            ..piece(Kind::Operation, &operation.name)
        });
    }
    for fragment in &module.fragments {
        let mut leaves = Vec::new();
        types(&fragment.types, &mut leaves);
        let set = document.fragments.get(fragment.name.as_str());
        pieces.push(Piece {
            path: fragment.location.path.clone(),
            fragments: set.map_or_else(Vec::new, |found| texts(&spreads(&found.selection_set))),
            leaves: once(leaves),
            ..piece(Kind::Fragment, &fragment.name)
        });
    }
    for definition in &module.enums {
        pieces.push(piece(Kind::Enum, &definition.name));
    }
    for definition in &module.inputs {
        let mut leaves = Vec::new();
        for field in &definition.fields {
            input(&field.input, &mut leaves);
        }
        pieces.push(Piece {
            leaves: once(leaves),
            ..piece(Kind::Input, &definition.name)
        });
    }
    for scalar in &module.scalars {
        pieces.push(piece(Kind::Scalar, &scalar.name));
    }
    pieces
}

/// Writes the code of the module into its pieces.
pub fn write(pieces: &mut [Piece], module: &Module, top: &Top, options: &Options) {
    let texts = emit::emit(module, &names::name(module, top), options);
    for (piece, (code, types)) in pieces.iter_mut().zip(texts) {
        piece.code = code;
        piece.types = types;
        piece.written = written(piece, top);
    }
}

/// The Rust names in a piece's code that the names of other pieces decide about.
pub fn written(piece: &Piece, top: &Top) -> Vec<String> {
    let mut all = Vec::with_capacity(2 + piece.fragments.len() + piece.leaves.len());
    let own = match piece.kind {
        Kind::Operation => top.operations.get(&piece.name),
        Kind::Fragment => top.fragments.get(&piece.name),
        Kind::Enum | Kind::Input | Kind::Scalar => {
            all.extend(top.leaves.get(&piece.name).cloned());
            None
        }
    };
    all.extend(
        own.into_iter()
            .flat_map(|(ty, module)| [ty.clone(), module.clone()]),
    );
    for name in &piece.fragments {
        all.push(
            top.fragments
                .get(name)
                .map(|(ty, _)| ty.clone())
                .unwrap_or_default(),
        );
    }
    for name in &piece.leaves {
        all.push(top.leaves.get(name).cloned().unwrap_or_default());
    }
    all
}

/// The lists that name all pieces, which have the order of the code.
pub fn lists<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Lists<'a> {
    let mut lists = Lists::default();
    for piece in pieces {
        let list = match piece.kind {
            Kind::Operation => &mut lists.operations,
            Kind::Fragment => &mut lists.fragments,
            Kind::Enum => &mut lists.enums,
            Kind::Input => &mut lists.inputs,
            Kind::Scalar => &mut lists.scalars,
        };
        list.push(piece.name.as_str());
    }
    lists
}

/// Puts the pieces together.
pub fn join(pieces: &[Piece], options: &Options, output: &mut crate::Output) {
    let homes = Homes::new(pieces);
    output.code = emit::head();
    for piece in pieces {
        output.code.push_str(&piece.code);
        homes.write(piece, &mut output.code);
        output.parts.push((file(piece), output.code.len()));
        match piece.kind {
            Kind::Operation => {
                let operation = (piece.name.clone(), piece.document.clone());
                output.operations.push(operation);
            }
            Kind::Fragment => output.fragments += 1,
            Kind::Scalar => {
                let mut mapped = options.scalars.iter();
                if !mapped.any(|(scalar, _)| *scalar == piece.name) {
                    output.unmapped.push(piece.name.clone());
                }
            }
            Kind::Enum | Kind::Input => {}
        }
    }
}

/// Under which name a build script writes the piece as a file: the same as long as the definition has its name, and told from all others
/// by file systems that know no case, that have reserved names or a limit to their length. Pieces may share one; those of
/// the schema do, because few edits reach them and each file costs rustc a little.
fn file(piece: &Piece) -> String {
    let kind = match piece.kind {
        Kind::Operation => "operation",
        Kind::Fragment => "fragment",
        Kind::Enum => return "enums.rs".to_owned(),
        Kind::Input => return "inputs.rs".to_owned(),
        Kind::Scalar => return "scalars.rs".to_owned(),
    };
    let name = &piece.name[..piece.name.len().min(100)];
    format!("{kind}-{}.rs", name.to_ascii_lowercase())
}

fn texts(names: &[&apollo_compiler::Name]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn once(mut names: Vec<&str>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

fn types<'a>(types: &'a [Type], leaves: &mut Vec<&'a str>) {
    for ty in types {
        if let TypeShape::Struct(fields) = &ty.shape {
            for field in fields {
                if let Field::Value { output: ty, .. } = field {
                    output(ty, leaves);
                }
            }
        }
    }
}

fn output<'a>(ty: &'a Output, leaves: &mut Vec<&'a str>) {
    match &ty.kind {
        OutputKind::List(item) => output(item, leaves),
        OutputKind::Leaf(named) => leaf(named, leaves),
        OutputKind::Selection(_) => {}
    }
}

fn input<'a>(ty: &'a InputType, leaves: &mut Vec<&'a str>) {
    match &ty.kind {
        InputKind::List(item) => input(item, leaves),
        InputKind::Leaf(named) => leaf(named, leaves),
    }
}

fn leaf<'a>(named: &'a Leaf, leaves: &mut Vec<&'a str>) {
    if let Leaf::Enum(name) | Leaf::Scalar(name) | Leaf::Input(name) = named {
        leaves.push(name);
    }
}
