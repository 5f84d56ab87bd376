//! Input objects: what guests are found, filtered, ordered, added and changed by.

use std::cmp::Ordering;

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use super::enums::{GuestOrderField, GuestStatus, OrderDirection};
use super::scalars::DateTime;
use super::world::{GuestRecord, World};

/// What one guest is found by: exactly one of these.
#[derive(OneofObject)]
pub(crate) enum GuestKey {
    /// The guest's id.
    Id(ID),
    /// What the guest's QR code says.
    QrCode(String),
    /// The guest's name at one event.
    Named(GuestName),
}

/// A guest's name at one event.
#[derive(InputObject)]
pub(crate) struct GuestName {
    /// The event.
    event: ID,
    /// The name, without regard to case.
    name: String,
}

impl GuestKey {
    pub fn find<'a>(&self, world: &'a World) -> Option<&'a GuestRecord> {
        match self {
            Self::Id(id) => world.guest(id),
            Self::QrCode(code) => world.guests.iter().find(|guest| {
                let mode = world.list(&guest.list).map(|list| list.qr_mode);
                mode.is_some_and(|mode| guest.qr_codes(mode).iter().any(|(own, _)| own == code))
            }),
            Self::Named(GuestName { event, name }) => {
                let name = name.trim().to_lowercase();
                world
                    .guests_of(event)
                    .find(|guest| guest.name.to_lowercase() == name)
            }
        }
    }
}

/// Conditions on a text, all of which must hold. Case does not matter.
#[derive(InputObject)]
pub(crate) struct StringFilter {
    /// Is this.
    eq: Option<String>,
    /// Has this in it.
    contains: Option<String>,
    /// Begins with this.
    starts_with: Option<String>,
    /// Is one of these.
    r#in: Option<Vec<String>>,
}

impl StringFilter {
    fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let holds = |wanted: &Option<String>, test: fn(&str, &str) -> bool| {
            wanted
                .as_ref()
                .is_none_or(|wanted| test(&text, &wanted.to_lowercase()))
        };
        holds(&self.eq, |text, wanted| text == wanted)
            && holds(&self.contains, |text, wanted| text.contains(wanted))
            && holds(&self.starts_with, |text, wanted| text.starts_with(wanted))
            && self
                .r#in
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|wanted| wanted.to_lowercase() == text))
    }
}

/// Conditions on a number, all of which must hold.
#[derive(InputObject)]
pub(crate) struct IntFilter {
    /// Is this.
    eq: Option<i32>,
    /// Is more than this.
    gt: Option<i32>,
    /// Is at least this.
    gte: Option<i32>,
    /// Is less than this.
    lt: Option<i32>,
    /// Is at most this.
    lte: Option<i32>,
}

impl IntFilter {
    fn matches(&self, number: i32) -> bool {
        self.eq.is_none_or(|wanted| number == wanted)
            && self.gt.is_none_or(|wanted| number > wanted)
            && self.gte.is_none_or(|wanted| number >= wanted)
            && self.lt.is_none_or(|wanted| number < wanted)
            && self.lte.is_none_or(|wanted| number <= wanted)
    }
}

/// Conditions on a guest, all of which must hold.
#[derive(InputObject)]
pub(crate) struct GuestFilter {
    /// All of these.
    and: Option<Vec<GuestFilter>>,
    /// At least one of these.
    or: Option<Vec<GuestFilter>>,
    /// Not this.
    not: Option<Box<GuestFilter>>,
    /// The name.
    name: Option<StringFilter>,
    /// The email address; a guest without one never matches.
    email: Option<StringFilter>,
    /// One of these states.
    status: Option<Vec<GuestStatus>>,
    /// On this list.
    guest_list: Option<ID>,
    /// Added by this user.
    added_by: Option<ID>,
    /// The size of the group.
    tickets: Option<IntFilter>,
    /// How many are checked in.
    checked_in: Option<IntFilter>,
    /// Added at this time or later.
    added_since: Option<DateTime>,
    /// Has notes, or has none.
    has_notes: Option<bool>,
}

