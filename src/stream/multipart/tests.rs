//! Every body is cut at every place, and byte by byte: the parts have to be the same.

use super::{MultipartError, MultipartParser, parameter};

const LIMIT: usize = 1024;

fn parser(content_type: &str) -> MultipartParser {
    MultipartParser::from_content_type(content_type, LIMIT).expect("the boundary is valid")
}

/// The parts of a body that comes in these pieces, and whether it was closed.
fn parts_of(content_type: &str, pieces: &[&[u8]]) -> (Vec<String>, bool) {
    let mut parser = parser(content_type);
    let mut parts = Vec::new();
    for piece in pieces {
        parser
            .push(piece, &mut parts)
            .expect("no part is too large");
    }
    let closed = parser.is_ended();
    parts.extend(parser.finish());
    let text = |part: Vec<u8>| String::from_utf8(part).expect("the bodies are text");
    (parts.into_iter().map(text).collect(), closed)
}

/// The parts of a body, which have to be the same wherever it is cut.
fn parts(content_type: &str, body: &str) -> (Vec<String>, bool) {
    let body = body.as_bytes();
    let whole = parts_of(content_type, &[body]);
    for at in 0..=body.len() {
        let (first, second) = body.split_at(at);
        assert_eq!(
            parts_of(content_type, &[first, second]),
            whole,
            "cut at {at}"
        );
        for to in at..=body.len() {
            let pieces = [&body[..at], &body[at..to], &body[to..]];
            assert_eq!(
                parts_of(content_type, &pieces),
                whole,
                "cut at {at} and {to}"
            );
        }
    }
    let bytes: Vec<&[u8]> = body.chunks(1).collect();
    assert_eq!(parts_of(content_type, &bytes), whole, "byte by byte");
    whole
}

const MIXED: &str = "multipart/mixed; boundary=\"-\"; deferSpec=20220824";

fn closed(bodies: &[&str]) -> (Vec<String>, bool) {
    (bodies.iter().map(|&body| body.to_owned()).collect(), true)
}

#[test]
fn parts_are_found_at_every_chunk_border() {
    let body = "\r\n---\r\ncontent-type: application/json; charset=utf-8\r\n\r\n\
                {\"data\":{\"a\":\"é\"},\"hasNext\":true}\r\n---\r\n\
                Content-Type: application/json\r\n\r\n{\"hasNext\":false}\r\n-----\r\n";
    let found = parts(MIXED, body);
    assert_eq!(
        found,
        closed(&[
            "{\"data\":{\"a\":\"é\"},\"hasNext\":true}",
            "{\"hasNext\":false}"
        ])
    );
}

#[test]
fn line_feeds_alone_are_line_ends() {
    let body = "--b\nContent-Type: application/json\n\n{}\n--b\n\n{\"x\":1}\n--b--";
    assert_eq!(
        parts("multipart/mixed;boundary=b", body),
        closed(&["{}", "{\"x\":1}"])
    );
}

#[test]
fn a_preamble_and_an_epilogue_are_dropped() {
    let body = "This is multipart.\r\n--bee\r\n{--b\r\n--b \t\r\nA: b\r\n\r\n{}\r\n--b--\r\n--b\r\n\
                \r\n{\"never\":1}\r\n--b--";
    assert_eq!(parts("multipart/mixed;boundary=b", body), closed(&["{}"]));
}

#[test]
fn a_part_without_headers_or_without_a_body_is_a_part() {
    let body = "--b\r\n\r\n{}\r\n--b\r\nA: b\r\n\r\n\r\n--b\r\n\r\n--b--";
    assert_eq!(
        parts("multipart/mixed;boundary=b", body),
        closed(&["{}", "", ""])
    );
}

#[test]
fn what_only_begins_like_a_delimiter_belongs_to_the_part() {
    let body = "--b\r\n\r\n{\r\n--bee\r\n--b-\r\n--b x\r\n-- b\r\n}\r\n--b--";
    let found = parts("multipart/mixed;boundary=b", body);
    assert_eq!(found, closed(&["{\r\n--bee\r\n--b-\r\n--b x\r\n-- b\r\n}"]));
}

#[test]
fn a_part_of_the_announced_length_does_not_wait_for_the_delimiter() {
    let mut parser = parser("multipart/mixed;boundary=b");
    let mut parts = Vec::new();
    let first =
        "\r\n--b\r\nContent-Type: application/json\r\nCONTENT-LENGTH:  10\r\n\r\n{\"a\":\"}\"} ";
    parser
        .push(first.as_bytes(), &mut parts)
        .expect("in the limit");
    assert_eq!(parts, [b"{\"a\":\"}\"} ".to_vec()]);
    let rest = "\r\n--b\r\nContent-Length: 2\r\n\r\n{}\r\n--b--";
    parser
        .push(rest.as_bytes(), &mut parts)
        .expect("in the limit");
    assert_eq!(parts.len(), 2);
    assert!(parser.is_ended());
}

