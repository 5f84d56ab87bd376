//! The figures of an event: by promoter, and by hour.

use std::collections::BTreeMap;

use async_graphql::{ComplexObject, Context, SimpleObject};
use jiff::Timestamp;

use super::failure::Failure;
use super::objects::User;
use super::scalars::DateTime;
use super::world::{What, World, world};

/// The figures of an event.
#[derive(SimpleObject)]
pub(crate) struct Analytics {
    /// By the user who added the guests, the one with the most tickets first.
    promoters: Vec<PromoterStats>,
    /// Tickets that were checked in, by hour; hours without any are left out.
    check_ins_by_hour: Vec<HourStats>,
}

/// What one promoter brought.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PromoterStats {
    #[graphql(skip)]
    promoter: String,
    /// All tickets of the promoter's guests.
    tickets: i32,
    /// How many of them are free.
    free_tickets: i32,
    /// How many tickets are checked in.
    checked_in: i32,
    /// How many of those are free. Free tickets are counted as arriving first.
    checked_in_free: i32,
}

#[ComplexObject]
impl PromoterStats {
    /// Who added the guests.
    async fn promoter(&self, ctx: &Context<'_>) -> Result<User, Failure> {
        world(ctx).known_user(&self.promoter)
    }
}

/// The check-ins of one hour.
#[derive(SimpleObject)]
pub(crate) struct HourStats {
    /// When the hour begins.
    hour: DateTime,
    /// Tickets checked in during the hour; those that were undone count as well.
    tickets: i32,
}

pub(crate) fn analytics(world: &World, event: &str) -> Analytics {
    let mut promoters: BTreeMap<&str, PromoterStats> = BTreeMap::new();
    for guest in world.guests_of(event) {
        let stats = promoters
            .entry(&guest.added_by)
            .or_insert_with(|| PromoterStats {
                promoter: guest.added_by.clone(),
                tickets: 0,
                free_tickets: 0,
                checked_in: 0,
                checked_in_free: 0,
            });
        stats.tickets += guest.tickets;
        stats.free_tickets += guest.free;
        stats.checked_in += guest.checked_in;
        stats.checked_in_free += guest.checked_in.min(guest.free);
    }
    let mut promoters: Vec<_> = promoters.into_values().collect();
    promoters.sort_by_key(|stats| -stats.tickets);

    let mut hours: BTreeMap<i64, i32> = BTreeMap::new();
    for entry in world.log.iter().filter(|entry| entry.event == event) {
        if let What::CheckedIn { tickets } = entry.what {
            *hours
                .entry(entry.at.as_second().div_euclid(3600))
                .or_default() += tickets;
        }
    }
    let check_ins_by_hour = hours
        .into_iter()
        .filter_map(|(hour, tickets)| {
            let hour = DateTime(Timestamp::from_second(hour * 3600).ok()?);
            Some(HourStats { hour, tickets })
        })
        .collect();
    Analytics {
        promoters,
        check_ins_by_hour,
    }
}
