//! Sent requests are in the journal, whatever happens to the process; and unknown outcomes are queried before anything
//! new is allowed.

mod support;

use std::time::{Duration, Instant};

use paydeck::ledger::{JournalEntry, JournalSearch};
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind, ObjectId};
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::Value;
use support::{Shop, outcome_of, status, stderr, stdout};

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_sending_leaves_an_entry_that_the_next_one_settles() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    shop.kill_while_stopping(&plan).await;
    let ledger = shop.ledger();
    assert_eq!(outcome_of(&ledger, 1), None, "the intent was written before it was sent");
    let resolved = shop.paydeck(&["journal", "resolve"]);
    assert_eq!(status(&resolved), 0, "{}", stderr(&resolved));
    assert_eq!(outcome_of(&ledger, 1).as_deref(), Some("done"));
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1, "nothing is ever sent again");
    assert_eq!(ledger.verify_journal().unwrap(), Ok(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_new_is_allowed_on_an_object_whose_outcome_is_unknown() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let order = shop.object_for(&client, ActionId::OrderPay.action()).await;
    let number = order.id.number.as_str();
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::OrderPay), Fault::DropAfter);
    let first = shop.paydeck(&["order", "pay", number, "--yes"]);
    assert_eq!(status(&first), 3, "{}", stderr(&first));
    let cases: [(&[&str], i32); 2] =
        [(&["order", "pay", number, "--yes"], 3), (&["order", "cancel", number, "--reason", "x", "--yes"], 1)];
    for (again, code) in cases {
        let output = shop.paydeck(again);
        assert_eq!(status(&output), code, "{}", stderr(&output));
        assert!(stderr(&output).to_lowercase().contains("journal entry 1"), "{}", stderr(&output));
    }
    assert_eq!(shop.mutations(), 1);
    let shown = shop.paydeck(&["--output", "json", "journal", "show", "1"]);
    let entry: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    assert_eq!(entry["intent"]["number"], number);
    assert_eq!(entry["intent"]["operator"], "tester");
    assert_eq!(entry["settlements"][0]["outcome"], "unknown");
    assert!(entry["intent"]["before"].as_str().is_some_and(|document| document.contains(number)));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_at_once_have_one_effect() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let stock = shop.object_for(&client, ActionId::StockStart.action()).await;
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::StockStart), Fault::Slow(Duration::from_millis(800)));
    let start = || shop.start(&["stock", "start", stock.id.number.as_str(), "--yes"]);
    let first = start();
    shop.wait_for(EndpointId::StockStart, 1).await;
    let second = start();
    let mut ends: Vec<_> =
        [first, second].into_iter().map(|mut process| process.wait().unwrap().code().unwrap()).collect();
    ends.sort_unstable();
    assert_eq!(ends, [0, 3], "what another process is sending is not known yet");
    assert_eq!(shop.arrived(EndpointId::StockStart), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_exits_zero_whatever_becomes_of_looking_at_it() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    let number = plan.id.number.as_str();
    // The second query of the plan is the one after the stop.
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::Slow(Duration::from_millis(300)));
    let process = shop.start(&["plan", "stop", number, "--yes"]);
    shop.wait_for(EndpointId::PlanStop, 1).await;
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::BadSignature, 10);
    let output = process.wait_with_output().unwrap();
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("Done, but querying the object"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_can_verify_an_export_and_a_tampered_journal_is_reported() {
    use sha2::Digest;
    let shop = Shop::open(100).await;
    for id in shop.ids(Kind::Stock) {
        // Whether it is done or refused here, some of it reaches the journal.
        shop.paydeck(&["stock", "pause", id.number.as_str(), "--yes"]);
        let path = format!("/v3/marketing/favor/stocks/{}/pause", id.number);
        shop.paydeck(&["api", "POST", &path, "{}", "--yes"]);
    }
    let export = stdout(&shop.paydeck(&["journal", "export"]));
    let mut prev = "0".repeat(64);
    for (i, line) in export.lines().enumerate() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line["entry"].as_str().unwrap();
        let hash: String = sha2::Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        let entry: Value = serde_json::from_str(text).unwrap();
        assert_eq!(line["hash"], hash.as_str());
        assert_eq!((entry["id"].as_u64(), entry["prev"].as_str()), (Some(i as u64 + 1), Some(prev.as_str())));
        prev = hash;
    }
    assert!(export.lines().count() >= 4, "{export}");
    let whole = shop.paydeck(&["journal", "verify"]);
    assert_eq!(status(&whole), 0, "{}", stderr(&whole));
    let database = rusqlite::Connection::open(shop.folder.path().join("ledger.db")).unwrap();
    let tamper = "UPDATE journal SET entry = replace(entry, 'tester', 'nobody') WHERE id = 1";
    assert!(database.execute(tamper, []).is_err(), "the database itself refuses");
    database.execute_batch(&format!("DROP TRIGGER journal_is_not_changed; {tamper}")).unwrap();
    let broken = shop.paydeck(&["journal", "verify"]);
    assert_eq!(status(&broken), 1);
    assert!(stderr(&broken).contains("record 1"), "{}", stderr(&broken));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_searched_by_text_and_by_object() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plans = shop.objects_for(&client, ActionId::PlanStop.action(), 2).await;
    let [first, second] = [0, 1].map(|at| plans[at].number.as_str());
    for (number, reason) in [(first, "客户来电"), (second, "Campaign over")] {
        let stopped = shop.paydeck(&["plan", "stop", number, "--reason", reason, "--yes"]);
        assert_eq!(status(&stopped), 0, "{}", stderr(&stopped));
    }
    let found = |arguments: &[&str]| -> Vec<String> {
        let output = shop.paydeck(&[&["--output", "json", "journal", "list"], arguments].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let number = |line: &str| {
            let entry: Value = serde_json::from_str(line).unwrap();
            entry["intent"]["number"].as_str().unwrap().to_owned()
        };
        stdout(&output).lines().map(number).collect()
    };
    assert_eq!(found(&[]), [second, first]);
    assert_eq!(found(&["--limit", "1"]), [second]);
    assert_eq!(found(&["--search", "客户"]), [first]);
    assert_eq!(found(&["--search", "CAMPAIGN"]), [second], "in any letter case");
    assert_eq!(found(&["--object", first]), [first]);
    assert_eq!(found(&["--object", first, "--search", "campaign"]), [""; 0]);
    let malformed = shop.paydeck(&["journal", "list", "--object", "no number!"]);
    assert_eq!(status(&malformed), 2, "{}", stderr(&malformed));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_two_hundred_times_nothing_that_arrived_is_missing_and_nothing_arrives_twice() {
    let shop = Shop::open(1500).await;
    let client = shop.client();
    let mut signed = Vec::new();
    for id in shop.ids(Kind::SignPlan) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        if ActionId::SignPlanCancel.action().legal(&object.entity, time::OffsetDateTime::now_utc()).is_ok() {
            signed.push(id);
        }
    }
    assert!(signed.len() > 200, "{}", signed.len());
    let cancel = |id: &ObjectId| shop.start(&["sign-plan", "cancel", id.number.as_str(), "--reason", "x", "--yes"]);
    let start = Instant::now();
    assert!(cancel(&signed[200]).wait().unwrap().success());
    // From before the process has read its arguments to after it has printed the answer, however fast it is here.
    let longest = start.elapsed().mul_f64(1.3);
    let mut killed = 0;
    for (i, id) in signed.iter().take(200).enumerate() {
        let mut process = cancel(id);
        tokio::time::sleep(longest.mul_f64((i * 79 % 200) as f64 / 200.0)).await;
        process.kill().unwrap();
        killed += usize::from(!process.wait().unwrap().success());
    }
    assert!(killed > 20, "{killed} were killed in time");
    let ledger = shop.ledger();
    assert!(ledger.verify_journal().unwrap().is_ok());
    let entries = ledger.journal_entries(&JournalSearch { limit: usize::MAX, ..JournalSearch::default() }).unwrap();
    let arrived: Vec<_> = shop.gateway.requests().into_iter().filter(|r| r.method == "POST").collect();
    assert!(arrived.len() > 20, "{} arrived", arrived.len());
    for request in &arrived {
        let same = |r: &&paydeck::sandbox::RequestRecord| r.target == request.target;
        assert_eq!(arrived.iter().filter(same).count(), 1, "{} arrived twice", request.target);
        let body = String::from_utf8(request.body.clone()).unwrap();
        let of = |entry: &JournalEntry| entry.intent.target == request.target && entry.intent.body == body;
        assert!(entries.iter().any(of), "{} is not in the journal", request.target);
    }
    // What took effect is found out, and nothing is sent for it.
    shop.paydeck(&["journal", "resolve"]);
    assert_eq!(shop.mutations(), arrived.len());
    for request in &arrived {
        let id = entries.iter().find(|entry| entry.intent.target == request.target).unwrap().id;
        assert_eq!(outcome_of(&ledger, id).as_deref(), Some("done"), "{}", request.target);
    }
}
