//! JSONTestSuite (<https://github.com/nst/JSONTestSuite>): every `y_` file is accepted and every
//! `n_` file refused, by reading and by skipping. The files are not part of this repository:
//!
//! ```sh
//! cargo test --test json_test_suite
//! ```
//!
//! finds them in `../shared/corpora/json-test-suite/test_parsing`, or where
//! `ATTENDIUM_JSON_TEST_SUITE` says, and fails without them.
#![allow(missing_docs)]

use std::path::PathBuf;

use attendium::Json;
use attendium::rt;
use attendium::rt::{Read, Reader, Result};

#[derive(Debug)]
struct Skipped;

impl<'a> Read<'a> for Skipped {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        reader.skip().map(|()| Self)
    }
}

#[test]
fn every_y_file_is_accepted_and_every_n_file_refused() {
    let folder = std::env::var_os("ATTENDIUM_JSON_TEST_SUITE").map_or_else(
        || {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../shared/corpora/json-test-suite/test_parsing")
        },
        PathBuf::from,
    );
    let files =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut counts = [0; 3];
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(&path).unwrap();
        let read = rt::from_slice::<Json>(&text);
        let skipped = rt::from_slice::<Skipped>(&text);
        let theirs = serde_json::from_slice::<Json>(&text);
        match name.split('_').next() {
            Some("y") => {
                counts[0] += 1;
                assert!(read.is_ok(), "{name}: {read:?}");
                assert!(skipped.is_ok(), "{name}, skipped");
                let duplicates = name.contains("duplicated_key");
                assert!(
                    duplicates || read.ok() == theirs.ok(),
                    "{name}: another value than serde_json's"
                );
            }
            Some("n") => {
                counts[1] += 1;
                assert!(read.is_err(), "{name}");
                assert!(skipped.is_err(), "{name}, skipped");
            }
            _ => {
                counts[2] += 1;
                println!(
                    "{name}: {}",
                    read.as_ref()
                        .map_or_else(ToString::to_string, |_| "accepted".to_owned())
                );
                assert_eq!(
                    read.is_ok(),
                    theirs.is_ok(),
                    "{name}: serde_json decides otherwise"
                );
            }
        }
    }
    println!(
        "accepted {}, refused {}, free to choose {}",
        counts[0], counts[1], counts[2]
    );
    assert!(
        counts.iter().all(|&count| count > 20),
        "{} is not the whole suite: {counts:?}",
        folder.display()
    );
}
