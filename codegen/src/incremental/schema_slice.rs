//! The slice of a schema's text that some documents reach.
//!
//! Parsing a large schema takes a build script half a second, and a document uses a hundredth of
//! it. So the text is cut into definitions by their names. A slice keeps the definitions that the
//! names in the documents lead to, and of objects and interfaces the fields with such names. That
//! is more than the documents select, and enough to validate and lower them. It is not enough to
//! say what is wrong with them. Enter at [`slice`].

use crate::lexer::{Lexer, Token};
use crate::schema::issues::SchemaIssue;
use crate::schema::sdl_parser::parser::{self, ParsedSdl};
use crate::schema::{self, Loaded, SchemaFiles, apollo_parser, sdl_parser};
use crate::source::Source;
use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use std::collections::{HashMap, HashSet};

/// The slice of a schema that documents with these names can reach, as one text for each source.
/// None where a text is not understood.
pub fn slice(schema: &[Source], names: &HashSet<&str>) -> Option<Vec<Source>> {
    let mut definitions = Vec::new();
    for (index, source) in schema.iter().enumerate() {
        let mut lexer = Lexer::new(&source.text);
        while lexer.peek().is_some() {
            definitions.push(lexer.definition(index)?);
        }
    }
    let mut search = SliceSearch::new(&definitions, names);
    search.run();
    let mut texts = vec![String::new(); schema.len()];
    for (index, definition) in definitions.iter().enumerate() {
        search.print(index, definition, &mut texts[definition.source]);
    }
    let sources = schema.iter().zip(texts);
    Some(
        sources
            .map(|(source, text)| Source::new(source.path.as_str(), text))
            .collect(),
    )
}

/// Loads a slice of a schema that has been loaded whole before, with these issues and built-in
/// scalars.
pub fn load_slice(slice: &[Source], issues: Vec<SchemaIssue>, scalars: &[String]) -> Loaded {
    let parsed: Vec<Option<ParsedSdl>> = slice
        .iter()
        .map(|source| parser::parse(&source.text))
        .collect();
    let mut builder = schema::builder();
    for (source, sdl) in slice.iter().zip(&parsed) {
        builder = match sdl {
            Some(sdl) => builder.add_ast(&sdl.document),
            // Nothing of this file is reached.
            None if source.text.is_empty() => builder,
            None => builder.parse(source.text.as_str(), &source.path),
        };
    }
    let mut schema = match builder.build() {
        Ok(schema) => schema,
        Err(with) => with.partial,
    };
    // Validation of the whole schema leaves out the built-in scalars that it does not name.
    schema.types.retain(|name, definition| {
        !is_built_in_scalar(definition) || scalars.iter().any(|scalar| scalar == name.as_str())
    });
    let mut defined_in = sdl_parser::defining_texts(parsed.iter().map(Option::as_ref));
    defined_in.extend(apollo_parser::defining_texts(&schema, slice));
    Loaded {
        schema: Valid::assume_valid(schema),
        issues,
        files: SchemaFiles::new(slice, defined_in),
        sdl: None,
    }
}

