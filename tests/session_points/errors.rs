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
        Error::LoginRequired(LoginRequired::Expired),
        Error::Configuration(ConfigurationError::NoLogin),
        Error::Discovery(DiscoveryError::MissingEndpoint { endpoint: "e" }),
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
