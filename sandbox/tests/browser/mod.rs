//! Chromium by WebDriver (W3C), as much of it as the test of the pages needs.

pub mod looks;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

/// The key under which WebDriver puts the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window of a Chromium without a screen. Driver and browser end when this is dropped.
pub struct Browser {
    driver: Child,
    session: String,
}

impl Browser {
    /// Starts a browser; panics with what to install where there is none.
    pub async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: on Debian, `apt-get install chromium chromium-driver`");
        let output = BufReader::new(driver.stdout.take().expect("a pipe"));
        let port = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse::<u16>()
                    .ok()
            })
            .expect("chromedriver says its port");
        let mut browser = Self {
            driver,
            session: format!("http://127.0.0.1:{port}/session"),
        };
        // Chromium does not start its own sandbox for root, as CI is.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ];
        let capabilities =
            json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } });
        let started = browser
            .call(
                "POST",
                "",
                json!({ "capabilities": { "alwaysMatch": capabilities } }),
            )
            .await;
        browser.session = format!(
            "{}/{}",
            browser.session,
            started["sessionId"].as_str().expect("a session")
        );
        browser
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        match self.try_call(method, path, body).await {
            Ok(value) => value,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// The value that a command has; the error is what the driver says.
    async fn try_call(&self, method: &str, path: &str, body: Value) -> Result<Value, Value> {
        let url = Url::parse(&self.session).expect("a URL");
        let authority = format!("127.0.0.1:{}", url.port().expect("a port"));
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let request = format!(
            "{method} {}{path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            url.path(),
            body.len()
        );
        let (good, text) = exchange(&authority, &request)
            .await
            .expect("an answer of the driver");
        let mut answer: Value = serde_json::from_str(&text).expect("JSON of the driver");
        let value = answer["value"].take();
        if good { Ok(value) } else { Err(value) }
    }

    pub async fn open(&self, url: &str) {
        self.call("POST", "/url", json!({ "url": url })).await;
    }

    pub async fn url(&self) -> String {
        self.call("GET", "/url", Value::Null)
            .await
            .as_str()
            .expect("a URL")
            .to_owned()
    }

    pub async fn title(&self) -> String {
        self.call("GET", "/title", Value::Null)
            .await
            .as_str()
            .expect("a title")
            .to_owned()
    }

    async fn find(&self, selector: &str) -> String {
        let found = self
            .call(
                "POST",
                "/element",
                json!({ "using": "css selector", "value": selector }),
            )
            .await;
        format!("/element/{}", found[ELEMENT].as_str().expect("an element"))
    }

    pub async fn text(&self, selector: &str) -> String {
        let path = format!("{}/text", self.find(selector).await);
        self.call("GET", &path, Value::Null)
            .await
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// Types in place of what stands in a field.
    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.find(selector).await;
        self.call("POST", &format!("{element}/clear"), json!({}))
            .await;
        self.call("POST", &format!("{element}/value"), json!({ "text": text }))
            .await;
    }

    /// Presses something, and waits for the page that it leads to: a click returns before a form is
    /// sent.
    pub async fn press(&self, selector: &str) {
        self.evaluate("window.pressed = true").await;
        let path = format!("{}/click", self.find(selector).await);
        self.call("POST", &path, json!({})).await;
        let next = "return window.pressed === undefined && document.readyState === 'complete'";
        let script = json!({ "script": next, "args": [] });
        let arrived = async {
            // Between two pages, the driver may answer with an error.
            while self.try_call("POST", "/execute/sync", script.clone()).await
                != Ok(Value::Bool(true))
            {}
        };
        let limit = Duration::from_secs(60);
        tokio::time::timeout(limit, arrived)
            .await
            .expect("no page came");
    }

    /// The value of an expression in the page.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let script = json!({ "script": format!("return ({expression})"), "args": [] });
        self.call("POST", "/execute/sync", script).await
    }

    /// Sets the window's width and height, and whether the user prefers `light` or `dark`.
    pub async fn look(&self, (width, height): (u32, u32), scheme: &str) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setEmulatedMedia", media),
        ] {
            self.call(
                "POST",
                "/goog/cdp/execute",
                json!({ "cmd": command, "params": parameters }),
            )
            .await;
        }
    }

    pub async fn screenshot(&self, file: &Path) {
        let picture = self.call("GET", "/screenshot", Value::Null).await;
        let picture = STANDARD
            .decode(picture.as_str().expect("a picture"))
            .expect("base64");
        std::fs::write(file, picture).expect("a file for the picture");
    }
}

/// Sends a request and reads the answer: whether it says success, and its body. The driver keeps
/// connections open.
async fn exchange(authority: &str, request: &str) -> std::io::Result<(bool, String)> {
    let mut stream = tokio::net::TcpStream::connect(authority).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        if let Some(end) = answer.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| {
                    line.strip_prefix("content-length:")?
                        .trim()
                        .parse::<usize>()
                        .ok()
                })
                .unwrap_or(0);
            if answer.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&answer[end + 4..end + 4 + length]);
                return Ok((head.starts_with("http/1.1 2"), body.into_owned()));
            }
        }
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

impl Drop for Browser {
    /// Ends the session, and with it Chromium, which would outlive a driver that is killed; also
    /// where a test fails.
    fn drop(&mut self) {
        let url = Url::parse(&self.session).expect("a URL");
        let authority = format!("127.0.0.1:{}", url.port().unwrap_or_default());
        if let Ok(mut stream) = TcpStream::connect(&authority) {
            let request = format!(
                "DELETE {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n",
                url.path()
            );
            let _ = stream.write_all(request.as_bytes());
            // The answer comes once Chromium has ended; the driver keeps the connection open after
            // it.
            let _ = stream.read(&mut [0; 1024]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
