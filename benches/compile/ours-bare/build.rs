//! The same without derives.

fn main() {
    attendium_codegen::build()
        .schema("../inputs/schema.graphql")
        .operations("../inputs/queries")
        .options(attendium_codegen::Options::default().default_derives(false))
        .run();
}
