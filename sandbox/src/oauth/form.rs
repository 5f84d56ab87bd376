//! Parameters of a query or a form body: each at most once (RFC 6749 §3.1, §3.2).

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use super::error::OAuthError;

/// Parameters in the order in which they came.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query or a form body. The error is the name of a parameter that came twice.
    pub fn parse(encoded: &[u8]) -> Result<Self, String> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(name.into_owned());
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    /// Reads the body of a POST request.
    pub fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let sent = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media_type = sent
            .and_then(|value| value.split(';').next())
            .map(str::trim);
        if media_type != Some("application/x-www-form-urlencoded") {
            return Err(OAuthError::invalid_request(
                "send a form, with Content-Type: application/x-www-form-urlencoded",
            ));
        }
        Self::parse(body).map_err(|name| {
            OAuthError::invalid_request(format!("the parameter `{name}` came twice"))
        })
    }

    /// The value, where there is one; an empty one counts as none (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value, or an error that names the parameter.
    pub fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| {
            OAuthError::invalid_request(format!("the parameter `{name}` is missing"))
        })
    }
}
