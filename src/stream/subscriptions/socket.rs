//! One WebSocket that carries many subscriptions (RFC 6455, graphql-transport-ws).
//!
//! Enter at [`Socket::open`]: the handshake goes through the session's transport, then the server
//! acknowledges the first message.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, Method, Request, StatusCode, header};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{
    CloseCode as WireCode, Data, OpCode,
};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message as Frame, Utf8Bytes};
use zeroize::Zeroizing;

use crate::error::{CloseCode, ConnectionLoss, Error, SubscriptionError, printable};
use crate::error::{TransportError, TransportErrorKind};
use crate::http::SocketAnswer;
use crate::value::Json;

use super::endpoint::Endpoint;
use super::failure::Broken;
use super::message::{self, Message};

const SUBPROTOCOL: &str = "graphql-transport-ws";

/// tungstenite's default is 128 KiB. An event that waits keeps the buffer that it came in.
const READ_BUFFER: usize = 16 << 10;

pub(super) struct Socket {
    frames: WebSocketStream<Box<dyn crate::http::Socket>>,
    /// The longest that a message may take to be written.
    write_timeout: Duration,
}

impl Socket {
    /// Opens a socket, and waits until the server has acknowledged it.
    pub(super) async fn open(
        endpoint: &Endpoint,
        authorization: Option<&HeaderValue>,
    ) -> Result<Self, Broken> {
        let timeout = endpoint.settings.acknowledge_timeout;
        let opening = Self::open_in_time(endpoint, authorization);
        tokio::time::timeout(timeout, opening)
            .await
            .unwrap_or(Err(Broken::Lost(ConnectionLoss::NotAcknowledged)))
    }

    async fn open_in_time(
        endpoint: &Endpoint,
        authorization: Option<&HeaderValue>,
    ) -> Result<Self, Broken> {
        let key = generate_key();
        let mut stream = handshake(endpoint, authorization, &key).await?;
        let payload = (endpoint.settings.init_payload)(authorization);
        write_first_message(&mut stream, &payload).await?;
        let limit = endpoint.sender.limits.max_body_size;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        let mut socket = Self {
            frames: WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await,
            write_timeout: endpoint.settings.keep_alive,
        };
        loop {
            match socket.next().await? {
                Message::Acknowledged => return Ok(socket),
                Message::Ping { payload } => socket.pong(payload).await?,
                Message::Pong => {}
                _ => {
                    let problem = "a message came before the connection was acknowledged";
                    return Err(protocol(problem));
                }
            }
        }
    }

    pub(super) async fn subscribe(&mut self, id: u64, body: &Bytes) -> Result<(), Broken> {
        let body = String::from_utf8_lossy(body);
        self.send(message::subscribe(id, &body)).await
    }

    pub(super) async fn complete(&mut self, id: u64) -> Result<(), Broken> {
        self.send(message::complete(id)).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), Broken> {
        self.send(message::ping().into()).await
    }

    /// Answers a ping, or shows a sign of life.
    pub(super) async fn pong(&mut self, payload: Option<Bytes>) -> Result<(), Broken> {
        let payload = payload.as_deref().map(String::from_utf8_lossy);
        self.send(message::pong(payload.as_deref())).await
    }

    /// The next message. Can be dropped while it waits, and loses nothing.
    pub(super) async fn next(&mut self) -> Result<Message, Broken> {
        loop {
            let text = match self.frames.next().await {
                Some(Ok(Frame::Text(text))) => text,
                // A server that sends binary frames still sends messages.
                Some(Ok(Frame::Binary(bytes))) => match Utf8Bytes::try_from(bytes) {
                    Ok(text) => text,
                    Err(_) => return Err(self.refuse("a message is not UTF-8").await),
                },
                // tungstenite answers pings of the socket's own kind by itself.
                Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => return Ok(Message::Pong),
                Some(Ok(Frame::Frame(_))) => continue,
                Some(Ok(Frame::Close(frame))) => return Err(closed(frame)),
                Some(Err(error)) => return Err(broken(error)),
                None => return Err(Broken::Lost(ConnectionLoss::Closed(None, String::new()))),
            };
            match Message::from_text(text) {
                Ok(Some(message)) => return Ok(message),
                // Of another version of the protocol: no reason to end what works.
                Ok(None) => {
                    tracing::debug!(target: "attendium::stream", "a message of an unknown type");
                    return Ok(Message::Pong);
                }
                Err(problem) => return Err(self.refuse(&problem).await),
            }
        }
    }

    /// Closes the socket of a server that does not keep to the protocol.
    async fn refuse(&mut self, problem: &str) -> Broken {
        self.close(4400, "not a message").await;
        protocol(&printable(problem))
    }

    /// Closes the socket, without waiting for long.
    pub(super) async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code: WireCode::from(code),
            reason: reason.into(),
        };
        let closing = self.frames.close(Some(frame));
        let _ = tokio::time::timeout(Duration::from_secs(1), closing).await;
    }

    async fn send(&mut self, text: String) -> Result<(), Broken> {
        let sending = self.frames.send(Frame::text(text));
        match tokio::time::timeout(self.write_timeout, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => Err(Broken::Lost(ConnectionLoss::Silent)),
        }
    }
}

