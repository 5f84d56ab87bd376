//! Those who read the same events: each gives how long it took, by the clock and of its processor.

use std::process::Command;
use std::time::{Duration, Instant};

use attendium::Session;
use attendium::subscription::{
    Overflow, StreamExt as _, SubscriptionProtocol, SubscriptionSettings,
};
use cpu_time::ThreadTime;
use futures_util::SinkExt as _;
use graphql_ws_client::graphql::GraphqlOperation;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::server::Server;

mod api {
    attendium::graphql! {
        schema = "benches/subscriptions/schema.graphql",
        subscription CheckedIn {
            checkedIn {
                id
                name
                email
                status
                tickets
                note
                sentAt
                list { id name }
                tags
            }
        }
    }
}
pub use api::{CheckedIn, checked_in};

/// How long it took to read all events.
#[derive(Clone, Copy)]
pub struct Took {
    pub time: Duration,
    pub processor: Duration,
}

/// The clocks, begun.
struct Clocks(Instant, ThreadTime);

impl Clocks {
    fn begin() -> Self {
        Self(Instant::now(), ThreadTime::now())
    }

    fn end(self) -> Took {
        Took {
            time: self.0.elapsed(),
            processor: self.1.elapsed(),
        }
    }
}

/// A session whose socket is at this path.
pub fn session(server: &Server, path: &str, capacity: usize, overflow: Overflow) -> Session {
    let settings = SubscriptionSettings::new()
        .protocol(SubscriptionProtocol::WebSocket)
        .queue(capacity, overflow);
    Session::builder()
        .base_url(server.url("http", ""))
        .graphql_url(server.url("http", path))
        .application("Benchmark")
        .anonymous()
        .subscriptions(settings)
        .build()
        .expect("a session")
}

pub async fn ours(server: &Server, events: usize) -> Took {
    let session = session(server, &format!("/flood/{events}"), 1024, Overflow::Error);
    let clocks = Clocks::begin();
    let mut stream = session.subscribe(&CheckedIn {});
    let (mut count, mut tickets) = (0, 0);
    while let Some(event) = stream.next().await {
        tickets += event.expect("an event").checked_in.tickets as usize;
        count += 1;
    }
    check(count, tickets, events);
    clocks.end()
}

/// The tickets of the events that the server sends.
fn check(count: usize, tickets: usize, events: usize) {
    assert_eq!((count, tickets), (events, events * 3 / 2));
}

#[derive(Deserialize)]
struct Payload {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "checkedIn")]
    checked_in: Guest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what every peer decodes")]
struct Guest {
    id: String,
    name: String,
    email: Option<String>,
    status: String,
    tickets: i32,
    note: Option<String>,
    sent_at: String,
    list: List,
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what every peer decodes")]
struct List {
    id: String,
    name: String,
}

type Wire = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(server: &Server, path: &str) -> Wire {
    let url = server.url("ws", path);
    let mut request = url.into_client_request().expect("a request");
    let protocol = http::HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (wire, _) = tokio_tungstenite::connect_async(request)
        .await
        .expect("a socket");
    if let MaybeTlsStream::Plain(stream) = wire.get_ref() {
        stream.set_nodelay(true).expect("a socket of TCP");
    }
    wire
}

/// Bare tokio-tungstenite, with a struct of serde_json for each message.
pub async fn by_hand(server: &Server, events: usize) -> Took {
    #[derive(Deserialize)]
    struct Frame<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        id: &'a str,
        payload: Option<Payload>,
    }

    let clocks = Clocks::begin();
    let mut wire = connect(server, &format!("/flood/{events}")).await;
    let begin = [
        json!({ "type": "connection_init", "payload": {} }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": document() } }),
    ];
    for message in begin {
        let text = Message::text(message.to_string());
        wire.send(text).await.expect("the server reads");
    }
    wire.next().await.expect("a message").expect("a message");
    let (mut count, mut tickets) = (0, 0);
    loop {
        let message = wire.next().await.expect("a message").expect("a message");
        let Message::Text(text) = message else {
            continue;
        };
        let frame: Frame<'_> = serde_json::from_str(&text).expect("a message");
        assert_eq!(frame.id, "1");
        if frame.kind != "next" {
            break;
        }
        let data = frame.payload.and_then(|payload| payload.data);
        tickets += data.expect("data").checked_in.tickets as usize;
        count += 1;
    }
    check(count, tickets, events);
    clocks.end()
}

/// graphql-ws-client, over a socket of the version that this client has too: its own adapter is for
/// older ones, and does the same.
struct Adapted(Wire);

impl graphql_ws_client::Connection for Adapted {
    async fn receive(&mut self) -> Option<graphql_ws_client::Message> {
        loop {
            return Some(match self.0.next().await?.ok()? {
                Message::Text(text) => graphql_ws_client::Message::Text(text.as_str().into()),
                Message::Ping(_) => graphql_ws_client::Message::Ping,
                Message::Pong(_) => graphql_ws_client::Message::Pong,
                Message::Close(_) => graphql_ws_client::Message::Close {
                    code: None,
                    reason: None,
                },
                Message::Binary(_) | Message::Frame(_) => continue,
            });
        }
    }

    async fn send(
        &mut self,
        message: graphql_ws_client::Message,
    ) -> Result<(), graphql_ws_client::Error> {
        let message = match message {
            graphql_ws_client::Message::Text(text) => Message::text(text),
            graphql_ws_client::Message::Ping => Message::Ping(Default::default()),
            graphql_ws_client::Message::Pong => Message::Pong(Default::default()),
            graphql_ws_client::Message::Close { .. } => Message::Close(None),
        };
        let sent = self.0.send(message).await;
        sent.map_err(|error| graphql_ws_client::Error::Send(error.to_string()))
    }
}

#[derive(Serialize)]
struct Request {
    query: &'static str,
}

impl GraphqlOperation for Request {
    type Response = Payload;
    type Error = serde_json::Error;

    fn decode(&self, data: Value) -> Result<Payload, serde_json::Error> {
        serde_json::from_value(data)
    }
}

pub async fn graphql_ws_client(server: &Server, events: usize) -> Took {
    let clocks = Clocks::begin();
    let wire = connect(server, &format!("/flood/{events}")).await;
    let (client, actor) = graphql_ws_client::Client::build(Adapted(wire))
        .await
        .expect("a client");
    tokio::spawn(actor.into_future());
    let request = Request { query: document() };
    let mut stream = client.subscribe(request).await.expect("a subscription");
    let (mut count, mut tickets) = (0, 0);
    while let Some(event) = stream.next().await {
        let data = event.expect("an event").data.expect("data");
        tickets += data.checked_in.tickets as usize;
        count += 1;
    }
    check(count, tickets, events);
    clocks.end()
}

/// npm's graphql-ws, in node: it says itself how long it took.
pub fn graphql_ws(server: &Server, events: usize) -> Took {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../interop/subscriptions/client.mjs"
    );
    let output = Command::new("node")
        .arg(script)
        .arg(server.url("ws", &format!("/flood/{events}")))
        .arg(document())
        .output()
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    let said: Value = serde_json::from_str(&said)
        .unwrap_or_else(|_| panic!("npm ci in interop/subscriptions? {error}"));
    let number = |name: &str| said[name].as_u64().expect("a number");
    check(number("count") as usize, number("tickets") as usize, events);
    Took {
        time: Duration::from_micros(number("time")),
        processor: Duration::from_micros(number("processor")),
    }
}

fn document() -> &'static str {
    <CheckedIn as attendium::Operation>::INFO.document
}
