//! The API itself says which server gives tokens for it (point 48, RFC 9728).

use attendium::{DiscoveryError, Error, Session};

use crate::discovery::paths;
use crate::support::{APPLICATION, METADATA, REDIRECT, Scripted, json, parameter, with_header};

/// RFC 9728: the API says which server gives tokens for it.
#[tokio::test]
async fn point_48_the_server_may_be_named_by_the_apis_own_metadata() {
    let elsewhere = METADATA.replace("api.example.com", "login.example.com");
    let resource = |resource: &str, server: &str| {
        let text = format!(r#"{{"resource":"{resource}","authorization_servers":["{server}"]}}"#);
        json(200, &text)
    };
    let begin = async |answer: crate::support::Answer, allowed: bool| {
        let missing = [json(404, ""), json(404, ""), answer];
        let found = [json(200, &elsewhere), json(201, r#"{"client_id":"c"}"#)];
        let transport = Scripted::new(missing.into_iter().chain(found));
        let mut builder = Session::builder()
            .base_url("https://api.example.com")
            .application(APPLICATION)
            .transport(transport.clone());
        if allowed {
            builder = builder.allow_origin("https://login.example.com");
        }
        let session = builder.build().unwrap();
        let begun = session.begin_login(REDIRECT).await;
        (begun, transport, session)
    };
    let (api, login) = (
        "https://api.example.com/graphql",
        "https://login.example.com",
    );
    let (begun, transport, session) = begin(resource(api, login), true).await;
    let (url, pending) = begun.unwrap();
    assert_eq!(url.host_str(), Some("login.example.com"));
    assert_eq!(parameter(url.as_str(), "resource").as_deref(), Some(api));
    transport.push(json(200, r#"{"access_token":"a","expires_in":3600}"#));
    let state = parameter(url.as_str(), "state").unwrap();
    let query = format!("code=c&state={state}");
    session.finish_login(pending, &query).await.unwrap();
    let requests = transport.requests.lock().unwrap().clone();
    let exchange = requests.last().unwrap();
    assert_eq!(exchange.uri().host(), Some("login.example.com"));
    assert!(String::from_utf8_lossy(exchange.body()).contains("resource=https"));

    // Another origin has to be allowed, and the document has to speak for this API.
    let (begun, transport, _) = begin(resource(api, login), false).await;
    let error = begun.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Discovery(DiscoveryError::ForeignEndpoint { .. })
        ),
        "{error}"
    );
    assert_eq!(paths(&transport).len(), 3);
    for other in [
        "https://other.example.com/graphql",
        "https://api.example.com.evil/",
    ] {
        let error = begin(resource(other, login), true).await.0.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Discovery(DiscoveryError::IssuerMismatch { .. })
            ),
            "{error}"
        );
    }
    for useless in [
        "{}",
        "[]",
        r#"{"resource":"https://api.example.com"}"#,
        "<html>",
    ] {
        let error = begin(json(200, useless), true).await.0.unwrap_err();
        assert!(
            matches!(error, Error::Discovery(DiscoveryError::NoMetadata { .. })),
            "{useless}: {error}"
        );
    }
    let error = begin(resource(api, "http://login.example.com"), true)
        .await
        .0
        .unwrap_err();
    assert!(matches!(error, Error::Configuration(_)), "{error}");
}

/// RFC 9728, section 5.1: the API says in its refusal where that document is.
#[tokio::test]
async fn point_48_the_apis_refusal_may_say_where_its_metadata_is() {
    let elsewhere = METADATA.replace("api.example.com", "login.example.com");
    let begin = async |graphql: &str, challenge: &str, resource: &str| {
        let refusal = with_header(401, "www-authenticate", challenge, "");
        let document = format!(
            r#"{{"resource":"{resource}","authorization_servers":["https://login.example.com"]}}"#
        );
        let transport = Scripted::new([
            json(404, ""),
            json(404, ""),
            json(404, ""),
            refusal,
            json(200, &document),
            json(200, &elsewhere),
            json(201, r#"{"client_id":"c"}"#),
        ]);
        let session = Session::builder()
            .base_url("https://api.example.com")
            .graphql_url(graphql)
            .allow_origin("https://login.example.com")
            .allow_origin("https://data.example.com")
            .application(APPLICATION)
            .transport(transport.clone())
            .build()
            .unwrap();
        (session.begin_login(REDIRECT).await, transport)
    };
    let (own, data) = (
        "https://api.example.com/graphql",
        "https://data.example.com/v1/graphql",
    );
    for (graphql, challenge, resource) in [
        (
            own,
            r#"Bearer resource_metadata="https://api.example.com/m""#,
            own,
        ),
        (
            own,
            r#"Basic realm="a", Bearer error="invalid_token", resource_metadata=https://api.example.com/m"#,
            "https://api.example.com",
        ),
        (
            data,
            r#"Bearer resource_metadata="https://data.example.com/m""#,
            data,
        ),
        (
            data,
            r#"Bearer resource_metadata="https://login.example.com/m""#,
            "https://data.example.com/",
        ),
    ] {
        let (begun, transport) = begin(graphql, challenge, resource).await;
        let (url, _) = begun.unwrap_or_else(|error| panic!("{challenge}: {error}"));
        assert_eq!(url.host_str(), Some("login.example.com"));
        assert_eq!(
            parameter(url.as_str(), "resource").as_deref(),
            Some(resource)
        );
        let asked = paths(&transport);
        assert_eq!(asked[4], "/m");
        let requests = transport.requests.lock().unwrap();
        assert!(
            requests
                .iter()
                .all(|request| !request.headers().contains_key("authorization"))
        );
    }
    // Nothing of a refusal is trusted that another origin could have written.
    for (challenge, resource, kind) in [
        (
            r#"Bearer resource_metadata="https://evil.example.com/m""#,
            own,
            "foreign",
        ),
        (
            r#"Bearer resource_metadata="http://api.example.com/m""#,
            own,
            "insecure",
        ),
        (r#"Bearer resource_metadata="/m""#, own, "insecure"),
        (
            r#"Bearer resource_metadata="https://api.example.com/m""#,
            "https://evil.example.com/",
            "mismatch",
        ),
        (
            r#"Bearer resource_metadata="https://api.example.com/m""#,
            "https://api.example.com.evil",
            "mismatch",
        ),
        (
            r#"Digest resource_metadata="https://api.example.com/m""#,
            own,
            "none",
        ),
        (
            r#"Bearer realm="resource_metadata=https://api.example.com/m""#,
            own,
            "none",
        ),
    ] {
        let (begun, transport) = begin(own, challenge, resource).await;
        let error = begun.unwrap_err();
        let found = match &error {
            Error::Discovery(DiscoveryError::ForeignEndpoint { .. }) => "foreign",
            Error::Discovery(DiscoveryError::InsecureEndpoint { .. }) => "insecure",
            Error::Discovery(DiscoveryError::IssuerMismatch { .. }) => "mismatch",
            Error::Discovery(DiscoveryError::NoMetadata { .. }) => "none",
            _ => "another",
        };
        assert_eq!(found, kind, "{challenge}: {error}");
        assert!(paths(&transport).len() <= 5);
    }
}
