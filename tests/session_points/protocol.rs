//! Every request of the protocol beside the one that the `oauth2` crate builds from the same
//! values. The session builds the authorization request with it, and the others by itself, because
//! the crate's buffers are not zeroed: they must not differ in anything.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;

use attendium::{Login, LoginParameters, Me, Session};
use bytes::Bytes;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DeviceAuthorizationUrl, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RevocationUrl, Scope, StandardDeviceAuthorizationResponse,
    StandardRevocableToken, TokenUrl,
};
use proptest::prelude::*;
use url::{Url, form_urlencoded};

use crate::properties::run;
use crate::support::{APPLICATION, METADATA, REDIRECT, Scripted, json, parameter};

/// What a request says, without an order of its parameters.
#[derive(Debug, PartialEq)]
struct Said {
    url: String,
    /// `Accept`, `Authorization`, `Content-Type`.
    headers: Vec<Option<Vec<u8>>>,
    parameters: Vec<(String, String)>,
}

fn said<B: AsRef<[u8]>>(request: &http::Request<B>) -> Said {
    assert_eq!(request.method(), "POST");
    let header = |name| {
        let value = request.headers().get(name);
        value.map(|value| value.as_bytes().to_vec())
    };
    Said {
        url: request.uri().to_string(),
        headers: ["accept", "authorization", "content-type"]
            .map(header)
            .into(),
        parameters: sorted(form_urlencoded::parse(request.body().as_ref())),
    }
}

fn sorted(pairs: form_urlencoded::Parse<'_>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs.into_owned().collect();
    pairs.sort();
    pairs
}

/// The crate's HTTP client: keeps the request, and sends nothing.
#[derive(Default)]
struct Kept(RefCell<Vec<HttpRequest>>);

impl oauth2::SyncHttpClient for Kept {
    type Error = io::Error;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, io::Error> {
        self.0.borrow_mut().push(request);
        Err(io::ErrorKind::NotConnected.into())
    }
}

/// The client of a session and what it asks for.
#[derive(Debug, Clone)]
struct Asked {
    id: String,
    secret: Option<String>,
    method: &'static str,
    scopes: Vec<String>,
    resources: Vec<String>,
    code: String,
    refresh: String,
}

fn asked() -> impl Strategy<Value = Asked> {
    (
        "[!-~é ]{1,12}",
        prop::option::of("[!-~é ]{1,12}"),
        prop::sample::select(&["none", "client_secret_basic", "client_secret_post"][..]),
        prop::collection::vec("[!#-\\[\\]-~]{1,8}", 0..3),
        prop::collection::vec("https://api\\.example\\.com/[a-z ?=&%]{0,8}", 0..3),
        "[!-~é ]{1,12}",
        "[!-~é]{1,30}",
    )
        .prop_map(
            |(id, secret, method, scopes, resources, code, refresh)| Asked {
                id,
                secret,
                method,
                scopes,
                resources,
                code,
                refresh,
            },
        )
}

fn url(path: &str) -> String {
    format!("https://api.example.com{path}")
}

impl Asked {
    fn session(&self, transport: &Scripted, service: bool) -> Session {
        let metadata = METADATA.replacen(
            '{',
            &format!(
                r#"{{"device_authorization_endpoint":"{}","token_endpoint_auth_methods_supported":["{}"],"#,
                url("/d"),
                self.method
            ),
            1,
        );
        transport.push(json(200, &metadata));
        let parameters = self
            .resources
            .iter()
            .fold(LoginParameters::new(), |all, resource| {
                all.resource(resource)
            });
        let mut builder = Session::builder()
            .base_url("https://api.example.com")
            .application(APPLICATION)
            .scopes(&self.scopes)
            .login_parameters(parameters)
            .client_id(&self.id)
            .transport(transport.clone());
        if let Some(secret) = &self.secret {
            builder = builder.client_secret(secret.clone());
        }
        if service {
            builder = builder.client_credentials();
        }
        builder.build().unwrap()
    }

    fn tokens(&self, expires_in: u64) -> crate::support::Answer {
        let refresh = &self.refresh;
        let tokens = serde_json::json!({
            "access_token": "access", "refresh_token": refresh, "expires_in": expires_in,
        });
        json(200, &tokens.to_string())
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.scopes.iter().cloned().map(Scope::new)
    }
}

/// Adds the resources to a request of the crate, whatever its type.
macro_rules! with_resources {
    ($request:expr, $asked:expr) => {
        $asked.resources.iter().fold($request, |request, resource| {
            request.add_extra_param("resource", resource)
        })
    };
}

/// Compares what was sent to the path with what the crate built meanwhile. The crate leaves the
/// client's id out of the form where it is in the header.
fn same(transport: &Scripted, path: &str, built: &Kept, asked: &Asked) {
    let sent = transport.requests.lock().unwrap();
    let sent: Vec<_> = sent
        .iter()
        .filter(|request: &&http::Request<Bytes>| request.uri().path() == path)
        .map(said)
        .collect();
    let with_id = |request| {
        let mut said = said(request);
        if said.headers[1].is_some() {
            let id = ("client_id".to_owned(), asked.id.clone());
            assert!(!said.parameters.contains(&id));
            said.parameters.push(id);
            said.parameters.sort();
        }
        said
    };
    let built: Vec<_> = built.0.borrow().iter().map(with_id).collect();
    assert_eq!(sent, built);
}

