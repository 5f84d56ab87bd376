//! What a browser shows of the authorization server: login, consent, error, and a front page.
//!
//! Each page is one function from plain values to a whole HTML document with its style inside.
//! Everything that came from outside goes through [`escape`].

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use url::Url;

const STYLE: &str = include_str!("style.css");

macro_rules! logo {
    () => {
        r#"<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
<rect class="mark" width="32" height="32" rx="9"/><path class="tick" d="M9 16.5l5 5 9-11"/></svg>"#
    };
}

const LOGO: &str = logo!();

const BRAND: &str = concat!(
    r#"<div class="brand">"#,
    logo!(),
    "<span>Attendium</span></div>"
);

const TICK: &str = r#"<svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
<path d="M4 10.5l4 4 8-9"/></svg>"#;

/// What the login page shows.
pub(crate) struct Login<'a> {
    pub application: &'a str,
    pub step: &'a str,
    pub csrf: &'a str,
    /// What was typed the last time.
    pub login: &'a str,
    /// Whether the last time was wrong.
    pub wrong: bool,
    /// A login and password that work.
    pub example: Option<(String, String)>,
}

/// What the consent page shows.
pub(crate) struct Consent<'a> {
    pub application: &'a str,
    pub step: &'a str,
    pub csrf: &'a str,
    pub name: &'a str,
    pub login: &'a str,
    pub scopes: &'a [String],
    pub redirect_uri: &'a str,
}

pub(crate) fn login(page: &Login<'_>) -> Response {
    let application = escape(page.application);
    let (alert, invalid) = if page.wrong {
        (
            r#"<p class="alert" role="alert" id="wrong">
That login and password do not fit together. Try again.</p>"#,
            r#" aria-invalid="true" aria-describedby="wrong""#,
        )
    } else {
        ("", "")
    };
    let hint = page
        .example
        .as_ref()
        .map_or_else(String::new, |(login, password)| {
            format!(
                r#"<div class="hint"><p>This is a sandbox on your own machine. Log in as</p>
<dl><dt>Login</dt><dd><code>{}</code></dd><dt>Password</dt><dd><code>{}</code></dd></dl></div>"#,
                escape(login),
                escape(password)
            )
        });
    let body = format!(
        r#"<h1>Log in</h1>
<p class="lead">to go on to <strong>{application}</strong></p>
{alert}
<form method="post" action="/oauth2/login">
<input type="hidden" name="step" value="{step}">
<input type="hidden" name="csrf" value="{csrf}">
<div class="field"><label for="login">Email address</label>
<input id="login" name="login" type="email" autocomplete="username" autocapitalize="none"
spellcheck="false" required{focus_login} value="{login}"{invalid}></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
required{focus_password}{invalid}></div>
<button class="primary" type="submit">Log in</button>
</form>
{hint}"#,
        step = escape(page.step),
        csrf = escape(page.csrf),
        login = escape(page.login),
        focus_login = if page.wrong { "" } else { " autofocus" },
        focus_password = if page.wrong { " autofocus" } else { "" },
    );
    document(StatusCode::OK, "Log in", BRAND, &body)
}

pub(crate) fn consent(page: &Consent<'_>) -> Response {
    let application = escape(page.application);
    let initial = page.application.trim().chars().next().unwrap_or('?');
    let mut scopes = String::new();
    for scope in page.scopes {
        let (title, detail) = match scope.as_str() {
            "read" => (
                "See your events",
                "Guest lists, guests and figures of every event that you can see",
            ),
            "write" => (
                "Manage guests",
                "Add, change and check in guests, and make events, in your name",
            ),
            other => (other, ""),
        };
        // Writing to a string cannot fail.
        let _ = write!(
            scopes,
            "<li>{TICK}<div><b>{}</b><span>{}</span></div></li>",
            escape(title),
            escape(detail)
        );
    }
    let target = Url::parse(page.redirect_uri).ok();
    let target = target.map_or_else(String::new, |uri| uri.origin().ascii_serialization());
    let body = format!(
        r#"<h1>{application} wants to use your Attendium account</h1>
<p class="lead">If you allow it, it can</p>
<ul class="scopes">{scopes}</ul>
<p class="who">You are logged in as <strong>{name}</strong>, {login}.</p>
<form method="post" action="/oauth2/consent">
<input type="hidden" name="step" value="{step}">
<input type="hidden" name="csrf" value="{csrf}">
<div class="buttons">
<button class="quiet" type="submit" name="decision" value="deny">Don’t allow</button>
<button class="primary" type="submit" name="decision" value="allow">Allow</button>
</div>
</form>
<p class="after">Either way you go back to <code>{target}</code>.</p>"#,
        name = escape(page.name),
        login = escape(page.login),
        step = escape(page.step),
        csrf = escape(page.csrf),
        target = escape(&target),
    );
    let both = format!(
        r#"<div class="pair" aria-hidden="true"><span class="tile">{}</span>
<span class="dots"></span><span class="tile">{LOGO}</span></div>"#,
        escape(&initial.to_uppercase().to_string())
    );
    document(StatusCode::OK, "Allow access", &both, &body)
}

/// A page that says why nothing else is shown.
pub(crate) fn error(status: StatusCode, reason: &str) -> Response {
    let body = format!(
        r#"<h1>This login cannot go on</h1>
<p class="lead">{}</p>
<p class="after">Close this page and start again from the application. If it happens again, tell the
people who make it.</p>"#,
        escape(reason)
    );
    document(status, "This login cannot go on", BRAND, &body)
}

/// `GET /`: says what this is.
pub(crate) async fn front() -> Response {
    let body = r#"<h1>The sandbox is running</h1>
<p class="lead">A local Attendium for tests and demos: nothing here is real.</p>
<ul class="scopes"><li><div><b>OAuth 2.0 metadata</b>
<span><code>/.well-known/oauth-authorization-server</code></span></div></li>
<li><div><b>GraphQL</b><span><code>POST /graphql</code></span></div></li></ul>"#;
    document(StatusCode::OK, "Sandbox", BRAND, body)
}

fn document(status: StatusCode, title: &str, header: &str, body: &str) -> Response {
    let page = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Attendium sandbox</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<main>
{header}
{body}
</main>
<footer>Sandbox: made-up people, made-up events</footer>
</body>
</html>
"#
    );
    // `form-action` names no origin, since browsers apply it to the redirect to the application
    // too.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
        frame-ancestors 'none'; form-action 'self' http: https:";
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, page).into_response()
}

/// Text as it may stand in HTML, also inside a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
