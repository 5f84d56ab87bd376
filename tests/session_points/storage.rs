use std::sync::Arc;
use std::time::Duration;

use attendium::store::{FileStore, Key, MemoryStore, Slot, Store};
use attendium::{Me, StoreErrorKind};
use attendium_sandbox::Sandbox;
use secrecy::{ExposeSecret as _, SecretString};

use crate::support::{builder, log_in};

fn key(profile: &str) -> Key {
    Key::new(
        "Guest list",
        "https://api.example.com",
        Slot::Profile(profile.into()),
    )
}

/// What every store must do, whatever it keeps its secrets in.
pub async fn conforms(store: Arc<dyn Store>) {
    let hold = Duration::from_secs(30);
    let (key, other) = (key("one"), key("two"));
    let secret = |text: &str| Some(SecretString::from(text));
    assert!(store.load(&key).await.unwrap().is_none());
    let mut locked = store.lock(&key, hold).await.unwrap();
    let first = locked.replace(None, secret("first")).await.unwrap();
    // The lock is one per key, and another key's is free.
    let mut beside = store.lock(&other, hold).await.unwrap();
    beside.replace(None, secret("beside")).await.unwrap();
    beside.release().await;
    let waiting = {
        let (store, key) = (store.clone(), key.clone());
        tokio::spawn(async move {
            let mut locked = store.lock(&key, hold).await.unwrap();
            let seen = locked.load().await.unwrap().unwrap();
            locked.release().await;
            seen.secret.expose_secret().to_owned()
        })
    };
    let stored = locked.load().await.unwrap().unwrap();
    assert_eq!(
        (stored.version, stored.secret.expose_secret()),
        (first, "first")
    );
    // A writer who knows another version is refused, and changes nothing.
    for wrong in [None, Some(first.wrapping_add(1))] {
        let error = locked.replace(wrong, None).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::LockLost);
    }
    let text = "second, with \"quotes\", \\ and ünïcode\n".repeat(200);
    let second = locked.replace(Some(first), secret(&text)).await.unwrap();
    assert_ne!(first, second);
    assert!(!waiting.is_finished(), "the lock holds others off");
    locked.release().await;
    assert_eq!(waiting.await.unwrap(), text);
    // Erasing, and a version that never comes again.
    let mut locked = store.lock(&key, hold).await.unwrap();
    locked.replace(Some(second), None).await.unwrap();
    assert!(locked.load().await.unwrap().is_none());
    let third = locked.replace(None, secret("third")).await.unwrap();
    assert!(third != first && third != second);
    drop(locked);
    // A dropped lock is free again, and the other key was not touched.
    let mut locked = store.lock(&key, hold).await.unwrap();
    locked.replace(Some(third), None).await.unwrap();
    locked.release().await;
    assert_eq!(
        store
            .load(&other)
            .await
            .unwrap()
            .unwrap()
            .secret
            .expose_secret(),
        "beside"
    );
    let mut locked = store.lock(&other, hold).await.unwrap();
    let version = locked.load().await.unwrap().map(|stored| stored.version);
    locked.replace(version, None).await.unwrap();
    locked.release().await;
    assert!(!store.place(&key).location.is_empty());
}

#[tokio::test]
async fn memory_conforms() {
    conforms(Arc::new(MemoryStore::default())).await;
}

#[tokio::test]
async fn files_conform() {
    let directory = tempfile::tempdir().unwrap();
    conforms(Arc::new(FileStore::new(
        directory.path().join("made/on/demand"),
    )))
    .await;
}

#[cfg(unix)]
fn modes(directory: &std::path::Path) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let mut modes = vec![("directory".to_owned(), mode(directory))];
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        modes.push((
            path.extension().unwrap().to_string_lossy().into_owned(),
            mode(&path),
        ));
    }
    modes.sort();
    modes
}

