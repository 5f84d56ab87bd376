//! Users and venues.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::connection::{EventConnection, PageArgs, page};
use super::enums::{EventTab, Right, Role};
use super::failure::Failure;
use super::objects::{Event, User, events_in_tab};
use super::scalars::Url;
use super::world::{VenueRecord, or_null, viewer, world};

/// A person with a login.
#[Object]
impl User {
    /// The user's id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The user's name.
    pub async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the user logs in with.
    async fn login(&self) -> &str {
        &self.0.login
    }

    /// The login under its old name.
    #[graphql(deprecation = "Use login.")]
    async fn username(&self) -> &str {
        &self.0.login
    }

    /// What the user may do in the account.
    async fn role(&self) -> Role {
        self.0.role
    }

    /// The language of the user's pages and messages, as a BCP 47 tag.
    async fn language(&self) -> &str {
        &self.0.language
    }

    /// What the user may do at single events. Only one's own can be seen.
    async fn permissions(&self, ctx: &Context<'_>) -> Option<Vec<EventPermission>> {
        if viewer(ctx) != self.0.id {
            let message =
                "permissions of other users are shown at an event: select `Event.permissions`";
            return or_null(ctx, Err(Failure::Forbidden(message.to_owned())));
        }
        let events = &world(ctx).events;
        let permissions = events.iter().flat_map(|event| {
            let own = event
                .permissions
                .iter()
                .filter(|(user, _)| *user == self.0.id);
            own.map(|(user, role)| EventPermission {
                event: event.id.clone(),
                user: user.clone(),
                role: *role,
            })
        });
        Some(permissions.collect())
    }
}

pub(crate) struct EventPermission {
    pub event: String,
    pub user: String,
    pub role: Role,
}

/// What one user may do at one event.
#[Object]
impl EventPermission {
    /// The event.
    async fn event(&self, ctx: &Context<'_>) -> Result<Event, Failure> {
        world(ctx).known_event(&self.event)
    }

    /// The user.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Failure> {
        world(ctx).known_user(&self.user)
    }

    /// The user's role at the event.
    async fn role(&self) -> Role {
        self.role
    }

    /// The single rights that the role brings.
    async fn rights(&self) -> Vec<Right> {
        use Right::{CheckIn, EditEvent, EditGuests, ViewAnalytics, ViewGuests};
        match self.role {
            Role::Owner | Role::Manager => {
                vec![ViewGuests, EditGuests, CheckIn, ViewAnalytics, EditEvent]
            }
            Role::Promoter => vec![ViewGuests, EditGuests],
            Role::Door | Role::Host => vec![ViewGuests, CheckIn],
        }
    }
}

/// A place on the globe, in degrees.
#[derive(SimpleObject)]
pub(crate) struct GeoPoint {
    /// North of the equator.
    latitude: f64,
    /// East of Greenwich.
    longitude: f64,
}

/// A postal address.
#[derive(SimpleObject)]
pub(crate) struct Address {
    /// Street and number.
    street: String,
    /// The city.
    city: String,
    /// The postal code.
    postal_code: String,
    /// The country, as two letters of ISO 3166.
    country: String,
}

pub(crate) struct Venue(pub VenueRecord);

/// A location at which events take place.
#[Object]
impl Venue {
    /// The venue's id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    /// The venue's name.
    pub async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it is.
    async fn address(&self) -> Address {
        let VenueRecord {
            street,
            city,
            postal_code,
            country,
            ..
        } = self.0.clone();
        Address {
            street,
            city,
            postal_code,
            country,
        }
    }

    /// Where it is on a map.
    async fn position(&self) -> Option<GeoPoint> {
        let (latitude, longitude) = self.0.position?;
        Some(GeoPoint {
            latitude,
            longitude,
        })
    }

    /// How many people may be inside.
    async fn capacity(&self) -> Option<i32> {
        self.0.capacity
    }

    /// The venue's page.
    async fn website(&self) -> Option<Url> {
        self.0.website.clone().map(Url)
    }

    /// The events at this venue.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many from the start, up to 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only events of this tab.")] tab: Option<EventTab>,
    ) -> async_graphql::Result<EventConnection> {
        let mut events = events_in_tab(&world(ctx), tab);
        events.retain(|event| event.0.venue.as_deref() == Some(&self.0.id));
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
}
