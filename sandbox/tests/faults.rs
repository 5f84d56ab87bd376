//! Every fault does what its name says, seen from a raw socket where a client library would hide
//! it.

mod client;

use std::time::Duration;

use attendium_sandbox::{Counts, Fault, Place, Sandbox};
use client::{App, CALLBACK, get, http, tokens};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What came over a raw connection until it was closed.
struct Raw {
    head: String,
    body: Vec<u8>,
}

impl Raw {
    fn status(&self) -> u16 {
        let status = self
            .head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        status.unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn is_nothing(&self) -> bool {
        self.head.is_empty() && self.body.is_empty()
    }
}

/// A request that is in order at the place.
fn request(app: &App<'_>, place: Place, refresh: &str) -> String {
    let authority = app.sandbox.base_url().trim_start_matches("http://");
    let post = |path: &str, media_type: &str, body: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let get = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n")
    };
    let form = "application/x-www-form-urlencoded";
    let client = &app.id;
    match place {
        Place::Discovery => get("/.well-known/oauth-authorization-server"),
        Place::Register => post(
            "/oauth2/register",
            "application/json",
            r#"{"redirect_uris":["https://app.example/"]}"#,
        ),
        Place::Authorize => get(app
            .authorize_url(&[])
            .trim_start_matches(app.sandbox.base_url())),
        Place::Token => {
            let body =
                format!("grant_type=refresh_token&client_id={client}&refresh_token={refresh}");
            post("/oauth2/token", form, &body)
        }
        Place::Revoke => post(
            "/oauth2/revoke",
            form,
            &format!("client_id={client}&token={refresh}"),
        ),
        Place::Graphql => post(
            "/graphql",
            "application/json",
            r#"{"query":"{ me { id } }"}"#,
        ),
        Place::Socket => get("/graphql"),
        other => panic!("no request goes to {other:?}"),
    }
}

async fn send(sandbox: &Sandbox, request: &str) -> TcpStream {
    let authority = sandbox.base_url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).await.expect("a connection");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a request");
    stream
}

async fn raw(sandbox: &Sandbox, request: &str) -> Raw {
    let mut received = Vec::new();
    let mut stream = send(sandbox, request).await;
    // A reset says as much as an end does.
    let end = timeout(FOR_EVER, stream.read_to_end(&mut received)).await;
    let _ = end.expect("the connection never ended");
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let (head, body) = match end {
        Some(end) => (received[..end].to_vec(), received[end + 4..].to_vec()),
        None => (received, Vec::new()),
    };
    Raw {
        head: String::from_utf8(head).expect("a head"),
        body,
    }
}

/// Far longer than anything here takes: it turns a test that would wait for ever into one that
/// fails.
const FOR_EVER: Duration = Duration::from_secs(60);

/// Waits until the sandbox's counts say that something happened.
async fn until(sandbox: &Sandbox, happened: impl Fn(Counts) -> bool) {
    let waiting = async {
        while !happened(sandbox.counts()) {
            tokio::task::yield_now().await;
        }
    };
    timeout(FOR_EVER, waiting).await.expect("it never happened");
}

#[tokio::test]
async fn a_fault_is_met_as_often_as_it_was_asked_for_and_nowhere_else() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    sandbox
        .faults()
        .add(Place::Token, Fault::Status500)
        .times(2)
        .after(1);
    let (_, mut refresh) = app.tokens().await;
    assert_eq!(sandbox.faults().waiting(Place::Token), 2);
    assert_eq!(app.refresh(&refresh).await.status, 500);
    assert_eq!(
        app.graphql("", "{ me { id } }", Value::Null).await.status,
        401
    );
    assert_eq!(app.refresh(&refresh).await.status, 500);
    let answer = app.refresh(&refresh).await;
    refresh = tokens(&answer).1;
    sandbox
        .faults()
        .add(Place::Token, Fault::Status404)
        .forever();
    for _ in 0..3 {
        assert_eq!(app.refresh(&refresh).await.status, 404);
    }
    sandbox.faults().clear();
    assert_eq!(app.refresh(&refresh).await.status, 200);
    let counts = sandbox.counts();
    assert_eq!(
        (
            counts.faults_played,
            counts.refresh_attempts,
            counts.families_revoked
        ),
        (5, 2, 0)
    );
}

#[tokio::test]
async fn a_fault_of_status_or_connection_is_met_at_every_place() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    for place in Place::HTTP {
        let (_, refresh) = app.tokens().await;
        let request = request(&app, *place, &refresh);
        sandbox.faults().add(*place, Fault::Status500);
        assert_eq!(raw(&sandbox, &request).await.status(), 500, "{place}");
        sandbox.faults().add(*place, Fault::DroppedBefore);
        assert!(raw(&sandbox, &request).await.is_nothing(), "{place}");
        assert_ne!(raw(&sandbox, &request).await.status(), 500, "{place}");
    }
}

