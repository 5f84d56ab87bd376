//! The data that every sandbox begins with: an evening in June 2027 on which one event is going on.

use jiff::Timestamp;
use serde_json::json;

use super::enums::{CustomFieldKind, GuestStatus, QrMode, Role};
use super::pasted::parse_line;
use super::world::{
    CustomFieldRecord, EventRecord, GuestListRecord, GuestRecord, InvitationRecord, MessageRecord,
    OrderRecord, PassRecord, UserRecord, VenueRecord, World,
};

/// Who logs in where nothing else was asked for.
pub(crate) const EMMA: &str = "user-emma";
const LUIS: &str = "user-luis";
const PRIYA: &str = "user-priya";
const MIDSUMMER: &str = "event-midsummer";

fn at(text: &str) -> Timestamp {
    // The seed's times are literals, and a test reads each of them.
    text.parse().unwrap_or_default()
}

pub(crate) fn seed() -> World {
    let mut world = World::default();
    world.now = at("2027-06-18T14:00:00Z");
    world.users = users();
    world.venues = venues();
    world.events = events();
    world.lists = lists();
    guests(&mut world);
    extras(&mut world);
    world.now = at("2027-06-18T20:45:00Z");
    world
}

fn users() -> Vec<UserRecord> {
    let user =
        |id: &str, name: &str, login: &str, password: &str, role, language: &str| UserRecord {
            id: id.into(),
            name: name.into(),
            login: login.into(),
            password: password.into(),
            role,
            language: language.into(),
        };
    vec![
        user(
            EMMA,
            "Emma Lindqvist",
            "emma@example.com",
            "correct horse",
            Role::Owner,
            "en",
        ),
        user(
            LUIS,
            "Luis Ortega",
            "luis@example.com",
            "battery staple",
            Role::Promoter,
            "es",
        ),
        user(
            PRIYA,
            "Priya Nair",
            "priya@example.com",
            "paper lantern",
            Role::Door,
            "en",
        ),
    ]
}

fn venues() -> Vec<VenueRecord> {
    vec![
        VenueRecord {
            id: "venue-boathouse".into(),
            name: "The Boathouse".into(),
            street: "Strandvägen 12".into(),
            city: "Stockholm".into(),
            postal_code: "114 56".into(),
            country: "SE".into(),
            position: Some((59.3325, 18.0916)),
            capacity: Some(450),
            website: Some("https://boathouse.example/".into()),
        },
        VenueRecord {
            id: "venue-cellar".into(),
            name: "Cellar 9".into(),
            street: "Köpmangatan 9".into(),
            city: "Stockholm".into(),
            postal_code: "111 31".into(),
            country: "SE".into(),
            position: None,
            capacity: None,
            website: None,
        },
    ]
}

