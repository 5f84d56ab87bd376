//! The `attendium` command.
fn main() {}
