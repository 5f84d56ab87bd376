//! The root of mutations.

use async_graphql::{Context, ID, MaybeUndefined, Object, Upload};

use super::custom_fields;
use super::enums::{GuestStatus, Role};
use super::failure::Failure;
use super::imported::{Rejected, parse_csv};
use super::inputs::{AddGuestInput, CreateEventInput, UpdateGuestInput};
use super::log::Activity;
use super::objects::{Event, Guest};
use super::pasted::{LARGEST_GROUP, PastedGuest, is_email, parse_line};
use super::payloads::{
    AddGuestPayload, AddGuestsFromTextPayload, AddGuestsPayload, CheckInPayload,
    ImportGuestsPayload, RejectedLine, RemoveGuestPayload,
};
use super::world::{Change, EventRecord, GuestListRecord, GuestRecord, What, World, viewer, world};

pub(crate) struct Mutation;

/// The root of mutations.
#[Object]
impl Mutation {
    /// Checks in some of a guest's tickets, or all that are left.
    async fn check_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest.")] guest: ID,
        #[graphql(desc = "How many tickets; by default all that are left.")] tickets: Option<i32>,
    ) -> Result<CheckInPayload, Failure> {
        let mut world = world(ctx);
        let record = editable_guest(&world, &guest, viewer(ctx))?;
        let left = record.tickets - record.checked_in;
        if left == 0 {
            return Err(Failure::invalid(
                "guest",
                format!(
                    "`{}` is checked in already, all {} tickets",
                    record.name, record.tickets
                ),
            ));
        }
        let tickets = in_range("tickets", tickets.unwrap_or(left), left)?;
        moved(&mut world, viewer(ctx), &guest, tickets)
    }

    /// Undoes the check-in of some of a guest's tickets, or of all.
    async fn undo_check_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest.")] guest: ID,
        #[graphql(desc = "How many tickets; by default all that are checked in.")] tickets: Option<
            i32,
        >,
    ) -> Result<CheckInPayload, Failure> {
        let mut world = world(ctx);
        let record = editable_guest(&world, &guest, viewer(ctx))?;
        if record.checked_in == 0 {
            return Err(Failure::invalid(
                "guest",
                format!("`{}` is not checked in", record.name),
            ));
        }
        let tickets = in_range(
            "tickets",
            tickets.unwrap_or(record.checked_in),
            record.checked_in,
        )?;
        moved(&mut world, viewer(ctx), &guest, -tickets)
    }

    /// Adds a guest to a list.
    async fn add_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest.")] input: AddGuestInput,
    ) -> Result<AddGuestPayload, Failure> {
        let mut world = world(ctx);
        let record = new_guest(&world, input, viewer(ctx))?;
        let guest = Guest(world.add_guest(viewer(ctx), record));
        let event = event_of(&world, &guest.0)?;
        Ok(AddGuestPayload { guest, event })
    }

    /// Adds several guests to lists of one event: all of them, or none where one is wrong.
    async fn add_guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guests, at least one.")] guests: Vec<AddGuestInput>,
    ) -> Result<AddGuestsPayload, Failure> {
        let mut world = world(ctx);
        let mut records = Vec::new();
        for input in guests {
            records.push(new_guest(&world, input, viewer(ctx))?);
        }
        let first = records
            .first()
            .ok_or_else(|| Failure::invalid("guests", "`guests` is empty: give at least one"))?;
        let event = event_of(&world, first)?;
        if records
            .iter()
            .any(|guest| world.event_of(guest) != Some(&event.0.id))
        {
            return Err(Failure::invalid(
                "guests",
                "the guest lists are of different events: add the guests of each by itself",
            ));
        }
        let guests = records
            .into_iter()
            .map(|record| Guest(world.add_guest(viewer(ctx), record)));
        Ok(AddGuestsPayload {
            guests: guests.collect(),
            event,
        })
    }

    /// Adds guests from pasted text, one to a line: `John Smith +2`, `Katy Perry +1 (2)`,
    /// `Hugo Smith (free)`, `Jon Snow +2 (3) : a note`, `Ann Lee ann@example.com`. Empty lines
    /// are left out.
    async fn add_guests_from_text(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list to add them to.")] guest_list: ID,
        #[graphql(desc = "The text.")] text: String,
    ) -> Result<AddGuestsFromTextPayload, Failure> {
        let mut world = world(ctx);
        let list = world.known_list(&guest_list)?.0;
        world.require_role(&list.event, viewer(ctx))?;
        let (mut guests, mut rejected) = (Vec::new(), Vec::new());
        for (index, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            match parse_line(line) {
                Ok(guest) => guests.push(add_pasted(&mut world, viewer(ctx), &list.id, guest)),
                Err(reason) => rejected.push(RejectedLine {
                    line: i32::try_from(index + 1).unwrap_or(i32::MAX),
                    text: line.to_owned(),
                    reason,
                }),
            }
        }
        let event = world.known_event(&list.event)?;
        Ok(AddGuestsFromTextPayload {
            guests,
            rejected,
            event,
        })
    }

    /// Adds guests from a CSV file, whose first line names the columns: `name`, and where they
    /// are known `tickets`, `free`, `email` and `notes`.
    async fn import_guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list to add them to.")] guest_list: ID,
        #[graphql(desc = "The file, as UTF-8.")] file: Upload,
    ) -> Result<ImportGuestsPayload, Failure> {
        let file = file.value(ctx);
        let file = file.map_err(|error| Failure::invalid("file", error.to_string()))?;
        let lines = parse_csv(&file.content).map_err(|reason| Failure::invalid("file", reason))?;
        let mut world = world(ctx);
        let list = world.known_list(&guest_list)?.0;
        world.require_role(&list.event, viewer(ctx))?;
        let (mut guests, mut rejected) = (Vec::new(), Vec::new());
        for imported in lines {
            match imported.guest {
                Ok(guest) => guests.push(add_pasted(&mut world, viewer(ctx), &list.id, guest)),
                Err(Rejected { text, reason }) => rejected.push(RejectedLine {
                    line: i32::try_from(imported.line).unwrap_or(i32::MAX),
                    text,
                    reason,
                }),
            }
        }
        let event = world.known_event(&list.event)?;
        Ok(ImportGuestsPayload {
            file_name: file.filename,
            guests,
            rejected,
            event,
        })
    }

    /// Changes a guest. What the input leaves out stays, what is null is cleared.
    async fn update_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateGuestInput,
    ) -> Result<Guest, Failure> {
        let mut world = world(ctx);
        let before = editable_guest(&world, &input.id, viewer(ctx))?;
        let after = changed(&world, before.clone(), input)?;
        let mut changes = differences(&before, &after);
        let event = event_of(&world, &after)?.0;
        let (old, new) = (&before.custom, &after.custom);
        changes.extend(custom_fields::differences(&event.custom_fields, old, new));
        if let Some(guest) = world.guests.iter_mut().find(|guest| guest.id == after.id) {
            *guest = after.clone();
        }
        if !changes.is_empty() {
            world.write_log(viewer(ctx), &after, What::Changed { changes });
        }
        Ok(Guest(after))
    }

    /// Removes a guest.
    async fn remove_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest.")] id: ID,
        #[graphql(desc = "Why, for the log.")] reason: Option<String>,
    ) -> Result<RemoveGuestPayload, Failure> {
        let mut world = world(ctx);
        let record = editable_guest(&world, &id, viewer(ctx))?;
        let event = event_of(&world, &record)?;
        world.write_log(viewer(ctx), &record, What::Removed { reason });
        world.guests.retain(|guest| guest.id != record.id);
        Ok(RemoveGuestPayload { id, event })
    }

    /// Makes an event, by itself or after a template or another event.
    async fn create_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: CreateEventInput,
    ) -> Result<Event, Failure> {
        let mut world = world(ctx);
        let from = input.from.map(|id| world.known_event(&id)).transpose()?;
        let name = input
            .name
            .or_else(|| from.as_ref().map(|from| from.0.name.clone()));
        let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(|| {
            Failure::invalid(
                "name",
                "`name` is missing: give one, or a template that has one",
            )
        })?;
        if input.ends.0 <= input.begins.0 {
            return Err(Failure::invalid("ends", "`ends` is not after `begins`"));
        }
        if let Some(venue) = &input.venue
            && world.venue(venue).is_none()
        {
            return Err(Failure::not_found("venue", venue));
        }
        let id = world.fresh_id("event");
        world.tick();
        let from = from.map(|from| from.0);
        let event = EventRecord {
            id: id.clone(),
            name,
            description: input
                .description
                .or_else(|| from.as_ref()?.description.clone()),
            venue: input
                .venue
                .map(|id| id.0)
                .or_else(|| from.as_ref()?.venue.clone()),
            begins: input.begins.0,
            ends: input.ends.0,
            is_template: false,
            template: from
                .as_ref()
                .filter(|from| from.is_template)
                .map(|from| from.id.clone()),
            currency: from
                .as_ref()
                .map_or("EUR".into(), |from| from.currency.clone()),
            custom_fields: from
                .as_ref()
                .map_or(Vec::new(), |from| from.custom_fields.clone()),
            messages: from
                .as_ref()
                .map_or(Vec::new(), |from| from.messages.clone()),
            permissions: vec![(viewer(ctx).to_owned(), Role::Owner)],
        };
        let lists: Vec<GuestListRecord> = from.map_or(Vec::new(), |from| {
            world.lists_of(&from.id).cloned().collect()
        });
        for list in lists {
            let list = GuestListRecord {
                id: world.fresh_id("list"),
                event: id.clone(),
                ..list
            };
            world.lists.push(list);
        }
        world.events.push(event.clone());
        Ok(Event(event))
    }
}

