//! What is fuzzed. Each function takes any bytes and panics where the reader is wrong about them.
//!
//! ```sh
//! cargo +nightly fuzz run json         # for as long as one likes
//! cargo +nightly fuzz run response             # `fuzz_targets/` has the names
//! cargo +nightly fuzz run document     # and `schema`, `both`: see `compiler`
//! cargo test --manifest-path fuzz/Cargo.toml   # all, bounded, on stable
//! ```

pub mod answers;
pub mod compiler;
pub mod incremental;
pub mod session;
pub mod subscriptions;

use attendium::rt::{Read, Reader};
use attendium::{DecodeErrorKind, Json, rt};

/// The reader against serde_json: what is accepted, what is refused, and which value it is.
pub fn json(text: &[u8]) {
    let ours = rt::from_slice::<Json>(text);
    let theirs = serde_json::from_slice::<Json>(text);
    match (&ours, &theirs) {
        // Of duplicate keys the first counts here and the last there. A text with one is longer
        // than what it is written as.
        (Ok(ours), Ok(theirs)) => assert!(
            ours == theirs || shrinks(text, ours),
            "{ours} is {theirs} to serde_json"
        ),
        (Err(error), Ok(_)) => panic!("serde_json accepts: {error}"),
        // serde_json's limit is one level lower.
        (Ok(_), Err(error)) => assert!(
            error.to_string().contains("recursion limit"),
            "serde_json refuses: {error}"
        ),
        (Err(error), Err(_)) => {
            assert!(error.offset() <= text.len() && !error.to_string().is_empty())
        }
    }
    match (&ours, rt::from_slice::<Skipped>(text)) {
        (Ok(_), Err(error)) => panic!("accepted when read, refused when skipped: {error}"),
        (Err(error), Ok(_)) => assert!(
            matches!(error.kind(), DecodeErrorKind::Range(_)),
            "refused when read, accepted when skipped: {error}"
        ),
        _ => {}
    }
    if let Ok(ours) = &ours {
        assert_eq!(
            rt::from_slice::<Json>(&rt::to_vec(ours)).as_ref(),
            Ok(ours),
            "written and read again"
        );
    }
    let same = |ours: Option<u64>, theirs: Option<u64>| {
        assert!(
            theirs.is_none() || ours == theirs,
            "{ours:?} is {theirs:?} to serde_json"
        )
    };
    // serde_json takes no integral literal with a fraction or an exponent, so ours may accept more.
    same(
        rt::from_slice::<i32>(text).ok().map(|value| value as u64),
        serde_json::from_slice::<i32>(text)
            .ok()
            .map(|value| value as u64),
    );
    same(
        rt::from_slice::<i64>(text).ok().map(|value| value as u64),
        serde_json::from_slice::<i64>(text)
            .ok()
            .map(|value| value as u64),
    );
    same(
        rt::from_slice::<u64>(text).ok(),
        serde_json::from_slice::<u64>(text).ok(),
    );
    let bits = |value: f64| value.to_bits();
    assert_eq!(
        rt::from_slice::<f64>(text).ok().map(bits),
        serde_json::from_slice::<f64>(text).ok().map(bits)
    );
    assert_eq!(
        rt::from_slice::<String>(text).ok(),
        serde_json::from_slice::<String>(text).ok()
    );
}

/// Whether a value has fewer keys than its text names: then some were duplicates.
fn shrinks(text: &[u8], value: &Json) -> bool {
    fn keys(value: &Json) -> usize {
        match value {
            Json::Object(map) => map.values().map(|value| 1 + keys(value)).sum(),
            Json::Array(list) => list.iter().map(keys).sum(),
            _ => 0,
        }
    }
    // Outside of strings each key has its colon.
    let (mut in_string, mut escaped, mut colons) = (false, false, 0);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b':' if !in_string => colons += 1,
            _ => {}
        }
    }
    keys(value) < colons
}

#[derive(Debug)]
struct Skipped;

impl<'a> Read<'a> for Skipped {
    fn read(reader: &mut Reader<'a>) -> rt::Result<Self> {
        reader.skip().map(|()| Self)
    }
}

/// The answer to an operation with all that selections have: what decodes is written, and what is
/// written decodes to the same.
pub fn response(body: &[u8]) {
    match attendium::decode::<Op>(body) {
        Ok(response) => {
            if let Some(data) = response.data {
                let written = serde_json::to_string(&data).expect("it is written");
                let again: Data = serde_json::from_str(&written)
                    .unwrap_or_else(|error| panic!("{written}: {error}"));
                assert_eq!(again, data, "{written}");
            }
        }
        Err(error) => assert!(error.offset() <= body.len() && !error.to_string().is_empty()),
    }
}

/// An answer in the query's order, to start from.
pub const RESPONSE: &str = r#"{"data":{"event":{"id":"e1","note":"n","hint":null,"owner":{"login":"a","name":"A","score":0.5},"nodes":[{"name":"x","status":"INVITED","email":"y"}],"total":3,"log":[{"__typename":"GuestAdded","tickets":2},{"__typename":"Later"}]}},"errors":[{"message":"m","path":["a",1]}]}"#;

#[rustfmt::skip]
mod answer {
    use super::{Log, Status};
    use attendium::{Id, Maybe};

    pub struct Op {}
    #[derive(Debug, Clone, PartialEq)]
    pub struct Data { pub event: Option<Event> }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Event {
        pub id: Id, pub note: Option<String>, pub hint: Maybe<String>, pub owner: Owner,
        pub nodes: Vec<Node>,
        pub card: Card, pub stats: Option<Stats>, pub log: Vec<Log>,
    }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Owner { pub login: String }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Node { pub name: String, pub status: Status }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Card { pub id: Id, pub owner: CardOwner, pub nodes: Vec<CardNode> }
    #[derive(Debug, Clone, PartialEq)]
    pub struct CardOwner { pub name: Option<String> }
    #[derive(Debug, Clone, PartialEq)]
    pub struct CardNode { pub email: String }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Stats { pub total: i64, pub owner: StatsOwner }
    #[derive(Debug, Clone, PartialEq)]
    pub struct StatsOwner { pub score: f64 }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Added { pub tickets: i32 }
}
pub use answer::*;

attendium::impl_graphql! {
    #![derive(Serialize, Deserialize)]
    query Op { data: Data, name: "Op", source: "fuzz", document: "query Op{event{id}}" }
    variables Op {}
    object Data { event }
    object Event { id, note?, hint?, owner, nodes, ..card, ..stats?, log }
    object Owner { login }
    object Node { name, status }
    object Card { id, owner, nodes }
    object CardOwner { name }
    object CardNode { email }
    object Stats { total, owner }
    object StatsOwner { score }
    object Added { tickets }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    Invited,
    Other(String),
}

attendium::impl_graphql! {
    #![derive(Serialize, Deserialize)]
    enum Status { Invited: "INVITED" }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Log {
    Added(Added),
    Other(attendium::Other),
}

attendium::impl_graphql! {
    #![derive(Serialize, Deserialize)]
    union Log { Added: "GuestAdded" }
}
