//! Sign plans: their columns and their overview.

use crate::console::tabs::objects::columns::{AMOUNT, FRESH, NUMBER, ObjectColumn, PROGRESS, STATE, TIME, TITLE, USER};
use crate::console::tabs::objects::overview::{Items, amount, or_empty};
use crate::model::{DetailState, SignPlan};

pub(super) const COLUMNS: &[ObjectColumn] = &[
    NUMBER,
    ObjectColumn { header: "column-plan-name", ..TITLE },
    USER,
    STATE,
    ObjectColumn { header: "column-price", ..AMOUNT },
    ObjectColumn { header: "column-steps", ..PROGRESS },
    ObjectColumn { header: "column-signed", ..TIME },
    FRESH,
];

pub(super) fn overview(items: &mut Items, sign_plan: &SignPlan) {
    items.text("column-plan-name", sign_plan.plan_name.as_deref());
    items.text("detail-sign-plan-id", sign_plan.sign_plan_id.as_deref());
    items.text("detail-plan-id", sign_plan.plan_id.as_deref());
    items.text("column-user", sign_plan.openid.as_deref());
    items.money("column-price", sign_plan.total_actual_price);
    items.money("detail-original-price", sign_plan.total_original_price);
    items.time("column-signed", sign_plan.sign_time);
    items.time("detail-plan-over", sign_plan.plan_over_time);
    items.time("detail-cancelled", sign_plan.cancel_time);
    items.text("detail-cancel-reason", sign_plan.cancel_reason.as_deref());
    items.text("detail-appid", sign_plan.appid.as_deref());
    items.text("detail-service-id", sign_plan.service_id.as_deref());
    if !sign_plan.details.is_empty() {
        items.heading("detail-steps");
        let lang = items.lang;
        let rows = sign_plan.details.iter().map(|detail| {
            let state = match &detail.state {
                DetailState::NotUsed => lang.t("step-not-used"),
                DetailState::Using => lang.t("step-using"),
                DetailState::Used => lang.t("step-used"),
                DetailState::Cancelled => lang.t("step-cancelled"),
                DetailState::Unknown(code) => format!("? {code}"),
            };
            vec![
                detail.number.map(|n| n.to_string()).unwrap_or_default(),
                or_empty(detail.name.as_deref()),
                state,
                amount(detail.actual_pay_price.or(detail.actual_price)),
                or_empty(detail.order_number.as_deref()),
            ]
        });
        let headers = vec!["detail-step", "column-name", "column-state", "column-amount", "detail-order-number"];
        items.table(headers, rows.collect());
    }
}
