//! bluejay-typegen: what its macro writes, for the nearest document that it takes.
//!
//! It refuses a spread beside fields, and a fragment on an interface. So the fields of the query's
//! fragments stand in their places, and the author is a union in a copy of the schema. The answers
//! are the same.

#[bluejay_typegen::typegen("benches/peers/bluejay_schema.graphql")]
pub mod schema {
    type DateTime = String;
    #[allow(clippy::upper_case_acronyms)]
    type Uri = String;

    #[query("benches/peers/bluejay.graphql")]
    pub mod query {}
}

/// It has no type for the whole answer.
#[derive(serde::Deserialize)]
pub struct Response {
    pub data: Option<schema::query::RepositoryIssues>,
}
