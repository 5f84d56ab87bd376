//! A document that is sent as it is written: what is taken out of the texts, and what is refused.

use attendium_codegen::{Options, Request, RequestInputs, Source};
use serde_json::{Map, Value, json};

const SCHEMA: &str = "
    type Query { seats(first: Int, ids: [ID!], filter: Filter, at: Date): [Seat!]! me: User }
    type Seat { id: ID! row: Row }
    type User { id: ID! }
    enum Row { FRONT BACK }
    input Filter { row: Row! = FRONT name: String! deep: Filter key: Key }
    input Key @oneOf { id: ID name: String }
    scalar Date
";

fn prepare(schema: &str, texts: &[&str], operation: Option<&str>) -> Result<Request, String> {
    let schema: Vec<Source> = Some(schema)
        .filter(|text| !text.is_empty())
        .map(|text| Source::new("schema.graphql", text))
        .into_iter()
        .collect();
    let name = |(index, text): (usize, &&str)| Source::new(format!("{index}.graphql"), *text);
    let documents: Vec<Source> = texts.iter().enumerate().map(name).collect();
    let inputs = RequestInputs {
        schema: &schema,
        documents: &documents,
        operation,
        ..RequestInputs::default()
    };
    inputs.prepare(&Options::default()).map_err(|errors| {
        assert!(!errors.is_empty());
        errors.iter().map(|error| format!("{error}\n")).collect()
    })
}

#[test]
fn the_operation_goes_with_the_fragments_that_it_reaches_and_without_descriptions() {
    let texts = [
        "# Kept nowhere.\n\"What.\"\nquery Seats(\"How many.\" $first: Int) {\n  # A comment.\n  \
         seats(first: $first) { ...A }\n}\n",
        "fragment A on Seat { ...B }, fragment B on Seat { id ...A2 } fragment A2 on Seat { row }",
        "fragment Unused on Seat { id } query Other { me { id } }",
    ];
    for schema in ["", SCHEMA] {
        let request = prepare(schema, &texts, Some("Seats")).expect("a request");
        let document = request.document();
        assert!(document.starts_with("query Seats("), "{document}");
        assert!(
            !document.contains('"') && !document.contains("Unused"),
            "{document}"
        );
        for definition in [
            "fragment A on",
            "fragment B on",
            "fragment A2 on",
            "# A comment.",
        ] {
            assert_eq!(
                document.matches(definition).count(),
                1,
                "{definition}: {document}"
            );
        }
        assert_eq!((request.kind(), request.name()), ("query", Some("Seats")));
    }
}

#[test]
fn an_operation_without_a_name_is_sent_without_one() {
    for text in [
        "{ me { id } }",
        "query { me { id } }",
        "query($first: Int) { seats(first: $first) { id } }",
    ] {
        for schema in ["", SCHEMA] {
            let request = prepare(schema, &[text], None).expect("a request");
            assert_eq!((request.name(), request.document()), (None, text));
        }
    }
}

#[test]
fn what_the_schema_refuses_is_said_and_nothing_else() {
    // Another operation of the texts may be wrong.
    let texts = ["query A { me { id } } query B { me { nope } }"];
    assert!(prepare(SCHEMA, &texts, Some("A")).is_ok());
    let error = prepare(SCHEMA, &texts, Some("B")).expect_err("an error");
    assert!(error.contains("`nope`"), "{error}");
    for (text, said) in [
        ("{ me { ...Nope } }", "Nope"),
        ("query A { me { id } } query A { me { id } }", "A"),
        ("{ me { id } } { me { id } }", "2 operations"),
        ("{ me { ...F } } fragment F on User { ...F }", "F"),
        ("mutation { x }", "mutation"),
        ("", "no operation"),
        ("}", "error"),
    ] {
        let error = prepare(SCHEMA, &[text], None).expect_err(text);
        assert!(error.contains(said), "{text}: {error}");
    }
    assert!(prepare("type Nothing { a: Int }", &["{ me { id } }"], None).is_err());
    // Without a schema, a circle of fragments ends, and is the server's to refuse.
    let circle = "{ me { ...F } } fragment F on User { ...G } fragment G on User { ...F }";
    assert!(prepare("", &[circle], None).is_ok());
}

fn variables(
    schema: &str,
    declared: &str,
    given: Value,
    texts: &[(&str, &str)],
) -> Result<Value, String> {
    let request = if schema.is_empty() {
        prepare("", &[&format!("query Q({declared}) {{ a }}")], None).expect("a request")
    } else {
        // Each variable has to be used in a valid operation; this checks values alone.
        let uses = "seats(first: $first, ids: $ids, filter: $filter, at: $at) { id }";
        let text =
            format!("query Q($first: Int, $ids: [ID!], $filter: Filter, $at: Date) {{ {uses} }}");
        prepare(schema, &[&text], None).expect("a request")
    };
    let given: Map<String, Value> = given.as_object().cloned().unwrap_or_default();
    let texts: Vec<(String, String)> = texts
        .iter()
        .map(|(name, text)| ((*name).into(), (*text).into()))
        .collect();
    request
        .variables(given, &texts)
        .map(|variables| Value::Object(variables.values))
        .map_err(|errors| errors.iter().map(|error| format!("{error}\n")).collect())
}

