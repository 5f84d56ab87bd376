//! The part of a schema's text that some documents reach.
//!
//! A parser needs half a second for a large schema in a build script, which is compiled without optimisation, and a document uses a
//! hundredth of it. So the text is cut into definitions by their names, and only those are kept that the names in the documents lead
//! to, of objects and interfaces only the fields with such names. It is more than the documents select, and all that decides whether they are
//! valid and what code they become; what it is not good for is saying what is wrong with them. Enter at [`reached`].

use crate::Source;
use crate::schema::lexer::{Scan, Token};
use std::collections::{HashMap, HashSet};

/// The parts of the schema that documents with these names can reach, as one text for each source; nothing where a text is not
/// understood.
pub fn reached(schema: &[Source], names: &HashSet<&str>) -> Option<Vec<Source>> {
    let mut definitions = Vec::new();
    for (index, source) in schema.iter().enumerate() {
        let mut scan = Scan::new(&source.text);
        while scan.peek().is_some() {
            definitions.push(scan.definition(index)?);
        }
    }
    let mut walk = Walk::new(&definitions, names);
    walk.start();
    let mut texts = vec![String::new(); schema.len()];
    for (index, definition) in definitions.iter().enumerate() {
        walk.print(index, definition, &mut texts[definition.source]);
    }
    let sources = schema.iter().zip(texts);
    Some(
        sources
            .map(|(source, text)| Source::new(source.path.as_str(), text))
            .collect(),
    )
}

/// All names in a text that is GraphQL, outside of strings and comments.
pub fn names<'a>(text: &'a str, into: &mut HashSet<&'a str>) {
    let mut scan = Scan::new(text);
    while let Some(token) = scan.next() {
        if let Token::Name(name) = token {
            into.insert(name);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Schema,
    Directive,
    Scalar,
    Enum,
    Input,
    Union,
    Object,
    Interface,
}

/// A definition or an extension, as far as it has to be told from others.
struct Definition<'a> {
    source: usize,
    kind: Kind,
    name: &'a str,
    /// With the description.
    whole: &'a str,
    /// From the keyword to the brace.
    head: &'a str,
    /// Between the braces.
    block: &'a str,
    /// Implemented interfaces, or members of a union.
    others: Vec<&'a str>,
}

struct Walk<'a, 'd> {
    definitions: &'d [Definition<'a>],
    names: &'d HashSet<&'d str>,
    by_name: HashMap<&'a str, Vec<usize>>,
    implementers: HashMap<&'a str, Vec<&'a str>>,
    /// What is kept: whether with its fields.
    kept: HashMap<&'a str, bool>,
    queue: Vec<(&'a str, bool)>,
    /// The fields that are kept, by definition.
    fields: HashMap<usize, Vec<&'a str>>,
}

impl<'a, 'd> Walk<'a, 'd> {
    fn new(definitions: &'d [Definition<'a>], names: &'d HashSet<&'d str>) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::with_capacity(definitions.len());
        let mut implementers: HashMap<&str, Vec<&str>> = HashMap::new();
        for (index, definition) in definitions.iter().enumerate() {
            if !matches!(definition.kind, Kind::Schema | Kind::Directive) {
                by_name.entry(definition.name).or_default().push(index);
            }
            if definition.kind != Kind::Union {
                for interface in &definition.others {
                    implementers
                        .entry(interface)
                        .or_default()
                        .push(definition.name);
                }
            }
        }
        Self {
            definitions,
            names,
            by_name,
            implementers,
            kept: HashMap::new(),
            queue: Vec::new(),
            fields: HashMap::new(),
        }
    }

    fn start(&mut self) {
        for name in ["Query", "Mutation", "Subscription"] {
            self.queue.push((name, true));
        }
        for definition in self.definitions {
            if matches!(definition.kind, Kind::Schema | Kind::Directive) {
                self.refer(definition.whole);
            }
        }
        for name in self.names {
            if let Some((name, _)) = self.by_name.get_key_value(*name) {
                self.queue.push((name, true));
            }
        }
        while let Some((name, with_fields)) = self.queue.pop() {
            match self.kept.get(name) {
                Some(before) if *before || !with_fields => continue,
                _ => {}
            }
            let Some((name, indices)) = self.by_name.get_key_value(name) else {
                continue;
            };
            let (name, indices) = (*name, indices.clone());
            self.kept.insert(name, with_fields);
            for index in indices {
                self.visit(index, with_fields);
            }
        }
    }

    fn visit(&mut self, index: usize, with_fields: bool) {
        let definition = &self.definitions[index];
        match definition.kind {
            Kind::Object | Kind::Interface => {
                if with_fields {
                    let mut kept = Vec::new();
                    let mut scan = Scan::new(definition.block);
                    while let Some((name, field)) = scan.field() {
                        if self.names.contains(name) {
                            kept.push(field);
                            self.refer(field);
                        }
                    }
                    self.fields.insert(index, kept);
                }
                if let Some(names) = self.implementers.get(definition.name) {
                    self.queue.extend(names.iter().map(|name| (*name, false)));
                }
            }
            Kind::Union => self
                .queue
                .extend(definition.others.iter().map(|name| (*name, false))),
            Kind::Input => self.refer(definition.block),
            Kind::Scalar | Kind::Enum | Kind::Schema | Kind::Directive => {}
        }
    }

    /// Queues all types that a text names.
    fn refer(&mut self, text: &'a str) {
        let mut scan = Scan::new(text);
        while let Some(token) = scan.next() {
            if let Token::Name(name) = token
                && self.by_name.contains_key(name)
            {
                self.queue.push((name, true));
            }
        }
    }

    fn print(&self, index: usize, definition: &Definition<'a>, out: &mut String) {
        match definition.kind {
            Kind::Schema | Kind::Directive => out.push_str(definition.whole),
            _ if !self.kept.contains_key(definition.name) => return,
            Kind::Scalar | Kind::Enum | Kind::Input => out.push_str(definition.whole),
            Kind::Union => out.push_str(definition.head),
            Kind::Object | Kind::Interface => {
                out.push_str(definition.head);
                let fields = self.fields.get(&index);
                if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
                    out.push('{');
                    for field in fields {
                        out.push_str(field);
                        out.push('\n');
                    }
                    out.push('}');
                }
            }
        }
        out.push('\n');
    }
}

