//! `GET /graphql` as a WebSocket that speaks graphql-transport-ws, and what goes wrong with it on
//! demand.

use std::time::Duration;

use async_graphql::{Request, Response as Event};
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::header::{
    AUTHORIZATION, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    UPGRADE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use crate::faults::{Fault, Place};
use crate::graphql::{Caller, authenticate, needed_scope, repeated_credential};
use crate::model::Viewer;
use crate::shared::SharedState;

const SUBPROTOCOL: &str = "graphql-transport-ws";

type Wire = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

pub(crate) async fn endpoint(
    State(shared): State<SharedState>,
    mut request: HttpRequest,
) -> Response {
    let headers = request.headers();
    let Some(key) = headers.get(SEC_WEBSOCKET_KEY) else {
        return (StatusCode::METHOD_NOT_ALLOWED, "Send a POST request.").into_response();
    };
    let accept = derive_accept_key(key.as_bytes());
    let offers = |protocols: &HeaderValue| {
        let protocols = protocols.to_str().unwrap_or_default();
        protocols.split(',').any(|name| name.trim() == SUBPROTOCOL)
    };
    let offers_ours = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().any(offers);
    let headers = headers.clone();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgraded.await else {
            return;
        };
        let wire =
            WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        let mut socket = Socket {
            shared,
            wire,
            headers,
        };
        if offers_ours {
            socket.serve().await;
        } else {
            let Err(Ended) = socket
                .close::<std::convert::Infallible>(4406, "Subprotocol not acceptable")
                .await;
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = accept.parse() {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if offers_ours {
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
    }
    response
}

struct Socket {
    shared: SharedState,
    wire: Wire,
    /// Those of the handshake, with the credential of the first message.
    headers: HeaderMap,
}

/// Events of all subscriptions of a socket: the id, and none at the end.
type Events = stream::SelectAll<BoxStream<'static, (String, Option<Event>)>>;

/// That the socket has ended.
struct Ended;

impl Socket {
    async fn serve(&mut self) {
        let shared = self.shared.clone();
        // Whoever ends it, the connection goes with the socket.
        tokio::select! {
            _ = self.converse() => {}
            () = shared.connections_cut() => {}
        }
    }

    async fn converse(&mut self) -> Result<(), Ended> {
        let caller = self.acknowledge().await?;
        let mut events: Events = stream::SelectAll::new();
        let mut open: Vec<String> = Vec::new();
        loop {
            tokio::select! {
                message = self.read() => {
                    self.obey(&caller, message?, &mut events, &mut open).await?;
                }
                Some((id, event)) = events.next(), if !events.is_empty() => {
                    if open.contains(&id) {
                        self.send_event(&mut open, id, event).await?;
                    }
                }
            }
        }
    }

    /// Waits for the first message, and accepts who sends it.
    async fn acknowledge(&mut self) -> Result<Caller, Ended> {
        let Ok(first) = tokio::time::timeout(Duration::from_secs(3), self.read()).await else {
            return self.close(4408, "Connection initialisation timeout").await;
        };
        let first = first?;
        if first["type"] != "connection_init" {
            return self.close(4401, "Unauthorized").await;
        }
        if let Some(Ok(value)) = first["payload"]["Authorization"].as_str().map(str::parse) {
            self.headers.insert(AUTHORIZATION, value);
        }
        match self.take(|fault| matches!(fault, Fault::SocketNoAck | Fault::SocketClosed4403)) {
            Some(Fault::SocketNoAck) => return self.hang().await,
            Some(_) => return self.close(4403, "Forbidden").await,
            None => {}
        }
        let Ok(caller) = authenticate(&self.shared, &self.headers) else {
            return self.close(4403, "Forbidden").await;
        };
        self.shared.count(|counts| counts.sockets += 1);
        self.send(&json!({ "type": "connection_ack" })).await?;
        Ok(caller)
    }

    /// Does what a message asks for.
    async fn obey(
        &mut self,
        caller: &Caller,
        message: Value,
        events: &mut Events,
        open: &mut Vec<String>,
    ) -> Result<(), Ended> {
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        match message["type"].as_str() {
            Some("connection_init") => self.close(4429, "Too many initialisation requests").await,
            Some("ping") => self.send(&json!({ "type": "pong" })).await,
            Some("pong") => Ok(()),
            Some("complete") => {
                open.retain(|other| *other != id);
                self.shared
                    .count(|counts| counts.subscriptions_completed += 1);
                Ok(())
            }
            Some("subscribe") if open.contains(&id) => {
                let reason = format!("Subscriber for {id} already exists");
                self.close(4409, &reason).await
            }
            Some("subscribe") => {
                let Ok(request) = serde_json::from_value::<Request>(message["payload"].clone())
                else {
                    return self.close(4400, "The payload is no request").await;
                };
                if let Some(Fault::SocketUnauthenticated) =
                    self.take(|fault| fault == Fault::SocketUnauthenticated)
                {
                    return self.send_error(&id, "UNAUTHENTICATED").await;
                }
                let needed = needed_scope(&request);
                if !caller.scopes.iter().any(|scope| scope == needed) {
                    return self.send_error(&id, "FORBIDDEN").await;
                }
                self.shared.count(|counts| {
                    counts.subscriptions += 1;
                    counts.graphql_executions += 1;
                });
                open.push(id.clone());
                let request = request.data(Viewer(caller.user.clone()));
                let of_id = id.clone();
                let answers = self
                    .shared
                    .schema
                    .execute_stream(request)
                    .map(move |event| (of_id.clone(), Some(event)))
                    .chain(stream::once(async move { (id, None) }));
                events.push(answers.boxed());
                Ok(())
            }
            _ => self.close(4400, "Unknown message").await,
        }
    }

    async fn send_event(
        &mut self,
        open: &mut Vec<String>,
        id: String,
        event: Option<Event>,
    ) -> Result<(), Ended> {
        let Some(event) = event else {
            open.retain(|other| *other != id);
            return self.send(&json!({ "id": id, "type": "complete" })).await;
        };
        if event.data == async_graphql::Value::Null && !event.errors.is_empty() {
            // A request that can't be executed has no event.
            open.retain(|other| *other != id);
            let message = json!({ "id": id, "type": "error", "payload": event.errors });
            return self.send(&message).await;
        }
        let message = json!({ "id": id, "type": "next", "payload": event });
        let fault = self.take(|fault| {
            !matches!(
                fault,
                Fault::SocketNoAck | Fault::SocketClosed4403 | Fault::SocketUnauthenticated
            )
        });
        match fault {
            Some(Fault::SocketDies) => Err(Ended),
            Some(Fault::SocketHalfFrame) => {
                // A text frame of 100 bytes, of which eight come.
                let stream = self.wire.get_mut();
                let _ = stream.write_all(b"\x81\x64{\"id\":\"1").await;
                let _ = stream.flush().await;
                Err(Ended)
            }
            Some(Fault::SocketHangs) => self.hang().await,
            Some(Fault::SocketGarbage) => self.write(Message::text("garbage")).await,
            Some(Fault::SocketWrongIds) => {
                for wrong in ["987654321", "not-an-id"] {
                    let message = json!({ "id": wrong, "type": "next", "payload": { "data": 1 } });
                    self.send(&message).await?;
                }
                self.send(&message).await
            }
            Some(Fault::SocketUnknownMessages) => {
                for kind in ["ka", "connection_keep_alive", "news"] {
                    self.send(&json!({ "type": kind, "payload": [] })).await?;
                }
                self.send(&message).await
            }
            Some(Fault::SocketRepeatedCredential) => {
                let errors = repeated_credential(&self.headers);
                let payload = json!({ "data": null, "errors": errors });
                self.send(&json!({ "id": id, "type": "next", "payload": payload }))
                    .await?;
                self.send(&message).await
            }
            Some(Fault::SocketErrorWithCredential) => {
                open.retain(|other| *other != id);
                let errors = repeated_credential(&self.headers);
                self.send(&json!({ "id": id, "type": "error", "payload": errors }))
                    .await
            }
            Some(Fault::SocketClosedWithCredential) => {
                let errors = repeated_credential(&self.headers);
                let reason = errors[0]["message"].as_str().unwrap_or_default();
                self.close(4400, reason).await
            }
            Some(Fault::SocketClosed1000) => self.close(1000, "").await,
            Some(Fault::SocketClosed4401) => self.close(4401, "Unauthorized").await,
            Some(Fault::SocketFlood) => {
                let text = message.to_string();
                for _ in 0..100_000 {
                    self.write(Message::text(text.clone())).await?;
                }
                Ok(())
            }
            _ => self.send(&message).await,
        }
    }

    /// The fault that waits, where it is one of these.
    fn take(&self, of: impl Fn(Fault) -> bool) -> Option<Fault> {
        let fault = self.shared.faults.take(Place::Socket, of)?;
        self.shared.count(|counts| counts.faults_played += 1);
        Some(fault)
    }

    async fn send_error(&mut self, id: &str, code: &str) -> Result<(), Ended> {
        let errors =
            json!([{ "message": "The request was refused.", "extensions": { "code": code } }]);
        self.send(&json!({ "id": id, "type": "error", "payload": errors }))
            .await
    }

    async fn read(&mut self) -> Result<Value, Ended> {
        loop {
            match self.wire.next().await {
                Some(Ok(Message::Text(text))) => {
                    return match serde_json::from_str(&text) {
                        Ok(message) => Ok(message),
                        Err(_) => self.close(4400, "Invalid message").await,
                    };
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Ended),
                Some(Ok(_)) => {}
            }
        }
    }

    async fn send(&mut self, message: &Value) -> Result<(), Ended> {
        self.write(Message::text(message.to_string())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Ended> {
        self.wire.send(message).await.map_err(|_| Ended)
    }

    async fn close<T>(&mut self, code: u16, reason: &str) -> Result<T, Ended> {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        // The client may be gone.
        let _ = self.wire.close(Some(frame)).await;
        Err(Ended)
    }

    /// Reads nothing and says nothing, until the client goes.
    async fn hang<T>(&mut self) -> T {
        std::future::pending().await
    }
}
