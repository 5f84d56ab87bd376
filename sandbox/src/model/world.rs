//! The sandbox's data: plain records in vectors, changed only by the methods here.
//!
//! The world has a clock of its own, which starts at a fixed evening and moves one second with each
//! change, so that the same calls always give the same answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Context;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast;

use super::enums::{CustomFieldKind, EventTab, GuestStatus, QrMode, Role};
use super::failure::Failure;

#[derive(Clone)]
pub(crate) struct UserRecord {
    pub id: String,
    pub name: String,
    pub login: String,
    pub password: String,
    pub role: Role,
    pub language: String,
}

#[derive(Debug, Clone)]
pub(crate) struct VenueRecord {
    pub id: String,
    pub name: String,
    pub street: String,
    pub city: String,
    pub postal_code: String,
    pub country: String,
    pub position: Option<(f64, f64)>,
    pub capacity: Option<i32>,
    pub website: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct CustomFieldRecord {
    pub id: String,
    pub name: String,
    pub kind: CustomFieldKind,
    pub options: Vec<String>,
    pub required: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct MessageRecord {
    pub id: String,
    pub subject: String,
    pub body: String,
    pub hours_before: Option<i32>,
    pub enabled: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct EventRecord {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub venue: Option<String>,
    pub begins: Timestamp,
    pub ends: Timestamp,
    pub is_template: bool,
    pub template: Option<String>,
    pub currency: String,
    pub custom_fields: Vec<CustomFieldRecord>,
    pub messages: Vec<MessageRecord>,
    pub permissions: Vec<(String, Role)>,
}

#[derive(Debug, Clone)]
pub(crate) struct GuestListRecord {
    pub id: String,
    pub event: String,
    pub name: String,
    pub color: String,
    pub price: Option<i64>,
    pub tax: Option<i64>,
    pub qr_mode: QrMode,
}

#[derive(Debug, Clone)]
pub(crate) struct GuestRecord {
    pub id: String,
    pub list: String,
    pub name: String,
    pub tickets: i32,
    pub free: i32,
    pub checked_in: i32,
    pub reply: GuestStatus,
    pub email: Option<String>,
    pub notes: Option<String>,
    pub custom: Vec<(String, serde_json::Value)>,
    pub added_by: String,
    pub added_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Added { tickets: i32 },
    Changed { changes: Vec<Change> },
    Removed { reason: Option<String> },
    CheckedIn { tickets: i32 },
    CheckedOut { tickets: i32 },
}

#[derive(Debug, Clone)]
pub(crate) struct LogRecord {
    pub id: String,
    pub at: Timestamp,
    pub by: String,
    pub event: String,
    pub guest: String,
    pub guest_name: String,
    pub what: What,
}

#[derive(Debug, Clone)]
pub(crate) struct InvitationRecord {
    pub id: String,
    pub event: String,
    pub name: String,
    pub limit: Option<i32>,
    pub responses: i32,
    /// The one who was invited, for a personal link.
    pub invited: Option<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) struct OrderRecord {
    pub id: String,
    pub event: String,
    pub email: String,
    pub tickets: i32,
    pub price: i64,
    pub placed_at: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct PassRecord {
    pub id: String,
    pub name: String,
    pub holder: String,
    pub events: Vec<String>,
}

/// Everything that the GraphQL API knows.
#[derive(Default)]
pub(crate) struct World {
    pub now: Timestamp,
    pub users: Vec<UserRecord>,
    pub venues: Vec<VenueRecord>,
    pub events: Vec<EventRecord>,
    pub lists: Vec<GuestListRecord>,
    pub guests: Vec<GuestRecord>,
    pub log: Vec<LogRecord>,
    pub invitations: Vec<InvitationRecord>,
    pub orders: Vec<OrderRecord>,
    pub passes: Vec<PassRecord>,
    /// Hears of every entry of the log.
    pub entries: Entries,
    next_id: u64,
}

/// What the log's entries are sent to, as they are written.
pub(crate) struct Entries(broadcast::Sender<LogRecord>);

impl Default for Entries {
    fn default() -> Self {
        Self(broadcast::channel(4096).0)
    }
}

impl Entries {
    /// The entries from now on.
    pub fn follow(&self) -> broadcast::Receiver<LogRecord> {
        self.0.subscribe()
    }
}

/// The world as resolvers share it.
#[derive(Clone)]
pub(crate) struct SharedWorld(Arc<Mutex<World>>);

/// The id of the user who sent the request.
#[derive(Clone)]
pub(crate) struct Viewer(pub String);

impl SharedWorld {
    pub fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The world that a request is about.
pub(crate) fn world<'a>(ctx: &Context<'a>) -> MutexGuard<'a, World> {
    ctx.data_unchecked::<SharedWorld>().lock()
}

/// The id of the user who sent the request.
pub(crate) fn viewer<'a>(ctx: &Context<'a>) -> &'a str {
    &ctx.data_unchecked::<Viewer>().0
}

/// The value of a nullable field: a failure becomes an error at the field's path and null, and
/// leaves the rest of the data alone. The library itself would give the error to the parent.
pub(crate) fn or_null<T>(ctx: &Context<'_>, result: Result<T, Failure>) -> Option<T> {
    result
        .map_err(|failure| {
            let error = async_graphql::Error::from(failure).into_server_error(ctx.item.pos);
            ctx.add_error(ctx.set_error_path(error));
        })
        .ok()
}

impl World {
    pub fn user(&self, id: &str) -> Option<&UserRecord> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn venue(&self, id: &str) -> Option<&VenueRecord> {
        self.venues.iter().find(|venue| venue.id == id)
    }

