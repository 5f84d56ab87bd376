//! `attendium demo`: the main job from end to end on this machine, told step by step.
//!
//! [`run`] is the steps in order. [`Story`] prints them: for people as they happen, for programs as
//! one document at the end.

mod device;
mod story;

use crate::failure::Failure;
use crate::table::{Cell, layout};
use crate::terminal::Style;
use attendium::model::{
    Activity, CheckIn, Event, EventTab, Events, GuestFields, WhoAmI, activity, event,
};
use attendium::store::FileStore;
use attendium::{Id, Login, Me, Session, Status};
use attendium_sandbox::{Sandbox, Visit};
use clap::Args;
use device::Device;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;
use story::Story;
use tokio::sync::oneshot;
use url::Url;

/// How long an access token of the demo's server is good for.
///
/// It is long enough for the steps before it expires, and short enough to wait for.
const LIFETIME: Duration = Duration::from_secs(4);

/// See the main job from end to end, on a local Attendium in this process
#[derive(Args)]
pub struct Arguments {
    /// Log in yourself, in the browser, instead of watching the scripted user
    #[arg(long)]
    browser: bool,
    /// Print one JSON document on standard output at the end
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut story = Story::new(arguments.json);
    story.title("Attendium from end to end, on this machine")?;

    let sandbox = start().await?;
    story.step(
        "start",
        format_args!("Started a local Attendium at {}", sandbox.base_url()),
    )?;
    story.detail(format_args!(
        "its access tokens are good for {} seconds",
        LIFETIME.as_secs()
    ))?;

    let directory = directory()?;
    let session = Session::builder()
        .base_url(sandbox.base_url())
        .application("Attendium demo")
        .store(FileStore::new(directory.path()))
        .account(&WhoAmI {}, |data| data.me.name)
        .build()?;
    let status = if arguments.browser {
        by_hand(&session, &sandbox, &mut story).await?
    } else {
        by_script(&session, &sandbox, &mut story).await?
    };
    story.step("keep", "Kept the tokens where only you can read them")?;
    story.detail(&status.store)?;

    let id = session.run(&Me {}).await?.me.id;
    let me = session.run(&WhoAmI {}).await?.me;
    story.step(
        "me",
        format_args!(
            "Asked who is logged in: {} ({}, {}), id {id}",
            me.name,
            me.login,
            words(me.role.as_str())
        ),
    )?;

    let event = find(&session).await?;
    story.step(
        "event",
        "Fetched the guest list of the event that is going on",
    )?;
    story.block(&show(&event, story.style))?;

    let id = &event.event_counter.id;
    let mut device = Device::watch(&session, &sandbox, id).await?;
    story.step(
        "watch",
        "Subscribed, as a second device at another door would",
    )?;

    let guest = next(&event.guests.nodes)?;
    let left = guest.tickets - guest.checked_in;
    let done = session
        .run(&CheckIn::new(&guest.id).tickets(left))
        .await?
        .check_in;
    let (before, after) = (event.event_counter.checked_in, done.event.checked_in);
    let total = done.event.total_tickets;
    story.step(
        "check-in",
        format_args!(
            "Checked in {}: {left} of {} tickets were left",
            guest.name, guest.tickets
        ),
    )?;
    let counter = |counted| format!("{counted} / {total}");
    story.detail(format_args!(
        "checked in: {} before, {} after",
        counter(before),
        story.style.green(counter(after))
    ))?;
    let seen = device.sees().await?;
    story.detail(format_args!("the second device saw it: {seen}"))?;
    drop(device);

    let refreshed_before = sandbox.counts().refreshes;
    story.step("expire", "Waiting until the access token has expired …")?;
    expiry(&session).await?;
    let activity = log(&session, &event.event_counter.id).await?;
    let refreshes = sandbox.counts().refreshes;
    if refreshes <= refreshed_before {
        return Err(Failure::new(
            "the access token expired and was not refreshed",
            "this is a mistake in attendium: please report it",
        ));
    }
    story.step(
        "refresh",
        "It has expired: the next call refreshed it by itself, and got its answer",
    )?;
    story.block(&activity)?;
    story.detail(format_args!("refreshed {}", times(refreshes)))?;

    let ended = session.logout().await?;
    story.step(
        "logout",
        if ended.revoked {
            "Logged out: the server revoked the tokens"
        } else {
            "Logged out"
        },
    )?;