/// Sends the first message, which holds the token: tungstenite logs each frame that it sends, and
/// keeps buffers that nobody zeroes.
async fn write_first_message(
    stream: &mut Box<dyn crate::http::Socket>,
    payload: &Json,
) -> Result<(), Broken> {
    let payload = Zeroizing::new(payload.to_string());
    let text = Zeroizing::new(message::connection_init(&payload));
    let mut key = [0; 4];
    getrandom::fill(&mut key).map_err(|error| {
        Broken::Failed(Error::RandomNumbers {
            source: Arc::new(error.into()),
        })
    })?;
    let header = FrameHeader {
        opcode: OpCode::Data(Data::Text),
        mask: Some(key),
        ..FrameHeader::default()
    };
    let length = text.len() as u64;
    let mut frame = Zeroizing::new(Vec::with_capacity(header.len(length) + text.len()));
    header.format(length, &mut *frame).map_err(broken)?;
    let masked = text.bytes().zip(key.iter().cycle());
    frame.extend(masked.map(|(byte, key)| byte ^ key));
    let writing = async {
        stream.write_all(&frame).await?;
        stream.flush().await
    };
    writing.await.map_err(|error| broken(error.into()))
}

/// Sends the handshake, and checks its answer (RFC 6455 §4.1).
async fn handshake(
    endpoint: &Endpoint,
    authorization: Option<&HeaderValue>,
    key: &str,
) -> Result<Box<dyn crate::http::Socket>, Broken> {
    let sockets = endpoint
        .sockets
        .sockets()
        .ok_or(Broken::Fatal(SubscriptionError::NoSockets))?;
    let mut request = Request::new(());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = endpoint.socket_uri.clone();
    *request.headers_mut() = endpoint.headers(authorization);
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        header::SEC_WEBSOCKET_VERSION,
        HeaderValue::from_static("13"),
    );
    headers.insert(
        header::SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    if let Ok(key) = HeaderValue::from_str(key) {
        headers.insert(header::SEC_WEBSOCKET_KEY, key);
    }
    let answer = sockets.connect(request).await.map_err(|error| {
        let error = error.with_server(&endpoint.socket_uri);
        Broken::Lost(ConnectionLoss::Transport(error))
    })?;
    let status = answer.status();
    let (head, answer) = answer.into_parts();
    let SocketAnswer::Socket(stream) = answer else {
        return Err(Broken::from_status(status));
    };
    let accepted = head.headers.get(header::SEC_WEBSOCKET_ACCEPT);
    let expected = derive_accept_key(key.as_bytes());
    if status != StatusCode::SWITCHING_PROTOCOLS
        || accepted.is_none_or(|accepted| accepted.as_bytes() != expected.as_bytes())
    {
        return Err(protocol("the handshake's answer does not fit its request"));
    }
    let chosen = head.headers.get(header::SEC_WEBSOCKET_PROTOCOL);
    if chosen.is_none_or(|chosen| chosen.as_bytes() != SUBPROTOCOL.as_bytes()) {
        return Err(Broken::Fatal(SubscriptionError::Closed {
            code: CloseCode::SubprotocolNotAcceptable,
            reason: "the server did not take graphql-transport-ws in the handshake".into(),
        }));
    }
    Ok(stream)
}

/// What a close frame means. That the server closed in order does not complete a subscription.
fn closed(frame: Option<CloseFrame>) -> Broken {
    let Some(frame) = frame else {
        return Broken::Lost(ConnectionLoss::Closed(None, String::new()));
    };
    let (code, reason) = (
        CloseCode::from(u16::from(frame.code)),
        printable(&frame.reason),
    );
    match code {
        CloseCode::Unauthorized | CloseCode::Forbidden => Broken::Refused {
            errors: Vec::new(),
            cause: ConnectionLoss::Closed(Some(code), reason),
        },
        CloseCode::BadRequest
        | CloseCode::SubprotocolNotAcceptable
        | CloseCode::SubscriberAlreadyExists
        | CloseCode::TooManyInitialisationRequests => {
            Broken::Fatal(SubscriptionError::Closed { code, reason })
        }
        _ => Broken::Lost(ConnectionLoss::Closed(Some(code), reason)),
    }
}

fn broken(error: tungstenite::Error) -> Broken {
    Broken::Lost(match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
            ConnectionLoss::Closed(None, String::new())
        }
        tungstenite::Error::Capacity(_) => {
            ConnectionLoss::Transport(TransportError::new(TransportErrorKind::TooLarge))
        }
        tungstenite::Error::Io(error) => ConnectionLoss::Transport(TransportError::with_source(
            TransportErrorKind::Interrupted,
            error,
        )),
        error => ConnectionLoss::Protocol(error.to_string()),
    })
}

fn protocol(problem: &str) -> Broken {
    Broken::Lost(ConnectionLoss::Protocol(problem.into()))
}
