//! The seeded merchant: the same every time, complete, and sound to the last fen.

use std::collections::BTreeMap;

use super::super::tests::{at, merchant};
use super::*;

fn world() -> World {
    World::seeded(merchant(), 1, 1000, false, at(0))
}

/// Every object's document, in order.
fn documents(world: &World) -> Vec<Value> {
    let mchid = &world.merchant.mchid;
    let plans = world.plans.iter().map(|p| p.document(mchid));
    let sign_plans = world.sign_plans.iter().map(|s| s.document(mchid));
    let orders = world.orders.iter().map(|o| o.document(mchid));
    let transactions = world.transactions.iter().map(|t| t.document(&world.merchant.appid, mchid));
    let stocks = world.stocks.iter().map(|s| s.document(mchid));
    let refunds = world.refunds.iter().map(|r| r.document());
    let permissions = world.permissions.iter().map(|p| p.document(mchid));
    let payscore = plans.chain(sign_plans).chain(orders).chain(permissions);
    let coupons = world.coupons.iter().map(|c| c.document(world.stocks.get(&c.stock).unwrap(), mchid, at(0)));
    payscore.chain(transactions).chain(stocks).chain(refunds).chain(coupons).collect()
}

/// How many objects are in each state.
fn count(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for document in documents(world) {
        let words = [
            "plan_state",
            "sign_state",
            "cancel_sign_type",
            "state",
            "state_description",
            "authorization_state",
            "trade_state",
            "status",
        ];
        let word: Vec<&str> = words.iter().filter_map(|w| document[*w].as_str()).collect();
        *counts.entry(word.join("/")).or_default() += 1;
    }
    counts
}

#[test]
fn the_same_seed_gives_the_same_merchant() {
    assert_eq!(documents(&world()), documents(&world()));
    let other = World::seeded(merchant(), 2, 1000, false, at(0));
    assert_ne!(documents(&world()), documents(&other));
    // Another start moves the times and nothing else.
    let numbers = |world: &World| world.new_numbers.clone();
    let later = World::seeded(merchant(), 1, 1000, false, at(90_061));
    assert_eq!(numbers(&world()), numbers(&later));
    assert_eq!(count(&world()), count(&later));
}

