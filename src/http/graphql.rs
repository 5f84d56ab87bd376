//! The GraphQL request and its response (GraphQL over HTTP), without the types of an operation.
//!
//! Enter at [`GraphqlEndpoint::send`]. What is compiled once for all operations is here;
//! [`finish_response`] joins it with what an operation's own types read.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use tracing::Span;

use crate::error::{Answered, Error, ReportedErrors, Step};
use crate::graphql_error::GraphqlError;
use crate::json;
use crate::operation::{Operation, OperationKind};
use crate::response::{Response, ResponseHead, decode};
use crate::stream::incremental::{IncrementalDecoder, comes_in_parts};
use crate::value::Json;

use super::call::CallOptions;
use super::form::Content;
use super::parts::PartsBody;
use super::response::{insufficient_scope, is_json, unexpected_response, without_mark};
use super::retries::RetrySafety;
use super::sender::Sender;
use super::sent::{answered, secrets_of, server_of};

const ACCEPT: HeaderValue =
    HeaderValue::from_static("application/graphql-response+json, application/json;q=0.9");
/// The newer of the two formats that servers of today send first. Neither is in a specification,
/// and a server may answer as to any other operation.
const ACCEPT_PARTS: HeaderValue = HeaderValue::from_static(
    "multipart/mixed;incrementalSpec=v0.2, multipart/mixed;deferSpec=20220824;q=0.9, \
     application/graphql-response+json;q=0.8, application/json;q=0.7",
);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Servers that guard against requests of other web pages take a form only with a header that such
/// a page can't send unasked: Apollo Server, Hot Chocolate, Yoga.
const PREFLIGHT: [&str; 3] = [
    "apollo-require-preflight",
    "graphql-preflight",
    "x-graphql-yoga-csrf",
];

/// An operation's name and kind, and how its answer is read.
#[derive(Clone)]
pub(crate) struct OperationMeta {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: OperationKind,
    pub(crate) answer: AnswerForm,
}

/// In which form an operation's answer may come, and is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerForm {
    /// Whole.
    Whole,
    /// In parts, read to the end.
    Parts,
    /// In parts, read as they come.
    PartByPart,
}

impl OperationMeta {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, kind: OperationKind) -> Self {
        Self {
            name: name.into(),
            kind,
            answer: AnswerForm::Whole,
        }
    }

    /// What an operation says of itself.
    pub(crate) fn of<O: Operation>(operation: &O) -> Self {
        let name = match operation.operation_name() {
            Some(name) if name == O::INFO.name => Cow::Borrowed(O::INFO.name),
            name => Cow::Owned(name.unwrap_or_default().to_owned()),
        };
        let answer = if O::INFO.incremental {
            AnswerForm::Parts
        } else {
            AnswerForm::Whole
        };
        Self {
            answer,
            ..Self::new(name, O::INFO.kind)
        }
    }

    /// A query may be sent again, and a mutation of which the caller says so; another one only
    /// where the server certainly did not act.
    pub(crate) fn retry_safety(&self, options: &CallOptions) -> RetrySafety {
        if self.kind == OperationKind::Query || options.idempotent {
            RetrySafety::Idempotent
        } else {
            RetrySafety::UnlessProcessed
        }
    }

    pub(crate) fn step(&self) -> Step {
        if self.kind == OperationKind::Mutation {
            Step::Mutation
        } else {
            Step::Graphql
        }
    }

    /// The operation's span, with OpenTelemetry's names for GraphQL.
    pub(crate) fn span(&self) -> Span {
        let (name, kind) = (&*self.name, self.kind.as_str());
        tracing::info_span!(
            target: "attendium",
            "graphql",
            otel.name = %format_args!("{kind} {name}"),
            otel.kind = "internal",
            otel.status_code = tracing::field::Empty,
            graphql.operation.name = name,
            graphql.operation.type = kind,
            error.type = tracing::field::Empty,
        )
    }
}

/// Where operations are sent, and what every request says of the client.
pub(crate) struct GraphqlEndpoint {
    pub(crate) uri: http::Uri,
    pub(crate) sender: Sender,
    pub(crate) headers: HeaderMap,
    pub(crate) client_name: Option<HeaderValue>,
    pub(crate) client_version: Option<HeaderValue>,
}

