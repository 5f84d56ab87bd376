//! The one file that knows apollo-compiler's error names. The wording of a few messages is also
//! matched in `messages`, `translate`, `values` and `schema/issues.rs`.
//!
//! It turns findings into [`Violation`]s and [`SchemaViolation`]s, and everything else works on
//! those. apollo-compiler promises neither names nor wording; `tests` provokes each variant with a
//! small document or schema, so that an upgrade which renames or rewords one fails by its name.
//! Enter at [`read_findings`], for documents, and [`read_schema_findings`].

use crate::diagnostics::{Diagnostic, Location};
use apollo_compiler::collections::HashSet;
use apollo_compiler::diagnostic::{Diagnostic as ApolloDiagnostic, ToCliReport};
use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::validation::{DiagnosticData, DiagnosticList};

#[cfg(test)]
mod tests;

/// A rule that a document breaks, with the names that its message needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    UnknownField {
        ty: String,
        field: String,
    },
    /// `owner` is a directive, or a field as `Type.field`.
    UnknownArgument {
        argument: String,
        owner: String,
    },
    UnknownType {
        name: String,
    },
    UnknownDirective {
        name: String,
    },
    UnknownFragment {
        name: String,
    },
    UnknownVariable {
        name: String,
    },
    UnknownEnumValue {
        value: String,
        definition: String,
    },
    UnknownInputField {
        field: String,
        input: String,
    },
    UnknownRootType {
        operation: String,
    },
    UnusedVariable {
        name: String,
    },
    UnusedFragment,
    DuplicateVariable,
    DuplicateArgument {
        name: String,
    },
    DuplicateDirective,
    DuplicateOperation {
        name: String,
    },
    DuplicateFragment {
        name: String,
    },
    AnonymousOperation,
    MissingArgument {
        name: String,
    },
    MissingInputField {
        name: String,
    },
    MissingSelection,
    SelectionOnLeaf {
        ty: String,
    },
    VariableType {
        name: String,
    },
    VariablePosition {
        variable: String,
        declared: String,
        expected: String,
    },
    DirectiveLocation {
        directive: String,
        location: String,
    },
    /// `found` is a kind of value, such as `a list` or `null`.
    ValueType {
        expected: String,
        found: String,
    },
    IntRange,
    FloatRange,
    /// `fragment` is the name of a named fragment.
    FragmentType {
        fragment: String,
    },
    ImpossibleFragment {
        condition: String,
        on: String,
    },
    FragmentCycle {
        name: String,
    },
    SubscriptionRootFields,
    SubscriptionIntrospection,
    SubscriptionCondition,
    ConflictingTypes {
        key: String,
    },
    ConflictingFields {
        key: String,
    },
    ConflictingArguments {
        key: String,
    },
    TypeSystemDefinition,
    Recursion,
    /// A rule that has no words of ours yet: its name as apollo-compiler has it.
    Other {
        rule: &'static str,
    },
}

/// What apollo-compiler found wrong in a document.
#[derive(Debug, Clone)]
pub struct Finding {
    pub violation: Violation,
    /// The message in apollo-compiler's words.
    pub message: String,
    pub span: Option<SourceSpan>,
    /// The texts that the span is in.
    pub sources: SourceMap,
}

impl Finding {
    /// Whether it is about two fields of one key that can't be merged (section 5.3.2).
    pub fn is_conflict(&self) -> bool {
        matches!(
            self.violation,
            Violation::ConflictingTypes { .. }
                | Violation::ConflictingFields { .. }
                | Violation::ConflictingArguments { .. }
        )
    }

    pub fn location(&self) -> Option<Location> {
        Location::of_span(self.span, &self.sources)
    }
}

/// The rules of `@defer` that apollo-compiler checks over all documents as if they were sent at
/// once. `document/incremental.rs` checks them for each operation, and those of `@stream`.
const CHECKED_ELSEWHERE: [&str; 4] = [
    "DuplicateDeferLabel",
    "DeferLabelMustNotBeVariable",
    "DeferOnRootMutationOrSubscriptionField",
    "DeferInSubscriptionMustBeConditional",
];

/// The findings about a document, in their order.
pub fn read_findings(list: &DiagnosticList) -> Vec<Finding> {
    list.iter()
        .filter(|finding| {
            let name = finding.error.unstable_error_name();
            name.is_none_or(|name| !CHECKED_ELSEWHERE.contains(&name))
        })
        .map(|finding| {
            let message = finding.error.to_string();
            Finding {
                violation: read_violation(finding.error.unstable_error_name(), &message),
                message,
                span: finding.error.location(),
                sources: finding.sources.clone(),
            }
        })
        .collect()
}

