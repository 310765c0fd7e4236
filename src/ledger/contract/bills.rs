//! The rows of bills as facts.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::{Place, at, fresh, id, paid};
use crate::ledger::engine::Engine;
use crate::ledger::{
    Anchor, BillStep, BillsTaken, Fresh, Listed, NewBill, NewBillRow, Query, Sort, SortBy, Source, Stop, WatchReason,
};
use crate::model::bill::{Bill, sha1_hex};
use crate::model::time::{Date, Duration, Timestamp, midnight, parse_day};
use crate::model::{Kind, ObjectId};

const HEADER: &str = "交易时间,微信订单号,商户订单号,用户标识,交易类型,交易状态,微信退款单号,商户退款单号,退款金额,退款类型,退款状态,商户数据包,订单金额,申请退款金额";
const FLOW: &str =
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,业务凭证号";

fn payment(number: &str, amount: &str, attach: &str) -> String {
    format!("`2023-11-15 10:00:00,`42{number},`{number},`o1,`JSAPI,`SUCCESS,`0,`0,`0.00,`,`,`{attach},`{amount},`0.00")
}

fn refund(number: &str, of: &str, state: &str) -> String {
    format!(
        "`2023-11-15 11:00:00,`42{of},`{of},`o1,`JSAPI,`REFUND,`50{number},`{number},`8.00,`ORIGINAL,`{state},`,`0.00,`8.00"
    )
}

/// The steps of a bill with these rows.
fn steps(kind: &str, date: Date, header: &str, lines: &[String]) -> Vec<BillStep> {
    let text = format!("{header}\n{}\n", lines.join("\n"));
    let mut bill = Bill::open(text.as_bytes()).unwrap();
    let (kind, hash) = (kind.to_owned(), sha1_hex(text.as_bytes()));
    let begins = BillStep::Begins(NewBill { kind, day: date, hash, proven: true, header: bill.header().line() });
    let mut rows = Vec::new();
    while let Some(entry) = bill.next_row().unwrap() {
        rows.push(NewBillRow::of(*entry.unwrap()));
    }
    vec![begins, BillStep::Rows(rows), BillStep::Ends("{}".into()), BillStep::Verified]
}

fn date() -> Date {
    parse_day("2023-11-15").unwrap()
}

fn take(ledger: &dyn Engine, steps: Vec<BillStep>) -> Option<BillsTaken> {
    let mut steps = steps.into_iter();
    ledger.take_bills("shop", &mut || steps.next()).unwrap()
}

fn trade(ledger: &dyn Engine, lines: &[String]) -> BillsTaken {
    take(ledger, steps("trade-ALL", date(), HEADER, lines)).unwrap()
}

fn rows(ledger: &dyn Engine, kind: Kind) -> Vec<Listed> {
    let sort = Sort { by: SortBy::Number, descending: false };
    let query = Query { kind, conditions: Vec::new(), sort };
    ledger.window("shop", &query, &Anchor::Start, (0, 100), None, &Stop::default()).unwrap().rows
}

/// What tables, details and the story of an object show, in words.
fn seen(ledger: &dyn Engine) -> Vec<String> {
    let mut words = Vec::new();
    for kind in [Kind::Transaction, Kind::Refund, Kind::ServiceOrder] {
        for row in rows(ledger, kind) {
            let related = ledger.related("shop", &row.id, 9).unwrap();
            let mut related: Vec<String> = related.iter().map(|one| one.row.id.to_string()).collect();
            related.sort();
            let mut claims: Vec<String> = ledger
                .claims("shop", &row.id)
                .unwrap()
                .into_iter()
                .map(|(claim, open)| format!("{} {open}", claim.reference))
                .collect();
            claims.sort();
            let kept: Vec<u64> = ledger.bill_rows("shop", &row.id).unwrap().iter().map(|row| row.row).collect();
            let seen = row.seen.map(|seen| (seen.source, seen.verified_at, seen.summary));
            words.push(format!("{} {seen:?} {related:?} {claims:?} {kept:?}", row.id));
        }
        words.push(format!("{:?}", ledger.totals("shop", kind, &[], &Stop::default()).unwrap()));
    }
    assert_eq!(ledger.check().unwrap().recounted, 0, "the sums are those of the rows");
    words
}

