//! A registration that the server lets its client change and delete (point 56, RFC 7592), and a
//! client's secret at the endpoint that revokes.

use attendium::transport::{TransportError, TransportErrorKind};
use attendium::{Retries, Session, SessionBuilder};

use crate::support::{APPLICATION, METADATA, REDIRECT, Scripted, json, parameter};

fn builder(transport: &Scripted) -> SessionBuilder {
    Session::builder()
        .base_url("https://api.example.com")
        .application(APPLICATION)
        .transport(transport.clone())
}

const MANAGED: &str = r#"{"client_id":"c","registration_client_uri":"https://api.example.com/r/c","registration_access_token":"manage-1"}"#;

fn sent_to(transport: &Scripted, path: &str) -> Vec<(String, String, serde_json::Value)> {
    let requests = transport.requests.lock().unwrap();
    let there = requests
        .iter()
        .filter(|request| request.uri().path() == path);
    there
        .map(|request| {
            let token = request.headers().get("authorization").map_or("", |header| {
                assert!(header.is_sensitive());
                header.to_str().unwrap()
            });
            let body = serde_json::from_slice(request.body()).unwrap_or_default();
            (request.method().to_string(), token.to_owned(), body)
        })
        .collect()
}

/// RFC 7592: a redirect URI that is new is added to the registration that is there, and a server
/// that takes no change is registered with anew.
#[tokio::test]
async fn point_56_a_registration_is_changed_where_the_server_lets_it() {
    let other = "https://guests.example.com/other";
    let changed = r#"{"client_id":"c","registration_access_token":"manage-2","registration_client_uri":"https://api.example.com/r/c"}"#;
    for (answer, id, requests) in [
        (json(200, changed), "c", 1),
        (json(200, r#"{"client_id":"c"}"#), "c", 1),
        (json(200, r#"{"client_id":"d"}"#), "d", 1),
        (json(403, ""), "second", 2),
        (
            json(400, r#"{"error":"invalid_redirect_uri"}"#),
            "second",
            2,
        ),
        (json(200, "<html>"), "second", 2),
        (
            Err(TransportError::new(TransportErrorKind::Timeout)),
            "second",
            2,
        ),
    ] {
        let transport = Scripted::new([
            json(200, METADATA),
            json(201, MANAGED),
            answer,
            json(201, r#"{"client_id":"second"}"#),
        ]);
        let session = builder(&transport)
            .retries(Retries::never())
            .build()
            .unwrap();
        session.begin_login(REDIRECT).await.unwrap();
        let (url, pending) = session.begin_login(other).await.unwrap();
        assert_eq!(parameter(url.as_str(), "client_id").as_deref(), Some(id));
        let record = serde_json::to_string(&pending).unwrap();
        assert!(
            !record.contains("manage-"),
            "a login has no need of it: {record}"
        );
        let sent = sent_to(&transport, "/r/c");
        let (method, token, body) = &sent[0];
        assert_eq!(
            (method.as_str(), token.as_str()),
            ("PUT", "Bearer manage-1")
        );
        assert_eq!(body["client_id"], "c");
        assert_eq!(body["redirect_uris"], serde_json::json!([other, REDIRECT]));
        assert_eq!(sent.len(), 1);
        assert_eq!(sent_to(&transport, "/r").len(), requests, "{id}");
    }
}

/// A place that no token may be sent to is none.
#[tokio::test]
async fn point_56_a_registration_elsewhere_is_not_managed() {
    for place in [
        "https://evil.example.com/r/c",
        "http://api.example.com/r/c",
        "/r/c",
        "",
    ] {
        let managed = MANAGED.replace("https://api.example.com/r/c", place);
        let transport = Scripted::new([
            json(200, METADATA),
            json(201, &managed),
            json(201, r#"{"client_id":"second"}"#),
        ]);
        let session = builder(&transport).build().unwrap();
        session.begin_login(REDIRECT).await.unwrap();
        let other = session
            .begin_login("https://guests.example.com/other")
            .await;
        let id = parameter(other.unwrap().0.as_str(), "client_id");
        assert_eq!(id.as_deref(), Some("second"), "{place}");
        assert!(!session.delete_registration().await.unwrap());
        assert_eq!(transport.requests.lock().unwrap().len(), 3, "{place}");
    }
}

#[tokio::test]
async fn point_56_a_registration_is_deleted_here_and_at_the_server() {
    for (answer, outcome) in [
        (json(204, ""), Some(true)),
        (json(200, ""), Some(true)),
        (json(401, r#"{"error":"invalid_token"}"#), Some(false)),
        (json(404, ""), Some(false)),
        (json(405, ""), None),
        (
            json(
                400,
                r#"{"error":"invalid_token","error_description":"manage-1"}"#,
            ),
            None,
        ),
        (json(500, ""), None),
        (Err(TransportError::new(TransportErrorKind::Connect)), None),
    ] {
        let transport = Scripted::new([json(200, METADATA), json(201, MANAGED), answer]);
        let session = builder(&transport)
            .retries(Retries::never())
            .build()
            .unwrap();
        session.begin_login(REDIRECT).await.unwrap();
        let deleted = session.delete_registration().await;
        if let Err(error) = &deleted {
            assert!(
                !format!("{error} {error:?}").contains("manage-1"),
                "{error:?}"
            );
            assert!(error.to_string().contains("registration"), "{error}");
        }
        assert_eq!(deleted.ok(), outcome);
        let (method, token, _) = &sent_to(&transport, "/r/c")[0];
        assert_eq!(
            (method.as_str(), token.as_str()),
            ("DELETE", "Bearer manage-1")
        );
        // What could not be deleted is kept, and can be deleted again.
        if outcome.is_none() {
            transport.push(json(204, ""));
            assert!(session.delete_registration().await.unwrap());
        }
        assert!(
            !session.delete_registration().await.unwrap(),
            "there is nothing left"
        );
        transport.push(json(201, r#"{"client_id":"new"}"#));
        let (url, _) = session.begin_login(REDIRECT).await.unwrap();
        assert_eq!(parameter(url.as_str(), "client_id").as_deref(), Some("new"));
    }
}

/// PyPI's `mcp` takes Basic at the token endpoint, and asks for `client_secret` in the form where
/// tokens are revoked.
#[tokio::test]
async fn point_30_a_revocation_that_wants_the_secret_in_the_form_gets_it_there() {
    let wants = || {
        json(
            400,
            r#"{"error":"invalid_request","error_description":"client_secret"}"#,
        )
    };
    for (secret, answers, requests, revoked) in [
        (
            true,
            [wants(), json(200, ""), wants(), json(200, "")],
            4,
            true,
        ),
        (true, [wants(), wants(), wants(), wants()], 2, false),
        (false, [wants(), wants(), wants(), wants()], 1, false),
    ] {
        let transport = Scripted::new([
            json(200, METADATA),
            json(
                200,
                r#"{"access_token":"a","refresh_token":"r","expires_in":3600}"#,
            ),
        ]);
        let mut builder = builder(&transport).client_id("c");
        if secret {
            builder = builder.client_secret("hush".to_owned());
        }
        let session = builder.build().unwrap();
        let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
        let state = parameter(url.as_str(), "state").unwrap();
        let query = format!("code=c&state={state}");
        session.finish_login(pending, &query).await.unwrap();
        for answer in answers {
            transport.push(answer);
        }
        let ended = session.logout().await.unwrap();
        assert_eq!(ended.revoked, revoked, "{ended:?}");
        assert_eq!(transport.count("/v"), requests);
        let sent = transport.requests.lock().unwrap();
        let sent = sent.iter().filter(|request| request.uri().path() == "/v");
        for (at, request) in sent.enumerate() {
            let basic = request.headers().contains_key("authorization");
            let form = String::from_utf8_lossy(request.body()).contains("client_secret=hush");
            assert_eq!((basic, form), (secret, secret && at % 2 == 1));
        }
    }
}
