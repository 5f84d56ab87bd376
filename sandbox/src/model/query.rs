//! The root of queries, and the things that have an id of their own.

use async_graphql::{Context, ID, Interface, Object, Union};

use super::admission::Pass;
use super::connection::{EventConnection, PageArgs, page};
use super::enums::EventTab;
use super::failure::Failure;
use super::inputs::GuestKey;
use super::objects::{Event, Guest, GuestList, User, events_in_tab};
use super::scalars::DateTime;
use super::user::Venue;
use super::world::{World, viewer, world};

/// Anything that can be found by its id alone.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id."))]
pub(crate) enum Node {
    User(User),
    Venue(Venue),
    Event(Event),
    GuestList(GuestList),
    Guest(Guest),
    Pass(Pass),
}

impl Node {
    fn find(world: &World, id: &str) -> Option<Self> {
        let pass = || world.passes.iter().find(|pass| pass.id == id);
        None.or_else(|| world.user(id).cloned().map(User).map(Self::User))
            .or_else(|| world.venue(id).cloned().map(Venue).map(Self::Venue))
            .or_else(|| world.event(id).cloned().map(Event).map(Self::Event))
            .or_else(|| world.list(id).cloned().map(GuestList).map(Self::GuestList))
            .or_else(|| world.guest(id).cloned().map(Guest).map(Self::Guest))
            .or_else(|| pass().cloned().map(Pass).map(Self::Pass))
    }
}

/// Whatever has people that are checked in: "checked in / total".
#[derive(Interface)]
#[graphql(
    field(
        name = "checked_in",
        ty = "i32",
        desc = "How many tickets are checked in."
    ),
    field(
        name = "total_tickets",
        ty = "i32",
        desc = "How many tickets there are."
    )
)]
// Only its name is needed, for the schema; no field returns it yet.
#[allow(dead_code)]
#[allow(
    clippy::duplicated_attributes,
    reason = "two fields of the same type are no duplicate"
)]
pub(crate) enum Counted {
    Event(Event),
    GuestList(GuestList),
}

/// What a search can find.
#[derive(Union)]
pub(crate) enum SearchResult {
    Event(Event),
    Venue(Venue),
    Guest(Guest),
    User(User),
}

pub(crate) struct Query;

/// The root of queries.
#[Object]
impl Query {
    /// The user who is logged in.
    async fn me(&self, ctx: &Context<'_>) -> Result<User, Failure> {
        world(ctx).known_user(viewer(ctx))
    }

    /// The thing with this id; null where there is none.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Option<Node> {
        Node::find(&world(ctx), &id)
    }

    /// The things with these ids, in the same order, null where there is none.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids.")] ids: Vec<ID>,
    ) -> Vec<Option<Node>> {
        let world = world(ctx);
        ids.iter().map(|id| Node::find(&world, id)).collect()
    }

    /// All users of the account.
    async fn users(&self, ctx: &Context<'_>) -> Vec<User> {
        world(ctx).users.iter().cloned().map(User).collect()
    }

    /// All venues of the account.
    async fn venues(&self, ctx: &Context<'_>) -> Vec<Venue> {
        world(ctx).venues.iter().cloned().map(Venue).collect()
    }

    /// The events, by the time at which they begin.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many from the start, up to 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only events of this tab; without it all but the templates.")] tab: Option<
            EventTab,
        >,
    ) -> async_graphql::Result<EventConnection> {
        let events = events_in_tab(&world(ctx), tab);
        page(
            PageArgs {
                first,
                after,
                last: None,
                before: None,
            },
            events,
        )
    }

    /// The event with this id; null where there is none.
    async fn event(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Option<Event> {
        world(ctx).event(&id).cloned().map(Event)
    }

    /// One guest; null where there is none.
    async fn guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the guest is found by.")] key: GuestKey,
    ) -> Option<Guest> {
        key.find(&world(ctx)).cloned().map(Guest)
    }

    /// Everything whose name has this text in it, without regard to case.
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The text.")] text: String,
        #[graphql(desc = "At most so many.", default = 20)] first: i32,
    ) -> Result<Vec<SearchResult>, Failure> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Err(Failure::invalid(
                "text",
                "`text` is empty: give at least one letter",
            ));
        }
        let world = world(ctx);
        let hit = |name: &str| name.to_lowercase().contains(&text);
        let events = world.events.iter().filter(|event| hit(&event.name));
        let venues = world.venues.iter().filter(|venue| hit(&venue.name));
        let guests = world.guests.iter().filter(|guest| hit(&guest.name));
        let users = world.users.iter().filter(|user| hit(&user.name));
        Ok(events
            .cloned()
            .map(|event| SearchResult::Event(Event(event)))
            .chain(
                venues
                    .cloned()
                    .map(|venue| SearchResult::Venue(Venue(venue))),
            )
            .chain(
                guests
                    .cloned()
                    .map(|guest| SearchResult::Guest(Guest(guest))),
            )
            .chain(users.cloned().map(|user| SearchResult::User(User(user))))
            .take(usize::try_from(first).unwrap_or(0))
            .collect())
    }

    /// The sandbox's own time: it stands still but for the changes that are made.
    async fn now(&self, ctx: &Context<'_>) -> DateTime {
        DateTime(world(ctx).now)
    }
}
