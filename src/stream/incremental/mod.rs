//! The parts of an answer as one answer: `@defer` and `@stream`.
//!
//! Neither directive is in a released edition of GraphQL. Servers speak several formats, and not
//! always the one that was asked for, so a part is taken by its shape:
//!
//! - 2020: a later part is `{path, data, label?, errors?, hasNext}`;
//! - 2022 (`deferSpec=20220824`): `{incremental: [{path, data or items, label?, errors?}],
//!   hasNext}`;
//! - v0.2 (`incrementalSpec=v0.2`): `{pending: [{id, path, label?}], incremental: [{id, subPath?,
//!   data or items}], completed: [{id, errors?}], hasNext}`.
//!
//! Sources: the [working group](https://github.com/graphql/defer-stream-wg), and incremental
//! delivery over HTTP in the [RFCs](https://github.com/graphql/graphql-over-http/tree/main/rfcs)
//! of GraphQL over HTTP.
//!
//! Nothing here does I/O. `decoder` cuts a body into parts, `part` reads one, `merge` joins it to
//! the data, which `tree` holds. What became of each deferred fragment is written into its object
//! as a mark, which the reader of generated code looks for (`json/deferred.rs`). Enter at
//! [`IncrementalDecoder`].

mod decoder;
mod merge;
mod part;
mod tree;

pub use decoder::IncrementalDecoder;
#[cfg(feature = "session")]
pub(crate) use decoder::comes_in_parts;
