//! The JSON reader against serde_json: what is accepted, what is refused, and which value it is.
#![allow(missing_docs)]

use std::borrow::Cow;

use attendium::DecodeErrorKind;
use attendium::Json;
use attendium::rt::{self, to_vec};
use attendium::rt::{Key, Object, Read, Reader, Result};
use proptest::prelude::*;

/// A value that is passed over and not built.
#[derive(Debug)]
struct Skipped;

impl<'a> Read<'a> for Skipped {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        reader.skip().map(|()| Self)
    }
}

/// serde_json's opinion.
fn theirs(text: &[u8]) -> Option<Json> {
    serde_json::from_slice(text).ok()
}

fn any_number() -> impl Strategy<Value = Json> {
    prop_oneof![
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>()
            .prop_filter("JSON has finite numbers only", |float| float.is_finite())
            .prop_map(Json::from),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        proptest::collection::vec(any::<char>(), 0..20)
            .prop_map(|characters| characters.into_iter().collect()),
        "[\"\\\\/\u{0}-\u{1f}a]{0,20}",
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any_number(),
        any_text().prop_map(Json::from)
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Json::from),
            proptest::collection::vec((any_text(), inner), 0..8)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// Text that is nearly JSON: a document with pieces of others put in at random, over what was
/// there.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "",
        "\"",
        "\\",
        "\\u",
        "\\ud800",
        "\\udc00",
        "\\uD83D\\uDE00",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "-",
        "+",
        ".",
        "e",
        "E5",
        "0",
        "00",
        "1",
        "-0",
        "1.",
        "0.5",
        "1e400",
        "1e-400",
        "18446744073709551616",
        "-9223372036854775809",
        "null",
        "true",
        "nul",
        "\u{0}",
        "\u{7f}",
        "é",
        "\u{feff}",
        "NaN",
        "//",
        "\"a\":1",
        "{\"\":[]}",
    ];
    let cut = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..4usize,
    );
    (
        any_json(),
        any::<bool>(),
        proptest::collection::vec(cut, 0..4),
    )
        .prop_map(|(json, pretty, cuts)| {
            let mut text = if pretty {
                format!("{json:#}")
            } else {
                json.to_string()
            }
            .into_bytes();
            for (piece, at, over) in cuts {
                let at = at.index(text.len() + 1);
                let end = (at + over).min(text.len());
                text.splice(at..end, piece.get(PIECES).bytes());
            }
            text
        })
}

#[derive(Debug, PartialEq)]
struct Integers {
    always: i32,
    nullable: Option<i32>,
}

attendium::impl_graphql! {
    object Integers { always, nullable }
}

struct Strings<'a> {
    always: String,
    nullable: Option<String>,
    borrowed: Cow<'a, str>,
    id: attendium::Id,
}

