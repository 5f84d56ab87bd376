//! Input objects of any schema are small, on any thread, and their setters take what is at hand.
#![cfg(feature = "macros")]

use attendium::{Maybe, Operation, operation};

/// Invented input objects.
mod api {
    attendium::graphql!(
        schema = "tests/inputs/schema.graphql",
        operations = "tests/inputs/operations.graphql",
        derive = "serde::Serialize",
        derive = "serde::Deserialize"
    );
}

use api::{Chain, Chain40, Choice, Comparison, Floats, Net, Net0, Texts};

fn variables<O: Operation>(operation: &O) -> String {
    String::from_utf8(operation::variables(operation)).unwrap()
}

/// Runs in debug builds too, whose frames hold each temporary value by itself.
fn on_a_thread_of_1_mb(run: fn()) {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(run).unwrap().join().unwrap();
}

/// Checks each type against its number of fields, and that no input object is left out.
macro_rules! sizes {
    ($($name:ident: $fields:literal),* $(,)?) => {
        [$((stringify!($name), size_of::<api::$name>(), $fields)),*]
    };
}

#[test]
fn no_input_object_is_larger_than_40_bytes_for_each_of_its_fields() {
    let sizes = sizes![
        Chain0: 1, Chain1: 3, Chain2: 3, Chain3: 3, Chain4: 3, Chain5: 3, Chain6: 3,
        Chain7: 3, Chain8: 3, Chain9: 3, Chain10: 3, Chain11: 3, Chain12: 3,
        Chain13: 3, Chain14: 3, Chain15: 3, Chain16: 3, Chain17: 3, Chain18: 3,
        Chain19: 3, Chain20: 3, Chain21: 3, Chain22: 3, Chain23: 3, Chain24: 3,
        Chain25: 3, Chain26: 3, Chain27: 3, Chain28: 3, Chain29: 3, Chain30: 3,
        Chain31: 3, Chain32: 3, Chain33: 3, Chain34: 3, Chain35: 3, Chain36: 3,
        Chain37: 3, Chain38: 3, Chain39: 3, Chain40: 3,
        Net0: 17, Net1: 17, Net2: 17, Net3: 17, Net4: 17, Net5: 17, Net6: 17, Net7: 17,
        Net8: 17, Net9: 17, Net10: 17, Net11: 17,
        Comparison: 9, Choice: 1, TextsInput: 6,
    ];
    for (name, size, fields) in sizes {
        assert!(
            size <= 40 * fields,
            "{name} has {size} bytes for {fields} fields"
        );
    }
    let schema = include_str!("schema.graphql");
    for definition in schema.split("\ninput ").skip(1) {
        let name = definition.split_whitespace().next().unwrap();
        assert!(sizes.iter().any(|(listed, ..)| *listed == name), "{name}");
    }
}

/// `Net0` within `Net0`, by every way there is.
fn nested(levels: usize) -> Net0 {
    if levels == 0 {
        return Net0::new().text(Comparison::new().eq("a"));
    }
    Net0::new()
        .not(nested(levels - 1))
        .and(vec![nested(levels - 1)])
        .to1(api::Net1::new().to0(nested(levels - 1)))
}

#[test]
fn the_largest_of_them_live_on_a_thread_of_1_mb() {
    on_a_thread_of_1_mb(|| {
        let net = Net::new()
            .r#where(Net0 {
                text: Comparison::default().into(),
                ..Net0::default()
            })
            .all(vec![Net0::new(), Net0::default(), nested(4)])
            .one(Choice::Net(nested(4).into()));
        let sent = variables(&net);
        assert!(
            sent.starts_with(r#"{"where":{"text":{}},"all":[{},{},{"and":[{"#),
            "{sent}"
        );
        let read: Net = serde_json::from_str(&sent).unwrap();
        assert_eq!(read, net.clone());
        let again = serde_json::to_value(&read).unwrap();
        assert_eq!(
            again,
            serde_json::from_str::<serde_json::Value>(&sent).unwrap()
        );

        let chain = Chain::new(chain40());
        let sent = variables(&chain);
        assert_eq!(serde_json::from_str::<Chain>(&sent).unwrap(), chain);
        assert_eq!(sent.matches("\"a\":").count(), 40);
        assert_eq!(
            variables(&Chain {
                by: chain.by.clone()
            }),
            sent
        );
    });
}

/// A value as the first field of a value of another type, and that of the next one.
macro_rules! within {
    ($value:ident $(, $name:ident)*) => {{
        $(let $value = api::$name { a: $value.into(), b: Maybe::Absent, c: Maybe::Absent };)*
        $value
    }};
}

/// The longest chain that there is, all values on the stack as they are made.
fn chain40() -> Chain40 {
    let value = api::Chain0::new().text("end");
    within!(
        value, Chain1, Chain2, Chain3, Chain4, Chain5, Chain6, Chain7, Chain8, Chain9, Chain10,
        Chain11, Chain12, Chain13, Chain14, Chain15, Chain16, Chain17, Chain18, Chain19, Chain20,
        Chain21, Chain22, Chain23, Chain24, Chain25, Chain26, Chain27, Chain28, Chain29, Chain30,
        Chain31, Chain32, Chain33, Chain34, Chain35, Chain36, Chain37, Chain38, Chain39, Chain40
    )
}

#[test]
fn setters_of_what_has_a_default_take_text_values_and_none() {
    let sent = |texts: Texts| variables(&texts);
    assert_eq!(
        sent(Texts::new().defaulted("x").id("y")),
        r#"{"defaulted":"x","id":"y"}"#
    );
    let text = String::from("x");
    assert_eq!(
        sent(Texts::new().defaulted(text.clone()).id(text)),
        r#"{"defaulted":"x","id":"x"}"#
    );
    assert_eq!(
        sent(Texts::new().defaulted(Some("x".to_owned()))),
        r#"{"defaulted":"x"}"#
    );
    assert_eq!(
        sent(Texts::new().id(7.to_string()).defaulted(None)),
        r#"{"id":"7"}"#
    );
    // What has a default is not null: it is left to it.
    assert_eq!(
        sent(Texts::new().defaulted("x").defaulted(Maybe::Null)),
        "{}"
    );
    assert_eq!(
        sent(Texts::new().defaulted("x").defaulted(Maybe::Absent)),
        "{}"
    );
    let texts = api::TextsInput::new("r")
        .nullable("n")
        .defaulted("d")
        .id("i")
        .list(vec!["l".to_owned()])
        .nested(Comparison::new());
    assert_eq!(
        sent(Texts::new().texts(texts)),
        r#"{"texts":{"required":"r","nullable":"n","defaulted":"d","id":"i","list":["l"],"nested":{}}}"#
    );
    let texts = api::TextsInput::new("r")
        .nested(None)
        .list(None)
        .nullable(None);
    assert_eq!(
        sent(Texts::new().texts(texts)),
        r#"{"texts":{"required":"r","nullable":null}}"#
    );
}

#[test]
fn a_float_that_json_lacks_is_sent_as_text_and_never_as_null() {
    let floats = Floats::new(f64::NAN)
        .one(f64::INFINITY)
        .list(vec![
            Some(f64::NEG_INFINITY),
            None,
            Some(-f64::NAN),
            Some(1.5),
        ])
        .defaulted(f64::NAN);
    assert_eq!(
        variables(&floats),
        r#"{"one":"Infinity","list":["-Infinity",null,"NaN",1.5],"amount":"NaN","defaulted":"NaN"}"#
    );
}
