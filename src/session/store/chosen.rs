//! A store that is chosen once and stays: the keyring where there is one, else files. A keyring that comes and goes must not make
//! credentials come and go with it, and above all not turn silently into plain files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, StoreError, StoreErrorKind};

use super::Store;
use super::file::FileStore;
use super::keyring::KeyringStore;

/// The store that was chosen, and why.
#[derive(Clone)]
#[non_exhaustive]
pub struct Chosen {
    /// The store.
    pub store: Arc<dyn Store>,
    /// `keyring` or `file`.
    pub kind: &'static str,
    /// The directory of the files or of the lock files.
    pub directory: PathBuf,
    /// What to tell the user, once: there is no keyring, and credentials are kept in files of that directory instead.
    pub fallback: Option<String>,
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chosen")
            .field("kind", &self.kind)
            .field("directory", &self.directory)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

/// Chooses on the first call, and says on all later ones what was chosen.
pub(crate) async fn choose(files: FileStore, keyring: KeyringStore) -> Result<Chosen, Error> {
    let directory = files.directory().to_owned();
    let pin = directory.join("store");
    let (kind, fallback) = match read(&pin)? {
        Some(kind) => (kind, None),
        None => {
            let (kind, fallback) = match keyring.probe().await {
                Ok(()) => ("keyring", None),
                Err(error) => {
                    let place = directory.display();
                    let cause = std::error::Error::source(&error)
                        .map_or_else(|| error.to_string(), ToString::to_string);
                    let message = format!(
                        "there is no keyring ({cause}): credentials are kept in files that only you can read, in {place}"
                    );
                    tracing::warn!(target: "attendium::session", "{message}");
                    ("file", Some(message))
                }
            };
            write(&files, &pin, kind)?;
            // Another process may have been faster; what it chose counts.
            (read(&pin)?.unwrap_or(kind), fallback)
        }
    };
    let store: Arc<dyn Store> = if kind == "keyring" {
        Arc::new(keyring)
    } else {
        Arc::new(files)
    };
    Ok(Chosen {
        store,
        kind,
        directory,
        fallback: fallback.filter(|_| kind == "file"),
    })
}

fn read(pin: &Path) -> Result<Option<&'static str>, StoreError> {
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
                .caused_by(error),
        ),
    }
}

/// Written whole, and only where there is none yet.
fn write(files: &FileStore, pin: &Path, kind: &str) -> Result<(), StoreError> {
    let failed = |error: io::Error| {
        StoreError::new(pin.display().to_string(), StoreErrorKind::Unavailable).caused_by(error)
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
