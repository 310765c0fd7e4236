//! The real console in a pseudo-terminal, on the real gateway: typical sessions, and their effects.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::time::{Duration, Instant};

use paydeck::ledger::JournalSearch;
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Entity, Kind, SignState};
use paydeck::sandbox::{Fault, FaultMatcher};
use support::{Shop, status};
use terminal::Terminal;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";

fn console(shop: &Shop, columns: u16, rows: u16, more: &[&str]) -> Terminal {
    let config = shop.config_path();
    let arguments = [&["--config", config.to_str().unwrap()], more].concat();
    Terminal::start(columns, rows, shop.folder.path(), &arguments)
}

/// The text beside the table, without its blanks: it may be folded anywhere.
fn beside(screen: &vt100::Screen) -> String {
    let text = screen.contents();
    let panes = text.lines().filter_map(|line| line.split_once('│')).map(|(_, pane)| pane);
    panes.flat_map(|pane| pane.chars().filter(|c| !c.is_whitespace())).collect()
}

#[test]
fn bare_paydeck_opens_the_embedded_sandbox_says_so_and_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(120, 40, home.path(), &[]);
    terminal.wait("embedded sandbox");
    for (key, tab) in [
        ("2", "Sign plans"),
        ("3", "Service orders"),
        ("4", "Transactions"),
        ("5", "Coupon stocks"),
        ("6", "Refunds"),
        ("1", "Plans"),
    ] {
        terminal.press(key);
        terminal.wait_until(tab, |screen| {
            let text = screen.contents();
            text.contains(" in all") && text.contains(tab) && text.contains("now")
        });
    }
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_stopped_only_by_typing_the_end_of_its_number() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    let (number, tail) = (plan.id.number.as_str(), plan.id.number.tail());
    let mut terminal = console(&shop, 100, 36, &[]);
    terminal.wait("in all");
    terminal.press(&format!("/{number}{ENTER}"));
    terminal.wait("1 of ");
    terminal.wait("Open to sign");
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait("Type ");
    terminal.wait_for_preview();
    // The key that opened it, again and again, confirms nothing.
    terminal.press(&ENTER.repeat(5));
    terminal.press("zzzz");
    terminal.press(ENTER);
    terminal.wait("zzzz");
    assert_eq!(shop.arrived(EndpointId::PlanStop), 0);
    terminal.press(&"\u{7f}".repeat(4));
    terminal.press(tail);
    terminal.press(ENTER);
    terminal.wait("Request-ID");
    terminal.wait("Stopped");
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1);
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_made_from_its_transaction_and_stands_on_its_own_tab() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let paid = shop.object_for(&client, ActionId::TransactionRefund.action()).await;
    let (number, tail) = (paid.id.number.as_str(), paid.id.number.tail());
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press(&format!("4/{number}{ENTER}"));
    terminal.wait("1 of ");
    terminal.wait("✓ Paid");
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait("Refund amount");
    // A full refund under the proposed number.
    terminal.press(ENTER);
    terminal.wait("Type ");
    terminal.wait_for_preview();
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 0);
    terminal.press(&format!("{tail}{ENTER}"));
    terminal.wait("Request-ID");
    terminal.wait("■ Refunded");
    terminal.press(&format!("6/{number}-R{ENTER}"));
    terminal.wait("1 of ");
    terminal.wait_until("the refund", |screen| {
        let text = screen.contents();
        text.contains("◐ Refunding") || text.contains("✓ Refunded")
    });
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 1);
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_stands_in_the_journal_with_what_it_changed_and_leads_to_its_object_and_back() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    shop.create_plan(&client, "EVIL-1", "\u{1b}[2J\u{202e}evil\u{7}").await;
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press("9");
    terminal.wait("Nothing has been sent yet");
    terminal.press(&format!("1/EVIL-1{ENTER}"));
    terminal.wait("1 of ");
    terminal.wait("Open to sign");
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait("Type ");
    terminal.wait_for_preview();
    terminal.press(&format!("IL-1{ENTER}"));
    terminal.wait("■ Stopped");
    terminal.press("9");
    terminal.wait("✓ done");
    let entry = shop.ledger().journal_entry(1).unwrap().unwrap();
    let request = entry.conclusions[0].request_id.clone().unwrap();
    // The table shows both ends of it, the detail all of it.
    terminal.wait(&request[request.len() - 4..]);
    terminal.press(ENTER);
    terminal.wait("What changed");
    terminal.wait(&request);
    terminal.wait_until("the change of the state", |screen| {
        let text = screen.contents();
        text.contains("- \"NORMAL\"") && text.contains("+ \"STOP\"")
    });
    terminal.press("G");
    terminal.wait_gone("Done: Stop plan");
    // Beside the table it may be folded.
    terminal.wait_until("the hash", |screen| beside(screen).contains(&entry.hash));
    let text = terminal.text();
    assert!(text.contains("Journal") && !text.contains('\u{202e}'), "{text}");
    terminal.press(ENTER);
    terminal.wait("Plan EVIL-1");
    terminal.wait("■ Stopped");
    terminal.press("J");
    terminal.wait("only Plan EVIL-1");
    terminal.wait("✓ done");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_at_the_gateway_comes_to_the_screen_by_itself() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let waiting = shop.object_for(&client, ActionId::TransactionClose.action()).await;
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press(&format!("4/{}{ENTER}", waiting.id.number));
    terminal.wait("Not paid");
    shop.gateway.user().pay_transaction(waiting.id.number.as_str()).unwrap();
    terminal.wait("✓ Paid");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_lets_nothing_leave_whatever_is_pressed() {
    let shop = Shop::open(60).await;
    let mut terminal = console(&shop, 120, 40, &["--read-only"]);
    terminal.wait("in all");
    for tab in ["1", "2", "3", "4", "5", "6", "9"] {
        terminal.press(tab);
        terminal.press("a");
        terminal.press(&ENTER.repeat(3));
        terminal.press(&ESCAPE.repeat(3));
    }
    terminal.press("1");
    terminal.wait("Plans");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(shop.mutations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_resolved_and_reported() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let stock = shop.object_for(&client, ActionId::StockPause.action()).await;
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press(&format!("5/{}{ENTER}", stock.id.number));
    terminal.wait("1 of ");
    terminal.wait("Running");
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::StockPause), Fault::DropAfter);
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait_for_preview();
    // The focus is on Cancel; Tab moves it to Confirm.
    terminal.press("\t");
    terminal.press(ENTER);
    terminal.wait_gone("● Running");
    terminal.wait("Paused");
    assert_eq!(shop.arrived(EndpointId::StockPause), 1);
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_written_at_once_change_nothing_and_where_money_is_real_a_pause_is_typed() {
    let shop = Shop::open(200).await;
    let stock = shop.object_for(&shop.client(), ActionId::StockPause.action()).await;
    for environment in ["sandbox", "production"] {
        shop.edit_config("environment = \"sandbox\"", &format!("environment = \"{environment}\""));
        // The first run's filter is not wanted in the second.
        let mut terminal = console(&shop, 120, 40, &["--fresh"]);
        terminal.wait("in all");
        terminal.press(&format!("5/{}{ENTER}", stock.id.number));
        terminal.wait("1 of ");
        terminal.wait("Running");
        // The key that would confirm is there before the preview is.
        terminal.press(&format!("a{ENTER}\t{ENTER}"));
        terminal.wait_for_preview();
        assert_eq!(shop.mutations(), 0);
        if environment == "production" {
            terminal.press(&format!("\t\t{ENTER}"));
            terminal.wait("does not match");
            assert_eq!(shop.mutations(), 0);
            terminal.press(&format!("\t{}{ENTER}", stock.id.number.tail()));
            terminal.wait_gone("● Running");
            terminal.wait("Paused");
        }
        terminal.press("\u{3}");
        assert_eq!(terminal.end(), 0);
    }
    assert_eq!(shop.arrived(EndpointId::StockPause), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_is_killed_opens_as_it_was() {
    let shop = Shop::open(10).await;
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press("5");
    terminal.wait("─ Coupon stocks ·");
    let folder = shop.folder.path().join("sessions");
    let deadline = Instant::now() + Duration::from_secs(60);
    // One file for each profile.
    let kept =
        || std::fs::read_dir(&folder).ok()?.flatten().next().and_then(|file| std::fs::read_to_string(file.path()).ok());
    while !kept().is_some_and(|text| text.contains("\"tab\": \"stocks\"")) {
        assert!(Instant::now() < deadline, "it is not kept");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    terminal.signal("KILL");
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("─ Coupon stocks ·");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_leave_the_terminal_as_it_was() {
    let shop = Shop::open(10).await;
    for (signal, status) in [("TERM", 143), ("HUP", 129), ("INT", 130), ("QUIT", 131)] {
        let mut terminal = console(&shop, 80, 24, &[]);
        terminal.wait("in all");
        terminal.press("?");
        terminal.signal(signal);
        assert_eq!(terminal.end(), status, "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_cannot_place_a_cursor_is_refused_like_a_pipe() {
    let shop = Shop::open(2).await;
    let config = shop.config_path();
    let terminal = Terminal::start_as("dumb", 80, 24, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait("This terminal cannot show a screen");
    terminal.wait("paydeck --help");
    assert!(!terminal.on_screen(|screen| screen.alternate_screen()));
    assert_eq!(terminal.end(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_says_that_requests_travel_open() {
    let shop = Shop::open(2).await;
    // TEST-NET-1: nothing is there.
    shop.edit_config(shop.gateway.base_url(), "http://192.0.2.1");
    shop.edit_config("base_url = \"http://192.0.2.1\"", "base_url = \"http://192.0.2.1\"\ninsecure = true");
    let mut terminal = console(&shop, 100, 30, &[]);
    terminal.wait("INSECURE: NO TLS");
    for (keys, shown) in [("9", "Journal"), ("?", "─ Help"), (ESCAPE, "Journal"), (":", "Commands")] {
        terminal.press(keys);
        terminal.wait(shown);
        assert!(terminal.text().contains("INSECURE: NO TLS"), "{}", terminal.text());
    }
    terminal.press("\u{3}");
    terminal.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_console_comes_back_whole() {
    let shop = Shop::open(10).await;
    let mut terminal = console(&shop, 80, 24, &[]);
    terminal.wait("in all");
    // Ctrl-Z, and a stop from outside; idle, and with a dialog open.
    for (dialog, parts) in [("", ["Number", "in all", "Plans"]), (":", ["Commands and objects", "run", "SANDBOX"])] {
        terminal.press(dialog);
        terminal.wait(parts[0]);
        for key in [true, false] {
            if key {
                terminal.press("\u{1a}");
            } else {
                terminal.signal("TSTP");
            }
            terminal.wait_stopped();
            terminal.signal("CONT");
            terminal.wait_until("the whole screen", |screen| {
                let text = screen.contents();
                screen.alternate_screen() && screen.bracketed_paste() && parts.iter().all(|part| text.contains(part))
            });
        }
    }
    // It still listens.
    terminal.press(ESCAPE);
    terminal.wait_gone("Commands");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_tiny_terminals_break_nothing() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    shop.create_plan(&client, "HOSTILE-1", "\u{1b}[2J\u{202e}evil\u{7}").await;
    assert!(shop.ids(Kind::Plan).iter().any(|id| id.number.as_str() == "HOSTILE-1"));
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press(&format!("/HOSTILE{ENTER}{ENTER}"));
    terminal.wait("evil");
    let text = terminal.text();
    assert!(text.contains("Plans") && text.contains('␛'), "the screen was not erased:\n{text}");
    for (columns, rows) in [(3, 3), (1, 1), (200, 2), (2, 60), (59, 15), (120, 40)] {
        terminal.resize(columns, rows);
        terminal.press("jka");
        terminal.press(ESCAPE);
    }
    terminal.wait("HOSTILE-1");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_run_left_open_is_settled_at_the_start_and_reported() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    shop.kill_while_stopping(&plan).await;
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("it took effect");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_is_opened_in_its_tab_and_row_also_an_unknown_one() {
    let shop = Shop::open(100).await;
    let client = shop.client();
    let ids = shop.ids(Kind::ServiceOrder);
    // No file of numbers, as for a merchant whose back end exports none: only stocks are known.
    shop.edit_config("numbers = \"numbers.jsonl\"", "");
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("SANDBOX");
    for id in [&ids[0], &ids[3]] {
        let (order, _) = client.fetch(id, None).await.unwrap();
        terminal.press("o");
        terminal.wait("Open a number");
        terminal.press(&format!("{}{ENTER}", id.number));
        terminal.wait(&format!("▸ {}", id.number));
        terminal.wait(&format!("▌{} ", id.number));
        terminal.wait(order.entity.title().unwrap());
    }
    terminal.press("o");
    terminal.wait("Open a number");
    terminal.press(&format!("NO-SUCH-NUMBER{ENTER}"));
    terminal.wait("Nothing found under NO-SUCH-NUMBER");
    terminal.wait("out_order_no");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_the_profile_wants_is_typed_before_the_end_of_the_number_and_kept() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let rules = "[profiles.sandbox.rules]\nrequire_reason = [\"plan-stop\"]\n";
    std::fs::write(shop.config_path(), format!("{config}\n{rules}")).unwrap();
    let mut terminal = console(&shop, 60, 16, &[]);
    terminal.wait("in all");
    terminal.press(&format!("/{}{ENTER}", plan.id.number));
    terminal.wait("1 of ");
    terminal.wait("Open to sign");
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait("Reason, for the journal:");
    terminal.wait_for_preview();
    // Without a reason the end of the number is not enough.
    terminal.press(&format!("\t{}{ENTER}", plan.id.number.tail()));
    terminal.wait("✗ Reason");
    assert_eq!(shop.mutations(), 0);
    terminal.press("客户来电");
    terminal.wait("客户来电");
    terminal.press(&ENTER.repeat(2));
    terminal.wait("Stopped");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1);
    let intent = shop.ledger().journal_entry(1).unwrap().unwrap().intent;
    assert_eq!((intent.reason.as_deref(), &*intent.confirmed), (Some("客户来电"), "typed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_on_a_terminal_asks_and_the_journal_says_how_it_was_answered() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    let stock = shop.object_for(&client, ActionId::StockPause.action()).await;
    let tail = plan.id.number.tail().to_owned();
    for (id, verb, question, answer, status) in [
        (&plan.id, "stop", "Type the last four", "y", 1),
        (&plan.id, "stop", "Type the last four", tail.as_str(), 0),
        (&stock.id, "pause", "Type y", "n", 1),
        (&stock.id, "pause", "Type y", "y", 0),
    ] {
        let number = id.number.as_str();
        let mut terminal = console(&shop, 120, 40, &[id.kind.noun(), verb, number, "--reason", "客户来电"]);
        terminal.wait(question);
        terminal.wait("Reason 客户来电");
        terminal.press(&format!("{answer}{ENTER}"));
        assert_eq!(terminal.end(), status, "{verb} {answer}");
    }
    let entries = shop.ledger().journal_entries(&JournalSearch { limit: 9, ..JournalSearch::default() }).unwrap();
    let confirmed: Vec<_> = entries.iter().map(|entry| &*entry.intent.confirmed).collect();
    assert_eq!(confirmed, ["yes", "typed"]);
    assert_eq!(shop.mutations(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_plan_shows_beforehand_how_many_signings_continue() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let mut signed: std::collections::BTreeMap<String, (u64, i64)> = Default::default();
    for id in shop.ids(Kind::SignPlan) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        let Entity::SignPlan(sign_plan) = &*object.entity else { panic!() };
        if sign_plan.state == SignState::Signed {
            let (count, worth) = signed.entry(sign_plan.plan_id.clone().unwrap()).or_default();
            (*count, *worth) = (*count + 1, *worth + sign_plan.total_actual_price.unwrap().minor);
        }
    }
    let mut plan = None;
    for id in shop.ids(Kind::Plan) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        let now = time::OffsetDateTime::now_utc();
        if ActionId::PlanStop.action().legal(&object.entity, now).is_ok() {
            plan = plan.or(signed.get(object.entity.platform_number().unwrap()).map(|signed| (id, *signed)));
        }
    }
    let (plan, (count, fen)) = plan.expect("a plan that is signed");
    // Only objects in the ledger are known here.
    assert_eq!(status(&shop.paydeck(&["sign-plan", "list"])), 0);
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press(&format!("1/{}{ENTER}", plan.number));
    terminal.wait("1 of ");
    terminal.wait("Open to sign");
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait("Keep running");
    let worth = paydeck::model::Money::cny(fen);
    let text = terminal.text();
    assert!(text.contains(&format!("{count} · {worth}")), "{count} · {worth}\n{text}");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(shop.mutations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_fetched_read_and_followed_to_what_it_names() {
    use paydeck::model::time::{beijing_day, day};
    let shop = Shop::open(60).await;
    // Yesterday's bill may not be ready yet.
    let date = day(beijing_day(time::OffsetDateTime::now_utc() - time::Duration::days(2)));
    let mut terminal = console(&shop, 120, 40, &[]);
    terminal.wait("in all");
    terminal.press("7");
    terminal.wait("No bill has been downloaded yet");
    terminal.press("n");
    terminal.wait("Download a bill");
    // The link expires during the transfer, and another is requested.
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::BillDownload), Fault::LinkExpired);
    terminal.press(&format!("\t\t{}{date}{ENTER}", "\u{7f}".repeat(10)));
    terminal.wait("verified");
    terminal.wait("The summary agrees with the rows");
    assert_eq!(shop.arrived(EndpointId::BillDownload), 2);
    terminal.press(ENTER);
    terminal.wait("Row 1 of");
    terminal.wait_until("the hash", |screen| {
        beside(screen).split_once("SHA-1").is_some_and(|(_, hash)| hash[..hash.len().min(60)].contains("verified"))
    });
    terminal.press(ENTER);
    terminal.wait("Overview");
    terminal.press("7");
    terminal.wait("Row 1 of");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}
