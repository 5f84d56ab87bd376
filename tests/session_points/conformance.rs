//! The one suite that every store passes.

use std::sync::Arc;
use std::time::Duration;

use attendium::StoreErrorKind;
use attendium::store::{Slot, Store, StoreKey};
use secrecy::{ExposeSecret as _, SecretString};

fn key(profile: &str) -> StoreKey {
    StoreKey::new(
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
    assert!(!store.location(&key).location.is_empty());
}
