//! What reading and writing allocate.
//!
//! Reading allocates one block for each string that is not empty, each list that is not empty and
//! each box of the answer, and one list of keys, which grows by doubling: it is needed where
//! fragments share an object, where keys are absent and where they are in another order.
//! Writing a request's body of usual size allocates one block.
//!
//! A list's block has room for four elements at first (one where they are large) and grows by
//! doubling, since its length is not known before its end. A block that grows is allocated anew, so
//! a list of `n` elements counts `1 + ⌈log₂(n / 4)⌉` times.
#![allow(missing_docs)]

use std::hint::black_box;

use allocation_counter::measure;
use attendium::{Maybe, operation, rt};

pub struct Page {
    pub id: attendium::Id,
    pub status: Status,
    pub total: i64,
    pub card: Card,
    pub stats: Option<Stats>,
    pub nodes: Vec<Node>,
}

pub struct Card {
    pub id: attendium::Id,
    pub title: Option<String>,
    pub parent: Option<Box<Parent>>,
}

pub struct Parent {
    pub id: attendium::Id,
}

pub struct Stats {
    pub score: f64,
}

attendium::impl_graphql! {
    object Page { id, status, total, ..card, ..stats?, nodes }
    object Card { id, title, parent }
    object Parent { id }
    object Stats { score }
}

pub enum Status {
    Open,
    Other(String),
}

attendium::impl_graphql! {
    enum Status { Open: "OPEN" }
}

pub enum Node {
    Guest(Guest),
    Other(attendium::Other),
}

attendium::impl_graphql! {
    union Node { Guest: "Guest" | "Vip" }
}

pub struct Guest {
    pub name: String,
}

attendium::impl_graphql! {
    object Guest { name }
}

fn count(text: &str) -> u64 {
    let page = rt::from_str::<Page>(text);
    assert!(page.is_ok(), "{:?}", page.err());
    drop(page);
    measure(|| {
        black_box(rt::from_str::<Page>(black_box(text)).is_ok());
    })
    .count_total
}

#[test]
fn an_answer_allocates_its_strings_lists_and_boxes_and_nothing_else() {
    // A long id, once for itself and once for the fragment, which has its own. Short ones, here
    // the parent's, cost nothing. Then title, parent, the list, three names.
    let id = "a-long-id-of-34-bytes-0123456789ab";
    let guests = r#"{"__typename":"Guest","name":"a"},{"__typename":"Vip","name":"b"},{"__typename":"Guest","name":"\u0063"}"#;
    let text = format!(
        r#"{{"id":"{id}","status":"OPEN","total":1,"title":"t","parent":{{"id":"2"}},"score":0.5,"nodes":[{guests}]}}"#
    );
    // The list of keys grows twice: it holds seven keys of the page and one of a node.
    const KEYS: u64 = 2;
    assert_eq!(count(&text), 8 + KEYS);
    assert_eq!(count(&text.replace(id, "1")), 6 + KEYS);
    // Empty strings and lists and nulls cost nothing.
    let empty =
        r#"{"id":"","status":"OPEN","total":1,"title":"","parent":null,"score":0,"nodes":[]}"#;
    assert_eq!(count(empty), KEYS);
    // Neither does an absent fragment, nor another order.
    assert_eq!(count(&empty.replace(r#""score":0,"#, "")), KEYS);
    assert_eq!(
        count(r#"{"id":"","status":"OPEN","total":1,"title":"","nodes":[],"parent":null}"#),
        KEYS
    );
    // Unknown keys and white space cost nothing, unless the list of keys grows once more.
    let shuffled = format!(
        r#"{{ "nodes" : [{guests}], "new": [{{"a": "b\n"}}], "score":0.5, "parent":{{"new":"x","id":"2"}}, "t\u0069tle":"t", "total":1, "status":"OPEN", "id":"1" }}"#
    );
    assert_eq!(count(&shuffled.replace("\\u0069", "i")), 6 + KEYS + 1);
    // A key with an escape is resolved once for each name that it is compared with.
    let escaped = count(&shuffled);
    assert!((9..=21).contains(&escaped), "{escaped}");
    // Unknown names are kept.
    assert_eq!(
        count(
            r#"{"id":"","status":"NEW","total":1,"title":"","parent":null,"nodes":[{"__typename":"X"}]}"#
        ),
        3 + KEYS
    );
}

#[test]
fn a_list_grows_by_doubling() {
    for (length, expected) in [(0, 0), (1, 1), (4, 1), (5, 2), (8, 2), (9, 3), (1000, 9)] {
        let text = format!("[{}]", vec!["1"; length].join(","));
        let counted = measure(|| {
            assert_eq!(
                rt::from_str::<Vec<i32>>(&text).map(|list| list.len()),
                Ok(length)
            )
        });
        assert_eq!(counted.count_total, expected, "{length} elements");
        assert!(counted.bytes_max <= (2 * length.max(2) * size_of::<i32>() + 16 * length) as u64);
    }
}

#[test]
fn a_list_of_one_large_element_has_no_room_for_more() {
    struct Large([u64; 200]);
    impl<'a> rt::Read<'a> for Large {
        fn read(reader: &mut rt::Reader<'a>) -> rt::Result<Self> {
            Ok(Self([rt::Read::read(reader)?; 200]))
        }
    }
    let list = rt::from_str::<Vec<Large>>("[7]").expect("a list");
    assert_eq!((list[0].0[199], list.capacity()), (7, 1));
}

pub struct Search {
    pub text: String,
    pub tags: Maybe<Vec<String>>,
    pub first: Maybe<i32>,
    pub ratio: f64,
}

attendium::impl_graphql! {
    query Search {
        data: Page,
        name: "Search",
        source: "search.graphql:1",
        document: "query Search($text:String!,$tags:[String!]){…}",
    }
    variables Search { text, tags, first, ratio }
}

#[test]
fn a_body_of_usual_size_is_one_allocation() {
    let mut search = Search {
        text: "\"é\n".repeat(20),
        tags: vec![String::new(); 50].into(),
        first: 20.into(),
        ratio: 1e-7,
    };
    let mut body = Vec::new();
    let counted = measure(|| body = operation::body(&search));
    assert_eq!(counted.count_total, 1);
    // A larger one grows by doubling.
    search.text = search.text.repeat(250);
    let counted = measure(|| body = operation::body(&search));
    assert!(counted.count_total <= 8 && counted.bytes_max <= 3 * body.len() as u64);
    assert!(rt::from_slice::<attendium::Json>(&body).is_ok());
}
