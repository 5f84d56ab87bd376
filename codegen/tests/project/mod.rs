//! A project that is compiled after each edit, with a cache and as a whole.

use attendium_codegen::{Build, build};
use std::path::{Path, PathBuf};

/// A directory with a schema and documents.
pub struct Project {
    pub directory: PathBuf,
    pub build: Build,
}

impl Project {
    pub fn new(name: &str, schema: &str, documents: &[(String, String)]) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(directory.join("queries")).unwrap();
        std::fs::write(directory.join("schema.graphql"), schema).unwrap();
        let project = Self {
            directory,
            build: build().schema("schema.graphql").operations("queries"),
        };
        for (name, text) in documents {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.join("queries").join(name), text).unwrap();
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.directory.join("queries").join(name)).unwrap();
    }

    /// Compiles with the cache, and compares with a whole compilation. Returns whether the cache
    /// was used.
    #[track_caller]
    pub fn check(&self, what: &str) -> bool {
        let cache = self.directory.join("cache");
        let (output, _) = self.build.compile_with(&self.directory, Some(&cache));
        let (whole, _) = self.build.compile_in(&self.directory);
        assert_eq!(output.code, whole.code, "{what}");
        assert_eq!(output.operations, whole.operations, "{what}");
        assert_eq!(output.fragments, whole.fragments, "{what}");
        assert_eq!(output.diagnostics, whole.diagnostics, "{what}");
        output
            .stages
            .first()
            .is_some_and(|(stage, _)| *stage == "compare")
    }
}
