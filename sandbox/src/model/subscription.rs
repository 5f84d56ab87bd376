//! The root of subscriptions: devices at the door see what the others do.

use async_graphql::{Context, ID, Subscription as Root};
use futures_util::Stream;
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;

use super::failure::Failure;
use super::log::Activity;
use super::world::{viewer, world};

pub(crate) struct Subscription;

/// The root of subscriptions.
#[Root]
impl Subscription {
    /// What happens to the guests of an event, as it happens: who is added, changed, removed,
    /// checked in and out, on any device.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] event: ID,
    ) -> Result<impl Stream<Item = Activity> + use<>, Failure> {
        let world = world(ctx);
        world.known_event(&event)?;
        world.require_role(&event, viewer(ctx))?;
        let entries = world.entries.follow();
        Ok(stream::unfold(
            (entries, event),
            |(mut entries, event)| async {
                loop {
                    match entries.recv().await {
                        Ok(entry) if entry.event == *event => {
                            return Some((Activity::from_record(&entry), (entries, event)));
                        }
                        Ok(_) | Err(RecvError::Lagged(_)) => {}
                        Err(RecvError::Closed) => return None,
                    }
                }
            },
        ))
    }
}
