//! The task that holds one connection, and carries its subscriptions over every loss of it.
//!
//! Enter at [`Carrier::run`]: connect, subscribe anew for each subscription, pass on what comes,
//! and begin again when the connection is lost. Nobody waits for a reader here, unless the one
//! subscription of the connection wants it ([`Overflow::Wait`]).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::error::{ConnectionLoss, Error, SubscriptionError};
use crate::graphql_error::GraphqlError;
use crate::http::sent::Secrets;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::failure::{Broken, Refusal, error_for, is_unauthenticated, unauthorized};
use super::message::Message;
use super::queue::{Item, Offered, Queue, QueuedEvent};
use super::settings::{NewToken, Overflow, SubscriptionProtocol};

/// How often it is looked whether the session has a new token, where a connection follows it.
const TOKEN_CHECK: Duration = Duration::from_secs(5);

/// After this time a connection has held: what went wrong before it is forgotten.
const HELD: Duration = Duration::from_secs(10);

/// What the rest of the library asks a carrier for.
pub(super) enum Command {
    Join(Joining),
    /// The reader of this subscription has gone.
    Leave(u64),
    /// End all subscriptions and the connection, in order.
    Close(oneshot::Sender<()>),
}

/// A subscription on its way to a connection.
pub(super) struct Joining {
    /// The ways to ask the server that are left, after the one that is under way.
    pub(super) other_ways: &'static [SubscriptionProtocol],
    /// What the server said where it was asked in another way before.
    pub(super) refusal: Option<Refusal>,
    /// Unlike that of any other subscription of the process.
    pub(super) key: u64,
    pub(super) operation: &'static str,
    /// The request's body.
    pub(super) body: Bytes,
    pub(super) queue: Arc<Queue>,
}

/// How a carrier ended, for one that was asked whether the server offers its protocol.
pub(super) enum Ended {
    /// With these subscriptions, which came while it ended.
    Done(Vec<Joining>),
    /// Before anything came: this subscription is to be carried in another way.
    NotOffered(Joining, Refusal),
}

pub(super) struct Subscriber {
    pub(super) joining: Joining,
    /// Whether the credential was refused for it, and nothing came since.
    refused: bool,
}

pub(super) struct Carrier {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) protocol: SubscriptionProtocol,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    /// By the id on the connection, which is used once.
    pub(super) subscribers: BTreeMap<u64, Subscriber>,
    last_id: u64,
    /// Whether a connection was there.
    pub(super) worked: bool,
    /// Losses in a row.
    pub(super) losses: u32,
    pub(super) authorization: Option<HeaderValue>,
    /// Those of the connection, which the server may repeat.
    pub(super) secrets: Arc<Secrets>,
    /// Whether the credential was renewed after it was refused, and nothing came since.
    pub(super) renewed: bool,
    closing: Option<oneshot::Sender<()>>,
}

/// Why a connection is served no longer.
enum End {
    /// It has nothing to do, or was told to end.
    Finished,
    Broken(Broken),
    /// The session has a new token.
    NewToken,
}

