//! Whole HTTP answers, as any bytes: status, headers and body, at each endpoint of a session.
//!
//! Whatever a server answers, a session gives a value or an error that a person can read; no secret
//! that was sent comes back in an error; no request goes to another origin; a login that is there
//! is lost by the server's own word alone.

use std::time::Duration;

use attendium::{Error, Login, Me, Session};
use bytes::Bytes;

use crate::session::{Answer, METADATA, REDIRECT, Scripted, begun, builder, json, readable, run};

/// Stands in an answer for the secret that was sent to the endpoint.
pub const SENT: &str = "{sent}";

/// Answers to start from: one or more for each endpoint.
pub const SEEDS: &[&str] = &[
    "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"issuer\":\"https://api.example.com\",\"authorization_endpoint\":\"https://api.example.com/a\",\"token_endpoint\":\"https://api.example.com/t\"}",
    "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"resource\":\"https://api.example.com/graphql\",\"authorization_servers\":[\"https://api.example.com/tenant\"]}",
    "HTTP/1.1 401 Unauthorized\nwww-authenticate: Basic realm=\"a\", Bearer error=\"invalid_token\", resource_metadata=\"https://api.example.com/m\"\nx-request-id: r1\n\n",
    "HTTP/1.1 201 Created\ncontent-type: application/json\n\n{\"client_id\":\"c\",\"client_secret\":\"s\",\"registration_client_uri\":\"https://api.example.com/r/c\",\"registration_access_token\":\"m\"}",
    "HTTP/1.1 200 OK\ncontent-type: application/json\ncache-control: no-store\n\n{\"access_token\":\"a1\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"refresh_token\":\"r1\",\"scope\":\"read\"}",
    "HTTP/1.1 200 OK\ncontent-type: application/x-www-form-urlencoded\n\naccess_token=a1&token_type=bearer&expires_in=3600",
    "HTTP/1.1 400 Bad Request\ncontent-type: application/json\n\n{\"error\":\"invalid_grant\",\"error_description\":\"no {sent}\"}",
    "HTTP/1.1 401 Unauthorized\nwww-authenticate: Basic\n\n{\"error\":\"invalid_client\",\"error_description\":[\"{sent}\"]}",
    "HTTP/1.1 503 Service Unavailable\nretry-after: 120\nset-cookie: s={sent}\n\n<html>{sent}</html>",
    "HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"device_code\":\"d\",\"user_code\":\"u\",\"verification_uri\":\"https://api.example.com/device\",\"expires_in\":60,\"interval\":0.00001}",
    "HTTP/1.1 204 No Content\n\n",
    "HTTP/1.1 200 OK\ncontent-type: application/graphql-response+json\n\n{\"data\":{\"me\":{\"id\":\"7\"}},\"errors\":[{\"message\":\"no {sent}\",\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}",
    "HTTP/1.1 403 Forbidden\nwww-authenticate: Bearer error=\"insufficient_scope\", scope=\"write {sent}\"\n\n",
    "HTTP/1.1 302 Found\nlocation: https://evil.example/?{sent}\ncontent-encoding: gzip\n\n",
];

const REGISTERED: &[u8] = br#"{"client_id":"c"}"#;
const MANAGED: &[u8] = br#"{"client_id":"c","registration_client_uri":"https://api.example.com/r/c","registration_access_token":"manage-8b1c52"}"#;
const TOKENS: &[u8] =
    br#"{"access_token":"access-71d0f3","refresh_token":"refresh-4c9e77","expires_in":3600}"#;
const RENEWED: &[u8] =
    br#"{"access_token":"access-a83b15","refresh_token":"refresh-90d2c4","expires_in":3600}"#;
const EXPIRED: &[u8] =
    br#"{"access_token":"access-71d0f3","refresh_token":"refresh-4c9e77","expires_in":0}"#;
const ME: &[u8] = br#"{"data":{"me":{"id":"7"}}}"#;
const DEVICE: &[u8] = br#"{"device_code":"device-93af06","user_code":"u","verification_uri":"https://api.example.com/device","interval":0.00001}"#;

