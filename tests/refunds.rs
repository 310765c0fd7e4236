//! Refunds: in parts, never more than was paid, and once, whatever happens to the answer.

mod support;

use std::time::Duration;

use paydeck::ledger::{Conclusion, Ending, Intent, Ledger, Store};
use paydeck::model::action::{ActionId, Confirmation, ConfirmedBy, RelatedState, prepare};
use paydeck::model::{EndpointId, Kind, Method, Object};
use paydeck::sandbox::{Fault, FaultMatcher};
use paydeck::services::{Event, Outcome, Request, Runner, Session, Ticket};
use serde_json::Value;
use support::{Shop, id, json_errors, outcome_of, status, stderr, stdout};
use time::OffsetDateTime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A transaction that was paid from the user's change, to which refunds never fail.
async fn paid(shop: &Shop) -> Object {
    let client = shop.client();
    for id in shop.ids(Kind::Transaction) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        let from_change = object.raw.contains("\"bank_type\":\"OTHERS\"");
        if object.entity.state().code == "SUCCESS" && from_change && object.entity.amount().unwrap().minor > 200 {
            return object;
        }
    }
    panic!("no transaction was paid from change");
}

/// The one document a command printed.
fn printed(output: &std::process::Output) -> Value {
    assert_eq!(status(output), 0, "{}", stderr(output));
    serde_json::from_str(&stdout(output)).unwrap()
}

fn refunds_sent(shop: &Shop) -> usize {
    shop.arrived(EndpointId::RefundCreate)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_refunded_in_parts_and_never_beyond_what_was_paid() {
    let shop = Shop::open(100).await;
    let transaction = paid(&shop).await;
    let (trade, total) = (transaction.id.number.as_str(), transaction.entity.amount().unwrap());
    let refund =
        |more: &[&str]| shop.paydeck(&[&["--output", "json", "transaction", "refund", trade, "--yes"], more].concat());
    let first = printed(&refund(&["--amount", "1", "--reason", "做错口味", "--number", "R@1"]));
    assert_eq!((&first["out_refund_no"], &first["out_trade_no"]), (&"R@1".into(), &trade.into()));
    assert_eq!((first["status"].as_str(), first["amount"]["refund"].as_i64()), (Some("PROCESSING"), Some(100)));
    let sent = shop.gateway.requests().into_iter().rfind(|r| r.method == "POST").unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["transaction_id"].as_str(), transaction.entity.platform_number());
    assert_eq!((body["reason"].as_str(), body["amount"]["total"].as_i64()), (Some("做错口味"), Some(total.minor)));

    // Both are in the ledger as they are now.
    let ledger = shop.ledger();
    let kept = |id| ledger.object(&shop.actor().key, &id).unwrap().unwrap().object.entity.state().code;
    assert_eq!(kept(transaction.id.clone()), "REFUND");
    assert_eq!(kept(id(Kind::Refund, "R@1")), "PROCESSING");

    // Too soon, and then in time; under its own, generated number.
    let soon = refund(&["--amount", "1", "--number", "R-2"]);
    assert_eq!(status(&soon), 1, "{}", stderr(&soon));
    shop.gateway.user().let_time_pass(time::Duration::minutes(2));
    let create = ["--output", "json", "refund", "create", "--transaction", trade, "--amount", "1", "--again", "--yes"];
    let second = printed(&shop.paydeck(&create));
    let number = second["out_refund_no"].as_str().unwrap();
    assert!(number.starts_with(trade) && number != "R@1", "{number}");

    // A number is one refund. The very same again is shown and not sent; another amount is another refund.
    let sent = refunds_sent(&shop);
    let twice = refund(&["--amount", "1", "--number", "R@1"]);
    let shown = printed(&twice);
    assert_eq!((shown["out_refund_no"].as_str(), shown["amount"]["refund"].as_i64()), (Some("R@1"), Some(100)));
    let notice: Value = serde_json::from_str(&stderr(&twice)).unwrap();
    assert_eq!((notice["notice"]["kind"].as_str(), notice["notice"]["journal"].as_i64()), (Some("repeated"), Some(1)));
    let other = refund(&["--amount", "2", "--number", "R@1"]);
    assert_eq!(status(&other), 1, "{}", stderr(&other));
    let of = format!("R@1 is already a refund of ¥1.00 of {trade}; another refund needs its own number");
    assert!(stderr(&other).contains(&of), "{}", stderr(&other));
    assert_eq!(refunds_sent(&shop), sent);

    // What is left is less than all of it.
    shop.gateway.user().let_time_pass(time::Duration::minutes(2));
    let sent = refunds_sent(&shop);
    let over = refund(&["--amount", &total.plain(), "--number", "R-3"]);
    assert_eq!(status(&over), 2, "{}", stderr(&over));
    let beyond = refund(&["--amount", &format!("1{}", total.plain())]);
    assert_eq!(status(&beyond), 2, "more than the total never leaves: {}", stderr(&beyond));
    assert_eq!(status(&refund(&["--amount", "0"])), 2);
    assert_eq!(status(&refund(&["--amount", "1", "--number", "R 1"])), 2);
    assert_eq!(refunds_sent(&shop), sent);

    let arrived = printed(&shop.paydeck(&["--output", "json", "refund", "get", "R@1"]));
    assert_eq!(arrived["status"], "SUCCESS");
    let listed = stdout(&shop.paydeck(&["--output", "json", "refund", "list"]));
    for number in ["R@1", number] {
        assert!(listed.contains(&format!("\"out_refund_no\":\"{number}\"")), "{listed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_accepted_and_never_answered_is_found_by_its_number_and_sent_once() {
    let shop = Shop::open(100).await;
    let transaction = paid(&shop).await;
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::RefundCreate), Fault::HoldAfter);
    let trade = transaction.id.number.as_str();
    let arguments = ["transaction", "refund", trade, "--amount", "1.5", "--number", "R-1", "--yes"];
    let output = shop.paydeck(&arguments);
    assert!(stdout(&output).contains("out_refund_no: R-1"), "{}", stdout(&output));
    assert!(stderr(&output).contains("took effect"), "{}", stderr(&output));
    assert_eq!(refunds_sent(&shop), 1);
    let entry = shop.ledger().journal_entry(1).unwrap().unwrap();
    assert_eq!((&*entry.intent.kind, &*entry.intent.number), ("transaction", trade));
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
}