impl Carrier {
    pub(super) fn new(
        endpoint: Arc<Endpoint>,
        protocol: SubscriptionProtocol,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            endpoint,
            protocol,
            commands,
            subscribers: BTreeMap::new(),
            last_id: 0,
            worked: false,
            losses: 0,
            authorization: None,
            secrets: Arc::default(),
            renewed: false,
            closing: None,
        }
    }

    /// Carries subscriptions until none is left for some time.
    pub(super) async fn run(mut self) -> Ended {
        if self.wait_for_subscriber().await {
            loop {
                let end = match self.connect().await {
                    Ok(mut connection) => self.serve(&mut connection).await,
                    Err(broken) => End::Broken(broken),
                };
                let broken = match end {
                    End::Finished => break,
                    End::NewToken => {
                        self.tell_all(&ConnectionLoss::Ended, Duration::ZERO);
                        continue;
                    }
                    End::Broken(broken) => broken,
                };
                if let Some(ended) = self.recover(broken).await {
                    return ended;
                }
                if self.subscribers.is_empty() && !self.wait_for_subscriber().await {
                    break;
                }
            }
        }
        self.close()
    }

    /// Ends what is left, which the application asked for: that is no error.
    pub(super) fn close(&mut self) -> Ended {
        for subscriber in std::mem::take(&mut self.subscribers).into_values() {
            subscriber.joining.queue.finish(Ok(()));
        }
        if let Some(closing) = self.closing.take() {
            let _ = closing.send(());
        }
        self.commands.close();
        let mut late = Vec::new();
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Join(joining) => late.push(joining),
                Command::Leave(key) => late.retain(|joining| joining.key != key),
                Command::Close(done) => {
                    let _ = done.send(());
                }
            }
        }
        Ended::Done(late)
    }

    /// Waits for a subscription while there is none. False where none comes in time.
    async fn wait_for_subscriber(&mut self) -> bool {
        let idle = self.endpoint.settings.idle_timeout;
        while self.subscribers.is_empty() {
            match tokio::time::timeout(idle, self.commands.recv()).await {
                Ok(Some(command)) => {
                    if !self.take(command) {
                        return false;
                    }
                }
                Ok(None) | Err(_) => return false,
            }
        }
        true
    }

    /// Takes a command while there is no connection. False where all is to end.
    pub(super) fn take(&mut self, command: Command) -> bool {
        match command {
            Command::Join(joining) => {
                self.add(joining);
            }
            Command::Leave(key) => {
                self.remove(key);
            }
            Command::Close(done) => {
                self.closing = Some(done);
                return false;
            }
        }
        true
    }

    /// Takes a subscription in. Gives its id.
    fn add(&mut self, joining: Joining) -> u64 {
        let id = self.fresh_id();
        let refused = false;
        self.subscribers.insert(id, Subscriber { joining, refused });
        id
    }

    /// Takes the subscription with this key out. Gives its id, where it is here.
    fn remove(&mut self, key: u64) -> Option<u64> {
        let mut subscribers = self.subscribers.iter();
        let (&id, _) = subscribers.find(|(_, subscriber)| subscriber.joining.key == key)?;
        self.subscribers.remove(&id);
        Some(id)
    }

    fn fresh_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Makes a connection, and subscribes for all.
    async fn connect(&mut self) -> Result<Connection, Broken> {
        if !self.renewed {
            self.authorization = self.endpoint.authorize.header().await?;
        }
        let authorization = self.authorization.as_ref();
        self.secrets = Arc::new(Secrets::of_authorization(authorization));
        let mut connection = Connection::open(self.protocol, &self.endpoint, authorization).await?;
        if let Some(token) = connection.stream_token()
            && let Some(secrets) = Arc::get_mut(&mut self.secrets)
        {
            secrets.add(token.to_owned());
        }
        // Ids are not used again: a late message to the old one must not be taken for ours.
        for subscriber in std::mem::take(&mut self.subscribers).into_values() {
            let id = self.fresh_id();
            self.subscribers.insert(id, subscriber);
        }
        for (&id, subscriber) in &self.subscribers {
            self.subscribe(&mut connection, id, subscriber).await?;
        }
        self.worked = true;
        self.endpoint.remember(self.protocol);
        Ok(connection)
    }

    async fn subscribe(
        &self,
        connection: &mut Connection,
        id: u64,
        subscriber: &Subscriber,
    ) -> Result<(), Broken> {
        let Joining { body, queue, .. } = &subscriber.joining;
        connection.subscribe(&self.endpoint, id, body).await?;
        queue.tell(Item::Connected);
        Ok(())
    }

    /// Passes on what comes, until the connection ends.
    async fn serve(&mut self, connection: &mut Connection) -> End {
        let endpoint = Arc::clone(&self.endpoint);
        let settings = &endpoint.settings;
        let mut last_heard = Instant::now();
        let (mut pinged, mut idle_since) = (false, None);
        let began = Instant::now();
        let mut token_check = tokio::time::interval(TOKEN_CHECK);
        token_check.tick().await;
        let silence = if connection.can_ping() {
            Some(settings.keep_alive)
        } else {
            settings.silence_limit
        };
        loop {
            if self.subscribers.is_empty() {
                idle_since.get_or_insert_with(Instant::now);
            } else {
                idle_since = None;
            }
            let outcome = tokio::select! {
                biased;
                command = self.commands.recv() => match command {
                    Some(command) => self.take_now(connection, command).await,
                    // The session and all streams have gone.
                    None => Err(End::Finished),
                },
                message = connection.next() => match message {
                    Ok(message) => {
                        (last_heard, pinged) = (Instant::now(), false);
                        self.receive(connection, message).await
                    }
                    Err(broken) => Err(End::Broken(broken)),
                },
                () = until(Some(last_heard), silence) => {
                    if pinged || !connection.can_ping() {
                        Err(End::Broken(Broken::Lost(ConnectionLoss::Silent)))
                    } else {
                        (last_heard, pinged) = (Instant::now(), true);
                        connection.ping().await.map_err(End::Broken)
                    }
                },
                () = until(idle_since, Some(settings.idle_timeout)) => Err(End::Finished),
                _ = token_check.tick(), if settings.new_token == NewToken::Reconnect => {
                    self.check_token().await
                },
            };
            if let Err(end) = outcome {
                if began.elapsed() >= HELD {
                    (self.losses, self.renewed) = (0, false);
                }
                if !matches!(end, End::Broken(_)) {
                    self.complete_all(connection).await;
                }
                return end;
            }
        }
    }

    /// Takes a command while there is a connection.
    async fn take_now(&mut self, connection: &mut Connection, command: Command) -> Result<(), End> {
        match command {
            Command::Join(joining) => {
                let id = self.add(joining);
                match self.subscribers.get(&id) {
                    Some(new) => self
                        .subscribe(connection, id, new)
                        .await
                        .map_err(End::Broken),
                    None => Ok(()),
                }
            }
            Command::Leave(key) => self.leave(connection, key).await,
            Command::Close(done) => {
                self.closing = Some(done);
                Err(End::Finished)
            }
        }
    }

    /// The reader of this subscription has gone.
    async fn leave(&mut self, connection: &mut Connection, key: u64) -> Result<(), End> {
        let Some(id) = self.remove(key) else {
            return Ok(());
        };
        if !self.protocol.carries_many() {
            return Err(End::Finished);
        }
        let completing = connection.complete(&self.endpoint, id).await;
        completing.map_err(End::Broken)
    }

    /// The server has ended this subscription. Where it is not known any more, its end was on the
    /// way.
    fn end(&mut self, id: u64, end: Result<(), Error>) -> Result<(), End> {
        let Some(subscriber) = self.subscribers.remove(&id) else {
            return Ok(());
        };
        subscriber.joining.queue.finish(end);
        if self.protocol.carries_many() {
            Ok(())
        } else {
            Err(End::Finished)
        }
    }

    async fn receive(&mut self, connection: &mut Connection, message: Message) -> Result<(), End> {
        match message {
            Message::Next { id, payload } => self.deliver(connection, id, payload).await,
            Message::Error { id, errors } => self.fail(id, errors),
            Message::Complete { id } => self.end(id, Ok(())),
            Message::Ping { payload } => connection.pong(payload).await.map_err(End::Broken),
            Message::Acknowledged | Message::Pong => Ok(()),
        }
    }

    /// Puts an event into its subscription's queue. One of an id that is not known any more was on
    /// its way when the subscription ended.
    async fn deliver(
        &mut self,
        connection: &mut Connection,
        id: u64,
        payload: Bytes,
    ) -> Result<(), End> {
        (self.losses, self.renewed) = (0, false);
        let mut event = QueuedEvent {
            payload,
            secrets: Arc::clone(&self.secrets),
        };
        loop {
            let Some(subscriber) = self.subscribers.get_mut(&id) else {
                return Ok(());
            };
            subscriber.refused = false;
            let Joining {
                key,
                operation,
                ref queue,
                ..
            } = subscriber.joining;
            let queue = Arc::clone(queue);
            let overflowed = |capacity| {
                error_for(
                    &self.endpoint,
                    operation,
                    SubscriptionError::Overflow { capacity },
                )
            };
            match queue.offer(event, overflowed) {
                Offered::Taken => return Ok(()),
                Offered::TakenAsOneOfMany => {
                    // A reader on this thread must be able to keep up.
                    if queue.overflow() != Overflow::Wait {
                        tokio::task::yield_now().await;
                    }
                    return Ok(());
                }
                Offered::Closed => return self.leave(connection, key).await,
                Offered::Full(back) => event = back,
            }
            // The server sees that the connection lives, although nothing is read from it.
            tokio::select! {
                () = queue.changed() => {}
                Some(command) = self.commands.recv() => self.take_now(connection, command).await?,
                () = tokio::time::sleep(self.endpoint.settings.keep_alive / 2) => {
                    connection.pong(None).await.map_err(End::Broken)?;
                }
            }
        }
    }

    /// Ends a subscription with the errors that the server sent, or sees to another credential
    /// where they refuse this one.
    fn fail(&mut self, id: u64, mut errors: Vec<GraphqlError>) -> Result<(), End> {
        let is_refusal = errors.iter().any(is_unauthenticated);
        self.secrets.remove_from_errors(&mut errors);
        if !is_refusal {
            return self.end(id, Err(Error::Graphql(errors.into())));
        }
        match self.subscribers.get_mut(&id) {
            Some(subscriber) if !subscriber.refused => {
                subscriber.refused = true;
                Err(End::Broken(Broken::Refused {
                    errors,
                    cause: ConnectionLoss::Ended,
                }))
            }
            _ => self.end(id, Err(unauthorized(errors))),
        }
    }

    /// Follows the session's token.
    async fn check_token(&mut self) -> Result<(), End> {
        match self.endpoint.authorize.header().await {
            Ok(header) if header != self.authorization => Err(End::NewToken),
            // A failing refresh is no reason to end what works.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Tells the server that all subscriptions end, and closes the connection.
    async fn complete_all(&mut self, connection: &mut Connection) {
        for &id in self.subscribers.keys() {
            if connection.complete(&self.endpoint, id).await.is_err() {
                break;
            }
        }
        connection.close().await;
    }
}

/// Until so long after this time; for ever where there is no time or no limit.
async fn until(since: Option<Instant>, limit: Option<Duration>) {
    let deadline = since.zip(limit);
    match deadline.and_then(|(since, limit)| since.checked_add(limit)) {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
