//! From definitions to a validated schema, whichever parser read them. Enter at
//! [`BuiltSchema::new`].

use crate::schema::issues::SchemaIssue;
use crate::schema::{checks, defaults};
use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::SchemaBuilder;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Schema, ast};

/// The definition that the September 2025 edition adds and that the parser's built-in types lack.
const ONE_OF: &str = "directive @oneOf on INPUT_OBJECT";

/// The directives of incremental delivery, as the RFC defines them
/// (<https://github.com/graphql/graphql-spec/pull/1110>).
const INCREMENTAL: &str = "\
    directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT \
    directive @stream(if: Boolean! = true, label: String, initialCount: Int! = 0) on FIELD";

/// The meta field that it adds.
const IS_ONE_OF: &str = "extend type __Type { isOneOf: Boolean }";

/// A builder as both loaders use it.
pub fn builder() -> SchemaBuilder {
    Schema::builder()
        .adopt_orphan_extensions()
        .ignore_builtin_redefinitions()
        .parse(IS_ONE_OF, "built-in.graphql")
}

/// A schema as a builder makes it, with all that is wrong with it.
pub struct BuiltSchema {
    /// Valid by declaration, since what is wrong with it is kept beside it. What comes later works
    /// with an invalid schema too.
    pub schema: Valid<Schema>,
    /// The findings of the builder.
    pub built: Option<DiagnosticList>,
    /// The findings of the validation.
    pub validated: Option<DiagnosticList>,
    /// The types that are extended, and defined nowhere.
    orphans: Vec<Name>,
}

impl BuiltSchema {
    /// Builds the schema, with the definition of `@oneOf` if it lacks one. Validates it if that is
    /// asked for.
    pub fn new(mut builder: SchemaBuilder, lacks_one_of: bool, validate: bool) -> Self {
        if lacks_one_of {
            builder = builder.parse(ONE_OF, "built-in.graphql");
        }
        let orphans = builder.iter_orphan_extension_types().cloned().collect();
        let (schema, built) = match builder.build() {
            Ok(schema) => (schema, None),
            Err(with) => (with.partial, Some(with.errors)),
        };
        let (schema, validated) = if !validate {
            (Valid::assume_valid(schema), None)
        } else {
            match schema.validate() {
                Ok(schema) => (schema, None),
                Err(with) => (Valid::assume_valid(with.partial), Some(with.errors)),
            }
        };
        // Not before: their argument of type Int would bring Int into a schema that has none.
        let mut schema = schema.into_inner();
        add_incremental_directives(&mut schema);
        Self {
            schema: Valid::assume_valid(schema),
            built,
            validated,
            orphans,
        }
    }

    pub fn has_root(&self) -> bool {
        let root = &self.schema.schema_definition;
        root.query.is_some() || root.mutation.is_some() || root.subscription.is_some()
    }

    /// All issues of the schema.
    pub fn issues(&self) -> Vec<SchemaIssue> {
        let lists = self.built.iter().chain(&self.validated);
        lists
            .flat_map(|list| checks::find_issues(list, &self.schema))
            .chain(checks::check_rules_apollo_skips(&self.schema))
            .chain(checks::check_one_of_cycles(&self.schema))
            .chain(defaults::check(&self.schema))
            .chain(checks::find_orphan_extensions(&self.schema, &self.orphans))
            .collect()
    }
}

/// Adds the definitions of `@defer` and `@stream`, where the schema has none.
fn add_incremental_directives(schema: &mut Schema) {
    let Ok(document) = ast::Document::parse(INCREMENTAL, "built-in.graphql") else {
        return;
    };
    for definition in document.definitions {
        if let ast::Definition::DirectiveDefinition(mut directive) = definition {
            directive.make_mut().description = Some(OWN.into());
            let name = directive.name.clone();
            schema
                .directive_definitions
                .entry(name)
                .or_insert(directive);
        }
    }
}

/// The description by which a definition is known that the schema lacks.
const OWN: &str = "Not declared by the schema.";

/// Whether a directive's definition is not the schema's.
pub fn is_own_definition(definition: &ast::DirectiveDefinition) -> bool {
    definition.description.as_deref() == Some(OWN)
}

/// What a loader makes of schema texts.
pub struct LoadedTexts {
    pub schema: Valid<Schema>,
    pub issues: Vec<SchemaIssue>,
    /// The indices of the texts that define the types, where there are several texts.
    pub defined_in: HashMap<Name, usize>,
}
