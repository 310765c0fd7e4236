//! A session as the console uses it: rows arrive, stay fresh, and survive an unreachable gateway.

mod support;

use std::time::Duration;

use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{self, Fault, FaultMatcher, Options};
use paydeck::services::{Event, Outcome, Request, Session, Ticket};
use support::Shop;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

fn open(shop: &Shop) -> (Session, UnboundedReceiver<Event>) {
    let (sender, events) = unbounded_channel();
    (Session::open(Shop::session_options(&shop.config_path()), sender), events)
}

/// The first event that fits; others pass by.
async fn until<T>(events: &mut UnboundedReceiver<Event>, mut fits: impl FnMut(Event) -> Option<T>) -> T {
    let search = async {
        loop {
            let event = events.recv().await.expect("the session lives");
            if let Some(found) = fits(event) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), search).await.expect("the event comes")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_the_feed_is_fetched_and_a_change_is_seen() {
    let shop = Shop::open(100).await;
    let (session, mut events) = open(&shop);
    let all: Vec<_> = Kind::ALL.iter().flat_map(|kind| shop.ids(*kind)).collect();
    let (ledger, profile) = (shop.ledger(), shop.actor().key);
    until(&mut events, |event| {
        if let Event::Fetched { result, .. } = event {
            result.unwrap();
        }
        all.iter().all(|id| ledger.object(&profile, id).unwrap().is_some()).then_some(())
    })
    .await;
    let client = shop.client();
    let waiting = shop.object_for(&client, ActionId::TransactionClose.action()).await;
    session.request(Request::Look(vec![waiting.id.clone()]));
    shop.gateway.user().pay_transaction(waiting.id.number.as_str()).unwrap();
    let state = until(&mut events, |event| match event {
        Event::Fetched { id, result: Ok(fresh), .. } if id == waiting.id => {
            Some(fresh.object.entity.state().code).filter(|code| code != "NOTPAY")
        }
        _ => None,
    })
    .await;
    assert_eq!(state, "SUCCESS");
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_comes_up_later_is_found_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    // An address of its own where there is one, so that no other test's gateway gets the port in between.
    let host = if cfg!(target_os = "linux") { [127, 0, 0, 2] } else { [127, 0, 0, 1] };
    let mut options = Options { objects: 5, users_act: false, ..Options::new(folder.path()) };
    options.bind = (host, 0).into();
    let gateway = sandbox::start(options.clone()).await.unwrap();
    options.bind = gateway.base_url().trim_start_matches("http://").parse().unwrap();
    gateway.stop().await;
    // The configuration still names the port; nothing listens there.
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(Shop::session_options(&folder.path().join("config.toml")), sender);
    let trouble = until(&mut events, |event| match event {
        Event::Health(health) => health.trouble,
        _ => None,
    })
    .await;
    assert_eq!(trouble.error.kind(), "unreachable");
    let gateway = sandbox::start(options).await.unwrap();
    until(&mut events, |event| matches!(event, Event::Fetched { result: Ok(_), .. }).then_some(())).await;
    until(&mut events, |event| matches!(event, Event::Health(health) if health.trouble.is_none()).then_some(())).await;
    session.close().await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_in_flight_is_waited_for_before_the_session_closes() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let stop = ActionId::PlanStop.action();
    let plan = shop.object_for(&client, stop).await;
    let operation = shop.confirmed(&client, stop, &plan);
    let (session, mut events) = open(&shop);
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::Slow(Duration::from_millis(700)));
    session.request(Request::Perform(Ticket(7), Box::new(operation.clone())));
    // The same object again, while the first is under way.
    session.request(Request::Perform(Ticket(8), Box::new(operation)));
    session.close().await;
    let mut outcomes = Vec::new();
    while let Some(event) = events.recv().await {
        if let Event::Concluded { ticket, outcome } = event {
            outcomes.push((ticket.0, matches!(outcome, Outcome::Done { .. })));
        }
    }
    outcomes.sort();
    assert_eq!(outcomes.iter().filter(|(_, done)| *done).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.len(), 2);
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1);
}
