//! What the application reads: [`SubscriptionStream`], and [`SubscriptionUpdates`], which also
//! tells of the connection.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;

use crate::error::{ConnectionLoss, Error, SubscriptionError};
use crate::http::BoxFuture;
use crate::json::DecodeError;
use crate::operation::{self, Operation, OperationKind};
use crate::response::{Response, decode};

use super::carrier::Joining;
use super::failure::error_for;
use super::queue::{Item, Queue};
use super::registry::Subscriptions;

/// The events of a subscription: a [`Stream`] of its data, or of what went wrong.
///
/// [`Session::subscribe`](crate::Session::subscribe) makes one. Nothing is sent before it is polled
/// for the first time, in a tokio runtime. When the connection is lost, it is made again and the
/// server is asked again; dropping the stream tells the server that it ends.
///
/// | item | what happened | what follows |
/// |---|---|---|
/// | `Ok(data)` | an event | more |
/// | `Err(`[`Error::Graphql`]`)` | an event with errors, or the server ended the subscription by them | more; or the end |
/// | `Err(`[`Error::Decode`]`)` | an event that is not what the schema says | more |
/// | `Err(`[`Error::Subscription`]`)` | the connection was lost and given up, or the reader was too slow | the end |
/// | another `Err` | no credential is to be had | the end |
/// | `None` | the server has completed the subscription, or the session was told to end it | |
#[must_use = "a stream does nothing until it is polled"]
pub struct SubscriptionStream<T> {
    updates: SubscriptionUpdates<T>,
    catch_up: Option<CatchUp<T>>,
}

/// What fills a gap after the connection was lost.
struct CatchUp<T> {
    fetch: Box<dyn FnMut() -> BoxFuture<'static, Result<Vec<T>, Error>> + Send>,
    /// Whether events may be missing.
    gap: bool,
    running: Option<BoxFuture<'static, Result<Vec<T>, Error>>>,
    found: VecDeque<T>,
}

/// Something that happened to a subscription.
#[derive(Debug)]
#[non_exhaustive]
pub enum SubscriptionUpdate<T> {
    /// An event, whole: data, errors and extensions.
    Event(Response<T>),
    /// The subscription's request was sent, for the first time or again. After
    /// [`Disconnected`](Self::Disconnected), events from the time in between are missing.
    Connected,
    /// The connection was lost. It is made again after this time.
    Disconnected {
        /// Why.
        cause: ConnectionLoss,
        /// The wait before the next attempt.
        retry_in: Duration,
    },
    /// So many events were dropped here, because the application reads too slowly
    /// ([`Overflow::DropOldest`](super::Overflow::DropOldest)).
    Dropped(u64),
}

/// As [`SubscriptionStream`], with all that happens to the connection:
/// [`SubscriptionStream::updates`] makes one.
#[must_use = "a stream does nothing until it is polled"]
pub struct SubscriptionUpdates<T> {
    subscriptions: Arc<Subscriptions>,
    key: u64,
    queue: Arc<Queue>,
    /// Until the first poll.
    begin: Option<Bytes>,
    operation: &'static str,
    decode: fn(&[u8]) -> Result<Response<T>, DecodeError>,
}

impl<T> SubscriptionStream<T> {
    pub(crate) fn new<O>(subscriptions: &Arc<Subscriptions>, operation: &O) -> Self
    where
        O: Operation<Data = T, Kind = operation::Subscription>,
    {
        let endpoint = subscriptions.endpoint();
        let settings = &endpoint.settings;
        let queue = Queue::new(settings.capacity, settings.overflow);
        let (body, uploads) = operation::body_and_uploads(operation);
        if !uploads.is_empty() {
            let error = error_for(endpoint, O::INFO.name, SubscriptionError::HasFiles);
            queue.finish(Err(error));
        }
        let updates = SubscriptionUpdates {
            key: subscriptions.next_key(),
            queue: Arc::new(queue),
            begin: uploads.is_empty().then(|| body.into()),
            operation: O::INFO.name,
            decode: decode::<O>,
            subscriptions: Arc::clone(subscriptions),
        };
        Self {
            updates,
            catch_up: None,
        }
    }

    /// All that happens to the subscription: events with their errors and extensions, losses of the
    /// connection, gaps.
    pub fn updates(self) -> SubscriptionUpdates<T> {
        self.updates
    }

