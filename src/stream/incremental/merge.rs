//! Joins the parts of an answer into its data, and marks what became of each deferred fragment.
//! Enter at [`Merger::add`].

use std::collections::HashMap;

use super::part::{Announced, Completed, Entry, Part, errors};
use super::tree::{Node, Slice};
use crate::deferred::PendingPart;
use crate::graphql_error::{GraphqlError, PathSegment};
use crate::json::deferred::{ANY_LABEL, ARRIVED, MARKS, PENDING, READY};
use crate::json::{DecodeError, DecodeErrorKind, IncrementalFault};
use crate::value::Json;

/// An answer in the making.
#[derive(Debug, Default)]
pub(super) struct Merger {
    data: Option<Node>,
    errors: Vec<GraphqlError>,
    extensions: Option<Json>,
    /// By their ids, or by path and label where a format has no ids.
    pending: HashMap<Id, PendingPart>,
    /// The order in which they were announced, for those who ask.
    announced: Vec<Id>,
    /// How many pending parts have the same path and label, and how they failed.
    open: HashMap<PendingPart, Open>,
    /// Whether any part has come.
    begun: bool,
    /// Whether the server announces what is pending.
    announces: bool,
    has_next: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Id {
    Given(String),
    Place(PendingPart),
}

#[derive(Debug, Default)]
struct Open {
    count: usize,
    failed: Option<Json>,
}

impl Merger {
    /// Adds a part.
    ///
    /// # Errors
    /// Where it is no JSON, of no known shape, or does not fit to the data. What was there before
    /// it stays.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let part = Part::read(bytes)?;
        let is_first = !self.begun;
        self.begun = true;
        self.announces |= part.announces;
        let ids: Vec<(Id, PendingPart)> = part.pending.into_iter().map(identify).collect();
        for (id, pending) in &ids {
            if self.pending.insert(id.clone(), pending.clone()).is_some() {
                let fault = IncrementalFault::RepeatedId(id.text());
                return Err(fault_at(fault, &pending.path));
            }
            self.announced.push(id.clone());
            self.open.entry(pending.clone()).or_default().count += 1;
        }
        let mut top = part.top;
        if is_first && top.path.is_none() {
            self.data = top.data.take().map(Node::Text);
        }
        self.add_entry(top)?;
        for entry in part.incremental {
            self.add_entry(entry)?;
        }
        for (_, pending) in ids {
            self.mark(&pending, Node::from(format!("\"{PENDING}\"")))?;
        }
        for completed in part.completed {
            self.complete(completed)?;
        }
        self.has_next = part.has_next.or(self.has_next);
        Ok(())
    }

    /// Takes the end of the answer. `closed` says that the server ended it in form.
    ///
    /// # Errors
    /// Where more was announced.
    pub(super) fn finish(&mut self, closed: bool) -> Result<(), DecodeError> {
        let lacks_parts = self.has_next.unwrap_or(!self.pending.is_empty());
        if !self.begun || !closed && lacks_parts {
            return Err(fault_at(IncrementalFault::Truncated, &[]));
        }
        self.has_next = Some(false);
        self.announced.clear();
        for pending in std::mem::take(&mut self.pending).into_values() {
            self.mark(&pending, Node::from(format!("\"{ARRIVED}\"")))?;
        }
        Ok(())
    }

    /// Whether parts are still to come, as far as the server has said. One that says nothing of it
    /// may have more until its body ends.
    pub(super) fn has_next(&self) -> bool {
        let is_open = !self.announces || !self.pending.is_empty();
        self.has_next.unwrap_or(is_open)
    }

    /// Whether a fragment that nothing was said of may still come.
    pub(super) fn is_unfinished(&self) -> bool {
        self.has_next() && !self.announces
    }

    /// Whether any part had the member `data`, be it `null`.
    pub(super) fn has_data(&self) -> bool {
        self.data.is_some()
    }

    /// Whether any part has come.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// What is pending, in the order in which it was announced.
    pub(super) fn pending(&self) -> Vec<PendingPart> {
        let ids = self.announced.iter();
        ids.filter_map(|id| self.pending.get(id).cloned()).collect()
    }

    pub(super) fn errors(&self) -> &[GraphqlError] {
        &self.errors
    }

