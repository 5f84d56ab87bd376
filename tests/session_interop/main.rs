//! The session against authorization servers that this project did not write: `oidc-provider` from
//! npm, which is certified by the OpenID Foundation, Authlib from PyPI, and the Model Context
//! Protocol's own server. `interop/README.md` says how they are installed; without them these tests
//! fail.
#![allow(missing_docs)]

#[path = "../interop_server/mod.rs"]
mod interop_server;
mod support;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use attendium::store::FileStore;
use attendium::{Error, Login, Me, Session, SessionBuilder};

use support::{Cookies, ThenRefuse, certified, click_through, clicking, from_pypi};

fn builder(base_url: &str) -> SessionBuilder {
    Session::builder()
        .base_url(base_url)
        .application("Guest list")
}

#[tokio::test]
async fn login_refresh_and_revocation_at_a_certified_server() {
    let server = certified("");
    // With `prompt=consent`, which the session adds, this server grants `offline_access` (OpenID
    // Connect Core, section 11).
    let scopes = ["openid", "offline_access"];
    let session = builder(&server.addresses[0]).scopes(scopes);
    login_refresh_and_revocation(session, &scopes, true).await;
}

/// No registration, no revocation: the client id was given by hand, and a logout says that the
/// server confirmed nothing.
#[tokio::test]
async fn login_and_refresh_at_a_certified_server_as_it_comes() {
    let server = certified("default");
    let scopes = ["openid", "offline_access"];
    let session = builder(&server.addresses[0]).scopes(scopes);
    login_refresh_and_revocation(session.client_id("by-hand"), &scopes, false).await;
}

/// As at Keycloak: the issuer has a path, its metadata is OpenID Connect's alone, and the client
/// has a secret. Both halves of it hold what a form has to encode.
#[tokio::test]
async fn point_53_a_client_with_a_secret_at_a_realm() {
    let server = certified("realm");
    let issuer = &server.addresses[0];
    assert!(issuer.ends_with("/realms/guests"));
    let scopes = ["openid", "offline_access"];
    let session = |secret: &str| {
        let session = builder(issuer).scopes(scopes).client_id("guest list");
        session.client_secret(secret.to_owned())
    };
    login_refresh_and_revocation(session("hush +%&="), &scopes, true).await;

    let session = session("wrong").build().unwrap();
    let (login, _pages) = clicking(&Cookies::default());
    let error = session.login(login).await.unwrap_err();
    assert!(
        matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_client"),
        "{error}"
    );
}

#[tokio::test]
async fn point_52_client_credentials_at_a_certified_server() {
    let server = certified("");
    let build = |secret: &str| {
        let builder = builder(&server.addresses[0])
            .client_id("service")
            .client_secret(secret.to_owned());
        builder.client_credentials().build().unwrap()
    };
    let session = build("hush +%&=");
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "service");
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "service");
    let error = build("wrong").run(&Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_client"),
        "{error}"
    );
}

/// The user opens the page on another device, and types nothing: the code is in its address.
#[tokio::test]
async fn point_52_a_login_on_another_device_at_a_certified_server() {
    let server = certified("");
    let refuse = ThenRefuse::default();
    let session = builder(&server.addresses[0])
        .scopes(["openid", "offline_access"])
        .account(&Me {}, |data| data.me.id.to_string())
        .middleware(refuse.clone())
        .build()
        .unwrap();
    let (sender, mut pages) = tokio::sync::mpsc::unbounded_channel();
    let login = Login::show_device_with(move |code| {
        assert!(!code.user_code.is_empty());
        let (sender, url) = (sender.clone(), code.complete_url.clone().unwrap());
        tokio::spawn(async move {
            let _ = sender.send(click_through(url, Cookies::default()).await);
        });
    });
    let status = session.login(login).await.unwrap();
    let (page_status, page) = pages.recv().await.unwrap();
    assert_eq!(page_status, 200, "{page}");
    assert!(page.contains("Sign-in Success"), "{page}");
    assert_eq!(status.account.as_deref(), Some("ann"));
    assert!(status.refreshable, "{status:?}");
    refuse.0.store(true, Ordering::SeqCst);
    session.run(&Me {}).await.unwrap();
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
    assert!(session.logout().await.unwrap().revoked);
}

