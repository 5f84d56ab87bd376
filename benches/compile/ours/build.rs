//! The whole compilation, as an application has it.

fn main() {
    attendium_codegen::build()
        .schema("../inputs/schema.graphql")
        .operations("../inputs/queries")
        .run();
}
