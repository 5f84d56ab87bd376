//! The program that the command is measured against: reqwest, one request, and nothing else that it
//! could do without.
//!
//! It's this bench's own, run again with the request in its environment. The token is not among the
//! arguments, which every user of the machine can read.

use std::sync::Arc;

pub const URL: &str = "BARE_URL";
pub const AUTHORIZATION: &str = "BARE_AUTHORIZATION";
pub const BODY: &str = "BARE_BODY";

/// What to send.
pub struct Request {
    url: String,
    authorization: String,
    body: String,
}

impl Request {
    /// What this process was started to send, if it was.
    pub fn asked() -> Option<Self> {
        Some(Self {
            url: std::env::var(URL).ok()?,
            authorization: std::env::var(AUTHORIZATION).ok()?,
            body: std::env::var(BODY).ok()?,
        })
    }

    /// Sends it, and prints the answer.
    pub fn send(self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let answer = runtime.block_on(async {
            let request = client()
                .post(self.url)
                .header(http::header::AUTHORIZATION, self.authorization)
                .header(http::header::CONTENT_TYPE, "application/json")
                .header(http::header::ACCEPT, "application/json")
                .body(self.body);
            let response = request.send().await.expect("an answer");
            assert!(response.status().is_success());
            response.text().await.expect("a body")
        });
        println!("{answer}");
    }
}

/// A client that trusts nobody, as plain HTTP needs. By itself reqwest would read the system's
/// certificates, which takes longer than all the rest; and as it is built here, without a provider
/// of cryptography, it would panic before.
fn client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .build()
        .expect("a client")
}