impl<'a> Scan<'a> {
    /// Passes over what is in brackets of one kind, if such a bracket comes next; says whether they are closed.
    fn balanced(&mut self, open: u8, close: u8) -> Option<()> {
        if self.peek() != Some(open) {
            return Some(());
        }
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                Token::Other(byte) if byte == open => depth += 1,
                Token::Other(byte) if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(());
                    }
                }
                _ => {}
            }
        }
    }

    fn directives(&mut self) -> Option<()> {
        while self.eat(b'@') {
            self.name()?;
            self.balanced(b'(', b')')?;
        }
        Some(())
    }

    /// `name separator name …`, with the separator allowed in front.
    fn list(&mut self, separator: u8) -> Option<Vec<&'a str>> {
        self.eat(separator);
        let mut all = vec![self.name()?];
        while self.eat(separator) {
            all.push(self.name()?);
        }
        Some(all)
    }

    fn definition(&mut self, source: usize) -> Option<Definition<'a>> {
        let first = self.peek()?;
        let start = self.at;
        if first == b'"' {
            self.string();
            self.peek()?;
        }
        let head = self.at;
        let mut keyword = self.name()?;
        if keyword == "extend" {
            keyword = self.name()?;
        }
        let kind = match keyword {
            "schema" => Kind::Schema,
            "directive" => Kind::Directive,
            "scalar" => Kind::Scalar,
            "enum" => Kind::Enum,
            "input" => Kind::Input,
            "union" => Kind::Union,
            "type" => Kind::Object,
            "interface" => Kind::Interface,
            _ => return None,
        };
        let mut name = "";
        if kind == Kind::Directive && !self.eat(b'@') {
            return None;
        }
        if kind != Kind::Schema {
            name = self.name()?;
        }
        let mut others = Vec::new();
        if kind == Kind::Directive {
            self.balanced(b'(', b')')?;
            self.word("repeatable");
            if !self.word("on") {
                return None;
            }
            self.list(b'|')?;
        } else {
            if matches!(kind, Kind::Object | Kind::Interface) && self.word("implements") {
                others = self.list(b'&')?;
            }
            self.directives()?;
            if kind == Kind::Union && self.eat(b'=') {
                others = self.list(b'|')?;
            }
        }
        let head_end = self.at;
        self.peek();
        let block_start = self.at;
        if !matches!(kind, Kind::Directive | Kind::Scalar | Kind::Union) {
            self.balanced(b'{', b'}')?;
        }
        let end = if self.at == block_start {
            head_end
        } else {
            self.at
        };
        let block = if end > block_start {
            &self.text[block_start + 1..end - 1]
        } else {
            ""
        };
        Some(Definition {
            source,
            kind,
            name,
            whole: &self.text[start..end],
            head: &self.text[head..head_end],
            block,
            others,
        })
    }

    /// The next field between the braces: its name, and its text with the description.
    fn field(&mut self) -> Option<(&'a str, &'a str)> {
        let first = self.peek()?;
        let start = self.at;
        if first == b'"' {
            self.string();
        }
        let name = self.name()?;
        self.balanced(b'(', b')')?;
        if !self.eat(b':') {
            return None;
        }
        while self.eat(b'[') {}
        self.name()?;
        let mut end = self.at;
        while self.eat(b']') || self.eat(b'!') {
            end = self.at;
        }
        if self.peek() == Some(b'@') {
            self.directives()?;
            end = self.at;
        }
        Some((name, &self.text[start..end]))
    }
}