#[test]
fn every_state_is_there_in_its_measure() {
    let world = world();
    let counts = count(&world);
    for state in [
        "NORMAL",
        "STOP",
        "UNSIGNED/NOT_CANCEL",
        "SIGNED/NOT_CANCEL",
        "SIGN_PLAN_CANCEL/USER",
        "SIGN_PLAN_CANCEL/MERCHANT",
        "SIGN_PLAN_CANCEL/REVOKE_SERVICE",
        "COMPLETE/NOT_CANCEL",
        "EXPIRE/NOT_CANCEL",
        "CREATED",
        "DOING/USER_CONFIRM",
        "DOING/MCH_COMPLETE",
        "DONE",
        "REVOKED",
        "EXPIRED",
        "UNBINDUSER",
        "AVAILABLE",
        "UNAVAILABLE",
        "NOTPAY",
        "SUCCESS",
        "REFUND",
        "CLOSED",
        "USERPAYING",
        "PAYERROR",
        "SENDED",
        "USED",
        "EXPIRED",
        "unactivated",
        "audit",
        "running",
        "stoped",
        "paused",
        "PROCESSING",
        "ABNORMAL",
    ] {
        assert!(counts.contains_key(state), "{state} is missing in {counts:#?}");
    }
    let sizes =
        [world.plans.len(), world.sign_plans.len(), world.orders.len(), world.transactions.len(), world.stocks.len()];
    assert_eq!([sizes[0], sizes[1], sizes[4]], [36, 290, 24]);
    assert!((330..=380).contains(&sizes[2]) && (320..=380).contains(&sizes[3]), "{sizes:?}");
    assert!(world.transactions.iter().any(|t| t.document("", "")["promotion_detail"].is_array()));
    assert!((15..60).contains(&world.refunds.len()), "{}", world.refunds.len());
    let stories = world.transactions.iter().map(|transaction| {
        let of = world.refunds.iter().filter(|refund| refund.trade == transaction.number);
        of.map(|refund| refund.document()["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("+")
    });
    let stories: std::collections::BTreeSet<String> = stories.collect();
    for story in ["", "SUCCESS", "SUCCESS+SUCCESS", "PROCESSING", "ABNORMAL", "CLOSED+SUCCESS"] {
        assert!(stories.contains(story), "{story:?} is missing in {stories:?}");
    }
    let announced = world.new_numbers.iter().filter(|(kind, _)| *kind == crate::model::Kind::Refund).count();
    assert_eq!(announced, world.refunds.len());
    let details = ["NOT_USED", "USING", "USED", "SIGN_PLAN_DETAIL_CANCEL"];
    let text: String = documents(&world).iter().map(Value::to_string).collect();
    assert!(details.iter().all(|d| text.contains(&format!("\"plan_detail_state\":\"{d}\""))));
}

#[test]
fn all_amounts_add_up_at_the_start_and_after_an_hour_of_life() {
    check_amounts(&world(), at(0));
    for seed in 1..4 {
        let mut world = World::seeded(merchant(), seed, 200, true, at(0));
        for i in 0..9000 {
            world.tick(at(i * 2 / 5));
        }
        check_amounts(&world, at(3600));
    }
}

/// Totals are the sums of their parts, and nothing happened after `now`.
fn check_amounts(world: &World, now: Timestamp) {
    let sum =
        |lines: &Value| -> i64 { lines.as_array().into_iter().flatten().filter_map(|l| l["amount"].as_i64()).sum() };
    check_refunds(world);
    for document in documents(world) {
        if let Some(name) = document["plan_name"].as_str() {
            assert!(name.chars().count() <= 20);
        }
        if let Some(total) = document["total_amount"].as_i64() {
            assert_eq!(total, sum(&document["post_payments"]) - sum(&document["post_discounts"]), "{document}");
            let collection = &document["collection"];
            if collection.is_object() {
                let part = |name: &str| collection[name].as_i64().unwrap();
                assert_eq!(part("total_amount"), part("paying_amount") + part("paid_amount"));
                assert_eq!(sum(&collection["details"]), part("paid_amount"));
            }
        }
        let amount = &document["amount"];
        if let Some(payer) = amount["payer_total"].as_i64() {
            assert_eq!(amount["total"].as_i64(), Some(payer + sum(&document["promotion_detail"])));
        }
        if let Some(refund) = amount["refund"].as_i64() {
            let part = |name: &str| amount[name].as_i64().unwrap();
            assert_eq!(refund, part("payer_refund") + part("discount_refund"), "{document}");
            assert!((1..=part("total")).contains(&refund) && part("payer_refund") >= 0);
            assert!(part("settlement_refund") <= part("settlement_total"));
        }
        for name in ["create_time", "sign_time", "stop_time", "success_time", "cancel_sign_time", "start_time"] {
            if let Some(time) = document[name].as_str().and_then(crate::model::time::parse_rfc3339) {
                assert!(time <= now, "{name} in {document}");
            }
        }
    }
}

/// Of every transaction no more is refunded than was paid, all parts together, and it says so if any is.
fn check_refunds(world: &World) {
    use super::super::refund::RefundStatus;
    let mut sums: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for refund in world.refunds.iter() {
        let sum = sums.entry(refund.trade.as_str()).or_default();
        if refund.status != RefundStatus::Closed {
            let document = refund.document();
            for (sum, name) in sum.iter_mut().zip(["refund", "payer_refund", "settlement_refund"]) {
                *sum += document["amount"][name].as_i64().unwrap();
            }
        }
    }
    for transaction in world.transactions.iter() {
        let refunded = sums.get(transaction.number.as_str());
        assert_eq!(transaction.state == TradeState::Refund, refunded.is_some(), "{}", transaction.number);
        let Some([refund, payer, _]) = refunded else { continue };
        let paid = transaction.document("", "")["amount"]["payer_total"].as_i64().unwrap();
        assert!(*refund <= transaction.total && *payer <= paid, "{}", transaction.number);
        assert_eq!(*refund == transaction.total, *payer == paid, "{}", transaction.number);
        assert_eq!(world.refundable(&transaction.number), transaction.total - refund);
    }
}

#[test]
fn a_paid_order_names_a_transaction_that_exists() {
    let world = world();
    let mut paid = 0;
    for order in world.orders.iter() {
        let document = order.document(&world.merchant.mchid);
        if let Some(id) = document["collection"]["details"][0]["transaction_id"].as_str() {
            let number = &world.transaction_ids[id];
            assert_eq!(Some(world.transactions.get(number).unwrap().total), order.total);
            paid += 1;
        }
    }
    assert!(paid > 50);
}

#[test]
fn small_merchants_and_empty_ones() {
    let empty = World::seeded(merchant(), 1, 0, true, at(0));
    assert_eq!(empty.len(), 0);
    let small = World::seeded(merchant(), 1, 40, true, at(0));
    assert!((40..90).contains(&small.len()), "{}", small.len());
}

#[test]
fn the_past_is_not_notified() {
    let mut world = World::seeded(merchant(), 1, 300, false, at(0));
    assert_eq!(world.take_notices(), []);
    let number = world.sell_goods(0, at(1)).unwrap();
    world.transaction_paid(&number, at(2)).unwrap();
    assert_eq!(world.take_notices().len(), 1);
}
