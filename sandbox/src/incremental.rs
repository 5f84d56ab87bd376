//! Queries with `@defer`, answered in parts as Apollo's router does (`deferSpec=20220824`): first
//! what is not deferred, then each fragment.
//!
//! The query is executed twice, at first without its deferred fragments. Enter at [`answer`].

use std::collections::BTreeMap;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Request, Value, Variables};
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value as Json, json};

use crate::model::Viewer;
use crate::shared::SharedState;

/// Answers a query in parts, where something of it is deferred and the client takes parts.
pub(crate) fn answer(
    shared: &SharedState,
    headers: &HeaderMap,
    request: &Request,
    user: &str,
) -> Option<Response> {
    let accept = headers.get(ACCEPT)?.to_str().ok()?.to_ascii_lowercase();
    accept.contains("multipart/mixed").then_some(())?;
    let document = parse_query(&request.query).ok()?;
    let mut undeferred = document.clone();
    let mut deferred = 0;
    let operations = match &mut undeferred.operations {
        DocumentOperations::Single(one) => vec![one],
        DocumentOperations::Multiple(all) => all.values_mut().collect(),
    };
    for operation in operations {
        if operation.node.ty != OperationType::Query {
            return None;
        }
        deferred += leave_out(&mut operation.node.selection_set.node, &request.variables);
    }
    for fragment in undeferred.fragments.values_mut() {
        deferred += leave_out(&mut fragment.node.selection_set.node, &request.variables);
    }
    if deferred == 0 {
        return None;
    }

    let execute = |document| {
        let mut executed = Request::new(&request.query)
            .variables(request.variables.clone())
            .data(Viewer(user.to_owned()));
        executed.operation_name.clone_from(&request.operation_name);
        executed.set_parsed_query(document);
        let shared = SharedState::clone(shared);
        async move {
            let answer = shared.schema.execute(executed).await;
            serde_json::to_value(answer).unwrap_or_default()
        }
    };
    let name = request.operation_name.clone();
    let variables = request.variables.clone();
    let (first, whole) = (execute(undeferred), execute(document.clone()));
    let first = stream::once(async move {
        let mut first = first.await;
        first["hasNext"] = true.into();
        part(&first)
    });
    let rest = stream::once(async move {
        let whole = whole.await;
        let split = Split {
            document: &document,
            variables: &variables,
        };
        let parts = split.parts(name.as_deref(), &whole);
        let last = parts.len();
        let mut text: String = parts
            .into_iter()
            .enumerate()
            .map(|(index, deferred)| {
                part(&json!({ "incremental": [deferred], "hasNext": index + 1 < last }))
            })
            .collect();
        if text.is_empty() {
            text = part(&json!({ "hasNext": false }));
        }
        text + "--\r\n"
    });
    let parts = stream::once(async { "\r\n---".to_owned() })
        .chain(first)
        .chain(rest)
        .map(|text| Ok::<_, std::convert::Infallible>(Bytes::from(text)));
    let headers = [
        (
            CONTENT_TYPE,
            "multipart/mixed; boundary=\"-\"; deferSpec=20220824",
        ),
        (CACHE_CONTROL, "no-store"),
    ];
    Some((headers, Body::from_stream(parts)).into_response())
}

fn part(content: &Json) -> String {
    format!("\r\ncontent-type: application/json\r\n\r\n{content}\r\n---")
}

/// The label of a fragment that is deferred; nothing where it is not.
fn defer(directives: &[Positioned<Directive>], variables: &Variables) -> Option<Option<String>> {
    let defer = directives
        .iter()
        .find(|directive| directive.node.name.node == "defer")?;
    let argument = |name: &str| {
        let value = &defer.node.get_argument(name)?.node;
        let value = value.clone().into_const_with(|name: Name| {
            Ok::<_, ()>(variables.get(&name).cloned().unwrap_or_default())
        });
        value.ok()
    };
    if argument("if") == Some(Value::Boolean(false)) {
        return None;
    }
    Some(match argument("label") {
        Some(Value::String(label)) => Some(label),
        _ => None,
    })
}

/// Has the deferred fragments skipped, and says how many there are.
fn leave_out(set: &mut SelectionSet, variables: &Variables) -> usize {
    let positioned = |name| Positioned::new(Name::new(name), Pos::default());
    let always = Positioned::new(Value::Boolean(true).into(), Pos::default());
    let skip = Directive {
        name: positioned("skip"),
        arguments: vec![(positioned("if"), always)],
    };
    let mut count = 0;
    for selection in &mut set.items {
        let selection = &mut selection.node;
        if defer(selection.directives(), variables).is_some() {
            count += 1;
            let skip = Positioned::new(skip.clone(), Pos::default());
            selection.directives_mut().push(skip);
        }
        count += match selection {
            Selection::Field(field) => leave_out(&mut field.node.selection_set.node, variables),
            Selection::InlineFragment(fragment) => {
                leave_out(&mut fragment.node.selection_set.node, variables)
            }
            Selection::FragmentSpread(_) => 0,
        };
    }
    count
}

