//! The model's enums.

use async_graphql::Enum;

/// What a user may do, in the account or at one event.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Everything, also paying and deleting.
    Owner,
    /// Everything at an event.
    Manager,
    /// Adds guests and sees their own.
    Promoter,
    /// Checks guests in at the door.
    Door,
    /// The old name of DOOR.
    #[graphql(deprecation = "Use DOOR.")]
    Host,
}

/// A single right at an event.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// See the guests.
    ViewGuests,
    /// Add, change and remove guests.
    EditGuests,
    /// Check guests in and out.
    CheckIn,
    /// See analytics and orders.
    ViewAnalytics,
    /// Change the event itself.
    EditEvent,
}

/// The tabs of the list of events.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventTab {
    /// Has begun and not yet ended.
    Ongoing,
    /// Has not begun.
    Upcoming,
    /// Is over.
    Past,
    /// Events from which others are made.
    Templates,
}

/// Which QR codes the guests of a list get.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QrMode {
    /// No QR codes.
    None,
    /// One for each name on the list.
    PerName,
    /// One for each ticket.
    PerTicket,
}

/// Where a guest stands between the invitation and the door.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestStatus {
    /// Was invited and has not answered.
    Invited,
    /// Said that they come.
    Confirmed,
    /// Said that they do not come.
    Declined,
    /// Some of the group are in.
    PartlyArrived,
    /// The whole group is in.
    Arrived,
    /// The old name of INVITED.
    #[graphql(deprecation = "Use INVITED.")]
    Pending,
}

/// What a custom field holds.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CustomFieldKind {
    /// A line of text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Checkbox,
    /// One of the field's options.
    Choice,
}

/// What guests are ordered by.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestOrderField {
    /// By name, without regard to case.
    Name,
    /// By total tickets.
    Tickets,
    /// By tickets that are checked in.
    CheckedIn,
    /// By the time at which they were added.
    AddedAt,
}

/// Which end comes first.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderDirection {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}
