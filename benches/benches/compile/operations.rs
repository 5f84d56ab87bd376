//! The operations that the compilers are given: invented over a real schema, the same each time.
//!
//! Each is what an application would ask for in about 64 lines: nested objects, connections, lists,
//! enums, custom scalars, interfaces and unions that are narrowed, fragments, variables with input
//! objects. One file an operation, with its own fragments, and named as relay-compiler wants names,
//! because all peers get the same files. Enter at [`invent`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use apollo_compiler::ast::{FieldDefinition, Type};
use apollo_compiler::schema::{ExtendedType, Implementers};
use apollo_compiler::{Name, Schema};

/// How many lines an operation has, its fragments included.
const LINES: usize = 67;
/// How deep fields are nested.
const DEPTH: usize = 6;

/// An operation and the fragments it spreads.
pub struct Invented {
    /// The name of its file, without an ending.
    pub stem: String,
    pub name: String,
    pub text: String,
}

/// `count` operations over the schema; the first ten of a hundred are the ten.
pub fn invent(schema: &Schema, count: usize) -> Vec<Invented> {
    let implementers = schema.implementers_map();
    (0..count)
        .map(|index| {
            let mut maker = Maker {
                schema,
                implementers: &implementers,
                random: Random(0x5DEE_CE66 + index as u64 * 0x9E37_79B9),
                stem: format!("Op{index:04}"),
                budget: LINES,
                variables: BTreeMap::new(),
                fragments: Vec::new(),
            };
            maker.operation(index % 5 == 4)
        })
        .collect()
}

struct Maker<'a> {
    schema: &'a Schema,
    implementers: &'a apollo_compiler::collections::HashMap<Name, Implementers>,
    random: Random,
    stem: String,
    /// Lines that are left.
    budget: usize,
    /// Variables by name: their type.
    variables: BTreeMap<String, String>,
    fragments: Vec<String>,
}

/// What a selection set and all that is merged with it has asked for: by response key, a leaf's
/// type, or nothing for what is selected once.
type Keys = BTreeMap<String, Option<String>>;

impl<'a> Maker<'a> {
    fn operation(&mut self, mutation: bool) -> Invented {
        let root = &self.schema.schema_definition;
        let root = if mutation {
            &root.mutation
        } else {
            &root.query
        };
        let root = root.as_ref().expect("the schema has this root type");
        let mut body = String::new();
        let mut keys = Keys::new();
        // Roots are asked until the lines are used up.
        let roots: Vec<&'a FieldDefinition> = self
            .fields(root)
            .into_iter()
            .filter(|field| !self.is_leaf(&field.ty))
            .collect();
        let mut tries = 0;
        while self.budget > 10 && tries < 40 && (!mutation || body.is_empty()) {
            tries += 1;
            let field = roots[self.random.below(roots.len())];
            self.composite(&mut body, field, &mut keys, 1, 1);
        }
        if self.budget > 6 {
            // A narrow answer: what is missing is asked of another root, or of the first one's
            // relatives.
            for field in roots {
                if !mutation && self.budget > 6 {
                    self.composite(&mut body, field, &mut keys, 1, 2);
                }
            }
        }
        let kind = if mutation { "mutation" } else { "query" };
        let name = format!("{}{}{}", self.stem, kind[..1].to_uppercase(), &kind[1..]);
        let mut text = format!("{kind} {name}");
        if !self.variables.is_empty() {
            let list: Vec<String> = self
                .variables
                .iter()
                .map(|(name, ty)| format!("${name}: {ty}"))
                .collect();
            let _ = write!(text, "({})", list.join(", "));
        }
        let _ = writeln!(text, " {{\n{body}}}");
        for fragment in &self.fragments {
            let _ = write!(text, "\n{fragment}");
        }
        Invented {
            stem: self.stem.clone(),
            name,
            text,
        }
    }

