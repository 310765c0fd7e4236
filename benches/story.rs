//! The chain of any object on a ledger of a thousand plans; and noting a bill of 100,000 rows with what it says, beside
//! noting its numbers alone.

use std::io::Write;
use std::time::{Duration, Instant};

use paydeck::ledger::{Claim, Ledger, Source, Store};
use paydeck::model::bill::{Bill, BillFileRow, BillId, BillKind, BillRow, TradeRows};
use paydeck::model::{Kind, Object, ObjectId};
use paydeck::services::{Actor, Fresh, LedgerReader, Lookup, read_numbers};
use serde_json::{Value, json};
use time::macros::date;

const PLANS: usize = 1_000;
/// Sign plans of each plan, each with an order, what paid for it, and a refund.
const SIGNINGS: usize = 12;
const ROWS: usize = 100_000;

fn ledger(folder: &tempfile::TempDir, name: &str) -> Ledger {
    Ledger::open(&Store::Sqlite(folder.path().join(name))).expect("a ledger")
}

fn actor() -> Actor {
    Actor::new("shop", "1900000001", "bench", false, Default::default())
}

fn fresh(kind: Kind, document: &Value) -> Fresh {
    let object = Object::parse(kind, &document.to_string()).expect("a document");
    Fresh { object, verified_at: time::OffsetDateTime::now_utc(), source: Source::Query }
}

/// The objects of one plan.
fn plan(number: usize) -> Vec<Fresh> {
    let at = "2026-11-20T12:00:00+08:00";
    let mut made = vec![fresh(
        Kind::Plan,
        &json!({"merchant_plan_no": format!("P{number}"), "plan_id": format!("1{number:012}"), "plan_state": "NORMAL"}),
    )];
    for i in 0..SIGNINGS {
        let (one, id) = (format!("{number}-{i}"), format!("42{number:012}{i:012}"));
        let step = json!({"plan_detail_no": 1, "plan_detail_state": "USED", "use_time": at,
            "merchant_plan_detail_no": format!("O{one}")});
        let collection = json!({"state": "USER_PAID", "total_amount": 100, "paid_amount": 100,
            "details": [{"transaction_id": id, "amount": 100, "paid_time": "20261120120000"}]});
        made.extend([
            fresh(
                Kind::SignPlan,
                &json!({"merchant_sign_plan_no": format!("S{one}"), "plan_id": format!("1{number:012}"),
                    "sign_state": "SIGNED", "sign_time": at, "signed_detail_list": [step]}),
            ),
            fresh(
                Kind::ServiceOrder,
                &json!({"out_order_no": format!("O{one}"), "state": "DONE", "collection": collection}),
            ),
            fresh(
                Kind::Transaction,
                &json!({"out_trade_no": format!("T{one}"), "transaction_id": id, "trade_state": "REFUND",
                    "success_time": at, "amount": {"total": 100}}),
            ),
            fresh(
                Kind::Refund,
                &json!({"out_refund_no": format!("R{one}"), "out_trade_no": format!("T{one}"), "status": "SUCCESS",
                    "create_time": at, "success_time": at, "amount": {"refund": 1, "total": 100}}),
            ),
        ]);
    }
    made
}

/// How long the whole story of objects takes, each of another plan: the median and the longest.
fn stories(reader: &LedgerReader, kind: Kind, prefix: &str, suffix: &str) -> (Duration, Duration, usize) {
    let mut members = 0;
    let mut times: Vec<Duration> = (0..PLANS)
        .step_by(7)
        .map(|number| {
            let number = format!("{prefix}{number}{suffix}");
            let id = ObjectId::new(kind, paydeck::model::Number::parse(&number).expect("a number"));
            let start = Instant::now();
            let story = reader.whole_story(&id).expect("a story");
            let taken = start.elapsed();
            members = members.max(story.records(true).count());
            taken
        })
        .collect();
    times.sort();
    (times[times.len() / 2], times[times.len() - 1], members)
}

