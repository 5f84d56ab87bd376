//! Tokens that the server gave and the store did not take. The next renewal writes them first.
//!
//! They belong to the session and not to one of its handles: a web server makes a handle for each
//! request, and the next one must find them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::token::Tokens;

/// Tokens for this version of the record.
#[derive(Clone)]
pub(crate) struct Unsaved {
    pub(crate) over: u64,
    pub(crate) tokens: Tokens,
}

/// The unsaved tokens of all profiles, by the profile's name.
#[derive(Default)]
pub(crate) struct UnsavedTokens(Mutex<HashMap<String, Unsaved>>);

impl UnsavedTokens {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Unsaved>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn keep(&self, profile: &str, unsaved: Unsaved) {
        self.all().insert(profile.to_owned(), unsaved);
    }

    pub(crate) fn find(&self, profile: &str) -> Option<Unsaved> {
        self.all().get(profile).cloned()
    }

    pub(crate) fn take(&self, profile: &str) -> Option<Unsaved> {
        self.all().remove(profile)
    }
}
