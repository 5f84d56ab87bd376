//! `attendium query`: an operation that is written now, or lies in a file, through the login.
//!
//! Where a schema is at hand, the operation and its variables are checked before anything is sent.
//! Enter at [`run`]; [`select`] takes parts out of the answer, and [`rows`] makes a table of them.

mod answer;
mod events;
mod files;
mod inputs;
mod rows;
mod select;
mod written;

use crate::connection::Connection;
use crate::failure::{ANSWERED_WITH_ERRORS, Failure};
use crate::login_flags::{LOGIN_HEADING, LoginFlags};
use crate::terminal::{self, Style};
use crate::time_limit::in_time;
use answer::{answer_of, document_of, line_of};
use attendium::operation::{Mutation, Query, SingleResponse};
use attendium::{Error, Json, Response, Session};
use attendium_codegen::Request;
use clap::Args;
use inputs::{Documents, Variables};
use select::Selection;
use serde_json::json;
use std::process::ExitCode;
use written::Written;

/// Run a query or a mutation, and print its data; or a subscription, with a line for each event
///
/// With a schema (`--schema`, or the one that graphql.config.* names) the operation and its
/// variables are checked first, and nothing is sent that the API would refuse. The fragments of
/// the configuration's documents can be used.
#[derive(Args)]
#[command(
    override_usage = "attendium query [OPTIONS] <FILE>...  (`-` is standard input)\n       \
                      attendium query [OPTIONS] --execute <TEXT>",
    after_help = "\
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 login required, 4 the API answered with errors.

Examples, at the server that `attendium sandbox` runs:
  attendium query -e '{ me { id } }'
  echo '{ me { id } }' | attendium query - --json

With fields that the schema of a new application lacks:
  export Q='query Q($id: ID!) { event(id: $id) { guests { nodes { name tickets } } } }'
  attendium query --no-schema -e \"$Q\" --var id=event-midsummer
  attendium query --no-schema -e \"$Q\" --var id=event-midsummer \\
    --select 'event.guests.nodes[].name'
  attendium query --no-schema -e \"$Q\" --var id=event-midsummer \\
    --select event.guests.nodes --table

With files, in a clone of attendium:
  attendium query queries --operation Event --schema schema/attendium.graphql \\
    --var id=event-midsummer --var 'filter={status: [ARRIVED]}'"
)]
pub struct Arguments {
    #[command(flatten)]
    documents: Documents,
    #[command(flatten)]
    variables: Variables,
    /// Print this part of the data: names with dots between, `[]` for each item of a list, `[0]`
    /// for one. A text is printed without quotes
    #[arg(long, value_name = "PATH", value_parser = select::parse)]
    select: Option<Selection>,
    /// Print the objects of a list as a table
    #[arg(long, conflicts_with = "json")]
    table: bool,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten, next_help_heading = LOGIN_HEADING)]
    login: LoginFlags,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let request = arguments.documents.prepare()?;
    let variables = files::Variables::new(arguments.variables.read(&request)?);
    let connection = &arguments.connection;
    let session = connection.ready(&arguments.login).await?;
    if request.kind() == "subscription" {
        if arguments.table {
            return Err(Failure::usage(
                "a table needs its last row, and a subscription has none",
                "leave `--table` out: each event is a line of JSON",
            ));
        }
        let operation = Written::new(&request, &variables);
        return events::follow(connection, arguments.select.as_ref(), &session, &operation).await;
    }
    let sending = async {
        let result = match request.kind() {
            "mutation" => send::<Mutation>(&session, &request, &variables).await,
            _ => send::<Query>(&session, &request, &variables).await,
        };
        result.map_err(|error| connection.failure(&error))
    };
    // A file may take as long as it takes: the session ends what does not move.
    let response = if variables.has_files() {
        let _progress = variables.show_progress();
        sending.await
    } else {
        in_time(sending).await
    };
    arguments.print(response?)
}

impl Arguments {
    fn print(&self, response: Response<Json>) -> Result<ExitCode, Failure> {
        let code = if response.errors.is_empty() {
            0
        } else {
            ANSWERED_WITH_ERRORS
        };
        let as_json = self.connection.json;
        if as_json && self.select.is_none() {
            terminal::print_json(&answer_of(response))?;
            return Ok(ExitCode::from(code));
        }
        let Response {
            data,
            errors,
            data_error,
            ..
        } = response;
        let data = data.unwrap_or_default();
        // The data first: it may be piped on, whatever became of the rest.
        let printed = if data.is_null() {
            Ok(())
        } else {
            self.print_data(&data)
        };
        if as_json && !errors.is_empty() {
            let message = line_of(&errors[0]);
            let errors: Vec<Json> = errors.iter().map(document_of).collect();
            terminal::print_to_stderr(
                json!({ "error": "graphql", "message": message, "errors": errors }),
            );
        } else {
            for error in &errors {
                terminal::print_error(&line_of(error), "");
            }
        }
        if let Some(error) = data_error {
            let error = terminal::on_one_line(&error.to_string());
            terminal::print_error(&format!("the data can't be read: {error}"), "");
        }
        match printed {
            // A part that is missing because it failed is no mistake of the path.
            Err(failure) if code != 0 => Err(failure.with_code(code)),
            printed => printed.map(|()| ExitCode::from(code)),
        }
    }

    fn print_data(&self, data: &Json) -> Result<(), Failure> {
        let (values, is_each) = match &self.select {
            None => (vec![data], false),
            Some(selection) => (selection.of(data)?, selection.is_each()),
        };
        if self.table {
            let rows = rows::find(&values).map_err(|paths| self.no_table(&paths))?;
            for line in rows::layout(Style::stdout(), &rows) {
                terminal::print(line)?;
            }
            return Ok(());
        }
        if self.connection.json && is_each {
            return Ok(terminal::print_json(&json!(values))?);
        }
        for value in values {
            match value {
                Json::String(text) if self.select.is_some() && !self.connection.json => {
                    terminal::print_data(text)?;
                }
                value => terminal::print_json(value)?,
            }
        }
        Ok(())
    }

    /// Why there is no table, with the paths of the lists that could be one.
    fn no_table(&self, paths: &[String]) -> Failure {
        if paths.is_empty() {
            return Failure::new(
                "there is no list of objects to show as a table",
                "choose one with `--select`, as `--select event.guests.nodes`",
            );
        }
        let paths = paths.iter().map(|path| match &self.select {
            Some(selection) => format!("`--select '{selection}.{path}'`"),
            None => format!("`--select {path}`"),
        });
        Failure::new(
            format!("there are {} lists, and a table shows one", paths.len()),
            format!("choose: {}", paths.collect::<Vec<_>>().join(", ")),
        )
    }
}

async fn send<K: SingleResponse>(
    session: &Session,
    request: &Request,
    variables: &files::Variables,
) -> Result<Response<Json>, Error> {
    session
        .request(&Written::<K>::new(request, variables))
        .await
}
