//! A local Attendium.
mod model;
pub use model::sdl;
