//! Answers in parts: the body, and how its parts are joined.

use attendium::{Deferred, IncrementalDecoder};

#[rustfmt::skip]
mod answer {
    use super::Deferred;

    pub struct Parts {}
    #[derive(Debug, Clone, PartialEq)]
    pub struct Data { pub a: Option<Deep>, pub b: Deferred<Late>, pub list: Option<Vec<Item>> }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Deep { pub a: Option<i32>, pub late: Deferred<Late> }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Late { pub x: Option<String>, pub y: i32 }
    #[derive(Debug, Clone, PartialEq)]
    pub struct Item { pub id: Option<i32>, pub late: Deferred<Late> }
}
use answer::*;

attendium::impl_graphql! {
    #![derive(Serialize, Deserialize)]
    query Parts { data: Data, name: "Parts", source: "fuzz", document: "query Parts{a{a}}" }
    variables Parts {}
    object Data { a, ..b @ "b", list }
    object Deep { a, ..late @ "late" }
    object Late { x, y }
    object Item { id, ..late @ "late" }
}

const KIND: &str = "multipart/mixed; boundary=x";

/// A body of `multipart/mixed`: however it is cut, a good one gives the same answer.
pub fn multipart(body: &[u8]) {
    let whole = read(KIND, body, body.len().max(1));
    for size in [1, 2, 7] {
        let cut = read(KIND, body, size);
        // A body that is wrong may be found to be so later, or not at all.
        if whole.1 {
            assert_eq!(cut, whole, "cut into pieces of {size}");
        }
    }
    read("text/event-stream", body, 3);
}

/// Parts with the byte 0x1e between them: each that fits is joined, and every state can be read.
pub fn merge(parts: &[u8]) {
    let mut body = Vec::new();
    for part in parts.split(|&byte| byte == 0x1e) {
        body.extend_from_slice(b"\r\n--x\r\n\r\n");
        body.extend_from_slice(part);
    }
    body.extend_from_slice(b"\r\n--x--");
    read(KIND, &body, body.len());
}

/// Reads a body in pieces. Returns the data at its end, and whether nothing was wrong with it.
fn read(kind: &str, body: &[u8], size: usize) -> (Option<String>, bool) {
    let mut decoder = IncrementalDecoder::new(kind, 1 << 20).expect("the boundary is valid");
    let mut good = true;
    for piece in body.chunks(size) {
        good &= decoder.push(piece).is_ok();
        loop {
            match decoder.advance() {
                Ok(true) => check(&decoder, body.len()),
                Ok(false) => break,
                Err(error) => {
                    good = false;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    good &= decoder.finish().is_ok();
    check(&decoder, body.len());
    (decoder.data_text(), good)
}

fn check(decoder: &IncrementalDecoder, received: usize) {
    if let Some(data) = decoder.data_text() {
        // A mark for what is announced is no longer than twice the announcement.
        assert!(
            data.len() <= 64 + 4 * received,
            "{} of {received}",
            data.len()
        );
    }
    let Ok(response) = decoder.response::<Parts>() else {
        return;
    };
    if let Some(data) = response.data {
        let written = serde_json::to_string(&data).expect("it is written");
        // A number of a part may be written in another way, and what is pending is marked.
        let again: Data =
            serde_json::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
        let written_again = serde_json::to_string(&again).expect("it is written");
        assert_eq!(written, written_again);
    }
}

/// Bodies to start from.
pub const BODIES: &[&str] = &[
    "--x\r\nContent-Type: application/json\r\nContent-Length: 41\r\n\r\n{\"data\":{\"list\":[],\"a\":{\"a\":1}},\"hasNext\":true}\r\n--x\r\n\r\n{\"hasNext\":false}\r\n--x--\r\n",
    "preamble\n--x\n\n{\"data\":{\"y\":1}}\n--x \n\n{}\n--x--epilogue",
    "event: next\ndata: {\"data\":{\"y\":1}}\n\nevent: complete\n\n",
];

/// Parts to start from.
pub const PARTS: &[&str] = &[
    "{\"data\":{\"a\":{\"a\":1},\"list\":[{\"id\":1}]},\"hasNext\":true,\"pending\":[{\"id\":\"0\",\"path\":[],\"label\":\"b\"},{\"id\":\"1\",\"path\":[\"list\"]},{\"id\":\"2\",\"path\":[\"a\"],\"label\":\"late\"}]}\x1e{\"incremental\":[{\"id\":\"0\",\"data\":{\"x\":\"s\",\"y\":2}},{\"id\":\"1\",\"items\":[{\"id\":2}]}],\"completed\":[{\"id\":\"0\"},{\"id\":\"2\",\"errors\":[{\"message\":\"m\"}]}],\"hasNext\":true}\x1e{\"completed\":[{\"id\":\"1\"}],\"hasNext\":false}",
    "{\"data\":{\"a\":null,\"list\":[]},\"hasNext\":true}\x1e{\"incremental\":[{\"path\":[\"list\",0],\"items\":[{\"id\":1}]},{\"path\":[],\"label\":\"b\",\"data\":{\"x\":null,\"y\":1},\"errors\":[{\"message\":\"m\"}]},{\"path\":[\"list\",0],\"label\":\"late\",\"data\":null}],\"hasNext\":true}\x1e{\"hasNext\":false}",
    "{\"data\":{\"list\":[]}}\x1e{\"path\":[\"list\",0],\"data\":{\"id\":1}}\x1e{\"path\":[\"list\",0],\"label\":\"late\",\"data\":{\"x\":\"\",\"y\":0}}",
];
