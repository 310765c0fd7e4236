//! Bills: who gets one, and that they say what the world holds, to the last fen.

use super::super::tests::*;
use super::*;
use crate::model::EndpointId::{BillDownload, BillFundFlow, BillTrade};
use serde_json::Value;

fn seeded() -> World {
    World::seeded(merchant(), 1, 300, false, at(0))
}

/// Noon of the day that the seeded world begins on.
fn noon() -> Timestamp {
    midnight(beijing_day(at(0))) + Duration::hours(36)
}

fn link(world: &mut World, query: &str) -> Result<Value, SandboxRefusal> {
    let endpoint = if query.contains("account_type") { BillFundFlow } else { BillTrade };
    call(world, endpoint, &format!("?{query}"), Value::Null, noon())
}

fn token(link: &Value) -> String {
    let url = link["download_url"].as_str().unwrap();
    url.split_once('?').map(|(_, query)| format!("?{query}")).unwrap()
}

/// The text of a bill.
fn text(world: &mut World, query: &str) -> String {
    let link = link(world, query).unwrap();
    let text = call(world, BillDownload, &token(&link), Value::Null, noon()).unwrap();
    let text = text.as_str().unwrap().to_owned();
    assert_eq!(link["hash_value"], crate::model::bill::sha1_hex(text.as_bytes()));
    text
}

/// Header, rows, and the figures of the summary.
fn parts(text: &str) -> (Vec<&str>, Vec<Vec<&str>>, Vec<&str>) {
    let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap().split_terminator("\r\n").collect();
    let header: Vec<&str> = lines[0].split(',').collect();
    let rows = lines[1..lines.len() - 2].iter().map(|line| cells(line)).collect();
    (header, rows, cells(lines[lines.len() - 1]))
}

fn cells(line: &str) -> Vec<&str> {
    line.strip_prefix('`').unwrap().split(",`").collect()
}

