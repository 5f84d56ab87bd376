//! Answers that come in parts: `@defer` and `@stream` in each format that servers send.
#![allow(missing_docs)]

mod faults;
mod model;
mod random;
mod shapes;
