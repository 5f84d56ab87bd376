//! A person at a browser, and all that can come to the callback's address instead (points 10 to
//! 18).
//!
//! The pages are the sandbox's own; [`clicking`] is the person, [`callback`] and [`get`] are those
//! who only pretend.

use std::collections::BTreeSet;
use std::time::Duration;

use attendium::{Error, LoginError, PendingLogin};
use attendium_sandbox::{Fault, Place, Sandbox};
use tokio::io::AsyncWriteExt as _;

use crate::support::{
    METADATA, REDIRECT, Scripted, builder, callback, clicking, get, handing_over, json, log_in,
    parameter, session,
};

#[tokio::test]
async fn point_10_every_attempt_has_a_fresh_verifier_and_s256() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session(&sandbox);
    let mut verifiers = BTreeSet::new();
    for _ in 0..20 {
        let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
        assert_eq!(
            parameter(url.as_str(), "code_challenge_method").as_deref(),
            Some("S256")
        );
        let record = serde_json::to_value(&pending).unwrap();
        let verifier = record["verifier"].as_str().unwrap().to_owned();
        assert!((43..=128).contains(&verifier.len()), "{}", verifier.len());
        assert!(
            verifier
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        );
        assert!(!url.as_str().contains(&verifier), "the verifier stays here");
        let hash = <sha2::Sha256 as sha2::Digest>::digest(verifier.as_bytes());
        let expected = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, hash);
        assert_eq!(parameter(url.as_str(), "code_challenge"), Some(expected));
        assert!(verifiers.insert(verifier));
    }
}

#[tokio::test]
async fn point_11_the_state_is_random_and_compared_before_all_else() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session(&sandbox);
    let mut states = BTreeSet::new();
    for _ in 0..20 {
        let (url, _) = session.begin_login(REDIRECT).await.unwrap();
        let state = parameter(url.as_str(), "state").unwrap();
        // 128 bits take 22 characters of base64url.
        assert!(state.len() >= 22 && states.insert(state));
    }
    for forged in [
        "error=access_denied&state=guessed",
        "code=x&code=y&state=guessed",
        "code=x",
        "code=x&state=",
        "iss=https://evil.example&state=guessed",
        "",
    ] {
        let (_, pending) = session.begin_login(REDIRECT).await.unwrap();
        let error = session.finish_login(pending, forged).await.unwrap_err();
        assert!(
            matches!(error, Error::Login(LoginError::StateMismatch)),
            "{forged}: {error}"
        );
    }
    assert_eq!(sandbox.counts().code_exchanges, 0);
}

