//! The log: who did what, when. A union of entries that also share an interface.

use async_graphql::{ComplexObject, Context, ID, Interface, SimpleObject, Union};

use super::failure::Failure;
use super::objects::{Guest, User};
use super::scalars::DateTime;
use super::world::{LogRecord, What, world};

/// A field of a guest that changed.
#[derive(SimpleObject)]
pub(crate) struct FieldChange {
    /// The field's name.
    field: String,
    /// What it held before, as text; null where it held nothing.
    before: Option<String>,
    /// What it holds now, as text; null where it holds nothing.
    after: Option<String>,
}

/// A guest was added to a list.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct GuestAdded {
    /// The entry's id.
    #[graphql(owned)]
    id: ID,
    /// When it happened.
    #[graphql(owned)]
    at: DateTime,
    #[graphql(skip)]
    by: String,
    #[graphql(skip)]
    guest: String,
    /// The guest's name at that time.
    #[graphql(owned)]
    guest_name: String,
    /// The size of the group.
    tickets: i32,
}

/// A guest was changed.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct GuestChanged {
    /// The entry's id.
    #[graphql(owned)]
    id: ID,
    /// When it happened.
    #[graphql(owned)]
    at: DateTime,
    #[graphql(skip)]
    by: String,
    #[graphql(skip)]
    guest: String,
    /// The guest's name at that time.
    #[graphql(owned)]
    guest_name: String,
    /// What changed.
    changes: Vec<FieldChange>,
}

/// A guest was removed from a list.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct GuestRemoved {
    /// The entry's id.
    #[graphql(owned)]
    id: ID,
    /// When it happened.
    #[graphql(owned)]
    at: DateTime,
    #[graphql(skip)]
    by: String,
    /// The guest's name at that time.
    #[graphql(owned)]
    guest_name: String,
    /// Why, if anyone said so.
    reason: Option<String>,
}

/// Some tickets of a guest were checked in.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct CheckedIn {
    /// The entry's id.
    #[graphql(owned)]
    id: ID,
    /// When it happened.
    #[graphql(owned)]
    at: DateTime,
    #[graphql(skip)]
    by: String,
    #[graphql(skip)]
    guest: String,
    /// The guest's name at that time.
    #[graphql(owned)]
    guest_name: String,
    /// How many tickets.
    tickets: i32,
}

/// The check-in of some tickets was undone.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct CheckedOut {
    /// The entry's id.
    #[graphql(owned)]
    id: ID,
    /// When it happened.
    #[graphql(owned)]
    at: DateTime,
    #[graphql(skip)]
    by: String,
    #[graphql(skip)]
    guest: String,
    /// The guest's name at that time.
    #[graphql(owned)]
    guest_name: String,
    /// How many tickets.
    tickets: i32,
}

macro_rules! who_and_whom {
    ($($entry:ident),*) => {$(
        #[ComplexObject]
        impl $entry {
            /// Who did it.
            async fn by(&self, ctx: &Context<'_>) -> Result<User, Failure> {
                world(ctx).known_user(&self.by)
            }

            /// The guest; null where the guest was removed since.
            async fn guest(&self, ctx: &Context<'_>) -> Option<Guest> {
                world(ctx).guest(&self.guest).cloned().map(Guest)
            }
        }
    )*};
}

macro_rules! keys {
    ($($entry:ident),*) => {$(
        impl $entry {
            /// The id, which a cursor names.
            pub fn key(&self) -> &str {
                &self.id
            }
        }
    )*};
}

keys!(
    GuestAdded,
    GuestChanged,
    GuestRemoved,
    CheckedIn,
    CheckedOut
);
who_and_whom!(GuestAdded, GuestChanged, CheckedIn, CheckedOut);

#[ComplexObject]
impl GuestRemoved {
    /// Who did it.
    async fn by(&self, ctx: &Context<'_>) -> Result<User, Failure> {
        world(ctx).known_user(&self.by)
    }
}

/// An entry of the log, one type for each thing that can happen.
#[derive(Union)]
pub(crate) enum Activity {
    Added(GuestAdded),
    Changed(GuestChanged),
    Removed(GuestRemoved),
    In(CheckedIn),
    Out(CheckedOut),
}

/// What every entry of the log has.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "The entry's id."),
    field(name = "at", ty = "DateTime", desc = "When it happened."),
    field(name = "by", ty = "User", desc = "Who did it."),
    field(
        name = "guest_name",
        ty = "String",
        desc = "The guest's name at that time."
    )
)]
pub(crate) enum LogEntry {
    Added(GuestAdded),
    Changed(GuestChanged),
    Removed(GuestRemoved),
    In(CheckedIn),
    Out(CheckedOut),
}

impl From<Activity> for LogEntry {
    fn from(activity: Activity) -> Self {
        match activity {
            Activity::Added(entry) => Self::Added(entry),
            Activity::Changed(entry) => Self::Changed(entry),
            Activity::Removed(entry) => Self::Removed(entry),
            Activity::In(entry) => Self::In(entry),
            Activity::Out(entry) => Self::Out(entry),
        }
    }
}

impl Activity {
    /// The entry for a record.
    pub fn from_record(record: &LogRecord) -> Self {
        let id = ID(record.id.clone());
        let at = DateTime(record.at);
        let (by, guest) = (record.by.clone(), record.guest.clone());
        let guest_name = record.guest_name.clone();
        match &record.what {
            What::Added { tickets } => {
                let tickets = *tickets;
                Self::Added(GuestAdded {
                    id,
                    at,
                    by,
                    guest,
                    guest_name,
                    tickets,
                })
            }
            What::Changed { changes } => {
                let changes = changes.iter().map(|change| FieldChange {
                    field: change.field.clone(),
                    before: change.before.clone(),
                    after: change.after.clone(),
                });
                let changes = changes.collect();
                Self::Changed(GuestChanged {
                    id,
                    at,
                    by,
                    guest,
                    guest_name,
                    changes,
                })
            }
            What::Removed { reason } => {
                let reason = reason.clone();
                Self::Removed(GuestRemoved {
                    id,
                    at,
                    by,
                    guest_name,
                    reason,
                })
            }
            What::CheckedIn { tickets } => Self::In(CheckedIn {
                id,
                at,
                by,
                guest,
                guest_name,
                tickets: *tickets,
            }),
            What::CheckedOut { tickets } => Self::Out(CheckedOut {
                id,
                at,
                by,
                guest,
                guest_name,
                tickets: *tickets,
            }),
        }
    }
}
