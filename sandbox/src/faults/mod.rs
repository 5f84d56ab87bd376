//! What goes wrong on demand: [`Faults::add`] puts a fault at a place, and the next requests there
//! meet it.
//!
//! `name.rs` has the faults and their stable names, `play.rs` carries out those that are about
//! bytes and connections. The others are about what an answer says, and each endpoint carries out
//! its own.

mod bodies;
pub(crate) mod cut;
mod name;
pub(crate) mod play;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use name::{Fault, Place, UnknownFault};

#[derive(Debug)]
struct Active {
    id: u64,
    place: Place,
    fault: Fault,
    skip: u64,
    left: Option<u64>,
}

#[derive(Debug)]
struct Plan {
    active: Vec<Active>,
    next_id: u64,
    retry_after: Duration,
    delay: Duration,
}

/// The faults of a sandbox. Those of one place are met in the order in which they were added.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use attendium_sandbox::{Fault, Place, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.faults().add(Place::Token, Fault::Status503Seconds).times(2);
/// sandbox.faults().add(Place::Token, "dropped-after".parse::<Fault>().expect("a fault"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Faults(Mutex<Plan>);

impl Default for Faults {
    fn default() -> Self {
        Self(Mutex::new(Plan {
            active: Vec::new(),
            next_id: 0,
            retry_after: Duration::from_secs(1),
            delay: Duration::from_millis(500),
        }))
    }
}

impl Faults {
    /// Puts a fault at a place, for one request, unless the result says otherwise.
    pub fn add(&self, place: Place, fault: Fault) -> Added<'_> {
        let mut plan = self.plan();
        plan.next_id += 1;
        let id = plan.next_id;
        plan.active.push(Active {
            id,
            place,
            fault,
            skip: 0,
            left: Some(1),
        });
        Added { faults: self, id }
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        self.plan().active.clear();
    }

    /// How many requests the faults at a place are still waiting for; those that go on for ever are
    /// not counted.
    #[must_use]
    pub fn waiting(&self, place: Place) -> u64 {
        let plan = self.plan();
        let at_place = plan.active.iter().filter(|active| active.place == place);
        at_place.filter_map(|active| active.left).sum()
    }

    /// What `Retry-After` says: a second by default. Dates are rounded up to whole seconds.
    pub fn retry_after(&self, wait: Duration) {
        self.plan().retry_after = wait;
    }

    /// How long [`Fault::Slow`] waits: half a second by default.
    pub fn delay(&self, delay: Duration) {
        self.plan().delay = delay;
    }

    /// The fault that a request at `place` meets, of those that `wanted` is about.
    pub(crate) fn take(&self, place: Place, wanted: impl Fn(Fault) -> bool) -> Option<Fault> {
        let mut plan = self.plan();
        let here = |active: &&mut Active| {
            active.place == place && wanted(active.fault) && active.left != Some(0)
        };
        let mut met = None;
        for active in plan.active.iter_mut().filter(here) {
            if active.skip > 0 {
                active.skip -= 1;
                continue;
            }
            active.left = active.left.map(|left| left - 1);
            met = Some(active.fault);
            break;
        }
        plan.active.retain(|active| active.left != Some(0));
        met
    }

    pub(crate) fn waits(&self) -> (Duration, Duration) {
        let plan = self.plan();
        (plan.retry_after, plan.delay)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Active)) {
        if let Some(active) = self.plan().active.iter_mut().find(|active| active.id == id) {
            change(active);
        }
    }
}

/// A fault that was just added.
#[derive(Debug)]
pub struct Added<'a> {
    faults: &'a Faults,
    id: u64,
}

impl Added<'_> {
    /// So many requests meet it, instead of one.
    #[allow(
        clippy::return_self_not_must_use,
        reason = "the fault is there already"
    )]
    pub fn times(self, times: u64) -> Self {
        self.faults
            .change(self.id, |active| active.left = Some(times));
        self
    }

    /// Every request meets it, until [`Faults::clear`].
    #[allow(
        clippy::return_self_not_must_use,
        reason = "the fault is there already"
    )]
    pub fn forever(self) -> Self {
        self.faults.change(self.id, |active| active.left = None);
        self
    }

    /// So many requests pass before the first one meets it.
    #[allow(
        clippy::return_self_not_must_use,
        reason = "the fault is there already"
    )]
    pub fn after(self, requests: u64) -> Self {
        self.faults.change(self.id, |active| active.skip = requests);
        self
    }
}
