//! What the server says of tokens, when they are due, when they are refused, and how they end
//! (points 24 to 26, 30 and 31).
//!
//! Answers come from the sandbox's faults where a server has been seen to give them, from
//! [`Scripted`] where their time counts. Refreshes at the same time are in `refresh.rs`, tries in
//! `failures.rs`.

use std::sync::Arc;
use std::time::Duration;

use attendium::store::MemoryStore;
use attendium::transport::BoxFuture;
use attendium::{Error, LoginRequired, Me, Session};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{
    REDIRECT, Scripted, builder, json, log_in, logged_in, now, parameter, rewrite, scripted,
    session,
};

const ME: &str = r#"{"data":{"me":{"id":"7"}}}"#;

#[tokio::test]
async fn point_24_lenient_answers_are_understood() {
    for fault in [
        Fault::NoTokenType,
        Fault::StringExpiresIn,
        Fault::FloatExpiresIn,
        Fault::NoExpiresIn,
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(Place::Token, fault);
        let session = logged_in(&sandbox).await;
        let expires_at = session.status().await.unwrap().expires_at;
        assert_eq!(expires_at.is_none(), fault == Fault::NoExpiresIn, "{fault}");
        session.run(&Me {}).await.unwrap();
        // Without an expiry, the 401 says it.
        sandbox.expire_access_tokens();
        session.run(&Me {}).await.unwrap();
        assert_eq!(sandbox.counts().refreshes, 1, "{fault}");
    }
}

#[tokio::test]
async fn point_24_no_new_refresh_token_keeps_the_old_one() {
    let sandbox = Sandbox::builder()
        .refresh_token_rotation(false)
        .start()
        .await
        .unwrap();
    let session = logged_in(&sandbox).await;
    for _ in 0..3 {
        sandbox.expire_access_tokens();
        sandbox.faults().add(Place::Token, Fault::NoRefreshToken);
        session.run(&Me {}).await.unwrap();
    }
    assert_eq!(sandbox.counts().refreshes, 3);
    assert!(session.status().await.unwrap().refreshable);
}