#[cfg(unix)]
#[tokio::test]
async fn point_35_files_are_private_whole_and_repaired() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::start().await.unwrap();
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("attendium");
    let session = builder(&sandbox)
        .store(attendium::Stores::file_in(&directory))
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    let private: Vec<_> = [
        ("directory", 0o700),
        ("json", 0o600),
        ("json", 0o600),
        ("lock", 0o600),
        ("lock", 0o600),
    ]
    .map(|(name, mode)| (name.to_owned(), mode))
    .into();
    assert_eq!(modes(&directory), private);
    // Somebody opened them up, and a writer was killed in the middle.
    for entry in std::fs::read_dir(&directory).unwrap() {
        std::fs::set_permissions(
            entry.unwrap().path(),
            std::fs::Permissions::from_mode(0o666),
        )
        .unwrap();
    }
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    let place = session.status().await.unwrap().store;
    assert_eq!(place.store, "file");
    let stem = std::path::Path::new(&place.location)
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    std::fs::write(directory.join(format!(".{stem}.0123.tmp")), "half a tok").unwrap();
    sandbox.expire_access_tokens();
    session.run(Me {}).await.unwrap();
    assert_eq!(sandbox.counts().refreshes, 1);
    let repaired = modes(&directory);
    // The registration was not touched since; all that was used is private again.
    assert_eq!(
        repaired.iter().filter(|(_, mode)| *mode == 0o666).count(),
        2,
        "{repaired:?}"
    );
    assert_eq!(repaired[0], ("directory".to_owned(), 0o700));
    assert_eq!(
        repaired.len(),
        private.len(),
        "the half-written file is gone"
    );
    session.logout().await.unwrap();
    assert!(!std::path::Path::new(&place.location).exists());
    assert!(
        std::path::Path::new(&place.location)
            .with_extension("lock")
            .exists(),
        "a lock file is never deleted"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn point_35_links_other_contents_and_foreign_owners_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::new(directory.path());
    let key = key("one");
    let path = directory.path().join(format!("{}.json", key.file_stem()));
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), &path).unwrap();
    assert_eq!(
        store.load(&key).await.unwrap_err().kind(),
        StoreErrorKind::Unavailable
    );
    std::fs::remove_file(&path).unwrap();
    for text in [
        "",
        "{",
        "{}",
        "null",
        r#"{"application":"other","issuer":"x","profile":null,"version":1,"secret":"s"}"#,
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(
            store.load(&key).await.unwrap_err().kind(),
            StoreErrorKind::Corrupt,
            "{text}"
        );
    }
    // Only root can give a file away; where the tests are root, it is tried.
    if std::os::unix::fs::chown(&path, Some(12345), None).is_ok() {
        assert_eq!(
            store.load(&key).await.unwrap_err().kind(),
            StoreErrorKind::ForeignOwner
        );
    }
}

#[tokio::test]
async fn point_36_profiles_are_apart_and_chosen_by_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = attendium::Stores::file_in(directory.path());
    let session = builder(&sandbox).store(store.clone()).build().unwrap();
    let users = sandbox.users();
    let work = session.for_profile("work/../ünd \"more\"").unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    log_in(
        &work,
        sandbox.scripted_user().with_credentials(users[1].clone()),
    )
    .await
    .unwrap();
    let (mine, theirs) = (
        session.run(Me {}).await.unwrap().me.id,
        work.run(Me {}).await.unwrap().me.id,
    );
    assert_ne!(mine, theirs);
    work.logout().await.unwrap();
    assert_eq!(session.run(Me {}).await.unwrap().me.id, mine);
    // The same profile of another application or another server is another record.
    let door = builder(&sandbox)
        .application("Door")
        .store(store.clone())
        .build()
        .unwrap();
    assert!(!door.status().await.unwrap().logged_in);
    let other = Sandbox::start().await.unwrap();
    assert!(
        !builder(&other)
            .store(store)
            .build()
            .unwrap()
            .status()
            .await
            .unwrap()
            .logged_in
    );
    for bad in ["", " ", "a\nb"] {
        assert!(session.for_profile(bad).is_err());
    }
}
