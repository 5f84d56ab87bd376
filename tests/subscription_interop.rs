//! Subscriptions against servers that this project did not write: graphql-ws, graphql-sse in both
//! of its modes, and GraphQL Yoga. `interop/README.md` says how they are installed; without them
//! these tests fail.
#![allow(missing_docs)]

mod interop_server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use attendium::subscription::{
    ConnectionLoss, NewToken, StreamExt as _, SubscriptionError, SubscriptionProtocol,
    SubscriptionSettings, SubscriptionUpdate,
};
use attendium::transport::{BoxFuture, reqwest};
use attendium::{Error, Session, TokenSource, TokenSourceError};
use secrecy::SecretString;

use interop_server::Server;

mod api {
    attendium::graphql! {
        schema = "interop/subscriptions/schema.graphql",
        query Hello { hello }
        subscription Count($to: Int!, $pause: Int) { count(to: $to, pause: $pause) }
        subscription Fails { fails }
        subscription Partly($why: String) { partly(why: $why) }
        subscription Forever { forever }
    }
}

use api::{Count, Fails, Forever, Partly};

const WAYS: [(&str, SubscriptionProtocol); 7] = [
    ("/ws", SubscriptionProtocol::WebSocket),
    ("/ws", SubscriptionProtocol::Auto),
    ("/sse", SubscriptionProtocol::ServerSentEvents),
    ("/sse", SubscriptionProtocol::ServerSentEventsSingle),
    ("/sse", SubscriptionProtocol::Auto),
    ("/yoga", SubscriptionProtocol::ServerSentEvents),
    ("/yoga", SubscriptionProtocol::Auto),
];

fn start() -> Server {
    let install = "install it: see interop/README.md";
    Server::start("node", "subscriptions/servers.mjs", install)
}

/// Has the server do something to its connections.
async fn tell(server: &Server, what: &str) {
    let url = format!("{}/{what}", server.url());
    reqwest::Client::new().post(url).send().await.unwrap();
}

fn session(server: &Server, path: &str, settings: SubscriptionSettings) -> (Session, Tokens) {
    let tokens = Tokens::default();
    let session = Session::builder()
        .base_url(server.url())
        .graphql_url(format!("{}{path}", server.url()))
        .token_source(tokens.clone())
        .subscriptions(settings)
        .build()
        .unwrap();
    (session, tokens)
}

/// Tokens with a number, the next one where one was refused. Those of each session are its own.
#[derive(Clone)]
struct Tokens(Arc<AtomicUsize>, usize);

impl Default for Tokens {
    fn default() -> Self {
        static SESSIONS: AtomicUsize = AtomicUsize::new(0);
        Self(Arc::default(), SESSIONS.fetch_add(1, Ordering::SeqCst))
    }
}

impl Tokens {
    fn number(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn name(&self, number: usize) -> String {
        format!("token-{}-{number}", self.1)
    }
}

impl TokenSource for Tokens {
    fn token(&self, refused: bool) -> BoxFuture<'_, Result<SecretString, TokenSourceError>> {
        let number = self.0.fetch_add(usize::from(refused), Ordering::SeqCst);
        let number = number + usize::from(refused);
        Box::pin(async move { Ok(SecretString::from(self.name(number))) })
    }
}

fn settings(protocol: SubscriptionProtocol) -> SubscriptionSettings {
    SubscriptionSettings::new()
        .protocol(protocol)
        .on_new_token(NewToken::Keep)
        .reconnect_delay(Duration::from_millis(1), Duration::from_millis(20))
}

async fn next<S: attendium::subscription::Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    tokio::time::timeout(Duration::from_secs(20), stream.next())
        .await
        .expect("something comes")
}

#[tokio::test]
async fn every_event_comes_and_then_the_end() {
    let server = start();
    for (path, protocol) in WAYS {
        let (session, _) = session(&server, path, settings(protocol));
        let mut one = session.subscribe(&Count::new(20));
        let mut other = session.subscribe(&Count::new(30).pause(1));
        for expected in 1..=30 {
            if expected <= 20 {
                let data = next(&mut one).await.unwrap().unwrap();
                assert_eq!(data.count, expected, "{path} {protocol:?}");
            }
            let data = next(&mut other).await.unwrap().unwrap();
            assert_eq!(data.count, expected, "{path} {protocol:?}");
        }
        assert!(next(&mut one).await.is_none(), "{path} {protocol:?}");
        assert!(next(&mut other).await.is_none(), "{path} {protocol:?}");
        session.close_subscriptions().await;
    }
}