/// Reads an answer: a line with the status, headers, an empty line, the body. What can't stand in
/// an HTTP answer is left out.
fn read(bytes: &[u8], sent: &str) -> Answer {
    let (mut head, mut body) = (bytes, &b""[..]);
    if let Some(at) = bytes.windows(2).position(|pair| pair == b"\n\n") {
        (head, body) = (&bytes[..at], &bytes[at + 2..]);
    }
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().unwrap_or_default();
    let status = status.split(|byte| *byte == b' ').nth(1);
    let status = status.and_then(|status| http::StatusCode::from_bytes(status).ok());
    let body = replace(body, sent);
    let mut answer = http::Response::new(Bytes::from(body));
    *answer.status_mut() = status.unwrap_or(http::StatusCode::OK);
    for line in lines {
        let Some(at) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = http::HeaderName::from_bytes(line[..at].trim_ascii());
        let value = replace(line[at + 1..].trim_ascii(), sent);
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_bytes(&value)) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

/// Puts the secret in.
fn replace(bytes: &[u8], sent: &str) -> Vec<u8> {
    let mut rest = bytes;
    let mut all = Vec::new();
    while let Some(at) = rest
        .windows(SENT.len())
        .position(|part| part == SENT.as_bytes())
    {
        all.extend_from_slice(&rest[..at]);
        all.extend_from_slice(sent.as_bytes());
        rest = &rest[at + SENT.len()..];
    }
    all.extend_from_slice(rest);
    all
}

/// Checks how a step ended, and where its requests went.
fn check<T>(result: Result<T, Error>, answer: &Answer, sent: &str, transport: &Scripted) -> bool {
    for request in transport.requests.lock().expect("no panic").iter() {
        let uri = request.uri();
        assert_eq!(
            (uri.scheme_str(), uri.host()),
            (Some("https"), Some("api.example.com"))
        );
    }
    let Err(error) = result else { return true };
    readable(&error);
    let shown = format!("{error} {error:?} {}", error.help());
    assert!(!shown.contains(sent), "{shown}");
    if let Some(found) = error.answer() {
        assert_eq!(found.server(), "https://api.example.com");
        assert_eq!(found.status(), answer.status());
    }
    false
}

async fn log_in(session: &Session, code: &str) -> Result<attendium::Status, Error> {
    let (state, pending) = begun(session).await;
    let query = format!("code={code}&state={state}");
    session.finish_login(pending, &query).await
}

/// The answer at each endpoint in turn.
pub fn answers(bytes: &[u8]) {
    let plain = |status, body: &[u8]| json(status, body);
    let missing = || json(404, b"");
    let metadata = || json(200, METADATA.as_bytes());

    // Discovery at each of its places, and the API's refusal.
    let answer = read(bytes, "");
    for before in 0..4 {
        let first = (0..before).map(|_| missing());
        let then = [answer.clone(), answer.clone(), plain(201, REGISTERED)];
        let (builder, transport) = builder(first.chain(then));
        let session = builder.build().expect("a session");
        let begun = run(session.begin_login(REDIRECT));
        if let Ok((url, _)) = &begun {
            assert_eq!(
                url.origin().ascii_serialization(),
                "https://api.example.com"
            );
        }
        // Not this answer alone: another one may be what the error is about.
        let of_all = begun
            .as_ref()
            .err()
            .and_then(Error::answer)
            .is_none_or(|found| {
                found.status() == answer.status() || found.status().as_u16() == 404
            });
        assert!(of_all);
        if let Err(error) = begun {
            readable(&error);
        }
        check(Ok::<_, Error>(()), &answer, "", &transport);
    }

    // Registration, its change and its deletion.
    let (builder_, transport) = builder([metadata(), answer.clone()]);
    let session = builder_.build().expect("a session");
    check(
        run(session.begin_login(REDIRECT)),
        &answer,
        "\u{0}",
        &transport,
    );
    let sent = "manage-8b1c52";
    let answer = read(bytes, sent);
    let list = [
        metadata(),
        plain(201, MANAGED),
        answer.clone(),
        plain(201, REGISTERED),
    ];
    let (builder_, transport) = builder(list);
    let session = builder_.build().expect("a session");
    run(session.begin_login(REDIRECT)).expect("a client");
    let other = run(session.begin_login("https://guests.example.com/other"));
    check(other, &answer, sent, &transport);
    let (builder_, transport) = builder([metadata(), plain(201, MANAGED), answer.clone()]);
    let session = builder_.build().expect("a session");
    run(session.begin_login(REDIRECT)).expect("a client");
    check(
        run(session.delete_registration()),
        &answer,
        sent,
        &transport,
    );

    // The exchange of a code.
    let sent = "code-2fa8d1";
    let answer = read(bytes, sent);
    let (builder_, transport) = builder([metadata(), plain(201, REGISTERED), answer.clone()]);
    let session = builder_.build().expect("a session");
    let logged_in = check(run(log_in(&session, sent)), &answer, sent, &transport);
    assert_eq!(run(session.status()).expect("a store").logged_in, logged_in);

    // A refresh.
    let sent = "refresh-4c9e77";
    let answer = read(bytes, sent);
    let list = [
        metadata(),
        plain(201, REGISTERED),
        plain(200, EXPIRED),
        answer.clone(),
    ];
    let (builder_, transport) = builder(list.into_iter().chain([plain(200, ME)]));
    let session = builder_.build().expect("a session");
    run(log_in(&session, "c")).expect("tokens");
    let result = run(session.run(&Me {}));
    let ended = result.as_ref().err().is_some_and(Error::is_login_required);
    assert_eq!(run(session.status()).expect("a store").logged_in, !ended);
    if ended {
        let text = String::from_utf8_lossy(answer.body()).to_ascii_lowercase();
        assert!(
            text.contains("invalid_"),
            "lost without the server's word: {text}"
        );
    }
    check(result, &answer, sent, &transport);

    // A revocation.
    let list = [
        metadata(),
        plain(201, REGISTERED),
        plain(200, TOKENS),
        answer.clone(),
    ];
    let (builder_, transport) = builder(list.into_iter().chain([answer.clone()]));
    let session = builder_.build().expect("a session");
    run(log_in(&session, "c")).expect("tokens");
    let ended = run(session.logout()).expect("a store");
    assert!(!format!("{ended:?}").contains(sent), "{ended:?}");
    assert!(!run(session.status()).expect("a store").logged_in);
    check(Ok::<_, Error>(()), &answer, sent, &transport);

    // A login on another device: its begin, and the question for its tokens.
    let with_device = METADATA.replacen(
        '{',
        r#"{"device_authorization_endpoint":"https://api.example.com/d","#,
        1,
    );
    let device = || json(200, with_device.as_bytes());
    let login = |limit| Login::show_device_with(|_| {}).timeout(limit);
    let (builder_, transport) = builder([device(), answer.clone()]);
    let session = builder_.client_id("c").build().expect("a session");
    let result = run(session.login(login(Duration::ZERO)));
    check(result, &answer, "\u{0}", &transport);
    let sent = "device-93af06";
    let answer = read(bytes, sent);
    let list = [device(), plain(200, DEVICE), answer.clone()];
    let (builder_, transport) = builder(list);
    let session = builder_.client_id("c").build().expect("a session");
    let result = run(session.login(login(Duration::from_millis(2))));
    check(result, &answer, sent, &transport);

    // A token for the client itself.
    let sent = "secret-55be20";
    let answer = read(bytes, sent);
    let (builder_, transport) = builder([metadata(), answer.clone(), plain(200, ME)]);
    let builder_ = builder_.client_id("c").client_secret(sent.to_owned());
    let session = builder_.client_credentials().build().expect("a session");
    check(run(session.run(&Me {})), &answer, sent, &transport);

    // The API.
    let sent = "access-71d0f3";
    let answer = read(bytes, sent);
    let second = read(bytes, "access-a83b15");
    let list = [
        metadata(),
        plain(201, REGISTERED),
        plain(200, TOKENS),
        answer.clone(),
    ];
    let (builder_, transport) = builder(list.into_iter().chain([plain(200, RENEWED), second]));
    let session = builder_.build().expect("a session");
    run(log_in(&session, "c")).expect("tokens");
    let result = run(session.run(&Me {}));
    for sent in [sent, "access-a83b15"] {
        check(
            result.as_ref().map_err(Error::clone),
            &answer,
            sent,
            &transport,
        );
    }
    assert!(run(session.status()).expect("a store").logged_in);
}
