//! Equal selections as one Rust type, where the setting asks for it.
//!
//! Applications select `money { amount currency }` and `pageInfo { hasNextPage endCursor }` over
//! and over. Two selections of one GraphQL type with the same keys in the same order, of the same
//! types, become one type, in the module of the first of them in the order of the code; in each
//! other place stands an alias under the name that the place gives it. The type of a whole
//! operation or fragment is always its own. Enter at [`share_selections`].

use crate::ir::names::{Names, OperationNames, TypeNames};
use crate::ir::{Module, SkippedDerive, Type, TypeShape};
use std::collections::HashMap;

/// All that the code of a type is made from, but its own name and place. Types that it holds
/// itself stand in the shape by the number of their own identity.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'a> {
    on: &'a str,
    skipped_derives: &'a [SkippedDerive],
    members: &'a [String],
    shape: TypeShape,
}

/// A type with this identity that the code has already: the module, and the name in it.
type First = (String, String);

/// Notes with the name of each type which other type it is an alias of.
pub fn share_selections(module: &Module, names: &mut Names) {
    let mut identities: HashMap<Identity, usize> = HashMap::new();
    let mut first: HashMap<usize, First> = HashMap::new();
    let definitions = module
        .operations
        .iter()
        .map(|operation| &operation.types)
        .chain(module.fragments.iter().map(|fragment| &fragment.types));
    let mut aliases = Vec::new();
    let all = names.operations.iter().chain(&names.fragments);
    for (types, named) in definitions.zip(all) {
        let numbers = number_types(types, &named.types, &mut identities);
        let target = |index: usize| {
            let number = numbers.get(index).filter(|_| index > 0)?;
            let own = (named.module.clone(), named.types.get(index)?.name.clone());
            match first.get(number) {
                None => {
                    first.insert(*number, own);
                    None
                }
                Some((module, name)) if *module == named.module => Some(name.clone()),
                Some((module, name)) => Some(format!("super::{module}::{name}")),
            }
        };
        aliases.push((0..types.len()).map(target).collect::<Vec<_>>());
    }
    let all = names.operations.iter_mut().chain(&mut names.fragments);
    for (named, aliases) in all.zip(aliases) {
        set_aliases(named, aliases);
    }
}

fn set_aliases(names: &mut OperationNames, aliases: Vec<Option<String>>) {
    for (ty, alias) in names.types.iter_mut().zip(aliases) {
        ty.alias_of = alias;
    }
}

/// The number of each type's identity. A type comes before or after those that it holds, so each
/// is numbered when it is first asked for; selections are of finite depth.
fn number_types<'a>(
    types: &'a [Type],
    names: &'a [TypeNames],
    identities: &mut HashMap<Identity<'a>, usize>,
) -> Vec<usize> {
    let mut numbers = vec![None; types.len()];
    (0..types.len())
        .map(|index| number(index, types, names, &mut numbers, identities))
        .collect()
}

fn number<'a>(
    index: usize,
    types: &'a [Type],
    names: &'a [TypeNames],
    numbers: &mut [Option<usize>],
    identities: &mut HashMap<Identity<'a>, usize>,
) -> usize {
    if let Some(number) = numbers[index] {
        return number;
    }
    let ty = &types[index];
    let inner: HashMap<usize, usize> = ty
        .shape
        .locals()
        .into_iter()
        .map(|local| (local, number(local, types, names, numbers, identities)))
        .collect();
    let identity = Identity {
        on: &ty.on,
        skipped_derives: &ty.skipped_derives,
        members: &names[index].members,
        shape: ty.shape.with_locals(|local| inner[&local]),
    };
    let next = identities.len();
    let number = *identities.entry(identity).or_insert(next);
    numbers[index] = Some(number);
    number
}