impl GuestFilter {
    pub fn matches(&self, guest: &GuestRecord) -> bool {
        let nested = |filter: &GuestFilter| filter.matches(guest);
        self.and.as_ref().is_none_or(|all| all.iter().all(nested))
            && self.or.as_ref().is_none_or(|any| any.iter().any(nested))
            && self.not.as_ref().is_none_or(|not| !nested(not))
            && self
                .name
                .as_ref()
                .is_none_or(|name| name.matches(&guest.name))
            && self
                .email
                .as_ref()
                .is_none_or(|email| guest.email.as_ref().is_some_and(|own| email.matches(own)))
            && self
                .status
                .as_ref()
                .is_none_or(|any| any.contains(&guest.status()))
            && self
                .guest_list
                .as_ref()
                .is_none_or(|list| guest.list == list.0)
            && self
                .added_by
                .as_ref()
                .is_none_or(|user| guest.added_by == user.0)
            && self
                .tickets
                .as_ref()
                .is_none_or(|filter| filter.matches(guest.tickets))
            && self
                .checked_in
                .as_ref()
                .is_none_or(|filter| filter.matches(guest.checked_in))
            && self
                .added_since
                .is_none_or(|since| guest.added_at >= since.0)
            && self
                .has_notes
                .is_none_or(|has| guest.notes.is_some() == has)
    }
}

/// The order of guests.
#[derive(InputObject)]
pub(crate) struct GuestOrder {
    /// What they are ordered by.
    #[graphql(default_with = "GuestOrderField::Name")]
    field: GuestOrderField,
    /// Which end comes first.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

impl GuestOrder {
    pub fn by_name() -> Self {
        Self {
            field: GuestOrderField::Name,
            direction: OrderDirection::Asc,
        }
    }

    pub fn sort(&self, guests: &mut [&GuestRecord]) {
        guests.sort_by(|a, b| {
            let order = match self.field {
                GuestOrderField::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
                GuestOrderField::Tickets => a.tickets.cmp(&b.tickets),
                GuestOrderField::CheckedIn => a.checked_in.cmp(&b.checked_in),
                GuestOrderField::AddedAt => a.added_at.cmp(&b.added_at),
            };
            let order = match self.direction {
                OrderDirection::Asc => order,
                OrderDirection::Desc => order.reverse(),
            };
            // The same order each time, also among equals.
            if order == Ordering::Equal {
                a.id.cmp(&b.id)
            } else {
                order
            }
        });
    }
}

/// The value of a custom field.
#[derive(InputObject)]
pub(crate) struct CustomFieldValueInput {
    /// The field.
    pub field: ID,
    /// The value: text, a number or a boolean, by the field's kind.
    pub value: serde_json::Value,
}

/// A guest to be added.
#[derive(InputObject)]
pub(crate) struct AddGuestInput {
    /// The list to add the guest to.
    pub guest_list: ID,
    /// The name.
    pub name: String,
    /// The size of the group.
    #[graphql(default = 1)]
    pub tickets: i32,
    /// How many of the tickets are free.
    #[graphql(default = 0)]
    pub free_tickets: i32,
    /// Where messages go.
    pub email: Option<String>,
    /// Notes for the people at the door.
    pub notes: Option<String>,
    /// INVITED, CONFIRMED or DECLINED.
    #[graphql(default_with = "GuestStatus::Invited")]
    pub status: GuestStatus,
    /// The values of custom fields.
    pub custom_fields: Option<Vec<CustomFieldValueInput>>,
}

/// Changes to a guest. What is absent stays; what is null is cleared.
#[derive(InputObject)]
pub(crate) struct UpdateGuestInput {
    /// The guest.
    pub id: ID,
    /// The new name.
    pub name: Option<String>,
    /// Moves the guest to another list of the same event.
    pub guest_list: Option<ID>,
    /// The new size of the group; not less than what is checked in.
    pub tickets: Option<i32>,
    /// How many of the tickets are free.
    pub free_tickets: Option<i32>,
    /// The new email address; null clears it.
    pub email: MaybeUndefined<String>,
    /// The new notes; null clears them.
    pub notes: MaybeUndefined<String>,
    /// INVITED, CONFIRMED or DECLINED.
    pub status: Option<GuestStatus>,
    /// New values of custom fields; those of other fields stay.
    pub custom_fields: Option<Vec<CustomFieldValueInput>>,
}

/// An event to be made.
#[derive(InputObject)]
pub(crate) struct CreateEventInput {
    /// The name; by default that of the template.
    pub name: Option<String>,
    /// When it begins.
    pub begins: DateTime,
    /// When it ends.
    pub ends: DateTime,
    /// Where it takes place.
    pub venue: Option<ID>,
    /// What it is about.
    pub description: Option<String>,
    /// A template, or another event, whose lists, fields and messages are copied.
    pub from: Option<ID>,
}
