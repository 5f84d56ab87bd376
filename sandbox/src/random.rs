//! Random tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A token of 192 random bits behind a prefix that says what it is.
pub(crate) fn token(prefix: &str) -> String {
    let mut bytes = [0; 24];
    // Without randomness an authorization server must not go on; the request's task ends and its
    // connection closes.
    getrandom::fill(&mut bytes).expect("the operating system's random number generator");
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(bytes))
}