    story.end(json!({
        "me": me,
        "event": event,
        "checked_in": { "before": before, "after": after, "total": total },
        "seen": seen,
        "refreshes": refreshes,
    }))?;
    Ok(ExitCode::SUCCESS)
}

async fn start() -> Result<Sandbox, Failure> {
    Sandbox::builder()
        .access_token_lifetime(LIFETIME)
        .start()
        .await
        .map_err(|error| {
            Failure::new(
                format!("the local Attendium can't start: {error}"),
                "the demo needs a free port on 127.0.0.1: check that this machine allows it",
            )
        })
}

fn directory() -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new()
        .prefix("attendium-demo-")
        .tempdir()
        .map_err(|error| {
            Failure::new(
                format!("no temporary directory can be made: {error}"),
                "set TMPDIR to a directory that can be written",
            )
        })
}

/// A person logs in with the browser.
async fn by_hand(
    session: &Session,
    sandbox: &Sandbox,
    story: &mut Story,
) -> Result<Status, Failure> {
    let user = sandbox.user();
    story.aside(format_args!(
        "Log in as {} with the password `{}`.",
        user.login, user.password
    ));
    let status = session.login(Login::browser().cancel_on_ctrl_c()).await?;
    story.step("discover", "Read the server's metadata")?;
    let client = status.client_id.as_deref().unwrap_or_default();
    story.step(
        "register",
        format_args!("Registered this application: client id {client}"),
    )?;
    story.step(
        "login",
        format_args!(
            "You logged in as {}",
            status.account.as_deref().unwrap_or("somebody")
        ),
    )?;
    Ok(status)
}

/// The scripted user logs in, through the same pages, while the session waits for the browser to
/// come back.
async fn by_script(
    session: &Session,
    sandbox: &Sandbox,
    story: &mut Story,
) -> Result<Status, Failure> {
    let (link, shown) = oneshot::channel::<Url>();
    let mut link = Some(link);
    let login = session.login(Login::show_url_with(move |url| {
        if let Some(link) = link.take() {
            let _ = link.send(url.clone());
        }
    }));
    let user = async {
        // A login that shows no link has ended with an error, which says more than this.
        let Ok(url) = shown.await else {
            return std::future::pending().await;
        };
        story.step(
            "discover",
            "Read the server's metadata: where to register, to log in, to get tokens",
        )?;
        story.step(
            "register",
            format_args!(
                "Registered this application: client id {}",
                parameter(&url, "client_id")
            ),
        )?;
        story.step(
            "login",
            "Asked for a login with PKCE. A scripted user clicks; `demo --browser` lets you",
        )?;
        story.detail(link_in_short(&url))?;
        let visit = sandbox
            .scripted_user()
            .visit(url.as_str())
            .await
            .map_err(|error| {
                Failure::new(
                    error.to_string(),
                    "try `demo --browser`, and see what the pages say",
                )
            })?;
        Ok::<Visit, Failure>(visit)
    };
    let login = async { login.await.map_err(Failure::from) };
    let (status, visit) = tokio::try_join!(login, user)?;
    for page in &visit.pages {
        // "Log in · Attendium sandbox"
        story.detail(format_args!(
            "filled in the page “{}”",
            page.split(" · ").next().unwrap_or(page)
        ))?;
    }
    story.detail(format_args!("ended at “{}”", headline(&visit.html)))?;
    Ok(status)
}

