//! Name: Rust names for everything that is generated, from GraphQL names and paths.
//!
//! 1. A type has its path in upper camel case, a field, variable or module its name in snake case,
//!    a variant its name in upper camel case. Nested types live in a module that has the name of
//!    their operation or fragment.
//! 2. Where two names of one scope meet (`userId` and `user_id`, `me` and `Me`), the one that is
//!    written that way in GraphQL keeps it. The other one stays as it is written in GraphQL.
//! 3. At the top level, operations come first, then fragments, enums, inputs and scalars. A later
//!    name that meets an earlier one gets its kind as a suffix (`RepoFragment`).
//! 4. Where all that is taken too, as between the modules of `zed` and `ZED`, names get underscores
//!    as suffixes, one more for each name before them in the order of the code. There alone, a new
//!    definition can rename another one's module or type.
//! 5. A keyword becomes a raw identifier, or gets an underscore where that can't be.
//! 6. Names that generated code itself uses (`String`, `Option`, … and the variant `Other`) count
//!    as taken. For fields, the names of scalars, enums and input objects do too.
//!
//! Enter at [`name_module`].

use crate::ir::{Field, Module, Type, TypeShape};
use heck::{ToSnakeCase, ToUpperCamelCase};
use std::collections::{HashMap, HashSet};

/// All names, in the order of the [`Module`]'s lists.
pub struct Names {
    pub operations: Vec<OperationNames>,
    pub fragments: Vec<OperationNames>,
    pub enums: Vec<TypeNames>,
    pub inputs: Vec<TypeNames>,
    pub scalars: Vec<String>,
    fragment_types: HashMap<String, String>,
    schema_types: HashMap<String, String>,
}

/// An operation or fragment: its own type, the module of its nested types, and those.
pub struct OperationNames {
    pub name: String,
    pub module: String,
    pub types: Vec<TypeNames>,
    pub variables: Vec<String>,
}

/// A type with its fields or variants.
pub struct TypeNames {
    pub name: String,
    pub members: Vec<String>,
    /// The path of the type that this one is an alias of, where equal selections are shared.
    pub alias_of: Option<String>,
}

impl Names {
    /// The top-level type of a fragment.
    pub fn fragment(&self, name: &str) -> &str {
        expect_name(name, self.fragment_types.get(name)).map_or("", String::as_str)
    }

    /// The top-level type of an enum, input object or scalar.
    pub fn named_type(&self, name: &str) -> &str {
        expect_name(name, self.schema_types.get(name)).map_or("", String::as_str)
    }
}

/// The Rust names of a definition.
fn look_up<T: Clone + Default>(names: &HashMap<String, T>, name: &str) -> T {
    expect_name(name, names.get(name))
        .cloned()
        .unwrap_or_default()
}

/// Checks that a name was given: without one, the generated code would be broken far away.
fn expect_name<'n, T>(name: &str, found: Option<&'n T>) -> Option<&'n T> {
    debug_assert!(found.is_some(), "`{name}` has no Rust name");
    found
}

/// What generated code names of Rust's prelude without a path.
const PRELUDE: [&str; 11] = [
    "String", "Vec", "Option", "Box", "Result", "Into", "Default", "Some", "None", "Ok", "Err",
];

/// The variant that each union and enum has besides.
const OTHER: [&str; 1] = ["Other"];

/// Names that a field of an answer can't have.
const VARIANTS: [&str; 4] = ["Some", "None", "Ok", "Err"];

/// Names that a variable or a field of an input object can't have: those of the methods, too.
const METHODS_AND_VARIANTS: [&str; 5] = ["new", "Some", "None", "Ok", "Err"];

/// The GraphQL names that are given Rust names at the top, each list in the order of the module's.
#[derive(Debug, Default)]
pub struct DefinitionNames<'a> {
    pub operations: Vec<&'a str>,
    pub fragments: Vec<&'a str>,
    pub enums: Vec<&'a str>,
    pub inputs: Vec<&'a str>,
    pub scalars: Vec<&'a str>,
}

/// The Rust names at the top, by GraphQL name. An operation and a fragment have two: of the type
/// and of its module.
#[derive(Debug, Default)]
pub struct TopLevelNames {
    pub operations: HashMap<String, (String, String)>,
    pub fragments: HashMap<String, (String, String)>,
    /// Enums, input objects and scalars.
    pub schema_types: HashMap<String, String>,
}