fn read_violation(name: Option<&'static str>, message: &str) -> Violation {
    use Violation::*;
    let mut names = quoted_names(message).map(str::to_owned);
    // Empty only if apollo-compiler rewords a message, which `tests` catches.
    let mut next = || names.next().unwrap_or_default();
    match name {
        Some("UndefinedField") => UnknownField {
            ty: next(),
            field: next(),
        },
        Some("UndefinedArgument") => UnknownArgument {
            argument: next(),
            owner: next(),
        },
        Some(
            "UndefinedDefinition"
            | "UndefinedTypeInNamedFragmentTypeCondition"
            | "UndefinedTypeInInlineFragmentTypeCondition",
        ) => UnknownType { name: next() },
        Some("UndefinedDirective") => UnknownDirective { name: next() },
        Some("UndefinedFragment") => UnknownFragment { name: next() },
        Some("UndefinedVariable") => UnknownVariable { name: next() },
        Some("UndefinedEnumValue") => UnknownEnumValue {
            value: next(),
            definition: next(),
        },
        Some("UndefinedInputValue") => UnknownInputField {
            field: next(),
            input: next(),
        },
        Some("UndefinedRootOperation") => UnknownRootType { operation: next() },
        Some("UnusedVariable") => UnusedVariable { name: next() },
        Some("UnusedFragment") => UnusedFragment,
        Some("UniqueVariable") => DuplicateVariable,
        Some("UniqueArgument" | "UniqueInputValue") => DuplicateArgument { name: next() },
        Some("UniqueDirective") => DuplicateDirective,
        Some("OperationNameCollision") => DuplicateOperation { name: next() },
        Some("FragmentNameCollision") => DuplicateFragment { name: next() },
        Some("AmbiguousAnonymousOperation") => AnonymousOperation,
        Some("RequiredArgument") => MissingArgument {
            name: last_name(&next()),
        },
        Some("RequiredField") => MissingInputField {
            name: last_name(&next()),
        },
        Some("MissingSubselection") => MissingSelection,
        Some("SubselectionOnScalarType" | "SubselectionOnEnumType") => {
            SelectionOnLeaf { ty: next() }
        }
        Some("VariableInputType") => VariableType { name: next() },
        Some("DisallowedVariableUsage") => {
            let (variable, declared, _argument) = (next(), next(), next());
            VariablePosition {
                variable,
                declared,
                expected: next(),
            }
        }
        Some("UnsupportedLocation") => {
            let mut words = message.split(' ');
            let directive = words.next().unwrap_or_default().trim_matches(['@', '`']);
            let location = words.skip_while(|word| *word != "for").nth(1);
            DirectiveLocation {
                directive: directive.to_owned(),
                location: location.unwrap_or_default().to_owned(),
            }
        }
        Some("UnsupportedValueType") => {
            let value = message
                .strip_prefix("expected value of type ")
                .and_then(|rest| rest.split_once(", found "));
            match value {
                Some((expected, found)) => ValueType {
                    expected: expected.to_owned(),
                    found: found.to_owned(),
                },
                None => Other { rule: "value-type" },
            }
        }
        Some("IntCoercionError") => IntRange,
        Some("FloatCoercionError") => FloatRange,
        Some("InvalidFragmentTarget") => FragmentType { fragment: next() },
        Some("InvalidFragmentSpread") => {
            // A named fragment's own name comes first.
            let all: Vec<String> = names.collect();
            let name = |from_end: usize| {
                let at = all.len().checked_sub(from_end);
                at.map(|at| all[at].clone()).unwrap_or_default()
            };
            ImpossibleFragment {
                condition: name(2),
                on: name(1),
            }
        }
        Some("RecursiveFragmentDefinition") => FragmentCycle { name: next() },
        Some("SubscriptionUsesMultipleFields") => SubscriptionRootFields,
        Some("SubscriptionUsesIntrospection") => SubscriptionIntrospection,
        Some("SubscriptionUsesConditionalSelection") => SubscriptionCondition,
        Some("ConflictingFieldType") => ConflictingTypes { key: next() },
        Some("ConflictingFieldName") => ConflictingFields { key: next() },
        Some("ConflictingFieldArgument") => ConflictingArguments { key: next() },
        Some("TypeSystemDefinition") => TypeSystemDefinition,
        Some("RecursionError" | "RecursionLimitError" | "DeeplyNestedType") => Recursion,
        Some(rule) => Other { rule },
        None => Other { rule: "document" },
    }
}

