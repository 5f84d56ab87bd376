//! One stream of server-sent events that carries many subscriptions (graphql-sse, "single
//! connection mode").
//!
//! `PUT` reserves the stream and gives its token, `GET` opens it, `POST` begins a subscription
//! whose events come on the stream, `DELETE` ends one.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::error::{ConnectionLoss, Step};
use crate::http::Body;
use crate::http::graphql::errors_of;
use crate::stream::sse::{Event, EventParser};

use super::answer::too_large;
use super::endpoint::Endpoint;
use super::failure::Broken;
use super::message::{self, Message};

const TOKEN: HeaderName = HeaderName::from_static("x-graphql-event-stream-token");
const JSON: &str = "application/json";

pub(super) struct SingleConnection {
    authorization: Option<HeaderValue>,
    token: HeaderValue,
    body: Body,
    parser: EventParser,
    waiting: VecDeque<Message>,
    /// How it ended, once what came before was read.
    end: Option<ConnectionLoss>,
}

impl SingleConnection {
    pub(super) async fn open(
        endpoint: &Endpoint,
        authorization: Option<&HeaderValue>,
    ) -> Result<Self, Broken> {
        let request = endpoint.request(Method::PUT, authorization, "text/plain", Body::empty());
        let response = endpoint.sender.open(Step::Graphql, request).await?;
        let status = response.status();
        let response = endpoint.sender.collect(Step::Graphql, response).await?;
        if !status.is_success() {
            return Err(Broken::from_status(status));
        }
        let mut token = HeaderValue::from_bytes(response.body().trim_ascii()).map_err(|_| {
            Broken::Lost(ConnectionLoss::Protocol(
                "the token of the stream can't be a header".into(),
            ))
        })?;
        token.set_sensitive(true);
        let mut request = endpoint.request(
            Method::GET,
            authorization,
            "text/event-stream",
            Body::empty(),
        );
        request.headers_mut().insert(TOKEN, token.clone());
        let response = endpoint.sender.open(Step::Graphql, request).await?;
        if !response.status().is_success() {
            return Err(Broken::from_status(response.status()));
        }
        Ok(Self {
            authorization: authorization.cloned(),
            token,
            body: response.into_body(),
            parser: EventParser::new(endpoint.sender.limits.max_body_size),
            waiting: VecDeque::new(),
            end: None,
        })
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.to_str().ok()
    }

    pub(super) async fn subscribe(
        &mut self,
        endpoint: &Endpoint,
        id: u64,
        body: &Bytes,
    ) -> Result<(), Broken> {
        let body = message::body_with_id(&String::from_utf8_lossy(body), id).unwrap_or_default();
        let authorization = self.authorization.as_ref();
        let mut request = endpoint.request(Method::POST, authorization, JSON, body.into());
        request.headers_mut().insert(TOKEN, self.token.clone());
        let response = endpoint.sender.open(Step::Graphql, request).await?;
        let status = response.status();
        let response = endpoint.sender.collect(Step::Graphql, response).await?;
        if status.is_success() {
            return Ok(());
        }
        let errors = errors_of(response.body());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Broken::Refused {
                errors,
                cause: ConnectionLoss::Status(status.as_u16()),
            }),
            // The operation was refused, and the connection is as it was.
            _ if !errors.is_empty() => {
                self.waiting.push_back(Message::Error { id, errors });
                Ok(())
            }
            status => Err(Broken::from_status(status)),
        }
    }

    pub(super) async fn complete(&mut self, endpoint: &Endpoint, id: u64) -> Result<(), Broken> {
        let authorization = self.authorization.as_ref();
        let mut request = endpoint.request(Method::DELETE, authorization, JSON, Body::empty());
        let path = endpoint.uri.path_and_query().map(|path| path.as_str());
        let path = path.unwrap_or_default();
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut parts = endpoint.uri.clone().into_parts();
        parts.path_and_query = format!("{path}{separator}operationId={id}").parse().ok();
        if let Ok(uri) = http::Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        request.headers_mut().insert(TOKEN, self.token.clone());
        // Events of it that come meanwhile are nobody's, and passed over.
        let response = endpoint.sender.open(Step::Graphql, request).await?;
        endpoint.sender.collect(Step::Graphql, response).await?;
        Ok(())
    }

    /// The next message. Can be dropped while it waits, and loses nothing.
    pub(super) async fn next(&mut self) -> Result<Message, Broken> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Ok(message);
            }
            if let Some(end) = self.end.clone() {
                return Err(Broken::Lost(end));
            }
            match self.body.next_part().await {
                Ok(Some(bytes)) => self.read(&bytes),
                Ok(None) => self.end = Some(ConnectionLoss::Ended),
                Err(error) => self.end = Some(ConnectionLoss::Transport(error)),
            }
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        let mut events = Vec::new();
        if self.parser.push(bytes, &mut events).is_err() {
            self.end = Some(too_large());
        }
        for Event { name, data } in events {
            match Message::from_event(&name, &data.into()) {
                Ok(message) => self.waiting.extend(message),
                Err(problem) => {
                    self.end = Some(ConnectionLoss::Protocol(problem));
                    break;
                }
            }
        }
        if self.waiting.is_empty() {
            // A comment, a piece of something: a sign of life.
            self.waiting.push_back(Message::Pong);
        }
    }
}