    pub(super) fn extensions(&self) -> Option<&Json> {
        self.extensions.as_ref()
    }

    /// The data as it is now, with its marks; `None` where the server sends `null` or none.
    pub(super) fn data(&self) -> Option<String> {
        let data = self.data.as_ref().filter(|data| !data.is_null())?;
        let mut text = String::new();
        data.write(&mut text);
        Some(text)
    }

    fn add_entry(&mut self, mut entry: Entry) -> Result<(), DecodeError> {
        self.gather(&entry);
        if let Some(extensions) = entry.extensions.take() {
            match &mut self.extensions {
                Some(all) => merge_extensions(all, extensions),
                None => self.extensions = Some(extensions),
            }
        }
        if !entry.has_value() {
            return Ok(());
        }
        let announced = match &entry.id {
            Some(id) => match self.pending.get(&Id::Given(id.clone())) {
                Some(pending) => Some(pending.clone()),
                // A format of paths may have ids of its own.
                None if entry.path.is_some() => None,
                None => {
                    let fault = IncrementalFault::UnknownId(id.clone());
                    return Err(fault_at(fault, &entry.sub_path));
                }
            },
            None => None,
        };
        let mut path = match (&announced, entry.path.take()) {
            (Some(pending), _) => pending.path.clone(),
            (None, path) => path.unwrap_or_default(),
        };
        path.append(&mut entry.sub_path);
        let Some(data) = &mut self.data else {
            return Err(fault_at(IncrementalFault::TooEarly, &path));
        };
        let with_path = |fault| fault_at(fault, &path);
        if let Some(items) = entry.items.filter(|items| !items.is_null()) {
            let in_list = announced.is_some();
            add_items(data, &path, items, in_list).map_err(with_path)?;
        }
        let Some(value) = entry.data else {
            return Ok(());
        };
        let added = add_data(data, &path, value).map_err(with_path)?;
        let pending = PendingPart {
            path,
            label: entry.label,
        };
        // One that is announced is completed by a word of its own.
        if announced.is_none() && !self.open.contains_key(&pending) {
            self.mark_arrived(&pending, added, entry.errors)?;
        }
        Ok(())
    }

    fn gather(&mut self, entry: &Entry) {
        if !entry.errors.is_null() {
            self.errors.extend(errors(&entry.errors));
        }
    }

    /// Marks a fragment that came without having been announced, in a format that has no ids.
    fn mark_arrived(
        &mut self,
        pending: &PendingPart,
        added: Added,
        errors: Json,
    ) -> Result<(), DecodeError> {
        let mark = match (added, errors) {
            (Added::Item, _) => return Ok(()),
            (Added::Whole, _) if pending.label.is_none() => return Ok(()),
            (Added::Whole, _) => Node::from(format!("\"{ARRIVED}\"")),
            (Added::Broken, errors @ Json::Array(_)) => Node::from(errors.to_string()),
            (Added::Broken, _) => Node::from("[]".to_owned()),
        };
        self.mark(pending, mark)
    }

    fn complete(&mut self, completed: Completed) -> Result<(), DecodeError> {
        if !completed.errors.is_null() {
            self.errors.extend(errors(&completed.errors));
        }
        let place = PendingPart {
            path: completed.path,
            label: completed.label,
        };
        let id = completed.id.map_or(Id::Place(place), Id::Given);
        let Some(pending) = self.pending.remove(&id) else {
            let fault = IncrementalFault::UnknownId(id.text());
            return Err(fault_at(fault, id.path()));
        };
        if self.announced.len() > 2 * self.pending.len() + FEW_PENDING {
            self.announced.retain(|id| self.pending.contains_key(id));
        }
        let open = self.open.entry(pending.clone()).or_default();
        open.count = open.count.saturating_sub(1);
        if completed.errors.is_array() {
            open.failed = Some(completed.errors);
        }
        if open.count > 0 {
            return Ok(());
        }
        let failed = self.open.remove(&pending).and_then(|open| open.failed);
        let mark = match failed {
            Some(errors) => errors.to_string(),
            None => format!("\"{READY}\""),
        };
        self.mark(&pending, Node::from(mark))
    }

