//! The GraphQL API over sockets: the model behaves as its descriptions say.

mod client;

use attendium_sandbox::Sandbox;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::{App, CALLBACK, answer, http};
use serde_json::{Value, json};

/// A sandbox's API for one who is logged in.
struct Api<'a> {
    app: App<'a>,
    token: String,
}

impl<'a> Api<'a> {
    async fn new(sandbox: &'a Sandbox) -> Self {
        let app = App::register(sandbox, CALLBACK).await;
        let (token, _) = app.tokens().await;
        Self { app, token }
    }

    async fn run(&self, query: &str, variables: Value) -> Value {
        let answer = self.app.graphql(&self.token, query, variables).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// The data, where there is no error.
    async fn data(&self, query: &str, variables: Value) -> Value {
        let mut body = self.run(query, variables).await;
        assert_eq!(body.get("errors"), None, "{body}");
        body["data"].take()
    }

    /// The code and the path of the only error.
    async fn error(&self, query: &str, variables: Value) -> (String, Value) {
        let body = self.run(query, variables).await;
        let errors = body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{body}");
        let code = errors[0]["extensions"]["code"].as_str().expect("a code");
        (code.to_owned(), errors[0]["path"].clone())
    }
}

#[tokio::test]
async fn a_group_is_checked_in_by_parts_and_out_again() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let events = api
        .data("{ events(tab: ONGOING) { nodes { id checkedIn totalTickets guests(filter: { name: { eq: \"farid haddad\" } }) { nodes { id status } } } } }", Value::Null)
        .await;
    let event = &events["events"]["nodes"][0];
    assert_eq!(
        (&event["checkedIn"], &event["totalTickets"]),
        (&json!(12), &json!(32))
    );
    let guest = event["guests"]["nodes"][0]["id"].as_str().expect("a guest");

    let check_in = "mutation($guest: ID!, $tickets: Int) { checkIn(guest: $guest, tickets: $tickets) {
        guest { checkedIn status } event { checkedIn } entry { __typename ... on LogEntry { at guestName by { name } } ... on CheckedIn { tickets } } } }";
    let part = api
        .data(check_in, json!({ "guest": guest, "tickets": 3 }))
        .await;
    assert_eq!(
        part["checkIn"]["guest"],
        json!({ "checkedIn": 3, "status": "PARTLY_ARRIVED" })
    );
    assert_eq!(part["checkIn"]["event"]["checkedIn"], 15);
    assert_eq!(
        part["checkIn"]["entry"],
        json!({ "__typename": "CheckedIn", "at": "2027-06-18T20:45:01Z", "guestName": "Farid Haddad", "by": { "name": "Emma Lindqvist" }, "tickets": 3 })
    );
    let (code, path) = api
        .error(check_in, json!({ "guest": guest, "tickets": 2 }))
        .await;
    assert_eq!((code.as_str(), path), ("INVALID_INPUT", json!(["checkIn"])));
    let rest = api.data(check_in, json!({ "guest": guest })).await;
    assert_eq!(
        rest["checkIn"]["guest"],
        json!({ "checkedIn": 4, "status": "ARRIVED" })
    );
    let undo = "mutation($guest: ID!) { undoCheckIn(guest: $guest) { guest { checkedIn log { __typename } } entry { __typename } } }";
    let undone = api.data(undo, json!({ "guest": guest })).await;
    assert_eq!(undone["undoCheckIn"]["guest"]["checkedIn"], 0);
    assert_eq!(undone["undoCheckIn"]["entry"]["__typename"], "CheckedOut");
    let (code, _) = api.error(undo, json!({ "guest": guest })).await;
    assert_eq!(code, "INVALID_INPUT");
    let (code, _) = api.error(check_in, json!({ "guest": "guest-none" })).await;
    assert_eq!(code, "NOT_FOUND");
}

