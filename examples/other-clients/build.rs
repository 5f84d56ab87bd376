//! Registers Attendium's schema for cynic's derives, under the name that they use.

fn main() {
    let registered = cynic_codegen::register_schema("attendium")
        .from_sdl_file("../../schema/attendium.graphql")
        .and_then(|schema| schema.as_default());
    if let Err(error) = registered {
        panic!("the schema can't be registered: {error}");
    }
}