/// A refund of `R-1` that could not reach its user, and its number of WeChat Pay's.
async fn failed_refund(shop: &Shop) -> String {
    let transaction = paid(shop).await;
    let refund = ["transaction", "refund", transaction.id.number.as_str(), "--amount", "1", "--number", "R-1", "--yes"];
    let refund = printed(&shop.paydeck(&[&["--output", "json"], &refund[..]].concat()));
    shop.gateway.user().fail_refund("R-1").unwrap();
    refund["refund_id"].as_str().unwrap().to_owned()
}

/// A card as a file that is given with `--from`: outside the shop's folder, which is searched for it.
fn card(document: Value) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), document.to_string()).unwrap();
    file
}

fn card_of_the_user() -> tempfile::NamedTempFile {
    card(serde_json::json!({"type": "USER_BANK_CARD", "bank_type": "CMB_DEBIT",
        "bank_account": "6225 8801 2345 6789", "real_name": "张三"}))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_of_a_failed_refund_goes_to_a_card_that_only_wechat_pay_can_read() {
    for profile in ["sandbox", "sandbox-public-key"] {
        let shop = Shop::open(100).await;
        let id_of_theirs = failed_refund(&shop).await;
        let base = ["--profile", profile, "--output", "json", "refund", "apply-abnormal", "R-1"];
        let card = card_of_the_user();
        let from = ["--from", card.path().to_str().unwrap()];
        let apply = |more: &[&str]| shop.paydeck(&[&base[..], &from, more].concat());
        // Other users of the machine see what a command is called with.
        let argument = shop.paydeck(&[&base[..], &["--bank-account", "6225880123456789"]].concat());
        assert_eq!(status(&argument), 2, "{}", stderr(&argument));
        let dry = stdout(&apply(&["--dry-run"]));
        assert!(dry.contains("****6789") && !dry.contains("622588") && !dry.contains("张三"), "{dry}");
        let before = shop.mutations();
        assert_eq!(status(&apply(&[])), 2, "off a terminal money needs --yes");
        assert_eq!(shop.mutations(), before);

        let applied = printed(&apply(&["--yes"]));
        assert_eq!((&applied["status"], &applied["channel"]), (&"PROCESSING".into(), &"OTHER_BANKCARD".into()));
        assert_eq!(applied["user_received_account"], "招商银行借记卡6789", "the sandbox could read it");
        let sent = shop.gateway.requests().into_iter().rfind(|request| request.method == "POST").unwrap();
        assert_eq!(sent.target, format!("/v3/refund/domestic/refunds/{id_of_theirs}/apply-abnormal-refund"));
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        for member in ["bank_account", "real_name"] {
            assert_eq!(body[member].as_str().unwrap().len(), 344, "{body}");
        }
        // Whatever is kept holds what was sent, and nothing that can be read.
        let journal = stdout(&shop.paydeck(&["--profile", profile, "--output", "json", "journal", "list"]));
        assert!(journal.contains("refund-apply-abnormal"), "{journal}");
        let export = stdout(&shop.paydeck(&["journal", "export"]));
        assert!(export.contains(body["bank_account"].as_str().unwrap()), "{export}");
        for file in
            std::fs::read_dir(shop.folder.path()).unwrap().filter_map(|entry| std::fs::read(entry.ok()?.path()).ok())
        {
            for secret in ["6225880123456789", "6225 8801", "张三"] {
                assert!(!file.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
            }
        }
        // The journal cannot show whether it was for the same card, so the refund's state decides.
        let again = apply(&["--yes"]);
        assert_eq!(
            (status(&again), &json_errors(&again)[0]["kind"]),
            (1, &"precondition".into()),
            "{}",
            stderr(&again)
        );
        assert_eq!(shop.arrived(EndpointId::RefundApplyAbnormal), 1);
        shop.gateway.user().let_time_pass(time::Duration::minutes(5));
        let arrived = printed(&shop.paydeck(&["--profile", profile, "--output", "json", "refund", "get", "R-1"]));
        assert_eq!(arrived["status"], "SUCCESS");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_may_come_from_a_file_and_its_rules_hold_before_anything_is_sent() {
    let shop = Shop::open(100).await;
    let id_of_theirs = failed_refund(&shop).await;
    let before = shop.mutations();
    let apply = |more: &[&str]| {
        shop.paydeck(&[&["--output", "json", "refund", "apply-abnormal", "R-1", "--yes"], more].concat())
    };
    for wrong in [
        serde_json::json!({"type": "USER_BANK_CARD"}),
        serde_json::json!({"type": "NOBODYS_CARD"}),
        serde_json::json!({"type": "USER_BANK_CARD", "bank_type": "CMB_DEBIT", "bank_account": "6225x", "real_name": "张三"}),
        serde_json::json!({"type": "MERCHANT_BANK_CARD", "real_name": "张三"}),
    ] {
        let file = card(wrong.clone());
        let output = apply(&["--from", file.path().to_str().unwrap()]);
        assert_eq!(status(&output), 2, "{wrong}: {}", stderr(&output));
        assert!(!stderr(&output).contains("张三"), "{}", stderr(&output));
    }
    // A cap holds for the refund's own amount, and a raw request, which does not contain it, does not pass at all.
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    std::fs::write(shop.config_path(), format!("{config}\n[profiles.sandbox.rules]\nmax_amount = \"0.50\"\n")).unwrap();
    let of_the_user = card_of_the_user();
    assert_eq!(status(&apply(&["--from", of_the_user.path().to_str().unwrap()])), 1);
    let raw = format!("/v3/refund/domestic/refunds/{id_of_theirs}/apply-abnormal-refund");
    let body = r#"{"out_refund_no":"R-1","type":"MERCHANT_BANK_CARD"}"#;
    assert_eq!(status(&shop.paydeck(&["--output", "json", "api", "POST", &raw, body, "--yes"])), 1);
    std::fs::write(shop.config_path(), config).unwrap();
    assert_eq!(shop.mutations(), before);

    let file = card(serde_json::json!({"type": "USER_BANK_CARD", "bank_type": "PSBC_DEBIT",
        "bank_account": "6217990000001234", "real_name": "李四"}));
    let applied = printed(&apply(&["--from", file.path().to_str().unwrap()]));
    assert_eq!(applied["user_received_account"], "邮储银行借记卡1234");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_was_never_answered_is_found_on_the_refund_and_sent_once() {
    let shop = Shop::open(100).await;
    failed_refund(&shop).await;
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::RefundApplyAbnormal), Fault::HoldAfter);
    let card = card_of_the_user();
    let from = ["--from", card.path().to_str().unwrap()];
    let output = shop.paydeck(&[&["--output", "json", "refund", "apply-abnormal", "R-1", "--yes"], &from[..]].concat());
    assert_eq!(printed(&output)["status"], "PROCESSING");
    assert_eq!(shop.arrived(EndpointId::RefundApplyAbnormal), 1);
    let outcome = outcome_of(&shop.ledger(), 2);
    assert_eq!(outcome.as_deref(), Some("done"), "its object shows it");
    // What is encrypted with another key than the request names does not open.
    let client = shop.client();
    let (_, key) = client.encryption_key().await.unwrap();
    let sealed = key.encrypt_field("张三".as_bytes()).unwrap();
    let body = serde_json::json!({"out_refund_no": "R-1", "type": "USER_BANK_CARD", "bank_type": "CMB_DEBIT",
        "bank_account": sealed, "real_name": sealed});
    let other = shop.client_of("sandbox-public-key");
    let target = "/v3/refund/domestic/refunds/50300000000/apply-abnormal-refund";
    let refused = other.call(EndpointId::RefundApplyAbnormal, target, &body.to_string()).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.status, refusal.code.as_str()), (400, "PARAM_ERROR"));
    assert!(refusal.message.contains("does not open") || refusal.message.contains("解密失败"), "{}", refusal.message);
}

/// Starts a refund in a process of its own and kills it once so many requests have arrived at an endpoint.
async fn kill_while_refunding(shop: &Shop, transaction: &Object, fault: Fault, endpoint: EndpointId) {
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::RefundCreate), fault);
    let number = transaction.id.number.as_str();
    let mut process = shop.start(&["transaction", "refund", number, "--amount", "1", "--number", "R-1", "--yes"]);
    shop.wait_for(endpoint, 1).await;
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_alone_says_which_refund_to_ask_for() {
    let shop = Shop::open(100).await;
    let transaction = paid(&shop).await;
    kill_while_refunding(&shop, &transaction, Fault::HoldAfter, EndpointId::RefundCreate).await;
    let resolved = shop.paydeck(&["journal", "resolve"]);
    assert_eq!(status(&resolved), 0, "{}", stderr(&resolved));
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
    assert_eq!(refunds_sent(&shop), 1);
    let kept = |id| shop.ledger().object(&shop.actor().key, &id).unwrap().unwrap().object.entity.state().code;
    assert_eq!(kept(transaction.id.clone()), "REFUND");
    assert!(["PROCESSING", "SUCCESS"].contains(&kept(id(Kind::Refund, "R-1")).as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_repeated_in_ignorance_is_shown_and_not_sent_when_the_first_one_turns_out_to_have_worked() {
    let shop = Shop::open(100).await;
    let transaction = paid(&shop).await;
    kill_while_refunding(&shop, &transaction, Fault::HoldAfter, EndpointId::RefundCreate).await;
    shop.gateway.user().let_time_pass(time::Duration::minutes(2));
    let refund = |amount: &str, more: &[&str]| {
        let number = transaction.id.number.as_str();
        shop.paydeck(&[&["transaction", "refund", number, "--amount", amount, "--yes"], more].concat())
    };
    let shown = refund("1", &[]);
    assert_eq!(status(&shown), 0, "{}", stderr(&shown));
    assert!(stdout(&shown).contains("out_refund_no: R-1"), "{}", stdout(&shown));
    for words in ["Nothing was sent", "Journal entry 1", "¥1.00", "refund R-1", "done", "--again"] {
        assert!(stderr(&shown).to_lowercase().contains(&words.to_lowercase()), "{words}: {}", stderr(&shown));
    }
    assert_eq!(refunds_sent(&shop), 1);
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
    // Now that it is known to be done: the same, without asking.
    assert_eq!((status(&refund("1", &[])), refunds_sent(&shop)), (0, 1));
    // Another amount is another refund, and a second one must be requested explicitly.
    for (count, amount, more) in [(2, "0.02", &[][..]), (3, "0.02", &["--again"]), (4, "0.02", &["--number", "R-7"])] {
        shop.gateway.user().let_time_pass(time::Duration::minutes(2));
        // A number made for a refund has the second in it: within one, the same number is the same refund.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let another = refund(amount, more);
        assert_eq!((status(&another), refunds_sent(&shop)), (0, count), "{more:?}: {}", stderr(&another));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_not_there_may_still_come_and_is_sent_again_under_its_own_number_alone() {
    let shop = Shop::open(100).await;
    let transaction = paid(&shop).await;
    // It had no effect; but so soon after, it may still have one.
    kill_while_refunding(&shop, &transaction, Fault::FailBefore, EndpointId::RefundQuery).await;
    let resolved = shop.paydeck(&["journal", "resolve"]);
    assert_eq!(status(&resolved), 3);
    assert!(stderr(&resolved).contains("still unknown"), "{}", stderr(&resolved));
    let number = transaction.id.number.as_str();
    // Another refund waits until this one is known.
    for other in [&["--amount", "2"][..], &["--amount", "1", "--number", "R-2"], &["--amount", "1", "--again"]] {
        let denied = shop.paydeck(&[&["transaction", "refund", number, "--yes"], other].concat());
        // Of the same amount it may be the same one.
        assert_eq!(status(&denied), if other[1] == "1" { 3 } else { 1 }, "{}", stderr(&denied));
        assert!(stderr(&denied).to_lowercase().contains("journal entry 1"), "{}", stderr(&denied));
    }
    assert_eq!(refunds_sent(&shop), 1);
    let again = shop.paydeck(&["transaction", "refund", number, "--amount", "1", "--yes"]);
    assert_eq!(status(&again), 0, "{}", stderr(&again));
    let sent: Vec<_> = shop.gateway.requests().into_iter().filter(|r| r.method == "POST").map(|r| r.body).collect();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]), "the very same request");
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
    // The intent, that it is unknown, that it is sent again, and that it is done.
    assert_eq!(shop.ledger().verify_journal().unwrap(), Ok(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_not_there_long_after_will_not_come() {
    let shop = Shop::open(100).await;
    let transaction = paid(&shop).await;
    let ledger = shop.ledger();
    let ago = |minutes: i64| OffsetDateTime::now_utc() - time::Duration::minutes(minutes);
    let entry = |minutes: i64, by_the_platform: Option<i64>, number: &str| {
        let body = format!("{{\"out_refund_no\":\"{number}\",\"amount\":{{\"refund\":100}}}}");
        let intent = Intent {
            at: ago(minutes),
            platform_at: by_the_platform.map(ago),
            operator: "tester".into(),
            profile: shop.actor().key,
            mchid: "1900012345".into(),
            action: "transaction-refund".into(),
            object: Some(transaction.id.clone()),
            method: Method::Post,
            target: EndpointId::RefundCreate.endpoint().path.into(),
            body,
            state: "SUCCESS".into(),
            before: None,
            seen: None,
            confirmed: ConfirmedBy::Flag,
            objects: 1,
            reason: None,
            once: None,
        };
        let id = ledger.intend(&intent).unwrap();
        let unknown = Conclusion::of(Ending::Unknown);
        ledger.conclude(id, OffsetDateTime::now_utc(), &unknown).unwrap();
        id
    };
    let runner = shop.runner(&shop.client());
    for (minutes, by_the_platform, number, outcome) in [
        (2, Some(2), "R-1", "refused"),
        (0, Some(0), "R-2", "unknown"),
        // This machine's clock was set since, ahead and back: the platform's counts.
        (60, Some(1), "R-3", "unknown"),
        (-60, Some(2), "R-4", "refused"),
        // Where the platform's was not known, five minutes are allowed for the difference.
        (6, None, "R-5", "unknown"),
        (7, None, "R-6", "refused"),
    ] {
        let id = entry(minutes, by_the_platform, number);
        runner.resolve().await.unwrap();
        assert_eq!(outcome_of(&ledger, id).as_deref(), Some(outcome), "{number}");
        let end = Conclusion::of(Ending::Refused);
        ledger.conclude(id, OffsetDateTime::now_utc(), &end).unwrap();
    }
    assert_eq!(shop.mutations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_stands_for_another_refund_is_no_proof_of_this_one() {
    let shop = Shop::open(100).await;
    let (client, transaction) = (shop.client(), paid(&shop).await);
    let operation = |fen: &str| {
        let values = [("amount", fen.to_owned()), ("number", "R-1".to_owned())].into();
        let refund = ActionId::TransactionRefund.action();
        let now = OffsetDateTime::now_utc();
        let operation = prepare(refund, &transaction, RelatedState::NONE, client.merchant(), &values, now).unwrap();
        operation.confirm(Confirmation::Flag).unwrap()
    };
    // The other refund was made with another ledger.
    let elsewhere = Ledger::open(&Store::Sqlite(shop.folder.path().join("elsewhere.db"))).unwrap();
    let other = Runner::new(client.clone(), elsewhere, shop.actor(), &shop.bills());
    assert!(matches!(other.perform(operation("1"), |_| ()).await, Outcome::Done { .. }));
    let runner = shop.runner(&client);
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::RefundCreate), Fault::DropAfter);
    let outcome = runner.perform(operation("2"), |_| ()).await;
    assert!(matches!(outcome, Outcome::NoEffect { .. }), "{outcome:?}");
}

fn open(shop: &Shop) -> (Session, UnboundedReceiver<Event>) {
    let (sender, events) = unbounded_channel();
    (Session::open(Shop::session_options(&shop.config_path()), sender), events)
}

/// Waits until the session reports a refund, and the ledger has its document.
async fn refund_known(shop: &Shop, events: &mut UnboundedReceiver<Event>) {
    let (ledger, profile) = (shop.ledger(), shop.actor().key);
    let search = async {
        loop {
            if matches!(events.recv().await.expect("the session lives"), Event::KindChanged(Kind::Refund))
                && ledger.object(&profile, &id(Kind::Refund, "R-1")).unwrap().is_some()
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), search).await.expect("the refund is reported");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_learns_of_the_refund_it_made_and_of_one_an_earlier_run_left_open() {
    let shop = Shop::open(100).await;
    shop.edit_config("numbers = \"numbers.jsonl\"", "");
    let (client, transaction) = (shop.client(), paid(&shop).await);
    let values = [("amount", "1".to_owned()), ("number", "R-1".to_owned())].into();
    let refund = ActionId::TransactionRefund.action();
    let now = OffsetDateTime::now_utc();
    let operation = prepare(refund, &transaction, RelatedState::NONE, client.merchant(), &values, now).unwrap();
    let (session, mut events) = open(&shop);
    session.request(Request::Perform(Ticket(1), Box::new(operation.confirm(Confirmation::Flag).unwrap())));
    refund_known(&shop, &mut events).await;
    session.close().await;

    let other = Shop::open(100).await;
    other.edit_config("numbers = \"numbers.jsonl\"", "");
    kill_while_refunding(&other, &paid(&other).await, Fault::HoldAfter, EndpointId::RefundCreate).await;
    let (session, mut events) = open(&other);
    refund_known(&other, &mut events).await;
    session.close().await;
    assert_eq!((refunds_sent(&shop), refunds_sent(&other)), (1, 1));
}
