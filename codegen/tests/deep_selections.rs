//! Selections that are nested deeply: how deep they may be, and what is said where rustc's own
//! limits are near.

use attendium_codegen::{Options, Output, Source, compile};

fn compiled(document: &str) -> Output {
    let schema = [Source::new(
        "schema.graphql",
        "type Query { me: User a(x: I): Int }
        type User { id: ID! me: User must: User! list: [User!]! all: [[User]] }
        input I { i: [I] }",
    )];
    let documents = [Source::new("deep.graphql", document)];
    compile(&schema, &documents, &Options::default())
}

/// `me` within `me`, so many times.
fn nested(levels: usize) -> String {
    format!(
        "query Deep {{ {}id{} }}",
        "me { ".repeat(levels),
        " }".repeat(levels)
    )
}

/// Fragments of which each spreads the next one, `between` levels deeper.
fn chain(fragments: usize, between: usize) -> String {
    let (open, close) = ("me { ".repeat(between), " }".repeat(between));
    let each = (1..fragments).map(|index| {
        let next = index + 1;
        format!("fragment F{index} on User {{ {open}...F{next}{close} }} ")
    });
    let each: String = each.collect();
    format!("query Deep {{ me {{ ...F1 }} }} {each} fragment F{fragments} on User {{ id }}")
}

#[test]
fn from_60_levels_on_a_warning_says_what_to_do_for_rustc() {
    for quiet in [nested(59), chain(39, 1), chain(100, 0)] {
        let output = compiled(&quiet);
        assert_eq!(output.diagnostics, [], "{quiet}");
    }
    let of = |field: &str, levels| nested(levels).replace("me", field).replacen(field, "me", 1);
    for quiet in [of("must", 59), of("list", 25), of("all", 12)] {
        assert_eq!(compiled(&quiet).diagnostics, [], "{quiet}");
    }
    for (deep, levels, limit) in [
        (nested(60), 60, 256),
        (nested(126), 126, 512),
        (chain(21, 3), 61, 256),
        (of("must", 60), 60, 256),
        // A list is several types within each other.
        (of("list", 31), 31, 256),
        (of("all", 13), 13, 256),
        (of("all", 42), 42, 512),
    ] {
        let output = compiled(&deep);
        let [warning] = output.diagnostics.as_slice() else {
            panic!("{:?}", output.diagnostics)
        };
        assert!(!warning.is_error());
        let said = warning.to_string();
        assert!(
            said.contains(&format!("nested {levels} levels deep")),
            "{said}"
        );
        assert!(
            said.contains(&format!("#![recursion_limit = \"{limit}\"]")),
            "{said}"
        );
        assert!(said.contains(" --> deep.graphql:1:1"), "{said}");
        assert!(output.code.contains("pub struct Deep"), "{said}");
    }
}

#[test]
fn answers_too_deep_to_be_read_are_told_of_as_well() {
    let lists = |levels| {
        nested(levels)
            .replace("me", "list")
            .replacen("list", "me", 1)
    };
    for (deep, json) in [(nested(127), 127), (nested(128), 128), (lists(64), 127)] {
        let output = compiled(&deep);
        let said: Vec<&str> = output
            .diagnostics
            .iter()
            .map(|each| &*each.message)
            .collect();
        let read = format!(
            "answers to `Deep` may be nested {json} levels deep, lists included, and are read to 126"
        );
        assert!(said.contains(&&*read), "{said:?}");
        assert!(!output.has_errors(), "{said:?}");
    }
    assert_eq!(compiled(&lists(63)).diagnostics.len(), 1);
}

#[test]
fn what_is_too_deep_is_refused_with_the_limit() {
    for (deep, said) in [
        (
            nested(129),
            "selections are nested too deeply: 128 levels are the most",
        ),
        (nested(300), "selections or values are nested too deeply"),
        (nested(50_000), "selections or values are nested too deeply"),
        (
            chain(30, 5),
            "selections are nested too deeply: 128 levels are the most",
        ),
        (
            chain(102, 0),
            "more than 100 fragments spread each other, from `F1` on",
        ),
        (
            chain(5_000, 0),
            "more than 100 fragments spread each other, from `F1` on",
        ),
        (
            format!("{{ a(x: {}{}) }}", "{i: [".repeat(400), "]}".repeat(400)),
            "selections or values are nested too deeply",
        ),
    ] {
        let output = compiled(&deep);
        let errors: Vec<String> = output.diagnostics.iter().map(ToString::to_string).collect();
        assert!(output.has_errors(), "{said}");
        assert!(
            errors.iter().any(|error| error.contains(said)),
            "{errors:?}"
        );
        for error in errors {
            assert!(
                error.contains(" --> deep.graphql:") && error.contains("= help: "),
                "{error}"
            );
        }
    }
}
