//! What the mutations lead to.

use async_graphql::{ID, SimpleObject};

use super::log::Activity;
use super::objects::{Event, Guest};

/// What a check-in, or its undoing, leads to.
#[derive(SimpleObject)]
pub(crate) struct CheckInPayload {
    /// The guest as it is now.
    pub guest: Guest,
    /// The event, with its counter as it is now.
    pub event: Event,
    /// What the log says.
    pub entry: Activity,
}

/// What adding one guest leads to.
#[derive(SimpleObject)]
pub(crate) struct AddGuestPayload {
    /// The new guest.
    pub guest: Guest,
    /// The event, with its counter as it is now.
    pub event: Event,
}

/// What adding several guests leads to.
#[derive(SimpleObject)]
pub(crate) struct AddGuestsPayload {
    /// The new guests, in the given order.
    pub guests: Vec<Guest>,
    /// The event, with its counter as it is now.
    pub event: Event,
}

/// What adding guests from pasted text leads to.
#[derive(SimpleObject)]
pub(crate) struct AddGuestsFromTextPayload {
    /// The new guests, in the order of the lines.
    pub guests: Vec<Guest>,
    /// The lines that were not understood.
    pub rejected: Vec<RejectedLine>,
    /// The event, with its counter as it is now.
    pub event: Event,
}

/// What adding guests from a file leads to.
#[derive(SimpleObject)]
pub(crate) struct ImportGuestsPayload {
    /// The file's name.
    pub file_name: String,
    /// The new guests, in the order of the lines.
    pub guests: Vec<Guest>,
    /// The lines that were not understood.
    pub rejected: Vec<RejectedLine>,
    /// The event, with its counter as it is now.
    pub event: Event,
}

/// A line that was not understood.
#[derive(SimpleObject)]
pub(crate) struct RejectedLine {
    /// The line's number, from 1.
    pub line: i32,
    /// What it says.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What removing a guest leads to.
#[derive(SimpleObject)]
pub(crate) struct RemoveGuestPayload {
    /// The id of the guest that is gone.
    pub id: ID,
    /// The event, with its counter as it is now.
    pub event: Event,
}
