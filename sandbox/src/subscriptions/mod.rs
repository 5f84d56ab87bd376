//! Subscriptions: as the answer to their request ([`answer`]), and over a WebSocket (`socket.rs`).

pub(crate) mod socket;

use async_graphql::Request;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::shared::SharedState;

/// How the events of an answer are written.
#[derive(Clone, Copy)]
enum Format {
    /// graphql-sse, distinct connections.
    ServerSentEvents,
    /// As Apollo's router writes them.
    Multipart,
}

/// Answers a subscription's request with its events, where the client accepts a format for that.
/// An event with these errors comes first, where there are any.
pub(crate) fn answer(
    shared: &SharedState,
    headers: &HeaderMap,
    first_errors: Option<Value>,
    request: Request,
) -> Option<Response> {
    let accept = headers.get(ACCEPT)?.to_str().ok()?.to_ascii_lowercase();
    let (events, multipart) = (
        accept.find("text/event-stream"),
        accept.find("multipart/mixed"),
    );
    let format = match (events, multipart) {
        (Some(events), Some(multipart)) if multipart < events => Format::Multipart,
        (Some(_), _) => Format::ServerSentEvents,
        (None, Some(_)) => Format::Multipart,
        (None, None) => return None,
    };
    shared.count(|counts| counts.subscriptions += 1);
    let content_type = match format {
        Format::ServerSentEvents => "text/event-stream",
        Format::Multipart => "multipart/mixed; boundary=\"-\"; subscriptionSpec=1.0",
    };
    let begin = match format {
        Format::ServerSentEvents => ":\n\n",
        Format::Multipart => "\r\n---\r\ncontent-type: application/json\r\n\r\n{}\r\n---",
    };
    let end = match format {
        Format::ServerSentEvents => "event: complete\ndata:\n\n",
        Format::Multipart => "--\r\n",
    };
    let first = first_errors.map(|errors| json!({ "data": null, "errors": errors }).to_string());
    let answers = shared.schema.execute_stream(request);
    let answers = answers.map(|event| serde_json::to_string(&event).unwrap_or_default());
    let events = stream::iter(first).chain(answers).map(move |event| {
        Bytes::from(match format {
            Format::ServerSentEvents => format!("event: next\ndata: {event}\n\n"),
            Format::Multipart => {
                format!("\r\ncontent-type: application/json\r\n\r\n{{\"payload\":{event}}}\r\n---")
            }
        })
    });
    let parts = stream::once(async move { Bytes::from(begin) })
        .chain(events)
        .chain(stream::once(async move { Bytes::from(end) }))
        .map(Ok::<_, std::convert::Infallible>);
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")];
    Some((headers, Body::from_stream(parts)).into_response())
}
