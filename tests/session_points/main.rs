//! The session's acceptance list: each point of the design has a test that carries its number.
#![allow(missing_docs)]

mod discovery;
mod login;
mod requests;
mod secrets;
mod storage;
mod support;
mod tokens;
