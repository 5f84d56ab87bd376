//! The messages of graphql-transport-ws, and those of server-sent events that carry ids
//! ([graphql-ws/PROTOCOL.md](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md),
//! [graphql-sse/PROTOCOL.md](https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md)).
//!
//! A message is read once, and an event's payload stays where it came: what it holds is read later
//! into the operation's own types.

use std::borrow::Cow;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::graphql_error::GraphqlError;
use crate::json::DecodeError;
use crate::json::decode::utf8;
use crate::json::error::Result;
use crate::json::object::Object;
use crate::json::reader::Reader;

/// What a server sends about one subscription, or about the connection.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Message {
    /// The connection is accepted.
    Acknowledged,
    /// An event: a GraphQL response.
    Next { id: u64, payload: Bytes },
    /// The subscription was refused, or ended by an error.
    Error { id: u64, errors: Vec<GraphqlError> },
    /// The subscription is complete.
    Complete { id: u64 },
    /// The other side wants an answer.
    Ping { payload: Option<Bytes> },
    /// The answer to a ping, or a sign of life.
    Pong,
}

/// The members of a message.
#[derive(Default)]
struct Members<'a> {
    kind: Option<Cow<'a, str>>,
    id: Option<Cow<'a, str>>,
    payload: Option<&'a str>,
}

impl Message {
    /// Reads a message of graphql-transport-ws. None where it is of a type that the protocol does
    /// not know.
    pub(super) fn from_text(text: Utf8Bytes) -> Result<Option<Self>, String> {
        let members = read_members(&text).map_err(|error| format!("a message is {error}"))?;
        let kind = members.kind.ok_or("a message has no type")?;
        let text = Bytes::from(text.clone());
        let payload = members.payload.map(|payload| slice_of(&text, payload));
        let id = || parse_id(members.id.as_deref(), &kind);
        let needed = |payload: Option<Bytes>| {
            payload.ok_or_else(|| format!("a message `{kind}` has no payload"))
        };
        Ok(Some(match &*kind {
            "connection_ack" => Self::Acknowledged,
            "next" => Self::Next {
                id: id()?,
                payload: needed(payload)?,
            },
            "error" => Self::Error {
                id: id()?,
                errors: read_errors(&needed(payload)?),
            },
            "complete" => Self::Complete { id: id()? },
            "ping" => Self::Ping { payload },
            "pong" => Self::Pong,
            _ => return Ok(None),
        }))
    }

    /// Reads the data of an event of a connection that carries many subscriptions.
    pub(super) fn from_event(name: &str, data: &Bytes) -> Result<Option<Self>, String> {
        let is_complete = match name {
            "next" => false,
            "complete" => true,
            _ => return Ok(None),
        };
        let text = utf8(data).map_err(|error| format!("an event is {error}"))?;
        let members = read_members(text).map_err(|error| format!("an event is {error}"))?;
        let id = parse_id(members.id.as_deref(), name)?;
        if is_complete {
            return Ok(Some(Self::Complete { id }));
        }
        let payload = members.payload.ok_or("an event `next` has no payload")?;
        Ok(Some(Self::Next {
            id,
            payload: slice_of(data, payload),
        }))
    }
}

/// Reads a list of errors, as leniently as those of a response.
pub(super) fn read_errors(list: &[u8]) -> Vec<GraphqlError> {
    GraphqlError::list_from_json(serde_json::from_slice(list).unwrap_or_default())
}

fn parse_id(id: Option<&str>, kind: &str) -> Result<u64, String> {
    id.and_then(|id| id.parse().ok())
        .ok_or_else(|| format!("a message `{kind}` has none of our ids"))
}

fn read_members(text: &str) -> Result<Members<'_>, DecodeError> {
    let mut reader = Reader::new(text);
    match read_object(&mut reader) {
        Ok(members) => Ok(members),
        Err(failed) => Err(reader.take_error(failed)),
    }
}

