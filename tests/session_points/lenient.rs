//! What a server may send beside what its specification says, and what is said of an answer that
//! is none (points 1, 6, 24, 29, 33 and 59).
//!
//! Each test is a table of answers that servers in use have been seen to give, and of others of
//! their kind.

use attendium::{Error, LoginRequired, Me, Session, Status};

use crate::support::{
    APPLICATION, Answer, METADATA, REDIRECT, Scripted, json, parameter, scripted, with_header,
};

const ME: &str = r#"{"data":{"me":{"id":"7"}}}"#;
/// What a refresh gives.
const RENEWED: &str = r#"{"access_token":"access-2","token_type":"Bearer","expires_in":3600}"#;
const TOKENS: &str = r#"{"access_token":"access-1","token_type":"Bearer","expires_in":3600}"#;

fn begin(answers: impl IntoIterator<Item = Answer>) -> (Session, Scripted) {
    let transport = Scripted::new(answers);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application(APPLICATION)
        .transport(transport.clone())
        .build()
        .unwrap();
    (session, transport)
}

/// Logs in with these answers of the metadata's, the registration's and the token's endpoint.
async fn log_in(answers: [Answer; 3]) -> Result<(Status, Scripted, Session), Error> {
    let (session, transport) = begin(answers);
    let (url, pending) = session.begin_login(REDIRECT).await?;
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=the-code&state={state}");
    let status = session.finish_login(pending, &query).await?;
    Ok((status, transport, session))
}

/// The tokens' answer with these members, which take the place of those of the same name.
fn tokens(members: &str) -> String {
    let mut answer: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(TOKENS).unwrap();
    let members: serde_json::Value = serde_json::from_str(members).unwrap();
    for (name, value) in members.as_object().unwrap() {
        answer.insert(name.clone(), value.clone());
    }
    serde_json::Value::Object(answer).to_string()
}

const CLIENT: &str = r#"{"client_id":"c"}"#;
/// Values of every type.
const VALUES: [&str; 14] = [
    "null",
    "true",
    "false",
    "0",
    "-7",
    "1.5",
    "1e300",
    "\"\"",
    "\" \"",
    "\"x\"",
    "[]",
    "[null,1,[]]",
    "{}",
    r#"{"a":[1,{"b":null}]}"#,
];

