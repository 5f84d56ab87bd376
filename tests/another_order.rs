//! An answer may have its keys in any order, twice, with escapes and among keys that nobody asked
//! for, in every object at once: what is read from it is what is read from the same answer in the
//! query's order. The reader has several ways to find a key (the next one, on the list, in a sorted
//! list), so answers are made at random until all of them have met.
#![allow(missing_docs)]

use attendium::rt;
use attendium::{Id, Json, Maybe};
use proptest::prelude::*;
use serde_json::{Map, json};
use std::cell::RefCell;

#[derive(Debug, PartialEq)]
pub struct Event {
    pub id: Id,
    pub owner: Owner,
    pub note: Option<String>,
    pub peer: Maybe<Rank>,
    pub nodes: Vec<Node>,
    pub card: Card,
    pub stats: Option<Stats>,
    pub kind: Kind,
    pub total: Maybe<i64>,
    pub last: f64,
}

#[derive(Debug, PartialEq)]
pub struct Owner {
    pub login: String,
    pub a_key_that_is_longer_than_two_words: bool,
}

#[derive(Debug, PartialEq)]
pub struct Rank {
    pub rank: i32,
    pub node: Option<Box<Node>>,
}

/// A fragment that shares keys with the event and with the other fragment, and asks for other
/// things below them.
#[derive(Debug, PartialEq)]
pub struct Card {
    pub title: String,
    pub id: Id,
    pub owner: CardOwner,
    pub nodes: Vec<CardNode>,
    pub peer: Option<Peer>,
}

#[derive(Debug, PartialEq)]
pub struct CardOwner {
    pub id: Id,
    pub login: String,
}

#[derive(Debug, PartialEq)]
pub struct CardNode {
    pub name: Option<String>,
    pub id: Id,
}

#[derive(Debug, PartialEq)]
pub struct Peer {
    pub id: Option<Id>,
}

#[derive(Debug, PartialEq)]
pub struct Stats {
    pub score: Option<f64>,
    pub owner: StatsOwner,
    pub inner: Option<Peer>,
}

#[derive(Debug, PartialEq)]
pub struct StatsOwner {
    pub guests: Option<Vec<CardNode>>,
}

#[derive(Debug, PartialEq)]
pub struct Node {
    pub id: Id,
    pub name: Option<String>,
    pub kind: Kind,
    pub children: Vec<Node>,
    pub any: Json,
}

attendium::impl_graphql! {
    object Event { id, owner, note?, peer?, nodes, ..card, ..stats?, ..kind, total, last }
    object Owner {
        login, a_key_that_is_longer_than_two_words: "aKeyThatIsLongerThanTwoWordsOfSixteen",
    }
    object Rank { rank, node }
    object Card { title, id, owner, nodes, peer }
    object CardOwner { id, login }
    object CardNode { name, id }
    object Peer { id }
    object Stats { score, owner, ..inner? }
    object StatsOwner { guests }
    object Node { id, name, ..kind, children, any }
}

#[derive(Debug, PartialEq)]
pub enum Kind {
    Open(Open),
    Closed(Box<Closed>),
    Other(attendium::Other),
}

attendium::impl_graphql! {
    union Kind { Open, Closed: "Closed" | "Gone" }
}

#[derive(Debug, PartialEq)]
pub struct Open {
    pub seats: i32,
}

#[derive(Debug, PartialEq)]
pub struct Closed {
    pub typename: String,
    pub by: Option<CardOwner>,
    pub id: Id,
}

