//! The login, the server and the clock. Enter at [`check`].

use super::finding::{Check, State};
use crate::connection::Connection;
use crate::terminal::in_words;
use attendium::store::MemoryStore;
use attendium::transport::{Body, BoxFuture, HttpTransport, Limits, Transport, TransportError};
use attendium::{Json, Me, Retries, Session, Status};
use http::{Request, Response, StatusCode, header};
use std::time::{Duration, Instant, SystemTime};

/// A clock that differs by more is worth a word: tokens are refreshed by it.
const SKEW: Duration = Duration::from_secs(60);
/// A clock that differs by more has tokens expire before their time, or long after.
const WRONG: Duration = Duration::from_secs(300);
const LIMIT: Duration = Duration::from_secs(10);

/// Looks at everything that a request needs.
pub async fn check(connection: &Connection) -> Vec<Check> {
    let session = match connection.session().await {
        Ok(session) => session,
        // A flag, a variable or the store is wrong: nothing can be sent.
        Err(failure) => return vec![Check::failed("session", &failure)],
    };
    let mut checks = Vec::new();
    let credential = connection.credential();
    let mut is_logged_in = credential.is_some();
    if let Some(source) = credential {
        checks.push(Check::warning(
            "login",
            format!("requests send {source}, in place of a login; it is not refreshed"),
            "leave that out, or unset it, where a login should be used",
        ));
    } else {
        match session.status().await {
            Ok(status) => {
                checks.push(Check::good("store", status.store.to_string()));
                let login = if connection.is_client_itself() {
                    check_client(&session, connection).await
                } else {
                    check_login(&status, connection)
                };
                is_logged_in =
                    status.logged_in || connection.is_client_itself() && login.state == State::Good;
                checks.push(login);
            }
            Err(error) => checks.push(Check::failed("store", &connection.failure(&error))),
        }
    }
    let server = check_server(&connection.base_url()).await;
    let is_reached = server
        .iter()
        .any(|check| check.name == "network" && check.state != State::Bad);
    checks.extend(server);
    if is_reached && !connection.is_client_itself() {
        checks.push(check_metadata(connection, credential.is_some()).await);
    }
    if is_logged_in {
        checks.push(check_api(&session, connection).await);
    }
    checks
}

/// Whether the client gets a token for itself.
async fn check_client(session: &Session, connection: &Connection) -> Check {
    match session.authorization_header().await {
        Ok(_) => Check::good("login", "the client gets tokens for itself"),
        Err(error) => Check::failed("login", &connection.failure(&error)),
    }
}

fn check_login(status: &Status, connection: &Connection) -> Check {
    let name = "login";
    let login = format!("run `attendium login{}`", connection.flags());
    if !status.logged_in {
        let found = format!("nobody is logged in at {}", status.issuer);
        return Check::warning(name, found, login);
    }
    let account = status.account.as_deref().unwrap_or("somebody");
    let found = format!("{account} at {}, profile {}", status.issuer, status.profile);
    match (status.expired, status.refreshable) {
        (true, false) => Check::bad(name, format!("{found}; it has expired"), login),
        (false, false) if status.expires_at.is_some() => Check::warning(
            name,
            format!("{found}; it can't be refreshed"),
            "log in again when it has expired; ask for `--scope offline_access` where the server \
             gives refresh tokens for it",
        ),
        _ => Check::good(name, found),
    }
}

/// Whether the server answers, and whether the clocks agree.
async fn check_server(base_url: &str) -> Vec<Check> {
    let url = format!(
        "{}/.well-known/oauth-authorization-server",
        base_url.trim_end_matches('/')
    );
    let limits = Limits::new().connect_timeout(LIMIT).timeout(LIMIT);
    let Ok(request) = Request::get(&url).body(Body::empty()) else {
        return Vec::new();
    };
    let start = Instant::now();
    let response = match HttpTransport::new(limits).send(request).await {
        Ok(response) => response,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            return vec![Check::bad(
                "network",
                format!(
                    "{base_url} can't be reached: {error}{}",
                    cause.unwrap_or_default()
                ),
                "check the base URL, the network, and HTTPS_PROXY where there is a proxy",
            )];
        }
    };
    let took = start.elapsed();
    let status = response.status();
    let found = format!(
        "{base_url} answered {} in {} ms",
        status.as_u16(),
        took.as_millis()
    );
    let mut checks = vec![if status.is_server_error() {
        Check::bad(
            "network",
            found,
            "the server has a fault: try again later, or tell its operator",
        )
    } else if status == StatusCode::OK || status == StatusCode::NOT_FOUND {
        // It answers. Whether it is the right server, its metadata says.
        Check::good("network", found)
    } else {
        Check::warning(
            "network",
            found,
            "check the base URL: it is that of the server's metadata",
        )
    }];
    let date = response.headers().get(header::DATE);
    let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    checks.extend(date.map(|date| check_clock(date, SystemTime::now(), took)));
    checks
}