#[tokio::test]
async fn every_fault_does_what_its_name_says() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    for fault in Fault::ALL {
        // Each begins with a login of its own, of a client of its own where the fault forgets
        // clients.
        let app = match fault {
            Fault::ForgottenClient => &App::register(&sandbox, CALLBACK).await,
            _ => &app,
        };
        match fault.places() {
            [Place::Discovery] => check_discovery(app, *fault).await,
            [Place::Register] => check_registration(app, *fault).await,
            [Place::Authorize] => check_callback(app, *fault).await,
            [Place::Graphql] if fault.name().starts_with("introspection-") => {
                check_introspection(app, *fault).await;
            }
            [Place::Graphql] => check_api(app, *fault).await,
            // Those of sockets are met by the client's tests, `tests/subscriptions`.
            [Place::Socket] => {}
            places if places.contains(&Place::Token) && places.len() < Place::HTTP.len() => {
                check_token(app, *fault).await;
            }
            _ => check_bytes(app, *fault).await,
        }
        assert_eq!(
            sandbox.faults().waiting(Place::Token),
            0,
            "{fault} was not met"
        );
    }
}

async fn check_bytes(app: &App<'_>, fault: Fault) {
    let sandbox = app.sandbox;
    let (_, refresh) = app.tokens().await;
    let request = request(app, Place::Token, &refresh);
    let before = sandbox.counts();
    sandbox.faults().add(Place::Token, fault);
    if matches!(fault, Fault::Hung | Fault::HungAfter) {
        let stream = send(sandbox, &request).await;
        until(sandbox, |counts| {
            counts.faults_played > before.faults_played
        })
        .await;
        let processed = u64::from(fault == Fault::HungAfter);
        until(sandbox, |counts| {
            counts.refreshes >= before.refreshes + processed
        })
        .await;
        // Others are still served, so an answer would have come by now.
        assert_eq!(
            http()
                .get(sandbox.base_url())
                .send()
                .await
                .expect("a page")
                .status(),
            200
        );
        let error = stream
            .try_read(&mut [0])
            .expect_err("neither a byte nor an end");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        assert_eq!(sandbox.counts().refreshes, before.refreshes + processed);
        return;
    }
    let raw = raw(sandbox, &request).await;
    let processed = sandbox.counts().refreshes - before.refreshes;
    match fault {
        Fault::Status500 => assert_eq!((raw.status(), processed), (500, 0)),
        Fault::Status404 => assert_eq!((raw.status(), processed), (404, 0)),
        Fault::Status429Seconds => {
            assert_eq!((raw.status(), raw.header("retry-after")), (429, Some("1")))
        }
        Fault::Status503Seconds => {
            assert_eq!((raw.status(), raw.header("retry-after")), (503, Some("1")))
        }
        Fault::Status429Date | Fault::Status503Date => {
            assert_eq!(
                raw.status(),
                if fault == Fault::Status429Date {
                    429
                } else {
                    503
                }
            );
            let date = raw.header("retry-after").expect("a date");
            let parser = jiff::fmt::rfc2822::DateTimeParser::new();
            let date = parser.parse_timestamp(date).expect("an HTTP date");
            let wait = date.duration_since(jiff::Timestamp::now());
            assert!(wait <= jiff::SignedDuration::from_secs(2), "{wait}");
            assert!(
                raw.header("retry-after")
                    .is_some_and(|date| date.ends_with("GMT"))
            );
        }
        Fault::Slow => assert_eq!((raw.status(), processed), (200, 1)),
        Fault::DroppedBefore => assert!(raw.is_nothing() && processed == 0),
        Fault::DroppedAfter => {
            assert!(raw.is_nothing() && processed == 1, "{}", raw.head);
            // It was rotated: the old token is spent.
            assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_grant");
        }
        Fault::Truncated => {
            assert_eq!((raw.status(), processed), (200, 1));
            let promised: usize = raw
                .header("content-length")
                .expect("a length")
                .parse()
                .expect("a number");
            assert_eq!(raw.body.len(), promised / 2);
            assert!(raw.body.starts_with(b"{\""));
        }
        Fault::Html | Fault::Html200 => {
            assert_eq!(raw.status(), if fault == Fault::Html { 502 } else { 200 });
            assert!(
                raw.header("content-type")
                    .is_some_and(|value| value.starts_with("text/html"))
            );
            assert_eq!(processed, 0);
        }
        Fault::Huge => {
            assert_eq!(
                (raw.status(), raw.header("content-length"), processed),
                (200, None, 0)
            );
            assert!(raw.body.len() > 64 << 20, "{}", raw.body.len());
        }
        Fault::GzipBomb => {
            assert_eq!(
                (raw.status(), raw.header("content-encoding")),
                (200, Some("gzip"))
            );
            assert!(raw.body.len() < 1 << 20 && raw.body.starts_with(&[0x1f, 0x8b]));
        }
        Fault::Redirect => {
            assert_eq!((raw.status(), processed), (307, 0));
            let location = raw.header("location").expect("an address");
            assert_eq!(
                http()
                    .get(location)
                    .send()
                    .await
                    .expect("an answer")
                    .status(),
                200
            );
            assert_eq!(
                sandbox.counts().redirects_followed,
                before.redirects_followed + 1
            );
        }
        other => panic!("no test for {other}"),
    }
}

