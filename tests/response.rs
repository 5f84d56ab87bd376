//! The envelope of an answer, as servers send it and as they should not.
#![allow(missing_docs)]

use attendium::DecodeErrorKind;
use attendium::operation::{OperationType, SingleResponse};
use attendium::{Location, Operation, OperationKind, PathSegment, Response, decode};

pub struct Me {}

attendium::impl_graphql! {
    query Me {
        data: Data,
        name: "Me",
        source: "me.graphql:1",
        document: "query Me{me{id emails}}",
    }
    variables Me {}
}

#[derive(Debug, PartialEq)]
pub struct Data {
    pub me: Option<User>,
}

#[derive(Debug, PartialEq)]
pub struct User {
    pub id: attendium::Id,
    pub emails: Vec<String>,
}

attendium::impl_graphql! {
    object Data { me }
    object User { id, emails }
}

fn read(body: &str) -> Response<Data> {
    decode::<Me>(body.as_bytes()).unwrap()
}

fn refused(body: &str) -> String {
    decode::<Me>(body.as_bytes()).unwrap_err().to_string()
}

#[test]
fn data_errors_and_extensions_are_read_in_any_order() {
    let data = r#""data":{"me":{"id":"1","emails":[]}}"#;
    let errors = r#""errors":[{"message":"no","locations":[{"line":1,"column":10}],"path":["me","emails",3],"extensions":{"code":"X"}}]"#;
    let extensions = r#""extensions":{"cost":[1.5]}"#;
    for body in [
        format!("{{{data},{errors},{extensions}}}"),
        format!(" {{ {extensions}, \"new\":[{{}}], {errors} , {data}\n}}\n"),
    ] {
        let response = read(&body);
        assert_eq!(
            response.data,
            Some(Data {
                me: Some(User {
                    id: "1".into(),
                    emails: vec![]
                })
            })
        );
        let error = &response.errors[0];
        assert_eq!(
            error.locations,
            [Location {
                line: 1,
                column: 10
            }]
        );
        assert_eq!(
            error.path,
            [
                PathSegment::Key("me".into()),
                PathSegment::Key("emails".into()),
                PathSegment::Index(3)
            ]
        );
        assert_eq!(error.extensions["code"], "X");
        assert_eq!(error.to_string(), "no (at me.emails[3])");
        assert_eq!(response.extensions.unwrap()["cost"][0], 1.5);
    }
}

