//! What a build script does. `generate-ours SCHEMA OPERATIONS`; the code lands in `OUT_DIR`.

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(schema), Some(operations)) = (arguments.next(), arguments.next()) else {
        panic!("generate-ours SCHEMA OPERATIONS");
    };
    attendium_codegen::build()
        .schema(schema)
        .operations(operations)
        .run();
}
