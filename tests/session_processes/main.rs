//! Several processes on one login: the storm, processes that are killed, databases that fail.
//!
//! The processes are this test binary again, started with the name of one of the `child_…` tests,
//! which do nothing by themselves.
#![allow(missing_docs)]

mod child;
#[cfg(all(unix, any(feature = "postgres", feature = "redis")))]
#[path = "../session_points/conformance.rs"]
mod conformance;
mod kill;
#[cfg(all(unix, any(feature = "postgres", feature = "redis")))]
mod outages;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod product;
#[cfg(all(unix, feature = "redis"))]
mod redis;
mod storm;
#[cfg(target_os = "linux")]
mod unwritable;