impl GraphqlEndpoint {
    /// Sends an operation's content with this `Authorization` header.
    pub(crate) async fn send(
        &self,
        meta: &OperationMeta,
        safety: RetrySafety,
        authorization: Option<HeaderValue>,
        content: Content,
        options: &CallOptions,
    ) -> Result<http::Response<Bytes>, Error> {
        let mut request = Request::new(content);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        let has_files = matches!(request.body(), Content::Form(_));
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        headers.extend(options.headers.clone());
        headers.remove(header::AUTHORIZATION);
        if has_files {
            for name in PREFLIGHT {
                headers.entry(name).or_insert(HeaderValue::from_static("1"));
            }
        }
        let accept = match meta.answer {
            AnswerForm::Whole => ACCEPT,
            AnswerForm::Parts | AnswerForm::PartByPart => ACCEPT_PARTS,
        };
        headers.insert(header::ACCEPT, accept);
        // That of a form is made with its body.
        headers.insert(header::CONTENT_TYPE, JSON);
        if let Some(name) = &self.client_name {
            headers.insert("apollographql-client-name", name.clone());
            if let Ok(name) = HeaderValue::from_str(&meta.name) {
                headers.insert("x-apollo-operation-name", name);
            }
        }
        if let Some(version) = &self.client_version {
            headers.insert("apollographql-client-version", version.clone());
        }
        if let Some(authorization) = authorization {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        match meta.answer {
            AnswerForm::PartByPart => {
                let step = meta.step();
                self.sender.send_for_parts(step, safety, request).await
            }
            AnswerForm::Whole | AnswerForm::Parts => {
                self.sender.send(meta.step(), safety, request).await
            }
        }
    }
}

/// Whether the API refused the token before it executed anything.
///
/// That is 401 (RFC 6750 §3.1) or, as some servers do, 200 with an `UNAUTHENTICATED` error and no
/// data.
pub(crate) fn is_token_rejected(response: &http::Response<Bytes>, kind: OperationKind) -> bool {
    if response.status() == StatusCode::UNAUTHORIZED {
        return true;
    }
    // The body is parsed only where it may say so: an answer without data is short.
    let first = first_part(response);
    let body = &*first;
    let may_say_so = |text: &str| text.contains("UNAUTHENTICATED");
    if body.len() > 64 << 10 || !std::str::from_utf8(body).is_ok_and(may_say_so) {
        return false;
    }
    let Ok(answer) = serde_json::from_slice::<Json>(without_mark(body)) else {
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
        // An error with a path came up in execution: another field of the mutation may have been
        // carried out before.
        let before_execution = error.get("path").is_none_or(Json::is_null);
        unauthenticated && (kind == OperationKind::Query || before_execution)
    })
}

/// The body, or the first part of one that comes in parts: only that can refuse the token.
fn first_part(response: &http::Response<Bytes>) -> Cow<'_, [u8]> {
    let whole = Cow::Borrowed(&**response.body());
    if PartsBody::is_kept_in(response) {
        return whole;
    }
    let Some(kind) = parts_type(response) else {
        return whole;
    };
    let Ok(mut decoder) = IncrementalDecoder::new(kind, usize::MAX) else {
        return whole;
    };
    match decoder.push(response.body()).map(|()| decoder.next_part()) {
        Ok(Some(part)) => Cow::Owned(part.to_vec()),
        _ => whole,
    }
}

/// The `Content-Type` of a response whose body comes in parts.
fn parts_type(response: &http::Response<Bytes>) -> Option<&str> {
    let kind = response.headers().get(header::CONTENT_TYPE)?.to_str().ok();
    kind.filter(|kind| comes_in_parts(kind))
}

/// Reads the answer to an operation, whole or in parts.
pub(crate) fn decode_answer<O: Operation>(
    response: &http::Response<Bytes>,
) -> Result<Response<O::Data>, json::DecodeError> {
    let Some(kind) = parts_type(response) else {
        return decode::<O>(response.body());
    };
    let mut decoder = IncrementalDecoder::new(kind, usize::MAX)?;
    decoder.push(response.body())?;
    decoder.finish()?;
    decoder.response::<O>()
}

