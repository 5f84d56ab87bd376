//! The same events, whichever way they come.

use attendium::model::LiveActivity;
use attendium::subscription::{StreamExt as _, SubscriptionError, SubscriptionProtocol};
use attendium::{Error, Session};
use attendium_sandbox::{Fault, Place};

use crate::support::{Door, end, name_of, next_name, settings};

const PROTOCOLS: [SubscriptionProtocol; 4] = [
    SubscriptionProtocol::Auto,
    SubscriptionProtocol::WebSocket,
    SubscriptionProtocol::ServerSentEvents,
    SubscriptionProtocol::Multipart,
];

#[tokio::test]
async fn events_come_in_order_by_every_protocol() {
    for protocol in PROTOCOLS {
        let door = Door::open(settings(protocol)).await;
        let mut updates = door.subscribed(1).await;
        for name in ["Ada", "Grace \"Amazing\" Hopper", "\u{1f389}"] {
            door.add(name).await;
            assert_eq!(next_name(&mut updates).await, name, "{protocol:?}");
        }
    }
}

#[tokio::test]
async fn a_stream_gives_data_alone() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let mut events = door.subscribe();
    let reading = tokio::spawn(async move { events.next().await.unwrap().unwrap() });
    door.wait_subscribed(1).await;
    door.add("Ada").await;
    assert_eq!(name_of(&reading.await.unwrap().activity), "Ada");
}

#[tokio::test]
async fn one_socket_carries_many_subscriptions_and_a_dropped_stream_is_completed() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let mut streams = Vec::new();
    for count in 1..=20 {
        streams.push(door.subscribed(count).await);
    }
    door.add("Ada").await;
    for updates in &mut streams {
        assert_eq!(next_name(updates).await, "Ada");
    }
    assert_eq!(door.sandbox.counts().sockets, 1);
    let mut last = streams.pop().unwrap();
    drop(streams);
    door.wait_for(|counts| counts.subscriptions_completed == 19)
        .await;
    door.add("Grace").await;
    assert_eq!(next_name(&mut last).await, "Grace");
    assert_eq!(door.sandbox.counts().sockets, 1);
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_poll() {
    let door = Door::open(settings(SubscriptionProtocol::Auto)).await;
    let stream = door.subscribe();
    drop(stream);
    tokio::task::yield_now().await;
    assert_eq!(door.sandbox.counts().subscriptions, 0);
}

#[tokio::test]
async fn a_request_that_is_refused_ends_with_what_the_server_says() {
    for protocol in PROTOCOLS {
        let door = Door::open(settings(protocol)).await;
        let stream = door.session.subscribe(&LiveActivity::new("event-unknown"));
        let error = end(&mut stream.updates()).await;
        // Over HTTP the refusal is an event, after which the server completes.
        let Some(error) = error else {
            let mut stream = door.session.subscribe(&LiveActivity::new("event-unknown"));
            let error = stream.next().await.unwrap().unwrap_err();
            assert!(matches!(error, Error::Graphql(_)), "{protocol:?} {error:?}");
            assert!(stream.next().await.is_none());
            continue;
        };
        assert!(matches!(error, Error::Graphql(_)), "{protocol:?} {error:?}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_over_http_is_asked_over_a_socket() {
    let door = Door::open(settings(SubscriptionProtocol::Auto)).await;
    let faults = door.sandbox.faults();
    faults.add(Place::Graphql, Fault::Status404).times(2);
    let mut first = door.subscribed(1).await;
    // From then on without asking over HTTP.
    let requests = door.sandbox.counts().graphql_requests;
    let mut second = door.subscribed(2).await;
    let counts = door.sandbox.counts();
    assert_eq!((counts.sockets, counts.graphql_requests), (1, requests));
    door.add("Ada").await;
    assert_eq!(next_name(&mut first).await, "Ada");
    assert_eq!(next_name(&mut second).await, "Ada");
}

#[tokio::test]
async fn what_is_offered_in_no_way_says_so() {
    for protocol in PROTOCOLS {
        let door = Door::open(settings(protocol)).await;
        let session = Session::builder()
            .base_url(door.sandbox.base_url())
            .graphql_url(format!("{}/nowhere", door.sandbox.base_url()))
            .anonymous()
            .subscriptions(settings(protocol))
            .build()
            .unwrap();
        let mut updates = session.subscribe(&LiveActivity::new("event")).updates();
        let error = end(&mut updates).await.unwrap();
        let Error::Subscription { source, server, .. } = &error else {
            panic!("{protocol:?} {error:?}");
        };
        assert!(
            matches!(source, SubscriptionError::NotOffered { answer } if answer.contains("404")),
            "{protocol:?} {source:?}"
        );
        assert_eq!(**server, *door.sandbox.base_url());
        assert!(error.help().contains("socket_url"));
    }
}

#[tokio::test]
async fn closing_ends_all_in_order() {
    for protocol in PROTOCOLS {
        let door = Door::open(settings(protocol)).await;
        let mut one = door.subscribed(1).await;
        let mut other = door.subscribed(2).await;
        door.session.close_subscriptions().await;
        assert!(end(&mut one).await.is_none());
        assert!(end(&mut other).await.is_none());
        if protocol == SubscriptionProtocol::WebSocket {
            door.wait_for(|counts| counts.subscriptions_completed == 2)
                .await;
        }
        // And a new one begins anew.
        let mut again = door.subscribed(3).await;
        door.add("Ada").await;
        assert_eq!(next_name(&mut again).await, "Ada");
    }
}
