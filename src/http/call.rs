//! What one call asks for beside what the session does for all: [`CallOptions`].

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Options of one call: headers, a deadline, whether it may be repeated.
///
/// ```no_run
/// # use attendium::{CallOptions, Me, Session};
/// # async fn example(session: Session) -> Result<(), attendium::Error> {
/// use std::time::Duration;
/// use http::{HeaderName, HeaderValue};
///
/// let options = CallOptions::new()
///     .header(HeaderName::from_static("x-tenant"), HeaderValue::from_static("north"))
///     .deadline(Duration::from_secs(3));
/// let me = session.run_with(&Me {}, &options).await?.me;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) headers: HeaderMap,
    pub(crate) deadline: Option<Duration>,
    pub(crate) idempotent: bool,
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("CallOptions")
            .field("headers", &names)
            .field("deadline", &self.deadline)
            .field("idempotent", &self.idempotent)
            .finish()
    }
}

impl CallOptions {
    /// No options: what [`Session::run`](crate::Session::run) does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends this header with the call's requests. `Authorization` stays the session's, and a value
    /// that is a secret should be marked as sensitive.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Limits the whole call: a refresh that it needs, every attempt, and the waits in between.
    ///
    /// A refresh that is under way runs on when the call has ended. Of a mutation that was cut off
    /// nobody knows whether it was carried out.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// Says that a mutation may be sent again after a failure, as a query is: because it sets a
    /// value, or because the server knows it again by a header or an argument.
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }
}
