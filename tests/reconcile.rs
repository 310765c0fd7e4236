//! Reconciliation: in worlds with known differences every one is found in its class, and none is invented; what is open is
//! carried, settled and closed; and what the command prints and writes.

#[path = "support/books.rs"]
mod books;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use books::{Books, DAY, Plan};
use paydeck::ledger::Ledger;
use paydeck::model::reconcile::{BookSide, ColumnMap, DifferenceClass, Period, RowVerdict};
use paydeck::model::time::{beijing_day, day};
use paydeck::services::Runner;
use paydeck::services::reconcile::{ReconcileRequest, Reconciled};
use proptest::prelude::*;
use serde_json::Value;
use support::{Shop, status, stderr, stdout};
use tempfile::TempDir;
use time::macros::date;
use time::{Duration, OffsetDateTime};

fn period() -> Period {
    Period { from: date!(2026 - 11 - 20), to: date!(2026 - 11 - 20) }
}

/// A ledger of its own for each reconciliation, and no network.
fn runner(shop: &Shop, folder: &Path) -> Runner {
    let store = paydeck::ledger::Store::parse("sqlite:ledger.db", |path| folder.join(path)).unwrap();
    Runner::new(shop.client(), Ledger::open(&store).unwrap(), shop.actor(), folder)
}

async fn reconciled(shop: &Shop, folder: &Path, request: ReconcileRequest) -> Reconciled {
    runner(shop, folder).reconcile(request, &mut |_| ()).await.unwrap()
}

fn found(reconciled: &Reconciled) -> BTreeSet<(String, String)> {
    let differences = reconciled.result.differences();
    differences.map(|difference| (difference.class.word().to_owned(), difference.number)).collect()
}

/// Every planted difference is found in its class, none is invented, and all rows are added up.
async fn check(shop: &Shop, plan: Plan) {
    let folder = TempDir::new().unwrap();
    let world = Books::make(plan);
    let orders = folder.path().join("orders.csv");
    std::fs::write(&orders, world.orders_csv()).unwrap();
    let request = ReconcileRequest {
        against: Some(orders),
        bills: world.write_bills(folder.path()),
        ..ReconcileRequest::new(period())
    };
    let reconciled = reconciled(shop, folder.path(), request).await;
    let found = found(&reconciled);
    let missed: Vec<_> = world.planted.difference(&found).take(5).collect();
    let invented: Vec<_> = found.difference(&world.planted).take(5).collect();
    assert!(missed.is_empty() && invented.is_empty(), "{plan:?}: missed {missed:?}, invented {invented:?}");
    assert_eq!(reconciled.result.len(), world.planted.len(), "none is found twice");
    let trade = reconciled.result.balances().iter().find(|balance| balance.side == BookSide::Trade);
    let total = trade.map_or(0, |balance| balance.total.minor);
    assert_eq!(total, i128::from(world.trade_total()));
    for balance in reconciled.result.balances() {
        balance.check().unwrap();
        assert_eq!(balance.part(RowVerdict::NotCompared).count, 0, "{balance:?}");
    }
    let of_orders = reconciled.result.rows().filter(|(side, ..)| *side == BookSide::Orders);
    let across = of_orders.filter(|(.., verdict)| *verdict == RowVerdict::AcrossDays);
    let across: BTreeSet<String> = across.map(|(_, _, number, _)| number).collect();
    assert_eq!(across, world.across.iter().cloned().collect());
    for class in DifferenceClass::ALL {
        let expected = world.planted.iter().filter(|(planted, _)| planted == class.word()).count() as u64;
        let volumes = reconciled.result.volume(class);
        assert_eq!(volumes.iter().map(|(_, volume)| volume.count).sum::<u64>(), expected, "{class:?}");
    }
    assert_eq!(reconciled.open.len(), world.planted.len(), "all are held over");
    assert_eq!(reconciled.agrees(), world.planted.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_difference_among_100_000_rows_is_found_in_its_class_and_none_is_invented() {
    let shop = Shop::open(0).await;
    check(&shop, Plan { seed: 8, rows: 100_000, planted: 40 }).await;
}

#[test]
fn in_any_world_what_is_planted_is_found_and_nothing_else() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let shop = runtime.block_on(Shop::open(0));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 40, ..ProptestConfig::default() });
    let plans = (any::<u64>(), 0usize..120, 0usize..4);
    runner
        .run(&plans, |(seed, rows, planted)| {
            runtime.block_on(check(&shop, Plan { seed, rows, planted }));
            Ok(())
        })
        .unwrap();
}

