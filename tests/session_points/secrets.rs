//! No secret shows: in `Debug`, logs, errors, panics, files and environments (point 37).
//!
//! Every public type is listed as one with secrets or without; a new type fails
//! `point_37_every_public_type_is_walked` until it is in a list. What memory keeps is looked at in
//! `memory.rs`.

use std::collections::BTreeSet;

use attendium::{Me, Session};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{
    Log, METADATA, REDIRECT, Scripted, builder, handing_over, json, log_in, parameter, with_header,
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
        .store(attendium::store::FileStore::new(directory.path()))
        .build()
        .unwrap();
    // A login over the web application's way, of which all secrets are known.
    let (url, pending) = session
        .begin_login("http://localhost:9/callback")
        .await
        .unwrap();
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
        .finish_login(pending, come_back.split_once('?').unwrap().1)
        .await
        .unwrap();
    let mut collect = || {
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let Some((_, record)) = text.split_once('\n') else {
                continue;
            };
            let record: serde_json::Value = serde_json::from_str(record).unwrap();
            secrets.extend(
                ["access", "refresh"]
                    .iter()
                    .filter_map(|name| record[name].as_str().map(str::to_owned)),
            );
        }
    };
    collect();
    sandbox.expire_access_tokens();
    session.run(&Me {}).await.unwrap();
    collect();
    shown += &format!(
        "{session:?} {status:?} {} {:?}",
        serde_json::to_string(&status).unwrap(),
        session.request(&Me {}).await.unwrap()
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
        let error = session.run(&Me {}).await.unwrap_err();
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
        .access_token("fixed-and-secret");
    let mut shown = format!("{builder:?}");
    let transport = Scripted::new([
        json(401, "{}"),
        with_header(500, "x", "y", "fixed-and-secret"),
    ]);
    let session = builder.transport(transport.clone()).build().unwrap();
    shown += &format!("{session:?}");
    shown += &format!("{:?}", session.run(&Me {}).await.unwrap_err());
    shown += &format!("{:?}", transport.requests.lock().unwrap());
    assert!(!shown.contains("fixed-and-secret"), "{shown}");
}

#[tokio::test]
async fn point_37_a_panic_shows_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build().unwrap();
    let (_, pending) = session.begin_login(REDIRECT).await.unwrap();
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

/// Public types that hold a secret, each shown in the test below, and those that hold none.
const WITH_SECRETS: &[&str] = &[
    "Body",
    "FileStore",
    "KeyringStore",
    "LoggedOut",
    "MemoryStore",
    "PendingLogin",
    "PinnedStore",
    "PostgresStore",
    "RedisStore",
    "ServiceTransport",
    "Session",
    "SessionBuilder",
    "StoreError",
    "Stored",
    "TransportService",
];
const WITHOUT_SECRETS: &[&str] = &[
    "CloseCode",
    "ConnectionLoss",
    "ResponseStream",
    "SocketAnswer",
    "SubscriptionError",
    "Answered",
    "AnsweredFrom",
    "CallOptions",
    "DeviceCode",
    "LoginParameters",
    "GraphqlError",
    "Location",
    "PathSegment",
    "ConfigurationError",
    "DiscoveryError",
    "Error",
    "HttpTransport",
    "StoreKey",
    "Limits",
    "Login",
    "LoginError",
    "LoginRequired",
    "StoreLocation",
    "Refusal",
    "ReportedErrors",
    "Response",
    "ResponseHead",
    "Retries",
    "Slot",
    "Status",
    "Step",
    "StoreErrorKind",
    "StreamedAnswer",
    "StreamedRequest",
    "TransportError",
    "TransportErrorKind",
];