#[tokio::test]
async fn point_24_optional_members_of_a_token_answer_may_be_anything() {
    for name in [
        "refresh_token",
        "expires_in",
        "scope",
        "id_token",
        "user",
        "error",
    ] {
        for value in VALUES {
            let is_error = name == "error" && (value == "\"x\"" || value.starts_with(r#"{"a""#));
            if is_error {
                continue;
            }
            let answer = tokens(&format!(r#"{{"{name}":{value}}}"#));
            let result = log_in([json(200, METADATA), json(201, CLIENT), json(200, &answer)]).await;
            let (status, ..) = result.unwrap_or_else(|error| panic!("{answer}: {error}"));
            assert!(status.logged_in, "{answer}");
        }
    }
    // Another type of token is refused, and everything else in its place means Bearer.
    for value in VALUES {
        let answer = tokens(&format!(r#"{{"token_type":{value}}}"#));
        let result = log_in([json(200, METADATA), json(201, CLIENT), json(200, &answer)]).await;
        let refused = ["\"x\"", "0", "-7"].contains(&value);
        assert_eq!(result.is_err(), refused, "{answer}");
    }
}

#[tokio::test]
async fn point_24_scopes_come_as_a_text_or_a_list() {
    for (scope, scopes) in [
        (r#"["a","b"]"#, &["a", "b"][..]),
        (r#""a b""#, &["a", "b"]),
        (r#"["a b",["c"],null,"d"]"#, &["a", "b", "d"]),
        (r#"" a  b ""#, &["a", "b"]),
        ("[]", &[]),
        ("7", &[]),
    ] {
        let answer = tokens(&format!(r#"{{"scope":{scope}}}"#));
        let answers = [json(200, METADATA), json(201, CLIENT), json(200, &answer)];
        let (status, ..) = log_in(answers).await.unwrap();
        assert_eq!(status.scopes, scopes, "{scope}");
    }
}

#[tokio::test]
async fn point_24_expiry_is_a_number_however_it_is_written() {
    for (value, known) in [
        ("3600", true),
        ("3600.5", true),
        ("\"3600\"", true),
        ("\" 3600 \"", true),
        ("\"3600.0\"", true),
        ("0", true),
        ("-1", false),
        ("\"\"", false),
        ("\"soon\"", false),
        ("\"NaN\"", false),
        ("\"inf\"", false),
        ("1e308", true),
        ("null", false),
    ] {
        let answer = tokens(&format!(r#"{{"expires_in":{value}}}"#));
        let answers = [json(200, METADATA), json(201, CLIENT), json(200, &answer)];
        let (status, ..) = log_in(answers).await.unwrap();
        assert_eq!(status.expires_at.is_some(), known, "{value}");
    }
}

#[tokio::test]
async fn point_33_a_byte_order_mark_a_form_and_other_types_are_read() {
    let mark = |text: &str| format!("\u{feff}{text}");
    let plain = |text: &str| with_header(200, "content-type", "text/plain; charset=utf-8", text);
    let form = |status, text: &str| {
        with_header(
            status,
            "content-type",
            "application/x-www-form-urlencoded",
            text,
        )
    };
    let metadata = || json(200, METADATA);
    let client = || json(201, CLIENT);
    for answers in [
        [
            json(200, &mark(METADATA)),
            json(201, &mark(CLIENT)),
            json(200, &mark(TOKENS)),
        ],
        [plain(METADATA), plain(CLIENT), plain(TOKENS)],
        [metadata(), json(200, CLIENT), json(201, TOKENS)],
        [
            metadata(),
            client(),
            form(200, "access_token=x&token_type=bearer&expires_in=3600"),
        ],
        [
            metadata(),
            json(201, r#"{"client_id":12345}"#),
            json(200, TOKENS),
        ],
    ] {
        log_in(answers).await.unwrap();
    }
    let refused = form(400, "error=invalid_grant&error_description=too+late");
    let error = log_in([metadata(), client(), refused]).await.err().unwrap();
    let Error::Refused(refusal) = &error else {
        panic!("{error}")
    };
    assert_eq!(refusal.code, "invalid_grant");
    assert_eq!(refusal.description.as_deref(), Some("too late"));

    // A GraphQL answer with the mark, and one that refuses the token.
    let (session, transport) = scripted(3600).await;
    transport.push(json(200, &mark(ME)));
    session.run(&Me {}).await.unwrap();
    let unauthenticated = r#"{"errors":[{"message":"m","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
    transport.push(json(200, &mark(unauthenticated)));
    transport.push(json(200, RENEWED));
    transport.push(json(200, ME));
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn point_01_optional_members_of_metadata_may_be_anything() {
    let metadata: serde_json::Value = serde_json::from_str(METADATA).unwrap();
    for name in [
        "token_endpoint_auth_methods_supported",
        "grant_types_supported",
        "authorization_response_iss_parameter_supported",
        "scopes_supported",
        "response_types_supported",
        "ui_locales_supported",
    ] {
        for value in VALUES {
            let mut metadata = metadata.clone();
            metadata[name] = serde_json::from_str(value).unwrap();
            let metadata = json(200, &metadata.to_string());
            let (session, _) = begin([metadata, json(201, CLIENT)]);
            let begun = session.begin_login(REDIRECT).await;
            begun.unwrap_or_else(|error| panic!("{name}: {value}: {error}"));
        }
    }
    // Endpoints that are optional: what is no text is not there; and PKCE's methods may be a text.
    for (name, value) in [
        ("revocation_endpoint", "null"),
        ("revocation_endpoint", "\"\""),
        ("revocation_endpoint", "[]"),
        ("code_challenge_methods_supported", "null"),
        ("code_challenge_methods_supported", "\"S256\""),
        ("code_challenge_methods_supported", "\"plain S256\""),
        ("code_challenge_methods_supported", "{}"),
    ] {
        let mut metadata = metadata.clone();
        metadata[name] = serde_json::from_str(value).unwrap();
        let (session, _) = begin([json(200, &metadata.to_string()), json(201, CLIENT)]);
        let begun = session.begin_login(REDIRECT).await;
        begun.unwrap_or_else(|error| panic!("{name}: {value}: {error}"));
    }
}

/// How the token request proves the client, for this metadata, registration and configured secret.
async fn proof(methods: Option<&str>, client: &str) -> (Option<String>, String) {
    let mut metadata: serde_json::Value = serde_json::from_str(METADATA).unwrap();
    if let Some(methods) = methods {
        metadata["token_endpoint_auth_methods_supported"] = serde_json::from_str(methods).unwrap();
    }
    let answers = [
        json(200, &metadata.to_string()),
        json(201, client),
        json(200, TOKENS),
    ];
    let (_, transport, _) = log_in(answers).await.unwrap();
    let requests = transport.requests.lock().unwrap();
    let asked: serde_json::Value = serde_json::from_slice(requests[1].body()).unwrap();
    let asked = asked["token_endpoint_auth_method"]
        .as_str()
        .map(str::to_owned);
    let basic = requests[2].headers().contains_key("authorization");
    let post = String::from_utf8_lossy(requests[2].body()).contains("client_secret=s");
    let proof = match (basic, post) {
        (false, false) => "none",
        (true, false) => "basic",
        (false, true) => "post",
        (true, true) => "both",
    };
    (asked, proof.to_owned())
}

#[tokio::test]
async fn point_06_the_method_of_client_authentication_is_one_that_the_metadata_lists() {
    let secret = r#"{"client_id":"c","client_secret":"s"}"#;
    let post = r#"{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"client_secret_post"}"#;
    let basic = r#"{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"client_secret_basic"}"#;
    let none = r#"{"client_id":"c","client_secret":"s","token_endpoint_auth_method":"none"}"#;
    let empty = r#"{"client_id":"c","client_secret":"","token_endpoint_auth_method":"client_secret_basic"}"#;
    let odd = r#"{"client_id":"c","client_secret":"s","token_endpoint_auth_method":[7],"client_secret_expires_at":"0"}"#;
    for (methods, client, asked, proven) in [
        (
            Some(r#"["client_secret_post"]"#),
            secret,
            Some("client_secret_post"),
            "post",
        ),
        (
            Some(r#""client_secret_post""#),
            secret,
            Some("client_secret_post"),
            "post",
        ),
        (
            Some(r#"["client_secret_basic"]"#),
            secret,
            Some("client_secret_basic"),
            "basic",
        ),
        (
            Some(r#"["private_key_jwt","client_secret_post","client_secret_basic"]"#),
            secret,
            Some("client_secret_basic"),
            "basic",
        ),
        (
            Some(r#"["client_secret_post","none"]"#),
            secret,
            Some("none"),
            "post",
        ),
        (
            Some(r#"["client_secret_post","none"]"#),
            CLIENT,
            Some("none"),
            "none",
        ),
        (Some(r#"["private_key_jwt"]"#), secret, None, "basic"),
        (Some("[]"), secret, None, "basic"),
        (None, secret, None, "basic"),
        // What the answer names counts more.
        (
            Some(r#"["client_secret_basic"]"#),
            post,
            Some("client_secret_basic"),
            "post",
        ),
        (
            Some(r#"["client_secret_post"]"#),
            basic,
            Some("client_secret_post"),
            "basic",
        ),
        (
            Some(r#"["client_secret_post"]"#),
            none,
            Some("client_secret_post"),
            "none",
        ),
        (None, empty, None, "none"),
        (
            Some(r#"["client_secret_post"]"#),
            odd,
            Some("client_secret_post"),
            "post",
        ),
    ] {
        let (was_asked, was_proven) = proof(methods, client).await;
        assert_eq!(
            (was_asked.as_deref(), was_proven.as_str()),
            (asked, proven),
            "{methods:?} {client}"
        );
    }
}

/// The outcome of a refresh that is answered with this, once the token has expired.
async fn refresh(answer: Answer) -> (Error, bool) {
    let (session, transport) = scripted(0).await;
    for _ in 0..3 {
        transport.push(answer.clone());
    }
    let error = session.run(&Me {}).await.unwrap_err();
    (error, session.status().await.unwrap().logged_in)
}

#[tokio::test]
async fn point_29_invalid_grant_is_seen_however_it_is_written() {
    for body in [
        r#"{"error":"invalid_grant"}"#,
        r#"{"error":"invalid_grant","error_description":["Token","expired"]}"#,
        r#"{"error":"invalid_grant","error_description":{"en":"expired"}}"#,
        r#"{"error":"invalid_grant","error_description":7,"error_uri":[]}"#,
        r#"{"error":"invalid_grant","error_description":null,"error_uri":null}"#,
        r#"{"error":" invalid_grant "}"#,
        r#"{"error":"INVALID_GRANT"}"#,
        r#"{"error":{"code":"invalid_grant","message":"expired"}}"#,
        "\u{feff}{\"error\":\"invalid_grant\"}",
    ] {
        for (status, kind) in [
            (400, "application/json"),
            (401, "text/html"),
            (200, "text/plain"),
        ] {
            let (error, logged_in) = refresh(with_header(status, "content-type", kind, body)).await;
            assert!(
                matches!(
                    error,
                    Error::LoginRequired {
                        reason: LoginRequired::Expired,
                        ..
                    }
                ),
                "{body}: {error}"
            );
            assert!(!logged_in);
        }
    }
    let form = "application/x-www-form-urlencoded";
    let answer = with_header(
        400,
        "content-type",
        form,
        "error=invalid_grant&error_description=x",
    );
    assert!(refresh(answer).await.0.is_login_required());
}

#[tokio::test]
async fn point_29_another_refusal_of_a_refresh_says_that_a_login_may_be_needed_and_keeps_it() {
    for (status, body, code) in [
        (400, r#"{"error":"invalid_token"}"#, "invalid_token"),
        (401, r#"{"error":"token_inactive"}"#, "token_inactive"),
        (
            400,
            r#"{"error":"invalid_request","error_description":"refresh token is expired"}"#,
            "invalid_request",
        ),
        (
            400,
            r#"{"error":"unauthorized_client"}"#,
            "unauthorized_client",
        ),
        (
            400,
            r#"{"error":"expired_token","error_description":[]}"#,
            "expired_token",
        ),
        (200, r#"{"error":"bad_refresh_token"}"#, "bad_refresh_token"),
        (
            404,
            r#"{"type":"error","error":{"type":"not_found_error","message":"Not Found"}}"#,
            "not_found_error",
        ),
        (403, r#"{"error":"access_denied"}"#, "access_denied"),
    ] {
        let (error, logged_in) = refresh(json(status, body)).await;
        let Error::RefreshRefused(refusal) = &error else {
            panic!("{body}: {error}")
        };
        assert_eq!(refusal.code, code);
        assert!(!error.is_login_required() && logged_in, "{body}");
        assert_eq!(error.kind(), "refresh_refused");
        assert!(
            error.to_string().contains("a login may be needed"),
            "{error}"
        );
        assert!(error.help().contains("log in again"), "{}", error.help());
    }
    // These say nothing of the login.
    for (status, body) in [
        (429, r#"{"error":"invalid_token"}"#),
        (500, r#"{"error":"invalid_grant"}"#),
        (503, r#"{"error":"invalid_token"}"#),
        (400, r#"{"error":"temporarily_unavailable"}"#),
        (400, r#"{"error":"slow_down"}"#),
        (404, "<html>nothing</html>"),
        (400, r#"{"error":""}"#),
        (400, r#"{"error":null}"#),
        (400, r#"[]"#),
    ] {
        let (error, logged_in) = refresh(json(status, body)).await;
        let says_so = matches!(error, Error::RefreshRefused(_)) || error.is_login_required();
        assert!(!says_so && logged_in, "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn point_29_an_empty_error_beside_good_tokens_is_none() {
    for error in ["\"\"", "null", "false", "[]", "{}", "0"] {
        let (session, transport) = scripted(0).await;
        transport.push(json(200, &tokens(&format!(r#"{{"error":{error}}}"#))));
        transport.push(json(200, ME));
        session.run(&Me {}).await.unwrap();
    }
}

#[tokio::test]
async fn point_59_a_credential_that_is_refused_shows_what_the_api_says() {
    let suspended = r#"{"errors":[{"message":"Account suspended: pay your bill","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
    for (status, kind) in [
        (401, "application/json"),
        (401, "application/graphql-response+json"),
        (200, "application/json"),
    ] {
        let answer = || with_header(status, "content-type", kind, suspended);
        let (session, transport) = scripted(3600).await;
        transport.push(answer());
        transport.push(json(200, RENEWED));
        transport.push(answer());
        let error = session.run(&Me {}).await.unwrap_err();
        let Error::Unauthorized {
            renewed: true,
            errors,
            answer: Some(head),
        } = &error
        else {
            panic!("{error}")
        };
        assert_eq!(errors[0].message, "Account suspended: pay your bill");
        assert_eq!(head.status().as_u16(), status);
        assert!(error.to_string().contains("pay your bill"), "{error}");
        assert!(
            error.to_string().contains("https://api.example.com"),
            "{error}"
        );

        let fixed = Session::builder()
            .base_url("https://api.example.com")
            .access_token("fixed")
            .transport(Scripted::new([answer()]))
            .build()
            .unwrap();
        let error = fixed.run(&Me {}).await.unwrap_err();
        assert!(error.to_string().contains("pay your bill"), "{error}");
        assert!(!error.help().contains("log out"), "{}", error.help());
    }
    // Whatever else stands in the body.
    for body in [
        "",
        "<html></html>",
        "[]",
        "{}",
        r#"{"errors":null}"#,
        r#"{"errors":"no"}"#,
    ] {
        let (session, transport) = scripted(3600).await;
        for answer in [json(401, body), json(200, RENEWED), json(401, body)] {
            transport.push(answer);
        }
        let error = session.run(&Me {}).await.unwrap_err();
        assert!(
            matches!(error, Error::Unauthorized { renewed: true, .. }),
            "{body}: {error}"
        );
    }
}

#[tokio::test]
async fn point_59_an_answer_that_is_none_is_described_and_the_schema_is_not_blamed() {
    let utf16 = "{}"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect::<Vec<_>>();
    for (status, name, value, body, words) in [
        (
            204,
            "content-type",
            "application/json",
            &b""[..],
            "empty (status 204)",
        ),
        (200, "content-type", "application/json", b"", "empty"),
        (200, "content-type", "application/json", b" \n", "empty"),
        (
            200,
            "content-type",
            "application/json",
            b"<!DOCTYPE html><p>hi",
            "a web page",
        ),
        (200, "content-type", "text/html", b"hello", "a web page"),
        (
            200,
            "content-type",
            "application/json",
            b"<?xml version='1.0'?><a/>",
            "XML",
        ),
        (
            200,
            "content-type",
            "text/event-stream",
            b"event: next\n\n",
            "`text/event-stream`",
        ),
        (
            200,
            "content-type",
            "application/json",
            b"not JSON",
            "not JSON",
        ),
        (
            200,
            "content-type",
            "application/json",
            br#"{"data":{"me":{"#,
            "breaks off after 15 bytes",
        ),
        (
            200,
            "content-type",
            "application/json",
            b"[]",
            "not the JSON that it should be",
        ),
        (
            200,
            "content-type",
            "application/json",
            b"{}",
            "not the JSON that it should be",
        ),
        (
            200,
            "content-type",
            "application/json",
            b"\"text\"",
            "not the JSON",
        ),
        (200, "content-type", "application/json", &utf16, "UTF-16"),
        (
            200,
            "content-type",
            "application/json",
            b"{\"data\":\xff",
            "not UTF-8",
        ),
        (
            200,
            "content-encoding",
            "br",
            b"\x8b\x0d\x80",
            "the content coding `br`",
        ),
        (
            200,
            "content-encoding",
            "zstd",
            b"\x28\xb5\x2f\xfd",
            "the content coding `zstd`",
        ),
        (
            200,
            "content-encoding",
            "gzip, br",
            b"\x8b\x0d\x80",
            "`gzip, br`",
        ),
    ] {
        let answer = || {
            Ok(http::Response::builder()
                .status(status)
                .header(name, value)
                .body(bytes::Bytes::copy_from_slice(body))
                .unwrap())
        };
        let (session, transport) = scripted(3600).await;
        transport.push(answer());
        let error = session.run(&Me {}).await.unwrap_err();
        let Error::Malformed {
            step,
            problem,
            answer: Some(head),
        } = &error
        else {
            panic!("{words}: {error:?}")
        };
        assert_eq!(*step, attendium::Step::Graphql);
        assert!(problem.contains(words), "{problem}");
        assert_eq!(head.server(), "https://api.example.com");
        assert!(!error.help().contains("schema"), "{}", error.help());

        // The same at the token endpoint, where there is no login yet to keep.
        let answers = [json(200, METADATA), json(201, CLIENT), answer()];
        let error = log_in(answers).await.err().unwrap();
        let text = error.to_string();
        assert!(text.contains(words) || body == b"{}", "{text}");
        assert!(text.contains("https://api.example.com"), "{text}");
    }
    // An answer of the wrong types is what a new schema helps against.
    let (session, transport) = scripted(3600).await;
    transport.push(json(200, r#"{"data":{"me":{"id":true}}}"#));
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(error.help().contains("schema pull"), "{}", error.help());
    assert!(error.answer().is_some());
}

#[tokio::test]
async fn point_59_after_a_mutation_the_help_says_that_it_may_have_been_carried_out() {
    for (answer, may_have) in [
        (json(200, "<html>"), true),
        (json(200, ""), true),
        (json(500, "{}"), true),
        (json(504, ""), true),
        (json(200, r#"{"data":{"checkIn":7}}"#), true),
        (json(404, ""), false),
        (json(403, ""), false),
    ] {
        let (session, transport) = scripted(3600).await;
        transport.push(answer);
        let mutation = attendium::model::CheckIn::new("guest");
        let error = session.run(&mutation).await.unwrap_err();
        let told = error.help().contains("carried out");
        assert_eq!(told, may_have, "{error}: {}", error.help());
    }
}

#[tokio::test]
async fn point_59_a_refused_registration_names_what_helps() {
    for (code, words) in [
        ("invalid_redirect_uri", "client_id"),
        ("invalid_client_metadata", "client_id"),
        ("access_denied", "client_id"),
    ] {
        let refused = json(400, &format!(r#"{{"error":"{code}"}}"#));
        let (session, _) = begin([json(200, METADATA), refused]);
        let error = session.begin_login(REDIRECT).await.unwrap_err();
        assert!(error.help().contains(words), "{}", error.help());
        assert!(!error.help().contains("log out"), "{}", error.help());
        assert!(
            error.to_string().contains("https://api.example.com"),
            "{error}"
        );
    }
    for status in [401, 403, 404, 405] {
        let page = with_header(status, "content-type", "text/html", "<html>no</html>");
        let (session, _) = begin([json(200, METADATA), page]);
        let error = session.begin_login(REDIRECT).await.unwrap_err();
        assert!(error.help().contains("client_id"), "{}", error.help());
    }
    let metadata = METADATA.replace("registration_endpoint", "other");
    let (session, _) = begin([json(200, &metadata)]);
    let error = session.begin_login(REDIRECT).await.unwrap_err();
    assert!(error.help().contains("client_id"), "{}", error.help());
}

#[tokio::test]
async fn point_59_errors_keep_the_head_of_the_answer() {
    let (session, transport) = scripted(3600).await;
    for _ in 0..3 {
        transport.push(with_header(500, "x-request-id", "req-7", "secret body"));
    }
    let error = session.run(&Me {}).await.unwrap_err();
    let answer = error.answer().unwrap();
    assert_eq!(answer.request_id(), Some("req-7"));
    assert_eq!(answer.headers()["x-request-id"], "req-7");
    assert!(
        error.to_string().contains("https://api.example.com"),
        "{error}"
    );
    let shown = format!("{error:?}");
    assert!(
        shown.contains("req-7") && !shown.contains("secret body"),
        "{shown}"
    );
}