async fn compare(asked: &Asked) {
    let me = || json(200, r#"{"data":{"me":{"id":"7"}}}"#);
    let auth_type = match asked.method {
        "client_secret_post" => AuthType::RequestBody,
        _ => AuthType::BasicAuth,
    };
    let mut oauth = BasicClient::new(ClientId::new(asked.id.clone()))
        .set_auth_type(auth_type)
        .set_auth_uri(AuthUrl::new(url("/a")).unwrap())
        .set_token_uri(TokenUrl::new(url("/t")).unwrap())
        .set_revocation_url(RevocationUrl::new(url("/v")).unwrap())
        .set_device_authorization_url(DeviceAuthorizationUrl::new(url("/d")).unwrap())
        .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap());
    if let Some(secret) = &asked.secret {
        oauth = oauth.set_client_secret(ClientSecret::new(secret.clone()));
    }

    // A login in a browser, a refresh, a logout.
    let (transport, built) = (Scripted::default(), Kept::default());
    let session = asked.session(&transport, false);
    for answer in [
        asked.tokens(0),
        asked.tokens(3600),
        me(),
        json(200, ""),
        json(200, ""),
    ] {
        transport.push(answer);
    }
    let (authorize, pending) = session.begin_login(REDIRECT).await.unwrap();
    let state = parameter(authorize.as_str(), "state").unwrap();
    let record = serde_json::to_value(&pending).unwrap();
    let verifier = record["verifier"].as_str().unwrap().to_owned();
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
    let request = oauth
        .authorize_url(|| CsrfToken::new(state.clone()))
        .set_pkce_challenge(challenge)
        .add_scopes(asked.scopes());
    let (expected, _) = with_resources!(request, asked).url();
    let parts = |url: &Url| {
        let bare = url.as_str().split('?').next().unwrap().to_owned();
        (bare, sorted(url.query_pairs()))
    };
    assert_eq!(parts(&authorize), parts(&expected));

    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("code", &asked.code)
        .append_pair("state", &state);
    session
        .finish_login(pending, &query.finish())
        .await
        .unwrap();
    session.run(&Me {}).await.unwrap();
    assert!(session.logout().await.unwrap().revoked);
    let code = oauth.exchange_code(AuthorizationCode::new(asked.code.clone()));
    let code = code.set_pkce_verifier(PkceCodeVerifier::new(verifier));
    let code = code.set_redirect_uri(Cow::Owned(RedirectUrl::new(REDIRECT.to_owned()).unwrap()));
    with_resources!(code, asked).request(&built).unwrap_err();
    let refresh = RefreshToken::new(asked.refresh.clone());
    let request = oauth.exchange_refresh_token(&refresh);
    with_resources!(request, asked).request(&built).unwrap_err();
    same(&transport, "/t", &built, asked);
    let revoked = Kept::default();
    let access = oauth2::AccessToken::new("access".to_owned());
    for token in [
        StandardRevocableToken::from(refresh),
        StandardRevocableToken::from(access),
    ] {
        oauth
            .revoke_token(token)
            .unwrap()
            .request(&revoked)
            .unwrap_err();
    }
    same(&transport, "/v", &revoked, asked);

    // A login on another device.
    let (transport, begun, built) = (Scripted::default(), Kept::default(), Kept::default());
    let session = asked.session(&transport, false);
    let codes = format!(
        r#"{{"device_code":"d","user_code":"u","verification_uri":"{}","expires_in":60}}"#,
        url("/device")
    );
    transport.push(json(200, &codes));
    transport.push(asked.tokens(3600));
    session
        .login(Login::show_device_with(|_| {}))
        .await
        .unwrap();
    let request = oauth.exchange_device_code().add_scopes(asked.scopes());
    let request = with_resources!(request, asked);
    let outcome: Result<StandardDeviceAuthorizationResponse, _> = request.request(&begun);
    outcome.unwrap_err();
    same(&transport, "/d", &begun, asked);
    let codes: StandardDeviceAuthorizationResponse = serde_json::from_str(&codes).unwrap();
    let request = oauth.exchange_device_access_token(&codes);
    // The crate goes on asking until its time is over.
    let request = with_resources!(request, asked);
    let stopped = std::cell::Cell::new(false);
    let _ = request.request(
        &|request: HttpRequest| {
            if !stopped.replace(true) {
                built.0.borrow_mut().push(request);
            }
            let expired = http::Response::builder().status(400);
            Ok::<_, io::Error>(
                expired
                    .body(br#"{"error":"expired_token"}"#.to_vec())
                    .unwrap(),
            )
        },
        |_| {},
        None,
    );
    same(&transport, "/t", &built, asked);

    // A service that asks for itself.
    if asked.secret.is_some() {
        let (transport, built) = (Scripted::default(), Kept::default());
        let session = asked.session(&transport, true);
        transport.push(asked.tokens(3600));
        transport.push(me());
        session.run(&Me {}).await.unwrap();
        let request = oauth
            .exchange_client_credentials()
            .add_scopes(asked.scopes());
        with_resources!(request, asked).request(&built).unwrap_err();
        same(&transport, "/t", &built, asked);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_the_one_that_the_oauth2_crate_builds(asked in asked()) {
        run(compare(&asked));
    }
}
