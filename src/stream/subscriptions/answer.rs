//! One HTTP answer that is a stream: the events of one subscription, as server-sent events or
//! multipart.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, header};

use crate::error::{ConnectionLoss, Step};
use crate::error::{TransportError, TransportErrorKind};
use crate::graphql_error::GraphqlError;
use crate::http::Body;
use crate::http::graphql::{errors_of, is_token_rejected};
use crate::operation::OperationKind;
use crate::stream::multipart::MultipartParser;
use crate::stream::sse::{Event, EventParser};
use crate::value::Json;

use super::endpoint::Endpoint;
use super::failure::{Broken, Refusal, may_pass};
use super::message::{Message, payload_of, read_errors};
use super::settings::SubscriptionProtocol;

const SSE: &str = "text/event-stream";
const MULTIPART: &str = "multipart/mixed;subscriptionSpec=1.0, application/graphql-response+json;\
                         q=0.9, application/json;q=0.8";

/// An answer, or none yet.
pub(super) struct Answer {
    protocol: SubscriptionProtocol,
    authorization: Option<HeaderValue>,
    open: Option<Open>,
}

struct Open {
    /// Of the one subscription.
    id: u64,
    body: Body,
    parser: Parser,
    waiting: VecDeque<Message>,
    /// How the body ended, once what came before it was read.
    end: Option<ConnectionLoss>,
}

enum Parser {
    Events(EventParser),
    Multipart(MultipartParser),
    /// One response, that was read whole.
    Single,
}

impl Answer {
    pub(super) fn new(protocol: SubscriptionProtocol, authorization: Option<&HeaderValue>) -> Self {
        Self {
            protocol,
            authorization: authorization.cloned(),
            open: None,
        }
    }

    /// Sends the subscription's request, and takes the head of its answer.
    pub(super) async fn subscribe(
        &mut self,
        endpoint: &Endpoint,
        id: u64,
        body: &Bytes,
    ) -> Result<(), Broken> {
        // graphql-sse takes no other value than its own, so that both can't be asked for at once.
        let accept = match self.protocol {
            SubscriptionProtocol::Multipart => MULTIPART,
            _ => SSE,
        };
        let request = endpoint.request(
            Method::POST,
            self.authorization.as_ref(),
            accept,
            body.clone().into(),
        );
        let response = endpoint.sender.open(Step::Graphql, request).await?;
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let limit = endpoint.sender.limits.max_body_size;
        let is = |name: &str| {
            kind.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let parser = if !response.status().is_success() {
            None
        } else if is(SSE) {
            Some(Parser::Events(EventParser::new(limit)))
        } else if is("multipart/") {
            let parser = MultipartParser::from_content_type(&kind, limit)
                .map_err(|error| Broken::Lost(ConnectionLoss::Protocol(error.to_string())))?;
            Some(Parser::Multipart(parser))
        } else {
            None
        };
        let (parser, waiting, body) = match parser {
            Some(parser) => (parser, VecDeque::new(), response.into_body()),
            None => {
                let waiting = read_whole(endpoint, response, id).await?;
                (Parser::Single, waiting, Body::empty())
            }
        };
        self.open = Some(Open {
            id,
            body,
            parser,
            waiting,
            end: None,
        });
        Ok(())
    }

    /// The next message. Can be dropped while it waits, and loses nothing.
    pub(super) async fn next(&mut self) -> Result<Message, Broken> {
        let Some(open) = &mut self.open else {
            return std::future::pending().await;
        };
        loop {
            if let Some(message) = open.waiting.pop_front() {
                return Ok(message);
            }
            if let Some(end) = open.end.clone() {
                return Err(Broken::Lost(end));
            }
            match open.body.next_part().await {
                Ok(Some(bytes)) => open.read(&bytes),
                Ok(None) => open.finish(),
                Err(error) => open.end = Some(ConnectionLoss::Transport(error)),
            }
        }
    }
}

impl Open {
    fn read(&mut self, bytes: &[u8]) {
        let before = self.waiting.len();
        match &mut self.parser {
            Parser::Events(parser) => {
                let mut events = Vec::new();
                if parser.push(bytes, &mut events).is_err() {
                    self.end = Some(too_large());
                }
                let id = self.id;
                self.waiting
                    .extend(events.into_iter().filter_map(|event| from_event(id, event)));
            }
            Parser::Multipart(parser) => {
                let mut parts = Vec::new();
                if parser.push(bytes, &mut parts).is_err() {
                    self.end = Some(too_large());
                }
                let ended = parser.is_ended();
                for part in parts {
                    self.waiting.extend(from_part(self.id, part));
                }
                if ended {
                    // The closing delimiter is how a server completes a subscription.
                    self.waiting.push_back(Message::Complete { id: self.id });
                }
            }
            Parser::Single => {}
        }
        if self.waiting.len() == before {
            // A comment, a heartbeat, a piece of something: a sign of life.
            self.waiting.push_back(Message::Pong);
        }
    }

