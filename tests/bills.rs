//! Bills, from the sandbox to the disk: fetched by links that run out, compared with their hash, read, imported.

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use paydeck::model::bill::sha1_hex;
use paydeck::model::time::{beijing_day, day};
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::Value;
use support::{Shop, json_errors, status, stderr, stdout};
use time::{Duration, OffsetDateTime};

/// A day whose bills are ready at any time of today; the sandbox has sold something on each of the last seven.
fn date() -> String {
    day(beijing_day(OffsetDateTime::now_utc() - Duration::days(2)))
}

async fn shop() -> Shop {
    Shop::open(200).await
}

/// Runs the binary without keeping this thread from the gateway.
async fn run(shop: &Shop, arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let config = shop.config_path();
    let run = move || support::binary().arg("--config").arg(config).args(arguments).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn document(output: &Output) -> Value {
    assert_eq!(status(output), 0, "{}", stderr(output));
    let text = stdout(output);
    assert_eq!(text.lines().count(), 1, "exactly one document: {text}");
    serde_json::from_str(&text).unwrap()
}

fn file(document: &Value) -> PathBuf {
    PathBuf::from(document["path"].as_str().unwrap())
}

/// Every file below the shop's folder that could be a bill, or a part of one.
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(leftovers(&entry.path()));
        } else if entry.path().components().any(|part| part.as_os_str() == "bills") {
            found.push(entry.path());
        }
    }
    found
}

