//! A bounded run of the fuzz targets on stable: texts grown from seeds by mutations that are the
//! same each time. `ATTENDIUM_FUZZ_ROUNDS` runs more of them than the default.

use attendium_fuzz::{answers, compiler, incremental, session, subscriptions};

const SEEDS: &[&str] = &[
    attendium_fuzz::RESPONSE,
    r#"{"a":[1,-2.5e3,1e400,"\u00e9\ud83d\ude00\n",true,false,null,{}],"a":{"b":""}}"#,
    "[18446744073709551616,-9223372036854775808,0.1,1E-7,-0]",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"",
    "  [ { } , [ ] , \"é\" ]\n",
    "[[[[[[[[[[{\"a\":[[[[1]]]]}]]]]]]]]]]",
];

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\\udc00",
    "0",
    "1",
    "-",
    ".",
    "e",
    "E+",
    "null",
    "true",
    "false",
    " ",
    "\n",
    "\u{1}",
    "é",
    "\"id\":1,",
    "\"owner\":{},",
    "\"__typename\":\"GuestAdded\",",
    "9999999999999999999999",
    "{\"a\":1}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// What parts of an answer are made of, and what stands between them.
const PART_PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "\u{1e}",
    "\r\n--x\r\n\r\n",
    "\n--x",
    "--",
    "\r",
    "\n",
    "Content-Length: 2\r\n",
    "data: ",
    "null",
    "0",
    "-1",
    "1e400",
    "\"data\":{\"y\":1},",
    "\"data\":null,",
    "\"items\":[{\"id\":3}],",
    "\"path\":[],",
    "\"path\":[\"list\",0],",
    "\"path\":[\"a\"],",
    "\"subPath\":[0],",
    "\"label\":\"late\",",
    "\"id\":\"1\",",
    "\"hasNext\":true,",
    "\"pending\":[{\"id\":\"1\",\"path\":[]}],",
    "\"completed\":[{\"id\":\"0\"}],",
    "\"errors\":[{}],",
    "\"@defer\":{\"b\":\"pending\"},",
];

/// What the parsers of the session start from, each mutated by itself.
const SESSION_PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "\"3600\"",
    "1.5",
    "&",
    "=",
    "%",
    "%00",
    "%e9",
    "+",
    "?",
    "#",
    "@",
    "//",
    "{state}",
    "&state=",
    "&code=",
    "code=x&",
    "&iss=",
    "&error=access_denied",
    "error=",
    "https://",
    "http://",
    "127.0.0.1",
    "[::1]",
    ":443",
    "evil.example",
    "\"error\":\"invalid_grant\",",
    "\"error\":\"invalid_client\",",
    "\"expires_in\":\"x\",",
    "\"token_type\":\"DPoP\",",
    "\u{1b}[31m",
    "\u{202e}",
    "\u{0}",
    "é",
    "\u{80}",
    "\u{87}",
];

/// What whole answers are made of, beside the pieces of their bodies.
const HTTP_PIECES: &[&str] = &[
    "HTTP/1.1 100 \n",
    " 200 ",
    " 204 ",
    " 302 ",
    " 400 ",
    " 401 ",
    " 403 ",
    " 410 ",
    " 429 ",
    " 500 ",
    " 599 ",
    " 999 ",
    "\n\n",
    "\n",
    ": ",
    "\r",
    "{sent}",
    "\"error\":\"invalid_grant\",",
    "\"error\":{\"code\":\"{sent}\"},",
    "\"error\":\"slow_down\",",
    "\"error_description\":\"{sent}\",",
    "\"token_type\":\"DPoP\",",
    "\"expires_in\":-1,",
    "\"expires_in\":1e300,",
    "retry-after: 18446744073709551616\n",
    "retry-after: -1\n",
    "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\n",
    "content-type: text/html\n",
    "content-type: application/x-www-form-urlencoded\n",
    "content-encoding: gzip\n",
    "content-length: 99999999999\n",
    "location: https://evil.example/\n",
    "www-authenticate: Bearer\n",
    "www-authenticate: Bearer resource_metadata=\"https://evil.example/m\"\n",
    "www-authenticate: Bearer error=\"insufficient_scope\", scope=\"\\\n",
    "x-request-id: {sent}\n",
    "set-cookie: {sent}\n",
    "\"",
    "\\",
    "{",
    "}",
    "null",
    "https://evil.example",
    "http://",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[31m",
    "é",
];

/// What server-sent events and the messages of a socket are made of.
const SUBSCRIPTION_PIECES: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    ":",
    " ",
    "\u{feff}",
    "\u{0}",
    "é",
    "\u{1b}[31m",
    "data: ",
    "data:{\"data\":{\"a\":2}}\n\n",
    "event: next\n",
    "event: complete\n\n",
    "event",
    "event: error\n",
    "id: 1\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "\\",
    "\\ud800",
    "null",
    "-",
    "1e400",
    "\u{1e}",
    "{id}",
    "{sent}",
    "\"id\":\"7\",",
    "\"id\":2,",
    "\"id\":\"+2\",",
    "\"type\":\"next\",",
    "\"type\":\"ping\",",
    "\"type\":\"pong\",",
    "\"type\":\"connection_ack\",",
    "\"type\":\"error\",",
    "\"type\":null,",
    "\"payload\":1,",
    "\"payload\":{\"data\":{\"a\":3}},",
    "\"payload\":\"{sent}\",",
    "{\"type\":\"ping\"}\u{1e}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// What documents and schemas are made of.
const GRAPHQL_PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    "...",
    "...on",
    "...F",
    " on ",
    "@include(if:true)",
    "@defer",
    "@defer(label:\"a\",if:$x)",
    "@stream(initialCount:1)",
    "@skip",
    "@oneOf",
    "@deprecated",
    "$x",
    ":",
    "=",
    "null",
    "1e999",
    "-",
    "\"",
    "\"\"\"",
    "#",
    "\u{feff}",
    "\u{202e}",
    "é",
    "fragment F on User{",
    "query{",
    "type Query{",
    "union U=",
    "input In{",
    "extend type Query{",
    "enum E{",
    "interface I implements I{",
    "schema{query:Query}",
    "__typename",
    "__schema{types{name}}",
    "{{{{{{{{{{{{{{{{",
    "[[[[[[[[[[[[[[[[",
    "a{a{a{a{",
    "\u{1f}",
    "\\u{110000}",
    "\\ud800",
];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn mutated(&mut self, seeds: &[&str], pieces: &[&str]) -> Vec<u8> {
        let mut text = seeds[self.below(seeds.len())].as_bytes().to_vec();
        for _ in 0..self.below(5) {
            let at = self.below(text.len() + 1);
            let end = (at + self.below(12)).min(text.len());
            match self.below(6) {
                0 => text.truncate(at),
                1 => drop(text.drain(at..end)),
                2 => text.extend_from_within(at..end),
                3 if at < text.len() => text[at] = self.below(256) as u8,
                4 => {
                    let other = seeds[self.below(seeds.len())].as_bytes();
                    let from = self.below(other.len());
                    text.splice(at..end, other[from..].iter().take(40).copied());
                }
                _ => {
                    let piece = pieces[self.below(pieces.len())];
                    text.splice(at..at, piece.bytes());
                }
            }
        }
        text
    }
}

