//! What the command tells of its work on standard error: `-v`, or the variable `RUST_LOG`.

use crate::terminal::print_note;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;

/// The variable that says in detail what is told, as other programs in Rust read it.
const VARIABLE: &str = "RUST_LOG";

/// Begins to tell what the session does. No secret is told, however much is asked for.
///
/// `verbose` is how often `-v` was given. The variable counts where it is set.
pub fn start(verbose: u8) {
    let wanted = match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => text,
        _ => match verbose {
            0 => return,
            1 => "attendium=info".to_owned(),
            2 => "attendium=debug".to_owned(),
            _ => "trace".to_owned(),
        },
    };
    let targets = match wanted.parse::<Targets>() {
        Ok(targets) => targets,
        Err(error) => {
            return print_note(format_args!(
                "note: the variable {VARIABLE} can't be read ({error}): write a level such as \
                 debug, or attendium=debug"
            ));
        }
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // A request is a span: its line, with status and time, comes when it ends.
        .with_span_events(FmtSpan::CLOSE);
    let subscriber = tracing_subscriber::registry().with(targets).with(lines);
    // The first one: there is no other.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