#[test]
fn a_server_may_leave_parts_out_or_send_null_for_them() {
    assert_eq!(read(r#"{"data":null}"#).data, None);
    assert_eq!(
        read(r#"{"data":{"me":null},"errors":null,"extensions":null}"#).data,
        Some(Data { me: None })
    );
    let response = read(
        r#"{"errors":[{"message":"no"},{"message":null,"locations":null,"path":null,"extensions":null},{}]}"#,
    );
    assert_eq!((response.data, response.errors.len()), (None, 3));
    assert_eq!(response.errors[2].to_string(), "an error without a message");
}

#[test]
fn errors_of_other_shapes_lose_only_what_has_no_place() {
    let errors = |errors: &str| read(&format!(r#"{{"errors":{errors}}}"#)).errors;
    for (sent, message) in [
        (r#""boom""#, "boom"),
        (r#"["boom"]"#, "boom"),
        (r#"[{"message":{"code":1}}]"#, r#"{"code":1}"#),
        (r#"[{"message":1}]"#, "1"),
        (r#"{"message":"boom"}"#, "boom"),
        ("7", "7"),
        ("[null]", ""),
    ] {
        let read = errors(sent);
        assert_eq!((read.len(), &*read[0].message), (1, message), "{sent}");
    }
    let error = &errors(
        r#"[{"locations":[{"line":-1,"column":-1},{"line":0,"column":2},{"line":2},{"line":2,"column":3},7],
            "path":["a",{},-1,0,null,1.5],"message":"m"}]"#,
    )[0];
    assert_eq!(error.locations, [Location { line: 2, column: 3 }]);
    assert_eq!(error.to_string(), "m (at a[0])");
    let error = &errors(r#"[{"locations":"1:2","path":"a.b","message":"m"}]"#)[0];
    assert_eq!(
        (error.locations.len(), error.path.len(), &*error.message),
        (0, 0, "m")
    );
}

#[test]
fn members_beside_the_message_are_among_the_extensions() {
    let errors = |error: &str| read(&format!(r#"{{"data":null,"errors":[{error}]}}"#)).errors;
    let error = &errors(r#"{"type":"NOT_FOUND","path":["me"],"message":"Could not resolve"}"#)[0];
    assert_eq!(error.extensions["type"], "NOT_FOUND");
    let error = &errors(r#"{"code":1,"kind":"x","message":"m","extensions":{"code":2}}"#)[0];
    assert_eq!(
        (&error.extensions["code"], &error.extensions["kind"]),
        (&2.into(), &"x".into())
    );
}

#[test]
fn errors_are_kept_where_the_data_beside_them_is_not_what_the_schema_says() {
    for body in [
        r#"{"errors":[{"message":"boom"}],"data":{"me":{"id":"1","emails":[null]}},"extensions":{"a":[1]}}"#,
        r#"{"data":{"me":{"id":"1","emails":[null]}},"errors":[{"message":"boom"}],"extensions":{"a":[1]}}"#,
    ] {
        let response = read(body);
        assert_eq!(
            (response.data, &*response.errors[0].message),
            (None, "boom")
        );
        assert_eq!(response.extensions.unwrap()["a"][0], 1);
        let error = response.data_error.unwrap();
        assert_eq!(error.path(), "me.emails[0]");
        assert!(body[error.offset()..].starts_with("null"), "{error}");
    }
    // Without an error of the server, it is one of this function; and broken JSON always is.
    assert_eq!(
        refused(r#"{"data":{"me":{"id":"1","emails":[null]}},"errors":[]}"#),
        "expected a string, found null at me.emails[0] (byte 34)"
    );
    let broken = refused(r#"{"errors":[{"message":"boom"}],"data":{"me":[tru]}}"#);
    assert!(broken.starts_with("not valid JSON"), "{broken}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_response() {
    assert_eq!(
        read("\u{feff}{\"data\":{\"me\":null}}").data,
        Some(Data { me: None })
    );
    assert_eq!(
        refused("\u{feff}"),
        "not valid JSON: the text ends where a value is expected (byte 3)"
    );
    assert_eq!(
        refused("\u{feff}\u{feff}{}"),
        "not valid JSON: expected a value (byte 3)"
    );
}

#[test]
fn what_is_no_response_is_refused_with_a_reason() {
    assert!(refused(r#"{"data": nul}"#).contains("`null`"));
    assert_eq!(
        refused("[]"),
        "not a GraphQL response: the body is not a JSON object (byte 0)"
    );
    assert_eq!(
        refused("\"<html>\""),
        "not a GraphQL response: the body is not a JSON object (byte 0)"
    );
    assert_eq!(
        refused("<html>"),
        "not valid JSON: expected a value (byte 0)"
    );
    assert_eq!(
        refused(""),
        "not valid JSON: the text ends where a value is expected (byte 0)"
    );
    for body in ["{}", r#"{"message":"not found"}"#, r#"{"errors":[]}"#] {
        assert_eq!(
            refused(body),
            "not a GraphQL response: it has neither `data` nor `errors` (byte 0)"
        );
    }
    assert_eq!(
        refused(r#"{"data":{"me":null}}x"#),
        "not valid JSON: there is something behind the value (byte 20)"
    );
    assert_eq!(
        refused(r#"{"data":{"me":null}"#),
        "not valid JSON: expected `,` or `}` after a value at data (byte 19)"
    );
    assert!(matches!(
        decode::<Me>(b"{\"data\":\xc3}").unwrap_err().kind(),
        DecodeErrorKind::Utf8
    ));
}

#[test]
fn an_error_in_the_data_has_its_path_below_data_and_one_beside_it_has_its_own() {
    assert_eq!(
        refused(r#"{"data":{"me":{"id":"1","emails":["a",null]}}}"#),
        "expected a string, found null at me.emails[1] (byte 38)"
    );
    assert_eq!(
        refused(r#"{"data":{}}"#.replace("{}", r#"{"me":{"emails":[]}}"#).as_str()),
        "the key `id` is missing at me.id (byte 14)"
    );
    assert_eq!(
        refused(r#"{"errors":[{"message":tru}]}"#),
        "not valid JSON: expected a value; the words of JSON are `true`, `false` and `null` at errors[0].message (byte 22)"
    );
    assert_eq!(
        refused(r#"{"errors":[{"message":"a"}"#),
        "not valid JSON: expected `,` or `]` after a value at errors[0] (byte 26)"
    );
}

#[test]
fn an_operation_knows_its_kind_as_a_type() {
    fn kind<O: Operation>(_: &O) -> OperationKind
    where
        O::Kind: SingleResponse,
    {
        assert_eq!(O::INFO.kind, <O::Kind as OperationType>::KIND);
        <O::Kind as OperationType>::KIND
    }
    assert_eq!(kind(&Me {}), OperationKind::Query);
}

#[test]
fn null_is_no_absent_field_behind_a_condition() {
    #[derive(Debug, PartialEq)]
    pub struct Conditional {
        pub id: Option<attendium::Id>,
        pub name: attendium::Maybe<String>,
        pub host: Option<std::net::IpAddr>,
    }

    attendium::impl_graphql! {
        object Conditional { id?, name?, host? as Option<attendium::rt::Serde> }
    }
    let read = |text: &str| attendium::rt::from_str::<Conditional>(text);
    let absent = read("{}").unwrap();
    assert_eq!(absent.id, None);
    assert_eq!(
        read(r#"{"name":null}"#).unwrap().name,
        attendium::Maybe::Null
    );
    for (text, expected) in [
        (
            r#"{"id":null}"#,
            "expected a string, found null at id (byte 6)",
        ),
        (
            r#"{"host":null}"#,
            "not a valid scalar: invalid type: null, expected IP address at host (byte 8)",
        ),
    ] {
        assert_eq!(read(text).unwrap_err().to_string(), expected);
    }
}
