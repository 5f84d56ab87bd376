//! The session against authorization servers that this project did not write: `oidc-provider` from
//! npm, which is certified by the OpenID Foundation, and Authlib from PyPI. `interop/README.md`
//! says how they are installed; without them these tests fail.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attendium::store::FileStore;
use attendium::transport::{Body, BoxFuture, Middleware, Transport, TransportError};
use attendium::{Error, Login, Me, Session};
use bytes::Bytes;

struct Server {
    process: Child,
    issuer: String,
    /// Kept open: the server ends when it can't write.
    _output: BufReader<std::process::ChildStdout>,
}

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");

impl Server {
    fn start(program: &str, script: &str, install: &str) -> Self {
        let mut process = Command::new(program)
            .arg(script)
            .current_dir(INTEROP)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("this test needs `{program}` ({error}): {install}"));
        let mut issuer = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut issuer).unwrap();
        assert!(
            issuer.starts_with("http"),
            "{script} does not start: {install}"
        );
        Self {
            process,
            issuer: issuer.trim().to_owned(),
            _output: output,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser's cookies, which last from one login to the next.
type Cookies = Arc<tokio::sync::Mutex<BTreeMap<String, String>>>;

/// A browser that fills in whatever form it is shown and comes back to the callback.
async fn click_through(mut url: url::Url, cookies: Cookies) -> (u16, String) {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let mut cookies = cookies.lock().await;
    let mut form: Option<String> = None;
    for _ in 0..20 {
        let request = match form.take() {
            None => client.get(url.clone()),
            Some(form) => client
                .post(url.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
        };
        let jar: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = request
            .header("cookie", jar.join("; "))
            .header("accept", "text/html")
            .send()
            .await
            .unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(location) = answer.headers().get("location") {
            url = url.join(location.to_str().unwrap()).unwrap();
            continue;
        }
        let status = answer.status().as_u16();
        let page = answer.text().await.unwrap();
        let Some(action) = attribute(&page, "<form", "action") else {
            return (status, page);
        };
        let prompt = if page.contains("value=\"login\"") {
            "login"
        } else {
            "consent"
        };
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        fields.append_pair("prompt", prompt);
        if prompt == "login" {
            fields
                .append_pair("login", "ann")
                .append_pair("password", "any");
        }
        form = Some(fields.finish());
        url = url.join(&action).unwrap();
    }
    panic!("no end of the login");
}

fn attribute(page: &str, element: &str, name: &str) -> Option<String> {
    let at = page.find(element)?;
    let rest = &page[at..];
    let value = &rest[rest.find(&format!("{name}=\""))? + name.len() + 2..];
    Some(value.split('"').next()?.replace("&amp;", "&"))
}

/// Tells the server to refuse the token from the next request on, and keeps the last token that was
/// sent.
#[derive(Clone, Default)]
struct ThenRefuse(Arc<AtomicBool>, Arc<Mutex<String>>);

impl Middleware for ThenRefuse {
    fn handle<'a>(
        &'a self,
        mut request: http::Request<Body>,
        next: &'a dyn Transport,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportError>> {
        if self.0.swap(false, Ordering::SeqCst) {
            request
                .headers_mut()
                .insert("x-then-refuse", http::HeaderValue::from_static("1"));
        }
        let sent = request.headers()["authorization"].to_str().unwrap();
        *self.1.lock().unwrap() = sent.strip_prefix("Bearer ").unwrap().to_owned();
        next.send(request)
    }
}

#[tokio::test]
async fn login_refresh_and_revocation_at_a_certified_server() {
    let server = Server::start("node", "oidc-provider.mjs", "run `npm ci` in interop/");
    // With `prompt=consent`, which the session adds, this server grants `offline_access` (OpenID
    // Connect Core, section 11).
    let scopes = ["openid", "offline_access"];
    login_refresh_and_revocation(&server, &scopes, &scopes).await;
}

#[tokio::test]
async fn point_52_client_credentials_at_a_certified_server() {
    let server = Server::start("node", "oidc-provider.mjs", "run `npm ci` in interop/");
    let build = |secret: &str| {
        let builder = Session::builder()
            .base_url(&server.issuer)
            .application("Guest list");
        let builder = builder
            .client_id("service")
            .client_secret(secret.to_owned());
        builder.client_credentials().build().unwrap()
    };
    let session = build("hush +%&=");
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "service");
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "service");
    let error = build("wrong").run(&Me {}).await.unwrap_err();
    assert!(
        matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_client"),
        "{error}"
    );
}

