//! The compiler's goldens compile, read the answers beside them, and write them back unchanged.

use attendium::{Json, Operation, decode};
use serde::Serialize;
use std::path::Path;

/// Includes goldens as modules, each with the operation that answers are read for, and lists them.
macro_rules! goldens {
    ($($name:ident: $operation:ident),* $(,)?) => {
        $(
            #[deny(warnings)]
            mod $name {
                include!(concat!("../codegen/tests/ok/", stringify!($name), ".expected.rs"));
            }
        )*

        #[test]
        fn answers_come_through_unchanged() {
            $(check::<$name::$operation>(stringify!($name));)*
        }

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

goldens! {
    conditions: Conditions,
    fields: Fields,
    fragments: Fragments,
    inputs: Inputs,
    introspection: Introspection,
    key_of_another: KeyOfAnother,
    merging: Merging,
    names: names,
    union_of_fragments: UnionOfFragments,
    unions: Unions,
    variables: Variables,
}

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen/tests/ok")
}

fn check<O: Operation>(name: &str)
where
    O::Data: Serialize + PartialEq + std::fmt::Debug + serde::de::DeserializeOwned,
{
    let answers =
        std::fs::read_to_string(directory().join(format!("{name}.answers.jsonl"))).unwrap();
    for answer in answers.lines() {
        let body = format!(r#"{{"data":{answer}}}"#);
        let response = decode::<O>(body.as_bytes())
            .unwrap_or_else(|error| panic!("{name}: {error}\n{answer}"));
        let data = response
            .data
            .unwrap_or_else(|| panic!("{name}: no data in {answer}"));
        let expected: Json = serde_json::from_str(answer).unwrap();
        assert_eq!(
            serde_json::to_value(&data).unwrap(),
            expected,
            "{name}: {answer}"
        );
        let again: O::Data = serde_json::from_value(expected).unwrap();
        assert_eq!(again, data, "{name}: through serde, {answer}");
    }
}

#[test]
fn every_golden_is_compiled_here() {
    for entry in std::fs::read_dir(directory()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".expected.rs") {
            assert!(
                NAMES.contains(&name),
                "{file} is not in the list of this test"
            );
        }
    }
}
