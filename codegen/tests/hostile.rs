//! No input makes the compiler panic, hang or take memory without bound: mutated documents and
//! schemas, and texts made to hurt.

use attendium_codegen::{Lint, Options, Output, Source, compile};
use std::fmt::Write as _;
use std::path::Path;

fn compiled(schema: &str, document: &str) -> Output {
    let mut options = Options::default();
    options.lints.extend(Lint::ALL);
    let output = compile(
        &[Source::new("schema.graphql", schema)],
        &[Source::new("document.graphql", document)],
        &options,
    );
    // Showing what is wrong must not fail either, wherever in the text it is.
    for diagnostic in &output.diagnostics {
        assert!(!diagnostic.to_string().is_empty());
    }
    output
}

/// The inputs of the goldens: documents by the schema that they are for.
fn inputs() -> Vec<(String, Vec<String>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    ["ok", "errors"]
        .map(|name| {
            let mut paths: Vec<_> = std::fs::read_dir(directory.join(name))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            paths.retain(|path| path.extension().is_some_and(|ending| ending == "graphql"));
            paths.sort();
            let read = |path: &Path| std::fs::read_to_string(path).unwrap();
            let schema = read(&directory.join(name).join("schema.graphql"));
            (
                schema,
                paths
                    .iter()
                    .filter(|path| !path.ends_with("schema.graphql"))
                    .map(|path| read(path))
                    .collect(),
            )
        })
        .to_vec()
}

/// A small generator of numbers (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

/// Changes a text in up to three places: what stands there is removed, doubled, exchanged or
/// replaced.
fn mutated(text: &str, random: &mut Random) -> String {
    const PIECES: [&str; 20] = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "!",
        "...",
        "on",
        "@",
        "\"",
        "\"\"\"",
        "$",
        ":",
        "=",
        "#",
        "\u{feff}",
        "é\u{202e}",
        "fragment",
        "-9e999",
    ];
    let mut words: Vec<String> = text
        .split_inclusive([' ', '\n', '{', '}', '(', ')'])
        .map(str::to_owned)
        .collect();
    for _ in 0..=random.below(3) {
        let (at, other) = (random.below(words.len()), random.below(words.len()));
        match random.below(5) {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[other].clone()),
            2 => words.swap(at, other),
            3 => words[at] = PIECES[random.below(PIECES.len())].to_owned(),
            _ => words.truncate(at.max(1)),
        }
        if words.is_empty() {
            break;
        }
    }
    words.concat()
}

#[test]
fn mutated_documents_and_schemas_are_compiled_or_refused() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad) = (0, 0);
    for (schema, documents) in inputs() {
        for document in &documents {
            for _ in 0..6 {
                let output = compiled(&schema, &mutated(document, &mut random));
                if output.has_errors() {
                    bad += 1
                } else {
                    good += 1
                }
            }
            compiled(&mutated(&schema, &mut random), document);
        }
    }
    assert!(
        good > 10 && bad > 100,
        "the mutations reach both sides: {good} good, {bad} bad"
    );
}

const SCHEMA: &str =
    "type Query { a: Query b(x: [[Int]], i: I): [Query] c: String } input I { i: I x: Int }";

