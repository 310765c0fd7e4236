//! A ledger of as many transactions as are wanted, as ledgers are: times, amounts and numbers in random order, documents
//! of 600 bytes, states that are rare. The same every time. Written in the ledger's own tables, because querying ten
//! million objects one after another takes hours.

use std::path::Path;

use paydeck::ledger::{Ledger, Store};
use rusqlite::{Connection, params};

/// A generator of numbers: the same ones every time.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Days over which the times are spread, before this one.
pub const DAYS: u64 = 90;

/// The number of the n-th transaction, counted from 0.
pub fn number(n: u64) -> String {
    format!("T{:09}{n:08}", Random::new(n).below(1_000_000_000))
}

/// Writes a new ledger of so many transactions of a profile (its key) whose latest times are `now`, in Unix milliseconds.
/// Their words are not in the index yet.
pub fn write(path: &Path, profile: &str, rows: u64, now: i64) {
    drop(Ledger::open(&Store::Sqlite(path.to_owned())).expect("a new ledger"));
    let connection = Connection::open(path).expect("it opens");
    fill(&connection, profile, rows, now).expect("it is filled");
}

fn fill(connection: &Connection, profile: &str, rows: u64, now: i64) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN IMMEDIATE")?;
    let mut found = connection.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name IN ('object', 'version') AND sql IS NOT NULL
         AND type IN ('index', 'trigger') ORDER BY type",
    )?;
    let aside = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let aside: Vec<(String, String, String)> = aside.collect::<Result<_, _>>()?;
    for (what, name, _) in &aside {
        connection.execute_batch(&format!("DROP {what} {name}"))?;
    }
    connection.execute("INSERT INTO list (id, profile, kind) VALUES (1, ?1, 'transaction')", [profile])?;
    let mut object = connection.prepare(
        "INSERT INTO object (id, list, number, origin, noted_at, words, version, verified_at, changed_at, source, final,
             state, platform_number, title, user, amount, currency, time)
         VALUES (?1, 1, ?2, 'bill', ?3, ?4, ?1, ?3, ?3, 'query', 1, ?5, ?6, ?7, ?8, ?9, 'CNY', ?10)",
    )?;
    let mut version = connection.prepare(
        "INSERT INTO version (id, object, seen_at, source, state, digest, document) VALUES (?1, ?1, ?2, 'query', ?3, ?4, ?5)",
    )?;
    let mut random = Random::new(1);
    for n in 0..rows {
        let state = match random.below(100_000) {
            0 => "PAYERROR",
            1..5_000 => "CLOSED",
            5_000..10_000 => "REFUND",
            _ => "SUCCESS",
        };
        let number = number(n);
        let platform = format!("4200001122{:09}{:09}", random.below(1_000_000_000), random.below(1_000_000_000));
        let user = format!("oTEST{:09}paydeck00000", random.below(1_000_000_000));
        let title = ["咖啡 大杯", "拿铁 中杯", "可颂", "气泡水"][random.below(4) as usize];
        let (fen, at) = (random.below(100_000) as i64 + 1, now - random.below(DAYS * 86_400_000) as i64);
        let words = format!("{number} {title} {user} {platform} {state}").to_lowercase();
        let mut document = format!(
            r#"{{"out_trade_no":"{number}","transaction_id":"{platform}","trade_state":"{state}","attach":"{title}","payer":{{"openid":"{user}"}},"amount":{{"total":{fen},"payer_total":{fen},"currency":"CNY","payer_currency":"CNY"}},"success_time":"2026-11-20T12:00:00+08:00","#
        );
        document.push_str(r#""appid":"wx0123456789abcdef","mchid":"1900000001","trade_type":"JSAPI","bank_type":"OTHERS","trade_state_desc":""#);
        while document.len() < 598 {
            document.push('.');
        }
        document.push_str("\"}");
        let id = n as i64 + 1;
        object.execute(params![id, number, at, words, state, platform, title, user, fen, at])?;
        version.execute(params![id, at, state, n.to_le_bytes(), document])?;
    }
    connection.execute_batch(
        "INSERT OR REPLACE INTO tally SELECT list, ifnull(state, ''), ifnull(currency, ''), count(*),
             sum(ifnull(amount, 0) >> 32), sum(ifnull(amount, 0) & 4294967295) FROM object GROUP BY 1, 2, 3",
    )?;
    for (_, _, sql) in &aside {
        connection.execute_batch(sql)?;
    }
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
}
