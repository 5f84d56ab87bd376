//! Numbers of custom scalars that 64 bits do not hold: kept where that is asked for, and never
//! rounded without a word.
#![cfg(feature = "macros")]

use attendium::{DecodeErrorKind, Operation, RawJson, decode, operation};

/// The scalars are newtypes over JSON.
mod unmapped {
    attendium::graphql!(
        schema = "tests/digits/schema.graphql",
        operations = "tests/digits/queries.graphql",
        derive = "serde::Serialize",
        derive = "serde::Deserialize"
    );
}

/// All digits are kept.
mod raw {
    attendium::graphql!(
        schema = "tests/digits/schema.graphql",
        operations = "tests/digits/queries.graphql",
        scalar = "numeric=attendium::RawJson",
        scalar = "jsonb=attendium::RawJson",
        derive = "serde::Serialize",
        derive = "serde::Deserialize"
    );
}

/// Rounding is asked for.
mod rounded {
    attendium::graphql!(
        schema = "tests/digits/schema.graphql",
        operations = "tests/digits/queries.graphql",
        scalar = "numeric=f64",
        scalar = "jsonb=attendium::Json"
    );
}

/// Numbers that lose digits in 64 bits.
const FINE: [&str; 9] = [
    "123456789012345678901234567890",
    "18446744073709551617",
    "-9223372036854775809",
    "0.1234567890123456789012345",
    "9007199254740993.5",
    "1.00000000000000000001",
    "123456789012345678901234567890.10e-5",
    "1e-400",
    "3e-324",
];

/// Numbers of every form that 64 bits hold, or whose shortest digits they do.
const EXACT: [&str; 14] = [
    "0",
    "-0",
    "-0.0",
    "0.1",
    "1.50000000000000000000000000",
    "18446744073709551615",
    "-9223372036854775808",
    "9007199254740993",
    "123456789012345680000",
    "1.7976931348623157e308",
    "5e-324",
    "0.30000000000000004",
    "1E+21",
    "0.000000000000000000000000000000000000000000000000000000000000000000000001",
];

fn answer(one: &str) -> String {
    format!(
        r#"{{"data":{{"amounts":{{"one":{one},"all":[1,{one}],"document":{{"a":[{one}]}}}}}}}}"#
    )
}

fn variables<O: Operation>(operation: &O) -> String {
    String::from_utf8(operation::variables(operation)).unwrap()
}

#[test]
fn a_number_that_would_lose_digits_is_an_error_with_its_place_and_a_remedy() {
    for number in FINE {
        for (body, path) in [
            (answer(number), "amounts.one"),
            (
                answer("1").replace("[1,1]", &format!("[1,{number}]")),
                "amounts.all[1]",
            ),
            (
                answer("1").replace("[1]", &format!("[{number}]")),
                "amounts.document.a[0]",
            ),
        ] {
            let error = decode::<unmapped::Amounts>(body.as_bytes()).unwrap_err();
            assert!(
                matches!(error.kind(), DecodeErrorKind::Range(_)),
                "{number}"
            );
            assert_eq!(error.path(), path, "{number}");
            assert!(
                error
                    .to_string()
                    .contains("map its scalar to `attendium::RawJson`")
            );
        }
    }
    for number in EXACT {
        let body = answer(number);
        let data = decode::<unmapped::Amounts>(body.as_bytes()).unwrap().data;
        let one = data.unwrap().amounts.unwrap().one.unwrap();
        let sent = variables(&unmapped::Amounts::new().one(one));
        let sent = sent
            .strip_prefix(r#"{"one":"#)
            .unwrap()
            .trim_end_matches('}');
        assert_eq!(sent.parse::<f64>(), number.parse::<f64>(), "{number}");
    }
}

#[test]
fn where_it_is_asked_for_all_digits_are_kept_and_sent() {
    for number in FINE
        .into_iter()
        .chain(["1e400", "1.500", "\"text\"", "{\"b\":1,\"a\":2}"])
    {
        let body = answer(number);
        let data = decode::<raw::Amounts>(body.as_bytes())
            .unwrap()
            .data
            .unwrap();
        let amounts = data.amounts.unwrap();
        assert_eq!(amounts.one.as_ref().unwrap().as_str(), number);
        assert_eq!(amounts.all[1].to_string(), number);
        assert_eq!(
            amounts.document.unwrap().as_str(),
            format!(r#"{{"a":[{number}]}}"#)
        );
        let again = raw::Amounts::new().one(amounts.one).more(amounts.all);
        assert_eq!(
            variables(&again),
            format!(r#"{{"one":{number},"more":[1,{number}]}}"#)
        );
        assert_eq!(number.parse::<RawJson>().unwrap().into_string(), number);
    }
    for wrong in ["", "1 2", "01", "{", "NaN"] {
        assert!(wrong.parse::<RawJson>().is_err(), "{wrong}");
    }
    let value = serde_json::json!({"a": 1.5});
    assert_eq!(RawJson::from(value.clone()).as_str(), r#"{"a":1.5}"#);
    let stored = serde_json::to_value(RawJson::from(value.clone())).unwrap();
    assert_eq!(stored, value);
    let read: RawJson = serde_json::from_value(stored).unwrap();
    assert_eq!(read.as_str(), r#"{"a":1.5}"#);
}

#[test]
fn where_rounding_is_asked_for_it_is_no_error() {
    for number in FINE {
        let body = answer(number);
        let data = decode::<rounded::Amounts>(body.as_bytes()).unwrap().data;
        let amounts = data.unwrap().amounts.unwrap();
        assert_eq!(amounts.one, number.parse().ok(), "{number}");
        assert_eq!(
            amounts.document.unwrap()["a"][0].as_f64(),
            number.parse().ok()
        );
    }
    // What a server adds beside data is rounded, too: nothing depends on it.
    let body = r#"{"data":{"amounts":null},"extensions":{"cost":0.30000000000000000000004}}"#;
    let response = decode::<unmapped::Amounts>(body.as_bytes()).unwrap();
    assert_eq!(response.extensions.unwrap()["cost"], 0.3);
}
