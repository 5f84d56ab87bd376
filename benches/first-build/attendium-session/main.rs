//! The application in the README, made as by `attendium new`: with a build script, and without the
//! macro and what knows Attendium.

mod queries {
    attendium::include_queries!();
}

include!("../tonight.rs");
