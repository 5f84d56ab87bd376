//! What graphql_client's derive does for each operation.
//! `generate-graphql-client SCHEMA OPERATIONS [OUT.rs]`.

use graphql_client_codegen::{
    CodegenMode, GraphQLClientCodegenOptions, generate_module_token_stream,
};
use std::path::PathBuf;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [schema, operations, out @ ..] = arguments.as_slice() else {
        panic!("generate-graphql-client SCHEMA OPERATIONS [OUT.rs]");
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(operations)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut code = String::new();
    for file in files {
        let mut options = GraphQLClientCodegenOptions::new(CodegenMode::Cli);
        options.set_response_derives("Debug,Clone,PartialEq".into());
        options.set_variables_derives("Debug,Clone,PartialEq".into());
        let tokens = generate_module_token_stream(file, schema, options).expect("generates");
        code.push_str(&tokens.to_string());
        code.push('\n');
    }
    match out.first() {
        Some(out) => std::fs::write(out, code).unwrap(),
        None => assert!(!code.is_empty()),
    }
}
