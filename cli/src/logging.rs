//! What the command tells of its work on standard error: `-v`, or the variable `RUST_LOG`.

use crate::terminal::print_note;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The variable that says in detail what is told, as other programs in Rust read it.
const VARIABLE: &str = "RUST_LOG";

/// Begins to tell what the session does. No secret is told, however much is asked for.
///
/// `verbose` is how often `-v` was given. The variable counts where it is set.
pub fn start(verbose: u8) {
    let variable = std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    // Who sets the variable, or wants all there is, looks for the fields.
    let is_for_people = variable.is_none() && verbose < 3;
    let wanted = match (variable, verbose) {
        (Some(text), _) => text,
        (None, 0) => return,
        (None, 1) => "attendium=info".to_owned(),
        (None, 2) => "attendium=debug".to_owned(),
        (None, _) => "trace".to_owned(),
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
    let (fields, people) = match is_for_people {
        true => (None, Some(Lines)),
        false => (Some(lines), None),
    };
    let subscriber = tracing_subscriber::registry()
        .with(targets)
        .with(fields)
        .with(people);
    // The first one: there is no other.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Tells people of events, and of operations and requests when they end.
struct Lines;

/// What a span says, from its begin on.
struct Begun {
    at: Instant,
    fields: Fields,
}

/// The fields of a span or an event, as text.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let at = Instant::now();
        span.extensions_mut().insert(Begun { at, fields });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(begun) = span.extensions_mut().get_mut::<Begun>() {
            values.record(&mut begun.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = fields.0.remove("message").unwrap_or_default();
        if *event.metadata().level() <= Level::WARN {
            line = format!("warning: {line}");
        }
        let fields = fields.0.iter();
        let details: Vec<String> = fields
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        if !details.is_empty() {
            line = format!("{line} ({})", details.join(", "));
        }
        print_note(line);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let extensions = span.extensions();
        let Some(Begun { at, fields }) = extensions.get() else {
            return;
        };
        let what = match span.name() {
            "graphql" => fields.get("otel.name").trim_end().to_owned(),
            "http" => format!(
                "{}: {} {}",
                fields.get("attendium.step"),
                fields.get("http.request.method"),
                // What follows may be a secret.
                fields.get("url.full").split('?').next().unwrap_or_default(),
            ),
            _ => return,
        };
        let outcome = match (
            fields.get("error.type"),
            fields.get("http.response.status_code"),
        ) {
            ("", "") => "done",
            ("", status) => status,
            (error, _) => error,
        };
        print_note(format_args!(
            "{what}: {outcome} in {} ms",
            at.elapsed().as_millis()
        ));
    }
}
