use std::collections::BTreeSet;

use attendium::{Me, Session};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{
    Log, REDIRECT, Scripted, builder, handing_over, json, log_in, parameter, with_header,
};

/// Every string of a serialised record that is as long as a secret.
fn secrets_of(record: &serde_json::Value) -> Vec<String> {
    ["verifier", "state"]
        .iter()
        .map(|name| record[name].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn point_37_no_secret_is_shown_anywhere() {
    let (log, _guard) = Log::capture();
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut shown = String::new();
    let mut secrets = BTreeSet::new();
    let session = builder(&sandbox)
        .store(attendium::Stores::file_in(directory.path()))
        .build()
        .unwrap();
    // A login over the web application's way, of which all secrets are known.
    let (url, pending) = session.begin("http://localhost:9/callback").await.unwrap();
    secrets.extend(secrets_of(&serde_json::to_value(&pending).unwrap()));
    shown += &format!("{pending:?}");
    let come_back = sandbox
        .scripted_user()
        .stop_at_callback()
        .visit(url.as_str())
        .await
        .unwrap()
        .url;
    secrets.insert(parameter(&come_back, "code").unwrap());
    let status = session
        .finish(pending, come_back.split_once('?').unwrap().1)
        .await
        .unwrap();
    let mut collect = || {
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let Ok(file) = serde_json::from_str::<serde_json::Value>(&text) else {
                continue;
            };
            let record: serde_json::Value =
                serde_json::from_str(file["secret"].as_str().unwrap()).unwrap();
            secrets.extend(
                ["access", "refresh"]
                    .iter()
                    .filter_map(|name| record[name].as_str().map(str::to_owned)),
            );
        }
    };
    collect();
    sandbox.expire_access_tokens();
    session.run(Me {}).await.unwrap();
    collect();
    shown += &format!(
        "{session:?} {status:?} {} {:?}",
        serde_json::to_string(&status).unwrap(),
        session.request(Me {}).await.unwrap()
    );
    // Errors of every kind on the way.
    for (place, fault) in [
        (Place::Graphql, Fault::InsufficientScope),
        (Place::Graphql, Fault::Html),
        (Place::Token, Fault::Status500),
        (Place::Token, Fault::InvalidGrant),
    ] {
        sandbox.faults().clear();
        if place == Place::Token {
            sandbox.expire_access_tokens();
        }
        sandbox.faults().add(place, fault).forever();
        let error = session.run(Me {}).await.unwrap_err();
        shown += &format!("{error} {error:?} {}", error.help());
    }
    sandbox.faults().clear();
    let (login, mut links) = handing_over();
    shown += &format!("{login:?}");
    drop(login);
    assert!(links.recv().await.is_none());
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    collect();
    shown += &format!("{:?}", session.logout().await.unwrap());
    assert!(secrets.len() >= 8, "{}", secrets.len());
    let logged = log.text();
    assert!(
        logged.contains("the access token was refreshed"),
        "the log was captured"
    );
    for secret in &secrets {
        assert!(secret.len() > 12);
        assert!(!shown.contains(secret), "{shown}");
        assert!(!logged.contains(secret), "{logged}");
    }
}

#[tokio::test]
async fn point_37_fixed_credentials_are_not_shown() {
    let builder = Session::builder()
        .base_url("https://api.example.com")
        .bearer("fixed-and-secret");
    let mut shown = format!("{builder:?}");
    let transport = Scripted::new([
        json(401, "{}"),
        with_header(500, "x", "y", "fixed-and-secret"),
    ]);
    let session = builder.transport(transport.clone()).build().unwrap();
    shown += &format!("{session:?}");
    shown += &format!("{:?}", session.run(Me {}).await.unwrap_err());
    shown += &format!("{:?}", transport.requests.lock().unwrap());
    assert!(!shown.contains("fixed-and-secret"), "{shown}");
}

#[tokio::test]
async fn point_37_a_panic_shows_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build().unwrap();
    let (_, pending) = session.begin(REDIRECT).await.unwrap();
    let secrets = secrets_of(&serde_json::to_value(&pending).unwrap());
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panic!("{pending:?}")))
        .unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("PendingLogin"));
    assert!(
        secrets.iter().all(|secret| !message.contains(secret)),
        "{message}"
    );
}
