//! Output for people and programs: no control sequences, no overlong texts, the documents of actions, and all forms of
//! the command definitions.

#[path = "support/listener.rs"]
mod listener;
#[path = "support/receiver.rs"]
mod receiver;
mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use listener::Listener;
use paydeck::ledger::{Delivery, Refused, Verdict};
use paydeck::model::action::ActionId;
use paydeck::model::time::Timestamp;
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{Fault, FaultMatcher};
use receiver::{Answer, Receiver};
use serde_json::{Value, json};
use support::{Shop, binary, json_errors, status, stderr, stdout};

/// Something between the merchant and WeChat Pay that answers everything itself. Returns its URL.
fn proxy(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, body) = (stream.unwrap(), body.clone());
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                // A read has no body.
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                    body.len()
                );
                // The other side may have had enough.
                let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes());
                let _ = stream.write_all(body.as_bytes());
            });
        }
    });
    url
}

/// Has the shop's profile ask at another place.
fn ask_at(shop: &Shop, url: &str) {
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    let own = shop.gateway.base_url();
    assert!(text.contains(own), "{text}");
    std::fs::write(shop.config_path(), text.replace(own, url)).unwrap();
}

/// Whether it contains control sequences.
fn is_obeyed(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}')
    })
}

fn entries(shop: &Shop) -> usize {
    stdout(&shop.paydeck(&["journal", "list"])).lines().count()
}

