//! A compilation that starts from a cache gives what a whole one gives: code, documents,
//! diagnostics.
//!
//! Documents are edited one at a time, in every way that an edit can reach further than its own
//! file: fragments that others spread, names that meet, errors, files that come and go. The oracle
//! is `compile`.

mod project;

use attendium_codegen::{Source, compile};
use project::Project;
use std::path::{Path, PathBuf};

const SCHEMA: &str = r#"
"Marks what is old." directive @old(since: Age = NEW) repeatable on FIELD_DEFINITION | OBJECT
schema @old { query: Root mutation: Change }
enum Age { NEW OLD }
"The root {" type Root { node(id: ID!): Node search(by: Filter, first: Int = 5): [Found!]! me: User! old: Age @deprecated(reason: "a } brace") }
type Change { rename(input: Rename!): User }
interface Node { id: ID! }
interface Named implements Node { id: ID! "Its name" name: String }
"""Who uses it; \""" and a brace: {""" type User implements Named & Node { id: ID! name: String age: Age posts(order: Order): [Post] born: Date url: Url }
type Post implements Node { id: ID! title: String! author: User! score: Float }
type Robot implements Node & Named { id: ID! name: String kind: String }
union Found = | User | Post
input Filter { text: String and: [Filter!] order: Order @deprecated }
input Rename { id: ID! name: String! age: Age = NEW }
enum Order { ASC DESC }
scalar Date
scalar Url
extend type User { nick: String friend: User }
extend union Found = Robot
extend type Root { type: String }
"#;

