//! The answer that all peers decode: made by code, the same bytes each time.
//!
//! `cargo bench -p attendium-benches` runs `benches/peers/main.rs`, which is where to enter.

pub mod record;

use std::fmt::Write;

/// An answer to `queries/repository_issues.graphql` of about this many bytes, with its keys in the
/// query's order, as servers send it: without white space.
#[must_use]
pub fn answer(bytes: usize) -> String {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut out = String::with_capacity(bytes + 8192);
    out.push_str(r#"{"data":{"repository":{"id":"R_kgDOABCDEF","name":"guest-list","nameWithOwner":"attendium/guest-list","#);
    out.push_str(r#""description":"Guest lists, invitations and check-in","url":"https://code.example/attendium/guest-list","#);
    out.push_str(r#""stargazerCount":48211,"forkCount":1032,"isPrivate":false,"createdAt":"2019-04-12T08:15:30Z","#);
    out.push_str(r#""issues":{"totalCount":2341,"pageInfo":{"hasNextPage":true,"endCursor":"Y3Vyc29yOnYyOpK5MjAyNA=="},"nodes":["#);
    let mut number = 1000;
    while out.len() < bytes {
        if number > 1000 {
            out.push(',');
        }
        issue(&mut out, &mut random, number);
        number += 1;
    }
    out.push_str("]}}}}");
    out
}

fn issue(out: &mut String, random: &mut Random, number: u64) {
    let state = random.of(&["OPEN", "CLOSED"]);
    let association = random.of(ASSOCIATIONS);
    // A text can't refuse to be written to.
    let _ = write!(
        out,
        r#"{{"id":"I_{:012x}","number":{number},"title":"{}","body":"{}","state":"{state}","createdAt":"{}","updatedAt":"{}","url":"https://code.example/attendium/guest-list/issues/{number}","locked":{},"score":{},"authorAssociation":"{association}","author":"#,
        random.next() >> 16,
        random.words(7, " "),
        random.body(),
        random.date(),
        random.date(),
        random.below(8) == 0,
        random.score(),
    );
    author(out, random);
    let labels = random.below(5);
    let _ = write!(out, r#","labels":{{"totalCount":{labels},"nodes":["#);
    for index in 0..labels {
        out.push_str(if index > 0 { "," } else { "" });
        label(out, random);
    }
    let items = random.below(8);
    let _ = write!(
        out,
        r#"]}},"timelineItems":{{"totalCount":{items},"nodes":["#
    );
    for index in 0..items {
        out.push_str(if index > 0 { "," } else { "" });
        timeline_item(out, random);
    }
    out.push_str("]}}");
}

fn author(out: &mut String, random: &mut Random) {
    let kind = random.below(10);
    if kind == 0 {
        out.push_str("null");
        return;
    }
    let typename = if kind == 1 { "Bot" } else { "User" };
    let login = random.words(1, "");
    let _ = write!(
        out,
        r#"{{"__typename":"{typename}","login":"{login}","avatarUrl":"https://avatars.code.example/u/{}?v=4","url":"https://code.example/{login}","#,
        random.below(10_000_000),
    );
    let _ = match (kind, random.below(2)) {
        (1, _) => write!(out, r#""databaseId":{}}}"#, random.below(1_000_000)),
        (_, 0) => write!(out, r#""name":"{}","company":null}}"#, random.words(2, " ")),
        _ => write!(
            out,
            r#""name":"{}","company":"@{}"}}"#,
            random.words(2, " "),
            random.words(1, "")
        ),
    };
}

fn label(out: &mut String, random: &mut Random) {
    let _ = write!(
        out,
        r#"{{"id":"LA_{:08x}","name":"{}","color":"{:06x}","description":"{}","isDefault":{}}}"#,
        random.next() >> 32,
        random.words(1, ""),
        random.next() >> 40,
        random.words(5, " "),
        random.below(2) == 0,
    );
}

fn timeline_item(out: &mut String, random: &mut Random) {
    let id = random.next() >> 16;
    let date = random.date();
    let _ = match random.below(4) {
        0 => write!(
            out,
            r#"{{"__typename":"ClosedEvent","id":"CE_{id:012x}","createdAt":"{date}","reason":null}}"#
        ),
        1 => {
            let _ = write!(
                out,
                r#"{{"__typename":"LabeledEvent","id":"LE_{id:012x}","createdAt":"{date}","label":"#
            );
            label(out, random);
            out.write_char('}')
        }
        _ => {
            let association = random.of(ASSOCIATIONS);
            let body = random.body();
            let upvotes = random.below(40);
            write!(
                out,
                r#"{{"__typename":"IssueComment","id":"IC_{id:012x}","bodyText":"{body}","createdAt":"{date}","authorAssociation":"{association}","upvotes":{upvotes}}}"#
            )
        }
    };
}

const ASSOCIATIONS: &[&str] = &["OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR", "NONE"];

const WORDS: &[&str] = &[
    "guest",
    "list",
    "check-in",
    "counter",
    "offline",
    "sync",
    "ticket",
    "scanner",
    "crash",
    "when",
    "the",
    "on",
    "after",
    "with",
    "imported",
    "names",
    "Ünïcode",
    "export",
    "slow",
    "colour",
    "invitation",
    "link",
    "expired",
    "device",
    "wrong",
    "total",
    "of",
    "a",
    "party",
    "in",
    "group",
    "for",
];

/// A xorshift generator: the same numbers each time, everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn of(&mut self, choices: &[&'static str]) -> &'static str {
        let index = self.below(choices.len() as u64) as usize;
        choices.get(index).copied().unwrap_or_default()
    }

    fn words(&mut self, count: usize, between: &str) -> String {
        (0..count)
            .map(|_| self.of(WORDS))
            .collect::<Vec<_>>()
            .join(between)
    }

    /// A text of some lines; every second one has more than one, and so an escape.
    fn body(&mut self) -> String {
        let lines = 1 + self.below(2) * self.below(4);
        (0..lines)
            .map(|_| self.words(9, " "))
            .collect::<Vec<_>>()
            .join("\\n")
    }

    fn date(&mut self) -> String {
        let (month, day, minute) = (1 + self.below(12), 1 + self.below(28), self.below(60));
        format!("2026-{month:02}-{day:02}T12:{minute:02}:07Z")
    }

    fn score(&mut self) -> String {
        match self.below(4) {
            0 => "null".to_owned(),
            _ => format!("{}.{}", self.below(100), self.below(10_000)),
        }
    }
}
