//! How a client proves itself at the token endpoint, and how that is chosen.

use serde::{Deserialize, Serialize};

/// Client authentication at the token endpoint (RFC 6749 §2.3, RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Authentication {
    /// A public client: its id alone.
    #[default]
    None,
    ClientSecretBasic,
    ClientSecretPost,
}

impl Authentication {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "client_secret_basic" => Some(Self::ClientSecretBasic),
            "client_secret_post" => Some(Self::ClientSecretPost),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
        }
    }
}

/// What a server's metadata says of client authentication
/// (`token_endpoint_auth_methods_supported`, RFC 8414 §2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OfferedMethods(Vec<Authentication>);

impl OfferedMethods {
    /// From the names in the metadata. Unknown ones are left out.
    pub(crate) fn new(names: &[String]) -> Self {
        let known = names.iter().map(|name| Authentication::from_name(name));
        Self(known.flatten().collect())
    }

    /// What a registration asks for: no secret where the server takes that, because an application
    /// on a user's machine can't keep one. Nothing where the metadata names nothing that is
    /// supported here.
    pub(crate) fn preferred(&self) -> Option<Authentication> {
        [
            Authentication::None,
            Authentication::ClientSecretBasic,
            Authentication::ClientSecretPost,
        ]
        .into_iter()
        .find(|method| self.0.contains(method))
    }

    /// How a secret is sent where nobody says how: RFC 7591 §2 means Basic, unless the metadata
    /// offers the form alone.
    pub(crate) fn for_secret(&self) -> Authentication {
        let offers = |method| self.0.contains(&method);
        if offers(Authentication::ClientSecretPost) && !offers(Authentication::ClientSecretBasic) {
            Authentication::ClientSecretPost
        } else {
            Authentication::ClientSecretBasic
        }
    }
}
