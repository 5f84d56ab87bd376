//! Where this command has logged in: a list of servers and profiles in the state directory, for
//! `attendium status --all`. It holds no secret, and nothing but that command depends on it: a
//! keyring can't say what is in it.

use crate::terminal::print_note;
use attendium::Status;
use attendium::store::FileStore;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// One login: which server, profile and store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownLogin {
    pub issuer: String,
    pub profile: String,
    /// The store's name, as `--store` takes it.
    pub store: String,
}

impl KnownLogin {
    pub fn of(status: &Status) -> Self {
        Self {
            issuer: status.issuer.clone(),
            profile: status.profile.clone(),
            store: status.store.store.clone(),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Self {
            issuer: text("issuer")?,
            profile: text("profile")?,
            store: text("store")?,
        })
    }
}

/// All logins that are known, sorted. A list that can't be read is an empty one.
pub fn list() -> Vec<KnownLogin> {
    place().map_or_else(|_| Vec::new(), |place| read(&place))
}

/// Adds a login, or takes it from the list where nobody is logged in.
pub fn update(status: &Status) {
    let login = KnownLogin::of(status);
    if login.store == "memory" {
        return;
    }
    if let Err(error) = try_update(login, status.logged_in) {
        print_note(format_args!(
            "note: the list for `attendium status --all` could not be written: {error}"
        ));
    }
}

fn try_update(login: KnownLogin, logged_in: bool) -> io::Result<()> {
    let place = place()?;
    let directory = place.parent().unwrap_or(Path::new("."));
    make_private(directory)?;
    // Of two commands at once, one waits: none takes the other's line away.
    let lock = File::create(place.with_extension("lock"))?;
    lock.lock()?;
    let mut logins = read(&place);
    let before = logins.clone();
    logins.retain(|known| *known != login);
    if logged_in {
        logins.push(login);
        logins.sort();
    }
    if logins == before {
        return Ok(());
    }
    let lines: Vec<Value> = logins
        .iter()
        .map(|login| {
            json!({ "issuer": login.issuer, "profile": login.profile, "store": login.store })
        })
        .collect();
    let beside = place.with_extension("tmp");
    fs::write(&beside, Value::from(lines).to_string())?;
    fs::rename(&beside, &place)
}

fn read(place: &Path) -> Vec<KnownLogin> {
    let text = fs::read(place).unwrap_or_default();
    let lines: Vec<Value> = serde_json::from_slice(&text).unwrap_or_default();
    lines.iter().filter_map(KnownLogin::read).collect()
}

fn place() -> io::Result<PathBuf> {
    let store = FileStore::in_state_directory().map_err(io::Error::other)?;
    Ok(store.directory().join("logins.json"))
}

/// Makes the directory as the store of credentials does: for this user alone.
fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}
