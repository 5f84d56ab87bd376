//! Each format, state by state, as typed data.

use attendium::{Deferred, IncrementalDecoder, PathSegment, PendingPart, Response};

pub struct Event {}

#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    pub name: String,
    pub card: Deferred<Card>,
    pub stats: Deferred<Stats>,
    pub guests: Vec<Guest>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub name: String,
    pub owner: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    pub owner: Option<String>,
    pub sold: i32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Guest {
    pub id: attendium::Id,
    pub mail: Deferred<Mail>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    pub mail: String,
}

attendium::impl_graphql! {
    query Event {
        data: Data,
        name: "Event",
        source: "tests/incremental/shapes.rs:1",
        document: "query Event{name ...Card@defer(label:\"card\")...@defer(label:\"stats\"){owner \
            sold}guests@stream{id ...@defer(label:\"mail\"){mail}}}fragment Card on Event{name \
            owner}",
        incremental: true,
    }
    variables Event {}
    object Data { name, ..card @ "card", ..stats @ "stats", guests }
    object Card { name, owner }
    object Stats { owner, sold }
    object Guest { id, ..mail @ "mail" }
    object Mail { mail }
}

const KIND: &str = "multipart/mixed; boundary=-";

/// The states of an answer in these parts: after each, and at the end.
pub fn states(parts: &[&str]) -> Vec<Response<Data>> {
    let mut decoder = IncrementalDecoder::new(KIND, 1 << 20).unwrap();
    let mut states = Vec::new();
    for part in parts {
        decoder
            .push(format!("\r\n---\r\n\r\n{part}\r\n---").as_bytes())
            .unwrap();
        decoder.push(b"\r\n\r\n").unwrap();
        assert!(decoder.advance().unwrap(), "{part}");
        states.push(
            decoder
                .response::<Event>()
                .unwrap_or_else(|error| panic!("{error}: {part}")),
        );
    }
    decoder.push(b"\r\n-----\r\n").unwrap();
    decoder.finish().unwrap();
    states.push(decoder.response::<Event>().unwrap());
    states
}

fn data(response: &Response<Data>) -> &Data {
    response.data.as_ref().expect("there is data")
}

fn guest(id: &str, mail: Deferred<Mail>) -> Guest {
    Guest {
        id: id.into(),
        mail,
    }
}

fn mail(mail: &str) -> Deferred<Mail> {
    Deferred::Ready(Mail { mail: mail.into() })
}

/// All of it, as a server sends it that knows neither directive.
fn whole() -> Data {
    Data {
        name: "Ball".into(),
        card: Deferred::Ready(Card {
            name: "Ball".into(),
            owner: None,
        }),
        stats: Deferred::Ready(Stats {
            owner: None,
            sold: 7,
        }),
        guests: vec![guest("1", mail("a@x")), guest("2", mail("b@x"))],
    }
}

#[test]
fn v02_states_are_known_by_ids_and_shared_fields_arrive_once() {
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[{"id":1}]},"hasNext":true,"pending":[
            {"id":"0","path":[],"label":"card"},{"id":"1","path":[],"label":"stats"},
            {"id":"2","path":["guests"]},{"id":"3","path":["guests",0],"label":"mail"}]}"#,
        // `owner` is of both fragments and comes under the id of one, which is complete with it.
        r#"{"incremental":[{"id":"1","data":{"owner":null}}],"hasNext":true,
            "completed":[{"id":"0"}]}"#,
        r#"{"incremental":[{"id":"2","items":[{"id":2}]},{"id":"3","data":{"mail":"a@x"}}],
            "pending":[{"id":"4","path":["guests",1],"label":"mail"}],
            "completed":[{"id":"2"},{"id":"3"}],"hasNext":true}"#,
        r#"{"incremental":[{"id":"1","data":{"sold":7}},{"id":"4","subPath":[],"data":{"mail":"b@x"}}],
            "completed":[{"id":"4"},{"id":"1"}],"hasNext":false}"#,
    ]);
    let first = data(&all[0]);
    assert_eq!(
        (&first.card, &first.stats),
        (&Deferred::Pending, &Deferred::Pending)
    );
    assert_eq!(first.guests, [guest("1", Deferred::Pending)]);
    assert!(all[0].has_next);
    assert_eq!(all[0].pending.len(), 4);
    assert_eq!(all[0].pending[0].label.as_deref(), Some("card"));
    let list: &PendingPart = &all[0].pending[2];
    assert_eq!(list.path, [PathSegment::Key("guests".into())]);

    let second = data(&all[1]);
    assert_eq!(second.card, whole().card);
    assert_eq!(second.stats, Deferred::Pending);

    let third = data(&all[2]);
    assert_eq!(
        third.guests,
        [guest("1", mail("a@x")), guest("2", Deferred::Pending)]
    );
    assert_eq!(all[2].pending.len(), 2, "{:?}", all[2].pending);

    assert_eq!(*data(&all[3]), whole());
    assert!(!all[3].has_next && all[3].pending.is_empty());
    assert_eq!(all[4], all[3]);
}