async fn check_discovery(app: &App<'_>, fault: Fault) {
    app.sandbox.faults().add(Place::Discovery, fault);
    let raw = raw(app.sandbox, &request(app, Place::Discovery, "")).await;
    let document: Value = serde_json::from_slice(&raw.body).expect("JSON");
    match fault {
        Fault::WrongIssuer => assert_ne!(document["issuer"], app.sandbox.base_url()),
        Fault::ForeignEndpoint => assert_eq!(
            document["token_endpoint"],
            "https://tokens.example/oauth2/token"
        ),
        Fault::PlainHttpEndpoint => assert_eq!(
            document["token_endpoint"],
            "http://tokens.example/oauth2/token"
        ),
        Fault::NoS256 => assert_eq!(
            document["code_challenge_methods_supported"],
            serde_json::json!(["plain"])
        ),
        other => panic!("no test for {other}"),
    }
}

async fn check_registration(app: &App<'_>, fault: Fault) {
    app.sandbox.faults().add(Place::Register, fault);
    let raw = raw(app.sandbox, &request(app, Place::Register, "")).await;
    let document: Value = serde_json::from_slice(&raw.body).expect("JSON");
    match fault {
        Fault::OnlyClientId => {
            let members: Vec<_> = document.as_object().expect("an object").keys().collect();
            assert_eq!(members, ["client_id"]);
        }
        other => panic!("no test for {other}"),
    }
}

async fn check_callback(app: &App<'_>, fault: Fault) {
    app.sandbox.faults().add(Place::Authorize, fault);
    let callback = app.callback(&app.sandbox.scripted_user(), &[]).await;
    let (state, issuer) = (get(&callback, "state"), get(&callback, "iss"));
    let codes = callback.iter().filter(|(name, _)| name == "code").count();
    let good = (Some("a state & more"), Some(app.sandbox.base_url()), 1);
    let expected = match fault {
        Fault::WrongState => (Some("a-state-that-nobody-sent"), good.1, 1),
        Fault::MissingState => (None, good.1, 1),
        Fault::WrongIss => (good.0, Some("https://issuer.example"), 1),
        Fault::MissingIss => (good.0, None, 1),
        Fault::DuplicateParameters => (good.0, good.1, 2),
        other => panic!("no test for {other}"),
    };
    assert_eq!((state, issuer, codes), expected, "{fault}");
}

async fn check_token(app: &App<'_>, fault: Fault) {
    let sandbox = app.sandbox;
    let (access, refresh) = app.tokens().await;
    let before = sandbox.counts();
    sandbox.faults().add(Place::Token, fault);
    let answer = app.refresh(&refresh).await;
    let error = answer.body["error"].as_str().unwrap_or_default();
    let good = app
        .graphql(&access, "{ me { id } }", Value::Null)
        .await
        .status
        == 200;
    let processed = sandbox.counts().refreshes - before.refreshes;
    let member = |name: &str| answer.body.get(name).cloned().unwrap_or_default();
    match fault {
        Fault::ExpiredCode => {
            assert_eq!((answer.status, error, good), (400, "invalid_grant", true));
            sandbox.faults().add(Place::Authorize, fault);
            let code = app.code().await;
            assert_eq!(
                app.exchange(&code, &[]).await.body["error_description"],
                "the code has expired"
            );
        }
        Fault::InvalidGrant => {
            assert_eq!((answer.status, error, good), (400, "invalid_grant", true))
        }
        Fault::InvalidClient => {
            assert_eq!((answer.status, error, good), (401, "invalid_client", true))
        }
        Fault::RevokedFamily => {
            assert_eq!((answer.status, error, good), (400, "invalid_grant", false));
            let (access, refresh) = app.tokens().await;
            sandbox.faults().add(Place::Graphql, fault);
            let refused = app.graphql(&access, "{ me { id } }", Value::Null).await;
            assert_eq!(refused.status, 401);
            assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_grant");
        }

        Fault::ForgottenClient => {
            assert_eq!((answer.status, error, good), (401, "invalid_client", false));
            let again = App::register(sandbox, CALLBACK).await;
            sandbox.faults().add(Place::Authorize, fault);
            let page = again
                .http
                .get(again.authorize_url(&[]))
                .send()
                .await
                .expect("a page");
            assert_eq!(page.status(), 400);
        }
        Fault::OauthErrorWithStatus200 => assert_eq!(
            (answer.status, error, processed),
            (200, "invalid_request", 0)
        ),
        Fault::NoExpiresIn => assert_eq!((member("expires_in"), processed), (Value::Null, 1)),
        Fault::StringExpiresIn => assert_eq!(member("expires_in"), "3600"),
        Fault::FloatExpiresIn => assert_eq!(member("expires_in").to_string(), "3600.0"),
        Fault::NoRefreshToken => assert_eq!((member("refresh_token"), processed), (Value::Null, 1)),
        Fault::NoTokenType => assert_eq!((member("token_type"), processed), (Value::Null, 1)),
        Fault::OtherTokenType => assert_eq!(member("token_type"), "DPoP"),
        Fault::NoAccessToken => assert_eq!((member("access_token"), processed), (Value::Null, 1)),
        other => panic!("no test for {other}"),
    }
}

