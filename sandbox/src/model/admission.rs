//! What brings people to an event: invitations, orders, passes.

use async_graphql::{Context, ID, Interface, Object, SimpleObject};

use super::failure::Failure;
use super::objects::{Event, Money};
use super::scalars::{DateTime, Decimal, Url};
use super::world::{InvitationRecord, OrderRecord, PassRecord, world};

/// A link by which people put themselves on a list.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "The invitation's id."),
    field(name = "name", ty = "String", desc = "What it is called."),
    field(name = "url", ty = "Url", desc = "The link."),
    field(name = "responses", ty = "i32", desc = "How many have answered.")
)]
pub(crate) enum Invitation {
    Open(OpenInvitation),
    Personal(PersonalInvitation),
}

/// A link for everyone who has it.
#[derive(SimpleObject)]
pub(crate) struct OpenInvitation {
    /// The invitation's id.
    #[graphql(owned)]
    id: ID,
    /// What it is called.
    #[graphql(owned)]
    name: String,
    /// The link.
    #[graphql(owned)]
    url: Url,
    /// How many have answered.
    #[graphql(owned)]
    responses: i32,
    /// How many may answer.
    response_limit: Option<i32>,
}

/// A link for one person.
#[derive(SimpleObject)]
pub(crate) struct PersonalInvitation {
    /// The invitation's id.
    #[graphql(owned)]
    id: ID,
    /// What it is called.
    #[graphql(owned)]
    name: String,
    /// The link.
    #[graphql(owned)]
    url: Url,
    /// How many have answered.
    #[graphql(owned)]
    responses: i32,
    /// Who is invited.
    invited_name: String,
    /// Where the link was sent to.
    invited_email: String,
}

impl From<InvitationRecord> for Invitation {
    fn from(record: InvitationRecord) -> Self {
        let id = ID(record.id.clone());
        let url = Url(format!("https://rsvp.attendium.example/{}", record.id));
        let (name, responses) = (record.name, record.responses);
        match record.invited {
            None => Self::Open(OpenInvitation {
                id,
                name,
                url,
                responses,
                response_limit: record.limit,
            }),
            Some((invited_name, invited_email)) => Self::Personal(PersonalInvitation {
                id,
                name,
                url,
                responses,
                invited_name,
                invited_email,
            }),
        }
    }
}

/// A purchase of tickets.
#[derive(SimpleObject)]
pub(crate) struct Order {
    /// The order's id.
    id: ID,
    /// Who bought.
    email: String,
    /// How many tickets.
    tickets: i32,
    /// What they cost together.
    price: Money,
    /// When the order was placed.
    placed_at: DateTime,
}

impl Order {
    pub fn new(record: &OrderRecord, currency: &str) -> Self {
        Self {
            id: ID(record.id.clone()),
            email: record.email.clone(),
            tickets: record.tickets,
            price: Money {
                amount: Decimal(record.price),
                currency: currency.to_owned(),
            },
            placed_at: DateTime(record.placed_at),
        }
    }
}

pub(crate) struct Pass(pub PassRecord);

/// A ticket that is valid for several events.
#[Object]
impl Pass {
    /// The pass's id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// What it is called.
    pub async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who holds it.
    async fn holder(&self) -> &str {
        &self.0.holder
    }

    /// The events that it is valid for.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<Event>, Failure> {
        let world = world(ctx);
        self.0
            .events
            .iter()
            .map(|id| world.known_event(id))
            .collect()
    }
}
