//! An OAuth error that a server answered with: [`Refusal`].

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::answer::Answered;
use super::step::Step;

/// An OAuth error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What was asked for.
    pub step: Step,
    /// The error code, such as `invalid_grant`.
    pub code: String,
    /// The server's description, shortened, without control characters and without what was sent
    /// to it as a secret.
    pub description: Option<String>,
    /// Who answered.
    pub answer: Option<Arc<Answered>>,
}

impl Refusal {
    /// Whether this is the code of a specification, however the server writes it.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.eq_ignore_ascii_case(code)
    }

    /// Whether the code says that the same request may be taken later.
    pub(crate) fn may_pass(&self) -> bool {
        ["temporarily_unavailable", "server_error", "slow_down"]
            .iter()
            .any(|code| self.is(code))
    }

    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        let code = self.code.to_ascii_lowercase();
        Cow::Borrowed(match (self.step, code.as_str()) {
            (_, "temporarily_unavailable" | "server_error" | "slow_down") => {
                "the server has a problem: try again later"
            }
            (Step::Registration, "invalid_redirect_uri") => {
                "the server does not take this address for the way back: use one that it takes, or \
                 register the application with the server's operator and give its client id \
                 (`SessionBuilder::client_id`)"
            }
            (Step::Registration, _) => {
                "the server does not register this application: ask its operator for a client id, \
                 and give it (`SessionBuilder::client_id`)"
            }
            (_, "invalid_scope") => "ask for scopes that the server knows (`Login::scopes`)",
            (Step::Exchange, "invalid_grant") => {
                "the login took too long, or its link was used twice: log in again"
            }
            (_, "invalid_client") => {
                "the server does not know the client id, or wants another proof of it: check the \
                 client id and its secret"
            }
            (_, "unauthorized_client" | "unsupported_grant_type") => {
                "the server's operator must allow this kind of login for the application"
            }
            _ => "the server's operator can say what it did not like",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused", self.step)?;
        if let Some(answer) = &self.answer {
            write!(f, " by {}", answer.server())?;
        }
        write!(f, " with `{}`", self.code)?;
        match &self.description {
            Some(text) => write!(f, ": {text}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}
