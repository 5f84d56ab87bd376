//! Answers and their errors, as JSON and as lines. Enter at [`answer_of`].

use crate::terminal;
use attendium::{GraphqlError, Json, PathSegment, Response};
use serde_json::{Map, json};

/// An answer as the specification writes it (GraphQL, section 7.1).
pub fn answer_of(response: Response<Json>) -> Json {
    let mut answer = Map::new();
    answer.insert("data".into(), response.data.unwrap_or_default());
    if !response.errors.is_empty() {
        let errors: Vec<Json> = response.errors.iter().map(document_of).collect();
        answer.insert("errors".into(), errors.into());
    }
    let extensions = response
        .extensions
        .map(|value| ("extensions".to_owned(), value));
    answer.extend(extensions);
    answer.into()
}

/// An error of the API, as the specification writes it (GraphQL, section 7.1.2).
pub fn document_of(error: &GraphqlError) -> Json {
    let mut document = Map::new();
    document.insert("message".into(), error.message.as_str().into());
    if !error.locations.is_empty() {
        let places = error.locations.iter();
        let places = places.map(|at| json!({ "line": at.line, "column": at.column }));
        document.insert("locations".into(), places.collect());
    }
    if !error.path.is_empty() {
        let steps = error.path.iter().map(|step| match step {
            PathSegment::Key(key) => Json::from(key.as_str()),
            PathSegment::Index(index) => Json::from(*index),
        });
        document.insert("path".into(), steps.collect());
    }
    if !error.extensions.is_null() {
        document.insert("extensions".into(), error.extensions.clone());
    }
    document.into()
}

/// An error of the API, as one line for a person: the message and the path.
pub fn line_of(error: &GraphqlError) -> String {
    terminal::on_one_line(&error.to_string())
}
