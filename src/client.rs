//! From an operation to its typed answer: authorise, send, replay where that is safe, read.
//!
//! Enter at [`Session::run`] for data or an error, at [`Session::request`] for the whole envelope. All that does not depend on the
//! operation's types is in [`Session::post`], compiled once.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use tracing::{Instrument as _, Span};

use crate::Json;
use crate::error::{Error, Step};
use crate::operation::{self, Operation, OperationKind};
use crate::response::Response;
use crate::session::wire::{Again, unexpected};
use crate::session::{Credential, Session};
use crate::transport::ResponseHead;

const ACCEPT: HeaderValue =
    HeaderValue::from_static("application/graphql-response+json, application/json;q=0.9");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What the types of an operation say, without its types.
pub(crate) struct About {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: OperationKind,
}

impl Session {
    /// Runs the operation, and gives its data.
    ///
    /// # Errors
    /// [`Error::Graphql`] where the API reports any error, even beside partial data: [`Session::request`] gives both. Else as
    /// [`Session::request`].
    pub async fn run<O: Operation>(&self, operation: &O) -> Result<O::Data, Error> {
        self.request(operation)
            .await?
            .into_data(O::INFO.name.into())
    }

    /// Runs the operation, and gives the whole answer: partial data, errors, extensions, headers.
    ///
    /// # Errors
    /// [`Error::LoginRequired`] where nobody is logged in; the other variants where there is no GraphQL answer.
    pub async fn request<O: Operation>(&self, operation: &O) -> Result<Response<O::Data>, Error> {
        let about = About {
            name: O::INFO.name.into(),
            kind: O::INFO.kind,
        };
        let body = Bytes::from(operation::body(operation));
        let (response, span) = self.post(&about, body).await?;
        let decoded = crate::decode::<O>(response.body());
        reply(about, response, decoded, &span)
    }

    /// The `Authorization` header for a request of the application's own to the same server, such as a file's upload or a socket: a
    /// token that is fresh, after a refresh where one is due. None where this session sends no header.
    ///
    /// Its `Debug` shows nothing, and its memory is zeroed when it goes. Whoever has it is the user: send it to nobody else.
    ///
    /// # Errors
    /// [`Error::LoginRequired`] where nobody is logged in; else as the refresh fails.
    pub async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        match &self.credential {
            Credential::Fixed(header) => Ok(header.clone()),
            Credential::Profile(profile) => match profile.fresh(|current| current.header.clone()) {
                Some(header) => Ok(Some(header)),
                // In a box, so that what is common has not its size.
                None => Ok(Some(Box::pin(profile.authorized()).await?.header.clone())),
            },
        }
    }

    /// Sends a GraphQL request, authorised, and gives an answer that is neither a refused token nor certainly something else than
    /// GraphQL. Beside it the operation's span, with OpenTelemetry's names for GraphQL, which ends when the answer was read.
    pub(crate) async fn post(
        &self,
        about: &About,
        body: Bytes,
    ) -> Result<(http::Response<Bytes>, Span), Error> {
        let (name, kind) = (&*about.name, about.kind.as_str());
        let span = tracing::info_span!(
            target: "attendium",
            "graphql",
            otel.name = %format_args!("{kind} {name}"),
            otel.kind = "internal",
            otel.status_code = tracing::field::Empty,
            graphql.operation.name = name,
            graphql.operation.type = kind,
            error.type = tracing::field::Empty,
        );
        let result = self.authorized(about, body).instrument(span.clone()).await;
        match result {
            Ok(response) => Ok((response, span)),
            Err(error) => {
                failed(&span, error.kind());
                Err(error)
            }
        }
    }

    async fn authorized(&self, about: &About, body: Bytes) -> Result<http::Response<Bytes>, Error> {
        let profile = match &self.credential {
            Credential::Fixed(header) => return self.last_try(about, header.clone(), body).await,
            Credential::Profile(profile) => profile,
        };
        let authorized = profile.authorized().await?;
        let response = self
            .send(about, Some(authorized.header.clone()), body.clone())
            .await?;
        if !rejected(&response, about.kind) {
            return answered(response);
        }
        // The token was refused before anything was carried out: once more, with one that another task or process got meanwhile, or
        // with a new one.
        let why = crate::session::Why::Rejected(authorized.tokens.access.clone());
        let authorized = profile.renew(why).await?;
        self.last_try(about, Some(authorized.header.clone()), body)
            .await
    }

    async fn last_try(
        &self,
        about: &About,
        authorization: Option<HeaderValue>,
        body: Bytes,
    ) -> Result<http::Response<Bytes>, Error> {
        let response = self.send(about, authorization, body).await?;
        if rejected(&response, about.kind) {
            return Err(Error::Unauthorized);
        }
        answered(response)
    }

    async fn send(
        &self,
        about: &About,
        authorization: Option<HeaderValue>,
        body: Bytes,
    ) -> Result<http::Response<Bytes>, Error> {
        let mut request = Request::new(body);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.setup.graphql.clone();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, ACCEPT);
        headers.insert(header::CONTENT_TYPE, JSON);
        if let Some((client, version)) = &self.setup.identity {
            headers.insert("apollographql-client-name", client.clone());
            headers.insert("apollographql-client-version", version.clone());
            if let Ok(name) = HeaderValue::from_str(&about.name) {
                headers.insert("x-apollo-operation-name", name);
            }
        }
        if let Some(authorization) = authorization {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        let again = if about.kind == OperationKind::Query {
            Again::Harmless
        } else {
            Again::Untouched
        };
        self.setup
            .graphql_wire
            .send(Step::Graphql, again, request)
            .await
    }

    /// Who the new tokens belong to, where the session was told how to ask. It never keeps a login from working.
    pub(crate) async fn account(
        &self,
        authorized: &Arc<crate::session::Authorized>,
    ) -> Option<String> {
        let (query, pointer) = self.setup.account.as_ref()?;
        let body = Bytes::from(serde_json::json!({ "query": query }).to_string());
        let about = About {
            name: "account".into(),
            kind: OperationKind::Mutation,
        };
        let sending = self.send(&about, Some(authorized.header.clone()), body);
        let response = tokio::time::timeout(std::time::Duration::from_secs(5), sending)
            .await
            .ok()?
            .ok()?;
        let answer: Json = serde_json::from_slice(response.body()).ok()?;
        let account = match answer.pointer(&format!("/data{pointer}"))? {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(crate::error::plain(&account)).filter(|account| !account.is_empty())
    }
}

