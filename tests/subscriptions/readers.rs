//! Readers that are slower than the server.

use attendium::Error;
use attendium::subscription::{
    Overflow, StreamExt as _, SubscriptionError, SubscriptionProtocol, SubscriptionUpdate,
};
use attendium_sandbox::{Fault, Place};

use crate::support::{Door, end, next, next_name, settings};

const FLOOD: usize = 100_000;

fn flood(door: &Door) {
    door.sandbox.faults().add(Place::Socket, Fault::SocketFlood);
}

#[tokio::test]
async fn a_reader_that_keeps_up_gets_every_event_of_a_flood() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let mut updates = door.subscribed(1).await;
    flood(&door);
    door.add("Ada").await;
    for _ in 0..FLOOD {
        let update = next(&mut updates).await;
        assert!(matches!(update, SubscriptionUpdate::Event(_)), "{update:?}");
    }
}

#[tokio::test]
async fn a_slow_reader_ends_with_an_error_and_its_neighbour_goes_on() {
    let door =
        Door::open(settings(SubscriptionProtocol::WebSocket).queue(10, Overflow::Error)).await;
    let mut slow = door.subscribed(1).await;
    let mut neighbour = door.subscribed(2).await;
    flood(&door);
    door.add("Ada").await;
    let mut seen = 0;
    while seen < 1 {
        next_name(&mut neighbour).await;
        seen += 1;
    }
    let error = end(&mut slow).await;
    let mut ended = Vec::from_iter(error);
    door.add("Grace").await;
    // One of the two met the flood; the other one saw both guests.
    while let Some(update) = neighbour.next().await {
        match update {
            Ok(SubscriptionUpdate::Event(event)) => {
                let name = crate::support::name_of(&event.data.unwrap().activity);
                if name == "Grace" {
                    break;
                }
            }
            Ok(_) => {}
            Err(error) => ended.push(error),
        }
    }
    assert_eq!(ended.len(), 1, "{ended:?}");
    let Error::Subscription { source, .. } = &ended[0] else {
        panic!("{ended:?}");
    };
    assert!(
        matches!(source, SubscriptionError::Overflow { capacity: 10 }),
        "{source:?}"
    );
}

#[tokio::test]
async fn a_slow_reader_may_lose_the_oldest_events_and_is_told_how_many() {
    let door =
        Door::open(settings(SubscriptionProtocol::WebSocket).queue(10, Overflow::DropOldest)).await;
    let mut updates = door.subscribed(1).await;
    flood(&door);
    door.add("Ada").await;
    // Behind the flood comes the last one.
    door.add("Grace").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let (mut events, mut dropped) = (0, 0);
    loop {
        match next(&mut updates).await {
            SubscriptionUpdate::Event(event) => {
                events += 1;
                if crate::support::name_of(&event.data.unwrap().activity) == "Grace" {
                    break;
                }
            }
            SubscriptionUpdate::Dropped(count) => dropped += count,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(events + dropped, FLOOD as u64 + 1);
    assert!(dropped > 0);
}

#[tokio::test]
async fn a_slow_reader_may_make_the_server_wait_and_loses_nothing() {
    let door =
        Door::open(settings(SubscriptionProtocol::WebSocket).queue(10, Overflow::Wait)).await;
    let mut updates = door.subscribed(1).await;
    let mut other = door.subscribed(2).await;
    assert_eq!(door.sandbox.counts().sockets, 2);
    flood(&door);
    door.add("Ada").await;
    door.add("Grace").await;
    // One of the two connections has the flood; nobody reads it for a while.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let mut counts = Vec::new();
    for updates in [&mut updates, &mut other] {
        let mut count = 0;
        while next_name(updates).await != "Grace" {
            count += 1;
        }
        counts.push(count);
    }
    counts.sort_unstable();
    assert_eq!(counts, [1, FLOOD]);
}
