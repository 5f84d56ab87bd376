//! Documents that are right and look odd, and schemas that servers send and no specification has:
//! code is generated for all of them.

use attendium_codegen::{Options, Output, Source, compile};
use serde_json::{Value, json};

fn compiled(schema: &str, document: &str) -> Output {
    let name = if schema.trim_start().starts_with('{') {
        "schema.json"
    } else {
        "schema.graphql"
    };
    let schema = [Source::new(name, schema)];
    compile(
        &schema,
        &[Source::new("operations.graphql", document)],
        &Options::default(),
    )
}

/// The code, without a word from the compiler.
fn quiet(schema: &str, document: &str) -> String {
    let output = compiled(schema, document);
    let said: Vec<String> = output.diagnostics.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{document}\n{}", said.join("\n"));
    output.code
}

/// The code, beside warnings: what they say.
fn warned(schema: &str, document: &str) -> (String, String) {
    let output = compiled(schema, document);
    for diagnostic in &output.diagnostics {
        assert!(!diagnostic.is_error(), "{document}\n{diagnostic}");
    }
    let said: Vec<String> = output.diagnostics.iter().map(ToString::to_string).collect();
    (output.code, said.join("\n"))
}

#[test]
fn names_of_underscores_and_digits_compile() {
    for name in ["_1", "__1", "_1x", "_1X", "__", "_1_2", "__Q"] {
        let operation = quiet("type Query { a: Int }", &format!("query {name} {{ a }}"));
        assert!(operation.contains("pub mod "), "{name}");
        let fragment = format!("query Q {{ ...{name} }} fragment {name} on Query {{ a }}");
        quiet("type Query { a: Int }", &fragment);
        let unused = format!("query Q {{ a }} fragment {name} on Query {{ a }}");
        compiled("type Query { a: Int }", &unused);
        // The schema's own names do not begin with two underscores.
        let name = name.replacen("__", "_", 1);
        let members = format!(
            "type Query {{ a({name}: {name}E): {name}E }} enum {name}E {{ {name} }} input {name}I {{ {name}: Int }}"
        );
        quiet(
            &members,
            &format!("query Q(${name}: {name}E) {{ a({name}: ${name}) }}"),
        );
    }
}

#[test]
fn the_words_that_begin_definitions_are_names_at_the_first_column_too() {
    for word in ["query", "mutation", "subscription", "fragment"] {
        let schema = format!(
            "type Query {{ {word}({word}: I, list: [E]): Query a: Int }} input I {{ {word}: Int }} enum E {{ {word} }}"
        );
        let document = format!(
            "query Q {{\n{word}(\n{word}: {{\n{word}: 1\n}},\nlist: [\n{word}\n]\n) {{\na\n{word}\n{{ a }}\n}}\n}}\nquery\nR {{\n{word} {{ a }}\n}}"
        );
        quiet(&schema, &document);
    }
    // What is not closed is still said where it is.
    let output = compiled(
        "type Query { a: Int }",
        "query A {\n  a\n\nquery B {\n  a\n}\n",
    );
    let said = output.diagnostics[0].to_string();
    assert!(said.contains("this `{` is not closed"), "{said}");
}

#[test]
fn commas_are_white_space_everywhere() {
    let code = |schema: &str, document: &str| quiet(schema, document);
    let schema = "type Query { a(x: [Int], i: I): Int } input I { y: Int }";
    let plain = "query Q($v: Int = 1) { x: a(x: [1 2] i: {y: $v}) ...F } fragment F on Query { a }";
    let commas = ",\"d, d\", query, Q,(,$v,:,Int,=,1,),{ x,: a(,x,:,[,1,,2,],i:,{,y,:,$v,},),...,F,}, fragment, F, on, Query, {,a,},";
    let described = format!("\"d, d\" {plain}");
    assert_eq!(code(schema, commas), code(schema, &described));
    let odd = ",\"d\", type, Query, {, \"a\", a,(,x,:,[,Int,],,i,:,I,),:,Int,}, extend, input, I, {,y,:,Int,}, input, I, {, z,: Int, = , 1,}";
    let even = "\"d\" type Query { \"a\" a(x: [Int] i: I): Int } extend input I { y: Int } input I { z: Int = 1 }";
    assert_eq!(code(odd, plain), code(even, plain));
}

