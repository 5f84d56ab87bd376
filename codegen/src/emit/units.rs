//! The output in units: what each operation, fragment, enum, input object and scalar adds to the
//! code, and what that depends on.
//!
//! A unit depends on its own definition, on the fragments that it reaches, and on the names that it
//! is written with. So a later compilation can keep those that nothing of this has changed for
//! ([`incremental`](crate::incremental)). Enter at [`partition`].

use crate::document::Documents;
use crate::emit;
use crate::ir::names::{DefinitionNames, Names, TopLevelNames};
use crate::ir::{
    Field, FieldType, FieldTypeKind, InputKind, InputType, Module, NamedType, Type, TypeShape,
};
use crate::options::Options;
use crate::output::Output;
use crate::walk::spreads;

/// What a unit is, in the order in which the code has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    Operation,
    Fragment,
    Enum,
    Input,
    Scalar,
}

/// What one definition adds to the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputUnit {
    pub kind: UnitKind,
    /// Its name in GraphQL.
    pub name: String,
    /// The document that an operation or fragment stands in.
    pub path: String,
    /// The fragments that it spreads itself.
    pub fragments: Vec<String>,
    /// The enums, input objects and scalars that it names itself.
    pub schema_types: Vec<String>,
    /// Its code.
    pub code: String,
    /// What is sent, for an operation.
    pub document: String,
    /// The Rust names in the code that depend on other units.
    pub rust_names: Vec<String>,
}

/// The units of a module, nothing written yet: the module's lists, one after the other.
pub fn list_units(module: &Module, documents: &Documents) -> Vec<OutputUnit> {
    let document = &documents.document;
    let unit = |kind, name: &str| OutputUnit {
        kind,
        name: name.to_owned(),
        path: String::new(),
        fragments: Vec::new(),
        schema_types: Vec::new(),
        code: String::new(),
        document: String::new(),
        rust_names: Vec::new(),
    };
    let mut units = Vec::new();
    for operation in &module.operations {
        let mut schema_types = Vec::new();
        collect_from_types(&operation.types, &mut schema_types);
        for variable in &operation.variables {
            collect_from_input(&variable.input, &mut schema_types);
        }
        let set = document.operations.named.get(operation.name.as_str());
        units.push(OutputUnit {
            path: operation.location.path.clone(),
            fragments: set
                .map_or_else(Vec::new, |found| to_strings(&spreads(&found.selection_set))),
            schema_types: sorted_unique(schema_types),
            document: operation.document.clone(),
            ..unit(UnitKind::Operation, &operation.name)
        });
    }
    for fragment in &module.fragments {
        let mut schema_types = Vec::new();
        collect_from_types(&fragment.types, &mut schema_types);
        let set = document.fragments.get(fragment.name.as_str());
        units.push(OutputUnit {
            path: fragment.location.path.clone(),
            fragments: set
                .map_or_else(Vec::new, |found| to_strings(&spreads(&found.selection_set))),
            schema_types: sorted_unique(schema_types),
            ..unit(UnitKind::Fragment, &fragment.name)
        });
    }
    for definition in &module.enums {
        units.push(unit(UnitKind::Enum, &definition.name));
    }
    for definition in &module.inputs {
        let mut schema_types = Vec::new();
        for field in &definition.fields {
            collect_from_input(&field.input, &mut schema_types);
        }
        units.push(OutputUnit {
            schema_types: sorted_unique(schema_types),
            ..unit(UnitKind::Input, &definition.name)
        });
    }
    for scalar in &module.scalars {
        units.push(unit(UnitKind::Scalar, &scalar.name));
    }
    units
}

/// Writes the code of the module into its units.
pub fn render(
    units: &mut [OutputUnit],
    module: &Module,
    top: &TopLevelNames,
    names: &Names,
    options: &Options,
) {
    let texts = emit::emit(module, names, options);
    for (unit, code) in units.iter_mut().zip(texts) {
        unit.code = code;
        unit.rust_names = rust_names(unit, top);
    }
}

