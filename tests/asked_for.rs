//! What users of other GraphQL clients ask for most, each with its reason, over code that the macro
//! generates: it compiles, decodes and encodes. What the compiler alone can show is in
//! `codegen/tests/asked_for.rs`.
#![cfg(feature = "macros")]

use attendium::{Maybe, Operation, decode, operation};

/// A schema and operations on it.
mod api {
    attendium::graphql!(
        schema = "tests/asked_for/schema.graphql",
        operations = "tests/asked_for/queries"
    );
}

fn data<O: Operation>(answer: &str) -> O::Data {
    let body = format!(r#"{{"data":{answer}}}"#);
    decode::<O>(body.as_bytes()).unwrap().data.unwrap()
}

fn variables<O: Operation>(operation: &O) -> String {
    String::from_utf8(operation::variables(operation)).unwrap()
}

/// Takes a fragment from whichever operation it came.
fn label(guest: &api::GuestFields) -> String {
    format!("{} +{}", guest.name, guest.plus)
}

#[test]
fn a_function_takes_a_fragment_from_any_operation() {
    let event = data::<api::Event>(
        r#"{"event":{"id":"e","guests":[{"id":"1","name":"Ann","plus":2,"email":null}],"host":{"name":"Bo","plus":0}}}"#,
    )
    .event
    .unwrap();
    let guest = data::<api::Guest>(r#"{"node":{"__typename":"Guest","name":"Cy","plus":1}}"#);
    let Some(api::guest::Node::Guest(found)) = guest.node else {
        panic!("a guest");
    };
    let labels = [
        label(&event.guests[0].guest_fields),
        label(&event.host),
        label(&found),
    ];
    assert_eq!(labels, ["Ann +2", "Bo +0", "Cy +1"]);
}

#[test]
fn a_skipped_non_null_field_does_not_fail() {
    let with =
        data::<api::Skipped>(r#"{"event":{"id":"e","title":"T","host":{"name":"Ann","plus":1}}}"#);
    let without = data::<api::Skipped>(r#"{"event":{}}"#);
    let (with, without) = (with.event.unwrap(), without.event.unwrap());
    assert_eq!(with.title.as_deref(), Some("T"));
    assert_eq!(with.host.map(|host| host.name), Some("Ann".into()));
    assert!(without.id.is_none() && without.title.is_none() && without.host.is_none());
}

#[test]
fn values_and_types_that_the_schema_does_not_know_are_kept() {
    let log = data::<api::Log>(
        r#"{"log":[{"__typename":"Added","role":"Other"},{"__typename":"Added","role":"LATER"},{"__typename":"Moved"}]}"#,
    )
    .log;
    let roles: Vec<String> = log
        .iter()
        .map(|entry| match entry {
            api::log::Log::Added(added) => match &added.role {
                api::Role::Other_ => "the value called Other".to_owned(),
                api::Role::Other(name) => format!("unknown: {name}"),
                known => known.as_str().to_owned(),
            },
            api::log::Log::Other(other) => format!("type {}", other.typename),
        })
        .collect();
    assert_eq!(
        roles,
        ["the value called Other", "unknown: LATER", "type Moved"]
    );
}

#[test]
fn null_against_absent() {
    let absent = api::Update::new("1");
    assert_eq!(variables(&absent), r#"{"id":"1"}"#);
    assert_eq!(
        variables(&absent.clone().note(None)),
        r#"{"id":"1","note":null}"#
    );
    assert_eq!(
        variables(&absent.clone().note("x")),
        r#"{"id":"1","note":"x"}"#
    );
    assert_eq!(absent.note, Maybe::Absent);
}

#[test]
fn recursive_inputs_and_one_of() {
    let inner = api::Filter::new(api::Key::Email("a@b".into()));
    let filter = api::Filter::new(api::Key::Id("1".into()))
        .not(inner.clone())
        .any(vec![inner]);
    assert_eq!(
        variables(&api::Find::new(filter)),
        r#"{"filter":{"key":{"id":"1"},"not":{"key":{"email":"a@b"}},"any":[{"key":{"email":"a@b"}}]}}"#
    );
}

#[test]
fn overlapping_fragments_and_merged_fields_decode_in_one_pass() {
    let event = data::<api::Merged>(
        r#"{"event":{"host":{"name":"Ann","plus":1,"email":"a@b"},"id":"e","title":"T"}}"#,
    )
    .event
    .unwrap();
    assert_eq!(
        (event.host.name.as_str(), event.host.email.as_deref()),
        ("Ann", Some("a@b"))
    );
    assert_eq!((event.one.id.as_str(), event.two.id.as_str()), ("e", "e"));
    assert_eq!(event.two.title, "T");
}