#[tokio::test]
async fn point_11_callbacks_without_the_state_do_not_end_a_login() {
    let sandbox = Sandbox::start().await.unwrap();
    for fault in [Fault::WrongState, Fault::MissingState] {
        sandbox.faults().add(Place::Authorize, fault);
        let (login, mut links) = handing_over();
        let session = session(&sandbox);
        let running = tokio::spawn(async move { session.login(login).await });
        let link = links.recv().await.unwrap();
        let visit = sandbox.scripted_user().visit(&link).await.unwrap();
        assert_eq!(visit.status, Some(400), "{}", visit.text);
        assert!(visit.text.contains("another login"), "{}", visit.text);
        assert!(!running.is_finished());
        let visit = sandbox.scripted_user().visit(&link).await.unwrap();
        assert_eq!(visit.status, Some(200), "{}", visit.text);
        running.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn point_12_another_issuer_in_the_callback_or_none_where_one_was_promised() {
    let sandbox = Sandbox::start().await.unwrap();
    for fault in [Fault::WrongIss, Fault::MissingIss] {
        sandbox.faults().add(Place::Authorize, fault);
        let error = log_in(&session(&sandbox), sandbox.scripted_user())
            .await
            .unwrap_err();
        let Error::Login(LoginError::IssuerMismatch { expected, found }) = &error else {
            panic!("{error}")
        };
        assert_eq!(expected, sandbox.base_url());
        assert_eq!(found.is_some(), fault == Fault::WrongIss);
    }
    assert_eq!(sandbox.counts().code_exchanges, 0);
    // A server that promises nothing need not send it.
    let sandbox = Sandbox::builder()
        .iss_parameter(false)
        .start()
        .await
        .unwrap();
    log_in(&session(&sandbox), sandbox.scripted_user())
        .await
        .unwrap();
}

#[tokio::test]
async fn point_13_the_listener_is_on_loopback_and_only_while_a_login_runs() {
    let sandbox = Sandbox::start().await.unwrap();
    let (login, mut links) = handing_over();
    let (session, other) = (session(&sandbox), session(&sandbox));
    let running = tokio::spawn(async move { session.login(login).await });
    let link = links.recv().await.unwrap();
    let address = url::Url::parse(&parameter(&link, "redirect_uri").unwrap()).unwrap();
    let port = address.port().unwrap();
    assert_eq!(address.host_str(), Some("127.0.0.1"));
    assert!(
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .is_ok()
    );
    // It is on no other address: that one is still free.
    assert!(std::net::TcpListener::bind(("127.0.0.2", port)).is_ok());
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        assert!(tokio::net::TcpStream::connect(("::1", port)).await.is_ok());
    }
    sandbox.scripted_user().visit(&link).await.unwrap();
    running.await.unwrap().unwrap();
    let gone = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
    assert!(gone.is_err(), "the port is closed when the login is over");
    // A login that is dropped closes it as well.
    let (login, mut links) = handing_over();
    let running = tokio::spawn(async move { other.login(login).await });
    let port = url::Url::parse(&parameter(&links.recv().await.unwrap(), "redirect_uri").unwrap())
        .unwrap()
        .port()
        .unwrap();
    running.abort();
    let _ = running.await;
    while tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn point_14_only_the_matching_callback_ends_the_login() {
    let sandbox = Sandbox::start().await.unwrap();
    let (login, mut links) = handing_over();
    let session = session(&sandbox);
    let running = tokio::spawn(async move { session.login(login).await });
    let link = links.recv().await.unwrap();
    let at = parameter(&link, "redirect_uri").unwrap();
    let address = url::Url::parse(&at).unwrap();
    // A preconnect: a connection without a request, kept open to the end.
    let _preconnect = tokio::net::TcpStream::connect(("127.0.0.1", address.port().unwrap()))
        .await
        .unwrap();
    let favicon = address.join("/favicon.ico").unwrap();
    assert_eq!(get(favicon.as_str(), "").await.unwrap().0, 404);
    assert_eq!(
        get(&callback(&link, "code=forged&state=forged"), "")
            .await
            .unwrap()
            .0,
        400
    );
    assert_eq!(
        get(&callback(&link, "error=access_denied"), "")
            .await
            .unwrap()
            .0,
        400
    );
    let state = parameter(&link, "state").unwrap();
    let (status, _) = get(
        &callback(&link, &format!("code=x&state={state}")),
        "Sec-Purpose: prefetch;prerender\r\n",
    )
    .await
    .unwrap();
    assert_eq!(status, 503, "a prefetch does not use the login up");
    let mut garbage = tokio::net::TcpStream::connect(("127.0.0.1", address.port().unwrap()))
        .await
        .unwrap();
    garbage
        .write_all(b"\x16\x03\x01 not http\r\n\r\n")
        .await
        .unwrap();
    assert!(!running.is_finished());
    let visit = sandbox.scripted_user().visit(&link).await.unwrap();
    assert_eq!(visit.status, Some(200), "{}", visit.text);
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn point_14_a_second_callback_gets_the_same_page_and_no_second_exchange() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.faults().add(Place::Token, Fault::Slow);
    let (login, mut links) = handing_over();
    let session = session(&sandbox);
    let running = tokio::spawn(async move { session.login(login).await });
    let link = links.recv().await.unwrap();
    let come_back = sandbox
        .scripted_user()
        .stop_at_callback()
        .visit(&link)
        .await
        .unwrap()
        .url;
    let (one, two) = tokio::join!(get(&come_back, ""), get(&come_back, ""));
    assert_eq!((one.unwrap().0, two.unwrap().0), (200, 200));
    running.await.unwrap().unwrap();
    assert_eq!(sandbox.counts().code_exchanges, 1);
}

#[tokio::test]
async fn point_14_the_page_says_done_only_after_the_exchange_and_who_and_what() {
    let sandbox = Sandbox::start().await.unwrap();
    let name = "<script>alert('x')</script> & \"Co\"";
    let session = builder(&sandbox)
        .application(name)
        .account(&attendium::Me {}, |data| data.me.id.to_string())
        .build()
        .unwrap();
    let (login, mut visits) = clicking(sandbox.scripted_user());
    let status = session.login(login).await.unwrap();
    let visit = visits.recv().await.unwrap();
    assert_eq!(visit.status, Some(200));
    assert!(
        visit
            .html
            .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Co&quot;"),
        "{}",
        visit.html
    );
    assert!(!visit.html.contains("<script>"));
    let account = status.account.unwrap();
    assert!(
        visit.text.contains(&account) && visit.text.contains("You are logged in"),
        "{}",
        visit.text
    );
    assert!(visit.html.contains("prefers-color-scheme:dark"));

    // The exchange fails: the page says so, and the server's words can't break out of it.
    let transport = Scripted::new([
        json(
            200,
            &METADATA.replace("https://api.example.com", sandbox.base_url()),
        ),
        json(201, r#"{"client_id":"c"}"#),
        json(
            400,
            r#"{"error":"invalid_grant","error_description":"<img src=x onerror=alert(1)>"}"#,
        ),
    ]);
    let session = builder(&sandbox).transport(transport).build().unwrap();
    let (login, mut links) = handing_over();
    let running = tokio::spawn(async move { session.login(login).await });
    let link = links.recv().await.unwrap();
    let come_back = callback(
        &link,
        &format!("code=x&state={}", parameter(&link, "state").unwrap()),
    );
    let (status, page) = get(&come_back, "").await.unwrap();
    assert_eq!(status, 400);
    assert!(
        page.contains("did not work") && page.contains("&lt;img") && !page.contains("<img"),
        "{page}"
    );
    assert!(page.contains("default-src 'none'"), "{page}");
    assert!(matches!(
        running.await.unwrap().unwrap_err(),
        Error::Refused(_)
    ));
}

#[tokio::test]
async fn point_15_duplicate_parameters_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox
        .faults()
        .add(Place::Authorize, Fault::DuplicateParameters);
    let error = log_in(&session(&sandbox), sandbox.scripted_user())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Login(LoginError::DuplicateParameter { name }) if name == "code"),
        "{error}"
    );
    // Also of the state, and of parameters that nobody knows.
    for extra in ["state=other", "x=1&x=2"] {
        let session = session(&sandbox);
        let (url, pending) = session.begin_login(REDIRECT).await.unwrap();
        let state = parameter(url.as_str(), "state").unwrap();
        let error = session
            .finish_login(pending, &format!("code=c&state={state}&{extra}"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Login(LoginError::DuplicateParameter { .. })),
            "{error}"
        );
    }
    assert_eq!(sandbox.counts().code_exchanges, 0);
}

