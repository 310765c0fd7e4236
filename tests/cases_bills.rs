//! Files that people have: bills as WeChat Pay gives them, saved again, put one behind another, packed, cut, in other
//! encodings, and tables of their own. Each is read by `bill show`, as text and as JSON, and by `import`.

mod support;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use support::{Shop, json_errors, status, stderr, stdout};

/// The result of reading a file as bills.
enum Shown {
    /// Exit status 0 or 1; what is printed for a person, and members of the document.
    Read(i32, &'static [&'static str], &'static [(&'static str, Read)]),
    /// It is rejected with this message.
    Refused(&'static str),
}

/// A member of a document.
enum Read {
    Text(&'static str),
    Number(u64),
    Yes,
    No,
    Nothing,
}

/// The result of importing its numbers, which the sandbox does not have.
enum Imported {
    /// How many numbers are asked about, and the lines that are named.
    Asked(u64, &'static [u64]),
    /// Nothing is queried; the message.
    Refused(&'static str),
}

use Imported::Asked;
use Read::{No, Nothing, Number, Text, Yes};
use Shown::{Read as Shows, Refused};

struct Case(&'static str, Shown, Imported);

/// A bill of two payments and a refund.
const WHOLE: &[&str] = &["3 rows", "Payments  ¥40.80 ×2", "Refunds  ¥3.00 ×1", "Net  ¥37.51", "✓ The summary agrees"];
const WHOLE_JSON: &[(&str, Read)] = &[
    ("/rows", Number(3)),
    ("/totals/paid", Text("40.80")),
    ("/totals/requested", Text("3.00")),
    ("/totals/net", Text("37.51")),
    ("/summary/agrees", Yes),
    ("/sound", Yes),
];
const ONE: &[&str] = &["1 row\n", "Payments  ¥28.80 ×1", "Fees  ¥0.17", "✓ The summary agrees with the rows"];
const RESAVED: &str = "no backticks: another program has re-saved the file";
const NO_SUMMARY: &str = "✗ It has no summary: rows may be missing at its end";

const CASES: &[Case] = &[
    Case("bill-ok/bill.csv", Shows(0, WHOLE, WHOLE_JSON), Asked(3, &[])),
    Case("bill-gz-as-csv/bill.csv", Shows(0, WHOLE, WHOLE_JSON), Asked(3, &[])),
    Case("bill-gz-multi/bill.csv.gz", Shows(0, WHOLE, WHOLE_JSON), Asked(3, &[])),
    Case("bill-gz-cut/bill.csv.gz", Refused("It cannot be read to its end"), Imported::Refused("read to its end")),
    Case("bill-header-blanks/bill.csv", Shows(0, ONE, &[("/sound", Yes)]), Asked(1, &[])),
    Case(
        "bill-2018-partner-refunds/bill.csv",
        Shows(0, &["Refunds  ¥0.02 ×2", "Net  -¥0.02", "✓ The summary agrees"], &[("/totals/refunded", Text("0.02"))]),
        Asked(4, &[]),
    ),
    Case(
        "bill-2024-two-partial-refunds/bill.csv",
        Shows(
            0,
            &["Payments  ¥0.02 ×1", "Refunds  ¥0.02 ×2", "✓ The summary agrees"],
            &[("/totals/refunds", Number(2))],
        ),
        Asked(3, &[]),
    ),
    Case(
        "fund-ok/bill.csv",
        Shows(
            0,
            &["Income  ¥28.80 ×1", "Expenses  ¥3.00 ×1", "Net  ¥25.80", "✓ The summary agrees"],
            &[("/sound", Yes)],
        ),
        Asked(2, &[]),
    ),
    Case("bill-consumer/bill.csv", Refused("not a merchant’s bill"), Imported::Refused("not a merchant’s bill")),
    Case(
        "bill-concat-two-days/bill.csv",
        Shows(
            0,
            &["6 rows", "Payments  ¥81.60 ×4", "✓ 2 bills in one file; the summaries of 2 agree"],
            &[("/rows", Number(6)), ("/bills/1/line", Number(7)), ("/bills/1/summary/agrees", Yes), ("/sound", Yes)],
        ),
        Asked(5, &[]),
    ),
    Case(
        "fund-concat/bill.csv",
        Shows(0, &["2 rows", "Income  ¥57.60 ×2", "✓ 2 bills in one file"], &[("/summary/agrees", Yes)]),
        Asked(1, &[]),
    ),
    Case(
        "bill-two-headers-no-summary/bill.csv",
        Shows(
            1,
            &["2 rows", "Payments  ¥57.60 ×2", "✗ From line 3: It has no summary"],
            &[("/rows", Number(2)), ("/summary", Nothing), ("/sound", No)],
        ),
        Asked(2, &[]),
    ),
    Case(
        "bill-rows-after-summary/bill.csv",
        Shows(
            1,
            &["3 rows", "Payments  ¥86.40 ×3", "✗ From line 5: It has no summary"],
            &[("/rows", Number(3)), ("/bills/0/summary/agrees", Yes), ("/bills/1/summary", Nothing)],
        ),
        Asked(3, &[]),
    ),
    Case(
        "bill-no-backticks/bill.csv",
        Shows(0, &["3 rows", "Net  ¥37.51", "✓ The summary agrees", RESAVED], &[("/resaved", Number(3))]),
        Asked(3, &[]),
    ),
    Case(
        "bill-reduced-columns/bill.csv",
        Shows(
            0,
            &["2 rows", "Payments  ¥149.00 ×2", "✓ The summary agrees", RESAVED],
            &[("/summary/compared/0", Text("总交易单数")), ("/summary/compared/1", Nothing)],
        ),
        Asked(2, &[]),
    ),
    Case(
        "bill-reduced-columns-summary2/bill.csv",
        Shows(0, &["Payments  ¥13.00 ×1", "Refunds  ¥13.00 ×1", "✓ The summary agrees"], &[("/sound", Yes)]),
        Asked(3, &[]),
    ),
    Case(
        "bill-tab-prefixed/bill.csv",
        Shows(
            1,
            &["1 row\n", "Payments  ¥28.80 ×1", RESAVED, NO_SUMMARY],
            &[("/rows", Number(1)), ("/summary", Nothing)],
        ),
        Asked(1, &[]),
    ),
    Case("bill-apostrophe-prefixed/bill.csv", Shows(0, ONE, &[("/resaved", Number(1))]), Asked(1, &[])),
    Case("bill-cr-only/bill.csv", Shows(0, ONE, &[("/sound", Yes)]), Asked(1, &[])),
    Case(
        "bill-scientific/bill.csv",
        Shows(
            1,
            &["2 rows", "Payments  ¥57.60 ×2", "✗ Line 2: 微信订单号 has lost digits", "✓ The summary agrees"],
            &[("/rows", Number(2)), ("/lost_digits/1/line", Number(3)), ("/sound", No)],
        ),
        Asked(0, &[2, 3]),
    ),
    Case(
        "bill-gbk/bill.csv",
        Shows(
            0,
            &["3 rows", "Net  ¥37.51", "– Read as GB18030, not UTF-8 (which includes GBK"],
            &[("/encoding", Text("GB18030"))],
        ),
        Asked(3, &[]),
    ),
    Case(
        "bill-utf16/bill.csv",
        Shows(0, &["3 rows", "Net  ¥37.51", "– Read as UTF-16LE, not UTF-8"], &[("/encoding", Text("UTF-16LE"))]),
        Asked(3, &[]),
    ),
    Case("bill-zip/bill.zip", Refused("a ZIP archive"), Imported::Refused("a ZIP archive")),
    Case("bill-zip-deflated/bill.zip", Refused("a ZIP archive"), Imported::Refused("Unpack it first")),
    Case("bill-xlsx/bill.xlsx", Refused("an Excel workbook (XLSX)"), Imported::Refused("an Excel workbook (XLSX)")),
    Case(
        "bill-revoked-as-refund/bill.csv",
        Shows(
            0,
            &["Payments  ¥10.00 ×1", "Refunds  ¥10.00 ×1", "Net  ¥0.00", "✓ The summary agrees"],
            &[("/totals/refunds", Number(1)), ("/totals/net", Text("0.00"))],
        ),
        Asked(1, &[]),
    ),
    Case(
        "bill-hkd/bill.csv",
        Shows(
            0,
            &["Payments  HK$28.80 ×1 · ¥28.80 ×1", "Fees  HK$0.17 · ¥0.17", "agrees with the rows in 总交易单数; not"],
            &[
                ("/totals/paid", Nothing),
                ("/totals/currencies/0/currency", Text("HKD")),
                ("/totals/currencies/0/paid", Text("28.80")),
                ("/totals/currencies/1/paid", Text("28.80")),
                ("/summary/not_compared/0", Text("应结订单总金额")),
            ],
        ),
        Asked(2, &[]),
    ),
    Case(
        "statement-global-show/statement.csv",
        Shows(
            0,
            &[
                "Payments  HK$270.00 ×3 · JP¥9,600 ×1\n",
                "Refunds  US$16.48 ×2\n",
                "Fees  HK$2.70 · -US$0.14 · JP¥96\n",
                "Net  HK$267.30 · -US$16.34 · JP¥9,504\n",
                "– WeChat Pay Global statements have no summary",
                "19:00  +JP¥9,600 ×1\n",
            ],
            &[("/totals/currencies/1/requested", Text("16.48")), ("/totals/currencies/2/fee", Text("96"))],
        ),
        Asked(7, &[]),
    ),
    Case("numbers-own-csv-2/orders.csv", Refused("does not begin with the header of a bill"), Asked(1, &[])),
    Case("numbers-own-csv-3/orders.csv", Refused("does not begin with the header of a bill"), Asked(1, &[])),
    Case("numbers-own-csv-gbk/orders.csv", Refused("does not begin with the header of a bill"), Asked(1, &[])),
    Case("numbers-scientific/orders.csv", Refused("does not begin with the header of a bill"), Asked(0, &[2, 3])),
    Case(
        "limits/min-bill-header-again.csv",
        Shows(1, &["2 rows", "Payments  ¥3.00 ×2", "✗ From line 1:", "✗ From line 3:"], &[("/summary", Nothing)]),
        Asked(2, &[]),
    ),
    Case(
        "limits/min-bill-odd-line-then-row.csv",
        Shows(
            1,
            &["2 rows", "✗ Line 3: it is neither a row nor a summary", "✗ 1 line is left out", NO_SUMMARY],
            &[("/rows", Number(2)), ("/bad_lines", Number(1)), ("/bad/0/line", Number(3))],
        ),
        Asked(2, &[3]),
    ),
    Case(
        "limits/min-bill-odd-line-at-end.csv",
        Shows(1, &["2 rows", "Payments  ¥3.00 ×2", NO_SUMMARY], &[("/bad_lines", Number(0)), ("/resaved", Number(1))]),
        Asked(2, &[]),
    ),
    Case(
        "limits/min-bill-row-after-summary.csv",
        Shows(1, &["2 rows", "Payments  ¥3.00 ×2", "✗ From line 5: It has no summary"], &[("/sound", No)]),
        Asked(2, &[]),
    ),
    Case(
        "limits/min-bill-two-summaries.csv",
        Shows(
            1,
            &[
                "✗ The summary says 总交易单数 3, but the rows add up to 1\n",
                "订单总金额 9.00, but the rows add up to 1.00",
            ],
            &[("/summary/agrees", No), ("/summary/disagreements/0/rows", Text("1"))],
        ),
        Asked(1, &[]),
    ),
    Case(
        "limits/min-bill-console-other-than-cli.csv",
        Shows(
            1,
            &["1 row\n", "✗ Line 3: it is neither", "✗ Line 4: 交易时间 cannot be read", "✗ 2 lines are left out"],
            &[("/rows", Number(1)), ("/bad_lines", Number(2))],
        ),
        Asked(1, &[3, 4]),
    ),
    Case(
        "limits/min-import-fundflow-cut-row.csv",
        Shows(
            1,
            &["1 row\n", "✗ Line 3: it has 7 fields, but its header has 6", "✗ Line 4: it has 5 fields"],
            &[("/rows", Number(1)), ("/bad/1/line", Number(4))],
        ),
        Asked(1, &[3, 4]),
    ),
    Case(
        "limits/min-statement-header-again.csv",
        Refused("does not begin with the header of a bill"),
        Asked(0, &[1, 2, 3, 4, 5]),
    ),
    Case(
        "limits/min-bill-count-as-money.csv",
        Shows(
            1,
            &["✗ The summary says 总交易单数 7, but the rows add up to 1\n"],
            &[("/summary/disagreements/0/rows", Text("1"))],
        ),
        Asked(1, &[]),
    ),
    Case(
        "limits/min-bill-saturated.csv",
        Shows(1, &["Payments  ¥184,467,440,737,095,516.14 ×2\n"], &[("/totals/paid", Text("184467440737095516.14"))]),
        Asked(1, &[]),
    ),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Runs the binary without keeping this thread from the gateway.
async fn run(shop: &Shop, arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let config = shop.config_path();
    let run = move || support::binary().arg("--config").arg(config).args(arguments).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn check(document: &Value, members: &[(&str, Read)], name: &str) {
    for (place, expected) in members {
        let expected = match expected {
            Text(text) => json!(text),
            Number(number) => json!(number),
            Yes => json!(true),
            No => json!(false),
            Nothing => Value::Null,
        };
        assert_eq!(document.pointer(place).unwrap_or(&Value::Null), &expected, "{name} {place}: {document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_is_shown_whole_or_what_is_missing_from_it_is_named() {
    let shop = Shop::open(20).await;
    for Case(name, shown, _) in CASES {
        let file = folder().join(name).display().to_string();
        let text = run(&shop, &["bill", "show", &file]).await;
        let document = run(&shop, &["bill", "show", &file, "--output", "json"]).await;
        match shown {
            Shows(expected, fragments, members) => {
                assert_eq!(status(&text), *expected, "{name}: {}{}", stdout(&text), stderr(&text));
                let printed = stdout(&text);
                for fragment in *fragments {
                    assert!(printed.contains(fragment), "{name}: no {fragment:?} in {printed}");
                }
                assert_eq!(printed.contains('✗'), *expected != 0, "{name}: {printed}");
                assert_eq!(stderr(&text).is_empty(), *expected == 0, "{name}: {}", stderr(&text));
                assert_eq!(status(&document), *expected, "{name}");
                let report: Value = serde_json::from_str(&stdout(&document)).unwrap();
                check(&report, members, name);
                assert_eq!(report["sound"], *expected == 0, "{name}");
                assert_eq!(json_errors(&document).len(), usize::from(*expected != 0), "{name}");
                // Every counted row is printed, and every other line is printed as malformed.
                let rows = stdout(&run(&shop, &["bill", "show", &file, "--rows", "--output", "json"]).await);
                let lines = report["rows"].as_u64().unwrap() + report["bad_lines"].as_u64().unwrap();
                assert_eq!(rows.lines().count() as u64, lines, "{name}: {rows}");
            }
            Refused(words) => {
                assert_eq!((status(&text), stdout(&text).as_str()), (1, ""), "{name}");
                assert!(stderr(&text).contains(words), "{name}: {}", stderr(&text));
                assert_eq!((status(&document), stdout(&document).as_str()), (1, ""), "{name}");
                let error = json_errors(&document).remove(0);
                assert!(error["message"].as_str().unwrap().contains(words), "{name}: {error}");
                assert!(error["advice"].is_string(), "{name}: {error}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_reads_the_same_lines_and_asks_about_nothing_else() {
    let shop = Shop::open(20).await;
    for Case(name, _, imported) in CASES {
        let file = folder().join(name).display().to_string();
        let before = shop.gateway.requests().len();
        let output = run(&shop, &["import", &file, "--query", "--refresh", "--output", "json"]).await;
        // Nothing of it is in the sandbox.
        assert_eq!(status(&output), 1, "{name}: {}", stderr(&output));
        match imported {
            Asked(total, malformed) => {
                let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
                let lines: Vec<u64> =
                    report["malformed"].as_array().unwrap().iter().map(|one| one["line"].as_u64().unwrap()).collect();
                assert_eq!((report["total"].as_u64(), &*lines), (Some(*total), *malformed), "{name}: {report}");
            }
            Imported::Refused(words) => {
                let errors = json_errors(&output);
                let words_in = |member: &str| errors[0][member].as_str().is_some_and(|text| text.contains(words));
                assert!(words_in("message") || words_in("advice"), "{name}: {errors:?}");
                assert_eq!((stdout(&output).as_str(), shop.gateway.requests().len()), ("", before), "{name}");
            }
        }
    }
}

#[test]
fn every_file_of_the_folder_is_a_case() {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(folder()).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().file_name();
            found.push(format!("{}/{}", folder.file_name().unwrap().display(), file.display()));
        }
    }
    found.retain(|file| {
        ["bill-", "fund-", "numbers-", "statement-", "limits/min-bill"].iter().any(|of| file.starts_with(of))
    });
    for file in found {
        assert!(CASES.iter().any(|Case(name, ..)| *name == file), "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_without_rows_or_without_anything_is_said_to_be_so() {
    let shop = Shop::open(20).await;
    let folder = tempfile::tempdir().unwrap();
    let header = "交易时间,商户订单号,订单金额\n";
    for (text, words) in [
        ("", "it is empty"),
        ("\u{feff}\r\n\r\n", "it is empty"),
        (header, "✗ It has no rows"),
        (&format!("{header}总交易单数,订单总金额\n`0,`0.00\n"), "✗ It has no rows"),
        (
            &format!("{header}`2025-10-09 16:53:41,`T-1,`1.00\n总交易单数\n"),
            "✗ Line 3: the summary’s figures are named",
        ),
        (&format!("{header}`2025-10-09 16:53:41,`T-1,`1.00\n`2025-10-09 16:53:4"), "✗ Line 3: it has 1 fields"),
        (&format!("{header}`2025-10-09 25:00:00,`T-1,`1.00\n"), "✗ Line 2: 交易时间 cannot be read"),
    ] {
        let file = folder.path().join("bill.csv");
        std::fs::write(&file, text).unwrap();
        let output = run(&shop, &["bill", "show", file.to_str().unwrap()]).await;
        assert_eq!(status(&output), 1, "{text}");
        let printed = stdout(&output) + &stderr(&output);
        assert!(printed.contains(words), "{text}: {printed}");
    }
    // Times in the spellings of WeChat Pay and of spreadsheets.
    let rows = "`2025/10/9 16:53:41,`T-1,`1.00\n`2025-10-09   16：53：42,`T-2,`2.00\n总交易单数\n`2\n";
    let file = folder.path().join("times.csv");
    std::fs::write(&file, format!("{header}{rows}")).unwrap();
    let output = run(&shop, &["bill", "show", file.to_str().unwrap()]).await;
    assert!(stdout(&output).contains("16:00  +¥3.00 ×2"), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(status(&output), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_for_a_spreadsheet_keep_every_column_and_every_digit() {
    let shop = Shop::open(20).await;
    let bill = folder().join("bill-ok/bill.csv").display().to_string();
    let to = tempfile::tempdir().unwrap();
    let to = to.path().join("rows.csv").display().to_string();
    let written = run(&shop, &["bill", "show", &bill, "--rows", "--spreadsheet", &to]).await;
    assert_eq!(status(&written), 0, "{}", stderr(&written));
    let text = std::fs::read_to_string(&to).unwrap();
    assert!(text.starts_with("\u{feff}交易时间,公众账号ID,") && text.contains("\r\n"), "{text}");
    assert!(text.contains(",\"=\"\"4200009999202510090000000001\"\"\","), "{text}");
    let original = std::fs::read_to_string(&bill).unwrap();
    let header = |text: &str| text.lines().next().map(str::to_owned);
    assert_eq!(header(&text), header(&original));
    let printed = run(&shop, &["bill", "show", &bill, "--spreadsheet", "-"]).await;
    assert_eq!((status(&printed), stdout(&printed)), (0, text));
    let again = run(&shop, &["bill", "show", &bill, "--spreadsheet", &to]).await;
    assert_eq!(status(&again), 1, "a file that is there stays as it is");
}
