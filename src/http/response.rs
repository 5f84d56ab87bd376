//! What the status and the headers of a response say, at every step of the protocol.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, header};

use crate::error::{Error, Step};

use super::challenge::bearer_challenges;
use super::sent::{answered, clean_text};

/// How long the server asks to wait: seconds or a date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(response: &Response<Bytes>, now: SystemTime) -> Option<Duration> {
    if !matches!(response.status().as_u16(), 429 | 503) {
        return None;
    }
    let text = response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date has whole seconds: a date that has just passed means "now".
    Some(date.duration_since(now).unwrap_or_default())
}

/// The error for a response that is neither the step's success nor an OAuth error.
pub(crate) fn unexpected_response(step: Step, response: &Response<Bytes>) -> Error {
    let status = response.status();
    let error = if status.is_success() {
        Error::malformed(step, what_was_found(response))
    } else {
        Error::Status {
            step,
            status: status.as_u16(),
            retry_after: retry_after(response, SystemTime::now()),
            answer: None,
        }
    };
    error.with_answer(answered(response))
}

/// The body without a byte order mark, which a parser may ignore (RFC 8259 §8.1).
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// What the body is, where it is not the JSON that was asked for. Nothing of its text.
fn what_was_found(response: &Response<Bytes>) -> Cow<'static, str> {
    let body = without_mark(response.body());
    let kind = content_type(response).map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    let text = body.trim_ascii_start();
    let begins_with = |start: &str| {
        text.get(..start.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(start.as_bytes()))
    };
    if text.is_empty() {
        return format!(
            "the answer is empty (status {})",
            response.status().as_u16()
        )
        .into();
    }
    let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(body);
    if parsed.is_ok() {
        return "the answer is not the JSON that it should be".into();
    }
    if let Some(coding) = content_coding(response) {
        return format!(
            "the answer is in the content coding `{}`, which was not asked for",
            clean_text(response, coding)
        )
        .into();
    }
    if body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]) || body.contains(&0) {
        return "the answer is in UTF-16 or is binary; JSON is UTF-8".into();
    }
    if std::str::from_utf8(body).is_err() {
        return "the answer is not UTF-8, and JSON is".into();
    }
    if begins_with("<!doctype html") || begins_with("<html") || kind == Some("text/html") {
        return "the answer is a web page, not JSON".into();
    }
    if begins_with("<") {
        return "the answer is XML, not JSON".into();
    }
    if parsed.is_err_and(|error| error.is_eof()) {
        return format!("the answer breaks off after {} bytes", body.len()).into();
    }
    match kind {
        Some(kind) if !kind.contains("json") => {
            format!("the answer is `{}`, not JSON", clean_text(response, kind)).into()
        }
        _ => "the answer is not JSON".into(),
    }
}

/// The coding that is left on a body, where there is one.
fn content_coding(response: &Response<Bytes>) -> Option<&str> {
    let coding = response.headers().get(header::CONTENT_ENCODING)?;
    let coding = coding.to_str().ok()?.trim();
    (!coding.is_empty() && !coding.eq_ignore_ascii_case("identity")).then_some(coding)
}

/// Whether the response says that it is JSON, or says nothing.
pub(crate) fn is_json(response: &Response<Bytes>) -> bool {
    content_type(response).is_none_or(|kind| kind.to_ascii_lowercase().contains("json"))
}

/// The scopes that `WWW-Authenticate: Bearer error="insufficient_scope", scope="…"` names
/// (RFC 6750 §3), where the response has this challenge.
pub(crate) fn insufficient_scope(response: &Response<Bytes>) -> Option<Vec<String>> {
    let mut challenges = bearer_challenges(response).into_iter();
    let challenge = challenges
        .find(|found| found.get("error").map(String::as_str) == Some("insufficient_scope"))?;
    let scopes = challenge.get("scope").map_or("", String::as_str);
    let scopes = scopes.split_ascii_whitespace();
    Some(scopes.map(|scope| clean_text(response, scope)).collect())
}

fn content_type(response: &Response<Bytes>) -> Option<&str> {
    response.headers().get(header::CONTENT_TYPE)?.to_str().ok()
}
