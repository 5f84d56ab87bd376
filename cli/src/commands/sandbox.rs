//! `attendium sandbox`: a local Attendium to try things on, alone or around another command.

use super::token::bearer_token;
use crate::connection::{AROUND_VARIABLE, STORE_VARIABLE, TOKEN_VARIABLE};
use crate::failure::Failure;
use crate::login_flags::parse_time;
use crate::terminal::{self, Style};
use attendium::{BASE_URL_VARIABLE, Login, Session};
use attendium_sandbox::{Sandbox, ScriptedUser};
use clap::{Args, Subcommand};
use std::process::ExitCode;
use std::time::Duration;

/// Run a local Attendium, with made-up users, events and guests, until Ctrl-C
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    rules: Rules,
    /// Print one JSON document on standard output when it runs: its address and its users
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Action {
    Run(Run),
    Browse(Browse),
}

/// Run a command beside a local Attendium that lives as long as the command does
///
/// The command finds the server in ATTENDIUM_BASE_URL. When it opens a browser for a login, a
/// scripted user logs in instead of a person. Its credentials go to files in a temporary directory
/// (ATTENDIUM_STORE, XDG_STATE_HOME). The exit code is the command's.
#[derive(Args)]
struct Run {
    #[command(flatten)]
    rules: Rules,
    /// A scripted user has logged in already: the command finds an access token in ATTENDIUM_TOKEN
    #[arg(long)]
    logged_in: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Log in on a local Attendium's pages as a scripted user: what $BROWSER is in `attendium sandbox
/// run`
#[derive(Args)]
struct Browse {
    /// Press the button that denies the access
    #[arg(long)]
    deny: bool,
    /// The link of the login
    url: String,
}

#[derive(Args)]
struct Rules {
    /// The port on 127.0.0.1 [default: a free one]
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    port: u16,
    /// How long an access token is good for: 10s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_time)]
    token_lifetime: Duration,
}

impl Rules {
    async fn start(&self) -> Result<Sandbox, Failure> {
        let rules = Sandbox::builder()
            .port(self.port)
            .access_token_lifetime(self.token_lifetime);
        rules.start().await.map_err(|error| {
            Failure::new(
                format!(
                    "the local Attendium can't start on port {} of 127.0.0.1: {error}",
                    self.port
                ),
                "choose another port, or leave --port away",
            )
        })
    }
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.action {
        None => serve(arguments).await,
        Some(Action::Run(run)) => beside(run).await,
        Some(Action::Browse(browse)) => visit(browse).await,
    }
}

async fn serve(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let sandbox = arguments.rules.start().await?;
    if arguments.json {
        let url = sandbox.base_url();
        let users = sandbox.users();
        let users = users
            .iter()
            .map(|user| serde_json::json!({ "login": user.login, "password": user.password }));
        terminal::print_json(&serde_json::json!({
            "base_url": url,
            "graphql_url": format!("{url}/graphql"),
            "users": users.collect::<Vec<_>>(),
        }))?;
    } else {
        introduce(&sandbox)?;
    }
    tokio::signal::ctrl_c().await.map_err(|error| {
        Failure::new(
            format!("Ctrl-C can't be waited for: {error}"),
            "use `attendium sandbox run` instead",
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Says where the server is, and what to do with it.
fn introduce(sandbox: &Sandbox) -> Result<(), Failure> {
    let (style, url) = (Style::stdout(), sandbox.base_url());
    terminal::print(format_args!(
        "A local Attendium runs at {}\n",
        style.bold(url)
    ))?;
    terminal::print(format_args!(
        "In another terminal:\n\n  export {BASE_URL_VARIABLE}={url}"
    ))?;
    terminal::print("  attendium login\n  attendium me\n")?;
    terminal::print("Users:\n")?;
    for user in sandbox.users() {
        terminal::print(format_args!(
            "  {}  password: {}",
            user.login, user.password
        ))?;
    }
    terminal::print(format_args!("\nGraphQL: {url}/graphql. Ctrl-C stops it."))?;
    Ok(())
}

async fn beside(run: &Run) -> Result<ExitCode, Failure> {
    let browser = browser()?;
    let state = tempfile::Builder::new()
        .prefix("attendium-sandbox-")
        .tempdir()
        .map_err(|error| {
            Failure::new(
                format!("no temporary directory can be made: {error}"),
                "set TMPDIR to a directory that can be written",
            )
        })?;
    let sandbox = run.rules.start().await?;
    let Some((program, arguments)) = run.command.split_first() else {
        return Err(Failure::new(
            "no command was given",
            "attendium sandbox run -- COMMAND",
        ));
    };
    let mut command = std::process::Command::new(program);
    command
        .args(arguments)
        .env(BASE_URL_VARIABLE, sandbox.base_url())
        .env("BROWSER", browser)
        .env("XDG_STATE_HOME", state.path())
        .env(STORE_VARIABLE, "file");
    if run.logged_in {
        command.env(TOKEN_VARIABLE, token(&sandbox).await?);
    } else {
        command
            .env_remove(TOKEN_VARIABLE)
            .env(AROUND_VARIABLE, sandbox.base_url());
    }
    // What `cargo run` says of this package would make a cargo that is run here build its
    // dependencies anew.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    // The sandbox has a thread of its own: this one may wait.
    let status = command.status().map_err(|error| {
        Failure::new(
            format!("`{program}` can't be run: {error}"),
            "check its name and that it is in PATH",
        )
    })?;
    // None where a signal ended it.
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// An access token of a scripted user.
async fn token(sandbox: &Sandbox) -> Result<String, Failure> {
    let session = Session::builder()
        .base_url(sandbox.base_url())
        .application("attendium sandbox")
        .build()?;
    let (send, link) = tokio::sync::oneshot::channel();
    let mut send = Some(send);
    let login = Login::show_url_with(move |url| {
        if let Some(send) = send.take() {
            let _ = send.send(url.to_string());
        }
    });
    let visit = async {
        if let Ok(link) = link.await {
            let _ = ScriptedUser::default().visit(&link).await;
        }
    };
    let (status, ()) = tokio::join!(session.login(login), visit);
    status?;
    let header = session.authorization_header().await?;
    let header = header.as_ref().map(|header| header.as_bytes());
    bearer_token(header).map(str::to_owned)
}

/// `$BROWSER` for a scripted user. Programs part it at spaces and colons.
fn browser() -> Result<String, Failure> {
    let program = std::env::current_exe()
        .ok()
        .and_then(|path| path.into_os_string().into_string().ok());
    match program {
        Some(program) if !program.contains([' ', ':']) => Ok(format!("{program} sandbox browse")),
        _ => Err(Failure::new(
            "the path of this program can't stand in $BROWSER",
            "install it in a directory without spaces and colons in its name",
        )),
    }
}

async fn visit(browse: &Browse) -> Result<ExitCode, Failure> {
    let user = ScriptedUser::default();
    let user = if browse.deny { user.deny() } else { user };
    let visit = user.visit(&browse.url).await.map_err(|error| {
        Failure::new(
            error.to_string(),
            "give the link that a login prints, of a local Attendium that runs",
        )
    })?;
    terminal::print(visit.text)?;
    Ok(ExitCode::SUCCESS)
}
