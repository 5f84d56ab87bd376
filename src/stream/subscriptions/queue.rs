//! What has come of a subscription and was not read yet: [`Queue`], between the task that holds the
//! connection and the stream that the application reads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::error::{ConnectionLoss, Error};
use crate::http::sent::Secrets;

use super::settings::Overflow;

/// An event that waits for its reader.
pub(super) struct QueuedEvent {
    /// A GraphQL response.
    pub(super) payload: Bytes,
    /// Those of the connection that it came by: its errors may repeat them.
    pub(super) secrets: Arc<Secrets>,
}

/// One thing that came.
pub(super) enum Item {
    Next(QueuedEvent),
    /// So many events were dropped here.
    Dropped(u64),
    /// The connection is there, for the first time or again.
    Connected,
    /// The connection was lost, and is made again after this time.
    Disconnected(ConnectionLoss, Duration),
}

/// What became of an event that was offered.
pub(super) enum Offered {
    Taken,
    /// Taken, and so many wait that it is worth to let the reader run.
    TakenAsOneOfMany,
    /// There is no room. The event comes back, for whoever waits.
    Full(QueuedEvent),
    /// The queue takes no more: the stream has ended, or nobody reads it any more.
    Closed,
}

pub(super) struct Queue {
    capacity: usize,
    overflow: Overflow,
    state: Mutex<State>,
    /// Whether room may have come, or the reader gone.
    changed: Notify,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    /// How many of the items are events.
    events: usize,
    /// How the stream ends, once the items were read.
    end: Option<Result<(), Error>>,
    reader_gone: bool,
    waker: Option<Waker>,
}

