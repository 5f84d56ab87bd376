//! What a server sends to a subscription, as any bytes: server-sent events, and the messages of
//! graphql-transport-ws. Each is reached as a server reaches it, and compared with what a second,
//! simpler reading of the same bytes gives.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use attendium::subscription::{
    StreamExt as _, SubscriptionProtocol, SubscriptionSettings, SubscriptionUpdate,
};
use attendium::transport::{
    Body, BoxFuture, Limits, SocketAnswer, SocketTransport, Transport, TransportError,
};
use attendium::{Error, Json, Session};
use bytes::Bytes;
use futures_util::SinkExt as _;
use http::{Request, Response, header};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use crate::session::{readable, run};

#[rustfmt::skip]
mod answer {
    use attendium::Json;

    pub struct Sub {}
    #[derive(Debug, Clone, PartialEq)]
    pub struct Data { pub a: Json }
}
use answer::*;

attendium::impl_graphql! {
    subscription Sub { data: Data, name: "Sub", source: "fuzz", document: "subscription Sub{a}" }
    variables Sub {}
    object Data { a }
}

/// The token that is sent: it never comes back in an error.
const TOKEN: &str = "token-5d1f0a77c2";
/// Stands for it in what the server sends.
const SENT: &str = "{sent}";
/// The longest event and message.
const LIMIT: usize = 300;
/// What an id is replaced with, as the server can't know it before.
const ID: &str = "{id}";

/// Server-sent events: the same ones in whatever pieces they come, and those that a reader of the
/// whole text finds.
pub fn events(bytes: &[u8]) {
    let body = replace(bytes, SENT, TOKEN);
    let expected = expected_events(&body);
    for size in [body.len().max(1), 7, 2, 1] {
        let pieces = body.chunks(size).map(Bytes::copy_from_slice).collect();
        let server = Streamed(Mutex::new(pieces));
        let seen = run(read(server, SubscriptionProtocol::ServerSentEvents));
        if body.len() <= LIMIT {
            assert_eq!(seen, expected, "pieces of {size}");
        } else if seen != expected {
            let whole = seen.split_last().expect("an end");
            assert_eq!(whole.0, &Seen::Lost, "pieces of {size}");
            assert!(expected.starts_with(whole.1), "{seen:?} {expected:?}");
        }
    }
}

/// The messages of a socket, with the byte 0x1e between them: each does what it says, and what is
/// answered is JSON.
pub fn messages(bytes: &[u8]) {
    let messages: Vec<Vec<u8>> = bytes.split(|byte| *byte == 0x1e).map(Vec::from).collect();
    let answers = Arc::default();
    let server = Sockets {
        messages: messages.clone(),
        answers: Arc::clone(&answers),
    };
    let seen = run(read(server, SubscriptionProtocol::WebSocket));
    let answers = answers.lock().expect("no panic");
    let (mut expected, mut pongs) = (Vec::new(), Vec::new());
    for message in messages {
        match expected_message(&with_id(&message, OUR_ID)) {
            Some(Expected::Nothing) => {}
            Some(Expected::Pong(payload)) => pongs.push(payload),
            Some(Expected::Seen(Seen::Event(event))) => expected.push(Seen::Event(event)),
            Some(Expected::Seen(end)) => {
                expected.push(end);
                break;
            }
            // serde_json can't say.
            None => return,
        }
    }
    let ends_with_the_socket = expected
        .last()
        .is_none_or(|last| matches!(last, Seen::Event(_)));
    if ends_with_the_socket {
        // The server closes the socket then.
        expected.push(Seen::Lost);
    }
    assert_eq!(seen, expected);
    let answered: Vec<_> = answers
        .iter()
        .map(|text| serde_json::from_str::<Json>(text).expect("JSON"))
        .filter(|answer| answer["type"] == "pong")
        .map(|answer| answer.get("payload").cloned())
        .collect();
    // The socket may live longer than its subscription.
    let (answered, later) = answered.split_at(pongs.len().min(answered.len()));
    assert_eq!(answered, pongs);
    assert!(later.is_empty() || !ends_with_the_socket);
}

/// What came of a subscription.
#[derive(Clone, PartialEq)]
enum Seen {
    /// The data of an event and the number of its errors, or that it fits no response.
    Event(Option<(Option<Data>, usize)>),
    Complete,
    Failed,
    Lost,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => write!(f, "Event({event:?})"),
            Self::Complete => f.write_str("Complete"),
            Self::Failed => f.write_str("Failed"),
            Self::Lost => f.write_str("Lost"),
        }
    }
}

fn event_of(payload: &[u8]) -> Seen {
    let response = attendium::decode::<Sub>(payload).ok();
    Seen::Event(response.map(|response| (response.data, response.errors.len())))
}

