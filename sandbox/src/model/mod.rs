//! The GraphQL API's model of Attendium. Enter at [`schema`]; `query.rs`, `mutation.rs` and
//! `subscription.rs` are the roots, `world.rs` holds the data.

mod admission;
mod analytics;
mod connection;
mod custom_fields;
mod defer;
mod enums;
mod event;
mod failure;
mod guest;
mod imported;
mod inputs;
mod log;
mod mutation;
mod objects;
mod pasted;
mod payloads;
mod query;
mod scalars;
mod seed;
mod subscription;
mod user;
mod world;

use async_graphql::{SDLExportOptions, Schema};

pub(crate) use mutation::blank_guest;
pub(crate) use seed::seed;
pub(crate) use world::{SharedWorld, Viewer};

/// The schema that the sandbox serves.
pub(crate) type ApiSchema = Schema<query::Query, mutation::Mutation, subscription::Subscription>;

/// The schema over a world.
pub(crate) fn schema(world: SharedWorld) -> ApiSchema {
    Schema::build(query::Query, mutation::Mutation, subscription::Subscription)
        .register_output_type::<query::Counted>()
        .directive(defer::Defer)
        .data(world)
        .finish()
}

/// What the SDL file begins with.
const NOTICE: &str = "\
# A model of Attendium's API. Attendium publishes no schema: only `Query.me` and `User.id` are \
    documented.
# Everything else is this project's model of the product, served by the sandbox in `sandbox/`.
# Written by `cargo run -p attendium-sandbox --example print-schema`; a test keeps it equal to \
    what is served.

";

/// The SDL of what the sandbox serves, as `schema/attendium.graphql` has it.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .use_space_ident()
        .prefer_single_line_descriptions()
        .include_specified_by();
    let exported = schema(SharedWorld::new(seed())).sdl_with_options(options);
    let mut sdl = NOTICE.to_owned();
    for line in exported.lines() {
        if line.starts_with("directive @") && !line.starts_with("directive @defer") {
            // The specification defines these itself (section 3.13); the line before is the
            // description.
            let kept = sdl.trim_end().rfind('\n').map_or(0, |newline| newline + 1);
            sdl.truncate(kept);
            continue;
        }
        sdl.push_str(line.trim_end());
        sdl.push('\n');
    }
    sdl
}