pub(in crate::ledger) fn a_row_of_a_bill_is_an_object_that_nothing_takes_for_queried(place: &Place) {
    let ledger = place.open();
    let lines = [payment("T-1", "28.80", "desk"), payment("T-2", "12.00", ""), refund("R-1", "T-1", "PROCESSING")];
    let taken = trade(&*ledger, &lines);
    assert_eq!((taken.rows, taken.new, taken.replaced), (3, 3, 0));
    let [first, second] = &rows(&*ledger, Kind::Transaction)[..] else { panic!() };
    let seen = first.seen.as_ref().unwrap();
    assert_eq!((seen.source, seen.verified_at), (Source::Bill, midnight(date()) + Duration::DAY));
    assert_eq!((&*seen.summary.state.code, seen.summary.amount.unwrap().minor), ("REFUND", 2880));
    assert!(!seen.summary.state.is_final && seen.summary.platform_number.as_deref() == Some("42T-1"));
    assert_eq!(second.seen.as_ref().unwrap().summary.state.code, "SUCCESS");
    let transaction = first.id.clone();
    // It is found, and counted, but it has no document and no version, and is not due.
    assert!(ledger.object("shop", &transaction).unwrap().is_none());
    let found = ledger.find("shop", "42T-1").unwrap();
    assert!(found.len() == 1 && found[0].fresh.is_none());
    assert_eq!(found[0].billed.as_ref(), Some(seen));
    assert_eq!(first.billed_on(), Some(date()));
    assert!(ledger.versions("shop", &transaction).unwrap().is_empty());
    let long_ago = Timestamp::UNIX_EPOCH;
    assert!(ledger.verified_since("shop", std::slice::from_ref(&transaction), long_ago).unwrap().is_empty());
    assert!(ledger.stale("shop", Kind::Transaction, Timestamp::now_utc()).unwrap().is_empty());
    assert_eq!(ledger.due("shop", Timestamp::now_utc(), 9).unwrap(), (vec![], None));
    let postponed = vec![(transaction.clone(), at(0))];
    ledger.take_in("shop", &crate::ledger::Answers { postponed, ..Default::default() }).unwrap();
    assert_eq!(
        ledger.due("shop", Timestamp::now_utc(), 9).unwrap(),
        (vec![], None),
        "a query that failed changes nothing"
    );
    // The state in a bill ends no watch.
    let begun = ledger.watch("shop", std::slice::from_ref(&transaction), WatchReason::Marked, at(0)).unwrap();
    assert_eq!(begun.len(), 1);
    trade(&*ledger, &lines);
    assert_eq!(ledger.watched("shop").unwrap().len(), 1);
    assert!(ledger.disagreements("shop", at(0), 9).unwrap().is_empty());
    let claims = ledger.claims("shop", &transaction).unwrap();
    assert_eq!(claims.iter().map(|(claim, _)| &*claim.reference).collect::<Vec<_>>(), ["trade-ALL-2023-11-15#1"]);
    // Every cell is kept as it was read.
    let kept = ledger.bill_rows("shop", &transaction).unwrap();
    assert_eq!(kept.iter().map(|row| (row.row, row.line)).collect::<Vec<_>>(), [(3, 4), (1, 2)]);
    assert_eq!(kept[1].cells.len(), 14);
    assert_eq!(kept[1].cells[11], ("商户数据包".to_owned(), "desk".to_owned()));
    let related = ledger.related("shop", &id(Kind::Refund, "R-1"), 9).unwrap();
    assert_eq!(related.iter().map(|one| (one.named, &one.row.id)).collect::<Vec<_>>(), [(true, &transaction)]);
    assert!(ledger.bill_rows("other", &transaction).unwrap().is_empty());
}

pub(in crate::ledger) fn a_bill_taken_in_again_changes_nothing_and_another_of_its_day_takes_its_place(place: &Place) {
    let ledger = place.open();
    let lines = [payment("T-1", "28.80", ""), payment("T-2", "12.00", ""), refund("R-1", "T-1", "SUCCESS")];
    trade(&*ledger, &lines);
    let before = seen(&*ledger);
    assert_eq!(trade(&*ledger, &lines), BillsTaken::default());
    assert_eq!(seen(&*ledger), before);
    let taken = trade(&*ledger, &[payment("T-1", "30.00", "")]);
    assert_eq!((taken.rows, taken.known, taken.replaced), (1, 1, 1));
    let bills = ledger.taken_bills("shop").unwrap();
    assert_eq!((bills.len(), bills[0].rows, &*bills[0].kind), (1, 1, "trade-ALL"));
    let now = rows(&*ledger, Kind::Transaction);
    let summary = &now[0].seen.as_ref().unwrap().summary;
    assert_eq!((&*summary.state.code, summary.amount.unwrap().minor), ("SUCCESS", 3000));
    assert!(now[1].seen.is_none(), "nothing says anything of it any more");
    let due = ledger.due("shop", Timestamp::now_utc(), 9).unwrap().0;
    assert_eq!(due, [id(Kind::Transaction, "T-2"), id(Kind::Refund, "R-1")], "which is to be asked about");
    assert!(ledger.related("shop", &id(Kind::Refund, "R-1"), 9).unwrap().is_empty());
    assert_eq!(ledger.check().unwrap().recounted, 0);
}

