//! Refunds: their columns and their overview.

use crate::console::tabs::objects::columns::{
    AMOUNT, FRESH, NUMBER, ObjectColumn, SECOND, STATE, TIME, TITLE, text, words,
};
use crate::console::tabs::objects::overview::Items;
use crate::console::widgets::role::{Cell, Role};
use crate::ledger::SortBy;
use crate::model::{Refund, RefundStatus};
use crate::text;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    NUMBER,
    ObjectColumn {
        id: "trade",
        header: "column-trade-number",
        priority: 3,
        cell: |row, look| {
            let number = text::neutralise(text(row, |s| &s.label).unwrap_or_default());
            Cell { text: text::cut_middle(&number, look.width).into_owned(), role: Role::Plain }
        },
        key: |row| words(text(row, |s| &s.label)),
        sort: SortBy::Label,
        ..NUMBER
    },
    ObjectColumn { header: "column-refund-to", priority: 4, ..TITLE },
    STATE,
    ObjectColumn { header: "column-refunded", ..AMOUNT },
    ObjectColumn { id: "total", header: "column-of-total", ..SECOND },
    ObjectColumn { priority: 6, ..TIME },
    FRESH,
];

pub(super) fn overview(items: &mut Items, refund: &Refund) {
    let lang = items.lang;
    let next = match refund.status {
        RefundStatus::Abnormal => Some("refund-next-abnormal"),
        RefundStatus::Closed => Some("refund-next-closed"),
        _ => None,
    };
    items.inked("detail-next", next.map(|id| lang.t(id)).as_deref(), Role::Warning);
    items.money("column-refunded", refund.refund);
    items.money("column-of-total", refund.total);
    items.money("detail-payer-refund", refund.payer_refund);
    items.money("column-payer-paid", refund.payer_total);
    items.rate(refund.rate.as_ref());
    items.money("detail-discount-refund", refund.discount_refund);
    items.money("detail-settlement-refund", refund.settlement_refund);
    items.money("detail-settlement-total", refund.settlement_total);
    items.text("field-reason", refund.reason.as_deref());
    items.text("detail-received-account", refund.user_received_account.as_deref());
    items.code("detail-channel", "channel", refund.channel.as_deref());
    items.code("detail-funds-account", "funds-account", refund.funds_account.as_deref());
    items.time("detail-refund-accepted", refund.create_time);
    items.time("detail-refund-arrived", refund.success_time);
    items.text("column-trade-number", refund.out_trade_no.as_deref());
    items.text("column-transaction-id", refund.transaction_id.as_deref());
    items.text("detail-refund-id", refund.refund_id.as_deref());
    items.promotions(&refund.promotions);
}
