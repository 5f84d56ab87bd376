//! One part of an answer, read into what the formats have in common. Enter at [`Part::read`].

use std::sync::Arc;

use super::tree::Slice;
use crate::graphql_error::{GraphqlError, PathSegment};
use crate::json::decode::utf8;
use crate::json::error::{ReadFailed, Result};
use crate::json::object::Object;
use crate::json::reader::Reader;
use crate::json::{DecodeError, DecodeErrorKind, IncrementalFault, MAX_DEPTH, Read};
use crate::value::Json;

/// A part.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// What stands at its top: all of a first part, and a later one of the 2020 format.
    pub(super) top: Entry,
    pub(super) pending: Vec<Announced>,
    pub(super) incremental: Vec<Entry>,
    pub(super) completed: Vec<Completed>,
    pub(super) has_next: Option<bool>,
    /// Whether it has the member `pending`, be it empty.
    pub(super) announces: bool,
}

/// Data or items for a place.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) data: Option<Slice>,
    pub(super) items: Option<Slice>,
    pub(super) id: Option<String>,
    pub(super) path: Option<Vec<PathSegment>>,
    pub(super) sub_path: Vec<PathSegment>,
    pub(super) label: Option<String>,
    pub(super) errors: Json,
    pub(super) extensions: Option<Json>,
}

/// An element of `pending`.
#[derive(Debug, Default)]
pub(super) struct Announced {
    pub(super) id: Option<String>,
    pub(super) path: Vec<PathSegment>,
    pub(super) label: Option<String>,
}

/// An element of `completed`.
#[derive(Debug, Default)]
pub(super) struct Completed {
    pub(super) id: Option<String>,
    pub(super) path: Vec<PathSegment>,
    pub(super) label: Option<String>,
    pub(super) errors: Json,
}

impl Part {
    /// Reads a part.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let text: Arc<str> = utf8(bytes)?.into();
        let mut reader = Reader::new(&text);
        read_part(&text, &mut reader).map_err(|failed| reader.take_error(failed))
    }
}

fn read_part(text: &Arc<str>, reader: &mut Reader<'_>) -> Result<Part> {
    let mut part = Part::default();
    reader.skip_byte_order_mark();
    reader.start();
    if !reader.at_object() {
        reader.raw()?;
        return Err(shape(reader, "it is no object"));
    }
    let mut object = Object::open(reader)?;
    while let Some(key) = object.next_key()? {
        let reader = object.reader();
        match &*key {
            "hasNext" => part.has_next = Option::read(reader)?,
            "pending" => {
                part.announces = true;
                part.pending = elements(reader, |object, one: &mut Announced, key| {
                    let reader = object.reader();
                    match key {
                        "id" => one.id = id(reader)?,
                        "path" => one.path = path(reader)?.unwrap_or_default(),
                        "label" => one.label = Option::read(reader)?,
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
            }
            "incremental" => {
                part.incremental = elements(reader, |object, one: &mut Entry, key| {
                    one.read_member(text, object.reader(), key)
                })?;
            }
            "completed" => {
                part.completed = elements(reader, |object, one: &mut Completed, key| {
                    let reader = object.reader();
                    match key {
                        "id" => one.id = id(reader)?,
                        "path" => one.path = path(reader)?.unwrap_or_default(),
                        "label" => one.label = Option::read(reader)?,
                        "errors" => one.errors = Json::read(reader)?,
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
            }
            key => part.top.read_member(text, reader, key)?,
        }
    }
    object.close()?;
    reader.end()?;
    Ok(part)
}

impl Entry {
    fn read_member(&mut self, text: &Arc<str>, reader: &mut Reader<'_>, key: &str) -> Result<()> {
        match key {
            "data" if self.data.is_none() => self.data = slice(text, reader)?,
            "items" if self.items.is_none() => self.items = slice(text, reader)?,
            "id" => self.id = id(reader)?,
            "path" => self.path = path(reader)?,
            "subPath" => self.sub_path = path(reader)?.unwrap_or_default(),
            "label" => self.label = Option::read(reader)?,
            "errors" => self.errors = Json::read(reader)?,
            "extensions" => self.extensions = Option::read(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    }

    /// Whether it has anything for the data.
    pub(super) fn has_value(&self) -> bool {
        self.data.is_some() || self.items.is_some()
    }
}

/// A list of objects, whose members `read` takes. `null` is an empty list.
fn elements<T: Default>(
    reader: &mut Reader<'_>,
    read: impl Fn(&mut Object<'_, '_>, &mut T, &str) -> Result<()>,
) -> Result<Vec<T>> {
    let mut list = Vec::new();
    if reader.null() {
        return Ok(list);
    }
    let mut more = reader.open_list()?;
    while more {
        let mut one = T::default();
        let mut object = Object::open(reader)?;
        while let Some(key) = object.next_key()? {
            read(&mut object, &mut one, &key)?;
        }
        object.close()?;
        list.push(one);
        more = reader.next_element()?;
    }
    Ok(list)
}

/// A value as it is written.
fn slice(text: &Arc<str>, reader: &mut Reader<'_>) -> Result<Option<Slice>> {
    let raw = reader.raw()?;
    match Slice::of(text, raw) {
        Some(slice) => Ok(Some(slice)),
        None => Err(
            reader.fail(DecodeErrorKind::Incremental(IncrementalFault::TooLarge(
                u32::MAX as usize,
            ))),
        ),
    }
}

/// An id: a string, and a number where a server is free with types.
fn id(reader: &mut Reader<'_>) -> Result<Option<String>> {
    Ok(match Json::read(reader)? {
        Json::Null => None,
        Json::String(id) => Some(id),
        Json::Number(id) => Some(id.to_string()),
        _ => return Err(shape(reader, "`id` is no string")),
    })
}

/// A path, which is no longer than data is deep.
fn path(reader: &mut Reader<'_>) -> Result<Option<Vec<PathSegment>>> {
    let segments = match Json::read(reader)? {
        Json::Null => return Ok(None),
        Json::Array(segments) => segments,
        _ => return Err(shape(reader, "`path` is no list")),
    };
    if segments.len() > MAX_DEPTH {
        return Err(reader.fail(DecodeErrorKind::Depth));
    }
    let path: Option<Vec<_>> = segments.iter().map(PathSegment::from_json).collect();
    match path {
        Some(path) => Ok(Some(path)),
        None => Err(shape(
            reader,
            "`path` has a step that is no key and no index",
        )),
    }
}

fn shape(reader: &mut Reader<'_>, what: &'static str) -> ReadFailed {
    reader.fail(DecodeErrorKind::Incremental(IncrementalFault::Shape(what)))
}

/// The errors of a member `errors`.
pub(super) fn errors(json: &Json) -> Vec<GraphqlError> {
    GraphqlError::list_from_json(json.clone())
}
