//! What servers and browsers send to a session, as any bytes: the parsers of metadata,
//! registration, tokens and callbacks, each reached as a server reaches it, through the session's
//! public face and a transport that answers from a list.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex};

use attendium::transport::{Body, BoxFuture, Transport, TransportError, TransportErrorKind};
use attendium::{Error, LoginError, PendingLogin, Retries, Session, SessionBuilder};
use bytes::Bytes;

const BASE: &str = "https://api.example.com";
pub(crate) const REDIRECT: &str = "https://guests.example.com/callback";

/// Where the state of the login stands in a callback that is not a forged one.
pub const STATE: &str = "{state}";
/// A document of metadata, to start from.
pub const METADATA: &str = r#"{"issuer":"https://api.example.com","authorization_endpoint":"https://api.example.com/a","token_endpoint":"https://api.example.com/t","registration_endpoint":"https://api.example.com/r","revocation_endpoint":"https://api.example.com/v","code_challenge_methods_supported":["plain","S256"],"token_endpoint_auth_methods_supported":["none"],"grant_types_supported":["refresh_token"],"authorization_response_iss_parameter_supported":false}"#;
/// An answer to a registration, to start from.
pub const REGISTRATION: &str = r#"{"client_id":"c","client_secret":"s","client_secret_expires_at":0,"token_endpoint_auth_method":"client_secret_post"}"#;
/// An answer with tokens, to start from.
pub const TOKEN: &str = r#"{"access_token":"a1","token_type":"Bearer","expires_in":3600,"refresh_token":"r1","scope":"read write"}"#;
/// A callback's query, to start from.
pub const CALLBACK: &str = "code=c1&state={state}&iss=https%3A%2F%2Fapi.example.com";

pub(crate) type Answer = http::Response<Bytes>;

/// An answer as JSON.
pub(crate) fn json(status: u16, body: &[u8]) -> Answer {
    let response = http::Response::builder()
        .status(status)
        .header("content-type", "application/json");
    let body = Bytes::copy_from_slice(body);
    response.body(body).expect("a response")
}

#[derive(Clone, Default)]
pub(crate) struct Scripted {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    pub(crate) requests: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl Transport for Scripted {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let request = request.map(|body| body.as_bytes().cloned().expect("a whole body"));
        self.requests.lock().expect("no panic").push(request);
        let answer = self.answers.lock().expect("no panic").pop_front();
        Box::pin(async move {
            let answer = answer.ok_or(TransportError::new(TransportErrorKind::Setup))?;
            Ok(answer.map(Body::from))
        })
    }
}

fn session(answers: &[(u16, &[u8])]) -> (Session, Scripted) {
    let answers = answers.iter().map(|(status, body)| json(*status, body));
    let (builder, transport) = builder(answers);
    (builder.build().expect("a session"), transport)
}

/// A session whose server answers from this list, and then not at all.
pub(crate) fn builder(answers: impl IntoIterator<Item = Answer>) -> (SessionBuilder, Scripted) {
    let transport = Scripted::default();
    transport.answers.lock().expect("no panic").extend(answers);
    let builder = Session::builder()
        .base_url(BASE)
        .application("fuzz")
        .retries(Retries::never())
        .transport(transport.clone());
    (builder, transport)
}

pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// An error that a person can read in a terminal.
pub(crate) fn readable(error: &Error) {
    let text = error.to_string();
    assert!(!error.to_string().is_empty() && !error.help().is_empty());
    assert!(
        !text.chars().any(|c| c.is_control() && c != '\n'),
        "{text:?}"
    );
    assert!(text.len() < 4000, "{} bytes", text.len());
}

/// The first byte chooses the status, among those that are looked at in different ways.
fn status(bytes: &[u8]) -> (u16, &[u8]) {
    match bytes.split_first() {
        Some((first, rest)) if !first.is_ascii() => (
            [200, 201, 400, 401, 404, 429, 500, 503][usize::from(first & 7)],
            rest,
        ),
        _ => (200, bytes),
    }
}

pub(crate) async fn begun(session: &Session) -> (String, PendingLogin) {
    let (url, pending) = session.begin_login(REDIRECT).await.expect("a login");
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .expect("a state")
        .1
        .into_owned();
    (state, pending)
}