/// A page's headline.
fn headline(html: &str) -> &str {
    let after = html.split_once("<h1>").map_or("", |(_, after)| after);
    after.split("</h1>").next().unwrap_or_default()
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The link without what is random in it.
fn link_in_short(url: &Url) -> String {
    let method = parameter(url, "code_challenge_method");
    format!(
        "{}?response_type=code&code_challenge_method={method}&…",
        &url[..url::Position::AfterPath]
    )
}

/// The event that is going on.
async fn find(session: &Session) -> Result<event::Event, Failure> {
    let events = session
        .run(&Events::new().tab(EventTab::Ongoing).first(1))
        .await?
        .events;
    let missing = || {
        Failure::new(
            "no event is going on",
            "this is a mistake in the demo: please report it",
        )
    };
    let found = events.nodes.first().ok_or_else(missing)?;
    session
        .run(&Event::new(&found.event_counter.id))
        .await?
        .event
        .ok_or_else(missing)
}

/// Chooses the guest to check in: the rest of a group that came in parts, or else anybody who is
/// still outside.
fn next(guests: &[GuestFields]) -> Result<&GuestFields, Failure> {
    let outside = |guest: &&GuestFields| guest.checked_in < guest.tickets;
    let mut groups = guests.iter().filter(outside);
    let part = guests
        .iter()
        .filter(outside)
        .find(|guest| guest.checked_in > 0);
    part.or_else(|| groups.next()).ok_or_else(|| {
        Failure::new(
            "everybody is inside already",
            "this is a mistake in the demo: please report it",
        )
    })
}

/// An event's head and its guest list.
fn show(event: &event::Event, style: Style) -> Vec<String> {
    let counter = &event.event_counter;
    let place = event
        .venue
        .as_ref()
        .map(|venue| format!("{}, {} · ", venue.name, venue.address.city))
        .unwrap_or_default();
    let mut lines = vec![
        format!(
            "{}  {}",
            style.bold(&counter.name),
            style.green(format_args!(
                "{} / {}",
                counter.checked_in, counter.total_tickets
            ))
        ),
        style.dim(format_args!(
            "{place}{} to {}",
            minute(&event.begins.0),
            minute(&event.ends.0)
        )),
        String::new(),
    ];
    let head = ["Guest", "List"]
        .map(|title| Cell::Text(title.into()))
        .into_iter();
    let head = head.chain([
        Cell::Number("Checked in".into()),
        Cell::Number("Free".into()),
    ]);
    let mut rows = vec![
        head.chain(["Status", "Notes"].map(|title| Cell::Text(title.into())))
            .collect::<Vec<_>>(),
    ];
    rows.extend(event.guests.nodes.iter().map(|guest| {
        vec![
            Cell::Text(guest.name.clone()),
            Cell::Text(guest.guest_list.name.clone()),
            Cell::Number(format!("{} / {}", guest.checked_in, guest.tickets)),
            Cell::Number(guest.free_tickets.to_string()),
            Cell::Text(words(guest.status.as_str())),
            Cell::Text(guest.notes.clone().unwrap_or_default()),
        ]
    }));
    lines.extend(layout(style, &rows));
    lines
}

/// Waits for what the session itself says of the token; the clock on the wall is not asked.
async fn expiry(session: &Session) -> Result<(), Failure> {
    while !session.status().await?.expired {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The newest entries of the event's log.
async fn log(session: &Session, event: &Id) -> Result<Vec<String>, Failure> {
    let event = session.run(&Activity::new(event).limit(3)).await?.event;
    Ok(event
        .map(|event| event.recent_activity.iter().filter_map(entry).collect())
        .unwrap_or_default())
}

fn entry(entry: &activity::EventRecentActivity) -> Option<String> {
    use activity::EventRecentActivity as Entry;
    let (at, by, what) = match entry {
        Entry::CheckedIn(entry) => (
            &entry.at,
            &entry.by,
            format!("checked in {} ({})", entry.guest_name, entry.tickets),
        ),
        Entry::CheckedOut(entry) => (
            &entry.at,
            &entry.by,
            format!("checked out {} ({})", entry.guest_name, entry.tickets),
        ),
        Entry::GuestAdded(entry) => (
            &entry.at,
            &entry.by,
            format!("added {} ({})", entry.guest_name, entry.tickets),
        ),
        Entry::GuestChanged(entry) => (
            &entry.at,
            &entry.by,
            format!("changed {}", entry.guest_name),
        ),
        Entry::GuestRemoved(entry) => (
            &entry.at,
            &entry.by,
            format!("removed {}", entry.guest_name),
        ),
        Entry::Other(_) => return None,
    };
    Some(format!("{}  {} {what}", minute(&at.0), by.name))
}

/// `2027-06-18T19:00:00Z` as `2027-06-18 19:00`.
fn minute(instant: &Value) -> String {
    let text = instant.as_str().unwrap_or_default();
    text.get(..16).unwrap_or(text).replacen('T', " ", 1)
}

/// `PARTLY_CHECKED_IN` as `partly checked in`.
fn words(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

fn times(count: u64) -> String {
    if count == 1 {
        "once".into()
    } else {
        format!("{count} times")
    }
}