/// The error for a response that refuses the credential: with what the API says of it.
pub(crate) fn unauthorized(response: &http::Response<Bytes>, renewed: bool) -> Error {
    let mut errors = errors_of(response.body());
    secrets_of(response).remove_from_errors(&mut errors);
    Error::Unauthorized {
        renewed,
        errors: errors.into(),
        answer: answered(response),
    }
}

/// The errors that the body of a response names, where it is a GraphQL response.
pub(crate) fn errors_of(body: &[u8]) -> Vec<GraphqlError> {
    serde_json::from_slice::<Json>(without_mark(body))
        .ok()
        .and_then(|mut answer| answer.get_mut("errors").map(Json::take))
        .map(GraphqlError::list_from_json)
        .unwrap_or_default()
}

/// Turns a missing scope into an error of its own.
pub(crate) fn check_scope(response: http::Response<Bytes>) -> Result<http::Response<Bytes>, Error> {
    if response.status() == StatusCode::FORBIDDEN
        && let Some(required) = insufficient_scope(&response)
    {
        let answer = answered(&response);
        return Err(Error::InsufficientScope { required, answer });
    }
    Ok(response)
}

/// Puts the head of the HTTP response to what was decoded of its body, and records the outcome in
/// the operation's span.
pub(crate) fn finish_response<T>(
    meta: OperationMeta,
    response: http::Response<Bytes>,
    decoded: Result<Response<T>, json::DecodeError>,
    span: &Span,
) -> Result<Response<T>, Error> {
    let result = join_response(meta, response, decoded);
    match &result {
        Ok(response) if response.errors.is_empty() => {}
        Ok(_) => record_failure(span, "graphql"),
        Err(error) => record_failure(span, error.kind()),
    }
    result
}

fn join_response<T>(
    meta: OperationMeta,
    response: http::Response<Bytes>,
    decoded: Result<Response<T>, json::DecodeError>,
) -> Result<Response<T>, Error> {
    let status = response.status();
    match decoded {
        Ok(mut envelope) => {
            if !envelope.errors.is_empty() {
                secrets_of(&response).remove_from_errors(&mut envelope.errors);
            }
            let server = server_of(&response);
            let (parts, _) = response.into_parts();
            Ok(Response {
                http: Some(ResponseHead {
                    server,
                    status,
                    headers: parts.headers,
                }),
                ..envelope
            })
        }
        // A response without a status of success has no types to keep to, and one that is no
        // GraphQL response has none of the schema's.
        Err(error)
            if !status.is_success()
                || !may_be_json(&response)
                || !is_response(&error, meta.answer) =>
        {
            Err(unexpected_response(meta.step(), &response))
        }
        Err(error) => Err(Error::Decode {
            operation: meta.name,
            kind: meta.kind,
            source: Arc::new(error),
            answer: answered(&response),
        }),
    }
}

/// Whether the response says nothing else than that it is JSON, whole or in parts.
fn may_be_json(response: &http::Response<Bytes>) -> bool {
    is_json(response) || parts_type(response).is_some()
}

/// Whether the body is a GraphQL response at least, though not one of the schema's types.
fn is_response(error: &json::DecodeError, asked_for: AnswerForm) -> bool {
    use json::DecodeErrorKind::{Envelope, Incremental, Syntax, Utf8};
    match error.kind() {
        Envelope(_) | Syntax(_) | Utf8 => false,
        // Parts that nobody asked for.
        Incremental(_) => asked_for != AnswerForm::Whole,
        _ => true,
    }
}

/// The data, or the error that says why there is none.
pub(crate) fn into_data<T>(
    response: Response<T>,
    operation: Cow<'static, str>,
) -> Result<T, Error> {
    if response.errors.is_empty()
        && let Some(data) = response.data
    {
        return Ok(data);
    }
    let answer = response.http.map(|head| Arc::new(Answered::from(head)));
    Err(if response.errors.is_empty() {
        Error::NoData { operation, answer }
    } else {
        Error::Graphql(ReportedErrors::new(response.errors, answer))
    })
}

/// Records in the operation's span that it failed.
pub(crate) fn record_failure(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind);
}
