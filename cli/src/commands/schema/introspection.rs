//! The queries for a server's schema (GraphQL, section 4).
//!
//! Servers know different editions of the specification, and refuse a query that asks for what they
//! do not know. So a small query asks first which fields introspection itself has ([`Features`]),
//! and the full one asks for exactly those.

use attendium::operation::Query;
use attendium::rt::{Write, Writer};
use attendium::{Json, Operation, OperationInfo, OperationKind};

/// An operation whose document is made at run time.
pub struct Introspection(pub String);

impl Operation for Introspection {
    type Data = Json;
    type Kind = Query;
    const INFO: &'static OperationInfo = &OperationInfo {
        kind: OperationKind::Query,
        name: "Introspection",
        document: "",
        source: "the command `attendium schema pull`",
    };

    fn document(&self) -> &str {
        &self.0
    }
}

impl Write for Introspection {
    fn write(&self, out: &mut Writer) {
        out.object().end();
    }
}

/// The query for what introspection itself knows at this server.
pub const FEATURES: &str = "query Introspection{schema:__type(name:\"__Schema\"){...F}\
    type:__type(name:\"__Type\"){...F}\
    directive:__type(name:\"__Directive\"){...F}field:__type(name:\"__Field\"){...F}input:__type(name:\"__InputValue\"){...F}}\
    fragment F on __Type{fields{name args{name}}}";

/// What a server's introspection knows beyond the edition of June 2018.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `__Schema.description`, since October 2021.
    schema_description: bool,
    /// The name of the field with a scalar's specification, since October 2021; drafts wrote it
    /// otherwise.
    specified_by: Option<&'static str>,
    /// `__Type.isOneOf`, since September 2025.
    one_of: bool,
    /// `__Directive.isRepeatable`, since October 2021.
    repeatable: bool,
    /// `includeDeprecated` on the arguments of fields, the arguments of directives and the fields
    /// of input objects, in that order, since October 2021.
    deprecated_inputs: [bool; 3],
    /// `__InputValue.isDeprecated`, since October 2021.
    input_deprecation: bool,
}

impl Features {
    /// What the answer to [`FEATURES`] says.
    pub fn from_answer(answer: &Json) -> Self {
        let field = |kind: &str, name: &str| {
            let fields = answer[kind]["fields"].as_array()?;
            fields.iter().find(|field| field["name"] == name)
        };
        let has = |kind, name| field(kind, name).is_some();
        let takes_deprecated = |kind, name| {
            let arguments = field(kind, name).and_then(|field| field["args"].as_array());
            arguments.is_some_and(|arguments| {
                arguments
                    .iter()
                    .any(|argument| argument["name"] == "includeDeprecated")
            })
        };
        Self {
            schema_description: has("schema", "description"),
            specified_by: ["specifiedByURL", "specifiedByUrl"]
                .into_iter()
                .find(|name| has("type", name)),
            one_of: has("type", "isOneOf"),
            repeatable: has("directive", "isRepeatable"),
            deprecated_inputs: [
                takes_deprecated("field", "args"),
                takes_deprecated("directive", "args"),
                takes_deprecated("type", "inputFields"),
            ],
            input_deprecation: has("input", "isDeprecated"),
        }
    }

    /// The query for the whole schema that asks for these features and no others.
    pub fn query(&self) -> String {
        let when = |known: bool, text: &'static str| if known { text } else { "" };
        let deprecated = |known| when(known, "(includeDeprecated:true)");
        let [field_args, directive_args, input_fields] = self.deprecated_inputs.map(deprecated);
        let description = when(self.schema_description, "description ");
        let specified_by = self
            .specified_by
            .map(|name| format!("specifiedByURL:{name} "))
            .unwrap_or_default();
        let one_of = when(self.one_of, "isOneOf ");
        let repeatable = when(self.repeatable, "isRepeatable ");
        let input_deprecation = when(self.input_deprecation, " isDeprecated deprecationReason");
        // Nine wrappers are more than anybody nests: `[[[[T!]!]!]!]!`.
        let reference = (0..9).fold("kind name".to_owned(), |inner, _| {
            format!("kind name ofType{{{inner}}}")
        });
        format!(
            "query Introspection{{__schema{{{description}\
             queryType{{name}}mutationType{{name}}subscriptionType{{name}}\
             types{{...Type}}directives{{name description {repeatable}locations \
             args{directive_args}{{...Input}}}}}}}}\
             fragment Type on __Type{{kind name description {specified_by}{one_of}\
             fields(includeDeprecated:true){{name description args{field_args}{{...Input}}\
             type{{...Reference}}isDeprecated deprecationReason}}\
             inputFields{input_fields}{{...Input}}interfaces{{...Reference}}\
             enumValues(includeDeprecated:true){{name description isDeprecated deprecationReason}}\
             possibleTypes{{...Reference}}}}\
             fragment Input on __InputValue{{name description type{{...Reference}}\
             defaultValue{input_deprecation}}}\
             fragment Reference on __Type{{{reference}}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_server_of_2018_is_asked_for_nothing_that_it_does_not_know() {
        let field = |name: &str| json!({"name": name, "args": []});
        let fields = |names: &[&str]| {
            let fields: Vec<_> = names.iter().map(|name| field(name)).collect();
            json!({"fields": fields})
        };
        let features = Features::from_answer(&json!({
            "schema": fields(&["types", "queryType"]),
            "type": fields(&["kind", "name", "inputFields"]),
            "directive": fields(&["name", "args", "locations"]),
            "field": fields(&["name", "args"]),
            "input": fields(&["name", "defaultValue"]),
        }));
        assert_eq!(features, Features::default());
        let query = features.query();
        for newer in [
            "specifiedBy",
            "isOneOf",
            "isRepeatable",
            "args(",
            "inputFields(",
        ] {
            assert!(!query.contains(newer), "{newer} in {query}");
        }
        assert_eq!(query.matches('{').count(), query.matches('}').count());
    }

    #[test]
    fn the_old_name_of_a_scalars_specification_is_asked_for_under_the_new_one() {
        let answer = json!({"type": {"fields": [{"name": "specifiedByUrl", "args": []}]}});
        let query = Features::from_answer(&answer).query();
        assert!(query.contains("specifiedByURL:specifiedByUrl "), "{query}");
    }
}
