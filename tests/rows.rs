//! The rows of bills in the ledger: taken in from downloads and from files, never taken for queried, replaced by the
//! first query.

mod support;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use paydeck::model::EndpointId;
use paydeck::model::time::{beijing_day, day};
use paydeck::sandbox::Options;
use serde_json::Value;
use support::{Shop, status, stderr, stdout};
use time::macros::offset;
use time::{Duration, OffsetDateTime};

const HEADER: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n";
const SUMMARY: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n";
const MCHID: &str = "1900012345";

/// A bill with so many payments of one yuan.
fn bill(rows: usize) -> String {
    let mut text = HEADER.to_owned();
    for row in 0..rows {
        write!(
            text,
            "`2026-11-20 10:00:00,`wx1,`{MCHID},`0,`,`42{row:026},`OWN{row:08},`oTEST,`JSAPI,`SUCCESS,`OTHERS,`CNY,`1.00,`0.00,`0,`0,`0.00,`0.00,`,`,`拿铁,`desk={row},`0.00000,`0.60%,`1.00,`0.00,`\r\n"
        )
        .unwrap();
    }
    text + SUMMARY + &format!("`{rows},`{rows}.00,`0.00,`0.00,`0.00000,`{rows}.00,`0.00\r\n")
}

async fn run(shop: &Shop, arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let config = shop.config_path();
    let run = move || support::binary().arg("--config").arg(config).args(arguments).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn documents(output: &Output) -> Vec<Value> {
    assert_eq!(status(output), 0, "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn listed(shop: &Shop, noun: &str) -> Vec<Value> {
    documents(&run(shop, &[noun, "list", "--cached", "--output", "json"]).await)
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn date(days_ago: i64) -> String {
    day(beijing_day(OffsetDateTime::now_utc() - Duration::days(days_ago)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloaded_bill_is_transactions_of_which_nothing_is_asked() {
    let shop = Shop::open(200).await;
    let range = format!("{}..{}", date(3), date(2));
    let bills = documents(&run(&shop, &["bill", "trade", &range, "--output", "json"]).await);
    assert_eq!(bills.iter().map(|bill| bill["date"].as_str().unwrap()).collect::<Vec<_>>(), [date(3), date(2)]);
    for bill in &bills {
        assert_eq!((&bill["taken"]["rows"], &bill["taken"]["verified"]), (&bill["rows"], &true.into()), "{bill}");
    }
    let rows = listed(&shop, "transaction").await;
    assert_eq!(shop.arrived(EndpointId::TransactionByNumber), 0);
    let days: Vec<&str> = rows.iter().filter_map(|row| row["bill_date"].as_str()).collect();
    assert!(days.contains(&&*date(3)) && days.contains(&&*date(2)) && days.len() == rows.len(), "{rows:?}");
    assert!(
        rows.iter()
            .all(|row| row["source"] == "bill" && (row["amount"].as_i64() > Some(0) || row["state"] == "REFUND")),
        "{rows:?}"
    );
    let text = stdout(&run(&shop, &["transaction", "list", "--cached"]).await);
    assert!(text.contains(&format!("bill {}", date(2))), "{text}");
    // The first query takes the place of what the bill said.
    let number = rows[0]["number"].as_str().unwrap();
    let queried = documents(&run(&shop, &["transaction", "get", number, "--output", "json"]).await).remove(0);
    assert_eq!(queried["out_trade_no"], number);
    let rows = listed(&shop, "transaction").await;
    let row = rows.iter().find(|row| row["out_trade_no"] == number).unwrap();
    assert!(row.get("source").is_none(), "it is WeChat Pay's document: {row}");
    assert_eq!(shop.arrived(EndpointId::TransactionByNumber), 1);
    // The same bill again changes nothing.
    let again = documents(&run(&shop, &["bill", "trade", &date(2), "--output", "json"]).await).remove(0);
    assert_eq!((&again["taken"]["already"], &again["taken"]["new"]), (&true.into(), &0.into()));
    assert_eq!(listed(&shop, "transaction").await, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_adds_up_is_taken_in_and_one_that_does_not_is_only_asked_about() {
    let shop = Shop::open(200).await;
    let folder = tempfile::tempdir().unwrap();
    let whole = file(folder.path(), "mine.csv", &bill(3));
    let taken = documents(&run(&shop, &["import", whole.to_str().unwrap(), "--output", "json"]).await).remove(0);
    assert_eq!((&taken["rows"], &taken["new"], &taken["verified"]), (&3.into(), &3.into(), &false.into()), "{taken}");
    assert_eq!(taken["bills"][0], serde_json::json!({"kind": "trade-ALL", "date": "2026-11-20"}));
    let again = run(&shop, &["import", whole.to_str().unwrap()]).await;
    assert!(status(&again) == 0 && stderr(&again).contains("in the ledger already"), "{}", stderr(&again));
    assert_eq!(listed(&shop, "transaction").await.len(), 3);
    assert_eq!(shop.gateway.requests().len(), 0);
    // One figure is wrong: none of its rows counts, and its numbers are asked about as those of any file.
    let other = file(folder.path(), "other.csv", &bill(2).replace("`2,`2.00", "`2,`2.01").replace("OWN", "OTHER"));
    let refused = run(&shop, &["import", other.to_str().unwrap()]).await;
    assert!(
        status(&refused) == 1 && stderr(&refused).contains("rows were not taken into the ledger"),
        "{}",
        stderr(&refused)
    );
    let numbers: Vec<_> = listed(&shop, "transaction").await.iter().map(|row| row["number"].clone()).collect();
    assert_eq!(numbers, ["OWN00000000", "OWN00000001", "OWN00000002"]);
    // Another of the same day takes its place.
    let later = file(folder.path(), "later.csv", &bill(1));
    let taken = documents(&run(&shop, &["import", later.to_str().unwrap(), "--output", "json"]).await).remove(0);
    assert_eq!((&taken["replaced"], &taken["known"]), (&1.into(), &1.into()), "{taken}");
    let foreign = file(folder.path(), "foreign.csv", &bill(1).replace(MCHID, "1900099999"));
    let refused = run(&shop, &["import", foreign.to_str().unwrap()]).await;
    assert!(stderr(&refused).contains("bill of merchant 1900099999"), "{}", stderr(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_rows_are_taken_in_it_has_taken_in_none_and_the_next_run_takes_all() {
    const ROWS: usize = 30_000;
    let shop = Shop::open(200).await;
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "bill.csv", &bill(ROWS));
    assert!(listed(&shop, "transaction").await.is_empty());
    let log = |folder: &Path| -> u64 {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .filter(|file| file.path().to_string_lossy().ends_with("-wal"))
            .map(|file| file.metadata().map_or(0, |m| m.len()))
            .sum()
    };
    let mut process = shop.start(&["import", path.to_str().unwrap()]);
    // Killed once something of it was written, or when it has ended already.
    while log(shop.folder.path()) < 100_000 && process.try_wait().unwrap().is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let found = listed(&shop, "transaction").await.len();
    assert!(found == 0 || found == ROWS, "{found}");
    assert_eq!(status(&run(&shop, &["import", path.to_str().unwrap()]).await), 0);
    assert_eq!(listed(&shop, "transaction").await.len(), ROWS);
    let checked = run(&shop, &["ledger", "check"]).await;
    assert_eq!(status(&checked), 0, "{}", stderr(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_whose_last_bill_is_not_made_yet_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    // The gateway's clock is a day behind: the bill of two days ago is, to it, yesterday's, and it is nine o'clock.
    let last = beijing_day(OffsetDateTime::now_utc() - Duration::days(2));
    let start = last.midnight().assume_offset(offset!(+8)) + Duration::hours(24 + 9);
    let options = Options { objects: 200, users_act: false, start: Some(start), ..Options::new(folder.path()) };
    let shop = Shop { gateway: paydeck::sandbox::start(options).await.unwrap(), folder };
    let range = format!("{}..{}", date(3), date(2));
    let at_once = run(&shop, &["bill", "trade", &range]).await;
    assert!(status(&at_once) == 1 && stderr(&at_once).contains("STATEMENT_CREATING"), "{}", stderr(&at_once));
    let mut command = support::binary();
    command.arg("--config").arg(shop.config_path()).args(["bill", "trade", &range, "--wait", "--every", "1"]);
    let mut waiting = command.args(["--output", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut notes = BufReader::new(waiting.stderr.take().unwrap());
    let (mut said, of) = (String::new(), format!("The bill of {} is not ready", date(2)));
    while !said.contains(&of) {
        assert!(notes.read_line(&mut said).unwrap() > 0, "{said}");
    }
    shop.gateway.user().let_time_pass(Duration::hours(1));
    // The rest of what it says is read, so that it can end.
    let rest = tokio::task::spawn_blocking(move || notes.read_to_string(&mut said).map(|_| said));
    let done = tokio::task::spawn_blocking(move || waiting.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(status(&done), 0, "{}", rest.await.unwrap().unwrap());
    let bills: Vec<Value> = stdout(&done).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(bills.iter().map(|bill| bill["date"].as_str().unwrap()).collect::<Vec<_>>(), [date(3), date(2)]);
    assert!(bills.iter().all(|bill| bill["taken"]["verified"] == true), "{bills:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_bill_says_is_queried_before_money_moves_and_nothing_is_sent_on_its_word() {
    let shop = Shop::open(200).await;
    documents(&run(&shop, &["bill", "trade", &date(2), "--output", "json"]).await);
    let rows = listed(&shop, "transaction").await;
    let paid = rows.iter().find(|row| row["state"] == "SUCCESS").expect("a payment");
    let number = paid["number"].as_str().unwrap();
    assert_eq!(shop.arrived(EndpointId::TransactionByNumber), 0);
    let refunded = run(&shop, &["transaction", "refund", number, "--amount", "0.01", "--yes"]).await;
    assert_eq!(status(&refunded), 0, "{}", stderr(&refunded));
    assert!(shop.arrived(EndpointId::TransactionByNumber) > 0, "it was queried");
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 1);
    // A file that says it was paid is not enough.
    let claimed = file(shop.folder.path(), "claimed.csv", &bill(1));
    documents(&run(&shop, &["import", claimed.to_str().unwrap(), "--output", "json"]).await);
    let number = "OWN00000000";
    assert!(listed(&shop, "transaction").await.iter().any(|row| row["number"] == number && row["state"] == "SUCCESS"));
    let refused = run(&shop, &["transaction", "refund", number, "--amount", "0.01", "--yes"]).await;
    assert!(status(&refused) != 0, "{}", stdout(&refused));
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 1, "nothing was sent");
}
