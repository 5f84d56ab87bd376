//! What a resolver may fail with, each with its `extensions.code`.

use async_graphql::{Error, ErrorExtensions};

/// A typed error of the API. The message says what to do.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    NotFound(String),
    InvalidInput {
        field: &'static str,
        message: String,
    },
    Forbidden(String),
}

impl Failure {
    pub fn not_found(kind: &str, id: &str) -> Self {
        Self::NotFound(format!("there is no {kind} with the id `{id}`"))
    }

    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::InvalidInput {
            field,
            message: message.into(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound(message) => {
                Error::new(message).extend_with(|_, extensions| extensions.set("code", "NOT_FOUND"))
            }
            Failure::InvalidInput { field, message } => {
                Error::new(message).extend_with(|_, extensions| {
                    extensions.set("code", "INVALID_INPUT");
                    extensions.set("field", field);
                })
            }
            Failure::Forbidden(message) => {
                Error::new(message).extend_with(|_, extensions| extensions.set("code", "FORBIDDEN"))
            }
        }
    }
}
