//! Many objects at once, on the real gateway: what is sent is what was named, each once, whatever happens meanwhile.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use paydeck::ledger::JournalSearch;
use paydeck::model::EndpointId;
use paydeck::model::action::ActionId;
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::Value;
use support::{Moments, Shop, binary, status, stderr, stdout};
use terminal::Terminal;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";

/// The numbers of plans that can be stopped; as many as there are to be, made here where the seed has fewer.
async fn plans(shop: &Shop, count: usize) -> Vec<String> {
    let client = shop.client();
    let numbers: Vec<String> = (0..count).map(|i| format!("BULK{i:04}")).collect();
    for number in &numbers {
        shop.create_plan(&client, number, "批量").await;
    }
    numbers
}

fn lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The outcome of each number.
fn outcomes(output: &Output) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines(output).iter().map(|line| (text(&line["number"]), text(&line["outcome"]))).collect()
}

/// How often each plan's stop arrived.
fn stops(shop: &Shop) -> BTreeMap<String, usize> {
    let mut stops = BTreeMap::new();
    for request in shop.gateway.requests() {
        if request.endpoint == Some(EndpointId::PlanStop) {
            let number = request.target.split('/').rev().nth(1).unwrap().to_owned();
            *stops.entry(number).or_default() += 1;
        }
    }
    stops
}

fn once(numbers: &[String]) -> BTreeMap<String, usize> {
    numbers.iter().map(|number| (number.clone(), 1)).collect()
}

