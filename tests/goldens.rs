//! The compiler's goldens compile, read the answers beside them, and write them back unchanged,
//! with serde's traits and without.

use attendium::{Json, Operation, decode};
use serde::Serialize;
use std::path::Path;

/// Includes goldens as modules, each with the operation that answers are read for, and lists them.
macro_rules! goldens {
    ($($name:ident: $operation:ident),* $(,)?) => {
        $(
            #[deny(warnings)]
            mod $name {
                include!(concat!("../codegen/tests/ok/", stringify!($name), ".serde.rs"));
            }
        )*

        mod without_serde {
            $(
                #[deny(warnings)]
                pub mod $name {
                    include!(concat!("../codegen/tests/ok/", stringify!($name), ".expected.rs"));
                }
            )*
        }

        #[test]
        fn answers_come_through_unchanged() {
            $(check::<$name::$operation>(stringify!($name));)*
        }

        #[test]
        fn without_serde_the_same_is_read() {
            $(compare::<$name::$operation, without_serde::$name::$operation>(stringify!($name));)*
        }

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

goldens! {
    conditions: Conditions,
    deferred: Deferred,
    derives: Derives,
    fields: Fields,
    fragments: Fragments,
    inputs: Inputs,
    introspection: Introspection,
    key_of_another: KeyOfAnother,
    many_fields: ManyFields,
    merging: Merging,
    names: names,
    shared_selections: SameSelection,
    scalars: Scalars,
    union_of_fragments: UnionOfFragments,
    unions: Unions,
    variables: Variables,
}

/// What peers' users ask for (graphql_client's #392, types duplicated for each operation): a
/// function over what several operations select.
#[test]
fn equal_selections_of_two_operations_may_be_one_type() {
    use without_serde::shared_selections as operations;
    fn login(user: &operations::same_selection::MeManager) -> &str {
        &user.login
    }
    let answer = r#"{"me": {"id": 1, "manager": {"id": 2, "login": "b"}, "boss": {"id": 3, "login": "c"}, "other": null},
        "node": {"__typename": "User", "manager": {"id": 4, "login": "d"}}, "search": []}"#;
    let data: operations::same_selection::Data = attendium::rt::from_str(answer).unwrap();
    let mut logins = vec![
        login(data.me.manager.as_ref().unwrap()),
        login(data.me.boss.as_ref().unwrap()),
    ];
    let team: &Option<operations::team::Manager> = &data.me.team.manager;
    logins.push(login(team.as_ref().unwrap()));
    if let Some(operations::same_selection::Node::User(user)) = &data.node {
        logins.push(login(user.manager.as_ref().unwrap()));
    }
    assert_eq!(logins, ["b", "c", "b", "d"]);
    // By either name, it is made and matched.
    let found = operations::same_selection::Search::User(operations::same_selection::SearchUser {
        id: "5".into(),
        login: "e".into(),
    });
    let found: operations::same_selection_in_an_operation_whose_name_is_long::Search = found;
    use operations::same_selection_in_an_operation_whose_name_is_long_too as too;
    assert!(matches!(found, too::Search::User(user) if user.login == "e"));
}

/// Dates, ids and addresses as types that applications have already, in variables as in answers.
#[test]
fn scalars_of_jiff_uuid_and_url_are_written_and_read() {
    let at: jiff::Timestamp = "2027-06-18T20:45:00Z".parse().unwrap();
    let id = uuid::uuid!("67e55044-10b1-426f-9247-bb680e5fe0c8");
    let link = url::Url::parse("https://example.com/a?b=c").unwrap();
    let next = scalars::SlotInput::new(at).id(None);
    let input = scalars::SlotInput::new(at)
        .id(id)
        .links(vec![link])
        .next(next);
    let body: Json = serde_json::from_slice(&attendium::operation::body(&scalars::MoveSlot::new(
        input,
        vec![id],
    )))
    .unwrap();
    assert_eq!(
        body["variables"],
        serde_json::json!({
            "input": {
                "at": "2027-06-18T20:45:00Z",
                "id": "67e55044-10b1-426f-9247-bb680e5fe0c8",
                "links": ["https://example.com/a?b=c"],
                "next": { "at": "2027-06-18T20:45:00Z", "id": null },
            },
            "ids": ["67e55044-10b1-426f-9247-bb680e5fe0c8"],
        })
    );
    let wrong = decode::<scalars::MoveSlot>(br#"{"data":{"moveSlot":{"at":"yesterday"}}}"#);
    let said = wrong.unwrap_err().to_string();
    assert!(said.contains("moveSlot.at"), "{said}");
}

/// Variables are shown, copied, compared and sent alike with serde's traits and without.
#[test]
fn variables_are_the_same_with_serde_and_without() {
    macro_rules! variables {
        ($($module:ident)::+) => {{
            use $($module)::+::{Filter, Role, Variables};
            let inner = Filter::new().r#type("a \"b\"").new_(true);
            let filter = Filter::new()
                .not(inner.clone())
                .and(vec![inner.clone(), Filter::default()])
                .role(Role::Owner)
                .at(None);
            let all = Variables::new("7")
                .text(None)
                .filter(filter)
                .first(3)
                .roles(vec![None, Some(vec![Role::Other("X".into())])])
                .r#type(false);
            let few = Variables::new("7");
            assert!(all == all.clone() && few == few.clone());
            assert!(all != few && inner != Filter::default());
            [all, few].map(|variables| {
                let body = String::from_utf8(attendium::operation::body(&variables)).unwrap();
                (format!("{variables:?} {variables:#?}"), body)
            })
        }};
    }
    let derived = variables!(variables);
    assert_eq!(variables!(without_serde::variables), derived);
    assert!(derived[0].1.ends_with(concat!(
        r#""variables":{"id":"7","text":null,"filter":{"and":[{"new":true,"type":"a \"b\""},{}],"#,
        r#""not":{"new":true,"type":"a \"b\""},"role":"OWNER","at":null},"first":3,"roles":[null,["X"]],"type":false}}"#
    )), "{}", derived[0].1);
    assert!(derived[1].1.ends_with(r#""variables":{"id":"7"}}"#));
}

/// A derive is on every type whose parts have it, and leaves the others as they are.
#[test]
fn derives_are_on_the_types_that_can_have_them() {
    fn ordered_copies<T: Copy + Default + std::hash::Hash + Ord>() -> T {
        T::default()
    }
    assert_eq!(ordered_copies::<derives::derives::Clash>().value, None);
    assert_eq!(ordered_copies::<derives::derives::Slot>().ends, None);
    assert_eq!(derives::Named::default().name, None);
    assert!(derives::Role::Owner < derives::Role::Door);
    let input = derives::EventInput::default();
    assert_eq!((input.id.as_str(), input.tags), ("", None));
}

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen/tests/ok")
}

/// What the server answers, a line each.
fn answers(name: &str) -> String {
    std::fs::read_to_string(directory().join(format!("{name}.answers.jsonl"))).unwrap()
}

fn check<O: Operation>(name: &str)
where
    O::Data: Serialize + PartialEq + std::fmt::Debug + serde::de::DeserializeOwned,
{
    let answers = answers(name);
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

/// The data of both, which differ in serde's traits alone.
fn compare<WithSerde: Operation, Without: Operation>(name: &str)
where
    WithSerde::Data: Clone + PartialEq + std::fmt::Debug,
    Without::Data: Clone + PartialEq + std::fmt::Debug,
{
    let answers = answers(name);
    let data: Vec<(WithSerde::Data, Without::Data)> = answers
        .lines()
        .map(|answer| {
            let body = format!(r#"{{"data":{answer}}}"#);
            (
                decode::<WithSerde>(body.as_bytes()).unwrap().data.unwrap(),
                decode::<Without>(body.as_bytes()).unwrap().data.unwrap(),
            )
        })
        .collect();
    for (with_serde, without) in &data {
        let shown = format!("{with_serde:#?}");
        assert_eq!(format!("{without:#?}"), shown, "{name}");
        assert!(without.clone() == *without, "{name}: {shown}");
        for (other_with_serde, other_without) in &data {
            assert_eq!(
                without == other_without,
                with_serde == other_with_serde,
                "{name}: {shown}\n{other_with_serde:?}"
            );
        }
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
