//! Several processes on one login that GNOME's keyring keeps; `interop/README.md` says what it
//! needs.
//!
//! The processes are this test binary again, started with the name of one of the `child_…` tests,
//! which do nothing by themselves.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

#[path = "../session_processes/child.rs"]
#[expect(dead_code, reason = "the other tests over processes use the rest")]
mod child;
#[path = "../session_points/conformance.rs"]
mod conformance;
mod keyring;
#[path = "../session_processes/storm.rs"]
mod storm;
