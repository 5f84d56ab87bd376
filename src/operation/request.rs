//! What an operation sends. Enter at [`body`].

use super::traits::Operation;
use crate::json;
use crate::json::writer::Writer;

/// Makes the body of the operation's request (GraphQL over HTTP, section 5.4).
///
/// ```
/// let body = attendium::operation::body(&attendium::Me {});
/// assert!(body.starts_with(br#"{"query":"query Me{me{id}}","operationName":"Me""#));
/// ```
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
///
/// ```
/// use attendium::model::Activity;
/// let variables = attendium::operation::variables(&Activity::new("event-1"));
/// assert_eq!(variables, br#"{"event":"event-1"}"#);
/// ```
#[must_use]
pub fn variables<O: Operation>(operation: &O) -> Vec<u8> {
    json::to_vec(operation)
}