#[test]
fn every_meta_field_is_known() {
    quiet(
        "type Query { a: Int }",
        "query Q { __schema { description types { ...T } queryType { name } mutationType { name } subscriptionType { name }
         directives { name description isRepeatable locations args(includeDeprecated: true) { ...I } } } __type(name: \"Query\") { isOneOf } }
         fragment T on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description
         args(includeDeprecated: true) { ...I } type { name } isDeprecated deprecationReason } interfaces { name } possibleTypes { name }
         enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
         inputFields(includeDeprecated: true) { ...I } ofType { name } }
         fragment I on __InputValue { name description type { name } defaultValue isDeprecated deprecationReason }",
    );
}

#[test]
fn what_a_custom_scalars_literal_holds_is_its_own_affair() {
    let schema = "scalar D input I { d: D! l: [D!] } type Query { f(d: D!, l: [D!], i: I): Int }";
    for value in ["[null]", "[[null, 1]]", "{a: null}", "[{a: [null]}]"] {
        quiet(
            schema,
            &format!("query Q {{ f(d: {value}, i: {{d: {value}}}) }}"),
        );
        quiet(
            schema,
            &format!("query Q($d: D! = {value}) {{ f(d: $d, l: [{value}]) }}"),
        );
    }
    for value in ["null", "[null]"] {
        let output = compiled(
            schema,
            &format!("query Q {{ f(d: 1, l: [{value}, null]) }}"),
        );
        let said = output.diagnostics[0].to_string();
        assert!(
            said.contains("null where a value of type `D!` has to be"),
            "{said}"
        );
    }
}

#[test]
fn a_fragment_keeps_what_the_position_promises_of_unknown_types() {
    let schema = "interface A { id: ID! } interface B implements A { id: ID! n: Int } \
        interface C implements B & A { id: ID! n: Int z: Int } \
        type T implements C & B & A { id: ID! n: Int z: Int } type V implements A { id: ID! } \
        type Query { a: A b: B c: C }";
    let inline = quiet(schema, "query Q { c { ... on A { id ... on B { n } } } }");
    for document in [
        "query Q { c { ...F } } fragment F on A { id ... on B { n } }",
        "query Q { c { ...G } } fragment G on A { ...F } fragment F on A { id ...H } fragment H on B { n }",
    ] {
        let code = quiet(schema, document);
        // The type of `c` has the field itself, as it has where it is written inline.
        let of = |code: &str| {
            code.split("pub mod q")
                .nth(1)
                .map(|rest| rest.matches(" n:").count())
        };
        assert_eq!(
            of(&code).map(|count| count > 0),
            of(&inline).map(|count| count > 0),
            "{code}"
        );
        assert!(of(&code) > Some(0), "{code}");
    }
    // Where the position promises nothing, a fragment stays a type of its own.
    let code = quiet(
        schema,
        "query Q { a { ...F } } fragment F on A { id ... on B { n } }",
    );
    assert!(code.contains("super::F"), "{code}");
}