async fn check_api(app: &App<'_>, fault: Fault) {
    let sandbox = app.sandbox;
    let (access, _) = app.tokens().await;
    let before = sandbox.counts();
    sandbox.faults().add(Place::Graphql, fault);
    let answer = app.graphql(&access, "{ me { id } }", Value::Null).await;
    let code = answer.body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default();
    assert_eq!(answer.body["data"], Value::Null);
    assert_eq!(
        sandbox.counts().graphql_executions,
        before.graphql_executions
    );
    match fault {
        Fault::InvalidToken => {
            assert_eq!((answer.status, code), (401, "UNAUTHENTICATED"));
            assert!(answer.challenge.contains("error=\"invalid_token\""));
        }
        Fault::Unauthenticated200 => assert_eq!((answer.status, code), (200, "UNAUTHENTICATED")),
        Fault::RepeatedCredential => {
            assert_eq!((answer.status, code), (200, "DEBUG"));
            assert!(answer.body.to_string().contains(&access));
        }
        Fault::InsufficientScope => {
            assert_eq!((answer.status, code), (403, "FORBIDDEN"));
            assert!(answer.challenge.contains("error=\"insufficient_scope\""));
        }
        other => panic!("no test for {other}"),
    }
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        200
    );
}

/// What is within the limit passes, what is not is refused, and requests for data always pass.
async fn check_introspection(app: &App<'_>, fault: Fault) {
    let (access, _) = app.tokens().await;
    let of_type = |levels: usize| {
        let nested = (0..levels).fold("name".to_owned(), |inner, _| {
            format!("name ofType{{{inner}}}")
        });
        format!("{{ __schema {{ types {{ fields {{ type {{ {nested} }} }} }} }} }}")
    };
    let many = |count: usize| {
        let names: Vec<String> = (0..count).map(|index| format!("n{index}: name")).collect();
        format!("{{ __schema {{ types {{ {} }} }} }}", names.join(" "))
    };
    let (passes, refused, status) = match fault {
        Fault::IntrospectionOff => (None, "{ __type(name: \"ID\") { name } }".to_owned(), 400),
        Fault::IntrospectionGoodFaith => (
            Some(
                "{ __schema { types { ...F } } } fragment F on __Type { fields { name } }"
                    .to_owned(),
            ),
            "{ a: __type(name: \"ID\") { name } b: __type(name: \"ID\") { name } }".to_owned(),
            200,
        ),
        Fault::IntrospectionDepth => (Some(of_type(7)), of_type(9), 200),
        Fault::IntrospectionComplexity => (Some(many(148)), many(149), 200),
        Fault::IntrospectionOf2018 => (
            Some("{ __schema { types { name } } }".to_owned()),
            "{ __schema { types { specifiedByURL } } }".to_owned(),
            400,
        ),
        other => panic!("no test for {other}"),
    };
    app.sandbox.faults().add(Place::Graphql, fault).forever();
    for query in ["{ me { id } }"].into_iter().chain(passes.as_deref()) {
        let answer = app.graphql(&access, query, Value::Null).await;
        assert!(
            answer.body.get("errors").is_none(),
            "{fault}: {}",
            answer.body
        );
    }
    let answer = app.graphql(&access, &refused, Value::Null).await;
    assert_eq!(
        (answer.status, &answer.body["data"]),
        (status, &Value::Null),
        "{fault}"
    );
    app.sandbox.faults().clear();
}
