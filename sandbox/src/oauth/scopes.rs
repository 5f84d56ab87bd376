//! The scopes of the API.

/// The scope that queries need.
pub(crate) const READ: &str = "read";
/// The scope that mutations need.
pub(crate) const WRITE: &str = "write";
/// Every scope there is; what a client gets that asks for none.
pub(crate) const SCOPES: [&str; 2] = [READ, WRITE];
