//! Compiles the query that all peers run, as an application's build script does.

fn main() {
    attendium_codegen::build()
        .schema("schema.graphql")
        .operations("queries")
        .scalar("DateTime", "String")
        .scalar("URI", "String")
        .run();
}
