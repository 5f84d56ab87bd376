//! A schema without places is the schema with places, and so are its faults.

use super::{SchemaIssue, trees, with_places, without_places};
use crate::Source;
use std::fmt::Write;

/// Compares the two; whether both were made.
#[track_caller]
fn same(texts: &[&str]) -> Option<Vec<SchemaIssue>> {
    let sources: Vec<Source> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| Source::new(format!("{index}.graphql"), *text))
        .collect();
    let trees = trees(&sources)?;
    let (schema, faults, _) = without_places(&sources, &trees)?;
    let Ok((other, others, _)) = with_places(&sources, &sources, Some(&trees)) else {
        panic!("only accepted without places: {texts:?}");
    };
    assert_eq!(schema, other, "{texts:?}");
    assert_eq!(
        schema.types.keys().collect::<Vec<_>>(),
        other.types.keys().collect::<Vec<_>>()
    );
    assert_eq!(faults, others, "{texts:?}");
    Some(faults)
}

#[test]
fn faults_get_their_places() {
    // In one line and after other text, with characters of several bytes, in several files, in extensions.
    let first = "scalar A \"é\" type Query { a: Int \"é\" a: Int b: B } type B { a: Int }\n\n  type B { b: Int }\nenum E { A A }";
    let second =
        "extend type Query { c: Int\n\n c: Int a: Int } union U = B | B input I { a: Int a: Int }";
    let third = "directive @d on FIELD directive @d on FIELD interface J { a(i: Int! @deprecated): Int }\ninput O @oneOf { a: Int! }";
    let faults = same(&[first, second, third]).unwrap();
    assert_eq!(faults.len(), 10, "{faults:#?}");
    for (texts, count) in [
        (vec!["type Query { a: Int a: Int }"], 1),
        (vec!["schema { query: Q query: Q } type Q { a: Int }"], 1),
        (
            vec![
                "schema { query: Q } type Q { a: Int }",
                "schema { query: Q }",
            ],
            1,
        ),
        (
            vec![
                "type Query { a: Int } interface I { a: Int }",
                "extend type I { b: Int }",
            ],
            1,
        ),
        (
            vec!["extend type Query { a: Int }\nextend type Query { a: Int }"],
            2,
        ),
        (
            vec![
                "type Query { a: Int }",
                "type B implements I & I { a: Int }",
                "interface I { a: Int }",
            ],
            1,
        ),
        (
            vec!["\"é\" type Query { a: Missing, b(c: [Other!]): [Missing] } union U = Missing"],
            4,
        ),
        (
            vec!["type Query implements I { a: Int } interface I { b: Int }"],
            1,
        ),
        (
            vec![
                "type Query @key(fields: \"a\") { a: Int @key } scalar A",
                "type B @key { __a: Int }",
            ],
            4,
        ),
        (
            vec![
                "type Query { a(b: I = {c: 1, d: A}): Int }",
                "input I { c: E d: E } enum E { A }",
            ],
            1,
        ),
        (
            vec!["type Query { a: Int } input I { a: J! } input J { a: I! }"],
            2,
        ),
        (vec!["schema { mutation: M } type M { a: Int }"], 1),
    ] {
        let faults = same(&texts).unwrap_or_else(|| panic!("not looked up: {texts:?}"));
        assert_eq!(faults.len(), count, "{faults:#?}");
        assert!(
            faults
                .iter()
                .all(|fault| fault.diagnostic.location.is_some())
        );
    }
}

#[test]
fn what_is_valid_needs_no_places() {
    for texts in [
        vec!["type Query { a: Int }"],
        vec!["\"oneOf\" type Query { oneOf: Int }"],
        vec!["type Query { a(i: I): Int }", "input I @oneOf { a: Int }"],
        vec![
            "type Query { a(i: I): Int }",
            "input I { a: Int } extend input I @oneOf",
        ],
        vec![
            "type Query { a(i: I): Int } directive @oneOf on INPUT_OBJECT input I @oneOf { a: Int }",
        ],
        vec![
            "schema { query: Q }",
            "type Q { b: Int } extend type Q @d { a: Float }",
            "directive @d on OBJECT",
        ],
        vec![
            "type Query { a: Int } scalar ID type __Type { a: Int } directive @skip(if: Boolean!) on FIELD",
        ],
    ] {
        assert_eq!(same(&texts), Some(Vec::new()), "{texts:?}");
    }
}

#[test]
fn what_has_no_schema_is_left_to_the_other_parser() {
    for text in [
        "type Other { a: Int }",
        "type Query { a }",
        "type Query { a: Int } query { a }",
    ] {
        assert_eq!(same(&[text]), None, "{text}");
    }
}

#[test]
fn combinations_of_definitions_have_the_same_faults() {
    let parts = [
        "type Query { a: Int }",
        "type Query { a: Int a: B }",
        "type B implements I & I { a: Int b(c: Int! @deprecated): Int }",
        "interface I { a: Int }",
        "extend interface I { b(c: Int): Int a: Int }",
        "extend input N { a: Int! @deprecated }",
        "input N @oneOf { a: Int b: Int = 1 }",
        "enum B { A }",
        "schema { query: Query mutation: B }",
        "extend schema { mutation: Query }",
        "union U = B | Query | B",
        "scalar U",
    ];
    let (mut made, mut faulty) = (0, 0);
    for chosen in (0..1_u32 << parts.len()).step_by(5) {
        // Half of them in a second file.
        let mut texts = [String::new(), String::new()];
        for (index, part) in parts.iter().enumerate() {
            if chosen & (1 << index) != 0 {
                let _ = write!(texts[index % 2], "{part} ");
            }
        }
        if texts.iter().any(String::is_empty) {
            continue;
        }
        if let Some(faults) = same(&[&texts[0], &texts[1]]) {
            made += 1;
            faulty += usize::from(!faults.is_empty());
        }
    }
    assert!(
        made > 400 && faulty > 400,
        "{made} were made, {faulty} with faults"
    );
}

/// The corpora: each schema is read here, and its faults are found without reading all of it by the other parser.
#[cfg(feature = "corpora")]
#[test]
fn real_schemas_are_read_and_have_the_same_faults() {
    use crate::schema::sdl_parser::tests::{accepted, real_schemas};
    let (mut lines, mut faulty) = (0, 0);
    for (path, text) in &real_schemas() {
        assert!(accepted(text), "not accepted: {}", path.display());
        lines += text.lines().count();
        match same(&[text]) {
            Some(faults) => faulty += usize::from(!faults.is_empty()),
            None => {
                let source = [Source::new("schema.graphql", text.as_str())];
                let errors = with_places(&source, &source, None).err();
                let message = errors.and_then(|errors| Some(errors.first()?.message.clone()));
                let message = message.unwrap_or_default();
                assert!(
                    message.starts_with("the schema has no root type"),
                    "{} is read again as a whole: {message}",
                    path.display()
                );
            }
        }
    }
    assert!(
        lines > 100_000 && faulty > 5,
        "{lines} lines, {faulty} with faults"
    );
}
