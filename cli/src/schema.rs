//! `attendium schema pull`: the live schema as SDL, by introspection (GraphQL, section 4).
//!
//! Servers know different editions of the specification, and refuse a query that asks for what they do not know. So a small query asks
//! first which fields introspection itself has ([`Features`]), and the full one asks for exactly those.

use crate::connection::{Connection, LOGIN_HEADING, LoginFlags};
use crate::failure::Failure;
use crate::terminal;
use attendium::json::{Write, Writer};
use attendium::operation::Query;
use attendium::{Error, Json, Operation, OperationInfo, OperationKind, Session};
use attendium_codegen::{Options, Source, compile, introspection_to_sdl};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Fetch the server's schema
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Pull(Pull),
}

/// Fetch the schema through the login, and write it as SDL
#[derive(Args)]
struct Pull {
    #[command(flatten)]
    connection: Connection,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten, next_help_heading = LOGIN_HEADING)]
    login: LoginFlags,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        Action::Pull(pull) => self::pull(pull).await,
    }
}

async fn pull(pull: &Pull) -> Result<ExitCode, Failure> {
    let connection = &pull.connection;
    let session = connection.ready(&pull.login).await?;
    let result = introspect(&session).await;
    let answer = result.map_err(|error| match error {
        Error::Graphql(_) => Failure::new(
            error.message(),
            "the server may have introspection switched off: ask its operator for the schema",
        ),
        error => connection.failure(&error),
    })?;
    let sdl = sdl(&answer)?;
    let types = answer
        .pointer("/__schema/types")
        .and_then(Json::as_array)
        .map_or(0, Vec::len);
    match &pull.out {
        None if connection.json => {
            terminal::out_json(&serde_json::json!({ "types": types, "sdl": sdl }))?
        }
        None => terminal::out(sdl.trim_end())?,
        Some(path) => {
            let shown = path.display();
            // An unchanged file keeps its time, so that nothing is built anew for it.
            let changed = std::fs::read_to_string(path).ok().as_deref() != Some(&sdl);
            if changed {
                std::fs::write(path, &sdl).map_err(|error| {
                    Failure::new(
                        format!("`{shown}` can't be written: {error}"),
                        "does the directory exist, and may you write there?",
                    )
                })?;
            }
            if connection.json {
                let path = path.to_string_lossy();
                terminal::out_json(
                    &serde_json::json!({ "types": types, "out": path, "changed": changed }),
                )?;
            } else if changed {
                terminal::out(format_args!("Wrote {shown}: {types} types"))?;
            } else {
                terminal::out(format_args!("{shown} is up to date: {types} types"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks what can be asked, then asks it.
async fn introspect(session: &Session) -> Result<Json, Error> {
    let features = session.run(Introspection(FEATURES.to_owned())).await?;
    session
        .run(Introspection(Features::of(&features).query()))
        .await
}

/// The answer as SDL that this compiler reads. A server can describe a schema that is none; better to hear of it now.
fn sdl(answer: &Json) -> Result<String, Failure> {
    let source = Source::new("the server's answer", answer.to_string());
    let sdl = introspection_to_sdl(&source).map_err(|problem| {
        Failure::new(
            problem.message,
            "check that the base URL is that of a GraphQL API",
        )
    })?;
    let schema = [Source::new("schema.graphql", sdl.as_str())];
    if let Some(problem) = compile(&schema, &[], &Options::default())
        .diagnostics
        .iter()
        .find(|found| found.is_error())
    {
        terminal::note(format_args!(
            "{problem}\n\nwarning: the server's schema breaks a rule of GraphQL; it is written as it is"
        ));
    }
    Ok(sdl)
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

const FEATURES: &str = "query Introspection{schema:__type(name:\"__Schema\"){...F}type:__type(name:\"__Type\"){...F}\
    directive:__type(name:\"__Directive\"){...F}field:__type(name:\"__Field\"){...F}input:__type(name:\"__InputValue\"){...F}}\
    fragment F on __Type{fields{name args{name}}}";

/// What a server's introspection knows beyond the edition of June 2018.
#[derive(Debug, Default, PartialEq, Eq)]
struct Features {
    /// `__Schema.description`, since October 2021.
    schema_description: bool,
    /// The name of the field with a scalar's specification, since October 2021; drafts wrote it otherwise.
    specified_by: Option<&'static str>,
    /// `__Type.isOneOf`, since September 2025.
    one_of: bool,
    /// `__Directive.isRepeatable`, since October 2021.
    repeatable: bool,
    /// `includeDeprecated` on the arguments of fields, the arguments of directives and the fields of input objects, in that order,
    /// since October 2021.
    deprecated_inputs: [bool; 3],
    /// `__InputValue.isDeprecated`, since October 2021.
    input_deprecation: bool,
}

impl Features {
    fn of(answer: &Json) -> Self {
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

    fn query(&self) -> String {
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
            "query Introspection{{__schema{{{description}queryType{{name}}mutationType{{name}}subscriptionType{{name}}\
             types{{...Type}}directives{{name description {repeatable}locations args{directive_args}{{...Input}}}}}}}}\
             fragment Type on __Type{{kind name description {specified_by}{one_of}\
             fields(includeDeprecated:true){{name description args{field_args}{{...Input}}type{{...Reference}}isDeprecated deprecationReason}}\
             inputFields{input_fields}{{...Input}}interfaces{{...Reference}}\
             enumValues(includeDeprecated:true){{name description isDeprecated deprecationReason}}possibleTypes{{...Reference}}}}\
             fragment Input on __InputValue{{name description type{{...Reference}}defaultValue{input_deprecation}}}\
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
        let fields = |names: &[&str]| json!({"fields": names.iter().map(|name| field(name)).collect::<Vec<_>>()});
        let features = Features::of(&json!({
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
        let query = Features::of(&answer).query();
        assert!(query.contains("specifiedByURL:specifiedByUrl "), "{query}");
    }
}
