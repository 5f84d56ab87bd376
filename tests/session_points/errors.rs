//! What errors look like in a report: one line, no repetition, help beside it.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use attendium::transport::{TransportError, TransportErrorKind};
use attendium::{
    ConfigurationError, DiscoveryError, Error, LoginError, LoginRequired, Me, Session, StoreError,
    StoreErrorKind,
};

use crate::support::{METADATA, REDIRECT, json, scripted};

/// What anyhow prints with `{:#}`.
fn report(error: &Error) -> String {
    format!("{:#}", anyhow::Error::new(error.clone()))
}

/// Checks a report: one line, and every part of it said once.
fn check_report(error: &Error) {
    let text = report(error);
    assert!(!text.contains('\n') && !text.contains("help:"), "{text}");
    let parts: Vec<String> = anyhow::Error::new(error.clone())
        .chain()
        .map(ToString::to_string)
        .collect();
    for (index, part) in parts.iter().enumerate() {
        assert!(!part.is_empty(), "{text}");
        for other in &parts[index + 1..] {
            assert!(!part.contains(other) && !other.contains(part), "{text}");
        }
    }
    let help = error.help();
    assert!(!help.is_empty() && !help.contains('\n'), "{help}");
    assert!(!text.contains(&*help), "{text}");
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused")
}

#[test]
fn a_report_is_one_line_without_repetition() {
    let transport = TransportError::with_source(TransportErrorKind::Connect, refused());
    let step = attendium::Step::Refresh;
    let listener = LoginError::Listener {
        port: 8912,
        source: Arc::new(refused()),
    };
    let store = StoreError::new("a file", StoreErrorKind::Unavailable).with_source(refused());
    let errors = [
        Error::Transport {
            step,
            source: transport,
        },
        Error::Store(store),
        Error::Login(listener),
        Error::Login(LoginError::Cancelled),
        Error::LoginRequired {
            reason: LoginRequired::Expired,
            server: "https://api.example.com".into(),
        },
        Error::Configuration(ConfigurationError::NoLogin),
        Error::Discovery(DiscoveryError::MissingEndpoint {
            issuer: "https://api.example.com".into(),
            endpoint: "e",
        }),
        Error::RandomNumbers {
            source: Arc::new(refused()),
        },
        Error::Unauthorized {
            renewed: true,
            errors: Arc::new([]),
            answer: None,
        },
    ];
    for error in &errors {
        check_report(error);
    }
    assert_eq!(
        report(&errors[0]),
        "the refresh of the access token failed: no connection to the server could be made: \
         connection refused"
    );
    assert_eq!(
        report(&errors[1]),
        "the credentials' store a file can't be read or written: connection refused"
    );
    // What Rust prints where `main` returns it.
    assert_eq!(
        format!("{:?}", errors[0]),
        format!(
            "the refresh of the access token failed\n  caused by: no connection to the server \
             could be made\n  caused by: connection refused\n  help: {}",
            errors[0].help()
        )
    );
}

