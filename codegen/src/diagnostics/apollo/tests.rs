//! The contract with apollo-compiler: a document or schema that provokes each variant. A case that
//! fails after an upgrade says which error got another name or wording.

use super::{
    SchemaViolation, Violation, read_findings, read_parser_error, read_schema_findings,
    read_syntax_errors,
};
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::parser::{Parser, SourceMap};
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Schema, ast};

const SCHEMA: &str = r#"
    type Query {
        me: User
        node: Node
        search: Search
        role(in: E): E
        find(text: String!, limit: Int, near: Float, filter: Filter): Int
    }
    type Subscription { a: Int b: Int }
    type User implements Node { id: ID! name: String friends: [User] }
    type Venue { id: ID! }
    interface Node { id: ID! }
    union Search = User | Venue
    enum E { A }
    input Filter { text: String! }
"#;

/// What apollo-compiler finds wrong in a document.
fn find_violations(document: &str) -> Vec<Violation> {
    let schema = Schema::parse_and_validate(SCHEMA, "schema.graphql").unwrap();
    let mut built = DiagnosticList::new(SourceMap::default());
    let mut builder = ExecutableDocument::builder(Some(&schema), &mut built);
    let ast = ast::Document::parse(document, "document.graphql").unwrap();
    builder.add_ast_document(&ast, true);
    let validated = builder.build().validate(&schema).err();
    let mut findings = read_findings(&built);
    findings.extend(
        validated
            .iter()
            .flat_map(|with| read_findings(&with.errors)),
    );
    findings
        .into_iter()
        .map(|finding| finding.violation)
        .collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn each_violation_of_a_document_is_told_apart() {
    use Violation::*;
    let name = || text("x");
    let cases: Vec<(&str, Violation)> = vec![
        (
            "{ me { x } }",
            UnknownField {
                ty: text("User"),
                field: name(),
            },
        ),
        (
            "{ me(x: 1) { id } }",
            UnknownArgument {
                argument: name(),
                owner: text("Query.me"),
            },
        ),
        (
            "{ me @skip(x: 1, if: true) { id } }",
            UnknownArgument {
                argument: name(),
                owner: text("skip"),
            },
        ),
        ("query($x: X) { role }", UnknownType { name: text("X") }),
        (
            "{ me { ... on X { id } } }",
            UnknownType { name: text("X") },
        ),
        (
            "{ me { ...F } } fragment F on X { id }",
            UnknownType { name: text("X") },
        ),
        ("{ role @x }", UnknownDirective { name: name() }),
        ("{ me { ...x } }", UnknownFragment { name: name() }),
        ("{ role(in: $x) }", UnknownVariable { name: name() }),
        (
            "{ role(in: X) }",
            UnknownEnumValue {
                value: text("X"),
                definition: text("E"),
            },
        ),
        (
            "{ find(text: \"\", filter: { text: \"\", x: 1 }) }",
            UnknownInputField {
                field: name(),
                input: text("Filter"),
            },
        ),
        (
            "mutation { x }",
            UnknownRootType {
                operation: text("mutation"),
            },
        ),
        ("query($x: Int) { role }", UnusedVariable { name: name() }),
        ("{ role } fragment F on User { id }", UnusedFragment),
        (
            "query($x: Int, $x: Int) { find(text: \"\", limit: $x) }",
            DuplicateVariable,
        ),
        (
            "{ role(in: A, in: A) }",
            DuplicateArgument { name: text("in") },
        ),
        (
            "{ role @skip(if: true) @skip(if: true) }",
            DuplicateDirective,
        ),
        (
            "query x { role } query x { role }",
            DuplicateOperation { name: name() },
        ),
        (
            "{ me { ...x } } fragment x on User { id } fragment x on User { id }",
            DuplicateFragment { name: name() },
        ),
        ("{ role } query A { role }", AnonymousOperation),
        ("{ find }", MissingArgument { name: text("text") }),
        ("{ role @skip }", MissingArgument { name: text("if") }),
        (
            "{ find(text: \"\", filter: {}) }",
            MissingInputField { name: text("text") },
        ),
        ("{ me }", MissingSelection),
        ("{ me { id { x } } }", SelectionOnLeaf { ty: text("ID") }),
        ("{ role { x } }", SelectionOnLeaf { ty: text("E") }),
        (
            "query($x: User) { find(text: $x) }",
            VariableType { name: name() },
        ),
        (
            "query($x: Int) { find(text: $x) }",
            VariablePosition {
                variable: name(),
                declared: text("Int"),
                expected: text("String!"),
            },
        ),
        (
            "query @skip(if: true) { role }",
            DirectiveLocation {
                directive: text("skip"),
                location: text("QUERY"),
            },
        ),
        (
            "{ find(text: 1) }",
            ValueType {
                expected: text("String!"),
                found: text("an integer"),
            },
        ),
        (
            "{ find(text: null) }",
            ValueType {
                expected: text("String!"),
                found: text("null"),
            },
        ),
        (
            "{ find(text: A) }",
            ValueType {
                expected: text("String!"),
                found: text("an enum"),
            },
        ),
        (
            "{ find(text: [\"\"]) }",
            ValueType {
                expected: text("String!"),
                found: text("a list"),
            },
        ),
        ("{ find(text: \"\", limit: 3000000000) }", IntRange),
        ("{ find(text: \"\", near: 1e400) }", FloatRange),
        (
            "{ me { ...F } } fragment F on E { x }",
            FragmentType {
                fragment: text("F"),
            },
        ),
        (
            "{ me { ... on Venue { id } } }",
            ImpossibleFragment {
                condition: text("Venue"),
                on: text("User"),
            },
        ),
        (
            "{ me { ...F } } fragment F on Venue { id }",
            ImpossibleFragment {
                condition: text("Venue"),
                on: text("User"),
            },
        ),
        (
            "{ me { ...x } } fragment x on User { friends { ...x } }",
            FragmentCycle { name: name() },
        ),
        ("subscription { a b }", SubscriptionRootFields),
        ("subscription { __typename }", SubscriptionIntrospection),
        ("subscription { a @skip(if: true) }", SubscriptionCondition),
        (
            "{ search { ... on User { x: name } ... on Venue { x: id } } }",
            ConflictingTypes { key: name() },
        ),
        (
            "{ me { x: name x: id } }",
            ConflictingFields { key: name() },
        ),
        (
            "{ role(in: A) role }",
            ConflictingArguments { key: text("role") },
        ),
        ("{ role } type X { a: Int }", TypeSystemDefinition),
    ];
    for (document, expected) in cases {
        let found = find_violations(document);
        assert!(
            found.contains(&expected),
            "{document}\n  expected {expected:?}\n  found {found:?}"
        );
    }
}

#[test]
fn fragments_in_a_long_row_are_recursion() {
    let mut document = text("{ me { ...F0 } }");
    for index in 0..200 {
        document += &format!(" fragment F{index} on User {{ id ...F{} }}", index + 1);
    }
    document += " fragment F200 on User { id }";
    let found = find_violations(&document);
    assert!(found.contains(&Violation::Recursion), "{found:?}");
}

#[test]
fn each_violation_of_a_schema_is_told_apart() {
    let member = |name: &str| SchemaViolation::DuplicateMember { name: text(name) };
    let cases = [
        ("type Query { a: X }", SchemaViolation::UnknownType),
        (
            "type Query { a: I } input I { a: Int }",
            SchemaViolation::WrongKindOfType,
        ),
        (
            "type Query { a(b: Query): Int }",
            SchemaViolation::WrongKindOfType,
        ),
        (
            "type Query { a: U } union U = E enum E { A }",
            SchemaViolation::WrongKindOfType,
        ),
        (
            "type Query { a: Int } type Query { b: Int }",
            SchemaViolation::DuplicateType {
                name: text("Query"),
            },
        ),
        ("type Query { a: Int a: Int }", member("a")),
        (
            "type Query { a: Int } interface I { a: Int a: Int }",
            member("a"),
        ),
        (
            "type Query { a: Int } input I { a: Int a: Int }",
            member("a"),
        ),
        ("type Query { a: Int } enum E { A A }", member("A")),
        (
            "type Query { a: Int } union U = Query | Query",
            member("Query"),
        ),
        (
            "type Query { a: Int } directive @d on FIELD directive @d on FIELD",
            SchemaViolation::Other,
        ),
    ];
    for (schema, expected) in cases {
        let with = Schema::parse_and_validate(schema, "schema.graphql").unwrap_err();
        let found: Vec<_> = read_schema_findings(&with.errors)
            .into_iter()
            .map(|finding| finding.violation)
            .collect();
        assert!(
            found.contains(&expected),
            "{schema}\n  expected {expected:?}\n  found {found:?}"
        );
    }
    let with = Schema::parse_and_validate("type Query { a: X @x }", "schema.graphql");
    let messages: Vec<String> = read_schema_findings(&with.unwrap_err().errors)
        .into_iter()
        .map(|finding| finding.message)
        .collect();
    assert_eq!(
        messages,
        ["there is no type `X`", "there is no directive `@x`"]
    );
}

#[test]
fn syntax_errors_are_read_with_their_tokens() {
    let with = Schema::parse("type Query { a: Int", "schema.graphql").unwrap_err();
    let errors = read_syntax_errors(&with.errors);
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].message, "expected `}`, got the end of the file");

    let with = Parser::new().parse_ast("{ a", "a.graphql").unwrap_err();
    let error = read_parser_error(&with.errors).unwrap();
    assert_eq!(error.rule, Some("syntax"));
    assert_eq!(error.message, "expected `}`, got the end of the file");
}
