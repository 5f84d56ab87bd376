//! What the status and the headers of a response say, at every step of the protocol.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, header};

use crate::error::{Error, Step};

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
    if !status.is_success() {
        return Error::Status {
            step,
            status: status.as_u16(),
            retry_after: retry_after(response, SystemTime::now()),
        };
    }
    let html = content_type(response).is_some_and(|kind| kind.starts_with("text/html"));
    Error::malformed(
        step,
        if html {
            "the answer is a web page, not JSON"
        } else {
            "the answer is not the JSON that it should be"
        },
    )
}

/// Whether the response says that it is JSON, or says nothing.
pub(crate) fn is_json(response: &Response<Bytes>) -> bool {
    content_type(response).is_none_or(|kind| kind.contains("json"))
}

/// The scopes that `WWW-Authenticate: Bearer error="insufficient_scope", scope="…"` names
/// (RFC 6750 §3), where the response has this challenge.
pub(crate) fn insufficient_scope(response: &Response<Bytes>) -> Option<Vec<String>> {
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
                let start = challenge.find(&format!("{name}="))? + name.len() + 1;
                let value = challenge.get(start..)?;
                match value.strip_prefix('"') {
                    Some(quoted) => quoted.split('"').next(),
                    None => value.split([',', ' ']).next(),
                }
            };
            (bearer && attribute("error") == Some("insufficient_scope")).then(|| {
                attribute("scope")
                    .unwrap_or_default()
                    .split_ascii_whitespace()
                    .map(crate::error::printable)
                    .collect()
            })
        })
}

fn content_type(response: &Response<Bytes>) -> Option<&str> {
    response.headers().get(header::CONTENT_TYPE)?.to_str().ok()
}
