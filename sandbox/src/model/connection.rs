//! Relay connections: edges with cursors that name the item, so that a page stays right when items
//! before it come and go.

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{OutputType, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::failure::Failure;
use super::log::LogEntry;
use super::objects::{Event, Guest};

/// The fields that every connection has beside edges, nodes and page info.
#[derive(SimpleObject)]
pub(crate) struct Total {
    /// How many items there are on all pages.
    total_count: i32,
}

pub(crate) type EventConnection = Connection<String, Event, Total>;
pub(crate) type GuestConnection = Connection<String, Guest, Total>;
pub(crate) type LogEntryConnection = Connection<String, LogEntry, Total>;

/// An item that a cursor can name.
pub(crate) trait Item: OutputType {
    fn key(&self) -> &str;
}

impl Item for Event {
    fn key(&self) -> &str {
        &self.0.id
    }
}

impl Item for Guest {
    fn key(&self) -> &str {
        &self.0.id
    }
}

impl Item for LogEntry {
    fn key(&self) -> &str {
        match self {
            Self::Added(entry) => entry.key(),
            Self::Changed(entry) => entry.key(),
            Self::Removed(entry) => entry.key(),
            Self::In(entry) => entry.key(),
            Self::Out(entry) => entry.key(),
        }
    }
}

/// The four arguments of a connection.
pub(crate) struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: i32 = 500;

/// The page of `items` that the arguments ask for (Relay's cursor connections, section 4.4).
pub(crate) fn page<T: Item>(
    args: PageArgs,
    items: Vec<T>,
) -> async_graphql::Result<Connection<String, T, Total>> {
    let first = size("first", args.first)?;
    let last = size("last", args.last)?;
    if first.is_some() && last.is_some() {
        return Err(Failure::invalid(
            "last",
            "`first` and `last` exclude each other: give one of them",
        )
        .into());
    }
    let all = items.len();
    let begin = match args.after {
        Some(cursor) => position("after", &cursor, &items)? + 1,
        None => 0,
    };
    let end = match args.before {
        Some(cursor) => position("before", &cursor, &items)?,
        None => all,
    };
    let end = end.max(begin);
    let (begin, end) = match (first, last) {
        (_, Some(last)) => (end.saturating_sub(last).max(begin), end),
        (first, None) => (begin, end.min(begin + first.unwrap_or(DEFAULT_PAGE))),
    };
    let total = Total {
        total_count: i32::try_from(all).unwrap_or(i32::MAX),
    };
    let mut connection = Connection::with_additional_fields(begin > 0, end < all, total);
    let chosen = items.into_iter().skip(begin).take(end - begin);
    connection
        .edges
        .extend(chosen.map(|item| Edge::<_, _, EmptyFields>::new(cursor(item.key()), item)));
    Ok(connection)
}

fn size(field: &'static str, size: Option<i32>) -> Result<Option<usize>, Failure> {
    match size {
        None => Ok(None),
        Some(size @ 0..=LARGEST_PAGE) => Ok(usize::try_from(size).ok()),
        Some(size) => Err(Failure::invalid(
            field,
            format!("`{field}` is {size}: give a number from 0 to {LARGEST_PAGE}"),
        )),
    }
}

fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{key}"))
}

fn position<T: Item>(field: &'static str, given: &str, items: &[T]) -> Result<usize, Failure> {
    items
        .iter()
        .position(|item| cursor(item.key()) == given)
        .ok_or_else(|| {
            Failure::invalid(
                field,
                format!("`{field}` is not a cursor of this list: give one that an edge had"),
            )
        })
}
