//! Who can use the session: machines without a person, users on another device, servers that want
//! to be asked otherwise, calls with wishes of their own (points 52, 54, 55 and 57).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use attendium::store::MemoryStore;
use attendium::transport::{BoxFuture, TransportError, TransportErrorKind};
use attendium::{
    CallOptions, ConfigurationError, DiscoveryError, Error, Login, LoginError, LoginParameters, Me,
    Session, SessionBuilder, TokenSource, TokenSourceError, model,
};
use http::{HeaderName, HeaderValue};
use secrecy::SecretString;

use crate::support::{APPLICATION, Log, METADATA, REDIRECT, Scripted, json, parameter, scripted};

const ME: &str = r#"{"data":{"me":{"id":"7"}}}"#;
const CLIENT: &str = r#"{"client_id":"c"}"#;

fn builder(transport: &Scripted) -> SessionBuilder {
    Session::builder()
        .base_url("https://api.example.com")
        .application(APPLICATION)
        .transport(transport.clone())
}

/// The bodies of the requests to this path.
fn forms(transport: &Scripted, path: &str) -> Vec<String> {
    let requests = transport.requests.lock().unwrap();
    let sent = requests
        .iter()
        .filter(|request| request.uri().path() == path);
    sent.map(|request| String::from_utf8_lossy(request.body()).into_owned())
        .collect()
}

#[tokio::test]
async fn point_52_a_service_gets_tokens_of_its_own_and_new_ones_when_they_expire() {
    let (transport, store) = (Scripted::default(), MemoryStore::new());
    let process = || {
        let builder = builder(&transport)
            .store(store.clone())
            .scopes(["guests:read"]);
        let builder = builder.client_id("service").client_secret("hush");
        builder.client_credentials().build().unwrap()
    };
    let token = |name: &str, lives: u64| {
        json(
            200,
            &format!(r#"{{"access_token":"{name}","expires_in":{lives}}}"#),
        )
    };
    let session = process();
    for answer in [json(200, METADATA), token("first", 0), json(200, ME)] {
        transport.push(answer);
    }
    session.run(&Me {}).await.unwrap();
    let asked = forms(&transport, "/t");
    assert!(
        asked[0].contains("grant_type=client_credentials"),
        "{}",
        asked[0]
    );
    assert!(asked[0].contains("scope=guests%3Aread"), "{}", asked[0]);

    // Expired: another one, in another process; and one that the API refuses.
    for answer in [json(200, METADATA), token("second", 3600), json(200, ME)] {
        transport.push(answer);
    }
    process().run(&Me {}).await.unwrap();
    for answer in [json(401, "{}"), token("third", 3600), json(200, ME)] {
        transport.push(answer);
    }
    session
        .run(&Me {})
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(session.status().await.unwrap().logged_in);
    let requests = transport.requests.lock().unwrap();
    let basic = requests
        .iter()
        .filter(|request| request.uri().path() == "/t");
    // `service:hush` in base64.
    assert!(basic.clone().count() >= 3);
    for request in basic {
        assert_eq!(request.headers()["authorization"], "Basic c2VydmljZTpodXNo");
    }
}

#[tokio::test]
async fn point_52_a_refused_service_is_an_error_that_asks_for_no_login() {
    let transport = Scripted::new([
        json(200, METADATA),
        json(401, r#"{"error":"invalid_client"}"#),
    ]);
    let session = builder(&transport)
        .client_id("service")
        .client_secret("hush");
    let session = session.client_credentials().build().unwrap();
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_client"),
        "{error}"
    );
    assert!(!error.to_string().contains("hush") && error.help().contains("client id"));
    let incomplete = builder(&transport)
        .client_id("service")
        .client_credentials();
    let error = incomplete.build().unwrap_err();
    assert!(
        matches!(
            error,
            Error::Configuration(ConfigurationError::MissingClient)
        ),
        "{error}"
    );
}

/// Counts how often it is asked.
#[derive(Clone, Default)]
struct Counting(Arc<Mutex<Vec<bool>>>);

impl TokenSource for Counting {
    fn token(&self, refused: bool) -> BoxFuture<'_, Result<SecretString, TokenSourceError>> {
        Box::pin(async move {
            self.0.lock().unwrap().push(refused);
            match self.0.lock().unwrap().len() {
                4.. => Err("the vault is sealed".into()),
                count => Ok(format!("token-{count}").into()),
            }
        })
    }
}

