//! The limits that servers put on introspection, as faults.
//!
//! Each limit is that of a real server: graphql-java's good faith, `@graphile/depth-limit`,
//! GitLab's complexity, a server of 2018. Enter at [`refusal`].

use std::collections::BTreeMap;

use async_graphql::Request;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::faults::Fault;

/// How many fields with fields of their own lie above each other at most, and how many of them are
/// `ofType`.
const DEPTH: (usize, usize) = (12, 8);
/// How many fields an introspection query has at most, those of fragments counted wherever they are
/// spread.
const COMPLEXITY: usize = 150;
/// What a query may ask for once (graphql-java, `GoodFaithIntrospection`).
const ONCE: [&str; 6] = [
    "__schema",
    "__type",
    "fields",
    "inputFields",
    "interfaces",
    "possibleTypes",
];
/// Meta fields and arguments that June 2018 did not have.
const NEWER: [&str; 5] = [
    "specifiedBy",
    "isOneOf",
    "isRepeatable",
    "args(",
    "inputFields(",
];

/// What an introspection query consists of.
#[derive(Default)]
struct Measure<'a> {
    times: BTreeMap<&'a str, usize>,
    fields: usize,
    depth: usize,
    of_type: usize,
}

/// Why the fault refuses the request; nothing where it is about something else, or the request is
/// within its limit.
pub(crate) fn refusal(fault: Fault, request: &Request) -> Option<String> {
    let document = parse_query(&request.query).ok()?;
    let mut measure = Measure::default();
    for (_, operation) in document.operations.iter() {
        measure.add(
            &document,
            &operation.node.selection_set.node,
            (0, 0),
            &mut Vec::new(),
        );
    }
    if !["__schema", "__type"]
        .iter()
        .any(|name| measure.times.contains_key(name))
    {
        return None;
    }
    match fault {
        Fault::IntrospectionOff => Some("Introspection is not allowed.".to_owned()),
        Fault::IntrospectionGoodFaith => {
            let often = |name: &&&str| measure.times.get(**name).is_some_and(|times| *times > 1);
            let name = ONCE.iter().find(often)?;
            Some(format!(
                "This request is not asking for introspection in good faith - {name} is present \
                 too often!"
            ))
        }
        Fault::IntrospectionDepth if measure.depth > DEPTH.0 || measure.of_type > DEPTH.1 => {
            Some(format!(
                "operation introspection depth {} exceeds maximum of {}, field __Type.ofType \
                 nested {} times, the maximum is {}",
                measure.depth, DEPTH.0, measure.of_type, DEPTH.1
            ))
        }
        Fault::IntrospectionComplexity if measure.fields > COMPLEXITY => Some(format!(
            "Query has complexity of {}, which exceeds max complexity of {COMPLEXITY}",
            measure.fields
        )),
        Fault::IntrospectionOf2018 => {
            let newer = NEWER.iter().find(|text| request.query.contains(**text))?;
            Some(format!("Cannot query `{newer}`."))
        }
        _ => None,
    }
}

impl<'a> Measure<'a> {
    /// Counts a selection set below `depth` fields, so many of which are `ofType`, inside the
    /// fragments `within`.
    fn add(
        &mut self,
        document: &'a ExecutableDocument,
        set: &'a SelectionSet,
        (depth, of_type): (usize, usize),
        within: &mut Vec<&'a str>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let below = (depth + 1, of_type + usize::from(name == "ofType"));
                    *self.times.entry(name).or_default() += 1;
                    self.fields += 1;
                    // What has no fields of its own is no level.
                    if !field.node.selection_set.node.items.is_empty() {
                        self.depth = self.depth.max(below.0);
                    }
                    self.of_type = self.of_type.max(below.1);
                    self.add(document, &field.node.selection_set.node, below, within);
                }
                Selection::InlineFragment(inline) => {
                    self.add(
                        document,
                        &inline.node.selection_set.node,
                        (depth, of_type),
                        within,
                    );
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = document.fragments.get(name) else {
                        continue;
                    };
                    if within.contains(&name) {
                        continue;
                    }
                    within.push(name);
                    self.add(
                        document,
                        &fragment.node.selection_set.node,
                        (depth, of_type),
                        within,
                    );
                    within.pop();
                }
            }
        }
    }
}