    /// Fills gaps: after each loss of the connection, once it is there again, this is asked for
    /// what may be missing, and what it gives comes before the events that follow. An event may
    /// come both ways.
    ///
    /// ```
    /// # attendium::graphql!(
    /// #     schema = "schema/example.graphql",
    /// #     "
    /// #     subscription CheckedIn { checkedIn { id } }
    /// #     query LatelyCheckedIn { lately { id } }
    /// #     "
    /// # );
    /// # fn example(session: attendium::Session) {
    /// let subscribed = session.clone();
    /// let events = session.subscribe(&CheckedIn {}).catch_up(move || {
    ///     let session = subscribed.clone();
    ///     async move {
    ///         let guests = session.run(&LatelyCheckedIn {}).await?.lately;
    ///         Ok(guests
    ///             .into_iter()
    ///             .map(|guest| checked_in::Data {
    ///                 checked_in: checked_in::CheckedIn { id: guest.id },
    ///             })
    ///             .collect())
    ///     }
    /// });
    /// # }
    /// ```
    pub fn catch_up<F>(mut self, mut fetch: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
    {
        self.catch_up = Some(CatchUp {
            fetch: Box::new(move || Box::pin(fetch())),
            gap: false,
            running: None,
            found: VecDeque::new(),
        });
        self
    }
}

impl<T> Unpin for SubscriptionStream<T> {}

impl<T> Stream for SubscriptionStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(catch_up) = &mut this.catch_up {
                if let Some(running) = &mut catch_up.running {
                    let found = ready!(running.as_mut().poll(context));
                    catch_up.running = None;
                    match found {
                        Ok(found) => catch_up.found = found.into(),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
                if let Some(found) = catch_up.found.pop_front() {
                    return Poll::Ready(Some(Ok(found)));
                }
            }
            let update = match ready!(Pin::new(&mut this.updates).poll_next(context)) {
                Some(Ok(update)) => update,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            match update {
                SubscriptionUpdate::Event(response) => {
                    let operation = this.updates.operation;
                    return Poll::Ready(Some(into_data(response, operation)));
                }
                SubscriptionUpdate::Disconnected { .. } => {
                    if let Some(catch_up) = &mut this.catch_up {
                        catch_up.gap = true;
                    }
                }
                SubscriptionUpdate::Connected => {
                    if let Some(catch_up) = &mut this.catch_up
                        && std::mem::take(&mut catch_up.gap)
                    {
                        catch_up.running = Some((catch_up.fetch)());
                    }
                }
                SubscriptionUpdate::Dropped(_) => {}
            }
        }
    }
}

fn into_data<T>(response: Response<T>, operation: &'static str) -> Result<T, Error> {
    crate::http::graphql::into_data(response, operation.into())
}

impl<T> Unpin for SubscriptionUpdates<T> {}

impl<T> Stream for SubscriptionUpdates<T> {
    type Item = Result<SubscriptionUpdate<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(body) = this.begin.take() {
            this.subscriptions.start(Joining {
                key: this.key,
                operation: this.operation,
                body,
                queue: Arc::clone(&this.queue),
                other_ways: &[],
                refusal: None,
            });
        }
        let item = match ready!(this.queue.poll_next(context)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(item)) => item,
        };
        Poll::Ready(Some(Ok(match item {
            Item::Connected => SubscriptionUpdate::Connected,
            Item::Disconnected(cause, retry_in) => {
                SubscriptionUpdate::Disconnected { cause, retry_in }
            }
            Item::Dropped(count) => SubscriptionUpdate::Dropped(count),
            Item::Next(event) => match (this.decode)(&event.payload) {
                Ok(mut response) => {
                    event.secrets.remove_from_errors(&mut response.errors);
                    SubscriptionUpdate::Event(response)
                }
                Err(error) => {
                    return Poll::Ready(Some(Err(Error::Decode {
                        operation: this.operation.into(),
                        kind: OperationKind::Subscription,
                        source: Arc::new(error),
                        answer: None,
                    })));
                }
            },
        })))
    }
}

impl<T> Drop for SubscriptionUpdates<T> {
    fn drop(&mut self) {
        self.queue.close_reader();
        self.subscriptions.leave(self.key);
    }
}

impl<T> fmt::Debug for SubscriptionStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionStream")
            .field("operation", &self.updates.operation)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SubscriptionUpdates<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionUpdates")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}
