//! The application in the README.

use attendium::{Login, Session};

attendium::graphql! {
    query Tonight {
        events(tab: ONGOING) {
            nodes { name checkedIn totalTickets }
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), attendium::Error> {
    let session = Session::attendium("Guest list")?;
    if !session.status().await?.logged_in {
        session.login(Login::browser()).await?;
    }
    for event in session.run(&Tonight {}).await?.events.nodes {
        println!(
            "{}: {} of {} are in",
            event.name, event.checked_in, event.total_tickets
        );
    }
    Ok(())
}