fn bill() -> String {
    let mut text =
        "交易时间,商户号,微信订单号,商户订单号,交易类型,交易状态,应结订单金额,商户退款单号,退款金额,退款状态,\
        商品名称,商户数据包,手续费,订单金额,申请退款金额\r\n"
            .to_owned();
    for i in 0..ROWS {
        let (kind, attach) =
            if i % 4 == 3 { ("AUTH", format!("wxzff|1000{i}|SO{i:06}")) } else { ("JSAPI", String::new()) };
        let part = if i % 5 == 4 {
            format!("`REFUND,`0.00,`RF{i:06},`1.00,`SUCCESS,`拿铁,`{attach},`0.00,`0.00,`1.00")
        } else {
            format!("`SUCCESS,`1.00,`0,`0.00,`,`拿铁,`{attach},`0.00,`1.00,`0.00")
        };
        text.push_str(&format!("`2026-11-20 12:00:00,`1900000001,`42{i:026},`T{i:08},`{kind},{part}\r\n"));
    }
    text
}

/// Notes the numbers of a bill, as an import does.
fn note(ledger: &Ledger, text: &str) {
    let numbers = read_numbers(text.as_bytes(), None).expect("numbers");
    let ids: Vec<ObjectId> = numbers
        .wanted
        .into_iter()
        .filter_map(|wanted| match wanted {
            Lookup::Object(id) => Some(id),
            Lookup::Number(..) => None,
        })
        .collect();
    ids.chunks(10_000).for_each(|ids| ledger.note(&actor().key, ids, Source::Bill).expect("they are noted"));
}

/// Stores the claims of its rows.
fn claim(ledger: &Ledger, text: &str) {
    let id = BillId { day: date!(2026 - 11 - 20), kind: BillKind::Trade(TradeRows::All) };
    let received_at = time::OffsetDateTime::now_utc();
    let mut bill = Bill::open(text.as_bytes()).expect("a bill");
    let (mut claims, mut number) = (Vec::new(), 0);
    while let Some(row) = bill.next_row().expect("a row") {
        number += 1;
        let BillFileRow::Trade(row) = row.expect("a whole row").row else { continue };
        let reference = BillRow { bill: id, row: number }.to_string();
        claims.extend(row.says().into_iter().map(|said| {
            let (source, reference) = (Source::Bill, reference.clone());
            let said_at = said.at.unwrap_or(received_at);
            (said.of, Claim { source, reference, fact: said.fact, amount: said.amount, said_at, received_at })
        }));
        if claims.len() >= 5_000 {
            ledger.claim(&actor().key, &claims).expect("they are noted");
            claims.clear();
        }
    }
    ledger.claim(&actor().key, &claims).expect("they are noted");
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let plans = ledger(&folder, "plans.db");
    for from in (0..PLANS).step_by(50) {
        let rows: Vec<Fresh> = (from..from + 50).flat_map(plan).collect();
        plans.put(&actor().key, &rows).expect("they are put");
    }
    let reader = LedgerReader::new(plans, &actor());
    for (kind, prefix, suffix) in [
        (Kind::Plan, "P", ""),
        (Kind::SignPlan, "S", "-3"),
        (Kind::ServiceOrder, "O", "-3"),
        (Kind::Transaction, "T", "-3"),
        (Kind::Refund, "R", "-3"),
    ] {
        let (median, longest, members) = stories(&reader, kind, prefix, suffix);
        println!("{:<12} {members:3} objects: median {median:?}, longest {longest:?}", kind.noun());
    }
    let text = bill();
    println!("a bill of {ROWS} rows, {} bytes", text.len());
    for round in 0..3 {
        let [alone, both] = ["alone", "both"].map(|name| ledger(&folder, &format!("{name}{round}.db")));
        let noted = timed(|| note(&alone, &text));
        let with_facts = timed(|| {
            note(&both, &text);
            claim(&both, &text);
        });
        let again = timed(|| claim(&both, &text));
        let ratio = with_facts.as_secs_f64() / noted.as_secs_f64();
        println!("numbers alone {noted:?}, with what it says {with_facts:?} ({ratio:.2}), said again {again:?}");
        std::io::stdout().flush().expect("it is printed");
    }
}
