//! `paydeck sandbox ctl`: the real binary against a real `paydeck sandbox`, both processes of their own.

#[path = "support/receiver.rs"]
mod receiver;
mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use paydeck::api::Client;
use paydeck::model::time::{Duration, compact, parse_compact, parse_rfc3339, rfc3339};
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::control::VERBS;
use receiver::Receiver;
use serde_json::{Value, json};
use support::{Shop, binary, id, json_errors, status, stderr, stdout};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const OPENID: &str = "oFakeUser_0042";
const APPID: &str = "wx5a1c0de5a1c0de01";
const SERVICE: &str = "00004501000000160777000000042424";

/// A sandbox in a process of its own.
struct Sandbox {
    folder: TempDir,
    process: Child,
    base_url: String,
    notify_url: String,
}

impl Sandbox {
    fn start(notify_url: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = binary();
        command.args(["--output", "json", "sandbox", "--objects", "0", "--still", "--notify-url", notify_url]);
        command.arg("--identity").arg(folder.path()).args(arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let base_url = ready["base_url"].as_str().unwrap().to_owned();
        Self { folder, process, base_url, notify_url: notify_url.to_owned() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn client(&self) -> Client {
        Shop::session_options(&self.file("config.toml")).client
    }

    fn ctl(&self, arguments: &[&str]) -> Output {
        ctl_of(self.folder.path(), arguments)
    }

    /// What a verb prints; it must succeed.
    fn run(&self, arguments: &[&str]) -> Value {
        let output = self.ctl(arguments);
        assert_eq!(status(&output), 0, "{arguments:?}: {}", stderr(&output));
        let text = stdout(&output);
        assert_eq!(text.lines().count(), 1, "exactly one document: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The exit status and the message of a rejected verb.
    fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.ctl(arguments);
        let error = json_errors(&output).pop().unwrap_or_else(|| panic!("{arguments:?}: {}", stderr(&output)));
        (status(&output), format!("{}: {}", error["kind"].as_str().unwrap(), error["message"].as_str().unwrap()))
    }

    async fn post(&self, endpoint: EndpointId, target: &str, body: Value) -> Value {
        let target = if target.is_empty() { endpoint.endpoint().path } else { target };
        let reply = self.client().call(endpoint, target, &body.to_string()).await.unwrap();
        serde_json::from_str(&reply.body).unwrap_or_default()
    }

    async fn state(&self, kind: Kind, number: &str) -> String {
        self.client().fetch(&id(kind, number), None).await.unwrap().0.entity.state().code
    }

    async fn place(&self, number: &str) {
        let body = json!({
            "appid": APPID, "mchid": "1900012345", "description": "拿铁 大杯", "out_trade_no": number,
            "notify_url": self.notify_url, "amount": { "total": 2880, "currency": "CNY" },
        });
        self.post(EndpointId::TransactionNative, "", body).await;
    }

    async fn refund(&self, trade: &str, number: &str) {
        let body = json!({
            "out_trade_no": trade, "out_refund_no": number, "notify_url": self.notify_url,
            "amount": { "refund": 100, "total": 2880, "currency": "CNY" },
        });
        self.post(EndpointId::RefundCreate, "", body).await;
    }

    /// A plan and a sign plan of one detail, unsigned.
    async fn offer(&self, number: &str) {
        let plan = json!({
            "service_id": SERVICE, "appid": APPID, "merchant_plan_no": format!("P-{number}"), "plan_name": "单次课",
            "plan_duration": 30, "deduction_quantity": 1, "total_original_price": 100, "total_actual_price": 100,
            "plan_detail_list": [{ "plan_detail_name": "第1次", "original_price": 100, "actual_price": 100 }],
        });
        let plan = self.post(EndpointId::PlanCreate, "", plan).await;
        let sign_plan = json!({
            "service_id": SERVICE, "plan_id": plan["plan_id"], "appid": APPID, "openid": OPENID,
            "merchant_sign_plan_no": number, "notify_url": self.notify_url,
            "sign_plan_detail": [{ "plan_detail_no": 1, "merchant_plan_detail_no": format!("{number}-1") }],
        });
        self.post(EndpointId::SignPlanCreate, "", sign_plan).await;
    }

    fn order(number: &str, notify_url: &str, confirm: bool) -> Value {
        let mut body = json!({
            "out_order_no": number, "appid": APPID, "service_id": SERVICE, "service_introduction": "共享单车骑行",
            "time_range": { "start_time": "OnAccept" }, "need_user_confirm": confirm,
            "post_payments": [{ "name": "骑行费", "description": "1.5元/30分钟" }],
            "risk_fund": { "name": "ESTIMATE_ORDER_COST", "amount": 6000 }, "notify_url": notify_url,
        });
        if !confirm {
            body["openid"] = OPENID.into();
        }
        body
    }

    /// An order whose amount is outstanding.
    async fn charge(&self, number: &str) {
        self.post(EndpointId::OrderCreate, "", Self::order(number, &self.notify_url, false)).await;
        let started = self.raw(number).await["time_range"]["start_time"].as_str().unwrap().to_owned();
        let end = compact(parse_compact(&started).unwrap() + time::Duration::seconds(5));
        // The sandbox's clock stands still; time passes only by moving it.
        self.run(&["clock", "advance", "10s"]);
        let body = json!({
            "appid": APPID, "service_id": SERVICE, "post_payments": [{ "name": "骑行费", "amount": 600 }],
            "total_amount": 600, "time_range": { "end_time": end },
        });
        let target = format!("/v3/payscore/serviceorder/{number}/complete");
        self.post(EndpointId::OrderComplete, &target, body).await;
    }

    async fn raw(&self, order: &str) -> Value {
        let (object, _) = self.client().fetch(&id(Kind::ServiceOrder, order), None).await.unwrap();
        serde_json::from_str(&object.raw).unwrap()
    }

    /// One request on a connection of its own; the answer's status and body.
    async fn http(&self, method: &str, target: &str, headers: &str, body: &str) -> (u16, String) {
        let host = self.base_url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ctl_of(identity: &Path, arguments: &[&str]) -> Output {
    let mut command = binary();
    command.args(["--output", "json", "sandbox", "ctl", "--identity"]).arg(identity).args(arguments);
    command.output().unwrap()
}

fn names(notifications: &Value) -> Vec<(&str, &str)> {
    let all = notifications["notifications"].as_array().unwrap();
    all.iter().map(|shown| (shown["event_type"].as_str().unwrap(), shown["number"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_plays_the_user_and_the_merchant_is_notified() {
    let receiver = Receiver::answering(204).await;
    let sandbox = Sandbox::start(&receiver.url(), &["--speed", "0"]);
    sandbox.run(&["authorise", OPENID]);
    sandbox.offer("SGN1").await;
    sandbox.run(&["sign", "SGN1"]);
    assert_eq!(sandbox.state(Kind::SignPlan, "SGN1").await, "SIGNED");
    sandbox.run(&["unsign", "SGN1"]);
    assert_eq!(sandbox.state(Kind::SignPlan, "SGN1").await, "SIGN_PLAN_CANCEL/USER");
    sandbox.offer("SGN2").await;
    sandbox.run(&["sign", "SGN2"]);
    sandbox.run(&["revoke", "SGN2"]);
    sandbox.run(&["authorise", OPENID]);
    let confirmed = Sandbox::order("SO1", &receiver.url(), true);
    sandbox.post(EndpointId::OrderCreate, "", confirmed).await;
    sandbox.run(&["confirm", "SO1"]);
    assert_eq!(sandbox.raw("SO1").await["state_description"], "USER_CONFIRM");
    sandbox.charge("SO2").await;
    sandbox.run(&["deduct", "SO2", "--for", "30s"]);
    sandbox.run(&["fail", "SO2"]);
    sandbox.run(&["pay", "SO2"]);
    assert_eq!(sandbox.raw("SO2").await["collection"]["state"], "USER_PAID");
    sandbox.place("PAY000001").await;
    sandbox.run(&["fail", "PAY000001"]);
    sandbox.run(&["pay", "PAY000001"]);
    assert_eq!(sandbox.state(Kind::Transaction, "PAY000001").await, "SUCCESS");
    sandbox.refund("PAY000001", "R1").await;
    sandbox.run(&["refund-fail", "R1"]);
    assert_eq!(sandbox.state(Kind::Refund, "R1").await, "ABNORMAL");
    sandbox.run(&["clock", "advance", "2m"]);
    sandbox.refund("PAY000001", "R2").await;
    sandbox.run(&["refund-close", "R2"]);
    assert_eq!(sandbox.state(Kind::Refund, "R2").await, "CLOSED");
    sandbox.run(&["clock", "advance", "2m"]);
    sandbox.refund("PAY000001", "R3").await;
    sandbox.run(&["refund-succeed", "R3"]);
    assert_eq!(sandbox.state(Kind::Refund, "R3").await, "SUCCESS");
    sandbox.run(&["refuse-risk", OPENID]);
    let order = Sandbox::order("SO3", &receiver.url(), false);
    let create = EndpointId::OrderCreate;
    assert!(sandbox.client().call(create, create.endpoint().path, &order.to_string()).await.is_err());

    sandbox.run(&["clock", "advance", "1s"]);
    let shown = sandbox.run(&["notifications"]);
    let expected = [
        ("PAYSCORE.USER_SIGN_PLAN", "SGN1"),
        ("PAYSCORE.USER_CANCEL_SIGN_PLAN", "SGN1"),
        ("PAYSCORE.USER_SIGN_PLAN", "SGN2"),
        ("PAYSCORE.USER_CANCEL_SIGN_PLAN", "SGN2"),
        ("PAYSCORE.USER_CONFIRM", "SO1"),
        ("PAYSCORE.USER_PAID", "SO2"),
        ("TRANSACTION.SUCCESS", "PAY000001"),
        ("REFUND.ABNORMAL", "R1"),
        ("REFUND.CLOSED", "R2"),
        ("REFUND.SUCCESS", "R3"),
    ];
    assert_eq!(
        names(&shown).into_iter().filter(|(event, _)| !event.ends_with("_SERVICE")).collect::<Vec<_>>(),
        expected
    );
    let all = shown["notifications"].as_array().unwrap();
    assert!(all.iter().all(|shown| shown["state"] == "acknowledged" && shown["attempts"] == 1));
    assert_eq!(receiver.arrivals().len(), all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_a_sign_plan_closes_the_service_and_the_merchant_is_notified() {
    let receiver = Receiver::answering(204).await;
    let sandbox = Sandbox::start(&receiver.url(), &["--speed", "0"]);
    sandbox.run(&["authorise", OPENID]);
    sandbox.run(&["revoke", OPENID]);
    let target = format!("/v3/payscore/permissions/openid/{OPENID}?service_id={SERVICE}&appid={APPID}");
    let document = sandbox.post(EndpointId::PermissionByOpenid, &target, Value::Null).await;
    assert_eq!(document["authorization_state"], "UNAVAILABLE", "{document}");
    // Under the code of the shop's, too.
    sandbox.run(&["authorise", OPENID]);
    let document = sandbox.post(EndpointId::PermissionByOpenid, &target, Value::Null).await;
    let code = document["authorization_code"].as_str().unwrap();
    sandbox.run(&["revoke", code]);
    assert!(sandbox.refused(&["revoke", code]).1.ends_with("has not authorised the service"));
    assert_eq!(sandbox.refused(&["revoke", "oNobody"]).0, 1);
    sandbox.run(&["clock", "advance", "1s"]);
    let shown = sandbox.run(&["notifications"]);
    let events: Vec<&str> = names(&shown).into_iter().map(|(event, _)| event).collect();
    let (open, close) = ("PAYSCORE.USER_OPEN_SERVICE", "PAYSCORE.USER_CLOSE_SERVICE");
    assert_eq!(events, [open, close, open, close]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_one_object_runs_out_without_a_notification() {
    let receiver = Receiver::answering(204).await;
    let sandbox = Sandbox::start(&receiver.url(), &["--speed", "0"]);
    sandbox.offer("SGN1").await;
    assert!(sandbox.refused(&["expire", "SGN1"]).1.ends_with("is not signed"));
    sandbox.run(&["sign", "SGN1"]);
    sandbox.run(&["expire", "SGN1"]);
    assert_eq!(sandbox.state(Kind::SignPlan, "SGN1").await, "EXPIRE");
    sandbox.post(EndpointId::OrderCreate, "", Sandbox::order("SO1", &receiver.url(), true)).await;
    sandbox.run(&["expire", "SO1"]);
    assert_eq!(sandbox.raw("SO1").await["state"], "EXPIRED");
    assert!(sandbox.refused(&["confirm", "SO1"]).1.ends_with("is not waiting for confirmation"));
    sandbox.place("PAY000001").await;
    sandbox.run(&["expire", "PAY000001"]);
    assert_eq!(sandbox.state(Kind::Transaction, "PAY000001").await, "CLOSED");
    assert_eq!(sandbox.refused(&["expire", "NOBODY"]).0, 1);
    sandbox.run(&["clock", "advance", "1s"]);
    assert_eq!(names(&sandbox.run(&["notifications"])), [("PAYSCORE.USER_SIGN_PLAN", "SGN1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_is_used_and_the_merchant_is_notified() {
    let receiver = Receiver::answering(204).await;
    let sandbox = Sandbox::start(&receiver.url(), &["--speed", "0"]);
    let now = parse_rfc3339(sandbox.run(&["clock"])["time"].as_str().unwrap()).unwrap();
    let stock = json!({
        "stock_name": "秋季满减", "belong_merchant": "1900012345", "available_begin_time": rfc3339(now + Duration::MINUTE),
        "available_end_time": rfc3339(now + Duration::days(30)), "stock_type": "NORMAL", "no_cash": true,
        "out_request_no": "1900012345001", "stock_use_rule": {
            "max_coupons": 200, "max_amount": 100_000, "max_coupons_per_user": 2, "natural_person_limit": false,
            "prevent_api_abuse": true },
        "coupon_use_rule": { "fixed_normal_coupon": { "coupon_amount": 500, "transaction_minimum": 3000 },
            "available_merchants": ["1900012345"] },
    });
    let stock = sandbox.post(EndpointId::StockCreate, "", stock).await["stock_id"].as_str().unwrap().to_owned();
    let callback = json!({ "mchid": "1900012345", "notify_url": sandbox.notify_url, "switch": true });
    sandbox.post(EndpointId::CallbackSet, "", callback).await;
    sandbox.run(&["clock", "advance", "10m"]);
    let creator = json!({ "stock_creator_mchid": "1900012345" });
    sandbox.post(EndpointId::StockStart, &format!("/v3/marketing/favor/stocks/{stock}/start"), creator).await;
    let send = json!({ "stock_id": stock, "out_request_no": "1900012345002", "appid": APPID,
        "stock_creator_mchid": "1900012345" });
    let target = format!("/v3/marketing/favor/users/{OPENID}/coupons");
    let coupon = sandbox.post(EndpointId::CouponSend, &target, send).await["coupon_id"].as_str().unwrap().to_owned();
    let whole = format!("{coupon}@{OPENID}");
    assert_eq!(sandbox.state(Kind::Coupon, &whole).await, "SENDED");
    assert_eq!(sandbox.refused(&["use-coupon", &format!("{coupon}@oSomebodyElse")]).0, 1);
    sandbox.run(&["use-coupon", &whole]);
    assert_eq!(sandbox.state(Kind::Coupon, &whole).await, "USED");
    assert!(sandbox.refused(&["use-coupon", &coupon]).1.ends_with("was used already"));
    sandbox.run(&["clock", "advance", "1s"]);
    assert_eq!(names(&sandbox.run(&["notifications"])), [("COUPON.USE", coupon.as_str())]);
    // It was used for a payment, which can be asked for.
    let (object, _) = sandbox.client().fetch(&id(Kind::Coupon, &whole), None).await.unwrap();
    let used: Value = serde_json::from_str(&object.raw).unwrap();
    let transaction = used["consume_information"]["transaction_id"].as_str().unwrap();
    let transaction = paydeck::model::Number::parse(transaction).unwrap();
    let (paid, _) = sandbox.client().fetch_by_transaction_id(&transaction).await.unwrap();
    assert_eq!((paid.entity.state().code.as_str(), paid.raw.contains(&coupon)), ("SUCCESS", true), "{}", paid.raw);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_cannot_do_is_refused_with_the_reason_in_both_languages() {
    let sandbox = Sandbox::start("http://127.0.0.1:9/notify", &[]);
    sandbox.offer("SGN1").await;
    sandbox
        .post(EndpointId::PlanStop, "/v3/payscore/plan/payscore-plans/merchant-plan-no/P-SGN1/stop", json!({}))
        .await;
    let (code, message) = sandbox.refused(&["sign", "SGN1"]);
    assert_eq!((code, message.ends_with("the plan is stopped")), (1, true), "{message}");
    assert!(message.starts_with("refused: "), "{message}");
    assert_eq!(sandbox.refused(&["pay", "NOBODY"]).0, 1);
    let mut chinese = binary();
    chinese.args(["--lang", "zh-CN", "sandbox", "ctl", "--identity"]).arg(sandbox.folder.path()).args(["sign", "SGN1"]);
    let output = chinese.output().unwrap();
    assert_eq!(status(&output), 1);
    assert!(stderr(&output).contains("计划已停止"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_five_hours_are_played_by_one_command() {
    let receiver = Receiver::answering(500).await;
    let sandbox = Sandbox::start(&receiver.url(), &["--speed", "0"]);
    sandbox.place("PAY000001").await;
    sandbox.run(&["pay", "PAY000001"]);
    let before = sandbox.run(&["clock"]);
    let after = sandbox.run(&["clock", "advance", "25h"]);
    let time = |shown: &Value| parse_rfc3339(shown["time"].as_str().unwrap()).unwrap();
    assert_eq!(time(&after) - time(&before), time::Duration::hours(25));
    let shown = &sandbox.run(&["notifications"])["notifications"][0];
    assert_eq!((&shown["state"], &shown["attempts"]), (&json!("given-up"), &json!(16)));
    assert_eq!(receiver.arrivals().len(), 16);
    let mut text = binary();
    text.args(["sandbox", "ctl", "--identity"]).arg(sandbox.folder.path()).arg("notifications");
    let text = stdout(&text.output().unwrap());
    assert!(text.contains("given up · sent 16 times"), "{text}");
    assert_eq!(text.matches("refused 500").count(), 16);
    assert_eq!(sandbox.refused(&["clock", "advance"]).0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_manners_are_switched_shown_and_taken_back() {
    let sandbox = Sandbox::start("http://127.0.0.1:9/notify", &[]);
    let start = sandbox.run(&["manners"]);
    for arguments in [
        &["probe", "25%"][..],
        &["duplicate"],
        &["reorder", "on"],
        &["limit", "400"],
        &["gray", "50"],
        &["public-key-only"],
        &["errors-unsigned"],
        &["expire-links"],
        &["clock-offset", "-20"],
        &["fault", "fail-before", "--times", "3", "--path", "/v3/pay/"],
        &["users", "on"],
    ] {
        sandbox.run(arguments);
    }
    let expected = json!({
        "users": "on", "probe": 25, "duplicate": "on", "reorder": "on", "limit": 400, "gray": 50,
        "public-key-only": "on", "errors-unsigned": "on", "expire-links": 0, "clock-offset": -20, "fault": 3,
    });
    assert_eq!(sandbox.run(&["manners"]), expected);
    sandbox.run(&["users", "off"]);
    sandbox.run(&["calm"]);
    assert_eq!(sandbox.run(&["manners"]), start);

    sandbox.run(&["fault", "slow", "--for", "0s"]);
    sandbox.run(&["fault", "html", "--path", "/v3/nowhere"]);
    let serial = sandbox.run(&["rotate"])["serial_no"].as_str().unwrap().to_owned();
    let newest = std::fs::read_to_string(sandbox.file("wechatpay_cert.pem")).unwrap();
    assert_eq!(paydeck::crypto::Certificate::parse(&newest).unwrap().serial.as_str(), serial);
    sandbox.place("PAY000001").await;
    sandbox.run(&["calm"]);
    sandbox.run(&["limit", "1"]);
    let client = sandbox.client();
    let mut refused = 0;
    for _ in 0..6 {
        let target = "/v3/pay/transactions/out-trade-no/PAY000001/close";
        let body = json!({ "mchid": "1900012345" }).to_string();
        let answer = client.call(EndpointId::TransactionClose, target, &body).await;
        refused += usize::from(answer.is_err());
    }
    assert!(refused > 0, "more than one a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_the_control_does_not_exist() {
    let sandbox = Sandbox::start("http://127.0.0.1:9/notify", &[]);
    let access: Value =
        serde_json::from_str(&std::fs::read_to_string(sandbox.file("gateway/control.json")).unwrap()).unwrap();
    let token = access["token"].as_str().unwrap();
    let path = access["url"].as_str().unwrap().trim_start_matches(&sandbox.base_url).to_owned();
    let question = json!({ "verb": "manners" }).to_string();
    let ask = async |headers: &str| sandbox.http("POST", &path, headers, &question).await;
    let nowhere = sandbox.http("POST", "/nowhere", "", &question).await;
    assert_eq!(nowhere, (404, String::new()));
    let wrong = format!("Authorization: Bearer {}x\r\n", &token[1..]);
    for headers in ["", "Authorization: Bearer \r\n", &wrong, &format!("Authorization: {token}\r\n")] {
        assert_eq!(ask(headers).await, nowhere, "{headers}");
    }
    let right = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(ask(&right).await.0, 200);
    assert_eq!(sandbox.http("GET", &path, &right, "").await.0, 405);
    for question in ["", "{}", r#"{"verb":"dance"}"#, r#"{"verb":"pay"}"#, r#"{"verb":"gray","arguments":{"share":7}}"#]
    {
        assert_eq!(sandbox.http("POST", &path, &right, question).await.0, 400, "{question}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(sandbox.file("gateway/control.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_status_distinguishes_usage_from_an_absent_gateway() {
    let mut sandbox = Sandbox::start("http://127.0.0.1:9/notify", &[]);
    for arguments in
        [&["gray", "101"][..], &["dance"], &["pay"], &["deduct", "SO1"], &["fault", "weather"], &["clock", "back"]]
    {
        assert_eq!(sandbox.refused(arguments).0, 2, "{arguments:?}");
    }
    assert_eq!(sandbox.refused(&["fault", "answer-about"]).0, 2, "about what?");
    let nowhere = binary().args(["sandbox", "ctl", "clock"]).output().unwrap();
    assert_eq!(status(&nowhere), 2, "{}", stderr(&nowhere));
    // The configuration in force is that of a sandbox, whose folder is meant then.
    let beside = binary().arg("--config").arg(sandbox.file("config.toml")).args(["sandbox", "ctl", "clock"]).output();
    assert_eq!(status(&beside.unwrap()), 0);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(status(&ctl_of(empty.path(), &["clock"])), 3);
    // When killed, it leaves its file; when asked to stop, it removes the file.
    sandbox.process.kill().unwrap();
    sandbox.process.wait().unwrap();
    assert!(sandbox.file("gateway/control.json").exists());
    assert_eq!(sandbox.refused(&["clock"]).0, 3);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_is_asked_to_stop_takes_its_token_away() {
    let mut sandbox = Sandbox::start("http://127.0.0.1:9/notify", &[]);
    let id = sandbox.process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(sandbox.process.wait().unwrap().success());
    assert!(!sandbox.file("gateway/control.json").exists());
}

#[test]
fn every_verb_explains_itself() {
    let help = stdout(&binary().args(["sandbox", "ctl", "--help"]).output().unwrap());
    for verb in VERBS {
        assert!(help.lines().any(|line| line.trim_start().starts_with(verb.name)), "{}", verb.name);
        let of = binary().args(["sandbox", "ctl", verb.name, "--help"]).output().unwrap();
        let text = stdout(&of);
        assert!(verb.parameters.iter().all(|parameter| text.contains(parameter.value)), "{text}");
    }
}