/// Names what stands at the top.
pub fn name_top_level(lists: &DefinitionNames<'_>) -> TopLevelNames {
    let mut top = Scope::new(&PRELUDE, None);
    let operations = top.name_types(lists.operations.iter().copied(), "");
    let fragments = top.name_types(lists.fragments.iter().copied(), "Fragment");
    let enums = top.name_types(lists.enums.iter().copied(), "Enum");
    let inputs = top.name_types(lists.inputs.iter().copied(), "Input");
    let scalars = top.name_types(lists.scalars.iter().copied(), "Scalar");
    let operation_modules = top.name_modules(lists.operations.iter().copied());
    let fragment_modules = top.name_modules(lists.fragments.iter().copied());
    let schema_types = (lists.enums.iter().zip(enums))
        .chain(lists.inputs.iter().zip(inputs))
        .chain(lists.scalars.iter().zip(scalars));
    let pairs = |names: &[&str], types: Vec<String>, modules: Vec<String>| {
        let named = types.into_iter().zip(modules);
        names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(named)
            .collect()
    };
    TopLevelNames {
        operations: pairs(&lists.operations, operations, operation_modules),
        fragments: pairs(&lists.fragments, fragments, fragment_modules),
        schema_types: schema_types
            .map(|(name, rust)| ((*name).to_owned(), rust))
            .collect(),
    }
}

/// The lists of a module that is the whole compilation.
pub fn definition_names(module: &Module) -> DefinitionNames<'_> {
    DefinitionNames {
        operations: module
            .operations
            .iter()
            .map(|one| one.name.as_str())
            .collect(),
        fragments: module
            .fragments
            .iter()
            .map(|one| one.name.as_str())
            .collect(),
        enums: module.enums.iter().map(|one| one.name.as_str()).collect(),
        inputs: module.inputs.iter().map(|one| one.name.as_str()).collect(),
        scalars: module.scalars.iter().map(|one| one.name.as_str()).collect(),
    }
}

/// Names everything in a module, which may be a part of a compilation.
pub fn name_module(module: &Module, top: &TopLevelNames) -> Names {
    let leaf = |name: &String| look_up(&top.schema_types, name);
    // A field is a variable where it is read, and a variable can't have a tuple struct's name.
    let schema_types: HashSet<&str> = top.schema_types.values().map(String::as_str).collect();
    let operations = module.operations.iter().map(|operation| {
        let (name, module) = look_up(&top.operations, &operation.name);
        OperationNames {
            types: name_nested(&operation.types, None, &schema_types),
            variables: name_fields(
                operation
                    .variables
                    .iter()
                    .map(|variable| variable.name.as_str()),
                &METHODS_AND_VARIANTS,
                &schema_types,
            ),
            name,
            module,
        }
    });
    let fragments = module.fragments.iter().map(|fragment| {
        let (name, module) = look_up(&top.fragments, &fragment.name);
        OperationNames {
            types: name_nested(&fragment.types, Some(&name), &schema_types),
            variables: Vec::new(),
            name,
            module,
        }
    });
    let enums = module.enums.iter().map(|definition| TypeNames {
        name: leaf(&definition.name),
        members: name_variants(definition.values.iter().map(|value| value.name.as_str())),
        alias_of: None,
    });
    let inputs = module.inputs.iter().map(|input| {
        let name = leaf(&input.name);
        let fields = input.fields.iter().map(|field| field.name.as_str());
        TypeNames {
            name,
            members: if input.one_of {
                name_variants(fields)
            } else {
                name_fields(fields, &METHODS_AND_VARIANTS, &schema_types)
            },
            alias_of: None,
        }
    });
    Names {
        operations: operations.collect(),
        fragments: fragments.collect(),
        enums: enums.collect(),
        inputs: inputs.collect(),
        scalars: module
            .scalars
            .iter()
            .map(|scalar| leaf(&scalar.name))
            .collect(),
        fragment_types: top
            .fragments
            .iter()
            .map(|(name, (ty, _))| (name.clone(), ty.clone()))
            .collect(),
        schema_types: top.schema_types.clone(),
    }
}

/// The names of the types of one operation or fragment; a fragment's first type is named at the
/// top.
fn name_nested(types: &[Type], own: Option<&str>, schema_types: &HashSet<&str>) -> Vec<TypeNames> {
    let mut scope = Scope::new(&PRELUDE, None);
    types
        .iter()
        .enumerate()
        .map(|(index, ty)| {
            let name = match (index, own) {
                (0, Some(own)) => own.to_owned(),
                _ => {
                    let camel: String = ty
                        .path
                        .iter()
                        .map(|part| part.to_upper_camel_case())
                        .collect();
                    scope.claim([camel, ty.path.join("_")])
                }
            };
            TypeNames {
                name,
                alias_of: None,
                members: match &ty.shape {
                    TypeShape::Struct(fields) => {
                        let keys = fields.iter().filter_map(|field| match field {
                            Field::Value { key, .. } => Some(key.as_str()),
                            Field::Spread { .. } | Field::Deferred { .. } => None,
                        });
                        name_spreads(fields, name_fields(keys, &VARIANTS, schema_types))
                    }
                    TypeShape::Union { variants: all, .. } => {
                        name_variants(all.iter().map(|variant| variant.name.as_str()))
                    }
                },
            }
        })
        .collect()
}

