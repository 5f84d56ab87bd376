//! The operations as this client's types, nothing derived.
attendium::include_queries!();