/// A new public type of the session belongs into one of the lists, and the first of them into the
/// walk.
#[test]
fn point_37_every_public_type_is_walked() {
    fn read(path: &std::path::Path, found: &mut BTreeSet<String>) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                read(&entry.unwrap().path(), found);
            }
            return;
        }
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let declared = line
                .strip_prefix("pub struct ")
                .or_else(|| line.strip_prefix("pub enum "));
            let name = declared.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            found.extend(name.flatten().map(str::to_owned));
        }
    }
    let mut found = BTreeSet::new();
    for part in [
        "session",
        "http",
        "error",
        "response.rs",
        "graphql_error.rs",
    ] {
        read(
            &std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src")
                .join(part),
            &mut found,
        );
    }
    let listed = WITH_SECRETS.iter().chain(WITHOUT_SECRETS);
    let listed: BTreeSet<String> = listed.map(|name| (*name).to_owned()).collect();
    assert_eq!(found, listed);
}

const MARKER: &str = "marker-that-nobody-may-see";

#[tokio::test]
async fn point_37_types_with_a_secret_show_none_of_it() {
    use attendium::store::{FileStore, MemoryStore, Slot, Store, StoreKey, Stored};
    use attendium::{StoreError, StoreErrorKind};
    use secrecy::SecretString;

    let (log, _guard) = Log::capture();
    let mut shown = Vec::new();
    let mut walked = BTreeSet::new();
    let mut show = |name: &str, text: String| {
        walked.insert(name.to_owned());
        shown.push(text);
    };
    let key = StoreKey::new("a", "https://api.example.com", Slot::Registration);
    let secret = || Some(SecretString::from(MARKER));
    let stored = Stored {
        version: 1,
        secret: MARKER.into(),
    };
    show("Stored", format!("{stored:?}"));
    let memory = MemoryStore::default();
    let directory = tempfile::tempdir().unwrap();
    let files = FileStore::new(directory.path());
    for store in [&memory as &dyn Store, &files] {
        let mut locked = store.lock(&key, std::time::Duration::ZERO).await.unwrap();
        locked.replace(None, secret()).await.unwrap();
        let error = locked.replace(None, secret()).await.unwrap_err();
        show("StoreError", format!("{error} {error:?}"));
        locked.release().await;
    }
    show("MemoryStore", format!("{memory:?}"));
    show("FileStore", format!("{files:?}"));
    // A file with the secret in it, and broken.
    let path = files.location(&key).location;
    std::fs::write(&path, format!("{{\"version\":\"{MARKER}\"}}\n{MARKER}")).unwrap();
    let error = files.load(&key).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    let wrapped = attendium::Error::from(error);
    show(
        "StoreError",
        format!("{wrapped} {wrapped:?} {}", wrapped.help()),
    );
    let error = StoreError::new("a place", StoreErrorKind::Unavailable);
    show("StoreError", format!("{error:?}"));
    let builder = || Session::builder().base_url("https://api.example.com");
    #[allow(deprecated)]
    let basic = builder().basic_auth("user", MARKER);
    for with in [builder().access_token(MARKER), basic] {
        show("SessionBuilder", format!("{with:?}"));
        let session = with.build().unwrap();
        show("Session", format!("{session:?} {:?}", session.clone()));
    }
    for bad in [format!("{MARKER}\n"), format!("{MARKER}\u{7f}")] {
        let error = builder().access_token(bad).build().unwrap_err();
        show("SessionBuilder", format!("{error} {error:?}"));
    }
    let body = attendium::transport::Body::from(MARKER);
    show("Body", format!("{body:?}"));
    show(
        "Body",
        format!("{:?}", attendium::transport::Body::new(body)),
    );
    #[cfg(feature = "tower")]
    {
        use attendium::transport::{ServiceTransport, TransportService};
        let service = std::sync::Arc::new(std::sync::Mutex::new(None::<TransportService>));
        let seen = service.clone();
        let layer = tower::layer::layer_fn(move |inner: TransportService| {
            *seen.lock().unwrap() = Some(inner.clone());
            inner
        });
        builder().access_token(MARKER).layer(layer).build().unwrap();
        let service = service.lock().unwrap().take().unwrap();
        show("TransportService", format!("{service:?}"));
        show(
            "ServiceTransport",
            format!("{:?}", ServiceTransport::new(MARKER)),
        );
    }
    let pending = format!(
        r#"{{"issuer":"i","client_id":"c","redirect_uri":"r","profile":"p","scopes":[],"verifier":"{MARKER}","state":"{MARKER}"}}"#
    );
    let pending: attendium::PendingLogin = serde_json::from_str(&pending).unwrap();
    show("PendingLogin", format!("{pending:?} {pending:#?}"));
    let unreadable = serde_json::from_str::<attendium::PendingLogin>(&format!(
        r#"{{"issuer":"i","verifier":["{MARKER}"]}}"#
    ));
    show("PendingLogin", format!("{:?}", unreadable.unwrap_err()));

    // Erased here, and not revoked: it can be repeated.
    let tokens = format!(r#"{{"access_token":"{MARKER}","refresh_token":"{MARKER}"}}"#);
    let transport = Scripted::new([
        json(200, METADATA),
        json(201, r#"{"client_id":"c"}"#),
        json(200, &tokens),
        json(
            400,
            &format!(r#"{{"error":"x","error_description":"no {MARKER}"}}"#),
        ),
    ]);
    let session = builder()
        .application("a")
        .transport(transport)
        .build()
        .unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    session
        .finish_login(pending, &format!("code=c&state={state}"))
        .await
        .unwrap();
    let ended = session.logout().await.unwrap();
    assert!(ended.failure.is_some());
    let as_json = serde_json::to_string(&ended).unwrap();
    show("LoggedOut", format!("{ended:?} {ended:#?} {as_json}"));

    #[cfg(feature = "redis")]
    {
        use attendium::store::RedisStore;
        let store = RedisStore::connect(&format!("redis://user:{MARKER}@127.0.0.1:1/")).unwrap();
        show("RedisStore", format!("{store:?}"));
        let error = store.load(&key).await.unwrap_err();
        assert!(
            format!("{:#}", anyhow::Error::new(error.clone())).contains("refused"),
            "{error}"
        );
        show(
            "RedisStore",
            format!("{error} {error:?} {}", store.location(&key)),
        );
        let error = RedisStore::connect(&format!("nonsense://:{MARKER}@host")).unwrap_err();
        show("RedisStore", format!("{error} {error:?}"));
    }
    #[cfg(feature = "postgres")]
    {
        use attendium::store::PostgresStore;
        let text = format!("host=127.0.0.1 port=1 user=u password={MARKER}");
        let store = PostgresStore::connect(&text).unwrap();
        show("PostgresStore", format!("{store:?}"));
        let error = store.load(&key).await.unwrap_err();
        show(
            "PostgresStore",
            format!("{error} {error:?} {}", store.location(&key)),
        );
        for bad in [
            format!("password={MARKER} port=x"),
            format!("postgres://u:{MARKER}@["),
        ] {
            let error = PostgresStore::connect(&bad).unwrap_err();
            show("PostgresStore", format!("{error} {error:?}"));
        }
    }
    #[cfg(feature = "keyring")]
    {
        use attendium::store::KeyringStore;
        let store =
            KeyringStore::with_keyring(keyring_core::mock::Store::new().unwrap(), directory.path());
        let mut locked = store.lock(&key, std::time::Duration::ZERO).await.unwrap();
        locked.replace(None, secret()).await.unwrap();
        locked.release().await;
        show(
            "KeyringStore",
            format!("{store:?} {}", store.location(&key)),
        );
        let chosen = attendium::store::PinnedStore::choose_from(store, files.clone())
            .await
            .unwrap();
        show("PinnedStore", format!("{chosen:?}"));
    }
    for text in shown {
        assert!(!text.contains(MARKER), "{text}");
    }
    assert!(!log.text().contains(MARKER), "{}", log.text());
    #[cfg(all(
        feature = "keyring",
        feature = "postgres",
        feature = "redis",
        feature = "tower"
    ))]
    assert!(walked.iter().eq(WITH_SECRETS), "{walked:?}");
}
