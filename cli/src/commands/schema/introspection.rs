//! What a server is asked for its schema, and what it is asked next where it refuses.
//!
//! Servers know different editions of the specification, and refuse what they do not know. Many
//! also limit how often, how deep and for how much introspection may ask. So a small query learns
//! which meta fields there are, the full one asks for exactly those, and each refusal makes the
//! next one smaller. Enter at [`introspect`].

use crate::terminal;
use attendium::operation::Query;
use attendium::rt::{Write, Writer};
use attendium::{Error, Json, Operation, OperationInfo, OperationKind, Session};

/// Nine levels are more than anybody nests: `[[[[T!]!]!]!]!`. Seven are what graphql-js sent for
/// long.
const DEPTHS: [usize; 3] = [9, 7, 4];

/// Which meta fields there are, with one `__schema` and one `fields`: graphql-java takes no more
/// for good faith.
const FEATURES: &str = "query Introspection{__schema{types{name fields{name args{name}}}}}";

/// Why there is no schema.
pub enum Failed {
    /// The session failed, which no other query mends.
    Error(Error),
    /// The server refused all queries: what each asked for, and what it said.
    Refused(Vec<(String, String)>),
}

/// Asks for the schema: by one depth if that is given, else by smaller ones until the server
/// answers.
pub async fn introspect(session: &Session, depth: Option<usize>) -> Result<Json, Failed> {
    let mut refusals = Vec::new();
    let features = match ask(session, FEATURES).await? {
        Ok(answer) => Features::from_answer(&answer),
        Err(message) => {
            refusals.push(("the meta fields that it knows".to_owned(), message));
            Features::default()
        }
    };
    for (features, depth) in attempts(features, depth) {
        if let Some((query, message)) = refusals.last() {
            let message = terminal::on_one_line(message);
            terminal::print_note(format_args!(
                "The server refused {query}: {message}. Asking for less."
            ));
        }
        match ask(session, &features.query(depth)).await? {
            Ok(answer) => return Ok(answer),
            Err(message) => {
                let is_old = features == Features::default();
                let edition = if is_old { " of June 2018" } else { "" };
                refusals.push((
                    format!("the schema{edition} with {depth} levels of `ofType`"),
                    message,
                ));
            }
        }
    }
    Err(Failed::Refused(refusals))
}

/// The queries to try in turn: all that the server knows, then what every server knows, and last
/// what may cut off types.
fn attempts(features: Features, depth: Option<usize>) -> Vec<(Features, usize)> {
    let old = Features::default();
    let [most, fewer, fewest] = DEPTHS;
    let mut attempts = match depth {
        Some(depth) => vec![(features, depth), (old, depth)],
        None if features == old => vec![(old, most), (old, fewer), (old, fewest)],
        None => vec![
            (features, most),
            (features, fewer),
            (old, most),
            (old, fewer),
            (features, fewest),
            (old, fewest),
        ],
    };
    attempts.dedup();
    attempts
}

/// The answer to a query, or what the server says instead.
async fn ask(session: &Session, query: &str) -> Result<Result<Json, String>, Failed> {
    let reply = match session.request(&Introspection(query.to_owned())).await {
        Ok(reply) => reply,
        Err(error) if is_refusal(&error) => return Ok(Err(error.to_string())),
        Err(error) => return Err(Failed::Error(error)),
    };
    let has_types = |data: &Json| data["__schema"]["types"].is_array();
    match reply.data.filter(has_types) {
        Some(data) => {
            // Errors beside a schema are about parts of it.
            for error in &reply.errors {
                let error = terminal::on_one_line(&error.to_string());
                terminal::print_note(format_args!("warning: the server says: {error}"));
            }
            Ok(Ok(data))
        }
        None if reply.errors.is_empty() => Ok(Err("the answer has no schema".to_owned())),
        None => Ok(Err(Error::Graphql(reply.errors.into()).to_string())),
    }
}

/// Whether the server has read the query and does not want it: another one may be answered.
fn is_refusal(error: &Error) -> bool {
    match error {
        Error::Graphql(_) | Error::NoData { .. } => true,
        Error::Status { status, .. } => matches!(status, 400 | 403 | 406..=428 | 431..=500),
        _ => false,
    }
}