impl<'a> Read<'a> for Strings<'a> {
    fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
        let strings = Self {
            always: object.field(&Key::new("always"))?,
            nullable: object.field(&Key::new("nullable"))?,
            borrowed: object.field(&Key::new("borrowed"))?,
            id: object.field(&Key::new("id"))?,
        };
        object.finish()?;
        Ok(strings)
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_serde_json_writes_reads_as_the_same_value(json in any_json()) {
        for text in [json.to_string(), format!(" {json:#}\r\n")] {
            prop_assert_eq!(rt::from_str::<Json>(&text).ok(), theirs(text.as_bytes()));
        }
        prop_assert_eq!(theirs(&to_vec(&json)), Some(json));
    }

    #[test]
    fn accepts_and_refuses_what_serde_json_does(text in nearly_json()) {
        let ours = rt::from_slice::<Json>(&text);
        let theirs = theirs(&text);
        prop_assert_eq!(ours.is_ok(), theirs.is_some(), "{:?}", ours);
        // Skipping builds no number, so it refuses none for its size; else it is as strict as
        // reading.
        let skipped = rt::from_slice::<Skipped>(&text);
        match &ours {
            Err(error) if matches!(error.kind(), DecodeErrorKind::Range(_)) => {}
            _ => prop_assert_eq!(skipped.is_ok(), ours.is_ok(), "{:?}", skipped),
        }
        if let (Ok(ours), Some(theirs)) = (ours, theirs) {
            // Of duplicate keys the first counts here and the last there.
            prop_assert!(ours == theirs || has_duplicates(&text), "{} {}", ours, theirs);
        }
    }

    #[test]
    fn integers_are_exact_or_refused(digits in "-?(0|[1-9][0-9]{0,22})") {
        prop_assert_eq!(rt::from_str::<i32>(&digits).ok(), digits.parse().ok());
        prop_assert_eq!(rt::from_str::<i64>(&digits).ok(), digits.parse().ok());
        let unsigned: Option<u64> = digits.trim_start_matches("-0").parse().ok();
        let expected = unsigned.or((digits == "-0").then_some(0));
        prop_assert_eq!(rt::from_str::<u64>(&digits).ok(), expected);
    }

    #[test]
    fn integers_are_the_same_wherever_they_stand(
        literal in "-?[0-9]{1,11}|-?[0-9]{1,3}[.eE][0-9]{1,4}"
    ) {
        // What follows may be of any length: near the text's end, digits are read one by one.
        let alone = rt::from_str::<i32>(&literal).ok();
        for (space, tail) in [("", "          "), ("", ""), (" ", "")] {
            let list = format!("[{literal}{space},{literal},{literal}{space}]{tail}");
            let expected = alone.map(|value| vec![value; 3]);
            prop_assert_eq!(rt::from_str::<Vec<i32>>(&list).ok(), expected, "{}", list);
            let object = format!("{{\"always\":{literal}{space},\"nullable\":{literal}}}{tail}");
            let expected = alone.map(|value| Integers { always: value, nullable: Some(value) });
            prop_assert_eq!(rt::from_str::<Integers>(&object).ok(), expected, "{}", object);
        }
    }

    #[test]
    fn strings_are_the_same_wherever_they_stand(
        pieces in proptest::collection::vec("[a-zé😀]{0,40}|[\"\\\\\n\u{1}]{1,3}", 0..40),
        space in " {0,40}",
    ) {
        let text = pieces.concat();
        let literal = Json::from(text.as_str()).to_string();
        let object = format!("{{\"always\":{literal},\"nullable\":{literal},\"borrowed\":{literal},\"id\":{literal}}}{space}");
        let Ok(strings) = rt::from_str::<Strings<'_>>(&object) else { panic!("{object}") };
        prop_assert_eq!(&strings.always, &text);
        prop_assert_eq!(strings.nullable.as_deref(), Some(text.as_str()));
        let is_borrowed = matches!(strings.borrowed, Cow::Borrowed(_));
        prop_assert_eq!(is_borrowed, literal.len() == text.len() + 2);
        prop_assert_eq!(&*strings.borrowed, &text);
        prop_assert_eq!(strings.id, text.as_str());
    }

    #[test]
    fn integral_literals_are_the_integer_that_they_denote(
        value in any::<i64>(),
        zeros in 0..25usize,
        shift in -25i64..25,
    ) {
        // value × 10^shift, written with an exponent, against arithmetic on 128 bits.
        let literal = format!("{value}.{}e{shift}", "0".repeat(zeros + 1));
        let scale = 10i128.checked_pow(shift.unsigned_abs() as u32).unwrap_or(i128::MAX);
        let value = i128::from(value);
        let exact = match shift {
            0.. => value.checked_mul(scale),
            _ => (value % scale == 0).then(|| value / scale),
        };
        let expected = exact.and_then(|exact| i64::try_from(exact).ok());
        prop_assert_eq!(rt::from_str::<i64>(&literal).ok(), expected, "{}", literal);
    }

    #[test]
    fn floats_are_right_to_the_last_bit(
        whole in "-?(0|[1-9][0-9]{0,30})",
        fraction in "(\\.[0-9]{1,30})?",
        exponent in "([eE][+-]?[0-9]{1,3})?",
    ) {
        let literal = format!("{whole}{fraction}{exponent}");
        let float = literal.parse::<f64>().ok().filter(|float| float.is_finite());
        let expected = float.map(f64::to_bits);
        prop_assert_eq!(rt::from_str::<f64>(&literal).ok().map(f64::to_bits), expected);
    }

    #[test]
    fn no_text_makes_it_panic_and_every_error_points_into_the_text(text in nearly_json()) {
        fn check<T: for<'a> Read<'a>>(text: &[u8]) {
            if let Err(error) = rt::from_slice::<T>(text) {
                assert!(error.offset() <= text.len());
                assert!(!error.to_string().is_empty());
            }
        }
        check::<Vec<Option<i32>>>(&text);
        check::<Vec<Vec<String>>>(&text);
        check::<Option<attendium::Other>>(&text);
        check::<attendium::Id>(&text);
        check::<f64>(&text);
    }
}