attendium::impl_graphql! {
    object Open { seats }
    object Closed { typename: "__typename", by, id }
}

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn id(&mut self) -> Json {
        match self.below(3) {
            0 => json!(self.below(1000)),
            1 => json!("x".repeat(self.below(40))),
            _ => json!(format!("\"{}\\\n", self.below(10))),
        }
    }

    fn maybe(&mut self, value: Json) -> Json {
        if self.one_in(4) { Json::Null } else { value }
    }

    fn list(&mut self, mut of: impl FnMut(&mut Self) -> Json) -> Json {
        (0..self.below(4)).map(|_| of(self)).collect()
    }

    fn owner(&mut self) -> Json {
        let mut owner = json!({"login": "ann", "aKeyThatIsLongerThanTwoWordsOfSixteen": self.one_in(2), "id": self.id()});
        // Without it the conditional fragment is not there.
        if !self.one_in(3) {
            owner["guests"] = self.list(|random| json!({"name": null, "id": random.id()}));
        }
        owner
    }

    fn kind(&mut self, object: &mut Json) {
        let (name, key, value) = match self.below(3) {
            0 => ("Open", "seats", json!(self.below(9))),
            1 => ("Gone", "by", {
                let owner = self.owner();
                self.maybe(owner)
            }),
            _ => ("Later", "else", json!({"id": {}})),
        };
        object["__typename"] = json!(name);
        object[key] = value;
    }

    fn node(&mut self, depth: usize) -> Json {
        let mut node = json!({"id": self.id(), "name": self.maybe(json!("n"))});
        self.kind(&mut node);
        node["children"] = if depth == 0 {
            json!([])
        } else {
            self.list(|random| random.node(depth - 1))
        };
        node["any"] = json!({"id": [{"id": 1, "x": [[]]}, {}], "b": "}"});
        node
    }

    /// An answer in the query's order.
    fn event(&mut self) -> Json {
        let mut event = json!({"id": self.id(), "owner": self.owner()});
        if self.one_in(2) {
            event["note"] = json!("note");
        }
        // The event's own part of the peer may be left out.
        let mut peer = json!({"id": self.id()});
        if self.one_in(2) {
            peer["rank"] = json!(1);
            peer["node"] = self.node(0);
        }
        event["peer"] = self.maybe(peer);
        event["nodes"] = self.list(|random| random.node(2));
        event["title"] = json!("t");
        if self.one_in(2) {
            event["score"] = self.maybe(json!(0.5));
        }
        self.kind(&mut event);
        event["total"] = json!(-1);
        event["last"] = json!(2.5);
        event
    }

    /// The keys from last to first, rotated, or in any order at all.
    fn shuffle<T>(&mut self, list: &mut [T]) {
        match self.below(3) {
            0 => list.reverse(),
            1 => list.rotate_left(self.below(list.len())),
            _ => (1..list.len()).for_each(|at| list.swap(at, self.below(at + 1))),
        }
    }

    fn space(&mut self, out: &mut String) {
        if self.one_in(30) {
            out.push_str(["\n  ", " ", "\t", "\r\n"][self.below(4)]);
        }
    }

    fn key(&mut self, out: &mut String, key: &str) {
        self.space(out);
        out.push('"');
        for letter in key.chars() {
            if self.one_in(150) {
                out.push_str(&format!("\\u{:04x}", letter as u32));
            } else {
                out.push(letter);
            }
        }
        out.push('"');
        self.space(out);
        out.push(':');
        self.space(out);
    }

    /// Writes a value with its objects' keys in another order, and with more keys: known ones once
    /// more, and new ones.
    fn write(&mut self, out: &mut String, value: &Json, wide: bool) {
        match value {
            Json::Object(map) => self.write_object(out, map, wide),
            Json::Array(list) => {
                for (index, element) in list.iter().enumerate() {
                    out.push(if index > 0 { ',' } else { '[' });
                    self.space(out);
                    self.write(out, element, false);
                    self.space(out);
                }
                out.push_str(if list.is_empty() { "[]" } else { "]" });
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }

    fn write_object(&mut self, out: &mut String, map: &Map<String, Json>, wide: bool) {
        let fill = if wide { 100 } else { self.below(3) };
        let known = map.iter().map(|(key, value)| (key.clone(), value, true));
        let mut members: Vec<_> = known.collect();
        let new = json!([{"id": 0, "new": {"id": null}}, "id"]);
        members.extend((0..fill).map(|index| (format!("new{}", index * 7), &new, false)));
        if !self.one_in(4) {
            self.shuffle(&mut members);
        }
        // Of duplicates the first counts.
        let twice = json!({"id": [{"login": 0, "nodes": 1}]});
        for _ in 0..self.below(3) {
            if let Some((key, ..)) = members.get(self.below(members.len())) {
                members.push((key.clone(), &twice, false));
            }
        }
        out.push('{');
        for (index, (key, value, known)) in members.iter().enumerate() {
            out.push_str(if index > 0 { "," } else { "" });
            self.key(out, key);
            if *known && key != "any" {
                let wide = self.one_in(60);
                self.write(out, value, wide);
            } else {
                out.push_str(&value.to_string());
            }
            self.space(out);
        }
        out.push('}');
    }
}

/// What the keys that are asked for, one after another, are in an object of numbers.
fn asked(text: &str, keys: &[&'static str]) -> Result<Vec<Option<i32>>, String> {
    thread_local! {
        static KEYS: RefCell<Vec<rt::Key>> = const { RefCell::new(Vec::new()) };
    }
    struct Asked(Vec<Option<i32>>);
    impl<'a> rt::Read<'a> for Asked {
        fn select(object: &mut rt::Object<'_, 'a>) -> rt::Result<Self> {
            let keys = KEYS.with_borrow(Clone::clone);
            let values = keys
                .iter()
                .map(|key| object.field(key))
                .collect::<rt::Result<_>>()?;
            object.finish()?;
            Ok(Self(values))
        }
    }
    KEYS.set(keys.iter().map(|key| rt::Key::new(key)).collect());
    match rt::from_str::<Vec<Asked>>(&format!("[{text},{text}]")) {
        Ok(list) if list.len() == 2 && list[0].0 == list[1].0 => Ok(list[0].0.clone()),
        Ok(_) => Err("the second one is read in another way".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_order_of_keys_reads_as_the_querys(seed in 1..u64::MAX) {
        let mut random = Random(seed);
        let answer = random.event();
        let expected = rt::from_str::<Event>(&answer.to_string()).expect("the answer is right");
        let mut text = String::new();
        let wide = random.one_in(4);
        random.write(&mut text, &answer, wide);
        let read = rt::from_str::<Event>(&text).map_err(|error| error.to_string());
        prop_assert_eq!(read, Ok(expected), "{}", text);

        // What is scanned ahead is checked like what is read.
        let cut = random.below(text.len());
        let kept = text.char_indices().filter(|&(at, _)| at != cut);
        let broken: String = kept.map(|(_, character)| character).collect();
        let (ours, any) = (rt::from_str::<Event>(&broken), rt::from_str::<Json>(&broken));
        if let Err(error) = any {
            prop_assert!(ours.is_err(), "{} is not JSON: {}", broken, error);
        }
    }

    #[test]
    fn what_is_wrong_is_said_of_the_same_place_in_any_order(seed in 1..u64::MAX) {
        let mut random = Random(seed);
        let mut answer = random.event();
        let wrong = [("last", json!("a string")), ("owner", json!([])), ("title", json!({"a": 1})), ("id", json!(true))];
        let (key, wrong) = &wrong[random.below(wrong.len())];
        answer[key] = wrong.clone();
        let expected = rt::from_str::<Event>(&answer.to_string()).expect_err("it is wrong");
        let mut text = String::new();
        random.write(&mut text, &answer, false);
        let error = rt::from_str::<Event>(&text).expect_err("it is wrong");
        prop_assert_eq!(error.kind(), expected.kind(), "{}", text);
        prop_assert!(text[error.offset()..].starts_with(&wrong.to_string()[..1]), "{}: {}", text, error);
        prop_assert!(error.path() == *key || error.path().contains('\\'), "{}: {}", text, error);
    }

    /// Objects of any size, whose keys are asked for in any order, most of them more than once,
    /// after some in the order of the text.
    #[test]
    fn every_key_is_the_first_of_its_name(seed in 1..u64::MAX, size in 0..150usize) {
        const NAMES: [&str; 8] = ["id", "name", "createdAt", "createdBy", "aVeryLongKeyOfTwoWords", "aKeyThatIsLongerThanTwoWordsOfSixteen", "x", "__typename"];
        let mut random = Random(seed);
        let names: Vec<&'static str> = (0..size)
            .map(|index| match index / NAMES.len() {
                0 => NAMES[index],
                round => &*format!("{}{round}", NAMES[index % NAMES.len()]).leak(),
            })
            .collect();
        let again = (0..random.below(3)).map(|_| random.below(size));
        let mut order: Vec<usize> = (0..size).chain(again).filter(|&index| index < size).collect();
        if random.one_in(2) {
            random.shuffle(&mut order);
        }
        let mut text = String::from("{");
        for (at, &index) in order.iter().enumerate() {
            text.push_str(if at > 0 { "," } else { "" });
            random.key(&mut text, names[index]);
            text.push_str(&at.to_string());
        }
        text.push('}');
        let straight = random.below(size + 1);
        let mut keys: Vec<&'static str> =
            order.iter().take(straight).map(|&index| names[index]).collect();
        let twice = names.iter().copied().take(random.below(size + 1));
        let mut others: Vec<&'static str> =
            names.iter().copied().chain(["absent"]).chain(twice).collect();
        random.shuffle(&mut others);
        keys.extend(others);
        let position = |key: &str| order.iter().position(|&index| names[index] == key);
        let expected = keys.iter().map(|key| position(key).map(|at| at as i32)).collect();
        prop_assert_eq!(asked(&text, &keys), Ok(expected), "{}", text);
    }
}
