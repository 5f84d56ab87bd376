//! Carries out the faults that are about bytes and connections, around whatever an endpoint
//! answers.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::bodies;
use super::cut::Cut;
use super::name::{Fault, Place};
use crate::shared::SharedState;

/// Plays the fault that waits at `place`, if there is one.
pub(crate) async fn play(
    State((shared, place)): State<(SharedState, Place)>,
    Extension(cut): Extension<Cut>,
    mut request: Request,
    next: Next,
) -> Response {
    let of_callback = |fault: Fault| place == Place::Authorize && fault.is_of_the_callback();
    let Some(fault) = shared.faults.take(place, |fault| !of_callback(fault)) else {
        return next.run(request).await;
    };
    shared.count(|counts| counts.faults_played += 1);
    let (retry_after, delay) = shared.faults.waits();
    match fault {
        Fault::Status500 => {
            (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong").into_response()
        }
        Fault::Status404 => (StatusCode::NOT_FOUND, "there is nothing here").into_response(),
        Fault::Status429Seconds => later(StatusCode::TOO_MANY_REQUESTS, seconds(retry_after)),
        Fault::Status429Date => later(StatusCode::TOO_MANY_REQUESTS, date(retry_after)),
        Fault::Status503Seconds => later(StatusCode::SERVICE_UNAVAILABLE, seconds(retry_after)),
        Fault::Status503Date => later(StatusCode::SERVICE_UNAVAILABLE, date(retry_after)),
        Fault::Slow => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        Fault::Hung => std::future::pending().await,
        Fault::HungAfter => {
            let _processed = next.run(request).await;
            std::future::pending().await
        }
        Fault::DroppedBefore => cut.now().await,
        Fault::DroppedAfter => {
            let _processed = next.run(request).await;
            cut.now().await
        }
        Fault::Truncated => bodies::truncated(next.run(request).await, cut).await,
        Fault::Html => html(StatusCode::BAD_GATEWAY),
        Fault::Html200 => html(StatusCode::OK),
        Fault::Huge => ([(CONTENT_TYPE, "application/json")], bodies::huge()).into_response(),
        Fault::GzipBomb => {
            let headers = [
                (CONTENT_TYPE, "application/json"),
                (CONTENT_ENCODING, "gzip"),
            ];
            (headers, Body::from(bodies::gzip_bomb())).into_response()
        }
        Fault::Redirect => {
            let location = format!("{}/elsewhere", shared.base_url);
            (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response()
        }
        Fault::OauthErrorWithStatus200 => {
            let body = json!({
                "error": "invalid_request",
                "error_description": "the sandbox was told to say so",
            });
            axum::Json(body).into_response()
        }
        about_the_answer => {
            request.extensions_mut().insert(about_the_answer);
            next.run(request).await
        }
    }
}

fn later(status: StatusCode, retry_after: String) -> Response {
    (status, [(RETRY_AFTER, retry_after)], "come back later").into_response()
}

fn seconds(wait: Duration) -> String {
    wait.as_millis().div_ceil(1000).to_string()
}

/// The HTTP date (RFC 9110 §5.6.7) that is `wait` away, rounded up.
fn date(wait: Duration) -> String {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    let then = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
    let rounded_up = if then.subsec_nanosecond() == 0 {
        then.as_second()
    } else {
        then.as_second() + 1
    };
    let then = Timestamp::from_second(rounded_up).unwrap_or(Timestamp::MAX);
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&then)
        .unwrap_or_default()
}

fn html(status: StatusCode) -> Response {
    let page = "<!doctype html><html><head><title>Bad gateway</title></head>\
        <body><h1>502 Bad gateway</h1></body></html>";
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