    /// A field with a selection set.
    fn composite(
        &mut self,
        out: &mut String,
        field: &'a FieldDefinition,
        keys: &mut Keys,
        depth: usize,
        indent: usize,
    ) -> bool {
        let name = field.name.as_str();
        if keys.contains_key(name) || self.budget < 4 {
            return false;
        }
        let variables = self.variables.clone();
        let arguments = self.arguments(field);
        let mut body = String::new();
        let before = self.budget;
        self.budget -= 2;
        self.set(
            &mut body,
            field.ty.inner_named_type(),
            depth + 1,
            indent + 1,
            &mut Keys::new(),
        );
        if body.is_empty() {
            self.budget = before;
            self.variables = variables;
            return false;
        }
        keys.insert(name.to_owned(), None);
        let pad = "  ".repeat(indent);
        let _ = write!(out, "{pad}{name}{arguments} {{\n{body}{pad}}}\n");
        true
    }

    /// The selections on a type.
    fn set(&mut self, out: &mut String, on: &'a str, depth: usize, indent: usize, keys: &mut Keys) {
        let pad = "  ".repeat(indent);
        let definition = self.schema.types.get(on).expect("the schema defines it");
        let narrowed: Vec<&'a Name> = match definition {
            ExtendedType::Interface(_) => self
                .implementers
                .get(on)
                .into_iter()
                .flat_map(|found| &found.objects)
                .filter_map(|name| self.schema.types.get_key_value(name).map(|(name, _)| name))
                .collect(),
            ExtendedType::Union(union) => union.members.iter().map(|member| &member.name).collect(),
            _ => Vec::new(),
        };
        if !narrowed.is_empty() {
            let _ = writeln!(out, "{pad}__typename");
            self.budget = self.budget.saturating_sub(1);
        }
        if on.ends_with("Connection") {
            self.connection(out, on, depth, indent, keys);
            return;
        }
        let leaves = if narrowed.is_empty() {
            3 + self.random.below(4)
        } else {
            1 + self.random.below(3)
        };
        self.leaves(out, on, leaves, &pad, keys);
        if depth < DEPTH {
            let composites: Vec<&'a FieldDefinition> = self
                .fields(on)
                .into_iter()
                .filter(|field| !self.is_leaf(&field.ty) && *field.ty.inner_named_type() != *on)
                .collect();
            let wanted = if depth < 3 {
                3
            } else {
                1 + self.random.below(2)
            };
            for _ in 0..wanted {
                if composites.is_empty() || self.budget < 8 {
                    break;
                }
                let field = composites[self.random.below(composites.len())];
                self.composite(out, field, keys, depth, indent);
            }
        }
        if narrowed.is_empty() {
            if depth > 1 && self.budget > 8 && self.random.below(4) == 0 {
                self.spread(out, on, &pad, keys);
            }
            return;
        }
        for _ in 0..(1 + self.random.below(3)) {
            if self.budget < 5 {
                break;
            }
            let on = narrowed[self.random.below(narrowed.len())];
            if keys.insert(format!("... on {on}"), None).is_some() {
                continue;
            }
            let mut body = String::new();
            let count = 1 + self.random.below(4);
            let inner = "  ".repeat(indent + 1);
            self.leaves(&mut body, on, count, &inner, keys);
            if self.random.below(3) == 0 && self.budget > 8 {
                self.spread(&mut body, on, &inner, keys);
            }
            if !body.is_empty() {
                self.budget = self.budget.saturating_sub(2);
                let _ = write!(out, "{pad}... on {on} {{\n{body}{pad}}}\n");
            }
        }
    }

    /// What everybody asks of a connection.
    fn connection(
        &mut self,
        out: &mut String,
        on: &'a str,
        depth: usize,
        indent: usize,
        keys: &mut Keys,
    ) {
        let pad = "  ".repeat(indent);
        for field in self.fields(on) {
            match field.name.as_str() {
                "totalCount" => {
                    let _ = writeln!(out, "{pad}totalCount");
                    self.budget = self.budget.saturating_sub(1);
                }
                "pageInfo" if self.budget > 20 => {
                    let _ = writeln!(
                        out,
                        "{pad}pageInfo {{\n{pad}  hasNextPage\n{pad}  endCursor\n{pad}}}"
                    );
                    self.budget -= 4;
                }
                "nodes" => {
                    self.composite(out, field, keys, depth, indent);
                }
                _ => {}
            }
        }
    }

    /// A new fragment on the type, and its spread.
    fn spread(&mut self, out: &mut String, on: &'a str, pad: &str, keys: &mut Keys) {
        let mut body = String::new();
        let count = 2 + self.random.below(4);
        self.leaves(&mut body, on, count, "  ", keys);
        let composites: Vec<&'a FieldDefinition> = self
            .fields(on)
            .into_iter()
            .filter(|field| !self.is_leaf(&field.ty) && *field.ty.inner_named_type() != *on)
            .collect();
        if !composites.is_empty() && self.budget > 12 {
            let field = composites[self.random.below(composites.len())];
            self.composite(&mut body, field, keys, DEPTH - 2, 1);
        }
        if body.is_empty() {
            return;
        }
        let name = format!("{}_part{}", self.stem, self.fragments.len() + 1);
        self.budget = self.budget.saturating_sub(4);
        let _ = writeln!(out, "{pad}...{name}");
        self.fragments
            .push(format!("fragment {name} on {on} {{\n{body}}}\n"));
    }

    /// Up to `count` leaves. One that another part of the answer has is fine where its type is the
    /// same.
    fn leaves(&mut self, out: &mut String, on: &str, count: usize, pad: &str, keys: &mut Keys) {
        let leaves: Vec<&'a FieldDefinition> = self
            .fields(on)
            .into_iter()
            .filter(|field| {
                self.is_leaf(&field.ty)
                    && !field
                        .arguments
                        .iter()
                        .any(|argument| argument.is_required())
            })
            .collect();
        let mut chosen = BTreeSet::new();
        if leaves.iter().any(|field| field.name == "id") && self.random.below(2) == 0 {
            chosen.insert(
                leaves
                    .iter()
                    .position(|field| field.name == "id")
                    .unwrap_or_default(),
            );
        }
        for _ in 0..count * 2 {
            if chosen.len() < count.min(leaves.len()) {
                chosen.insert(self.random.below(leaves.len()));
            }
        }
        for index in chosen {
            let field = leaves[index];
            let ty = Some(field.ty.to_string());
            match keys.get(field.name.as_str()) {
                Some(before) if *before != ty => continue,
                _ => {}
            }
            keys.insert(field.name.to_string(), ty);
            self.budget = self.budget.saturating_sub(1);
            let _ = writeln!(out, "{pad}{}", field.name);
        }
    }

    /// Variables for what must be given, and for some of what may be.
    fn arguments(&mut self, field: &FieldDefinition) -> String {
        let mut all = Vec::new();
        for argument in &field.arguments {
            let paging = matches!(argument.name.as_str(), "first");
            let optional = !argument.is_required();
            if optional
                && !paging
                && (argument.name.ends_with("fter")
                    || argument.name.ends_with("fore")
                    || argument.name == "last"
                    || self.random.below(4) != 0)
            {
                continue;
            }
            if argument.directives.has("deprecated") {
                continue;
            }
            if paging && self.random.below(2) == 0 {
                all.push(format!("first: {}", 10 * (1 + self.random.below(5))));
                continue;
            }
            let ty = argument.ty.to_string();
            let mut variable = argument.name.to_string();
            let mut number = 1;
            while self
                .variables
                .get(&variable)
                .is_some_and(|before| *before != ty)
            {
                number += 1;
                variable = format!("{}{number}", argument.name);
            }
            all.push(format!("{}: ${variable}", argument.name));
            self.variables.insert(variable, ty);
        }
        if all.is_empty() {
            String::new()
        } else {
            format!("({})", all.join(", "))
        }
    }

    /// The fields of a type that are not deprecated.
    fn fields(&self, on: &str) -> Vec<&'a FieldDefinition> {
        let fields = match self.schema.types.get(on) {
            Some(ExtendedType::Object(object)) => &object.fields,
            Some(ExtendedType::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields
            .values()
            .filter(|field| !field.directives.has("deprecated"))
            .map(|field| &***field)
            .collect()
    }

    fn is_leaf(&self, ty: &Type) -> bool {
        self.schema
            .types
            .get(ty.inner_named_type())
            .is_none_or(|definition| definition.is_leaf())
    }
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) % end as u64) as usize
    }
}
