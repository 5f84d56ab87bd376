//! The request that a response answers, kept in the response's extensions, so that an error can
//! name the server and leave the request's secrets out.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::error::{Answered, printable, redact};
use crate::graphql_error::{GraphqlError, PathSegment};
use crate::value::Json;

use super::form::Content;

/// A shorter value of a header is no secret, and would be found in every text.
const SHORTEST: usize = 8;

/// A request that was sent, as its response remembers it (in the response's extensions).
#[derive(Clone)]
pub(crate) struct SentRequest {
    uri: http::Uri,
    authorization: Option<HeaderValue>,
    /// Other headers that are marked as sensitive.
    sensitive: Vec<HeaderValue>,
    /// The body of a form, which holds a code or a token.
    form: Option<Bytes>,
}

impl SentRequest {
    pub(crate) fn new<B>(request: &Request<B>) -> Self {
        let others = request.headers().iter();
        let sensitive = others.filter(|(name, value)| {
            value.is_sensitive() && *name != header::AUTHORIZATION && value.len() >= SHORTEST
        });
        Self {
            sensitive: sensitive.map(|(_, value)| value.clone()).collect(),
            uri: request.uri().clone(),
            authorization: request.headers().get(header::AUTHORIZATION).cloned(),
            form: None,
        }
    }

    /// As it is, with the body where that is the form of a step of OAuth.
    pub(crate) fn with_content(request: &Request<Content>) -> Self {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| {
                kind.as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
        let form = match request.body() {
            Content::Bytes(bytes) if is_form => Some(bytes.clone()),
            _ => None,
        };
        Self {
            form,
            ..Self::new(request)
        }
    }

    fn of<B>(response: &Response<B>) -> Option<&Self> {
        response.extensions().get()
    }

    /// The URL that was asked.
    #[cfg(feature = "subscriptions")]
    pub(crate) fn uri_of<B>(response: &Response<B>) -> Option<&http::Uri> {
        Self::of(response).map(|sent| &sent.uri)
    }

    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::of_authorization(self.authorization.as_ref());
        let texts = self
            .sensitive
            .iter()
            .filter_map(|value| value.to_str().ok());
        texts.for_each(|value| secrets.add(value.to_owned()));
        for (name, value) in form_urlencoded::parse(self.form.as_deref().unwrap_or_default()) {
            let is_secret = matches!(
                &*name,
                "code"
                    | "code_verifier"
                    | "refresh_token"
                    | "token"
                    | "client_secret"
                    | "device_code"
            );
            if is_secret {
                secrets.add(form_urlencoded::byte_serialize(value.as_bytes()).collect());
                secrets.add(value.into_owned());
            }
        }
        secrets
    }
}

/// The secrets that were sent to a server, in each of the forms in which they were.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    /// Those of an `Authorization` header.
    pub(crate) fn of_authorization(header: Option<&HeaderValue>) -> Self {
        let mut secrets = Self::default();
        if let Some(value) = header.and_then(|value| value.to_str().ok()) {
            // Some APIs take a key without a scheme.
            let (scheme, credential) = value.split_once(' ').unwrap_or(("", value));
            secrets.add(credential.to_owned());
            if scheme == "Basic"
                && let Some(pair) = decode_text(credential)
                && let Some((_, password)) = pair.split_once(':')
            {
                let decoded = form_urlencoded::parse(password.as_bytes());
                secrets.add(decoded.map(|(password, _)| password).collect());
                secrets.add(password.to_owned());
            }
        }
        secrets
    }

    pub(crate) fn add(&mut self, secret: String) {
        if !secret.is_empty() {
            self.0.push(Zeroizing::new(secret));
        }
    }

    /// A text without them.
    pub(crate) fn remove_from(&self, text: &str) -> String {
        let secrets: Vec<&str> = self.0.iter().map(|secret| secret.as_str()).collect();
        redact(text, &secrets)
    }

    /// Takes them out of what an API says: errors are logged.
    pub(crate) fn remove_from_errors(&self, errors: &mut [GraphqlError]) {
        for error in errors {
            error.message = self.remove_from(&error.message);
            self.remove_from_json(&mut error.extensions);
            for step in &mut error.path {
                if let PathSegment::Key(name) = step {
                    *name = self.remove_from(name);
                }
            }
        }
    }

    fn remove_from_json(&self, value: &mut Json) {
        match value {
            Json::String(text) => *text = self.remove_from(text),
            Json::Array(items) => items
                .iter_mut()
                .for_each(|item| self.remove_from_json(item)),
            Json::Object(members) => {
                let clean = |(name, mut member): (String, Json)| {
                    self.remove_from_json(&mut member);
                    (self.remove_from(&name), member)
                };
                *members = std::mem::take(members).into_iter().map(clean).collect();
            }
            _ => {}
        }
    }
}

fn decode_text(base64: &str) -> Option<Zeroizing<String>> {
    let bytes = BASE64_STANDARD.decode(base64).ok()?;
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

/// The origin of a URL, which holds no secret.
pub(crate) fn origin_of(uri: &http::Uri) -> Option<String> {
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    // Without a user and a password.
    let host_and_port = authority.rsplit('@').next()?;
    Some([scheme, "://", host_and_port].concat())
}

/// The origin of the server that answered; empty where nobody was asked.
pub(crate) fn server_of<B>(response: &Response<B>) -> Arc<str> {
    let sent = SentRequest::of(response);
    let origin = sent.and_then(|sent| origin_of(&sent.uri));
    origin.unwrap_or_default().into()
}

/// Who answered, for an error.
pub(crate) fn answered<B>(response: &Response<B>) -> Option<Arc<Answered>> {
    let server = Some(server_of(response)).filter(|server| !server.is_empty())?;
    let mut headers = response.headers().clone();
    // One that repeats a secret is shown by nothing.
    for value in headers.values_mut() {
        let text = String::from_utf8_lossy(value.as_bytes());
        if remove_secrets(response, &text) != text {
            value.set_sensitive(true);
        }
    }
    Some(Arc::new(Answered::new(server, response.status(), headers)))
}

/// Text of a response's body, fit for an error: freed of the request's secrets.
pub(crate) fn clean_text<B>(response: &Response<B>, text: &str) -> String {
    // What is shown is shorter; a secret that is cut off must not be missed.
    let end = text
        .char_indices()
        .nth(4000)
        .map_or(text.len(), |(at, _)| at);
    printable(&remove_secrets(response, &text[..end]))
}

/// Text of a response's body without the request's secrets.
fn remove_secrets<B>(response: &Response<B>, text: &str) -> String {
    secrets_of(response).remove_from(text)
}

/// The secrets of the request that a response answers.
pub(crate) fn secrets_of<B>(response: &Response<B>) -> Secrets {
    let sent = SentRequest::of(response);
    sent.map(SentRequest::secrets).unwrap_or_default()
}