/// The guest, if the viewer has any role at its event.
fn editable_guest(world: &World, id: &str, viewer: &str) -> Result<GuestRecord, Failure> {
    let guest = world.known_guest(id)?.0;
    world.require_role(world.event_of(&guest).unwrap_or_default(), viewer)?;
    Ok(guest)
}

fn event_of(world: &World, guest: &GuestRecord) -> Result<Event, Failure> {
    world.known_event(world.event_of(guest).unwrap_or_default())
}

fn moved(world: &mut World, by: &str, guest: &str, delta: i32) -> Result<CheckInPayload, Failure> {
    let moved = world.move_check_in(by, guest, delta);
    let (record, entry) = moved.ok_or_else(|| Failure::not_found("guest", guest))?;
    Ok(CheckInPayload {
        event: event_of(world, &record)?,
        guest: Guest(record),
        entry: Activity::from_record(&entry),
    })
}

fn in_range(field: &'static str, given: i32, most: i32) -> Result<i32, Failure> {
    if (1..=most).contains(&given) {
        Ok(given)
    } else {
        Err(Failure::invalid(
            field,
            format!("`{field}` is {given}: give a number from 1 to {most}"),
        ))
    }
}

/// Adds a guest as people paste or import them.
fn add_pasted(world: &mut World, by: &str, list: &str, pasted: PastedGuest) -> Guest {
    let mut record = blank_guest(world, list, pasted.name);
    (record.tickets, record.free) = (pasted.tickets, pasted.free);
    (record.email, record.notes) = (pasted.email, pasted.note);
    Guest(world.add_guest(by, record))
}

