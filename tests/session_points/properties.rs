//! Whatever a server or a browser sends, the parsers of metadata, registration, tokens and
//! callbacks answer with a value or an error: they never panic, and never take what does not belong
//! to this login.

use attendium::{Error, LoginError, Session};
use proptest::prelude::*;

use crate::support::{APPLICATION, METADATA, REDIRECT, Scripted, json, parameter};

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

fn session(answers: Vec<crate::support::Answer>) -> (Session, Scripted) {
    let transport = Scripted::new(answers);
    let session = Session::builder()
        .base_url("https://api.example.com")
        .application(APPLICATION)
        .transport(transport.clone())
        .build()
        .unwrap();
    (session, transport)
}

/// Values as servers send them, and as they should not.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        "\\PC{0,12}".prop_map(Into::into),
        "(https?://)?[a-z0-9.:/@#?\\[\\]-]{0,24}".prop_map(Into::into),
        Just("Bearer".into()),
        Just("https://api.example.com".into()),
        Just("S256".into()),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Into::into)
    })
}

fn object(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let member = (prop::sample::select(names), value());
    let members = prop::collection::vec(member, 0..8).prop_map(|members| {
        let parts: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("{}:{value}", serde_json::json!(name)))
            .collect();
        format!("{{{}}}", parts.join(","))
    });
    prop_oneof![4 => members, 1 => "\\PC{0,40}"]
}

const METADATA_NAMES: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "revocation_endpoint",
    "code_challenge_methods_supported",
    "grant_types_supported",
];
const REGISTRATION_NAMES: &[&str] = &[
    "client_id",
    "client_secret",
    "client_secret_expires_at",
    "token_endpoint_auth_method",
    "error",
    "error_description",
];
const TOKEN_NAMES: &[&str] = &[
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
    "error",
    "error_description",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_metadata_is_taken_or_refused(
        status in prop::sample::select(&[200u16, 404, 500, 301][..]),
        body in object(METADATA_NAMES),
    ) {
        let (session, transport) = session(vec![json(status, &body), json(201, r#"{"client_id":"c"}"#)]);
        if let Ok((url, _)) = run(session.begin_login(REDIRECT)) {
            prop_assert_eq!(url.origin().ascii_serialization(), "https://api.example.com");
        }
        for request in transport.requests.lock().unwrap().iter() {
            prop_assert_eq!(request.uri().host(), Some("api.example.com"));
            prop_assert_eq!(request.uri().scheme_str(), Some("https"));
        }
    }

    #[test]
    fn any_registration_is_taken_or_refused(
        status in prop::sample::select(&[200u16, 201, 400, 500][..]),
        body in object(REGISTRATION_NAMES),
    ) {
        let (session, _) = session(vec![json(200, METADATA), json(status, &body)]);
        if let Ok((url, _)) = run(session.begin_login(REDIRECT)) {
            prop_assert!(parameter(url.as_str(), "client_id").is_some_and(|id| !id.is_empty()));
        }
    }

    #[test]
    fn any_token_answer_is_taken_or_refused(
        status in prop::sample::select(&[200u16, 400, 401, 500][..]),
        body in object(TOKEN_NAMES),
    ) {
        let (session, _) = session(vec![json(200, METADATA), json(201, r#"{"client_id":"c"}"#), json(status, &body)]);
        run(async {
            let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
            let state = parameter(url.as_str(), "state").unwrap();
            let result = session.finish_login(pending, &format!("code=c&state={state}")).await;
            assert_eq!(result.is_ok(), session.status().await.unwrap().logged_in);
            if let Err(error) = result {
                assert!(!error.to_string().contains('\u{1b}'), "{error}");
            }
        });
    }

    #[test]
    fn any_callback_without_the_state_is_not_ours(query in "[\\PC&=%+]{0,60}", extra in "\\PC{0,20}") {
        let (session, _) = session(vec![json(200, METADATA), json(201, r#"{"client_id":"c"}"#)]);
        run(async {
            let (_, pending) = session.begin_login(REDIRECT).await.unwrap();
            let error = session.finish_login(pending, &format!("{query}&state={extra}")).await.unwrap_err();
            assert!(matches!(error, Error::Login(LoginError::StateMismatch)), "{error}");
        });
    }
}
