//! What a user is told who logs in on another device: [`DeviceCode`].

use std::time::Duration;

use url::Url;

/// What to tell the user: where to go, and what to type there.
///
/// ```
/// # fn draw(link: &str) {}
/// use attendium::Login;
///
/// let login = Login::show_device_with(|code| match &code.complete_url {
///     Some(url) => draw(url.as_str()), // As a picture for the telephone's camera.
///     None => println!("Open {} and type {}", code.url, code.user_code),
/// });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceCode {
    /// The page to open, on any device.
    pub url: Url,
    /// The code to type there.
    pub user_code: String,
    /// The page with the code in it, for a link or a picture, where the server gives one.
    pub complete_url: Option<Url>,
    /// How long the code can be used.
    pub expires_in: Option<Duration>,
}
