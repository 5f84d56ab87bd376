//! Operations with files: against the sandbox, and byte by byte against a server that keeps what it
//! was sent.

mod failures;
mod sandbox;
mod wire;

attendium::graphql!(
    scalar = "Upload=attendium::Upload",
    "
    query Lists($event: ID!) {
      event(id: $event) { guestLists { id } }
    }
    mutation ImportGuests($guestList: ID!, $file: Upload!) {
      importGuests(guestList: $guestList, file: $file) {
        fileName
        guests { name tickets email notes }
        rejected { line text reason }
      }
    }
    "
);

include!("../doctests/logged_in.rs");

/// A sandbox, a session, and the list that guests are imported to.
async fn door() -> (
    attendium_sandbox::Sandbox,
    attendium::Session,
    attendium::Id,
) {
    let (sandbox, session) = logged_in().await.unwrap();
    let event = session
        .run(&Lists::new("event-midsummer"))
        .await
        .unwrap()
        .event;
    let list = event.unwrap().guest_lists[0].id.clone();
    (sandbox, session, list)
}
