//! What the guide in `docs/guide/src` shows is compiled and run here: `build.rs` takes the blocks
//! out of the pages, `tests/guide.rs` runs them.