#[tokio::test]
async fn point_16_timeout_cancel_and_denial_end_in_errors_of_their_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session(&sandbox);
    let (login, _links) = handing_over();
    let error = session
        .login(login.timeout(Duration::from_millis(1)))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::TimedOut { .. })),
        "{error}"
    );

    let (login, mut links) = handing_over();
    let error = session
        .login(login.cancel_when(async move { drop(links.recv().await) }))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::Cancelled)),
        "{error}"
    );

    let (login, mut visits) = clicking(sandbox.scripted_user().deny());
    let error = session.login(login).await.unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::Denied { .. })),
        "{error}"
    );
    let page = visits.recv().await.unwrap();
    assert!(
        page.status == Some(400) && page.text.contains("denied"),
        "{}",
        page.text
    );
    assert!(error.help().contains("log in again"), "{error}");
}

#[tokio::test]
async fn point_17_a_pasted_address_has_the_same_checks() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = session(&sandbox);
    let (reader, mut terminal) = std::io::pipe().unwrap();
    let (login, mut links) = handing_over();
    let running = tokio::spawn(async move {
        session
            .login(login.paste_from(std::io::BufReader::new(reader)))
            .await
    });
    let link = links.recv().await.unwrap();
    let come_back = sandbox
        .scripted_user()
        .stop_at_callback()
        .visit(&link)
        .await
        .unwrap()
        .url;
    let forged = come_back.replace(&parameter(&link, "state").unwrap(), "forged");
    let elsewhere = come_back.replace("127.0.0.1", "127.0.0.9");
    for line in ["hello", "", &forged, &elsewhere, &come_back] {
        std::io::Write::write_all(&mut terminal, format!("{line}\r\n").as_bytes()).unwrap();
    }
    running.await.unwrap().unwrap();
    assert_eq!(sandbox.counts().code_exchanges, 1);
}

