//! Events, with their custom fields, messages and ticketing.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::admission::{Invitation, Order, Pass};
use super::analytics::{Analytics, analytics};
use super::connection::{GuestConnection, LogEntryConnection, PageArgs, page};
use super::enums::{EventTab, QrMode};
use super::failure::Failure;
use super::guest::select;
use super::inputs::{GuestFilter, GuestKey, GuestOrder};
use super::log::Activity;
use super::objects::{CustomField, Event, Guest, GuestList};
use super::scalars::DateTime;
use super::user::{EventPermission, Venue};
use super::world::{or_null, viewer, world};

/// A message that goes out by itself.
#[derive(SimpleObject)]
pub(crate) struct AutomaticMessage {
    /// The message's id.
    id: ID,
    /// The subject.
    subject: String,
    /// The text.
    body: String,
    /// How many hours before the event it goes out; null: as soon as a guest is added.
    hours_before: Option<i32>,
    /// Whether it goes out at all.
    enabled: bool,
}

/// How an event sells and checks tickets.
#[derive(SimpleObject)]
pub(crate) struct TicketingSettings {
    /// The currency of all prices, as three letters of ISO 4217.
    currency: String,
    /// Whether any of the lists sells tickets.
    sells_tickets: bool,
    /// The kinds of QR code in use.
    qr_modes: Vec<QrMode>,
}

/// Something that people are checked in to: one evening at one venue, or a template for such.
#[Object]
impl Event {
    /// The event's id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The event's name.
    pub async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is about.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Where it takes place.
    async fn venue(&self, ctx: &Context<'_>) -> Option<Venue> {
        world(ctx)
            .venue(self.0.venue.as_deref()?)
            .cloned()
            .map(Venue)
    }

    /// When it begins.
    async fn begins(&self) -> DateTime {
        DateTime(self.0.begins)
    }

    /// When it ends.
    async fn ends(&self) -> DateTime {
        DateTime(self.0.ends)
    }

    /// When it begins, under its old name.
    #[graphql(deprecation = "Use begins.")]
    async fn starts_at(&self) -> DateTime {
        DateTime(self.0.begins)
    }

    /// The tab of the list of events that shows it.
    async fn tab(&self, ctx: &Context<'_>) -> EventTab {
        world(ctx).tab(&self.0)
    }

    /// The template that it was made from.
    async fn template(&self, ctx: &Context<'_>) -> Option<Event> {
        world(ctx)
            .event(self.0.template.as_deref()?)
            .cloned()
            .map(Event)
    }

    /// How many tickets are checked in.
    pub async fn checked_in(&self, ctx: &Context<'_>) -> i32 {
        world(ctx)
            .guests_of(&self.0.id)
            .map(|guest| guest.checked_in)
            .sum()
    }

    /// How many tickets there are on all lists.
    pub async fn total_tickets(&self, ctx: &Context<'_>) -> i32 {
        world(ctx)
            .guests_of(&self.0.id)
            .map(|guest| guest.tickets)
            .sum()
    }

    /// The event's guest lists.
    async fn guest_lists(&self, ctx: &Context<'_>) -> Vec<GuestList> {
        world(ctx)
            .lists_of(&self.0.id)
            .cloned()
            .map(GuestList)
            .collect()
    }

