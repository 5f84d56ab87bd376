//! The authorization server, over sockets: what it gives, and above all what it refuses.

mod client;

use std::time::Duration;

use attendium_sandbox::{Credentials, Sandbox, VisitError};
use client::{App, CALLBACK, answer, get, http, tokens};
use serde_json::{Value, json};

#[tokio::test]
async fn the_whole_login_leads_to_tokens_that_the_api_takes() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let metadata = format!(
        "{}/.well-known/oauth-authorization-server",
        sandbox.base_url()
    );
    let metadata = answer(http().get(metadata).send().await.expect("metadata")).body;
    assert_eq!(metadata["issuer"], sandbox.base_url());
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );

    let app = App::register(&sandbox, CALLBACK).await;
    let callback = app.callback(&sandbox.scripted_user(), &[]).await;
    assert_eq!(get(&callback, "state"), Some("a state & more"));
    assert_eq!(get(&callback, "iss"), Some(sandbox.base_url()));
    let answer = app
        .exchange(get(&callback, "code").expect("a code"), &[])
        .await;
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3600);
    assert_eq!(answer.body["scope"], "read write");

    let (access, refresh) = tokens(&answer);
    let me = app
        .graphql(&access, "{ me { id login } }", Value::Null)
        .await;
    assert_eq!(me.body["data"]["me"]["login"], sandbox.user().login);
    let (second, _) = tokens(&app.refresh(&refresh).await);
    assert_ne!(access, second);
    assert_eq!(
        app.graphql(&second, "{ me { id } }", Value::Null)
            .await
            .status,
        200
    );
    let counts = sandbox.counts();
    assert_eq!(
        (
            counts.registrations,
            counts.authorizations,
            counts.code_exchanges,
            counts.refreshes
        ),
        (1, 1, 1, 1)
    );
    assert_eq!((counts.graphql_requests, counts.families_revoked), (2, 0));
}

#[tokio::test]
async fn pages_name_the_application_and_escape_it() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let browser = http();
    let first = app
        .http
        .get(app.authorize_url(&[]))
        .send()
        .await
        .expect("a redirect");
    let cookie = first.headers()["set-cookie"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let page = format!(
        "{}{}",
        sandbox.base_url(),
        first.headers()["location"].to_str().expect("ASCII")
    );
    let with_cookie = browser
        .get(&page)
        .header("cookie", cookie.split(';').next().expect("a pair"));
    let response = with_cookie.send().await.expect("a page");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(
        response.headers()["content-security-policy"]
            .to_str()
            .expect("ASCII")
            .contains("frame-ancestors 'none'")
    );
    let html = response.text();
    assert!(
        html.contains("&lt;b&gt;Doorman &amp; &quot;Co&quot;&lt;/b&gt;"),
        "{html}"
    );
    assert!(!html.contains("<b>Doorman"));
    // Another browser cannot go on with the first one's login.
    assert_eq!(
        browser.get(&page).send().await.expect("a page").status(),
        400
    );
}

#[tokio::test]
async fn a_form_without_its_csrf_token_is_refused() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let first = app
        .http
        .get(app.authorize_url(&[]))
        .send()
        .await
        .expect("a redirect");
    let cookie = first.headers()["set-cookie"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let location = first.headers()["location"].to_str().expect("ASCII");
    let step = location.split_once("step=").expect("a step").1;
    let user = sandbox.user();
    let form = [
        ("step", step),
        ("csrf", "guessed"),
        ("login", &user.login),
        ("password", &user.password),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = app
        .http
        .post(format!("{}/oauth2/login", sandbox.base_url()));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie);
    assert_eq!(
        request.body(body).send().await.expect("a page").status(),
        403
    );
}