/// Cuts the deferred fragments out of a whole answer.
struct Split<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
}

/// What a selection set has at once, and its deferred fragments.
#[derive(Default)]
struct Collected<'d> {
    fields: BTreeMap<&'d str, Vec<&'d SelectionSet>>,
    deferred: Vec<(Option<String>, &'d SelectionSet)>,
}

impl<'d> Split<'d> {
    /// The parts of an answer, outer fragments first.
    fn parts(&self, operation: Option<&str>, whole: &Json) -> Vec<Json> {
        let mut operations = self.document.operations.iter();
        let named = |name: Option<&Name>| operation.is_none_or(|o| name.is_some_and(|n| n == o));
        let mut parts = Vec::new();
        if let Some((_, operation)) = operations.find(|(name, _)| named(*name)) {
            let set = &operation.node.selection_set.node;
            self.find(&[set], &whole["data"], &mut Vec::new(), &mut parts);
        }
        let errors = whole["errors"].as_array().cloned().unwrap_or_default();
        for part in &mut parts {
            let belongs = |error: &&Json| is_within(part, &error["path"]);
            let errors: Vec<Json> = errors.iter().filter(belongs).cloned().collect();
            if !errors.is_empty() {
                part["errors"] = errors.into();
            }
        }
        parts
    }

    /// A fragment applies where the answer has fields of it: their names tell the types apart well
    /// enough here.
    fn find(
        &self,
        sets: &[&'d SelectionSet],
        value: &Json,
        path: &mut Vec<Json>,
        parts: &mut Vec<Json>,
    ) {
        match value {
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.into());
                    self.find(sets, item, path, parts);
                    path.pop();
                }
            }
            Json::Object(members) => {
                let collected = self.collect(sets);
                for (label, set) in collected.deferred {
                    let data = self.pick(&[set], value);
                    if data.as_object().is_some_and(|data| !data.is_empty()) {
                        let mut part = json!({ "path": path, "data": data });
                        if let Some(label) = label {
                            part["label"] = label.into();
                        }
                        parts.push(part);
                    }
                    self.find(&[set], value, path, parts);
                }
                for (key, sets) in collected.fields {
                    if let Some(member) = members.get(key) {
                        path.push(key.into());
                        self.find(&sets, member, path, parts);
                        path.pop();
                    }
                }
            }
            _ => {}
        }
    }

    /// What these selection sets have at once of a value.
    fn pick(&self, sets: &[&'d SelectionSet], value: &Json) -> Json {
        match value {
            Json::Array(items) => items.iter().map(|item| self.pick(sets, item)).collect(),
            Json::Object(members) if !sets.iter().all(|set| set.items.is_empty()) => {
                let fields = self.collect(sets).fields;
                let picked = fields.into_iter().filter_map(|(key, sets)| {
                    Some((key.to_owned(), self.pick(&sets, members.get(key)?)))
                });
                Json::Object(picked.collect::<Map<_, _>>())
            }
            value => value.clone(),
        }
    }

    fn collect(&self, sets: &[&'d SelectionSet]) -> Collected<'d> {
        let mut collected = Collected::default();
        for set in sets {
            self.collect_set(set, &mut collected);
        }
        collected
    }

    fn collect_set(&self, set: &'d SelectionSet, collected: &mut Collected<'d>) {
        for selection in &set.items {
            let set = match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let sets = collected.fields.entry(key).or_default();
                    sets.push(&field.node.selection_set.node);
                    continue;
                }
                Selection::InlineFragment(fragment) => &fragment.node.selection_set.node,
                Selection::FragmentSpread(spread) => {
                    let fragments = &self.document.fragments;
                    match fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => &fragment.node.selection_set.node,
                        None => continue,
                    }
                }
            };
            match defer(selection.node.directives(), self.variables) {
                Some(label) => collected.deferred.push((label, set)),
                None => self.collect_set(set, collected),
            }
        }
    }
}

/// Whether the path of an error leads into a part's data.
fn is_within(part: &Json, path: &Json) -> bool {
    let (Some(of_part), Some(path)) = (part["path"].as_array(), path.as_array()) else {
        return false;
    };
    let key = path.get(of_part.len()).and_then(Json::as_str);
    path.starts_with(of_part) && key.is_some_and(|key| part["data"].get(key).is_some())
}