fn documents() -> Vec<(String, String)> {
    [
        ("card.graphql", "fragment Card on User { id name posts { ...Title } }"),
        ("title.graphql", "fragment Title on Post { title author { age } }"),
        ("me.graphql", "query Me { me { ...Card nick } }"),
        ("find.graphql", "query Find($by: Filter) { search(by: $by) { ... on User { ...Card } ... on Node { id } ... on Robot { kind } } }"),
        ("node.graphql", "query Node($id: ID!) { node(id: $id) { id ... on Named { name } } }\nquery Other { type old }"),
        ("rename.graphql", "mutation Rename($input: Rename!) { rename(input: $input) { id friend { born } } }"),
        ("empty.graphql", "# nothing yet\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .to_vec()
}

#[test]
fn what_is_kept_gives_what_the_whole_gives() {
    let mut project = Project::new("incremental", SCHEMA, &documents());
    assert!(!project.check("nothing is kept before the first compilation"));
    assert!(project.check("nothing has changed"));
    for (name, text) in documents() {
        // Lines move, and nothing else.
        project.write(&name, &format!("\n# a comment\n{text}"));
        assert!(project.check(&name), "an edit of {name} keeps the rest");
        project.write(&name, &text);
        assert!(project.check(&name));
    }
    for (name, text, keeps) in [
        (
            "title.graphql",
            "fragment Title on Post { id score author { name } }",
            true,
        ),
        (
            "title.graphql",
            "fragment Title on Post { id author { url } }",
            true,
        ),
        ("me.graphql", "query Me { me { id } }", true),
        (
            "me.graphql",
            "query Me { me { ...Mine } } fragment Mine on User { ...Card age }",
            true,
        ),
        // A selection that another operation has too: its type moves here, and back.
        ("me.graphql", "query Me { me { friend { born } } }", true),
        (
            "me.graphql",
            "query Me { me { best: friend { born } nick friend { born } } }",
            true,
        ),
        (
            "rename.graphql",
            "mutation Rename($input: Rename!) { rename(input: $input) { friend { id born } } }",
            true,
        ),
        ("me.graphql", "query Me { me { friend { id born } } }", true),
        ("me.graphql", "query Me { me { id } }", true),
        // The part of the schema names no other built-in scalar than the whole.
        (
            "empty.graphql",
            "query Numbers($first: Int) { search(first: $first) { __typename } }",
            true,
        ),
        (
            "empty.graphql",
            "query Introspection { __schema { types { name kind } } __type(name: \"User\") { name } }",
            true,
        ),
        (
            "rename.graphql",
            "mutation Rename($a: ID!, $b: String!) { rename(input: {id: $a, name: $b, age: OLD}) { id } }",
            true,
        ),
        // A type of that name moves the name of another piece.
        (
            "empty.graphql",
            "query user { me { id } } query User { me { id } } query Card { me { id } }",
            false,
        ),
        (
            "empty.graphql",
            "query Order { me { posts(order: ASC) { id } } }",
            false,
        ),
        // What is wrong is said as by the whole.
        (
            "me.graphql",
            "query Me { me { ...Mine } } fragment Mine on User { ...Crad }",
            false,
        ),
        (
            "me.graphql",
            "query Me { me { nmae } search { titel } }",
            false,
        ),
        (
            "me.graphql",
            "query Me($x: Bolean, $y: Flot) { me { id } }",
            false,
        ),
        ("me.graphql", "query Me { me {", false),
        ("me.graphql", "query Find { me { id } }", false),
        (
            "me.graphql",
            "{ me { id } } query Second { me { id } }",
            false,
        ),
        ("me.graphql", "{ me { id } }", true),
        ("title.graphql", "fragment Titel on Post { title }", false),
        (
            "title.graphql",
            "fragment Title on Post { title author { ...Card } }",
            false,
        ),
        ("title.graphql", "fragment Title on Post { title }", true),
        (
            "me.graphql",
            "query Me($wrong: Order!) { me { posts(order: $wrong) { ...Title } } } fragment T on User { posts(order: $wrong) { id } }",
            true,
        ),
    ] {
        project.write(name, text);
        assert_eq!(project.check(text), keeps, "{text}");
    }
    // Fragments move between files, and files come and go.
    let title = "fragment Title on Post { title }";
    project.write("empty.graphql", title);
    assert!(!project.check("two fragments of one name"));
    project.remove("title.graphql");
    assert!(project.check("moved"));
    project.remove("empty.graphql");
    assert!(!project.check("a fragment is gone"));
    project.write("new.graphql", title);
    assert!(project.check("and back"));
    project.remove("node.graphql");
    assert!(project.check("operations are gone"));
    // Another schema, or other settings, begin anew.
    std::fs::write(
        project.directory.join("schema.graphql"),
        SCHEMA.replace("name: String!", "name: String"),
    )
    .unwrap();
    assert!(!project.check("another schema"));
    assert!(project.check("the same schema"));
    project.build = project.build.clone().derive("Eq");
    assert!(!project.check("other settings"));
    // What is damaged is as if it were not there.
    let cache = project.directory.join("cache");
    let bytes = std::fs::read(&cache).unwrap();
    for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&cache, &bytes[..cut]).unwrap();
        assert!(!project.check("cut short"));
    }
    std::fs::write(&cache, [bytes.as_slice(), b"more"].concat()).unwrap();
    assert!(!project.check("too long"));
    for bit in [0x80, 0x01] {
        let mut wrong = bytes.clone();
        wrong[bytes.len() / 3] ^= bit;
        std::fs::write(&cache, &wrong).unwrap();
        assert!(!project.check("a wrong bit"));
    }
    // One that leaves the text valid: in the name of a type in the code.
    let code = b"pub struct Me";
    let at = bytes.windows(code.len()).position(|part| part == code);
    let mut wrong = bytes.clone();
    wrong[at.unwrap() + code.len() - 1] ^= 0x04;
    assert_eq!(wrong[at.unwrap()..][..code.len()], *b"pub struct Ma");
    std::fs::write(&cache, &wrong).unwrap();
    assert!(!project.check("another letter"));
    assert!(project.check("what was compiled anew is kept"));
}

/// The documents of the goldens and of the errors, each added to a valid set.
#[test]
fn every_document_of_the_other_tests_is_the_same_when_added() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for set in ["ok", "errors"] {
        let directory = tests.join(set);
        let schema = std::fs::read_to_string(directory.join("schema.graphql")).unwrap();
        let project = Project::new(
            &format!("incremental-{set}"),
            &schema,
            &[(
                "first.graphql".to_owned(),
                "query First { __typename }".to_owned(),
            )],
        );
        project.check("before the first");
        let mut files: Vec<PathBuf> = std::fs::read_dir(&directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension().is_some_and(|ending| ending == "graphql")
                    && !path.ends_with("schema.graphql")
            })
            .collect();
        files.sort();
        assert!(files.len() > 5);
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            project.write(&name, &text);
            let kept = project.check(&path.display().to_string());
            if set == "ok" {
                // One of them is about names that take each other's place.
                assert!(kept || name == "names.graphql", "{name}");
            } else {
                project.remove(&name);
                project.check("removed");
            }
        }
    }
}

