//! Selections that are the same: one Rust type, whichever operations and fragments select it.
//!
//! Applications select `money { amount currency }` and `pageInfo { hasNextPage endCursor }` over and over: of the operations of three
//! real ones, a fifth to a third of all types. Two selections of one GraphQL type with the same keys in the same order, of the same types, are one type, in the module of the
//! first of them in the order of the code, and a type alias in each other place, under the name that the place gives it. So a function can take either, and rustc has
//! one type to check. What a whole operation or a fragment selects is always a type of its own. Enter at [`fingerprints`], for which are the same, and [`CanonicalTypes`], for where.

use crate::emit::units::{CodegenUnit, Nested, Written};
use crate::emit::{TABLE, WIDTH};
use crate::ir::Type;
use crate::ir::names::TypeNames;
use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A number for each type of an operation or fragment: the same for the same selection, wherever it stands.
pub fn fingerprints(types: &[Type], names: &[TypeNames]) -> Vec<u64> {
    let mut numbers = vec![None; types.len()];
    (0..types.len())
        .map(|index| number(index, types, names, &mut numbers))
        .collect()
}

/// Of all that a type's code is made from, but its own name and place. Selections are of finite depth.
fn number(index: usize, types: &[Type], names: &[TypeNames], numbers: &mut [Option<u64>]) -> u64 {
    if let Some(number) = numbers[index] {
        return number;
    }
    let ty = &types[index];
    let mut hasher = DefaultHasher::new();
    (
        &ty.on,
        &ty.skipped_derives,
        &ty.shape,
        &names[index].members,
    )
        .hash(&mut hasher);
    for local in ty.shape.locals() {
        number(local, types, names, numbers).hash(&mut hasher);
    }
    *numbers[index].insert(hasher.finish())
}

/// Where each selection has its type: the first place in the order of the code.
pub struct CanonicalTypes<'a>(HashMap<u64, (&'a CodegenUnit, &'a Nested)>);

impl<'a> CanonicalTypes<'a> {
    pub fn new(units: &'a [CodegenUnit]) -> Self {
        let mut homes = HashMap::new();
        for unit in units {
            for nested in &unit.types {
                if let Some(selection) = nested.selection {
                    homes.entry(selection).or_insert((unit, nested));
                }
            }
        }
        Self(homes)
    }

    /// Writes the types of a unit: its own, those that are written alike and follow each other in one macro, then the table of those that stand by themselves,
    /// then names of those that stand elsewhere.
    pub fn write(&self, unit: &CodegenUnit, out: &mut String) {
        let (mut rows, mut aliases) = (String::new(), String::new());
        let mut open = None;
        for nested in &unit.types {
            if let Some(target) = self.elsewhere(unit, nested) {
                alias(nested, &target, &mut aliases);
                continue;
            }
            let in_macro = nested.written.in_macro();
            if open != Some(nested.written) {
                close(&mut open, out);
                if let Some(name) = in_macro {
                    let _ = writeln!(out, "    ::attendium::{name}! {{");
                }
                open = Some(nested.written);
            }
            if !nested.about.is_empty() {
                let indent = if in_macro.is_some() {
                    "        "
                } else {
                    "    "
                };
                let _ = writeln!(out, "{indent}/// {}", nested.about);
            }
            out.push_str(&nested.code);
            if !nested.row.is_empty() {
                let _ = writeln!(rows, "        {}", nested.row);
            }
        }
        close(&mut open, out);
        if !rows.is_empty() {
            let _ = writeln!(out, "    ::attendium::{TABLE}! {{\n{rows}    }}");
        }
        if !unit.types.is_empty() {
            out.push_str(&aliases);
            out.push_str("}\n");
        }
    }

    /// The path of the type that a selection has in another place, as the unit's module has it.
    fn elsewhere(&self, unit: &CodegenUnit, nested: &Nested) -> Option<String> {
        let (home, first) = self.0.get(&nested.selection?)?;
        if std::ptr::eq(*first, nested) {
            None
        } else if std::ptr::eq(*home, unit) {
            Some(first.name.clone())
        } else {
            Some(format!("super::{}::{}", home.module(), first.name))
        }
    }
}

fn close(open: &mut Option<Written>, out: &mut String) {
    if open.take().and_then(Written::in_macro).is_some() {
        out.push_str("    }\n");
    }
}

/// The name of a type that stands elsewhere, on a line or two, as rustfmt would.
fn alias(nested: &Nested, target: &str, out: &mut String) {
    if !nested.about.is_empty() {
        let _ = writeln!(out, "    /// {}", nested.about);
    }
    let head = format!("    pub type {} =", nested.name);
    let fits = head.chars().count() + target.chars().count() + " ;".len() <= WIDTH;
    let gap = if fits { " " } else { "\n        " };
    let _ = writeln!(out, "{head}{gap}{target};");
}
