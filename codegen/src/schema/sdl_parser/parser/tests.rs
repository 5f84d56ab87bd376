//! What this parser accepts, apollo-compiler's parser accepts too, with the same trees: over every
//! form, over random schemas, over broken ones, and over real ones.

use super::parse;
use apollo_compiler::ast::Document;

/// Whether a text is accepted; then its trees have to be those of the other parser.
#[track_caller]
pub fn accepted(text: &str) -> bool {
    let Some(tree) = parse(text) else {
        return false;
    };
    let other = match Document::parse(text, "schema.graphql") {
        Ok(other) => other,
        Err(with) => panic!("only accepted here: {text}\n{}", with.errors),
    };
    assert_eq!(tree.document, other, "in {text}");
    assert_eq!(tree.document.to_string(), other.to_string(), "in {text}");
    assert_eq!(tree.ranges.len(), other.definitions.len(), "in {text}");
    for (range, definition) in tree.ranges.iter().zip(&other.definitions) {
        let span = definition.location().unwrap();
        assert!(
            range.start == span.offset() && range.end >= span.end_offset(),
            "{range:?} is not at {span:?} in {text}"
        );
    }
    true
}

/// One of each kind and form, with names that are keywords elsewhere.
const FORMS: [&str; 40] = [
    "type A",
    "type A{a:Int}",
    "\u{feff}type A { a: Int }",
    "# only\ntype A,{,a,:,Int,},# end",
    "type A implements B",
    "type A implements & B & C @d(a: 1) { a: [[Int!]!]! @d }",
    "type type implements implements & on { type: true on(on: on = on): on }",
    "interface A implements B { a(b: Int = 1, \"d\" c: [B!] = [{a: 1}] @d): A }",
    "union A",
    "union A = B",
    "union A @d = | B | C",
    "enum A",
    "enum on @d { on type \"d\" input @deprecated(reason: \"r\") query }",
    "scalar A",
    "\"d\" scalar A @specifiedBy(url: \"https://a.b\")",
    "input A",
    "input A @oneOf { a: Int = null b: B = {} c: [Int] = [] d: E = A }",
    "directive @a on FIELD",
    "directive @on(repeatable: Int) repeatable on | QUERY | INPUT_FIELD_DEFINITION",
    "directive @a on QUERY|MUTATION|SUBSCRIPTION|FIELD|FRAGMENT_DEFINITION|FRAGMENT_SPREAD|INLINE_FRAGMENT|VARIABLE_DEFINITION",
    "directive @a on SCHEMA|SCALAR|OBJECT|FIELD_DEFINITION|ARGUMENT_DEFINITION|INTERFACE|UNION|ENUM|ENUM_VALUE|INPUT_OBJECT",
    "schema { query: Q }",
    "\"d\" schema @d { query: Q mutation: M, subscription: S }",
    "extend schema @d",
    "extend schema { mutation: M }",
    "extend type A { a: Int }",
    "extend type A implements B",
    "extend interface A @d",
    "extend union A = B",
    "extend enum A { A }",
    "extend scalar A @d",
    "extend input A { a: Int }",
    "type A type B implements C type D @d type E",
    "scalar A @d(a: 0, b: -0, c: 12, d: -1.5, e: 1e9, f: 1.0E-5, g: 0.1e+2, h: [1-2], i: [0\"\"])",
    "scalar A @d(a: true, b: false, c: null, d: trues, e: {a: [{b: C}], d: \"\"})",
    r#"scalar A @d(a: "\" \\ \/ \b \f \n \r \t \u00e9 \uD83D\uDCA9 \u{1F4A9} \u{0000000041}", b: "é# \u{feff}")"#,
    "\"\" type A",
    "\"\"\"\"\"\" type A",
    "\"\"\"\n    a\n      \\\"\"\" b \"\" \\ c\r\n\n\t  \r    \td\n  \"\"\" type A",
    "\"\"\"  one  \"\"\" type A { \"\"\" \n \"\"\" a: Int \"\"\"first\n   second\n  third\n\n\"\"\" b: Int }",
];

#[test]
fn each_form_is_read_as_the_other_parser_reads_it() {
    for form in FORMS {
        assert!(accepted(form), "not accepted: {form}");
    }
    assert!(accepted(&FORMS.join("\n")));
}

