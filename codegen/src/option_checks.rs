//! Whether the options fit the schema and each other. Enter at
//! [`check`].

use crate::diagnostics::{Diagnostic, near_miss};
use crate::ir::derives::Derive;
use crate::options::{Options, last_segment};
use apollo_compiler::Schema;
use apollo_compiler::schema::ExtendedType;

/// What is wrong with the options, given the schema.
pub fn check(options: &Options, schema: &Schema) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let scalars = || {
        schema
            .types
            .values()
            .filter(|definition| matches!(definition, ExtendedType::Scalar(_)))
            .map(|definition| definition.name().as_str())
    };
    for (name, rust) in &options.scalars {
        if !scalars().any(|scalar| scalar == name)
            && !matches!(name.as_str(), "Int" | "Float" | "String" | "Boolean" | "ID")
        {
            let error = Diagnostic::warning(format!(
                "the schema has no scalar `{name}`, which is mapped to `{rust}`"
            ));
            wrong.push(match near_miss(name, scalars()) {
                Some(near) => error.with_help(format!("did you mean `{near}`?")),
                None => error.with_help("remove the mapping"),
            });
        }
        wrong.extend(check_scalar(name, rust));
    }
    wrong.extend(options.derives.iter().filter_map(|path| check_derive(path)));
    wrong.extend(check_crate_path(&options.crate_path));
    let derived = options.derive_list();
    let is_derived = |name: &str| derived.split(", ").any(|path| last_segment(path) == name);
    for path in &options.derives {
        let needs = Derive::of(path.trim()).map_or(&[][..], Derive::needs);
        if let Some(missing) = needs.iter().find(|name| !is_derived(name)) {
            wrong.push(
                Diagnostic::error(format!(
                    "`{path}`, which is to be derived, needs `{missing}`"
                ))
                .with_help(format!("derive `{missing}` too")),
            );
        }
    }
    wrong
}

/// What is wrong with the Rust type that a scalar is mapped to.
pub fn check_scalar(name: &str, rust: &str) -> Option<Diagnostic> {
    let error = || {
        Diagnostic::error(format!(
            "`{rust}`, which scalar `{name}` is mapped to, is not a Rust type"
        ))
        .with_help(concat!(
            "write a path, with arguments where it has them: ",
            "`jiff::Timestamp`, `chrono::DateTime<chrono::Utc>`"
        ))
    };
    (!is_type(rust)).then(error)
}

/// What is wrong with a trait that is to be derived.
pub fn check_derive(path: &str) -> Option<Diagnostic> {
    let error = || {
        Diagnostic::error(format!("`{path}`, which is to be derived, is not a path"))
            .with_help("write the path of a derive macro: `serde::Serialize`")
    };
    (!is_path(path)).then(error)
}

/// What is wrong with the path of the crate.
pub fn check_crate_path(path: &str) -> Option<Diagnostic> {
    let error = || {
        Diagnostic::error(format!(
            "`{path}`, where generated code is to find the crate `attendium`, is not a path"
        ))
        .with_help("write a path, such as `::attendium` or `crate::client`")
    };
    (!is_path(path)).then(error)
}

fn is_path(text: &str) -> bool {
    is_type(text) && !text.contains('<')
}

/// Whether a text can be a path with generic arguments: a coarse check, so that nothing else gets
/// into the code.
fn is_type(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut start = true;
    for part in text.chars() {
        match part {
            '<' if !start => depth += 1,
            '>' if depth > 0 && !start => depth -= 1,
            ',' | ' ' if depth > 0 => {}
            ':' | '#' => {}
            c if c.is_alphabetic() || c == '_' || (c.is_numeric() && !start) => {}
            _ => return false,
        }
        start = matches!(part, '<' | ',' | ' ');
    }
    depth == 0 && !text.is_empty() && !start && !text.ends_with(':')
}
