//! A connection that is lost, in every way that the sandbox knows: the stream goes on.

use std::time::Duration;

use attendium::Error;
use attendium::model::live_activity::Data;
use attendium::subscription::{
    CloseCode, ConnectionLoss, StreamExt as _, SubscriptionError, SubscriptionProtocol,
    SubscriptionUpdate, SubscriptionUpdates,
};
use attendium_sandbox::{Fault, Place};

use crate::support::{Door, EVENT, end, name_of, next, next_name, settings};

/// Why the connection was lost.
async fn loss(updates: &mut SubscriptionUpdates<Data>) -> ConnectionLoss {
    match next(updates).await {
        SubscriptionUpdate::Disconnected { cause, .. } => cause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_socket_is_made_again_and_the_gap_is_told() {
    for (fault, is_expected) in [
        (
            Fault::SocketDies,
            (|loss| {
                matches!(
                    loss,
                    ConnectionLoss::Transport(_) | ConnectionLoss::Protocol(_)
                )
            }) as fn(&ConnectionLoss) -> bool,
        ),
        (Fault::SocketHalfFrame, |loss| {
            matches!(
                loss,
                ConnectionLoss::Transport(_) | ConnectionLoss::Protocol(_)
            )
        }),
        (
            Fault::SocketGarbage,
            |loss| matches!(loss, ConnectionLoss::Protocol(problem) if problem.contains("JSON")),
        ),
        (
            Fault::SocketWrongIds,
            |loss| matches!(loss, ConnectionLoss::Protocol(problem) if problem.contains("our ids")),
        ),
        (Fault::SocketClosed1000, |loss| {
            matches!(loss, ConnectionLoss::Closed(Some(CloseCode::Normal), _))
        }),
        (Fault::SocketHangs, |loss| {
            matches!(loss, ConnectionLoss::Silent)
        }),
    ] {
        let quick =
            settings(SubscriptionProtocol::WebSocket).keep_alive(Duration::from_millis(200));
        let door = Door::open(quick).await;
        let mut updates = door.subscribed(1).await;
        door.sandbox.faults().add(Place::Socket, fault);
        door.add("Lost").await;
        let cause = loss(&mut updates).await;
        assert!(is_expected(&cause), "{fault:?} {cause:?}");
        door.wait_connected(&mut updates, 2).await;
        door.add("Ada").await;
        assert_eq!(next_name(&mut updates).await, "Ada", "{fault:?}");
    }
}

#[tokio::test]
async fn messages_that_the_protocol_does_not_know_are_passed_over() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let mut updates = door.subscribed(1).await;
    door.sandbox
        .faults()
        .add(Place::Socket, Fault::SocketUnknownMessages);
    door.add("Ada").await;
    let SubscriptionUpdate::Event(event) = next(&mut updates).await else {
        panic!("an event");
    };
    assert_eq!(name_of(&event.data.unwrap().activity), "Ada");
    assert_eq!(door.sandbox.counts().sockets, 1);
}

#[tokio::test]
async fn a_socket_that_is_not_acknowledged_is_tried_again() {
    let quick =
        settings(SubscriptionProtocol::WebSocket).acknowledge_timeout(Duration::from_millis(100));
    let door = Door::open(quick).await;
    door.sandbox
        .faults()
        .add(Place::Socket, Fault::SocketNoAck)
        .times(2);
    let mut updates = door.subscribe().updates();
    let cause = loss(&mut updates).await;
    assert!(
        matches!(cause, ConnectionLoss::NotAcknowledged),
        "{cause:?}"
    );
    door.wait_connected(&mut updates, 1).await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_given_up_after_the_last_attempt() {
    for protocol in [
        SubscriptionProtocol::WebSocket,
        SubscriptionProtocol::ServerSentEvents,
        SubscriptionProtocol::Multipart,
    ] {
        let door = Door::open(settings(protocol).max_reconnects(3)).await;
        let mut updates = door.subscribed(1).await;
        let Door {
            sandbox,
            session: _session,
            ..
        } = door;
        drop(sandbox);
        let error = end(&mut updates).await.unwrap();
        let Error::Subscription { source, .. } = &error else {
            panic!("{error:?}");
        };
        let SubscriptionError::Lost { attempts, cause } = source else {
            panic!("{source:?}");
        };
        assert_eq!(*attempts, 4);
        assert!(matches!(cause, ConnectionLoss::Transport(_)), "{cause:?}");
        let text = format!("{:#}", anyhow::Error::new(error));
        assert!(
            text.contains("LiveActivity") && text.contains("4 attempts"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_is_begun_again() {
    for protocol in [
        SubscriptionProtocol::ServerSentEvents,
        SubscriptionProtocol::Multipart,
    ] {
        let door = Door::open(settings(protocol)).await;
        let mut updates = door.subscribed(1).await;
        door.sandbox.cut_connections();
        let cause = loss(&mut updates).await;
        assert!(
            matches!(cause, ConnectionLoss::Transport(_) | ConnectionLoss::Ended),
            "{protocol:?} {cause:?}"
        );
        door.wait_connected(&mut updates, 2).await;
        door.add("Ada").await;
        assert_eq!(next_name(&mut updates).await, "Ada");
    }
}

attendium::graphql! {
    subscription Entries($event: ID!) {
        activity(event: $event) {
            ...Entry
        }
    }
    query LatestEntry($event: ID!) {
        event(id: $event) {
            recentActivity(limit: 1) {
                ...Entry
            }
        }
    }
    fragment Entry on LogEntry {
        guestName
    }
}

#[tokio::test]
async fn a_gap_is_filled_by_the_application_before_events_go_on() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let session = door.session.clone();
    let stream = door.session.subscribe(&Entries::new(EVENT));
    let mut events = stream.catch_up(move || {
        let session = session.clone();
        async move {
            let event = session.run(&LatestEntry::new(EVENT)).await?.event;
            let missed = event.expect("the event is there").recent_activity;
            let missed = missed.into_iter().filter_map(|missed| match missed {
                latest_entry::EventRecentActivity::LogEntry(missed) => Some(entries::Data {
                    activity: entries::Activity::LogEntry(entries::ActivityLogEntry {
                        typename: missed.typename,
                        entry: missed.entry,
                    }),
                }),
                latest_entry::EventRecentActivity::Other(_) => None,
            });
            Ok(missed.collect())
        }
    });
    let reading = tokio::spawn(async move {
        let mut names = Vec::new();
        for _ in 0..2 {
            let event = events.next().await.unwrap().unwrap();
            if let entries::Activity::LogEntry(activity) = event.activity {
                names.push(activity.entry.guest_name);
            }
        }
        names
    });
    door.wait_subscribed(1).await;
    // The server's last word is lost with the connection.
    let faults = door.sandbox.faults();
    faults.add(Place::Socket, Fault::SocketDies);
    door.add("Missed").await;
    door.wait_subscribed(2).await;
    door.add("Ada").await;
    assert_eq!(reading.await.unwrap(), ["Missed", "Ada"]);
}

attendium::graphql!(
    schema = "tests/uploads/files.graphql",
    scalar = "Upload=attendium::Upload",
    "subscription Sent($file: Upload!) { sent(file: $file) }"
);

#[tokio::test]
async fn a_subscription_with_a_file_is_refused_before_anything_is_sent() {
    let door = Door::open(settings(SubscriptionProtocol::Auto)).await;
    let before = door.sandbox.counts().graphql_requests;
    let file = Upload::from_bytes("guests.csv", "name");
    let mut events = door.session.subscribe(&Sent::new(file));
    let error = events.next().await.unwrap().unwrap_err();
    assert!(
        error.help().starts_with("send the file with a mutation"),
        "{}",
        error.help()
    );
    assert!(events.next().await.is_none());
    assert_eq!(door.sandbox.counts().graphql_requests, before);
}
