//! Guests and guest lists, and how guests are filtered and ordered.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};

use super::connection::{GuestConnection, PageArgs, page};
use super::enums::{GuestStatus, QrMode};
use super::failure::Failure;
use super::inputs::{GuestFilter, GuestOrder};
use super::log::Activity;
use super::objects::{CustomField, Event, Guest, GuestList, Money, User};
use super::scalars::{Color, DateTime, Decimal};
use super::world::{GuestRecord, World, world};

/// A list of guests at an event, with a colour, a price and a kind of QR code.
#[Object]
impl GuestList {
    /// The list's id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The list's name.
    pub async fn name(&self) -> &str {
        &self.0.name
    }

    /// The colour in which the list's guests are shown.
    async fn color(&self) -> Color {
        Color(self.0.color.clone())
    }

    /// What a ticket costs; null where tickets cost nothing.
    async fn ticket_price(&self, ctx: &Context<'_>) -> Option<Money> {
        let currency = world(ctx).event(&self.0.event)?.currency.clone();
        let amount = Decimal(self.0.price?);
        Some(Money { amount, currency })
    }

    /// The tax in percent that the price includes.
    async fn tax(&self) -> Option<Decimal> {
        self.0.tax.map(Decimal)
    }

    /// Which QR codes the guests get.
    async fn qr_mode(&self) -> QrMode {
        self.0.qr_mode
    }

    /// The event that the list belongs to.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event, Failure> {
        world(ctx).known_event(&self.0.event)
    }

    /// How many tickets of the list are checked in.
    pub async fn checked_in(&self, ctx: &Context<'_>) -> i32 {
        sum(&world(ctx), &self.0.id, |guest| guest.checked_in)
    }

    /// How many tickets the list has.
    pub async fn total_tickets(&self, ctx: &Context<'_>) -> i32 {
        sum(&world(ctx), &self.0.id, |guest| guest.tickets)
    }

    /// The guests on the list.
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
            let of_list = world.guests.iter().filter(|guest| guest.list == self.0.id);
            select(of_list, filter.as_ref(), &order_by)
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
}

fn sum(world: &World, list: &str, count: impl Fn(&GuestRecord) -> i32) -> i32 {
    let guests = world.guests.iter().filter(|guest| guest.list == list);
    guests.map(count).sum()
}

/// The guests that match, in order.
pub(crate) fn select<'a>(
    guests: impl Iterator<Item = &'a GuestRecord>,
    filter: Option<&GuestFilter>,
    order: &GuestOrder,
) -> Vec<Guest> {
    let mut selected: Vec<&GuestRecord> = guests
        .filter(|guest| filter.is_none_or(|filter| filter.matches(guest)))
        .collect();
    order.sort(&mut selected);
    selected.into_iter().cloned().map(Guest).collect()
}

/// The value of a custom field.
#[derive(SimpleObject)]
pub(crate) struct CustomFieldValue {
    /// The field.
    field: CustomField,
    /// The value: text, a number or a boolean, by the field's kind.
    value: serde_json::Value,
}

/// A QR code that opens the door to one or more tickets.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct QrCode {
    /// What the code says.
    code: String,
    /// How many tickets it is for.
    tickets: i32,
}

#[ComplexObject]
impl QrCode {
    /// An address at which the code is shown as a picture.
    async fn image(&self) -> super::scalars::Url {
        super::scalars::Url(format!("https://qr.attendium.example/{}.svg", self.code))
    }
}

impl GuestRecord {
    pub fn status(&self) -> GuestStatus {
        match self.checked_in {
            0 => self.reply,
            some if some < self.tickets => GuestStatus::PartlyArrived,
            _ => GuestStatus::Arrived,
        }
    }

    /// The codes that a door scans for this guest, each with its tickets.
    pub fn qr_codes(&self, mode: QrMode) -> Vec<(String, i32)> {
        match mode {
            QrMode::None => Vec::new(),
            QrMode::PerName => vec![(format!("QR-{}", self.id), self.tickets)],
            QrMode::PerTicket => (1..=self.tickets)
                .map(|ticket| (format!("QR-{}-{ticket}", self.id), 1))
                .collect(),
        }
    }
}

/// A name on a guest list: one person, or a group that arrives in parts.
#[Object]
impl Guest {
    /// The guest's id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The name on the list.
    pub async fn name(&self) -> &str {
        &self.0.name
    }

    /// The list that the guest is on.
    async fn guest_list(&self, ctx: &Context<'_>) -> Result<GuestList, Failure> {
        world(ctx).known_list(&self.0.list)
    }

    /// The event that the guest comes to.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event, Failure> {
        let world = world(ctx);
        world.known_event(world.event_of(&self.0).unwrap_or_default())
    }

    /// The size of the group.
    async fn tickets(&self) -> i32 {
        self.0.tickets
    }

    /// How many of the tickets are free.
    async fn free_tickets(&self) -> i32 {
        self.0.free
    }

    /// How many of the tickets are checked in. Groups arrive in parts.
    pub async fn checked_in(&self) -> i32 {
        self.0.checked_in
    }

    /// The size of the group under its old name.
    #[graphql(deprecation = "Use tickets.")]
    async fn group_size(&self) -> i32 {
        self.0.tickets
    }

    /// Where the guest stands between the invitation and the door.
    async fn status(&self) -> GuestStatus {
        self.0.status()
    }

    /// The guest's email address.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Notes for the people at the door.
    async fn notes(&self) -> Option<&str> {
        self.0.notes.as_deref()
    }

    /// The custom fields that have a value.
    async fn custom_fields(&self, ctx: &Context<'_>) -> Vec<CustomFieldValue> {
        let world = world(ctx);
        let event = world.event_of(&self.0).and_then(|id| world.event(id));
        let fields = event.map_or(&[][..], |event| &event.custom_fields);
        let values = self.0.custom.iter();
        values
            .filter_map(|(id, value)| {
                let field = fields.iter().find(|field| field.id == *id)?;
                Some(CustomFieldValue {
                    field: CustomField::from(field),
                    value: value.clone(),
                })
            })
            .collect()
    }

    /// The codes that let the guest in.
    async fn qr_codes(&self, ctx: &Context<'_>) -> Vec<QrCode> {
        let mode = world(ctx)
            .list(&self.0.list)
            .map_or(QrMode::None, |list| list.qr_mode);
        let codes = self.0.qr_codes(mode).into_iter();
        codes
            .map(|(code, tickets)| QrCode { code, tickets })
            .collect()
    }

    /// Who added the guest.
    async fn added_by(&self, ctx: &Context<'_>) -> Result<User, Failure> {
        world(ctx).known_user(&self.0.added_by)
    }

    /// When the guest was added.
    async fn added_at(&self) -> DateTime {
        DateTime(self.0.added_at)
    }

    /// Who did what with the guest, the oldest first.
    async fn log(&self, ctx: &Context<'_>) -> Vec<Activity> {
        let world = world(ctx);
        let entries = world.log.iter().filter(|entry| entry.guest == self.0.id);
        entries.map(Activity::from_record).collect()
    }
}