#[test]
fn what_is_wrong_or_not_a_type_is_declined() {
    for text in [
        "",
        " # nothing\n",
        "type",
        "type A {",
        "type A {}",
        "type A { a }",
        "type A { a: }",
        "type A { a(): Int }",
        "type A { a: [Int }",
        "type A { a: Int! ! }",
        "type A { a: Int = 1 }",
        "type A implements",
        "type A implements B C",
        "type A implements B & & C",
        "type A B",
        "type 1A",
        "type É",
        "union A =",
        "union A = B |",
        "enum A { true }",
        "enum A { }",
        "input A { a: Int = $a }",
        "input A { a: Int = { b } }",
        "input A { a: Int = [1 }",
        "scalar A @",
        "scalar A @d()",
        "scalar A @d(a: 01)",
        "scalar A @d(a: 1.)",
        "scalar A @d(a: .5)",
        "scalar A @d(a: 1e)",
        "scalar A @d(a: 1a)",
        "scalar A @d(a: 1.5.)",
        "scalar A @d(a: -)",
        "scalar A @d(a: +1)",
        "directive a on FIELD",
        "directive @a FIELD",
        "directive @a on",
        "directive @a on FIELDS",
        "directive @a repeatable repeatable on FIELD",
        "schema",
        "schema { }",
        "schema { read: Q }",
        "extend type A",
        "extend directive @a on FIELD",
        "extend schema",
        "extend extend type A { a: Int }",
        "\"d\" extend type A { a: Int }",
        "\"d\", type A",
        "extend, type A { a: Int }",
        "\"d\" \"d\" type A",
        "\"d\"",
        "\"open",
        "\"a\nb\" type A",
        "\"\"\"open\" type A",
        r#""\x" type A"#,
        r#""\u12" type A"#,
        r#""\u{}" type A"#,
        r#""\u{110000}" type A"#,
        r#""\u{D800}" type A"#,
        r#""\uD83D" type A"#,
        r#""\uDCA9\uD83D" type A"#,
        r#""\uD83D\u{DCA9}" type A"#,
        "query { a }",
        "{ a }",
        "fragment F on A { a }",
        "type A { a: Int } query { a }",
        "type A ... type B",
        "type A é",
    ] {
        assert!(parse(text).is_none(), "accepted: {text}");
    }
}

