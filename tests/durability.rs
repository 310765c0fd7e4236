//! Killed (SIGKILL) at any time, Paydeck loses nothing that it reported, sends nothing twice and continues where it
//! was; and many processes write one ledger at once.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use paydeck::ledger::{JournalSearch, Ledger, RecordedIntent, Store};
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind, ObjectId};
use paydeck::services::Runner;
use serde_json::Value;
use support::{Moments, Shop, known, outcome_of, status, stderr, stdout};
use terminal::Terminal;

const ENTER: &str = "\r";

/// Processes at once: also the others' kills fall into the life of each.
const AT_ONCE: usize = 2;

fn open(store: &str) -> Ledger {
    Ledger::open(&Store::parse(store, Path::to_owned).unwrap()).unwrap()
}

/// Does something so many times, `AT_ONCE` at a time.
fn crowd(times: usize, work: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let work = &work;
            scope.spawn(move || (worker..times).step_by(AT_ONCE).for_each(work));
        }
    });
}

/// A ledger for each: one that is there already and shared, or a new one.
fn stores(shop: &Shop, count: usize) -> Vec<String> {
    (0..count).map(|i| shop.store(&if i % 4 < 2 { "shared.db".to_owned() } else { format!("new-{i}.db") })).collect()
}

/// The objects whose documents are in a ledger, which opens and whose journal holds.
fn fetched(shop: &Shop, store: &str) -> HashSet<ObjectId> {
    let ledger = open(store);
    ledger.verify_journal().unwrap().unwrap();
    known(&ledger, shop).into_iter().filter(|known| known.fresh.is_some()).map(|known| known.id).collect()
}