pub(crate) fn blank_guest(world: &World, list: &str, name: String) -> GuestRecord {
    GuestRecord {
        id: String::new(),
        list: list.to_owned(),
        name,
        tickets: 1,
        free: 0,
        checked_in: 0,
        reply: GuestStatus::Invited,
        email: None,
        notes: None,
        custom: Vec::new(),
        added_by: String::new(),
        added_at: world.now,
    }
}

fn new_guest(world: &World, input: AddGuestInput, viewer: &str) -> Result<GuestRecord, Failure> {
    let list = world.known_list(&input.guest_list)?.0;
    world.require_role(&list.event, viewer)?;
    let event = world.known_event(&list.event)?.0;
    let mut guest = blank_guest(world, &list.id, input.name.trim().to_owned());
    guest.tickets = input.tickets;
    guest.free = input.free_tickets;
    guest.email = input.email;
    guest.notes = input.notes;
    guest.reply = input.status;
    custom_fields::set(&event.custom_fields, &mut guest.custom, input.custom_fields)?;
    check(&guest)?;
    Ok(guest)
}

fn changed(
    world: &World,
    mut guest: GuestRecord,
    input: UpdateGuestInput,
) -> Result<GuestRecord, Failure> {
    if let Some(list) = input.guest_list {
        if world.known_list(&list)?.0.event != world.event_of(&guest).unwrap_or_default() {
            return Err(Failure::invalid(
                "guestList",
                "`guestList` is of another event: remove the guest and add it there",
            ));
        }
        guest.list = list.0;
    }
    if let Some(name) = input.name {
        guest.name = name.trim().to_owned();
    }
    guest.tickets = input.tickets.unwrap_or(guest.tickets);
    guest.free = input.free_tickets.unwrap_or(guest.free);
    guest.reply = input.status.unwrap_or(guest.reply);
    assign(&mut guest.email, input.email);
    assign(&mut guest.notes, input.notes);
    let event = event_of(world, &guest)?.0;
    custom_fields::set(&event.custom_fields, &mut guest.custom, input.custom_fields)?;
    check(&guest)?;
    Ok(guest)
}

