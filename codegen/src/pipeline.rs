//! The stages of a compilation, in their order. Enter at [`compile`].

use crate::diagnostics::Diagnostic;
use crate::emit::units::OutputUnit;
use crate::emit::{print, units};
use crate::ir::{lower, names, sharing};
use crate::options::Options;
use crate::output::Output;
use crate::schema::{self, Loaded};
use crate::source::Source;
use crate::{document, lints, option_checks};
use std::time::Instant;

/// Compiles documents against a schema.
///
/// All schema texts are one schema, all documents are one set. Errors do not stop it:
/// [`Output::code`] has everything that is valid, and [`Output::diagnostics`] says everything that
/// is wrong.
pub fn compile(schema: &[Source], documents: &[Source], options: &Options) -> Output {
    run(schema, documents, options).output
}

/// A compilation with what its stages made.
pub struct Compilation {
    pub output: Output,
    /// None where the schema could not be loaded.
    pub loaded: Option<Loaded>,
    pub option_diagnostics: Vec<Diagnostic>,
    pub units: Vec<OutputUnit>,
}

/// Runs all stages: load, validate, lower, name, emit, assemble.
pub fn run(schema: &[Source], documents: &[Source], options: &Options) -> Compilation {
    let mut output = Output::default();
    let mut clock = Clock::start();
    let loaded = match schema::load(schema) {
        Ok(loaded) => loaded,
        Err(errors) => return Compilation::without_schema(errors),
    };
    let option_diagnostics = option_checks::check(options, &loaded.schema);
    clock.finish("schema", &mut output);

    let mut documents = document::validate(&loaded.schema, documents, options);
    let (operations, fragments) = loaded.find_affected(&documents.document);
    documents
        .operations
        .retain(|name| !operations.contains(name));
    documents.fragments.retain(|name| !fragments.contains(name));
    let warnings = lints::check(&loaded.schema, &documents.document, &options.lints);
    clock.finish("validate", &mut output);

    let mut lowered = lower::lower(&loaded, &documents, options);
    let issues = loaded.classify_issues(&documents.document);
    clock.finish("lower", &mut output);

    let top = names::name_top_level(&names::definition_names(&lowered.module));
    print::print_operations(&documents.document, &mut lowered);
    let mut names = names::name_module(&lowered.module, &top);
    if options.share_selections {
        sharing::share_selections(&lowered.module, &mut names);
    }
    let mut units = units::list_units(&lowered.module, &documents);
    units::render(&mut units, &lowered.module, &top, &names, options);
    units::assemble(&units, options, &mut output);
    clock.finish("emit", &mut output);

    output.diagnostics = documents.diagnostics;
    output
        .diagnostics
        .extend(option_diagnostics.iter().cloned());
    output.diagnostics.extend(warnings);
    output.diagnostics.extend(issues);
    output.sort_diagnostics();
    Compilation {
        output,
        loaded: Some(loaded),
        option_diagnostics,
        units,
    }
}

impl Compilation {
    fn without_schema(errors: Vec<Diagnostic>) -> Self {
        Self {
            output: Output {
                diagnostics: errors,
                ..Output::default()
            },
            loaded: None,
            option_diagnostics: Vec::new(),
            units: Vec::new(),
        }
    }
}

/// Measures how long each stage takes.
pub struct Clock(Instant);

impl Clock {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Notes that a stage has ended and the next one begins.
    pub fn finish(&mut self, stage: &'static str, output: &mut Output) {
        output.stages.push((stage, self.0.elapsed()));
        self.0 = Instant::now();
    }
}