impl<T> Response<T> {
    /// The data, or what is in its place.
    pub(crate) fn into_data(self, operation: Cow<'static, str>) -> Result<T, Error> {
        if !self.errors.is_empty() {
            return Err(Error::Graphql(self.errors.into()));
        }
        self.data.ok_or(Error::NoData { operation })
    }
}

/// Says in the operation's span what became of it.
fn failed(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind);
}

/// Joins what was read with what was around it.
pub(crate) fn reply<T>(
    about: About,
    response: http::Response<Bytes>,
    decoded: Result<Response<T>, crate::json::Error>,
    span: &Span,
) -> Result<Response<T>, Error> {
    let reply = joined(about, response, decoded);
    match &reply {
        Ok(reply) if reply.errors.is_empty() => {}
        Ok(_) => failed(span, "graphql"),
        Err(error) => failed(span, error.kind()),
    }
    reply
}

fn joined<T>(
    about: About,
    response: http::Response<Bytes>,
    decoded: Result<Response<T>, crate::json::Error>,
) -> Result<Response<T>, Error> {
    let status = response.status();
    match decoded {
        Ok(envelope) => {
            let (parts, _) = response.into_parts();
            Ok(Response {
                http: Some(ResponseHead {
                    status,
                    headers: parts.headers,
                }),
                ..envelope
            })
        }
        // Whatever has not the status of success has no types to keep, either.
        Err(_) if !status.is_success() || !is_json(&response) => {
            Err(unexpected(Step::Graphql, &response))
        }
        Err(error) => Err(Error::Decode {
            operation: about.name,
            source: Arc::new(error),
        }),
    }
}

fn is_json(response: &http::Response<Bytes>) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_none_or(|kind| kind.contains("json"))
}

/// Whether the API turned the token away before it executed anything: 401 (RFC 6750 §3.1), or, as some do, 200 with an
/// `UNAUTHENTICATED` error and no data.
fn rejected(response: &http::Response<Bytes>, kind: OperationKind) -> bool {
    if response.status() == StatusCode::UNAUTHORIZED {
        return true;
    }
    // Looked for only where it could be: an answer without data is short.
    let body = response.body();
    if body.len() > 64 << 10 || !body.windows(15).any(|part| part == b"UNAUTHENTICATED") {
        return false;
    }
    let Ok(answer) = serde_json::from_slice::<Json>(body) else {
        return false;
    };
    let Some(errors) = answer.get("errors").and_then(Json::as_array) else {
        return false;
    };
    if !answer.get("data").is_none_or(Json::is_null) {
        return false;
    }
    errors.iter().any(|error| {
        let unauthenticated =
            error.pointer("/extensions/code").and_then(Json::as_str) == Some("UNAUTHENTICATED");
        // An error with a path came up in execution: another field of the mutation may have been carried out before.
        let before_execution = error.get("path").is_none_or(Json::is_null);
        unauthenticated && (kind == OperationKind::Query || before_execution)
    })
}

/// Turns away what is no answer to the operation, for reasons that HTTP says.
fn answered(response: http::Response<Bytes>) -> Result<http::Response<Bytes>, Error> {
    if response.status() == StatusCode::FORBIDDEN
        && let Some(required) = insufficient_scope(&response)
    {
        return Err(Error::InsufficientScope { required });
    }
    Ok(response)
}

/// `WWW-Authenticate: Bearer error="insufficient_scope", scope="…"` (RFC 6750 §3).
fn insufficient_scope(response: &http::Response<Bytes>) -> Option<Vec<String>> {
    response
        .headers()
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .find_map(|challenge| {
            let challenge = challenge.to_str().ok()?;
            let bearer = challenge
                .get(..6)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"));
            let attribute = |name: &str| {
                let at = challenge.find(&format!("{name}="))? + name.len() + 1;
                let value = challenge.get(at..)?;
                match value.strip_prefix('"') {
                    Some(quoted) => quoted.split('"').next(),
                    None => value.split([',', ' ']).next(),
                }
            };
            (bearer && attribute("error") == Some("insufficient_scope")).then(|| {
                attribute("scope")
                    .unwrap_or_default()
                    .split_ascii_whitespace()
                    .map(crate::error::plain)
                    .collect()
            })
        })
}
