//! Secrets as types, and the places where they have to become bytes on the wire.
//!
//! A secret is a [`SecretString`]: its `Debug` shows nothing and its memory is zeroed when it goes.
//! What leaves the process is put into buffers that zero themselves as well ([`zeroed_bytes`],
//! [`authorization_header`]). What the HTTP client copies into its own buffers is out of reach; it
//! lives as long as the connection's write.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::error::{ConfigurationError, Error};

/// 256 random bits from the operating system, as 43 unreserved characters (RFC 7636 §4.1, RFC 6749
/// §10.10).
pub(crate) fn random_secret() -> Result<SecretString, Error> {
    let mut bits = Zeroizing::new([0u8; 32]);
    getrandom::fill(bits.as_mut()).map_err(|error| Error::RandomNumbers {
        source: Arc::new(error.into()),
    })?;
    Ok(SecretString::from(
        BASE64_URL_SAFE_NO_PAD.encode(bits.as_ref()),
    ))
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
pub(crate) fn constant_time_eq(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

struct ZeroedOnDrop(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for ZeroedOnDrop {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Bytes that are zeroed when the last handle on them is dropped.
pub(crate) fn zeroed_bytes(secret: Zeroizing<Vec<u8>>) -> Bytes {
    Bytes::from_owner(ZeroedOnDrop(secret))
}

/// An `Authorization` header that no `Debug` shows: `Bearer …` (RFC 6750 §2.1) or `Basic …` (RFC
/// 7617).
pub(crate) fn authorization_header(
    scheme: &str,
    credential: &str,
) -> Result<HeaderValue, ConfigurationError> {
    let mut text = Zeroizing::new(Vec::with_capacity(scheme.len() + 1 + credential.len()));
    text.extend_from_slice(scheme.as_bytes());
    text.push(b' ');
    text.extend_from_slice(credential.as_bytes());
    let mut header = HeaderValue::from_maybe_shared(zeroed_bytes(text))
        .map_err(|_| ConfigurationError::Credential)?;
    header.set_sensitive(true);
    Ok(header)
}

/// A client's id and secret for Basic authentication, each encoded as in a form before they are
/// joined (RFC 6749 §2.3.1).
pub(crate) fn basic_header_rfc6749(
    id: &str,
    secret: &SecretString,
) -> Result<HeaderValue, ConfigurationError> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = SecretString::from(encode(secret.expose_secret()));
    basic_header_rfc7617(&encode(id), &secret)
}

/// `user:password` in base64 for Basic authentication (RFC 7617 §2).
pub(crate) fn basic_header_rfc7617(
    user: &str,
    password: &SecretString,
) -> Result<HeaderValue, ConfigurationError> {
    use base64::prelude::BASE64_STANDARD;
    let pair = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
    authorization_header(
        "Basic",
        &Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes())),
    )
}

/// A form's body (`application/x-www-form-urlencoded`, RFC 6749 appendix B).
pub(crate) fn form_body(fields: &[(&str, &str)]) -> Bytes {
    // Large enough that it never grows: growing would leave copies of the secrets behind.
    let size = fields
        .iter()
        .map(|(name, value)| name.len() + 3 * value.len() + 2)
        .sum();
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(size));
    for (name, value) in fields {
        form.append_pair(name, value);
    }
    zeroed_bytes(Zeroizing::new(form.finish().into_bytes()))
}

/// Serialises secret fields of records and pending logins, whose serialised form *is* the secret.
pub(crate) mod serde_text {
    use secrecy::{ExposeSecret as _, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        secret: &SecretString,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }

    /// Serialises a secret that may be absent.
    pub(crate) mod optional {
        use secrecy::{ExposeSecret as _, SecretString};
        use serde::{Deserialize, Deserializer, Serializer};

        pub(crate) fn serialize<S: Serializer>(
            secret: &Option<SecretString>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match secret {
                Some(secret) => serializer.serialize_some(secret.expose_secret()),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<SecretString>, D::Error> {
            Option::<String>::deserialize(deserializer).map(|text| text.map(SecretString::from))
        }
    }
}

/// Serialises a record that holds secrets, in one buffer that never moves for records of ordinary
/// size.
pub(crate) fn to_json<T: serde::Serialize>(record: &T) -> Result<SecretString, serde_json::Error> {
    let mut buffer = Zeroizing::new(Vec::with_capacity(16 << 10));
    serde_json::to_writer(&mut *buffer, record)?;
    let text = std::str::from_utf8(&buffer).map_err(serde::ser::Error::custom)?;
    Ok(SecretString::from(text))
}