async fn read(server: impl Transport + 'static, protocol: SubscriptionProtocol) -> Vec<Seen> {
    let settings = SubscriptionSettings::new()
        .protocol(protocol)
        .queue(100_000, attendium::subscription::Overflow::Error)
        .max_reconnects(0);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application("fuzz")
        .access_token(TOKEN)
        .limits(Limits::new().max_body_size(LIMIT))
        .subscriptions(settings)
        .transport(server)
        .build()
        .expect("a session");
    let mut updates = session.subscribe(&Sub {}).updates();
    let mut seen = Vec::new();
    let reading = async {
        loop {
            let update = updates.next().await;
            let shown = format!("{update:?}");
            seen.push(match update {
                Some(Ok(SubscriptionUpdate::Event(response))) => {
                    let errors = format!("{:?}", response.errors);
                    assert!(!errors.contains(TOKEN), "{errors}");
                    Seen::Event(Some((response.data, response.errors.len())))
                }
                Some(Ok(_)) => continue,
                Some(Err(Error::Decode { .. })) => Seen::Event(None),
                Some(Err(error)) => {
                    readable(&error);
                    assert!(!shown.contains(TOKEN), "{shown}");
                    match error {
                        Error::Subscription { .. } => Seen::Lost,
                        _ => Seen::Failed,
                    }
                }
                None => Seen::Complete,
            });
            if !matches!(seen.last(), Some(Seen::Event(_))) {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading)
        .await
        .expect("it ends");
    session.close_subscriptions().await;
    seen
}

fn replace(bytes: &[u8], what: &str, by: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut rest = bytes;
    let find = |rest: &[u8]| {
        rest.windows(what.len())
            .position(|part| part == what.as_bytes())
    };
    while let Some(at) = find(rest) {
        all.extend_from_slice(&rest[..at]);
        all.extend_from_slice(by.as_bytes());
        rest = &rest[at + what.len()..];
    }
    all.extend_from_slice(rest);
    all
}

/// Answers with a stream of these pieces.
struct Streamed(Mutex<VecDeque<Bytes>>);

impl Transport for Streamed {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let pieces = std::mem::take(&mut *self.0.lock().expect("no panic"));
        let answer = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
        let answer = answer.body(Body::new(Pieces(pieces))).expect("an answer");
        Box::pin(async move { Ok(answer) })
    }
}

struct Pieces(VecDeque<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(
            self.0
                .pop_front()
                .map(|piece| Ok(http_body::Frame::data(piece))),
        )
    }
}

/// Reads the whole text at once: lines, then events, then what they mean.
fn expected_events(body: &[u8]) -> Vec<Seen> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let text = replace(&replace(body, "\r\n", "\n"), "\r", "\n");
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    // What no line end follows is no line yet.
    lines.pop();
    let mut seen = Vec::new();
    let (mut name, mut data) = (String::new(), None::<Vec<u8>>);
    for line in lines {
        if line.is_empty() {
            let data = data.take();
            let name = std::mem::take(&mut name);
            if data.is_none() && name.is_empty() {
                continue;
            }
            let data = data.unwrap_or_default();
            match &*name {
                "complete" => {
                    seen.push(Seen::Complete);
                    return seen;
                }
                "error" => {
                    seen.push(Seen::Failed);
                    return seen;
                }
                "" | "next" | "message" if !data.is_empty() => seen.push(event_of(&data)),
                _ => {}
            }
            continue;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let field = parts.next().unwrap_or_default();
        let value = parts.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => name = String::from_utf8_lossy(value).into_owned(),
            b"data" => {
                data = Some(match data {
                    Some(before) => [&before, &b"\n"[..], value].concat(),
                    None => value.to_vec(),
                });
            }
            _ => {}
        }
    }
    seen.push(Seen::Lost);
    seen
}

/// The id of the one subscription: each connection takes a fresh one.
const OUR_ID: &str = "2";

fn with_id(message: &[u8], id: &str) -> Vec<u8> {
    replace(&replace(message, SENT, TOKEN), ID, id)
}

/// Sends these messages over a socket, and keeps what is answered.
struct Sockets {
    messages: Vec<Vec<u8>>,
    answers: Arc<Mutex<Vec<String>>>,
}

impl Transport for Sockets {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        panic!("a socket was asked for");
    }

    fn sockets(&self) -> Option<&dyn SocketTransport> {
        Some(self)
    }
}

impl SocketTransport for Sockets {
    fn connect(
        &self,
        request: Request<()>,
    ) -> BoxFuture<'_, Result<Response<SocketAnswer>, TransportError>> {
        let key = &request.headers()[header::SEC_WEBSOCKET_KEY];
        let accept = derive_accept_key(key.as_bytes());
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        tokio::spawn(serve(
            ours,
            self.messages.clone(),
            Arc::clone(&self.answers),
        ));
        let answer = Response::builder()
            .status(101)
            .header(header::SEC_WEBSOCKET_ACCEPT, accept)
            .header(header::SEC_WEBSOCKET_PROTOCOL, "graphql-transport-ws")
            .body(SocketAnswer::Socket(Box::new(theirs)))
            .expect("an answer");
        Box::pin(async move { Ok(answer) })
    }
}