/// An operation whose document is made at run time.
struct Introspection(String);

impl Operation for Introspection {
    type Data = Json;
    type Kind = Query;
    const INFO: &'static OperationInfo = &OperationInfo {
        kind: OperationKind::Query,
        name: "Introspection",
        document: "",
        source: "the command `attendium schema pull`",
        incremental: false,
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

/// What a server's introspection knows beyond the edition of June 2018.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Features {
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
    fn from_answer(answer: &Json) -> Self {
        let types = answer["__schema"]["types"].as_array();
        let field = |kind: &str, name: &str| {
            let mut types = types?.iter();
            let fields = types.find(|each| each["name"] == kind)?["fields"].as_array()?;
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
            schema_description: has("__Schema", "description"),
            specified_by: ["specifiedByURL", "specifiedByUrl"]
                .into_iter()
                .find(|name| has("__Type", name)),
            one_of: has("__Type", "isOneOf"),
            repeatable: has("__Directive", "isRepeatable"),
            deprecated_inputs: [
                takes_deprecated("__Field", "args"),
                takes_deprecated("__Directive", "args"),
                takes_deprecated("__Type", "inputFields"),
            ],
            input_deprecation: has("__InputValue", "isDeprecated"),
        }
    }

    /// The query for the whole schema that asks for these features and no others.
    fn query(&self, depth: usize) -> String {
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
        let reference = (0..depth).fold("kind name".to_owned(), |inner, _| {
            format!("kind name ofType{{{inner}}}")
        });
        // Interfaces and members of unions are named types: they have no levels to ask for.
        format!(
            "query Introspection{{__schema{{{description}\
             queryType{{name}}mutationType{{name}}subscriptionType{{name}}types{{...Type}}\
             directives{{name description {repeatable}locations \
             args{directive_args}{{...Input}}}}}}}}\
             fragment Type on __Type{{kind name description {specified_by}{one_of}\
             fields(includeDeprecated:true){{name description args{field_args}{{...Input}}\
             type{{...Reference}}isDeprecated deprecationReason}}\
             inputFields{input_fields}{{...Input}}interfaces{{name}}\
             enumValues(includeDeprecated:true){{name description isDeprecated deprecationReason}}\
             possibleTypes{{name}}}}\
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

    fn types(types: &[(&str, &[&str])]) -> Json {
        let field = |name: &&str| json!({"name": name, "args": []});
        let types = types.iter().map(|(name, fields)| {
            json!({"name": name, "fields": fields.iter().map(field).collect::<Vec<_>>()})
        });
        json!({"__schema": {"types": types.collect::<Vec<_>>()}})
    }

    #[test]
    fn a_server_of_2018_is_asked_for_nothing_that_it_does_not_know() {
        let features = Features::from_answer(&types(&[
            ("__Schema", &["types", "queryType"]),
            ("__Type", &["kind", "name", "inputFields"]),
            ("__Directive", &["name", "args", "locations"]),
            ("__Field", &["name", "args"]),
            ("__InputValue", &["name", "defaultValue"]),
        ]));
        assert_eq!(features, Features::default());
        let query = features.query(9);
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
        let query = Features::from_answer(&types(&[("__Type", &["specifiedByUrl"])])).query(9);
        assert!(query.contains("specifiedByURL:specifiedByUrl "), "{query}");
    }

    #[test]
    fn each_refusal_asks_for_less_and_nothing_is_asked_twice() {
        let new = Features {
            one_of: true,
            ..Features::default()
        };
        let old = Features::default();
        let all = attempts(new, None);
        assert_eq!(
            all,
            [(new, 9), (new, 7), (old, 9), (old, 7), (new, 4), (old, 4)]
        );
        assert_eq!(attempts(old, None), [(old, 9), (old, 7), (old, 4)]);
        assert_eq!(attempts(new, Some(5)), [(new, 5), (old, 5)]);
        assert_eq!(attempts(old, Some(5)), [(old, 5)]);
    }
}
