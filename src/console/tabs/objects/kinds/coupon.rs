//! Coupons: their columns and their overview.

use crate::console::tabs::objects::columns::{
    AMOUNT, FRESH, LABEL, NUMBER, ObjectColumn, SECOND, STATE, TIME, TITLE, USER, strong,
};
use crate::console::tabs::objects::overview::Items;
use crate::console::widgets::columns::Fit;
use crate::model::Coupon;
use crate::text;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    ObjectColumn {
        header: "column-coupon",
        cell: |row, look| strong(text::cut_middle(row.id.own_number(), look.width)),
        min: 14,
        ideal: 20,
        ..NUMBER
    },
    TITLE,
    USER,
    STATE,
    ObjectColumn { header: "column-face-value", ..AMOUNT },
    ObjectColumn { id: "minimum", header: "detail-minimum", ..SECOND },
    ObjectColumn { id: "stock", header: "column-stock", min: 8, ideal: 12, fit: Fit::Whole, ..LABEL },
    TIME,
    FRESH,
];

pub(super) fn overview(items: &mut Items, coupon: &Coupon) {
    items.text("column-name", coupon.name.as_deref());
    items.text("column-user", coupon.openid.as_deref());
    items.text("column-stock", coupon.stock_id.as_deref());
    items.text("detail-description", coupon.description.as_deref());
    items.money("column-face-value", coupon.coupon_amount);
    items.money("detail-minimum", coupon.transaction_minimum);
    items.funding(coupon.no_cash);
    items.code("detail-coupon-type", "coupon-type", coupon.coupon_type.as_deref());
    items.time("detail-begins", coupon.begin_time);
    items.time("column-ends", coupon.end_time);
    items.time("detail-coupon-received", coupon.create_time);
    items.time("detail-consumed", coupon.consume_time);
    items.text("detail-consumed-at", coupon.consume_mchid.as_deref());
    items.text("column-transaction-id", coupon.transaction_id.as_deref());
    items.text("detail-send-number", coupon.out_request_no.as_deref());
    items.text("detail-creator", coupon.stock_creator_mchid.as_deref());
}
