//! The sandbox's pages in Chromium: login, consent, callback and error, light and dark, wide and
//! narrow.
//!
//! `cargo test -p attendium-sandbox --test pages` runs it, and fails where Chromium or its driver
//! is missing. The pictures are in `target/tmp/pages/`, to be looked at.

mod browser;
mod client;

use attendium_sandbox::Sandbox;
use browser::Browser;
use browser::looks::inspect;
use client::App;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The application's own end of the login.
async fn callback() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let page = "<!doctype html><title>Back at the application</title>";
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    page.len()
                );
                let _ = stream.write_all(format!("{head}{page}").as_bytes()).await;
            });
        }
    });
    format!("http://127.0.0.1:{port}/callback")
}

#[tokio::test]
async fn a_person_logs_in_allows_and_comes_back_to_the_application() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let redirect_uri = callback().await;
    let app = App::register_as(&sandbox, &redirect_uri, "Door <Manager> & Co").await;
    let user = sandbox.user();
    let browser = Browser::start().await;

    browser.open(&app.authorize_url(&[])).await;
    assert_eq!(browser.title().await, "Log in · Attendium sandbox");
    assert_eq!(
        browser.evaluate("document.activeElement.name").await,
        "login"
    );
    assert!(browser.text("main").await.contains("Door <Manager> & Co"));
    inspect(&browser, "login").await;

    browser.fill("[name=login]", &user.login).await;
    browser.fill("[name=password]", "a guess").await;
    browser.press("button[type=submit]").await;
    assert!(
        browser
            .text("[role=alert]")
            .await
            .contains("do not fit together")
    );
    assert_eq!(
        browser
            .evaluate("document.querySelector('[name=login]').value")
            .await,
        user.login
    );
    assert_eq!(
        browser.evaluate("document.activeElement.name").await,
        "password"
    );
    inspect(&browser, "login-wrong").await;

    browser.fill("[name=password]", &user.password).await;
    browser.press("button[type=submit]").await;
    assert_eq!(browser.title().await, "Allow access · Attendium sandbox");
    assert_eq!(
        browser.text("h1").await,
        "Door <Manager> & Co wants to use your Attendium account"
    );
    assert!(browser.text(".who").await.contains("Emma Lindqvist"));
    inspect(&browser, "consent").await;

    browser.press("button[value=allow]").await;
    assert_eq!(browser.title().await, "Back at the application");
    let url = browser.url().await;
    assert!(
        url.starts_with(&redirect_uri) && url.contains("code=code_") && url.contains("state="),
        "{url}"
    );

    // The browser is logged in now: the next application only asks for consent.
    browser.open(&app.authorize_url(&[("scope", "read")])).await;
    assert_eq!(browser.title().await, "Allow access · Attendium sandbox");
    assert_eq!(
        browser
            .evaluate("document.querySelectorAll('.scopes li').length")
            .await,
        1
    );
    browser.press("button[value=deny]").await;
    assert!(browser.url().await.contains("error=access_denied"));

    browser
        .open(&app.authorize_url(&[("client_id", "unknown")]))
        .await;
    assert_eq!(
        browser.title().await,
        "This login cannot go on · Attendium sandbox"
    );
    inspect(&browser, "error").await;
    browser.open(sandbox.base_url()).await;
    inspect(&browser, "front").await;
    assert_eq!(sandbox.counts().authorizations, 1);
}

#[tokio::test]
async fn long_names_do_not_break_the_page() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    let app = App::register_as(&sandbox, &callback().await, name).await;
    let browser = Browser::start().await;
    browser.open(&app.authorize_url(&[])).await;
    inspect(&browser, "login-long").await;
    let user = sandbox.user();
    browser.fill("[name=login]", &user.login).await;
    browser.fill("[name=password]", &user.password).await;
    browser.press("button[type=submit]").await;
    inspect(&browser, "consent-long").await;
}