fn assign(place: &mut Option<String>, new: MaybeUndefined<String>) {
    match new {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => *place = None,
        MaybeUndefined::Value(value) => *place = Some(value),
    }
}

fn check(guest: &GuestRecord) -> Result<(), Failure> {
    if guest.name.is_empty() {
        return Err(Failure::invalid("name", "`name` is empty"));
    }
    in_range("tickets", guest.tickets, LARGEST_GROUP)?;
    if guest.tickets < guest.checked_in {
        let (tickets, checked_in) = (guest.tickets, guest.checked_in);
        return Err(Failure::invalid(
            "tickets",
            format!("`tickets` is {tickets}, but {checked_in} are checked in: undo that first"),
        ));
    }
    if !(0..=guest.tickets).contains(&guest.free) {
        let (free, tickets) = (guest.free, guest.tickets);
        return Err(Failure::invalid(
            "freeTickets",
            format!("`freeTickets` is {free}: give a number from 0 to {tickets}"),
        ));
    }
    if guest.email.as_deref().is_some_and(|email| !is_email(email)) {
        return Err(Failure::invalid("email", "`email` is not an email address"));
    }
    match guest.reply {
        GuestStatus::Invited
        | GuestStatus::Confirmed
        | GuestStatus::Declined
        | GuestStatus::Pending => Ok(()),
        GuestStatus::PartlyArrived | GuestStatus::Arrived => Err(Failure::invalid(
            "status",
            "arrival comes from a check-in: use `checkIn`",
        )),
    }
}

fn differences(before: &GuestRecord, after: &GuestRecord) -> Vec<Change> {
    let field = |field: &str, before: Option<String>, after: Option<String>| {
        (before != after).then(|| Change {
            field: field.to_owned(),
            before,
            after,
        })
    };
    let number = |value: i32| Some(value.to_string());
    [
        field("name", Some(before.name.clone()), Some(after.name.clone())),
        field(
            "guestList",
            Some(before.list.clone()),
            Some(after.list.clone()),
        ),
        field("tickets", number(before.tickets), number(after.tickets)),
        field("freeTickets", number(before.free), number(after.free)),
        field("email", before.email.clone(), after.email.clone()),
        field("notes", before.notes.clone(), after.notes.clone()),
        field(
            "status",
            Some(format!("{:?}", before.reply)),
            Some(format!("{:?}", after.reply)),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
