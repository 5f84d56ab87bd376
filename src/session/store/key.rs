//! What a store keeps: [`Stored`] secrets, each under a [`StoreKey`], at a [`StoreLocation`].

use std::fmt;

use secrecy::SecretString;
use serde::Serialize;

/// Names one secret: tokens for each issuer and profile, a registration for each issuer and
/// application.
///
/// ```
/// use attendium::store::{Slot, StoreKey};
///
/// let key = StoreKey::new("Guest list", "https://api.example.com", Slot::Profile("door".into()));
/// assert!(key.file_stem().starts_with("api.example.com-profile-door-"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StoreKey {
    /// The application's name. Applications never see each other's credentials.
    pub application: String,
    /// The issuer, without a slash at the end.
    pub issuer: String,
    /// Which secret of them.
    pub slot: Slot,
}

/// Which secret of an application.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The client that the application was registered as.
    Registration,
    /// The tokens of this profile.
    Profile(String),
}

impl StoreKey {
    /// A key.
    #[must_use]
    pub fn new(application: impl Into<String>, issuer: impl Into<String>, slot: Slot) -> Self {
        Self {
            application: application.into(),
            issuer: issuer.into(),
            slot,
        }
    }

    /// A name for it that is a good file name everywhere, readable, and different for different
    /// keys.
    #[must_use]
    pub fn file_stem(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let (kind, name) = match &self.slot {
            Slot::Registration => ("client", ""),
            Slot::Profile(profile) => ("profile", profile.as_str()),
        };
        let mut hash = Sha256::new();
        for part in [&self.application, &self.issuer, kind, name] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let hash = hash
            .finalize()
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>();
        let host = self.issuer.split("://").nth(1).unwrap_or(&self.issuer);
        let readable: String = [host, kind, name]
            .join("-")
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(60)
            .collect();
        format!("{}-{hash}", readable.trim_matches(['-', '.']))
    }
}

/// A secret as a store has it.
#[derive(Clone)]
pub struct Stored {
    /// Changes with every write, and is never used again for the same key.
    pub version: u64,
    /// The text.
    pub secret: SecretString,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Where credentials are kept, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoreLocation {
    /// `memory`, `file`, `keyring`, `redis`, `postgres`, or another word for another store.
    pub store: String,
    /// The path, the keyring's entry, the server and key. Never a secret.
    pub location: String,
}

impl StoreLocation {
    /// A location.
    #[must_use]
    pub fn new(store: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            store: store.into(),
            location: location.into(),
        }
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.store, self.location)
    }
}