fn run(target: fn(&[u8]), rounds: usize, seeds: &[&str], pieces: &[&str]) {
    let rounds = std::env::var("ATTENDIUM_FUZZ_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(rounds);
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for _ in 0..rounds {
        let text = random.mutated(seeds, pieces);
        if let Err(panic) = std::panic::catch_unwind(|| target(&text)) {
            eprintln!("input: {:?}", String::from_utf8_lossy(&text));
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn the_reader_agrees_with_serde_json() {
    run(attendium_fuzz::json, 100_000, SEEDS, PIECES);
}

#[test]
fn what_decodes_is_written_and_read_back_the_same() {
    run(attendium_fuzz::response, 100_000, SEEDS, PIECES);
}

#[test]
fn a_body_in_parts_is_the_same_however_it_is_cut() {
    run(
        incremental::multipart,
        20_000,
        incremental::BODIES,
        PART_PIECES,
    );
}

#[test]
fn any_parts_are_joined_or_refused() {
    run(incremental::merge, 50_000, incremental::PARTS, PART_PIECES);
}

#[test]
fn any_metadata_is_taken_or_refused() {
    run(
        session::metadata,
        10_000,
        &[session::METADATA],
        SESSION_PIECES,
    );
}

#[test]
fn any_registration_is_taken_or_refused() {
    run(
        session::registration,
        10_000,
        &[session::REGISTRATION],
        SESSION_PIECES,
    );
}

#[test]
fn any_tokens_are_taken_or_refused() {
    run(session::token, 10_000, &[session::TOKEN], SESSION_PIECES);
}

#[test]
fn any_callback_is_taken_or_refused() {
    run(
        session::callback,
        10_000,
        &[session::CALLBACK],
        SESSION_PIECES,
    );
}

#[test]
fn any_http_answer_at_any_endpoint_is_taken_or_refused() {
    run(answers::answers, 500, answers::SEEDS, HTTP_PIECES);
}

#[test]
fn any_document_is_compiled_or_refused() {
    run(
        compiler::document,
        1_000,
        &[compiler::DOCUMENT],
        GRAPHQL_PIECES,
    );
}

#[test]
fn any_schema_is_taken_or_refused() {
    run(compiler::schema, 1_000, &[compiler::SCHEMA], GRAPHQL_PIECES);
}

#[test]
fn any_schema_with_any_document_is_compiled_or_refused() {
    let both = format!(
        "{}{}{}",
        compiler::SCHEMA,
        compiler::DIVIDER,
        compiler::DOCUMENT
    );
    run(compiler::both, 1_000, &[&both], GRAPHQL_PIECES);
}

#[test]
fn any_server_sent_events_are_what_a_simple_reader_finds() {
    run(
        subscriptions::events,
        2_000,
        subscriptions::EVENTS,
        SUBSCRIPTION_PIECES,
    );
}

#[test]
fn any_messages_of_a_socket_are_what_serde_json_finds() {
    run(
        subscriptions::messages,
        5_000,
        subscriptions::MESSAGES,
        SUBSCRIPTION_PIECES,
    );
}