impl Queue {
    pub(super) fn new(capacity: usize, overflow: Overflow) -> Self {
        Self {
            capacity: capacity.max(1),
            overflow,
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Takes an event, or does with it what the settings say where there is no room. `overflowed`
    /// makes the error for a stream that ends by it.
    pub(super) fn offer(
        &self,
        event: QueuedEvent,
        overflowed: impl FnOnce(usize) -> Error,
    ) -> Offered {
        let mut state = self.state();
        if state.reader_gone || state.end.is_some() {
            return Offered::Closed;
        }
        if state.events >= self.capacity {
            match self.overflow {
                Overflow::Wait => return Offered::Full(event),
                Overflow::DropOldest => state.drop_oldest(),
                Overflow::Error => {
                    state.finish(Err(overflowed(self.capacity)));
                    return Offered::Closed;
                }
            }
        }
        state.items.push_back(Item::Next(event));
        state.events += 1;
        state.wake();
        if state.events * 2 >= self.capacity {
            Offered::TakenAsOneOfMany
        } else {
            Offered::Taken
        }
    }

    /// Takes what happened to the connection. A reader that does not read sees the last of several.
    pub(super) fn tell(&self, item: Item) {
        let mut state = self.state();
        if state.reader_gone || state.end.is_some() {
            return;
        }
        match (state.items.back(), &item) {
            // That the connection was lost must not be forgotten: events may be missing.
            (Some(Item::Disconnected(..)), Item::Disconnected(..)) => {
                state.items.pop_back();
            }
            (Some(Item::Connected), Item::Disconnected(..)) if state.ends_with_a_gap() => {
                state.items.pop_back();
                state.items.pop_back();
            }
            _ => {}
        }
        state.items.push_back(item);
        state.wake();
    }

    /// Ends the stream, after what is in the queue. The first end holds.
    pub(super) fn finish(&self, end: Result<(), Error>) {
        self.state().finish(end);
    }

    /// Whether the stream has ended, or nobody reads it any more.
    pub(super) fn is_closed(&self) -> bool {
        let state = self.state();
        state.reader_gone || state.end.is_some()
    }

    /// Waits until there may be room, or the reader has gone.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The next item; none at the end.
    pub(super) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Result<Item, Error>>> {
        let mut state = self.state();
        if let Some(item) = state.items.pop_front() {
            if matches!(item, Item::Next(_)) {
                state.events -= 1;
                self.changed.notify_one();
            }
            return Poll::Ready(Some(Ok(item)));
        }
        match &mut state.end {
            Some(end) => Poll::Ready(std::mem::replace(end, Ok(())).err().map(Err)),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The reader goes: nothing is kept any more.
    pub(super) fn close_reader(&self) {
        let mut state = self.state();
        state.reader_gone = true;
        state.items.clear();
        state.events = 0;
        self.changed.notify_one();
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn finish(&mut self, end: Result<(), Error>) {
        self.end.get_or_insert(end);
        self.wake();
    }

    fn ends_with_a_gap(&self) -> bool {
        let before = self.items.len().checked_sub(2);
        before.is_some_and(|at| matches!(self.items.get(at), Some(Item::Disconnected(..))))
    }

    /// Drops the oldest event, and counts it where it was.
    fn drop_oldest(&mut self) {
        let Some(at) = self
            .items
            .iter()
            .position(|item| matches!(item, Item::Next(_)))
        else {
            return;
        };
        self.events -= 1;
        let before = at.checked_sub(1).and_then(|at| self.items.get_mut(at));
        if let Some(Item::Dropped(count)) = before {
            *count += 1;
            self.items.remove(at);
        } else if let Some(item) = self.items.get_mut(at) {
            *item = Item::Dropped(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::SubscriptionError;

    fn overflowed(capacity: usize) -> Error {
        Error::Subscription {
            operation: "Op".into(),
            server: "https://api.example.com".into(),
            source: SubscriptionError::Overflow { capacity },
        }
    }

    fn offer(queue: &Queue, number: u8) -> Offered {
        let event = QueuedEvent {
            payload: Bytes::from(vec![number]),
            secrets: Arc::default(),
        };
        queue.offer(event, overflowed)
    }

    fn is_taken(offered: Offered) -> bool {
        matches!(offered, Offered::Taken | Offered::TakenAsOneOfMany)
    }

    /// What can be read at once, as text.
    fn read(queue: &Queue) -> Vec<String> {
        let mut context = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        loop {
            match queue.poll_next(&mut context) {
                Poll::Ready(Some(Ok(Item::Next(event)))) => {
                    read.push(format!("{}", event.payload[0]));
                }
                Poll::Ready(Some(Ok(Item::Dropped(count)))) => read.push(format!("-{count}")),
                Poll::Ready(Some(Ok(Item::Connected))) => read.push("up".into()),
                Poll::Ready(Some(Ok(Item::Disconnected(..)))) => read.push("down".into()),
                Poll::Ready(Some(Err(_))) => read.push("error".into()),
                Poll::Ready(None) => {
                    read.push("end".into());
                    return read;
                }
                Poll::Pending => return read,
            }
        }
    }

    #[test]
    fn the_oldest_events_are_dropped_and_counted() {
        let queue = Queue::new(2, Overflow::DropOldest);
        queue.tell(Item::Connected);
        for number in 0..5 {
            assert!(is_taken(offer(&queue, number)));
        }
        assert_eq!(read(&queue), ["up", "-3", "3", "4"]);
        queue.finish(Ok(()));
        assert!(matches!(offer(&queue, 9), Offered::Closed));
        assert_eq!(read(&queue), ["end"]);
    }

    #[test]
    fn a_queue_that_waits_gives_the_event_back() {
        let queue = Queue::new(1, Overflow::Wait);
        assert!(is_taken(offer(&queue, 1)));
        assert!(matches!(offer(&queue, 2), Offered::Full(event) if event.payload[..] == [2]));
        assert_eq!(read(&queue), ["1"]);
        assert!(is_taken(offer(&queue, 2)));
    }

    #[test]
    fn an_error_comes_after_what_was_taken() {
        let queue = Queue::new(2, Overflow::Error);
        offer(&queue, 1);
        offer(&queue, 2);
        assert!(matches!(offer(&queue, 3), Offered::Closed));
        assert_eq!(read(&queue), ["1", "2", "error", "end"]);
    }

    #[test]
    fn losses_in_a_row_are_one() {
        let queue = Queue::new(4, Overflow::Wait);
        let lost = || Item::Disconnected(ConnectionLoss::Ended, Duration::ZERO);
        queue.tell(Item::Connected);
        for _ in 0..1000 {
            queue.tell(lost());
            queue.tell(lost());
            queue.tell(Item::Connected);
        }
        offer(&queue, 1);
        queue.tell(lost());
        assert_eq!(read(&queue), ["up", "down", "up", "1", "down"]);
        queue.close_reader();
        assert!(matches!(offer(&queue, 1), Offered::Closed));
    }
}
