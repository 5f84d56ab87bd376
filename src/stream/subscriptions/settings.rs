//! How subscriptions are carried and kept alive: [`SubscriptionSettings`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::value::Json;

/// The ways in which a server sends the events of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SubscriptionProtocol {
    /// What the server offers: it is asked for server-sent events first, then for multipart, then
    /// over a socket. What it takes is remembered by the session.
    #[default]
    Auto,
    /// graphql-transport-ws: one WebSocket for all subscriptions.
    WebSocket,
    /// Server-sent events, one request for each subscription (graphql-sse, "distinct connections").
    ServerSentEvents,
    /// Server-sent events, one connection for all subscriptions (graphql-sse, "single connection").
    ServerSentEventsSingle,
    /// `multipart/mixed`, one request for each subscription, as Apollo's and Hive's routers send
    /// it.
    Multipart,
}

impl SubscriptionProtocol {
    /// Whether one connection carries many subscriptions.
    pub(super) fn carries_many(self) -> bool {
        matches!(self, Self::WebSocket | Self::ServerSentEventsSingle)
    }
}

/// What happens to events that come faster than the application reads them.
///
/// None of them stalls another subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Overflow {
    /// The subscription ends with an error.
    #[default]
    Error,
    /// The oldest event that waits is dropped. The stream's
    /// [`updates`](crate::subscription::SubscriptionStream::updates) say how many were.
    DropOldest,
    /// Nothing is read from the server until there is room, so that it has to wait. The
    /// subscription has a connection of its own.
    Wait,
}

/// What happens to a socket when the session has a new access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NewToken {
    /// It stays: most servers look at the token when a connection begins. One that closes it when
    /// the token expires gets a new connection with a new token.
    #[default]
    Keep,
    /// A new connection is made with the new token, and the subscriptions move to it.
    Reconnect,
}

/// Settings of a session's subscriptions.
///
/// ```
/// use std::time::Duration;
/// use attendium::Session;
/// use attendium::subscription::{Overflow, SubscriptionProtocol, SubscriptionSettings};
///
/// # fn main() -> Result<(), attendium::Error> {
/// let settings = SubscriptionSettings::new()
///     .protocol(SubscriptionProtocol::WebSocket)
///     .queue(100, Overflow::DropOldest)
///     .max_reconnects(20);
/// let session = Session::builder()
///     .base_url("https://api.example.com")
///     .application("Guest list")
///     .subscriptions(settings)
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct SubscriptionSettings {
    pub(crate) protocol: SubscriptionProtocol,
    pub(crate) socket_url: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) init_payload: InitPayload,
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
    pub(crate) new_token: NewToken,
    pub(crate) acknowledge_timeout: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) silence_limit: Option<Duration>,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_reconnects: u32,
    pub(crate) first_delay: Duration,
    pub(crate) max_delay: Duration,
}

/// Makes what the first message on a socket carries, from the `Authorization` header.
pub(crate) type InitPayload = Arc<dyn Fn(Option<&HeaderValue>) -> Json + Send + Sync>;

impl fmt::Debug for SubscriptionSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionSettings")
            .field("protocol", &self.protocol)
            .field("socket_url", &self.socket_url)
            .field("capacity", &self.capacity)
            .field("overflow", &self.overflow)
            .field("new_token", &self.new_token)
            .finish_non_exhaustive()
    }
}

impl Default for SubscriptionSettings {
    fn default() -> Self {
        Self::new()
    }
}

impl SubscriptionSettings {
    /// The default settings: each setter names its own.
    pub fn new() -> Self {
        Self {
            protocol: SubscriptionProtocol::Auto,
            socket_url: None,
            headers: HeaderMap::new(),
            init_payload: Arc::new(authorization_payload),
            capacity: 1024,
            overflow: Overflow::Error,
            new_token: NewToken::Keep,
            acknowledge_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(20),
            silence_limit: None,
            idle_timeout: Duration::from_secs(5),
            max_reconnects: 10,
            first_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(30),
        }
    }