#[tokio::test]
async fn pages_of_guests_meet_without_gap_or_overlap() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let query = "query($after: String, $before: String, $first: Int, $last: Int) { event(id: \"event-midsummer\") {
        guests(first: $first, after: $after, last: $last, before: $before, orderBy: { field: TICKETS, direction: DESC }) {
            totalCount nodes { name tickets } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";
    let whole = api.data(query, Value::Null).await;
    let whole = whole["event"]["guests"]["nodes"]
        .as_array()
        .expect("guests")
        .clone();
    assert_eq!(whole.len(), 12);
    assert!(
        whole
            .windows(2)
            .all(|pair| pair[0]["tickets"].as_i64() >= pair[1]["tickets"].as_i64())
    );

    let (mut forwards, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let page = api
            .data(query, json!({ "first": 5, "after": cursor }))
            .await;
        let guests = &page["event"]["guests"];
        assert_eq!(guests["totalCount"], 12);
        forwards.extend(guests["nodes"].as_array().expect("guests").clone());
        cursor = guests["pageInfo"]["endCursor"].clone();
        if guests["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forwards, whole);
    let last = api
        .data(query, json!({ "last": 4, "before": cursor }))
        .await;
    assert_eq!(
        last["event"]["guests"]["nodes"].as_array().expect("guests")[..],
        whole[7..11]
    );
    assert_eq!(last["event"]["guests"]["pageInfo"]["hasPreviousPage"], true);
    for bad in [
        json!({ "first": -1 }),
        json!({ "first": 501 }),
        json!({ "after": "x" }),
        json!({ "first": 1, "last": 1 }),
    ] {
        assert_eq!(api.error(query, bad).await.0, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn an_update_keeps_what_is_absent_and_clears_what_is_null() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let find = "{ guest(key: { named: { event: \"event-midsummer\", name: \"chidi okafor\" } }) { id email notes } }";
    let guest = api.data(find, Value::Null).await["guest"].take();
    let update = "mutation($input: UpdateGuestInput!) { updateGuest(input: $input) { email notes tickets log { __typename ... on GuestChanged { changes { field before after } } } } }";
    let table = json!([{ "field": "field-table", "value": 12 }]);
    let input = json!({ "input": { "id": guest["id"], "notes": null, "tickets": 6, "customFields": table } });
    let updated = api.data(update, input).await["updateGuest"].take();
    assert_eq!(
        (&updated["email"], &updated["notes"], &updated["tickets"]),
        (&guest["email"], &Value::Null, &json!(6))
    );
    let log = updated["log"].as_array().expect("a log");
    assert_eq!(
        log.last().expect("an entry")["changes"],
        json!([
            { "field": "tickets", "before": "5", "after": "6" },
            { "field": "notes", "before": "Arrives in two cars.", "after": null },
            { "field": "Table", "before": "4", "after": "12" },
        ])
    );
    for (field, value) in [
        ("tickets", json!(1)),
        ("freeTickets", json!(9)),
        ("email", json!("nobody")),
        ("status", json!("ARRIVED")),
        ("guestList", json!("list-press")),
        (
            "customFields",
            json!([{ "field": "field-dinner", "value": "Pizza" }]),
        ),
    ] {
        let input = json!({ "input": { "id": guest["id"], (field): value } });
        let body = api.run(update, input).await;
        assert_eq!(
            body["errors"][0]["extensions"],
            json!({ "code": "INVALID_INPUT", "field": field })
        );
    }
}

#[tokio::test]
async fn pasted_guests_are_added_and_bad_lines_are_given_back() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let mutation = "mutation($text: String!) { addGuestsFromText(guestList: \"list-jazz\", text: $text) {
        guests { name tickets freeTickets email notes } rejected { line text reason } event { totalTickets } } }";
    let text = "John Smith +2\n\nAnn Lee ann@example.com\n+3\nJon Snow +2 (3) : a note";
    let added = api.data(mutation, json!({ "text": text })).await["addGuestsFromText"].take();
    assert_eq!(added["guests"].as_array().expect("guests").len(), 3);
    assert_eq!(
        added["guests"][2],
        json!({ "name": "Jon Snow", "tickets": 3, "freeTickets": 3, "email": null, "notes": "a note" })
    );
    assert_eq!(
        added["rejected"],
        json!([{ "line": 4, "text": "+3", "reason": "has no name" }])
    );
    assert_eq!(added["event"]["totalTickets"], 2 + 3 + 1 + 3);
}

#[tokio::test]
async fn a_guest_is_added_with_defaults_and_removed_but_stays_in_the_log() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let add = "mutation($input: AddGuestInput!) { addGuest(input: $input) { guest { id tickets freeTickets status customFields { field { name } value } } } }";
    let input = json!({ "guestList": "list-friends", "name": "Zoë", "customFields": [{ "field": "field-table", "value": 9 }] });
    let guest = api.data(add, json!({ "input": input })).await["addGuest"]["guest"].take();
    assert_eq!(
        (&guest["tickets"], &guest["freeTickets"], &guest["status"]),
        (&json!(1), &json!(0), &json!("INVITED"))
    );
    assert_eq!(
        guest["customFields"],
        json!([{ "field": { "name": "Table" }, "value": 9 }])
    );
    let remove = "mutation($id: ID!) { removeGuest(id: $id, reason: \"asked\") { id event { log(first: 2) { nodes { __typename guestName ... on GuestRemoved { reason } ... on GuestAdded { guest { id } } } } } } }";
    let removed = api.data(remove, json!({ "id": guest["id"] })).await["removeGuest"].take();
    assert_eq!(
        removed["event"]["log"]["nodes"],
        json!([
            { "__typename": "GuestRemoved", "guestName": "Zoë", "reason": "asked" },
            { "__typename": "GuestAdded", "guestName": "Zoë", "guest": null },
        ])
    );
}