/// Names response keys first. A spread takes the name of its fragment where that is free, and a
/// deferred fragment its own name.
fn name_spreads(fields: &[Field], keys: Vec<String>) -> Vec<String> {
    if !fields
        .iter()
        .any(|field| !matches!(field, Field::Value { .. }))
    {
        return keys;
    }
    let mut scope = Scope::new(&VARIANTS, None);
    scope.given.extend(keys.iter().cloned());
    let mut keys = keys.into_iter();
    fields
        .iter()
        .map(|field| match field {
            Field::Value { key, .. } => expect_name(key, keys.next().as_ref())
                .cloned()
                .unwrap_or_default(),
            Field::Spread { fragment, .. } => {
                scope.claim([fragment.to_snake_case(), fragment.clone()])
            }
            Field::Deferred { name, .. } => scope.claim([name.to_snake_case(), name.clone()]),
        })
        .collect()
}

/// Field names in snake case.
fn name_fields<'a>(
    names: impl Iterator<Item = &'a str>,
    taken: &[&str],
    schema_types: &HashSet<&str>,
) -> Vec<String> {
    Scope::new(taken, Some(schema_types)).name_all(names.map(|name| (name, name.to_snake_case())))
}

/// Variant names in upper camel case.
fn name_variants<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    Scope::new(&OTHER, None).name_all(names.map(|name| (name, name.to_upper_camel_case())))
}

/// Names that must differ.
struct Scope<'a> {
    taken: &'a [&'a str],
    /// The names of top-level types, where they are taken too.
    schema_types: Option<&'a HashSet<&'a str>>,
    given: HashSet<String>,
}

impl<'t> Scope<'t> {
    fn new(taken: &'t [&'t str], schema_types: Option<&'t HashSet<&'t str>>) -> Self {
        Self {
            taken,
            schema_types,
            given: HashSet::new(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.taken.contains(&name)
            || self
                .schema_types
                .is_some_and(|schema_types| schema_types.contains(name))
            || self.given.contains(name)
    }

    /// Takes a name, if it is free.
    fn take(&mut self, name: &str) -> bool {
        let free = !self.has(name);
        if free {
            self.given.insert(name.to_owned());
        }
        free
    }

    /// Names pairs of a GraphQL name and what it becomes. A name that stays as it is comes first.
    fn name_all<'a>(&mut self, names: impl Iterator<Item = (&'a str, String)>) -> Vec<String> {
        let names: Vec<(&str, String)> = names.collect();
        let mut named: Vec<Option<String>> = names
            .iter()
            .map(|(raw, canonical)| (raw == canonical).then(|| self.claim([canonical.clone()])))
            .collect();
        for ((raw, canonical), named) in names.into_iter().zip(&mut named) {
            if named.is_none() {
                *named = Some(self.claim([canonical, raw.to_owned()]));
            }
        }
        named.into_iter().flatten().collect()
    }

    fn name_types<'a>(&mut self, names: impl Iterator<Item = &'a str>, kind: &str) -> Vec<String> {
        let names: Vec<&str> = names.collect();
        let mut named: Vec<Option<String>> = names
            .iter()
            .map(|name| {
                (*name == name.to_upper_camel_case() && !self.has(name))
                    .then(|| self.claim([(*name).to_owned()]))
            })
            .collect();
        for (name, named) in names.into_iter().zip(&mut named) {
            if named.is_none() {
                let camel = name.to_upper_camel_case();
                let with_kind = format!("{camel}{kind}");
                let candidates = if kind.is_empty() {
                    vec![camel, name.to_owned()]
                } else {
                    vec![camel, with_kind, name.to_owned()]
                };
                *named = Some(self.claim(candidates));
            }
        }
        named.into_iter().flatten().collect()
    }

    fn name_modules<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Vec<String> {
        names
            .map(|name| self.claim([name.to_snake_case()]))
            .collect()
    }

    /// Takes the first candidate that is an identifier and free. Where none is, the last one gets
    /// underscores around it.
    fn claim(&mut self, candidates: impl IntoIterator<Item = String>) -> String {
        let mut last = String::new();
        for candidate in candidates {
            if let Some(identifier) = identifier(&candidate)
                && self.take(&identifier)
            {
                return identifier;
            }
            last = candidate;
        }
        // `_1` is `1` in snake case, which nothing behind it makes an identifier.
        if !last.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            last.insert(0, '_');
        }
        // One more underscore than names are taken is enough, since each try is another identifier.
        let most =
            self.taken.len() + self.given.len() + self.schema_types.map_or(0, HashSet::len) + 2;
        for _ in 0..most {
            last.push('_');
            if let Some(identifier) = identifier(&last)
                && self.take(&identifier)
            {
                return identifier;
            }
        }
        last
    }
}

