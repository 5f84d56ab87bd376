//! A parser of SDL that makes apollo-compiler's trees.
//!
//! Apollo's parser makes a tree of every token first, with spans: a third of a second for a large
//! schema in a build script. This one makes the trees alone. It declines a text that it does not
//! understand, so that one parser says what is wrong with it. What it accepts, apollo's parser
//! accepts too, with the same trees: `tests` compares them, over real schemas too. Enter at
//! [`parse`].

use crate::lexer::{Lexer, StringToken};
use apollo_compiler::ast::{
    Argument, Definition, Directive, DirectiveDefinition, DirectiveList, DirectiveLocation,
    Document, EnumTypeDefinition, EnumTypeExtension, EnumValueDefinition, FieldDefinition,
    FloatValue, InputObjectTypeDefinition, InputObjectTypeExtension, InputValueDefinition,
    IntValue, InterfaceTypeDefinition, InterfaceTypeExtension, ObjectTypeDefinition,
    ObjectTypeExtension, OperationType, ScalarTypeDefinition, ScalarTypeExtension,
    SchemaDefinition, SchemaExtension, Type, UnionTypeDefinition, UnionTypeExtension, Value,
};
use apollo_compiler::parser::SourceMap;
use apollo_compiler::{Name, Node};
use std::borrow::Cow;
use std::ops::Range;

/// How deep lists and values may be nested.
const DEPTH: usize = 100;

/// The definitions of a text.
pub struct ParsedSdl {
    pub document: Document,
    /// Whether something has the directive `@oneOf`.
    pub has_one_of: bool,
    pub ranges: Vec<Range<usize>>,
}

/// Parses a text of type definitions. None where it has anything else.
pub fn parse(text: &str) -> Option<ParsedSdl> {
    let mut parser = SdlParser {
        lexer: Lexer::new(text),
        depth: 0,
        has_one_of: false,
    };
    let mut definitions = Vec::new();
    let mut ranges = Vec::new();
    while parser.lexer.peek().is_some() {
        let start = parser.lexer.at;
        definitions.push(parser.definition()?);
        ranges.push(start..parser.lexer.at);
    }
    // A text without definitions is an error.
    (!definitions.is_empty()).then(|| ParsedSdl {
        document: Document {
            sources: SourceMap::default(),
            definitions,
        },
        has_one_of: parser.has_one_of,
        ranges,
    })
}

/// Some definitions of a text, one after the other.
#[derive(Debug, Default)]
pub struct Excerpt {
    text: String,
    /// Where each begins in the excerpt, and where in the whole text.
    starts: Vec<(usize, usize)>,
}

impl ParsedSdl {
    /// The document of `text`, with spans in the definitions that are wanted. The spans are of an
    /// excerpt of the text, which has the path `path`.
    pub fn with_spans(
        &self,
        text: &str,
        path: &str,
        wanted: impl Fn(&Definition, &str) -> bool,
    ) -> Option<(Document, Excerpt)> {
        let mut part = Excerpt::default();
        let mut document = self.document.clone();
        let mut indices = Vec::new();
        for (index, range) in self.ranges.iter().enumerate() {
            let definition = &text[range.clone()];
            if wanted(&document.definitions[index], definition) {
                indices.push(index);
                part.starts.push((part.text.len(), range.start));
                part.text.push_str(definition);
                part.text.push('\n');
            }
        }
        if !indices.is_empty() {
            let read = Document::parse(part.text.as_str(), path).ok()?;
            document.sources = read.sources;
            for (index, definition) in indices.into_iter().zip(read.definitions) {
                document.definitions[index] = definition;
            }
        }
        Some((document, part))
    }
}

impl Excerpt {
    /// The offset in the whole text of what is at `offset` in the excerpt.
    pub fn origin(&self, offset: usize) -> Option<usize> {
        let behind = self.starts.partition_point(|(here, _)| *here <= offset);
        let (here, there) = self.starts.get(behind.checked_sub(1)?)?;
        Some(there + (offset - here))
    }
}

struct SdlParser<'a> {
    lexer: Lexer<'a>,
    /// How many values the one that is read stands in.
    depth: usize,
    has_one_of: bool,
}

type Description = Option<Node<str>>;