#[tokio::test]
async fn filters_nest() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let query = "query($filter: GuestFilter) { event(id: \"event-midsummer\") { guests(filter: $filter) { nodes { name } } } }";
    let filter = json!({
        "or": [{ "name": { "startsWith": "kat" } }, { "and": [{ "tickets": { "gte": 5 } }, { "not": { "guestList": "list-tickets" } }] }],
        "not": { "status": ["ARRIVED"] },
    });
    let found = api.data(query, json!({ "filter": filter })).await;
    assert_eq!(
        found["event"]["guests"]["nodes"],
        json!([{ "name": "Chidi Okafor" }, { "name": "Katy Perry" }])
    );
}

#[tokio::test]
async fn a_field_that_is_forbidden_leaves_the_rest_of_the_data() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let query = "{ event(id: \"event-gallery\") { name orders { id } } }";
    let body = api.run(query, Value::Null).await;
    assert_eq!(
        body["data"]["event"],
        json!({ "name": "Gallery Preview", "orders": null })
    );
    assert_eq!(body["errors"][0]["path"], json!(["event", "orders"]));
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    // A failure of a non-null field goes up to the nearest nullable one, and an object without
    // fields is still an object.
    let body = api.run("{ event(id: \"event-midsummer\") { recentActivity(limit: 101) { __typename } } me { id @skip(if: true) } }", Value::Null).await;
    assert_eq!(body["data"], json!({ "event": null, "me": {} }));
    assert_eq!(
        body["errors"][0]["path"],
        json!(["event", "recentActivity"])
    );

    let own = "{ event(id: \"event-midsummer\") { orders { price { amount currency } } analytics { promoters { tickets promoter { name } } checkInsByHour { hour tickets } } } }";
    let own = api.data(own, Value::Null).await["event"].take();
    assert_eq!(
        own["orders"][0]["price"],
        json!({ "amount": "50.00", "currency": "EUR" })
    );
    let hours = own["analytics"]["checkInsByHour"]
        .as_array()
        .expect("hours");
    assert_eq!(
        hours
            .iter()
            .filter_map(|hour| hour["tickets"].as_i64())
            .sum::<i64>(),
        12
    );
}

#[tokio::test]
async fn things_are_found_by_id_by_code_and_by_text() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let query = "{ nodes(ids: [\"user-emma\", \"nothing\", \"list-tickets\"]) { __typename id ... on Counted { totalTickets } }
        search(text: \"jazz\") { __typename ... on Event { name } }
        event(id: \"event-midsummer\") { invitations { name ... on OpenInvitation { responseLimit } ... on PersonalInvitation { invitedName } }
            guests(first: 1) { nodes { qrCodes { code tickets image } } } } }";
    let data = api.data(query, Value::Null).await;
    assert_eq!(
        data["nodes"],
        json!([{ "__typename": "User", "id": "user-emma" }, null, { "__typename": "GuestList", "id": "list-tickets", "totalTickets": 16 }])
    );
    assert_eq!(
        data["search"],
        json!([{ "__typename": "Event", "name": "Cellar Jazz" }])
    );
    assert_eq!(data["event"]["invitations"][0]["responseLimit"], 150);
    assert_eq!(data["event"]["invitations"][1]["invitedName"], "Ada Brandt");
    let code = &data["event"]["guests"]["nodes"][0]["qrCodes"][0]["code"];
    let by_code = "query($key: GuestKey!) { guest(key: $key) { name } }";
    let found = api
        .data(by_code, json!({ "key": { "qrCode": code } }))
        .await;
    assert_eq!(found["guest"]["name"], "Ada Brandt");
    let both = json!({ "key": { "qrCode": code, "id": "guest-1" } });
    let body = api.run(by_code, both).await;
    assert_eq!(
        body["data"],
        Value::Null,
        "exactly one of a oneOf input: {body}"
    );
}

#[tokio::test]
async fn an_event_is_made_after_another_one() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let create = "mutation($input: CreateEventInput!) { createEvent(input: $input) { name begins template { id } guestLists { name } permissions { role } } }";
    let input = json!({ "begins": "2027-07-01T20:00:00+02:00", "ends": "2027-07-01T23:00:00Z", "from": "event-midsummer" });
    let event = api.data(create, json!({ "input": input })).await["createEvent"].take();
    assert_eq!(
        event,
        json!({ "name": "Midsummer Night", "begins": "2027-07-01T18:00:00Z", "template": null, "guestLists": [{ "name": "Friends" }, { "name": "Tickets" }], "permissions": [{ "role": "OWNER" }] })
    );
}

