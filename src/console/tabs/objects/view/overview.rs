//! What the detail says of an object: its fields as items, without regard to how wide the screen is.

use crate::console::widgets::ink::Ink;
use crate::i18n::Lang;
use crate::model::time::{Timestamp, parse_any};
use crate::model::{
    Coupon, Entity, ExchangeRate, LineItem, Money, Permission, Plan, Progress, Promotion, Refund, RefundStatus,
    ServiceOrder, SignPlan, Stock, Transaction,
};
use crate::text::age;

/// One item of an overview.
pub enum Item {
    Heading(&'static str),
    Field {
        label: &'static str,
        value: String,
        ink: Ink,
    },
    /// So much of a limit is used.
    Gauge {
        label: &'static str,
        figure: String,
        progress: Progress,
    },
    /// Header messages, and rows of texts. Text from outside.
    Table {
        headers: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
}

/// Collects items; what is missing is left out.
struct Items {
    lang: Lang,
    items: Vec<Item>,
}

impl Items {
    fn heading(&mut self, label: &'static str) {
        self.items.push(Item::Heading(label));
    }

    fn text(&mut self, label: &'static str, value: Option<&str>) {
        self.inked(label, value, Ink::Plain);
    }

    fn inked(&mut self, label: &'static str, value: Option<&str>, ink: Ink) {
        if let Some(value) = value {
            self.items.push(Item::Field { label, value: value.to_owned(), ink });
        }
    }

    fn money(&mut self, label: &'static str, amount: Option<Money>) {
        self.inked(label, amount.map(|amount| amount.to_string()).as_deref(), Ink::Strong);
    }

    /// A gauge of what is used of a limit, or what is known of the two.
    fn gauge(&mut self, label: &'static str, used: Option<i64>, limit: Option<i64>, figure: impl Fn(i64) -> String) {
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        let figures = [used, limit].map(|n| n.map_or_else(|| "?".to_owned(), &figure)).join(" / ");
        match (count(used), count(limit)) {
            (Some(done), Some(total)) => {
                let progress = Progress { done, total };
                self.items.push(Item::Gauge { label, figure: figures, progress });
            }
            (None, None) => {}
            _ => self.inked(label, Some(&figures), Ink::Strong),
        }
    }

    fn time(&mut self, label: &'static str, at: Option<Timestamp>) {
        self.text(label, at.map(age::exact).as_deref());
    }

    fn count(&mut self, label: &'static str, count: Option<i64>) {
        self.text(label, count.map(|n| n.to_string()).as_deref());
    }

    /// A rate as it is told; what it is a rate of stands behind it.
    fn rate(&mut self, rate: Option<&ExchangeRate>) {
        let told = rate.map(|rate| match &rate.kind {
            Some(kind) => format!("{rate} · {kind}"),
            None => rate.to_string(),
        });
        self.text("detail-exchange-rate", told.as_deref());
    }

    /// Whether the budget was paid in advance.
    fn funding(&mut self, no_cash: Option<bool>) {
        let words = match no_cash {
            Some(true) => "value-not-prefunded",
            Some(false) => "value-prefunded",
            None => return,
        };
        self.text("detail-funding", Some(&self.lang.t(words)));
    }

    /// What was taken off the price, a line each.
    fn promotions(&mut self, promotions: &[Promotion]) {
        if promotions.is_empty() {
            return;
        }
        self.heading("detail-promotions");
        let row = |one: &Promotion| {
            let name = or_empty(one.name.as_deref().or(one.id.as_deref()));
            vec![name, amount(one.amount), or_empty(one.kind.as_deref())]
        };
        let headers = vec!["column-name", "column-amount", "detail-promotion-kind"];
        self.items.push(Item::Table { headers, rows: promotions.iter().map(row).collect() });
    }

    fn flag(&mut self, label: &'static str, flag: Option<bool>) {
        let word = flag.map(|flag| if flag { self.lang.t("value-yes") } else { self.lang.t("value-no") });
        self.text(label, word.as_deref());
    }
}

/// Everything that is known of an entity beyond its number and state.
pub fn items(lang: Lang, entity: &Entity) -> Vec<Item> {
    let mut items = Items { lang, items: Vec::new() };
    match entity {
        Entity::Plan(plan) => of_plan(&mut items, plan),
        Entity::SignPlan(sign_plan) => of_sign_plan(&mut items, sign_plan),
        Entity::ServiceOrder(order) => of_order(&mut items, order),
        Entity::Transaction(transaction) => of_transaction(&mut items, transaction),
        Entity::Stock(stock) => of_stock(&mut items, stock),
        Entity::Refund(refund) => of_refund(&mut items, refund),
        Entity::Permission(permission) => of_permission(&mut items, permission),
        Entity::Coupon(coupon) => of_coupon(&mut items, coupon),
    }
    items.items
}

fn amount(amount: Option<Money>) -> String {
    amount.map(|amount| amount.to_string()).unwrap_or_default()
}

fn or_empty(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn of_plan(items: &mut Items, plan: &Plan) {
    items.text("column-plan-name", plan.name.as_deref());
    items.text("detail-plan-id", plan.plan_id.as_deref());
    items.money("column-price", plan.total_actual_price);
    items.money("detail-original-price", plan.total_original_price);
    items.count("column-deductions", plan.deduction_quantity);
    let days = plan.duration.map(|days| items.lang.tr("value-days", &[("n", &days)]));
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
        let rows = rows.collect();
        items.items.push(Item::Table { headers, rows });
    }
}

fn of_sign_plan(items: &mut Items, sign_plan: &SignPlan) {
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
                crate::model::DetailState::NotUsed => lang.t("step-not-used").into_owned(),
                crate::model::DetailState::Using => lang.t("step-using").into_owned(),
                crate::model::DetailState::Used => lang.t("step-used").into_owned(),
                crate::model::DetailState::Cancelled => lang.t("step-cancelled").into_owned(),
                crate::model::DetailState::Unknown(code) => format!("? {code}"),
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
        let rows = rows.collect();
        items.items.push(Item::Table { headers, rows });
    }
}

fn of_order(items: &mut Items, order: &ServiceOrder) {
    items.text("column-service", order.introduction.as_deref());
    items.text("detail-order-id", order.order_id.as_deref());
    items.text("column-user", order.openid.as_deref());
    items.money("detail-total", order.total.or_else(|| order.payable()));
    items.money("detail-risk-fund", order.risk_fund);
    let when = |text: Option<&String>| text.map(|text| parse_any(text).map_or_else(|| text.clone(), age::exact));
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
            items.items.push(line_items(lines));
        }
    }
}

