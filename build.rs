//! Compiles the documents in `queries/` against the pinned schema, as an application's build script
//! does for its own. Without the feature `attendium-api` there is nothing to compile.

#[cfg(not(feature = "attendium-api"))]
fn main() {}

#[cfg(feature = "attendium-api")]
fn main() {
    attendium_codegen::build()
        .schema("schema/attendium.graphql")
        .operations("queries")
        .derive("serde::Serialize")
        .run();
}