#[tokio::test]
async fn point_52_an_application_can_bring_its_own_source_of_tokens() {
    let source = Counting::default();
    let transport = Scripted::new([json(200, ME), json(401, "{}"), json(200, ME)]);
    let session = builder(&transport)
        .token_source(source.clone())
        .build()
        .unwrap();
    session.run(&Me {}).await.unwrap();
    session.run(&Me {}).await.unwrap();
    assert_eq!(*source.0.lock().unwrap(), [false, false, true]);
    let sent = |at: usize| {
        let requests = transport.requests.lock().unwrap();
        requests[at].headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        (sent(0), sent(2)),
        ("Bearer token-1".into(), "Bearer token-3".into())
    );
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::TokenSource { .. }), "{error}");
    let report = format!("{:#}", anyhow::Error::new(error));
    assert!(
        report.ends_with("gave none: the vault is sealed"),
        "{report}"
    );
    assert_eq!(transport.count("/graphql"), 3, "nothing was sent");
    let error = session.login(Login::browser()).await.unwrap_err();
    assert!(
        matches!(error, Error::Configuration(ConfigurationError::NoLogin)),
        "{error}"
    );
}

fn with_device() -> String {
    METADATA.replace(
        r#""issuer""#,
        r#""device_authorization_endpoint":"https://api.example.com/d","issuer""#,
    )
}

const BEGUN: &str = r#"{"device_code":"d-secret","user_code":"WDJB-MJHT","verification_uri":"https://api.example.com/device","verification_uri_complete":"https://api.example.com/device?code=WDJB-MJHT","expires_in":1800,"interval":5}"#;

