//! A login as one writes it with the crate `oauth2`: PKCE, the browser, one answer on a socket of
//! this machine. Without registration, refresh or storage of tokens.

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, HttpRequest, HttpResponse, PkceCodeChallenge,
    RedirectUrl, TokenResponse, TokenUrl,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// An access token, after a login in the browser.
pub async fn access_token(http: &reqwest::Client) -> Result<String, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let redirect = format!("http://{}/callback", listener.local_addr()?);
    let client = BasicClient::new(ClientId::new("guest-list".to_owned()))
        .set_auth_uri(AuthUrl::new(
            "https://api.attendium.com/authorize".to_owned(),
        )?)
        .set_token_uri(TokenUrl::new("https://api.attendium.com/token".to_owned())?)
        .set_redirect_uri(RedirectUrl::new(redirect.clone())?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .set_pkce_challenge(challenge)
        .url();
    webbrowser::open(url.as_str())?;
    let code = code(&listener, &redirect, &state).await?;
    let send = |request| send(http, request);
    let token = client
        .exchange_code(AuthorizationCode::new(code))
        .set_pkce_verifier(verifier)
        .request_async(&send)
        .await?;
    Ok(token.access_token().secret().clone())
}

/// The code with which the browser comes back.
async fn code(listener: &TcpListener, redirect: &str, state: &CsrfToken) -> Result<String, Error> {
    let (mut socket, _) = listener.accept().await?;
    let mut request = [0; 4096];
    let length = socket.read(&mut request).await?;
    socket
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .await?;
    let request = String::from_utf8_lossy(&request[..length]);
    let target = request.split(' ').nth(1).ok_or("no request")?;
    let url = reqwest::Url::parse(redirect)?.join(target)?;
    let value = |key| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.into_owned())
    };
    if value("state").as_ref() != Some(state.secret()) {
        return Err("another login's answer".into());
    }
    value("code").ok_or_else(|| "no code".into())
}

async fn send(
    http: &reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
