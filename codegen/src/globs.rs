//! Patterns over file names: `*` is any name, `**` any directories, `{a,b}` one of several.
//!
//! The configuration file and the command take them. Enter at [`expand`].

use std::path::{Path, PathBuf};

/// Whether a text is a pattern, and not a path.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// The files that a pattern matches and that have one of the endings, in order, each once.
/// Relative patterns count from `base`.
///
/// # Errors
///
/// What is wrong with the pattern.
pub fn expand(base: &Path, pattern: &str, endings: &[&str]) -> Result<Vec<PathBuf>, &'static str> {
    let mut found: Vec<PathBuf> = Vec::new();
    for mut pattern in alternatives(pattern) {
        // For the `glob` crate it is directories alone, for graphql-config all that is below.
        if pattern.ends_with("**") {
            pattern.push_str("/*");
        }
        // The directory's own name is none of the pattern.
        let base = glob::Pattern::escape(&base.to_string_lossy());
        let whole = Path::new(&base).join(&pattern);
        let paths = glob::glob(&whole.to_string_lossy()).map_err(|error| error.msg)?;
        found.extend(paths.flatten().filter(|path| {
            let name = path.to_string_lossy();
            path.is_file() && endings.iter().any(|ending| name.ends_with(ending))
        }));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// A pattern with `{a,b}` as one for each alternative.
fn alternatives(pattern: &str) -> Vec<String> {
    let parts = pattern
        .find('{')
        .and_then(|open| Some((open, open + pattern[open..].find('}')?)));
    let Some((open, close)) = parts else {
        return vec![pattern.to_owned()];
    };
    let choices = pattern[open + 1..close].split(',');
    choices
        .flat_map(|choice| {
            alternatives(&format!(
                "{}{choice}{}",
                &pattern[..open],
                &pattern[close + 1..]
            ))
        })
        .collect()
}
