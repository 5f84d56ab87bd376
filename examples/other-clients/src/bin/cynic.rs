//! An operation of `cynic`, with login, refresh and replay by the session.
//!
//! Run it with `cargo run --bin cynic`.

use cynic::QueryBuilder as _;

#[cynic::schema("attendium")]
mod schema {}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Query")]
struct WhoAmI {
    me: User,
}

#[derive(cynic::QueryFragment, Debug)]
struct User {
    id: cynic::Id,
    name: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (sandbox, session) = other_clients::logged_in().await?;
    sandbox.expire_access_tokens();
    let me = session.run_cynic(&WhoAmI::build(())).await?.me;
    println!("{} is {}", me.id.inner(), me.name);
    println!("refreshes: {}", sandbox.counts().refreshes);
    Ok(())
}