#[test]
fn a_length_that_counts_characters_is_not_believed() {
    for length in [
        "3",
        "8",
        "9",
        "300",
        "-1",
        "+2",
        "99999999999999999999999",
        "x",
        "",
    ] {
        let body = format!("--b\r\nContent-Length: {length}\r\n\r\n{{\"a\":\"éé\"}}\r\n--b--");
        assert_eq!(
            parts("multipart/mixed;boundary=b", &body),
            closed(&["{\"a\":\"éé\"}"]),
            "{length}"
        );
    }
}

#[test]
fn a_body_that_ends_early_gives_what_there_is() {
    let found = parts(
        "multipart/mixed;boundary=b",
        "--b\r\n\r\n{}\r\n--b\r\n\r\n{\"a\":",
    );
    assert_eq!(found, (vec!["{}".into(), "{\"a\":".into()], false));
    let found = parts("multipart/mixed;boundary=b", "--b\r\n\r\n{}\r\n--b");
    assert_eq!(found, (vec!["{}".into()], false));
    for nothing in ["", "--b", "--b\r\n", "--b\r\nA: b", "{\"data\":null}"] {
        assert_eq!(
            parts("multipart/mixed;boundary=b", nothing),
            (vec![], false)
        );
    }
}

#[test]
fn a_part_over_the_limit_is_an_error_and_one_at_it_is_not() {
    let too_large = Err(MultipartError::TooLarge { limit: LIMIT });
    let with_body = |length: usize| format!("--b\r\n\r\n{}\r\n--b--", "x".repeat(length));
    for (body, expected) in [
        (with_body(LIMIT - 100), Ok(())),
        (with_body(LIMIT + 1), too_large),
        (format!("--b\r\nA: {}", "x".repeat(LIMIT + 1)), too_large),
        // What stands in front of the first part and behind the last is of any length.
        (
            format!("{}\r\n--b\r\n\r\n{{}}\r\n--b--", "x".repeat(LIMIT * 3)),
            Ok(()),
        ),
        (
            format!("--b\r\n\r\n{{}}\r\n--b--{}", "x".repeat(LIMIT * 3)),
            Ok(()),
        ),
    ] {
        let mut parser = parser("multipart/mixed;boundary=b");
        let mut parts = Vec::new();
        let ended = body
            .as_bytes()
            .chunks(7)
            .try_for_each(|chunk| parser.push(chunk, &mut parts));
        assert_eq!(ended, expected);
        let mut whole = MultipartParser::from_content_type("multipart/mixed;boundary=b", LIMIT)
            .expect("the boundary is valid");
        assert_eq!(whole.push(body.as_bytes(), &mut Vec::new()), expected);
    }
}

#[test]
fn the_boundary_is_read_quoted_or_not() {
    for (header, boundary) in [
        ("multipart/mixed; boundary=abc", Some("abc")),
        (
            "multipart/mixed;boundary=abc;deferSpec=20220824",
            Some("abc"),
        ),
        (
            "multipart/mixed; deferSpec=20220824; BOUNDARY = \"a;b\\\"c\"",
            Some("a;b\"c"),
        ),
        (
            "multipart/mixed; x=\"boundary=no\"; boundary=yes",
            Some("yes"),
        ),
        ("multipart/mixed; flag; boundary=-", Some("-")),
        ("multipart/mixed", None),
        ("multipart/mixed; boundary", None),
        ("multipart/mixed; boundary=\"open", None),
    ] {
        assert_eq!(
            parameter(header, "boundary").as_deref(),
            boundary,
            "{header}"
        );
    }
    for header in [
        "multipart/mixed",
        "multipart/mixed;boundary=\"\"",
        "a;boundary=\"x \"",
    ] {
        let refused = MultipartParser::from_content_type(header, LIMIT).err();
        assert_eq!(refused, Some(MultipartError::Boundary), "{header}");
    }
}

#[test]
fn a_part_does_not_wait_for_the_line_end_of_its_delimiter() {
    let mut parser = parser("multipart/mixed;boundary=b");
    let mut parts = Vec::new();
    parser
        .push(b"--b\r\n\r\n{\"a\":1}\r\n--b", &mut parts)
        .expect("in the limit");
    assert_eq!(parts, [b"{\"a\":1}".to_vec()]);
    parser.push(b"  ", &mut parts).expect("in the limit");
    parser
        .push(b"\r\n\r\n{}\r\n--b", &mut parts)
        .expect("in the limit");
    assert_eq!(parts.len(), 2);
    parser.push(b"--", &mut parts).expect("in the limit");
    assert_eq!((parts.len(), parser.is_ended()), (2, true));
}

/// Parts that come in one piece are not moved once for each part before them.
#[test]
fn many_parts_in_one_piece_take_no_longer_than_their_bytes() {
    let body = "--b\r\nA: b\r\n\r\n{}\r\n".repeat(200_000) + "--b--";
    let (parts, closed) = parts_of("multipart/mixed;boundary=b", &[body.as_bytes()]);
    assert_eq!((parts.len(), closed), (200_000, true));
}
