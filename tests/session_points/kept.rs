//! Nothing is lost, and nothing goes to the wrong place (points 40, 45 to 47 and 49 to 53).
//!
//! The servers are [`Scripted`]: what is sent where is looked at request by request.

use attendium::store::MemoryStore;
use attendium::transport::{
    AnsweredFrom, HttpTransport, Limits, TransportError, TransportErrorKind, reqwest,
};
use attendium::{Error, LoginError, Me, Session, SessionBuilder};
use attendium_sandbox::{Fault, Place, Sandbox};

use crate::support::{
    APPLICATION, Answer, METADATA, REDIRECT, Scripted, Sent, builder, json, log_in, parameter,
};

const ME: &str = r#"{"data":{"me":{"id":"7"}}}"#;
const CLIENT: &str = r#"{"client_id":"c"}"#;
/// Expired as soon as it is there.
const EXPIRED: &str = r#"{"access_token":"access-1","refresh_token":"refresh-1","expires_in":0}"#;
const RENEWED: &str =
    r#"{"access_token":"access-2","refresh_token":"refresh-2","expires_in":3600}"#;

fn session(store: &MemoryStore, transport: &Scripted) -> SessionBuilder {
    Session::builder()
        .base_url("https://api.example.com")
        .application(APPLICATION)
        .store(store.clone())
        .transport(transport.clone())
}

async fn finish(session: &Session) -> Result<(), Error> {
    let (url, pending) = session.begin_login(REDIRECT).await?;
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=the-code&state={state}");
    session.finish_login(pending, &query).await.map(drop)
}

/// The fields of the last form that was sent to this path, and its URL.
fn last_form(transport: &Scripted, path: &str) -> (String, String) {
    let requests = transport.requests.lock().unwrap();
    let sent = requests
        .iter()
        .rev()
        .find(|request| request.uri().path() == path);
    let sent = sent.unwrap_or_else(|| panic!("nothing was sent to {path}"));
    let form = String::from_utf8_lossy(sent.body()).into_owned();
    (form, sent.uri().to_string())
}

#[tokio::test]
async fn point_45_an_answer_that_can_not_be_used_still_gives_its_refresh_token() {
    for answer in [
        r#"{"access_token":"x","token_type":"DPoP","refresh_token":"refresh-2"}"#,
        r#"{"token_type":"Bearer","refresh_token":"refresh-2"}"#,
        r#"{"access_token":["x"],"refresh_token":"refresh-2"}"#,
        r#"{"access_token":"line\nbreak","refresh_token":"refresh-2"}"#,
    ] {
        let (store, transport) = (MemoryStore::new(), Scripted::default());
        for first in [json(200, METADATA), json(201, CLIENT), json(200, EXPIRED)] {
            transport.push(first);
        }
        let one = session(&store, &transport).build().unwrap();
        finish(&one).await.unwrap();
        transport.push(json(200, answer));
        let error = one.run(&Me {}).await.unwrap_err();
        assert!(
            matches!(error, Error::Malformed { .. }),
            "{answer}: {error}"
        );
        assert!(one.status().await.unwrap().logged_in);

        // Another process sends the new one.
        let two = session(&store, &transport).build().unwrap();
        for next in [json(200, METADATA), json(200, RENEWED), json(200, ME)] {
            transport.push(next);
        }
        two.run(&Me {}).await.unwrap();
        let (form, _) = last_form(&transport, "/t");
        assert!(form.contains("refresh_token=refresh-2"), "{answer}: {form}");
    }
}

/// The forms that were sent to the revocation endpoint.
fn revoked(transport: &Scripted) -> Vec<String> {
    let requests = transport.requests.lock().unwrap();
    let sent = requests
        .iter()
        .filter(|request| request.uri().path() == "/v");
    let forms = sent.map(|request| String::from_utf8_lossy(request.body()).into_owned());
    forms.collect()
}

/// Checks which tokens were revoked, in order.
fn check_revoked(transport: &Scripted, tokens: &[&str]) {
    let forms = revoked(transport);
    assert_eq!(forms.len(), tokens.len(), "{forms:?}");
    for (form, token) in forms.iter().zip(tokens) {
        assert!(form.contains(&format!("token={token}&")), "{forms:?}");
    }
}

