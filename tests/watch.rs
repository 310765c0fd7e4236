//! Objects watched until they are final, by the real binary on the real sandbox: every change and every failed query is
//! reported; watches survive the end of a process.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use std::time::Duration;

use paydeck::ledger::WatchReason;
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind, ObjectId};
use paydeck::sandbox::{self, Fault, FaultMatcher, Options};
use paydeck::services::{Event, Request, Session};
use serde_json::Value;
use support::{Shop, binary, json_errors, status, stderr, stdout};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A running `watch` command, and its output line by line.
struct Follower {
    process: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    noted: std::io::Lines<BufReader<ChildStderr>>,
}

impl Follower {
    fn start(shop: &Shop, arguments: &[&str]) -> Self {
        Self::of(shop.start(arguments))
    }

    fn of(mut process: Child) -> Self {
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let noted = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, lines, noted }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("it says something").unwrap()
    }

    fn json(&mut self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Reads what is noted until something is.
    fn notes(&mut self, what: &str) -> String {
        let found = self.noted.by_ref().map_while(Result::ok).find(|line| line.contains(what));
        found.unwrap_or_else(|| panic!("{what} is not noted"))
    }

    /// The exit status, and the rest of the output.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        let rest = self.lines.by_ref().map_while(Result::ok).collect();
        (self.process.wait().unwrap().code(), rest)
    }
}

/// The number of a transaction that is not paid yet.
async fn unpaid(shop: &Shop) -> String {
    let close = ActionId::TransactionClose.action();
    shop.object_for(&shop.client(), close).await.id.number.as_str().to_owned()
}

/// Numbers of transactions that are not paid yet.
async fn several_unpaid(shop: &Shop, count: usize) -> Vec<String> {
    let ids = shop.objects_for(&shop.client(), ActionId::TransactionClose.action(), count).await;
    ids.into_iter().map(|id| id.number.as_str().to_owned()).collect()
}

