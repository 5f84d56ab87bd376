//! The demo's second device, which sees live what happens at the door. Enter at [`Device::watch`].

use crate::failure::Failure;
use attendium::model::{LiveActivity, live_activity};
use attendium::subscription::{StreamExt as _, SubscriptionStream};
use attendium::{Id, Session};
use attendium_sandbox::Sandbox;
use live_activity::{Activity, Data};
use std::time::Duration;

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A device that is subscribed to what happens at an event.
pub struct Device {
    events: SubscriptionStream<Data>,
    /// The first event, which may come while the subscription begins.
    first: Option<Result<Data, attendium::Error>>,
}

impl Device {
    /// Subscribes, and waits until the server has begun.
    pub async fn watch(session: &Session, sandbox: &Sandbox, event: &Id) -> Result<Self, Failure> {
        let before = sandbox.counts().subscriptions;
        let mut events = session.subscribe(&LiveActivity::new(event));
        let begun = async {
            while sandbox.counts().subscriptions == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // Nothing is sent before the stream is polled.
        let first = tokio::select! {
            first = events.next() => first,
            () = begun => None,
            () = tokio::time::sleep(PATIENCE) => return Err(nothing()),
        };
        Ok(Self { events, first })
    }

    /// What it sees next, as a line.
    pub async fn sees(&mut self) -> Result<String, Failure> {
        let event = match self.first.take() {
            Some(event) => Some(event),
            None => tokio::time::timeout(PATIENCE, self.events.next())
                .await
                .map_err(|_| nothing())?,
        };
        match event.ok_or_else(nothing)??.activity {
            Activity::LogEntry(entry) => {
                let fields = entry.log_fields;
                Ok(format!("{} by {}", fields.guest_name, fields.by.name))
            }
            Activity::Other(_) => Err(nothing()),
        }
    }
}

fn nothing() -> Failure {
    Failure::new(
        "the second device did not see the check-in",
        "this is a mistake in attendium: please report it",
    )
}
