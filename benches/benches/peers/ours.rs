//! This client: what its compiler wrote for the query.

include!(concat!(env!("OUT_DIR"), "/queries.rs"));
