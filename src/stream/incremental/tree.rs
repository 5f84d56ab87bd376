//! The data of an answer while parts are added to it. Enter at [`Node`].
//!
//! A value stays a slice of the text that it came in until a part reaches into it, and then it is
//! opened by one level. So an answer is not parsed into values that nobody looks at, and every
//! number keeps its digits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graphql_error::PathSegment;
use crate::json::IncrementalFault;
use crate::json::object::Object;
use crate::json::reader::Reader;

/// A value of the data.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// As it came.
    Text(Slice),
    Object(Members),
    List(Vec<Node>),
}

/// A value in the text of a part, which was checked to be JSON.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    text: Arc<str>,
    start: u32,
    end: u32,
}

/// The members of an object, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    list: Vec<(String, Node)>,
    /// Where each key is, once there are many.
    places: HashMap<String, usize>,
}

/// An object with fewer members than this is searched from its start.
const FEW: usize = 16;

impl Slice {
    /// The slice of `text` that `part` is.
    pub(super) fn of(text: &Arc<str>, part: &str) -> Option<Self> {
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        text.get(start..end)?;
        Some(Self {
            text: text.clone(),
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
        })
    }

    pub(super) fn as_str(&self) -> &str {
        let text = self.text.get(self.start as usize..self.end as usize);
        text.unwrap_or_default()
    }

    pub(super) fn is_null(&self) -> bool {
        self.as_str() == "null"
    }
}

impl From<String> for Node {
    /// A value that is JSON already, and shorter than 4 GB.
    fn from(text: String) -> Self {
        let text: Arc<str> = text.into();
        let slice = Slice::of(&text, &text);
        Self::Text(slice.unwrap_or(Slice {
            text,
            start: 0,
            end: 0,
        }))
    }
}

impl Members {
    fn position(&self, key: &str) -> Option<usize> {
        if self.list.len() < FEW {
            self.list.iter().position(|(name, _)| name == key)
        } else {
            self.places.get(key).copied()
        }
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let position = self.position(key)?;
        self.list.get_mut(position).map(|(_, node)| node)
    }

    /// Adds a member, or replaces it.
    pub(super) fn set(&mut self, key: &str, node: Node) {
        match self.get_mut(key) {
            Some(old) => *old = node,
            None => self.add(key.to_owned(), node),
        }
    }

    /// Adds a member that is not there.
    fn add(&mut self, key: String, node: Node) {
        self.list.push((key, node));
        if self.list.len() < FEW {
            return;
        }
        // From the first on when there are many, and one by one from then on.
        let from = if self.places.is_empty() {
            0
        } else {
            self.list.len() - 1
        };
        for (at, (key, _)) in self.list.iter().enumerate().skip(from) {
            self.places.insert(key.clone(), at);
        }
    }
}

impl Node {
    /// An object without members.
    pub(super) fn empty_object() -> Self {
        Self::Object(Members::default())
    }

    /// Opens an object or a list by one level.
    fn open(&mut self) {
        let Self::Text(slice) = self else { return };
        let opened = match slice.as_str().as_bytes().first() {
            Some(b'{') => open_object(slice).map(Self::Object),
            Some(b'[') => open_list(slice).map(Self::List),
            _ => return,
        };
        if let Some(opened) = opened {
            *self = opened;
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Text(slice) if slice.is_null())
    }

    /// The members, where this is an object.
    pub(super) fn members(&mut self) -> Option<&mut Members> {
        self.open();
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The items, where this is a list.
    pub(super) fn items(&mut self) -> Option<&mut Vec<Self>> {
        self.open();
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value at this path. `None` where a value on the way is null, so that nothing below it
    /// is of use any more.
    pub(super) fn find(
        &mut self,
        path: &[PathSegment],
    ) -> Result<Option<&mut Self>, IncrementalFault> {
        let mut node = self;
        for segment in path {
            if node.is_null() {
                return Ok(None);
            }
            let next = match segment {
                PathSegment::Key(key) => node.members().and_then(|members| members.get_mut(key)),
                PathSegment::Index(index) => {
                    let items = node.items();
                    usize::try_from(*index)
                        .ok()
                        .and_then(|index| items?.get_mut(index))
                }
            };
            node = next.ok_or(IncrementalFault::UnknownPath)?;
        }
        Ok(Some(node))
    }

    /// Adds another value of the same place: objects member by member, lists item by item, and a
    /// scalar in place of the other. A null never stands for an object or a list that is there, nor
    /// they for it; the result is then false.
    pub(super) fn merge(&mut self, other: Self) -> Result<bool, IncrementalFault> {
        if let (Self::Text(one), Self::Text(other)) = (&*self, &other)
            && one.as_str() == other.as_str()
        {
            return Ok(true);
        }
        let mut other = other;
        self.open();
        other.open();
        match (self, other) {
            (Self::Object(members), Self::Object(others)) => {
                let mut fits = true;
                for (key, node) in others.list {
                    match members.get_mut(&key) {
                        Some(member) => fits &= member.merge(node)?,
                        None => members.add(key, node),
                    }
                }
                Ok(fits)
            }
            (Self::List(items), Self::List(others)) => {
                let mut fits = true;
                let mut others = others.into_iter();
                for (item, other) in items.iter_mut().zip(others.by_ref()) {
                    fits &= item.merge(other)?;
                }
                items.extend(others);
                Ok(fits)
            }
            (Self::Text(one), Self::Text(other)) => {
                *one = other;
                Ok(true)
            }
            (one, other) if one.is_null() || other.is_null() => Ok(false),
            _ => Err(IncrementalFault::Conflict),
        }
    }

    /// Writes the value as JSON.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Text(slice) => out.push_str(slice.as_str()),
            Self::Object(members) => {
                out.push('{');
                for (at, (key, node)) in members.list.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    push_key(out, key);
                    node.write(out);
                }
                out.push('}');
            }
            Self::List(items) => {
                out.push('[');
                for (at, node) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    node.write(out);
                }
                out.push(']');
            }
        }
    }
}

fn push_key(out: &mut String, key: &str) {
    let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\');
    if key.bytes().all(is_plain) {
        out.extend(["\"", key, "\":"]);
    } else {
        out.push_str(&serde_json::Value::from(key).to_string());
        out.push(':');
    }
}

// The text was read before, so that neither fails.

fn open_object(slice: &Slice) -> Option<Members> {
    let mut members = Members::default();
    let mut reader = Reader::new(slice.as_str());
    let mut object = Object::open(&mut reader).ok()?;
    while let Some(key) = object.next_key().ok()? {
        let value = object.reader().raw().ok()?;
        // Of duplicate keys the first counts, as for the reader.
        if members.position(&key).is_none() {
            let value = Slice::of(&slice.text, value)?;
            members.add(key.into_owned(), Node::Text(value));
        }
    }
    Some(members)
}

fn open_list(slice: &Slice) -> Option<Vec<Node>> {
    let mut items = Vec::new();
    let mut reader = Reader::new(slice.as_str());
    let mut more = reader.open_list().ok()?;
    while more {
        let value = reader.raw().ok()?;
        items.push(Node::Text(Slice::of(&slice.text, value)?));
        more = reader.next_element().ok()?;
    }
    Some(items)
}
