//! A GraphQL request on its way: what is sent twice and what never, limits, redirects, headers,
//! spans (points 27, 32, 33 and 38).
//!
//! Faults of the network are the sandbox's. Enter at `point_27_a_mutation_is_never_sent_twice_…`,
//! the one that matters most.

use std::time::{Duration, Instant};

use attendium::transport::{Limits, TransportErrorKind};
use attendium::{CallOptions, DiscoveryError, Error, Me, Session, model};
use attendium_sandbox::{Fault, Place, Sandbox};
use http::{HeaderName, HeaderValue};

use crate::support::{
    Scripted, builder, json, log_in, logged_in, quick, scripted, session, with_header,
};

fn kind(error: &Error) -> Option<TransportErrorKind> {
    match error {
        Error::Transport { source, .. } => Some(source.kind()),
        _ => None,
    }
}

#[tokio::test]
async fn point_27_a_mutation_is_never_sent_twice_after_an_ambiguous_error() {
    for fault in [
        Fault::DroppedAfter,
        Fault::DroppedBefore,
        Fault::Truncated,
        Fault::Status500,
        Fault::Status503Seconds,
        Fault::Html,
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.faults().add(Place::Graphql, fault);
        session
            .run(&model::CheckIn::new("no-such-guest"))
            .await
            .unwrap_err();
        assert!(sandbox.counts().graphql_executions <= 1, "{fault}");
        assert_eq!(
            (
                sandbox.counts().faults_played,
                sandbox.counts().graphql_requests <= 1
            ),
            (1, true),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn point_27_a_mutation_is_replayed_after_a_rejection_before_execution() {
    for fault in [Fault::InvalidToken, Fault::Unauthenticated200] {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.faults().add(Place::Graphql, fault);
        let response = session
            .request(&model::CheckIn::new("no-such-guest"))
            .await
            .unwrap();
        assert!(!response.errors.is_empty(), "there is no such guest");
        let counts = sandbox.counts();
        assert_eq!(
            (
                counts.graphql_requests,
                counts.graphql_executions,
                counts.refreshes
            ),
            (2, 1, 1),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn point_27_an_unauthenticated_error_from_within_a_mutation_is_no_rejection() {
    let (session, transport) = scripted(3600).await;
    let body = r#"{"data":null,"errors":[{"message":"no","path":["checkIn"],"extensions":{"code":"UNAUTHENTICATED"}}]}"#;
    transport.push(json(200, body));
    let error = session.run(&model::CheckIn::new("g")).await.unwrap_err();
    assert!(matches!(error, Error::Graphql(_)), "{error}");
    assert_eq!(transport.count("/graphql"), 1);
}

#[tokio::test]
async fn point_27_a_query_is_tried_again() {
    for fault in [
        Fault::DroppedAfter,
        Fault::DroppedBefore,
        Fault::Truncated,
        Fault::Status500,
        Fault::Html,
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let session = logged_in(&sandbox).await;
        sandbox.faults().add(Place::Graphql, fault);
        session.run(&Me {}).await.unwrap();
        sandbox.faults().add(Place::Graphql, fault).forever();
        session.run(&Me {}).await.unwrap_err();
        assert_eq!(sandbox.counts().faults_played, 1 + 3, "{fault}: bounded");
    }
}

#[tokio::test]
async fn point_32_no_redirect_is_followed() {
    for place in Place::HTTP
        .iter()
        .copied()
        .filter(|place| *place != Place::Authorize)
    {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(place, Fault::Redirect).forever();
        let session = session(&sandbox);
        if matches!(place, Place::Revoke | Place::Graphql) {
            log_in(&session, sandbox.scripted_user()).await.unwrap();
        }
        let failed = match place {
            Place::Graphql => session.run(&Me {}).await.map(drop),
            Place::Revoke => session.logout().await.map(drop),
            _ => log_in(&session, sandbox.scripted_user()).await.map(drop),
        };
        assert_eq!(failed.is_err(), place != Place::Revoke, "{place}");
        if let Err(error) = failed {
            assert!(
                matches!(error, Error::Status { status: 307, .. }),
                "{place}: {error}"
            );
        }
        assert_eq!(sandbox.counts().redirects_followed, 0, "{place}");
    }
}

#[tokio::test]
async fn point_32_the_token_goes_to_the_apis_origin_alone() {
    let build = |url: &str| {
        Session::builder()
            .base_url("https://api.example.com")
            .application("a")
            .graphql_url(url)
            .build()
    };
    assert!(build("https://api.example.com/v2/graphql").is_ok());
    for other in [
        "https://api.example.com:444/graphql",
        "https://example.com/graphql",
        "https://api.example.com.evil.example/",
    ] {
        let error = build(other).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Discovery(DiscoveryError::ForeignEndpoint { .. })
            ),
            "{error}"
        );
    }
    assert!(build("http://api.example.com/graphql").is_err());
    let allowed = Session::builder()
        .base_url("https://api.example.com")
        .application("a")
        .allow_origin("https://graph.example.com");
    assert!(
        allowed
            .graphql_url("https://graph.example.com/")
            .build()
            .is_ok()
    );
    let (session, transport) = scripted(3600).await;
    transport.push(json(200, r#"{"data":{"me":{"id":"7"}}}"#));
    session.run(&Me {}).await.unwrap();
    let requests = transport.requests.lock().unwrap();
    for request in requests.iter() {
        let bearer = request.headers().get("authorization").is_some();
        assert_eq!(
            bearer,
            request.uri().path() == "/graphql",
            "{}",
            request.uri()
        );
        assert!(request.uri().query().is_none(), "no token in a URL");
    }
}

#[tokio::test]
async fn point_33_a_server_that_hangs_runs_into_the_timeouts() {
    let sandbox = Sandbox::start().await.unwrap();
    let timeout = Duration::from_millis(600);
    let retries = quick().max_attempts(1);
    let session = builder(&sandbox)
        .limits(Limits::new().timeout(timeout))
        .retries(retries)
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    for fault in [Fault::Hung, Fault::HungAfter] {
        sandbox.faults().add(Place::Graphql, fault);
        let began = Instant::now();
        let error = session.run(&Me {}).await.unwrap_err();
        assert_eq!(kind(&error), Some(TransportErrorKind::Timeout), "{error}");
        assert!(began.elapsed() >= timeout);
    }
    let limits = Limits::new()
        .read_timeout(Duration::from_millis(300))
        .timeout(Duration::from_secs(60));
    let session = builder(&sandbox)
        .limits(limits)
        .retries(retries)
        .build()
        .unwrap();
    sandbox.faults().add(Place::Discovery, Fault::Hung);
    let error = session
        .begin_login(crate::support::REDIRECT)
        .await
        .unwrap_err();
    assert_eq!(kind(&error), Some(TransportErrorKind::Timeout), "{error}");
}

#[tokio::test]
async fn point_33_huge_answers_and_gzip_bombs_stop_at_the_cap() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = logged_in(&sandbox).await;
    for fault in [Fault::Huge, Fault::GzipBomb] {
        sandbox.faults().add(Place::Graphql, fault);
        let error = session.run(&Me {}).await.unwrap_err();
        assert_eq!(
            kind(&error),
            Some(TransportErrorKind::TooLarge),
            "{fault}: {error}"
        );
        assert!(error.help().contains("Limits::max_body_size"), "{error}");
    }
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn point_33_answers_that_are_none_become_typed_errors() {
    for (place, fault) in [
        (Place::Graphql, Fault::Html),
        (Place::Graphql, Fault::Html200),
        (Place::Token, Fault::Html),
        (Place::Token, Fault::Html200),
        (Place::Token, Fault::OauthErrorWithStatus200),
        (Place::Register, Fault::OauthErrorWithStatus200),
        (Place::Register, Fault::Html200),
        (Place::Discovery, Fault::Html200),
        (Place::Discovery, Fault::Truncated),
        (Place::Token, Fault::Truncated),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(place, fault).forever();
        let session = session(&sandbox);
        let error = match log_in(&session, sandbox.scripted_user()).await {
            Err(error) => error,
            Ok(_) => session.run(&Me {}).await.unwrap_err(),
        };
        let fits = match fault {
            Fault::Html => matches!(error, Error::Status { status: 502, .. }),
            Fault::Html200 => {
                matches!(&error, Error::Malformed { problem, .. } if problem.contains("web page"))
            }
            Fault::OauthErrorWithStatus200 => {
                matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_request")
            }
            _ => kind(&error) == Some(TransportErrorKind::Interrupted),
        };
        assert!(fits, "{place} {fault}: {error:?}");
        assert!(!error.to_string().contains("<html"), "{error}");
    }
}

#[tokio::test]
async fn point_33_a_body_with_secrets_does_not_reach_the_error() {
    let (session, transport) = scripted(0).await;
    transport.push(json(
        200,
        r#"{"access_token":17,"refresh_token":"leaked-secret"}"#,
    ));
    transport.push(json(200, r#"{"access_token":"leaked-secret\u0000"}"#));
    transport.push(with_header(
        418,
        "content-type",
        "text/plain",
        "leaked-secret",
    ));
    for _ in 0..3 {
        let error = session.run(&Me {}).await.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("leaked-secret"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn point_38_basic_authentication_is_there_for_those_who_migrate() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.user();
    #[expect(deprecated, reason = "it says that it will go")]
    let session = Session::builder()
        .base_url(sandbox.base_url())
        .basic_auth(user.login.clone(), user.password.clone())
        .build()
        .unwrap();
    session.run(&Me {}).await.unwrap();
    #[allow(deprecated)]
    let wrong = Session::builder()
        .base_url(sandbox.base_url())
        .basic_auth(user.login, "wrong")
        .build()
        .unwrap();
    let error = wrong.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(error, Error::Unauthorized { renewed: false, .. }),
        "{error}"
    );
    assert!(!format!("{wrong:?}").contains(&user.password));
}

#[tokio::test]
async fn sessions_without_a_login_send_what_they_were_given() {
    let transport = Scripted::new([
        json(200, r#"{"data":{"me":{"id":"7"}}}"#),
        json(200, r#"{"data":{"me":{"id":"7"}}}"#),
    ]);
    let token = Session::builder()
        .base_url("https://api.example.com")
        .access_token("fixed")
        .transport(transport.clone())
        .build()
        .unwrap();
    token.run(&Me {}).await.unwrap();
    let public = Session::builder()
        .base_url("https://api.example.com")
        .anonymous()
        .transport(transport.clone())
        .build()
        .unwrap();
    public.run(&Me {}).await.unwrap();
    let requests = transport.requests.lock().unwrap();
    assert_eq!(requests[0].headers()["authorization"], "Bearer fixed");
    assert!(requests[1].headers().get("authorization").is_none());
    assert!(Session::with_access_token("https://api.example.com", "two\nlines").is_err());
}

#[tokio::test]
async fn a_response_has_partial_data_errors_extensions_and_headers() {
    let (session, transport) = scripted(3600).await;
    let body = r#"{"data":{"me":{"id":"7"}},"errors":[{"message":"half","path":["me"]}],"extensions":{"cost":3}}"#;
    transport.push(with_header(200, "x-request-id", "abc", body));
    transport.push(json(200, body));
    let response = session.request(&Me {}).await.unwrap();
    assert_eq!(response.data.unwrap().me.id, "7");
    assert_eq!(
        (
            response.errors.len(),
            response.extensions.unwrap()["cost"].as_u64()
        ),
        (1, Some(3))
    );
    let head = response.http.unwrap();
    assert_eq!(
        (
            head.status.as_u16(),
            head.headers["x-request-id"].to_str().unwrap()
        ),
        (200, "abc")
    );
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Graphql(errors) if errors[0].message == "half"),
        "{error}"
    );
}

#[tokio::test]
async fn requests_have_spans_with_opentelemetrys_names_and_no_secret() {
    let (log, _guard) = crate::support::Log::capture();
    let (session, transport) = scripted(3600).await;
    // What a span says when it closes: the request's, within the operation's.
    let closed = async |answers: Vec<crate::support::Answer>| {
        let before = log.text().len();
        answers
            .into_iter()
            .for_each(|answer| transport.push(answer));
        let result = session.run(&Me {}).await;
        let text = log.text().split_off(before);
        let closed: Vec<_> = text
            .lines()
            .filter(|line| line.ends_with(" close") || line.contains(" close "))
            .map(str::to_owned)
            .collect();
        (result, closed)
    };
    let data = || json(200, r#"{"data":{"me":{"id":"7"}}}"#);
    let (result, spans) = closed(vec![data()]).await;
    result.unwrap();
    let [http, graphql] = &spans[..] else {
        panic!("{spans:#?}")
    };
    // https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client, and
    // .../graphql/graphql-spans/
    for part in [
        "otel.name=POST",
        "otel.kind=\"client\"",
        "http.request.method=POST",
        "http.response.status_code=200",
        "server.address=\"api.example.com\"",
        "server.port=443",
        "url.full=https://api.example.com/graphql",
    ] {
        assert!(http.contains(part), "{part}: {http}");
    }
    for part in [
        "otel.name=query Me",
        "graphql.operation.name=\"Me\"",
        "graphql.operation.type=\"query\"",
    ] {
        assert!(graphql.contains(part), "{part}: {graphql}");
    }
    for absent in ["error.type", "otel.status_code", "resend_count"] {
        assert!(!format!("{http}{graphql}").contains(absent), "{absent}");
    }
    let (result, spans) = closed(vec![json(400, r#"{"nothing":1}"#)]).await;
    result.unwrap_err();
    assert!(
        spans[0].contains("http.response.status_code=400"),
        "{spans:#?}"
    );
    assert!(
        spans[0].contains("error.type=\"400\"") && spans[0].contains("otel.status_code=\"ERROR\""),
        "{spans:#?}"
    );
    assert!(
        spans[1].contains("otel.status_code=\"ERROR\""),
        "{spans:#?}"
    );
    assert!(
        spans[1].contains("error.type=\"malformed\"") || spans[1].contains("error.type=\"status\""),
        "{spans:#?}"
    );
    let errors = json(200, r#"{"data":null,"errors":[{"message":"no"}]}"#);
    let (result, spans) = closed(vec![errors]).await;
    result.unwrap_err();
    assert!(!spans[0].contains("error.type"), "{spans:#?}");
    assert!(spans[1].contains("error.type=\"graphql\""), "{spans:#?}");
    let lost = attendium::transport::TransportError::new(TransportErrorKind::Interrupted);
    let (result, spans) = closed(vec![Err(lost), data()]).await;
    result.unwrap();
    assert!(
        spans[0].contains("error.type=\"interrupted\"")
            && spans[0].contains("otel.status_code=\"ERROR\""),
        "{spans:#?}"
    );
    assert!(
        spans[1].contains("http.request.resend_count=1") && spans[1].contains("status_code=200"),
        "{spans:#?}"
    );
    let text = log.text();
    assert!(
        !text.contains("access-1") && !text.contains("refresh-1"),
        "{text}"
    );
}

#[tokio::test]
async fn a_middleware_stands_around_graphql_alone() {
    use attendium::transport::{Body, BoxFuture, Middleware, Transport, TransportError};
    use std::sync::{Arc, Mutex};

    struct Mark(&'static str, Arc<Mutex<Vec<String>>>);
    impl Middleware for Mark {
        fn handle<'a>(
            &'a self,
            mut request: http::Request<Body>,
            next: &'a dyn Transport,
        ) -> BoxFuture<'a, Result<http::Response<Body>, TransportError>> {
            self.1
                .lock()
                .unwrap()
                .push(format!("{} {}", self.0, request.uri().path()));
            request
                .headers_mut()
                .append("x-mark", HeaderValue::from_static(self.0));
            next.send(request)
        }
    }

    let sandbox = Sandbox::start().await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let session = builder(&sandbox)
        .middleware(Mark("outer", seen.clone()))
        .middleware(Mark("inner", seen.clone()))
        .apollo_client_name("guest-list")
        .apollo_client_version("1.2.3")
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&Me {}).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["outer /graphql", "inner /graphql"]);
}

#[tokio::test]
async fn the_application_and_the_operation_are_named_in_headers_where_that_is_asked_for() {
    let transport = Scripted::new([
        json(200, r#"{"data":{"me":{"id":"7"}}}"#),
        json(200, r#"{"data":{"me":{"id":"7"}}}"#),
    ]);
    let build = || {
        Session::builder()
            .base_url("https://api.example.com")
            .anonymous()
            .transport(transport.clone())
    };
    build()
        .apollo_client_name("guest-list")
        .apollo_client_version("1.2.3")
        .build()
        .unwrap()
        .run(&Me {})
        .await
        .unwrap();
    build().build().unwrap().run(&Me {}).await.unwrap();
    let requests = transport.requests.lock().unwrap();
    let names = [
        "apollographql-client-name",
        "apollographql-client-version",
        "x-apollo-operation-name",
    ];
    assert_eq!(
        names.map(|name| requests[0].headers()[name].to_str().unwrap()),
        ["guest-list", "1.2.3", "Me"]
    );
    assert!(
        names
            .iter()
            .all(|name| !requests[1].headers().contains_key(*name))
    );
    let body: serde_json::Value = serde_json::from_slice(requests[1].body()).unwrap();
    assert_eq!(body["operationName"], "Me");
}

#[tokio::test]
async fn point_57_a_session_has_headers_of_its_own_and_one_may_stand_in_place_of_a_login() {
    let header = |name, value| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    let (tenant, north) = header("x-tenant", "north");
    let (key, mut secret) = header("x-api-key", "a-very-secret-key");
    secret.set_sensitive(true);
    let (authorization, scheme) = header("authorization", "a-key-without-a-scheme");
    let transport = Scripted::new([]);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .header(tenant.clone(), north)
        .header(key, secret)
        .header(authorization, scheme)
        .transport(transport.clone())
        .build()
        .unwrap();
    let echo = r#"{"errors":[{"message":"a-very-secret-key, a-key-without-a-scheme, north"}]}"#;
    transport.push(json(200, echo));
    let error = session.run(&Me {}).await.unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(
        !said.contains("secret-key") && !said.contains("without-a-scheme"),
        "{said}"
    );
    assert!(said.contains("north"), "what is no secret is shown: {said}");
    transport.push(json(401, echo));
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("secret-key"),
        "{error}"
    );
    let south = CallOptions::new().header(tenant, HeaderValue::from_static("south"));
    transport.push(json(200, r#"{"data":{"me":{"id":"7"}}}"#));
    session.run_with(&Me {}, &south).await.unwrap();
    let requests = transport.requests.lock().unwrap();
    for (request, tenant) in requests.iter().zip(["north", "north", "south"]) {
        let headers = request.headers();
        let tenants: Vec<_> = headers.get_all("x-tenant").iter().collect();
        assert_eq!(tenants, [tenant]);
        assert_eq!(headers["x-api-key"], "a-very-secret-key");
        assert_eq!(headers["authorization"], "a-key-without-a-scheme");
    }
    assert_eq!(requests.len(), 3);
}