#[tokio::test]
async fn a_request_that_is_none_is_refused_before_it_is_executed() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let url = format!("{}/graphql", sandbox.base_url());
    let post = |media_type: &str, body: &str| {
        let request = http()
            .post(&url)
            .bearer_auth(&api.token)
            .header("content-type", media_type.to_owned());
        request.body(body.to_owned()).send()
    };
    assert_eq!(
        post("text/plain", "{}").await.expect("an answer").status(),
        415
    );
    assert_eq!(
        post("application/json", "{")
            .await
            .expect("an answer")
            .status(),
        400
    );
    assert_eq!(
        http().get(&url).send().await.expect("an answer").status(),
        405
    );
    let nobody = api.app.graphql("", "{ me { id } }", Value::Null).await;
    assert_eq!(
        (nobody.status, nobody.challenge.as_str()),
        (401, "Bearer realm=\"attendium\"")
    );
    let unknown = api
        .app
        .graphql("unknown", "{ me { id } }", Value::Null)
        .await;
    assert!(unknown.challenge.contains("error=\"invalid_token\""));
    assert_eq!(sandbox.counts().graphql_executions, 0);
    let invalid = api.run("{ nonsense }", Value::Null).await;
    assert!(
        invalid["errors"][0]["message"]
            .as_str()
            .is_some_and(|message| message.contains("nonsense"))
    );
}

#[tokio::test]
async fn login_and_password_are_still_accepted_with_basic_authentication() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let user = sandbox.users().swap_remove(1);
    for (password, status) in [(user.password.as_str(), 200), ("wrong", 401)] {
        let credentials = STANDARD.encode(format!("{}:{password}", user.login));
        let request = http()
            .post(format!("{}/graphql", sandbox.base_url()))
            .header("content-type", "application/json");
        let request = request
            .header("authorization", format!("Basic {credentials}"))
            .body(r#"{"query":"{ me { login } }"}"#);
        let answer = answer(request.send().await.expect("an answer"));
        assert_eq!(answer.status, status);
        if status == 200 {
            assert_eq!(answer.body["data"]["me"]["login"], user.login.as_str());
        }
    }
}

/// What a client of today asks for: the introspection query of the specification of September 2025,
/// with everything deprecated.
const INTROSPECTION: &str = "query Introspection { __schema { description queryType { name } mutationType { name } subscriptionType { name }
    types { kind name description specifiedByURL isOneOf
        fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...Input } type { ...Type } isDeprecated deprecationReason }
        inputFields(includeDeprecated: true) { ...Input } interfaces { ...Type }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...Type } }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...Input } } } }
fragment Input on __InputValue { name description type { ...Type } defaultValue isDeprecated deprecationReason }
fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

#[tokio::test]
async fn the_introspection_query_of_today_is_answered_in_full() {
    let sandbox = Sandbox::start().await.expect("a sandbox");
    let api = Api::new(&sandbox).await;
    let schema = api.data(INTROSPECTION, Value::Null).await["__schema"].take();
    let types = schema["types"].as_array().expect("types");
    let named = |name: &str| types.iter().find(|ty| ty["name"] == name).expect("a type");
    let field = |ty: &str, name: &str| {
        let fields = named(ty)["fields"].as_array().expect("fields");
        fields
            .iter()
            .find(|field| field["name"] == name)
            .expect("a field")
            .clone()
    };
    assert_eq!(named("GuestKey")["isOneOf"], true);
    assert_eq!(
        named("URL")["specifiedByURL"],
        "https://url.spec.whatwg.org/"
    );
    assert_eq!(field("User", "username")["deprecationReason"], "Use login.");
    assert_eq!(
        field("Event", "guests")["args"][5]["defaultValue"],
        "{field: NAME, direction: ASC}"
    );
    let members: Vec<_> = named("Activity")["possibleTypes"]
        .as_array()
        .expect("members")
        .iter()
        .map(|ty| ty["name"].clone())
        .collect();
    assert_eq!(
        members,
        [
            "GuestAdded",
            "GuestChanged",
            "GuestRemoved",
            "CheckedIn",
            "CheckedOut"
        ]
    );
    let sdl = attendium_sandbox::sdl();
    for ty in types.iter().filter_map(|ty| ty["name"].as_str()) {
        let built_in =
            ty.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&ty);
        assert!(
            built_in || sdl.contains(&format!(" {ty} ")) || sdl.contains(&format!(" {ty}\n")),
            "{ty} is not in the SDL"
        );
    }
}