fn faulty(shop: &Shop, fault: Fault, times: usize) {
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::BillDownload), fault, times);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_bill_is_downloaded_verified_listed_and_shown() {
    let shop = shop().await;
    let date = date();
    let bill = document(&run(&shop, &["bill", "trade", &date, "--output", "json"]).await);
    let bytes = std::fs::read(file(&bill)).unwrap();
    assert_eq!(bill["hash"], sha1_hex(&bytes));
    assert_eq!((&bill["verified"], &bill["summary"]["agrees"]), (&true.into(), &true.into()));
    assert!(bill["rows"].as_u64().unwrap() >= 2 && bill["totals"]["payments"].as_u64().unwrap() >= 2, "{bill}");
    assert!(bytes.starts_with("\u{feff}交易时间,".as_bytes()));
    assert_eq!(file(&bill).file_name().unwrap().to_str(), Some(&*format!("1900012345-trade-ALL-{date}.csv")));
    // Packed on the way, it is the same bill.
    let packed = document(&run(&shop, &["bill", "trade", &date, "--gzip", "--output", "json"]).await);
    assert_eq!((&packed["hash"], std::fs::read(file(&packed)).unwrap()), (&bill["hash"], bytes));
    let target =
        shop.gateway.requests().into_iter().rfind(|r| r.endpoint == Some(EndpointId::BillTrade)).unwrap().target;
    assert!(target.ends_with("&tar_type=GZIP"), "{target}");

    let listed = stdout(&run(&shop, &["bill", "list", "--output", "json"]).await);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let shown = document(&run(&shop, &["bill", "show", &date, "--output", "json"]).await);
    assert_eq!(shown["totals"], bill["totals"]);
    let rows = stdout(&run(&shop, &["bill", "show", &date, "--rows", "--output", "json"]).await);
    assert_eq!(rows.lines().count() as u64, bill["rows"].as_u64().unwrap());
    let paid: f64 = rows
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).unwrap())
        .map(|row| row["total"].as_str().unwrap().parse::<f64>().unwrap())
        .sum();
    assert_eq!(format!("{paid:.2}"), bill["totals"]["paid"].as_str().unwrap());
    let table = stdout(&run(&shop, &["bill", "show", &date, "--output", "csv"]).await);
    assert_eq!(table.lines().count() as u64, bill["rows"].as_u64().unwrap() + 1);
    let text = stdout(&run(&shop, &["bill", "show", &date]).await);
    assert!(text.contains("The summary agrees with the rows") && text.contains("Payments"), "{text}");
    // Any bill file can be read, also a packed one; where its hash comes from is unknown.
    let vector = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/bills/trade_all.csv.gz");
    let other = document(&run(&shop, &["bill", "show", vector, "--output", "json"]).await);
    assert_eq!((&other["verified"], &other["totals"]["net"]), (&false.into(), &"117.90".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_and_the_fund_flow_have_bills_of_their_own() {
    let shop = shop().await;
    // The refund that the seed gives yesterday has a bill the day after tomorrow at the latest.
    shop.gateway.user().let_time_pass(Duration::days(1));
    let yesterday = day(beijing_day(OffsetDateTime::now_utc() - Duration::days(1)));
    let refunds = document(&run(&shop, &["bill", "trade", &yesterday, "--type", "refund", "--output", "json"]).await);
    assert_eq!((&refunds["totals"]["payments"], &refunds["type"]), (&0.into(), &"REFUND".into()));
    assert!(refunds["totals"]["refunds"].as_u64().unwrap() > 0);
    let flow = document(&run(&shop, &["bill", "fundflow", &yesterday, "--output", "json"]).await);
    assert_eq!(
        (&flow["kind"], &flow["type"], &flow["summary"]["agrees"]),
        (&"fundflow".into(), &"BASIC".into(), &true.into())
    );
    let listed = stdout(&run(&shop, &["bill", "list"]).await);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let none = run(&shop, &["bill", "fundflow", &yesterday, "--account", "FEES", "--output", "json"]).await;
    assert_eq!((status(&none), json_errors(&none)[0]["code"].as_str()), (1, Some("NO_STATEMENT_EXIST")));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_written_where_one_says_or_printed() {
    let shop = shop().await;
    let (date, folder) = (date(), tempfile::tempdir().unwrap());
    let named = folder.path().join("mine.csv");
    for to in [folder.path(), &named] {
        let bill =
            document(&run(&shop, &["bill", "trade", &date, "--to", to.to_str().unwrap(), "--output", "json"]).await);
        assert!(file(&bill).is_file() && file(&bill).starts_with(folder.path()), "{bill}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left there");
    let printed = run(&shop, &["bill", "trade", &date, "--to", "-"]).await;
    assert_eq!((status(&printed), printed.stdout), (0, std::fs::read(named).unwrap()));
    let both = run(&shop, &["bill", "trade", &date, "--to", "-", "--output", "json"]).await;
    assert_eq!(status(&both), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_expired_and_a_connection_that_broke_are_retried() {
    let shop = shop().await;
    let date = date();
    for (fault, links) in [(Fault::LinkExpired, 2), (Fault::Truncated, 2), (Fault::DropAfter, 2), (Fault::Html(502), 2)]
    {
        let before = shop.arrived(EndpointId::BillTrade);
        faulty(&shop, fault.clone(), 1);
        document(&run(&shop, &["bill", "trade", &date, "--output", "json"]).await);
        assert_eq!(shop.arrived(EndpointId::BillTrade) - before, links, "{fault:?}");
    }
    // A failure that persists is reported, and leaves nothing behind.
    let files = leftovers(shop.folder.path());
    for (fault, expected) in [(Fault::LinkExpired, 1), (Fault::Truncated, 3)] {
        faulty(&shop, fault.clone(), 3);
        let failed = run(&shop, &["bill", "trade", &date, "--type", "SUCCESS"]).await;
        assert_eq!(status(&failed), expected, "{fault:?}: {}", stderr(&failed));
        assert_eq!(leftovers(shop.folder.path()), files, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_altered_is_not_written() {
    let shop = shop().await;
    let (date, folder) = (date(), tempfile::tempdir().unwrap());
    for arguments in [&["--to", folder.path().to_str().unwrap()][..], &["--gzip"], &["--to", "-"], &[]] {
        faulty(&shop, Fault::Altered, 1);
        let all = [&["bill", "trade", &date, "--output", "json"], arguments].concat();
        let all = if arguments == ["--to", "-"] { [&["bill", "trade", &date], arguments].concat() } else { all };
        let failed = run(&shop, &all).await;
        assert_eq!(status(&failed), 4, "{arguments:?}: {}", stderr(&failed));
        assert!(failed.stdout.is_empty());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(leftovers(shop.folder.path()), Vec::<PathBuf>::new());
    assert_eq!(stdout(&run(&shop, &["bill", "list"]).await), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_afterwards_is_reported() {
    let shop = shop().await;
    let date = date();
    let bill = document(&run(&shop, &["bill", "trade", &date, "--output", "json"]).await);
    let text = std::fs::read_to_string(file(&bill)).unwrap();
    let changed = text.replacen("`SUCCESS", "`SUCCES5", 1);
    assert_ne!(changed, text);
    std::fs::write(file(&bill), changed).unwrap();
    let shown = run(&shop, &["bill", "show", &date]).await;
    assert_eq!((status(&shown), shown.stdout.len()), (4, 0), "{}", stderr(&shown));
    std::fs::remove_file(file(&bill)).unwrap();
    assert_eq!(status(&run(&shop, &["bill", "show", &date]).await), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bill_names_is_in_the_ledger_after_its_import() {
    let shop = shop().await;
    let bill = document(&run(&shop, &["bill", "trade", &date(), "--import", "--output", "json"]).await);
    let import = &bill["import"];
    assert_eq!(import["total"], import["fetched"], "{import}");
    let rows = stdout(&run(&shop, &["bill", "show", &date(), "--rows", "--output", "json"]).await);
    let listed = stdout(&run(&shop, &["transaction", "list", "--cached", "--output", "json"]).await);
    for row in rows.lines().map(|row| serde_json::from_str::<Value>(row).unwrap()) {
        assert!(listed.contains(row["out_trade_no"].as_str().unwrap()), "{row}");
    }
    let id = shop.ids(Kind::Transaction).into_iter().find(|id| rows.contains(id.number.as_str())).unwrap();
    let noted = shop.ledger().noted(&shop.actor().key, &id).unwrap().unwrap();
    assert_eq!(noted.origin, paydeck::services::Source::Bill);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_none_or_goes_on_is_refused_before_anything_is_sent() {
    let shop = shop().await;
    let today = day(beijing_day(OffsetDateTime::now_utc()));
    for (date, expected) in [("20251009", 2), ("tomorrow", 2), (today.as_str(), 1), ("2999-01-01", 1)] {
        let refused = run(&shop, &["bill", "trade", date, "--output", "json"]).await;
        assert_eq!(status(&refused), expected, "{date}: {}", stderr(&refused));
    }
    assert_eq!(status(&run(&shop, &["bill", "show", "2025-01-01"]).await), 1);
    assert_eq!(shop.gateway.requests().len(), 0);
    let old = run(&shop, &["bill", "trade", "2020-01-01", "--output", "json"]).await;
    assert_eq!((status(&old), json_errors(&old)[0]["code"].as_str()), (1, Some("INVALID_REQUEST")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_was_killed_leaves_no_bill_and_the_next_succeeds() {
    let shop = shop().await;
    let date = date();
    faulty(&shop, Fault::HoldAfter, 1);
    let mut process = shop.start(&["bill", "trade", &date]);
    shop.wait_for(EndpointId::BillDownload, 1).await;
    process.kill().unwrap();
    process.wait().unwrap();
    let named = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "csv");
    assert!(!leftovers(shop.folder.path()).iter().any(named));
    assert_eq!(stdout(&run(&shop, &["bill", "list"]).await), "");
    document(&run(&shop, &["bill", "trade", &date, "--output", "json"]).await);
    assert_eq!(leftovers(shop.folder.path()).iter().filter(|path| named(path)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_that_drips_is_given_up_and_says_so() {
    let shop = shop().await;
    faulty(&shop, Fault::Drip, 10);
    let began = std::time::Instant::now();
    let dripped = run(&shop, &["--output", "json", "bill", "trade", &date()]).await;
    // Two seconds of patience (timeout_seconds), and what the process takes beside them.
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(status(&dripped), 3, "{}", stderr(&dripped));
    let error = json_errors(&dripped).remove(0);
    assert!(error["message"].as_str().unwrap().contains("bytes arrived in"), "{error}");
    assert!(error["advice"].as_str().is_some());
    assert!(leftovers(shop.folder.path()).iter().all(|path| path.extension().is_none_or(|e| e != "csv")));
    shop.gateway.faults().clear();
    document(&run(&shop, &["--output", "json", "bill", "trade", &date()]).await);
}
