//! What a user of the sandbox logs in with.

use std::fmt;

/// What a user of the sandbox logs in with. They are made up and open nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The login, which looks like an email address.
    pub login: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}
