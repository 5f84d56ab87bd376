use super::*;
use attendium_sandbox::ScriptedUser;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// What a browser with this cookie gets: the head and the page.
async fn open(url: &str, cookie: &str) -> String {
    send("GET", url, cookie).await
}

async fn send(method: &str, url: &str, cookie: &str) -> String {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name}: {answer}"))
}

/// The cookie that an answer sets.
fn set_cookie(answer: &str) -> String {
    let cookie = header(answer, "set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Path=/"));
    cookie.split(';').next().unwrap().to_owned()
}

/// Begins a login: the cookie, and the address that the browser comes back to.
async fn begin(address: &str, user: ScriptedUser) -> (String, String) {
    let answer = open(&format!("{address}/login"), "").await;
    let visit = user.stop_at_callback();
    let visit = visit.visit(header(&answer, "location")).await.unwrap();
    (set_cookie(&answer), visit.url)
}

/// Logs in: the cookie of the visitor.
async fn log_in(address: &str, user: ScriptedUser) -> String {
    let (login, come_back) = begin(address, user).await;
    let answer = open(&come_back, &login).await;
    assert_eq!(header(&answer, "location"), "/");
    set_cookie(&answer)
}

fn offers_login(answer: &str, status: u16) {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    assert!(answer.ends_with("<a href=/login>Log in</a>"), "{answer}");
}

#[tokio::test]
async fn a_visitor_logs_in_and_is_known() {
    let sandbox = Sandbox::start().await.unwrap();
    let (Application { address, .. }, _serving) = serve(&sandbox).await.unwrap();
    let home = format!("{address}/");
    offers_login(&open(&home, "").await, 200);
    let (login, come_back) = begin(&address, sandbox.scripted_user()).await;
    // Somebody else's browser can't finish the login, and a forged callback does not end it.
    offers_login(&open(&come_back, "login=somebody").await, 400);
    let forged = format!("{address}/callback?code=c&state=forged");
    offers_login(&open(&forged, &login).await, 400);
    let answer = open(&come_back, &login).await;
    assert_eq!(header(&answer, "location"), "/");
    let visitor = set_cookie(&answer);
    let page = open(&home, &visitor).await;
    assert!(page.ends_with("You are user user-emma"), "{page}");
    // The login is finished once, and the id that the browser had before it is nobody's.
    offers_login(&open(&come_back, &login).await, 400);
    let before = login.replace("login=", "visitor=");
    offers_login(&open(&home, &before).await, 200);
}

#[tokio::test]
async fn a_cookie_that_was_not_issued_is_nobodys() {
    let sandbox = Sandbox::start().await.unwrap();
    let (application, _serving) = serve(&sandbox).await.unwrap();
    let (address, session) = (&application.address, &application.session);
    // The application has a login of its own, in the profile `default`.
    let (url, pending) = session
        .begin_login(&format!("{address}/callback"))
        .await
        .unwrap();
    let user = sandbox.scripted_user().stop_at_callback();
    let come_back = user.visit(url.as_str()).await.unwrap().url;
    let (_, query) = come_back.split_once('?').unwrap();
    session.finish_login(pending, query).await.unwrap();
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, "user-emma");
    assert_eq!(session.status().await.unwrap().profile, "default");

    log_in(address, sandbox.scripted_user()).await;
    let profile = application.visitors().profiles.values().next().cloned();
    let profile = profile.unwrap();
    assert!(profile.starts_with("visitor-"), "{profile}");
    for id in ["default", "0123456789abcdef0123456789abcdef", "", &profile] {
        let page = open(&format!("{address}/"), &format!("visitor={id}")).await;
        offers_login(&page, 200);
    }
}

#[tokio::test]
async fn a_visitor_logs_out_and_can_log_in_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let (Application { address, .. }, _serving) = serve(&sandbox).await.unwrap();
    let home = format!("{address}/");
    let visitor = log_in(&address, sandbox.scripted_user()).await;
    let other = log_in(&address, sandbox.scripted_user()).await;
    let answer = send("POST", &format!("{address}/logout"), &visitor).await;
    assert_eq!(header(&answer, "location"), "/");
    assert_eq!(set_cookie(&answer), "visitor=");
    assert!(header(&answer, "set-cookie").ends_with("; Max-Age=0"));
    offers_login(&open(&home, &visitor).await, 200);
    assert!(open(&home, &other).await.contains("You are user"));
    // The server ends the other's login.
    sandbox.expire_access_tokens();
    sandbox.revoke_families();
    offers_login(&open(&home, &other).await, 200);
}

#[tokio::test]
async fn a_login_that_is_refused_is_offered_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let (Application { address, .. }, _serving) = serve(&sandbox).await.unwrap();
    let (login, come_back) = begin(&address, sandbox.scripted_user().deny()).await;
    offers_login(&open(&come_back, &login).await, 400);
    let (login, come_back) = begin(&address, sandbox.scripted_user()).await;
    offers_login(&open(&format!("{come_back}x&code=1"), &login).await, 400);
}

#[tokio::test]
async fn logins_that_are_begun_and_left_make_room() {
    let sandbox = Sandbox::start().await.unwrap();
    let (application, _serving) = serve(&sandbox).await.unwrap();
    let login = format!("{}/login", application.address);
    let cookie = set_cookie(&open(&login, "").await);
    open(&login, &cookie).await;
    assert_eq!(application.visitors().pending.len(), 1);
    for _ in 0..MOST_PENDING {
        open(&login, "").await;
    }
    assert_eq!(application.visitors().pending.len(), MOST_PENDING);
}