/// The name as a Rust identifier, where it can be one.
fn identifier(name: &str) -> Option<String> {
    let starts_well = name
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if !starts_well || name.chars().all(|character| character == '_') && name.len() == 1 {
        return None;
    }
    Some(match name {
        "self" | "Self" | "super" | "crate" => format!("{name}_"),
        _ if KEYWORDS.binary_search(&name).is_ok() => format!("r#{name}"),
        _ => name.to_owned(),
    })
}

/// Keywords in their order, strict and reserved, up to the 2024 edition (Rust reference,
/// "Keywords").
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_meet_get_underscores_in_the_order_of_the_code() {
        let name = |operations: &[&'static str]| {
            let names = name_top_level(&DefinitionNames {
                operations: operations.to_vec(),
                ..DefinitionNames::default()
            });
            let pairs = operations
                .iter()
                .map(|name| names.operations[*name].clone());
            pairs.collect::<Vec<_>>()
        };
        let pair = |ty: &str, module: &str| (ty.to_owned(), module.to_owned());
        assert_eq!(name(&["ZED"]), [pair("Zed", "zed")]);
        assert_eq!(
            name(&["ZED", "Zed"]),
            [pair("ZED", "zed"), pair("Zed", "zed_")]
        );
        assert_eq!(
            name(&["ZED", "Zed", "zed"]),
            [
                pair("ZED", "zed_"),
                pair("Zed", "zed__"),
                pair("zed", "zed___")
            ]
        );
    }

    #[test]
    fn every_name_becomes_another_identifier() {
        // Names of underscores and digits alone, keywords, and those that differ in their case or
        // their underscores.
        let mut names: Vec<String> = ["", "_", "1", "a", "A", "_a", "_A"]
            .iter()
            .flat_map(|end| (0..4).map(move |count| format!("{}{end}", "_".repeat(count))))
            .filter(|name| !name.is_empty() && !name.starts_with('1'))
            .collect();
        names.extend(
            [
                "_1x", "_1X", "__1_x", "self", "Self", "SELF", "crate", "type", "Type", "r", "gen",
                "new",
            ]
            .map(str::to_owned),
        );
        names.extend(KEYWORDS.map(str::to_owned));
        names.sort();
        names.dedup();
        let schema_types = HashSet::new();
        for _ in 0..2 {
            let all = || names.iter().map(String::as_str);
            let top = name_top_level(&DefinitionNames {
                operations: all().collect(),
                fragments: all().collect(),
                enums: all().collect(),
                inputs: all().collect(),
                scalars: Vec::new(),
            });
            let given = [top.operations, top.fragments];
            let mut given: Vec<String> = given
                .into_iter()
                .flat_map(HashMap::into_values)
                .flat_map(|(ty, module)| [ty, module])
                .chain(top.schema_types.into_values())
                .collect();
            // Enums and input objects have one name twice here, which a schema can't: the map keeps
            // the last.
            let count = given.len();
            given.sort();
            given.dedup();
            assert_eq!(given.len(), count, "two items have one name");
            for list in [
                given,
                name_fields(all(), &METHODS_AND_VARIANTS, &schema_types),
                name_variants(all()),
            ] {
                let mut once = list.clone();
                once.sort();
                once.dedup();
                assert_eq!(once.len(), list.len());
                for name in list {
                    let bare = name.strip_prefix("r#").unwrap_or(&name);
                    assert_eq!(identifier(bare).as_deref(), Some(name.as_str()), "{name}");
                }
            }
            // A second time in the other order: no order of definitions is special.
            names.reverse();
        }
    }

    #[test]
    fn keywords_are_found() {
        assert!(KEYWORDS.is_sorted());
        assert_eq!(identifier("type").as_deref(), Some("r#type"));
        assert_eq!(identifier("Self").as_deref(), Some("Self_"));
        assert_eq!(identifier("typed").as_deref(), Some("typed"));
    }
}
