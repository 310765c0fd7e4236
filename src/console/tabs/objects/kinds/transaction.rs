//! Transactions: their columns and their overview.

use crate::console::tabs::objects::columns::{
    AMOUNT, FRESH, LABEL, NUMBER, ObjectColumn, SECOND, STATE, TIME, TITLE, USER, plain, text, words,
};
use crate::console::tabs::objects::overview::Items;
use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::{Cell, Role};
use crate::ledger::SortBy;
use crate::model::Transaction;
use crate::text;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    NUMBER,
    ObjectColumn {
        id: "platform",
        header: "column-transaction-id",
        min: 14,
        ideal: 28,
        priority: 7,
        cell: |row, look| {
            let id = text::neutralise(text(row, |s| &s.platform_number).unwrap_or_default());
            Cell { text: text::cut_middle(&id, look.width).into_owned(), role: Role::Faint }
        },
        key: |row| words(text(row, |s| &s.platform_number)),
        sort: SortBy::Platform,
        ..NUMBER
    },
    USER,
    STATE,
    AMOUNT,
    ObjectColumn { id: "paid", header: "column-payer-paid", ..SECOND },
    ObjectColumn {
        id: "type",
        header: "column-trade-type",
        min: 6,
        ideal: 8,
        fit: Fit::Whole,
        cell: |row, look| plain(text(row, |s| &s.label).map(|code| look.lang.code("trade-type", code)).as_deref()),
        ..LABEL
    },
    ObjectColumn { header: "column-paid-at", ..TIME },
    FRESH,
    ObjectColumn { header: "column-attach", priority: 6, ..TITLE },
];

pub(super) fn overview(items: &mut Items, transaction: &Transaction) {
    items.text("column-transaction-id", transaction.transaction_id.as_deref());
    items.text("column-user", transaction.openid.as_deref());
    items.money("column-amount", transaction.total);
    items.money("column-payer-paid", transaction.payer_total);
    items.rate(transaction.rate.as_ref());
    items.code("column-trade-type", "trade-type", transaction.trade_type.as_deref());
    items.bank(transaction.bank_type.as_deref());
    items.time("column-paid-at", transaction.success_time);
    items.text("detail-state-text", transaction.state_text.as_deref());
    items.text("column-attach", transaction.attach.as_deref());
    items.text("detail-appid", transaction.appid.as_deref());
    items.text("detail-mchid", transaction.mchid.as_deref());
    items.promotions(&transaction.promotions);
}
