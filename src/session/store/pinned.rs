//! A store that is chosen once and stays: the keyring where there is one, else files.
//!
//! A keyring that comes and goes must not make credentials come and go with it, and above all not
//! turn silently into plain files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, StoreError, StoreErrorKind, describe};
use crate::http::BoxFuture;

use super::file::FileStore;
use super::interface::{Locked, Store};
use super::key::{StoreKey, StoreLocation, Stored};
use super::keyring::KeyringStore;

/// Keeps credentials in the keyring where there is one, else in files (feature `keyring`).
///
/// The choice is made once and kept, in the file `store` of the directory. Tell the user
/// [`PinnedStore::fallback`] where there is one.
///
/// ```no_run
/// # async fn example() -> Result<(), attendium::Error> {
/// use attendium::Session;
/// use attendium::store::PinnedStore;
///
/// let store = PinnedStore::choose().await?;
/// if let Some(fallback) = store.fallback() {
///     eprintln!("{fallback}");
/// }
/// let session = Session::builder().application("Guest list").store(store).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PinnedStore {
    store: Arc<dyn Store>,
    kind: &'static str,
    directory: PathBuf,
    fallback: Option<String>,
}

impl std::fmt::Debug for PinnedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PinnedStore")
            .field("kind", &self.kind)
            .field("directory", &self.directory)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

impl PinnedStore {
    /// Chooses between the system's keyring and files of this user's state directory.
    ///
    /// # Errors
    /// No state directory is known, or it can't be used.
    pub async fn choose() -> Result<Self, Error> {
        Self::choose_from(KeyringStore::new()?, FileStore::in_state_directory()?).await
    }

    /// Chooses between this keyring and these files.
    ///
    /// # Errors
    /// The directory of the files can't be used.
    pub async fn choose_from(keyring: KeyringStore, files: FileStore) -> Result<Self, Error> {
        let directory = files.directory().to_owned();
        let pin = directory.join("store");
        let (kind, fallback) = match read_pin(&pin)? {
            Some(kind) => (kind, None),
            None => {
                let (kind, fallback) = probe_keyring(&keyring, &directory).await;
                write_pin(&files, &pin, kind)?;
                // Another process may have been faster; its choice counts.
                (read_pin(&pin)?.unwrap_or(kind), fallback)
            }
        };
        let store: Arc<dyn Store> = if kind == "keyring" {
            Arc::new(keyring)
        } else {
            Arc::new(files)
        };
        Ok(Self {
            store,
            kind,
            directory,
            fallback: fallback.filter(|_| kind == "file"),
        })
    }

    /// `keyring` or `file`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The directory of the files, or of the keyring's lock files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What to tell the user, once: there is no keyring, and credentials are kept in files of the
    /// directory instead.
    #[must_use]
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref()
    }
}

impl Store for PinnedStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        self.store.load(key)
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        self.store.lock(key, hold)
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        self.store.location(key)
    }
}

/// The kind of store to use, and what to tell the user where that is not the keyring.
async fn probe_keyring(keyring: &KeyringStore, directory: &Path) -> (&'static str, Option<String>) {
    let Err(error) = keyring.probe().await else {
        return ("keyring", None);
    };
    let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), describe);
    let message = format!(
        "there is no keyring ({cause}): credentials are kept in files that only you can read, \
         in {}",
        directory.display()
    );
    tracing::warn!(target: "attendium::session", "{message}");
    ("file", Some(message))
}

fn read_pin(pin: &Path) -> Result<Option<&'static str>, StoreError> {
    match fs::read_to_string(pin) {
        Ok(text) if text.trim() == "keyring" => Ok(Some("keyring")),
        Ok(text) if text.trim() == "file" => Ok(Some("file")),
        Ok(_) => Err(StoreError::new(
            pin.display().to_string(),
            StoreErrorKind::Corrupt,
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(
            StoreError::new(pin.display().to_string(), StoreErrorKind::Unavailable)
                .with_source(error),
        ),
    }
}

/// Writes the choice whole, and only where there is none yet.
fn write_pin(files: &FileStore, pin: &Path, kind: &str) -> Result<(), StoreError> {
    let failed = |error: io::Error| {
        StoreError::new(pin.display().to_string(), StoreErrorKind::Unavailable).with_source(error)
    };
    files.make_directory()?;
    let beside = pin.with_extension(format!("{:08x}.tmp", getrandom::u32().unwrap_or_default()));
    fs::write(&beside, format!("{kind}\n")).map_err(failed)?;
    let linked = fs::hard_link(&beside, pin);
    let _ = fs::remove_file(&beside);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(()),
    }
}
