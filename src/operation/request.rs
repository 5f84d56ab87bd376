//! What an operation sends. Enter at [`body`].

use super::traits::Operation;
use crate::json;
use crate::json::writer::Writer;

/// Makes the body of the operation's request (GraphQL over HTTP, section 5.4).
#[must_use]
pub fn body<O: Operation>(operation: &O) -> Vec<u8> {
    let document = operation.document();
    // Room for the escapes of most documents, the name and a few variables.
    let mut out = Writer::with_capacity(document.len() + document.len() / 8 + 512);
    out.raw("{\"query\":");
    out.string(document);
    out.raw(",\"operationName\":");
    match operation.operation_name() {
        Some(name) => out.string(name),
        None => out.raw("null"),
    }
    out.raw(",\"variables\":");
    operation.write(&mut out);
    out.raw("}");
    out.into_bytes()
}

/// Makes the operation's variables as JSON.
#[must_use]
pub fn variables<O: Operation>(operation: &O) -> Vec<u8> {
    json::to_vec(operation)
}