fn events() -> Vec<EventRecord> {
    let event = |id: &str, name: &str, venue: Option<&str>, begins: &str, ends: &str| EventRecord {
        id: id.into(),
        name: name.into(),
        description: None,
        venue: venue.map(Into::into),
        begins: at(begins),
        ends: at(ends),
        is_template: false,
        template: None,
        currency: "EUR".into(),
        custom_fields: Vec::new(),
        messages: Vec::new(),
        permissions: Vec::new(),
    };
    let house = Some("venue-boathouse");
    let cellar = Some("venue-cellar");
    let mut midsummer = event(
        MIDSUMMER,
        "Midsummer Night",
        house,
        "2027-06-18T19:00:00Z",
        "2027-06-19T02:00:00Z",
    );
    midsummer.description = Some("Dinner on the pier, then dancing until the sun is back.".into());
    midsummer.template = Some("event-template-party".into());
    midsummer.custom_fields = vec![
        CustomFieldRecord {
            id: "field-table".into(),
            name: "Table".into(),
            kind: CustomFieldKind::Number,
            options: Vec::new(),
            required: false,
        },
        CustomFieldRecord {
            id: "field-dinner".into(),
            name: "Dinner".into(),
            kind: CustomFieldKind::Choice,
            options: vec!["Fish".into(), "Meat".into(), "Vegan".into()],
            required: false,
        },
    ];
    midsummer.messages = vec![
        MessageRecord {
            id: "message-reminder".into(),
            subject: "See you tomorrow".into(),
            body: "Doors open at 21:00. Bring the QR code.".into(),
            hours_before: Some(24),
            enabled: true,
        },
        MessageRecord {
            id: "message-thanks".into(),
            subject: "Thank you".into(),
            body: "It was good to have you with us.".into(),
            hours_before: None,
            enabled: false,
        },
    ];
    midsummer.permissions = vec![
        (EMMA.into(), Role::Owner),
        (LUIS.into(), Role::Promoter),
        (PRIYA.into(), Role::Door),
    ];
    let mut preview = event(
        "event-gallery",
        "Gallery Preview",
        cellar,
        "2027-07-02T16:00:00Z",
        "2027-07-02T20:00:00Z",
    );
    // Emma only stands at the door here, so that orders and analytics are refused to her.
    preview.permissions = vec![(EMMA.into(), Role::Door), (LUIS.into(), Role::Manager)];
    let mut template = event(
        "event-template-party",
        "Party",
        None,
        "2027-01-01T20:00:00Z",
        "2027-01-02T02:00:00Z",
    );
    template.is_template = true;
    vec![
        midsummer,
        preview,
        event(
            "event-jazz",
            "Cellar Jazz",
            cellar,
            "2027-08-13T18:00:00Z",
            "2027-08-13T22:00:00Z",
        ),
        event(
            "event-opening",
            "Season Opening",
            house,
            "2027-04-24T17:00:00Z",
            "2027-04-24T23:00:00Z",
        ),
        template,
    ]
}

fn lists() -> Vec<GuestListRecord> {
    let list = |id: &str, event: &str, name: &str, color: &str, qr_mode| GuestListRecord {
        id: id.into(),
        event: event.into(),
        name: name.into(),
        color: color.into(),
        price: None,
        tax: None,
        qr_mode,
    };
    let mut tickets = list(
        "list-tickets",
        MIDSUMMER,
        "Tickets",
        "#2f6fed",
        QrMode::PerTicket,
    );
    tickets.price = Some(2_500);
    tickets.tax = Some(600);
    vec![
        list(
            "list-friends",
            MIDSUMMER,
            "Friends",
            "#e0a100",
            QrMode::PerName,
        ),
        tickets,
        list(
            "list-press",
            "event-gallery",
            "Press",
            "#7a4fd0",
            QrMode::None,
        ),
        list(
            "list-jazz",
            "event-jazz",
            "Regulars",
            "#1f8a5b",
            QrMode::None,
        ),
        list(
            "list-opening",
            "event-opening",
            "Everyone",
            "#c2410c",
            QrMode::PerName,
        ),
    ]
}

