//! Plans: their columns and their overview.

use crate::console::tabs::objects::columns::{
    AMOUNT, FRESH, NUMBER, ObjectColumn, PROGRESS, STATE, TIME, TITLE, USER, count, number, plain, summary,
};
use crate::console::tabs::objects::overview::{Items, amount, or_empty};
use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::Align;
use crate::ledger::SortBy;
use crate::model::Plan;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    NUMBER,
    ObjectColumn { header: "column-plan-name", ..TITLE },
    STATE,
    ObjectColumn { id: "amount", header: "column-price", ..AMOUNT },
    ObjectColumn {
        id: "deductions",
        header: "column-deductions",
        align: Align::Right,
        min: 8,
        ideal: 10,
        cell: |row, _| count(summary(row).and_then(|s| s.quantity)),
        key: |row| number(summary(row).and_then(|s| s.quantity)),
        sort: SortBy::Quantity,
        ..PROGRESS
    },
    ObjectColumn {
        id: "duration",
        header: "column-duration",
        align: Align::Right,
        min: 8,
        ideal: 9,
        fit: Fit::Whole,
        cell: |row, look| {
            let days = summary(row).and_then(|s| s.days);
            plain(days.map(|days| tr!(look.lang, "value-days", n = days)).as_deref())
        },
        key: |row| number(summary(row).and_then(|s| s.days)),
        sort: SortBy::Days,
        ..USER
    },
    ObjectColumn { header: "column-stopped", priority: 6, ..TIME },
    FRESH,
];

pub(super) fn overview(items: &mut Items, plan: &Plan) {
    items.text("column-plan-name", plan.name.as_deref());
    items.text("detail-plan-id", plan.plan_id.as_deref());
    items.money("column-price", plan.total_actual_price);
    items.money("detail-original-price", plan.total_original_price);
    items.count("column-deductions", plan.deduction_quantity);
    let days = plan.duration.map(|days| tr!(items.lang, "value-days", n = days));
    items.text("column-duration", days.as_deref());
    items.text("detail-appid", plan.appid.as_deref());
    items.text("detail-service-id", plan.service_id.as_deref());
    items.time("column-stopped", plan.stop_time);
    items.text("detail-stopped-by", plan.stop_mchid.as_deref());
    if !plan.details.is_empty() {
        items.heading("detail-steps");
        let rows = plan.details.iter().map(|detail| {
            vec![
                detail.number.map(|n| n.to_string()).unwrap_or_default(),
                or_empty(detail.name.as_deref()),
                amount(detail.original_price),
                amount(detail.actual_price),
                or_empty(detail.discount_description.as_deref()),
            ]
        });
        let headers = vec!["detail-step", "column-name", "detail-original-price", "column-price", "detail-discount"];
        items.table(headers, rows.collect());
    }
}
