//! The rows of a trade bill taken into a ledger: hashed, parsed, added up, indexed and durable; beside `sqlite3` importing
//! the same file into a table with the same indexes, and DuckDB if it is there, in the same run. `cargo bench --bench import
//! -- [ROWS] [ROWS]`: with a second number, also the time per row at that size, and the memory.

#[path = "support/owed.rs"]
mod owed;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use owed::report;
use paydeck::ledger::{Ledger, Store};
use paydeck::services::{Actor, FileIntake};

const ROWS: u64 = 1_000_000;

/// A generator of numbers: the same ones every time.
struct Lcg(u64);

impl Lcg {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// Writes a bill of all transactions with so many rows; one in twenty is a refund.
fn write_bill(path: &Path, rows: u64) -> std::io::Result<()> {
    const HEADER: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
        货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,\
        订单金额,申请退款金额,费率备注\r\n";
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Lcg(42);
    out.write_all(HEADER.as_bytes())?;
    let (mut paid, mut refunded, mut fees) = (0_i64, 0_i64, 0_i64);
    for row in 0..rows {
        let second = random.next(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let (a, b) = (random.next(1_000_000_000), random.next(1_000_000_000));
        let (fen, user) = (i64::try_from(random.next(100_000)).unwrap_or(0) + 1, random.next(1_000_000_000));
        let kind = ["JSAPI", "NATIVE", "APP", "MICROPAY"][usize::try_from(random.next(4)).unwrap_or(0)];
        let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
        write!(
            out,
            "`2026-11-26 {hour:02}:{minute:02}:{second:02},`wx0123456789abcdef,`1900000001,`0,`,`4200001122{a:09}{b:09},\
             `TUI{b:09}{row:09},`oTEST{user:09}paydeck00000,`{kind},"
        )?;
        let amount = yuan(fen);
        if random.next(20) == 0 {
            refunded += fen;
            write!(
                out,
                "`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5030001122{b:09}{a:09},`RF{a:09}{row:09},`{amount},`0.00,`ORIGINAL,\
                 `SUCCESS,`拿铁 大杯,`desk={a},`0.00000,`0.60%,`0.00,`{amount},`\r\n"
            )?;
        } else {
            paid += fen;
            fees += 16_000;
            write!(
                out,
                "`SUCCESS,`OTHERS,`CNY,`{amount},`0.00,`0,`0,`0.00,`0.00,`,`,`拿铁 大杯,`desk={a},`0.16000,`0.60%,`{amount},\
                 `0.00,`\r\n"
            )?;
        }
    }
    let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
    let fee = format!("{}.{:05}", fees / 100_000, fees % 100_000);
    write!(
        out,
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`{rows},`{0},`{1},`0.00,`{fee},`{0},`{1}\r\n",
        yuan(paid),
        yuan(refunded)
    )?;
    out.into_inner()?.sync_all()
}

/// Taken into a new ledger in a process of its own, like a command: the time, and the most memory in MB.
fn ours(folder: &Path, bill: &Path) -> (Duration, u64) {
    let ledger = folder.join(format!("ours-{}.db", std::process::id()));
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", ledger.display()));
    }
    let exe = std::env::current_exe().expect("this program");
    let start = Instant::now();
    let output = Command::new(exe)
        .env("PAYDECK_BENCH_LEDGER", &ledger)
        .env("PAYDECK_BENCH_BILL", bill)
        .stderr(Stdio::inherit())
        .output()
        .expect("it runs");
    let took = start.elapsed();
    assert!(output.status.success(), "{output:?}");
    let memory = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0);
    let _ = std::fs::remove_file(ledger);
    (took, memory)
}

/// The work of [`ours`], in its process.
fn take_in(ledger: &Path, bill: &Path) {
    let ledger = Ledger::open(&Store::Sqlite(ledger.to_owned())).expect("a new ledger");
    let actor = Actor::new("shop", "1900000001", "bench", false, Default::default());
    let intake = FileIntake::new(ledger, &actor, "1900000001", bill.to_owned()).take().expect("it is taken in");
    assert!(intake.rows > 0 && !intake.already);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    println!("{}", kib / 1024);
}

/// `sqlite3` on the same file, into a table with the same indexes; `None` without the program.
fn sqlite3(folder: &Path, bill: &Path) -> Option<Duration> {
    let database = folder.join("peer.db");
    let _ = std::fs::remove_file(&database);
    let columns: Vec<String> = (1..=27).map(|column| format!("c{column} TEXT")).collect();
    let script = format!(
        "PRAGMA journal_mode = WAL;\nCREATE TABLE t ({});\nCREATE UNIQUE INDEX n ON t (c7, c16);\nCREATE INDEX p ON t (c6);\n\
         CREATE INDEX at ON t (c1);\nCREATE INDEX amount ON t (c25);\nCREATE INDEX state ON t (c10, c1);\n\
         CREATE INDEX mch ON t (c3);\n.mode csv\n.import --skip 1 '{}' t\n",
        columns.join(", "),
        bill.display()
    );
    let start = Instant::now();
    let mut child = Command::new("sqlite3")
        .arg(&database)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(script.as_bytes()).ok()?;
    child.wait().ok()?;
    let took = start.elapsed();
    let _ = std::fs::remove_file(database);
    Some(took)
}

fn duckdb(folder: &Path, bill: &Path) -> Option<Duration> {
    let database = folder.join("peer.duckdb");
    let _ = std::fs::remove_file(&database);
    let sql = format!(
        "CREATE TABLE t AS SELECT * FROM read_csv('{}', all_varchar = true, header = true, quote = '', null_padding = true)",
        bill.display()
    );
    let start = Instant::now();
    let status = Command::new("duckdb").arg(&database).arg("-c").arg(sql).stdout(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed())
}

fn main() {
    if let (Some(ledger), Some(bill)) =
        (std::env::var_os("PAYDECK_BENCH_LEDGER"), std::env::var_os("PAYDECK_BENCH_BILL"))
    {
        return take_in(Path::new(&ledger), Path::new(&bill));
    }
    let sizes: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let bill = folder.path().join("bill.csv");
    let rows = sizes.first().copied().unwrap_or(ROWS);
    write_bill(&bill, rows).expect("the bill is written");
    println!("{rows} rows, {} MB", std::fs::metadata(&bill).map_or(0, |file| file.len() / 1_000_000));
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        let (took, memory) = ours(folder.path(), &bill);
        let peer = sqlite3(folder.path(), &bill);
        best = (best.0.min(took), best.1.min(peer.unwrap_or(Duration::MAX)));
        let (took, own) = (took.as_secs_f64(), format!("{took:.2?}, {memory} MB"));
        match peer.map(|peer| peer.as_secs_f64()) {
            Some(peer) => report("import", &own, &format!("sqlite3 {peer:.2} s"), took / peer, ..=0.7),
            None => println!("import: {own}; sqlite3 is not here to compare with"),
        }
    }
    let ours_in_words = format!("{:.2?}", best.0);
    if let Some(peer) = duckdb(folder.path(), &bill) {
        let ratio = best.0.as_secs_f64() / peer.as_secs_f64();
        report("import", &ours_in_words, &format!("DuckDB {peer:.2?}"), ratio, ..=3.0);
    }
    if let Some(many) = sizes.get(1) {
        write_bill(&bill, *many).expect("the bill is written");
        let (took, memory) = ours(folder.path(), &bill);
        let each = |took: Duration, rows: u64| took.as_secs_f64() * 1e6 / rows as f64;
        let (one, two) = (each(best.0, rows), each(took, *many));
        let (own, other) = (format!("{took:.2?}, {two:.2} µs a row"), format!("{one:.2} µs a row of {rows}"));
        report(&format!("import of {many} rows"), &own, &other, two / one, ..=1.25);
        report("the same", &format!("{memory} MB"), "", memory as f64, ..=150.0);
    }
}
