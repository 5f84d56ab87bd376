//! A door at which devices see what the others do.

use std::time::Duration;

use attendium::model::live_activity::{Activity, Data};
use attendium::model::{AddGuest, AddGuestInput, Event, LiveActivity};
use attendium::store::{MemoryStore, Slot, Store as _, StoreKey};
use attendium::subscription::{
    StreamExt as _, SubscriptionProtocol, SubscriptionSettings, SubscriptionStream,
    SubscriptionUpdate, SubscriptionUpdates,
};
use attendium::{Error, Id, Json, Login, Session};
use attendium_sandbox::Sandbox;
use secrecy::ExposeSecret as _;

pub const EVENT: &str = "event-midsummer";

/// A sandbox, a session that subscribes in one way, and what it takes to make something happen.
pub struct Door {
    pub sandbox: Sandbox,
    pub session: Session,
    store: MemoryStore,
    list: Id,
}

/// Settings that try again without noticeable waits.
pub fn settings(protocol: SubscriptionProtocol) -> SubscriptionSettings {
    SubscriptionSettings::new()
        .protocol(protocol)
        .reconnect_delay(Duration::from_millis(1), Duration::from_millis(20))
}

impl Door {
    pub async fn open(settings: SubscriptionSettings) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let store = MemoryStore::new();
        let session = Session::builder()
            .base_url(sandbox.base_url())
            .application("Door")
            .store(store.clone())
            .subscriptions(settings)
            .build()
            .unwrap();
        let user = sandbox.scripted_user();
        let login = Login::show_url_with(move |url| {
            let (user, url) = (user.clone(), url.to_string());
            tokio::spawn(async move { user.visit(&url).await });
        });
        session.login(login).await.unwrap();
        let event = session.run(&Event::new(EVENT)).await.unwrap().event;
        let list = event.unwrap().guest_lists[0].id.clone();
        Self {
            sandbox,
            session,
            store,
            list,
        }
    }

    /// The token that the session sends.
    pub async fn access_token(&self) -> String {
        let of = self.session.status().await.unwrap();
        let key = StoreKey::new(of.application, of.issuer, Slot::Profile(of.profile));
        let mut locked = self.store.lock(&key, Duration::ZERO).await.unwrap();
        let stored = locked.load().await.unwrap().unwrap();
        locked.release().await;
        let record: Json = serde_json::from_str(stored.secret.expose_secret()).unwrap();
        record["access"].as_str().unwrap().to_owned()
    }

    pub fn subscribe(&self) -> SubscriptionStream<Data> {
        self.session.subscribe(&LiveActivity::new(EVENT))
    }

    /// Subscribes, and waits until the server has begun. `count` is how many subscriptions it has
    /// seen then.
    pub async fn subscribed(&self, count: u64) -> SubscriptionUpdates<Data> {
        let mut updates = self.subscribe().updates();
        self.wait_connected(&mut updates, count).await;
        updates
    }

    /// Waits until the stream is connected, and the server has seen so many subscriptions.
    pub async fn wait_connected(&self, updates: &mut SubscriptionUpdates<Data>, count: u64) {
        loop {
            match next(updates).await {
                SubscriptionUpdate::Connected => break,
                SubscriptionUpdate::Disconnected { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        self.wait_subscribed(count).await;
    }

    pub async fn wait_subscribed(&self, count: u64) {
        self.wait_for(|counts| counts.subscriptions >= count).await;
    }

    pub async fn wait_for(&self, holds: impl Fn(attendium_sandbox::Counts) -> bool) {
        let waiting = async {
            while !holds(self.sandbox.counts()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .unwrap_or_else(|_| panic!("{:?}", self.sandbox.counts()));
    }

    /// Adds a guest, of which every subscription hears.
    pub async fn add(&self, name: &str) {
        let input = AddGuestInput::new(self.list.clone(), name);
        self.session.run(&AddGuest::new(input)).await.unwrap();
    }
}

/// The next thing that happens.
pub async fn next(updates: &mut SubscriptionUpdates<Data>) -> SubscriptionUpdate<Data> {
    tokio::time::timeout(Duration::from_secs(20), updates.next())
        .await
        .expect("something happens")
        .expect("the stream goes on")
        .expect("no error")
}

/// The end of a stream: none, or an error.
pub async fn end(updates: &mut SubscriptionUpdates<Data>) -> Option<Error> {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), updates.next()).await;
        match next.expect("it ends") {
            None => return None,
            Some(Err(error)) => {
                assert!(updates.next().await.is_none());
                return Some(error);
            }
            Some(Ok(_)) => {}
        }
    }
}

/// The name in the next event.
pub async fn next_name(updates: &mut SubscriptionUpdates<Data>) -> String {
    loop {
        if let SubscriptionUpdate::Event(response) = next(updates).await {
            return name_of(&response.data.expect("an event has data").activity);
        }
    }
}

pub fn name_of(activity: &Activity) -> String {
    match activity {
        Activity::LogEntry(entry) => entry.log_fields.guest_name.clone(),
        Activity::Other(other) => panic!("{other:?}"),
    }
}
