//! What all requests to one sandbox share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::builder::Builder;
use crate::counts::Counts;
use crate::faults::Faults;
use crate::model::{ApiSchema, SharedWorld};
use crate::oauth::state::State;

/// What all requests to one sandbox share.
pub(crate) struct Shared {
    pub base_url: String,
    pub rules: Builder,
    pub world: SharedWorld,
    pub schema: ApiSchema,
    pub faults: Faults,
    oauth: Mutex<State>,
    counts: Mutex<Counts>,
    /// Told when every connection is to be cut.
    cut_all: Notify,
    started: Instant,
    skipped: Mutex<Duration>,
}

/// The shared state as handlers get it.
pub(crate) type SharedState = Arc<Shared>;

impl Shared {
    pub fn new(base_url: String, rules: Builder) -> Self {
        let world = SharedWorld::new(crate::model::seed());
        Self {
            base_url,
            rules,
            schema: crate::model::schema(world.clone()),
            world,
            faults: Faults::default(),
            oauth: Mutex::default(),
            counts: Mutex::default(),
            cut_all: Notify::new(),
            started: Instant::now(),
            skipped: Mutex::default(),
        }
    }

    /// The authorization server's state.
    pub fn oauth(&self) -> MutexGuard<'_, State> {
        self.oauth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn counts(&self) -> Counts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Cuts every connection that there is.
    pub fn cut_connections(&self) {
        self.cut_all.notify_waiters();
    }

    /// Ends when every connection is cut.
    pub async fn connections_cut(&self) {
        self.cut_all.notified().await;
    }

    /// The sandbox's clock: the time since it started, and what was skipped.
    pub fn now(&self) -> Duration {
        self.started.elapsed() + *self.skipped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn skip(&self, time: Duration) {
        *self.skipped.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}