/// The built-in scalars that a schema has after validation.
pub fn built_in_scalars(schema: &Schema) -> Vec<String> {
    let all = schema.types.iter();
    all.filter(|(_, definition)| is_built_in_scalar(definition))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn is_built_in_scalar(definition: &ExtendedType) -> bool {
    definition.is_built_in() && definition.is_scalar()
}

/// All names in a text that is GraphQL, outside of strings and comments.
pub fn collect_names<'a>(text: &'a str, into: &mut HashSet<&'a str>) {
    let mut lexer = Lexer::new(text);
    while let Some(token) = lexer.next() {
        if let Token::Name(name) = token {
            into.insert(name);
        }
    }
}

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DefinitionKind {
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
struct SliceDefinition<'a> {
    source: usize,
    kind: DefinitionKind,
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

struct SliceSearch<'a, 'd> {
    definitions: &'d [SliceDefinition<'a>],
    names: &'d HashSet<&'d str>,
    by_name: HashMap<&'a str, Vec<usize>>,
    implementers: HashMap<&'a str, Vec<&'a str>>,
    /// What is kept: whether with its fields.
    kept: HashMap<&'a str, bool>,
    queue: Vec<(&'a str, bool)>,
    /// The fields that are kept, by definition.
    fields: HashMap<usize, Vec<&'a str>>,
}

impl<'a, 'd> SliceSearch<'a, 'd> {
    fn new(definitions: &'d [SliceDefinition<'a>], names: &'d HashSet<&'d str>) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::with_capacity(definitions.len());
        let mut implementers: HashMap<&str, Vec<&str>> = HashMap::new();
        for (index, definition) in definitions.iter().enumerate() {
            if !matches!(
                definition.kind,
                DefinitionKind::Schema | DefinitionKind::Directive
            ) {
                by_name.entry(definition.name).or_default().push(index);
            }
            if definition.kind != DefinitionKind::Union {
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

    fn run(&mut self) {
        for name in ["Query", "Mutation", "Subscription"] {
            self.queue.push((name, true));
        }
        for definition in self.definitions {
            if matches!(
                definition.kind,
                DefinitionKind::Schema | DefinitionKind::Directive
            ) {
                self.queue_names(definition.whole);
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
            DefinitionKind::Object | DefinitionKind::Interface => {
                if with_fields {
                    let mut kept = Vec::new();
                    let mut lexer = Lexer::new(definition.block);
                    while let Some((name, field)) = lexer.field() {
                        if self.names.contains(name) {
                            kept.push(field);
                            self.queue_names(field);
                        }
                    }
                    self.fields.insert(index, kept);
                }
                if let Some(names) = self.implementers.get(definition.name) {
                    self.queue.extend(names.iter().map(|name| (*name, false)));
                }
            }
            DefinitionKind::Union => self
                .queue
                .extend(definition.others.iter().map(|name| (*name, false))),
            DefinitionKind::Input => self.queue_names(definition.block),
            DefinitionKind::Scalar
            | DefinitionKind::Enum
            | DefinitionKind::Schema
            | DefinitionKind::Directive => {}
        }
    }

    /// Queues all types that a text names.
    fn queue_names(&mut self, text: &'a str) {
        let mut lexer = Lexer::new(text);
        while let Some(token) = lexer.next() {
            if let Token::Name(name) = token
                && self.by_name.contains_key(name)
            {
                self.queue.push((name, true));
            }
        }
    }

    fn print(&self, index: usize, definition: &SliceDefinition<'a>, out: &mut String) {
        match definition.kind {
            DefinitionKind::Schema | DefinitionKind::Directive => out.push_str(definition.whole),
            _ if !self.kept.contains_key(definition.name) => return,
            DefinitionKind::Scalar | DefinitionKind::Enum | DefinitionKind::Input => {
                out.push_str(definition.whole)
            }
            DefinitionKind::Union => out.push_str(definition.head),
            DefinitionKind::Object | DefinitionKind::Interface => {
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

impl<'a> Lexer<'a> {
    /// Skips brackets of one kind with what they hold, if they come next. None where they are not
    /// closed.
    fn balanced(&mut self, open: u8, close: u8) -> Option<()> {
        if self.peek() != Some(open) {
            return Some(());
        }
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                Token::Byte(byte) if byte == open => depth += 1,
                Token::Byte(byte) if byte == close => {
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
            self.read_name()?;
            self.balanced(b'(', b')')?;
        }
        Some(())
    }

    /// `name separator name …`, with the separator allowed in front.
    fn list(&mut self, separator: u8) -> Option<Vec<&'a str>> {
        self.eat(separator);
        let mut all = vec![self.read_name()?];
        while self.eat(separator) {
            all.push(self.read_name()?);
        }
        Some(all)
    }

    fn definition(&mut self, source: usize) -> Option<SliceDefinition<'a>> {
        let first = self.peek()?;
        let start = self.at;
        if first == b'"' {
            self.read_string();
            self.peek()?;
        }
        let head = self.at;
        let mut keyword = self.read_name()?;
        if keyword == "extend" {
            keyword = self.read_name()?;
        }
        let kind = match keyword {
            "schema" => DefinitionKind::Schema,
            "directive" => DefinitionKind::Directive,
            "scalar" => DefinitionKind::Scalar,
            "enum" => DefinitionKind::Enum,
            "input" => DefinitionKind::Input,
            "union" => DefinitionKind::Union,
            "type" => DefinitionKind::Object,
            "interface" => DefinitionKind::Interface,
            _ => return None,
        };
        let mut name = "";
        if kind == DefinitionKind::Directive && !self.eat(b'@') {
            return None;
        }
        if kind != DefinitionKind::Schema {
            name = self.read_name()?;
        }
        let mut others = Vec::new();
        if kind == DefinitionKind::Directive {
            self.balanced(b'(', b')')?;
            self.eat_keyword("repeatable");
            if !self.eat_keyword("on") {
                return None;
            }
            self.list(b'|')?;
        } else {
            if matches!(kind, DefinitionKind::Object | DefinitionKind::Interface)
                && self.eat_keyword("implements")
            {
                others = self.list(b'&')?;
            }
            self.directives()?;
            if kind == DefinitionKind::Union && self.eat(b'=') {
                others = self.list(b'|')?;
            }
        }
        let head_end = self.at;
        self.peek();
        let block_start = self.at;
        if !matches!(
            kind,
            DefinitionKind::Directive | DefinitionKind::Scalar | DefinitionKind::Union
        ) {
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
        Some(SliceDefinition {
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
            self.read_string();
        }
        let name = self.read_name()?;
        self.balanced(b'(', b')')?;
        if !self.eat(b':') {
            return None;
        }
        while self.eat(b'[') {}
        self.read_name()?;
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
