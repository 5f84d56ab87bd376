//! What a server repeats of a credential does not come back, and no log shows what is sent.

use std::cell::RefCell;

use attendium::Error;
use attendium::subscription::{
    CloseCode, StreamExt as _, SubscriptionError, SubscriptionProtocol, SubscriptionUpdate,
};
use attendium_sandbox::{Fault, Place};

use crate::support::{Door, end, next, next_name, settings};

const CLEAN: &str = "You sent Bearer [removed] here.";

#[tokio::test]
async fn point_50_a_credential_that_the_server_repeats_is_taken_out() {
    for protocol in [
        SubscriptionProtocol::WebSocket,
        SubscriptionProtocol::ServerSentEvents,
        SubscriptionProtocol::Multipart,
    ] {
        let door = Door::open(settings(protocol)).await;
        let token = door.access_token().await;
        let faults = door.sandbox.faults();
        if protocol != SubscriptionProtocol::WebSocket {
            faults.add(Place::Graphql, Fault::RepeatedCredential);
        }
        let mut updates = door.subscribed(1).await;
        if protocol == SubscriptionProtocol::WebSocket {
            faults.add(Place::Socket, Fault::SocketRepeatedCredential);
        }
        door.add("Ada").await;
        let SubscriptionUpdate::Event(event) = next(&mut updates).await else {
            panic!("{protocol:?}: an event");
        };
        assert_eq!(event.errors[0].message, CLEAN, "{protocol:?}");
        assert_eq!(event.errors[0].extensions["sent"][0], "Bearer [removed]");
        assert!(!format!("{:?}", event.errors).contains(&token));
        assert_eq!(next_name(&mut updates).await, "Ada", "{protocol:?}");
    }
}

#[tokio::test]
async fn point_50_a_credential_in_the_end_of_a_subscription_is_taken_out() {
    for fault in [
        Fault::SocketErrorWithCredential,
        Fault::SocketClosedWithCredential,
    ] {
        let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
        let token = door.access_token().await;
        let mut updates = door.subscribed(1).await;
        door.sandbox.faults().add(Place::Socket, fault);
        door.add("Ada").await;
        let error = end(&mut updates).await.unwrap();
        let said = match &error {
            Error::Graphql(errors) => &errors[0].message,
            Error::Subscription {
                source:
                    SubscriptionError::Closed {
                        code: CloseCode::BadRequest,
                        reason,
                    },
                ..
            } => reason,
            other => panic!("{fault:?} {other:?}"),
        };
        assert_eq!(said, CLEAN, "{fault:?}");
        assert!(!format!("{error} {error:?}").contains(&token), "{error:?}");
    }
}

#[tokio::test]
async fn no_log_shows_the_token_of_a_sockets_first_message() {
    let door = Door::open(settings(SubscriptionProtocol::WebSocket)).await;
    let token = door.access_token().await;
    let sent = SentFrames::capture();
    let mut updates = door.subscribed(1).await;
    let sent = sent.end();
    // The subscription's frame is there, so the first message's would be.
    assert!(
        sent.contains(&in_hex("subscription LiveActivity")),
        "{sent}"
    );
    assert!(!sent.contains(&in_hex(&token)) && !sent.contains(&token));
    door.add("Ada").await;
    assert!(matches!(
        updates.next().await,
        Some(Ok(SubscriptionUpdate::Event(_)))
    ));
}

fn in_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

thread_local! {
    /// What was logged of the frames that were sent on this thread, while that is wanted.
    static FRAMES: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what tungstenite logs of frames that are sent.
struct SentFrames;

impl SentFrames {
    fn capture() -> Self {
        // Another test of this process may have set it.
        let _ = log::set_logger(&Self);
        log::set_max_level(log::LevelFilter::Trace);
        FRAMES.set(Some(String::new()));
        Self
    }

    fn end(self) -> String {
        FRAMES.take().unwrap_or_default()
    }
}

impl log::Log for SentFrames {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        FRAMES.with_borrow(Option::is_some)
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        // The sandbox runs on this thread, too, and receives the token.
        if text.starts_with("writing frame") || text.starts_with("Sending frame") {
            FRAMES.with_borrow_mut(|frames| frames.get_or_insert_default().push_str(&text));
        }
    }

    fn flush(&self) {}
}