/// Whether a login finds what it needs at the server: all that the session does before a browser
/// opens, but for the registration.
async fn check_metadata(connection: &Connection, has_credential: bool) -> Check {
    let name = "metadata";
    let limits = Limits::new().connect_timeout(LIMIT).timeout(LIMIT);
    let session = connection
        .at_the_server()
        .store(MemoryStore::new())
        .transport(WithoutRegistration(HttpTransport::new(limits)))
        .retries(Retries::never())
        .build();
    let session = match session {
        Ok(session) => session,
        Err(error) => return Check::failed(name, &connection.failure(&error)),
    };
    match session.begin_login("http://127.0.0.1/callback").await {
        Ok(_) => Check::good(name, "has what a login needs"),
        Err(error) => {
            let failure = connection.failure(&error);
            let found = format!("no login is possible: {}", failure.message());
            if has_credential {
                let found = format!("{found}; what requests send needs none");
                return Check::warning(name, found, failure.help());
            }
            let fix = format!("{}; or set ATTENDIUM_TOKEN", failure.help());
            Check::bad(name, found, fix)
        }
    }
}

/// Sends all but registrations, which it answers itself.
struct WithoutRegistration(HttpTransport);

impl Transport for WithoutRegistration {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let body = request.body().as_bytes();
        let sent = body.and_then(|body| serde_json::from_slice::<Json>(body).ok());
        // RFC 7591, section 3.1. The answer is that of section 3.2.1.
        if !sent.is_some_and(|sent| sent["redirect_uris"].is_array()) {
            return self.0.send(request);
        }
        let mut answer = Response::new(Body::from(r#"{"client_id":"not registered"}"#));
        *answer.status_mut() = StatusCode::CREATED;
        Box::pin(async move { Ok(answer) })
    }
}

/// Compares the server's clock, which counts whole seconds, with this machine's.
fn check_clock(server: SystemTime, now: SystemTime, took: Duration) -> Check {
    let (difference, is_ahead) = match now.duration_since(server) {
        Ok(ahead) => (ahead.saturating_sub(took), true),
        Err(error) => (error.duration(), false),
    };
    let found = format!(
        "{} {} the server's",
        in_words(difference.as_secs()),
        if is_ahead { "ahead of" } else { "behind" }
    );
    let fix = "set the clock of this machine, as with `timedatectl set-ntp true`";
    match difference {
        _ if difference > WRONG => Check::bad("clock", found, fix),
        _ if difference > SKEW => Check::warning("clock", found, fix),
        _ => Check::good("clock", "agrees with the server's"),
    }
}

/// Whether the API takes the token.
async fn check_api(session: &Session, connection: &Connection) -> Check {
    let start = Instant::now();
    match session.request(&Me {}).await {
        // Another API than Attendium's answers with an error of its own: it has read the query.
        Ok(_) => Check::good(
            "api",
            format!(
                "took the token, and answered in {} ms",
                start.elapsed().as_millis()
            ),
        ),
        Err(error) => Check::failed("api", &connection.failure(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_a_minute_and_no_more() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let state = |seconds: i64| {
            let difference = Duration::from_secs(seconds.unsigned_abs());
            let server = if seconds < 0 {
                now + difference
            } else {
                now - difference
            };
            check_clock(server, now, Duration::ZERO).state
        };
        assert_eq!([0, 60, -60].map(state), [State::Good; 3]);
        assert_eq!([61, -61, 300].map(state), [State::Warning; 3]);
        assert_eq!([301, -86_400].map(state), [State::Bad; 2]);
    }
}
