//! A million rows of a trade bill against a million orders: the time and the memory of reading and comparing both, beside
//! DuckDB's full outer join of the same two files where `duckdb` is on the path. `ROWS=100000` makes it smaller.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

#[path = "../tests/support/books.rs"]
mod books;

use books::{AFTER, BEFORE, Books, DAY, Plan};
use paydeck::ledger::{Ledger, Store};
use paydeck::model::reconcile::Period;
use paydeck::services::reconcile::{ReconcileRequest, compare_files};
use time::macros::date;

/// What is promised: at most so many times DuckDB's, and so many megabytes.
const TARGET: (f64, f64) = (2.0, 300.0);

fn main() {
    if let Some(folder) = std::env::var_os("MEASURED") {
        return measured(Path::new(&folder));
    }
    let rows: usize = std::env::var("ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    {
        let world = Books::make(Plan { seed: 1, rows, planted: 10 });
        world.write_bills(folder.path());
        std::fs::write(path("orders.csv"), world.orders_csv()).expect("it is written");
    }
    // In a process of its own: the memory that made the world is not counted.
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).env("MEASURED", folder.path()).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let ours: f64 = text.split_whitespace().next().and_then(|word| word.parse().ok()).expect("seconds");
    let peak: f64 = text.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("megabytes");
    println!(
        "reconcile   {rows} rows: {ours:.2} s, peak {peak:.0} MB; target {} MB: {}",
        TARGET.1,
        met(peak <= TARGET.1)
    );
    match duckdb(&path(&format!("trade-{DAY}.csv")), &path("orders.csv")) {
        Some(peer) => {
            let ratio = ours / peer;
            println!(
                "DuckDB      {peer:.2} s; ours {ratio:.2} × it, target {} ×: {}",
                TARGET.0,
                met(ratio <= TARGET.0)
            );
        }
        None => println!("DuckDB      not on the path: there is nothing to compare with"),
    }
}

/// Compares the files of a folder, and prints the seconds and the megabytes at the peak.
fn measured(folder: &Path) {
    let store = Store::parse("sqlite:ledger.db", |name| folder.join(name)).expect("a store");
    let ledger = Ledger::open(&store).expect("a ledger");
    let period = Period { from: date!(2026 - 11 - 20), to: date!(2026 - 11 - 20) };
    let bills = [BEFORE, DAY, AFTER].map(|day| folder.join(format!("trade-{day}.csv"))).to_vec();
    let against = Some(folder.join("orders.csv"));
    let request = ReconcileRequest { against, bills, ..ReconcileRequest::new(period) };
    let begin = Instant::now();
    let result = compare_files(&ledger, "shop/1900000001", &request).expect("a reconciliation");
    let seconds = begin.elapsed().as_secs_f64();
    println!("{seconds} {} {}", megabytes("VmHWM:"), result.result.len());
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "not met" }
}

/// Seconds that DuckDB takes to join the two files; `None` without it.
fn duckdb(bill: &Path, orders: &Path) -> Option<f64> {
    let query = format!(
        "SELECT count(*) FROM (SELECT replace(\"商户订单号\", '`', '') AS n, replace(\"订单金额\", '`', '') AS a
           FROM read_csv('{}', all_varchar = true, header = true, ignore_errors = true, null_padding = true)) b
         FULL OUTER JOIN (SELECT \"订单号\" AS n, \"金额(元)\" AS a FROM read_csv('{}', all_varchar = true, header = true)) o
         ON b.n = o.n WHERE b.a IS DISTINCT FROM o.a;",
        bill.display(),
        orders.display(),
    );
    let begin = Instant::now();
    let output = Command::new("duckdb").arg("-c").arg(query).output().ok()?;
    if !output.status.success() {
        let _ = std::io::stderr().write_all(&output.stderr);
        return None;
    }
    Some(begin.elapsed().as_secs_f64())
}

/// A figure of this process in megabytes; 0 where the system has none.
fn megabytes(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
