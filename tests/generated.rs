//! Plain types with a table of `impl_graphql!`: what they read, send and write back.
#![allow(missing_docs, clippy::enum_variant_names)]

use attendium::{DecodeErrorKind, rt};
use attendium::{Id, Json, Maybe, Other};

mod api {
    use std::net::IpAddr;

    use attendium::Maybe;

    #[derive(Debug, Clone, PartialEq)]
    pub struct Event {
        pub id: attendium::Id,
        pub first: Maybe<i32>,
        pub key: Maybe<Key>,
        pub from: Option<IpAddr>,
        pub filters: Maybe<Vec<Option<Filter>>>,
    }

    impl Event {
        pub fn new(id: &str) -> Self {
            Self {
                id: id.into(),
                first: Maybe::Absent,
                key: Maybe::Absent,
                from: None,
                filters: Maybe::Absent,
            }
        }
    }

    attendium::impl_graphql! {
        query Event {
            data: event::Data,
            name: "Event",
            source: "queries/event.graphql:3",
            document: "query Event($id:ID!){event(id:$id,tag:\"a\"){id ...Card}}",
        }
        variables Event { id, first, key, from as Option<attendium::rt::Serde>, filters }
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct Filter {
        pub text: Maybe<String>,
        pub and: Maybe<Box<Filter>>,
        pub r#type: f64,
    }

    attendium::impl_graphql! {
        #![derive(Serialize, Deserialize)]
        input Filter { text, and, r#type }
    }

    #[derive(Debug, Clone, PartialEq)]
    pub enum Key {
        Id(attendium::Id),
        From(IpAddr),
    }

    attendium::impl_graphql! {
        #![derive(Serialize, Deserialize)]
        one_of Key { Id: "id", From: "from" as attendium::rt::Serde }
    }

    #[derive(Debug, Clone, PartialEq)]
    pub enum GuestStatus {
        Invited,
        Confirmed,
        Other(String),
    }

    attendium::impl_graphql! {
        #![derive(Serialize, Deserialize)]
        enum GuestStatus { Invited: "INVITED", Confirmed: "CONFIRMED" }
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct DateTime(pub attendium::Json);

    attendium::impl_graphql! {
        #![derive(Serialize, Deserialize)]
        scalar DateTime;
    }

    /// `fragment Card on Event { id owner { name tags } nodes { email } }`
    #[derive(Debug, Clone, PartialEq)]
    pub struct Card {
        pub id: attendium::Id,
        pub owner: CardOwner,
        pub nodes: Vec<CardNode>,
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct CardOwner {
        pub name: Option<String>,
        pub tags: Vec<Vec<u64>>,
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct CardNode {
        pub email: String,
    }

    /// `fragment Stats on Event { total owner { score } }`
    #[derive(Debug, Clone, PartialEq)]
    pub struct Stats {
        pub total: Option<i64>,
        pub owner: StatsOwner,
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct StatsOwner {
        pub score: Option<f64>,
    }

    attendium::impl_graphql! {
        #![derive(Serialize, Deserialize)]
        object Card { id, owner, nodes }
        object CardOwner { name, tags }
        object CardNode { email }
        object Stats { total, owner }
        object StatsOwner { score }
    }

    pub mod event {
        use std::net::IpAddr;

        #[derive(Debug, Clone, PartialEq)]
        pub struct Data {
            pub event: Option<Event>,
        }

        #[derive(Debug, Clone, PartialEq)]
        pub struct Event {
            pub id: attendium::Id,
            pub when: Option<super::DateTime>,
            pub seen: Vec<Option<IpAddr>>,
            pub note: Option<String>,
            pub hint: attendium::Maybe<String>,
            pub from: attendium::Maybe<IpAddr>,
            pub owner: Owner,
            pub nodes: Vec<Node>,
            pub card: super::Card,
            pub stats: Option<super::Stats>,
            pub log: Vec<EventLog>,
        }

        #[derive(Debug, Clone, PartialEq)]
        pub struct Owner {
            pub login: String,
        }

        #[derive(Debug, Clone, PartialEq)]
        pub struct Node {
            pub name: String,
            pub status: super::GuestStatus,
        }

        attendium::impl_graphql! {
            #![derive(Serialize, Deserialize)]
            object Data { event }
            object Event {
                id, when, seen as Vec<Option<attendium::rt::Serde>>, note?, hint?,
                from? as attendium::Maybe<attendium::rt::Serde>, owner, nodes, ..card, ..stats?,
                log,
            }
            object Owner { login }
            object Node { name, status }
        }

        #[derive(Debug, Clone, PartialEq)]
        pub enum EventLog {
            Added(EventLogAdded),
            Changed(EventLogChanged),
            Nested(Box<Nested>),
            Other(attendium::Other),
        }

        attendium::impl_graphql! {
            #![derive(Serialize, Deserialize)]
            union EventLog {
                Added: "GuestAdded", Changed: "GuestChanged" | "GuestRemoved",
                Nested: "A" | "B" | "C",
            }
        }

        #[derive(Debug, Clone, PartialEq)]
        pub struct EventLogAdded {
            pub tickets: i32,
        }

        #[derive(Debug, Clone, PartialEq)]
        pub struct EventLogChanged {
            pub typename: String,
            pub by: Option<attendium::Id>,
        }

        attendium::impl_graphql! {
            #![derive(Serialize, Deserialize)]
            object EventLogAdded { tickets }
            object EventLogChanged { typename: "__typename", by }
        }

        #[derive(Debug, Clone, PartialEq)]
        pub enum Nested {
            A(attendium::Other),
            Other(NestedOther),
        }

        attendium::impl_graphql! {
            #![derive(Serialize, Deserialize)]
            union Nested { A }
        }
        #[derive(Debug, Clone, PartialEq)]
        pub struct NestedOther {
            pub typename: String,
            pub at: i64,
        }

        attendium::impl_graphql! {
            #![derive(Serialize, Deserialize)]
            object NestedOther { typename: "__typename", at }
        }
    }
}

/// An answer in the order of the query: parent, fragments, merged objects.
const ANSWER: &str = r#"{"event":{"id":"e1","when":"2026-01-01","seen":["127.0.0.1",null],"note":"n","hint":null,"from":"::1",
    "owner":{"login":"ann","name":"Ann","tags":[[1,2],[]],"score":0.1},
    "nodes":[{"name":"x","status":"INVITED","email":"x@x"},{"name":"y","status":"NEW","email":"y@y"}],
    "total":9007199254740993,
    "log":[{"__typename":"GuestAdded","tickets":2},{"__typename":"GuestRemoved","by":"u1"},{"__typename":"B","at":-1},
        {"__typename":"A"},{"__typename":"Later"}]}}"#;

fn read(text: &str) -> api::event::Event {
    rt::from_str::<api::event::Data>(text)
        .unwrap()
        .event
        .unwrap()
}

fn value(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn fragments_read_their_part_of_the_objects_that_they_share() {
    let event = read(ANSWER);
    assert_eq!(event.card.id, "e1");
    assert_eq!(event.owner.login, "ann");
    assert_eq!(
        event.card.owner,
        api::CardOwner {
            name: Some("Ann".into()),
            tags: vec![vec![1, 2], vec![]]
        }
    );
    assert_eq!(event.nodes[1].status, api::GuestStatus::Other("NEW".into()));
    for known in api::GuestStatus::KNOWN {
        assert_eq!(api::GuestStatus::from(known.as_str()), *known);
    }
    assert_eq!(api::GuestStatus::KNOWN.len(), 2);
    assert_eq!(api::GuestStatus::from("NEW").as_str(), "NEW");
    assert_eq!(event.card.nodes[1].email, "y@y");
    assert_eq!(
        event.stats,
        Some(api::Stats {
            total: Some(9_007_199_254_740_993),
            owner: api::StatsOwner { score: Some(0.1) }
        })
    );
    assert_eq!(event.seen, [Some([127, 0, 0, 1].into()), None]);
    assert_eq!(event.hint, Maybe::Null);
    use api::event::{EventLog, EventLogChanged, Nested};
    assert!(
        matches!(&event.log[1], EventLog::Changed(EventLogChanged { by: Some(by), .. }) if *by == "u1")
    );
    assert!(matches!(
        &event.log[2],
        EventLog::Nested(nested)
            if matches!(&**nested, Nested::Other(other) if other.at == -1)
    ));
    assert!(matches!(&event.log[4], EventLog::Other(Other { typename }) if typename == "Later"));
}

#[test]
fn what_was_read_is_written_back_merged_and_without_loss() {
    let event = rt::from_str::<api::event::Data>(ANSWER).unwrap();
    let written = serde_json::to_string(&event).unwrap();
    assert_eq!(value(&written), value(ANSWER));
    assert_eq!(
        serde_json::from_str::<api::event::Data>(&written).unwrap(),
        event
    );
    let compact: String = ANSWER.lines().map(str::trim_start).collect();
    assert_eq!(written, compact, "keys keep the order of the query");
}

/// Reverses the keys of all objects.
fn reversed(json: &Json) -> Json {
    match json {
        Json::Object(map) => Json::Object(
            map.iter()
                .rev()
                .map(|(key, value)| (key.clone(), reversed(value)))
                .collect(),
        ),
        Json::Array(list) => Json::Array(list.iter().map(reversed).collect()),
        other => other.clone(),
    }
}

#[test]
fn another_order_unknown_keys_white_space_and_escaped_keys_change_nothing() {
    let expected = read(ANSWER);
    let backwards = reversed(&value(ANSWER));
    assert_eq!(read(&backwards.to_string()), expected);
    assert_eq!(read(&format!("\n {backwards:#} \t")), expected);
    assert_eq!(
        read(&ANSWER.replace("\"id\"", "\"new\":{\"id\":[{}]},\"i\\u0064\"")),
        expected
    );
    assert_eq!(
        read(
            &ANSWER
                .replace("\"__typename\"", "\"__type\\u006eame\"")
                .replace("\"A\"", "\"\\u0041\"")
        ),
        expected
    );
    let wide: String = (0..500).map(|n| format!("\"u{n}\":{n},")).collect();
    assert_eq!(
        read(&ANSWER.replace("\"id\"", &format!("{wide}\"id\""))),
        expected
    );
    assert_eq!(
        read(
            &backwards
                .to_string()
                .replace("\"total\"", &format!("{wide}\"total\""))
        ),
        expected
    );
}

#[test]
fn of_duplicate_keys_the_first_counts() {
    let event = read(
        &ANSWER
            .replace("\"when\"", "\"id\":\"e2\",\"when\"")
            .replace("\"login\":\"ann\"", "\"login\":\"ann\",\"login\":1"),
    );
    assert_eq!(
        (event.id.as_str(), event.owner.login.as_str()),
        ("e1", "ann")
    );
    // Also where the second one stands just where the next key is expected.
    let event = read(&ANSWER.replace("\"total\"", "\"id\":\"e3\",\"total\""));
    assert_eq!((event.id.as_str(), event.card.id.as_str()), ("e1", "e1"));
    let event = read(&ANSWER.replace("\"id\":\"e1\"", "\"note\":\"first\",\"id\":\"e1\""));
    assert_eq!(event.note.as_deref(), Some("first"));
}

#[test]
fn conditional_parts_may_be_absent_and_are_then_left_out() {
    let without = ANSWER
        .replace("\"note\":\"n\",\"hint\":null,\"from\":\"::1\",", "")
        .replace("\"total\":9007199254740993,", "")
        .replace(",\"score\":0.1", "");
    let event = read(&without);
    assert_eq!(
        (&event.note, &event.hint, &event.from, &event.stats),
        (&None, &Maybe::Absent, &Maybe::Absent, &None)
    );
    assert_eq!(
        event.log,
        read(ANSWER).log,
        "reading goes on behind what was absent"
    );
    assert_eq!(
        value(&serde_json::to_string(&api::event::Data { event: Some(event) }).unwrap()),
        value(&without)
    );
    // The fragment is there as soon as its keys are, even where they are null.
    let nulls = ANSWER
        .replace("9007199254740993", "null")
        .replace("\"score\":0.1", "\"score\":null");
    assert_eq!(
        read(&nulls).stats,
        Some(api::Stats {
            total: None,
            owner: api::StatsOwner { score: None }
        })
    );
    // A shared object without the fragment's keys means that it was left out, though the type could
    // take their absence.
    assert_eq!(read(&ANSWER.replace(",\"score\":0.1", "")).stats, None);
    // What is there and wrong is an error, not an absence.
    let error =
        rt::from_str::<api::event::Data>(&ANSWER.replace("9007199254740993", "\"9\"")).unwrap_err();
    assert_eq!(
        error.to_string().split(" (").next(),
        Some("expected an integer, found a string at event.total")
    );
}

#[test]
fn errors_name_the_place_in_the_answer() {
    let error = |from: &str, to: &str| {
        let text = ANSWER.replace(from, to);
        let error = rt::from_str::<api::event::Data>(&text).unwrap_err();
        (
            error
                .to_string()
                .rsplit_once(" (byte")
                .unwrap()
                .0
                .to_owned(),
            text[error.offset()..].chars().take(6).collect::<String>(),
        )
    };
    let said = |message: &str, at: &str| (message.to_owned(), at.to_owned());
    assert_eq!(
        error("\"y@y\"", "null"),
        said(
            "expected a string, found null at event.nodes[1].email",
            "null}]"
        )
    );
    assert_eq!(
        error(",\"email\":\"y@y\"", ""),
        said(
            "the key `email` is missing at event.nodes[1].email",
            "{\"name"
        )
    );
    assert_eq!(
        error("[1,2]", "[1,-2]"),
        said(
            "the number does not fit 64 bits, unsigned at event.owner.tags[0][1]",
            "-2],[]"
        )
    );
    assert_eq!(
        error("\"__typename\":\"B\",", "").0,
        "the object has no `__typename`, which says which of several types it is at event.log[2].__typename"
    );
    assert_eq!(
        error("\"127.0.0.1\"", "\"x\"").0,
        "not a valid scalar: invalid IP address syntax at event.seen[0]"
    );
    assert_eq!(
        error("\"tickets\":2", "\"tickets\":2.5").0,
        "expected an integer, found a number with a fraction at event.log[0].tickets"
    );
    assert_eq!(
        error("\"tickets\":2", "\"tickets\":2147483648").0,
        "the number does not fit an Int of 32 bits (`--scalar Int=i64` makes it 64) at event.log[0].tickets"
    );
    assert_eq!(
        error("{\"login\"", "[\"login\"").0,
        "expected an object, found a list at event.owner"
    );
}

#[test]
fn a_body_is_the_document_the_name_and_the_variables() {
    let event = api::Event {
        first: Maybe::Null,
        key: api::Key::From([127, 0, 0, 1].into()).into(),
        ..api::Event::new("e1")
    };
    let body = String::from_utf8(attendium::operation::body(&event)).unwrap();
    assert_eq!(
        body,
        r#"{"query":"query Event($id:ID!){event(id:$id,tag:\"a\"){id ...Card}}","operationName":"Event","variables":{"id":"e1","first":null,"key":{"from":"127.0.0.1"}}}"#
    );
    assert_eq!(
        value(&body)["query"],
        <api::Event as attendium::Operation>::INFO.document
    );

    let inner = api::Filter {
        text: Maybe::Null,
        and: Maybe::Absent,
        r#type: f64::NAN,
    };
    let filter = api::Filter {
        text: "\"\\/\n\u{1}é\u{1F600}".into(),
        and: inner.into(),
        r#type: 1e300,
    };
    let event = api::Event {
        filters: vec![Some(filter.clone()), None].into(),
        ..api::Event::new("")
    };
    assert_eq!(
        String::from_utf8(attendium::operation::variables(&event)).unwrap(),
        "{\"id\":\"\",\"filters\":[{\"text\":\"\\\"\\\\/\\n\\u0001é\u{1F600}\",\"and\":{\"text\":null,\"type\":\"NaN\"},\"type\":1e300},null]}"
    );
    let filter = api::Filter {
        and: Maybe::Absent,
        ..filter
    };
    assert_eq!(
        serde_json::from_str::<api::Filter>(&serde_json::to_string(&filter).unwrap()).unwrap(),
        filter
    );
    let key = api::Key::Id(Id::from("k"));
    assert_eq!(serde_json::to_string(&key).unwrap(), r#"{"id":"k"}"#);
    assert_eq!(
        serde_json::from_str::<api::Key>(r#"{"id":"k"}"#).unwrap(),
        key
    );
    assert!(serde_json::from_str::<api::Key>(r#"{"id":"k","from":"::1"}"#).is_err());
    assert!(serde_json::from_str::<api::Key>(r#"{"di":"k"}"#).is_err());
    assert!(serde_json::from_str::<api::Key>("{}").is_err());
}

#[test]
fn a_text_may_be_borrowed_from_the_answer() {
    use std::borrow::Cow;
    let texts: Vec<Cow<'_, str>> = rt::from_str(r#"["A\u006en","7"]"#).unwrap();
    assert!(matches!(&*texts, [Cow::Owned(_), Cow::Borrowed("7")]));
    assert_eq!(texts[0], "Ann");
    let error = rt::from_str::<&str>(r#""\n""#).unwrap_err();
    assert!(matches!(error.kind(), DecodeErrorKind::Scalar(_)));
}

#[test]
fn a_struct_may_have_any_number_of_fields() {
    macro_rules! check {
        ($($type:ident { $($field:ident),* $(; $end:tt)? })*) => {$({
            struct $type { $($field: u64),* }
            attendium::impl_graphql! {
                object $type { $($field),* $($end)? }
            }
            let names: Vec<&str> = stringify!($($field)*).split_whitespace().collect();
            let key = |at: usize| format!("\"{}\":{at}", names[at].replace("_b", "B"));
            let forwards: Vec<String> = (0..names.len()).map(key).collect();
            let backwards: Vec<String> = forwards.iter().rev().cloned().collect();
            for keys in [&forwards, &backwards] {
                let read: $type = rt::from_str(&format!("{{{}}}", keys.join(","))).unwrap();
                let $type { $($field),* } = read;
                let values: Vec<u64> = vec![$($field),*];
                assert_eq!(values, (0..names.len() as u64).collect::<Vec<_>>());
            }
        })*};
    }
    check! {
        None {}
        One { a0 }
        Most { a0, a1, a_b2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,
            a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30,
            a_b31 }
        More { a0, a1, a_b2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,
            a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30,
            a_b31, a32; , }
        Many { a0, a1, a_b2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,
            a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30,
            a_b31, a32, a33, a34, a35, a36, a37, a38, a39; , }
    }
}

#[test]
fn a_key_in_quotes_counts_in_its_fields_place() {
    #[derive(Debug, PartialEq)]
    struct Mixed {
        typename: String,
        created_at: u64,
        url: String,
    }

    attendium::impl_graphql! {
        object Mixed { typename: "__typename", created_at, url: "URL" }
    }
    let read: Mixed =
        rt::from_str(r#"{"__typename":"A","createdAt":1,"URL":"u","url":"v"}"#).unwrap();
    let expected = Mixed {
        typename: "A".to_owned(),
        created_at: 1,
        url: "u".to_owned(),
    };
    assert_eq!(read, expected);
}

#[test]
fn a_scalar_is_no_fragment() {
    #[derive(Debug)]
    struct Wrong {
        #[allow(dead_code)]
        part: String,
    }

    attendium::impl_graphql! {
        object Wrong { ..part }
    }
    let error = rt::from_str::<Vec<Wrong>>(r#"[{"part":"a"}]"#)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "expected a value that is no object, found the fields of an object at [0] (byte 1)"
    );
}

#[test]
fn a_fragment_that_is_not_there_leaves_the_place_behind_a_shared_key_as_it_was() {
    #[derive(Debug, PartialEq)]
    struct A {
        a: u64,
    }

    #[derive(Debug, PartialEq)]
    struct Absent {
        b: u64,
        a: u64,
        z: u64,
    }

    #[derive(Debug, PartialEq)]
    struct Whole {
        first: A,
        again: A,
        absent: Option<Absent>,
        b: u64,
    }

    attendium::impl_graphql! {
        object A { a }
        object Absent { b, a, z }
        object Whole { ..first, ..again, ..absent?, b }
    }
    let expected = Whole {
        first: A { a: 1 },
        again: A { a: 1 },
        absent: None,
        b: 2,
    };
    let read: Whole = rt::from_str(r#"{"a":1,"b":2}"#).unwrap();
    assert_eq!(read, expected);
}