#[test]
fn deep_nesting_is_declined() {
    let lists = |depth: usize| {
        format!(
            "type A {{ a: {}Int{} }}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let values = |open: &str, close: &str, depth: usize| {
        format!(
            "scalar A @d(a: {}1{})",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    assert!(accepted(&lists(50)));
    assert!(accepted(&values("[", "]", 50)) && accepted(&values("{a:", "}", 50)));
    // After much that is not deep, too.
    assert!(accepted(&format!("scalar A {}", "@d(a: [1])".repeat(500))));
    for depth in [150, 100_000] {
        for text in [
            lists(depth),
            values("[", "]", depth),
            values("{a:", "}", depth),
        ] {
            assert!(parse(&text).is_none(), "{depth} levels");
        }
    }
}

#[test]
fn a_part_says_where_it_comes_from() {
    let text = "scalar A\n\n\"é\" scalar B # b\nscalar C scalar B2 type B { e: Int }";
    let tree = parse(text).unwrap();
    let (document, part) = tree
        .with_spans(text, "part", |definition, text| {
            definition.name().is_some_and(|name| name == "B") && !text.contains("scalar C")
        })
        .unwrap();
    assert_eq!(document, tree.document);
    let places: Vec<_> = document
        .definitions
        .iter()
        .map(|definition| {
            let span = definition.location()?;
            let origin = part.origin(span.offset())?;
            Some(&text[origin..origin + span.node_len()])
        })
        .collect();
    assert_eq!(
        places,
        [
            None,
            Some("\"é\" scalar B"),
            None,
            None,
            Some("type B { e: Int }")
        ]
    );
    let (_, part) = tree.with_spans(text, "part", |_, _| false).unwrap();
    assert_eq!(part.origin(0), None);
}

/// A small generator of numbers (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }
}

/// Writes schemas that are valid as syntax, and nothing else.
struct Maker {
    random: Random,
    text: String,
}

impl Maker {
    fn schema(seed: u64) -> String {
        let mut maker = Self {
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            text: String::new(),
        };
        for _ in 0..=maker.random.below(6) {
            maker.definition();
        }
        maker.text
    }

    fn write(&mut self, token: &str) {
        let gaps = [
            " ",
            " ",
            " ",
            "\n",
            "\t",
            "\r\n",
            "\r",
            ",",
            " ,\n",
            "\u{feff}",
            "# é, \"\n",
            "#\r",
        ];
        self.text += self.random.one(&gaps);
        self.text += token;
    }

    /// Where no comma may stand.
    fn write_next(&mut self, token: &str) {
        self.text += self.random.one(&[" ", "\n", " # no\n"]);
        self.text += token;
    }

    fn name(&mut self) {
        let name = self.random.one(&[
            "A",
            "b_1",
            "_",
            "on",
            "type",
            "input",
            "extend",
            "repeatable",
            "implements",
            "query",
            "schema",
            "Names",
        ]);
        self.write(name);
    }

    fn definition(&mut self) {
        let extension = !self.random.often();
        if extension {
            self.write("extend");
        } else {
            self.description();
        }
        let kinds = [
            "schema",
            "scalar",
            "type",
            "interface",
            "union",
            "enum",
            "input",
            "directive",
        ];
        let kind = self
            .random
            .one(if extension { &kinds[..7] } else { &kinds });
        self.write_next(kind);
        if kind == "directive" {
            return self.directive_definition();
        }
        if kind != "schema" {
            self.name();
        }
        // What an extension has to have is the directive.
        let least = usize::from(extension);
        if matches!(kind, "type" | "interface") && !self.random.often() {
            self.write("implements");
            self.names("&");
        }
        for _ in 0..least + self.random.below(2) {
            self.directive();
        }
        if kind == "schema" && !extension || self.random.often() {
            match kind {
                "scalar" => {}
                "union" => {
                    self.write("=");
                    self.names("|");
                }
                _ => {
                    self.write("{");
                    for _ in 0..=self.random.below(3) {
                        self.member(kind);
                    }
                    self.write("}");
                }
            }
        }
    }

    fn directive_definition(&mut self) {
        self.write("@");
        self.name();
        self.inputs();
        if !self.random.often() {
            self.write("repeatable");
        }
        self.write("on");
        self.write(self.random_location());
        if self.random.often() {
            self.write("|");
            self.write("FIELD_DEFINITION");
        }
    }

    fn random_location(&self) -> &'static str {
        if self.text.len().is_multiple_of(2) {
            "ENUM_VALUE"
        } else {
            "QUERY"
        }
    }

    fn names(&mut self, separator: &str) {
        if !self.random.often() {
            self.write(separator);
        }
        self.name();
        while !self.random.often() {
            self.write(separator);
            self.name();
        }
    }

    fn member(&mut self, kind: &str) {
        if kind == "schema" {
            let operation = self.random.one(&["query", "mutation", "subscription"]);
            self.write(operation);
            self.write(":");
            return self.name();
        }
        self.description();
        self.name();
        match kind {
            "enum" => {}
            "input" => return self.input(),
            _ => {
                self.inputs();
                self.write(":");
                self.ty();
            }
        }
        while !self.random.often() {
            self.directive();
        }
    }

    fn inputs(&mut self) {
        if self.random.often() {
            return;
        }
        self.write("(");
        for _ in 0..=self.random.below(2) {
            self.description();
            self.name();
            self.input();
        }
        self.write(")");
    }

    /// What follows an input's name.
    fn input(&mut self) {
        self.write(":");
        self.ty();
        if !self.random.often() {
            self.write("=");
            self.value(3);
        }
        while !self.random.often() {
            self.directive();
        }
    }

    fn ty(&mut self) {
        let lists = self.random.below(3);
        for _ in 0..lists {
            self.write("[");
        }
        self.name();
        for level in 0..=lists {
            if level > 0 {
                self.write("]");
            }
            if !self.random.often() {
                self.write("!");
            }
        }
    }

    fn directive(&mut self) {
        self.write("@");
        self.name();
        if self.random.often() {
            self.write("(");
            for _ in 0..=self.random.below(2) {
                self.name();
                self.write(":");
                self.value(3);
            }
            self.write(")");
        }
    }

    fn value(&mut self, depth: usize) {
        match self.random.below(if depth > 0 { 6 } else { 4 }) {
            0 => self.string(),
            1 => {
                let number =
                    self.random
                        .one(&["0", "-1", "9007199254740993", "1.50", "-0.1E5", "2e-3"]);
                self.write(number);
            }
            2 => {
                let word = self.random.one(&["true", "false", "null"]);
                self.write(word);
            }
            3 => self.name(),
            4 => {
                self.write("[");
                for _ in 0..self.random.below(3) {
                    self.value(depth - 1);
                }
                self.write("]");
            }
            _ => {
                self.write("{");
                for _ in 0..self.random.below(3) {
                    self.name();
                    self.write(":");
                    self.value(depth - 1);
                }
                self.write("}");
            }
        }
    }

    fn description(&mut self) {
        if !self.random.often() {
            self.string();
        }
    }

    fn string(&mut self) {
        let block = [
            "a",
            "é text",
            "\n",
            "\n",
            "\r\n",
            "\r",
            "  ",
            "    ",
            "\t",
            "\"a",
            "\"\"a",
            "\\n",
            "\\ ",
            "\\\"\"\"",
            "\\\\\"\"\"",
            "#",
            "\u{feff}",
        ];
        let line = [
            "a",
            "é text",
            "  ",
            "\\\"",
            "\\\\",
            "\\/",
            "\\b",
            "\\f",
            "\\n",
            "\\r",
            "\\t",
            "\\u00E9",
            "\\uD83D\\uDCA9",
            "\\u{1f4a9}",
            "#",
            "\u{feff}",
            "💩",
        ];
        let (quotes, pieces) = if self.random.often() {
            ("\"\"\"", &block)
        } else {
            ("\"", &line)
        };
        self.write(quotes);
        for _ in 0..self.random.below(8) {
            self.text += self.random.one(pieces);
        }
        self.text += quotes;
    }
}

#[test]
fn random_schemas_are_read_as_the_other_parser_reads_them() {
    for seed in 1..=1500 {
        let text = Maker::schema(seed);
        assert!(accepted(&text), "not accepted: {text}");
    }
}

/// A text in which some characters are lost, doubled, exchanged or replaced.
fn mutated(text: &str, random: &mut Random) -> String {
    let pieces = [
        "{", "}", "(", ")", "[", "]", "!", ":", "=", "|", "&", "@", "$", "\"", "\"\"\"", "\\",
        "\n", ",", "#", "0", "1.5", "a", "extend", "type", "{ a }",
    ];
    let mut characters: Vec<String> = text.chars().map(String::from).collect();
    for _ in 0..=random.below(2) {
        let at = random.below(characters.len());
        match random.below(5) {
            0 => drop(characters.remove(at)),
            1 => characters.insert(at, characters[at].clone()),
            2 => {
                let other = (at + 1) % characters.len();
                characters.swap(at, other);
            }
            3 => characters[at] = random.one(&pieces).to_owned(),
            _ => characters.insert(at, random.one(&pieces).to_owned()),
        }
        if characters.is_empty() {
            break;
        }
    }
    characters.concat()
}

#[test]
fn what_is_accepted_of_mutated_schemas_is_read_the_same() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut good, mut bad) = (0, 0);
    let mut check = |text: String| {
        if accepted(&text) {
            good += 1;
        } else {
            bad += 1;
        }
    };
    for form in FORMS {
        for _ in 0..40 {
            check(mutated(form, &mut random));
        }
    }
    for seed in 1..=300 {
        let text = Maker::schema(1 << 32 | seed);
        for _ in 0..5 {
            check(mutated(&text, &mut random));
        }
    }
    assert!(
        good > 500 && bad > 500,
        "the mutations reach both sides: {good} good, {bad} bad"
    );
}

/// The schemas of the corpora: in `../shared/corpora` beside the repository, or in
/// `$ATTENDIUM_CORPORA`.
#[cfg(corpora)]
pub fn real_schemas() -> Vec<(std::path::PathBuf, String)> {
    let directory = std::env::var_os("ATTENDIUM_CORPORA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
        std::path::PathBuf::from,
    );
    let mut schemas = Vec::new();
    let mut directories = vec![directory];
    while let Some(directory) = directories.pop() {
        let entries = std::fs::read_dir(&directory).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; say where the corpora are in ATTENDIUM_CORPORA",
                directory.display()
            )
        });
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.ends_with("schema.graphql") {
                let text = std::fs::read_to_string(&path).unwrap();
                schemas.push((path, text));
            }
        }
    }
    schemas
}
