//! What a schema says of its deprecated parts.

use apollo_compiler::ast::DirectiveList;

/// The reason that `@deprecated` gives; its default where it gives none.
pub fn deprecation_reason(directives: &DirectiveList) -> Option<String> {
    let directive = directives.get("deprecated")?;
    let reason = directive
        .specified_argument_by_name("reason")
        .and_then(|reason| reason.as_str());
    Some(reason.unwrap_or("No longer supported").to_owned())
}
