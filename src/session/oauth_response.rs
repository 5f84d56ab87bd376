//! What the responses of all endpoints of the protocol have in common: [`Members`], and errors.
//!
//! A server may send what it likes in members that are optional. A member of another type than its
//! specification says is one that is not there.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::{Response, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

use crate::error::{Refusal, Step};
use crate::http::response::without_mark;
use crate::http::sent::{answered, clean_text};

/// The members of a response's JSON object, each as what it is. Every text may be a secret.
pub(crate) struct Members(BTreeMap<String, Member>);

enum Member {
    Text(SecretString),
    Number(serde_json::Number),
    Flag(bool),
    List(Vec<Member>),
    Object(BTreeMap<String, Member>),
    Null,
}

impl Members {
    /// Reads a body that is a JSON object, with or without a byte order mark, or a form where the
    /// response says that it is one, as some servers answer. `None` where it is neither.
    pub(crate) fn parse(response: &Response<Bytes>) -> Option<Self> {
        let body = without_mark(response.body());
        if let Ok(members) = serde_json::from_slice(body) {
            return Some(Self(members));
        }
        let kind = response
            .headers()
            .get(header::CONTENT_TYPE)?
            .to_str()
            .ok()?;
        let kind = kind.split(';').next().unwrap_or(kind).trim();
        let is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let members = form_urlencoded::parse(body)
            .map(|(name, text)| (name.into_owned(), Member::Text(text.into_owned().into())));
        is_form.then(|| Self(members.collect()))
    }

    /// A secret that is not empty.
    pub(crate) fn secret(&self, name: &str) -> Option<SecretString> {
        self.0.get(name)?.text()
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.secret(name)
            .map(|text| text.expose_secret().trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// A number, which some servers send as a string.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let number = match self.0.get(name)? {
            Member::Number(number) => number.as_f64()?,
            Member::Text(text) => text.expose_secret().trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// Whether a flag is set. A text is no flag: a promise is taken from a server's word alone.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Member::Flag(true)))
    }

    /// The words of a text, or of the texts of a list: scopes come in both shapes.
    pub(crate) fn words(&self, name: &str) -> Option<Vec<String>> {
        let mut words = Vec::new();
        match self.0.get(name)? {
            Member::List(items) => items.iter().for_each(|item| item.add_words(&mut words)),
            member @ Member::Text(_) => member.add_words(&mut words),
            _ => return None,
        }
        Some(words)
    }

    /// The code and the description of an OAuth error. A few servers put an object in its place.
    fn error(&self) -> Option<(String, Option<String>)> {
        let error = self.0.get("error")?;
        let description = ["error_description", "message"]
            .iter()
            .find_map(|name| self.0.get(*name)?.description());
        match error {
            Member::Text(_) => Some((self.text("error")?, description)),
            Member::Object(members) => {
                let code = ["type", "code", "error", "status"]
                    .iter()
                    .find_map(|name| members.get(*name)?.text())?;
                let own = ["message", "description", "error_description"]
                    .iter()
                    .find_map(|name| members.get(*name)?.description());
                Some((code.expose_secret().trim().to_owned(), own.or(description)))
            }
            _ => None,
        }
        .filter(|(code, _)| !code.is_empty())
    }
}

impl Member {
    fn text(&self) -> Option<SecretString> {
        match self {
            Self::Text(text) if !text.expose_secret().is_empty() => Some(text.clone()),
            // An id that is all digits is sent as a number now and then.
            Self::Number(number) if !number.is_f64() => Some(number.to_string().into()),
            _ => None,
        }
    }

    fn add_words(&self, words: &mut Vec<String>) {
        if let Some(text) = self.text() {
            let text = text.expose_secret().split_ascii_whitespace();
            words.extend(text.map(str::to_owned));
        }
    }

    /// A text for people, which may be a list of texts or one text in each of several languages.
    fn description(&self) -> Option<String> {
        let join = |parts: Vec<String>| (!parts.is_empty()).then(|| parts.join(", "));
        match self {
            Self::Text(text) => Some(text.expose_secret().to_owned()).filter(|t| !t.is_empty()),
            Self::List(items) => join(items.iter().filter_map(Self::description).collect()),
            Self::Object(members) => join(members.values().filter_map(Self::description).collect()),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyMember;

        impl<'de> Visitor<'de> for AnyMember {
            type Value = Member;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Member, E> {
                Ok(Member::Flag(flag))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Member, E> {
                Ok(Member::Number(number.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Member, E> {
                Ok(Member::Number(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Member, E> {
                Ok(serde_json::Number::from_f64(number).map_or(Member::Null, Member::Number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Member, E> {
                Ok(Member::Text(text.into()))
            }

            fn visit_string<E>(self, text: String) -> Result<Member, E> {
                Ok(Member::Text(text.into()))
            }

            fn visit_unit<E>(self) -> Result<Member, E> {
                Ok(Member::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Member::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member, A::Error> {
                let mut object = BTreeMap::new();
                while let Some((name, member)) = members.next_entry()? {
                    object.insert(name, member);
                }
                Ok(Member::Object(object))
            }
        }

        deserializer.deserialize_any(AnyMember)
    }
}

/// Codes that say something by themselves, and are never taken for a part of a secret: a client's
/// secret may be as short as `client`. Those of RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 7591 §3.2.2,
/// RFC 8628 §3.5, RFC 8707 §2, RFC 6750 §3.1, and two of RFC 6749 §4.1.2.1.
const CODES: [&str; 17] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "unsupported_token_type",
    "invalid_redirect_uri",
    "invalid_client_metadata",
    "authorization_pending",
    "slow_down",
    "access_denied",
    "expired_token",
    "invalid_target",
    "invalid_token",
    "server_error",
    "temporarily_unavailable",
];

/// The OAuth error of a response (RFC 6749 §5.2, RFC 7591 §3.2.2), where it is one.
pub(crate) fn parse_refusal(step: Step, response: &Response<Bytes>) -> Option<Refusal> {
    let status = response.status();
    if !(status.is_success() || status.is_client_error())
        || status == http::StatusCode::TOO_MANY_REQUESTS
    {
        return None;
    }
    let (code, description) = Members::parse(response)?.error()?;
    let is_known = CODES.iter().any(|known| known.eq_ignore_ascii_case(&code));
    Some(Refusal {
        step,
        code: if is_known {
            code
        } else {
            clean_text(response, &code)
        },
        description: description
            .map(|text| clean_text(response, &text))
            .filter(|text| !text.is_empty()),
        answer: answered(response),
    })
}
