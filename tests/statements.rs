//! The statements of WeChat Pay Global: saved when they are what was signed, and their rows taken into the ledger.

mod support;

use paydeck::api::{ApiError, Client, Untrusted};
use paydeck::model::EndpointId;
use paydeck::model::time::{Duration, compact_day};
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::Value;
use support::{Shop, status, stderr, stdout};
use time::OffsetDateTime;

/// The profiles of the sandbox's two Global merchants, and the numbers that identify them in a request.
const PROFILES: [(&str, &[(&str, &str)]); 2] = [
    ("global", &[("sp_mchid", "1610000001"), ("sub_mchid", "1610000088")]),
    ("global-direct", &[("mchid", "1610000002")]),
];

fn json_lines(output: &std::process::Output) -> Vec<Value> {
    assert_eq!(status(output), 0, "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A day in the past of which there is a statement.
async fn day_with_trade(client: &Client) -> String {
    for days in 2..10 {
        let day = compact_day(OffsetDateTime::now_utc() - Duration::days(days));
        if client.statement(&day).await.is_ok() {
            return day;
        }
    }
    panic!("no day has a statement");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_written_only_if_its_signed_digest_is_that_of_its_bytes() {
    let shop = Shop::open(10).await;
    for (profile, ids) in PROFILES {
        let client = shop.client_of(profile);
        let day = day_with_trade(&client).await;
        let to = shop.folder.path().join(format!("{profile}.csv"));
        let path = to.display().to_string();
        let save = || shop.paydeck(&["--profile", profile, "bill", "statement", &day, "--to", &path]);
        for fault in [Fault::Altered, Fault::BadSignature, Fault::NoSignature, Fault::UnknownSerial] {
            shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::GlobalStatement), fault.clone());
            let refused = save();
            assert_eq!((status(&refused), to.exists()), (4, false), "{fault:?}: {}", stderr(&refused));
        }
        let saved = save();
        assert_eq!(status(&saved), 0, "{}", stderr(&saved));
        let text = std::fs::read_to_string(&to).unwrap();
        assert!(text.starts_with("交易时间,公众账号ID,") && stderr(&saved).contains("SHA-1"), "{}", stderr(&saved));
        assert_eq!(status(&save()), 1, "an existing file stays");
        let rows = json_lines(&shop.paydeck(&["--profile", profile, "--output", "json", "bill", "statement", &day]));
        assert_eq!(rows.len(), text.lines().count() - 1);
        assert!(rows.iter().all(|row| row["商户号"] == ids[0].1), "{profile}");
        for to in [&[][..], &["--to", "-"]] {
            let printed = shop.paydeck(&[&["--profile", profile, "bill", "statement", &day], to].concat());
            assert_eq!(stdout(&printed), text);
        }
    }
    let run = |day: &str| shop.paydeck(&["--profile", "global", "--output", "json", "bill", "statement", day]);
    assert_eq!(status(&run("tomorrow")), 2);
    let asked = shop.gateway.requests().len();
    let yesterday = run("yesterday");
    assert!(status(&yesterday) < 2, "in the morning it is not made yet: {}", stderr(&yesterday));
    assert!(shop.gateway.requests()[asked..].iter().any(|request| request.target.contains("/statements?")));
    let today = run(&compact_day(OffsetDateTime::now_utc()));
    assert!(status(&today) == 1 && stderr(&today).contains("STATEMENT_CREATING"), "{}", stderr(&today));
    let nothing = run(&compact_day(OffsetDateTime::now_utc() - Duration::days(100)));
    assert!(status(&nothing) == 1 && stderr(&nothing).contains("NO_STATEMENT_EXIST"), "{}", stderr(&nothing));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_statement_is_distinguished_from_a_wrong_signature() {
    let shop = Shop::open(10).await;
    let client = shop.client_of("global");
    let day = day_with_trade(&client).await;
    let reason = async |fault: Fault| {
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::GlobalStatement), fault);
        match client.statement(&day).await {
            Err(ApiError::Untrusted { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(reason(Fault::Altered).await, Untrusted::Digest));
    assert!(matches!(reason(Fault::BadSignature).await, Untrusted::Signature(_)));
    assert!(matches!(reason(Fault::NoSignature).await, Untrusted::Unsigned { .. }));
    // A rate limit and a server error are retried, as with every read.
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::GlobalStatement), Fault::FailBefore);
    assert!(client.statement(&day).await.unwrap().text.starts_with("交易时间"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_statement_are_transactions_and_its_day_is_reconciled_from_them() {
    let shop = Shop::open(10).await;
    for (profile, _) in PROFILES {
        let day = day_with_trade(&shop.client_of(profile)).await;
        let run =
            |arguments: &[&str]| shop.paydeck(&[&["--profile", profile, "--output", "json"][..], arguments].concat());
        let to = shop.folder.path().join(format!("{profile}-taken.csv")).display().to_string();
        let saved = json_lines(&run(&["bill", "statement", &day, "--to", &to])).remove(0);
        let rows = saved["rows"].as_u64().unwrap();
        assert_eq!((&saved["taken"]["rows"], &saved["taken"]["verified"]), (&rows.into(), &true.into()), "{saved}");
        assert_eq!(saved["taken"]["bills"][0]["kind"], "statement");
        let listed = json_lines(&run(&["transaction", "list", "--cached"]));
        assert!(listed.iter().any(|row| row["source"] == "bill"), "{listed:?}");
        // Without a file, and without asking WeChat Pay: the other side is the merchant's orders.
        let statement = std::fs::read_to_string(&to).unwrap();
        let header: Vec<&str> = statement.lines().next().unwrap().trim_start_matches('\u{feff}').split(',').collect();
        let column = |name: &str| header.iter().position(|own| *own == name);
        let number = column("商户订单号").unwrap();
        let mut orders = String::from("订单号,金额\n");
        for line in statement.lines().filter(|line| line.starts_with('`')) {
            let cells: Vec<&str> = line[1..].split(",`").collect();
            orders += &format!("{},1.00\n", cells[number]);
        }
        let path = shop.folder.path().join(format!("{profile}-orders.csv"));
        std::fs::write(&path, orders).unwrap();
        let asked = shop.gateway.requests().len();
        let dashed = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
        let arguments = ["reconcile", &dashed, "--offline", "--against", path.to_str().unwrap()];
        let reconciled = run(&arguments);
        assert!(status(&reconciled) < 2, "{}", stderr(&reconciled));
        assert_eq!(shop.gateway.requests().len(), asked);
        let documents: Vec<Value> =
            stdout(&reconciled).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let trade = documents.iter().filter(|one| one["what"] == "balance" && one["side"] == "trade");
        assert_eq!(trade.map(|one| one["count"].as_u64().unwrap()).sum::<u64>(), rows, "{documents:?}");
        // A kept statement that was changed is not used.
        let kept = shop.folder.path().join("bills");
        let mut files = Vec::new();
        let mut folders = vec![kept];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => files.push(entry.path()),
                }
            }
        }
        let name = format!("statement-{dashed}.csv");
        let file = files.iter().find(|file| {
            file.to_string_lossy().ends_with(&name) && std::fs::read_to_string(file).is_ok_and(|text| text == statement)
        });
        std::fs::write(file.unwrap(), statement.replacen(",`", ",` ", 1)).unwrap();
        assert_eq!(status(&run(&arguments)), 4);
    }
}
