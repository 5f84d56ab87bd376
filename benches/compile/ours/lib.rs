//! The operations as this client's types, with `Debug`, `Clone` and `PartialEq`.
attendium::include_queries!();

#[cfg(feature = "used")]
include!("../inputs/uses.rs");