impl SdlParser<'_> {
    fn definition(&mut self) -> Option<Definition> {
        let description = self.description()?;
        if description.is_some() {
            self.no_comma()?;
        }
        let keyword = self.lexer.read_name()?;
        if keyword == "extend" && description.is_none() {
            self.no_comma()?;
            return self.extension();
        }
        Some(match keyword {
            "type" => Definition::ObjectTypeDefinition(Node::new(ObjectTypeDefinition {
                description,
                name: self.name()?,
                implements_interfaces: self.interfaces()?,
                directives: self.directives()?,
                fields: self.fields()?,
            })),
            "input" => {
                Definition::InputObjectTypeDefinition(Node::new(InputObjectTypeDefinition {
                    description,
                    name: self.name()?,
                    directives: self.directives()?,
                    fields: self.inputs(b'{', b'}')?,
                }))
            }
            "enum" => Definition::EnumTypeDefinition(Node::new(EnumTypeDefinition {
                description,
                name: self.name()?,
                directives: self.directives()?,
                values: self.enum_values()?,
            })),
            "interface" => {
                Definition::InterfaceTypeDefinition(Node::new(InterfaceTypeDefinition {
                    description,
                    name: self.name()?,
                    implements_interfaces: self.interfaces()?,
                    directives: self.directives()?,
                    fields: self.fields()?,
                }))
            }
            "union" => Definition::UnionTypeDefinition(Node::new(UnionTypeDefinition {
                description,
                name: self.name()?,
                directives: self.directives()?,
                members: self.members()?,
            })),
            "scalar" => Definition::ScalarTypeDefinition(Node::new(ScalarTypeDefinition {
                description,
                name: self.name()?,
                directives: self.directives()?,
            })),
            "directive" => {
                Definition::DirectiveDefinition(Node::new(self.directive_definition(description)?))
            }
            "schema" => {
                let directives = self.directives()?;
                let root_operations = self.root_operations()?;
                if root_operations.is_empty() {
                    return None;
                }
                Definition::SchemaDefinition(Node::new(SchemaDefinition {
                    description,
                    directives,
                    root_operations,
                }))
            }
            _ => return None,
        })
    }

    fn extension(&mut self) -> Option<Definition> {
        match self.lexer.read_name()? {
            "type" => {
                let all = ObjectTypeExtension {
                    name: self.name()?,
                    implements_interfaces: self.interfaces()?,
                    directives: self.directives()?,
                    fields: self.fields()?,
                };
                let extends = !all.implements_interfaces.is_empty()
                    || !all.directives.is_empty()
                    || !all.fields.is_empty();
                extends.then(|| Definition::ObjectTypeExtension(Node::new(all)))
            }
            "input" => {
                let all = InputObjectTypeExtension {
                    name: self.name()?,
                    directives: self.directives()?,
                    fields: self.inputs(b'{', b'}')?,
                };
                let extends = !all.directives.is_empty() || !all.fields.is_empty();
                extends.then(|| Definition::InputObjectTypeExtension(Node::new(all)))
            }
            "enum" => {
                let all = EnumTypeExtension {
                    name: self.name()?,
                    directives: self.directives()?,
                    values: self.enum_values()?,
                };
                let extends = !all.directives.is_empty() || !all.values.is_empty();
                extends.then(|| Definition::EnumTypeExtension(Node::new(all)))
            }
            "interface" => {
                let all = InterfaceTypeExtension {
                    name: self.name()?,
                    implements_interfaces: self.interfaces()?,
                    directives: self.directives()?,
                    fields: self.fields()?,
                };
                let extends = !all.implements_interfaces.is_empty()
                    || !all.directives.is_empty()
                    || !all.fields.is_empty();
                extends.then(|| Definition::InterfaceTypeExtension(Node::new(all)))
            }
            "union" => {
                let all = UnionTypeExtension {
                    name: self.name()?,
                    directives: self.directives()?,
                    members: self.members()?,
                };
                let extends = !all.directives.is_empty() || !all.members.is_empty();
                extends.then(|| Definition::UnionTypeExtension(Node::new(all)))
            }
            "scalar" => {
                let all = ScalarTypeExtension {
                    name: self.name()?,
                    directives: self.directives()?,
                };
                let extends = !all.directives.is_empty();
                extends.then(|| Definition::ScalarTypeExtension(Node::new(all)))
            }
            "schema" => {
                let all = SchemaExtension {
                    directives: self.directives()?,
                    root_operations: self.root_operations()?,
                };
                let extends = !all.directives.is_empty() || !all.root_operations.is_empty();
                extends.then(|| Definition::SchemaExtension(Node::new(all)))
            }
            _ => None,
        }
    }

    fn directive_definition(&mut self, description: Description) -> Option<DirectiveDefinition> {
        if !self.lexer.eat(b'@') {
            return None;
        }
        let name = self.name()?;
        let arguments = self.inputs(b'(', b')')?;
        let repeatable = self.lexer.eat_keyword("repeatable");
        if !self.lexer.eat_keyword("on") {
            return None;
        }
        let mut locations = Vec::new();
        self.lexer.eat(b'|');
        loop {
            locations.push(location(self.lexer.read_name()?)?);
            if !self.lexer.eat(b'|') {
                break;
            }
        }
        Some(DirectiveDefinition {
            description,
            name,
            arguments,
            repeatable,
            locations,
        })
    }

    fn root_operations(&mut self) -> Option<Vec<Node<(OperationType, Name)>>> {
        self.group(b'{', b'}', |parser| {
            let operation = match parser.lexer.read_name()? {
                "query" => OperationType::Query,
                "mutation" => OperationType::Mutation,
                "subscription" => OperationType::Subscription,
                _ => return None,
            };
            parser.colon()?;
            Some((operation, parser.name()?))
        })
    }

    /// What stands in brackets: at least one, where they are there.
    fn group<T>(
        &mut self,
        open: u8,
        close: u8,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<Node<T>>> {
        let mut all = Vec::new();
        if !self.lexer.eat(open) {
            return Some(all);
        }
        loop {
            all.push(Node::new(item(self)?));
            if self.lexer.eat(close) {
                return Some(all);
            }
        }
    }

    fn interfaces(&mut self) -> Option<Vec<Name>> {
        match self.lexer.peek() {
            Some(b'i') if self.lexer.eat_keyword("implements") => self.list(b'&'),
            _ => Some(Vec::new()),
        }
    }

    fn members(&mut self) -> Option<Vec<Name>> {
        if self.lexer.eat(b'=') {
            self.list(b'|')
        } else {
            Some(Vec::new())
        }
    }

    /// `name separator name …`, with the separator allowed in front.
    fn list(&mut self, separator: u8) -> Option<Vec<Name>> {
        self.lexer.eat(separator);
        let mut all = vec![self.name()?];
        while self.lexer.eat(separator) {
            all.push(self.name()?);
        }
        Some(all)
    }

    fn fields(&mut self) -> Option<Vec<Node<FieldDefinition>>> {
        self.group(b'{', b'}', |parser| {
            let description = parser.description()?;
            let name = parser.name()?;
            let arguments = parser.inputs(b'(', b')')?;
            parser.colon()?;
            Some(FieldDefinition {
                description,
                name,
                arguments,
                ty: parser.ty()?,
                directives: parser.directives()?,
            })
        })
    }

    /// Input fields or arguments.
    fn inputs(&mut self, open: u8, close: u8) -> Option<Vec<Node<InputValueDefinition>>> {
        self.group(open, close, |parser| {
            let description = parser.description()?;
            let name = parser.name()?;
            parser.colon()?;
            let ty = Node::new(parser.ty()?);
            let default_value = if parser.lexer.eat(b'=') {
                Some(Node::new(parser.value()?))
            } else {
                None
            };
            Some(InputValueDefinition {
                description,
                name,
                ty,
                default_value,
                directives: parser.directives()?,
            })
        })
    }

    fn enum_values(&mut self) -> Option<Vec<Node<EnumValueDefinition>>> {
        self.group(b'{', b'}', |parser| {
            let description = parser.description()?;
            let value = parser.lexer.read_name()?;
            if matches!(value, "true" | "false" | "null") {
                return None;
            }
            Some(EnumValueDefinition {
                description,
                value: Name::new_unchecked(value),
                directives: parser.directives()?,
            })
        })
    }

    fn ty(&mut self) -> Option<Type> {
        let mut lists = 0;
        while self.lexer.eat(b'[') {
            lists += 1;
            if lists > DEPTH {
                return None;
            }
        }
        let name = self.name()?;
        let mut ty = if self.lexer.eat(b'!') {
            Type::NonNullNamed(name)
        } else {
            Type::Named(name)
        };
        for _ in 0..lists {
            if !self.lexer.eat(b']') {
                return None;
            }
            ty = if self.lexer.eat(b'!') {
                Type::NonNullList(Box::new(ty))
            } else {
                Type::List(Box::new(ty))
            };
        }
        Some(ty)
    }

    fn directives(&mut self) -> Option<DirectiveList> {
        let mut all = Vec::new();
        while self.lexer.eat(b'@') {
            let name = self.lexer.read_name()?;
            self.has_one_of |= name == "oneOf";
            all.push(Node::new(Directive {
                name: Name::new_unchecked(name),
                arguments: self.arguments()?,
            }));
        }
        Some(DirectiveList(all))
    }

    fn arguments(&mut self) -> Option<Vec<Node<Argument>>> {
        self.group(b'(', b')', |parser| {
            let name = parser.name()?;
            parser.colon()?;
            let value = Node::new(parser.value()?);
            Some(Argument { name, value })
        })
    }

    /// A value without variables.
    fn value(&mut self) -> Option<Value> {
        if self.depth == DEPTH {
            return None;
        }
        self.depth += 1;
        let value = match self.lexer.peek()? {
            b'"' => Value::String(self.string()?.into_owned()),
            b'[' => {
                self.lexer.at += 1;
                let mut items = Vec::new();
                while !self.lexer.eat(b']') {
                    items.push(Node::new(self.value()?));
                }
                Value::List(items)
            }
            b'{' => {
                self.lexer.at += 1;
                let mut fields = Vec::new();
                while !self.lexer.eat(b'}') {
                    let name = self.name()?;
                    self.colon()?;
                    fields.push((name, Node::new(self.value()?)));
                }
                Value::Object(fields)
            }
            b'-' | b'0'..=b'9' => self.number()?,
            _ => match self.lexer.read_name()? {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                "null" => Value::Null,
                name => Value::Enum(Name::new_unchecked(name)),
            },
        };
        self.depth -= 1;
        Some(value)
    }

    fn number(&mut self) -> Option<Value> {
        let bytes = self.lexer.text.as_bytes();
        let start = self.lexer.at;
        let digits = |mut at: usize| {
            let first = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            (at > first).then_some(at)
        };
        let next = |at: usize| bytes.get(at).copied();
        let whole = start + usize::from(bytes[start] == b'-');
        let mut at = digits(whole)?;
        if bytes[whole] == b'0' && at > whole + 1 {
            return None;
        }
        let mut is_float = false;
        if next(at) == Some(b'.') {
            is_float = true;
            at = digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = next(at) {
            is_float = true;
            let sign = matches!(next(at + 1), Some(b'+' | b'-'));
            at = digits(at + 1 + usize::from(sign))?;
        }
        if let Some(b'.' | b'_' | b'a'..=b'z' | b'A'..=b'Z') = next(at) {
            return None;
        }
        self.lexer.at = at;
        let written = &self.lexer.text[start..at];
        Some(if is_float {
            Value::Float(FloatValue::new_parsed(written))
        } else {
            Value::Int(IntValue::new_parsed(written))
        })
    }

    fn name(&mut self) -> Option<Name> {
        Some(Name::new_unchecked(self.lexer.read_name()?))
    }

    fn colon(&mut self) -> Option<()> {
        self.lexer.eat(b':').then_some(())
    }

    /// Apollo's parser takes no comma between a description or `extend` and a keyword.
    fn no_comma(&mut self) -> Option<()> {
        let before = self.lexer.at;
        self.lexer.peek()?;
        (!self.lexer.text[before..self.lexer.at].contains(',')).then_some(())
    }

    fn description(&mut self) -> Option<Description> {
        Some(match self.lexer.peek()? {
            b'"' => Some(Node::new_str(&self.string()?)),
            _ => None,
        })
    }

    /// The text that a string stands for.
    fn string(&mut self) -> Option<Cow<'_, str>> {
        match self.lexer.read_string()? {
            StringToken::Block(written) => Some(block(written)),
            StringToken::Line(written) => {
                let bytes = written.as_bytes();
                if bytes.contains(&b'\n') || bytes.contains(&b'\r') {
                    return None;
                }
                if bytes.contains(&b'\\') {
                    return Some(unescaped(written)?.into());
                }
                Some(written.into())
            }
        }
    }
}

