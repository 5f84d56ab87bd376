//! The message of each broken rule of the specification's chapter on validation, and a help line
//! with the near miss where a name is wrong. Enter at [`explain`].

use super::apollo::{Finding, Violation, quoted_names};
use super::{suggestions, values};
use crate::diagnostics::{Diagnostic, Location, near_miss};
use crate::lexer::{Lexer, Token};
use crate::rules::Rule;
use crate::walk::spreads;
use apollo_compiler::Schema;
use apollo_compiler::executable::{ExecutableDocument, Field};
use std::collections::{HashSet, VecDeque};

/// What [`explain`] knows besides the finding itself.
pub struct RuleContext<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    /// The field that the error is about, where it is about a whole field.
    pub field: Option<&'a Field>,
    /// The field that it can't be merged with.
    pub other: Option<&'a Field>,
    /// The variables of the operation that the error is in.
    pub variables: Vec<&'a str>,
}

/// A finding in our words.
pub fn explain(finding: &Finding, context: &RuleContext<'_>) -> Diagnostic {
    let RuleContext {
        schema, document, ..
    } = *context;
    let mut location = finding.location();
    let written = location.as_ref().map(Location::text).unwrap_or_default();
    let written = written.to_owned();
    let mut message = finding.message.clone();
    let (rule, help) = match &finding.violation {
        Violation::UnknownField { ty, field } => {
            let elsewhere = directives_behind(finding)
                .into_iter()
                .find(|name| matches!(*name, "client" | "rest"));
            let help = match elsewhere {
                Some(directive) => suggestions::directive(schema, directive),
                None => suggestions::field(schema, ty, field),
            };
            ("unknown-field", help)
        }
        Violation::UnknownArgument { argument, owner } => {
            let at = if owner.contains('.') { "" } else { "@" };
            message = format!("`{at}{owner}` takes no argument `{argument}`");
            (
                "unknown-argument",
                suggestions::argument(schema, argument, owner),
            )
        }
        Violation::UnknownType { name } => {
            message = format!("the schema has no type `{name}`");
            let help = if matches!(name.as_str(), "Int" | "Float" | "String" | "Boolean" | "ID") {
                format!(
                    "`{name}` is built in, but nothing in this schema is one, so no argument takes \
                     such a variable: declare it with the type of the argument that it is for"
                )
            } else {
                suggestions::missing("type", name, schema.types.keys().map(|name| name.as_str()))
            };
            ("unknown-type", help)
        }
        Violation::UnknownDirective { name } => {
            message = format!("the schema has no directive `@{name}`");
            ("unknown-directive", suggestions::directive(schema, name))
        }
        Violation::UnknownFragment { name } => {
            message = format!("there is no fragment `{name}`");
            let known = document.fragments.keys().map(|name| name.as_str());
            let help = if schema
                .types
                .get(name.as_str())
                .is_some_and(|ty| ty.is_object() || ty.is_interface() || ty.is_union())
            {
                format!("`{name}` is a type: write `... on {name} {{ … }}`")
            } else {
                suggestions::missing("fragment", name, known)
            };
            ("unknown-fragment", help)
        }
        Violation::UnknownVariable { name } => {
            message = format!("the variable `${name}` is not declared");
            let help = match near_miss(name, context.variables.iter().copied()) {
                Some(near) => format!("did you mean `${near}`?"),
                None => format!(
                    "declare it on each operation that reaches this place: `query Name(${name}: …)`"
                ),
            };
            ("unknown-variable", help)
        }
        Violation::UnknownEnumValue { value, definition } => {
            message = format!("the enum `{definition}` has no value `{value}`");
            (
                "unknown-enum-value",
                suggestions::enum_value(schema, value, definition),
            )
        }
        Violation::UnknownInputField { field, input } => {
            message = format!("the input object `{input}` has no field `{field}`");
            (
                "unknown-input-field",
                suggestions::input_field(schema, field, input),
            )
        }
        Violation::UnusedVariable { name } => {
            message = format!("the variable `${name}` is declared and never used");
            (
                "unused-variable",
                format!("use `${name}`, or remove its declaration"),
            )
        }
        Violation::DuplicateVariable => ("duplicate-variable", "declare each variable once".into()),
        Violation::DuplicateArgument { name } => {
            message = format!("the argument `{name}` is given more than once");
            (
                "duplicate-argument",
                "give each argument and input field once".into(),
            )
        }
        Violation::DuplicateDirective => {
            message = format!(
                "`{}` is given more than once",
                written.split('(').next().unwrap_or_default().trim_end()
            );
            (
                "duplicate-directive",
                "this directive is not repeatable: keep one of them".into(),
            )
        }
        Violation::MissingArgument { name } => {
            location = location.map(|location| location.up_to(&['{', '(']));
            ("required-argument", suggestions::required(name, "argument"))
        }
        Violation::MissingInputField { name } => {
            ("required-input-field", suggestions::required(name, "field"))
        }
        Violation::VariableType { name } => {
            message = format!("the variable `${name}` is not of an input type");
            (
                "variable-type",
                "variables are scalars, enums and input objects; \
                 objects, interfaces and unions only come in answers"
                    .into(),
            )
        }
        Violation::DirectiveLocation {
            directive,
            location: kind,
        } => {
            let help = suggestions::directive_location(schema, directive);
            message = format!(
                "`{}` can't be on {kind}",
                written.split('(').next().unwrap_or_default().trim_end()
            );
            ("directive-location", help)
        }
        Violation::ValueType { expected, found } => {
            message = values::describe(expected, found, &written);
            (
                "value-type",
                values::help(schema, expected, found, &written),
            )
        }
        Violation::IntRange => {
            message = format!("`{written}` does not fit into an `Int`");
            (
                "value-type",
                "Int has 32 bits: from -2147483648 to 2147483647; where the server takes more, \
                 map it, `--scalar Int=i64`"
                    .into(),
            )
        }
        Violation::FloatRange => {
            message = format!("`{written}` does not fit into a `Float`");
            (
                "value-type",
                "Float has 64 bits: at most about 1.8e308".into(),
            )
        }
        Violation::MissingSelection => {
            location = location.map(|location| location.up_to(&['@', '(']));
            match context.field {
                Some(field) => {
                    message = format!(
                        "nothing is selected from `{}`, which is of type `{}`",
                        field.name,
                        field.ty()
                    );
                    ("missing-selection", suggestions::selectable(schema, field))
                }
                None => (
                    "missing-selection",
                    "say which fields you want: `{ id … }`".into(),
                ),
            }
        }
        Violation::SelectionOnLeaf { ty } => {
            location = location.map(|location| location.up_to(&['{']));
            message = format!(
                "`{}` has no fields: it is of type `{ty}`",
                written
                    .split(['{', '(', '@'])
                    .next()
                    .unwrap_or_default()
                    .trim_end()
            );
            ("selection-on-leaf", "remove the `{ … }` behind it".into())
        }
        Violation::FragmentType { fragment } => {
            let on = written.split(" on ").nth(1).map(|rest| {
                &rest[..rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len())]
            });
            if let Some(on) = on.or((!fragment.is_empty()).then_some(fragment)) {
                message = format!("a fragment can't be on `{on}`, which has no fields");
            }
            (
                "fragment-type",
                "fragments are on objects, interfaces and unions".into(),
            )
        }
        Violation::ImpossibleFragment { condition, on } => (
            "impossible-fragment",
            suggestions::impossible(schema, condition, on),
        ),
        Violation::FragmentCycle { name } => {
            location = location.map(|location| location.up_to(&['{']));
            if let Some(cycle) = find_cycle(document, name) {
                let names: Vec<String> = cycle
                    .iter()
                    .chain([&name.as_str()])
                    .map(|name| format!("`{name}`"))
                    .collect();
                message = format!(
                    "the fragment `{name}` reaches itself: {}",
                    names.join(" → ")
                );
            }
            (
                "fragment-cycle",
                "an answer would never end: select down to a fixed depth instead".into(),
            )
        }
        Violation::DuplicateOperation { name } => {
            message = format!("a second operation is called `{name}`");
            (
                "duplicate-operation",
                "operation names are unique among all files of a compilation: rename one".into(),
            )
        }
        Violation::DuplicateFragment { name } => {
            message = format!("a second fragment is called `{name}`");
            (
                "duplicate-fragment",
                "fragment names are unique among all files of a compilation: \
                 rename one, or remove the copy"
                    .into(),
            )
        }
        Violation::AnonymousOperation => {
            message = "an operation without a name beside others".into();
            location = location.map(|location| location.up_to(&['{']));
            (
                "anonymous",
                "give it a name, `query MyName { … }`: the generated type is called by it".into(),
            )
        }
        Violation::UnknownRootType { operation } => {
            message = format!("the schema has no {operation} root type");
            (
                "unknown-root-type",
                format!(
                    "is `{operation}` the right kind of operation, \
                     and is every file of the schema given?"
                ),
            )
        }
        Violation::SubscriptionRootFields => (
            "subscription-root",
            "write one subscription for each root field".into(),
        ),
        Violation::SubscriptionIntrospection => {
            ("subscription-root", "ask for it in a query".into())
        }
        Violation::SubscriptionCondition => (
            "subscription-root",
            "a subscription's root field is always there: remove @include and @skip from it".into(),
        ),
        Violation::ConflictingTypes { key } => {
            if let (Some(field), Some(other)) = (context.field, context.other) {
                message = match (
                    field.selection_set.selections.is_empty(),
                    field.ty() == other.ty(),
                ) {
                    (true, _) | (_, false) => format!(
                        "`{key}` is of type `{}` in one place and of type `{}` in another",
                        field.ty(),
                        other.ty()
                    ),
                    _ => format!("`{key}` selects what can't be merged"),
                };
            }
            location = location.map(|location| location.up_to(&['{']));
            let rule = Rule::ConflictingResponseTypes;
            (
                rule.name(),
                format!(
                    "give one of them an alias, \
                     or allow it: `--allow {rule}` (each type then reads its own)"
                ),
            )
        }
        Violation::ConflictingFields { key } | Violation::ConflictingArguments { key } => {
            if let (Some(field), Some(other)) = (context.field, context.other) {
                message = if field.name == other.name {
                    format!("`{key}` is asked for twice, with different arguments")
                } else {
                    format!(
                        "two fields answer as `{key}`: `{}` and `{}`",
                        other.name, field.name
                    )
                };
            }
            location = location.map(|location| location.up_to(&['{']));
            (
                "conflicting-fields",
                format!(
                    "give one of them an alias: `other{}: …`",
                    suggestions::capitalise(key)
                ),
            )
        }
        Violation::TypeSystemDefinition => {
            message = message.replace(
                "an executable document must not contain",
                "a document can't hold",
            );
            (
                "not-executable",
                "documents hold operations and fragments; type definitions belong to the schema"
                    .into(),
            )
        }
        Violation::Recursion => {
            location = location.map(|location| location.up_to(&['{']));
            if message.ends_with("contains too much nesting") {
                let name = quoted_names(&message).next().unwrap_or_default();
                message = format!("more than 100 fragments spread each other, from `{name}` on");
            } else {
                message = "selections are nested too deeply: 128 levels are the most, those of \
                           fragments included"
                    .into();
            }
            (
                "recursion",
                "select less deeply: a second operation can begin where this one ends".into(),
            )
        }
        // The translator drops these: unused fragments are for the lints, and positions are checked
        // by `document/input_values.rs`.
        Violation::UnusedFragment => ("unused-fragment", String::new()),
        Violation::VariablePosition { .. } => ("variable-position", String::new()),
        Violation::Other { rule } => (*rule, String::new()),
    };
    let error = Diagnostic::error(message)
        .with_rule(rule)
        .with_location(location);
    if help.is_empty() {
        error
    } else {
        error.with_help(help)
    }
}

