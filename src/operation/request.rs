//! What an operation sends. Enter at [`body`].

use super::traits::Operation;
use crate::json;
#[cfg(feature = "session")]
use crate::json::path::paths_at;
use crate::json::writer::Writer;
#[cfg(feature = "session")]
use crate::upload::Upload;

/// Makes the body of the operation's request (GraphQL over HTTP, section 5.4). A file in its
/// variables is `null` in it.
///
/// ```
/// let body = attendium::operation::body(&attendium::Me {});
/// assert!(body.starts_with(br#"{"query":"query Me{me{id}}","operationName":"Me""#));
/// ```
#[must_use]
pub fn body<O: Operation>(operation: &O) -> Vec<u8> {
    write_request(operation).into_bytes()
}

/// As [`body`], with the files that are sent beside it and the path of each in the JSON.
#[cfg(feature = "session")]
pub(crate) fn body_and_uploads<O: Operation>(operation: &O) -> (Vec<u8>, Vec<(String, Upload)>) {
    let mut out = write_request(operation);
    let uploads = std::mem::take(&mut out.uploads);
    let json = out.into_bytes();
    let paths = paths_at(&json, uploads.iter().map(|(at, _)| *at));
    let uploads = uploads.into_iter().map(|(_, upload)| upload);
    let uploads = paths.into_iter().zip(uploads).collect();
    (json, uploads)
}

fn write_request<O: Operation>(operation: &O) -> Writer {
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
    out
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
