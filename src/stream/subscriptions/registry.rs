//! The subscriptions of a session, and the tasks that carry them: [`Subscriptions`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::carrier::{Carrier, Command, Ended, Joining};
use super::endpoint::Endpoint;
use super::failure::{Refusal, not_offered};
use super::settings::{Overflow, SubscriptionProtocol};

type Commands = mpsc::UnboundedSender<Command>;

pub(crate) struct Subscriptions {
    endpoint: Arc<Endpoint>,
    last_key: AtomicU64,
    tasks: Mutex<Tasks>,
}

#[derive(Default)]
struct Tasks {
    /// Of the connection that subscriptions share.
    shared: Option<Commands>,
    /// Who carries each subscription, until its stream is dropped.
    of_key: HashMap<u64, Commands>,
}

impl Subscriptions {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint: Arc::new(endpoint),
            last_key: AtomicU64::new(0),
            tasks: Mutex::default(),
        }
    }

    pub(super) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }

    pub(super) fn next_key(&self) -> u64 {
        self.last_key.fetch_add(1, Ordering::Relaxed)
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a subscription carried in the first of its ways.
    pub(super) fn start(self: &Arc<Self>, joining: Joining) {
        if let Some((protocol, other_ways)) = self.endpoint.ways().split_first() {
            self.start_with(
                *protocol,
                Joining {
                    other_ways,
                    ..joining
                },
            );
        }
    }

    /// Has a subscription carried, over a connection that is there or a new one.
    fn start_with(self: &Arc<Self>, protocol: SubscriptionProtocol, joining: Joining) {
        let is_shared = protocol.carries_many() && joining.queue.overflow() != Overflow::Wait;
        let mut tasks = self.tasks();
        let mut joining = joining;
        if is_shared && let Some(shared) = tasks.shared.clone() {
            tasks.of_key.insert(joining.key, shared.clone());
            match shared.send(Command::Join(joining)) {
                // It has ended since.
                Err(mpsc::error::SendError(Command::Join(back))) => joining = back,
                _ => return,
            }
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        if is_shared {
            tasks.shared = Some(sender.clone());
        }
        tasks.of_key.insert(joining.key, sender.clone());
        // The receiver is there.
        let _ = sender.send(Command::Join(joining));
        let carrier = Carrier::new(Arc::clone(&self.endpoint), protocol, receiver);
        // Weak: the session's end is the end of its connections.
        let subscriptions = Arc::downgrade(self);
        tokio::spawn(async move {
            let ended = carrier.run().await;
            let subscriptions = subscriptions.upgrade();
            match (ended, subscriptions) {
                (Ended::Done(late), Some(subscriptions)) => {
                    late.into_iter()
                        .for_each(|joining| subscriptions.start(joining));
                }
                (Ended::NotOffered(joining, refusal), Some(subscriptions)) => {
                    subscriptions.try_next(joining, refusal);
                }
                (_, None) => {}
            }
        });
    }

    /// Has a subscription carried in the next way, as the server did not take this one.
    fn try_next(self: &Arc<Self>, mut joining: Joining, refusal: Refusal) {
        let Some((protocol, other_ways)) = joining.other_ways.split_first() else {
            return;
        };
        // The first one that says why is worth the most: it answers the usual request.
        let says_why = |refusal: &Refusal| !refusal.errors.is_empty();
        if !joining.refusal.as_ref().is_some_and(says_why) {
            joining.refusal = Some(refusal);
        }
        joining.other_ways = other_ways;
        let has_sockets = self.endpoint.sockets.sockets().is_some();
        if *protocol == SubscriptionProtocol::WebSocket && !has_sockets {
            if let Some(refusal) = joining.refusal.take() {
                let error = not_offered(&self.endpoint, joining.operation, None, refusal);
                joining.queue.finish(Err(error));
            }
        } else if !joining.queue.is_closed() {
            self.start_with(*protocol, joining);
        }
    }

    /// The stream of a subscription was dropped.
    pub(super) fn leave(&self, key: u64) {
        let commands = self.tasks().of_key.remove(&key);
        if let Some(commands) = commands {
            let _ = commands.send(Command::Leave(key));
        }
    }

    /// Ends all subscriptions and their connections, in order, and waits for it.
    pub(crate) async fn close(&self) {
        let senders: Vec<Commands> = {
            let mut tasks = self.tasks();
            let shared = tasks.shared.take();
            shared
                .into_iter()
                .chain(tasks.of_key.drain().map(|(_, sender)| sender))
                .collect()
        };
        let mut ends = Vec::new();
        for sender in senders {
            let (done, end) = oneshot::channel();
            if sender.send(Command::Close(done)).is_ok() {
                ends.push(end);
            }
        }
        for end in ends {
            // A task that was told twice drops the second one: it has ended.
            let _ = end.await;
        }
    }
}
