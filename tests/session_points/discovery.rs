//! From a base URL to a registered client: what the server says of itself is checked before it is
//! used (points 1 to 9).
//!
//! Enter at `point_01_…`. What can be wrong with metadata is a table in each test; the servers that
//! say it are [`Scripted`].

use attendium::{ConfigurationError, DiscoveryError, Error, LoginError, LoginRequired, Session};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{
    APPLICATION, Log, METADATA, REDIRECT, Scripted, builder, clicking, handing_over, json, log_in,
    logged_in, parameter, scripted, session, with_header,
};

#[tokio::test]
async fn point_01_endpoints_come_from_the_metadata() {
    let sandbox = Sandbox::start().await.unwrap();
    let (url, _) = session(&sandbox).begin_login(REDIRECT).await.unwrap();
    assert_eq!(url.path(), "/oauth2/authorize");
}

/// A session that finds no metadata, and what it asked for.
fn without_metadata(base_url: &str, places: usize) -> (Session, Scripted) {
    let missing = (0..places).map(|_| json(404, r#"{"error":"not_found"}"#));
    let transport = Scripted::new(missing);
    let session = Session::builder()
        .base_url(base_url)
        .application(APPLICATION)
        .transport(transport.clone())
        .build()
        .unwrap();
    (session, transport)
}

pub fn paths(transport: &Scripted) -> Vec<String> {
    let requests = transport.requests.lock().unwrap();
    let paths = requests
        .iter()
        .map(|request| request.uri().path().to_owned());
    paths.collect()
}

#[tokio::test]
async fn point_47_paths_are_guessed_for_the_default_server_alone_and_that_is_told() {
    let (log, _guard) = Log::capture();
    let (session, transport) = without_metadata(attendium::ATTENDIUM, 3);
    transport.push(json(201, r#"{"client_id":"c"}"#));
    let (url, _) = session.begin_login(REDIRECT).await.unwrap();
    assert_eq!(url.path(), "/oauth2/authorize");
    assert!(
        log.text().contains("no metadata document"),
        "{}",
        log.text()
    );

    let (session, transport) = without_metadata("https://api.example.com", 3);
    let error = session.begin_login(REDIRECT).await.unwrap_err();
    let Error::Discovery(DiscoveryError::NoMetadata { issuer, tried }) = &error else {
        panic!("{error}")
    };
    assert_eq!(issuer, "https://api.example.com");
    let asked = paths(&transport);
    assert_eq!(tried, &asked[..2], "nothing else was asked for");
    let last = ["/.well-known/oauth-protected-resource", "/graphql"];
    assert_eq!(asked[2..], last);
}

#[tokio::test]
async fn point_48_metadata_is_looked_for_at_each_of_its_places() {
    let at_root = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ];
    let below_a_path = [
        "/.well-known/oauth-authorization-server/tenant",
        "/tenant/.well-known/openid-configuration",
        "/.well-known/openid-configuration/tenant",
        "/tenant/.well-known/oauth-authorization-server",
    ];
    for (base, places) in [
        ("https://api.example.com", &at_root[..]),
        ("https://api.example.com/tenant", &below_a_path[..]),
        ("https://api.example.com/tenant/", &below_a_path[..]),
    ] {
        for found in 0..places.len() {
            let (session, transport) = without_metadata(base, found);
            let issuer = format!(r#""issuer":"{}""#, base.trim_end_matches('/'));
            let metadata = METADATA.replace(r#""issuer":"https://api.example.com""#, &issuer);
            transport.push(json(200, &metadata));
            transport.push(json(201, r#"{"client_id":"c"}"#));
            session.begin_login(REDIRECT).await.unwrap();
            let mut expected: Vec<&str> = places[..=found].to_vec();
            expected.push("/r");
            assert_eq!(paths(&transport), expected, "{base}");
        }
    }
}

/// What stands at the first place must not hide the document at the second, and is the error where
/// there is none.
#[tokio::test]
async fn point_48_another_answer_than_metadata_at_one_place_does_not_hide_it_at_the_next() {
    let other_issuer = METADATA.replace("https://api.example.com\"", "https://example.org\"");
    let page = || {
        with_header(
            200,
            "content-type",
            "text/html",
            "<!doctype html><html></html>",
        )
    };
    let answers: [&dyn Fn() -> crate::support::Answer; 7] = [
        &page,
        &|| json(401, r#"{"error":"unauthorized"}"#),
        &|| json(403, "{}"),
        &|| json(405, ""),
        &|| json(410, ""),
        &|| json(204, ""),
        &|| json(200, &other_issuer),
    ];
    for answer in answers {
        let (session, transport) = without_metadata("https://api.example.com", 0);
        transport.push(answer());
        transport.push(json(200, METADATA));
        transport.push(json(201, r#"{"client_id":"c"}"#));
        session.begin_login(REDIRECT).await.unwrap();

        let (session, transport) = without_metadata("https://api.example.com", 0);
        transport.push(answer());
        transport.push(json(404, ""));
        transport.push(json(404, ""));
        let error = session.begin_login(REDIRECT).await.unwrap_err();
        let missing = matches!(error, Error::Discovery(DiscoveryError::NoMetadata { .. }));
        assert_eq!(missing, answer().unwrap().status() == 410, "{error}");
        assert_eq!(paths(&transport).len(), if missing { 4 } else { 2 });
    }
    // A server that fails may well have the document.
    let (session, transport) = without_metadata("https://api.example.com", 0);
    for _ in 0..3 {
        transport.push(json(500, ""));
    }
    let error = session.begin_login(REDIRECT).await.unwrap_err();
    assert!(
        matches!(error, Error::Status { status: 500, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn point_01_a_server_error_is_not_a_missing_document() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(Place::Discovery, Fault::Status500)
        .forever();
    let error = session(&sandbox).begin_login(REDIRECT).await.unwrap_err();
    assert!(
        matches!(error, Error::Status { status: 500, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn point_02_another_issuer_stops_the_login_and_both_are_shown() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Discovery, Fault::WrongIssuer);
    let error = session(&sandbox).begin_login(REDIRECT).await.unwrap_err();
    let Error::Discovery(DiscoveryError::IssuerMismatch { expected, found }) = &error else {
        panic!("{error}")
    };
    assert_eq!(expected, sandbox.base_url());
    let text = error.to_string();
    assert!(
        text.contains(expected) && text.contains(found) && expected != found,
        "{text}"
    );
    assert_eq!(sandbox.counts().registrations, 0);
}

#[tokio::test]
async fn point_02_a_trailing_slash_is_the_same_issuer() {
    for (base, issuer) in [
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com", "https://api.example.com/"),
    ] {
        let metadata = METADATA.replace(
            r#""issuer":"https://api.example.com""#,
            &format!(r#""issuer":"{issuer}""#),
        );
        let transport = Scripted::new([json(200, &metadata), json(201, r#"{"client_id":"c"}"#)]);
        let session = Session::builder()
            .base_url(base)
            .application(APPLICATION)
            .transport(transport)
            .build()
            .unwrap();
        session.begin_login(REDIRECT).await.unwrap();
    }
}

#[tokio::test]
async fn point_03_endpoints_are_safe_and_at_the_issuers_origin_or_an_allowed_one() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(Place::Discovery, Fault::PlainHttpEndpoint);
    let error = session(&sandbox).begin_login(REDIRECT).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Discovery(DiscoveryError::InsecureEndpoint {
                endpoint: "token_endpoint",
                ..
            })
        ),
        "{error}"
    );

    sandbox
        .faults()
        .add(Place::Discovery, Fault::ForeignEndpoint);
    let error = session(&sandbox).begin_login(REDIRECT).await.unwrap_err();
    let Error::Discovery(DiscoveryError::ForeignEndpoint {
        endpoint: "token_endpoint",
        origin,
        ..
    }) = &error
    else {
        panic!("{error}")
    };
    assert!(error.to_string().contains(origin), "{error}");

    sandbox
        .faults()
        .add(Place::Discovery, Fault::ForeignEndpoint);
    builder(&sandbox)
        .allow_origin(origin)
        .build()
        .unwrap()
        .begin_login(REDIRECT)
        .await
        .unwrap();
}

#[test]
fn point_03_a_base_url_is_https_or_http_on_loopback() {
    for good in [
        "https://api.example.com",
        "http://127.0.0.1:9",
        "http://localhost:9/base/",
        "http://[::1]:9",
    ] {
        assert!(
            Session::builder()
                .base_url(good)
                .application("a")
                .build()
                .is_ok(),
            "{good}"
        );
    }
    for bad in [
        "http://api.example.com",
        "ftp://localhost",
        "api.example.com",
        "",
        "https://user:secret@api.example.com",
        "https://api.example.com/?a=b",
        "http://127.0.0.1.example.com",
    ] {
        let error = Session::builder()
            .base_url(bad)
            .application("a")
            .build()
            .unwrap_err();
        assert!(
            matches!(error, Error::Configuration(ConfigurationError::Url { .. })),
            "{bad}: {error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn point_04_a_server_without_s256_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Discovery, Fault::NoS256);
    let error = session(&sandbox).begin_login(REDIRECT).await.unwrap_err();
    assert!(
        matches!(
            &error,
            Error::Discovery(DiscoveryError::NoS256 { supported, .. }) if supported == &["plain"]
        ),
        "{error}"
    );
}

#[tokio::test]
async fn point_05_sessions_that_start_together_register_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = || attendium::store::FileStore::new(directory.path());
    // Each with a store of its own over the same files, as two processes have.
    let sessions: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|name| {
            builder(&sandbox)
                .store(store())
                .profile(*name)
                .build()
                .unwrap()
        })
        .collect();
    let (one, two, three) = tokio::join!(
        log_in(&sessions[0], sandbox.scripted_user()),
        log_in(&sessions[1], sandbox.scripted_user()),
        log_in(&sessions[2], sandbox.scripted_user()),
    );
    let ids: Vec<_> = [one, two, three]
        .map(|status| status.unwrap().client_id.unwrap())
        .into();
    assert_eq!(sandbox.counts().registrations, 1);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // And the next run finds it again.
    log_in(
        &builder(&sandbox)
            .store(store())
            .profile("d")
            .build()
            .unwrap(),
        sandbox.scripted_user(),
    )
    .await
    .unwrap();
    assert_eq!(sandbox.counts().registrations, 1);
    // Another application is another client.
    log_in(
        &builder(&sandbox)
            .store(store())
            .application("Door")
            .build()
            .unwrap(),
        sandbox.scripted_user(),
    )
    .await
    .unwrap();
    assert_eq!(sandbox.counts().registrations, 2);
}

#[tokio::test]
async fn point_06_a_client_id_alone_is_enough() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Register, Fault::OnlyClientId);
    let session = logged_in(&sandbox).await;
    session.run(&attendium::Me {}).await.unwrap();
}

#[tokio::test]
async fn point_06_a_client_secret_is_used_and_its_expiry_is_honoured() {
    let tokens = r#"{"access_token":"a","refresh_token":"r","expires_in":3600}"#;
    let expired = r#"{"client_id":"old","client_secret":"s3cret","client_secret_expires_at":1000,"unknown":{"x":[1]}}"#;
    let fresh = r#"{"client_id":"new","client_secret":"s3cret","client_secret_expires_at":0}"#;
    let transport = Scripted::new([
        json(200, METADATA),
        json(201, expired),
        json(201, fresh),
        json(200, tokens),
    ]);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application("a")
        .transport(transport.clone())
        .build()
        .unwrap();
    session.begin_login(REDIRECT).await.unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    assert_eq!(
        parameter(url.as_str(), "client_id").as_deref(),
        Some("new"),
        "an expired secret is registered anew"
    );
    let state = parameter(url.as_str(), "state").unwrap();
    session
        .finish_login(pending, &format!("code=c&state={state}"))
        .await
        .unwrap();
    let requests = transport.requests.lock().unwrap();
    let exchange = requests.last().unwrap();
    let header = exchange.headers()["authorization"].to_str().unwrap();
    assert_eq!(header, "Basic bmV3OnMzY3JldA==");
}

#[tokio::test]
async fn point_07_other_redirect_uris_are_refused_before_a_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session(&sandbox);
    for bad in [
        "http://guests.example.com/",
        "guests:/callback",
        "http://127.0.0.2/",
        "https://guests.example.com/#here",
        "http://localhost.example.com/",
        "javascript:alert(1)",
        "",
    ] {
        let error = session.begin_login(bad).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Configuration(ConfigurationError::RedirectUri { .. })
            ),
            "{bad}: {error}"
        );
    }
    assert_eq!(sandbox.counts().discoveries, 0);
    for good in [
        "https://guests.example.com/cb?x=1",
        "http://localhost/cb",
        "http://127.0.0.1:8000/cb",
        "http://[::1]:8000/cb",
    ] {
        session.begin_login(good).await.unwrap();
    }
}

#[tokio::test]
async fn point_08_a_forgotten_client_is_registered_again_once_and_the_user_asked() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox.forget_clients();
    let error = session.run(&attendium::Me {}).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::LoginRequired {
                reason: LoginRequired::ClientForgotten,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(sandbox.counts().registrations, 2);
    assert!(!session.status().await.unwrap().logged_in);
    // Asking again asks nobody.
    let before = sandbox.counts();
    let error = session.run(&attendium::Me {}).await.unwrap_err();
    assert!(error.is_login_required(), "{error}");
    assert_eq!(sandbox.counts(), before);
    // The login finds the new client.
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&attendium::Me {}).await.unwrap();
    assert_eq!(sandbox.counts().registrations, 2);
}

#[tokio::test]
async fn point_08_two_profiles_of_a_forgotten_client_register_again_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let one = logged_in(&sandbox).await;
    let two = one.for_profile("two").unwrap();
    log_in(&two, sandbox.scripted_user()).await.unwrap();
    sandbox.forget_clients();
    for session in [&one, &two] {
        let error = session.run(&attendium::Me {}).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::LoginRequired {
                    reason: LoginRequired::ClientForgotten,
                    ..
                }
            ),
            "{error}"
        );
    }
    // The second finds the client that the first registered, and leaves it alone.
    assert_eq!(sandbox.counts().registrations, 2);
    for session in [&one, &two] {
        log_in(session, sandbox.scripted_user()).await.unwrap();
    }
    assert_eq!(sandbox.counts().registrations, 2);
}

#[tokio::test]
async fn point_08_a_client_forgotten_during_the_login_is_registered_again() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Token, Fault::ForgottenClient);
    let session = session(&sandbox);
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    assert_eq!(sandbox.counts().registrations, 2);
    session.run(&attendium::Me {}).await.unwrap();
}

#[tokio::test]
async fn point_08_a_server_that_always_forgets_ends_no_loop() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(Place::Token, Fault::InvalidClient)
        .forever();
    let error = log_in(&session(&sandbox), sandbox.scripted_user())
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::ClientForgotten { .. })),
        "{error}"
    );
    assert!(
        sandbox.counts().registrations <= 3 && sandbox.counts().authorizations == 2,
        "{:?}",
        sandbox.counts()
    );
}

#[tokio::test]
async fn point_08_a_login_that_times_out_offers_to_register_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    sandbox.forget_clients();
    let (login, mut visits) = clicking(sandbox.scripted_user());
    let login = session.login(login.timeout(std::time::Duration::from_millis(700)));
    let error = login.await.unwrap_err();
    assert!(
        error.help().contains("register the application again"),
        "{error}"
    );
    assert!(
        visits
            .recv()
            .await
            .is_none_or(|visit| visit.status != Some(200)),
        "the server showed an error"
    );
    let (login, _) = clicking(sandbox.scripted_user());
    session.login(login.register_again(true)).await.unwrap();
    assert_eq!(sandbox.counts().registrations, 2);
}