    /// The guests of all lists.
    #[allow(clippy::too_many_arguments)]
    async fn guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many from the start, up to 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many from the end, up to 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only guests that match.")] filter: Option<GuestFilter>,
        #[graphql(desc = "The order.", default_with = "GuestOrder::by_name()")]
        order_by: GuestOrder,
    ) -> async_graphql::Result<GuestConnection> {
        let guests = {
            let world = world(ctx);
            select(world.guests_of(&self.0.id), filter.as_ref(), &order_by)
        };
        page(
            PageArgs {
                first,
                after,
                last,
                before,
            },
            guests,
        )
    }

    /// One guest of this event; null where there is none.
    async fn guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the guest is found by.")] key: GuestKey,
    ) -> Option<Guest> {
        let world = world(ctx);
        let guest = key.find(&world)?;
        (world.event_of(guest) == Some(&self.0.id)).then(|| Guest(guest.clone()))
    }

    /// The fields that the guests have beside the usual ones.
    async fn custom_fields(&self) -> Vec<CustomField> {
        self.0.custom_fields.iter().map(CustomField::from).collect()
    }

    /// The messages that go out by themselves.
    async fn messages(&self) -> Vec<AutomaticMessage> {
        let messages = self.0.messages.iter().cloned();
        messages
            .map(|message| AutomaticMessage {
                id: ID(message.id),
                subject: message.subject,
                body: message.body,
                hours_before: message.hours_before,
                enabled: message.enabled,
            })
            .collect()
    }

    /// How tickets are sold and checked.
    async fn ticketing(&self, ctx: &Context<'_>) -> TicketingSettings {
        let world = world(ctx);
        let mut qr_modes = Vec::new();
        for list in world.lists_of(&self.0.id) {
            if !qr_modes.contains(&list.qr_mode) {
                qr_modes.push(list.qr_mode);
            }
        }
        TicketingSettings {
            currency: self.0.currency.clone(),
            sells_tickets: world.lists_of(&self.0.id).any(|list| list.price.is_some()),
            qr_modes,
        }
    }

    /// Who may do what here.
    async fn permissions(&self) -> Vec<EventPermission> {
        let permissions = self.0.permissions.iter().cloned();
        permissions
            .map(|(user, role)| EventPermission {
                event: self.0.id.clone(),
                user,
                role,
            })
            .collect()
    }

    /// The links by which people put themselves on a list.
    async fn invitations(&self, ctx: &Context<'_>) -> Vec<Invitation> {
        let world = world(ctx);
        let own = world
            .invitations
            .iter()
            .filter(|invitation| invitation.event == self.0.id);
        own.cloned().map(Invitation::from).collect()
    }

    /// The orders, for managers: null and an error FORBIDDEN for others.
    async fn orders(&self, ctx: &Context<'_>) -> Option<Vec<Order>> {
        let world = world(ctx);
        or_null(ctx, world.require_manager(&self.0.id, viewer(ctx)))?;
        let own = world.orders.iter().filter(|order| order.event == self.0.id);
        Some(
            own.map(|order| Order::new(order, &self.0.currency))
                .collect(),
        )
    }

    /// The passes that are valid here.
    async fn passes(&self, ctx: &Context<'_>) -> Vec<Pass> {
        let world = world(ctx);
        let valid = world
            .passes
            .iter()
            .filter(|pass| pass.events.contains(&self.0.id));
        valid.cloned().map(Pass).collect()
    }

    /// The figures, for managers: null and an error FORBIDDEN for others.
    async fn analytics(&self, ctx: &Context<'_>) -> Option<Analytics> {
        let world = world(ctx);
        or_null(ctx, world.require_manager(&self.0.id, viewer(ctx)))?;
        Some(analytics(&world, &self.0.id))
    }

    /// Who did what, the newest first.
    async fn log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many from the start, up to 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> async_graphql::Result<LogEntryConnection> {
        let entries = {
            let world = world(ctx);
            let own = world
                .log
                .iter()
                .rev()
                .filter(|entry| entry.event == self.0.id);
            own.map(|entry| Activity::from_record(entry).into())
                .collect()
        };
        page(
            PageArgs {
                first,
                after,
                last: None,
                before: None,
            },
            entries,
        )
    }

    /// The newest entries of the log, the newest first, as a union.
    async fn recent_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, up to 100.", default = 10)] limit: i32,
    ) -> Result<Vec<Activity>, Failure> {
        let limit = usize::try_from(limit)
            .ok()
            .filter(|limit| *limit <= 100)
            .ok_or_else(|| {
                Failure::invalid(
                    "limit",
                    format!("`limit` is {limit}: give a number from 0 to 100"),
                )
            })?;
        let world = world(ctx);
        let own = world
            .log
            .iter()
            .rev()
            .filter(|entry| entry.event == self.0.id);
        Ok(own.take(limit).map(Activity::from_record).collect())
    }
}
