//! What `attendium doctor` found of one thing. Enter at [`Check`].

use crate::failure::Failure;

/// How something looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Good,
    /// It works, and is worth a look.
    Warning,
    /// Something will fail for it.
    Bad,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "error",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
pub struct Check {
    pub name: &'static str,
    pub state: State,
    pub found: String,
    pub fix: Option<String>,
}

impl Check {
    pub fn good(name: &'static str, found: impl Into<String>) -> Self {
        let found = found.into();
        Self {
            name,
            state: State::Good,
            found,
            fix: None,
        }
    }

    pub fn warning(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        let fix = Some(fix.into());
        Self {
            state: State::Warning,
            fix,
            ..Self::good(name, found)
        }
    }

    pub fn bad(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            state: State::Bad,
            ..Self::warning(name, found, fix)
        }
    }

    /// What a command that needs it would fail with.
    pub fn failed(name: &'static str, failure: &Failure) -> Self {
        Self::bad(name, failure.message(), failure.help())
    }
}
