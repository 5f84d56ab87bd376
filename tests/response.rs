//! The envelope of an answer, as servers send it and as they should not.
#![allow(missing_docs)]

use attendium::json::ErrorKind;
use attendium::operation::{OperationType, SingleResponse};
use attendium::{Location, Operation, OperationKind, PathSegment, Response, decode};

attendium::input! {
    pub struct Me {}
}
attendium::operation!(Me => Data, Query "Me", "me.graphql:1", "query Me{me{id emails}}");

attendium::selection! {
    #[derive(Debug, PartialEq)]
    pub struct Data {
        pub me: Option<User>,
    }

    #[derive(Debug, PartialEq)]
    pub struct User {
        pub id: attendium::Id,
        pub emails: Vec<String>,
    }
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
fn what_is_no_response_is_refused_with_a_reason() {
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
        ErrorKind::Utf8
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
        refused(r#"{"errors":[{"message":1}]}"#),
        "expected a string, found a number at errors[0].message (byte 22)"
    );
    assert_eq!(
        refused(r#"{"errors":{}}"#),
        "expected a list, found an object at errors (byte 10)"
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