#[tokio::test]
async fn point_09_a_server_that_compares_ports_gets_a_registered_one() {
    let sandbox = Sandbox::builder()
        .exact_redirect_ports(true)
        .start()
        .await
        .unwrap();
    let session = logged_in(&sandbox).await;
    // Two at the same time, and one after the other, on one registration.
    let other = session.for_profile("other").unwrap();
    let (one, two) = tokio::join!(
        log_in(&session, sandbox.scripted_user()),
        log_in(&other, sandbox.scripted_user())
    );
    one.unwrap();
    two.unwrap();
    assert_eq!(sandbox.counts().registrations, 1);
    // A port that was asked for and is not registered: registered again.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (login, _) = clicking(sandbox.scripted_user());
    session.login(login.port(free)).await.unwrap();
    assert_eq!(sandbox.counts().registrations, 2);
}

#[tokio::test]
async fn point_09_all_registered_ports_taken_registers_again() {
    let sandbox = Sandbox::builder()
        .exact_redirect_ports(true)
        .start()
        .await
        .unwrap();
    let session = session(&sandbox);
    let mut taken = Vec::new();
    for round in 1..=5u64 {
        let (login, mut links) = handing_over();
        let login = tokio::spawn({
            let session = session.clone();
            async move { session.login(login).await }
        });
        let link = links.recv().await.unwrap();
        let port = url::Url::parse(&parameter(&link, "redirect_uri").unwrap())
            .unwrap()
            .port()
            .unwrap();
        assert_eq!(
            sandbox.counts().registrations,
            if round == 5 { 2 } else { 1 }
        );
        sandbox.scripted_user().visit(&link).await.unwrap();
        login.await.unwrap().unwrap();
        // The port is freed by the login and then taken by something else.
        taken.push(loop {
            match std::net::TcpListener::bind(("127.0.0.1", port)) {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        });
    }
}

#[tokio::test]
async fn point_24_scripted_tokens_are_what_the_next_request_carries() {
    let (session, transport) = scripted(3600).await;
    transport.push(json(200, r#"{"data":{"me":{"id":"7"}}}"#));
    assert_eq!(
        session.run(&attendium::Me {}).await.unwrap().me.id.as_str(),
        "7"
    );
    let requests = transport.requests.lock().unwrap();
    let request = requests.last().unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer access-1");
    assert!(request.headers()["authorization"].is_sensitive());
}