#[test]
fn v2022_fragments_are_ready_when_their_part_has_come() {
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[]},"hasNext":true}"#,
        r#"{"incremental":[{"path":[],"label":"stats","data":{"owner":null,"sold":7}},
            {"path":["guests",0],"items":[{"id":"1"},{"id":"2"}]}],"hasNext":true}"#,
        r#"{"incremental":[{"path":["guests",1],"label":"mail","data":{"mail":"b@x"}},
            {"path":["guests",0],"label":"mail","data":{"mail":"a@x"}},
            {"path":[],"label":"card","data":{"name":"Ball","owner":null}}],"hasNext":true}"#,
        r#"{"hasNext":false}"#,
    ]);
    assert_eq!(data(&all[0]).card, Deferred::Pending);
    assert!(all[0].has_next && all[0].pending.is_empty());
    // The card has all its fields, whoever sent them; the mails have not.
    assert_eq!(
        (&data(&all[1]).stats, &data(&all[1]).card),
        (&whole().stats, &whole().card)
    );
    assert_eq!(data(&all[1]).guests[0].mail, Deferred::Pending);
    assert_eq!(*data(&all[2]), whole());
    assert!(all[2].has_next && !all[3].has_next);
    assert_eq!(*data(&all[4]), whole());
}

#[test]
fn v2020_parts_have_their_data_at_the_top() {
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[]},"hasNext":true}"#,
        r#"{"path":["guests",0],"data":{"id":1},"hasNext":true}"#,
        r#"{"path":["guests",1],"data":{"id":2},"hasNext":true}"#,
        r#"{"path":["guests",0],"label":"mail","data":{"mail":"a@x"},"hasNext":true}"#,
        r#"{"path":["guests",1],"label":"mail","data":{"mail":"b@x"},"hasNext":true}"#,
        r#"{"path":[],"label":"stats","data":{"owner":null,"sold":7},"hasNext":true}"#,
        r#"{"path":[],"label":"card","data":{"name":"Ball","owner":null},"hasNext":false}"#,
    ]);
    let lengths: Vec<usize> = all.iter().map(|state| data(state).guests.len()).collect();
    assert_eq!(lengths, [0, 1, 2, 2, 2, 2, 2, 2]);
    assert_eq!(*data(&all[7]), whole());
}

#[test]
fn one_part_may_hold_everything_and_a_server_may_ignore_the_directives() {
    let all = r#"{"data":{"name":"Ball","owner":null,"sold":7,
        "guests":[{"id":1,"mail":"a@x"},{"id":2,"mail":"b@x"}]}"#;
    let plain = format!("{all}}}");
    assert_eq!(*data(&states(&[&plain])[0]), whole());
    assert_eq!(
        *data(&states(&[&format!("{all},\"hasNext\":false}}")])[0]),
        whole()
    );
    let together = states(&[r#"{"data":{"name":"Ball","guests":[]},"hasNext":false,
        "incremental":[{"path":["guests",0],"items":[{"id":1,"mail":"a@x"},{"id":2}]},
            {"path":["guests",1],"label":"mail","data":{"mail":"b@x"}},{"id":"0","data":{"sold":7,"owner":null}}],
        "pending":[{"id":"0","path":[],"label":"stats"},{"id":"1","path":[],"label":"card"}],
        "completed":[{"id":"0"},{"id":"1"}]}"#]);
    assert_eq!(*data(&together[0]), whole());

    // As plain JSON, without parts.
    let mut decoder = IncrementalDecoder::new("application/json", 1 << 20).unwrap();
    decoder.push(plain.as_bytes()).unwrap();
    decoder.finish().unwrap();
    let response = decoder.response::<Event>().unwrap();
    assert_eq!(*data(&response), whole());
    let decoded = attendium::decode::<Event>(plain.as_bytes()).unwrap();
    assert_eq!(decoded, response);
}

#[test]
fn what_the_conditions_leave_out_is_skipped() {
    // As if by `@include(if: false)`: nothing announces it, and nothing brings it.
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[{"id":1}]},"hasNext":true,
            "pending":[{"id":"1","path":[],"label":"stats"}]}"#,
        r#"{"incremental":[{"id":"1","data":{"owner":"Ann","sold":7}}],"completed":[{"id":"1"}],
            "hasNext":false}"#,
    ]);
    // A server that announces says at once that it is not to come.
    assert_eq!(data(&all[0]).card, Deferred::Skipped);
    assert_eq!(data(&all[0]).guests[0].mail, Deferred::Skipped);
    assert_eq!(data(&all[1]).stats.ready().unwrap().sold, 7);
    // One that doesn't, at the end.
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[]},"hasNext":true}"#,
        r#"{"hasNext":false}"#,
    ]);
    assert_eq!(data(&all[0]).stats, Deferred::Pending);
    assert_eq!(data(&all[1]).stats, Deferred::Skipped);
}