#[tokio::test]
async fn point_17_a_fixed_port_is_the_one_that_is_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (login, mut visits) = clicking(sandbox.scripted_user());
    session(&sandbox).login(login.port(port)).await.unwrap();
    assert!(
        visits
            .recv()
            .await
            .unwrap()
            .url
            .starts_with(&format!("http://127.0.0.1:{port}/callback?"))
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (login, _) = clicking(sandbox.scripted_user());
    let error = session(&sandbox)
        .login(login.port(taken.local_addr().unwrap().port()))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::Listener { .. })),
        "{error}"
    );
}

/// Runs in a process of its own, started by the next test: what a program with `Login::browser()`
/// does.
#[tokio::test]
async fn point_17_child_logs_in_with_the_users_browser() {
    let Ok(base_url) = std::env::var("POINT_17_BASE_URL") else {
        return;
    };
    let session = attendium::Session::builder()
        .base_url(base_url)
        .application("Guest list")
        .build()
        .unwrap();
    session
        .login(attendium::Login::browser().timeout(Duration::from_secs(60)))
        .await
        .unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn point_17_the_link_is_on_stderr_and_the_users_browser_is_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (script, seen) = (
        directory.path().join("browser"),
        directory.path().join("seen"),
    );
    std::fs::write(
        &script,
        format!(
            "#!/bin/sh\nprintf '%s' \"$1\" > '{0}.new'\nmv '{0}.new' '{0}'\n",
            seen.display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "login::point_17_child_logs_in_with_the_users_browser",
            "--nocapture",
        ])
        .env("POINT_17_BASE_URL", sandbox.base_url())
        .env("BROWSER", &script)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let link = loop {
        match std::fs::read_to_string(&seen) {
            Ok(link) => break link,
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    sandbox.scripted_user().visit(&link).await.unwrap();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.lines().any(|line| line == link), "{stderr}");
}

#[tokio::test]
async fn point_18_a_web_application_begins_and_finishes_in_two_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = attendium::store::MemoryStore::new();
    let redirect_uri = "http://localhost:9/callback?from=login";
    let begun = {
        let session = builder(&sandbox)
            .store(store.clone())
            .profile("user-7")
            .build()
            .unwrap();
        let (url, pending) = session.begin_login(redirect_uri).await.unwrap();
        (url, serde_json::to_string(&pending).unwrap())
    };
    let come_back = sandbox
        .scripted_user()
        .stop_at_callback()
        .visit(begun.0.as_str())
        .await
        .unwrap()
        .url;
    assert!(come_back.starts_with(redirect_uri), "{come_back}");
    // Another request, perhaps in another process.
    let pending: PendingLogin = serde_json::from_str(&begun.1).unwrap();
    let session = builder(&sandbox).store(store.clone()).build().unwrap();
    let query = come_back.split_once('?').unwrap().1;
    let status = session.finish_login(pending, query).await.unwrap();
    assert_eq!(
        (status.profile.as_str(), status.logged_in),
        ("user-7", true)
    );
    session
        .for_profile("user-7")
        .unwrap()
        .run(&attendium::Me {})
        .await
        .unwrap();
    assert!(!session.status().await.unwrap().logged_in);
    assert_eq!(sandbox.counts().registrations, 1);
    // A pending login of another server is no use here.
    let other = Sandbox::start().await.unwrap();
    let pending: PendingLogin = serde_json::from_str(&begun.1).unwrap();
    let error = crate::support::session(&other)
        .finish_login(pending, query)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Login(LoginError::ForeignLogin)),
        "{error}"
    );
}

#[tokio::test]
async fn point_16_an_expired_code_ends_the_login_with_the_servers_words() {
    for place in [Place::Authorize, Place::Token] {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.faults().add(place, Fault::ExpiredCode);
        let error = log_in(&session(&sandbox), sandbox.scripted_user())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, Error::Refused(refusal) if refusal.code == "invalid_grant"),
            "{place}: {error}"
        );
        assert!(error.help().contains("log in again"), "{error}");
    }
}