/// The Rust names in a unit's code that the names of other units decide about.
pub fn rust_names(unit: &OutputUnit, top: &TopLevelNames) -> Vec<String> {
    let mut all = Vec::with_capacity(2 + unit.fragments.len() + unit.schema_types.len());
    let own = match unit.kind {
        UnitKind::Operation => top.operations.get(&unit.name),
        UnitKind::Fragment => top.fragments.get(&unit.name),
        UnitKind::Enum | UnitKind::Input | UnitKind::Scalar => {
            all.extend(top.schema_types.get(&unit.name).cloned());
            None
        }
    };
    all.extend(
        own.into_iter()
            .flat_map(|(ty, module)| [ty.clone(), module.clone()]),
    );
    for name in &unit.fragments {
        all.push(
            top.fragments
                .get(name)
                .map(|(ty, _)| ty.clone())
                .unwrap_or_default(),
        );
    }
    for name in &unit.schema_types {
        all.push(top.schema_types.get(name).cloned().unwrap_or_default());
    }
    all
}

/// The lists that name all units, which have the order of the code.
pub fn definition_names<'a>(units: impl Iterator<Item = &'a OutputUnit>) -> DefinitionNames<'a> {
    let mut lists = DefinitionNames::default();
    for unit in units {
        let list = match unit.kind {
            UnitKind::Operation => &mut lists.operations,
            UnitKind::Fragment => &mut lists.fragments,
            UnitKind::Enum => &mut lists.enums,
            UnitKind::Input => &mut lists.inputs,
            UnitKind::Scalar => &mut lists.scalars,
        };
        list.push(unit.name.as_str());
    }
    lists
}

/// Puts the units together.
pub fn assemble(units: &[OutputUnit], options: &Options, output: &mut Output) {
    output.code = emit::head() + &emit::contract(options);
    for unit in units {
        output.code.push_str(&unit.code);
        output.parts.push((file(unit), output.code.len()));
        match unit.kind {
            UnitKind::Operation => {
                let operation = (unit.name.clone(), unit.document.clone());
                output.operations.push(operation);
            }
            UnitKind::Fragment => output.fragments += 1,
            UnitKind::Scalar => {
                if !options.maps(&unit.name) {
                    output.unmapped.push(unit.name.clone());
                }
            }
            UnitKind::Enum | UnitKind::Input => {}
        }
    }
}

/// Under which name a build script writes the unit as a file: the same as long as the definition
/// has its name, and told from all others by file systems that know no case, that have reserved
/// names or a limit to their length. Units may share one; those of the schema do, because few
/// edits reach them and each file costs rustc a little.
fn file(unit: &OutputUnit) -> String {
    let kind = match unit.kind {
        UnitKind::Operation => "operation",
        UnitKind::Fragment => "fragment",
        UnitKind::Enum => return "enums.rs".to_owned(),
        UnitKind::Input => return "inputs.rs".to_owned(),
        UnitKind::Scalar => return "scalars.rs".to_owned(),
    };
    let name = &unit.name[..unit.name.len().min(100)];
    format!("{kind}-{}.rs", name.to_ascii_lowercase())
}

fn to_strings(names: &[&apollo_compiler::Name]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn sorted_unique(mut names: Vec<&str>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

fn collect_from_types<'a>(types: &'a [Type], schema_types: &mut Vec<&'a str>) {
    for ty in types {
        if let TypeShape::Struct(fields) = &ty.shape {
            for field in fields {
                if let Field::Value { field_type: ty, .. } = field {
                    collect_from_output(ty, schema_types);
                }
            }
        }
    }
}

fn collect_from_output<'a>(ty: &'a FieldType, schema_types: &mut Vec<&'a str>) {
    match &ty.kind {
        FieldTypeKind::List(item) => collect_from_output(item, schema_types),
        FieldTypeKind::Leaf(named) => collect_named(named, schema_types),
        FieldTypeKind::Selection(_) => {}
    }
}

fn collect_from_input<'a>(ty: &'a InputType, schema_types: &mut Vec<&'a str>) {
    match &ty.kind {
        InputKind::List(item) => collect_from_input(item, schema_types),
        InputKind::Named(named) => collect_named(named, schema_types),
    }
}

fn collect_named<'a>(named: &'a NamedType, schema_types: &mut Vec<&'a str>) {
    if let NamedType::Enum(name) | NamedType::Scalar(name) | NamedType::Input(name) = named {
        schema_types.push(name);
    }
}
