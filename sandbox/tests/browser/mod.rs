//! Chromium by WebDriver (W3C), as much of it as the test of the pages needs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::{Value, json};
use url::Url;

use crate::client::http;

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
                Method::POST,
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

    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        match self.try_call(method, path, body).await {
            Ok(value) => value,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// The value that a command has; the error is what the driver says.
    async fn try_call(&self, method: Method, path: &str, body: Value) -> Result<Value, Value> {
        let mut request = http().request(method.clone(), format!("{}{path}", self.session));
        if method == Method::POST {
            request = request.body(body.to_string());
        }
        let response = request.send().await.expect("an answer of the driver");
        let good = response.status().is_success();
        let text = response.text();
        let mut answer: Value = serde_json::from_str(&text).expect("JSON of the driver");
        let value = answer["value"].take();
        if good { Ok(value) } else { Err(value) }
    }

    pub async fn open(&self, url: &str) {
        self.call(Method::POST, "/url", json!({ "url": url })).await;
    }

    pub async fn url(&self) -> String {
        self.call(Method::GET, "/url", Value::Null)
            .await
            .as_str()
            .expect("a URL")
            .to_owned()
    }

    pub async fn title(&self) -> String {
        self.call(Method::GET, "/title", Value::Null)
            .await
            .as_str()
            .expect("a title")
            .to_owned()
    }

    async fn find(&self, selector: &str) -> String {
        let found = self
            .call(
                Method::POST,
                "/element",
                json!({ "using": "css selector", "value": selector }),
            )
            .await;
        format!("/element/{}", found[ELEMENT].as_str().expect("an element"))
    }

    pub async fn text(&self, selector: &str) -> String {
        let path = format!("{}/text", self.find(selector).await);
        self.call(Method::GET, &path, Value::Null)
            .await
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// Types in place of what stands in a field.
    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.find(selector).await;
        self.call(Method::POST, &format!("{element}/clear"), json!({}))
            .await;
        self.call(
            Method::POST,
            &format!("{element}/value"),
            json!({ "text": text }),
        )
        .await;
    }

    /// Presses something, and waits for the page that it leads to: a click returns before a form is sent.
    pub async fn press(&self, selector: &str) {
        self.evaluate("window.pressed = true").await;
        let path = format!("{}/click", self.find(selector).await);
        self.call(Method::POST, &path, json!({})).await;
        let next = "return window.pressed === undefined && document.readyState === 'complete'";
        let script = json!({ "script": next, "args": [] });
        let arrived = async {
            // Between two pages, the driver may answer with an error.
            while self
                .try_call(Method::POST, "/execute/sync", script.clone())
                .await
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
        self.call(Method::POST, "/execute/sync", script).await
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
                Method::POST,
                "/goog/cdp/execute",
                json!({ "cmd": command, "params": parameters }),
            )
            .await;
        }
    }

    pub async fn screenshot(&self, file: &Path) {
        let picture = self.call(Method::GET, "/screenshot", Value::Null).await;
        let picture = STANDARD
            .decode(picture.as_str().expect("a picture"))
            .expect("base64");
        std::fs::write(file, picture).expect("a file for the picture");
    }
}

impl Drop for Browser {
    /// Ends the session, and with it Chromium, which would outlive a driver that is killed; also where a test fails.
    fn drop(&mut self) {
        let url = Url::parse(&self.session).expect("a URL");
        let authority = format!("127.0.0.1:{}", url.port().unwrap_or_default());
        if let Ok(mut stream) = TcpStream::connect(&authority) {
            let request = format!(
                "DELETE {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n",
                url.path()
            );
            let _ = stream.write_all(request.as_bytes());
            // The answer comes once Chromium has ended; the driver keeps the connection open after it.
            let _ = stream.read(&mut [0; 1024]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
