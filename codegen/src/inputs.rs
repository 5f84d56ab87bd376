//! What build script, macro and command compile: the files of a schema and of documents.
//!
//! Enter at [`Inputs`].

use crate::options::Options;
use crate::output::Output;
use crate::pipeline::compile;
use crate::source::{Source, Sources};
use std::path::PathBuf;

/// The texts of one compilation, as they were read.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The texts of the schema.
    pub schema: Sources,
    /// The texts with operations and fragments.
    pub documents: Sources,
}

impl Inputs {
    /// Compiles the texts. Where a file could not be read, that is all the output says.
    pub fn compile(&self, options: &Options) -> Output {
        self.compile_if_read(|schema, documents| compile(schema, documents, options))
    }

    /// Compiles the texts that could be read, whatever became of the others.
    pub fn compile_readable(&self, options: &Options) -> Output {
        let output = compile(&self.schema.sources, &self.documents.sources, options);
        self.with_read_errors(output)
    }

    /// The files that were read and the directories that were listed: a build script watches them.
    pub fn watched(&self) -> impl Iterator<Item = &PathBuf> {
        self.schema.watched.iter().chain(&self.documents.watched)
    }

    pub(crate) fn compile_if_read(
        &self,
        compile: impl FnOnce(&[Source], &[Source]) -> Output,
    ) -> Output {
        let output = if self.schema.errors.is_empty() && self.documents.errors.is_empty() {
            compile(&self.schema.sources, &self.documents.sources)
        } else {
            Output::default()
        };
        self.with_read_errors(output)
    }

    fn with_read_errors(&self, mut output: Output) -> Output {
        let errors = self.schema.errors.iter().chain(&self.documents.errors);
        output.diagnostics.splice(0..0, errors.cloned());
        output
    }
}