fn guests(world: &mut World) {
    // The list, the guest as one would paste it, the tickets that are checked in, and the table.
    let rows = [
        (
            "list-friends",
            "Ada Brandt +2 (free) ada@example.com",
            3,
            Some(1),
        ),
        ("list-friends", "Björn Ek (free)", 0, Some(1)),
        (
            "list-friends",
            "Chidi Okafor +4 (2) chidi@example.com: Arrives in two cars.",
            2,
            Some(4),
        ),
        (
            "list-friends",
            "Dana \"Dee\" Weiss +1 dee@example.com",
            0,
            None,
        ),
        ("list-friends", "Elif Kaya : Allergic to nuts.", 1, Some(2)),
        (
            "list-friends",
            "Farid Haddad +3 (free) farid@example.com",
            0,
            None,
        ),
        ("list-tickets", "Grace Omondi +1 grace@example.com", 2, None),
        ("list-tickets", "Hugo Smith (free)", 0, None),
        (
            "list-tickets",
            "Ines Carvalho +5 ines@example.com: Birthday group.",
            4,
            Some(7),
        ),
        ("list-tickets", "Jon Snow +2 (3) : a note", 0, None),
        (
            "list-tickets",
            "Katy Perry +1 (2) katy@example.com",
            0,
            Some(3),
        ),
        ("list-tickets", "李雷 +1 lilei@example.com", 0, None),
        ("list-press", "Mona Press (free) mona@example.com", 0, None),
        ("list-press", "Nils Berg +1 (free)", 0, None),
        ("list-jazz", "Olga Petrova +1 olga@example.com", 0, None),
        ("list-opening", "Pau Vidal +3 (1)", 4, None),
    ];
    for (index, (list, line, checked_in, table)) in rows.into_iter().enumerate() {
        // A test counts the guests, so that no line gets lost here.
        let Ok(pasted) = parse_line(line) else {
            continue;
        };
        let by = if index % 3 == 1 { LUIS } else { EMMA };
        let mut custom = Vec::new();
        if let Some(table) = table {
            let dinner = ["Fish", "Meat", "Vegan"][index % 3];
            custom.push(("field-table".to_owned(), json!(table)));
            custom.push(("field-dinner".to_owned(), json!(dinner)));
        }
        let reply = match pasted.email {
            Some(_) => GuestStatus::Confirmed,
            None => GuestStatus::Invited,
        };
        let guest = GuestRecord {
            id: String::new(),
            list: list.into(),
            name: pasted.name,
            tickets: pasted.tickets,
            free: pasted.free,
            checked_in: 0,
            reply,
            email: pasted.email,
            notes: pasted.note,
            custom,
            added_by: String::new(),
            added_at: world.now,
        };
        let guest = world.add_guest(by, guest);
        if checked_in > 0 {
            let resume = world.now;
            let hour = if index % 2 == 0 { "19" } else { "20" };
            world.now = at(&format!("2027-06-18T{hour}:1{}:00Z", index % 10));
            world.move_check_in(PRIYA, &guest.id, checked_in);
            world.now = resume;
        }
    }
    world.log.sort_by_key(|entry| entry.at);
}

fn extras(world: &mut World) {
    let invitation =
        |id: &str, name: &str, limit, responses, invited: Option<(&str, &str)>| InvitationRecord {
            id: id.into(),
            event: MIDSUMMER.into(),
            name: name.into(),
            limit,
            responses,
            invited: invited.map(|(name, email)| (name.into(), email.into())),
        };
    world.invitations = vec![
        invitation(
            "invitation-open",
            "Friends of the house",
            Some(150),
            5,
            None,
        ),
        invitation(
            "invitation-ada",
            "Ada",
            Some(1),
            1,
            Some(("Ada Brandt", "ada@example.com")),
        ),
    ];
    world.orders = vec![
        OrderRecord {
            id: "order-1001".into(),
            event: MIDSUMMER.into(),
            email: "grace@example.com".into(),
            tickets: 2,
            price: 5_000,
            placed_at: at("2027-05-30T09:12:00Z"),
        },
        OrderRecord {
            id: "order-1002".into(),
            event: MIDSUMMER.into(),
            email: "ines@example.com".into(),
            tickets: 6,
            price: 15_000,
            placed_at: at("2027-06-02T18:40:00Z"),
        },
    ];
    world.passes = vec![PassRecord {
        id: "pass-summer".into(),
        name: "Summer pass".into(),
        holder: "Farid Haddad".into(),
        events: vec![MIDSUMMER.into(), "event-jazz".into()],
    }];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_seed_leads_somewhere() {
        let world = seed();
        let epoch = Timestamp::default();
        for event in &world.events {
            assert!(
                event.begins > epoch && event.begins < event.ends,
                "{}",
                event.id
            );
            assert!(
                event
                    .venue
                    .as_ref()
                    .is_none_or(|id| world.venue(id).is_some())
            );
            assert!(
                event
                    .template
                    .as_ref()
                    .is_none_or(|id| world.event(id).is_some())
            );
            assert!(
                event
                    .permissions
                    .iter()
                    .all(|(id, _)| world.user(id).is_some())
            );
        }
        for guest in &world.guests {
            let event = world.event_of(guest).expect("a list");
            assert!(world.event(event).is_some());
            assert!(guest.free <= guest.tickets && guest.checked_in <= guest.tickets);
            assert!(guest.added_at > epoch);
        }
        assert!(
            world
                .log
                .iter()
                .all(|entry| entry.at > epoch && world.user(&entry.by).is_some())
        );
        assert_eq!(
            (world.guests.len(), world.guests_of(MIDSUMMER).count()),
            (16, 12)
        );
    }
}