/// The same world, whatever the merchant's file is written in.
#[tokio::test(flavor = "multi_thread")]
async fn orders_are_read_from_every_format_and_encoding() {
    let shop = Shop::open(0).await;
    let folder = TempDir::new().unwrap();
    let world = Books::make(Plan { seed: 3, rows: 300, planted: 2 });
    let bills = world.write_bills(folder.path());
    let gbk = encoding_rs::GBK.encode(&world.orders_csv()).0.into_owned();
    let utf16: Vec<u8> = format!("\u{feff}{}", world.orders_csv()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let titled = format!("订单导出\n共 {} 行\n{}", world.orders().len(), world.orders_csv()).into_bytes();
    let tabs = world.orders_csv().replace("\"一店, 总部\"", "一店").replace(',', "\t").into_bytes();
    let json = "number=order_no,amount=amount_fen,time=paid_at,state=status,refund_number=refund.no,refund=refund.fen,refund_time=refund.at";
    for (name, bytes, map) in [
        ("gbk.csv", gbk, None),
        ("utf16.csv", utf16, None),
        ("titled.csv", titled, None),
        ("tabs.tsv", tabs, None),
        ("orders.jsonl", world.orders_json().into_bytes(), Some(json)),
        ("orders.xlsx", workbook(&world), None),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let request = ReconcileRequest {
            against: Some(path),
            map: map.map(|map| ColumnMap::parse(map).unwrap()),
            bills: bills.clone(),
            ..ReconcileRequest::new(period())
        };
        let folder = TempDir::new().unwrap();
        let reconciled = reconciled(&shop, folder.path(), request).await;
        assert_eq!(found(&reconciled), world.planted, "{name}");
        assert_eq!(reconciled.orders.as_ref().unwrap().bad, 0, "{name}");
    }
}

fn workbook(world: &Books) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let header = ["订单号", "支付时间", "金额(元)", "订单状态", "退款单号", "退款金额(元)", "退款时间"];
    for (column, name) in (0u16..).zip(header) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (row, line) in (1u32..).zip(world.orders()) {
        let texts = [(0, &line.number), (1, &line.at), (4, &line.refund_number), (6, &line.refund_at)];
        for (column, text) in texts {
            sheet.write_string(row, column, text).unwrap();
        }
        sheet.write_string(row, 3, line.state).unwrap();
        for (column, amount) in [(2, line.amount), (5, line.refund)] {
            if let Some(amount) = amount {
                sheet.write_number(row, column, amount as f64 / 100.0).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// Runs the binary without keeping this thread from the gateway.
async fn run(shop: &Shop, arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let config = shop.config_path();
    let run = move || support::binary().arg("--config").arg(config).args(arguments).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn documents(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn bill_arguments(bills: &[PathBuf]) -> Vec<String> {
    bills.iter().flat_map(|bill| ["--bill".to_owned(), bill.display().to_string()]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_the_shop_is_downloaded_and_agrees_with_its_account() {
    let shop = Shop::open(200).await;
    let date = day(beijing_day(OffsetDateTime::now_utc() - Duration::days(2)));
    let output = run(&shop, &["reconcile", &date, "--output", "json"]).await;
    assert_eq!(status(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let documents = documents(&output);
    assert_eq!((&documents[0]["what"], &documents[0]["agrees"]), (&"reconciliation".into(), &true.into()));
    let trade = documents.iter().find(|one| one["side"] == "trade").unwrap();
    assert!(trade["parts"]["matched"]["count"].as_u64().unwrap() >= 2, "{trade}");
    let quiet = run(&shop, &["reconcile", &date, "--quiet"]).await;
    assert_eq!((status(&quiet), stdout(&quiet), stderr(&quiet)), (0, String::new(), String::new()));
    // A bill that was changed since is not used.
    let listed = stdout(&run(&shop, &["bill", "list", "--output", "json"]).await);
    let bill = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let bill = bill.into_iter().find(|bill| bill["date"] == *date && bill["kind"] == "trade").unwrap();
    let path = bill["path"].as_str().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, text.replacen("JSAPI", "JSAPJ", 1).replacen("NATIVE", "NATIVF", 1)).unwrap();
    assert_eq!(status(&run(&shop, &["reconcile", &date, "--offline"]).await), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_is_listed_carried_and_closed_with_a_reason() {
    let shop = Shop::open(0).await;
    let folder = TempDir::new().unwrap();
    let world = Books::make(Plan { seed: 5, rows: 50, planted: 1 });
    let bills = bill_arguments(&world.write_bills(folder.path()));
    let orders = folder.path().join("orders.csv");
    std::fs::write(&orders, world.orders_csv()).unwrap();
    let bills: Vec<&str> = bills.iter().map(String::as_str).collect();
    let first = [&["reconcile", DAY, "--against", orders.to_str().unwrap()][..], &bills].concat();
    let text = run(&shop, &first).await;
    assert_eq!(status(&text), 1, "{}", stderr(&text));
    for class in ["Surplus", "Shortage", "Duplicate", "Refund without payment", "Trade and fund flow differ"] {
        assert!(stdout(&text).contains(class), "{class}: {}", stdout(&text));
    }
    assert!(stderr(&text).contains("11 differences are open"), "{}", stderr(&text));
    let chinese = run(&shop, &[&first[..], &["--lang", "zh-CN"]].concat()).await;
    assert!(stdout(&chinese).contains("长款") && stdout(&chinese).contains("日切一致"), "{}", stdout(&chinese));

    let open = run(&shop, &["reconcile", "open", "--output", "json"]).await;
    assert_eq!(status(&open), 1);
    let open = documents(&open);
    assert_eq!(open.len(), world.planted.len());
    // The shortage's money comes a day later: it is in no difference of that day, and closes the old one.
    let late = open.iter().find(|held| held["class"] == "shortage" && held["movement"] == "payment").unwrap();
    let number = late["number"].as_str().unwrap();
    let amount = late["amount"].as_str().unwrap().trim_start_matches('-');
    let bill = format!(
        "交易时间,商户订单号,交易状态,订单金额\n`2026-11-22 10:00:00,`{number},`SUCCESS,`{amount}\n总交易单数,订单总金额\n`1,`{amount}\n"
    );
    let (late_bill, none) = (folder.path().join("late.csv"), folder.path().join("none.csv"));
    std::fs::write(&late_bill, bill).unwrap();
    std::fs::write(&none, "订单号,金额,支付时间\n").unwrap();
    let next = ["reconcile", "2026-11-22", "--against", none.to_str().unwrap(), "--bill", late_bill.to_str().unwrap()];
    // With the account in place of orders: the bill alone shows that the money has come. Then with orders, twice.
    let flow = folder.path().join("late-flow.csv");
    let account = format!(
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),业务凭证号\n\
         `2026-11-22 10:00:00,`42,`1,`交易,`交易,`收入,`{amount},`1.00,`{number}\n\
         资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1,`1,`{amount},`0,`0.00\n"
    );
    std::fs::write(&flow, account).unwrap();
    let alone = ["reconcile", "2026-11-22", "--bill", late_bill.to_str().unwrap(), "--bill", flow.to_str().unwrap()];
    for (arguments, settled) in [(&alone[..], 1), (&next, 0), (&next, 0)] {
        let done = documents(&run(&shop, &[arguments, &["--json"]].concat()).await);
        assert_eq!((&done[0]["differences"], &done[0]["settled"]), (&0.into(), &settled.into()), "{}", done[0]);
        assert_eq!(done[1]["parts"]["held-over"]["count"], 1, "{}", done[1]);
    }
    // The others are closed by a person.
    let mut left = 0;
    for held in documents(&run(&shop, &["reconcile", "open", "--output", "json"]).await) {
        let id = held["id"].to_string();
        let empty = run(&shop, &["reconcile", "close", &id, "--reason", " "]).await;
        assert_eq!(status(&empty), 2);
        let closed = run(&shop, &["reconcile", "close", &id, "--reason", "已核实", "--read-only"]).await;
        assert_eq!(status(&closed), 0, "{}", stderr(&closed));
        left += 1;
    }
    assert_eq!(left, world.planted.len() - 1);
    assert_eq!(status(&run(&shop, &["reconcile", "open"]).await), 0);
    let again = run(&shop, &first).await;
    assert!(stdout(&again).contains("closed"), "{}", stdout(&again));
    let journal = documents(&run(&shop, &["journal", "list", "--output", "json"]).await);
    assert_eq!(journal.len(), left);
    assert_eq!(journal[0]["intent"]["action"], "difference-close");
    assert_eq!((&journal[0]["intent"]["reason"], &journal[0]["intent"]["sent"]), (&"已核实".into(), &false.into()));
    assert_eq!(status(&run(&shop, &["journal", "verify"]).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_written_once_and_no_text_in_them_becomes_a_formula_or_markup() {
    let shop = Shop::open(0).await;
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(
        path("bill.csv"),
        "交易时间,商户订单号,交易状态,订单金额\n`2026-11-20 10:00:00,`=HYPERLINK(<b>),`SUCCESS,`12.30\n\
         `2026-11-20 10:00:00,`42000012345678901234,`SUCCESS,`1234567.89\n",
    )
    .unwrap();
    std::fs::write(path("orders.csv"), "订单号,金额,支付时间\nPAY-1,0.01,2026-11-20 10:00:00\n").unwrap();
    let (html, xlsx, csv) = (path("r.html"), path("r.xlsx"), path("r.csv"));
    let arguments = [
        "reconcile",
        DAY,
        "--bill",
        &path("bill.csv"),
        "--against",
        &path("orders.csv"),
        "--html",
        &html,
        "--xlsx",
        &xlsx,
        "--csv",
        &csv,
        "--lang",
        "zh-CN",
    ];
    let output = run(&shop, &arguments).await;
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.contains("'=HYPERLINK(<b>)") && text.contains("\"=\"\"42000012345678901234\"\"\""), "{text}");
    let page = std::fs::read_to_string(&html).unwrap();
    assert!(page.contains("=HYPERLINK(&lt;b&gt;)") && !page.contains("<b>"), "{page}");
    for outside in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(&xlsx).unwrap();
    use calamine::{Data, Reader};
    assert_eq!(workbook.sheet_names(), ["汇总", "长款", "短款", "挂账"]);
    let sheet = workbook.worksheet_range("长款").unwrap();
    let cell = |row, column| sheet.get_value((row, column)).cloned();
    let numbers = [1, 2].map(|row| cell(row, 3).unwrap());
    assert!(numbers.contains(&Data::String("42000012345678901234".into())), "{numbers:?}");
    assert!([1, 2].map(|row| cell(row, 7).unwrap()).contains(&Data::Float(1234567.89)));
    let again = run(&shop, &arguments).await;
    assert_eq!(status(&again), 1);
    assert_eq!(std::fs::read_to_string(&html).unwrap(), page, "what is there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_given_once_and_what_is_wrong_with_it_is_said() {
    let shop = Shop::open(0).await;
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(
        path("bill.csv"),
        "交易时间,商户订单号,交易状态,订单金额\n`2026-11-20 10:00:00,`A-1,`SUCCESS,`12.30\n",
    )
    .unwrap();
    std::fs::write(path("orders.csv"), "单据,价税合计,时刻\nA-1,1230,2026-11-20 02:00:00\n").unwrap();
    let (bill, orders) = (path("bill.csv"), path("orders.csv"));
    let common = ["reconcile", DAY, "--bill", &bill, "--against", &orders];
    let unknown = run(&shop, &common).await;
    assert_eq!(status(&unknown), 2);
    assert!(stderr(&unknown).contains("单据, 价税合计, 时刻"), "{}", stderr(&unknown));
    for map in ["number=x", "unit=jiao", "colour=x", "number"] {
        let wrong = run(&shop, &[&common[..], &["--map", map]].concat()).await;
        assert_eq!(status(&wrong), 2, "{map}: {}", stderr(&wrong));
    }
    let map = ["--map", "number=单据,amount=价税合计,time=时刻,unit=fen,zone=+00:00"];
    let given = run(&shop, &[&common[..], &map].concat()).await;
    assert_eq!(status(&given), 0, "{}{}", stdout(&given), stderr(&given));
    let kept = run(&shop, &[&common[..], &["--quiet"]].concat()).await;
    assert_eq!((status(&kept), stdout(&kept)), (0, String::new()), "{}", stderr(&kept));
    for wrong in ["2026-13-01", "2026-11-21..2026-11-20", "x"] {
        assert_eq!(status(&run(&shop, &["reconcile", wrong]).await), 2, "{wrong}");
    }
    let today = day(beijing_day(OffsetDateTime::now_utc()));
    assert_eq!(status(&run(&shop, &["reconcile", &today]).await), 1, "the day goes on");
}
