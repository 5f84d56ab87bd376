//! Names of all kinds, at random: the code for them is Rust in which no two things of one scope
//! have one name, and naming always ends.

use attendium_codegen::{Options, Source, compile};
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use syn::visit::{self, Visit};

/// What names are made of: underscores, digits, keywords, words in every case, and what looks like
/// an escape.
const PIECES: [&str; 34] = [
    "_", "__", "_", "1", "0", "12", "a", "A", "b", "B", "ab", "AB", "Ab", "x1", "X_1", "self",
    "Self", "super", "crate", "type", "fn", "async", "gen", "r", "new", "Other", "None", "some",
    "data", "Data", "u00e9", "Url", "URL", "string",
];

/// A generator of numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn name(&mut self) -> String {
        loop {
            let name: String = (0..=self.below(4))
                .map(|_| PIECES[self.below(PIECES.len())])
                .collect();
            // The specification leaves names with two underscores to introspection.
            let is_name =
                !name.starts_with(|c: char| c.is_ascii_digit()) && !name.starts_with("__");
            if is_name && !matches!(name.as_str(), "true" | "false" | "null" | "on") {
                return name;
            }
        }
    }

    /// Different names, none of which is in `taken`.
    fn names(&mut self, count: usize, taken: &mut HashSet<String>) -> Vec<String> {
        let mut names = Vec::new();
        while names.len() < count {
            let name = self.name();
            if taken.insert(name.clone()) {
                names.push(name);
            }
        }
        names
    }
}

/// A schema and documents whose types, fields, values, variables, operations and fragments have
/// random names.
fn invented(random: &mut Random) -> (String, String) {
    let mut taken: HashSet<String> = ["Query", "Int", "Float", "String", "Boolean", "ID"]
        .map(str::to_owned)
        .into();
    let [objects, enums, inputs, scalars] =
        [3, 2, 2, 1].map(|count| random.names(count, &mut taken));
    let mut own = |count| random.names(count, &mut HashSet::new());
    let (fields, values, members, arguments) = (own(9), own(9), own(6), own(5));
    let (operations, fragments) = (own(5), own(5));
    // Another field under a field's name would be an error.
    let keys = random.names(8, &mut fields.iter().cloned().collect());
    let mut schema = format!("scalar {}\n", scalars[0]);
    for name in &enums {
        let _ = writeln!(schema, "enum {name} {{ {} }}", values.join(" "));
    }
    for (name, one_of) in inputs.iter().zip(["", "@oneOf"]) {
        let types = [
            "Int",
            &enums[0],
            &scalars[0],
            "String",
            &inputs[0],
            &inputs[1],
        ];
        let fields = members
            .iter()
            .zip(types)
            .map(|(field, ty)| format!("{field}: {ty}"));
        let _ = writeln!(
            schema,
            "input {name} {one_of} {{ {} }}",
            fields.collect::<Vec<_>>().join(" ")
        );
    }
    let types = ["Int", &inputs[0], &inputs[1], &enums[1], &scalars[0]];
    let typed: Vec<String> = arguments
        .iter()
        .zip(types)
        .map(|(name, ty)| format!("{name}: {ty}"))
        .collect();
    let object = |name: &str| {
        let types = [
            &objects[0],
            &objects[1],
            &objects[2],
            &enums[0],
            &enums[1],
            &scalars[0],
        ];
        let types = types
            .into_iter()
            .map(String::as_str)
            .chain(["Int", "ID!", "[String!]!"]);
        let fields = fields
            .iter()
            .zip(types)
            .map(|(field, ty)| format!("{field}: {ty}"));
        format!(
            "type {name} {{ {} leaf({}): Int }}\n",
            fields.collect::<Vec<_>>().join(" "),
            typed.join(", ")
        )
    };
    for name in objects.iter().map(String::as_str).chain(["Query"]) {
        schema.push_str(&object(name));
    }
    let _ = writeln!(
        schema,
        "union Either__ = {} | {}\nextend type Query {{ either__: Either__ }}",
        objects[0], objects[1]
    );

    let variables: Vec<String> = arguments
        .iter()
        .zip(types)
        .map(|(name, ty)| format!("${name}: {ty}"))
        .collect();
    let given: Vec<String> = arguments
        .iter()
        .map(|name| format!("{name}: ${name}"))
        .collect();
    let leaves = fields[3..].join(" ");
    let mut document = String::new();
    for (name, fragment) in operations.iter().zip(&fragments) {
        let aliased: Vec<String> = keys
            .iter()
            .map(|key| format!("{key}: {}", fields[6]))
            .collect();
        let _ =
            writeln!(
            document,
            "query {name}({}) {{ a__1: leaf({}) {} {{ {leaves} }} b__1: {} {{ {} ...{fragment} }}
            either__ {{ ...on {} {{ c__1: {} }} ...on {} {{ c__1: {} }} }} }}
            fragment {fragment} on {} {{ {leaves} d__1: {} {{ {leaves} }} }}",
            variables.join(", "), given.join(", "), fields[0], fields[1], aliased.join(" "),
            objects[0], fields[6], objects[1], fields[6], objects[1], fields[2],
        );
    }
    (schema, document)
}

