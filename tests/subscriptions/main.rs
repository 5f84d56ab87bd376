//! Subscriptions against the sandbox: every way to carry them, every fault of a socket, tokens that
//! expire, readers that are slow.
#![allow(missing_docs)]

mod credentials;
mod faults;
mod protocols;
mod readers;
mod secrets;
mod storm;
mod support;
