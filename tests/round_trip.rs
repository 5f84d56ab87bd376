//! The crate's own operations against the sandbox: compiled, sent through a session that logged in,
//! and read.

use std::time::Duration;

use attendium::model::{
    Activity, AddGuest, AddGuestInput, AddGuestsFromText, CheckIn, Event, EventTab, Events,
    FindGuest, GuestFilter, GuestKey, GuestName, GuestStatus, StringFilter, UndoCheckIn,
    UpdateGuest, UpdateGuestInput, WhoAmI, activity,
};
use attendium::{Error, Login, Maybe, Me, Session};
use attendium_sandbox::Sandbox;

async fn logged_in(sandbox: &Sandbox) -> Session {
    let session = Session::builder()
        .base_url(sandbox.base_url())
        .application("Round trip")
        .build()
        .unwrap();
    let user = sandbox.scripted_user();
    let login = Login::show_url_with(move |url| {
        let (user, url) = (user.clone(), url.to_string());
        tokio::spawn(async move { user.visit(&url).await });
    });
    session
        .login(login.timeout(Duration::from_secs(20)))
        .await
        .unwrap();
    session
}

#[tokio::test]
async fn every_operation_is_answered_and_read() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;

    let me = session.run(&Me {}).await.unwrap().me;
    let who = session.run(&WhoAmI {}).await.unwrap().me;
    assert_eq!(me.id, who.id);

    let events = session
        .run(&Events::new().tab(EventTab::Ongoing))
        .await
        .unwrap()
        .events;
    let id = events.nodes[0].event_counter.id.clone();
    let event = session
        .run(&Event::new(id.clone()))
        .await
        .unwrap()
        .event
        .unwrap();
    let list = event.guest_lists[0].id.clone();
    assert_eq!(event.guests.total_count as usize, event.guests.nodes.len());

    let input = AddGuestInput::new(list.clone(), "Ada \"Countess\" Lovelace")
        .tickets(3)
        .notes("a\nnote \u{1f389}");
    let added = session.run(&AddGuest::new(input)).await.unwrap().add_guest;
    assert_eq!(added.guest.name, "Ada \"Countess\" Lovelace");
    assert_eq!(added.guest.notes.as_deref(), Some("a\nnote \u{1f389}"));
    assert_eq!(
        added.guest.status,
        GuestStatus::Invited,
        "the default of the schema stands where nothing is sent"
    );
    assert_eq!(
        added.event.total_tickets,
        event.event_counter.total_tickets + 3
    );

    let checked = session
        .run(&CheckIn::new(added.guest.id.clone()).tickets(2))
        .await
        .unwrap()
        .check_in;
    assert_eq!(
        (checked.guest.checked_in, checked.guest.status),
        (2, GuestStatus::PartlyArrived)
    );
    assert_eq!(checked.event.checked_in, event.event_counter.checked_in + 2);
    let undone = session
        .run(&UndoCheckIn::new(added.guest.id.clone()))
        .await
        .unwrap()
        .undo_check_in;
    assert_eq!(undone.event.checked_in, event.event_counter.checked_in);

    // Absent stays, null clears.
    let kept = session
        .run(&UpdateGuest::new(
            UpdateGuestInput::new(added.guest.id.clone()).name("Ada"),
        ))
        .await
        .unwrap();
    assert_eq!(
        kept.update_guest.notes.as_deref(),
        Some("a\nnote \u{1f389}")
    );
    let cleared = session
        .run(&UpdateGuest::new(
            UpdateGuestInput::new(added.guest.id.clone()).notes(Maybe::Null),
        ))
        .await
        .unwrap();
    assert_eq!(cleared.update_guest.notes, None);

    // One of several keys, and a filter that contains itself.
    let key = GuestKey::Named(Box::new(GuestName::new(id.clone(), "ada")));
    assert_eq!(
        session
            .run(&FindGuest::new(key))
            .await
            .unwrap()
            .guest
            .unwrap()
            .id,
        added.guest.id
    );
    let is = |name: &str| GuestFilter::new().name(StringFilter::new().eq(name));
    let filter = GuestFilter::new()
        .or(vec![is("ada"), is("nobody")])
        .not(is("bob"));
    let found = session
        .run(&Event::new(id.clone()).filter(filter))
        .await
        .unwrap()
        .event
        .unwrap();
    assert_eq!(
        found
            .guests
            .nodes
            .iter()
            .map(|guest| guest.name.as_str())
            .collect::<Vec<_>>(),
        ["Ada"]
    );

    let text = "Katy Perry +1 (2)\n\nJon Snow +2 (3) : a note";
    let pasted = session
        .run(&AddGuestsFromText::new(list, text))
        .await
        .unwrap()
        .add_guests_from_text;
    assert_eq!(
        pasted
            .guests
            .iter()
            .map(|guest| (guest.name.as_str(), guest.tickets))
            .collect::<Vec<_>>(),
        [("Katy Perry", 2), ("Jon Snow", 3)]
    );

    // A union of entries, the newest first, each with what all entries share.
    let entries = session
        .run(&Activity::new(id).limit(20))
        .await
        .unwrap()
        .event
        .unwrap()
        .recent_activity;
    assert!(entries.iter().any(|entry| matches!(
        entry,
        activity::EventRecentActivity::GuestAdded(entry)
            if entry.guest_name == "Jon Snow" && entry.tickets == 3
    )));
    assert!(entries.iter().any(|entry| matches!(
        entry,
        activity::EventRecentActivity::CheckedOut(entry) if entry.tickets == 2
    )));
    assert!(entries.iter().any(|entry| matches!(
        entry,
        activity::EventRecentActivity::GuestChanged(entry) if entry
            .changes
            .iter()
            .any(|change| change.field == "notes" && change.after.is_none())
    )));
}

#[tokio::test]
async fn an_error_of_the_api_has_its_path_and_code() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    let error = session.run(&CheckIn::new("nobody")).await.unwrap_err();
    let Error::Graphql(errors) = &error else {
        panic!("{error}")
    };
    assert_eq!(errors[0].extensions["code"], "NOT_FOUND");
    assert!(error.to_string().contains("checkIn"), "{error}");
}
