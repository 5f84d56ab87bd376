//! `@defer` against the sandbox, over its HTTP: each state of an answer, and the whole.

use attendium::{Deferred, Id};

attendium::graphql!(
    "
    query Figures($event: ID!, $slow: Boolean! = true) {
      event(id: $event) {
        name
        guestLists { id ... @defer(label: \"names\") { name } }
        ...Analysis @defer(if: $slow)
      }
    }
    fragment Analysis on Event {
      analytics {
        promoters { tickets ... @defer(label: \"who\") { promoter { name } } }
      }
    }
    "
);

include!("doctests/logged_in.rs");

fn event() -> Id {
    "event-midsummer".into()
}

#[tokio::test]
async fn what_is_deferred_comes_after_the_rest() {
    let (_sandbox, session) = logged_in().await.unwrap();
    let mut states = session.stream(&Figures::new(event()));
    let first = states.next().await.unwrap().unwrap();
    assert!(first.has_next);
    let early = first.data.unwrap().event.unwrap();
    assert_eq!(early.name, "Midsummer Night");
    assert!(matches!(early.analysis, Deferred::Pending));
    assert!(
        early
            .guest_lists
            .iter()
            .all(|list| matches!(list.names, Deferred::Pending))
    );
    let mut last = None;
    while let Some(state) = states.next().await {
        last = Some(state.unwrap());
    }
    let last = last.unwrap();
    assert!(
        !last.has_next && last.errors.is_empty(),
        "{:?}",
        last.errors
    );
    let whole = session.run(&Figures::new(event())).await.unwrap();
    let plain = session
        .run(&Figures::new(event()).slow(false))
        .await
        .unwrap();
    assert_eq!(last.data.as_ref(), Some(&whole));
    assert_eq!(whole, plain);
    let event = whole.event.unwrap();
    assert_eq!(event.guest_lists[0].names.ready().unwrap().name, "Friends");
    let analytics = event.analysis.into_ready().unwrap().analytics.unwrap();
    assert!(analytics.promoters.len() > 1, "{analytics:?}");
    for promoter in analytics.promoters {
        assert!(!promoter.who.ready().unwrap().promoter.name.is_empty());
    }
}
