//! Tokens: one for each connection, one refresh where one is refused.

use attendium::model::LiveActivity;
use attendium::subscription::{NewToken, SubscriptionProtocol, SubscriptionUpdate};
use attendium::{Error, Session};
use attendium_sandbox::{Fault, Place};

use crate::support::{Door, EVENT, end, next, next_name, settings};

#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_the_subscription_begins_anew() {
    for fault in [
        Fault::SocketClosed4401,
        Fault::SocketClosed4403,
        Fault::SocketUnauthenticated,
    ] {
        let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
        let at_begin = fault != Fault::SocketClosed4401;
        if at_begin {
            door.sandbox.faults().add(Place::Socket, fault);
        }
        let mut updates = door.subscribe().updates();
        door.wait_connected(&mut updates, u64::from(!at_begin))
            .await;
        if !at_begin {
            door.sandbox.faults().add(Place::Socket, fault);
            door.add("Lost").await;
        }
        door.wait_for(|counts| counts.refreshes == 1).await;
        let begun = if at_begin { 1 } else { 2 };
        door.wait_subscribed(begun).await;
        door.add("Ada").await;
        assert_eq!(next_name(&mut updates).await, "Ada", "{fault:?}");
        assert_eq!(door.sandbox.counts().refreshes, 1, "{fault:?}");
        assert_eq!(door.sandbox.counts().subscriptions, begun, "{fault:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_again_ends_all() {
    for (protocol, place, fault) in [
        (
            SubscriptionProtocol::WebSocket,
            Place::Socket,
            Fault::SocketClosed4403,
        ),
        (
            SubscriptionProtocol::WebSocket,
            Place::Socket,
            Fault::SocketUnauthenticated,
        ),
        (
            SubscriptionProtocol::ServerSentEvents,
            Place::Graphql,
            Fault::InvalidToken,
        ),
        (
            SubscriptionProtocol::Auto,
            Place::Graphql,
            Fault::Unauthenticated200,
        ),
    ] {
        let door = Door::open(settings(protocol)).await;
        door.sandbox.faults().add(place, fault).forever();
        let error = end(&mut door.subscribe().updates()).await.unwrap();
        assert!(
            matches!(error, Error::Unauthorized { renewed: true, .. }),
            "{fault:?} {error:?}"
        );
        assert_eq!(door.sandbox.counts().refreshes, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_expired_token_is_refreshed_before_each_connection() {
    for protocol in [
        SubscriptionProtocol::WebSocket,
        SubscriptionProtocol::ServerSentEvents,
        SubscriptionProtocol::Multipart,
    ] {
        let door = Door::open(settings(protocol)).await;
        let mut updates = door.subscribed(1).await;
        door.sandbox.expire_access_tokens();
        door.sandbox.cut_connections();
        // The client does not know that it expired: the server says so.
        door.wait_subscribed(2).await;
        door.add("Ada").await;
        assert_eq!(next_name(&mut updates).await, "Ada", "{protocol:?}");
        assert_eq!(door.sandbox.counts().refreshes, 1, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_socket_follows_the_session_to_a_new_token_where_that_is_wished() {
    for (new_token, sockets) in [(NewToken::Keep, 1), (NewToken::Reconnect, 2)] {
        let door =
            Door::open(settings(SubscriptionProtocol::WebSocket).on_new_token(new_token)).await;
        let mut updates = door.subscribed(1).await;
        // Another request learns that the token is no good, and gets another one.
        door.sandbox.expire_access_tokens();
        door.session.run(&attendium::Me {}).await.unwrap();
        assert_eq!(door.sandbox.counts().refreshes, 1);
        if new_token == NewToken::Reconnect {
            let lost = next(&mut updates).await;
            assert!(
                matches!(lost, SubscriptionUpdate::Disconnected { .. }),
                "{lost:?}"
            );
            door.wait_connected(&mut updates, 2).await;
        }
        door.add("Ada").await;
        assert_eq!(next_name(&mut updates).await, "Ada");
        assert_eq!(door.sandbox.counts().sockets, sockets, "{new_token:?}");
    }
}

#[tokio::test]
async fn a_session_without_a_login_is_told_to_log_in() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let session = Session::builder()
        .base_url(door.sandbox.base_url())
        .application("Nobody")
        .subscriptions(settings(SubscriptionProtocol::WebSocket))
        .build()
        .unwrap();
    let mut updates = session.subscribe(&LiveActivity::new(EVENT)).updates();
    let error = end(&mut updates).await.unwrap();
    assert!(error.is_login_required(), "{error:?}");
}
