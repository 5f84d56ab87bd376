//! Registers the schema, as cynic's book says.

fn main() {
    cynic_codegen::register_schema("github")
        .from_sdl_file("../inputs/schema.graphql")
        .unwrap()
        .as_default()
        .unwrap();
}