#[test]
fn a_fragment_that_failed_says_why_and_the_rest_comes() {
    let error = r#"[{"message":"no","path":["sold"],"extensions":{"code":"X"}}]"#;
    let v02 = format!(
        r#"{{"completed":[{{"id":"1","errors":{error}}}],"hasNext":false,"extensions":{{"b":{{"y":1}}}}}}"#
    );
    let v2022 = format!(
        r#"{{"incremental":[{{"path":[],"label":"stats","data":null,"errors":{error},
            "extensions":{{"b":{{"y":1}}}}}}],"hasNext":false}}"#
    );
    let without_label = v2022.replace(r#""label":"stats","#, "");
    for (first, later) in [
        (r#","pending":[{"id":"1","path":[],"label":"stats"}]"#, &v02),
        ("", &v2022),
        ("", &without_label),
    ] {
        let first = format!(
            r#"{{"data":{{"name":"Ball","guests":[]}},"hasNext":true,"extensions":{{"a":1,"b":{{"x":1}}}}{first}}}"#
        );
        let all = states(&[&first, later]);
        assert_eq!(data(&all[0]).stats, Deferred::Pending);
        let Deferred::Failed(errors) = &data(&all[1]).stats else {
            panic!("{:?}", all[1]);
        };
        assert_eq!(errors[0].to_string(), "no (at sold)");
        assert_eq!(errors[0].extensions["code"], "X");
        assert_eq!(*errors, all[1].errors);
        let extensions = all[1].extensions.as_ref().unwrap().to_string();
        assert_eq!(extensions, r#"{"a":1,"b":{"x":1,"y":1}}"#);
    }
}

#[test]
fn a_null_that_meets_an_object_fails_its_fragment_and_leaves_the_object() {
    // A field that can't be null failed within the fragment, so its object is null there.
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[{"id":1}]},"hasNext":true}"#,
        r#"{"incremental":[{"path":[],"label":"stats","data":{"guests":null,"sold":1,"owner":null},
            "errors":[{"message":"no"}]}],"hasNext":false}"#,
    ]);
    assert_eq!(data(&all[1]).guests, [guest("1", Deferred::Skipped)]);
    assert!(matches!(&data(&all[1]).stats, Deferred::Failed(errors) if errors.len() == 1));
}

#[test]
fn a_fragment_of_which_nothing_more_is_said_has_failed_at_the_end() {
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[]},"hasNext":true,
            "pending":[{"id":"1","path":[],"label":"stats"},{"id":"2","path":[],"label":"card"}]}"#,
        r#"{"incremental":[{"id":"2","data":{"owner":"Ann"}}],"hasNext":false}"#,
    ]);
    assert_eq!(data(&all[1]).stats, Deferred::Pending);
    let last = data(&all[2]);
    assert_eq!(last.stats, Deferred::Failed(Vec::new()));
    // This one has everything, and only its completion was not said.
    assert_eq!(last.card.ready().unwrap().owner.as_deref(), Some("Ann"));
}

#[test]
fn two_fragments_of_one_place_and_label_are_complete_when_both_are() {
    // As where a fragment within another one is reached by two ways.
    let all = states(&[
        r#"{"data":{"name":"Ball","guests":[]},"hasNext":true,
            "pending":[{"id":"1","path":[],"label":"stats"},{"id":"2","path":[],"label":"stats"}]}"#,
        r#"{"incremental":[{"id":"1","data":{"sold":7}}],"completed":[{"id":"1"}],"hasNext":true}"#,
        r#"{"incremental":[{"id":"2","data":{"owner":null}}],"completed":[{"id":"2"}],"hasNext":false}"#,
    ]);
    assert_eq!(data(&all[1]).stats, Deferred::Pending);
    assert_eq!(data(&all[2]).stats, whole().stats);
}

#[test]
fn numbers_keep_their_digits_through_the_merge() {
    let mut decoder = IncrementalDecoder::new(KIND, 1 << 20).unwrap();
    let body = "---\n\n{\"data\":{\"a\":{\"n\":1.10}},\"hasNext\":true}\n---\n\n{\"incremental\":[{\
        \"path\":[\"a\"],\"data\":{\"m\":123456789012345678901234567890.0}}],\"hasNext\":false}\n-----";
    decoder.push(body.as_bytes()).unwrap();
    decoder.finish().unwrap();
    assert_eq!(
        decoder.data_text().unwrap(),
        r#"{"a":{"n":1.10,"m":123456789012345678901234567890.0}}"#
    );
}