fn read_object<'a>(reader: &mut Reader<'a>) -> Result<Members<'a>> {
    reader.start();
    let mut members = Members::default();
    let mut object = Object::open(reader)?;
    while let Some(key) = object.next_key()? {
        let reader = object.reader();
        match &*key {
            "type" => members.kind = Some(reader.str()?),
            "id" => members.id = Some(reader.str()?),
            "payload" => members.payload = Some(reader.raw()?),
            _ => reader.skip()?,
        }
    }
    object.close()?;
    reader.end()?;
    Ok(members)
}

/// The member `payload` of an object.
pub(super) fn payload_of(text: &Bytes) -> Option<Bytes> {
    let payload = read_members(utf8(text).ok()?).ok()?.payload?;
    Some(slice_of(text, payload))
}

/// A part of a text, as bytes that are shared with it.
fn slice_of(text: &Bytes, part: &str) -> Bytes {
    text.slice_ref(part.as_bytes())
}

/// The first message on a socket.
pub(super) fn connection_init(payload: &str) -> String {
    format!(r#"{{"type":"connection_init","payload":{payload}}}"#)
}

/// Asks for a subscription. `body` is the request as it is sent over HTTP.
pub(super) fn subscribe(id: u64, body: &str) -> String {
    format!(r#"{{"id":"{id}","type":"subscribe","payload":{body}}}"#)
}

/// Ends a subscription.
pub(super) fn complete(id: u64) -> String {
    format!(r#"{{"id":"{id}","type":"complete"}}"#)
}

pub(super) fn ping() -> &'static str {
    r#"{"type":"ping"}"#
}

pub(super) fn pong(payload: Option<&str>) -> String {
    match payload {
        Some(payload) => format!(r#"{{"type":"pong","payload":{payload}}}"#),
        None => r#"{"type":"pong"}"#.into(),
    }
}

/// The request's body, with the id that events of it will have.
pub(super) fn body_with_id(body: &str, id: u64) -> Option<String> {
    let open = body.trim_end().strip_suffix('}')?;
    Some(format!(r#"{open},"extensions":{{"operationId":"{id}"}}}}"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Message>, String> {
        Message::from_text(text.into())
    }

    #[test]
    fn messages_are_read_with_members_in_any_order() {
        let payload = Bytes::from_static(br#"{"data":{"a":[1,"}"]}}"#);
        let next = Message::Next { id: 3, payload };
        for text in [
            r#"{"id":"3","type":"next","payload":{"data":{"a":[1,"}"]}}}"#,
            r#" {"payload":{"data":{"a":[1,"}"]}},"more":[{}],"type":"next","id":"3"} "#,
        ] {
            assert_eq!(read(text).unwrap(), Some(next.clone()), "{text}");
        }
        assert_eq!(
            read(r#"{"type":"connection_ack"}"#).unwrap(),
            Some(Message::Acknowledged)
        );
        assert_eq!(
            read(r#"{"type":"ping","payload":null}"#).unwrap(),
            Some(Message::Ping {
                payload: Some(Bytes::from_static(b"null"))
            })
        );
        assert_eq!(read(r#"{"type":"ka"}"#).unwrap(), None);
    }

    #[test]
    fn what_is_no_message_says_why() {
        for (text, why) in [
            ("", "not valid JSON"),
            ("[]", "object"),
            (r#"{"type":"next""#, "JSON"),
            (r#"{"id":"1"}"#, "no type"),
            (r#"{"type":"next","id":"1"}"#, "no payload"),
            (r#"{"type":"next","id":"abc","payload":{}}"#, "our ids"),
            (r#"{"type":"complete"}"#, "our ids"),
            (r#"{"type":7}"#, "type"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_sent_is_what_the_protocol_says() {
        let body = r#"{"query":"subscription A{a}","operationName":"A","variables":{}}"#;
        for (text, kind) in [
            (subscribe(7, body), "subscribe"),
            (connection_init("{}"), "connection_init"),
            (complete(7), "complete"),
            (ping().into(), "ping"),
            (pong(Some("[1]")), "pong"),
            (pong(None), "pong"),
        ] {
            let message: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(message["type"], kind);
        }
        let with_id: serde_json::Value =
            serde_json::from_str(&body_with_id(body, 7).unwrap()).unwrap();
        assert_eq!(with_id["extensions"]["operationId"], "7");
        assert_eq!(with_id["operationName"], "A");
    }
}
