//! The ways in which events come, as one: [`Connection`].

use bytes::Bytes;
use http::HeaderValue;

use super::answer::Answer;
use super::endpoint::Endpoint;
use super::failure::Broken;
use super::message::Message;
use super::settings::SubscriptionProtocol;
use super::single::SingleConnection;
use super::socket::Socket;

pub(super) enum Connection {
    Socket(Box<Socket>),
    Single(Box<SingleConnection>),
    /// Of one subscription.
    Answer(Box<Answer>),
}

impl Connection {
    pub(super) async fn open(
        protocol: SubscriptionProtocol,
        endpoint: &Endpoint,
        authorization: Option<&HeaderValue>,
    ) -> Result<Self, Broken> {
        Ok(match protocol {
            SubscriptionProtocol::WebSocket => {
                Self::Socket(Box::new(Socket::open(endpoint, authorization).await?))
            }
            SubscriptionProtocol::ServerSentEventsSingle => {
                let connection = SingleConnection::open(endpoint, authorization).await?;
                Self::Single(Box::new(connection))
            }
            // The registry chose one: a carrier never has `Auto`.
            SubscriptionProtocol::Auto
            | SubscriptionProtocol::ServerSentEvents
            | SubscriptionProtocol::Multipart => {
                Self::Answer(Box::new(Answer::new(protocol, authorization)))
            }
        })
    }

    /// Begins a subscription. Its messages have this id.
    pub(super) async fn subscribe(
        &mut self,
        endpoint: &Endpoint,
        id: u64,
        body: &Bytes,
    ) -> Result<(), Broken> {
        match self {
            Self::Socket(socket) => socket.subscribe(id, body).await,
            Self::Single(single) => single.subscribe(endpoint, id, body).await,
            Self::Answer(answer) => answer.subscribe(endpoint, id, body).await,
        }
    }

    /// Ends a subscription.
    pub(super) async fn complete(&mut self, endpoint: &Endpoint, id: u64) -> Result<(), Broken> {
        match self {
            Self::Socket(socket) => socket.complete(id).await,
            Self::Single(single) => single.complete(endpoint, id).await,
            // Its connection ends with it.
            Self::Answer(_) => Ok(()),
        }
    }

    /// The next message. Can be dropped while it waits, and loses nothing.
    pub(super) async fn next(&mut self) -> Result<Message, Broken> {
        match self {
            Self::Socket(socket) => socket.next().await,
            Self::Single(single) => single.next().await,
            Self::Answer(answer) => answer.next().await,
        }
    }

    /// The secret by which requests name the connection, where there is one.
    pub(super) fn stream_token(&self) -> Option<&str> {
        match self {
            Self::Single(single) => single.token(),
            Self::Socket(_) | Self::Answer(_) => None,
        }
    }

    /// Whether the server can be asked for a sign of life.
    pub(super) fn can_ping(&self) -> bool {
        matches!(self, Self::Socket(_))
    }

    pub(super) async fn ping(&mut self) -> Result<(), Broken> {
        match self {
            Self::Socket(socket) => socket.ping().await,
            Self::Single(_) | Self::Answer(_) => Ok(()),
        }
    }

    /// Answers a ping, or shows a sign of life.
    pub(super) async fn pong(&mut self, payload: Option<Bytes>) -> Result<(), Broken> {
        match self {
            Self::Socket(socket) => socket.pong(payload).await,
            Self::Single(_) | Self::Answer(_) => Ok(()),
        }
    }

    pub(super) async fn close(&mut self) {
        if let Self::Socket(socket) = self {
            socket.close(1000, "").await;
        }
    }
}
