//! `POST /graphql`: who asks, may they, and the answer.

use async_graphql::Request;
use async_graphql::http::MultipartOptions;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::incremental;
use crate::introspection;
use crate::model::Viewer;
use crate::oauth::scopes::{READ, WRITE};
use crate::shared::{Shared, SharedState};
use crate::subscriptions;

/// What Apollo Server asks for beside a form.
const PREFLIGHT: &str = "apollo-require-preflight";

/// Who sent a request, and what they may do.
pub(crate) struct Caller {
    pub user: String,
    pub scopes: Vec<String>,
}

pub(crate) async fn endpoint(
    State(shared): State<SharedState>,
    fault: Option<Extension<Fault>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = fault.map(|Extension(fault)| fault);
    shared.count(|counts| counts.graphql_requests += 1);
    match fault {
        Some(Fault::Unauthenticated200) => {
            return errors(StatusCode::OK, "UNAUTHENTICATED", "You are not logged in.");
        }
        Some(Fault::InsufficientScope) => return insufficient_scope(WRITE),
        Some(Fault::InvalidToken) => return invalid_token("The access token is not good any more"),
        Some(Fault::RevokedFamily) => {
            let revoked = shared.oauth().revoke_all();
            shared.count(|counts| counts.families_revoked += revoked);
        }
        _ => {}
    }
    let caller = match authenticate(&shared, &headers) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let request = match read_request(&headers, &body).await {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    if let Some(fault) = fault
        && let Some(message) = introspection::refusal(fault, &request)
    {
        let status = match fault {
            Fault::IntrospectionOff | Fault::IntrospectionOf2018 => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        return errors(status, "BAD_REQUEST", &message);
    }
    let needed = needed_scope(&request);
    if !caller.scopes.iter().any(|scope| scope == needed) {
        return insufficient_scope(needed);
    }
    let is_subscription = operation_type(&request) == Some(OperationType::Subscription);
    let repeated =
        (fault == Some(Fault::RepeatedCredential)).then(|| repeated_credential(&headers));
    if let Some(errors) = &repeated
        && !is_subscription
    {
        return axum::Json(json!({ "data": null, "errors": errors })).into_response();
    }
    shared.count(|counts| counts.graphql_executions += 1);
    if is_subscription {
        let request = request.data(Viewer(caller.user));
        return match subscriptions::answer(&shared, &headers, repeated, request) {
            Some(answer) => answer,
            None => errors(
                StatusCode::NOT_ACCEPTABLE,
                "BAD_REQUEST",
                "A subscription is answered as `text/event-stream`, as `multipart/mixed` or over a \
                 WebSocket: accept one of them.",
            ),
        };
    }
    if let Some(answer) = incremental::answer(&shared, &headers, &request, &caller.user) {
        return answer;
    }
    let answer = shared
        .schema
        .execute(request.data(Viewer(caller.user)))
        .await;
    match serde_json::to_vec(&answer) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The request in a body: JSON, or a form with files (GraphQL multipart request specification).
async fn read_request(headers: &HeaderMap, body: &[u8]) -> Result<Request, Box<Response>> {
    let refuse = |status, message: &str| Box::new(errors(status, "BAD_REQUEST", message));
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (media_type, _) = content_type.split_once(';').unwrap_or((content_type, ""));
    match media_type.trim() {
        "application/json" => serde_json::from_slice(body).map_err(|error| {
            let message = format!("The body is not a GraphQL request: {error}.");
            refuse(StatusCode::BAD_REQUEST, &message)
        }),
        // Another web page could send a form with the user's cookies: such a page can't send this
        // header unasked.
        "multipart/form-data" if !headers.contains_key(PREFLIGHT) => Err(refuse(
            StatusCode::BAD_REQUEST,
            &format!("Send a form with the header `{PREFLIGHT}`."),
        )),
        "multipart/form-data" => {
            let options = MultipartOptions::default();
            let read = async_graphql::http::receive_body(Some(content_type), body, options).await;
            read.map_err(|error| {
                let message = format!("The form is not a GraphQL request: {error}.");
                refuse(StatusCode::BAD_REQUEST, &message)
            })
        }
        _ => Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send JSON, with `Content-Type: application/json`, or a form with files.",
        )),
    }
}

/// Errors that repeat the credential with which a request came.
pub(crate) fn repeated_credential(headers: &HeaderMap) -> Value {
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    json!([{
        "message": format!("You sent {sent} here."),
        "extensions": { "code": "DEBUG", "sent": [sent] },
    }])
}

pub(crate) fn authenticate(shared: &Shared, headers: &HeaderMap) -> Result<Caller, Box<Response>> {
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = sent.and_then(|value| value.split_once(' ')) else {
        // RFC 6750 §3.1: where no credentials were sent, no error code is.
        return Err(Box::new(unauthorized(
            "Bearer realm=\"attendium\"",
            "Log in first.",
        )));
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        let now = shared.now();
        let grant = shared.oauth().access(rest.trim(), now);
        return match grant {
            Ok(grant) => Ok(Caller {
                user: grant.user,
                scopes: grant.scopes,
            }),
            Err(reason) => Err(Box::new(invalid_token(reason))),
        };
    }
    if scheme.eq_ignore_ascii_case("basic")
        && let Some(user) = basic_user(shared, rest.trim())
    {
        let scopes = vec![READ.to_owned(), WRITE.to_owned()];
        return Ok(Caller { user, scopes });
    }
    Err(Box::new(unauthorized(
        "Bearer realm=\"attendium\", Basic realm=\"attendium\"",
        "Login or password is wrong.",
    )))
}

/// The user whose login and password these are, as base64 (RFC 7617).
fn basic_user(shared: &Shared, encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (login, password) = decoded.split_once(':')?;
    shared.world.lock().log_in(login, password)
}

/// The scope that the operation needs.
pub(crate) fn needed_scope(request: &Request) -> &'static str {
    if operation_type(request) == Some(OperationType::Mutation) {
        WRITE
    } else {
        READ
    }
}

/// The type of the operation that would be executed. What cannot be parsed is left to the executor
/// to complain about.
fn operation_type(request: &Request) -> Option<OperationType> {
    let document = parse_query(&request.query).ok()?;
    let named = |name: Option<&str>| match &request.operation_name {
        Some(wanted) => name == Some(wanted.as_str()),
        None => true,
    };
    let mut operations = document.operations.iter();
    operations
        .find(|(name, _)| named(name.map(async_graphql::Name::as_str)))
        .map(|(_, operation)| operation.node.ty)
}

fn invalid_token(reason: &str) -> Response {
    let challenge = format!(
        "Bearer realm=\"attendium\", error=\"invalid_token\", error_description=\"{reason}\""
    );
    unauthorized(&challenge, reason)
}

fn unauthorized(challenge: &str, message: &str) -> Response {
    let mut response = errors(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message);
    if let Ok(challenge) = challenge.parse() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn insufficient_scope(needed: &str) -> Response {
    let message = format!("The access token lacks the scope `{needed}`.");
    let mut response = errors(StatusCode::FORBIDDEN, "FORBIDDEN", &message);
    let challenge =
        format!("Bearer realm=\"attendium\", error=\"insufficient_scope\", scope=\"{needed}\"");
    if let Ok(challenge) = challenge.parse() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// An answer that has errors alone.
fn errors(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({
        "data": null,
        "errors": [{ "message": message, "extensions": { "code": code } }],
    });
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
