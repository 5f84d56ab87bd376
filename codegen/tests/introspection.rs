//! An introspection answer as SDL: what the specification defines itself is left out, and what is
//! written is read as the same schema.

use attendium_codegen::{Options, Source, compile, introspection_to_sdl};

const ANSWER: &str = r#"{"__schema": {
  "queryType": {"name": "Query"}, "mutationType": null, "subscriptionType": null,
  "directives": [
    {"name": "include", "locations": ["FIELD"], "args": [{"name": "if", "type": {"kind": "NON_NULL", "ofType": {"kind": "SCALAR", "name": "Boolean"}}}]},
    {"name": "skip", "locations": ["FIELD"], "args": [{"name": "if", "type": {"kind": "NON_NULL", "ofType": {"kind": "SCALAR", "name": "Boolean"}}}]},
    {"name": "deprecated", "locations": ["FIELD_DEFINITION"], "args": [{"name": "reason", "type": {"kind": "SCALAR", "name": "String"}, "defaultValue": "\"No longer supported\""}]},
    {"name": "specifiedBy", "locations": ["SCALAR"], "args": [{"name": "url", "type": {"kind": "NON_NULL", "ofType": {"kind": "SCALAR", "name": "String"}}}]},
    {"name": "oneOf", "locations": ["INPUT_OBJECT"], "args": []},
    {"name": "cached", "locations": ["FIELD"], "args": [], "isRepeatable": true}
  ],
  "types": [
    {"kind": "SCALAR", "name": "String"}, {"kind": "SCALAR", "name": "Boolean"}, {"kind": "SCALAR", "name": "ID"},
    {"kind": "SCALAR", "name": "Date", "specifiedByURL": "https://example.com/date"},
    {"kind": "OBJECT", "name": "__Type", "interfaces": [], "fields": [{"name": "name", "args": [], "type": {"kind": "SCALAR", "name": "String"}}]},
    {"kind": "ENUM", "name": "__TypeKind", "enumValues": [{"name": "SCALAR"}]},
    {"kind": "INPUT_OBJECT", "name": "Key", "isOneOf": true, "inputFields": [
      {"name": "id", "type": {"kind": "SCALAR", "name": "ID"}}, {"name": "name", "type": {"kind": "SCALAR", "name": "String"}}]},
    {"kind": "OBJECT", "name": "Query", "interfaces": [], "fields": [
      {"name": "born", "args": [{"name": "by", "type": {"kind": "NON_NULL", "ofType": {"kind": "INPUT_OBJECT", "name": "Key"}}}],
       "type": {"kind": "SCALAR", "name": "Date"}, "isDeprecated": true, "deprecationReason": "old"}]}
  ]
}}"#;

const SDL: &str = r#"schema {
  query: Query
}

directive @cached repeatable on FIELD

scalar Date @specifiedBy(url: "https://example.com/date")

input Key @oneOf {
  id: ID
  name: String
}

type Query {
  born(by: Key!): Date @deprecated(reason: "old")
}
"#;

#[test]
fn what_the_specification_defines_itself_is_not_written() {
    let answer = Source::new("schema.graphql", ANSWER);
    let sdl = introspection_to_sdl(&answer).expect("an introspection answer");
    assert_eq!(sdl, SDL);
    // Both are one schema, in which `@oneOf` is known.
    let documents = [Source::new(
        "born.graphql",
        "query Born($by: Key!) { born(by: $by) @cached again: born(by: {id: 1}) }",
    )];
    let [from_answer, from_sdl] = [ANSWER, SDL].map(|text| {
        let schema = [Source::new("schema.graphql", text)];
        compile(&schema, &documents, &Options::default())
    });
    assert!(
        from_sdl.diagnostics.is_empty(),
        "{:?}",
        from_sdl.diagnostics
    );
    assert!(from_answer.diagnostics.is_empty());
    assert!(from_sdl.code.contains("\n    one_of Key { "));
    assert_eq!(from_answer.code, from_sdl.code);
}
