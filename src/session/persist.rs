//! Writes tokens that can't be got again: the refresh token or the code that they came for is
//! spent.
//!
//! A database that restarts is back within seconds, and the lock outlives that. So the write is
//! tried again under the same lock, as long as a request would be: whoever gets the lock before the
//! tokens are written sends the spent refresh token, and the server ends the login.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::error::{StoreError, StoreErrorKind};

use super::clock::deadline_after;
use super::config::SessionConfig;
use super::store::Locked;

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Writes the record over this version, and gives the new one.
pub(crate) async fn persist(
    config: &SessionConfig,
    locked: &mut dyn Locked,
    over: Option<u64>,
    record: SecretString,
) -> Result<u64, StoreError> {
    let deadline = deadline_after(config.sender.retries.max_elapsed);
    let mut result = locked.replace(over, Some(record.clone())).await;
    while matches!(&result, Err(error) if error.kind() == StoreErrorKind::Unavailable)
        && Instant::now() < deadline
    {
        tokio::time::sleep(PAUSE).await;
        result = locked.replace(over, Some(record.clone())).await;
        // The attempt before may have been carried out, and its answer lost.
        if matches!(&result, Err(error) if error.kind() == StoreErrorKind::LockLost)
            && let Ok(Some(stored)) = locked.load().await
            && stored.secret.expose_secret() == record.expose_secret()
        {
            return Ok(stored.version);
        }
    }
    result
}
