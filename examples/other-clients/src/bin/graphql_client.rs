//! An operation of `graphql_client`, with login, refresh and replay by the session.
//!
//! Run it with `cargo run --bin graphql_client`.

use graphql_client::GraphQLQuery;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../../schema/attendium.graphql",
    query_path = "queries/who_am_i.graphql"
)]
struct WhoAmI;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (sandbox, session) = other_clients::logged_in().await?;
    sandbox.expire_access_tokens();
    let me = session
        .run_graphql_client::<WhoAmI>(who_am_i::Variables {})
        .await?
        .me;
    println!("{} is {}", me.id, me.name);
    println!("refreshes: {}", sandbox.counts().refreshes);
    Ok(())
}