/// What stands between quotes, without its escapes.
fn unescaped(written: &str) -> Option<String> {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        text.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => character(&mut rest)?,
            _ => return None,
        });
    }
    text.push_str(rest);
    Some(text)
}

/// The character that `XXXX`, `XXXX\uXXXX` or `{…}` stands for.
fn character(rest: &mut &str) -> Option<char> {
    let hexadecimal = |digits: &str| {
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        (all && !digits.is_empty())
            .then(|| u32::from_str_radix(digits, 16).ok())
            .flatten()
    };
    let code = if let Some(open) = rest.strip_prefix('{') {
        let (digits, behind) = open.split_once('}')?;
        *rest = behind;
        hexadecimal(digits)?
    } else {
        let first = hexadecimal(rest.get(..4)?)?;
        *rest = &rest[4..];
        match first {
            0xd800..=0xdbff => {
                let behind = rest.strip_prefix("\\u")?;
                let second = hexadecimal(behind.get(..4)?)?;
                *rest = &behind[4..];
                let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                0x10000 + ((first - 0xd800) << 10) + low
            }
            _ => first,
        }
    };
    char::from_u32(code)
}

/// The content of a block string: without the indentation that its lines share, and without the
/// blank lines around it.
fn block(written: &str) -> Cow<'_, str> {
    if written.as_bytes().contains(&b'\r') {
        let lines = written.replace("\r\n", "\n").replace('\r', "\n");
        return block(&lines).into_owned().into();
    }
    let bytes = written.as_bytes();
    // The first and the last line that are not blank: where they begin and end.
    let mut text: Option<(usize, usize)> = None;
    let mut shared: Option<usize> = None;
    let mut lines = 0;
    let mut start = 0;
    loop {
        let end = written[start..]
            .find('\n')
            .map_or(bytes.len(), |at| start + at);
        let mut at = start;
        while at < end && matches!(bytes[at], b' ' | b'\t') {
            at += 1;
        }
        if at < end {
            if start > 0 && shared.is_none_or(|shared| at - start < shared) {
                shared = Some(at - start);
            }
            text = Some((text.map_or(start, |(first, _)| first), end));
            lines += 1;
        }
        if end == bytes.len() {
            break;
        }
        start = end + 1;
    }
    let Some((first, last)) = text else {
        return "".into();
    };
    let shared = shared.unwrap_or(0);
    let inside = &written[first..last];
    let skip = |start: usize| if start > 0 { shared } else { 0 };
    let dedented: Cow<'_, str> = if lines == 1 {
        inside[skip(first)..].into()
    } else {
        let mut all = String::with_capacity(inside.len());
        let mut start = first;
        for line in inside.split('\n') {
            if start > first {
                all.push('\n');
            }
            // A blank line may be shorter than that.
            all.push_str(&line[skip(start).min(line.len())..]);
            start += line.len() + 1;
        }
        all.into()
    };
    // A search for one byte is quick where one for four is not.
    if dedented.as_bytes().contains(&b'\\') {
        return dedented.replace("\\\"\"\"", "\"\"\"").into();
    }
    dedented
}

