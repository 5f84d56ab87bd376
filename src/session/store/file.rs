//! Credentials in files that only their owner can read.
//!
//! One file per key, replaced as a whole: written beside, fsynced, renamed, the directory fsynced.
//! A second file beside it carries the advisory lock and is never deleted, because a lock on a
//! deleted file locks nothing.
//!
//! A file's first line is JSON and says whose the secret is; the secret is the rest, as it is. As a
//! string within the JSON it would go through buffers of the parser that nobody zeroes.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{ConfigurationError, Error, StoreError, StoreErrorKind};
use crate::http::BoxFuture;
use crate::http::jitter;
use crate::session::clock::deadline_after;

use super::interface::{Locked, Store};
use super::key::{Slot, StoreKey, StoreLocation, Stored};

/// Keeps credentials in a directory of this user (mode 0700, files 0600).
#[derive(Debug, Clone)]
pub struct FileStore {
    directory: PathBuf,
}

/// A file's first line.
#[derive(Serialize, Deserialize)]
struct RecordHead {
    application: String,
    issuer: String,
    profile: Option<String>,
    version: u64,
}

impl FileStore {
    /// Keeps credentials in this directory. It is made, with its parents, on the first write.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Keeps credentials in this user's state directory.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), attendium::Error> {
    /// let session = attendium::Session::builder()
    ///     .base_url("https://api.example.com")
    ///     .application("Guest list")
    ///     .store(attendium::store::FileStore::in_state_directory()?)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// No such directory is known: neither the system's variable nor a home directory.
    pub fn in_state_directory() -> Result<Self, Error> {
        let from = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let home = || std::env::home_dir().filter(|path| path.is_absolute());
        let base = if cfg!(windows) {
            from("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Application Support"))
        } else {
            from("XDG_STATE_HOME").or_else(|| home().map(|home| home.join(".local/state")))
        };
        let base = base.ok_or(ConfigurationError::NoStateDirectory)?;
        Ok(Self::new(base.join("attendium")))
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Makes the directory, private.
    #[cfg(feature = "keyring")]
    pub(super) fn make_directory(&self) -> Result<(), StoreError> {
        self.files(&StoreKey::new("", "", Slot::Registration))
            .make_directory()
    }

    fn files(&self, key: &StoreKey) -> RecordFiles {
        let stem = key.file_stem();
        RecordFiles {
            directory: self.directory.clone(),
            data: self.directory.join(format!("{stem}.jsonl")),
            lock: self.directory.join(format!("{stem}.lock")),
            stem,
        }
    }
}

impl Store for FileStore {
    fn load<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Stored>, StoreError>> {
        let (files, key) = (self.files(key), key.clone());
        Box::pin(run_blocking(move || files.load(&key)))
    }

    fn lock<'a>(
        &'a self,
        key: &'a StoreKey,
        hold: Duration,
    ) -> BoxFuture<'a, Result<Box<dyn Locked>, StoreError>> {
        let (files, key) = (self.files(key), key.clone());
        Box::pin(async move {
            let opened = files.clone();
            let lock = run_blocking(move || opened.open_lock()).await?;
            // Another process may hold it for its whole refresh, and a few may stand in front of
            // us.
            let deadline = deadline_after(hold.saturating_mul(2));
            // Asked again and again rather than waited for: a thread in a blocking lock could not
            // be cancelled.
            loop {
                match lock.try_lock() {
                    Ok(()) => {
                        let (reserved, lock) = (Arc::default(), Arc::new(lock));
                        let held = FileLock {
                            files,
                            key,
                            reserved,
                            lock,
                        };
                        return Ok(Box::new(held) as Box<dyn Locked>);
                    }
                    Err(TryLockError::WouldBlock) if tokio::time::Instant::now() < deadline => {
                        tokio::time::sleep(Duration::from_micros(
                            2_000 + (jitter() * 8_000.0) as u64,
                        ))
                        .await;
                    }
                    Err(TryLockError::WouldBlock) => {
                        return Err(files.error(&files.lock, StoreErrorKind::LockTimeout));
                    }
                    Err(TryLockError::Error(error)) => {
                        return Err(files.unavailable(&files.lock, error));
                    }
                }
            }
        })
    }

    fn location(&self, key: &StoreKey) -> StoreLocation {
        StoreLocation::new("file", self.files(key).data.display().to_string())
    }
}

struct FileLock {
    files: RecordFiles,
    key: StoreKey,
    /// The room that was made for the next record.
    reserved: Arc<Mutex<Option<Reserved>>>,
    /// Closing it gives the lock back. Work that is under way holds it too: a write that somebody
    /// has given up waiting for must not end after the lock.
    lock: Arc<File>,
}