/// Two logins, one after the other, at a server that says who logged in each time.
async fn log_in_twice(people: [&str; 2], at_once: bool) -> (Session, Scripted) {
    let (store, transport) = (MemoryStore::new(), Scripted::default());
    let session = session(&store, &transport)
        .account(&Me {}, |data| data.me.id.to_string())
        .revoke_replaced_logins(at_once)
        .build()
        .unwrap();
    let me = |id: &str| json(200, &format!(r#"{{"data":{{"me":{{"id":"{id}"}}}}}}"#));
    let first = [
        json(200, METADATA),
        json(201, CLIENT),
        json(200, EXPIRED),
        me(people[0]),
    ];
    first.into_iter().for_each(|answer| transport.push(answer));
    finish(&session).await.unwrap();
    check_revoked(&transport, &[]);
    let second = [
        json(200, RENEWED),
        me(people[1]),
        json(200, ""),
        json(200, ""),
    ];
    second.into_iter().for_each(|answer| transport.push(answer));
    finish(&session).await.unwrap();
    (session, transport)
}

#[tokio::test]
async fn point_46_a_login_that_replaces_anothers_revokes_it_at_once() {
    let (session, transport) = log_in_twice(["ann", "bob"], false).await;
    check_revoked(&transport, &["refresh-1", "access-1"]);
    assert_eq!(
        session.status().await.unwrap().account.as_deref(),
        Some("bob")
    );
    // One's own as well, where the application says that the server tells them apart.
    let (_, transport) = log_in_twice(["ann", "ann"], true).await;
    check_revoked(&transport, &["refresh-1", "access-1"]);
}

/// Servers that take both for one grant would end the new login with the old one.
#[tokio::test]
async fn point_46_a_login_that_replaces_ones_own_revokes_it_with_itself() {
    let (session, transport) = log_in_twice(["ann", "ann"], false).await;
    check_revoked(&transport, &[]);
    // A refresh keeps what is to be revoked.
    transport.clear();
    for answer in [
        json(401, "{}"),
        json(
            200,
            r#"{"access_token":"access-3","refresh_token":"refresh-3"}"#,
        ),
        json(200, ME),
        json(200, ""),
        json(200, ""),
        json(400, r#"{"error":"invalid_request"}"#),
    ] {
        transport.push(answer);
    }
    session.run(&Me {}).await.unwrap();
    let ended = session.logout().await.unwrap();
    assert!(ended.revoked && ended.failure.is_none(), "{ended:?}");
    check_revoked(&transport, &["refresh-3", "access-3", "refresh-1"]);
}

#[tokio::test]
async fn point_46_a_logout_revokes_both_tokens_and_can_be_repeated() {
    let (store, transport) = (MemoryStore::new(), Scripted::default());
    for answer in [json(200, METADATA), json(201, CLIENT), json(200, RENEWED)] {
        transport.push(answer);
    }
    let session = session(&store, &transport).build().unwrap();
    finish(&session).await.unwrap();
    let refused = r#"{"error":"server_error","error_description":"no refresh-2 today"}"#;
    transport.push(json(400, refused));
    let ended = session.logout().await.unwrap();
    assert!(ended.was_logged_in && !ended.revoked);
    let why = ended.failure.clone().unwrap();
    assert!(
        why.contains("server_error") && !why.contains("refresh-2"),
        "{why}"
    );
    assert!(!session.status().await.unwrap().logged_in);

    transport.push(json(200, ""));
    // RFC 7009, section 2.2.1: a server that can't revoke access tokens.
    transport.push(json(400, r#"{"error":"unsupported_token_type"}"#));
    let ended = session.revoke_again(&ended).await.unwrap();
    assert!(ended.revoked && ended.failure.is_none());
    check_revoked(&transport, &["refresh-2", "refresh-2", "access-2"]);
    session.revoke_again(&ended).await.unwrap();
    assert_eq!(transport.count("/v"), 3, "there is nothing left");
}

#[tokio::test]
async fn point_46_what_can_not_be_revoked_does_not_fail_the_new_login() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = builder(&sandbox).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    sandbox
        .faults()
        .add(Place::Revoke, Fault::Status500)
        .forever();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn point_47_a_refresh_goes_to_the_endpoint_that_gave_the_token_where_there_is_no_metadata() {
    // The endpoints are at another origin, which a guess would not have found.
    let elsewhere = METADATA
        .replace("https://api.example.com/t", "https://login.example.com/t")
        .replace("https://api.example.com/v", "https://login.example.com/v");
    let missing: [fn() -> Vec<Answer>; 4] = [
        || vec![json(404, ""), json(404, ""), json(404, "")],
        || vec![json(200, "<html>"), json(404, "")],
        || vec![json(500, ""), json(500, ""), json(500, "")],
        || vec![Err(TransportError::new(TransportErrorKind::TooLarge))],
    ];
    for metadata in missing {
        let (store, transport) = (MemoryStore::new(), Scripted::default());
        let process = || {
            let builder = session(&store, &transport).allow_origin("https://login.example.com");
            builder.retries(crate::support::quick()).build().unwrap()
        };
        for answer in [json(200, &elsewhere), json(201, CLIENT), json(200, EXPIRED)] {
            transport.push(answer);
        }
        finish(&process()).await.unwrap();

        for answer in metadata()
            .into_iter()
            .chain([json(200, RENEWED), json(200, ME)])
        {
            transport.push(answer);
        }
        process().run(&Me {}).await.unwrap();
        let (form, url) = last_form(&transport, "/t");
        assert!(form.contains("refresh_token=refresh-1"), "{form}");
        assert_eq!(url, "https://login.example.com/t");

        // The same for the logout.
        for answer in metadata().into_iter().chain([json(200, ""), json(200, "")]) {
            transport.push(answer);
        }
        assert!(process().logout().await.unwrap().revoked);
        assert_eq!(last_form(&transport, "/v").1, "https://login.example.com/v");
    }
}

/// What a transport says of where its answer came from.
#[derive(Clone)]
struct From(Scripted, &'static str);

impl attendium::transport::Transport for From {
    fn send(
        &self,
        request: http::Request<attendium::transport::Body>,
    ) -> attendium::transport::BoxFuture<'_, Sent> {
        let (url, sent) = (self.1.parse().unwrap(), self.0.send(request));
        Box::pin(async move {
            let mut response = sent.await?;
            response.extensions_mut().insert(AnsweredFrom(url));
            Ok(response)
        })
    }
}

#[tokio::test]
async fn point_49_an_answer_from_another_url_is_refused() {
    let place = "https://api.example.com/.well-known/oauth-authorization-server";
    for (url, refused) in [
        (place, false),
        ("https://other.example.com/", true),
        ("https://api.example.com/.well-known/other", true),
        (
            "http://api.example.com/.well-known/oauth-authorization-server",
            true,
        ),
    ] {
        let transport = From(Scripted::new([json(200, METADATA), json(201, CLIENT)]), url);
        let session = Session::builder()
            .base_url("https://api.example.com")
            .application(APPLICATION)
            .transport(transport)
            .build()
            .unwrap();
        let error = session.begin_login(REDIRECT).await.unwrap_err();
        let redirected = matches!(
            &error,
            Error::Transport { source, .. } if source.kind() == TransportErrorKind::Redirected
        );
        // The registration that follows comes from another URL in any case.
        let discovery = error.to_string().contains("discovery");
        assert!(redirected && discovery == refused, "{url}: {error}");
        assert!(error.help().contains("with_client"), "{}", error.help());
    }
}

#[tokio::test]
async fn point_49_a_client_of_the_applications_own_follows_no_redirect() {
    let sandbox = Sandbox::start().await.unwrap();
    let willing = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::limited(10))
        .no_proxy()
        .user_agent("guest-list/1");
    let transport = HttpTransport::with_client(willing, Limits::new()).unwrap();
    let session = builder(&sandbox).transport(transport).build().unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    session.run(&Me {}).await.unwrap();
    sandbox.expire_access_tokens();
    sandbox.faults().add(Place::Token, Fault::Redirect);
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        matches!(error, Error::Status { status: 307, .. }),
        "{error}"
    );
    assert_eq!(sandbox.counts().redirects_followed, 0);
    session.run(&Me {}).await.unwrap();
}

#[tokio::test]
async fn point_50_what_was_sent_as_a_secret_does_not_come_back_in_an_error() {
    // At the exchange: the server repeats the whole form, with the code and the verifier.
    let repeat = |form: &str| {
        let members = serde_json::json!({ "error": form, "error_description": form });
        json(400, &members.to_string())
    };
    let (store, transport) = (MemoryStore::new(), Scripted::default());
    let (log, _guard) = crate::support::Log::capture();
    for answer in [json(200, METADATA), json(201, CLIENT)] {
        transport.push(answer);
    }
    let session = session(&store, &transport).build().unwrap();
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let secrets: serde_json::Value = serde_json::to_value(&pending).unwrap();
    let verifier = secrets["verifier"].as_str().unwrap().to_owned();
    let form = format!("got code=the/secret+code&code_verifier={verifier} and the%2Fsecret%2Bcode");
    transport.push(repeat(&form));
    let query = format!("code=the%2Fsecret%2Bcode&state={state}");
    let error = session.finish_login(pending, &query).await.unwrap_err();
    let shown = format!("{error} {error:?} {}", error.help());
    for secret in [
        "the/secret+code",
        "the%2Fsecret%2Bcode",
        &verifier,
        &verifier[3..20],
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("got code=[removed]"), "{shown}");

    // At the callback: the state.
    let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("state={state}&error=x{state}&error_description=for+{state}");
    let error = session.finish_login(pending, &query).await.unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::Refused { .. })),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains(&state), "{error:?}");

    // At a refresh, and in a GraphQL error with the access token.
    transport.push(json(200, EXPIRED));
    finish(&session).await.unwrap();
    transport.push(repeat("no refresh-1 here"));
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::RefreshRefused(_)), "{error}");
    assert!(
        !format!("{error} {error:?}").contains("refresh-1"),
        "{error:?}"
    );
    transport.push(json(200, RENEWED));
    let said = r#"{"errors":[{"message":"bad access-2","path":["access-2"],"extensions":{"access-2":["Bearer access-2"]}}]}"#;
    transport.push(json(200, said));
    let error = session.run(&Me {}).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("bad [removed]") && !shown.contains("access-2"),
        "{shown}"
    );
    assert!(!log.text().contains("access-2") && !log.text().contains(&verifier));
}

