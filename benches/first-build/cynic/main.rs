//! The application in the README, with cynic, reqwest and oauth2.

#[path = "../login.rs"]
mod login;

use cynic::{GraphQlResponse, QueryBuilder};

mod schema {
    cynic::use_schema!("../../../schema/attendium.graphql");
}

#[derive(cynic::QueryFragment)]
#[cynic(
    schema_path = "../../../schema/attendium.graphql",
    graphql_type = "Query"
)]
struct Tonight {
    #[arguments(tab: ONGOING)]
    events: EventConnection,
}

#[derive(cynic::QueryFragment)]
#[cynic(schema_path = "../../../schema/attendium.graphql")]
struct EventConnection {
    nodes: Vec<Event>,
}

#[derive(cynic::QueryFragment)]
#[cynic(schema_path = "../../../schema/attendium.graphql")]
struct Event {
    name: String,
    checked_in: i32,
    total_tickets: i32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), login::Error> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let token = login::access_token(&http).await?;
    let answer: GraphQlResponse<Tonight> = http
        .post("https://api.attendium.com/graphql")
        .bearer_auth(token)
        .json(&Tonight::build(()))
        .send()
        .await?
        .json()
        .await?;
    for event in answer.data.ok_or("no data")?.events.nodes {
        println!(
            "{}: {} of {} are in",
            event.name, event.checked_in, event.total_tickets
        );
    }
    Ok(())
}