#[test]
fn deep_nesting_is_refused_without_overflow() {
    let deep = |open: &str, middle: &str, close: &str| {
        format!(
            "query A {{ {}{middle}{} }}",
            open.repeat(20_000),
            close.repeat(20_000)
        )
    };
    let values = |open: &str, close: &str| {
        format!(
            "query A {{ b(x: {}1{}) {{ c }} }}",
            open.repeat(20_000),
            close.repeat(20_000)
        )
    };
    for document in [
        deep("a {", "c", "}"),
        deep("... {", "c", "}"),
        deep("... on Query {", "c", "}"),
        values("[", "]"),
        values("{ i: ", "}"),
        format!(
            "query A($x: {}Int{}) {{ c }}",
            "[".repeat(20_000),
            "]".repeat(20_000)
        ),
        "{".repeat(100_000),
    ] {
        assert!(compiled(SCHEMA, &document).has_errors());
    }
    let lists = format!(
        "type Query {{ a: {}Int{} }}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    compiled(&lists, "query A { a }");
}

#[test]
fn fragments_that_multiply_cost_what_they_are_long() {
    // Expanded, the last would have 2^60 fields.
    let mut document = String::from("query A { ...F59 }\nfragment F0 on Query { c }\n");
    for level in 1..60 {
        let _ = writeln!(
            document,
            "fragment F{level} on Query {{ a {{ ...F{below} }} d: a {{ ...F{below} }} }}",
            below = level - 1
        );
    }
    let output = compiled(SCHEMA, &document);
    assert!(
        output.code.lines().count() < 2_000,
        "{} lines",
        output.code.lines().count()
    );
}

#[test]
fn an_interface_with_hundreds_of_implementers_costs_what_is_selected() {
    let mut schema = String::from("type Query { node: Node }\ninterface Node { id: ID! }\n");
    for index in 0..300 {
        let _ = writeln!(
            schema,
            "type T{index} implements Node {{ id: ID! value{index}: Int }}"
        );
    }
    let output = compiled(
        &schema,
        "query A { node { id ... on T7 { value7 } ... on T9 { value9 } } }",
    );
    assert!(!output.has_errors());
    assert!(
        output.code.contains("T7(NodeT7),")
            && output.code.contains("T9(NodeT9),")
            && output.code.contains("Other(NodeOther),")
            && output.code.contains("union Node { T7, T9 }")
    );
    assert!(!output.code.contains("T8"), "{}", output.code);
}

/// The search for what a field conflicts with goes through fragments, here without an end: it
/// stops, and says one thing for each mistake.
#[test]
fn a_cycle_of_fragments_inside_the_search_for_conflicts_ends_with_one_message() {
    let schema = "type Query { me: User } type User { id: ID name: String a: User b: User }";
    let cycle = "query Me { me { ...F } } fragment F on User { id a { ...G } b { ...G } }
        fragment G on User { name a { ...F } b { ...F } }";
    for (added, rules) in [
        // Beside the cycle nothing is wrong.
        ("", vec!["fragment-cycle"]),
        // The conflict stands at the cycle's entrance.
        (
            "query Other { me { ...F id: name } }",
            vec!["fragment-cycle", "conflicting-fields"],
        ),
        // It is met below the cycle, after the fields that have no end.
        (
            "query Other { me { ...F ...H } } fragment H on User { a { a { a { ...I } } } } fragment I on User { a { a { name: id } } }",
            vec!["fragment-cycle", "conflicting-fields"],
        ),
    ] {
        let output = compiled(schema, &format!("{cycle} {added}"));
        let said: Vec<_> = output
            .diagnostics
            .iter()
            .filter_map(|diagnostic| diagnostic.rule)
            .collect();
        assert_eq!(said, rules, "{added}: {:?}", output.diagnostics);
    }
}

/// One variant for three hundred types: its names fill lines, none of which is too long.
#[test]
fn the_names_of_a_variant_fill_lines() {
    let mut schema = String::from(
        "type Query { node: Node }\ninterface Node { id: ID! }\ninterface Named { name: String }\ntype Only implements Node { id: ID! }\n",
    );
    let short = (0..300).map(|index| index.to_string());
    // Some of these fill a line to its last letter.
    let long = (40..74).map(|length| "0".repeat(length));
    for name in long.chain(short) {
        let _ = writeln!(
            schema,
            "type AThing{name} implements Node & Named {{ id: ID! name: String }}"
        );
    }
    let output = compiled(&schema, "query A { node { id ... on Named { name } } }");
    assert!(!output.has_errors());
    assert_eq!(output.code.matches("pub enum ").count(), 1);
    let Some((_, row)) = output.code.split_once("union Node {") else {
        panic!("{}", output.code);
    };
    let (variants, _) = row.split_once('}').unwrap();
    assert_eq!(variants.matches("\"AThing").count(), 334);
    assert_eq!(variants.matches("| ").count(), 333);
    assert!(variants.lines().all(|line| line.len() <= 100), "{variants}");
    assert!(variants.lines().count() < 104, "{variants}");
}
