//! The application in the README with code that the command generated and somebody committed. The
//! benchmark writes `queries.rs` before it builds.

mod queries {
    include!("queries.rs");
}

include!("../tonight.rs");