/// The directives behind a field's name and arguments: the validator drops unknown fields whole.
fn directives_behind(finding: &Finding) -> Vec<&str> {
    let text = finding.span.and_then(|span| {
        let file = finding.sources.get(&span.file_id())?;
        file.source_text().get(span.end_offset()..)
    });
    let mut tokens = Lexer::new(text.unwrap_or_default());
    let mut found = Vec::new();
    let mut open = 0usize;
    while let Some(token) = tokens.next() {
        match token {
            Token::Byte(b'(') => open += 1,
            Token::Byte(b')') => open = open.saturating_sub(1),
            _ if open > 0 => {}
            Token::Byte(b'@') => match tokens.next() {
                Some(Token::Name(name)) => found.push(name),
                _ => break,
            },
            _ => break,
        }
    }
    found
}

/// The fragments on the way from a fragment back to itself, which begins with it.
pub fn find_cycle<'a>(document: &'a ExecutableDocument, name: &str) -> Option<Vec<&'a str>> {
    let (name, _) = document.fragments.get_key_value(name)?;
    let mut ways = VecDeque::from([vec![name]]);
    let mut seen = HashSet::new();
    while let Some(way) = ways.pop_front() {
        let fragment = document.fragments.get(*way.last()?)?;
        for next in spreads(&fragment.selection_set) {
            if next == name {
                return Some(way.into_iter().map(|name| name.as_str()).collect());
            }
            if seen.insert(next) && document.fragments.contains_key(next) {
                ways.push_back(way.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}