    /// Leaves a mark in the fragment's object. A list, and an object that is null, take none.
    fn mark(&mut self, pending: &PendingPart, mark: Node) -> Result<(), DecodeError> {
        let Some(data) = &mut self.data else {
            return Ok(());
        };
        let found = data.find(&pending.path);
        let Some(node) = found.map_err(|fault| fault_at(fault, &pending.path))? else {
            return Ok(());
        };
        let Some(members) = node.members() else {
            return Ok(());
        };
        if members.get_mut(MARKS).is_none() {
            members.set(MARKS, Node::empty_object());
        }
        if let Some(marks) = members.get_mut(MARKS).and_then(Node::members) {
            marks.set(pending.label.as_deref().unwrap_or(ANY_LABEL), mark);
        }
        Ok(())
    }
}

/// Ids of completed parts are forgotten when there are more of them than of the others, and this.
const FEW_PENDING: usize = 32;

impl Id {
    fn text(&self) -> String {
        match self {
            Self::Given(id) => id.clone(),
            Self::Place(place) => PathSegment::join(&place.path),
        }
    }

    fn path(&self) -> &[PathSegment] {
        match self {
            Self::Given(_) => &[],
            Self::Place(place) => &place.path,
        }
    }
}

fn identify(announced: Announced) -> (Id, PendingPart) {
    let pending = PendingPart {
        path: announced.path,
        label: announced.label,
    };
    let id = match announced.id {
        Some(id) => Id::Given(id),
        None => Id::Place(pending.clone()),
    };
    (id, pending)
}

/// What data turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Added {
    /// A fragment's.
    Whole,
    /// A fragment's that failed: it is null, or is null where the data has more.
    Broken,
    /// The next item of a list, in the 2020 format.
    Item,
}

/// Adds items to a list: behind the others, or at the index that ends the path.
fn add_items(
    data: &mut Node,
    path: &[PathSegment],
    items: Slice,
    in_list: bool,
) -> Result<(), IncrementalFault> {
    let (path, index) = match path.split_last() {
        Some((PathSegment::Index(index), list)) if !in_list => (list, Some(*index)),
        _ => (path, None),
    };
    let Some(list) = data.find(path)? else {
        return Ok(());
    };
    if list.is_null() {
        return Ok(());
    }
    let mut items = Node::Text(items);
    let (Some(list), Some(items)) = (list.items(), items.items()) else {
        return Err(IncrementalFault::Conflict);
    };
    let at = list_index(list, index)?;
    let mut items = std::mem::take(items).into_iter();
    for (item, new) in list.iter_mut().skip(at).zip(items.by_ref()) {
        item.merge(new)?;
    }
    list.extend(items);
    Ok(())
}

/// The index as a place in the list, or its end.
fn list_index(list: &[Node], index: Option<u64>) -> Result<usize, IncrementalFault> {
    let length = list.len() as u64;
    match index {
        Some(index) if index > length => Err(IncrementalFault::Gap { index, length }),
        Some(index) => Ok(index as usize),
        None => Ok(list.len()),
    }
}

/// Adds data to an object, or the next item to a list, as the 2020 format does.
fn add_data(
    data: &mut Node,
    path: &[PathSegment],
    value: Slice,
) -> Result<Added, IncrementalFault> {
    if let Some((PathSegment::Index(index), list)) = path.split_last()
        && let Some(list) = data.find(list)?.and_then(Node::items)
        && list_index(list, Some(*index))? == list.len()
    {
        list.push(Node::Text(value));
        return Ok(Added::Item);
    }
    let Some(node) = data.find(path)? else {
        return Ok(Added::Whole);
    };
    let is_whole = !value.is_null() && node.merge(Node::Text(value))?;
    Ok(if is_whole {
        Added::Whole
    } else {
        Added::Broken
    })
}

fn merge_extensions(all: &mut Json, more: Json) {
    match (all, more) {
        (Json::Object(all), Json::Object(more)) => {
            for (key, value) in more {
                match all.get_mut(&key) {
                    Some(old) => merge_extensions(old, value),
                    None => {
                        all.insert(key, value);
                    }
                }
            }
        }
        (all, more) => *all = more,
    }
}

pub(super) fn fault_at(fault: IncrementalFault, path: &[PathSegment]) -> DecodeError {
    let path = PathSegment::join(path);
    DecodeError::new(DecodeErrorKind::Incremental(fault), 0, path)
}
