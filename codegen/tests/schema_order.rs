//! The order in which a schema is printed is nobody's decision: tools sort it by name, and servers
//! change it. What may change in generated code with it are the fields and setters of input
//! objects and the variants of enums, which are used by name. Arguments never change places.

use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use attendium_codegen::{Options, Source, compile};
use std::path::Path;

fn code(schema: &str, documents: &[Source]) -> String {
    let output = compile(
        &[Source::new("schema.graphql", schema)],
        documents,
        &Options::default(),
    );
    assert!(!output.has_errors(), "{:?}", output.diagnostics);
    output.code
}

/// The same schema with everything in the order of names, or against it.
fn reordered(sdl: &str, backwards: bool) -> String {
    let mut schema = Schema::parse(sdl, "schema.graphql").unwrap();
    let order = |one: &str, other: &str| match backwards {
        false => one.cmp(other),
        true => other.cmp(one),
    };
    schema.types.sort_by(|one, _, other, _| order(one, other));
    for definition in schema.types.values_mut() {
        if definition.is_built_in() {
            continue;
        }
        match definition {
            ExtendedType::Object(object) => {
                let object = object.make_mut();
                object.fields.sort_by(|one, _, other, _| order(one, other));
                object
                    .implements_interfaces
                    .sort_by(|one, other| order(one, other));
                for field in object.fields.values_mut() {
                    let arguments = &mut field.make_mut().arguments;
                    arguments.sort_by(|one, other| order(&one.name, &other.name));
                }
            }
            ExtendedType::Interface(interface) => {
                let fields = &mut interface.make_mut().fields;
                fields.sort_by(|one, _, other, _| order(one, other));
            }
            ExtendedType::Union(union) => {
                let members = &mut union.make_mut().members;
                members.sort_by(|one, other| order(one, other));
            }
            ExtendedType::Enum(definition) => {
                let values = &mut definition.make_mut().values;
                values.sort_by(|one, _, other, _| order(one, other));
            }
            ExtendedType::InputObject(input) => {
                let fields = &mut input.make_mut().fields;
                fields.sort_by(|one, _, other, _| order(one, other));
            }
            ExtendedType::Scalar(_) => {}
        }
    }
    schema.to_string()
}

/// The code in the parts that begin with an input object or an enum, and the rest.
fn parts(code: &str) -> Vec<&str> {
    let starts: Vec<usize> = [
        "\n/// The input object `",
        "\n/// The enum `",
        "\n/// The custom",
    ]
    .iter()
    .flat_map(|start| code.match_indices(start))
    .map(|(at, _)| at)
    .collect();
    let mut cuts = starts;
    cuts.extend([0, code.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &code[cut[0]..cut[1]]).collect()
}

/// The words of a part, in order of their letters.
fn words(part: &str) -> Vec<&str> {
    let mut words: Vec<&str> = part
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words
}

/// Each constructor with its parameters, up to the end of its body.
fn constructors(code: &str) -> Vec<&str> {
    let starts = code.match_indices("pub fn new(");
    let signature = |at: usize| code[at..].split(") -> Self").next();
    starts.filter_map(|(at, _)| signature(at)).collect()
}

#[track_caller]
fn assert_same_but_for_order(code: &str, other: &str) {
    let (parts, others) = (parts(code), parts(other));
    assert_eq!(parts.len(), others.len());
    for (part, other) in parts.iter().zip(others) {
        let is_ordered =
            part.starts_with("\n/// The input object") || part.starts_with("\n/// The enum");
        if is_ordered {
            assert_eq!(part.lines().nth(1), other.lines().nth(1));
            assert_eq!(words(part), words(other));
        } else {
            assert_eq!(*part, other);
        }
    }
    assert_eq!(constructors(code), constructors(other));
}

#[test]
fn the_parameters_of_new_keep_their_places_whatever_a_printer_does() {
    let before = "type Query { x: Int } type Mutation { pay(t: Transfer!): Int }
        input Transfer { from: ID! to: ID! note: String }";
    let after = "type Query { x: Int } type Mutation { pay(t: Transfer!): Int }
        input Transfer { to: ID! note: String from: ID! }";
    let documents = [Source::new(
        "pay.graphql",
        "mutation Pay($t: Transfer!) { pay(t: $t) }",
    )];
    let (before, after) = (code(before, &documents), code(after, &documents));
    assert_ne!(before, after, "fields stand in the order of the schema");
    assert_same_but_for_order(&before, &after);
    let new = "pub fn new(from: impl Into<::attendium::Id>, to: impl Into<::attendium::Id>";
    assert!(before.contains(new) && after.contains(new), "{after}");
}

#[test]
fn a_schema_in_another_order_changes_only_what_is_used_by_name() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ok");
    let schema = std::fs::read_to_string(directory.join("schema.graphql")).unwrap();
    let (forwards, backwards) = (reordered(&schema, false), reordered(&schema, true));
    let as_printed = Schema::parse(schema.as_str(), "schema.graphql")
        .unwrap()
        .to_string();
    let mut compared = 0;
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "schema.graphql" || !name.ends_with(".graphql") {
            continue;
        }
        let documents = [Source::new(name, std::fs::read_to_string(&path).unwrap())];
        let original = code(&as_printed, &documents);
        assert_same_but_for_order(&original, &code(&forwards, &documents));
        assert_same_but_for_order(&original, &code(&backwards, &documents));
        compared += 1;
    }
    assert!(compared > 10, "{compared} documents");
}

#[test]
fn variables_keep_the_order_of_the_document() {
    let schema = |arguments: &str| {
        format!(
            "type Query {{ a({arguments}): Int u: U }} union U = A | B type A {{ x: Int }} type B {{ x: Int }}"
        )
    };
    let documents = [Source::new(
        "a.graphql",
        "query Q($z: ID!, $a: ID!, $m: Int!) { a(z: $z, a: $a, m: $m) u { ...on B { x } ...on A { x } } }",
    )];
    let one = code(&schema("z: ID! a: ID! m: Int!"), &documents);
    let other = code(
        &schema("m: Int! a: ID! z: ID!").replace("A | B", "B | A"),
        &documents,
    );
    assert_eq!(one, other);
    let [operation] = constructors(&one)[..] else {
        panic!("{one}")
    };
    let in_order =
        "pub fn new(z: impl Into<::attendium::Id>, a: impl Into<::attendium::Id>, m: i32";
    assert_eq!(operation, in_order);
    assert!(one.find("B(").unwrap() < one.find("A(").unwrap(), "{one}");
}
