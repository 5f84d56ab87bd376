//! Where credentials are kept (points 34 to 36): each store goes through [`conforms`], and what
//! only files or a keyring can get wrong is tested on those.
//!
//! Keyrings are made up here; GNOME's, PostgreSQL and Redis are in `tests/session_processes/`.

use std::sync::Arc;

use attendium::store::{FileStore, MemoryStore, Slot, Store, StoreKey};
use attendium::{Error, Me, StoreErrorKind};
use attendium_sandbox::Sandbox;

use crate::conformance::conforms;
use crate::support::{builder, log_in};

fn key(profile: &str) -> StoreKey {
    StoreKey::new(
        "Guest list",
        "https://api.example.com",
        Slot::Profile(profile.into()),
    )
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
        .store(FileStore::new(&directory))
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    let private: Vec<_> = [
        ("directory", 0o700),
        ("jsonl", 0o600),
        ("jsonl", 0o600),
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
    session.run(&Me {}).await.unwrap();
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
    let path = directory.path().join(format!("{}.jsonl", key.file_stem()));
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
        "{}\n{}",
        "\u{0}\n",
        r#"{"application":"Guest list","issuer":"https://api.example.com","profile":"one","version":1}"#,
        "{\"application\":\"other\",\"issuer\":\"x\",\"profile\":null,\"version\":1}\nsecret",
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
async fn point_35_a_broken_record_is_said_before_the_browser_opens() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let session = builder(&sandbox)
        .store(FileStore::new(directory.path()))
        .build()
        .unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
    let place = session.status().await.unwrap().store.location;
    for broken in [
        "half a rec".to_owned(),
        std::fs::read_to_string(&place)
            .unwrap()
            .replace("access", "excess"),
    ] {
        std::fs::write(&place, broken).unwrap();
        let before = sandbox.counts();
        let error = log_in(&session, sandbox.scripted_user()).await.unwrap_err();
        assert!(
            matches!(
                &error,
                Error::Store(error)
                    if error.kind() == StoreErrorKind::Corrupt && error.location().ends_with(&place)
            ),
            "{error}"
        );
        assert!(error.help().contains("remove it"), "{error}");
        assert_eq!(sandbox.counts(), before);
    }
    std::fs::remove_file(&place).unwrap();
    log_in(&session, sandbox.scripted_user()).await.unwrap();
}

#[tokio::test]
async fn point_36_profiles_are_apart_and_chosen_by_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::new(directory.path());
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
        session.run(&Me {}).await.unwrap().me.id,
        work.run(&Me {}).await.unwrap().me.id,
    );
    assert_ne!(mine, theirs);
    work.logout().await.unwrap();
    assert_eq!(session.run(&Me {}).await.unwrap().me.id, mine);
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

#[cfg(feature = "keyring")]
mod keyring {
    use attendium::store::{FileStore, KeyringStore, PinnedStore};

    use super::*;

    fn keyring(directory: &std::path::Path) -> KeyringStore {
        KeyringStore::with_keyring(keyring_core::mock::Store::new().unwrap(), directory)
    }

    #[tokio::test]
    async fn keyrings_conform() {
        let directory = tempfile::tempdir().unwrap();
        conforms(Arc::new(keyring(directory.path()))).await;
    }

    /// A keyring that is not there.
    #[derive(Debug)]
    struct Absent;

    impl keyring_core::api::CredentialStoreApi for Absent {
        fn vendor(&self) -> String {
            "none".into()
        }

        fn id(&self) -> String {
            "none".into()
        }

        fn build(
            &self,
            _: &str,
            _: &str,
            _: Option<&std::collections::HashMap<&str, &str>>,
        ) -> keyring_core::Result<keyring_core::Entry> {
            Err(keyring_core::Error::NoDefaultStore)
        }

        fn as_any(&self) -> &dyn std::any::Any {
            self
        }
    }

    #[tokio::test]
    async fn point_34_a_store_is_chosen_once_and_pinned_and_a_fallback_is_announced() {
        let directory = tempfile::tempdir().unwrap();
        let absent = || KeyringStore::with_keyring(Arc::new(Absent), directory.path());
        let first = PinnedStore::choose_from(absent(), FileStore::new(directory.path()))
            .await
            .unwrap();
        assert_eq!(first.kind(), "file");
        assert!(
            first
                .fallback()
                .unwrap()
                .contains(&directory.path().display().to_string())
        );
        // From now on files, also when a keyring turns up; and nothing more to announce.
        let second =
            PinnedStore::choose_from(keyring(directory.path()), FileStore::new(directory.path()))
                .await
                .unwrap();
        assert_eq!((second.kind(), second.fallback()), ("file", None));

        let directory = tempfile::tempdir().unwrap();
        let first =
            PinnedStore::choose_from(keyring(directory.path()), FileStore::new(directory.path()))
                .await
                .unwrap();
        assert_eq!((first.kind(), first.fallback()), ("keyring", None));
        // A keyring that is gone is an error, and never a plain file.
        let absent = KeyringStore::with_keyring(Arc::new(Absent), directory.path());
        let gone = PinnedStore::choose_from(absent, FileStore::new(directory.path()))
            .await
            .unwrap();
        assert_eq!(gone.kind(), "keyring");
        let error = gone.load(&key("one")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(
            std::fs::read_dir(directory.path())
                .unwrap()
                .all(|entry| entry.unwrap().file_name() == "store")
        );
    }
}
