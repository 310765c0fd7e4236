//! Settlements (资金结算明细): the payouts of each day, currency and wallet (Global reference §11).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::order::GlobalPayment;
use super::statement::{day, day_of, fee};
use super::{Global, Party};
use crate::model::Currency;
use crate::model::time::{Duration, Timestamp, compact_day};
use crate::sandbox::answer::{Answer, SandboxOutcome};
use crate::sandbox::fields::UrlQuery;
use crate::sandbox::world::Call;

/// The trade of a day is paid out this much later.
const SETTLED_AFTER: Duration = Duration::days(2);
const PAGE: u64 = 30;

/// The amounts of one payout.
#[derive(Clone, Copy, Debug, Default)]
struct Batch {
    pay: i64,
    refund: i64,
    fee: i64,
}

/// The region of the wallet that paid.
fn wallet(payment: &GlobalPayment) -> &'static str {
    if payment.total.currency == Currency::CNY { "CHINA_MAINLAND" } else { "CHINA_HONGKONG" }
}

impl Global {
    pub(in crate::sandbox::world) fn settlements(&self, party: Party, call: &Call, now: Timestamp) -> SandboxOutcome {
        let query = call.query();
        if query.text_if_given("sub_mchid", 32)?.is_some_and(|sub| Some(sub) != party.sub_mchid()) {
            return Err(UrlQuery::wrong("sub_mchid", "子商户号错误", "is not the caller's"));
        }
        let settled = match query.text("settle_state", 16)? {
            "SETTLED" => true,
            "UNSETTLE" => false,
            _ => return Err(UrlQuery::wrong("settle_state", "值不在枚举范围内", "SETTLED or UNSETTLE")),
        };
        let between = match settled {
            true => Some((day(&query, "settle_start_date")?, day(&query, "settle_end_date")?)),
            false => None,
        };
        if between.is_some_and(|(start, end)| end < start) {
            return Err(UrlQuery::wrong("settle_end_date", "结束日期早于开始日期", "before settle_start_date"));
        }
        let (limit, offset) = (query.integer("limit")?, query.integer("offset")?);
        if !(1..=PAGE).contains(&limit) {
            return Err(UrlQuery::wrong("limit", "每页最多30条", "1 to 30"));
        }
        let today = day_of(now);
        let all: Vec<Value> = self
            .batches(party)
            .into_iter()
            .rev()
            .filter(|((day, ..), _)| {
                let paid_out = *day + SETTLED_AFTER;
                (paid_out <= today) == settled && between.is_none_or(|(start, end)| (start..=end).contains(&paid_out))
            })
            .map(|((day, currency, wallet), batch)| row(day, currency, wallet, batch, settled))
            .collect();
        let (offset, limit) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(0));
        let page: Vec<&Value> = all.iter().skip(offset).take(limit).collect();
        Ok(Answer::Document(json!({
            "total_count": all.len(), "offset": offset, "limit": page.len(), "data": page,
        })))
    }

    /// A merchant's trade by day, currency and wallet.
    fn batches(&self, party: Party) -> BTreeMap<(Timestamp, &str, &'static str), Batch> {
        let books = self.books(party);
        let mut batches: BTreeMap<_, Batch> = BTreeMap::new();
        for order in books.orders.iter() {
            let Some(paid) = &order.payment else { continue };
            let key = (day_of(paid.at), order.total.currency.code(), wallet(paid));
            let batch = batches.entry(key).or_default();
            batch.pay += order.total.minor;
            batch.fee += fee(order.total).minor;
        }
        for refund in books.refunds.iter().filter(|refund| refund.counts()) {
            let Some(order) = books.orders.get(&refund.order) else { continue };
            let Some(paid) = &order.payment else { continue };
            let key = (day_of(refund.created), order.total.currency.code(), wallet(paid));
            let batch = batches.entry(key).or_default();
            batch.refund += refund.amount.minor;
            batch.fee -= fee(refund.amount).minor;
        }
        batches
    }
}

fn row(day: Timestamp, currency: &str, wallet: &str, batch: Batch, settled: bool) -> Value {
    let Batch { pay, refund, fee } = batch;
    let (net, date) = (pay - refund, compact_day(day));
    let due = net - fee;
    json!({
        "batch_id": format!("{date}{currency}{}", if wallet == "CHINA_MAINLAND" { "1" } else { "2" }),
        "settlement_date": compact_day(day + SETTLED_AFTER), "trade_start_date": date, "trade_end_date": date,
        "wallet_region": wallet,
        "amount": {
            "settled": if settled { due } else { 0 }, "unsettle": if settled { 0 } else { due }, "currency": currency,
            "pay": pay, "refund": refund, "net": net, "fee": fee,
        },
    })
}
