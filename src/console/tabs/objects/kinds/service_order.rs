//! Service orders: their columns and their overview.

use crate::console::tabs::objects::columns::{
    AMOUNT, FRESH, NUMBER, ObjectColumn, PROGRESS, STATE, TIME, TITLE, USER, progress,
};
use crate::console::tabs::objects::overview::{Items, amount, or_empty};
use crate::model::time::parse_any;
use crate::model::{LineItem, ServiceOrder};
use crate::text::age;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    NUMBER,
    ObjectColumn { header: "column-service", ..TITLE },
    USER,
    STATE,
    AMOUNT,
    ObjectColumn {
        header: "column-collected",
        cell: |row, _| progress(row, |all| format!("{}%", all.percent())),
        ..PROGRESS
    },
    ObjectColumn { header: "column-started", ..TIME },
    FRESH,
];

pub(super) fn overview(items: &mut Items, order: &ServiceOrder) {
    items.text("column-service", order.introduction.as_deref());
    items.text("detail-order-id", order.order_id.as_deref());
    items.text("column-user", order.openid.as_deref());
    items.money("detail-total", order.total.or_else(|| order.payable()));
    items.money("detail-risk-fund", order.risk_fund);
    let lang = items.lang;
    let worded = |text: &String| lang.with_code(lang.code("start", text), text);
    let when = |text: Option<&String>| text.map(|text| parse_any(text).map_or_else(|| worded(text), age::exact));
    items.text("column-started", when(order.start_time.as_ref()).as_deref());
    items.text("detail-ends", when(order.end_time.as_ref()).as_deref());
    items.flag("detail-need-collection", order.need_collection);
    if let Some(collection) = &order.collection {
        items.money("detail-outstanding", collection.paying);
        items.money("detail-received", collection.paid);
        let ids = collection.transaction_ids.join(" ");
        items.text("column-transaction-id", Some(ids.as_str()).filter(|ids| !ids.is_empty()));
    }
    items.text("column-attach", order.attach.as_deref());
    items.text("detail-appid", order.appid.as_deref());
    items.text("detail-service-id", order.service_id.as_deref());
    for (heading, lines) in [("detail-payments", &order.payments), ("detail-discounts", &order.discounts)] {
        if !lines.is_empty() {
            items.heading(heading);
            items.table(
                vec!["column-name", "column-amount", "detail-count", "detail-description"],
                lines.iter().map(line).collect(),
            );
        }
    }
}

fn line(line: &LineItem) -> Vec<String> {
    let count = line.count.map(|n| format!("×{n}")).unwrap_or_default();
    vec![or_empty(line.name.as_deref()), amount(line.amount), count, or_empty(line.description.as_deref())]
}
