//! Actions that a profile's rules forbid are never sent: not by the runner, the command line, raw requests, or a
//! console that fails to disable them.

mod support;

use std::process::Output;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use paydeck::console::app::effect::Effect;
use paydeck::console::app::msg::Msg;
use paydeck::console::app::update;
use paydeck::console::{Account, Start, Theme};
use paydeck::i18n::Lang;
use paydeck::ledger::{Listed, TablePage};
use paydeck::model::action::{ACTIONS, Action, ActionId, Confirmation, RawWrite, Rules};
use paydeck::model::{EndpointId, Environment, Method, Object};
use paydeck::sandbox::{Fault, FaultMatcher};
use paydeck::services::{
    Denial, Event, Fresh, ObjectHistory, Outcome, ReadRequest, Request, Runner, Session, Source, TabAnswer,
    TableWindow, Ticket,
};
use serde_json::{Value, json};
use support::{Shop, status, stderr, stdout};
use tokio::sync::mpsc::unbounded_channel;

/// Gives the shop's profile rules.
fn rule(shop: &Shop, rules: &str) {
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    let text = text.split("\n[profiles.sandbox.rules]").next().unwrap().to_owned();
    std::fs::write(shop.config_path(), format!("{text}\n[profiles.sandbox.rules]\n{rules}\n")).unwrap();
}

/// The error object on standard error.
fn error(output: &Output) -> Value {
    let text = stderr(output);
    let line = text.lines().find(|line| line.starts_with("{\"error\"")).unwrap_or_else(|| panic!("{text}"));
    serde_json::from_str::<Value>(line).unwrap()["error"].clone()
}