/// A file that holds the room for a record until it is written. Dropping it removes the file.
struct Reserved {
    file: File,
    path: PathBuf,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // Gone already where it has become the record.
        let _ = fs::remove_file(&self.path);
    }
}

fn take_reserved(reserved: &Mutex<Option<Reserved>>) -> MutexGuard<'_, Option<Reserved>> {
    reserved.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Locked for FileLock {
    fn load(&mut self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        let (files, key) = (self.files.clone(), self.key.clone());
        Box::pin(run_blocking(move || files.load(&key)))
    }

    fn replace(
        &mut self,
        expected: Option<u64>,
        secret: Option<SecretString>,
    ) -> BoxFuture<'_, Result<u64, StoreError>> {
        let (files, key) = (self.files.clone(), self.key.clone());
        let (reserved, lock) = (Arc::clone(&self.reserved), Arc::clone(&self.lock));
        Box::pin(run_blocking(move || {
            let _held = lock;
            let room = take_reserved(&reserved).take();
            files.replace(&key, expected, secret, room)
        }))
    }

    fn reserve(&mut self, bytes: usize) -> BoxFuture<'_, Result<(), StoreError>> {
        let files = self.files.clone();
        let reserved = Arc::clone(&self.reserved);
        Box::pin(run_blocking(move || {
            let mut place = take_reserved(&reserved);
            *place = None;
            *place = Some(files.reserve(bytes)?);
            Ok(())
        }))
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let reserved = take_reserved(&self.reserved).take();
            drop(reserved);
            // Closing the file does it too; this is for systems where that comes late.
            if let Ok(lock) = Arc::try_unwrap(self.lock) {
                let _ = lock.unlock();
            }
        })
    }
}

#[derive(Clone)]
struct RecordFiles {
    directory: PathBuf,
    data: PathBuf,
    lock: PathBuf,
    stem: String,
}

impl RecordFiles {
    fn error(&self, path: &Path, kind: StoreErrorKind) -> StoreError {
        StoreError::new(path.display().to_string(), kind)
    }

    fn unavailable(&self, path: &Path, error: io::Error) -> StoreError {
        self.error(path, StoreErrorKind::Unavailable)
            .with_source(error)
    }

    fn open_lock(&self) -> Result<File, StoreError> {
        self.make_directory()?;
        // Asked before the lock is given out: who finds out after a refresh has nowhere to put the
        // new token.
        #[cfg(unix)]
        {
            use rustix::fs::{Access, AtFlags, CWD, accessat};
            let write = Access::WRITE_OK | Access::EXEC_OK;
            accessat(CWD, &self.directory, write, AtFlags::EACCESS)
                .map_err(|error| self.unavailable(&self.directory, error.into()))?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = make_private(&mut options)
            .open(&self.lock)
            .map_err(|error| self.unavailable(&self.lock, error))?;
        self.keep_private(&file, &self.lock, 0o600)?;
        Ok(file)
    }

    fn make_directory(&self) -> Result<(), StoreError> {
        let failed = |error| self.unavailable(&self.directory, error);
        if !self.directory.is_dir() {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&self.directory).map_err(failed)?;
        }
        self.check_directory()
    }

    fn check_directory(&self) -> Result<(), StoreError> {
        #[cfg(unix)]
        {
            let directory = File::open(&self.directory)
                .map_err(|error| self.unavailable(&self.directory, error))?;
            self.keep_private(&directory, &self.directory, 0o700)?;
        }
        Ok(())
    }