#[tokio::test]
async fn point_24_a_login_without_a_refresh_token_lasts_as_long_as_its_access_token() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Token, Fault::NoRefreshToken);
    let session = logged_in(&sandbox).await;
    session.run(&Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::LoginRequired {
                reason: LoginRequired::NotRefreshable,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn point_24_tokens_of_another_type_and_answers_without_a_token_are_refused() {
    for fault in [Fault::OtherTokenType, Fault::NoAccessToken] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(Place::Token, fault);
        let error = log_in(&session(&sandbox), sandbox.scripted_user())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{fault}: {error}");
    }
}

#[tokio::test]
async fn point_25_a_token_is_refreshed_ahead_of_its_expiry() {
    // Expired as soon as it is there: whatever the margin, the refresh comes before the request.
    let (session, transport) = scripted(0).await;
    transport.push(json(
        200,
        r#"{"access_token":"access-2","expires_in":3600}"#,
    ));
    transport.push(json(200, ME));
    transport.push(json(200, ME));
    session.run(&Me {}).await.unwrap();
    session.run(&Me {}).await.unwrap();
    assert_eq!((transport.count("/t"), transport.count("/graphql")), (2, 2));
    assert_eq!(
        transport.requests.lock().unwrap().last().unwrap().headers()["authorization"],
        "Bearer access-2"
    );
}

/// Keeps the time at which a request for tokens came, and lets it wait.
#[derive(Clone)]
struct Late(Scripted, Arc<std::sync::Mutex<Vec<u64>>>);

impl attendium::transport::Transport for Late {
    fn send(
        &self,
        request: http::Request<attendium::transport::Body>,
    ) -> BoxFuture<'_, crate::support::Sent> {
        let token = request.uri().path() == "/t";
        let answer = self.0.send(request);
        Box::pin(async move {
            if token {
                self.1.lock().unwrap().push(now());
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            answer.await
        })
    }
}

#[tokio::test]
async fn point_25_a_lifetime_counts_from_before_the_request_and_so_does_a_refreshed_one() {
    let tokens = r#"{"access_token":"a","refresh_token":"r","expires_in":0}"#;
    let refreshed = r#"{"access_token":"b","expires_in":3600}"#;
    let scripted = Scripted::new([
        json(200, crate::support::METADATA),
        json(201, r#"{"client_id":"c"}"#),
        json(200, tokens),
        json(200, refreshed),
        json(200, ME),
    ]);
    let late = Late(scripted, Arc::default());
    let store = MemoryStore::default();
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application("a")
        .transport(late.clone())
        .store(Arc::new(store.clone()))
        .build()
        .unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=c&state={state}");
    let status = session.finish_login(pending, &query).await.unwrap();
    let expiry = async || {
        let mut expires_at = 0;
        rewrite(&store, &status, |record| {
            expires_at = record["expires_at"].as_u64().unwrap()
        })
        .await;
        expires_at
    };
    assert!(expiry().await <= late.1.lock().unwrap()[0]);
    session.run(&Me {}).await.unwrap();
    let asked = late.1.lock().unwrap()[1];
    assert!(expiry().await <= asked + 3_600_000);
}

#[tokio::test]
async fn point_25_a_request_of_the_applications_own_gets_a_fresh_header() {
    let (session, transport) = scripted(0).await;
    transport.push(json(
        200,
        r#"{"access_token":"access-2","expires_in":3600}"#,
    ));
    for _ in 0..2 {
        let header = session.authorization_header().await.unwrap().unwrap();
        assert_eq!(header, "Bearer access-2");
        assert!(header.is_sensitive());
    }
    assert_eq!((transport.count("/t"), transport.count("/graphql")), (2, 0));
    let fixed = Session::with_access_token("https://api.example.com", "access-3").unwrap();
    assert_eq!(
        fixed.authorization_header().await.unwrap().unwrap(),
        "Bearer access-3"
    );
    let nobody = Session::builder().base_url("https://api.example.com");
    let error = nobody.clone().application("Guest list").build().unwrap();
    let error = error.authorization_header().await.unwrap_err();
    assert!(matches!(error, Error::LoginRequired { .. }), "{error}");
    let anonymous = nobody.anonymous().build().unwrap();
    assert_eq!(anonymous.authorization_header().await.unwrap(), None);
}

#[tokio::test]
async fn point_26_a_401_overrides_the_clock_and_is_replayed_once() {
    for fault in [Fault::InvalidToken, Fault::Unauthenticated200] {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.faults().add(Place::Graphql, fault);
        session.run(&Me {}).await.unwrap();
        let counts = sandbox.counts();
        assert_eq!(
            (
                counts.refreshes,
                counts.graphql_requests,
                counts.graphql_executions
            ),
            (1, 2, 1),
            "{fault}"
        );
        // A second one in a row is an error, and no loop.
        sandbox.faults().add(Place::Graphql, fault).times(2);
        let error = session.run(&Me {}).await.unwrap_err();
        assert!(
            matches!(error, Error::Unauthorized { renewed: true, .. }),
            "{fault}: {error}"
        );
        assert_eq!(
            (
                sandbox.counts().refreshes,
                sandbox.counts().graphql_requests
            ),
            (2, 4)
        );
    }
}

#[tokio::test]
async fn point_26_a_token_that_changed_meanwhile_is_tried_before_a_refresh() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = MemoryStore::new();
    let process = || builder(&sandbox).store(store.clone()).build().unwrap();
    let (one, two) = (process(), process());
    log_in(&one, sandbox.scripted_user()).await.unwrap();
    two.run(&Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    one.run(&Me {}).await.unwrap();
    two.run(&Me {}).await.unwrap();
    assert_eq!(sandbox.counts().refresh_attempts, 1);
}

#[tokio::test]
async fn point_26_another_token_that_has_expired_is_not_tried_but_refreshed() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = MemoryStore::default();
    let session = builder(&sandbox)
        .store(Arc::new(store.clone()))
        .build()
        .unwrap();
    let status = log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&Me {}).await.unwrap();
    // Another process refreshed an hour ago, and its token has expired since; then ours is revoked.
    rewrite(&store, &status, |record| {
        record["access"] = "theirs-an-hour-ago".into();
        record["expires_at"] = (now() - 1000).into();
    })
    .await;
    sandbox.expire_access_tokens();
    session.run(&Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refreshes, counts.graphql_requests), (1, 3));
}

#[tokio::test]
async fn point_30_logout_revokes_at_the_server_and_erases_here() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    let outcome = session.logout().await.unwrap();
    assert!(outcome.was_logged_in && outcome.revoked);
    assert_eq!(sandbox.counts().revocations, 1);
    assert!(session.run(&Me {}).await.unwrap_err().is_login_required());
    let again = session.logout().await.unwrap();
    assert!(!again.was_logged_in && !again.revoked);
}

#[tokio::test]
async fn point_30_logout_erases_here_when_the_server_can_not_or_does_not_revoke() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox
        .faults()
        .add(Place::Revoke, Fault::Status500)
        .forever();
    let outcome = session.logout().await.unwrap();
    assert!(outcome.was_logged_in && !outcome.revoked);
    assert!(!session.status().await.unwrap().logged_in);

    let sandbox = Sandbox::builder()
        .revocation_endpoint(false)
        .start()
        .await
        .unwrap();
    let session = logged_in(&sandbox).await;
    assert!(!session.logout().await.unwrap().revoked);
    assert!(!session.status().await.unwrap().logged_in);
}

#[tokio::test]
async fn point_31_scopes_are_sent_recorded_and_missed_with_an_error_of_their_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).scopes(["read"]).build().unwrap();
    let (url, _) = session.begin_login(REDIRECT).await.unwrap();
    assert_eq!(parameter(url.as_str(), "scope").as_deref(), Some("read"));
    let status = log_in(&session, sandbox.scripted_user()).await.unwrap();
    assert_eq!(status.scopes, ["read"]);
    sandbox
        .faults()
        .add(Place::Graphql, Fault::InsufficientScope);
    let error = session.run(&Me {}).await.unwrap_err();
    let Error::InsufficientScope { required, .. } = &error else {
        panic!("{error}")
    };
    assert!(
        !required.is_empty() && error.to_string().contains(&required[0]),
        "{error}"
    );
    assert_eq!(
        sandbox.counts().refreshes,
        0,
        "a new token would have no more scopes"
    );
}