#[test]
fn texts_are_read_by_the_types_that_are_known() {
    for (texts, expected) in [
        (&[("first", "3")][..], json!({ "first": 3 })),
        (&[("$first", "null")], json!({ "first": null })),
        (&[("ids", "7")], json!({ "ids": ["7"] })),
        (&[("ids", "7"), ("ids", "8")], json!({ "ids": ["7", "8"] })),
        (&[("ids", "[\"a\", 2]")], json!({ "ids": ["a", 2] })),
        (
            &[("filter", "{\"name\": \"x\", \"row\": \"BACK\"}")],
            json!({ "filter": { "name": "x", "row": "BACK" } }),
        ),
        (&[("at", "2026-01-01")], json!({ "at": "2026-01-01" })),
        (&[("at", "7")], json!({ "at": 7 })),
    ] {
        assert_eq!(
            variables(SCHEMA, "", json!({}), texts),
            Ok(expected),
            "{texts:?}"
        );
    }
    let declared = "$s: String, $n: [Int!]!, $x: Unknown, $f: Float, $b: Boolean = true";
    let texts = [
        ("s", "null"),
        ("n", "1"),
        ("n", "2"),
        ("x", "a b"),
        ("f", "1"),
        ("b", "false"),
    ];
    let expected = json!({ "s": "null", "n": [1, 2], "x": "a b", "f": 1, "b": false });
    assert_eq!(variables("", declared, json!({}), &texts), Ok(expected));
}

#[test]
fn what_does_not_fit_has_its_path() {
    for (given, said) in [
        (json!({ "first": 2.5 }), "`$first` is `2.5`"),
        (json!({ "ids": [1, null] }), "`$ids[1]` is null"),
        (json!({ "ids": [true] }), "`$ids[0]` is `true`"),
        (json!({ "filter": {} }), "`$filter.name` has no value"),
        (
            json!({ "filter": { "name": "x", "row": "SIDE" } }),
            "its values are FRONT, BACK",
        ),
        (
            json!({ "filter": { "name": "x", "deep": { "nmae": 1 } } }),
            "did you mean `name`?",
        ),
        (
            json!({ "filter": { "name": "x", "key": {} } }),
            "`$filter.key` takes exactly one field",
        ),
        (
            json!({ "filter": { "name": "x", "key": { "id": 1, "name": "a" } } }),
            "exactly one",
        ),
        (
            json!({ "filter": { "name": "x", "key": { "id": null } } }),
            "exactly one",
        ),
        (json!({ "filter": [] , "first": {} }), "takes an object"),
        (
            json!({ "other": 1 }),
            "it declares `$first`, `$ids`, `$filter`, `$at`",
        ),
    ] {
        let error = variables(SCHEMA, "", given.clone(), &[]);
        let error = error.expect_err(&given.to_string());
        assert!(error.contains(said), "{given}: {error}");
        assert!(error.contains("help: "), "{error}");
    }
    assert_eq!(
        variables(SCHEMA, "", json!({ "first": 3.0 }), &[]),
        Ok(json!({ "first": 3.0 }))
    );
}

#[test]
fn files_are_found_wherever_the_types_have_them() {
    let schema = "type Query { a(badge: Badge, files: [Upload!]): Int } scalar Upload
        input Badge { title: String photos: [Upload] next: Badge }";
    let text = "query Q($badge: Badge, $files: [Upload!]) { a(badge: $badge, files: $files) }";
    let request = prepare(schema, &[text], None).expect("a request");
    let badge = json!({ "title": "x", "photos": ["1.png", null], "next": { "photos": "2.png" } });
    let given = json!({ "badge": badge })
        .as_object()
        .cloned()
        .unwrap_or_default();
    let texts = [("files".into(), "7".into()), ("files".into(), "@-".into())];
    let variables = request.variables(given.clone(), &texts).expect("variables");
    let places = [
        "/badge/photos/0",
        "/badge/next/photos",
        "/files/0",
        "/files/1",
    ];
    assert_eq!(variables.files, places);
    let paths: Vec<_> = variables
        .files
        .iter()
        .map(|place| {
            let values = Value::Object(variables.values.clone());
            values.pointer(place).cloned().unwrap_or_default()
        })
        .collect();
    assert_eq!(paths, ["1.png", "2.png", "7", "@-"]);
    let wrong = [("files".into(), "[1]".into())];
    let errors = request
        .variables(given, &wrong)
        .expect_err("a number is no path");
    assert!(
        errors[0].to_string().contains("takes a file"),
        "{}",
        errors[0]
    );
}
