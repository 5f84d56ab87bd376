//! What a carrier does when its connection has ended: another attempt after a wait, another
//! credential, another way, or the end of its subscriptions. Enter at [`Carrier::recover`].

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ConnectionLoss, Error, SubscriptionError};
use crate::graphql_error::GraphqlError;
use crate::http::jitter;

use super::carrier::{Carrier, Ended, Subscriber};
use super::failure::{Broken, error_for, not_offered, unauthorized};
use super::queue::Item;

impl Carrier {
    /// Does what a loss asks for. Gives how all ends, where it does.
    pub(super) async fn recover(&mut self, mut broken: Broken) -> Option<Ended> {
        broken.remove_secrets(&self.secrets);
        match broken {
            Broken::Lost(cause) => self.wait_and_try_again(cause).await,
            Broken::Refused { errors, cause } => self.renew(errors, cause).await,
            // A server that did it before is only out of order now.
            Broken::NotOffered(refusal) if self.worked => {
                let cause = ConnectionLoss::Protocol(refusal.answer());
                self.wait_and_try_again(cause).await
            }
            Broken::NotOffered(refusal) => {
                if let Some(first) = self.subscribers.first_entry()
                    && !first.get().joining.other_ways.is_empty()
                {
                    return Some(Ended::NotOffered(first.remove().joining, refusal));
                }
                self.finish_all(|carrier, subscriber| {
                    not_offered(
                        &carrier.endpoint,
                        subscriber.joining.operation,
                        subscriber.joining.refusal.as_ref(),
                        refusal.clone(),
                    )
                });
                None
            }
            Broken::Fatal(error) => {
                self.finish_all(|carrier, subscriber| carrier.error_for(subscriber, error.clone()));
                None
            }
            Broken::Failed(error) => {
                self.finish_all(|_, _| error.clone());
                None
            }
        }
    }

    async fn wait_and_try_again(&mut self, cause: ConnectionLoss) -> Option<Ended> {
        self.losses += 1;
        let settings = &self.endpoint.settings;
        if self.losses > settings.max_reconnects {
            let attempts = self.losses;
            self.finish_all(|carrier, subscriber| {
                let cause = cause.clone();
                carrier.error_for(subscriber, SubscriptionError::Lost { attempts, cause })
            });
            self.losses = 0;
            return None;
        }
        let delay = settings.delay(self.losses, jitter());
        tracing::debug!(
            target: "attendium::stream",
            loss = %cause,
            wait_ms = delay.as_millis() as u64,
            "a connection for subscriptions was lost"
        );
        self.tell_all(&cause, delay);
        let until = Instant::now() + delay;
        while let Ok(command) = tokio::time::timeout_at(until, self.commands.recv()).await {
            // None where the session and all streams have gone.
            let goes_on = command.is_some_and(|command| self.take(command));
            if !goes_on {
                return Some(self.close());
            }
        }
        None
    }

    /// Gets another credential, once.
    async fn renew(&mut self, errors: Vec<GraphqlError>, cause: ConnectionLoss) -> Option<Ended> {
        let refused = self.authorization.take();
        let renewed = if self.renewed {
            Ok(None)
        } else {
            let authorize = &self.endpoint.authorize;
            authorize.renewed_header(refused.as_ref()).await
        };
        match renewed {
            Ok(Some(header)) => {
                self.tell_all(&cause, Duration::ZERO);
                self.authorization = Some(header);
                self.renewed = true;
            }
            Ok(None) => {
                self.renewed = false;
                self.finish_all(|_, _| unauthorized(errors.clone()));
            }
            Err(error) => self.finish_all(|_, _| error.clone()),
        }
        None
    }

    pub(super) fn tell_all(&self, cause: &ConnectionLoss, delay: Duration) {
        for subscriber in self.subscribers.values() {
            let lost = Item::Disconnected(cause.clone(), delay);
            subscriber.joining.queue.tell(lost);
        }
    }

    /// Ends all subscriptions with an error each.
    fn finish_all(&mut self, error: impl Fn(&Self, &Subscriber) -> Error) {
        for subscriber in std::mem::take(&mut self.subscribers).into_values() {
            let error = error(self, &subscriber);
            subscriber.joining.queue.finish(Err(error));
        }
    }

    fn error_for(&self, subscriber: &Subscriber, source: SubscriptionError) -> Error {
        error_for(&self.endpoint, subscriber.joining.operation, source)
    }
}