/// Each server ends it in its own way: by an error, by a lost connection.
async fn fails_in_the_end(session: &Session) {
    let mut fails = session.subscribe(&Fails {});
    assert_eq!(next(&mut fails).await.unwrap().unwrap().fails, 1);
    let mut last = None;
    while let Some(event) = next(&mut fails).await {
        if let Err(error) = event {
            last = Some(error);
        }
    }
    let error = last.expect("not as if it were complete");
    assert!(
        matches!(
            error,
            Error::Graphql(_)
                | Error::Subscription {
                    source: SubscriptionError::Lost { .. } | SubscriptionError::Closed { .. },
                    ..
                }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn errors_are_told_from_ends_and_events_with_errors_are_followed_by_others() {
    let server = start();
    for (path, protocol) in WAYS {
        let (session, _) = session(&server, path, settings(protocol).max_reconnects(2));
        // graphql-sse lets an error of the event source end the process.
        if path != "/sse" {
            fails_in_the_end(&session).await;
        }

        let mut partly = session.subscribe(&Partly::new());
        let error = next(&mut partly).await.unwrap().unwrap_err();
        assert!(
            matches!(&error, Error::Graphql(_)),
            "{path} {protocol:?} {error:?}"
        );
        assert_eq!(next(&mut partly).await.unwrap().unwrap().partly, Some(2));
        assert!(next(&mut partly).await.is_none());
    }
}

/// Yoga shows none of the server's own words.
#[tokio::test]
async fn point_50_a_token_that_a_server_repeats_is_taken_out() {
    let server = start();
    for (path, protocol) in WAYS {
        let (session, tokens) = session(&server, path, settings(protocol));
        let token = tokens.name(0);
        let why = format!("who is {token}?");
        let mut partly = session.subscribe(&Partly::new().why(why));
        let error = next(&mut partly).await.unwrap().unwrap_err();
        let Error::Graphql(errors) = &error else {
            panic!("{path} {protocol:?} {error:?}");
        };
        let expected = match path {
            "/yoga" => "Unexpected error.",
            _ => "who is [removed]?",
        };
        assert_eq!(errors[0].message, expected, "{path} {protocol:?}");
        assert!(!format!("{error} {error:?}").contains(&token), "{error:?}");
    }
}

#[tokio::test]
async fn what_does_not_validate_ends_with_the_servers_errors() {
    mod elsewhere {
        attendium::graphql! {
            schema = "schema/example.graphql",
            subscription CheckedIn { checkedIn { id } }
        }
    }
    let server = start();
    for (path, protocol) in WAYS {
        let (session, _) = session(&server, path, settings(protocol));
        let mut stream = session.subscribe(&elsewhere::CheckedIn {});
        let error = next(&mut stream).await.unwrap().unwrap_err();
        let Error::Graphql(errors) = &error else {
            panic!("{path} {protocol:?} {error:?}");
        };
        assert!(errors[0].message.contains("checkedIn"), "{error:?}");
        assert!(next(&mut stream).await.is_none(), "{path} {protocol:?}");
    }
}

#[tokio::test]
async fn a_token_that_expires_is_replaced_once_and_the_stream_goes_on() {
    let server = start();
    for (path, protocol) in WAYS {
        let (session, tokens) = session(&server, path, settings(protocol));
        let mut updates = session.subscribe(&Forever {}).updates();
        for round in 0..3 {
            loop {
                match next(&mut updates).await.unwrap().unwrap() {
                    SubscriptionUpdate::Event(event) if event.data.is_some() => break,
                    SubscriptionUpdate::Event(event) => panic!("{event:?}"),
                    _ => {}
                }
            }
            assert_eq!(tokens.number(), round, "{path} {protocol:?}");
            let token = tokens.name(round);
            tell(&server, &format!("refuse?token={token}")).await;
            loop {
                match next(&mut updates).await.unwrap().unwrap() {
                    SubscriptionUpdate::Disconnected { .. } => break,
                    SubscriptionUpdate::Event(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!((2..=3).contains(&tokens.number()), "{path} {protocol:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_killed_is_made_again() {
    let server = start();
    for (path, protocol) in WAYS {
        let (session, _) = session(&server, path, settings(protocol));
        let mut updates = session.subscribe(&Forever {}).updates();
        let (mut losses, mut events) = (0, 0);
        while losses < 5 {
            match next(&mut updates).await.unwrap().unwrap() {
                SubscriptionUpdate::Event(_) => {
                    events += 1;
                    if events == 3 {
                        tell(&server, "kill").await;
                    }
                }
                SubscriptionUpdate::Disconnected { cause, .. } => {
                    assert!(
                        matches!(
                            cause,
                            ConnectionLoss::Transport(_)
                                | ConnectionLoss::Closed(..)
                                | ConnectionLoss::Protocol(_)
                                | ConnectionLoss::Ended
                        ),
                        "{cause:?}"
                    );
                    (losses, events) = (losses + 1, 0);
                }
                _ => {}
            }
        }
    }
}
