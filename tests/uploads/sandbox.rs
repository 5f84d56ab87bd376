//! Files that arrive: from each source, and again where a request is repeated.

use std::sync::{Arc, Mutex};

use attendium::{Retries, Session, Upload, UploadProgress};
use attendium_sandbox::{Fault, Place};
use bytes::Bytes;
use futures_util::stream;

use super::{ImportGuests, door};

const CSV: &str = "name,tickets,email,notes\nAda Lovelace,2,ada@example.com,\"a, b\"\nBob,many\n";

/// The names of the guests that came in with a file.
async fn import(session: &Session, list: &attendium::Id, file: Upload) -> Vec<String> {
    let operation = ImportGuests::new(list.clone(), file);
    let imported = session.run(&operation).await.unwrap().import_guests;
    imported
        .guests
        .into_iter()
        .map(|guest| guest.name)
        .collect()
}

#[tokio::test]
async fn a_file_is_read_by_the_server_from_each_source() {
    let (_sandbox, session, list) = door().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("guests.csv");
    std::fs::write(&path, CSV).unwrap();
    let (head, tail) = CSV.split_at(30);
    let pieces = || stream::iter([Ok::<_, std::io::Error>(Bytes::from(head)), Ok(tail.into())]);
    let sources = [
        Upload::from_path(&path),
        Upload::from_bytes("guests.csv", CSV),
        Upload::from_stream("guests.csv", pieces()),
        Upload::from_stream("guests.csv", pieces()).length(CSV.len() as u64),
        Upload::from_reader("guests.csv", CSV.as_bytes()),
    ];
    for file in sources {
        let shown = format!("{file:?}");
        let operation = ImportGuests::new(list.clone(), file.content_type("text/csv"));
        let imported = session.run(&operation).await.unwrap().import_guests;
        assert_eq!(imported.file_name, "guests.csv", "{shown}");
        let [ada] = imported.guests.as_slice() else {
            panic!("{shown}: {:?}", imported.guests);
        };
        assert_eq!(ada.name, "Ada Lovelace", "{shown}");
        assert_eq!(ada.notes.as_deref(), Some("a, b"), "{shown}");
        let [bob] = imported.rejected.as_slice() else {
            panic!("{shown}: {:?}", imported.rejected);
        };
        assert_eq!((bob.line, &*bob.text), (3, "Bob,many"), "{shown}");
    }
}

#[tokio::test]
async fn a_repeated_request_sends_the_whole_file_again() {
    let (sandbox, session, list) = door().await;
    let file = Upload::from_bytes("guests.csv", CSV);
    sandbox.faults().retry_after(std::time::Duration::ZERO);
    sandbox
        .faults()
        .add(Place::Graphql, Fault::Status429Seconds);
    assert_eq!(
        import(&session, &list, file.clone()).await,
        ["Ada Lovelace"]
    );
    // A token that the server refuses was read before the file.
    sandbox.expire_access_tokens();
    let before = sandbox.counts();
    assert_eq!(import(&session, &list, file).await, ["Ada Lovelace"]);
    assert_eq!(sandbox.counts().refreshes, before.refreshes + 1);
}

#[tokio::test]
async fn progress_is_told_up_to_the_end() {
    let (sandbox, session, list) = door().await;
    let mut csv = String::from("name\n");
    for guest in 0..100_000 {
        csv.push_str(&format!("Guest {guest:06}\n"));
    }
    let length = csv.len() as u64;
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let file = Upload::from_bytes("guests.csv", csv)
        .on_progress(move |progress| tell.lock().unwrap().push(progress));
    sandbox.faults().retry_after(std::time::Duration::ZERO);
    sandbox
        .faults()
        .add(Place::Graphql, Fault::Status429Seconds);
    assert_eq!(import(&session, &list, file).await.len(), 100_000);
    let told = told.lock().unwrap();
    assert!(told.iter().all(|progress| progress.length == Some(length)));
    // It began anew with the second attempt, and went up to the end.
    let falls = |pair: &&[UploadProgress]| pair[1].sent < pair[0].sent;
    let begun_anew = told.windows(2).filter(falls).count();
    assert_eq!(begun_anew, 1, "{told:?}");
    assert_eq!(told.last().unwrap().sent, length);
    assert!(told.len() >= 4, "{told:?}");
}

#[tokio::test]
async fn a_stream_is_sent_once_and_what_the_server_says_is_the_error() {
    let (sandbox, session, list) = door().await;
    let stream = || Upload::from_reader("guests.csv", CSV.as_bytes());
    sandbox
        .faults()
        .add(Place::Graphql, Fault::Status429Seconds);
    let before = sandbox.counts().graphql_requests;
    let operation = ImportGuests::new(list.clone(), stream());
    let error = session.run(&operation).await.unwrap_err();
    assert!(
        matches!(error, attendium::Error::Status { status: 429, .. }),
        "{error:?}"
    );
    // The same operation has nothing left to send.
    let error = session.run(&operation).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    let said = format!("{error}: {cause}: {}", cause.source().unwrap());
    assert!(
        said.ends_with("guests.csv: the stream was read already, and can't be sent again"),
        "{said}"
    );
    assert_eq!(sandbox.counts().graphql_requests, before);
    assert_eq!(import(&session, &list, stream()).await, ["Ada Lovelace"]);
}

#[tokio::test]
async fn a_stream_that_no_server_has_read_is_sent_again() {
    let (sandbox, _, _) = door().await;
    drop(sandbox);
    // Nobody listens there any more, then somebody does.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let session = Session::builder()
        .base_url(format!("http://{address}"))
        .anonymous()
        .retries(
            Retries::new()
                .max_attempts(2)
                .first_delay(std::time::Duration::ZERO),
        )
        .build()
        .unwrap();
    let file = Upload::from_reader("guests.csv", CSV.as_bytes());
    let operation = ImportGuests::new("list", file);
    for _ in 0..2 {
        let error = session.run(&operation).await.unwrap_err();
        let attendium::Error::Transport { source, .. } = &error else {
            panic!("{error:?}");
        };
        assert!(source.never_sent(), "{error:?}");
    }
    let server = super::wire::Recorder::at(address).await;
    session.run(&operation).await.unwrap_err();
    assert!(server.request().await.body.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_also_where_the_file_is_gone() {
    let (sandbox, session, list) = door().await;
    sandbox.expire_access_tokens();
    let stream = || Upload::from_reader("guests.csv", CSV.as_bytes());
    let operation = ImportGuests::new(list.clone(), stream());
    let error = session.run(&operation).await.unwrap_err();
    assert!(
        error.help().contains("run the operation anew"),
        "{}",
        error.help()
    );
    assert_eq!(import(&session, &list, stream()).await, ["Ada Lovelace"]);
}