#[tokio::test(start_paused = true)]
async fn point_52_a_user_logs_in_on_another_device() {
    let pending = || json(400, r#"{"error":"authorization_pending"}"#);
    let transport = Scripted::new([
        json(200, &with_device()),
        json(201, CLIENT),
        json(200, BEGUN),
        pending(),
        json(400, r#"{"error":"slow_down"}"#),
        Err(TransportError::new(TransportErrorKind::Timeout)),
        json(502, ""),
        pending(),
        json(
            200,
            r#"{"access_token":"access-1","refresh_token":"r","expires_in":3600}"#,
        ),
        json(200, ME),
    ]);
    let session = builder(&transport).build().unwrap();
    let shown = Arc::new(Mutex::new(Vec::new()));
    let login = Login::show_device_with({
        let shown = Arc::clone(&shown);
        move |code| shown.lock().unwrap().push(code.clone())
    });
    let began = tokio::time::Instant::now();
    let login = login
        .scopes(["guests:read"])
        .timeout(Duration::from_secs(3600));
    let status = session.login(login).await.unwrap();
    assert!(status.logged_in && status.refreshable);
    let code = shown.lock().unwrap().pop().unwrap();
    assert_eq!(code.user_code, "WDJB-MJHT");
    assert_eq!(code.url.as_str(), "https://api.example.com/device");
    // 5 s twice, 10 s after `slow_down`, and twice as long after each failure: 20 s, 40 s, 40 s.
    let waited = began.elapsed().as_secs();
    assert!((120..=125).contains(&waited), "{waited}");
    let asked = forms(&transport, "/d");
    assert!(asked[0].contains("scope=guests%3Aread") && asked[0].contains("client_id=c"));
    for form in forms(&transport, "/t") {
        assert!(form.contains("device_code=d-secret"), "{form}");
        assert!(form.contains("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"));
    }
    let registered = &forms(&transport, "/r")[0];
    assert!(
        registered.contains("grant-type:device_code"),
        "{registered}"
    );
    session.run(&Me {}).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn point_52_a_login_on_another_device_ends_in_errors_of_their_own() {
    let begin = |last: crate::support::Answer| {
        let transport = Scripted::new([
            json(200, &with_device()),
            json(201, CLIENT),
            json(200, BEGUN),
            last,
        ]);
        builder(&transport).build().unwrap()
    };
    let silent = || Login::show_device_with(|_| {});
    let error = begin(json(400, r#"{"error":"access_denied"}"#))
        .login(silent())
        .await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::Denied { .. })),
        "{error}"
    );

    let error = begin(json(400, r#"{"error":"expired_token"}"#))
        .login(silent())
        .await;
    assert!(matches!(error, Err(Error::Refused(_))));

    let echo = r#"{"error":"invalid_grant","error_description":"no d-secret"}"#;
    let error = begin(json(400, echo)).login(silent()).await.unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("d-secret"),
        "{error:?}"
    );

    let pending = json(400, r#"{"error":"authorization_pending"}"#);
    let login = silent().timeout(Duration::from_secs(7));
    let error = begin(pending.clone()).login(login).await.unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::TimedOut { .. })),
        "{error}"
    );

    let login = silent().cancel_when(tokio::time::sleep(Duration::from_secs(1)));
    let error = begin(pending).login(login).await.unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::Cancelled)),
        "{error}"
    );

    // A server that does not offer it, and answers that can't be used.
    let transport = Scripted::new([json(200, METADATA)]);
    let error = builder(&transport)
        .build()
        .unwrap()
        .login(silent())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Discovery(DiscoveryError::MissingEndpoint { .. })
        ),
        "{error}"
    );
    for members in [
        r#""device_code":"""#,
        r#""verification_uri":"http://api.example.com/""#,
        r#""user_code":7.5"#,
    ] {
        let name = members.split(':').next().unwrap();
        let begun = BEGUN
            .replace(name, r#""other""#)
            .replacen('{', &format!("{{{members},"), 1);
        let transport = Scripted::new([
            json(200, &with_device()),
            json(201, CLIENT),
            json(200, &begun),
        ]);
        let error = builder(&transport)
            .build()
            .unwrap()
            .login(silent())
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{begun}: {error}");
    }
}

#[tokio::test]
async fn point_54_parameters_go_to_the_server_and_resources_to_the_token_endpoint_too() {
    let transport = Scripted::new([json(200, METADATA), json(201, CLIENT)]);
    let session = builder(&transport)
        .login_parameters(LoginParameters::new().audience("of-the-session"))
        .build()
        .unwrap();
    let (url, _) = session.begin_login(REDIRECT).await.unwrap();
    assert_eq!(
        parameter(url.as_str(), "audience").as_deref(),
        Some("of-the-session")
    );

    let parameters = LoginParameters::new()
        .prompt("select_account")
        .login_hint("ann@example.com")
        .resource("https://api.example.com/graphql")
        .parameter("ui_locales", "sv");
    let (url, pending) = session
        .begin_login_with(REDIRECT, parameters)
        .await
        .unwrap();
    for (name, value) in [
        ("prompt", Some("select_account")),
        ("login_hint", Some("ann@example.com")),
        ("resource", Some("https://api.example.com/graphql")),
        ("ui_locales", Some("sv")),
        ("audience", None),
        ("response_type", Some("code")),
    ] {
        assert_eq!(parameter(url.as_str(), name).as_deref(), value, "{name}");
    }
    let state = parameter(url.as_str(), "state").unwrap();
    transport.push(json(
        200,
        r#"{"access_token":"a","refresh_token":"r","expires_in":0}"#,
    ));
    let query = format!("code=c&state={state}");
    session.finish_login(pending, &query).await.unwrap();
    transport.push(json(200, r#"{"access_token":"b","expires_in":3600}"#));
    transport.push(json(200, ME));
    session.run(&Me {}).await.unwrap();
    for form in forms(&transport, "/t") {
        let resource = "resource=https%3A%2F%2Fapi.example.com%2Fgraphql";
        assert!(form.contains(resource), "{form}");
    }
    // The protocol's own can't be set.
    for name in [
        "state",
        "redirect_uri",
        "client_id",
        "scope",
        "code_challenge",
        "",
    ] {
        let parameters = LoginParameters::new().parameter(name, "x");
        let error = session
            .begin_login_with(REDIRECT, parameters)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Configuration(ConfigurationError::Parameter { .. })
            ),
            "{name}: {error}"
        );
    }
    for resource in ["not a url", "https://api.example.com/#part"] {
        let parameters = LoginParameters::new().resource(resource);
        session
            .begin_login_with(REDIRECT, parameters)
            .await
            .unwrap_err();
    }
}