/// The server's side. That the client has gone is no fault of it.
async fn serve(
    stream: DuplexStream,
    messages: Vec<Vec<u8>>,
    answers: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let first: Json = serde_json::from_str(socket.next().await?.ok()?.to_text().ok()?).ok()?;
    assert_eq!(first["type"], "connection_init");
    let acknowledged = r#"{"type":"connection_ack"}"#;
    socket.send(Message::text(acknowledged)).await.ok()?;
    let subscribe: Json = serde_json::from_str(socket.next().await?.ok()?.to_text().ok()?).ok()?;
    assert_eq!(subscribe["id"], OUR_ID);
    for message in messages {
        let message = with_id(&message, OUR_ID);
        let message = match String::from_utf8(message) {
            Ok(text) => Message::text(text),
            Err(bytes) => Message::binary(bytes.into_bytes()),
        };
        socket.send(message).await.ok()?;
    }
    let close = CloseFrame {
        code: 1000.into(),
        reason: TOKEN.into(),
    };
    socket.send(Message::Close(Some(close))).await.ok()?;
    while let Some(Ok(answer)) = socket.next().await {
        if let Message::Text(text) = answer {
            answers.lock().expect("no panic").push(text.to_string());
        }
    }
    Some(())
}

enum Expected {
    Nothing,
    Seen(Seen),
    Pong(Option<Json>),
}

/// What a message means to serde_json. None where it can't say.
fn expected_message(message: &[u8]) -> Option<Expected> {
    let lost = Some(Expected::Seen(Seen::Lost));
    if message.len() > LIMIT {
        return lost;
    }
    match serde_json::from_slice::<Json>(message) {
        Ok(Json::Object(_)) => {}
        Ok(_) => return lost,
        Err(error) => {
            let error = error.to_string();
            // Ours reads deeper, and passes over numbers that it does not need.
            let only_here = ["recursion limit", "out of range"];
            return if only_here.iter().any(|reason| error.contains(reason)) {
                None
            } else {
                lost
            };
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(message);
    let members = (&mut reader).deserialize_map(InOrder).ok()?;
    let (mut kind, mut id, mut payload) = (None, None, None);
    for (key, value) in members {
        match &*key {
            "type" | "id" => {
                let Ok(text) = serde_json::from_str::<String>(value.get()) else {
                    return lost;
                };
                *(if key == "type" { &mut kind } else { &mut id }) = Some(text);
            }
            "payload" => payload = Some(value),
            _ => {}
        }
    }
    let Some(kind) = kind else {
        return lost;
    };
    if matches!(&*kind, "next" | "error" | "complete") {
        let Some(id) = id.and_then(|id| id.parse::<u64>().ok()) else {
            return lost;
        };
        if kind != "complete" && payload.is_none() {
            return lost;
        }
        if id.to_string() != OUR_ID {
            return Some(Expected::Nothing);
        }
    }
    Some(match &*kind {
        "next" => Expected::Seen(event_of(payload?.get().as_bytes())),
        "error" => Expected::Seen(Seen::Failed),
        "complete" => Expected::Seen(Seen::Complete),
        "ping" => Expected::Pong(payload.map(|payload| {
            serde_json::from_str(payload.get()).expect("the whole message was read")
        })),
        _ => Expected::Nothing,
    })
}

/// The members of an object, those with the same name too.
struct InOrder;

impl<'a> Visitor<'a> for InOrder {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// Events to start from.
pub const EVENTS: &[&str] = &[
    ":\n\nevent: next\ndata: {\"data\":{\"a\":1}}\n\nevent: complete\ndata:\n\n",
    "\u{feff}data:{\"data\":\r\ndata:{\"a\":[]}}\r\n\r\nevent: message\rdata: {\"errors\":[{\"message\":\"no {sent}\"}]}\r\r",
    "id: 1\nretry: 5\nevent:error\ndata: [{\"message\":\"{sent}\",\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]\n\ndata: {}\n\n",
];

/// Messages to start from.
pub const MESSAGES: &[&str] = &[
    "{\"id\":\"{id}\",\"type\":\"next\",\"payload\":{\"data\":{\"a\":[1,\"}\"]}}}\x1e{\"type\":\"ping\",\"payload\":{\"b\":null}}\x1e{\"id\":\"{id}\",\"type\":\"complete\"}",
    "{\"payload\":{\"errors\":[{\"message\":\"no {sent}\"}],\"data\":null},\"more\":[{}],\"type\":\"next\",\"id\":\"{id}\"}\x1e{\"type\":\"pong\"}\x1e{\"type\":\"ka\"}\x1e{\"type\":\"ping\"}",
    "{\"type\":\"connection_ack\"}\x1e{\"id\":\"7\",\"type\":\"next\",\"payload\":{}}\x1e{\"id\":\"{id}\",\"type\":\"error\",\"payload\":[{\"message\":\"{sent}\",\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}",
    "{\"payload\":1,\"payload\":{\"data\":{\"a\":4}},\"type\":\"ping\",\"type\":\"next\",\"id\":\"7\",\"id\":\"{id}\"}",
];
