//! The way back from the authorization server to the client.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::faults::Fault;
use crate::pages;
use crate::shared::Shared;

/// Sends the browser to the client's redirect URI, with `state` and `iss` (RFC 9207), or with what
/// a fault makes of them.
pub(crate) fn redirect(
    shared: &Shared,
    redirect_uri: &str,
    parameters: &[(&str, &str)],
    state: Option<&str>,
    fault: Option<Fault>,
) -> Response {
    let Ok(mut uri) = Url::parse(redirect_uri) else {
        return pages::error(
            StatusCode::BAD_REQUEST,
            "The application's address cannot be read.",
        );
    };
    let issuer = match fault {
        Some(Fault::WrongIss) => Some("https://issuer.example"),
        Some(Fault::MissingIss) => None,
        _ => shared
            .rules
            .iss_parameter
            .then_some(shared.base_url.as_str()),
    };
    let state = match fault {
        Some(Fault::WrongState) => Some("a-state-that-nobody-sent"),
        Some(Fault::MissingState) => None,
        _ => state,
    };
    {
        let mut query = uri.query_pairs_mut();
        query.extend_pairs(parameters);
        if fault == Some(Fault::DuplicateParameters) {
            query.extend_pairs(parameters);
        }
        query.extend_pairs(state.map(|state| ("state", state)));
        query.extend_pairs(issuer.map(|issuer| ("iss", issuer)));
    }
    let headers = [
        (LOCATION, uri.to_string()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