fn line_items(lines: &[LineItem]) -> Item {
    let row = |line: &LineItem| {
        let count = line.count.map(|n| format!("×{n}")).unwrap_or_default();
        vec![or_empty(line.name.as_deref()), amount(line.amount), count, or_empty(line.description.as_deref())]
    };
    Item::Table {
        headers: vec!["column-name", "column-amount", "detail-count", "detail-description"],
        rows: lines.iter().map(row).collect(),
    }
}

fn of_transaction(items: &mut Items, transaction: &Transaction) {
    items.text("column-transaction-id", transaction.transaction_id.as_deref());
    items.text("column-user", transaction.openid.as_deref());
    items.money("column-amount", transaction.total);
    items.money("column-payer-paid", transaction.payer_total);
    items.rate(transaction.rate.as_ref());
    items.text("column-trade-type", transaction.trade_type.as_deref());
    items.text("detail-bank", transaction.bank_type.as_deref());
    items.time("column-paid-at", transaction.success_time);
    items.text("detail-state-text", transaction.state_text.as_deref());
    items.text("column-attach", transaction.attach.as_deref());
    items.text("detail-appid", transaction.appid.as_deref());
    items.text("detail-mchid", transaction.mchid.as_deref());
    items.promotions(&transaction.promotions);
}

fn of_stock(items: &mut Items, stock: &Stock) {
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
    items.text("detail-stock-type", stock.stock_type.as_deref());
    items.time("detail-begins", stock.begin_time);
    items.time("column-ends", stock.end_time);
    items.time("column-created", stock.create_time);
    items.time("detail-started", stock.start_time);
    items.time("column-stopped", stock.stop_time);
    items.text("detail-creator", stock.creator_mchid.as_deref());
}

fn of_refund(items: &mut Items, refund: &Refund) {
    let lang = items.lang;
    let next = match refund.status {
        RefundStatus::Abnormal => Some("refund-next-abnormal"),
        RefundStatus::Closed => Some("refund-next-closed"),
        _ => None,
    };
    items.inked("detail-next", next.map(|id| lang.t(id)).as_deref(), Ink::Warning);
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
    let channel = refund.channel.as_deref().map(|code| match code {
        "ORIGINAL" => format!("{code} · {}", lang.t("channel-original")),
        "BALANCE" => format!("{code} · {}", lang.t("channel-balance")),
        "OTHER_BALANCE" => format!("{code} · {}", lang.t("channel-other-balance")),
        "OTHER_BANKCARD" => format!("{code} · {}", lang.t("channel-other-card")),
        other => other.to_owned(),
    });
    items.text("detail-channel", channel.as_deref());
    items.text("detail-funds-account", refund.funds_account.as_deref());
    items.time("detail-refund-accepted", refund.create_time);
    items.time("detail-refund-arrived", refund.success_time);
    items.text("column-trade-number", refund.out_trade_no.as_deref());
    items.text("column-transaction-id", refund.transaction_id.as_deref());
    items.text("detail-refund-id", refund.refund_id.as_deref());
    items.promotions(&refund.promotions);
}

fn of_permission(items: &mut Items, permission: &Permission) {
    items.text("column-authorization-code", permission.authorization_code.as_deref());
    items.text("column-user", permission.openid.as_deref());
    items.time("column-authorized", permission.success_time);
    items.time("detail-permission-cancelled", permission.cancel_time);
    items.text("detail-appid", permission.appid.as_deref());
    items.text("detail-service-id", permission.service_id.as_deref());
    items.text("detail-notify-url", permission.notify_url.as_deref());
}

fn of_coupon(items: &mut Items, coupon: &Coupon) {
    items.text("column-name", coupon.name.as_deref());
    items.text("column-user", coupon.openid.as_deref());
    items.text("column-stock", coupon.stock_id.as_deref());
    items.text("detail-description", coupon.description.as_deref());
    items.money("column-face-value", coupon.coupon_amount);
    items.money("detail-minimum", coupon.transaction_minimum);
    items.funding(coupon.no_cash);
    items.text("detail-coupon-type", coupon.coupon_type.as_deref());
    items.time("detail-begins", coupon.begin_time);
    items.time("column-ends", coupon.end_time);
    items.time("detail-coupon-received", coupon.create_time);
    items.time("detail-consumed", coupon.consume_time);
    items.text("detail-consumed-at", coupon.consume_mchid.as_deref());
    items.text("column-transaction-id", coupon.transaction_id.as_deref());
    items.text("detail-send-number", coupon.out_request_no.as_deref());
    items.text("detail-creator", coupon.stock_creator_mchid.as_deref());
}