pub(in crate::ledger) fn nothing_of_a_file_that_is_not_verified_stays(place: &Place) {
    let ledger = place.open();
    trade(&*ledger, &[payment("T-1", "28.80", "")]);
    let before = seen(&*ledger);
    let mut other = steps("trade-ALL", date(), HEADER, &[payment("T-9", "1.00", ""), refund("R-9", "T-1", "SUCCESS")]);
    other.pop();
    assert_eq!(take(&*ledger, other), None);
    assert_eq!(seen(&*ledger), before);
    ledger.put("shop", &[paid("T-3", 100)]).unwrap();
    assert_eq!(ledger.check().unwrap().recounted, 0, "what is written later is counted");
}

pub(in crate::ledger) fn a_deduction_names_its_service_order_and_a_flow_what_it_moved(place: &Place) {
    let ledger = place.open();
    trade(&*ledger, &[payment("91001", "28.80", "wxzff|1000|SO-1")]);
    let order = id(Kind::ServiceOrder, "SO-1");
    let related = |id: &ObjectId| -> Vec<String> {
        ledger.related("shop", id, 9).unwrap().into_iter().map(|one| one.row.id.to_string()).collect()
    };
    assert_eq!(related(&order), ["transaction 91001"]);
    assert_eq!(ledger.due("shop", Timestamp::now_utc(), 9).unwrap().0, []);
    // Its document names no order; the bill still does.
    ledger.put("shop", &[paid("91001", 2880)]).unwrap();
    assert_eq!(related(&order), ["transaction 91001"]);
    let document = json!({"out_order_no": "SO-1", "state": "DOING", "state_description": "USER_CONFIRM"});
    ledger.put("shop", &[fresh(Kind::ServiceOrder, document, 0)]).unwrap();
    let open = ledger.disagreements("shop", at(0), 9).unwrap();
    assert_eq!(
        open.iter().map(|one| one.row.id.clone()).collect::<Vec<_>>(),
        [order],
        "it was collected, says the bill"
    );
    let flow = |number: &str, business: &str, voucher: &str| {
        format!("`2023-11-15 10:00:00,`42{number},`1,`{business},`{business},`收入,`1.00,`9.00,`{voucher}")
    };
    let lines = [flow("T-5", "交易", "T-5"), flow("X", "提现", "X-1")];
    let taken = take(&*ledger, steps("fundflow-BASIC", date(), FLOW, &lines)).unwrap();
    assert_eq!((taken.rows, taken.new), (2, 1));
    let noted = id(Kind::Transaction, "T-5");
    assert_eq!(ledger.bill_rows("shop", &noted).unwrap()[0].cells[5].1, "收入");
    assert!(rows(&*ledger, Kind::Transaction).iter().any(|row| row.id == noted && row.seen.is_none()));
}

/// What happens to a ledger.
#[derive(Clone, Debug)]
enum BillStory {
    Bill(usize),
    Document(usize),
    Note,
}

pub(in crate::ledger) fn in_whatever_order_bills_and_documents_come_the_same_is_known(place: &Place) {
    let bills = [
        steps(
            "trade-ALL",
            date(),
            HEADER,
            &[payment("T-1", "28.80", ""), payment("T-2", "12.00", "wxzff|1|SO-1"), refund("R-1", "T-1", "PROCESSING")],
        ),
        steps("trade-REFUND", date(), HEADER, &[refund("R-1", "T-1", "SUCCESS")]),
        steps(
            "trade-ALL",
            date().next_day().unwrap(),
            HEADER,
            &[refund("R-2", "T-2", "FAIL"), payment("T-3", "3.00", "")],
        ),
    ];
    let refunded = json!({"out_refund_no": "R-1", "refund_id": "50R-1", "out_trade_no": "T-1", "status": "SUCCESS",
        "amount": {"refund": 800, "total": 2880}});
    let documents: [Fresh; 3] = [paid("T-1", 2880), paid("T-2", 999), fresh(Kind::Refund, refunded, 5)];
    let events: Vec<BillStory> =
        (0..3).map(BillStory::Bill).chain((0..3).map(BillStory::Document)).chain([BillStory::Note]).collect();
    let play = |events: &[BillStory]| {
        let place = place.another();
        let ledger = place.open();
        for event in events {
            match event {
                BillStory::Bill(nth) => drop(take(&*ledger, bills[*nth].clone())),
                BillStory::Document(nth) => ledger.put("shop", std::slice::from_ref(&documents[*nth])).unwrap(),
                BillStory::Note => ledger.note("shop", &[id(Kind::Transaction, "T-3")], Source::Feed).unwrap(),
            }
        }
        seen(&*ledger)
    };
    let expected = play(&events);
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let orders = (Just(events.clone()).prop_shuffle(), proptest::collection::vec(0..3usize, 0..3));
    let same = runner.run(&orders, |(mut order, again)| {
        // A bill may come again at any time.
        order.extend(again.into_iter().map(BillStory::Bill));
        prop_assert_eq!(play(&order), expected.clone());
        Ok(())
    });
    same.unwrap_or_else(|error| panic!("{error}"));
}
