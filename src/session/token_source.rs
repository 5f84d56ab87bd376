//! Access tokens that the application gets by itself: [`TokenSource`].

use std::sync::Arc;

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::Error;
use crate::http::BoxFuture;

use super::secret;

/// What went wrong in a source of tokens.
pub type TokenSourceError = Box<dyn std::error::Error + Send + Sync>;

/// Gives access tokens from elsewhere: a secrets manager, a workload identity, a file that another
/// program renews.
///
/// It is asked for each request, so it keeps a token as long as that is good.
///
/// ```
/// use attendium::transport::BoxFuture;
/// use attendium::{TokenSource, TokenSourceError};
/// use secrecy::SecretString;
///
/// struct Mounted(&'static str);
///
/// impl TokenSource for Mounted {
///     fn token(&self, _refused: bool) -> BoxFuture<'_, Result<SecretString, TokenSourceError>> {
///         Box::pin(async {
///             let text = std::fs::read_to_string(self.0)?;
///             Ok(SecretString::from(text.trim()))
///         })
///     }
/// }
///
/// # fn main() -> Result<(), attendium::Error> {
/// let session = attendium::Session::builder()
///     .base_url("https://api.example.com")
///     .token_source(Mounted("/var/run/secrets/token"))
///     .build()?;
/// # Ok(()) }
/// ```
pub trait TokenSource: Send + Sync + 'static {
    /// A token for a request. `refused` is whether the API has just refused the one before: then
    /// another one is wanted, if there is one.
    ///
    /// # Errors
    /// There is no token, and the request is not sent.
    fn token(&self, refused: bool) -> BoxFuture<'_, Result<SecretString, TokenSourceError>>;
}

/// The header for a request, from the source.
pub(crate) async fn header_from(
    source: &dyn TokenSource,
    refused: bool,
) -> Result<HeaderValue, Error> {
    let token = source
        .token(refused)
        .await
        .map_err(|error| Error::TokenSource {
            source: Arc::from(error),
        })?;
    Ok(secret::authorization_header(
        "Bearer",
        token.expose_secret(),
    )?)
}