/// RFC 7592 as the server does it, with a token that changes at each use.
#[tokio::test]
async fn point_56_a_registration_is_changed_and_deleted_at_a_certified_server() {
    let server = certified("");
    let session = builder(&server.addresses[0]).build().unwrap();
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let mut ids = BTreeSet::new();
    let mut last = None;
    for name in ["one", "two", "three"] {
        let redirect = format!("https://guests.example.com/{name}");
        let (url, _) = session.begin_login(&redirect).await.unwrap();
        let id = url.query_pairs().find(|(name, _)| name == "client_id");
        ids.insert(id.unwrap().1.into_owned());
        // The server knows the new address: it leads to its login, not to an error.
        let page = browser.get(url.clone()).send().await.unwrap();
        assert_eq!(page.status().as_u16(), 303, "{name}");
        last = Some(url);
    }
    assert_eq!(ids.len(), 1, "one client with three addresses");
    assert!(session.delete_registration().await.unwrap());
    let page = browser.get(last.unwrap()).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 400, "the client is gone");
    assert!(!session.delete_registration().await.unwrap());
}

/// What is other here: an issuer with a path, a client secret, a login and a consent behind a
/// cookie, and reuse detection.
#[tokio::test]
async fn login_refresh_and_revocation_at_a_server_from_pypi() {
    let server = from_pypi("authlib_server.py");
    assert!(server.addresses[0].ends_with("/tenant"));
    let session = builder(&server.addresses[0]).scopes(["read", "admin"]);
    login_refresh_and_revocation(session, &["read"], true).await;
}

/// The base URL is the API's, which has no metadata of a server: its refusal says where its own
/// document is, and that one names the server at another origin. The API takes tokens for itself
/// alone (RFC 8707). Clients have a secret, and their id is wanted in the form beside Basic.
#[tokio::test]
async fn point_48_login_at_the_server_that_the_refusal_of_an_mcp_server_leads_to() {
    let server = from_pypi("mcp_server.py");
    let [api, issuer] = &server.addresses[..] else {
        panic!("{:?}", server.addresses)
    };
    let session = builder(api).scopes(["guests"]);
    let error = session.clone().build().unwrap();
    let error = error.begin_login("http://127.0.0.1/x").await.unwrap_err();
    assert!(error.to_string().contains(issuer), "{error}");
    assert!(error.help().contains("allow_origin"), "{}", error.help());
    let session = session.allow_origin(issuer);
    login_refresh_and_revocation(session, &["guests"], true).await;
}

async fn login_refresh_and_revocation(builder: SessionBuilder, granted: &[&str], revokes: bool) {
    let refuse = ThenRefuse::default();
    let directory = tempfile::tempdir().unwrap();
    let builder = builder
        .account(&Me {}, |data| data.me.id.to_string())
        .store(FileStore::new(directory.path()))
        .middleware(refuse.clone());
    let build = || builder.clone().build().unwrap();
    let session = build();
    let cookies = Cookies::default();
    let (login, mut pages) = clicking(&cookies);
    let status = session.login(login).await.unwrap();
    let (page_status, page) = pages.recv().await.unwrap();
    assert_eq!(page_status, 200, "{page}");
    assert_eq!(status.account.as_deref(), Some("ann"));
    assert!(status.refreshable && status.expires_at.is_some());
    assert_eq!(
        status.scopes.iter().map(String::as_str).collect::<Vec<_>>(),
        granted
    );

    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
    // Twice, so that the rotated refresh token is used as well.
    let mut sent = BTreeSet::new();
    for _ in 0..2 {
        refuse.0.store(true, Ordering::SeqCst);
        session.run(&Me {}).await.unwrap();
        assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
        sent.insert(refuse.1.lock().unwrap().clone());
    }
    assert_eq!(sent.len(), 2, "each refresh gave another token");
    // Another process goes on with what this one kept.
    let other = build();
    assert_eq!(other.run(&Me {}).await.unwrap().me.id, "ann");
    let token = refuse.1.lock().unwrap().clone();
    assert!(sent.contains(&token));
    // A second login in the same browser, which such servers take for the same grant as the first:
    // it must not end itself by ending the first.
    session.login(clicking(&cookies).0).await.unwrap();
    refuse.0.store(true, Ordering::SeqCst);
    session.run(&Me {}).await.unwrap();
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
    let second = refuse.1.lock().unwrap().clone();
    assert_ne!(second, token);
    let outcome = session.logout().await.unwrap();
    assert!(
        outcome.was_logged_in && outcome.failure.is_none(),
        "{outcome:?}"
    );
    assert_eq!(outcome.revoked, revokes);
    assert!(session.run(&Me {}).await.unwrap_err().is_login_required());
    // The server believes it too.
    for token in [token, second].into_iter().filter(|_| revokes) {
        let stolen = builder.clone().access_token(token).build().unwrap();
        let error = stolen.run(&Me {}).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    }
}