    /// Sets how events come. What the server offers, by default.
    pub fn protocol(mut self, protocol: SubscriptionProtocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Sets the URL of the socket (`wss://…` or `https://…`), where it is not that of the GraphQL
    /// API. Its origin must be the server's, or one that
    /// [`SessionBuilder::allow_origin`](crate::SessionBuilder::allow_origin) names.
    pub fn socket_url(mut self, url: impl Into<String>) -> Self {
        self.socket_url = Some(url.into());
        self
    }

    /// Sends this header with every request that begins a subscription or opens a socket.
    /// `Authorization` stays the session's.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the payload of a socket's first message, made anew for each connection from the
    /// `Authorization` header (none where the session sends no credential).
    ///
    /// By default it is `{"Authorization": "Bearer …"}`. Some servers want it elsewhere:
    ///
    /// ```
    /// use attendium::subscription::SubscriptionSettings;
    /// use serde_json::json;
    ///
    /// // Hasura's
    /// let settings = SubscriptionSettings::new().init_payload(|authorization| {
    ///     let value = authorization.and_then(|value| value.to_str().ok());
    ///     json!({ "headers": { "Authorization": value } })
    /// });
    /// ```
    pub fn init_payload(
        mut self,
        payload: impl Fn(Option<&HeaderValue>) -> Json + Send + Sync + 'static,
    ) -> Self {
        self.init_payload = Arc::new(payload);
        self
    }

    /// Sets how many events of a subscription may wait to be read, and what happens to more of
    /// them. 1,024 and an error, by default.
    pub fn queue(mut self, capacity: usize, overflow: Overflow) -> Self {
        self.capacity = capacity;
        self.overflow = overflow;
        self
    }

    /// Sets what happens to a socket when the session has a new token. It stays, by default.
    pub fn on_new_token(mut self, new_token: NewToken) -> Self {
        self.new_token = new_token;
        self
    }

    /// Limits the time for the server to acknowledge a socket. 10 s by default.
    pub fn acknowledge_timeout(mut self, timeout: Duration) -> Self {
        self.acknowledge_timeout = timeout;
        self
    }

    /// Sets after how much silence a socket is asked for a sign of life. After the same time
    /// without an answer it counts as lost. 20 s by default.
    pub fn keep_alive(mut self, interval: Duration) -> Self {
        self.keep_alive = interval;
        self
    }

    /// Limits how long server-sent events and multipart may be silent, for a server that sends
    /// heartbeats. No limit by default: dead connections are noticed by TCP's own probes.
    pub fn silence_limit(mut self, limit: Duration) -> Self {
        self.silence_limit = Some(limit);
        self
    }

    /// Sets how long a socket without subscriptions stays open. 5 s by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Limits how often a connection that was lost is made again, counted from the last event. 10
    /// by default.
    pub fn max_reconnects(mut self, attempts: u32) -> Self {
        self.max_reconnects = attempts;
        self
    }

    /// Sets the first and the longest wait before a connection is made again. The wait doubles each
    /// time, and a random part of it is taken. 500 ms and 30 s by default.
    pub fn reconnect_delay(mut self, first: Duration, longest: Duration) -> Self {
        self.first_delay = first;
        self.max_delay = longest;
        self
    }

    /// The wait before this attempt, the first of which is 1. `jitter` is in 0..1.
    pub(super) fn delay(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = 2f64.powi(i32::try_from(attempt.saturating_sub(1).min(20)).unwrap_or(20));
        let longest = self.max_delay.as_secs_f64();
        let seconds = (self.first_delay.as_secs_f64() * doubled).min(longest) * jitter;
        Duration::try_from_secs_f64(seconds).unwrap_or(self.max_delay)
    }
}

fn authorization_payload(authorization: Option<&HeaderValue>) -> Json {
    let mut members = serde_json::Map::new();
    if let Some(value) = authorization.and_then(|value| value.to_str().ok()) {
        members.insert("Authorization".into(), value.into());
    }
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_never_overflow() {
        let settings = SubscriptionSettings::new();
        assert_eq!(settings.delay(1, 1.0), Duration::from_millis(500));
        assert_eq!(settings.delay(3, 0.5), Duration::from_secs(1));
        assert_eq!(settings.delay(u32::MAX, 1.0), Duration::from_secs(30));
        let boundless = settings.reconnect_delay(Duration::MAX, Duration::MAX);
        for attempt in [0, 1, 7, u32::MAX] {
            boundless.delay(attempt, 0.999);
        }
    }
}
