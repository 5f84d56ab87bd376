//! `@defer` and `@stream` against servers that this project did not write: GraphQL.js 17 with both
//! of its executors, GraphQL Yoga, and Apollo Server with both of its formats. `interop/README.md`
//! says how they are installed; without them these tests fail.
#![allow(missing_docs)]

mod interop_server;

use attendium::{Deferred, Session};

use interop_server::Server;

const INSTALL: &str = "install it: see interop/README.md";

mod api {
    attendium::graphql! {
        schema = "interop/incremental/schema.graphql",
        query Page($withMail: Boolean!) {
            event {
                id
                ...Card @defer
                ... @defer(label: "money") { revenue name }
                guests @stream(initialCount: 1) {
                    id
                    ... @defer(if: $withMail) { mail event { name } }
                }
                seats @stream
            }
            nodes {
                id
                ... on User @defer { name mail }
            }
        }

        fragment Card on Event {
            name
            owner { name ... @defer { mail } }
        }

        query Broken {
            event { name ... @defer { revenue } ... @defer(label: "no") { broken } }
        }
    }
}

/// A session with one of a server's endpoints.
fn session(server: &Server, path: &str) -> Session {
    Session::builder()
        .base_url(server.url())
        .graphql_url(format!("{}{path}", server.url()))
        .access_token("token")
        .build()
        .unwrap()
}

fn servers() -> [(Server, &'static [&'static str]); 2] {
    [
        (
            Server::start("node", "incremental/servers.mjs", INSTALL),
            &["/v02", "/2022", "/yoga", "/yoga-sse"],
        ),
        (
            Server::start("node", "incremental-apollo/server.mjs", INSTALL),
            &["/", "/2022"],
        ),
    ]
}

#[tokio::test]
async fn every_server_is_read_in_full_and_state_by_state() {
    for (server, paths) in servers() {
        for path in paths {
            let session = session(&server, path);
            let plain = session.run(&api::Page::new(false)).await.unwrap();
            let page = api::Page::new(true);
            let whole = session
                .run(&page)
                .await
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(whole, plain, "{path}");
            check_whole(&whole, path);

            let mut states = session.stream(&page);
            let (mut count, mut guests, mut last) = (0, 0, None);
            while let Some(state) = states.next().await {
                let state = state.unwrap_or_else(|error| panic!("{path}: {error}"));
                let data = state.data.expect("there is data");
                assert_eq!(data.event.id, "e1", "{path}");
                assert!(data.event.guests.len() >= guests, "{path}");
                guests = data.event.guests.len();
                if count == 0 {
                    assert!(data.event.money.is_pending(), "{path}: {data:?}");
                    assert!(guests < 3, "{path}: {data:?}");
                    assert!(state.has_next, "{path}");
                }
                count += 1;
                last = Some(data);
            }
            assert!(count > 2, "{path}: {count} states");
            assert_eq!(last.as_ref(), Some(&whole), "{path}");
        }
    }
}

fn check_whole(data: &api::page::Data, path: &str) {
    let event = &data.event;
    let money = event.money.ready().expect("the money has come");
    assert_eq!(
        (money.revenue, money.name.as_str()),
        (1.5, "Ball"),
        "{path}"
    );
    let card = event.card.ready().expect("the card has come");
    assert_eq!(
        (card.name.as_str(), card.owner.name.as_str()),
        ("Ball", "Ann"),
        "{path}"
    );
    let mail = card.owner.deferred.ready().expect("the mail has come");
    assert_eq!(mail.mail.as_deref(), Some("ann@example.com"), "{path}");
    let mails: Vec<Option<&str>> = event
        .guests
        .iter()
        .map(|guest| {
            let deferred = guest.deferred.ready().expect("each has come");
            assert_eq!(deferred.event.name, "Ball", "{path}");
            deferred.mail.as_deref()
        })
        .collect();
    assert_eq!(
        mails,
        [Some("1@example.com"), None, Some("3@example.com")],
        "{path}"
    );
    assert_eq!(event.seats, [vec![1, 2], vec![], vec![3]], "{path}");
    let [api::page::Nodes::Other(_), api::page::Nodes::User(user)] = data.nodes.as_slice() else {
        panic!("{path}: {:?}", data.nodes);
    };
    let user = user.deferred.ready().expect("the user has come");
    assert_eq!(user.name, "Ann", "{path}");
}

#[tokio::test]
async fn a_fragment_that_fails_says_why_at_every_server() {
    for (server, paths) in servers() {
        for path in paths {
            let session = session(&server, path);
            let response = session.request(&api::Broken {}).await.unwrap();
            let event = response.data.expect("the rest has come").event;
            assert_eq!(
                (event.name.as_str(), event.deferred.ready().unwrap().revenue),
                ("Ball", 1.5)
            );
            let Deferred::Failed(errors) = &event.no else {
                panic!("{path}: {:?}", event.no);
            };
            // Yoga keeps the text of errors to itself.
            assert!(errors[0].path.len() == 2, "{path}: {errors:?}");
            assert_eq!(*errors, response.errors, "{path}");
        }
    }
}