/// Gives the shop's profile rules.
fn rule(shop: &Shop, rules: &str) {
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    let text = text.split("\n[profiles.sandbox.rules]").next().unwrap().to_owned();
    std::fs::write(shop.config_path(), format!("{text}\n[profiles.sandbox.rules]\n{rules}\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_obeys_nothing_of_what_an_unproven_page_says_neither_in_errors_nor_in_the_log() {
    let shop = Shop::open(20).await;
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}99\u{200b}\r\n2026-01-01T00:00:00Z ERROR forged";
    let log = shop.folder.path().join("diagnostics.log");
    for (status_line, body) in [
        (
            "403 Forbidden",
            json!({"code": format!("E{evil}"), "message": evil, "detail": {"field": evil, "value": evil}}).to_string(),
        ),
        ("502 Bad Gateway", json!({"code": "SYSTEM_ERROR", "message": evil}).to_string()),
        ("404 Not Found", evil.to_owned()),
        ("200 OK", evil.to_owned()),
    ] {
        let url = proxy(status_line, body);
        let text = std::fs::read_to_string(shop.config_path()).unwrap();
        ask_at(&shop, &url);
        for arguments in [
            &["plan", "get", "P-1"][..],
            &["open", "P-1"],
            &["api", "GET", "/v3/certificates"],
            &["--output", "json", "plan", "get", "P-1"],
            &["--log-file", log.to_str().unwrap(), "plan", "get", "P-1"],
        ] {
            let output = shop.paydeck(&[&["--verbose"], arguments].concat());
            assert_ne!(status(&output), 0, "{arguments:?}");
            assert!(!is_obeyed(&stderr(&output)), "{arguments:?} {status_line}: {:?}", stderr(&output));
            // A line break in it makes no line of its own.
            assert!(!stderr(&output).lines().any(|line| line.starts_with("2026-01-01T")), "{}", stderr(&output));
        }
        std::fs::write(shop.config_path(), text).unwrap();
    }
    let log = std::fs::read_to_string(log).unwrap();
    assert!(!log.is_empty() && !is_obeyed(&log), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_a_megabyte_is_printed_at_a_persons_length_and_whole_on_request() {
    let shop = Shop::open(20).await;
    let long = "x".repeat(1 << 20);
    ask_at(&shop, &proxy("403 Forbidden", json!({"code": "NO_AUTH", "message": long}).to_string()));
    for arguments in [&["plan", "get", "P-1"][..], &["open", "P-1"], &["api", "GET", "/v3/certificates"]] {
        let text = stderr(&shop.paydeck(arguments));
        assert!(text.len() < 4000, "{arguments:?} printed {} bytes", text.len());
        assert!(text.contains("1 048 576 bytes") && text.contains("--verbose"), "{arguments:?}: {text}");
        let output = shop.paydeck(&[&["--output", "json"], arguments].concat());
        assert!(stderr(&output).len() < 4000, "{arguments:?} printed {} bytes", stderr(&output).len());
        let error: Value = serde_json::from_str(&stderr(&output)).unwrap();
        assert_eq!(error["error"]["message_bytes"], 1 << 20, "{error}");
        let whole = stderr(&shop.paydeck(&[&["--verbose"], arguments].concat()));
        assert!(whole.contains(&long), "{arguments:?}: --verbose shows the rest");
        let whole = json_errors(&shop.paydeck(&[&["--verbose", "--output", "json"], arguments].concat()));
        assert_eq!(whole[0]["whole"], long, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_prints_its_document_although_it_cannot_be_looked_at_afterwards() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    for (action, query) in [
        (ActionId::PlanStop.action(), EndpointId::PlanQuery),
        (ActionId::TransactionRefund.action(), EndpointId::RefundQuery),
    ] {
        let object = shop.object_for(&client, action).await;
        let number = object.id.number.as_str();
        // The object is looked at before; what is asked afterwards fails.
        if query == EndpointId::PlanQuery {
            shop.gateway.faults().once(FaultMatcher::endpoint(query), Fault::Slow(Duration::ZERO));
        }
        shop.gateway.faults().times(FaultMatcher::endpoint(query), Fault::FailBefore, 20);
        let output = shop.paydeck(&["--output", "json", object.id.kind.noun(), action.verb, number, "--yes"]);
        shop.gateway.faults().clear();
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let document: Value = serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{output:?}"));
        let field = if action.id == ActionId::PlanStop { "merchant_plan_no" } else { "out_refund_no" };
        assert!(document[field].as_str().is_some_and(|text| !text.is_empty()), "{document}");
        assert!(stderr(&output).lines().count() <= 2, "one note: {}", stderr(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_write_that_cannot_be_judged_is_refused_before_anything_is_sent_or_journaled() {
    let shop = Shop::open(20).await;
    for body in ["{bad", "{\"a\": 1", "a=1", "{\"a\": 1}}", "'x'"] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let output = shop.paydeck(&["--output", "json", "api", method, "/v3/x", body, "--yes"]);
            let error: Value = serde_json::from_str(&stderr(&output)).unwrap();
            assert_eq!((status(&output), error["error"]["kind"].as_str()), (2, Some("usage")), "{body}");
        }
    }
    rule(&shop, "max_amount = \"5.00\"");
    let writes = [
        ("/v3/fund-app/mch-transfer/transfer-bills", r#"{"transfer_amount": 30000, "out_bill_no": "X1"}"#),
        ("/v3/profitsharing/orders", r#"{"out_order_no": "X2", "receivers": [{"amount": 30000}]}"#),
        ("/v3/merchant/fund/withdraw", r#"{"out_request_no": "X3"}"#),
        ("/v3/fund-app/mch-transfer/transfer-bills?a=b", "{}"),
        ("/v3/%66und-app/mch-transfer/transfer-bills", r#"{"amount": 1}"#),
    ];
    for (path, body) in writes {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let output = shop.paydeck(&["--output", "json", "api", method, path, body, "--yes"]);
            let error: Value = serde_json::from_str(&stderr(&output)).unwrap();
            let kind = error["error"]["kind"].as_str();
            assert_eq!((status(&output), kind), (1, Some("rule-max-amount")), "{method} {path} {error}");
            assert!(error["error"]["advice"].as_str().is_some_and(|advice| advice.contains("allow_paths")), "{error}");
        }
    }
    assert_eq!((shop.mutations(), entries(&shop)), (0, 0));
    // What the rules name passes, up to the cap.
    rule(&shop, "max_amount = \"5.00\"\nallow_paths = [\"/v3/profitsharing/orders\"]");
    let post = |body: &str| shop.paydeck(&["api", "POST", "/v3/profitsharing/orders", body, "--yes"]);
    let above = post(r#"{"receivers": [{"amount": 300}, {"amount": 201}]}"#);
    assert!(stderr(&above).contains("max_amount"), "{}", stderr(&above));
    assert_eq!(shop.mutations(), 0);
    post(r#"{"receivers": [{"amount": 300}, {"amount": 200}]}"#);
    assert_eq!(shop.mutations(), 1, "it went out; the sandbox knows no such path");
    rule(&shop, "max_amount = \"5.00\"\nallow_path = [\"/v3/profitsharing/orders\"]");
    let unknown = post("{}");
    assert_eq!(status(&unknown), 2);
    assert!(stderr(&unknown).contains("allow_paths"), "the nearest name: {}", stderr(&unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_action_that_a_rule_refuses_is_not_to_be_run_again() {
    let shop = Shop::open(400).await;
    let paid = shop.objects_for(&shop.client(), ActionId::TransactionRefund.action(), 2).await;
    rule(&shop, "max_amount = \"0.00\"");
    let numbers: Vec<&str> = paid.iter().map(|id| id.number.as_str()).collect();
    let output = shop.paydeck(&[&["transaction", "refund"], &numbers[..], &["--yes"]].concat());
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(
        !stderr(&output).contains("Run the same command again") && stderr(&output).contains("rule"),
        "{}",
        stderr(&output)
    );
    assert_eq!(shop.mutations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_go_to_the_merchants_own_back_end_and_a_read_only_profile_says_that_they_do() {
    let shop = Shop::open(20).await;
    let back_end = Receiver::start(|_, _| Answer::of(204)).await;
    let gateway = shop.gateway.base_url().to_owned();
    let port = gateway.rsplit_once(':').unwrap().1;
    let (localhost, with_path) = (format!("http://localhost:{port}/"), format!("{gateway}/v3/refund/domestic/refunds"));
    for url in [
        "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds",
        "https://api2.mch.weixin.qq.com/",
        "https://apihk.mch.weixin.qq.com./",
        with_path.as_str(),
        localhost.as_str(),
    ] {
        let output = shop.paydeck(&["listen", "--bind", "127.0.0.1:0", "--forward-to", url]);
        assert_eq!(status(&output), 2, "{url}");
        assert!(stderr(&output).contains("leads to WeChat Pay"), "{url}: {}", stderr(&output));
    }
    let output = shop.paydeck(&["listen", "--bind", "127.0.0.1:0", "--forward-to", "localhost:9000/x"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("--forward-to http://localhost:9000/"), "{}", stderr(&output));
    // A line of the inbox, of what was refused at the door.
    let delivery = Delivery {
        at: Timestamp::now_utc(),
        peer: "127.0.0.1:5".into(),
        target: "/notify".into(),
        headers: b"content-type: application/json\r\n".to_vec(),
        body: b"{}".to_vec(),
    };
    let refused = Refused { delivery, verdict: Verdict::Stale, status: 401, detail: "old".into() };
    shop.ledger().tally(&shop.actor().key, &[refused], &[]).unwrap();
    let listed = shop.paydeck(&["--output", "json", "events", "list"]);
    let event: Value = serde_json::from_str(stdout(&listed).lines().next().unwrap()).unwrap();
    let event = event["id"].to_string();
    for url in ["https://api.mch.weixin.qq.com/x", with_path.as_str(), "localhost:9000/x"] {
        let output = shop.paydeck(&["events", "replay", &event, url]);
        assert_eq!(status(&output), 2, "{url}: {}", stderr(&output));
    }
    assert_eq!(shop.mutations(), 0);
    let replay =
        |arguments: &[&str]| shop.paydeck(&[arguments, &["events", "replay", &event, &back_end.url()]].concat());
    let sent = replay(&["--read-only"]);
    assert_eq!(status(&sent), 0, "{}", stderr(&sent));
    assert!(stderr(&sent).contains("read-only") && stderr(&sent).contains("back end"), "{}", stderr(&sent));
    assert_eq!(stderr(&replay(&[])), "", "of another profile there is nothing to say");
    assert_eq!(stderr(&replay(&["--read-only", "--output", "json"])), "");
    let url = back_end.url();
    let listening = Listener::start(&shop.config_path(), &["--read-only", "--forward-to", url.as_str()]);
    assert!(listening.says("read-only").contains("your own back end"));
    listening.kill();
}

/// Runs a program with a text on its standard input, if it is there.
fn pipe(program: &str, arguments: &[&str], input: &str) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

fn run(arguments: &[&str]) -> Output {
    binary().args(arguments).output().unwrap()
}

#[test]
fn shells_complete_what_the_program_knows() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(status(&output), 0, "{shell}: {}", stderr(&output));
        assert_eq!(stderr(&output), "");
        for word in ["sign-plan", "timeline", "dry-run", "fundflow", "listen", "read-only"] {
            assert!(stdout(&output).contains(word), "{shell} does not know {word}");
        }
        for kind in Kind::ALL {
            assert!(stdout(&output).contains(kind.noun()), "{shell} does not know {}", kind.noun());
        }
    }
    let script = stdout(&run(&["completions", "bash"]));
    let checked = pipe("bash", &["-n"], &script).expect("there is a bash");
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}");
    // It completes.
    let asks = format!(
        "{script}\nCOMP_WORDS=(paydeck order comp); COMP_CWORD=2; _paydeck paydeck comp order; echo \"${{COMPREPLY[@]}}\"\n"
    );
    let completed = pipe("bash", &[], &asks).unwrap();
    assert!(stdout(&completed).split_whitespace().any(|word| word == "complete"), "{completed:?}");
    assert_eq!(status(&run(&["completions", "tcsh"])), 2);
    assert_eq!(status(&run(&["completions"])), 2);
    assert_eq!(stdout(&run(&["completion", "bash"])), script);
}

#[test]
fn help_and_manual_pages_are_the_one_definition_of_the_arguments() {
    for (words, flags) in [
        (&["order", "complete"][..], &["--amount", "--dry-run"][..]),
        (&["sandbox", "ctl"], &["pay"]),
        (&["bill"], &["fundflow"]),
        (&[], &["journal", "--read-only"]),
    ] {
        let help = run(&[&["help"], words].concat());
        assert_eq!((status(&help), stderr(&help)), (0, String::new()), "{words:?}");
        assert_eq!(stdout(&help), stdout(&run(&[words, &["--help"]].concat())), "{words:?}");
        let page = run(&[&["man"], words].concat());
        assert_eq!((status(&page), stderr(&page)), (0, String::new()), "{words:?}");
        let plain = stdout(&page).replace('\\', "");
        assert!(plain.contains(".TH") && flags.iter().all(|flag| plain.contains(flag)), "{words:?}: {plain}");
    }
    let chinese = run(&["--lang", "zh-CN", "help"]);
    assert!(stdout(&chinese).contains("退出"), "{}", stdout(&chinese));
    for command in ["help", "man"] {
        let wrong = run(&[command, "order", "cmplete"]);
        assert_eq!(status(&wrong), 2, "{command}");
        assert!(stderr(&wrong).contains("complete"), "{command}: {}", stderr(&wrong));
    }
    let folder = tempfile::tempdir().unwrap();
    let written = run(&["man", "--to", folder.path().to_str().unwrap()]);
    assert_eq!(status(&written), 0, "{}", stderr(&written));
    for page in ["paydeck.1", "paydeck-order-complete.1", "paydeck-sandbox-ctl.1"] {
        assert!(std::fs::read_to_string(folder.path().join(page)).unwrap().contains(".TH"), "{page}");
    }
}