/// Whether an object of the text has two equal keys; asked of serde, which hands all of them over.
fn has_duplicates(text: &[u8]) -> bool {
    struct Keys(bool);
    impl<'de> serde::Deserialize<'de> for Keys {
        fn deserialize<D: serde::Deserializer<'de>>(
            deserializer: D,
        ) -> std::result::Result<Self, D::Error> {
            deserializer.deserialize_any(KeysVisitor)
        }
    }
    struct KeysVisitor;
    impl<'de> serde::de::Visitor<'de> for KeysVisitor {
        type Value = Keys;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("any value")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> std::result::Result<Keys, A::Error> {
            let mut seen = std::collections::HashSet::new();
            let mut duplicate = false;
            while let Some((key, Keys(inner))) = map.next_entry::<String, Keys>()? {
                duplicate |= inner | !seen.insert(key);
            }
            Ok(Keys(duplicate))
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> std::result::Result<Keys, A::Error> {
            let mut duplicate = false;
            while let Some(Keys(inner)) = list.next_element()? {
                duplicate |= inner;
            }
            Ok(Keys(duplicate))
        }
        fn visit_unit<E>(self) -> std::result::Result<Keys, E> {
            Ok(Keys(false))
        }
        fn visit_bool<E>(self, _: bool) -> std::result::Result<Keys, E> {
            Ok(Keys(false))
        }
        fn visit_i64<E>(self, _: i64) -> std::result::Result<Keys, E> {
            Ok(Keys(false))
        }
        fn visit_u64<E>(self, _: u64) -> std::result::Result<Keys, E> {
            Ok(Keys(false))
        }
        fn visit_f64<E>(self, _: f64) -> std::result::Result<Keys, E> {
            Ok(Keys(false))
        }
        fn visit_str<E>(self, _: &str) -> std::result::Result<Keys, E> {
            Ok(Keys(false))
        }
    }
    serde_json::from_slice::<Keys>(text).is_ok_and(|Keys(duplicate)| duplicate)
}

#[test]
fn nesting_is_limited_where_values_are_read_and_where_they_are_skipped() {
    let nested = |depth: usize, open: &str, close: &str| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let per = open.matches(['[', '{']).count();
        let fits = nested(rt::MAX_DEPTH / per, open, close);
        assert!(rt::from_str::<Json>(&fits).is_ok());
        assert!(rt::from_str::<Skipped>(&fits).is_ok());
        for depth in [rt::MAX_DEPTH / per + 1, 100_000] {
            let deeper = nested(depth, open, close);
            assert_eq!(
                rt::from_str::<Json>(&deeper).unwrap_err().kind(),
                &DecodeErrorKind::Depth
            );
            assert_eq!(
                rt::from_str::<Skipped>(&deeper).unwrap_err().kind(),
                &DecodeErrorKind::Depth
            );
        }
    }
    // What is skipped inside of what is read counts from where it stands.
    let inside = |depth| {
        format!(
            "[{{\"__typename\":\"T\",\"x\":{}}}]",
            nested(depth, "[", "]")
        )
    };
    assert!(rt::from_str::<Vec<attendium::Other>>(&inside(rt::MAX_DEPTH - 2)).is_ok());
    assert!(rt::from_str::<Vec<attendium::Other>>(&inside(rt::MAX_DEPTH - 1)).is_err());
}

#[test]
fn what_is_skipped_is_checked_like_what_is_read() {
    for wrong in [
        "tru",
        "01",
        "1.",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\t\"",
        "[1,]",
        "{\"a\"}",
        "{\"a\":1,}",
        "[1 2]",
        "{,}",
        "{1:2}",
        "",
        "\"",
        "]",
    ] {
        let text = format!("{{\"__typename\":\"T\",\"x\":{wrong}}}");
        let error = rt::from_str::<attendium::Other>(&text).unwrap_err();
        assert!(
            matches!(error.kind(), DecodeErrorKind::Syntax(_)),
            "{wrong}: {error}"
        );
    }
}

#[test]
fn a_word_that_only_begins_like_null_is_a_mistake_of_syntax_where_null_may_stand() {
    fn refused<T: for<'a> Read<'a> + std::fmt::Debug>(value: &str) {
        let text = format!("[null, {value}]");
        let error = rt::from_str::<Vec<T>>(&text).unwrap_err();
        assert!(
            matches!(error.kind(), DecodeErrorKind::Syntax(_)) && error.offset() == 7,
            "{text}: {error}"
        );
    }
    for value in ["nul", "nil", "n", "nUll"] {
        refused::<Option<String>>(value);
        refused::<Option<i32>>(value);
        refused::<Option<bool>>(value);
        refused::<Option<f64>>(value);
        refused::<Option<attendium::Id>>(value);
        refused::<Option<Vec<i32>>>(value);
        refused::<Option<attendium::Other>>(value);
        refused::<Option<Json>>(value);
        refused::<attendium::Maybe<String>>(value);
    }
}

