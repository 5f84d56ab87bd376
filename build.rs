//! Compiles the documents in `queries/` against the pinned schema, as an application's build script does for its own.

fn main() {
    attendium_codegen::build()
        .schema("schema/attendium.graphql")
        .operations("queries")
        .derive("serde::Serialize")
        .run();
}