#[tokio::test]
async fn an_error_of_each_layer_reads_well() {
    // A server that is not there: reqwest's, hyper's and the system's errors are all in the chain.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let session = Session::builder()
        .base_url(format!("http://{address}"))
        .application("Guest list")
        .retries(attendium::Retries::never())
        .build()
        .unwrap();
    let error = session.begin_login(REDIRECT).await.unwrap_err();
    check_report(&error);
    let text = report(&error);
    assert!(text.contains(&address.to_string()), "{text}");
    let transport = StdError::source(&error).unwrap();
    assert!(transport.is::<TransportError>());
    assert!(transport.source().unwrap().is::<io::Error>(), "{text}");

    // An answer of the wrong type.
    let (session, transport) = scripted(3600).await;
    transport.push(json(200, r#"{"data":{"me":{"id":true}}}"#));
    let error = session.run(&Me {}).await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error}");
    check_report(&error);
    transport.push(json(200, METADATA));
    let error = session.run(&Me {}).await.unwrap_err();
    check_report(&error);
}

/// Each public error is an `Error` of the standard library, with help of its own.
#[test]
fn every_public_error_is_one_of_the_standard_library() {
    fn check(error: impl StdError + Send + Sync + 'static, help: &str) {
        assert!(!error.to_string().contains('\n'));
        assert!(!help.is_empty());
    }
    check(
        ConfigurationError::Credential,
        &ConfigurationError::Credential.help(),
    );
    let discovery = DiscoveryError::NoS256 {
        issuer: "https://api.example.com".into(),
        supported: vec!["plain".into()],
    };
    check(discovery.clone(), &discovery.help());
    check(LoginError::Cancelled, &LoginError::Cancelled.help());
    check(LoginRequired::Expired, &LoginRequired::Expired.help());
    let store = StoreError::new("a file", StoreErrorKind::Corrupt);
    check(store.clone(), &store.help());
    let transport = TransportError::new(TransportErrorKind::Timeout);
    check(transport.clone(), &transport.help());
}

/// An error that the API or the server is the cause of says which one it was, and has the request's
/// id where there was an answer.
#[tokio::test]
async fn point_59_errors_of_the_api_name_the_server_and_the_request() {
    let answer = |status: u16, body: &str, challenge: Option<&str>| {
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("x-request-id", "r-17");
        let response = match challenge {
            Some(challenge) => response.header("www-authenticate", challenge),
            None => response,
        };
        Ok(response.body(bytes::Bytes::from(body.to_owned())).unwrap())
    };
    let scope = "Bearer error=\"insufficient_scope\", scope=\"write\"";
    let (session, transport) = scripted(3600).await;
    for (status, body, challenge, kind) in [
        (200, r#"{"errors":[{"message":"no"}]}"#, None, "graphql"),
        (400, r#"{"errors":[{"message":"no"}]}"#, None, "graphql"),
        (
            200,
            r#"{"data":{"me":{"id":"7"}},"errors":[{"message":"half"}]}"#,
            None,
            "graphql",
        ),
        (200, r#"{"data":null}"#, None, "no_data"),
        (403, "", Some(scope), "insufficient_scope"),
        (200, r#"{"data":{"me":{"id":true}}}"#, None, "decode"),
        (503, "", None, "status"),
        (200, "<html>", None, "malformed"),
    ] {
        for _ in 0..3 {
            transport.push(answer(status, body, challenge));
        }
        let error = session.run(&Me {}).await.unwrap_err();
        transport.clear();
        assert_eq!(error.kind(), kind, "{error}");
        let found = error
            .answer()
            .unwrap_or_else(|| panic!("{error} has no answer"));
        assert_eq!(found.server(), "https://api.example.com");
        assert_eq!(found.status().as_u16(), status);
        assert_eq!(found.request_id(), Some("r-17"));
        assert!(
            error.to_string().contains("https://api.example.com"),
            "{error}"
        );
        check_report(&error);
    }
    session.logout().await.unwrap();
    let error = session.run(&Me {}).await.unwrap_err();
    assert_eq!(error.kind(), "login_required");
    assert!(
        error.to_string().contains("https://api.example.com"),
        "{error}"
    );
}

#[tokio::test]
async fn point_59_a_login_that_the_server_ends_names_it() {
    for query in [
        "error=access_denied",
        "error=server_error&error_description=x",
    ] {
        let transport =
            crate::support::Scripted::new([json(200, METADATA), json(201, r#"{"client_id":"c"}"#)]);
        let session = Session::builder()
            .base_url("https://api.example.com")
            .application("Guest list")
            .transport(transport)
            .build()
            .unwrap();
        let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
        let state = crate::support::parameter(url.as_str(), "state").unwrap();
        let query = format!("{query}&state={state}");
        let error = session.finish_login(pending, &query).await.unwrap_err();
        assert!(
            error.to_string().contains("https://api.example.com"),
            "{error}"
        );
        check_report(&error);
    }
}