/// The name in a coordinate such as `Type.field(name:)`.
fn last_name(coordinate: &str) -> String {
    let name = coordinate.rsplit(['.', '(']).next().unwrap_or_default();
    name.trim_end_matches([')', ':']).to_owned()
}

/// The parts of a message that stand between backquotes, without a `$` or `@` before them.
pub fn quoted_names(message: &str) -> impl Iterator<Item = &str> {
    message
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|name| name.trim_start_matches(['$', '@']))
}

/// A rule that a schema breaks, as far as it matters whether code can be generated all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaViolation {
    UnknownType,
    /// A type of another kind than its place needs: an input type as a field's, and the like.
    WrongKindOfType,
    DuplicateType {
        name: String,
    },
    /// A field, value, member or root operation that is defined twice.
    DuplicateMember {
        name: String,
    },
    Other,
}

/// What apollo-compiler found wrong in a schema.
#[derive(Debug, Clone)]
pub struct SchemaFinding {
    pub violation: SchemaViolation,
    /// The message, in words that fit schemas too.
    pub message: String,
    pub span: Option<SourceSpan>,
    pub location: Option<Location>,
}

/// The findings about a schema, in their order.
pub fn read_schema_findings(list: &DiagnosticList) -> Vec<SchemaFinding> {
    list.iter()
        .map(|finding| {
            let message = finding.error.to_string();
            SchemaFinding {
                violation: read_schema_violation(finding.error.unstable_error_name(), &message),
                message: message
                    .replace("cannot find type", "there is no type")
                    .replace("cannot find directive", "there is no directive")
                    .replace(" in this document", ""),
                span: finding.error.location(),
                location: Location::of_span(finding.error.location(), finding.sources),
            }
        })
        .collect()
}

fn read_schema_violation(name: Option<&str>, message: &str) -> SchemaViolation {
    let first = || {
        let name = quoted_names(message).next();
        name.unwrap_or_default().to_owned()
    };
    match name {
        Some("UndefinedDefinition") => SchemaViolation::UnknownType,
        Some("OutputType" | "InputType" | "UnionMemberObjectType") => {
            SchemaViolation::WrongKindOfType
        }
        // The errors of the builder have no names.
        None if message.starts_with("duplicate definitions") => {
            SchemaViolation::DuplicateMember { name: first() }
        }
        None if message.starts_with("the type ")
            && message.ends_with("is defined multiple times in the schema") =>
        {
            SchemaViolation::DuplicateType { name: first() }
        }
        _ => SchemaViolation::Other,
    }
}

/// The first syntax error of each text: after it, the parser guesses.
pub fn read_syntax_errors(list: &DiagnosticList) -> Vec<Diagnostic> {
    let mut seen = HashSet::default();
    list.iter()
        .filter(|finding| finding.error.to_string().starts_with(SYNTAX_ERROR))
        .filter(|finding| seen.insert(finding.error.location().map(|span| span.file_id())))
        .map(|finding| syntax_error(&finding))
        .collect()
}

/// The first error of a text that could not be parsed: after it, the parser guesses.
pub fn read_parser_error(list: &DiagnosticList) -> Option<Diagnostic> {
    list.iter().next().map(|finding| syntax_error(&finding))
}

/// What the message of a syntax error begins with.
const SYNTAX_ERROR: &str = "syntax error: ";

/// A syntax error in the parser's words, with the tokens as they are written.
fn syntax_error(finding: &ApolloDiagnostic<'_, DiagnosticData>) -> Diagnostic {
    const TOKENS: [(&str, &str); 7] = [
        ("R_CURLY", "`}`"),
        ("L_CURLY", "`{`"),
        ("R_PAREN", "`)`"),
        ("L_PAREN", "`(`"),
        ("R_BRACK", "`]`"),
        ("COLON", "`:`"),
        ("EOF", "the end of the file"),
    ];
    let mut message = finding.error.to_string();
    message = message.trim_start_matches(SYNTAX_ERROR).to_owned();
    for (token, written) in TOKENS {
        message = message.replace(token, written);
    }
    if message.contains("recursion limit") {
        return Diagnostic::error("selections or values are nested too deeply")
            .with_rule("syntax")
            .with_location(Location::of_span(finding.error.location(), finding.sources))
            .with_help("select less deeply: a second operation can begin where this one ends");
    }
    Diagnostic::error(message)
        .with_rule("syntax")
        .with_location(Location::of_span(finding.error.location(), finding.sources))
        .with_help(concat!(
            "see the grammar at ",
            "https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary"
        ))
}
