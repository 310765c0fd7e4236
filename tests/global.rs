//! WeChat Pay Global, as an institution and as a merchant of its own: the real binary against the real gateway.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use paydeck::api::{ApiError, Client, Misconfigured, Untrusted};
use paydeck::model::endpoint::{ENDPOINTS, Guide};
use paydeck::model::time::{Duration, compact_day};
use paydeck::model::{Currency, EndpointId, Kind, Money, Object, ObjectId, Settled, Sum};
use paydeck::sandbox::{Fault, FaultMatcher};
use paydeck::services::{
    Actor, BillEvent, Event, NumberTail, Request, Runner, Session, SessionOptions, TabAnswer, all_settlements,
};
use serde_json::{Value, json};
use support::{Shop, id, status, stderr, stdout};
use time::OffsetDateTime;
use tokio::sync::mpsc::unbounded_channel;

/// The profiles of the sandbox's two Global merchants, and the numbers that identify them in a request.
const PROFILES: [(&str, &[(&str, &str)]); 2] = [
    ("global", &[("sp_mchid", "1610000001"), ("sub_mchid", "1610000088")]),
    ("global-direct", &[("mchid", "1610000002")]),
];

fn numbers(shop: &Shop, profile: &str, kind: Kind) -> Vec<ObjectId> {
    let path = shop.folder.path().join(format!("numbers-{profile}.jsonl"));
    NumberTail::new(&path).read().unwrap().into_iter().filter(|id| id.kind == kind).collect()
}

