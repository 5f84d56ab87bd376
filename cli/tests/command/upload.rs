//! `attendium query` with files.

use super::support::{self, Home, start};
use attendium_sandbox::Sandbox;
use serde_json::json;

const CSV: &str = "name,tickets\nAda Lovelace,2\n";
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/attendium.graphql");
const IMPORT: &str = "mutation Import($list: ID!, $file: Upload!) {
    importGuests(guestList: $list, file: $file) { fileName guests { name } } }";

#[test]
fn a_file_is_sent_from_its_path_and_from_standard_input() {
    let sandbox = start(Sandbox::builder());
    let home = Home::beside(&sandbox);
    assert_eq!(home.run(&["login"]).code, 0);
    let lists = "{ event(id: \"event-midsummer\") { guestLists { id } } }";
    let select = ["--select", "event.guestLists[0].id"];
    let run = home.run(&[&["query", "-e", lists], &select[..]].concat());
    let list = format!("list={}", run.stdout.trim_end());
    home.write("guests.csv", CSV);
    for (file, name) in [
        ("file=guests.csv", "guests.csv"),
        ("file=@./guests.csv", "guests.csv"),
        ("file=-", "stdin"),
    ] {
        for schema in [&["--schema", SCHEMA][..], &["--no-schema"]] {
            let start = ["query", "-e", IMPORT, "--var", &list, "--var", file];
            let run = home.run_with_input(&[&start, schema].concat(), CSV);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{file}: {run:?}");
            let guests = json!([{ "name": "Ada Lovelace" }]);
            let imported = json!({ "fileName": name, "guests": guests });
            assert_eq!(support::json(&run), json!({ "importGuests": imported }));
        }
    }
}
