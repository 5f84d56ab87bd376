//! A build script's compilations after the first one: what no change reaches is kept.
//!
//! A build script runs again when one file of five hundred has changed, and it is compiled without
//! optimisation. [`recompile`] compiles that file, and those that spread what has changed, against
//! the slice of the schema that they reach. The result is that of a whole compilation: where
//! anything is wrong, or a change reaches too far, everything is compiled. This folder can be
//! deleted for a slower and equal compiler: [`compile`] stands where [`pipeline::compile`] would.
//! Enter at [`compile`].

pub mod cache;
mod recompile;
mod schema_slice;

use crate::options::Options;
use crate::output::Output;
use crate::pipeline::{self, Compilation};
use crate::source::Source;
use cache::CompilationCache;
use recompile::recompile;
use std::path::Path;

/// Compiles what has changed since the cache file was written, and writes the file anew. The cache
/// is good for one `key`, which stands for the options and the compiler itself.
pub fn compile(
    cache_file: &Path,
    key: &str,
    schema: &[Source],
    documents: &[Source],
    options: &Options,
) -> Output {
    let before = std::fs::read(cache_file)
        .ok()
        .and_then(|bytes| cache::read(&bytes, key))
        .filter(|cache| cache.schema == schema);
    let recompiled = before.and_then(|mut cache| {
        let (output, units) = recompile(&cache, documents, options)?;
        cache.documents = documents.to_vec();
        cache.units = units;
        Some((output, Some(cache)))
    });
    let (output, cache) = recompiled.unwrap_or_else(|| {
        let compilation = pipeline::run(schema, documents, options);
        to_cache(compilation, schema, documents, options)
    });
    // A cache that can't be written is made again next time.
    if let Some(bytes) = cache.and_then(|cache| cache::write(&cache, key)) {
        let _ = std::fs::write(cache_file, bytes);
    }
    output
}

/// What a compilation leaves for the next one: nothing where it has errors, or settings that look
/// at all documents together (lints, sharing).
fn to_cache(
    compilation: Compilation,
    schema: &[Source],
    documents: &[Source],
    options: &Options,
) -> (Output, Option<CompilationCache>) {
    let Compilation {
        output,
        loaded,
        option_diagnostics,
        units,
    } = compilation;
    let is_complete = !output.has_errors() && options.lints.is_empty() && !options.share_selections;
    let cache = loaded
        .filter(|_| is_complete)
        .map(|loaded| CompilationCache {
            schema: schema.to_vec(),
            scalars: schema_slice::built_in_scalars(&loaded.schema),
            sdl: loaded.sdl,
            issues: loaded.issues,
            option_warnings: option_diagnostics,
            documents: documents.to_vec(),
            units,
        });
    (output, cache)
}