fn json_lines(output: &std::process::Output) -> Vec<Value> {
    assert_eq!(status(output), 0, "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The first order in a state.
async fn order(shop: &Shop, client: &Client, profile: &str, state: &str) -> Object {
    for id in numbers(shop, profile, Kind::Transaction) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        if object.entity.state().code == state {
            return object;
        }
    }
    panic!("no order is {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_and_refunds_are_listed_got_and_opened_by_either_number_in_both_modes() {
    let shop = Shop::open(10).await;
    for (profile, ids) in PROFILES {
        let run = |arguments: &[&str]| shop.paydeck(&[&["--profile", profile, "--output", "json"], arguments].concat());
        assert_eq!(status(&run(&["profile", "check", profile])), 0, "{}", stderr(&run(&["profile", "check", profile])));
        for kind in [Kind::Transaction, Kind::Refund] {
            let listed = json_lines(&run(&[kind.noun(), "list"]));
            assert_eq!(listed.len(), numbers(&shop, profile, kind).len(), "{profile} {}", kind.noun());
            let document = listed.iter().find(|document| document["id"].is_string()).unwrap();
            let own = document[kind.number_field()].as_str().unwrap();
            assert_eq!(&json_lines(&run(&[kind.noun(), "get", own]))[0], document);
            let platforms = document["id"].as_str().unwrap();
            let opened = shop.paydeck(&[
                "--profile",
                profile,
                "--store",
                &shop.store(&format!("{profile}.db")),
                "--output",
                "json",
                "open",
                platforms,
                "--kind",
                kind.noun(),
            ]);
            assert_eq!(&json_lines(&opened)[0], document, "{profile} {platforms}");
        }
        let asked = shop.gateway.requests();
        let query = ids.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let of_profile = |endpoint| {
            asked
                .iter()
                .any(|request| request.endpoint == Some(endpoint) && request.target.ends_with(&format!("?{query}")))
        };
        for endpoint in [
            EndpointId::GlobalByNumber,
            EndpointId::GlobalById,
            EndpointId::GlobalRefundByNumber,
            EndpointId::GlobalRefundById,
        ] {
            assert!(of_profile(endpoint), "{profile} {endpoint:?}");
        }
    }
    let kinds = |request: &paydeck::sandbox::RequestRecord| request.endpoint.map(|id| id.endpoint().guide);
    assert!(shop.gateway.requests().iter().all(|request| kinds(request) == Some(Guide::Global)));
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_shown_filtered_and_summed_in_their_own_currencies() {
    let shop = Shop::open(10).await;
    json_lines(&shop.paydeck(&["--profile", "global", "--output", "json", "transaction", "list"]));
    let csv = stdout(&shop.paydeck(&["--profile", "global", "--output", "csv", "transaction", "list", "--cached"]));
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    let currencies: BTreeSet<&str> = rows.iter().map(|row| row.rsplit(',').nth(2).unwrap()).collect();
    assert_eq!(currencies.into_iter().collect::<Vec<_>>(), ["HKD", "JPY", "USD"]);
    for row in rows {
        let cells: Vec<&str> = row.rsplit(',').collect();
        assert_eq!(cells[3].contains('.'), cells[2] != "JPY", "yen have no decimals: {row}");
    }
    let text = stdout(&shop.paydeck(&["--profile", "global", "transaction", "list", "--cached"]));
    assert!(text.contains("JP¥") && text.contains("HK$") && text.contains('$'), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_region_lacks_is_refused_in_words_and_nothing_is_asked() {
    let shop = Shop::open(10).await;
    for kind in Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Transaction | Kind::Refund)) {
        for verb in [&["list"][..], &["get", "X-1"]] {
            let refused = shop.paydeck(&[&["--profile", "global", kind.noun()], verb].concat());
            assert_eq!(status(&refused), 2, "{}", stderr(&refused));
            assert!(stderr(&refused).contains("WeChat Pay Global does not have these objects"), "{}", stderr(&refused));
        }
    }
    for bill in [&["trade", "2026-01-01"][..], &["fundflow", "2026-01-01"], &["trade", "yesterday", "--to", "-"]] {
        let refused = shop.paydeck(&[&["--profile", "global", "bill"], bill].concat());
        assert_eq!(status(&refused), 2, "{}", stderr(&refused));
        assert!(stderr(&refused).contains("WeChat Pay Global does not have these objects"), "{}", stderr(&refused));
    }
    let chinese = shop.paydeck(&["--profile", "global", "--lang", "zh-CN", "stock", "list"]);
    assert!(stderr(&chinese).contains("境外"), "{}", stderr(&chinese));
    for arguments in [
        &["bill", "statement", "20260101"][..],
        &["settlement", "list", "--state", "unsettled"],
        &["refund", "list", "--transaction", "PAY000001"],
    ] {
        let refused = shop.paydeck(arguments);
        assert_eq!(status(&refused), 2, "{}", stderr(&refused));
        assert!(stderr(&refused).contains("Only for merchants of WeChat Pay Global"), "{}", stderr(&refused));
    }
    assert_eq!(shop.gateway.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_is_called_that_the_region_lacks() {
    let shop = Shop::open(1).await;
    for (profile, global) in [("global", true), ("global-direct", true), ("sandbox", false)] {
        let client = shop.client_of(profile);
        let here = client.merchant().region;
        for endpoint in ENDPOINTS.iter().filter(|endpoint| (endpoint.guide == Guide::Global) != global) {
            let refused = client.call(endpoint.id, endpoint.path, "").await.unwrap_err();
            let why = matches!(&refused, ApiError::Configuration(Misconfigured::Region(region)) if *region == here);
            assert!(why, "{:?}: {refused}", endpoint.id);
        }
    }
    assert_eq!(shop.gateway.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_abroad_asks_nothing_of_the_mainland() {
    let shop = Shop::open(10).await;
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(session_options(&shop.config_path(), "global"), sender);
    let all = numbers(&shop, "global", Kind::Transaction).len();
    let mut fetched = BTreeSet::new();
    let search = async {
        while fetched.len() < all {
            if let Event::Fetched { id, result: Ok(_), .. } = events.recv().await.expect("the session lives")
                && id.kind == Kind::Transaction
            {
                fetched.insert(id);
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), search).await.expect("all orders are fetched");
    session.close().await;
    let strange = |request: &paydeck::sandbox::RequestRecord| !request.target.starts_with("/v3/global/");
    assert_eq!(shop.gateway.requests().into_iter().find(strange), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_saved_and_whose_rows_are_not_taken_in_is_reported_as_such() {
    let shop = Shop::open(10).await;
    let client = shop.client_of("global");
    let mut day = None;
    for days in 2..10 {
        let of = compact_day(OffsetDateTime::now_utc() - Duration::days(days));
        day = client.statement(&of).await.is_ok().then_some(of);
        if day.is_some() {
            break;
        }
    }
    let day = day.expect("a day has a statement");
    // Bills have no folder.
    let mut options = session_options(&shop.config_path(), "global");
    let file = shop.folder.path().join("no-folder");
    std::fs::write(&file, "").unwrap();
    options.bills = file;
    let (sender, mut events) = unbounded_channel();
    let session = Session::open(options, sender);
    let path = shop.folder.path().join("saved.csv");
    session.request(Request::SaveStatement { day: day.clone(), path: path.clone() });
    let mut taken = None;
    let saved = async {
        loop {
            match events.recv().await.expect("the session lives") {
                Event::Tab(TabAnswer::Bill(BillEvent::Taken { id, result })) => taken = Some((id, result)),
                Event::StatementSaved { result, .. } => return result,
                _ => {}
            }
        }
    };
    let saved = tokio::time::timeout(std::time::Duration::from_secs(30), saved).await.expect("it is saved");
    session.close().await;
    assert!(saved.is_ok() && path.is_file());
    let (id, result) = taken.expect("what came of its rows is told");
    assert_eq!(paydeck::model::time::day(id.day).replace('-', ""), day);
    assert!(result.is_err());
}

fn session_options(config: &Path, profile: &str) -> SessionOptions {
    let config = paydeck::config::Config::read(config).unwrap();
    let profile = config.profile(Some(profile)).unwrap();
    let options = profile.client_options(profile.credentials().unwrap(), paydeck::i18n::Lang::En);
    SessionOptions {
        client: Client::new(options).unwrap(),
        ledger: paydeck::ledger::Ledger::open(&config.store).unwrap(),
        actor: actor(&profile.name, profile.merchant.mchid.as_str()),
        bills: config.bills(),
        numbers: profile.numbers.clone(),
        merchant_certificate_expires: None,
        listen: None,
    }
}

fn actor(profile: &str, mchid: &str) -> Actor {
    Actor::new(profile, mchid, "tester", false, Default::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forbids_closing_forbids_a_raw_close_by_either_number() {
    let shop = Shop::open(10).await;
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let denied = "[profiles.global-direct.rules]\ndeny = [\"transaction-close\"]\n";
    std::fs::write(shop.config_path(), format!("{config}\n{denied}")).unwrap();
    let ids = json!({ "mchid": "1610000002" }).to_string();
    for path in ["id/4200001/close", "out-trade-no/GTX-1/close", "id/4200001/%63lose"] {
        let target = format!("/v3/global/transactions/{path}");
        let raw = ["--profile", "global-direct", "--output", "json", "api", "POST", &target, &ids, "--yes"];
        let output = shop.paydeck(&raw);
        assert_eq!(status(&output), 1, "{path}: {}", stderr(&output));
        assert!(stderr(&output).contains("rule-deny"), "{path}: {}", stderr(&output));
    }
    assert_eq!((shop.arrived(EndpointId::GlobalClose), shop.arrived(EndpointId::GlobalCloseById)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn settlements_are_listed_over_all_pages_and_add_up_with_the_orders() {
    let shop = Shop::open(10).await;
    for (profile, _) in PROFILES {
        let client = shop.client_of(profile);
        let now = OffsetDateTime::now_utc();
        let month = Settled::Between(compact_day(now - Duration::days(30)), compact_day(now));
        let (settled, open) = (
            all_settlements(&client, &month).await.unwrap(),
            all_settlements(&client, &Settled::NotYet).await.unwrap(),
        );
        assert!(profile != "global" || settled.len() > 10, "more than a page: {}", settled.len());
        let mut paid: Vec<Money> = Vec::new();
        for id in numbers(&shop, profile, Kind::Transaction) {
            let (object, _) = client.fetch(&id, None).await.unwrap();
            if matches!(object.entity.state().code.as_str(), "SUCCESS" | "REFUND") {
                paid.extend(object.entity.amount());
            }
        }
        let reported = settled.iter().chain(&open).filter_map(|one| one.pay);
        let sort = |mut sums: Vec<Sum>| {
            sums.sort_by_key(|sum| sum.currency.code().to_owned());
            sums
        };
        assert_eq!(sort(Money::sums(reported)), sort(Money::sums(paid)), "{profile}");
        let list = |state: &str| {
            shop.paydeck(&["--profile", profile, "--output", "json", "settlement", "list", "--state", state])
        };
        assert_eq!(json_lines(&list("settled")).len(), settled.len());
        assert_eq!(json_lines(&list("unsettled")).len(), open.len());
    }
    let wrong = shop.paydeck(&[
        "--profile",
        "global",
        "settlement",
        "list",
        "--state",
        "settled",
        "--from",
        "2026-01-02",
        "--to",
        "2026-01-01",
    ]);
    assert!(status(&wrong) == 1 && stderr(&wrong).contains("PARAM_ERROR"), "{}", stderr(&wrong));
    let text = shop.paydeck(&["--profile", "global", "settlement", "list", "--state", "settled"]);
    assert!(stdout(&text).contains("CHINA_HONGKONG") && stdout(&text).contains("JP¥"), "{}", stdout(&text));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orders_refunds_are_learned_from_the_platform_over_all_pages_and_kept() {
    let shop = Shop::open(10).await;
    shop.edit_config("numbers = \"numbers-global.jsonl\"", "");
    let client = shop.client_of("global");
    let order = order(&shop, &client, "global", "SUCCESS").await;
    let total = order.entity.amount().unwrap();
    for i in 0..23 {
        let body = json!({
            "sp_mchid": "1610000001", "sub_mchid": "1610000088", "sp_appid": client.merchant().appid.as_ref().unwrap().as_str(),
            "out_trade_no": order.id.number.as_str(), "out_refund_no": format!("R-{i:02}"),
            "amount": { "refund": 1, "total": total.minor, "currency": total.currency.code() },
        });
        let endpoint = EndpointId::GlobalRefundCreate;
        client.call(endpoint, endpoint.endpoint().path, &body.to_string()).await.unwrap();
        shop.gateway.user().let_time_pass(Duration::seconds(61));
    }
    let list = || {
        let number = order.id.number.as_str();
        shop.paydeck(&["--profile", "global", "--output", "json", "refund", "list", "--transaction", number])
    };
    let listed = json_lines(&list());
    let expected: BTreeSet<String> = (0..23).map(|i| format!("R-{i:02}")).collect();
    assert_eq!(
        listed.iter().map(|row| row["out_refund_no"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(),
        expected
    );
    assert!(listed.iter().all(|row| row["out_trade_no"] == order.id.number.as_str()), "whole documents are kept");
    assert_eq!(shop.arrived(EndpointId::GlobalRefundList), 2);
    // What is known as it stands is not asked for again.
    let before = shop.arrived(EndpointId::GlobalRefundByNumber);
    assert_eq!(json_lines(&list()).len(), 23);
    let asked_again = shop.arrived(EndpointId::GlobalRefundByNumber) - before;
    assert!(asked_again <= 1, "{asked_again} refunds were asked for again");
    let ledger = shop.ledger();
    let kept = ledger.object("global/1610000001", &id(Kind::Refund, "R-07")).unwrap().unwrap();
    let one = Money { minor: 1, currency: Currency::parse(total.currency.code()).unwrap() };
    assert_eq!(kept.object.entity.amount(), Some(one));
    let runner = Runner::new(client.clone(), ledger, actor("global", "1610000001"), &shop.bills());
    let unknown = runner.refunds_of(&id(Kind::Transaction, "GTX-NOTHING"), |_| ()).await;
    assert!(unknown.is_err_and(|error| error.to_string().contains("RESOURCE_NOT_EXISTS")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_answer_about_something_else_is_not_believed() {
    let shop = Shop::open(10).await;
    let client = shop.client_of("global");
    let all = numbers(&shop, "global", Kind::Transaction);
    let other = all[1].number.as_str().to_owned();
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::GlobalByNumber), Fault::AnswerAbout(other));
    let answer = client.fetch(&all[0], None).await;
    assert!(matches!(answer, Err(ApiError::Untrusted { reason: Untrusted::Another { .. }, .. })), "{answer:?}");
    // The same merchant number but another sub-merchant: the document contains which.
    shop.edit_config("sub_mchid = \"1610000088\"", "sub_mchid = \"1610000099\"");
    let stranger = shop.client_of("global");
    let refused = stranger.fetch(&all[0], None).await;
    assert!(matches!(refused, Err(ApiError::Refused(_))), "{refused:?}");
    let (order, _) = client.fetch(&all[0], None).await.unwrap();
    assert_eq!(stranger.merchant().foreign_merchant(&order.raw).as_deref(), Some("1610000088"));
    assert_eq!(shop.client_of("global-direct").merchant().foreign_merchant(&order.raw).as_deref(), Some("1610000001"));
    assert_eq!(client.merchant().foreign_merchant(&order.raw), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_created_paid_refunded_and_another_closed_from_the_command_line_in_both_modes() {
    let shop = Shop::open(5).await;
    for (profile, ids) in PROFILES {
        let run = |arguments: &[&str]| {
            shop.paydeck(&[&["--profile", profile, "--output", "json"], arguments, &["--yes"]].concat())
        };
        let number = format!("T-{profile}-1");
        let create = |number: &str, more: &[&str]| {
            let order =
                ["transaction", "create", "native", "--number", number, "--description", "抹茶碗", "--currency", "JPY"];
            run(&[&order[..], &["--amount", "4800", "--category", "5999"], more].concat())
        };
        let refused = create(&number, &["--amount", "48.00"]);
        assert_eq!(status(&refused), 2, "{}", stderr(&refused));
        let created = create(&number, &[]);
        assert_eq!(status(&created), 0, "{}", stderr(&created));
        assert!(stdout(&created).contains("weixin://"), "{}", stdout(&created));
        let sent = shop.gateway.requests().into_iter().rfind(|request| request.method == "POST").unwrap();
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert!(ids.iter().all(|(name, id)| body[name] == *id), "{body}");
        assert_eq!(
            (&body["trade_type"], &body["amount"]),
            (&json!("NATIVE"), &json!({"total": 4800, "currency": "JPY"}))
        );

        shop.gateway.user().pay(&number).unwrap();
        let refund = |more: &[&str]| run(&[&["transaction", "refund", &number], more].concat());
        let part = json_lines(&refund(&["--amount", "800", "--number", "R-1"]));
        assert_eq!((&part[0]["amount"]["refund"], &part[0]["status"]), (&json!(800), &json!("PROCESSING")));
        shop.gateway.user().let_time_pass(Duration::minutes(2));
        // Created elsewhere: WeChat Pay reports it, and no more than what is left is refunded.
        let client = shop.client_of(profile);
        let mut elsewhere = json!({"out_trade_no": number, "out_refund_no": "R-ELSEWHERE",
            "amount": {"refund": 1000, "total": 4800, "currency": "JPY"}});
        for (name, id) in client.merchant().global_ids_with_app().unwrap() {
            elsewhere[name] = id.into();
        }
        let endpoint = EndpointId::GlobalRefundCreate;
        client.call(endpoint, endpoint.endpoint().path, &elsewhere.to_string()).await.unwrap();
        shop.gateway.user().let_time_pass(Duration::minutes(2));
        let over = refund(&["--amount", "3001"]);
        assert!(status(&over) == 2 && stderr(&over).contains("JP¥3,000"), "{}", stderr(&over));
        let rest = json_lines(&refund(&["--number", "R-2"]));
        assert_eq!(rest[0]["amount"]["refund"], 3000, "what is left is what the form starts with");
        let listed = json_lines(&run(&["refund", "list", "--transaction", &number]));
        assert_eq!(listed.len(), 3);

        let other = format!("T-{profile}-2");
        assert_eq!(status(&create(&other, &[])), 0);
        let soon = run(&["transaction", "close", &other]);
        assert!(status(&soon) == 1 && stderr(&soon).contains("INVALID_REQUEST"), "{}", stderr(&soon));
        shop.gateway.user().let_time_pass(Duration::minutes(6));
        assert_eq!(json_lines(&run(&["transaction", "close", &other]))[0]["trade_state"], "CLOSED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_is_found_by_its_number_and_sent_once() {
    let shop = Shop::open(5).await;
    let client = shop.client_of("global");
    let order = order(&shop, &client, "global", "SUCCESS").await;
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::GlobalRefundCreate), Fault::HoldAfter);
    let arguments = ["transaction", "refund", order.id.number.as_str(), "--amount", "1", "--number", "R-1", "--yes"];
    let done = shop.paydeck(&[&["--profile", "global"][..], &arguments].concat());
    assert_eq!(status(&done), 0, "{}", stderr(&done));
    assert!(stderr(&done).contains("took effect"), "{}", stderr(&done));
    assert_eq!(shop.arrived(EndpointId::GlobalRefundCreate), 1);
}