#[tokio::test]
async fn point_51_one_invalid_client_ends_no_login_of_a_client_that_was_configured_by_hand() {
    for status in [400, 401] {
        let (store, transport) = (MemoryStore::new(), Scripted::default());
        let session = session(&store, &transport)
            .client_id("by-hand")
            .build()
            .unwrap();
        for answer in [json(200, METADATA), json(200, EXPIRED)] {
            transport.push(answer);
        }
        finish(&session).await.unwrap();
        transport.push(json(status, r#"{"error":"invalid_client"}"#));
        let error = session.run(&Me {}).await.unwrap_err();
        assert!(matches!(error, Error::RefreshRefused(_)), "{error}");
        assert!(error.help().contains("client id"), "{}", error.help());
        assert!(session.status().await.unwrap().logged_in);
        transport.push(json(200, RENEWED));
        transport.push(json(200, ME));
        session.run(&Me {}).await.unwrap();
        assert_eq!(transport.count("/r"), 0, "nothing was registered");
    }
}

#[tokio::test]
async fn point_53_a_secret_that_was_configured_is_sent_as_the_metadata_says() {
    let post_only = METADATA.replace(
        r#""issuer""#,
        r#""token_endpoint_auth_methods_supported":["client_secret_post"],"issuer""#,
    );
    for (metadata, by_post) in [(METADATA, false), (post_only.as_str(), true)] {
        let (store, transport) = (MemoryStore::new(), Scripted::default());
        let with_secret = |secret: &str| {
            let builder = session(&store, &transport).client_id("by-hand");
            builder.client_secret(secret.to_owned()).build().unwrap()
        };
        for answer in [json(200, metadata), json(200, EXPIRED)] {
            transport.push(answer);
        }
        finish(&with_secret("first")).await.unwrap();
        let form = last_form(&transport, "/t").0;
        assert_eq!(form.contains("client_secret=first"), by_post, "{form}");
        // The operator gave a new one since.
        for answer in [json(200, metadata), json(200, RENEWED), json(200, ME)] {
            transport.push(answer);
        }
        with_secret("second").run(&Me {}).await.unwrap();
        let form = last_form(&transport, "/t").0;
        assert_eq!(form.contains("client_secret=second"), by_post, "{form}");
        let requests = transport.requests.lock().unwrap();
        let refresh = requests
            .iter()
            .rev()
            .find(|request| request.uri().path() == "/t")
            .unwrap();
        let basic = refresh.headers().get("authorization");
        // `by-hand:second` in base64.
        let expected = (!by_post).then_some("Basic YnktaGFuZDpzZWNvbmQ=");
        assert_eq!(basic.map(|value| value.to_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn point_53_a_wrong_secret_is_what_a_login_is_told_of() {
    let (store, transport) = (MemoryStore::new(), Scripted::default());
    let session = session(&store, &transport)
        .client_id("by-hand")
        .client_secret("wrong")
        .build()
        .unwrap();
    transport.push(json(200, METADATA));
    transport.push(json(401, r#"{"error":"invalid_client"}"#));
    let error = finish(&session).await.unwrap_err();
    assert!(
        matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_client"),
        "{error}"
    );
    assert!(error.help().contains("client id"), "{}", error.help());
    assert_eq!(transport.count("/r"), 0, "nothing was registered");
}

#[test]
fn point_53_settings_that_do_not_fit_say_which() {
    let builder = || Session::builder().base_url("https://api.example.com");
    let wrong = [
        builder().client_secret("hush"),
        builder().apollo_client_name("two\nlines"),
        builder().apollo_client_version("two\nlines"),
    ];
    let said = wrong.map(|builder| {
        let error = builder.application("app").build().unwrap_err();
        assert!(!error.help().is_empty());
        error.to_string()
    });
    let unsendable = "the client's name or version has characters that no header can hold";
    let expected = [
        "a client secret was given without the client id that it belongs to",
        unsendable,
        unsendable,
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn point_33_codings_are_read_over_the_wire() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    // `{"data":{"me":{"id":"7"}}}`, as gzip.
    const GZIP: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 73, 44, 73, 84, 178, 170, 86, 202, 77, 5,
        145, 153, 41, 74, 86, 74, 230, 74, 181, 181, 181, 0, 209, 111, 187, 2, 26, 0, 0, 0,
    ];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        for (coding, body) in [("gzip", GZIP), ("X-GZIP", GZIP), ("br", b"\x8b\x0c\x80x")] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
            assert!(request.contains("accept-encoding: gzip\r\n"), "{request}");
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body).await.unwrap();
        }
    });
    let session = Session::builder()
        .base_url(format!("http://{address}"))
        .anonymous()
        .build()
        .unwrap();
    for _ in 0..2 {
        assert_eq!(session.run(&Me {}).await.unwrap().me.id, "7");
    }
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(
        error.to_string().contains("the content coding `br`"),
        "{error}"
    );
    serving.await.unwrap();
}

/// A secret may be as short as a part of an error's code: what the server says is understood all
/// the same.
#[tokio::test]
async fn point_50_a_short_secret_hides_no_code() {
    for (refresh, code, ended) in [
        ("grant", "invalid_grant", true),
        ("i", "INVALID_GRANT", true),
        ("client", "invalid_client", true),
        ("_", "temporarily_unavailable", false),
        ("r", "server_error", false),
    ] {
        let tokens =
            format!(r#"{{"access_token":"a","refresh_token":"{refresh}","expires_in":0}}"#);
        let transport = Scripted::new([json(200, METADATA), json(201, CLIENT), json(200, &tokens)]);
        let session = session(&MemoryStore::new(), &transport).build().unwrap();
        finish(&session).await.unwrap();
        transport.push(json(400, &format!(r#"{{"error":"{code}"}}"#)));
        transport.push(json(201, CLIENT));
        let error = session.run(&Me {}).await.unwrap_err();
        assert_eq!(error.is_login_required(), ended, "{code}: {error}");
        if !ended {
            assert!(error.to_string().contains(code), "{error}");
        }
    }
}
