//! How a fragment under `@defer` is read: by a mark that the merge of an answer's parts leaves, or
//! by what the object has.
//!
//! The mark stands in the fragment's object, under the key [`MARKS`], which no field can have: an
//! object with a state for each label. An answer that came whole has none, and there a fragment is
//! ready when its object has all that it always has. Enter at [`Object::deferred`].

use super::encode::{Map, Merge};
use super::error::Result;
use super::key::Key;
use super::object::Object;
use super::read::Read;
use super::reader::Reader;
use crate::deferred::Deferred;
use crate::graphql_error::GraphqlError;
use crate::value::Json;

/// The key of an object's marks.
pub(crate) const MARKS: &str = "@defer";

/// The mark of a fragment that was announced and is not complete.
pub(crate) const PENDING: &str = "pending";

/// The mark of a fragment that is complete: what it lacks now is an error.
pub(crate) const READY: &str = "ready";

/// The mark of a fragment of which something has come, or nothing will come any more: it is ready
/// if it has all that it always has.
pub(crate) const ARRIVED: &str = "arrived";

/// The label under which a failure stands whose part had no label.
pub(crate) const ANY_LABEL: &str = "";

/// What the marks say of a fragment.
enum Mark {
    None,
    Pending,
    Ready,
    Arrived,
    Failed(Vec<GraphqlError>),
}

impl<'a> Object<'_, 'a> {
    /// Reads a fragment under `@defer` with this label from this same object.
    pub fn deferred<T: Read<'a>>(&mut self, label: &str) -> Result<Deferred<T>> {
        let mark = self.mark(label)?;
        match mark {
            Mark::Pending => return Ok(Deferred::Pending),
            Mark::Failed(errors) => return Ok(Deferred::Failed(errors)),
            Mark::Ready => return self.spread().map(Deferred::Ready),
            Mark::None | Mark::Arrived => {}
        }
        if let Some(value) = self.spread_if()? {
            return Ok(Deferred::Ready(value));
        }
        Ok(match mark {
            _ if self.reader.is_unfinished => Deferred::Pending,
            Mark::Arrived => Deferred::Failed(Vec::new()),
            _ => Deferred::Skipped,
        })
    }

    fn mark(&mut self, label: &str) -> Result<Mark> {
        const KEY: &Key = &Key::new(MARKS);
        if !self.reader.has_marks() || !self.seek(KEY)? {
            return Ok(Mark::None);
        }
        let mut marks = Json::read(self.reader)?;
        let mut take = |label: &str| marks.get_mut(label).map(Json::take);
        Ok(match take(label).or_else(|| take(ANY_LABEL)) {
            Some(Json::String(mark)) if mark == PENDING => Mark::Pending,
            Some(Json::String(mark)) if mark == READY => Mark::Ready,
            Some(Json::String(mark)) if mark == ARRIVED => Mark::Arrived,
            Some(errors @ Json::Array(_)) => Mark::Failed(GraphqlError::list_from_json(errors)),
            _ => Mark::None,
        })
    }
}

impl Reader<'_> {
    /// Whether the text may have marks anywhere. Most have none, and then no key is looked for.
    fn has_marks(&mut self) -> bool {
        let text = self.text;
        *self
            .has_marks
            .get_or_insert_with(|| text.contains(concat!("\"", "@defer", "\"")))
    }
}

/// Puts a fragment under `@defer` back into its object: what has arrived, or a mark.
pub fn put_deferred<T: Merge>(object: &mut Map, label: &str, value: &Deferred<T>) {
    let mark = match value {
        Deferred::Ready(value) => return value.merge(object),
        Deferred::Skipped => return,
        Deferred::Pending => Json::from(PENDING),
        Deferred::Failed(errors) => errors.iter().map(GraphqlError::to_json).collect(),
    };
    let marks = object
        .entry(MARKS)
        .or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(marks) = marks {
        marks.insert(label.to_owned(), mark);
    }
}