/// Names that occur twice in a scope.
#[derive(Default)]
struct Scopes {
    twice: Vec<String>,
    seen: usize,
}

impl Scopes {
    fn scope(&mut self, what: &str, names: impl Iterator<Item = String>) {
        let mut known = BTreeSet::new();
        for name in names {
            self.seen += 1;
            if !known.insert(name.clone()) {
                self.twice.push(format!("{name} in {what}"));
            }
        }
    }

    fn items(&mut self, what: &str, items: &[syn::Item]) {
        let name = |item: &syn::Item| match item {
            syn::Item::Struct(item) => Some(item.ident.to_string()),
            syn::Item::Enum(item) => Some(item.ident.to_string()),
            syn::Item::Type(item) => Some(item.ident.to_string()),
            syn::Item::Mod(item) => Some(item.ident.to_string()),
            _ => None,
        };
        self.scope(what, items.iter().filter_map(name));
    }
}

impl<'ast> Visit<'ast> for Scopes {
    fn visit_file(&mut self, file: &'ast syn::File) {
        self.items("the file", &file.items);
        visit::visit_file(self, file);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if let Some((_, items)) = &module.content {
            self.items(&module.ident.to_string(), items);
        }
        visit::visit_item_mod(self, module);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let fields = item.fields.iter().filter_map(|field| field.ident.as_ref());
        self.scope(&item.ident.to_string(), fields.map(ToString::to_string));
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let variants = item
            .variants
            .iter()
            .map(|variant| variant.ident.to_string());
        self.scope(&item.ident.to_string(), variants);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let functions = item.items.iter().filter_map(|item| match item {
            syn::ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
            _ => None,
        });
        self.scope("an impl", functions);
        visit::visit_item_impl(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(parameter) => match &*parameter.pat {
                syn::Pat::Ident(name) => Some(name.ident.to_string()),
                _ => None,
            },
            syn::FnArg::Receiver(_) => None,
        });
        self.scope(&signature.ident.to_string(), parameters);
    }
}

#[test]
fn random_names_are_different_identifiers() {
    for seed in 1..=100u64 {
        let (schema, document) = invented(&mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let documents = [Source::new("a.graphql", document.as_str())];
        let output = compile(
            &[Source::new("schema.graphql", schema.as_str())],
            &documents,
            &Options::default(),
        );
        assert_eq!(output.diagnostics, [], "seed {seed}\n{schema}\n{document}");
        let file = syn::parse_file(&output.code);
        let file = file.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", output.code));
        let mut scopes = Scopes::default();
        scopes.visit_file(&file);
        assert_eq!(scopes.twice, [""; 0], "seed {seed}\n{schema}\n{document}");
        assert!(scopes.seen > 200, "seed {seed}: {} names", scopes.seen);
    }
}

#[test]
fn names_that_differ_by_underscores_and_case_alone_are_told_apart_however_many() {
    // Each of them asks for the names of all others.
    let names: Vec<String> = (0..200)
        .map(|index| {
            let word = ["a_b", "A_B", "aB", "AB"][index % 4];
            format!("{word}{}", "_".repeat(index / 4))
        })
        .collect();
    let schema = format!(
        "type Query {{ {} }}",
        names
            .iter()
            .map(|name| format!("{name}: Int "))
            .collect::<String>()
    );
    let selected = names.join(" ");
    let documents = names.iter().map(|name| {
        format!("query {name} {{ {selected} ...F{name} }} fragment F{name} on Query {{ a_b }}\n")
    });
    let document: String = documents.collect();
    let output = compile(
        &[Source::new("schema.graphql", schema)],
        &[Source::new("a.graphql", document)],
        &Options::default(),
    );
    assert_eq!(output.diagnostics, []);
    let mut scopes = Scopes::default();
    scopes.visit_file(&syn::parse_file(&output.code).unwrap());
    assert_eq!(scopes.twice, [""; 0]);
}
