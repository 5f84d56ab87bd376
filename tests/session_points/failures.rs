//! What is tried again, how often and how late, and what ends a login (points 28 and 29).
//!
//! Waits run on tokio's paused clock, so no test waits. `matrix.rs` walks every fault at every
//! place; here are those that need more than one look.

use std::sync::Arc;
use std::time::Duration;

use attendium::store::{FileStore, MemoryStore};
use attendium::transport::{Limits, TransportError, TransportErrorKind};
use attendium::{Error, Me, Retries, Session};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{
    REDIRECT, Scripted, builder, clicking, json, log_in, logged_in, now, parameter, quick, rewrite,
    scripted, session, with_header,
};

const ME: &str = r#"{"data":{"me":{"id":"7"}}}"#;

#[tokio::test(start_paused = true)]
async fn point_28_retry_after_is_honoured_in_seconds_and_as_a_date() {
    let soon = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(20));
    for (status, value, least, most) in [
        (429, "7", 7, 8),
        (503, "7", 7, 8),
        (429, soon.as_str(), 15, 21),
        (503, soon.as_str(), 15, 21),
    ] {
        let (session, transport) = scripted(0).await;
        transport.push(with_header(status, "retry-after", value, "later"));
        transport.push(json(
            200,
            r#"{"access_token":"access-2","expires_in":3600}"#,
        ));
        transport.push(json(200, ME));
        let began = tokio::time::Instant::now();
        session.run(&Me {}).await.unwrap();
        let waited = began.elapsed().as_secs();
        assert!(
            (least..=most).contains(&waited),
            "{status} {value}: {waited}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn point_28_a_wait_that_is_too_long_is_the_callers_to_decide() {
    let (session, transport) = scripted(0).await;
    transport.push(with_header(429, "retry-after", "3600", "later"));
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Status { status: 429, retry_after: Some(wait), .. } if wait.as_secs() == 3600
        ),
        "{error}"
    );
    assert!(session.status().await.unwrap().logged_in);
}

/// After a second, so that a sum of the two would overflow.
#[tokio::test(start_paused = true)]
async fn point_44_a_retry_after_of_any_size_is_an_error_to_the_caller() {
    for value in ["18446744073709551615", "18446744073709551614"] {
        let (session, transport) = scripted(0).await;
        transport.push(with_header(429, "retry-after", "2", "later"));
        transport.push(with_header(429, "retry-after", value, "later"));
        let error = session.run(&Me {}).await.unwrap_err();
        let Error::Status {
            status: 429,
            retry_after: Some(wait),
            ..
        } = error
        else {
            panic!("{error}")
        };
        assert!(wait.as_secs() > 1 << 63);
        assert!(!error.help().is_empty());
        assert!(session.status().await.unwrap().logged_in);
    }
}