/// A metadata document (RFC 8414): whatever it says, nothing is sent to another origin.
pub fn metadata(bytes: &[u8]) {
    let (status, body) = status(bytes);
    let (session, transport) = session(&[(status, body), (201, br#"{"client_id":"c"}"#)]);
    match run(session.begin_login(REDIRECT)) {
        Ok((url, _)) => assert_eq!(url.origin().ascii_serialization(), BASE),
        Err(error) => readable(&error),
    }
    for request in transport.requests.lock().expect("no panic").iter() {
        let uri = request.uri();
        assert_eq!(
            (
                uri.scheme_str(),
                uri.authority().map(http::uri::Authority::as_str)
            ),
            (Some("https"), Some("api.example.com"))
        );
    }
}

/// An answer to a registration (RFC 7591): a client id is never empty.
pub fn registration(bytes: &[u8]) {
    let (status, body) = status(bytes);
    let (session, _) = session(&[(200, METADATA.as_bytes()), (status, body)]);
    match run(session.begin_login(REDIRECT)) {
        Ok((url, _)) => assert!(
            url.query_pairs()
                .any(|(name, value)| name == "client_id" && !value.is_empty())
        ),
        Err(error) => readable(&error),
    }
}

/// An answer with tokens, to an exchange and then to a refresh (RFC 6749, section 5): who is logged
/// in can send a request.
pub fn token(bytes: &[u8]) {
    let (status, body) = status(bytes);
    let answers = [
        (200, METADATA.as_bytes()),
        (201, &br#"{"client_id":"c"}"#[..]),
        (status, body),
    ];
    let (first, _) = session(&answers);
    run(async {
        let (state, pending) = begun(&first).await;
        let result = first
            .finish_login(pending, &format!("code=c&state={state}"))
            .await;
        assert_eq!(
            result.is_ok(),
            first.status().await.expect("a store").logged_in
        );
        if let Err(error) = result {
            readable(&error);
        }
    });
    // A login that needs a refresh at once, and gets this for an answer. One that is refused is
    // over only by the server's own word.
    let expired = br#"{"access_token":"a0","refresh_token":"r0","expires_in":0}"#;
    let data = br#"{"data":{"me":{"id":"7"}}}"#;
    let answers = [
        (200, METADATA.as_bytes()),
        (201, &br#"{"client_id":"c"}"#[..]),
        (200, &expired[..]),
        (status, body),
        (200, &data[..]),
    ];
    let (second, transport) = session(&answers);
    run(async {
        let (state, pending) = begun(&second).await;
        second
            .finish_login(pending, &format!("code=c&state={state}"))
            .await
            .expect("tokens");
        match second.run(&attendium::Me {}).await {
            Ok(_) => assert!(
                transport
                    .requests
                    .lock()
                    .expect("no panic")
                    .last()
                    .is_some_and(|request| request.headers().contains_key("authorization"))
            ),
            Err(error) => {
                readable(&error);
                assert_eq!(
                    second.status().await.expect("a store").logged_in,
                    !error.is_login_required(),
                    "{error}"
                );
            }
        }
    });
}

/// A callback's query (RFC 6749, section 4.1.2): only one with the state of the login, and all else
/// once, brings a code.
pub fn callback(bytes: &[u8]) {
    let (session, transport) = session(&[
        (200, METADATA.as_bytes()),
        (201, br#"{"client_id":"c"}"#),
        (200, TOKEN.as_bytes()),
    ]);
    let text = String::from_utf8_lossy(bytes);
    run(async {
        let (state, pending) = begun(&session).await;
        let query = text.replace(STATE, &state);
        let result = session.finish_login(pending, &query).await;
        let exchanges: Vec<_> = transport
            .requests
            .lock()
            .expect("no panic")
            .iter()
            .filter(|request| request.uri().path() == "/t")
            .map(|request| request.body().clone())
            .collect();
        assert_eq!(exchanges.len(), usize::from(result.is_ok()));
        let values = |name: &str| {
            url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .collect::<Vec<_>>()
        };
        match result {
            Ok(_) => {
                assert_eq!(values("state"), [state]);
                let sent = url::form_urlencoded::parse(&exchanges[0])
                    .find(|(name, _)| name == "code")
                    .expect("a code")
                    .1
                    .into_owned();
                assert_eq!(values("code"), [sent]);
                assert!(values("error").is_empty());
            }
            Err(error) => {
                readable(&error);
                let ours = values("state").contains(&state);
                assert_eq!(
                    !ours,
                    matches!(error, Error::Login(LoginError::StateMismatch)),
                    "{error}"
                );
            }
        }
    });
}
