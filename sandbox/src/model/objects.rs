//! The objects that refer to each other, each a record of the world. What their fields are stands
//! in the files of their names.

use async_graphql::{ID, SimpleObject};

use super::enums::{CustomFieldKind, EventTab};
use super::failure::Failure;
use super::scalars::Decimal;
use super::world::{
    CustomFieldRecord, EventRecord, GuestListRecord, GuestRecord, UserRecord, World,
};

pub(crate) struct User(pub UserRecord);
pub(crate) struct Event(pub EventRecord);
pub(crate) struct GuestList(pub GuestListRecord);
pub(crate) struct Guest(pub GuestRecord);

impl World {
    /// The user, or NOT_FOUND.
    pub fn known_user(&self, id: &str) -> Result<User, Failure> {
        let user = self.user(id).cloned().map(User);
        user.ok_or_else(|| Failure::not_found("user", id))
    }

    /// The event, or NOT_FOUND.
    pub fn known_event(&self, id: &str) -> Result<Event, Failure> {
        let event = self.event(id).cloned().map(Event);
        event.ok_or_else(|| Failure::not_found("event", id))
    }

    /// The guest list, or NOT_FOUND.
    pub fn known_list(&self, id: &str) -> Result<GuestList, Failure> {
        let list = self.list(id).cloned().map(GuestList);
        list.ok_or_else(|| Failure::not_found("guest list", id))
    }

    /// The guest, or NOT_FOUND.
    pub fn known_guest(&self, id: &str) -> Result<Guest, Failure> {
        let guest = self.guest(id).cloned().map(Guest);
        guest.ok_or_else(|| Failure::not_found("guest", id))
    }
}

/// The events of a tab, or of all tabs but the templates, by the time at which they begin.
pub(crate) fn events_in_tab(world: &World, tab: Option<EventTab>) -> Vec<Event> {
    let chosen = world.events.iter().filter(|event| match tab {
        Some(tab) => world.tab(event) == tab,
        None => !event.is_template,
    });
    let mut events: Vec<Event> = chosen.cloned().map(Event).collect();
    events.sort_by(|a, b| (a.0.begins, &a.0.id).cmp(&(b.0.begins, &b.0.id)));
    events
}

/// An amount of money.
#[derive(SimpleObject)]
pub(crate) struct Money {
    /// How much.
    pub amount: Decimal,
    /// Of which currency, as three letters of ISO 4217.
    pub currency: String,
}

/// A field that an event's guests have beside the usual ones.
#[derive(SimpleObject)]
pub(crate) struct CustomField {
    /// The field's id.
    pub id: ID,
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub kind: CustomFieldKind,
    /// What can be chosen, where the kind is CHOICE.
    pub options: Vec<String>,
    /// Whether a guest must have it.
    pub required: bool,
}

impl From<&CustomFieldRecord> for CustomField {
    fn from(record: &CustomFieldRecord) -> Self {
        let record = record.clone();
        Self {
            id: ID(record.id),
            name: record.name,
            kind: record.kind,
            options: record.options,
            required: record.required,
        }
    }
}