#[tokio::test]
async fn point_44_durations_may_be_as_long_as_they_can_be() {
    let longest = Duration::MAX;
    let limits = Limits::new()
        .connect_timeout(longest)
        .read_timeout(longest)
        .timeout(longest);
    let retries = Retries::new().first_delay(longest).max_elapsed(longest);
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let session = builder(&sandbox)
        .store(FileStore::new(directory.path()))
        .limits(limits)
        .retries(retries)
        .build()
        .unwrap();
    let (login, _visits) = clicking(sandbox.scripted_user());
    session.login(login.timeout(longest)).await.unwrap();
    session.run(&Me {}).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn point_28_server_errors_and_connections_are_tried_again_and_bounded() {
    let connect = || Err(TransportError::new(TransportErrorKind::Connect));
    let (session, transport) = scripted(0).await;
    transport.push(json(500, "{}"));
    transport.push(connect());
    transport.push(json(
        200,
        r#"{"access_token":"access-2","expires_in":3600}"#,
    ));
    transport.push(json(200, ME));
    session.run(&Me {}).await.unwrap();

    let (session, transport) = scripted(0).await;
    for _ in 0..10 {
        transport.push(json(502, "{}"));
    }
    session.run(&Me {}).await.unwrap_err();
    // The exchange, and three tries of the refresh.
    assert_eq!(transport.count("/t"), 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn point_28_a_lost_answer_to_a_refresh_is_tried_once_more() {
    let lost = || Err(TransportError::new(TransportErrorKind::Interrupted));
    let (session, transport) = scripted(0).await;
    for _ in 0..5 {
        transport.push(lost());
    }
    session.run(&Me {}).await.unwrap_err();
    assert_eq!(transport.count("/t"), 1 + 2);
}

#[tokio::test]
async fn point_28_a_code_is_exchanged_once() {
    for fault in [
        Fault::DroppedAfter,
        Fault::DroppedBefore,
        Fault::Truncated,
        Fault::Status500,
        Fault::Html,
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(Place::Token, fault);
        log_in(&session(&sandbox), sandbox.scripted_user())
            .await
            .unwrap_err();
        assert_eq!(sandbox.faults().waiting(Place::Token), 0);
        assert!(sandbox.counts().code_exchanges <= 1, "{fault}");
        assert_eq!(
            (
                sandbox.counts().families_revoked,
                sandbox.counts().faults_played
            ),
            (0, 1),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn point_29_only_invalid_grant_ends_a_login() {
    let faults = [
        Fault::Status500,
        Fault::Status404,
        Fault::Html,
        Fault::Html200,
        Fault::DroppedBefore,
        Fault::OauthErrorWithStatus200,
        Fault::Redirect,
        Fault::NoAccessToken,
    ];
    for fault in faults {
        // A server that accepts the old token for a while, so that what a fault spent does not end
        // the login.
        let sandbox = Sandbox::builder()
            .refresh_grace(Duration::from_secs(60))
            .start()
            .await
            .unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.expire_access_tokens();
        sandbox.faults().add(Place::Token, fault).forever();
        let error = session.run(&Me {}).await.unwrap_err();
        assert!(!error.is_login_required(), "{fault}: {error}");
        assert!(session.status().await.unwrap().logged_in, "{fault}");
        sandbox.faults().clear();
        session.run(&Me {}).await.unwrap();
        assert_eq!(sandbox.counts().code_exchanges, 1);
    }
}

#[tokio::test]
async fn point_29_a_server_that_is_down_erases_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = MemoryStore::new();
    let session = builder(&sandbox).store(store).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox.expire_access_tokens();
    drop(sandbox);
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(
            &error,
            Error::Transport { source, .. } if source.kind() == TransportErrorKind::Connect
        ),
        "{error}"
    );
    assert!(session.status().await.unwrap().logged_in);
}

#[tokio::test]
async fn point_29_a_failing_refresh_ahead_of_expiry_uses_the_token_on() {
    // Ten seconds are left of an hour: due, and still good.
    let (session, transport) = expiring_soon().await;
    transport.push(json(500, "{}"));
    transport.push(json(500, "{}"));
    transport.push(json(500, "{}"));
    transport.push(json(200, ME));
    transport.push(json(200, ME));
    session.run(&Me {}).await.unwrap();
    session.run(&Me {}).await.unwrap();
    assert_eq!(transport.count("/graphql"), 2);
}

/// A session whose stored token has a tenth of a minute left.
async fn expiring_soon() -> (Session, Scripted) {
    let store = MemoryStore::default();
    let (source, _) = scripted(3600).await;
    drop(source);
    let transport = Scripted::new([
        json(200, crate::support::METADATA),
        json(201, r#"{"client_id":"c"}"#),
        json(
            200,
            r#"{"access_token":"access-1","refresh_token":"r","expires_in":3600}"#,
        ),
    ]);
    let build = |store: MemoryStore| {
        Session::builder()
            .base_url("https://api.example.com")
            .application("a")
            .transport(transport.clone())
            .store(Arc::new(store))
            .retries(quick())
            .build()
            .unwrap()
    };
    let first = build(store.clone());
    let (url, pending) = first.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let status = first
        .finish_login(pending, &format!("code=c&state={state}"))
        .await
        .unwrap();
    let in_ten_seconds = now() + 10_000;
    rewrite(&store, &status, |record| {
        record["expires_at"] = in_ten_seconds.into();
    })
    .await;
    transport.push(json(200, crate::support::METADATA));
    (build(store), transport)
}
