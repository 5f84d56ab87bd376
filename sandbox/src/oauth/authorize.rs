//! `GET /oauth2/authorize` (RFC 6749 §4.1.1, RFC 7636 §4.3): checks the request and hands the
//! browser to the pages.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::form::Parameters;
use super::interaction;
use super::redirect::redirect;
use super::redirect_uri;
use super::scopes::SCOPES;
use super::state::AuthorizationRequest;
use crate::faults::Fault;
use crate::pages;
use crate::random;
use crate::shared::{Shared, SharedState};

/// Why a request is not taken.
enum Refusal {
    /// Nobody may be redirected: the client or its redirect URI is not known (RFC 6749 §4.1.2.1).
    Page(String),
    /// The client is told at its redirect URI.
    Redirect {
        redirect_uri: String,
        state: Option<String>,
        error: &'static str,
        description: String,
    },
}

pub(crate) async fn authorize(
    State(shared): State<SharedState>,
    fault: Option<Extension<Fault>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    if fault.is_some_and(|Extension(fault)| fault == Fault::ForgottenClient)
        && let Ok(parameters) = Parameters::parse(query.as_bytes())
        && let Some(client) = parameters.get("client_id")
    {
        shared.oauth().forget_client(client);
    }
    match check(&shared, &query) {
        Ok(request) => begin(&shared, request, &headers),
        Err(Refusal::Page(reason)) => pages::error(StatusCode::BAD_REQUEST, &reason),
        Err(Refusal::Redirect {
            redirect_uri,
            state,
            error,
            description,
        }) => {
            let parameters = [("error", error), ("error_description", &description)];
            redirect(&shared, &redirect_uri, &parameters, state.as_deref(), None)
        }
    }
}

fn check(shared: &Shared, query: &str) -> Result<AuthorizationRequest, Refusal> {
    let page = |reason: &str| Refusal::Page(reason.to_owned());
    let parameters = Parameters::parse(query.as_bytes())
        .map_err(|name| Refusal::Page(format!("The parameter {name} came twice.")))?;
    let id = parameters
        .get("client_id")
        .ok_or_else(|| page("The parameter client_id is missing."))?;
    let client = shared.oauth().client(id).cloned();
    let client = client.ok_or_else(|| {
        page(
            "No application with this client_id is registered here. \
             It has to register before it asks you to log in.",
        )
    })?;
    let redirect_uri = parameters
        .get("redirect_uri")
        .ok_or_else(|| page("The parameter redirect_uri is missing."))?;
    let exact = shared.rules.exact_redirect_ports;
    let mut registered = client.redirect_uris.iter();
    if !registered.any(|uri| redirect_uri::matches(uri, redirect_uri, exact)) {
        return Err(page(
            "The application wants you to be sent to an address that it did not register.",
        ));
    }
    let refuse = |error, description: &str| Refusal::Redirect {
        redirect_uri: redirect_uri.to_owned(),
        state: parameters.get("state").map(Into::into),
        error,
        description: description.to_owned(),
    };
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(refuse(
                "unsupported_response_type",
                "response_type must be code",
            ));
        }
        None => return Err(refuse("invalid_request", "response_type is missing")),
    }
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(refuse(
            "invalid_request",
            "code_challenge_method must be S256",
        ));
    }
    let challenge = parameters.get("code_challenge").unwrap_or_default();
    if !is_challenge(challenge) {
        return Err(refuse(
            "invalid_request",
            "code_challenge must be the base64url of a SHA-256, 43 characters",
        ));
    }
    let scopes: Vec<String> = match parameters.get("scope") {
        Some(asked) => asked.split_whitespace().map(Into::into).collect(),
        None => SCOPES.map(Into::into).into(),
    };
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(refuse("invalid_scope", "scope can have read and write"));
    }
    Ok(AuthorizationRequest {
        client: id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
        state: parameters.get("state").map(Into::into),
        scopes,
    })
}

fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Sends the browser to the login page, or to the consent page where it is logged in.
fn begin(shared: &Shared, request: AuthorizationRequest, headers: &HeaderMap) -> Response {
    let mut oauth = shared.oauth();
    let known = interaction::browser(headers).filter(|browser| oauth.logged_in(browser).is_some());
    let page = if known.is_some() { "consent" } else { "login" };
    let browser = known.unwrap_or_else(|| random::token("browser"));
    let step = oauth.begin(request, browser.clone());
    let location = format!("/oauth2/{page}?step={step}");
    let headers = [
        (LOCATION, location),
        (SET_COOKIE, interaction::cookie(&browser)),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}
