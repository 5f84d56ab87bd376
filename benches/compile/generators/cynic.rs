//! cynic's own generator of structs. `generate-cynic SCHEMA OPERATIONS OUT.rs`: a module for each
//! operation.

use cynic_querygen::Generator;
use std::fmt::Write;
use std::path::PathBuf;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [schema, operations, out] = arguments.as_slice() else {
        panic!("generate-cynic SCHEMA OPERATIONS OUT.rs");
    };
    let schema = std::fs::read_to_string(schema).unwrap();
    let generator = Generator::new(&schema).expect("the schema");
    let mut files: Vec<PathBuf> = std::fs::read_dir(operations)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut code = String::from("#[cynic::schema(\"github\")]\npub mod schema {}\n");
    for file in files {
        let query = std::fs::read_to_string(&file).unwrap();
        let structs = generator
            .generate(&query)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.file_stem().unwrap().to_string_lossy().to_lowercase();
        let _ = writeln!(code, "pub mod {name} {{\nuse super::schema;\n{structs}\n}}");
    }
    std::fs::write(out, code).unwrap();
}