fn location(name: &str) -> Option<DirectiveLocation> {
    Some(match name {
        "QUERY" => DirectiveLocation::Query,
        "MUTATION" => DirectiveLocation::Mutation,
        "SUBSCRIPTION" => DirectiveLocation::Subscription,
        "FIELD" => DirectiveLocation::Field,
        "FRAGMENT_DEFINITION" => DirectiveLocation::FragmentDefinition,
        "FRAGMENT_SPREAD" => DirectiveLocation::FragmentSpread,
        "INLINE_FRAGMENT" => DirectiveLocation::InlineFragment,
        "VARIABLE_DEFINITION" => DirectiveLocation::VariableDefinition,
        "SCHEMA" => DirectiveLocation::Schema,
        "SCALAR" => DirectiveLocation::Scalar,
        "OBJECT" => DirectiveLocation::Object,
        "FIELD_DEFINITION" => DirectiveLocation::FieldDefinition,
        "ARGUMENT_DEFINITION" => DirectiveLocation::ArgumentDefinition,
        "INTERFACE" => DirectiveLocation::Interface,
        "UNION" => DirectiveLocation::Union,
        "ENUM" => DirectiveLocation::Enum,
        "ENUM_VALUE" => DirectiveLocation::EnumValue,
        "INPUT_OBJECT" => DirectiveLocation::InputObject,
        "INPUT_FIELD_DEFINITION" => DirectiveLocation::InputFieldDefinition,
        _ => return None,
    })
}

#[cfg(test)]
pub mod tests;