    fn finish(&mut self) {
        self.end = Some(ConnectionLoss::Ended);
        if let Parser::Multipart(parser) = &mut self.parser
            && let Some(part) = parser.finish()
        {
            self.waiting.extend(from_part(self.id, part));
        }
    }
}

/// Reads an answer that is no stream: one response, or the server's refusal.
async fn read_whole(
    endpoint: &Endpoint,
    response: Response<Body>,
    id: u64,
) -> Result<VecDeque<Message>, Broken> {
    let response = endpoint.sender.collect(Step::Graphql, response).await?;
    let status = response.status();
    if is_token_rejected(&response, OperationKind::Subscription) {
        return Err(Broken::Refused {
            errors: errors_of(response.body()),
            cause: ConnectionLoss::Status(status.as_u16()),
        });
    }
    if may_pass(status) {
        return Err(Broken::Lost(ConnectionLoss::Status(status.as_u16())));
    }
    let has_data = serde_json::from_slice::<Json>(response.body())
        .is_ok_and(|answer| answer.get("data").is_some_and(|data| !data.is_null()));
    if !status.is_success() || !has_data {
        let errors = errors_of(response.body());
        return Err(Broken::NotOffered(Refusal { status, errors }));
    }
    let payload = response.into_body();
    Ok(VecDeque::from([
        Message::Next { id, payload },
        Message::Complete { id },
    ]))
}

/// What a server-sent event means, on a connection of one subscription.
fn from_event(id: u64, event: Event) -> Option<Message> {
    match event.name.as_str() {
        "complete" => Some(Message::Complete { id }),
        "error" => Some(Message::Error {
            id,
            errors: read_errors(&event.data),
        }),
        // Some servers name no event.
        "next" | "message" | "" if !event.data.is_empty() => Some(Message::Next {
            id,
            payload: event.data.into(),
        }),
        _ => Some(Message::Pong),
    }
}

/// What a part means: `{"payload": …}`, a heartbeat `{}`, or the errors that end the subscription
/// beside a payload that is `null`.
fn from_part(id: u64, part: Vec<u8>) -> Option<Message> {
    let text = Bytes::from(part);
    let Ok(members) = serde_json::from_slice::<Json>(&text) else {
        // The reader of the event says what is wrong with it.
        return Some(Message::Next { id, payload: text });
    };
    match members.get("payload") {
        Some(Json::Null) => Some(match members.get("errors") {
            Some(errors) => Message::Error {
                id,
                errors: GraphqlError::list_from_json(errors.clone()),
            },
            None => Message::Pong,
        }),
        Some(_) => payload_of(&text).map(|payload| Message::Next { id, payload }),
        None if members.get("data").is_some() || members.get("errors").is_some() => {
            Some(Message::Next { id, payload: text })
        }
        None => Some(Message::Pong),
    }
}

pub(super) fn too_large() -> ConnectionLoss {
    ConnectionLoss::Transport(TransportError::new(TransportErrorKind::TooLarge))
}
