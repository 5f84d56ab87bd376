//! The schema that the client's queries are compiled against is the one that the sandbox serves.

#[test]
fn the_schema_file_is_what_the_sandbox_serves() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/attendium.graphql");
    let file = std::fs::read_to_string(path).expect("schema/attendium.graphql");
    assert!(
        file == attendium_sandbox::sdl(),
        "schema/attendium.graphql is out of date: run `cargo run -p attendium-sandbox --example print-schema > schema/attendium.graphql`"
    );
}
