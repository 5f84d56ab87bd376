//! What users of other GraphQL clients ask for most, each with its reason: what the compiler owes
//! of it. That the code compiles and decodes is tested where the runtime is (`tests/asked_for.rs`
//! of the crate `attendium`).

use attendium_codegen::{Options, Output, Source, compile, manifest};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const SCHEMA: &str = "
type Query { me: User! node(id: ID!): Node pets: [Pet!]! find(by: Filter = { role: ADMIN, tags: [\"a\"] }, first: Int = 10): [User!]! }
type Mutation { rename(id: ID!, name: String): User }
interface Node { id: ID! }
type User implements Node { id: ID! name: String! nick: String role: Role! friend: User }
type Dog implements Node { id: ID! barks: Boolean! }
type Cat implements Node { id: ID! meows: Boolean! }
union Pet = Dog | Cat
enum Role { ADMIN GUEST Other Unknown }
input Filter { role: Role = GUEST tags: [String!]! = [] not: Filter }
";

fn compiled(documents: &[(&str, &str)]) -> Output {
    let sources: Vec<Source> = documents
        .iter()
        .map(|(path, text)| Source::new(*path, *text))
        .collect();
    compile(
        &[Source::new("schema.graphql", SCHEMA)],
        &sources,
        &Options::default(),
    )
}

#[track_caller]
fn code(documents: &[(&str, &str)]) -> String {
    let output = compiled(documents);
    assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);
    output.code
}

/// How often a part is in a text.
fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn types_are_not_duplicated_for_each_operation() {
    let code = code(&[
        ("a.graphql", "query A { me { ...Card role } find { ...Card } }"),
        ("b.graphql", "query B($by: Filter) { find(by: $by) { ...Card role } }"),
        ("c.graphql", "query C($by: Filter, $role: Role) { find(by: $by) { ...Card nick @include(if: true) role } }".replace(", $role: Role", "").as_str()),
        ("card.graphql", "fragment Card on User { id name }"),
    ]);
    for shared in [
        "pub struct Card {",
        "pub enum Role {",
        "pub struct Filter {",
    ] {
        assert_eq!(count(&code, shared), 1, "{shared}\n{code}");
    }
}

#[test]
fn the_whole_file_is_not_sent_with_every_operation() {
    let output = compiled(&[(
        "all.graphql",
        "query A { me { ...Card } } query B { me { ...Other } } fragment Card on User { ...Name } fragment Name on User { name } fragment Other on User { nick }",
    )]);
    let sent: Vec<&str> = output
        .operations
        .iter()
        .map(|(_, document)| document.as_str())
        .collect();
    assert_eq!(
        sent,
        [
            "query A{me{...Card}}fragment Card on User{...Name}fragment Name on User{name}",
            "query B{me{...Other}}fragment Other on User{nick}",
        ]
    );
    assert!(manifest(&output).contains("\"sha256\""));
}

#[test]
fn valid_spreads_of_interfaces_in_unions_are_not_refused() {
    let code = code(&[(
        "a.graphql",
        "query A { pets { ... on Node { id } ...Any ... on Dog { barks } } } fragment Any on Node { __typename ... on Cat { meows } }",
    )]);
    assert!(code.contains("pub any: super::Any,"), "{code}");
    assert!(
        code.contains("object PetsDog { id, ..any, barks }"),
        "{code}"
    );
}

#[test]
fn variants_for_what_is_unknown_do_not_clash_with_values_of_the_schema() {
    let code = code(&[("a.graphql", "query A { me { role } }")]);
    for variant in [
        "\n    Other_,",
        "\n    Unknown,",
        "\n    Other(String),",
        " Other_: \"Other\"",
    ] {
        assert_eq!(count(&code, variant), 1, "{variant}\n{code}");
    }
}

#[test]
fn typename_is_not_asked_of_the_user() {
    let output = compiled(&[(
        "a.graphql",
        "query A { pets { ... on Dog { barks } ... on Cat { meows } } me { id } }",
    )]);
    assert_eq!(
        output.operations[0].1,
        "query A{pets{__typename...on Dog{barks}...on Cat{meows}}me{id}}"
    );
}

#[test]
fn one_error_does_not_cascade_and_none_hides_another() {
    let output = compiled(&[
        (
            "a.graphql",
            "query A {\n  me {\n    frend {\n      nmae\n    }\n  }\n}\n\nquery B {\n  me(\n}\n",
        ),
        (
            "b.graphql",
            "query C($role: Rle!) {\n  me {\n    ...Card\n  }\n}\n\nfragment Card on Usr {\n  id\n  name {\n    first\n  }\n}\n",
        ),
    ]);
    let said: Vec<String> = output
        .diagnostics
        .iter()
        .map(|error| {
            let place = error.location.as_ref().unwrap();
            assert!(error.help.is_some(), "{error}");
            format!(
                "{}:{}:{} {}",
                place.path,
                place.line,
                place.column,
                error.rule.unwrap()
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "a.graphql:3:5 unknown-field",
            "a.graphql:11:1 syntax",
            "b.graphql:1:9 unknown-type",
            "b.graphql:1:9 unused-variable",
            "b.graphql:7:18 unknown-type",
        ]
    );
}

#[test]
fn null_and_absent_are_two_things_and_required_ones_are_arguments() {
    let code = code(&[(
        "a.graphql",
        "mutation Rename($id: ID!, $name: String) { rename(id: $id, name: $name) { id } }",
    )]);
    for part in [
        "\n    pub name: ::attendium::Maybe<String>,",
        "    pub fn new(id: impl Into<::attendium::Id>) -> Self {",
        "            name: ::attendium::Maybe::Absent,",
        "    variables Rename { id, name }",
    ] {
        assert!(code.contains(part), "{code}");
    }
}

#[test]
fn defaults_and_derives_reach_enums_and_inputs() {
    let mut options = Options::default();
    options.derives = ["Hash", "Eq", "serde::Serialize"]
        .map(str::to_owned)
        .to_vec();
    let document = "query A($by: Filter = { role: Unknown }, $first: Int! = 3) { find(by: $by, first: $first) { role } }";
    let output = compile(
        &[Source::new("schema.graphql", SCHEMA)],
        &[Source::new("a.graphql", document)],
        &options,
    );
    assert!(output.diagnostics.is_empty());
    // What has a default need not be given.
    assert!(
        output.code.contains("pub first: Option<i32>,"),
        "{}",
        output.code
    );
    assert!(
        output.code.contains("pub tags: Option<Vec<String>>,"),
        "{}",
        output.code
    );
    assert!(
        output.operations[0]
            .1
            .starts_with("query A($by:Filter={role:Unknown},$first:Int!=3)"),
        "{}",
        output.operations[0].1
    );
    // Each trait once, also where the compiler derives it by itself.
    assert_eq!(
        count(
            &output.code,
            "#[derive(Debug, Clone, PartialEq, Hash, Eq)]\npub enum Role {"
        ),
        1,
        "{}",
        output.code
    );
}

#[test]
fn a_derive_that_can_not_hold_is_left_out_or_refused() {
    let derived = |paths: &[&str]| {
        let mut options = Options::default();
        options.derives = paths.iter().map(|path| (*path).to_owned()).collect();
        let document = "query A { me { ...F friend { id } } } fragment F on User { role }";
        compile(
            &[Source::new("schema.graphql", SCHEMA)],
            &[Source::new("a.graphql", document)],
            &options,
        )
    };
    let output = derived(&["Default"]);
    assert!(output.diagnostics.is_empty());
    for part in [
        "// No `Default`: an enum has none.\n#[derive(Debug, Clone, PartialEq, Eq, Hash)]\npub enum Role {",
        "// No `Default`: `role` has none.\n#[derive(Debug, Clone, PartialEq)]\npub struct F {",
        "// No `Default`: `...F` has none.\n    #[derive(Debug, Clone, PartialEq)]\n    pub struct Me {",
        "#[derive(Debug, Clone, PartialEq, Default)]\n    pub struct MeFriend {",
    ] {
        assert!(
            output.code.contains(part),
            "{part} is not in\n{}",
            output.code
        );
    }
    // Another crate's may mean something else, and is not looked into.
    assert!(
        derived(&["smart::Default"]).code.contains(
            "#[derive(Debug, Clone, PartialEq, smart::Default, Eq, Hash)]\npub enum Role {"
        )
    );
    // An order is that of the variants, and so is what is equal beside it.
    assert!(
        derived(&["PartialOrd"])
            .code
            .contains("#[derive(Debug, Clone, PartialEq, PartialOrd, Eq, Hash)]\npub enum Role {")
    );
    // Nothing is equal that need not be.
    let options = Options::default().derive("Hash").default_derives(false);
    let hashed = compile(
        &[Source::new("schema.graphql", SCHEMA)],
        &[Source::new("a.graphql", "query A { me { role } }")],
        &options,
    );
    assert!(
        hashed.code.contains("\n#[derive(Hash)]\npub enum Role {"),
        "{}",
        hashed.code
    );
    let refused = derived(&["Ord", "PartialOrd"]).diagnostics[0].to_string();
    assert!(
        refused.contains("error: `Ord`, which is to be derived, needs `Eq`\n")
            && refused.contains("help: derive `Eq` too"),
        "{refused}"
    );
    assert!(derived(&["Ord", "PartialOrd", "Eq"]).diagnostics.is_empty());
}

#[test]
fn generated_code_does_not_explode() {
    // An interface with 300 implementers of which two are selected.
    let mut schema =
        String::from("type Query { node: Node }\ninterface Node { id: ID! next: Node }\n");
    for index in 0..300 {
        let _ = writeln!(
            schema,
            "type T{index} implements Node {{ id: ID! next: Node value{index}: Int }}"
        );
    }
    let document = "query A { node { id next { id ... on T7 { value7 } ... on T9 { value9 } } ... on T7 { value7 } } }";
    let output = compile(
        &[Source::new("schema.graphql", schema)],
        &[Source::new("a.graphql", document)],
        &Options::default(),
    );
    assert!(!output.has_errors());
    assert!(output.code.lines().count() < 200, "{}", output.code);
    assert!(!output.code.contains("T8"), "{}", output.code);
}

#[test]
fn code_says_where_it_comes_from_and_can_be_read() {
    let code = code(&[(
        "queries/me.graphql",
        "\"The one who is logged in.\"\nquery Me {\n  me {\n    friend {\n      nick\n    }\n  }\n}\n",
    )]);
    for line in [
        "/// `query Me` — queries/me.graphql:2",
        "/// The one who is logged in.",
        "    /// `User` — queries/me.graphql:3",
        "    /// `User` — queries/me.graphql:4",
        "    pub struct MeFriend {",
        "        pub nick: Option<String>,",
    ] {
        assert!(
            code.lines().any(|other| other == line),
            "{line} is not in\n{code}"
        );
    }
    // Of the schema the file alone: a line added to it changes no code.
    let document = Source::new(
        "a.graphql",
        "query A($by: Filter) { find(by: $by) { role } }",
    );
    let from = |schema: String| {
        let schema = [Source::new("api/schema.graphql", schema)];
        compile(
            &schema,
            std::slice::from_ref(&document),
            &Options::default(),
        )
        .code
    };
    let other = from(SCHEMA.to_owned());
    assert!(other.contains("\n/// The enum `Role` — api/schema.graphql\n"));
    assert!(other.contains("\n/// The input object `Filter` — api/schema.graphql\n"));
    assert_eq!(from(format!("# another line\n{SCHEMA}")), other);
    // Of several files the one that defines the type, whether the schema has faults or not.
    for last in ["", "extend type Query { more(a: Int = ONE): Int }"] {
        let extended = format!("extend enum Role {{ LAST }} {last}");
        let schema = [("a.graphql", extended.as_str()), ("b.graphql", SCHEMA)];
        let schema = schema.map(|(path, text)| Source::new(path, text));
        let code = compile(
            &schema,
            std::slice::from_ref(&document),
            &Options::default(),
        )
        .code;
        assert!(
            code.contains("\n/// The enum `Role` — b.graphql\n"),
            "{code}"
        );
    }
    let long = code.lines().filter(|line| line.len() > 120);
    assert_eq!(long.count(), 0, "{code}");
}

/// The code of each operation and fragment, by its first line.
fn parts(code: &str) -> BTreeMap<&str, String> {
    let mut parts = BTreeMap::new();
    let mut name = "";
    for line in code.lines() {
        if line.starts_with("/// `query ") || line.starts_with("/// `fragment ") {
            name = line;
        }
        let part: &mut String = parts.entry(name).or_default();
        part.push_str(line);
        part.push('\n');
    }
    parts.remove("");
    parts
}

#[test]
fn an_edit_of_one_operation_changes_no_type_of_another() {
    let equal = "{ me { id name friend { role } } pets { __typename ... on Dog { barks } } }";
    let documents = |first: &str| {
        compiled(&[
            ("a.graphql", &format!("query A {first}")),
            ("b.graphql", &format!("query B {equal}")),
            (
                "c.graphql",
                "query C { me { ...Person } } fragment Person on User { id friend { role } }",
            ),
        ])
    };
    let before = documents(equal);
    let before = parts(&before.code);
    assert_eq!(before.len(), 4);
    for edit in [
        "{ me { id name friend { role id } } pets { __typename ... on Dog { barks } } }",
        "{ me { id friend { role } ...Person } }",
        "{ pets { __typename ... on Dog { barks } ... on Cat { meows } } me { name } }",
        "($role: Boolean!) { find { id } me @include(if: $role) { role } }",
    ] {
        let after = documents(edit);
        assert!(!after.has_errors(), "{:?}", after.diagnostics);
        let mut after = parts(&after.code);
        after.retain(|name, part| before[name] != *part);
        let changed: Vec<&str> = after.into_keys().collect();
        assert_eq!(changed, ["/// `query A` — a.graphql:1"], "{edit}");
    }
}

/// Apollo's routers and many others know `@defer`, and their schemas do not say so.
#[test]
fn defer_and_stream_need_no_declaration_and_the_user_is_told_once() {
    let output = compiled(&[
        ("a.graphql", "query A { me { id ... @defer { name } } }"),
        (
            "b.graphql",
            "query B { find(first: 3) @stream(initialCount: 1) { ...Late @defer } }",
        ),
        ("late.graphql", "fragment Late on User { nick }"),
    ]);
    let said: Vec<String> = output.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("warning[undeclared-directive]: the schema does not declare `@defer`")
    );
    assert!(output.code.contains("pub deferred: ::attendium::Deferred<"));
    assert!(
        output.code.contains("pub find: Vec<Find>"),
        "{}",
        output.code
    );

    let declared = format!(
        "{SCHEMA} directive @defer(label: String, if: Boolean) on FRAGMENT_SPREAD | INLINE_FRAGMENT"
    );
    let output = compile(
        &[Source::new("schema.graphql", declared)],
        &[Source::new(
            "a.graphql",
            "query A { me { id ... @defer { name } } }",
        )],
        &Options::default(),
    );
    assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);

    // A schema without Int takes the number of `@stream` all the same.
    let output = compile(
        &[Source::new(
            "schema.graphql",
            "type Query { names: [String!]! }",
        )],
        &[Source::new(
            "a.graphql",
            "query A { names @stream(initialCount: 1) }",
        )],
        &Options::default(),
    );
    assert!(
        output.code.contains("pub names: Vec<String>"),
        "{:?}",
        output.diagnostics
    );
}

/// Parts of an answer are known by the path and the label, so each label of an operation differs.
#[test]
fn each_deferred_fragment_is_sent_with_a_label_of_its_own() {
    let output = compiled(&[
        (
            "a.graphql",
            "query A { me { ...Late @defer ...Late @defer ... @defer { id } ... @defer { id }
               friend { ...Late ... @defer(label: \"mine\") { id } } } }",
        ),
        (
            "late.graphql",
            "fragment Late on User { ... @defer(if: true) { nick } }",
        ),
        // The same label in two operations is no mistake: each is sent by itself.
        (
            "b.graphql",
            "query B { me { ... @defer(label: \"mine\") { id } } }",
        ),
    ]);
    assert!(
        output.diagnostics.iter().all(|one| !one.is_error()),
        "{:?}",
        output.diagnostics
    );
    let (_, document) = &output.operations[0];
    assert_eq!(
        document,
        "query A{me{...Late@defer(label:\"/me.Late\")...Late@defer(label:\"/me.Late_2\")\
         ...@defer(label:\"/me.deferred\"){id}...@defer(label:\"/me.deferred_2\"){id}\
         friend{...Late...@defer(label:\"mine\"){id}}}}\
         fragment Late on User{...@defer(label:\"Late/deferred\",if:true){nick}}"
    );
}

/// Some servers' introspection has an empty description where there is none.
#[test]
fn an_empty_description_leaves_no_blank_line() {
    let output = compile(
        &[Source::new(
            "schema.graphql",
            "type Query { \"\" URL(\"\" oldURL: In): E \"\"\"  \"\"\" me: String } enum E { \"\" A_b }
             input In { \"\" newURL: Int }",
        )],
        &[Source::new("a.graphql", "query A($in: In) { URL(oldURL: $in) me }")],
        &Options::default(),
    );
    let blank_first = |pair: &[&str]| pair[0].ends_with('{') && pair[1].trim() == "///";
    let lines: Vec<&str> = output.code.lines().collect();
    assert!(
        output.code.contains("/// `URL` in GraphQL."),
        "{}",
        output.code
    );
    assert!(!lines.windows(2).any(blank_first), "{}", output.code);
}