#[test]
fn sdl_that_servers_print_is_read() {
    for (schema, warning) in [
        (
            "directive @a on FIELD type Query @b @c { a: Int @b x: Int @b }",
            "there is no directive `@b` (3 uses)",
        ),
        (
            "input C @oneOf { c: C } type Query { a(c: C): Int }",
            "`C` is `@oneOf` and has no value that ends",
        ),
        (
            "input C @oneOf { d: D } input D { c: C! } type Query { a(c: C): Int }",
            "`C` is `@oneOf` and has no value that ends",
        ),
        (
            "input C @oneOf { c: C l: [C!] } input D @oneOf { c: C } type Query { a(c: C, d: D): Int }",
            "",
        ),
        (
            "directive @x on DIRECTIVE_DEFINITION type Query { a: Int }",
            "",
        ),
        (
            "directive @x on FIELD | FRAGMENT_VARIABLE_DEFINITION type Query { a: Int }",
            "",
        ),
        (
            "directive @x @deprecated(reason: \"old\") on FIELD type Query { a: Int }",
            "",
        ),
        (
            "type Empty {} type Query { a: Int e: Empty }",
            "`Empty` has no fields",
        ),
        (
            "enum Empty {} type Query { a: Int e: Empty }",
            "`Empty` has no",
        ),
        (
            "input Empty {} type Query { a(e: Empty): Int }",
            "`Empty` has no",
        ),
    ] {
        let (code, said) = warned(schema, "query Q { a }");
        assert!(code.contains("pub struct Q"), "{schema}");
        assert_eq!(said.is_empty(), warning.is_empty(), "{schema}\n{said}");
        assert!(said.contains(warning), "{schema}\n{said}");
    }
    quiet(
        "directive @x on FIELD | DIRECTIVE_DEFINITION type Query { a: Int }",
        "query Q { a @x }",
    );
    let files = ["", "# nothing yet\n", "type Query { a: Int }"]
        .map(|text| Source::new("schema.graphql", text));
    let document = [Source::new("q.graphql", "query Q { a }")];
    let output = compile(&files, &document, &Options::default());
    assert!(output.diagnostics.is_empty(), "{:?}", output.diagnostics);
}

#[test]
fn descriptions_without_text_leave_no_trace() {
    let schema = "\"\"\"\"\"\"\nscalar J\n\"\"\"  \"\"\"\nenum E { \"\" A }\n\"\"\ninput I { \" \" a: Int }\n\"\"\" \n \"\"\"\ntype Query { \"\" j(\"\" x: Int): J e: E f(i: I): Int }";
    let bare =
        "scalar J\nenum E { A }\ninput I { a: Int }\ntype Query { j(x: Int): J e: E f(i: I): Int }";
    let document = "query Q($i: I) { j e f(i: $i) }";
    assert_eq!(quiet(schema, document), quiet(bare, document));
}

/// A schema as an introspection answer: a query type with a field for each type, and the types.
fn introspection(types: &[Value], directives: &[Value]) -> String {
    let named = |name: &str| json!({"kind": "OBJECT", "name": name, "ofType": null});
    let field = |name: &str, ty: Value| json!({"name": name, "args": [], "type": ty, "isDeprecated": false});
    let mut fields = vec![field("a", json!({"kind": "SCALAR", "name": "Int"}))];
    for each in types {
        if matches!(
            each["kind"].as_str(),
            Some("OBJECT" | "INTERFACE" | "UNION" | "ENUM" | "SCALAR")
        ) {
            let name = each["name"].as_str().unwrap_or_default();
            fields.push(field(&name.to_lowercase(), named(name)));
        }
    }
    let mut all = vec![
        json!({"kind": "OBJECT", "name": "Query", "fields": fields, "interfaces": []}),
        json!({"kind": "SCALAR", "name": "Int"}),
    ];
    all.extend(types.iter().cloned());
    json!({"data": {"__schema": {"queryType": {"name": "Query"}, "types": all, "directives": directives}}}).to_string()
}