/// The arguments of an action with plausible values.
fn path(action: &Action, object: &Object) -> String {
    action.endpoint.endpoint().target(&[(object.id.kind.number_field(), object.id.number.as_str())], &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_deny_and_what_is_read_only_never_leaves_whichever_way_it_is_tried() {
    let shop = Shop::open(400).await;
    let client = shop.client();
    let names: Vec<String> = ACTIONS.iter().map(|action| format!("{:?}", action.name())).collect();
    let deny_all = format!("deny = [{}]", names.join(", "));
    let deny_raw = "deny = [\"api\"]".to_owned();
    for (rules, flag, kind) in [
        (deny_all, None, "rule-deny"),
        (deny_raw, None, "rule-deny"),
        (String::new(), Some("--read-only"), "precondition"),
    ] {
        rule(&shop, &rules);
        let mut actor = shop.actor();
        actor.read_only = flag.is_some();
        let runner = paydeck::services::Runner::new(client.clone(), shop.ledger(), actor, &shop.bills());
        for action in ACTIONS {
            let operation = shop.ready(&client, action).await;
            let target = operation.target.clone();
            let command = shop.command(action, &operation);
            if !rules.contains("api") {
                let outcome = runner.perform(operation.confirm(Confirmation::Flag).unwrap(), |_| ()).await;
                let denied = matches!(outcome, Outcome::Denied(Denial::Rule { .. } | Denial::ReadOnly));
                assert!(denied, "{}: {outcome:?}", action.name());
                let output = shop.paydeck(
                    &["--output", "json"]
                        .into_iter()
                        .chain(command.iter().map(String::as_str))
                        .chain(["--yes"])
                        .chain(flag)
                        .collect::<Vec<_>>(),
                );
                assert_eq!((status(&output), error(&output)["kind"].as_str()), (1, Some(kind)), "{}", action.name());
            }
            let raw = RawWrite::new(Method::Post, &target, "{}", Some("x")).unwrap();
            let outcome = runner.raw(raw.confirm(Confirmation::Flag).unwrap()).await.unwrap_err();
            assert!(matches!(outcome, Outcome::Denied(_)), "{}: {outcome:?}", action.name());
        }
        let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
        for method in ["POST", "PUT", "DELETE"] {
            let raw = ["--output", "json", "api", method, &path(ActionId::PlanStop.action(), &plan), "{}", "--yes"];
            let output = shop.paydeck(&[&raw[..], &flag.into_iter().collect::<Vec<_>>()].concat());
            assert_eq!((status(&output), error(&output)["kind"].as_str()), (1, Some(kind)), "{method}");
        }
    }
    assert_eq!(shop.mutations(), 0);
    assert_eq!(shop.ledger().verify_journal().unwrap(), Ok(0), "what does not pass leaves no intent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_action_names_the_rule_the_profile_and_what_to_do_in_both_languages() {
    let shop = Shop::open(60).await;
    rule(&shop, "deny = [\"plan-stop\"]");
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    for (lang, words) in [
        (
            "en",
            ["Rule deny of profile sandbox: plan-stop is not allowed", "the person who maintains the configuration"],
        ),
        ("zh-CN", ["商户配置 sandbox 的规则 deny：不允许停用支付分计划", "联系配置的维护者"]),
    ] {
        let output = shop.paydeck(&["--lang", lang, "plan", "stop", plan.id.number.as_str(), "--yes"]);
        assert_eq!(status(&output), 1);
        assert!(words.iter().all(|word| stderr(&output).contains(word)), "{}", stderr(&output));
    }
    // Looking at the request is no write.
    assert_eq!(status(&shop.paydeck(&["plan", "stop", plan.id.number.as_str(), "--dry-run"])), 0);
    assert_eq!(shop.mutations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_above_the_cap_is_refused_and_one_below_passes_typed_or_raw() {
    let shop = Shop::open(400).await;
    rule(&shop, "max_amount = { \"order-complete\" = \"1.00\", \"*\" = \"0.00\" }");
    let complete = ActionId::OrderComplete.action();
    let order = shop.object_for(&shop.client(), complete).await;
    let number = order.id.number.as_str();
    let with = |amount| shop.paydeck(&["--output", "json", "order", "complete", number, "--amount", amount, "--yes"]);
    let above = with("1.01");
    assert_eq!((status(&above), error(&above)["kind"].as_str()), (1, Some("rule-max-amount")));
    assert!(error(&above)["message"].as_str().is_some_and(|m| m.contains("¥1.01") && m.contains("¥1.00")));
    let target = path(complete, &order);
    for body in ["", "{}", "[]", r#"{"total_amount": 101}"#, r#"{"total_amount": 1, "total_amount": 101}"#] {
        let raw = shop.paydeck(&["--output", "json", "api", "POST", &target, body, "--yes"]);
        assert_eq!((status(&raw), error(&raw)["kind"].as_str()), (1, Some("rule-max-amount")), "{body}");
    }
    assert_eq!(shop.mutations(), 0);
    assert_eq!(status(&with("1.00")), 0);
    assert_eq!(shop.mutations(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_is_required_must_be_given_and_stands_in_the_journal_with_how_it_was_confirmed() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    rule(&shop, "require_reason = true");
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    let stop = ["--output", "json", "plan", "stop", plan.id.number.as_str(), "--yes"];
    for reason in [&[][..], &["--reason", " "], &["--reason", "..."]] {
        let output = shop.paydeck(&[&stop[..], reason].concat());
        assert_eq!((status(&output), error(&output)["kind"].as_str()), (1, Some("rule-require-reason")));
    }
    let api = ["--output", "json", "api", "POST", "/v3/payscore/nothing", "{}", "--yes"];
    assert_eq!(error(&shop.paydeck(&api))["kind"], "rule-require-reason");
    assert_eq!(shop.mutations(), 0);
    assert_eq!(status(&shop.paydeck(&[&stop[..], &["--reason", "campaign\u{1b}[2J over"]].concat())), 0);
    shop.paydeck(&[&api[..], &["--reason", "a probe"]].concat());
    // The form's own reason counts.
    let order = shop.object_for(&client, ActionId::OrderCancel.action()).await;
    let cancel = ["order", "cancel", order.id.number.as_str(), "--reason", "客户来电", "--yes"];
    assert_eq!(status(&shop.paydeck(&cancel)), 0);
    let listed = stdout(&shop.paydeck(&["journal", "list"]));
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].contains("order-cancel") && lines[0].ends_with("flag   客户来电"), "{listed}");
    assert!(lines[1].contains("api") && lines[1].ends_with("flag   a probe"), "{listed}");
    assert!(lines[2].contains("plan-stop") && lines[2].contains("over") && !listed.contains('\u{1b}'), "{listed}");
    let shown = stdout(&shop.paydeck(&["journal", "show", "3"]));
    assert!(shown.contains("confirmed: flag\n") && shown.contains("reason: 客户来电\n"), "{shown}");
    let entry: Value =
        serde_json::from_str(&stdout(&shop.paydeck(&["--output", "json", "journal", "show", "1"]))).unwrap();
    assert_eq!(
        (entry["intent"]["confirmed"].as_str(), entry["intent"]["action"].as_str()),
        (Some("flag"), Some("plan-stop"))
    );
    // The number counts the intents; the id of a record counts the conclusions between them, too.
    let numbers = lines.iter().map(|line| line.split_whitespace().next().unwrap());
    assert!(numbers.eq(["3", "2", "1"]), "{listed}");
    let entry: Value =
        serde_json::from_str(&stdout(&shop.paydeck(&["--output", "json", "journal", "show", "3"]))).unwrap();
    assert_eq!((entry["journal"].as_i64(), entry["intent"]["id"].as_i64()), (Some(3), Some(5)));
    assert_eq!(status(&shop.paydeck(&["journal", "verify"])), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_too_many_does_not_pass() {
    let shop = Shop::open(60).await;
    rule(&shop, "max_bulk = 2");
    let client = shop.client();
    let stop = ActionId::PlanStop.action();
    let plan = shop.object_for(&client, stop).await;
    let of = |objects| shop.confirmed(&client, stop, &plan).among(objects);
    let outcome = shop.runner(&client).perform(of(3), |_| ()).await;
    assert!(matches!(outcome, Outcome::Denied(Denial::Rule { .. })), "{outcome:?}");
    assert_eq!(shop.mutations(), 0);
    assert!(matches!(shop.runner(&client).perform(of(2), |_| ()).await, Outcome::Done { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_write_waits_for_the_action_that_is_under_way_on_its_object() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let stock = shop.object_for(&client, ActionId::StockStart.action()).await;
    shop.gateway
        .faults()
        .once(FaultMatcher::endpoint(EndpointId::StockStart), Fault::Slow(std::time::Duration::from_millis(1500)));
    let mut first = shop.start(&["stock", "start", stock.id.number.as_str(), "--yes"]);
    shop.wait_for(EndpointId::StockStart, 1).await;
    let body = json!({"stock_creator_mchid": client.mchid().as_str()}).to_string();
    let raw = shop.paydeck(&["api", "POST", &path(ActionId::StockStart.action(), &stock), &body, "--yes"]);
    assert_eq!(status(&raw), 1, "{}", stderr(&raw));
    assert!(stderr(&raw).contains("journal entry 1"), "{}", stderr(&raw));
    assert!(first.wait().unwrap().success());
    assert_eq!(shop.arrived(EndpointId::StockStart), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intervention_is_judged_by_the_latest_document_whatever_was_previewed() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let stop = ActionId::PlanStop.action();
    let plan = shop.object_for(&client, stop).await;
    let confirmed = shop.confirmed(&client, stop, &plan);
    // It is stopped elsewhere; this ledger has seen that.
    client.call(EndpointId::PlanStop, &path(stop, &plan), "").await.unwrap();
    let runner = shop.runner(&client);
    runner.look(&plan.id).await.unwrap();
    let sent = shop.mutations();
    let outcome = runner.perform(confirmed, |_| ()).await;
    assert!(matches!(outcome, Outcome::Denied(Denial::Illegal(_))), "{outcome:?}");
    assert_eq!(shop.mutations(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_refund_is_of_a_known_transaction_and_bars_the_same_refund_by_the_action() {
    let shop = Shop::open(200).await;
    let paid = shop.object_for(&shop.client(), ActionId::TransactionRefund.action()).await;
    let (number, total) = (paid.id.number.as_str(), paid.entity.amount().unwrap().minor);
    let body = json!({
        "transaction_id": paid.entity.platform_number(), "out_refund_no": "RAW-000001",
        "amount": { "refund": 1, "total": total, "currency": "CNY" },
    });
    let path = EndpointId::RefundCreate.endpoint().path;
    let raw = || shop.paydeck(&["api", "POST", path, &body.to_string(), "--yes"]);
    let unknown = raw();
    assert_eq!((status(&unknown), shop.mutations()), (1, 0), "{}", stderr(&unknown));
    assert_eq!(status(&shop.paydeck(&["transaction", "get", number])), 0);
    let sent = raw();
    assert_eq!((status(&sent), shop.mutations()), (0, 1), "{}", stderr(&sent));
    let entry = shop.ledger().journal_entry(1).unwrap().unwrap();
    assert_eq!((&*entry.intent.kind, &*entry.intent.number), ("transaction", number));
    let again = shop.paydeck(&["transaction", "refund", number, "--amount", "0.01", "--yes"]);
    assert_eq!((status(&again), shop.mutations()), (0, 1), "{}", stderr(&again));
    assert!(stdout(&again).contains("RAW-000001") && stderr(&again).contains("Nothing was sent"), "{}", stderr(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_may_be_sent_again_as_it_was_and_nothing_else_under_its_number() {
    let shop = Shop::open(0).await;
    let client = shop.client();
    let runner = shop.runner(&client);
    let operation = shop.ready(&client, ActionId::TransactionNative.action()).await;
    let perform = |body: &str, number: &str| {
        let mut operation = operation.clone();
        let mut sent: Value = serde_json::from_str(body).unwrap();
        sent["out_trade_no"] = number.into();
        operation.body = sent.to_string();
        operation.object = support::id(paydeck::model::Kind::Transaction, number);
        operation.outcome_object = operation.object.clone();
        let runner = runner.clone();
        async move { runner.perform(operation.confirm(Confirmation::Flag).unwrap(), |_| ()).await }
    };
    let mut dearer: Value = serde_json::from_str(&operation.body).unwrap();
    dearer["amount"]["total"] = 999_999.into();
    let dearer = dearer.to_string();
    // The same request returns its code again; a different one is not sent.
    for _ in 0..2 {
        let made = perform(&operation.body, "SAME-000001").await;
        assert!(matches!(made, Outcome::Done { .. }), "{made:?}");
        runner.look(&support::id(paydeck::model::Kind::Transaction, "SAME-000001")).await.unwrap();
    }
    assert_eq!(shop.arrived(EndpointId::TransactionNative), 2);
    let other = perform(&dearer, "SAME-000001").await;
    assert!(matches!(other, Outcome::Denied(Denial::NumberTaken { .. })), "{other:?}");
    assert_eq!(shop.arrived(EndpointId::TransactionNative), 2);
    // A request that was refused before had no effect: it is no repetition.
    let mut elsewhere: Value = serde_json::from_str(&operation.body).unwrap();
    elsewhere["out_trade_no"] = "USED-000001".into();
    client.call(EndpointId::TransactionNative, &operation.target, &elsewhere.to_string()).await.unwrap();
    let refused = perform(&dearer, "USED-000001").await;
    assert!(matches!(refused, Outcome::Refused { .. } | Outcome::NoEffect { .. }), "{refused:?}");
    runner.look(&support::id(paydeck::model::Kind::Transaction, "USED-000001")).await.unwrap();
    let sent = shop.arrived(EndpointId::TransactionNative);
    let again = perform(&dearer, "USED-000001").await;
    assert!(matches!(again, Outcome::Denied(Denial::NumberTaken { .. })), "{again:?}");
    assert_eq!(shop.arrived(EndpointId::TransactionNative), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_has_lost_its_dimming_still_sends_nothing() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    rule(&shop, "deny = [\"plan-stop\"]");
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    let opener: paydeck::console::Opener = Arc::new(|_| Box::pin(async { Err(Default::default()) }));
    let start = Start {
        lang: Lang::En,
        theme: Theme::default(),
        themes: Arc::new(Arc::default),
        opener,
        profile: None,
        all_profiles: false,
        surface: Default::default(),
        bell: true,
        first_run: false,
        configured: Default::default(),
    };
    let fresh = Fresh::asked(plan.clone(), Source::Query, time::OffsetDateTime::now_utc());
    let mut state = paydeck::console::app::starting(&start, fresh.verified_at, (100, 36));
    // It knows of no rules.
    let account = Account {
        saved_filters: Default::default(),
        peers: Arc::default(),
        name: "sandbox".into(),
        environment: Environment::Sandbox,
        color: None,
        merchant: client.merchant().clone(),
        read_only: false,
        insecure: false,
        rules: Arc::new(Rules::default()),
        embedded: false,
        host: String::new(),
    };
    let room = state.room;
    // What it asks of the ledger is answered with this one plan.
    let mut step = |msg| {
        let mut effects = update::update(&mut state, msg);
        while let Some(at) = effects.iter().position(|e| {
            matches!(
                e,
                Effect::Ask(Request::Read(ReadRequest::TablePage(_)))
                    | Effect::Ask(Request::Read(ReadRequest::Sums(_)))
                    | Effect::Ask(Request::Read(ReadRequest::Story { .. }))
            )
        }) {
            let event = match effects.remove(at) {
                Effect::Ask(Request::Read(ReadRequest::TablePage(request))) => {
                    let page = TablePage { rows: vec![Listed::of(&fresh)], anchor: 0, at_start: true, at_end: true };
                    let page = Arc::new(TableWindow { page, ..TableWindow::default() });
                    TabAnswer::TablePage { request: Arc::new(request), page }.into()
                }
                Effect::Ask(Request::Read(ReadRequest::Story { of: id, chain: false })) => {
                    let story = ObjectHistory { fresh: Some(fresh.clone()), ..ObjectHistory::unknown(id.clone()) };
                    Event::Story { id, story: Arc::new(story) }
                }
                _ => continue,
            };
            effects.extend(update::update(&mut state, Msg::Session { generation: 0, event }));
        }
        effects
    };
    step(Msg::Opened { generation: 0, result: Ok((account, Vec::new())) });
    let key = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let opening = [KeyCode::Char('a'), KeyCode::Enter].map(key);
    // The preview takes keys once it has been on the screen for a moment.
    let seen = Msg::Drawn { room, at: fresh.verified_at - time::Duration::seconds(1) };
    let typed = plan.id.number.tail().chars().map(KeyCode::Char).chain([KeyCode::Enter]).map(key);
    let messages: Vec<Msg> = opening.into_iter().chain([seen]).chain(typed).collect();
    let mut effects: Vec<Effect> = messages.into_iter().flat_map(&mut step).collect();
    let Some(Effect::Ask(Request::Perform(ticket, confirmed))) = effects.pop() else { panic!("{effects:?}") };
    assert_eq!(ticket, Ticket(1));
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(Shop::session_options(&shop.config_path()), sender);
    session.request(Request::Perform(ticket, confirmed));
    session.close().await;
    let mut denied = false;
    while let Some(event) = events.recv().await {
        if let Event::Concluded { outcome, .. } = event {
            denied = matches!(outcome, Outcome::Denied(Denial::Rule { .. }));
        }
    }
    assert!(denied);
    assert_eq!(shop.mutations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_from_before_reasons_and_confirmations_still_read_and_verify() {
    use sha2::Digest;
    let shop = Shop::open(60).await;
    let client = shop.client();
    drop(shop.ledger());
    let entry = json!({
        "at": "2026-01-02T03:04:05.006Z", "entry": "intent", "owner": "-", "operator": "李雷", "profile": "old/1",
        "mchid": "1", "action": "plan-stop", "kind": "plan", "number": "PLN-1", "method": "POST", "target": "/v3/x",
        "body": "", "state": "NORMAL", "before": null, "id": 1, "prev": "0".repeat(64),
    })
    .to_string();
    let hash: String = sha2::Sha256::digest(entry.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let database = rusqlite::Connection::open(shop.folder.path().join("ledger.db")).unwrap();
    let insert =
        "INSERT INTO journal (id, hash, entry, profile, kind, number) VALUES (1, ?1, ?2, 'old/1', 'plan', 'PLN-1')";
    database.execute(insert, [&hash, &entry]).unwrap();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    assert_eq!(status(&shop.paydeck(&["plan", "stop", plan.id.number.as_str(), "--yes", "--reason", "over"])), 0);
    let verified = shop.paydeck(&["journal", "verify"]);
    assert!(status(&verified) == 0 && stdout(&verified).contains('3'), "{}", stderr(&verified));
    let listed = stdout(&shop.paydeck(&["journal", "list"]));
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].ends_with("over") && lines[1].ends_with("李雷"), "{listed}");
    assert!(stdout(&shop.paydeck(&["journal", "show", "1"])).contains("operator: 李雷"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_money_is_real_a_plain_yes_passes_no_gate() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    // What a plain yes confirms anywhere else.
    let pause = ActionId::StockPause.action();
    let yes = || async { shop.ready(&client, pause).await.confirm(Confirmation::Yes).unwrap() };
    let runner = |environment| {
        let actor = shop.actor().in_environment(environment);
        Runner::new(client.clone(), shop.ledger(), actor, &shop.bills())
    };
    let before = shop.mutations();
    for actor in [shop.actor(), shop.actor().in_environment(Environment::Production)] {
        let runner = Runner::new(client.clone(), shop.ledger(), actor, &shop.bills());
        let outcome = runner.perform(yes().await, |_| ()).await;
        assert!(matches!(outcome, Outcome::Denied(Denial::NotTyped)), "{outcome:?}");
    }
    assert_eq!(shop.mutations(), before, "nothing was sent");
    let outcome = runner(Environment::Sandbox).perform(yes().await, |_| ()).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    // The world has one stock that can be paused.
    let operation = shop.ready(&client, ActionId::StockRestart.action()).await;
    let typed = Confirmation::Typed(operation.object.number.tail().to_owned());
    let outcome = runner(Environment::Production).perform(operation.confirm(typed).unwrap(), |_| ()).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let operation = shop.ready(&client, pause).await;
    let outcome = runner(Environment::Production).perform(operation.confirm(Confirmation::Flag).unwrap(), |_| ()).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "a script: {outcome:?}");
}
