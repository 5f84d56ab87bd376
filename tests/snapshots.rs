//! What the crate's own operations send: document, variables and body. An application tests its
//! operations in the same way.

use attendium::Maybe;
use attendium::model::{
    Activity, AddGuest, AddGuestInput, CheckIn, Event, EventTab, Events, FindGuest, GuestFilter,
    GuestKey, GuestName, GuestStatus, StringFilter, UpdateGuest, UpdateGuestInput,
};
use attendium::operation::snapshot;
use insta::assert_snapshot;

#[test]
fn queries() {
    assert_snapshot!("me", snapshot(&attendium::Me {}));
    assert_snapshot!(
        "events",
        snapshot(&Events::new().tab(EventTab::Ongoing).after(None))
    );
    let starts = StringFilter::new().starts_with("jo");
    let filter = GuestFilter::new()
        .or(vec![
            GuestFilter::new().name(starts),
            GuestFilter::new().not(GuestFilter::new().has_notes(true)),
        ])
        .status(vec![
            GuestStatus::Invited,
            GuestStatus::Other("WAITLISTED".into()),
        ]);
    assert_snapshot!(
        "event",
        snapshot(&Event::new("event-1").guests(20).filter(filter))
    );
    assert_snapshot!("activity", snapshot(&Activity::new("event-1")));
}

#[test]
fn inputs() {
    assert_snapshot!(
        "find_guest",
        snapshot(&FindGuest::new(GuestKey::Named(
            GuestName::new("event-1", "Katy \"K\" Perry").into()
        )))
    );
    assert_snapshot!("check_in", snapshot(&CheckIn::new("guest-1").tickets(2)));
    let input = AddGuestInput::new("list-1", "Jon Snow")
        .tickets(3)
        .notes("a\nnote");
    assert_snapshot!("add_guest", snapshot(&AddGuest::new(input)));
    // Absent stays, null clears, a value sets.
    let input = UpdateGuestInput::new("guest-1")
        .email(Maybe::Null)
        .notes("at the door");
    assert_snapshot!("update_guest", snapshot(&UpdateGuest::new(input)));
}
