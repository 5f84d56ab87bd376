// What both applications without Attendium's part do with the query.

use attendium::store::FileStore;
use attendium::{Login, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), attendium::Error> {
    let session = Session::builder()
        .base_url("https://api.attendium.com")
        .application("Guest list")
        .store(FileStore::in_state_directory()?)
        .build()?;
    if !session.status().await?.logged_in {
        session.login(Login::browser()).await?;
    }
    let tonight = session.run(&queries::Tonight {}).await?;
    for event in tonight.events.nodes {
        println!(
            "{}: {} of {} are in",
            event.name, event.checked_in, event.total_tickets
        );
    }
    Ok(())
}
