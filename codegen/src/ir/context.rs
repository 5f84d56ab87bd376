//! What the lowering of every definition asks of the schema and of the documents. Enter at
//! [`Context`].

use super::deferrals::Deferrals;
use crate::ir::SourceLine;
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::ExecutableDocument;
use apollo_compiler::parser::{FileId, SourceMap, SourceSpan};
use apollo_compiler::schema::{ExtendedType, Implementers};
use apollo_compiler::{Name, Schema};

/// What all definitions of a compilation share.
pub struct Context<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    pub implementers: HashMap<Name, Implementers>,
    pub lines: Lines,
    pub deferrals: &'a Deferrals,
}

impl<'a> Context<'a> {
    pub fn new(
        schema: &'a Schema,
        document: &'a ExecutableDocument,
        deferrals: &'a Deferrals,
    ) -> Self {
        Self {
            deferrals,
            schema,
            document,
            implementers: schema.implementers_map(),
            lines: Lines::new(&document.sources),
        }
    }

    /// The names of the object types that a value of this type can have.
    pub fn possible_types(&self, name: &str) -> Vec<&'a Name> {
        match self.schema.types.get(name) {
            Some(ExtendedType::Object(object)) => vec![&object.name],
            Some(ExtendedType::Interface(_)) => {
                let implementers = self
                    .implementers
                    .get(name)
                    .into_iter()
                    .flat_map(|found| &found.objects);
                implementers
                    .filter_map(|name| Some(self.schema.types.get_key_value(name)?.0))
                    .collect()
            }
            Some(ExtendedType::Union(union)) => {
                union.members.iter().map(|member| &member.name).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether every value of type `name` is also of type `condition`, in every later schema too.
    pub fn is_always_a(&self, name: &str, condition: &str) -> bool {
        name == condition || self.schema.is_subtype(condition, name)
    }

    pub fn is_object(&self, name: &str) -> bool {
        matches!(self.schema.types.get(name), Some(ExtendedType::Object(_)))
    }
}

/// Line numbers by file and offset.
pub struct Lines {
    files: HashMap<FileId, (String, Vec<usize>)>,
}

impl Lines {
    fn new(sources: &SourceMap) -> Self {
        let files = sources.iter().map(|(id, file)| {
            let starts = file
                .source_text()
                .match_indices('\n')
                .map(|(at, _)| at + 1)
                .collect();
            (*id, (file.path().to_string_lossy().into_owned(), starts))
        });
        Self {
            files: files.collect(),
        }
    }

    pub fn line(&self, span: Option<SourceSpan>) -> usize {
        let starts = span.and_then(|span| Some((span, &self.files.get(&span.file_id())?.1)));
        starts.map_or(1, |(span, starts)| {
            starts.partition_point(|start| *start <= span.offset()) + 1
        })
    }

    pub fn location(&self, span: Option<SourceSpan>) -> SourceLine {
        let path = span
            .and_then(|span| self.files.get(&span.file_id()))
            .map(|(path, _)| path.clone());
        SourceLine {
            path: path.unwrap_or_default(),
            line: self.line(span),
        }
    }
}
