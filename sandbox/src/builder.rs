//! The rules of a sandbox.

use std::time::Duration;

/// The rules of a sandbox that is about to start. Made by
/// [`Sandbox::builder`](crate::Sandbox::builder).
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    pub(crate) port: u16,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) code_lifetime: Duration,
    pub(crate) rotate: bool,
    pub(crate) refresh_grace: Duration,
    pub(crate) exact_redirect_ports: bool,
    pub(crate) iss_parameter: bool,
    pub(crate) revocation_endpoint: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            access_token_lifetime: Duration::from_secs(3600),
            code_lifetime: Duration::from_secs(60),
            rotate: true,
            refresh_grace: Duration::ZERO,
            exact_redirect_ports: false,
            iss_parameter: true,
            revocation_endpoint: true,
        }
    }
}

impl Builder {
    /// The port on 127.0.0.1; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long an access token is good for; an hour by default. `expires_in` says it in whole
    /// seconds.
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// How long a code is good for; a minute by default.
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.code_lifetime = lifetime;
        self
    }

    /// Whether each refresh gives a new refresh token and the use of an old one revokes the whole
    /// family (RFC 9700 §4.14.2). On by default.
    pub fn refresh_token_rotation(mut self, rotate: bool) -> Self {
        self.rotate = rotate;
        self
    }

    /// How long after its use a rotated refresh token is still accepted, as some servers do for
    /// lost answers. Zero by default.
    pub fn refresh_grace(mut self, grace: Duration) -> Self {
        self.refresh_grace = grace;
        self
    }

    /// Whether a loopback redirect URI must have the registered port too. Off by default, as RFC
    /// 8252 §7.3 demands; some servers do it all the same.
    pub fn exact_redirect_ports(mut self, exact: bool) -> Self {
        self.exact_redirect_ports = exact;
        self
    }

    /// Whether callbacks carry `iss` and the metadata says so (RFC 9207). On by default.
    pub fn iss_parameter(mut self, present: bool) -> Self {
        self.iss_parameter = present;
        self
    }

    /// Whether the metadata names a revocation endpoint (RFC 7009). On by default.
    pub fn revocation_endpoint(mut self, present: bool) -> Self {
        self.revocation_endpoint = present;
        self
    }
}