    pub fn event(&self, id: &str) -> Option<&EventRecord> {
        self.events.iter().find(|event| event.id == id)
    }

    pub fn list(&self, id: &str) -> Option<&GuestListRecord> {
        self.lists.iter().find(|list| list.id == id)
    }

    pub fn guest(&self, id: &str) -> Option<&GuestRecord> {
        self.guests.iter().find(|guest| guest.id == id)
    }

    /// The id of the user with this login and password.
    pub fn log_in(&self, login: &str, password: &str) -> Option<String> {
        let login = login.trim();
        let mut users = self.users.iter();
        users
            .find(|user| user.login.eq_ignore_ascii_case(login) && user.password == password)
            .map(|user| user.id.clone())
    }

    pub fn lists_of<'a>(&'a self, event: &str) -> impl Iterator<Item = &'a GuestListRecord> {
        self.lists.iter().filter(move |list| list.event == event)
    }

    pub fn guests_of<'a>(&'a self, event: &str) -> impl Iterator<Item = &'a GuestRecord> {
        self.guests
            .iter()
            .filter(move |guest| self.event_of(guest) == Some(event))
    }

    pub fn event_of(&self, guest: &GuestRecord) -> Option<&str> {
        self.list(&guest.list).map(|list| list.event.as_str())
    }

    pub fn tab(&self, event: &EventRecord) -> EventTab {
        if event.is_template {
            EventTab::Templates
        } else if event.ends < self.now {
            EventTab::Past
        } else if event.begins <= self.now {
            EventTab::Ongoing
        } else {
            EventTab::Upcoming
        }
    }

    /// What `user` may do at `event`; an account's owner may do everything everywhere.
    pub fn role_at(&self, event: &str, user: &str) -> Option<Role> {
        if self.user(user).is_some_and(|user| user.role == Role::Owner)
            && self
                .event(event)
                .is_some_and(|event| !event.permissions.iter().any(|(id, _)| id == user))
        {
            return Some(Role::Owner);
        }
        let permissions = &self.event(event)?.permissions;
        permissions
            .iter()
            .find(|(id, _)| id == user)
            .map(|(_, role)| *role)
    }

    /// An error unless `user` is a manager or the owner of `event`.
    pub fn require_manager(&self, event: &str, user: &str) -> Result<(), Failure> {
        match self.role_at(event, user) {
            Some(Role::Owner | Role::Manager) => Ok(()),
            _ => Err(Failure::Forbidden(format!(
                "only a manager of `{event}` may do this: ask its owner for the role MANAGER"
            ))),
        }
    }

    /// An error unless `user` may change the guests of `event`.
    pub fn require_role(&self, event: &str, user: &str) -> Result<(), Failure> {
        match self.role_at(event, user) {
            Some(_) => Ok(()),
            None => Err(Failure::Forbidden(format!(
                "you have no role at `{event}`: ask its owner for one"
            ))),
        }
    }

    /// A fresh id such as `guest-31`.
    pub fn fresh_id(&mut self, kind: &str) -> String {
        self.next_id += 1;
        format!("{kind}-{}", self.next_id)
    }

    /// Moves the clock on by a second and returns the time of the change that is about to be made.
    pub fn tick(&mut self) -> Timestamp {
        if let Ok(later) = self.now.checked_add(SignedDuration::from_secs(1)) {
            self.now = later;
        }
        self.now
    }

    pub fn write_log(&mut self, by: &str, guest: &GuestRecord, what: What) -> LogRecord {
        let event = self.event_of(guest).unwrap_or_default().to_owned();
        let record = LogRecord {
            at: self.tick(),
            id: self.fresh_id("entry"),
            by: by.to_owned(),
            event,
            guest: guest.id.clone(),
            guest_name: guest.name.clone(),
            what,
        };
        self.log.push(record.clone());
        // Nobody may be listening.
        let _ = self.entries.0.send(record.clone());
        record
    }

    /// Adds a guest and says so in the log. The id, the adder and the time are this method's to
    /// set.
    pub fn add_guest(&mut self, by: &str, mut guest: GuestRecord) -> GuestRecord {
        guest.id = self.fresh_id("guest");
        guest.added_by = by.to_owned();
        self.guests.push(guest.clone());
        let tickets = guest.tickets;
        let entry = self.write_log(by, &guest, What::Added { tickets });
        guest.added_at = entry.at;
        if let Some(added) = self.guests.last_mut() {
            added.added_at = entry.at;
        }
        guest
    }

    /// Changes how many of a guest's tickets are checked in, by `delta`, and says so in the log.
    pub fn move_check_in(
        &mut self,
        by: &str,
        guest: &str,
        delta: i32,
    ) -> Option<(GuestRecord, LogRecord)> {
        let record = self.guests.iter_mut().find(|other| other.id == guest)?;
        record.checked_in += delta;
        let record = record.clone();
        let tickets = delta.abs();
        let what = if delta < 0 {
            What::CheckedOut { tickets }
        } else {
            What::CheckedIn { tickets }
        };
        let entry = self.write_log(by, &record, what);
        Some((record, entry))
    }
}