/// Whatever arrived is in one of the journals with its body, arrived once, and is found out without sending it again.
async fn nothing_is_lost_or_sent_twice(shop: &Shop, stores: &[String]) {
    let distinct: HashSet<&String> = stores.iter().collect();
    let ledgers: Vec<Ledger> = distinct.into_iter().map(|store| open(store)).collect();
    let arrived: Vec<_> = shop.gateway.requests().into_iter().filter(|r| r.method != "GET").collect();
    assert!(!arrived.is_empty(), "nothing arrived");
    for ledger in &ledgers {
        ledger.verify_journal().unwrap().unwrap();
        Runner::new(shop.client(), ledger.clone(), shop.actor(), &shop.bills()).resolve().await.unwrap();
        ledger.verify_journal().unwrap().unwrap();
    }
    assert_eq!(shop.mutations(), arrived.len(), "nothing is sent to find out");
    let mut seen = HashSet::new();
    for request in &arrived {
        assert!(seen.insert(&request.target), "{} arrived twice", request.target);
        let body = String::from_utf8(request.body.clone()).unwrap();
        let listed = ledgers.iter().find_map(|ledger| {
            let entries =
                ledger.journal_entries(&JournalSearch { limit: usize::MAX, ..JournalSearch::default() }).unwrap();
            let of = |intent: &RecordedIntent| intent.target == request.target && intent.body == body;
            entries.into_iter().find(|entry| of(&entry.intent)).map(|entry| (ledger, entry.id))
        });
        let (ledger, id) = listed.unwrap_or_else(|| panic!("{} is in no journal", request.target));
        assert_eq!(outcome_of(ledger, id).as_deref(), Some("done"), "{}", request.target);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_killed_at_any_moment_is_in_the_journal_if_it_arrived_and_arrives_once() {
    const KILLS: usize = 80;
    let shop = Shop::open(1000).await;
    let signed = shop.objects_for(&shop.client(), ActionId::SignPlanCancel.action(), KILLS + 1).await;
    let stores = stores(&shop, KILLS);
    let cancel = |id: &ObjectId, store: &str| {
        let number = id.number.as_str();
        let verb = ["sign-plan", "cancel", number, "--reason", "x", "--yes"];
        shop.start(&[&["--output", "json", "--store", store][..], &verb].concat())
    };
    let start = Instant::now();
    assert!(cancel(&signed[KILLS], &stores[0]).wait().unwrap().success());
    let longest = start.elapsed().mul_f64(1.5);
    let moments = Moments::new();
    crowd(KILLS, |i| {
        let mut process = cancel(&signed[i], &stores[i]);
        std::thread::sleep(moments.within(Duration::ZERO..longest));
        process.kill().unwrap();
        let output = process.wait_with_output().unwrap();
        let fetched = fetched(&shop, &stores[i]);
        assert!(output.stdout.is_empty() || fetched.contains(&signed[i]), "{} was reported and is gone", signed[i]);
    });
    nothing_is_lost_or_sent_twice(&shop, &stores).await;
}

/// The one action whose number is generated: repeated after a kill, it gets another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_killed_and_repeated_in_ignorance_arrives_once() {
    const KILLS: usize = 40;
    let shop = Shop::open(600).await;
    let paid = shop.objects_for(&shop.client(), ActionId::TransactionRefund.action(), KILLS + 1).await;
    let store = shop.store("refunds.db");
    let refund = |id: &ObjectId| {
        let verb = ["transaction", "refund", id.number.as_str(), "--amount", "0.01", "--yes"];
        shop.start(&[&["--output", "json", "--store", &store][..], &verb].concat())
    };
    let start = Instant::now();
    let _ = refund(&paid[KILLS]).wait().unwrap();
    let longest = start.elapsed().mul_f64(1.2);
    let (moments, killed) = (Moments::new(), AtomicUsize::new(0));
    let latest = |id: &ObjectId| {
        let search = JournalSearch { object: Some(id), limit: 1, ..JournalSearch::default() };
        open(&store).journal_entries(&search).unwrap().pop().map(|entry| entry.conclusions)
    };
    crowd(KILLS, |i| {
        let mut process = refund(&paid[i]);
        std::thread::sleep(moments.within(Duration::ZERO..longest));
        process.kill().unwrap();
        let ended = process.wait().unwrap();
        killed.fetch_add(usize::from(ended.code().is_none()), Ordering::Relaxed);
        // Where the journal has the outcome, the operator knows it. Otherwise they try again.
        if latest(&paid[i]).is_none_or(|settlements| settlements.is_empty()) {
            let _ = refund(&paid[i]).wait().unwrap();
        }
    });
    assert!(killed.load(Ordering::Relaxed) > KILLS / 4, "{} were killed in time", killed.load(Ordering::Relaxed));
    let mut numbers: HashMap<String, HashSet<String>> = HashMap::new();
    for request in shop.gateway.requests().into_iter().filter(|r| r.endpoint == Some(EndpointId::RefundCreate)) {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let part = |name: &str| body[name].as_str().unwrap().to_owned();
        numbers.entry(part("transaction_id")).or_default().insert(part("out_refund_no"));
    }
    assert!(numbers.len() > KILLS / 2);
    for (transaction, numbers) in numbers {
        assert_eq!(numbers.len(), 1, "{transaction} was refunded under {numbers:?}");
    }
}

/// The progress that an import reports.
fn progress(screen: &str) -> Option<usize> {
    let line = screen.lines().rev().find(|line| line.contains("/s"))?;
    line.split_once('/')?.0.trim().parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_killed_again_and_again_goes_on_and_its_report_is_right_in_the_end() {
    const KILLS: usize = 70;
    const MISSING: usize = 3;
    let shop = Shop::open(600).await;
    let mut ids = [shop.ids(Kind::ServiceOrder), shop.ids(Kind::Transaction)].concat();
    ids.truncate(200);
    ids.extend((0..MISSING).map(|i| support::id(Kind::ServiceOrder, &format!("NO-SUCH-{i}"))));
    let lines = ids.iter().map(|id| format!("{},{}\n", id.kind.noun(), id.number)).collect::<String>();
    let file = shop.folder.path().join("numbers.csv");
    std::fs::write(&file, format!("kind,number\n{lines}")).unwrap();
    let (config, file) = (shop.config_path(), file.to_str().unwrap());
    let report = |store: &str| -> Value {
        let output = shop.paydeck(&["--output", "json", "--store", store, "import", file]);
        assert_eq!(status(&output), 1, "{MISSING} are missing: {}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    let start = Instant::now();
    assert_eq!(report(&shop.store("measured.db"))["fetched"], ids.len() - MISSING);
    let longest = start.elapsed();
    let moments = Moments::new();
    let (midway, seen) = (AtomicUsize::new(0), AtomicUsize::new(0));
    crowd(AT_ONCE, |worker| {
        let mut there = HashSet::new();
        let mut store = String::new();
        for i in 0..KILLS / AT_ONCE {
            // After five kills too little is left: the next round begins with a new ledger.
            if i % 5 == 0 {
                store = shop.store(&format!("import-{worker}-{i}.db"));
                there.clear();
            }
            let arguments = ["--config", config.to_str().unwrap(), "--store", &store, "import", file];
            let terminal = Terminal::start(80, 24, shop.folder.path(), &arguments);
            let killer = terminal.kill_after(moments.within(Duration::ZERO..longest));
            let (_, screen) = terminal.killed(killer);
            let now = fetched(&shop, &store);
            assert!(there.is_subset(&now), "something that was fetched is gone");
            let listed = progress(&screen).unwrap_or(0);
            seen.fetch_add(usize::from(listed > 0), Ordering::Relaxed);
            midway.fetch_add(usize::from(!now.is_empty() && now.len() < ids.len() - MISSING), Ordering::Relaxed);
            assert!(listed <= now.len() + MISSING, "{listed} were reported, {} are there", now.len());
            there = now;
            if i % 5 == 4 {
                let report = report(&store);
                assert_eq!(report["skipped"], there.len());
                assert_eq!(report["fetched"], ids.len() - MISSING - there.len());
                assert_eq!(report["not_found"].as_array().unwrap().len(), MISSING);
                assert_eq!((&report["total"], &report["remaining"]), (&ids.len().into(), &0.into()));
                assert_eq!(fetched(&shop, &store).len(), ids.len() - MISSING);
            }
        }
    });
    assert!(midway.into_inner() > 0 && seen.into_inner() > 0, "no kill fell between the first and the last number");
}

fn console(shop: &Shop, store: &str) -> Terminal {
    let config = shop.config_path();
    Terminal::start(120, 40, shop.folder.path(), &["--config", config.to_str().unwrap(), "--store", store])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_console_killed_while_refreshing_has_shown_is_in_the_ledger() {
    const KILLS: usize = 30;
    let shop = Shop::open(400).await;
    let client = shop.client();
    let mut titles = Vec::new();
    for id in shop.ids(Kind::Plan) {
        let title = client.fetch(&id, None).await.unwrap().0.entity.title().unwrap().to_owned();
        titles.push((id, title.chars().take(4).collect::<String>()));
    }
    let stores = stores(&shop, KILLS);
    let start = Instant::now();
    let terminal = console(&shop, &stores[0]);
    terminal.wait(&titles[0].1);
    let longest = start.elapsed() * 3;
    drop(terminal);
    let moments = Moments::new();
    crowd(KILLS, |i| {
        let terminal = console(&shop, &stores[i]);
        let killer = terminal.kill_after(moments.within(Duration::ZERO..longest));
        let (killed, screen) = terminal.killed(killer);
        assert!(killed, "it ended by itself:\n{screen}");
        let there = fetched(&shop, &stores[i]);
        for (id, title) in &titles {
            let shown = screen.lines().any(|line| line.contains(id.number.as_str()) && line.contains(title));
            assert!(!shown || there.contains(id), "{id} was shown and is gone:\n{screen}");
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_killed_while_an_action_is_confirmed_loses_none_and_sends_none_twice() {
    const KILLS: usize = 30;
    let shop = Shop::open(1300).await;
    let plans = shop.objects_for(&shop.client(), ActionId::PlanStop.action(), KILLS + 1).await;
    let stores = stores(&shop, KILLS);
    let stop = |terminal: &mut Terminal, plan: &ObjectId| {
        let steps = [
            (" in all", format!("/{}{ENTER}", plan.number)),
            ("1 of ", "a".to_owned()),
            ("Actions", ENTER.to_owned()),
            ("Type ", format!("{}{ENTER}", plan.number.tail())),
        ];
        // An action can be chosen once the plan was fetched.
        steps.iter().all(|(shown, keys)| {
            let ready = match *shown {
                "1 of " => terminal.reaches("Open to sign"),
                "Type " => terminal.reaches_preview(),
                _ => true,
            };
            ready && terminal.reaches(shown) && terminal.press_if_alive(keys)
        }) && terminal.reaches("Request-ID")
    };
    let start = Instant::now();
    let mut terminal = console(&shop, &stores[0]);
    assert!(stop(&mut terminal, &plans[KILLS]));
    let longest = start.elapsed().mul_f64(1.3);
    drop(terminal);
    let moments = Moments::new();
    crowd(KILLS, |i| {
        let mut terminal = console(&shop, &stores[i]);
        // Most of the time passes before the confirmation: every other kill is meant for what follows.
        let earliest = longest.mul_f64(0.5 * (i / AT_ONCE % 2) as f64);
        let killer = terminal.kill_after(moments.within(earliest..longest));
        stop(&mut terminal, &plans[i]);
        let (killed, screen) = terminal.killed(killer);
        assert!(killed, "it ended by itself:\n{screen}");
        fetched(&shop, &stores[i]);
    });
    nothing_is_lost_or_sent_twice(&shop, &stores).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_and_many_commands_write_one_ledger_at_once_and_none_finds_it_locked() {
    let shop = Shop::open(600).await;
    let client = shop.client();
    let plans = shop.objects_for(&client, ActionId::PlanStop.action(), 8).await;
    let signed = shop.objects_for(&client, ActionId::SignPlanCancel.action(), 8).await;
    let orders = shop.ids(Kind::ServiceOrder);
    let file = shop.folder.path().join("numbers.txt");
    std::fs::write(&file, orders.iter().map(|id| format!("{}\n", id.number)).collect::<String>()).unwrap();
    let (log, config) = (shop.folder.path().join("log.txt"), shop.config_path());
    let arguments = ["--config", config.to_str().unwrap(), "--log-file", log.to_str().unwrap()];
    let mut terminal = Terminal::start(120, 40, shop.folder.path(), &arguments);
    let run = |arguments: &[&str]| {
        let output = shop.paydeck(arguments);
        assert_eq!(status(&output), 0, "{arguments:?}: {}", stderr(&output));
        assert_eq!(stderr(&output).matches("lock").count(), 0, "{}", stderr(&output));
    };
    std::thread::scope(|scope| {
        scope.spawn(|| plans.iter().for_each(|id| run(&["plan", "stop", id.number.as_str(), "--yes"])));
        scope.spawn(|| {
            let cancel = |id: &ObjectId| run(&["sign-plan", "cancel", id.number.as_str(), "--reason", "x", "--yes"]);
            signed.iter().for_each(cancel);
        });
        for _ in 0..2 {
            scope.spawn(|| run(&["import", "--refresh", "--kind", "order", file.to_str().unwrap()]));
        }
        scope.spawn(|| Kind::ALL.iter().for_each(|kind| run(&[kind.noun(), "list"])));
    });
    terminal.wait(" in all");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    let listed = std::fs::read_to_string(&log).unwrap();
    assert!(!listed.contains("ERROR") && !listed.contains("WARN"), "{listed}");
    let there = fetched(&shop, &shop.store("ledger.db"));
    let all: HashSet<ObjectId> = Kind::ALL.iter().flat_map(|kind| shop.ids(*kind)).collect();
    assert!(all.is_subset(&there), "{} of {}", there.len(), all.len());
    assert_eq!(shop.ledger().verify_journal().unwrap(), Ok(2 * (plans.len() + signed.len()) as i64));
    assert_eq!(shop.mutations(), plans.len() + signed.len());
}