#[test]
fn one_odd_type_of_an_introspection_answer_ends_nothing() {
    for (odd, warning) in [
        (
            json!({"kind": "OBJECT", "name": "E", "fields": [], "interfaces": []}),
            "`E` has no fields",
        ),
        (
            json!({"kind": "OBJECT", "name": "E", "fields": null}),
            "`E` has no fields",
        ),
        (
            json!({"kind": "INTERFACE", "name": "E", "fields": []}),
            "`E` has no fields",
        ),
        (
            json!({"kind": "INPUT_OBJECT", "name": "E", "inputFields": []}),
            "`E` has no",
        ),
        (
            json!({"kind": "INPUT_OBJECT", "name": "E", "inputFields": null}),
            "`E` has no",
        ),
        (
            json!({"kind": "ENUM", "name": "E", "enumValues": []}),
            "`E` has no",
        ),
        (
            json!({"kind": "UNION", "name": "E", "possibleTypes": []}),
            "`E` has no",
        ),
        (
            json!({"kind": "UNION", "name": "E", "possibleTypes": null}),
            "`E` has no",
        ),
        (
            json!({"kind": "THING", "name": "E", "description": "new"}),
            "`E` is of the kind `THING`",
        ),
        (
            json!({"kind": "SCALAR", "name": "not a name"}),
            "`not a name` is no name of a type",
        ),
        (
            json!({"kind": "ENUM", "name": "E", "enumValues": [{"name": "true"}, {"name": "A"}]}),
            "`true` is no name of a value",
        ),
        (
            json!({"kind": "ENUM", "name": "E", "enumValues": [{"name": "1A"}]}),
            "`1A` is no name of a value",
        ),
        (
            json!({"kind": "INPUT_OBJECT", "name": "E", "inputFields": [{"name": "a-b", "type": {"kind": "SCALAR", "name": "Int"}}]}),
            "a-b",
        ),
        (
            json!({"kind": "OBJECT", "name": "E", "fields": [{"name": "f", "args": [], "type": {"kind": "LIST", "ofType": null}}]}),
            "the type of `E.f` is cut off",
        ),
    ] {
        let (code, said) = warned(
            &introspection(std::slice::from_ref(&odd), &[]),
            "query Q { a }",
        );
        assert!(code.contains("pub struct Q"), "{odd}");
        assert!(said.contains(warning), "{odd}\n{said}");
        assert!(said.contains("schema.json:1:"), "{odd}\n{said}");
    }
}

#[test]
fn files_without_a_definition_are_nothing_among_others() {
    let document = [Source::new("a.graphql", "query Q { a }")];
    let schema = Source::new("schema.graphql", "type Query { a: Int }");
    for empty in ["", " \n\t,", "# a comment\n", "\u{feff}"] {
        for (before, behind) in [(true, false), (false, true), (true, true)] {
            let blank = |name: &str, wanted: bool| wanted.then(|| Source::new(name, empty));
            let mut files: Vec<Source> = blank("0.graphql", before).into_iter().collect();
            files.push(schema.clone());
            files.extend(blank("z.graphql", behind));
            let documents = [document[0].clone(), Source::new("none.graphql", empty)];
            let output = compile(&files, &documents, &Options::default());
            assert_eq!(output.diagnostics, [], "{empty:?}");
            assert!(output.code.contains("pub struct Q"), "{empty:?}");
        }
        // Alone, it is no schema.
        let output = compile(
            &[Source::new("s.graphql", empty)],
            &document,
            &Options::default(),
        );
        assert!(output.has_errors(), "{empty:?}");
    }
}

#[test]
fn where_int_is_mapped_its_numbers_have_no_bounds_of_ours() {
    let schema = [Source::new(
        "schema.graphql",
        "type Query { a(x: Int, y: [Int!] i: I): Int } input I { x: Int = 5000000000 }",
    )];
    let document = "query Q($v: Int = 3000000000, $i: I = {x: -3000000000}) {
        a(x: 9007199254740993, y: [1, -9000000000], i: $i) b: a(x: $v)
    }";
    let documents = [Source::new("operations.graphql", document)];
    let output = compile(&schema, &documents, &Options::default());
    assert_eq!(
        output
            .diagnostics
            .iter()
            .filter(|found| found.is_error())
            .count(),
        4
    );
    for error in output.diagnostics.iter().filter(|found| found.is_error()) {
        assert!(
            error
                .help
                .as_deref()
                .unwrap()
                .contains("`--scalar Int=i64`"),
            "{error}"
        );
    }
    let options = Options::default().scalar("Int", "i64");
    let output = compile(&schema, &documents, &options);
    assert!(!output.has_errors(), "{:?}", output.diagnostics);
    assert!(
        output
            .code
            .contains("a(x: 9007199254740993, y: [1, -9000000000], i: $i)"),
        "{}",
        output.code
    );
    assert!(
        output.code.contains("pub a: Option<super::Int>"),
        "{}",
        output.code
    );
    // A float is no whole number of any size.
    let documents = [Source::new("operations.graphql", "query Q { a(x: 1.5) }")];
    assert!(compile(&schema, &documents, &options).has_errors());
}