#[tokio::test]
async fn a_wrong_password_and_a_denial_end_the_login_each_in_its_way() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let wrong = Credentials {
        password: "guess".into(),
        ..sandbox.user()
    };
    let user = sandbox.scripted_user().with_credentials(wrong);
    match user.visit(&app.authorize_url(&[])).await {
        Err(VisitError::Stuck(reason)) => {
            assert!(reason.contains("do not fit together"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
    let callback = app.callback(&sandbox.scripted_user().deny(), &[]).await;
    assert_eq!(get(&callback, "error"), Some("access_denied"));
    assert_eq!(get(&callback, "state"), Some("a state & more"));
    assert_eq!(get(&callback, "code"), None);
}

#[tokio::test]
async fn nobody_is_redirected_to_an_address_that_was_not_registered() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    for changes in [
        [("client_id", "client_unknown")],
        [("client_id", "")],
        [("redirect_uri", "https://app.example/callback/more")],
        [("redirect_uri", "https://evil.example/callback")],
        [("redirect_uri", "")],
    ] {
        let response = app
            .http
            .get(app.authorize_url(&changes))
            .send()
            .await
            .expect("a page");
        assert_eq!(response.status(), 400, "{changes:?}");
        assert!(response.headers().get("location").is_none());
    }
    let twice = format!("{}&state=again", app.authorize_url(&[]));
    assert_eq!(
        app.http.get(twice).send().await.expect("a page").status(),
        400
    );
}

#[tokio::test]
async fn a_request_that_breaks_the_rules_is_told_to_the_application() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    for (changes, error) in [
        ([("response_type", "token")], "unsupported_response_type"),
        ([("code_challenge", "")], "invalid_request"),
        ([("code_challenge", "too-short")], "invalid_request"),
        ([("code_challenge_method", "plain")], "invalid_request"),
        ([("code_challenge_method", "")], "invalid_request"),
        ([("scope", "read admin")], "invalid_scope"),
    ] {
        let callback = app.callback(&sandbox.scripted_user(), &changes).await;
        assert_eq!(get(&callback, "error"), Some(error), "{changes:?}");
        assert_eq!(get(&callback, "state"), Some("a state & more"));
        assert_eq!(get(&callback, "iss"), Some(sandbox.base_url()));
    }
    assert_eq!(sandbox.counts().authorizations, 0);
}

#[tokio::test]
async fn only_redirect_uris_of_the_contract_can_be_registered() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let url = format!("{}/oauth2/register", sandbox.base_url());
    for uris in [
        json!(["http://app.example/"]),
        json!(["app://x"]),
        json!([]),
        json!("x"),
        json!([1]),
    ] {
        let body = json!({ "redirect_uris": uris, "client_name": "x" }).to_string();
        let answer = answer(
            http()
                .post(&url)
                .body(body)
                .send()
                .await
                .expect("an answer"),
        );
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (400, &json!("invalid_redirect_uri"))
        );
    }
    let answer = answer(http().post(&url).body("{").send().await.expect("an answer"));
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (400, &json!("invalid_client_metadata"))
    );
}

#[tokio::test]
async fn the_exchange_is_strict_about_everything_it_gets() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let other = App::register(&sandbox, CALLBACK).await;
    let wrong_verifier = "b".repeat(64);
    for (changes, error) in [
        (
            [("code_verifier", wrong_verifier.as_str())],
            "invalid_grant",
        ),
        ([("code_verifier", "short")], "invalid_request"),
        ([("code_verifier", "")], "invalid_request"),
        (
            [("redirect_uri", "https://app.example/other")],
            "invalid_grant",
        ),
        ([("redirect_uri", "")], "invalid_request"),
        ([("client_id", other.id.as_str())], "invalid_grant"),
        ([("grant_type", "password")], "unsupported_grant_type"),
    ] {
        let answer = app.exchange(&app.code().await, &changes).await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (400, &json!(error)),
            "{changes:?}"
        );
    }
    let answer = app
        .exchange(&app.code().await, &[("client_id", "client_unknown")])
        .await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (401, &json!("invalid_client"))
    );
    let late = app.code().await;
    sandbox.skip_time(Duration::from_secs(61));
    assert_eq!(
        app.exchange(&late, &[]).await.body["error"],
        "invalid_grant"
    );
    assert_eq!(sandbox.counts().code_exchanges, 0);
}

#[tokio::test]
async fn a_code_that_is_used_twice_revokes_the_tokens_of_its_first_use() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let code = app.code().await;
    let (access, refresh) = tokens(&app.exchange(&code, &[]).await);
    assert_eq!(
        app.exchange(&code, &[]).await.body["error"],
        "invalid_grant"
    );
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_grant");
    assert_eq!(sandbox.counts().families_revoked, 1);
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_revokes_its_whole_family_and_no_other() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let (_, bystander) = app.tokens().await;
    let (_, first) = app.tokens().await;
    let (access, second) = tokens(&app.refresh(&first).await);
    assert_eq!(app.refresh(&first).await.body["error"], "invalid_grant");
    assert_eq!(app.refresh(&second).await.body["error"], "invalid_grant");
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(app.refresh(&bystander).await.status, 200);
    let counts = sandbox.counts();
    assert_eq!(
        (
            counts.refreshes,
            counts.refresh_attempts,
            counts.families_revoked
        ),
        (2, 4, 1)
    );
}

