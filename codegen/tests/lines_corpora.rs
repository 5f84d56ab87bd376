//! How many lines are generated for real operations. `cargo test -p attendium-codegen --features corpora`.
//!
//! The ratio to graphql_client's is in `benches/COMPILE.md`; this holds what it is made of.

mod corpora;

use attendium_codegen::{Options, Source, compile};
use corpora::corpora;

#[test]
fn operations_over_githubs_schema_are_few_lines() {
    let directory = corpora().join("github-vscode");
    let source =
        |name: &str| Source::new(name, std::fs::read_to_string(directory.join(name)).unwrap());
    let documents = [
        "operations/operations.graphql",
        "operations/fragments.graphql",
    ]
    .map(source);
    let output = compile(&[source("schema.graphql")], &documents, &Options::default());
    let lines = output
        .code
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count();
    // 3,208 when this was written, with descriptions, derives and 47 operations.
    assert!((2_000..=3_250).contains(&lines), "{lines} lines of code");
}
