//! What is wrong with the place where credentials are kept.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Reading or writing the kept credentials failed.
///
/// ```
/// use attendium::{StoreError, StoreErrorKind};
///
/// let cause = std::io::Error::other("the disk is full");
/// let error = StoreError::new("/var/lib/app", StoreErrorKind::Unavailable).with_source(cause);
/// assert_eq!(error.help(), "make the place usable, or choose another store");
/// ```
#[derive(Debug, Clone)]
pub struct StoreError {
    location: String,
    kind: StoreErrorKind,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What went wrong in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The place can't be read or written.
    Unavailable,
    /// The place belongs to another user of the machine.
    ForeignOwner,
    /// What is there is not what this crate writes.
    Corrupt,
    /// Another process held the lock for too long.
    LockTimeout,
    /// The lock was lost before the work was done.
    LockLost,
}

impl StoreError {
    /// An error of a store.
    #[must_use]
    pub fn new(location: impl Into<String>, kind: StoreErrorKind) -> Self {
        Self {
            location: location.into(),
            kind,
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Where: a path, a keyring entry, a server.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    /// What to do about it, on one line.
    #[must_use]
    pub fn help(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.kind {
            StoreErrorKind::Unavailable => "make the place usable, or choose another store",
            StoreErrorKind::ForeignOwner => "choose another directory, or remove this one",
            StoreErrorKind::Corrupt => "remove it and log in again",
            StoreErrorKind::LockTimeout | StoreErrorKind::LockLost => {
                "try again; end a process that hangs"
            }
        })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.location;
        match self.kind {
            StoreErrorKind::Unavailable => {
                write!(f, "the credentials' store {place} can't be read or written")
            }
            StoreErrorKind::ForeignOwner => write!(f, "{place} belongs to another user"),
            StoreErrorKind::Corrupt => {
                write!(f, "{place} does not hold credentials of this application")
            }
            StoreErrorKind::LockTimeout => {
                write!(f, "another process kept the lock of {place} for too long")
            }
            StoreErrorKind::LockLost => {
                write!(f, "the lock of {place} was lost before the work was done")
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