#[tokio::test]
async fn point_54_offline_access_asks_for_consent_and_missing_scopes_are_told() {
    for (scopes, prompt, expected) in [
        (&["offline_access"][..], None, Some("consent")),
        (&["openid", "offline_access"], Some("login"), Some("login")),
        (&["openid"], None, None),
        (&[], None, None),
    ] {
        let transport = Scripted::new([json(200, METADATA), json(201, CLIENT)]);
        let session = builder(&transport)
            .scopes(scopes.iter().copied())
            .build()
            .unwrap();
        let parameters = prompt.map_or_else(LoginParameters::new, |prompt| {
            LoginParameters::new().prompt(prompt)
        });
        let (url, _) = session
            .begin_login_with(REDIRECT, parameters)
            .await
            .unwrap();
        assert_eq!(
            parameter(url.as_str(), "prompt").as_deref(),
            expected,
            "{scopes:?}"
        );
    }

    let (log, _guard) = Log::capture();
    let transport = Scripted::new([json(200, METADATA), json(201, CLIENT)]);
    let session = builder(&transport)
        .scopes(["read", "write"])
        .build()
        .unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    transport.push(json(200, r#"{"access_token":"a","scope":"read"}"#));
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=c&state={state}");
    let status = session.finish_login(pending, &query).await.unwrap();
    assert_eq!(status.scopes, ["read"]);
    let log = log.text();
    assert!(
        log.contains("granted fewer scopes") && log.contains("write"),
        "{log}"
    );
}

#[tokio::test]
async fn point_55_a_step_up_asks_for_the_union_and_keeps_the_old_login_until_then() {
    use attendium_sandbox::Sandbox;
    let sandbox = Sandbox::start().await.unwrap();
    let session = crate::support::builder(&sandbox)
        .scopes(["read"])
        .build()
        .unwrap();
    crate::support::log_in(&session, sandbox.scripted_user())
        .await
        .unwrap();
    // Given up: the old login is there.
    let (login, mut links) = crate::support::handing_over();
    let login = login.cancel_when(std::future::ready(()));
    session.step_up(login, ["write"]).await.unwrap_err();
    let link = links.recv().await.unwrap();
    assert_eq!(parameter(&link, "scope").as_deref(), Some("read write"));
    session.run(&Me {}).await.unwrap();

    let (login, _visits) = crate::support::clicking(sandbox.scripted_user());
    let status = session.step_up(login, ["write", "read"]).await.unwrap();
    assert_eq!(status.scopes, ["read", "write"]);
    session.run(&Me {}).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn point_57_a_call_has_headers_a_deadline_and_repetition_of_its_own() {
    let (session, transport) = scripted(3600).await;
    transport.push(json(200, ME));
    let options = CallOptions::new()
        .header(
            HeaderName::from_static("x-tenant"),
            HeaderValue::from_static("north"),
        )
        .header(
            HeaderName::from_static("authorization"),
            HeaderValue::from_static("Bearer x"),
        )
        .header(
            HeaderName::from_static("accept"),
            HeaderValue::from_static("text/html"),
        );
    assert!(!format!("{options:?}").contains("north"), "{options:?}");
    session.run_with(&Me {}, &options).await.unwrap();
    {
        let requests = transport.requests.lock().unwrap();
        let headers = requests.last().unwrap().headers();
        assert_eq!(headers["x-tenant"], "north");
        assert_eq!(headers["authorization"], "Bearer access-1");
        assert_eq!(headers.get_all("accept").iter().count(), 1);
    }
    // A mutation that may be sent again is.
    let mutation = model::CheckIn::new("guest");
    for (options, sent) in [
        (CallOptions::new(), 1),
        (CallOptions::new().idempotent(), 3),
    ] {
        let before = transport.count("/graphql");
        for _ in 0..sent {
            transport.push(json(502, ""));
        }
        session.request_with(&mutation, &options).await.unwrap_err();
        assert_eq!(transport.count("/graphql") - before, sent);
    }
    // The deadline ends the waits between attempts as well.
    for _ in 0..3 {
        transport.push(crate::support::with_header(503, "retry-after", "20", ""));
    }
    let began = tokio::time::Instant::now();
    let hasty = CallOptions::new().deadline(Duration::from_secs(3));
    let error = session.run_with(&Me {}, &hasty).await.unwrap_err();
    let Error::Transport { source, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(source.kind(), TransportErrorKind::Timeout, "{error}");
    assert_eq!(began.elapsed().as_secs(), 3);
    assert!(error.to_string().contains("GraphQL request"), "{error}");
}

#[tokio::test]
async fn point_57_a_deadline_ends_no_refresh() {
    let sandbox = attendium_sandbox::Sandbox::start().await.unwrap();
    let session = crate::support::logged_in(&sandbox).await;
    sandbox.expire_access_tokens();
    sandbox.faults().delay(Duration::from_millis(300));
    sandbox.faults().add(
        attendium_sandbox::Place::Token,
        attendium_sandbox::Fault::Slow,
    );
    let hasty = CallOptions::new().deadline(Duration::from_millis(100));
    session.run_with(&Me {}, &hasty).await.unwrap_err();
    session.wait_for_refresh().await;
    session.run(&Me {}).await.unwrap();
    let counts = sandbox.counts();
    assert_eq!((counts.refreshes, counts.families_revoked), (1, 0));
}

#[tokio::test]
async fn point_60_a_new_redirect_uri_does_not_break_a_login_under_way_and_a_login_has_an_age() {
    let transport = Scripted::new([
        json(200, METADATA),
        json(201, CLIENT),
        json(201, r#"{"client_id":"second"}"#),
        json(
            200,
            r#"{"access_token":"a","refresh_token":"r","expires_in":3600}"#,
        ),
    ]);
    let session = builder(&transport).build().unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    assert!(pending.age() < Duration::from_secs(60));
    // Another address registers the application anew.
    let other = "https://guests.example.com/other";
    session.begin_login(other).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=c&state={state}");
    session.finish_login(pending, &query).await.unwrap();
    let form = &forms(&transport, "/t")[0];
    assert!(form.contains("client_id=c"), "{form}");

    // One that lay around for two days.
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let mut old = serde_json::to_value(&pending).unwrap();
    old["begun_at"] = (crate::support::now() - 2 * 86_400_000).into();
    let old: attendium::PendingLogin = serde_json::from_value(old).unwrap();
    assert!(old.age() > Duration::from_secs(86_400));
    let query = format!("code=c&state={}", parameter(url.as_str(), "state").unwrap());
    let error = session.finish_login(old, &query).await.unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::TimedOut { .. })),
        "{error}"
    );
    assert_eq!(transport.count("/t"), 1, "its code was not sent");
}

#[tokio::test]
async fn point_56_a_registration_for_loopback_addresses_alone_is_one_of_a_native_application() {
    let transport = Scripted::new([json(200, METADATA), json(201, CLIENT)]);
    let session = builder(&transport).build().unwrap();
    session.begin_login(REDIRECT).await.unwrap();
    assert!(!forms(&transport, "/r")[0].contains("application_type"));

    let transport = Scripted::new([json(200, METADATA), json(201, CLIENT)]);
    let session = builder(&transport).build().unwrap();
    session
        .begin_login("http://127.0.0.1:8912/callback")
        .await
        .unwrap();
    assert!(forms(&transport, "/r")[0].contains(r#""application_type":"native""#));
}
