//! Where credentials are kept between runs.
//!
//! A [`Store`] keeps one secret text for each [`StoreKey`], with a version, and a lock beside it.
//! Give one to [`SessionBuilder::store`](crate::SessionBuilder::store):
//!
//! | store | keeps credentials |
//! |---|---|
//! | [`MemoryStore::new`] | as long as the process lives |
//! | [`FileStore::in_state_directory`] | in files that only their owner can read |
#![cfg_attr(
    feature = "keyring",
    doc = "| [`KeyringStore::new`] | in the operating system's keyring |"
)]
#![cfg_attr(
    feature = "keyring",
    doc = "| [`PinnedStore::choose`] | in the keyring where there is one, else in files |"
)]
#![cfg_attr(
    feature = "postgres",
    doc = "| [`PostgresStore::connect`] | in PostgreSQL, for services on several machines |"
)]
#![cfg_attr(
    feature = "redis",
    doc = "| [`RedisStore::connect`] | in Redis, for services on several machines |"
)]
//!
//! The session does everything that writes under the lock: check, lock, check again, request,
//! write, unlock. The version fences writers that lost their lock without noticing. All stores pass
//! one suite of tests, `tests/session_points/conformance.rs`.

mod file;
mod interface;
mod key;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;
#[cfg(feature = "keyring")]
mod pinned;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod timed;

pub use file::FileStore;
pub use interface::{Locked, Store};
pub use key::{Slot, StoreKey, StoreLocation, Stored};
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use memory::MemoryStore;
#[cfg(feature = "keyring")]
pub use pinned::PinnedStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub(crate) use timed::TimedStore;
