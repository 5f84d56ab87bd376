//! Parts that do not fit: each is an error that says what and where, and none a panic.

use attendium::{DecodeErrorKind, IncrementalDecoder, IncrementalFault};

use crate::shapes::Event;

fn fails_with(first: &str, later: &str) -> (DecodeErrorKind, String, String) {
    let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=x", 1 << 20).unwrap();
    let body = format!("--x\n\n{first}\n--x\n\n{later}\n--x--");
    decoder.push(body.as_bytes()).unwrap();
    let error = decoder.finish().expect_err(later);
    // What was there before is still there.
    let _ = decoder.response::<Event>();
    (
        error.kind().clone(),
        error.path().to_owned(),
        error.to_string(),
    )
}

#[test]
fn each_part_that_does_not_fit_is_an_error_with_its_place() {
    use IncrementalFault as Fault;
    let first = r#"{"data":{"name":"Ball","guests":[{"id":1}]},"hasNext":true,
        "pending":[{"id":"0","path":["guests"]}]}"#;
    let cases: [(&str, Fault, &str); 14] = [
        (
            r#"{"incremental":[{"id":"7","data":{}}]}"#,
            Fault::UnknownId("7".into()),
            "",
        ),
        (
            r#"{"completed":[{"id":"7"}]}"#,
            Fault::UnknownId("7".into()),
            "",
        ),
        (
            r#"{"pending":[{"id":"0","path":["guests"]}]}"#,
            Fault::RepeatedId("0".into()),
            "guests",
        ),
        (
            r#"{"incremental":[{"path":["guest"],"data":{}}]}"#,
            Fault::UnknownPath,
            "guest",
        ),
        (
            r#"{"incremental":[{"path":["guests",1,"a"],"data":{}}]}"#,
            Fault::UnknownPath,
            "guests[1].a",
        ),
        (
            r#"{"incremental":[{"path":["name","x"],"data":{}}]}"#,
            Fault::UnknownPath,
            "name.x",
        ),
        (
            r#"{"pending":[{"id":"1","path":["x",0]}]}"#,
            Fault::UnknownPath,
            "x[0]",
        ),
        (
            r#"{"incremental":[{"path":["guests",3],"items":[1]}]}"#,
            Fault::Gap {
                index: 3,
                length: 1,
            },
            "guests[3]",
        ),
        (
            r#"{"path":["guests",2],"data":{}}"#,
            Fault::Gap {
                index: 2,
                length: 1,
            },
            "guests[2]",
        ),
        (
            r#"{"incremental":[{"id":"0","items":{}}]}"#,
            Fault::Conflict,
            "guests",
        ),
        (
            r#"{"incremental":[{"path":["name"],"items":[1]}]}"#,
            Fault::Conflict,
            "name",
        ),
        (
            r#"{"incremental":[{"path":[],"data":{"guests":{}}}]}"#,
            Fault::Conflict,
            "",
        ),
        (
            r#"{"incremental":[{"path":{},"data":{}}]}"#,
            Fault::Shape("`path` is no list"),
            "incremental[0].path",
        ),
        (r#"[]"#, Fault::Shape("it is no object"), ""),
    ];
    for (later, fault, path) in cases {
        let (kind, at, said) = fails_with(first, later);
        assert_eq!(kind, DecodeErrorKind::Incremental(fault), "{later}: {said}");
        assert_eq!(at, path, "{later}: {said}");
    }
    for broken in [
        "{",
        "{\"data\"",
        "{\"incremental\":[{]}",
        "nothing",
        "{\"hasNext\":1}",
    ] {
        let (kind, ..) = fails_with(first, broken);
        let expected = matches!(
            kind,
            DecodeErrorKind::Syntax(_) | DecodeErrorKind::Type { .. }
        );
        assert!(expected, "{broken}: {kind:?}");
    }
    let early = fails_with(
        r#"{"incremental":[{"path":[],"data":{}}],"hasNext":true}"#,
        "{}",
    );
    assert_eq!(early.0, DecodeErrorKind::Incremental(Fault::TooEarly));
}

#[test]
fn an_answer_that_ends_before_its_last_part_is_an_error() {
    let first = "--x\n\n{\"data\":{\"name\":\"a\",\"guests\":[]},\"hasNext\":true}\n--x";
    for body in [
        "",
        "--x--",
        "--x\n",
        first,
        &format!("{first}\n\n{{\"hasNext\":"),
    ] {
        let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=x", 1 << 20).unwrap();
        decoder.push(body.as_bytes()).unwrap();
        assert!(decoder.finish().is_err(), "{body}");
    }
    // A server that never says `hasNext`, and closes in form.
    let closed = "--x\n\n{\"data\":{\"name\":\"a\",\"guests\":[]}}\n--x--";
    let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=x", 1 << 20).unwrap();
    decoder.push(closed.as_bytes()).unwrap();
    decoder.finish().unwrap();
    assert!(decoder.is_complete());
}

#[test]
fn a_body_is_no_larger_than_it_may_be_and_no_deeper() {
    let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=x", 100).unwrap();
    let error = decoder.push(&[b' '; 101]).unwrap_err();
    assert_eq!(
        *error.kind(),
        DecodeErrorKind::Incremental(IncrementalFault::TooLarge(100))
    );
    let error = IncrementalDecoder::new("multipart/mixed", 100).unwrap_err();
    assert_eq!(
        *error.kind(),
        DecodeErrorKind::Incremental(IncrementalFault::Boundary)
    );

    // Each part puts its data a hundred levels below that of the part before it.
    let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=x", 1 << 24).unwrap();
    let level = |inside: &str| "{\"a\":".repeat(100) + inside + &"}".repeat(100);
    decoder
        .push(format!("--x\n\n{{\"data\":{}}}\n--x\n", level("{}")).as_bytes())
        .unwrap();
    assert!(decoder.advance().unwrap());
    let mut failed = false;
    for part in 1..50 {
        let path = vec!["\"a\""; 100 * part].join(",");
        let part = format!("\n{{\"path\":[{path}],\"data\":{}}}\n--x\n", level("{}"));
        decoder.push(part.as_bytes()).unwrap();
        failed |= decoder.advance().is_err();
    }
    assert!(failed);
    // However deep it has become, it is written, read (and refused) and dropped.
    assert!(decoder.data_text().is_some());
    assert!(decoder.response::<Event>().is_err());
}

#[test]
fn objects_of_very_many_members_and_long_lists_are_merged_in_time() {
    let members = |from: usize| {
        let members: Vec<String> = (from..from + 100_000)
            .map(|at| format!("\"k{at}\":{at}"))
            .collect();
        members.join(",")
    };
    let mut body = format!(
        "--x\n\n{{\"data\":{{{},\"list\":[]}},\"hasNext\":true}}\n",
        members(0)
    );
    body += &format!("--x\n\n{{\"path\":[],\"data\":{{{}}}}}\n", members(50_000));
    for index in 0..20_000 {
        body += &format!(
            "--x\n\n{{\"incremental\":[{{\"path\":[\"list\",{index}],\"items\":[{index}]}}]}}\n"
        );
    }
    body += "--x\n\n{\"hasNext\":false}\n--x--";
    let mut decoder = IncrementalDecoder::new("multipart/mixed; boundary=x", 1 << 26).unwrap();
    decoder.push(body.as_bytes()).unwrap();
    decoder.finish().unwrap();
    let merged: serde_json::Value = serde_json::from_str(&decoder.data_text().unwrap()).unwrap();
    assert_eq!(merged.as_object().unwrap().len(), 150_001);
    assert_eq!(merged["list"].as_array().unwrap().len(), 20_000);
}
