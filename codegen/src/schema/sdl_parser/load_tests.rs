//! Both loaders make the same schema of a text, with the same issues.

use super::load_fast;
use crate::schema::apollo_parser::load_with_apollo_parser;
use crate::schema::issues::SchemaIssue;
use crate::source::Source;
use std::fmt::Write;

/// The issues of a schema, which both loaders have to find alike. None where the fast one declines
/// it.
#[track_caller]
fn load_with_both(texts: &[&str]) -> Option<Vec<SchemaIssue>> {
    let sources: Vec<Source> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| Source::new(format!("{index}.graphql"), *text))
        .collect();
    let fast = load_fast(&sources)?;
    let Ok(other) = load_with_apollo_parser(&sources, &sources) else {
        panic!("only accepted without spans: {texts:?}");
    };
    assert_eq!(fast.schema, other.schema, "{texts:?}");
    assert_eq!(
        fast.schema.types.keys().collect::<Vec<_>>(),
        other.schema.types.keys().collect::<Vec<_>>()
    );
    assert_eq!(fast.issues, other.issues, "{texts:?}");
    Some(fast.issues)
}

#[test]
fn issues_get_their_places() {
    // In one line and after other text, with characters of several bytes, in several files, in
    // extensions.
    let first = "scalar A \"é\" type Query { a: Int \"é\" a: Int b: B } type B { a: Int }\n\n  type B { b: Int }\nenum E { A A }";
    let second =
        "extend type Query { c: Int\n\n c: Int a: Int } union U = B | B input I { a: Int a: Int }";
    let third = "directive @d on FIELD directive @d on FIELD interface J { a(i: Int! @deprecated): Int }\ninput O @oneOf { a: Int! }";
    let issues = load_with_both(&[first, second, third]).unwrap();
    assert_eq!(issues.len(), 10, "{issues:#?}");
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
        let issues = load_with_both(&texts).unwrap_or_else(|| panic!("not looked up: {texts:?}"));
        assert_eq!(issues.len(), count, "{issues:#?}");
        assert!(
            issues
                .iter()
                .all(|issue| issue.diagnostic.location.is_some())
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
        assert_eq!(load_with_both(&texts), Some(Vec::new()), "{texts:?}");
    }
}

#[test]
fn what_has_no_schema_is_left_to_the_other_parser() {
    for text in [
        "type Other { a: Int }",
        "type Query { a }",
        "type Query { a: Int } query { a }",
    ] {
        assert_eq!(load_with_both(&[text]), None, "{text}");
    }
}

#[test]
fn combinations_of_definitions_have_the_same_issues() {
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
        if let Some(issues) = load_with_both(&[&texts[0], &texts[1]]) {
            made += 1;
            faulty += usize::from(!issues.is_empty());
        }
    }
    assert!(
        made > 400 && faulty > 400,
        "{made} were made, {faulty} with issues"
    );
}

/// Both loaders agree over the schemas of the corpora, and the fast one declines none that is
/// valid.
#[cfg(corpora)]
#[test]
fn real_schemas_are_read_and_have_the_same_issues() {
    use crate::schema::sdl_parser::parser::tests::{accepted, real_schemas};
    let (mut lines, mut faulty) = (0, 0);
    for (path, text) in &real_schemas() {
        assert!(accepted(text), "not accepted: {}", path.display());
        lines += text.lines().count();
        match load_with_both(&[text]) {
            Some(issues) => faulty += usize::from(!issues.is_empty()),
            None => {
                let source = [Source::new("schema.graphql", text.as_str())];
                let errors = load_with_apollo_parser(&source, &source).err();
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
        "{lines} lines, {faulty} with issues"
    );
}
