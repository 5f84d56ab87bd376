//! The deepest selection whose answers are read compiles with the limit that the compiler's
//! warning names.
#![cfg(feature = "macros")]
#![recursion_limit = "512"]

/// 126 levels.
mod api {
    attendium::graphql!(
        schema = "tests/deep_selections/schema.graphql",
        operations = "tests/deep_selections/deep.graphql"
    );
}

#[test]
fn selections_of_126_levels_are_read_and_sent_to_other_threads() {
    let levels = 126;
    let answer = format!(
        r#"{{"data":{}{{"id":"deepest"}}{}}}"#,
        r#"{"me":"#.repeat(levels),
        "}".repeat(levels)
    );
    let response = attendium::decode::<api::Deep>(answer.as_bytes());
    let data = response.unwrap().data.unwrap();
    let again = data.clone();
    let other = std::thread::spawn(move || format!("{data:?}"));
    assert_eq!(other.join().unwrap(), format!("{again:?}"));
    assert!(format!("{again:?}").contains("deepest"));
}
