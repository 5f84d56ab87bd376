//! Directives that change what an answer looks like and that the runtime does not know yet. Enter
//! at [`check_directives`].

use crate::diagnostics::{Diagnostic, Location};
use apollo_compiler::Schema;
use apollo_compiler::ast::{self, DirectiveList};
use apollo_compiler::parser::SourceMap;

/// An error for each directive that is not supported.
pub fn check_directives(ast: &ast::Document, schema: &Schema) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for definition in &ast.definitions {
        check_definition(definition, schema, &ast.sources, &mut diagnostics);
    }
    diagnostics
}

fn check_definition(
    definition: &ast::Definition,
    schema: &Schema,
    sources: &SourceMap,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let (directives, selections) = match definition {
        ast::Definition::OperationDefinition(operation) => {
            (&operation.directives, &operation.selection_set)
        }
        ast::Definition::FragmentDefinition(fragment) => {
            (&fragment.directives, &fragment.selection_set)
        }
        _ => return,
    };
    let mut check = |directives: &DirectiveList| {
        for directive in &directives.0 {
            let name = directive.name.as_str();
            let is_unsupported = matches!(name, "catch" | "semanticNonNull")
                || matches!(name, "required" | "throwOnFieldError")
                    && !schema.directive_definitions.contains_key(name);
            if is_unsupported {
                diagnostics.push(
                    Diagnostic::error(format!("`@{name}` is not supported yet"))
                        .with_rule("not-yet")
                        .with_location(Location::of_span(directive.location(), sources))
                        .with_help(format!(
                            "leave `@{name}` out: a field that failed is then null with its error \
                             beside it"
                        )),
                );
            }
        }
    };
    check(directives);
    let mut stack: Vec<&ast::Selection> = selections.iter().collect();
    while let Some(selection) = stack.pop() {
        match selection {
            ast::Selection::Field(field) => {
                check(&field.directives);
                stack.extend(&field.selection_set);
            }
            ast::Selection::FragmentSpread(spread) => check(&spread.directives),
            ast::Selection::InlineFragment(inline) => {
                check(&inline.directives);
                stack.extend(&inline.selection_set);
            }
        }
    }
}
