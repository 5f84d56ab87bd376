//! Attendium's API beyond [`Me`], as this project models it.
//!
//! Attendium documents `me { id }` and publishes no schema. The other operations here are compiled
//! from `queries/` against `schema/attendium.graphql`, a model of the product as it is publicly
//! known, which the sandbox serves. For the live API, fetch its schema (`attendium schema pull`)
//! and compile your own documents.

include!(concat!(env!("OUT_DIR"), "/queries.rs"));