/// What is other here: an issuer with a path, a client secret, a login and a consent behind a
/// cookie, and reuse detection.
#[tokio::test]
async fn login_refresh_and_revocation_at_a_server_from_pypi() {
    let server = Server::start(
        concat!(env!("CARGO_MANIFEST_DIR"), "/interop/.venv/bin/python"),
        "authlib_server.py",
        "run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in interop/",
    );
    assert!(server.issuer.ends_with("/tenant"));
    login_refresh_and_revocation(&server, &["read", "admin"], &["read"]).await;
}

async fn login_refresh_and_revocation(server: &Server, asked: &[&str], granted: &[&str]) {
    let refuse = ThenRefuse::default();
    let directory = tempfile::tempdir().unwrap();
    let build = || {
        Session::builder()
            .base_url(&server.issuer)
            .application("Guest list")
            .scopes(asked.iter().copied())
            .account(&Me {}, |data| data.me.id.to_string())
            .store(FileStore::new(directory.path()))
            .middleware(refuse.clone())
            .build()
            .unwrap()
    };
    let session = build();
    let (sender, mut pages) = tokio::sync::mpsc::unbounded_channel();
    let cookies = Cookies::default();
    let clicking = || {
        let (sender, cookies) = (sender.clone(), cookies.clone());
        let login = Login::show_url_with(move |url| {
            let (sender, url, cookies) = (sender.clone(), url.clone(), cookies.clone());
            tokio::spawn(async move {
                let _ = sender.send(click_through(url, cookies).await);
            });
        });
        login.timeout(Duration::from_secs(60))
    };
    let status = session.login(clicking()).await.unwrap();
    let (page_status, page) = pages.recv().await.unwrap();
    assert_eq!(page_status, 200, "{page}");
    assert_eq!(status.account.as_deref(), Some("ann"));
    assert!(status.refreshable && status.expires_at.is_some());
    assert_eq!(
        status.scopes.iter().map(String::as_str).collect::<Vec<_>>(),
        granted
    );

    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
    // Twice, so that the rotated refresh token is used as well.
    let mut sent = BTreeSet::new();
    for _ in 0..2 {
        refuse.0.store(true, Ordering::SeqCst);
        session.run(&Me {}).await.unwrap();
        assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
        sent.insert(refuse.1.lock().unwrap().clone());
    }
    assert_eq!(sent.len(), 2, "each refresh gave another token");
    // Another process goes on with what this one kept.
    let other = build();
    assert_eq!(other.run(&Me {}).await.unwrap().me.id, "ann");
    let token = refuse.1.lock().unwrap().clone();
    assert!(sent.contains(&token));
    // A second login in the same browser, which such servers take for the same grant as the first:
    // it must not end itself by ending the first.
    session.login(clicking()).await.unwrap();
    refuse.0.store(true, Ordering::SeqCst);
    session.run(&Me {}).await.unwrap();
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "ann");
    let second = refuse.1.lock().unwrap().clone();
    assert_ne!(second, token);
    let outcome = session.logout().await.unwrap();
    assert!(outcome.was_logged_in && outcome.revoked);
    assert!(session.run(&Me {}).await.unwrap_err().is_login_required());
    // The server believes it too.
    for token in [token, second] {
        let stolen = Session::with_access_token(&server.issuer, token).unwrap();
        let error = stolen.run(&Me {}).await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    }
}