#[test]
fn ids_are_strings_or_integers() {
    let ids: Vec<attendium::Id> =
        rt::from_str(r#"["a", 123456789012345678901234567890, -1]"#).unwrap();
    assert_eq!(ids, ["a", "123456789012345678901234567890", "-1"]);
    for wrong in ["1.5", "true", "null", "1e3"] {
        assert!(rt::from_str::<attendium::Id>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let said = |error: attendium::DecodeError| error.to_string();
    assert_eq!(
        said(rt::from_slice::<Json>(b"[\"\xff\"]").unwrap_err()),
        "not valid UTF-8 (byte 2)"
    );
    assert_eq!(
        said(rt::from_str::<Json>("").unwrap_err()),
        "not valid JSON: the text ends where a value is expected (byte 0)"
    );
    assert_eq!(
        said(rt::from_str::<Json>("{} {}").unwrap_err()),
        "not valid JSON: there is something behind the value (byte 3)"
    );
    assert_eq!(
        said(rt::from_str::<Json>("{\"a\":[1e999]}").unwrap_err()),
        "the number does not fit a Float (64 bits) at a[0] (byte 6)"
    );
    assert_eq!(
        said(rt::from_str::<i32>("3000000000").unwrap_err()),
        "the number does not fit an Int of 32 bits (`--scalar Int=i64` makes it 64) (byte 0)"
    );
    assert_eq!(
        said(rt::from_str::<bool>("[]").unwrap_err()),
        "expected a boolean, found a list (byte 0)"
    );
    assert_eq!(
        said(
            rt::from_str::<Vec<Skipped>>("[\"\\ud83d!\"]")
                .err()
                .unwrap()
        ),
        "not valid JSON: a surrogate escape without its other half (of a text that was cut) at [0] (byte 2)"
    );
}

/// An object of one key, whose value counts.
fn value_of(key: &'static str, text: &str) -> Result<u64, String> {
    struct One(u64);
    thread_local! {
        static KEY: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
    }
    impl<'a> Read<'a> for One {
        fn select(object: &mut Object<'_, 'a>) -> Result<Self> {
            let value = object.field(&Key::new(KEY.get()))?;
            object.finish()?;
            Ok(Self(value))
        }
    }
    KEY.set(key);
    match rt::from_str::<One>(text) {
        Ok(One(value)) => Ok(value),
        Err(error) => Err(error.to_string()),
    }
}

/// Keys are compared in words of the text: each length of key, at each distance from the text's
/// end, and each byte of it counts.
#[test]
fn keys_of_every_length_are_found_and_no_other_is_taken_for_them() {
    for length in 1..70 {
        let key: &'static str = (0..length)
            .map(|at| char::from(b'a' + (at % 26) as u8))
            .collect::<String>()
            .leak();
        for behind in [
            "",
            "  ",
            ",\"z\":[1,2,3]",
            ",\"other\":\"0123456789abcdefghijklmnopq\"",
        ] {
            for text in [
                format!("{{\"{key}\":7{behind}}}"),
                format!("{{ \"{key}\" : 7{behind}}}"),
                format!("{{\"{key}\":\n7{behind}}}"),
                format!("{{\"{key}x\":1,\"\":2,\"{key}\":7{behind}}}"),
            ] {
                assert_eq!(value_of(key, &text), Ok(7), "{text}");
            }
            for at in 0..length {
                let mut other = key.as_bytes().to_vec();
                other[at] = b'_';
                let other = String::from_utf8(other).unwrap();
                let text = format!("{{\"{other}\":7{behind}}}");
                let error = value_of(key, &text).unwrap_err();
                assert!(error.contains(key), "{text}: {error}");
            }
            for broken in [
                format!("{{\"{key}\"7{behind}}}"),
                format!(",\"{key}\":7{behind}}}"),
                format!("{{,\"{key}\":7{behind}}}"),
                format!("{{\"{key}\":7,{behind}"),
                format!("{{\"{key}\":7,}}"),
            ] {
                assert!(value_of(key, &broken).is_err(), "{broken}");
            }
        }
    }
}
