//! What people write for the compiler, as any bytes: documents, schemas and both. It refuses or
//! compiles, says where and what to do, and writes no more than the text is worth.

use attendium_codegen::{Lint, Options, Output, Source, compile};

/// A schema with all kinds of types, and a document that uses them, to start from; `document` and
/// `schema` vary one, `both` both.
pub const SCHEMA: &str = "directive @tag(name: String!) repeatable on FIELD\n\"D\" type Query { me: User! node(id: ID!, by: In = {a: [1], k: {id: \"x\"}}): Node pets: [[Pet!]] now: Date }\ntype Mutation { set(in: In!): User }\ntype Subscription { changed: ID }\ninterface Node { id: ID! }\ntype User implements Node { id: ID! name: String role: Role @deprecated(reason: \"r\") friend(n: Int = 1): User }\ntype Dog implements Node { id: ID! name: String! }\nunion Pet = User | Dog\nenum Role { A B }\nscalar Date\ninput In { a: [Int!] k: Key self: In }\ninput Key @oneOf { id: ID x: Int }\nextend type Dog { barks: Boolean! }\n";
pub const DOCUMENT: &str = "\"A query\" query A($id: ID! = \"1\", $in: In, $x: Boolean!) { me { ...F role } node(id: $id, by: $in) { __typename id ... on User { name } ... @include(if: $x) { id } } pets { ... on Dog { barks name } ...F } now }\nmutation M($in: In!) { set(in: $in) { friend(n: 2) { id } other: friend { name @skip(if: true) } } }\nsubscription S { changed }\nfragment F on User { id name friend { ...G } }\nfragment G on Node { id ... on Dog { name } }\n";

/// The schema and the document, divided by this in a seed for `both`.
pub const DIVIDER: char = '\u{1f}';

/// Any document against the schema.
pub fn document(text: &[u8]) {
    check(SCHEMA, &String::from_utf8_lossy(text));
}

/// The document against any schema.
pub fn schema(text: &[u8]) {
    check(&String::from_utf8_lossy(text), DOCUMENT);
}

/// A schema and a document, divided by U+001F.
pub fn both(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let (schema, document) = text.split_once(DIVIDER).unwrap_or((&text, DOCUMENT));
    check(schema, document);
}

fn check(schema: &str, document: &str) {
    let mut options = Options::default();
    options.lints.extend(Lint::ALL);
    let schema = [Source::new("schema.graphql", schema)];
    let document = [Source::new("document.graphql", document)];
    let output: Output = compile(&schema, &document, &options);
    for diagnostic in &output.diagnostics {
        assert!(
            diagnostic
                .help
                .as_ref()
                .is_some_and(|help| !help.is_empty()),
            "no help: {diagnostic}"
        );
        if let Some(place) = &diagnostic.location {
            let text = &(if place.path == "schema.graphql" {
                &schema
            } else {
                &document
            })[0]
                .text;
            assert!(
                place.path == "built-in.graphql"
                    || place.offset <= text.len() && text.is_char_boundary(place.offset),
                "{diagnostic}"
            );
        }
    }
    let lines = output.code.lines().count();
    assert!(
        lines <= 400 + (schema[0].text.len() + document[0].text.len()) * 4,
        "{lines} lines"
    );
    assert_eq!(
        compile(&schema, &document, &options).code,
        output.code,
        "the same twice"
    );
}