async fn until<T>(events: &mut UnboundedReceiver<Event>, mut fits: impl FnMut(Event) -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = fits(events.recv().await.expect("the session lives")) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), search).await.expect("the event comes")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_object_is_printed_as_it_is_and_then_as_it_changes_until_all_are_final() {
    let shop = Shop::open(60).await;
    let numbers = several_unpaid(&shop, 2).await;
    let mut follower = Follower::start(&shop, &["watch", "transaction", &numbers[0], &numbers[1], &numbers[0]]);
    let first = [follower.line(), follower.line()].join("\n");
    assert!(numbers.iter().all(|number| first.contains(number.as_str())) && first.matches("NOTPAY").count() == 2);
    assert!(first.contains('¥') && !first.contains('→'), "{first}");
    shop.gateway.user().pay_transaction(&numbers[1]).unwrap();
    let change = follower.line();
    assert!(change.contains(&numbers[1]) && change.contains("(NOTPAY) → ✓ Paid (SUCCESS)"), "{change}");
    assert!(change.ends_with("query"), "{change}");
    shop.gateway.user().pay_transaction(&numbers[0]).unwrap();
    assert!(follower.line().contains(&numbers[0]));
    let (code, rest) = follower.end();
    assert_eq!((code, rest.len()), (Some(0), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_one_document_a_change_with_the_object_as_it_came() {
    let shop = Shop::open(60).await;
    let number = unpaid(&shop).await;
    let mut follower = Follower::start(&shop, &["--output", "json", "watch", "transaction", &number]);
    let first = follower.json();
    assert_eq!((&first["from"], &first["to"], &first["final"]), (&Value::Null, &"NOTPAY".into(), &false.into()));
    shop.gateway.user().pay_transaction(&number).unwrap();
    let change = follower.json();
    let lines = [&change["kind"], &change["number"], &change["from"], &change["to"], &change["source"]];
    assert_eq!(lines, ["transaction", number.as_str(), "NOTPAY", "SUCCESS", "query"]);
    assert!(change["final"] == true && change["object"]["trade_state"] == "SUCCESS" && change["at"].is_string());
    assert_eq!(follower.end().0, Some(0));
    let csv = shop.paydeck(&["--output", "csv", "watch", "transaction", &number]);
    let rows: Vec<String> = stdout(&csv).lines().map(str::to_owned).collect();
    assert_eq!(rows[0], "at,kind,number,from,to,final,source");
    assert!(rows[1].ends_with(&format!("transaction,{number},,SUCCESS,true,query")) && rows.len() == 2, "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_status_says_whether_the_state_that_was_waited_for_was_reached() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let order = shop.object_for(&client, ActionId::OrderComplete.action()).await;
    let number = order.id.number.as_str();
    let watch = |until| shop.paydeck(&["watch", "order", number, "--until", until, "--timeout", "20"]);
    let reached = watch("doing");
    assert_eq!(status(&reached), 0, "one part of the state suffices: {}", stderr(&reached));
    assert!(!stderr(&reached).contains("not a known state"));
    let misspelt = shop.paydeck(&["watch", "order", number, "--until", "PAYED", "--timeout", "1"]);
    assert!(stderr(&misspelt).contains("PAYED is not a known state of order"), "{}", stderr(&misspelt));
    assert_eq!(status(&misspelt), 3, "it is followed all the same");
    let numbers = several_unpaid(&shop, 2).await;
    let arguments = ["watch", "transaction", &numbers[0], &numbers[1], "--until", "SUCCESS"];
    let mut follower = Follower::start(&shop, &arguments);
    [follower.line(), follower.line()].iter().for_each(|line| assert!(line.contains("NOTPAY")));
    assert_eq!(status(&shop.paydeck(&["transaction", "close", &numbers[0], "--yes"])), 0);
    assert!(follower.line().contains("CLOSED"));
    shop.gateway.user().pay_transaction(&numbers[1]).unwrap();
    assert!(follower.line().contains("SUCCESS"));
    follower.notes("final without reaching SUCCESS: 1 of 2");
    assert_eq!(follower.end().0, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_in_time_what_is_not_there_and_what_is_no_argument_are_distinguished() {
    let shop = Shop::open(60).await;
    let number = unpaid(&shop).await;
    let late = shop.paydeck(&["--output", "json", "watch", "transaction", &number, "--timeout", "1s"]);
    assert_eq!((status(&late), json_errors(&late)[0]["kind"].as_str()), (3, Some("timeout")));
    assert_eq!(stdout(&late).lines().count(), 1, "its state was printed");
    let unknown = shop.paydeck(&["--output", "json", "watch", "transaction", "NOSUCHNUMBER"]);
    assert_eq!((status(&unknown), json_errors(&unknown)[0]["code"].as_str()), (1, Some("ORDER_NOT_EXIST")));
    shop.gateway.user().pay_transaction(&number).unwrap();
    let mixed = shop.paydeck(&["watch", "transaction", "NOSUCHNUMBER", &number]);
    assert_eq!(status(&mixed), 1);
    assert!(stdout(&mixed).contains("SUCCESS") && stderr(&mixed).contains("transaction NOSUCHNUMBER"));
    for wrong in [
        vec!["watch", "transaction", "!!"],
        vec!["watch", "bill", "1"],
        vec!["watch", "plan", "1", "--timeout", "soon"],
    ] {
        assert_eq!(status(&shop.paydeck(&wrong)), 2, "{wrong:?}");
    }
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::TransactionByNumber), Fault::BadSignature, 9);
    assert_eq!(status(&shop.paydeck(&["watch", "transaction", &number])), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_come_from_standard_input_and_a_reader_that_has_enough_ends_it() {
    let shop = Shop::open(200).await;
    let numbers = several_unpaid(&shop, 3).await;
    let mut command = binary();
    command.arg("--config").arg(shop.config_path()).args(["watch", "transaction", "-"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(format!("{}\n", numbers.join("\n")).as_bytes()).unwrap();
    let mut follower = Follower::of(process);
    (0..3).for_each(|_| assert!(follower.line().contains("NOTPAY")));
    drop(follower.lines);
    shop.gateway.user().pay_transaction(&numbers[0]).unwrap();
    assert_eq!(follower.process.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_goes_and_comes_back_is_waited_for_and_the_gap_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    // An address of its own where there is one, so that no other test's gateway gets the port in between.
    let host = if cfg!(target_os = "linux") { [127, 0, 0, 3] } else { [127, 0, 0, 1] };
    let mut options = Options { objects: 60, users_act: false, ..Options::new(folder.path()) };
    options.bind = (host, 0).into();
    let gateway = sandbox::start(options.clone()).await.unwrap();
    options.bind = gateway.base_url().trim_start_matches("http://").parse().unwrap();
    let shop = Shop { gateway, folder };
    let numbers = several_unpaid(&shop, 2).await;
    let mut follower = Follower::start(&shop, &["watch", "transaction", &numbers[0], &numbers[1]]);
    (0..2).for_each(|_| assert!(follower.line().contains("NOTPAY")));
    let Shop { gateway, folder } = shop;
    gateway.stop().await;
    follower.notes("WeChat Pay has been unreachable since");
    let shop = Shop { gateway: sandbox::start(options).await.unwrap(), folder };
    shop.gateway.user().pay_transaction(&numbers[0]).unwrap();
    follower.notes("querying 2 again");
    follower.notes("changed in the meantime: 1");
    assert!(follower.line().contains("→ ✓ Paid (SUCCESS)"));
    shop.gateway.user().pay_transaction(&numbers[1]).unwrap();
    assert!(follower.line().contains("→ ✓ Paid (SUCCESS)"));
    assert_eq!(follower.end().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_follows_it_harms_nothing_and_starts_again() {
    let shop = Shop::open(60).await;
    let number = unpaid(&shop).await;
    for _ in 0..3 {
        let mut follower = Follower::start(&shop, &["watch", "transaction", &number]);
        assert!(follower.line().contains("NOTPAY"));
        follower.process.kill().unwrap();
        follower.process.wait().unwrap();
    }
    shop.ledger().verify_journal().unwrap().unwrap();
    assert!(shop.ledger().watched(&shop.actor().key).unwrap().is_empty(), "nothing is watched any longer");
    shop.gateway.user().pay_transaction(&number).unwrap();
    let output = shop.paydeck(&["watch", "transaction", &number]);
    assert_eq!((status(&output), stdout(&output).lines().count()), (0, 1));
}

/// Creates a payment with a command; its number.
fn create(shop: &Shop) -> ObjectId {
    let arguments = ["transaction", "create", "native", "--description", "拿铁", "--amount", "28.80", "--yes"];
    let made = shop.paydeck(&[&["--output", "json"], &arguments[..]].concat());
    assert_eq!(status(&made), 0, "{}", stderr(&made));
    let document: Value = serde_json::from_str(&stdout(&made)).unwrap();
    support::id(Kind::Transaction, document["object"]["out_trade_no"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_made_is_watched_by_the_session_that_is_open_and_by_the_next() {
    let shop = Shop::open(20).await;
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(Shop::session_options(&shop.config_path()), sender);
    until(&mut events, |event| matches!(event, Event::Watching(_)).then_some(())).await;
    let made = create(&shop);
    let is_watched = |event, id: &ObjectId| match event {
        Event::Watching(watching) => watching.objects.get(id).map(|watch| watch.why),
        _ => None,
    };
    assert_eq!(until(&mut events, |event| is_watched(event, &made)).await, WatchReason::Made);
    session.close().await;
    drop(events);
    let other = create(&shop);
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(Shop::session_options(&shop.config_path()), sender);
    until(&mut events, |event| is_watched(event, &other)).await;
    shop.gateway.user().pay_transaction(other.number.as_str()).unwrap();
    let state = until(&mut events, |event| match event {
        Event::Final(fresh) if fresh.object.id == other => Some(fresh.object.entity.state().code),
        _ => None,
    });
    assert_eq!(state.await, "SUCCESS");
    session.close().await;
    let watched = shop.ledger().watched(&shop.actor().key).unwrap();
    assert!(watched.iter().map(|one| &one.row.id).eq([&made]), "{watched:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_kept_by_the_ledger_until_it_is_taken_away() {
    let shop = Shop::open(20).await;
    let number = unpaid(&shop).await;
    let id = support::id(Kind::Transaction, &number);
    let open = || {
        let (sender, events) = unbounded_channel();
        (Session::open(Shop::session_options(&shop.config_path()), sender), events)
    };
    let (session, mut events) = open();
    session.request(Request::Watch(vec![id.clone()]));
    let watching = |event| if let Event::Watching(watching) = event { Some(watching) } else { None };
    until(&mut events, |event| watching(event).filter(|watching| watching.objects.contains_key(&id))).await;
    session.close().await;
    let (session, mut events) = open();
    until(&mut events, |event| watching(event).filter(|watching| watching.objects.contains_key(&id))).await;
    session.request(Request::Pause(true));
    until(&mut events, |event| watching(event).filter(|watching| watching.paused.is_some())).await;
    session.request(Request::Unwatch(vec![id.clone()]));
    until(&mut events, |event| watching(event).filter(|watching| watching.objects.is_empty())).await;
    session.close().await;
    assert!(shop.ledger().watched(&shop.actor().key).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_appended_to_the_file_are_taken_in_as_they_come() {
    let shop = Shop::open(20).await;
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(Shop::session_options(&shop.config_path()), sender);
    until(&mut events, |event| matches!(event, Event::KindChanged(Kind::Plan)).then_some(())).await;
    shop.create_plan(&shop.client(), "APPENDED-1", "陶艺").await;
    let path = shop.folder.path().join("numbers.jsonl");
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"{\"kind\":\"plan\",\"number\":\"APPENDED-1\"}\n").unwrap();
    let appended = support::id(Kind::Plan, "APPENDED-1");
    until(&mut events, |event| {
        matches!(event, Event::Fetched { id, result: Ok(_), .. } if id == appended).then_some(())
    })
    .await;
    session.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_down_on_settled_rows_sends_nothing() {
    let shop = Shop::open(120).await;
    let runner = shop.runner(&shop.client());
    let mut settled = Vec::new();
    for id in shop.ids(Kind::Transaction) {
        let object = runner.look(&id).await.unwrap();
        settled.extend(object.entity.state().is_final.then_some(id));
    }
    assert!(settled.len() >= 10, "{}", settled.len());
    let asked = || {
        let names = |target: &str| settled.iter().any(|id| target.contains(id.number.as_str()));
        shop.gateway.requests().iter().filter(|request| names(&request.target)).count()
    };
    let before = asked();
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(Shop::session_options(&shop.config_path()), sender);
    for page in settled.chunks(5) {
        session.request(Request::Look(page.to_vec()));
    }
    // The last page has one more row, that was never queried.
    let unknown = shop.ids(Kind::ServiceOrder).pop().unwrap();
    let page = settled.iter().rev().take(10).chain([&unknown]).cloned().collect();
    session.request(Request::Look(page));
    until(&mut events, |event| matches!(event, Event::Fetched { id, .. } if id == unknown).then_some(())).await;
    // A wish of the user is another matter, and it follows all that the pages could have asked.
    session.request(Request::Refresh(vec![settled[0].clone()]));
    until(&mut events, |event| matches!(event, Event::Fetched { id, .. } if id == settled[0]).then_some(())).await;
    session.close().await;
    assert_eq!(asked() - before, 1);
}
