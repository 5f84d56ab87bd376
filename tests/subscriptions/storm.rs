//! Connections that are killed at random times and tokens that expire, while events go on: each
//! event comes once, each gap is told, each expiry costs one refresh.
//!
//! `ATTENDIUM_STORM` is how many connections are killed (100), of which every tenth time the tokens
//! expire too.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attendium::subscription::{StreamExt as _, SubscriptionProtocol, SubscriptionUpdate};

use crate::support::{Door, EVENT, name_of, settings};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_comes_once_and_every_gap_is_told() {
    let kills: u64 = std::env::var("ATTENDIUM_STORM")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100);
    for protocol in [
        SubscriptionProtocol::WebSocket,
        SubscriptionProtocol::ServerSentEvents,
        SubscriptionProtocol::Multipart,
    ] {
        storm(protocol, kills).await;
    }
}

async fn storm(protocol: SubscriptionProtocol, kills: u64) {
    let door = Door::open(settings(protocol)).await;
    let mut updates = door.subscribed(1).await;
    let over = AtomicBool::new(false);
    let happening = async {
        let mut number = 0u64;
        while !over.load(Ordering::SeqCst) {
            door.sandbox.add_guest(EVENT, &number.to_string());
            number += 1;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        number
    };
    let killing = async {
        // Random without a source of it: what is random is where the two sides are.
        let mut pause = 0x2545_f491_4f6c_dd1d_u64;
        for kill in 0..kills {
            pause ^= pause << 13;
            pause ^= pause >> 7;
            pause ^= pause << 17;
            tokio::time::sleep(Duration::from_micros(pause % 20_000)).await;
            let seen = door.sandbox.counts().subscriptions;
            if kill % 10 == 9 {
                door.sandbox.expire_access_tokens();
            }
            door.sandbox.cut_connections();
            door.wait_subscribed(seen + 1).await;
        }
        over.store(true, Ordering::SeqCst);
    };
    let reading = async {
        let (mut seen, mut last, mut gaps) = (BTreeSet::new(), None, 0u64);
        let mut is_gap = false;
        loop {
            let next = tokio::time::timeout(Duration::from_millis(500), updates.next()).await;
            let update = match next {
                Ok(update) => update.expect("it goes on").expect("no error"),
                Err(_) if over.load(Ordering::SeqCst) => break,
                Err(_) => continue,
            };
            match update {
                SubscriptionUpdate::Event(event) => {
                    let name = name_of(&event.data.expect("data").activity);
                    let number: u64 = name.parse().expect("a number");
                    assert!(seen.insert(number), "{number} came twice");
                    assert!(last.is_none_or(|last| last < number), "{last:?} {number}");
                    let follows = last.is_none_or(|last| number == last + 1);
                    assert!(follows || is_gap, "{last:?} {number} without a word");
                    (last, is_gap) = (Some(number), false);
                }
                SubscriptionUpdate::Disconnected { .. } => {
                    gaps += 1;
                    is_gap = true;
                }
                _ => {}
            }
        }
        (seen.len() as u64, gaps)
    };
    let (happened, (), (events, gaps)) = tokio::join!(happening, killing, reading);
    let counts = door.sandbox.counts();
    assert_eq!(counts.refreshes, kills / 10, "{protocol:?}");
    assert!(gaps >= kills, "{protocol:?}: {gaps} gaps");
    assert!(events > 0 && events <= happened);
    println!("{protocol:?}: {kills} kills, {gaps} losses, {events} of {happened} events");
}
