//! The application in the README, with graphql_client, reqwest and oauth2.

#[path = "../login.rs"]
mod login;

use graphql_client::{GraphQLQuery, Response};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../../schema/attendium.graphql",
    query_path = "tonight.graphql"
)]
struct Tonight;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), login::Error> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let token = login::access_token(&http).await?;
    let answer: Response<tonight::ResponseData> = http
        .post("https://api.attendium.com/graphql")
        .bearer_auth(token)
        .json(&Tonight::build_query(tonight::Variables {}))
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
