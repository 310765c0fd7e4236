//! The real binary against the real gateway: every noun and verb, exit statuses, JSON, bad set-ups.

mod support;

use std::process::Output;

use paydeck::model::action::{ACTIONS, ActionId};
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::Value;
use support::{Shop, binary, outcome_of, status, stderr, stdout};

/// The error object on standard error.
fn error(output: &Output) -> Value {
    let text = stderr(output);
    let line = text.lines().find(|line| line.starts_with("{\"error\"")).unwrap_or_else(|| panic!("{text}"));
    serde_json::from_str::<Value>(line).unwrap()["error"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_listed_and_got() {
    let shop = Shop::open(100).await;
    for kind in Kind::ALL {
        let listed = shop.paydeck(&["--output", "json", kind.noun(), "list"]);
        assert_eq!(status(&listed), 0, "{}", stderr(&listed));
        let lines: Vec<Value> = stdout(&listed).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let expected = shop.ids(kind).len();
        assert_eq!(lines.len(), expected, "{}: {}", kind.noun(), stderr(&listed));
        let number = lines[0][kind.number_field()].as_str().unwrap();
        let got = shop.paydeck(&["--output", "json", kind.noun(), "get", number]);
        assert_eq!((status(&got), stdout(&got).lines().count()), (0, 1), "exactly one document");
        assert_eq!(serde_json::from_str::<Value>(&stdout(&got)).unwrap()[kind.number_field()], number);
        // A second list has it all at hand.
        let before = shop.gateway.requests().len();
        let cached = shop.paydeck(&["--output", "csv", kind.noun(), "list", "--cached"]);
        assert_eq!(stdout(&cached).lines().count(), expected + 1);
        assert_eq!(shop.gateway.requests().len(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn either_number_of_an_object_gets_it_and_acts_on_it() {
    let shop = Shop::open(100).await;
    let client = shop.client();
    let paid = shop.object_for(&client, ActionId::TransactionRefund.action()).await;
    let platforms = paid.entity.platform_number().unwrap();
    let got = shop.paydeck(&["--output", "json", "transaction", "get", platforms]);
    assert_eq!(status(&got), 0, "{}", stderr(&got));
    let document: Value = serde_json::from_str(&stdout(&got)).unwrap();
    assert_eq!(document["transaction_id"], platforms);
    let shown = shop.paydeck(&["--output", "csv", "transaction", "get", platforms]);
    assert!(!stdout(&shown).trim_end().ends_with(','), "when it was verified: {}", stdout(&shown));
    let refund = shop.paydeck(&["refund", "create", "--transaction", platforms, "--amount", "0.01", "--dry-run"]);
    assert_eq!(status(&refund), 0, "{}", stderr(&refund));
    assert!(stdout(&refund).contains(platforms));
    let none = shop.paydeck(&["--output", "json", "transaction", "get", "4200009999999999999999999999"]);
    assert_eq!((status(&none), error(&none)["kind"].as_str()), (1, Some("not-found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_intervention_works_and_its_dry_run_sends_nothing() {
    let shop = Shop::open(400).await;
    let client = shop.client();
    for action in ACTIONS {
        let operation = shop.ready(&client, action).await;
        let (number, command) = (operation.object.number.as_str(), shop.command(action, &operation));
        let mut arguments = vec!["--output", "json"];
        arguments.extend(command.iter().map(String::as_str));
        let before = shop.mutations();
        let dry = shop.paydeck(&[&arguments[..], &["--dry-run"]].concat());
        assert_eq!(status(&dry), 0, "{}: {}", action.name(), stderr(&dry));
        let request: Value = serde_json::from_str(&stdout(&dry)).unwrap();
        assert_eq!(request["method"], "POST");
        let refused = shop.paydeck(&arguments);
        assert_eq!(status(&refused), 2, "off a terminal a change needs --yes: {}", stderr(&refused));
        let read_only = shop.paydeck(&[&arguments[..], &["--yes", "--read-only"]].concat());
        assert_eq!(status(&read_only), 1, "{}", stderr(&read_only));
        assert_eq!(shop.mutations(), before, "{}", action.name());

        let done = shop.paydeck(&[&arguments[..], &["--yes"]].concat());
        assert_eq!(status(&done), 0, "{}: {}", action.name(), stderr(&done));
        assert_eq!(shop.mutations(), before + 1);
        let sent = shop.gateway.requests().into_iter().rfind(|r| r.method == "POST").unwrap();
        assert_eq!(sent.target, request["path"].as_str().unwrap());
        let document: Value = serde_json::from_str(&stdout(&done)).unwrap();
        if action.makes.is_none_or(|_| action.id == ActionId::TransactionRefund) {
            assert_eq!(document[action.kind.number_field()], number);
        }
        // The second time the earlier action is shown, and nothing is sent. Collection may be pushed again, and the
        // remaining amount may be refunded.
        if action.makes.is_none() && !matches!(action.id, ActionId::OrderPay | ActionId::OrderModify) {
            let again = shop.paydeck(&[&arguments[..], &["--yes"]].concat());
            if action.fields.iter().any(|field| field.kind.is_secret()) {
                // The journal cannot show whether it was the same card: the object's state decides.
                assert_eq!((status(&again), shop.mutations()), (1, before + 1), "{}", stderr(&again));
                continue;
            }
            assert_eq!(status(&again), 0, "{}: {}", action.name(), stderr(&again));
            let notice: Value = serde_json::from_str(&stderr(&again)).unwrap();
            assert_eq!(notice["notice"]["kind"], "repeated", "{}: {notice}", action.name());
            let shown: Value = serde_json::from_str(&stdout(&again)).unwrap();
            assert_eq!(shown[action.kind.number_field()], number);
            assert_eq!(shop.mutations(), before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_code_advice_and_request_id() {
    let shop = Shop::open(10).await;
    let output = shop.paydeck(&["--output", "json", "order", "get", "NO-SUCH-ORDER"]);
    assert_eq!(status(&output), 1);
    let error = error(&output);
    assert_eq!((error["kind"].as_str(), error["code"].as_str()), (Some("refused"), Some("ORDER_NOT_EXIST")));
    assert!(error["advice"].as_str().is_some_and(|a| !a.is_empty()));
    assert!(error["request_id"].as_str().is_some_and(|id| id.ends_with("-271317510")), "{error}");
    let chinese = shop.paydeck(&["--lang", "zh-CN", "order", "get", "NO-SUCH-ORDER"]);
    assert!(stderr(&chinese).contains("未找到订单"), "{}", stderr(&chinese));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_change_that_is_never_answered_is_found_by_query_and_sent_once() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::HoldAfter);
    let output = shop.paydeck(&["plan", "stop", plan.id.number.as_str(), "--yes"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("took effect"), "{}", stderr(&output));
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_names_its_journal_entry() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    // The effect of a push for payment is not visible in a query.
    let order = shop.object_for(&client, ActionId::OrderPay.action()).await;
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::OrderPay), Fault::DropAfter);
    let output = shop.paydeck(&["--output", "json", "order", "pay", order.id.number.as_str(), "--yes"]);
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    let error = error(&output);
    assert_eq!(error["kind"], "unknown");
    let journal = error["journal"].as_i64().unwrap();
    assert_eq!(outcome_of(&shop.ledger(), journal).as_deref(), Some("unknown"));
    assert_eq!(shop.arrived(EndpointId::OrderPay), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_untrusted_answer_is_shown() {
    let shop = Shop::open(10).await;
    let plan = shop.ids(Kind::Plan).remove(0);
    for fault in [Fault::BadSignature, Fault::NoSignature, Fault::Html(200)] {
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), fault.clone());
        let output = shop.paydeck(&["--output", "json", "plan", "get", plan.number.as_str()]);
        assert_eq!((status(&output), stdout(&output).as_str()), (4, ""), "{fault:?}: {}", stderr(&output));
        assert_eq!(error(&output)["kind"], "untrusted");
        shop.gateway.faults().clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_request_is_signed_verified_and_if_it_may_change_something_journaled() {
    let shop = Shop::open(10).await;
    let certificates = shop.paydeck(&["api", "GET", "/v3/certificates"]);
    assert!(stdout(&certificates).contains("encrypt_certificate"), "{}", stderr(&certificates));
    let stock = shop.ids(Kind::Stock).remove(0);
    let path = format!("/v3/marketing/favor/stocks/{}/pause", stock.number);
    assert_eq!(status(&shop.paydeck(&["api", "POST", &path, "{}"])), 2, "needs --yes");
    assert_eq!(status(&shop.paydeck(&["api", "POST", &path, "{}", "--yes", "--read-only"])), 1);
    let before = shop.mutations();
    let refused = shop.paydeck(&["--output", "json", "api", "POST", &path, "{}", "--yes"]);
    assert_eq!(status(&refused), 1, "{}", stderr(&refused));
    assert_eq!(shop.mutations(), before + 1);
    let journal = error(&refused)["journal"].as_i64().unwrap();
    assert_eq!(outcome_of(&shop.ledger(), journal).as_deref(), Some("refused"));
    assert_eq!(status(&shop.paydeck(&["api", "GET", "certificates"])), 2);
    assert_eq!(status(&shop.paydeck(&["api", "FETCH", "/v3/certificates"])), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_checks_out_or_says_what_to_fix() {
    let shop = Shop::open(5).await;
    for profile in ["sandbox", "sandbox-public-key"] {
        let output = shop.paydeck(&["profile", "check", profile]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
    }
    assert_eq!(stdout(&shop.paydeck(&["profile", "list"])).lines().count(), 4);
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let certificate = "private_key = { file = \"apiclient_cert.pem\" }";
    let cases = [
        ("mchid =", "mcid =", "Did you mean mchid"),
        ("private_key = { file = \"apiclient_key.pem\" }", certificate, "apiclient_key.pem"),
        ("apiclient_key.pem", "nowhere.pem", "you can read it"),
        ("\"apiv3_key.txt\"", "\"apiclient_key.pem\"", "32 characters"),
        ("merchant_serial = \"", "merchant_serial = \"F", "merchant_serial"),
        ("default_profile = \"sandbox\"", "default_profile = \"shop\"", "sandbox"),
        ("[profiles.sandbox]", "[profiles.sandbox", "config.example.toml"),
    ];
    for (from, to, named) in cases {
        std::fs::write(shop.config_path(), config.replacen(from, to, 1)).unwrap();
        let output = shop.paydeck(&["profile", "check"]);
        assert_eq!(status(&output), 2, "{to}: {}", stderr(&output));
        assert!(stderr(&output).contains(named), "{to}: {}", stderr(&output));
        assert!(!stderr(&output).contains("PRIVATE KEY"), "no secret is quoted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_escape_codes_reaches_no_terminal_and_is_kept_for_programs() {
    let shop = Shop::open(5).await;
    let client = shop.client();
    shop.create_plan(&client, "HOSTILE-1", "\u{1b}[2J\u{202e}evil\u{7}").await;
    let text = stdout(&shop.paydeck(&["plan", "get", "HOSTILE-1"]));
    assert!(text.contains("evil"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{text:?}");
    let json = stdout(&shop.paydeck(&["--output", "json", "plan", "get", "HOSTILE-1"]));
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["plan_name"], "\u{1b}[2J\u{202e}evil\u{7}");
}

#[test]
fn without_a_configuration_a_command_says_where_it_belongs() {
    let output = binary().args(["plan", "list"]).output().unwrap();
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("--sandbox"), "{}", stderr(&output));
}

#[test]
fn the_embedded_sandbox_serves_a_command_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        binary().env("TMPDIR", folder.path()).args(["--sandbox", "--output", "json", "stock", "list"]).output();
    let output = output.unwrap();
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).lines().count() > 10);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn help_is_there_in_both_languages_and_bad_arguments_are_usage() {
    for (lang, word) in [("en", "Terminal console"), ("zh-CN", "终端控制台")] {
        let output = binary().args(["--lang", lang, "--help"]).output().unwrap();
        assert!(status(&output) == 0 && stdout(&output).contains(word));
    }
    for arguments in [&["plan"][..], &["plan", "fly", "X"], &["--output", "xml"], &["stock", "get"]] {
        assert_eq!(status(&binary().args(arguments).output().unwrap()), 2, "{arguments:?}");
    }
    // An invalid number is reported in the operator's language, too.
    let wrong = binary().args(["--sandbox", "--lang", "zh-CN", "order", "get", "单号"]).output().unwrap();
    assert!(status(&wrong) == 2 && stderr(&wrong).contains("不能含 单 (U+5355)"), "{}", stderr(&wrong));
    // An incomplete command lists what can follow; a program gets its one document.
    let halfway = binary().args(["--lang", "en", "plan"]).output().unwrap();
    assert!(stderr(&halfway).starts_with("Plan\n\nUsage: paydeck plan"), "{}", stderr(&halfway));
    for arguments in [&["plan"][..], &["plan", "fly"]] {
        let output = binary().args(["--output", "json", "--lang", "zh-CN"]).args(arguments).output().unwrap();
        assert_eq!((status(&output), error(&output)["kind"].as_str()), (2, Some("usage")));
        assert!(error(&output)["message"].as_str().is_some_and(|message| !message.contains('\n')));
    }
}
