//! Prints the guest list of the event that is going on, or of the next one.
//!
//! It logs in with the browser the first time, and refreshes by itself from then on.
//! `ATTENDIUM_BASE_URL` names another server than the real Attendium, for example one that
//! `attendium sandbox` runs.

use attendium::{Error, Login, Session};

mod queries {
    attendium::include_queries!();
}
use queries::{Evenings, Guest, Guests};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let session = Session::attendium("Guest list")?;
    if !session.status().await?.logged_in {
        session.login(Login::browser()).await?;
    }

    let evenings = session.run(&Evenings {}).await?;
    let Some(evening) = evenings
        .ongoing
        .nodes
        .iter()
        .chain(&evenings.upcoming.nodes)
        .next()
    else {
        println!("There is no event to come.");
        return Ok(());
    };

    let mut guests = Guests::new(&evening.id);
    loop {
        let Some(page) = session.run(&guests).await?.event else {
            println!("{} was removed a moment ago.", evening.name);
            return Ok(());
        };
        if guests.after.is_absent() {
            println!(
                "{}: {} of {} tickets are checked in\n",
                page.name, page.checked_in, page.total_tickets
            );
        }
        page.guests.nodes.iter().for_each(print);
        if !page.guests.page_info.has_next_page {
            return Ok(());
        }
        guests = guests.after(page.guests.page_info.end_cursor);
    }
}

/// A fragment is a type of its own, whichever operation brought it.
fn print(guest: &Guest) {
    println!(
        "{:>2} / {:<2}  {}",
        guest.checked_in, guest.tickets, guest.name
    );
}
