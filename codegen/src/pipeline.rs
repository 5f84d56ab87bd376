//! The stages of a compilation, in their order. Enter at [`compile`].

use crate::emit::units;
use crate::incremental::CompilationCache;
use crate::ir::{lower, names};
use crate::{Diagnostic, Options, Source, document, lints, schema};
use std::time::{Duration, Instant};

/// What a compilation made.
#[derive(Debug, Default)]
pub struct Output {
    /// The Rust code, for what is valid. Whoever wants all or nothing looks at [`has_errors`](Self::has_errors) first.
    pub code: String,
    /// The operations in the code: name and the exact document that is sent.
    pub operations: Vec<(String, String)>,
    /// How many fragments are in the code.
    pub fragments: usize,
    /// The custom scalars in the code that are not mapped to a Rust type, and so are newtypes over JSON.
    pub unmapped: Vec<String>,
    /// What there is to say, ordered by place.
    pub diagnostics: Vec<Diagnostic>,
    /// How long each stage took, in the order in which they run.
    pub stages: Vec<(&'static str, Duration)>,
    /// Where [`code`](Self::code) may be cut into files: the name of each, and the offset of its end.
    pub(crate) parts: Vec<(String, usize)>,
}

impl Output {
    /// Whether a diagnostic is an error, so that something is missing from the code.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// A note on the custom scalars that are not mapped, if there are any. It is no diagnostic: nothing is wrong with them.
    pub fn note(&self) -> Option<String> {
        let names = match self.unmapped.as_slice() {
            [] => return None,
            [one] => format!(
                "the custom scalar `{one}` is not mapped to a Rust type, and a newtype over JSON"
            ),
            many => format!(
                "the custom scalars `{}` are not mapped to Rust types, and newtypes over JSON",
                many.join("`, `")
            ),
        };
        Some(format!("note: {names}"))
    }

    pub(crate) fn sort(&mut self) {
        self.diagnostics
            .sort_by(|a, b| (a.severity, a.order()).cmp(&(b.severity, b.order())));
    }
}

/// Compiles documents against a schema.
///
/// All schema texts are one schema, all documents are one set. Errors do not stop it: [`Output::code`] has everything
/// that is valid, and [`Output::diagnostics`] says everything that is wrong.
pub fn compile(schema: &[Source], documents: &[Source], options: &Options) -> Output {
    whole(schema, documents, options).0
}

/// The whole compilation, and what is kept of it for another one; nothing where it has errors.
pub(crate) fn whole(
    schema: &[Source],
    documents: &[Source],
    options: &Options,
) -> (Output, Option<CompilationCache>) {
    let mut output = Output::default();
    let mut clock = Clock(Instant::now());
    let loaded = match schema::load(schema) {
        Ok(loaded) => loaded,
        Err(errors) => {
            output.diagnostics = errors;
            return (output, None);
        }
    };
    clock.stage("schema", &mut output);
    let mut validated = document::validate(&loaded.schema, documents, &options.allow);
    clock.stage("validate", &mut output);
    let (module, used) = lower::lower(&loaded, &validated, options);
    output.diagnostics.append(&mut validated.diagnostics);
    let settings = options.check(&loaded.schema);
    output.diagnostics.extend(settings.iter().cloned());
    output.diagnostics.append(&mut lints::check(
        &loaded.schema,
        &validated.document,
        &options.lints,
    ));
    output
        .diagnostics
        .append(&mut loaded.classify(&used, &validated.document));
    clock.stage("lower", &mut output);
    let top = names::name_top_level(&names::definition_names(&module));
    let mut units = units::partition(&module, &validated);
    units::render(&mut units, &module, &top, options);
    units::assemble(&units, options, &mut output);
    clock.stage("emit", &mut output);
    output.sort();
    // Lints look at all documents together.
    let complete = !output.has_errors() && options.lints.is_empty();
    let memory = complete.then(|| CompilationCache {
        schema: schema.to_vec(),
        sdl: loaded.sdl,
        faults: loaded.faults,
        scalars: schema::built_in_scalars(&loaded.schema),
        settings,
        documents: documents.to_vec(),
        units,
    });
    (output, memory)
}

/// Measures stages.
pub(crate) struct Clock(pub(crate) Instant);

impl Clock {
    pub(crate) fn stage(&mut self, name: &'static str, output: &mut Output) {
        output.stages.push((name, self.0.elapsed()));
        self.0 = Instant::now();
    }
}
