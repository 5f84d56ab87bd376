//! Servers that this project did not write, and a browser that clicks through their pages.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attendium::Login;
use attendium::transport::{Body, BoxFuture, Middleware, Transport, TransportError};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::interop_server::Server;

/// The certified server in one of its shapes: see `interop/oidc-provider.mjs`.
pub fn certified(shape: &str) -> Server {
    let script = format!("oidc-provider.mjs {shape}");
    Server::start("node", script.trim(), "run `npm ci` in interop/")
}

/// A server from PyPI.
pub fn from_pypi(script: &str) -> Server {
    Server::start(
        concat!(env!("CARGO_MANIFEST_DIR"), "/interop/.venv/bin/python"),
        script,
        "run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in interop/",
    )
}

/// A browser's cookies, which last from one login to the next.
pub type Cookies = Arc<tokio::sync::Mutex<BTreeMap<String, String>>>;

/// A browser that fills in whatever form it is shown and comes back to the callback.
pub async fn click_through(mut url: url::Url, cookies: Cookies) -> (u16, String) {
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
        let mut fields = url::form_urlencoded::Serializer::new(String::new());
        for input in page.split("<input ").skip(1) {
            let input = &input[..input.find('>').unwrap()];
            let get = |name: &str| attribute(input, "", name);
            if input.contains("type=\"hidden\"")
                && let (Some(name), Some(value)) = (get("name"), get("value"))
            {
                fields.append_pair(&name, &value);
            }
        }
        if page.contains("name=\"login\"") {
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
pub struct ThenRefuse(pub Arc<AtomicBool>, pub Arc<Mutex<String>>);

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

/// A login that this browser clicks through, and where to learn what it ended at.
pub fn clicking(cookies: &Cookies) -> (Login, UnboundedReceiver<(u16, String)>) {
    let (sender, pages) = unbounded_channel();
    let cookies = cookies.clone();
    let login = Login::show_url_with(move |url| {
        let (sender, url, cookies) = (sender.clone(), url.clone(), cookies.clone());
        tokio::spawn(async move {
            let _ = sender.send(click_through(url, cookies).await);
        });
    });
    (login.timeout(Duration::from_secs(60)), pages)
}