/// An introspection answer is a schema too, which is kept as SDL.
#[test]
fn a_schema_that_is_an_introspection_answer_is_kept() {
    let answer = r#"{"__schema": {"queryType": {"name": "Query"}, "types": [
        {"kind": "OBJECT", "name": "Query", "interfaces": [], "fields": [
            {"name": "size", "args": [], "type": {"kind": "ENUM", "name": "Size"}, "isDeprecated": false}]},
        {"kind": "ENUM", "name": "Size", "enumValues": [{"name": "BIG", "isDeprecated": false}]}], "directives": []}}"#;
    let project = Project::new("incremental-json", answer, &documents()[..0]);
    project.write("a.graphql", "query A { size }");
    project.check("first");
    project.write("b.graphql", "query B { size }");
    assert!(project.check("second"));
    let whole = compile(
        &[Source::new("schema.graphql", answer)],
        &[Source::new("b.graphql", "query B { size }")],
        &attendium_codegen::Options::default(),
    );
    assert!(
        whole.code.contains("enum Size"),
        "the test selects something"
    );
}

/// A schema of several files, of which an edit reaches some, and which may extend a type before it
/// is defined.
#[test]
fn the_file_of_a_type_is_known_again() {
    let mut project = Project::new("incremental-files", SCHEMA, &documents());
    for (name, text) in [
        (
            "a.graphql",
            "extend enum Order { NONE } extend type Root { lone: Lone }",
        ),
        ("z.graphql", "enum Lone { ONE } input Alone { lone: Lone }"),
        ("zz.graphql", "type Unused { a: Int }"),
    ] {
        std::fs::write(project.directory.join(name), text).unwrap();
        project.build = project.build.clone().schema(name);
    }
    let (output, _) = project.build.compile_in(&project.directory);
    assert!(!output.has_errors(), "{:?}", output.diagnostics);
    project.check("first");
    for text in [
        "query Me { lone me { posts(order: ASC) { id } } }",
        "query Me { lone }",
        "query Me { me { posts(order: NONE) { id } } }",
        "query Me($order: Order) { me { posts(order: $order) { id } } }",
    ] {
        project.write("me.graphql", text);
        assert!(project.check(text), "{text}");
    }
}

/// Whether a type can have a derive is decided by the fragments that it holds, in whatever document
/// they are.
#[test]
fn derives_follow_what_changes() {
    let mut project = Project::new("incremental-derives", SCHEMA, &documents());
    project.build = project.build.clone().derive("Default").derive("Eq");
    project.check("first");
    for text in [
        "fragment Title on Post { score }",
        "fragment Title on Post { title author { posts(order: ASC) { id } } }",
        "fragment Title on Post { title author { born } }",
    ] {
        project.write("title.graphql", text);
        assert!(project.check(text), "{text}");
    }
}

/// What is wrong with a schema stays known, and is an error as soon as a document selects it, and
/// nothing beside it.
#[test]
fn issues_of_the_schema_are_kept() {
    let schema = "type Query { size: Size! \"Again\" size: Int shape(of: Int! = ONE): String } enum Size { BIG } extend type More { a: Int }";
    let project = Project::new(
        "incremental-faults",
        schema,
        &[(
            "a.graphql".to_owned(),
            "query A { shape(of: 1) }".to_owned(),
        )],
    );
    project.check("first");
    project.write("b.graphql", "query B { shape(of: 2) }");
    assert!(project.check("what is not selected is a warning"));
    project.write("b.graphql", "query B { size }");
    assert!(!project.check("what is selected is an error"));
    project.write("b.graphql", "query B { shape }");
    assert!(!project.check("what is left out is an error"));
}
