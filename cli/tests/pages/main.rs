//! A person logs in to `attendium login` with Chromium, from the link on stderr to the page that
//! says done; and the pages of logins that end otherwise, light and dark, wide and narrow.
//!
//! `cargo test -p attendium-cli --test pages` runs it, and fails where Chromium or its driver is
//! missing. The pictures are in `target/tmp/pages/`, to be looked at.

#[allow(dead_code, reason = "another test uses the rest")]
#[path = "../../../sandbox/tests/browser/mod.rs"]
mod browser;
#[allow(dead_code, reason = "another test uses the rest")]
#[path = "../command/support.rs"]
mod support;

use attendium_sandbox::{Fault, Place, Sandbox};
use browser::Browser;
use browser::looks::inspect;
use support::{Home, Running, json};

/// Logs in on the pages that the link leads to, as far as the button of the consent.
async fn up_to_consent(browser: &Browser, sandbox: &Sandbox, link: &str) {
    browser.open(link).await;
    if browser.title().await.starts_with("Log in") {
        let user = sandbox.user();
        browser.fill("[name=login]", &user.login).await;
        browser.fill("[name=password]", &user.password).await;
        browser.press("button[type=submit]").await;
    }
    assert_eq!(browser.title().await, "Allow access · Attendium sandbox");
}

async fn link(mut login: Running) -> (Running, String) {
    tokio::task::spawn_blocking(move || {
        let link = login.link();
        (login, link)
    })
    .await
    .expect("a link")
}

async fn end(login: Running) -> support::Run {
    tokio::task::spawn_blocking(|| login.end())
        .await
        .expect("an end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_logs_in_to_the_command() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let home = Home::beside(&sandbox);
    let browser = Browser::start().await;

    let (login, address) = link(home.spawn(&["login", "--no-browser", "--json"])).await;
    up_to_consent(&browser, &sandbox, &address).await;
    browser.press("button[value=allow]").await;
    assert_eq!(browser.text("h1").await, "You are logged in");
    let shown = browser.text("dl").await;
    assert!(
        shown.contains("user-emma") && shown.contains(sandbox.base_url()),
        "{shown}"
    );
    let login = end(login).await;
    assert_eq!(json(&login)["account"], "user-emma", "{login:?}");
    inspect(&browser, "callback-done").await;

    let (login, address) = link(home.spawn(&["login", "--no-browser"])).await;
    // A link of a login before: this one waits on.
    let forged = support::with_parameter(&address, "state", "an-older-one");
    up_to_consent(&browser, &sandbox, &forged).await;
    browser.press("button[value=allow]").await;
    assert_eq!(
        browser.text("h1").await,
        "This link belongs to another login"
    );
    inspect(&browser, "callback-not-ours").await;
    up_to_consent(&browser, &sandbox, &address).await;
    browser.press("button[value=deny]").await;
    assert_eq!(browser.text("h1").await, "The login did not work");
    assert!(browser.text("dl").await.contains("denied"));
    let login = end(login).await;
    assert_eq!(login.code, 1, "{login:?}");
    inspect(&browser, "callback-denied").await;

    let (login, address) = link(home.spawn(&["login", "--no-browser"])).await;
    sandbox.faults().add(Place::Token, Fault::Status500);
    up_to_consent(&browser, &sandbox, &address).await;
    browser.press("button[value=allow]").await;
    assert!(browser.text("dl").await.contains("status 500"));
    assert_eq!(end(login).await.code, 1);
    inspect(&browser, "callback-failed").await;
}
