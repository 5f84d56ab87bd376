//! The errors that a server puts into a response, read leniently. Enter at [`GraphqlError`].
//!
//! A server that fails is the one least likely to keep to the specification, and what it says must
//! not be lost. A part of another shape is left out, and the rest is kept.

use std::fmt;

use serde_json::json;

use crate::value::Json;

/// An error of a GraphQL response (GraphQL, section 7.1.2).
///
/// Every part may be missing, `null` or of another shape than the specification says. A message
/// that is not a string is its JSON, and an error that is not an object is all message.
///
/// ```
/// let answer = br#"{"errors": [{"message": "slow down", "extensions": {"code": "THROTTLED"}}]}"#;
/// let response = attendium::decode::<attendium::Me>(answer)?;
/// assert_eq!(response.errors[0].extensions["code"], "THROTTLED");
/// # Ok::<(), attendium::DecodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct GraphqlError {
    /// The server's description.
    pub message: String,
    /// Where in the document.
    pub locations: Vec<Location>,
    /// Where in the answer; empty where the error belongs to no field.
    pub path: Vec<PathSegment>,
    /// What the server adds, such as `{"code": "…"}`; `null` where there is nothing.
    ///
    /// Some servers put such members beside `message`, as GitHub does with `type`. They are here,
    /// too, unless the server's `extensions` have a member of the same name.
    pub extensions: Json,
}

/// A place in a document, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// A step into an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathSegment {
    /// Into an object, by response key.
    Key(String),
    /// Into a list, counted from 0.
    Index(u64),
}

impl GraphqlError {
    /// Makes the errors of a response from its member `errors`.
    pub(crate) fn list_from_json(errors: Json) -> Vec<Self> {
        match errors {
            Json::Null => Vec::new(),
            Json::Array(errors) => errors.into_iter().map(Self::from_json).collect(),
            error => vec![Self::from_json(error)],
        }
    }

    /// The error as a server would write it.
    pub(crate) fn to_json(&self) -> Json {
        let mut error = serde_json::Map::new();
        error.insert("message".into(), self.message.as_str().into());
        if !self.locations.is_empty() {
            let locations = self.locations.iter();
            let locations = locations.map(|at| json!({ "line": at.line, "column": at.column }));
            error.insert("locations".into(), locations.collect());
        }
        if !self.path.is_empty() {
            let path = self.path.iter().map(|segment| match segment {
                PathSegment::Key(key) => Json::from(key.as_str()),
                PathSegment::Index(index) => Json::from(*index),
            });
            error.insert("path".into(), path.collect());
        }
        if !self.extensions.is_null() {
            error.insert("extensions".into(), self.extensions.clone());
        }
        Json::Object(error)
    }

    fn from_json(error: Json) -> Self {
        let Json::Object(members) = error else {
            return Self {
                message: text_of(error),
                ..Self::default()
            };
        };
        let mut error = Self::default();
        let mut others = serde_json::Map::new();
        for (name, value) in members {
            match (name.as_str(), value) {
                ("message", value) => error.message = text_of(value),
                ("locations", Json::Array(list)) => {
                    error.locations = list.iter().filter_map(Location::from_json).collect();
                }
                ("path", Json::Array(steps)) => {
                    error.path = steps.iter().filter_map(PathSegment::from_json).collect();
                }
                ("extensions", value) => error.extensions = value,
                ("locations" | "path", _) => {}
                (_, value) => {
                    others.insert(name, value);
                }
            }
        }
        if error.extensions.is_null() && !others.is_empty() {
            error.extensions = Json::Object(others);
        } else if let Json::Object(extensions) = &mut error.extensions {
            for (name, value) in others {
                extensions.entry(name).or_insert(value);
            }
        }
        error
    }
}

impl Location {
    /// A location that is not positive is none: some servers send `-1` for an unknown place.
    fn from_json(location: &Json) -> Option<Self> {
        let (line, column) = (location.get("line")?, location.get("column")?);
        let location = Self {
            line: line.as_u64()?,
            column: column.as_u64()?,
        };
        (location.line > 0 && location.column > 0).then_some(location)
    }
}

impl PathSegment {
    pub(crate) fn from_json(step: &Json) -> Option<Self> {
        match step {
            Json::String(key) => Some(Self::Key(key.clone())),
            index => index.as_u64().map(Self::Index),
        }
    }

    /// A path as messages show it: `event.guests.nodes[3].email`.
    pub(crate) fn join(path: &[Self]) -> String {
        let mut joined = String::new();
        for segment in path {
            match segment {
                Self::Key(key) if joined.is_empty() => joined.push_str(key),
                Self::Key(key) => joined.extend([".", key]),
                Self::Index(index) => joined.push_str(&format!("[{index}]")),
            }
        }
        joined
    }
}

/// A string as it is, nothing for `null`, and the JSON of anything else.
fn text_of(value: Json) -> String {
    match value {
        Json::String(text) => text,
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

impl fmt::Display for GraphqlError {
    /// The message and the path: `not allowed (at event.guests.nodes[3].email)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.message.is_empty() {
            "an error without a message"
        } else {
            &self.message
        })?;
        if self.path.is_empty() {
            return Ok(());
        }
        write!(f, " (at {})", PathSegment::join(&self.path))
    }
}

impl std::error::Error for GraphqlError {}
