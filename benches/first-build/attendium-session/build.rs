//! Compiles the query as an application of `attendium new` does.

fn main() {
    attendium_codegen::build()
        .schema("../../../schema/attendium.graphql")
        .operations("../graphql-client/tonight.graphql")
        .run();
}
