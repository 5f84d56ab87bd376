//! Which server an error comes from, and what stood before its response's body: [`Answered`].

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, StatusCode, header};

use crate::response::ResponseHead;

/// Which server answered, and the head of its response.
///
/// For logs, and for the question to the server's operator that names the request. `Debug` shows no
/// header but the request's id.
#[derive(Clone, PartialEq, Eq)]
pub struct Answered {
    server: Arc<str>,
    status: StatusCode,
    headers: HeaderMap,
}

/// Headers that name a request for the operator, the most usual first.
const REQUEST_IDS: [&str; 7] = [
    "x-request-id",
    "request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-github-request-id",
    "x-trace-id",
    "cf-ray",
];

impl Answered {
    pub(crate) fn new(server: Arc<str>, status: StatusCode, mut headers: HeaderMap) -> Self {
        if let Some(cookies) = headers.get_mut(header::SET_COOKIE) {
            cookies.set_sensitive(true);
        }
        Self {
            server,
            status,
            headers,
        }
    }

    /// The server's origin, such as `https://api.example.com`.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The response's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The response's headers, as they came.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The server's name for the request, where it sends one of the usual headers
    /// (`x-request-id`, …): what its operator asks for.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        REQUEST_IDS
            .iter()
            .find_map(|name| {
                let value = self.headers.get(*name)?;
                value.to_str().ok().filter(|_| !value.is_sensitive())
            })
            .filter(|id| !id.is_empty() && id.len() <= 200)
    }
}

impl From<ResponseHead> for Answered {
    fn from(head: ResponseHead) -> Self {
        Self::new(head.server, head.status, head.headers)
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
            .field("server", &self.server)
            .field("status", &self.status.as_u16())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}