#[test]
fn one_odd_directive_of_an_introspection_answer_ends_nothing() {
    for (odd, warning) in [
        (json!({"name": "x", "args": []}), "`@x` has no location"),
        (
            json!({"name": "x", "args": [], "locations": []}),
            "`@x` has no location",
        ),
        (
            json!({"name": "x", "args": [], "locations": ["DIRECTIVE_DEFINITION"]}),
            "`@x` has no location",
        ),
        (
            json!({"name": "x", "args": [], "locations": ["FIELD", "NOWHERE"]}),
            "",
        ),
        (
            json!({"name": "x", "args": [], "onField": true, "onFragment": false, "onOperation": false}),
            "",
        ),
        (
            json!({"name": "x", "args": [], "onField": false, "onFragment": false, "onOperation": false}),
            "`@x` has no location",
        ),
        (
            json!({"name": "", "args": [], "locations": ["FIELD"]}),
            "no name of a directive",
        ),
    ] {
        let (code, said) = warned(
            &introspection(&[], std::slice::from_ref(&odd)),
            "query Q { a }",
        );
        assert!(code.contains("pub struct Q"), "{odd}");
        assert_eq!(said.is_empty(), warning.is_empty(), "{odd}\n{said}");
        assert!(said.contains(warning), "{odd}\n{said}");
    }
    let old =
        json!({"name": "x", "args": [], "onField": true, "onFragment": true, "onOperation": true});
    let schema = introspection(&[], &[old]);
    quiet(
        &schema,
        "query Q @x { a @x ...F @x } fragment F on Query { ... @x { a } }",
    );
}

#[test]
fn a_default_that_is_no_graphql_is_a_default_all_the_same() {
    let input = |text: &Value, required: bool| {
        let int = json!({"kind": "SCALAR", "name": "Int"});
        let ty = if required {
            json!({"kind": "NON_NULL", "ofType": int})
        } else {
            int
        };
        json!({"kind": "INPUT_OBJECT", "name": "E", "inputFields": [
            {"name": "x", "type": ty, "defaultValue": text}, {"name": "y", "type": {"kind": "SCALAR", "name": "Int"}}]})
    };
    let with_argument = |input: Value| {
        let mut schema: Value = serde_json::from_str(&introspection(&[input], &[])).expect("JSON");
        schema["data"]["__schema"]["types"][0]["fields"][0]["args"] =
            json!([{"name": "e", "type": {"kind": "INPUT_OBJECT", "name": "E"}}]);
        schema.to_string()
    };
    for text in [
        "",
        " ",
        "yyyy-MM-dd HH:mm:ss",
        "System.Object[]",
        "1984-06-21",
        "{\"a\": 1}",
        "{k=X, n=1}",
        "a b c",
        "1 y: Int",
        "1 } input F { y: Int",
        "\"not closed",
        "$variable",
        "1e",
        "0x1",
        "01",
        "\"\\q\"",
        "\"\\u12\"",
        "[1",
        "1]",
        "@x",
    ] {
        for required in [false, true] {
            let schema = with_argument(input(&json!(text), required));
            let (code, said) = warned(&schema, "query Q { a(e: {y: 1}) }");
            assert!(code.contains("pub struct Q"), "{text}");
            assert!(said.contains("which is no GraphQL value"), "{text}\n{said}");
        }
    }
    for text in ["1", "1 # one", "-7", "1,", " 2\n", "\n1 # a\n# b\n"] {
        quiet(
            &with_argument(input(&json!(text), true)),
            "query Q { a(e: {y: 1}) }",
        );
    }
    // Not text at all, as some servers have it.
    quiet(
        &with_argument(input(&json!(5), true)),
        "query Q { a(e: {y: 1}) }",
    );
}