    /// Repairs a mode that lets others in, and refuses what belongs to another user.
    #[cfg(unix)]
    fn keep_private(&self, file: &File, path: &Path, mode: u32) -> Result<(), StoreError> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let metadata = file
            .metadata()
            .map_err(|error| self.unavailable(path, error))?;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(self.error(path, StoreErrorKind::ForeignOwner));
        }
        if metadata.mode() & 0o7777 & !mode != 0 {
            tracing::warn!(
                target: "attendium::session",
                path = %path.display(),
                "others could read this: its mode is repaired"
            );
            file.set_permissions(fs::Permissions::from_mode(mode))
                .map_err(|error| self.unavailable(path, error))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    #[allow(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "the same shape as on Unix; elsewhere the user's profile directory is private"
    )]
    fn keep_private(&self, _file: &File, _path: &Path, _mode: u32) -> Result<(), StoreError> {
        Ok(())
    }

    fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true);
        let mut file = match no_follow(&mut options).open(&self.data) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unavailable(&self.data, error)),
        };
        self.check_directory()?;
        self.keep_private(&file, &self.data, 0o600)?;
        let mut text = Zeroizing::new(Vec::with_capacity(16 << 10));
        file.read_to_end(&mut text)
            .map_err(|error| self.unavailable(&self.data, error))?;
        let corrupt = || self.error(&self.data, StoreErrorKind::Corrupt);
        let text = std::str::from_utf8(&text).map_err(|_| corrupt())?;
        let (head, secret) = text.split_once('\n').ok_or_else(corrupt)?;
        let head: RecordHead = serde_json::from_str(head).map_err(|_| corrupt())?;
        if head.application != key.application
            || head.issuer != key.issuer
            || head.profile.as_deref() != profile_of(key)
        {
            return Err(corrupt());
        }
        Ok(Some(Stored {
            version: head.version,
            secret: SecretString::from(secret),
        }))
    }

    fn replace(
        &self,
        key: &StoreKey,
        expected: Option<u64>,
        secret: Option<SecretString>,
        room: Option<Reserved>,
    ) -> Result<u64, StoreError> {
        let current = self.load(key)?.map(|stored| stored.version);
        if current != expected {
            return Err(self.error(&self.data, StoreErrorKind::LockLost));
        }
        self.remove_leftovers(room.as_ref().map(|room| room.path.as_path()));
        // Random rather than counted: it goes on through erasures without a trace of them.
        let version =
            getrandom::u64().map_err(|error| self.unavailable(&self.data, error.into()))?;
        match secret {
            None => match fs::remove_file(&self.data) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(self.unavailable(&self.data, error));
                }
                _ => self.sync_directory()?,
            },
            Some(secret) => {
                let head = RecordHead {
                    application: key.application.clone(),
                    issuer: key.issuer.clone(),
                    profile: profile_of(key).map(Into::into),
                    version,
                };
                self.write(&head, &secret, room)?;
            }
        }
        Ok(version)
    }

    fn write(
        &self,
        head: &RecordHead,
        secret: &SecretString,
        room: Option<Reserved>,
    ) -> Result<(), StoreError> {
        self.make_directory()?;
        let mut line = serde_json::to_string(head)
            .map_err(|error| self.unavailable(&self.data, error.into()))?;
        line.push('\n');
        let mut beside = match room {
            Some(room) => room,
            None => self.create_beside(head.version)?,
        };
        let (path, file) = (&beside.path, &mut beside.file);
        file.rewind()
            .and_then(|()| file.write_all(line.as_bytes()))
            .and_then(|()| file.write_all(secret.expose_secret().as_bytes()))
            .and_then(|()| file.set_len((line.len() + secret.expose_secret().len()) as u64))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(path, &self.data))
            .map_err(|error| self.unavailable(&self.data, error))?;
        self.sync_directory()
    }

    /// Creates the file that becomes the record when it is written.
    fn create_beside(&self, number: u64) -> Result<Reserved, StoreError> {
        let path = self
            .directory
            .join(format!(".{}.{number:016x}.tmp", self.stem));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let file = make_private(&mut options)
            .open(&path)
            .map_err(|error| self.unavailable(&path, error))?;
        Ok(Reserved { file, path })
    }

    /// Takes room for a record of so many bytes, on the disk and not only in the cache.
    fn reserve(&self, bytes: usize) -> Result<Reserved, StoreError> {
        self.make_directory()?;
        self.remove_leftovers(None);
        let number =
            getrandom::u64().map_err(|error| self.unavailable(&self.data, error.into()))?;
        let mut reserved = self.create_beside(number)?;
        let written = reserved
            .file
            .write_all(&vec![b' '; bytes])
            .and_then(|()| reserved.file.sync_all());
        match written {
            Ok(()) => Ok(reserved),
            Err(error) => Err(self.unavailable(&self.data, error)),
        }
    }

    fn sync_directory(&self) -> Result<(), StoreError> {
        #[cfg(unix)]
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| self.unavailable(&self.directory, error))?;
        Ok(())
    }

    /// Removes what a writer left that was killed between its write and its rename. Under the lock
    /// no other is at work.
    fn remove_leftovers(&self, but: Option<&Path>) {
        let prefix = format!(".{}.", self.stem);
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name
                .to_str()
                .is_some_and(|name| name.starts_with(&prefix) && name.ends_with(".tmp"))
                && Some(entry.path().as_path()) != but
            {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn profile_of(key: &StoreKey) -> Option<&str> {
    match &key.slot {
        Slot::Registration => None,
        Slot::Profile(profile) => Some(profile),
    }
}

fn make_private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    no_follow(options)
}

/// Refuses links: a link in the place of a file of ours would be another user's trick.
fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        options,
        rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
    );
    options
}

pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::new(
            "the files of the credentials",
            StoreErrorKind::Unavailable,
        )),
    }
}
