//! The application of the guide's first page, as the page shows it. As `$BROWSER` it is the person
//! who logs in.

use attendium_sandbox::ScriptedUser;
use std::error::Error;

mod page {
    #![allow(missing_docs)]
    include!(concat!(env!("OUT_DIR"), "/start.rs"));

    /// What the page's `main` does.
    pub fn run() -> Result<(), attendium::Error> {
        main()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        None => Ok(page::run()?),
        Some(link) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(ScriptedUser::default().visit(&link))?;
            Ok(())
        }
    }
}
