//! `attendium generate --watch`: a line for each change, and errors that stay until mended.

use super::support::Home;
use serde_json::Value;

const CONFIG: &str = "schema: schema.graphql\ndocuments: queries/*.graphql\n\
                      extensions:\n  attendium:\n    out: queries.rs\n";

fn project() -> Home {
    let home = Home::new();
    home.write("graphql.config.yml", CONFIG);
    home.write(
        "schema.graphql",
        "type Query { me: User! } type User { id: ID! name: String }",
    );
    home.write("queries/me.graphql", "query Me { me { id } }");
    home
}

#[test]
fn each_change_is_one_line_and_errors_are_said_until_they_are_mended() {
    let home = project();
    let mut watch = home.spawn(&["generate", "--watch"]);
    let line = watch.wait_for_output("started");
    assert!(
        line.contains("1 operation, 0 fragments, wrote queries.rs"),
        "{line}"
    );
    home.write("queries/me.graphql", "query Me { me { nope } }");
    let line = watch.wait_for_output("queries/me.graphql changed");
    assert!(line.contains("1 error, waiting for a change"), "{line}");
    watch.wait_for_line("does not have a field `nope`");
    let good = std::fs::read_to_string(home.file("queries.rs")).expect("the code");
    assert!(good.contains("pub id:"), "what compiled stays");
    home.write("queries/me.graphql", "query Me { me { name } }");
    let line = watch.wait_for_output("queries/me.graphql changed");
    assert!(line.contains("mended; 1 operation"), "{line}");
    home.write("queries/more.graphql", "query More { me { id } }");
    let line = watch.wait_for_output("queries/more.graphql changed");
    assert!(line.contains("2 operations"), "{line}");
    std::fs::remove_file(home.file("queries/more.graphql")).expect("removed");
    let line = watch.wait_for_output("queries/more.graphql changed");
    assert!(line.contains("1 operation,"), "{line}");
    let schema = std::fs::read_to_string(home.file("schema.graphql")).expect("the schema");
    for said in ["not YAML", "there is no `schema.graphql`"] {
        if said == "not YAML" {
            home.write("graphql.config.yml", "schema: [");
        } else {
            std::fs::remove_file(home.file("schema.graphql")).expect("removed");
        }
        watch.wait_for_line(said);
        watch.wait_for_output("Nothing is compiled. Waiting for a change.");
        home.write("graphql.config.yml", CONFIG);
        home.write("schema.graphql", &schema);
        let line = watch.wait_for_output("the project changed");
        assert!(line.contains("mended; "), "{line}");
    }
}

#[test]
fn a_file_that_flags_name_and_is_gone_is_a_change_of_it() {
    let home = project();
    let mut watch = home.spawn(&[
        "generate",
        "--watch",
        "--schema",
        "schema.graphql",
        "--operations",
        "queries",
        "--out",
        "queries.rs",
    ]);
    watch.wait_for_output("started");
    std::fs::remove_file(home.file("schema.graphql")).expect("removed");
    let line = watch.wait_for_output("changed");
    assert_eq!(
        line,
        "schema.graphql changed: 1 error, waiting for a change\n"
    );
}

#[test]
fn programs_that_watch_get_one_json_document_a_line() {
    let home = project();
    let mut watch = home.spawn(&["generate", "--watch", "--json"]);
    let first: Value = serde_json::from_str(&watch.wait_for_output("{")).expect("JSON");
    assert_eq!(first["files"][0]["outcome"], "changed", "{first}");
    home.write(
        "schema.graphql",
        "type Query { me: User! } type User { name: String }",
    );
    let next: Value = serde_json::from_str(&watch.wait_for_output("{")).expect("JSON");
    assert_eq!(next["change"], "schema.graphql changed", "{next}");
    assert_eq!(next["diagnostics"][0]["severity"], "error", "{next}");
    assert_eq!(next["files"], serde_json::json!([]), "{next}");
}
