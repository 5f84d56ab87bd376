//! Where the corpora are: in `../shared/corpora` beside the repository, or in `$ATTENDIUM_CORPORA`.

use std::path::{Path, PathBuf};

pub fn corpora() -> PathBuf {
    let directory = std::env::var_os("ATTENDIUM_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
        PathBuf::from,
    );
    assert!(
        directory.is_dir(),
        "the corpora are not at {}: say where in ATTENDIUM_CORPORA",
        directory.display()
    );
    directory
}
