//! Coupon stocks: their columns and their overview.

use crate::console::tabs::objects::columns::{
    AMOUNT, FRESH, NUMBER, ObjectColumn, PROGRESS, SECOND, STATE, TIME, TITLE, number, plain, summary,
};
use crate::console::tabs::objects::overview::Items;
use crate::ledger::SortBy;
use crate::model::{Money, Stock};
use crate::text::age;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    NUMBER,
    TITLE,
    STATE,
    ObjectColumn { header: "column-budget", ..AMOUNT },
    ObjectColumn { id: "face", header: "column-face-value", min: 10, ideal: 10, priority: 4, ..SECOND },
    ObjectColumn { header: "column-sent", min: 16, ideal: 20, ..PROGRESS },
    ObjectColumn {
        id: "ends",
        header: "column-ends",
        cell: |row, _| plain(summary(row).and_then(|s| s.ends).map(age::absolute).as_deref()),
        key: |row| number(summary(row).and_then(|s| s.ends).map(|at| at.unix_timestamp())),
        min: 16,
        sort: SortBy::Ends,
        ..TIME
    },
    ObjectColumn { header: "column-created", priority: 6, ..TIME },
    FRESH,
];

pub(super) fn overview(items: &mut Items, stock: &Stock) {
    items.text("column-name", stock.name.as_deref());
    items.text("detail-description", stock.description.as_deref());
    items.gauge("column-sent", stock.distributed_coupons, stock.max_coupons, |n| n.to_string());
    let minor = |amount: Option<Money>| amount.map(|amount| amount.minor);
    let (sent, budget) = (minor(stock.distributed_amount()), minor(stock.max_amount));
    items.gauge("detail-budget-used", sent, budget, |fen| Money::cny(fen).to_string());
    items.money("detail-budget-by-day", stock.max_amount_by_day);
    items.money("column-face-value", stock.coupon_amount);
    items.money("detail-minimum", stock.transaction_minimum);
    items.count("detail-per-user", stock.max_coupons_per_user);
    items.funding(stock.no_cash);
    items.code("detail-stock-type", "stock-type", stock.stock_type.as_deref());
    items.time("detail-begins", stock.begin_time);
    items.time("column-ends", stock.end_time);
    items.time("column-created", stock.create_time);
    items.time("detail-started", stock.start_time);
    items.time("column-stopped", stock.stop_time);
    items.text("detail-creator", stock.creator_mchid.as_deref());
}
