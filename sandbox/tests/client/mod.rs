//! A client by hand, as small as it can be, for the sandbox's own tests.
#![allow(dead_code, reason = "each test file uses a part of it")]

use attendium_sandbox::{Sandbox, ScriptedUser};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

pub const VERIFIER: &str = "a-verifier-of-64-characters.~_0123456789abcdefghijklmnopqrstuvwx";
pub const CALLBACK: &str = "https://app.example/callback";

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub challenge: String,
    pub body: Value,
}

/// A client that is registered with the sandbox.
pub struct App<'a> {
    pub sandbox: &'a Sandbox,
    pub http: Client,
    pub id: String,
    pub redirect_uri: String,
}

#[path = "../../src/scripted_user/http.rs"]
mod wire;

/// Sends requests; each follows nothing.
#[derive(Clone, Copy)]
pub struct Client;

/// A request that is not yet sent.
pub struct Request {
    method: Method,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// An answer.
#[derive(Debug)]
pub struct Response(wire::Answer);

pub fn http() -> Client {
    Client
}

impl Client {
    pub fn request(self, method: Method, url: impl AsRef<str>) -> Request {
        Request {
            method,
            url: Url::parse(url.as_ref()).expect("a URL"),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub fn get(self, url: impl AsRef<str>) -> Request {
        self.request(Method::GET, url)
    }

    pub fn post(self, url: impl AsRef<str>) -> Request {
        self.request(Method::POST, url)
    }
}

impl Request {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn bearer_auth(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub fn body(self, body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            ..self
        }
    }

    pub async fn send(self) -> std::io::Result<Response> {
        wire::send(self.method, &self.url, &self.headers, self.body)
            .await
            .map(Response)
    }
}

impl Response {
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    pub fn text(self) -> String {
        self.0.body
    }
}

pub fn answer(response: Response) -> Answer {
    let challenge = response
        .headers()
        .get("www-authenticate")
        .map(|value| value.to_str().expect("ASCII").to_owned());
    Answer {
        status: response.status().as_u16(),
        challenge: challenge.unwrap_or_default(),
        body: serde_json::from_str(&response.text()).unwrap_or_default(),
    }
}

impl<'a> App<'a> {
    pub async fn register(sandbox: &'a Sandbox, redirect_uri: &str) -> Self {
        Self::register_as(sandbox, redirect_uri, "<b>Doorman & \"Co\"</b>").await
    }

    pub async fn register_as(sandbox: &'a Sandbox, redirect_uri: &str, name: &str) -> Self {
        let http = http();
        let metadata = json!({ "redirect_uris": [redirect_uri], "client_name": name });
        let request = http.post(format!("{}/oauth2/register", sandbox.base_url()));
        let response = request
            .body(metadata.to_string())
            .send()
            .await
            .expect("an answer");
        let answer = answer(response);
        assert_eq!(answer.status, 201, "{answer:?}");
        Self {
            sandbox,
            http,
            id: answer.body["client_id"]
                .as_str()
                .expect("a client_id")
                .to_owned(),
            redirect_uri: redirect_uri.to_owned(),
        }
    }

    /// The authorize URL with these parameters instead of, or beside, the usual ones. An empty
    /// value leaves one out.
    pub fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", "a state & more"),
        ];
        for (name, value) in changes {
            parameters.retain(|(other, _)| other != name);
            parameters.push((name, value));
        }
        parameters.retain(|(_, value)| !value.is_empty());
        let url = format!("{}/oauth2/authorize", self.sandbox.base_url());
        Url::parse_with_params(&url, parameters)
            .expect("a URL")
            .into()
    }

    /// Logs in and returns the callback's parameters.
    pub async fn callback(
        &self,
        user: &ScriptedUser,
        changes: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let user = user.clone().stop_at_callback();
        let visit = user
            .visit(&self.authorize_url(changes))
            .await
            .expect("a callback");
        assert!(visit.url.starts_with(CALLBACK), "{visit:?}");
        let url = Url::parse(&visit.url).expect("a URL");
        url.query_pairs().into_owned().collect()
    }

    pub async fn code(&self) -> String {
        let callback = self.callback(&self.sandbox.scripted_user(), &[]).await;
        get(&callback, "code").expect("a code").to_owned()
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        answer(self.send(path, form).await.expect("an answer"))
    }

    pub async fn send(&self, path: &str, form: &[(&str, &str)]) -> std::io::Result<Response> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.http.post(format!("{}{path}", self.sandbox.base_url()));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
    }

    pub async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            form.retain(|(other, _)| other != name);
            form.push((name, value));
        }
        form.retain(|(_, value)| !value.is_empty());
        self.post("/oauth2/token", &form).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &*self.id),
            ("refresh_token", token),
        ];
        self.post("/oauth2/token", &form).await
    }

    /// A login from its beginning to its tokens.
    pub async fn tokens(&self) -> (String, String) {
        let answer = self.exchange(&self.code().await, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        tokens(&answer)
    }

    pub async fn graphql(&self, token: &str, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let request = self
            .http
            .post(format!("{}/graphql", self.sandbox.base_url()));
        let request = request.header("content-type", "application/json");
        let request = if token.is_empty() {
            request
        } else {
            request.bearer_auth(token)
        };
        answer(
            request
                .body(body.to_string())
                .send()
                .await
                .expect("an answer"),
        )
    }
}

pub fn tokens(answer: &Answer) -> (String, String) {
    let text = |name: &str| answer.body[name].as_str().expect("a token").to_owned();
    (text("access_token"), text("refresh_token"))
}

pub fn get<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = parameters.iter().find(|(other, _)| other == name);
    found.map(|(_, value)| value.as_str())
}