#[tokio::test]
async fn rotation_can_be_given_grace_or_turned_off() {
    let builder = Sandbox::builder().refresh_grace(Duration::from_secs(30));
    let sandbox = builder.start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let (_, first) = app.tokens().await;
    assert_eq!(app.refresh(&first).await.status, 200);
    assert_eq!(app.refresh(&first).await.status, 200);
    sandbox.skip_time(Duration::from_secs(31));
    assert_eq!(app.refresh(&first).await.status, 400);
    assert_eq!(sandbox.counts().families_revoked, 1);

    let builder = Sandbox::builder().refresh_token_rotation(false);
    let sandbox = builder.start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let (_, first) = app.tokens().await;
    assert_eq!(tokens(&app.refresh(&first).await).1, first);
    assert_eq!(tokens(&app.refresh(&first).await).1, first);
}

#[tokio::test]
async fn the_port_of_a_loopback_redirect_may_change_unless_the_server_is_strict() {
    for (strict, status) in [(false, 303), (true, 400)] {
        let builder = Sandbox::builder().exact_redirect_ports(strict);
        let sandbox = builder.start().await.expect("a sandbox");
        let app = App::register(&sandbox, "http://127.0.0.1:5000/callback").await;
        let url = app.authorize_url(&[("redirect_uri", "http://127.0.0.1:6000/callback")]);
        assert_eq!(
            app.http
                .get(url)
                .send()
                .await
                .expect("an answer")
                .status()
                .as_u16(),
            status
        );
        let url = app.authorize_url(&[]);
        assert_eq!(
            app.http.get(url).send().await.expect("an answer").status(),
            303
        );
    }
}

#[tokio::test]
async fn revocation_ends_the_family_and_says_nothing_of_unknown_tokens() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let (access, refresh) = app.tokens().await;
    let unknown = [("client_id", &*app.id), ("token", "nobody's")];
    assert_eq!(app.post("/oauth2/revoke", &unknown).await.status, 200);
    assert_eq!(sandbox.counts().revocations, 0);
    let form = [
        ("client_id", &*app.id),
        ("token", &*refresh),
        ("token_type_hint", "refresh_token"),
    ];
    assert_eq!(app.post("/oauth2/revoke", &form).await.status, 200);
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_grant");
    assert_eq!(sandbox.counts().revocations, 1);
}

#[tokio::test]
async fn tokens_end_with_their_time_their_client_or_on_demand() {
    let builder = Sandbox::builder().access_token_lifetime(Duration::from_secs(20));
    let sandbox = builder.start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let (access, refresh) = app.tokens().await;
    sandbox.skip_time(Duration::from_secs(21));
    let late = app.graphql(&access, "{ me { id } }", Value::Null).await;
    assert_eq!(late.status, 401);
    assert!(
        late.challenge.contains("error=\"invalid_token\""),
        "{}",
        late.challenge
    );
    assert_eq!(
        late.body["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );

    let (access, refresh) = tokens(&app.refresh(&refresh).await);
    sandbox.expire_access_tokens();
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        401
    );
    let (access, refresh) = tokens(&app.refresh(&refresh).await);
    sandbox.forget_clients();
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_client");

    let app = App::register(&sandbox, CALLBACK).await;
    let (_, refresh) = app.tokens().await;
    sandbox.revoke_families();
    assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_grant");
    let (access, refresh) = app.tokens().await;
    sandbox.expire_refresh_tokens();
    assert_eq!(app.refresh(&refresh).await.body["error"], "invalid_grant");
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_token_of_fewer_scopes_reads_but_does_not_write() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let app = App::register(&sandbox, CALLBACK).await;
    let callback = app
        .callback(&sandbox.scripted_user(), &[("scope", "read")])
        .await;
    let answer = app
        .exchange(get(&callback, "code").expect("a code"), &[])
        .await;
    assert_eq!(answer.body["scope"], "read");
    let (access, _) = tokens(&answer);
    assert_eq!(
        app.graphql(&access, "{ me { id } }", Value::Null)
            .await
            .status,
        200
    );
    let refused = app
        .graphql(
            &access,
            "mutation { checkIn(guest: \"x\") { guest { id } } }",
            Value::Null,
        )
        .await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.challenge.contains("error=\"insufficient_scope\""),
        "{}",
        refused.challenge
    );
}

#[tokio::test]
async fn a_dropped_sandbox_leaves_its_port() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let url = sandbox.base_url().to_owned();
    assert_eq!(http().get(&url).send().await.expect("a page").status(), 200);
    drop(sandbox);
    let error = http().get(&url).send().await.expect_err("no server");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}