fn fen(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

#[test]
fn a_bill_is_for_a_day_that_has_ended_within_three_months() {
    let mut world = seeded();
    let cases = [
        ("bill_date=2025-10-08", ""),
        ("bill_date=2025-10-08&bill_type=SUCCESS&tar_type=GZIP", ""),
        ("bill_date=2025-10-10", "INVALID_REQUEST"),
        ("bill_date=2026-01-01", "INVALID_REQUEST"),
        ("bill_date=2025-07-09", "INVALID_REQUEST"),
        ("bill_date=2025-07-10", "NO_STATEMENT_EXIST"),
        ("bill_date=2025-10-9", "PARAM_ERROR"),
        ("bill_type=ALL", "PARAM_ERROR"),
        ("bill_date=2025-10-08&bill_type=all", "PARAM_ERROR"),
        ("bill_date=2025-10-08&tar_type=ZIP", "PARAM_ERROR"),
        ("bill_date=2025-10-08&sub_mchid=1900000001", "PARAM_ERROR"),
        ("bill_date=2025-10-08&account_type=BASIC", ""),
        ("bill_date=2025-10-08&account_type=FEES", "NO_STATEMENT_EXIST"),
        ("bill_date=2025-10-08&account_type=ALL", "PARAM_ERROR"),
    ];
    for (query, expected) in cases {
        assert_eq!(code(&link(&mut world, query)), expected, "{query}");
    }
    // Until ten o'clock it is being made.
    let ten = midnight(beijing_day(at(0))) + Duration::hours(10);
    let mut ask = |at| code(&call(&mut world, BillTrade, "?bill_date=2025-10-08", Value::Null, at));
    assert_eq!(ask(ten - Duration::SECOND), "STATEMENT_CREATING");
    assert_eq!(ask(ten), "");
}

#[test]
fn a_link_is_good_for_thirty_seconds() {
    let mut world = seeded();
    let link = link(&mut world, "bill_date=2025-10-08").unwrap();
    let get = |world: &mut World, query: &str, after: i64| {
        call(world, BillDownload, query, Value::Null, noon() + Duration::seconds(after))
    };
    assert!(get(&mut world, &token(&link), 29).is_ok());
    assert_eq!(code(&get(&mut world, &token(&link), 30)), "INVALID_REQUEST");
    assert_eq!(code(&get(&mut world, "?token=another", 0)), "INVALID_REQUEST");
    assert_eq!(code(&get(&mut world, "", 0)), "PARAM_ERROR");
}

#[test]
fn the_last_days_have_payments_refunds_and_a_service_order_in_their_bills() {
    for objects in [40, 300, 1000] {
        for start in
            [at(0), midnight(beijing_day(at(0))) + Duration::SECOND, midnight(beijing_day(at(0))) - Duration::SECOND]
        {
            let world = World::seeded(merchant(), 7, objects, false, start);
            let yesterday = beijing_day(start).previous_day().unwrap();
            let text = world.trade_csv(yesterday, TradeRows::All).unwrap().0;
            assert!(text.contains(",`SUCCESS,`") && text.contains(",`REFUND,`"), "{text}");
            assert!(text.contains(",`AUTH,`") && text.contains(",`wxzff|"), "{text}");
            for back in 1..=7 {
                let day = beijing_day(start - Duration::days(back));
                assert!(world.trade_csv(day, TradeRows::Success).is_some(), "{day}");
                assert!(world.fund_flow_csv(day).is_some());
            }
        }
    }
}

#[test]
fn a_trade_bill_adds_up_to_what_the_world_holds() {
    let mut world = seeded();
    let mut rows_seen = 0;
    for back in 1..60 {
        let day = beijing_day(at(0) - Duration::days(back));
        let query = format!("bill_date={}", crate::model::time::day(day));
        let paid: Vec<i64> = world
            .transactions
            .iter()
            .filter(|t| t.payment.as_ref().is_some_and(|payment| on(day, payment.at)))
            .map(|t| t.total)
            .collect();
        let given: Vec<i64> = world.refunds.iter().filter(|r| on(day, r.created)).map(|r| r.amount).collect();
        if paid.len() + given.len() == 0 {
            assert_eq!(code(&link(&mut world, &query)), "NO_STATEMENT_EXIST");
            continue;
        }
        let bill = text(&mut world, &query);
        assert!(bill.ends_with("\r\n"));
        let (header, rows, summary) = parts(&bill);
        assert_eq!((header.len(), summary.len(), rows.len()), (27, 7, paid.len() + given.len()));
        let column = |name: &str| {
            let at = header.iter().position(|n| *n == name).unwrap();
            rows.iter().map(|row| fen(row[at])).sum::<i64>()
        };
        let names = ["应结订单金额", "退款金额", "充值券退款金额", "手续费", "订单金额", "申请退款金额"];
        let sums = names.map(column);
        assert_eq!(sums[4], paid.iter().sum::<i64>(), "{day}");
        assert_eq!(sums[5], given.iter().sum::<i64>(), "{day}");
        assert_eq!(summary[0], rows.len().to_string());
        assert_eq!(summary[1..].iter().map(|figure| fen(figure)).collect::<Vec<_>>(), sums, "{day}");
        rows_seen += rows.len();
        if !paid.is_empty() {
            let success = text(&mut world, &format!("{query}&bill_type=SUCCESS"));
            let (header, rows, summary) = parts(&success);
            assert_eq!((header.len(), summary.len(), rows.len()), (20, 4, paid.len()));
        }
        if !given.is_empty() {
            let refund = text(&mut world, &format!("{query}&bill_type=REFUND"));
            let (header, rows, summary) = parts(&refund);
            assert_eq!((header.len(), summary.len(), rows.len()), (29, 7, given.len()));
        }
    }
    let all = world.transactions.iter().filter(|t| t.payment.is_some()).count() + world.refunds.len();
    // What happened on the day of the start has no bill yet.
    assert!(rows_seen > all * 8 / 10, "{rows_seen} of {all}");
}

#[test]
fn a_fund_flow_bill_carries_the_balance_on_from_day_to_day() {
    let mut world = seeded();
    let mut balance: Option<i64> = None;
    for back in (1..60).rev() {
        let day = beijing_day(at(0) - Duration::days(back));
        let query = format!("bill_date={}&account_type=BASIC", crate::model::time::day(day));
        if world.fund_flow_csv(day).is_none() {
            continue;
        }
        let bill = text(&mut world, &query);
        let (header, rows, summary) = parts(&bill);
        assert_eq!((header.len(), summary.len()), (11, 5));
        let (mut income, mut outgo) = (0, 0);
        for row in &rows {
            let amount = fen(row[6]);
            let signed = if row[5] == "收入" { amount } else { -amount };
            if let Some(before) = balance {
                assert_eq!(before + signed, fen(row[7]));
            }
            balance = Some(fen(row[7]));
            if signed > 0 { income += amount } else { outgo += amount }
        }
        assert_eq!((fen(summary[2]), fen(summary[4])), (income, outgo));
        assert_eq!(summary[0], rows.len().to_string());
    }
    assert!(balance.is_some());
}

#[test]
fn a_past_day_keeps_its_bill_whatever_happens_later() {
    let mut world = World::seeded(merchant(), 5, 300, true, at(0));
    let days: Vec<Date> = (1..20).map(|back| beijing_day(at(0) - Duration::days(back))).collect();
    let bills = |world: &World| -> Vec<Option<String>> {
        let of = |day: &Date| [world.trade_csv(*day, TradeRows::All), world.fund_flow_csv(*day)];
        days.iter().flat_map(of).map(|csv| csv.map(|csv| csv.0)).collect()
    };
    let before = bills(&world);
    for i in 0..3000 {
        world.tick(at(i * 2 / 5));
    }
    world.advance(at(9 * 86_400));
    assert_eq!(bills(&world), before);
}

#[test]
fn a_refund_of_everything_gives_the_whole_fee_back() {
    let mut world = world();
    world.people.push(USER.to_owned());
    let number = world.sell_goods(1, at(0)).unwrap();
    world.transaction_paid(&number, at(1)).unwrap();
    let payment = world.transactions.get(&number).unwrap().payment.as_ref().unwrap();
    let fee = fee_of(world.transactions.get(&number).unwrap().total - payment.off(&["NOCASH"]));
    let third = world.transactions.get(&number).unwrap().total / 3;
    for i in 0..2 {
        world.give_back(&number, Some(third), at(100 + i * 100)).unwrap();
    }
    world.give_back(&number, None, at(1000)).unwrap();
    assert_eq!(world.refunds.iter().map(|refund| refund.fee).sum::<i64>(), fee);
}
