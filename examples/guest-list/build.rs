fn main() {
    attendium_codegen::build()
        .schema("../../schema/attendium.graphql")
        .operations("queries")
        .run();
}