fn arguments<'a>(numbers: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let numbers = numbers.iter().map(String::as_str);
    ["--output", "json", "plan", "stop"].into_iter().chain(numbers).chain(more.iter().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_numbers_are_previewed_sent_once_each_journaled_singly_and_reported_line_by_line() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 5).await;
    let dry = shop.paydeck(&arguments(&numbers, &["--dry-run"]));
    let paths: Vec<String> = lines(&dry).iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect();
    assert!(paths.len() == 5 && numbers.iter().zip(&paths).all(|(number, path)| path.contains(number.as_str())));
    let unasked = shop.paydeck(&arguments(&numbers, &[]));
    assert_eq!((status(&unasked), stops(&shop).len()), (2, 0), "off a terminal it needs --yes");
    let output = shop.paydeck(&arguments(&numbers, &["--yes", "--reason", "下架"]));
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(lines(&output).iter().all(|line| line["outcome"] == "done" && line["request_id"].is_string()));
    assert_eq!(stops(&shop), once(&numbers));
    let entries = shop.ledger().journal_entries(&JournalSearch { limit: 9, ..JournalSearch::default() }).unwrap();
    assert_eq!(entries.len(), 5);
    for entry in &entries {
        let intent = &entry.document()["intent"];
        let kept = (&intent["objects"], &intent["confirmed"], &intent["reason"]);
        assert_eq!(kept, (&Value::from(5), &Value::from("flag"), &Value::from("下架")));
    }
    shop.ledger().verify_journal().unwrap().unwrap();
    // The same again: everything is left out, and nothing is sent.
    let again = shop.paydeck(&arguments(&numbers, &["--yes"]));
    assert_eq!(status(&again), 1);
    assert!(outcomes(&again).values().all(|outcome| outcome == "left-out"));
    assert_eq!(stops(&shop), once(&numbers));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_come_from_files_and_standard_input_and_one_that_is_none_stops_everything() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 4).await;
    let file = shop.folder.path().join("numbers.txt");
    std::fs::write(&file, format!("{}\n{}\n", numbers[0], numbers[1])).unwrap();
    let path = file.to_str().unwrap();
    assert_eq!(status(&shop.paydeck(&["plan", "stop", "--from", path, "--yes"])), 0);
    let mut command = binary();
    command.arg("--config").arg(shop.config_path()).args(["plan", "stop", "-", "--yes"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{}\n", numbers[2]).as_bytes()).unwrap();
    assert_eq!(status(&child.wait_with_output().unwrap()), 0);
    assert_eq!(stops(&shop), once(&numbers[..3]));
    std::fs::write(&file, format!("{}\n!! no number\n", numbers[3])).unwrap();
    let output = shop.paydeck(&["plan", "stop", "--from", path, "--yes"]);
    assert_eq!(status(&output), 2, "{}", stderr(&output));
    assert_eq!(status(&shop.paydeck(&["plan", "stop", "--yes"])), 2);
    assert_eq!(stops(&shop), once(&numbers[..3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_cap_are_refused_and_a_field_of_each_objects_own_is_not_shared() {
    let shop = Shop::open(200).await;
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    std::fs::write(shop.config_path(), format!("{text}\n[profiles.sandbox.rules]\nmax_bulk = 3\n")).unwrap();
    let numbers = plans(&shop, 4).await;
    let output = shop.paydeck(&arguments(&numbers, &["--yes"]));
    assert_eq!((status(&output), support::json_errors(&output)[0]["kind"].as_str()), (1, Some("rule-max-bulk")));
    assert_eq!(stops(&shop).len(), 0);
    assert_eq!(status(&shop.paydeck(&arguments(&numbers[1..], &["--yes"]))), 0);
    let orders = shop.objects_for(&shop.client(), ActionId::OrderComplete.action(), 2).await;
    let complete: Vec<&str> = orders.iter().map(|id| id.number.as_str()).collect();
    let command = [&["order", "complete"], &complete[..], &["--yes"]].concat();
    let shared = shop.paydeck(&[&command[..], &["--amount", "0.01"]].concat());
    assert_eq!(status(&shared), 2, "{}", stderr(&shared));
    assert_eq!(shop.arrived(EndpointId::OrderComplete), 0);
    assert_eq!(status(&shop.paydeck(&command)), 0);
    let bodies: BTreeSet<String> = shop
        .gateway
        .requests()
        .iter()
        .filter(|request| request.endpoint == Some(EndpointId::OrderComplete))
        .map(|request| String::from_utf8(request.body.clone()).unwrap())
        .collect();
    assert_eq!(bodies.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_refunds_have_numbers_of_their_own_and_are_whole() {
    let shop = Shop::open(200).await;
    let paid = shop.objects_for(&shop.client(), ActionId::TransactionRefund.action(), 3).await;
    let numbers: Vec<&str> = paid.iter().map(|id| id.number.as_str()).collect();
    let command = [&["--output", "json", "transaction", "refund"], &numbers[..], &["--yes"]].concat();
    let output = shop.paydeck(&command);
    assert_eq!(status(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 3);
    let again = shop.paydeck(&command);
    assert_eq!(status(&again), 1);
    assert!(outcomes(&again).values().all(|outcome| outcome == "left-out"), "nothing is left to refund");
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_unknown_outcome_holds_the_rest_back_and_running_it_again_does_the_rest() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 8).await;
    let at = |number: &str| FaultMatcher { endpoint: Some(EndpointId::PlanStop), target: Some(number.to_owned()) };
    shop.gateway.faults().once(at(&numbers[3]), Fault::DropAfter);
    let output = shop.paydeck(&arguments(&numbers, &["--yes", "--rate", "3"]));
    let listed = outcomes(&output);
    // Its object showed the outcome; the others were not sent.
    assert_eq!((listed[&numbers[3]].as_str(), listed[&numbers[4]].as_str()), ("done", "not-sent"), "{listed:?}");
    assert_eq!((status(&output), stops(&shop).len()), (1, 4));
    let again = shop.paydeck(&arguments(&numbers, &["--yes"]));
    assert_eq!(stops(&shop), once(&numbers));
    let listed = outcomes(&again);
    assert_eq!(listed.values().filter(|outcome| *outcome == "done").count(), 4);
    assert_eq!(listed.values().filter(|outcome| *outcome == "left-out").count(), 4);
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::SignPlanCancel), Fault::RateLimited);
    let signed = shop.objects_for(&shop.client(), ActionId::SignPlanCancel.action(), 3).await;
    let signed: Vec<&str> = signed.iter().map(|id| id.number.as_str()).collect();
    let mut limited = shop.start(&[&["sign-plan", "cancel"], &signed[..], &["--reason", "x", "--yes"]].concat());
    let mut listed = BufReader::new(limited.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(listed.any(|line| line.contains("the rest is not sent")));
    kill(limited);
    assert_eq!(shop.arrived(EndpointId::SignPlanCancel), 1, "too frequent: nothing more is sent");
}

fn kill(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Starts the bulk action and hands its lines one by one.
fn start(shop: &Shop, numbers: &[String], more: &[&str]) -> (Child, impl Iterator<Item = String>) {
    let mut process = shop.start(&arguments(numbers, more));
    let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    (process, lines)
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_objects_killed_again_and_again_and_run_again_are_each_done_exactly_once() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 60).await;
    let options = ["--yes", "--rate", "12"];
    for round in 0..6 {
        if round % 2 == 0 {
            // Killed while one is done and its answer never comes.
            let (process, mut lines) = start(&shop, &numbers, &options);
            assert!(lines.by_ref().any(|line| line.contains("\"done\"")));
            let before = shop.arrived(EndpointId::PlanStop);
            shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::HoldAfter);
            shop.wait_for(EndpointId::PlanStop, before + 1).await;
            kill(process);
        } else {
            // Killed between two of them.
            let (process, mut lines) = start(&shop, &numbers, &options);
            assert!(lines.by_ref().filter(|line| line.contains("\"done\"")).nth(3).is_some());
            kill(process);
        }
        shop.ledger().verify_journal().unwrap().unwrap();
    }
    let last = shop.paydeck(&arguments(&numbers, &["--yes"]));
    let listed = outcomes(&last);
    assert_eq!(listed.len(), 60, "{}", stderr(&last));
    assert!(listed.values().any(|outcome| outcome == "done"), "the kills came too late to show anything");
    assert_eq!(stops(&shop), once(&numbers), "{listed:?}");
    shop.ledger().verify_journal().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_arrives_twice_however_often_it_is_run() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 40).await;
    let moments = Moments::new();
    for _ in 0..6 {
        let process = shop.start(&arguments(&numbers, &["--yes", "--rate", "40"]));
        tokio::time::sleep(moments.within(Duration::from_millis(50)..Duration::from_millis(900))).await;
        kill(process);
    }
    let last = shop.paydeck(&arguments(&numbers, &["--yes", "--rate", "100"]));
    assert!(stops(&shop).values().all(|count| *count == 1), "{:?}", stops(&shop));
    // What was never sent, but cannot be distinguished from what was, is left out until the journal has settled it.
    let reasons = lines(&last);
    let open = reasons.iter().filter(|line| line["reason"].as_str().is_some_and(|why| why.contains("ournal"))).count();
    assert_eq!(stops(&shop).len() + open, 40, "{reasons:?}");
    shop.ledger().verify_journal().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn marked_rows_are_previewed_by_name_and_sent_after_typing_their_count() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 6).await;
    let list: String =
        numbers.iter().map(|number| format!("{{\"kind\":\"plan\",\"number\":\"{number}\"}}\n")).collect();
    let mut file = std::fs::OpenOptions::new().append(true).open(shop.folder.path().join("numbers.jsonl")).unwrap();
    file.write_all(list.as_bytes()).unwrap();
    // One was stopped outside the console.
    assert_eq!(status(&shop.paydeck(&["plan", "stop", &numbers[5], "--yes"])), 0);
    let config = shop.config_path();
    let mut terminal = Terminal::start(120, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait("in all");
    terminal.press(&format!("/BULK{ENTER}"));
    terminal.wait("6 of ");
    terminal.wait_until("all fetched", |screen| {
        screen.contents().lines().filter(|line| line.contains("BULK") && line.contains("Open to sign")).count() == 5
    });
    terminal.press("*");
    terminal.wait("6 marked");
    terminal.press("a");
    terminal.wait("for 5 of 6");
    terminal.press(ENTER);
    terminal.wait("Left out: 1");
    terminal.wait_for_preview();
    assert!(numbers.iter().all(|number| terminal.text().contains(number.as_str())), "{}", terminal.text());
    // The key that asked for it, and the wrong count, send nothing.
    terminal.press(&ENTER.repeat(3));
    terminal.press(&format!("6-2345{ENTER}"));
    terminal.wait("does not match 5-2345");
    assert_eq!(stops(&shop).len(), 1);
    terminal.press(&format!("{}5-2345{ENTER}", "\u{7f}".repeat(6)));
    terminal.wait("Finished");
    terminal.wait("5 of 5");
    assert_eq!(stops(&shop), once(&numbers));
    let file = shop.folder.path().join("outcomes.csv");
    terminal.press("e");
    terminal.wait("Export the outcomes");
    terminal.press(&"\u{7f}".repeat(60));
    terminal.press(&format!("{}{ENTER}", file.display()));
    terminal.wait("outcomes.csv");
    let exported = std::fs::read_to_string(&file).unwrap();
    assert!(numbers.iter().all(|number| exported.contains(number.as_str())), "{exported}");
    terminal.press(ESCAPE);
    terminal.wait("1 marked");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_the_command_line_names_every_object_and_asks_for_the_count() {
    let shop = Shop::open(60).await;
    let numbers = plans(&shop, 3).await;
    let config = shop.config_path();
    let ask = || {
        let command = [&["--config", config.to_str().unwrap()], &arguments(&numbers, &[])[2..]].concat();
        let terminal = Terminal::start(120, 40, shop.folder.path(), &command);
        terminal.wait("(3-2345)");
        assert!(numbers.iter().all(|number| terminal.text().contains(number.as_str())), "{}", terminal.text());
        terminal
    };
    let mut wrong = ask();
    wrong.press(&format!("0003{ENTER}"));
    assert_eq!((wrong.end(), stops(&shop).len()), (1, 0));
    let mut right = ask();
    right.press(&format!("3-2345{ENTER}"));
    assert_eq!(right.end(), 0);
    assert_eq!(stops(&shop), once(&numbers));
}
