//! The operations that an application sends, for servers that take only those they know. Enter at
//! [`manifest`].

use crate::output::Output;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// A JSON object from the name of each operation to the exact document that is sent and its SHA-256
/// in hexadecimal.
///
/// ```
/// # use attendium_codegen::{Options, Source, compile, manifest};
/// let schema = [Source::new("schema.graphql", "type Query { hello: String }")];
/// let documents = [Source::new("hello.graphql", "query Hello { hello }")];
/// let manifest = manifest(&compile(&schema, &documents, &Options::default()));
/// assert!(manifest.contains(r#""document": "query Hello{hello}""#));
/// ```
pub fn manifest(output: &Output) -> String {
    let mut operations = Map::new();
    for (name, document) in &output.operations {
        let hash: String = Sha256::digest(document.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        operations.insert(
            name.clone(),
            json!({ "document": document, "sha256": hash }),
        );
    }
    format!("{:#}\n", Value::Object(operations))
}
