//! Notifications as a session and the console receive them: their objects are queried at once.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::sync::Arc;
use std::time::{Duration, Instant};

use paydeck::ledger::inbox::{InboxSearch, Verdict};
use paydeck::ledger::{Ledger, Store};
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{self, Options};
use paydeck::services::{Bind, Event, ListenOptions, Session, SessionOptions};
use serde_json::json;
use support::{Shop, id};
use terminal::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_queries_at_once_what_it_is_notified_of() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = ListenOptions { bind: Bind::Bound(Arc::new(listener)), ..ListenOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    let options = Options { objects: 0, users_act: false, notify_url: listen.url(), ..Options::new(folder.path()) };
    let shop = Shop { gateway: sandbox::start(options).await.unwrap(), folder };
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let options = Shop::session_options(&shop.config_path());
    let session = Session::open(SessionOptions { listen: Some(listen.clone()), ..options }, sender);
    let client = shop.client();
    let body = json!({
        "appid": "wx5a1c0de5a1c0de01", "mchid": "1900012345", "description": "拿铁", "out_trade_no": "PAY000001",
        "notify_url": listen.url(), "amount": { "total": 2880, "currency": "CNY" },
    });
    let place = EndpointId::TransactionNative;
    client.call(place, place.endpoint().path, &body.to_string()).await.unwrap();
    shop.gateway.user().pay("PAY000001").unwrap();
    let (mut changed, mut learned, mut fetched, mut received) = (false, false, false, 0);
    let wait = async {
        while !(changed && learned && fetched && received == 1) {
            match events.recv().await.unwrap() {
                Event::InboxChanged => changed = true,
                Event::KindChanged(Kind::Transaction) => learned = true,
                Event::Fetched { id, result, .. } if id.number.as_str() == "PAY000001" => {
                    fetched |= result.is_ok_and(|fresh| fresh.object.entity.state().code == "SUCCESS");
                }
                Event::Listening(listening) => {
                    assert_eq!(listening.trouble, None);
                    received = listening.received;
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it is notified and queried");
    session.close().await;
    let claims = shop.ledger().claims(&shop.actor().key, &id(Kind::Transaction, "PAY000001")).unwrap();
    assert!(matches!(claims[..], [(_, false)]), "the document agrees: {claims:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_port_is_taken_says_so_and_takes_it_when_it_is_free() {
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = ListenOptions { bind: Bind::Address(busy.local_addr().unwrap()), ..ListenOptions::default() };
    let shop = Shop::open(0).await;
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let options = Shop::session_options(&shop.config_path());
    let session = Session::open(SessionOptions { listen: Some(listen), ..options }, sender);
    let mut busy = Some(busy);
    let wait = async {
        loop {
            let Event::Listening(listening) = events.recv().await.unwrap() else { continue };
            match (listening.trouble, listening.url) {
                (Some(trouble), None) => {
                    assert!(trouble.contains("cannot listen on"), "{trouble}");
                    busy.take();
                }
                (None, Some(_)) => return,
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it listens in the end");
    session.close().await;
}

#[test]
fn the_console_on_the_embedded_sandbox_receives_its_notifications() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(120, 40, home.path(), &[]);
    terminal.wait("embedded sandbox");
    let entries = || std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path());
    let folder = entries().find(|path| path.to_string_lossy().contains("paydeck-sandbox-")).unwrap();
    let ledger = Ledger::open(&Store::Sqlite(folder.join("ledger.db"))).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let search = InboxSearch { limit: 9, ..InboxSearch::default() };
    let row = loop {
        let rows = ledger.inbox("sandbox/1900012345", &search).unwrap();
        if let Some(row) = rows.first() {
            break row.clone();
        }
        assert!(Instant::now() < deadline, "no notification arrived");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(row.verdict, Verdict::Genuine, "{row:?}");
    drop(ledger);
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}
