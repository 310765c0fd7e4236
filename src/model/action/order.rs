//! Actions on service orders (PayScore reference §4): create, complete, modify, cancel, synchronise, collect.

use serde_json::{Map, Value, json};

use super::evidence::{is_made, same, shows};
use super::field::{APPID, ID, NOTIFY, ON_ACCEPT, OPENID, REASON_50, SERVICE, text};
use super::form::fresh_number;
use super::{
    Action, ActionContext, ActionId, ActionRow, AmountIn, Behaviour, Evidence, Field, FieldError, FieldKind,
    FormValues, Illegal, InBulk, PrepareError, PreviewLine, Problem, RequestParts, Risk, SameBy, Values,
};
use crate::model::query::order_owner;
use crate::model::time::{Duration, Timestamp, compact, compact_day, parse_compact};
use crate::model::{
    CollectionState, Document, EndpointId, Entity, Kind, LineItem, Money, OrderState, OrderStep, ServiceOrder, Sum,
};

const TOTAL: Field =
    Field { in_bulk: InBulk::Own("bulk-own-total"), ..Field::needed("amount", "field-amount", FieldKind::Money, "") };

pub(super) const COMPLETE: Action = Action {
    fields: &[TOTAL],
    amount_in: Some(AmountIn::TotalAmount),
    defaults: |context| {
        let Some(Entity::ServiceOrder(order)) = context.entity() else { return Values::new() };
        order.payable().map(|amount| ("amount", amount.plain())).into_iter().collect()
    },
    ..ActionRow(ActionId::OrderComplete, Kind::ServiceOrder, "complete", EndpointId::OrderComplete, Risk::MovesMoney)
        .does(Behaviour {
            legal: |entity, _| match progress(entity)? {
                Progress::Unconfirmed => Err(UNCONFIRMED),
                Progress::Confirmed => Ok(()),
                Progress::Completed => Err(Illegal("illegal-order-completed")),
            },
            request: complete,
            evidence: |sent, found| {
                let Entity::ServiceOrder(order) = found else { return Evidence::Silent };
                let done = order.state == OrderState::Done || order.step == Some(OrderStep::MerchantComplete);
                match sent.fen("total_amount") {
                    // Without a total, the request leaves no visible effect.
                    None => Evidence::Silent,
                    Some(_) if !done => shows(false, found),
                    Some(total) => of_total(total, order.total),
                }
            },
            same_by: SameBy::Amount,
        })
};

pub(super) const MODIFY: Action = Action {
    fields: &[Field { in_bulk: InBulk::Shared, ..TOTAL }, REASON_50],
    amount_in: Some(AmountIn::TotalAmount),
    ..ActionRow(ActionId::OrderModify, Kind::ServiceOrder, "modify", EndpointId::OrderModify, Risk::MovesMoney).does(
        Behaviour {
            legal: is_completed,
            request: modify,
            evidence: |sent, found| {
                let Entity::ServiceOrder(order) = found else { return Evidence::Silent };
                let Some(total) = sent.fen("total_amount") else { return Evidence::Silent };
                match of_total(total, order.total) {
                    // It was higher before.
                    Evidence::Contrary => shows(false, found),
                    other => other,
                }
            },
            same_by: SameBy::Amount,
        },
    )
};

pub(super) const CANCEL: Action = Action {
    fields: &[REASON_50],
    ..ActionRow(ActionId::OrderCancel, Kind::ServiceOrder, "cancel", EndpointId::OrderCancel, Risk::Irreversible).does(
        Behaviour {
            legal: |entity, _| match progress(entity)? {
                Progress::Unconfirmed | Progress::Confirmed | Progress::Completed => Ok(()),
            },
            request: |context, given| {
                let (order, mut body) = addressed(context)?;
                body.insert("reason".into(), given.text("reason").into());
                Ok(about_outstanding(context, order, body, Some("fact-outstanding-given-up")))
            },
            evidence: |_, found| {
                let Entity::ServiceOrder(order) = found else { return Evidence::Silent };
                shows(order.state == OrderState::Revoked, found)
            },
            same_by: SameBy::Terms,
        },
    )
};

pub(super) const SYNC: Action = Action {
    fields: &[Field::needed("paid-time", "field-paid-time", FieldKind::CompactTime, "")],
    ..ActionRow(ActionId::OrderSync, Kind::ServiceOrder, "sync", EndpointId::OrderSync, Risk::MovesMoney).does(
        Behaviour {
            legal: is_completed,
            request: |context, given| {
                let (order, mut body) = addressed(context)?;
                body.insert("type".into(), "Order_Paid".into());
                body.insert("detail".into(), json!({"paid_time": given.text("paid-time")}));
                Ok(about_outstanding(context, order, body, Some("fact-collected-elsewhere")))
            },
            evidence: |_, found| {
                let Entity::ServiceOrder(order) = found else { return Evidence::Silent };
                // An order that ended during the sync may also have been paid by deduction: the detail shows which.
                let through_wechat = order.collection.as_ref().is_some_and(|c| !c.transaction_ids.is_empty());
                shows(order.state == OrderState::Done && !through_wechat, found)
            },
            same_by: SameBy::Terms,
        },
    )
};

pub(super) const PAY: Action =
    ActionRow(ActionId::OrderPay, Kind::ServiceOrder, "pay", EndpointId::OrderPay, Risk::MovesMoney).does(Behaviour {
        legal: is_completed,
        request: |context, _| {
            let (order, body) = addressed(context)?;
            Ok(about_outstanding(context, order, body, None))
        },
        // No query ever shows it.
        evidence: |_, _| Evidence::Silent,
        same_by: SameBy::Terms,
    });

/// `risk_fund.name` (PayScore reference §4.2).
const RISK_FUNDS: &[&str] = &[ESTIMATE, "DEPOSIT", "ADVANCE", "CASH_DEPOSIT"];
const ESTIMATE: &str = "ESTIMATE_ORDER_COST";
const LINES: &[Field] = &[
    Field::needed("name", "column-name", text(20), "name"),
    Field::optional("amount", "column-amount", FieldKind::Money, "amount"),
    Field::optional("description", "detail-description", text(30), "description"),
    Field::optional("count", "detail-count", FieldKind::Whole { min: 1, max: 100 }, "count"),
];
/// The column of a line's amount.
const AMOUNT: usize = 1;

pub(super) const CREATE: Action = Action {
    fields: &[
        Field::needed("number", "field-order-number", ID, "/out_order_no"),
        Field::needed("introduction", "column-service", text(20), "/service_introduction"),
        Field::needed("confirm", "field-need-confirm", FieldKind::Flag, "/need_user_confirm").usually("false"),
        Field { required: false, ..OPENID },
        Field::needed("start", "field-start", FieldKind::Start, "/time_range/start_time").usually(ON_ACCEPT),
        Field::optional("start-remark", "field-start-remark", text(20), "/time_range/start_time_remark"),
        Field::optional("end", "field-end", FieldKind::LaterCompactTime, "/time_range/end_time"),
        Field::optional("end-remark", "field-end-remark", text(20), "/time_range/end_time_remark"),
        Field::optional("payments", "field-payments", FieldKind::Rows { columns: LINES, most: 100 }, "/post_payments"),
        Field::optional(
            "discounts",
            "field-discounts",
            FieldKind::Rows { columns: LINES, most: 30 },
            "/post_discounts",
        ),
        Field::needed("risk-fund", "field-risk-fund-name", FieldKind::Choice(RISK_FUNDS), "/risk_fund/name")
            .usually(ESTIMATE),
        Field::needed("risk-amount", "detail-risk-fund", FieldKind::Money, "/risk_fund/amount"),
        Field::optional("risk-description", "field-risk-description", text(30), "/risk_fund/description"),
        Field::optional("start-location", "field-start-location", text(50), "/location/start_location"),
        Field::optional("end-location", "field-end-location", text(50), "/location/end_location"),
        Field::optional("attach", "column-attach", text(256), "/attach"),
        NOTIFY,
        SERVICE,
        APPID,
    ],
    makes: Some(Kind::ServiceOrder),
    defaults: |context| fresh_number("SO", context.now),
    rules: |given, _, _| rules(given),
    sums,
    ..ActionRow(ActionId::OrderCreate, Kind::ServiceOrder, "create", EndpointId::OrderCreate, Risk::Makes).does(
        Behaviour {
            legal: |_, _| Err(Illegal::KIND),
            request: |_, given| {
                Ok(RequestParts {
                    body: given.body().into(),
                    makes: Some(given.id(Kind::ServiceOrder)?),
                    amount: given.money("risk-amount"),
                    preview: sums(given),
                    ..RequestParts::default()
                })
            },
            evidence: is_the_order,
            same_by: SameBy::Terms,
        },
    )
};

const UNCONFIRMED: Illegal = Illegal("illegal-order-unconfirmed");

/// The stage of an order, as far as actions depend on it.
enum Progress {
    Unconfirmed,
    Confirmed,
    /// The merchant has completed it, and its money is being collected.
    Completed,
}

/// Determined by the triple (state, state_description, collection.state).
fn progress(entity: &Entity) -> Result<Progress, Illegal> {
    let Entity::ServiceOrder(order) = entity else { return Err(Illegal::KIND) };
    let collection = order.collection.as_ref().map(|c| &c.state);
    match (&order.state, &order.step, collection) {
        (OrderState::Done, ..) => Err(Illegal("illegal-order-done")),
        (OrderState::Revoked, ..) => Err(Illegal("illegal-order-revoked")),
        (OrderState::Expired, ..) => Err(Illegal("illegal-order-expired")),
        (OrderState::Created, ..) => Ok(Progress::Unconfirmed),
        (OrderState::Doing, Some(OrderStep::MerchantComplete), Some(CollectionState::UserPaying)) => {
            Ok(Progress::Completed)
        }
        (OrderState::Doing, Some(OrderStep::UserConfirm), _) => Ok(Progress::Confirmed),
        // Any other triple permits nothing.
        (OrderState::Doing | OrderState::Unknown(_), ..) => Err(Illegal::UNKNOWN_STATE),
    }
}

fn is_completed(entity: &Entity, _: Timestamp) -> Result<(), Illegal> {
    match progress(entity)? {
        Progress::Unconfirmed => Err(UNCONFIRMED),
        Progress::Confirmed => Err(Illegal("illegal-order-not-completed")),
        Progress::Completed => Ok(()),
    }
}

/// The order, and the members of a body that identify its service.
fn addressed<'a>(context: &ActionContext<'a>) -> Result<(&'a ServiceOrder, Map<String, Value>), PrepareError> {
    let entity = context.entity();
    let Some(Entity::ServiceOrder(order)) = entity else { return Err(PrepareError::Illegal(Illegal::KIND)) };
    let (appid, service_id) = order_owner(context.merchant, entity).map_err(PrepareError::Setting)?;
    Ok((order, Map::from_iter([("appid".into(), appid.into()), ("service_id".into(), service_id.into())])))
}

/// The sign plan whose detail the order is.
fn step_of(context: &ActionContext<'_>) -> Option<PreviewLine> {
    let sign_plan = context.related_state.related.iter().find(|object| object.id.kind == Kind::SignPlan)?;
    Some(PreviewLine::new("fact-step-of", &sign_plan.id.number))
}

/// A request about the amount that is still to be collected.
fn about_outstanding(
    context: &ActionContext<'_>,
    order: &ServiceOrder,
    body: Map<String, Value>,
    label: Option<&'static str>,
) -> RequestParts {
    let amount = order.collection.as_ref().and_then(|c| c.paying);
    let line = label.zip(amount).map(|(label, amount)| PreviewLine::new(label, amount));
    let preview = line.into_iter().chain(step_of(context)).collect();
    RequestParts { body: body.into(), amount, preview, ..RequestParts::default() }
}

fn complete(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let (order, mut body) = addressed(context)?;
    let total = total(given)?;
    if let Some(range) = end_of_service(order, context.now) {
        body.insert("time_range".into(), range);
    }
    let charged = (total.minor > 0).then(|| PreviewLine::new("fact-user-charged", total));
    Ok(about_total(context, order, total, body, charged))
}

fn modify(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let (order, mut body) = addressed(context)?;
    let total = total(given)?;
    if let Some(current) = order.total.filter(|current| total.minor >= current.minor) {
        return Err(PrepareError::field("amount", Problem::NotLower { current }));
    }
    body.insert("reason".into(), given.text("reason").into());
    Ok(about_total(context, order, total, body, None))
}

fn total(given: &FormValues<'_>) -> Result<Money, PrepareError> {
    given.money("amount").ok_or(PrepareError::field("amount", Problem::Required))
}

fn about_total(
    context: &ActionContext<'_>,
    order: &ServiceOrder,
    total: Money,
    mut body: Map<String, Value>,
    charged: Option<PreviewLine>,
) -> RequestParts {
    let (payments, discounts) = lines(order, total);
    body.insert("post_payments".into(), payments);
    if let Some(discounts) = discounts {
        body.insert("post_discounts".into(), discounts);
    }
    body.insert("total_amount".into(), total.minor.into());
    let before = order.amount().filter(|before| *before != total);
    let change = before.map(|before| PreviewLine::new("fact-amount-change", format!("{before} → {total}")));
    let preview = change.into_iter().chain(charged).chain(step_of(context)).collect();
    RequestParts { body: body.into(), amount: Some(total), preview, ..RequestParts::default() }
}

/// The lines of a bill of `total`: the order's own if they add up to it, else one line under its first name. The total
/// must be Σ payments − Σ discounts (PayScore reference §4.2).
fn lines(order: &ServiceOrder, total: Money) -> (Value, Option<Value>) {
    let line = |item: &LineItem| {
        let mut line = Map::new();
        let text = [("name", &item.name), ("description", &item.description)];
        line.extend(text.iter().filter_map(|(k, v)| Some(((*k).to_owned(), Value::from(v.as_deref()?)))));
        line.extend(item.amount.map(|amount| ("amount".to_owned(), amount.minor.into())));
        line.extend(item.count.map(|count| ("count".to_owned(), count.into())));
        Value::Object(line)
    };
    if order.payable() == Some(total) {
        let discounts = (!order.discounts.is_empty()).then(|| order.discounts.iter().map(line).collect());
        return (order.payments.iter().map(line).collect(), discounts);
    }
    let first = order.payments.first().and_then(|item| item.name.as_deref());
    let name: String = first.or(order.introduction.as_deref()).unwrap_or("服务费用").chars().take(20).collect();
    (json!([{"name": name, "amount": total.minor}]), None)
}

/// A few seconds before now, because an end later than the platform's clock is refused.
const CLOCK_MARGIN: Duration = Duration::seconds(5);

/// `time_range` for a completion, if the times given at creation cannot be used: missing, or not yet past. In the
/// precision of the creation (PayScore reference §4.2).
fn end_of_service(order: &ServiceOrder, now: Timestamp) -> Option<Value> {
    let planned = order.end_time.as_deref().and_then(parse_compact);
    if planned.is_some_and(|end| end <= now - CLOCK_MARGIN) {
        return None;
    }
    let is_day = |start: &str| start.len() == 8 && parse_compact(start).is_some();
    let by_day = order.start_time.as_deref().is_some_and(is_day);
    // The margin must not move the end of a service that has only just begun before its start.
    let begun = order.start_time.as_deref().and_then(parse_compact).map(|start| start.saturating_add(Duration::SECOND));
    let end = begun.map_or(now - CLOCK_MARGIN, |begun| begun.max(now - CLOCK_MARGIN));
    let end = if by_day { compact_day(now) } else { compact(end) };
    Some(json!({"end_time": end}))
}

/// The evidence in an order for a requested total. A total can only be reduced: a lower one may mean that the requested
/// one was set and reduced again.
fn of_total(sent: Money, found: Option<Money>) -> Evidence {
    match found {
        Some(found) if sent == found => Evidence::Effect,
        Some(found) if sent.currency == found.currency && found.minor > sent.minor => Evidence::Contrary,
        _ => Evidence::Silent,
    }
}

/// Whether an order is the requested one: if the number already belonged to another user's order, or to another order,
/// this request was refused.
pub(super) fn is_the_order(sent: Document<'_>, found: &Entity) -> Evidence {
    let Entity::ServiceOrder(order) = found else { return Evidence::Silent };
    let same_owner = same(sent.text("service_id"), order.service_id.clone());
    let same_user = same(sent.text("openid"), order.openid.clone());
    is_made(same_owner && same_user && same(sent.object("risk_fund").fen("amount"), order.risk_fund))
}

fn sums(given: &FormValues<'_>) -> Vec<PreviewLine> {
    let total = |field| {
        let nothing = Sum { minor: 0, currency: given.currency };
        Money::sums(given.amounts(field, AMOUNT).into_iter().flatten()).pop().unwrap_or(nothing)
    };
    let (payments, discounts) = (total("payments"), total("discounts"));
    let rest = Sum { minor: payments.minor.saturating_sub(discounts.minor), ..payments };
    vec![PreviewLine::new("fact-lines-total", rest)]
}

fn rules(given: &FormValues<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut rule = |field: &'static str, problem: Problem| errors.push(FieldError { field, problem });
    let plain = |id: &'static str| Problem::Rule { id, value: String::new() };
    match (given.flag("confirm"), given.is_filled("openid")) {
        (Some(false), false) => rule("openid", plain("problem-openid-needed")),
        (Some(true), true) => rule("openid", plain("problem-openid-unwanted")),
        (Some(false), true) | (Some(true), false) | (None, _) => {}
    }
    // A service without confirmation can only be used first and paid later (PayScore reference §4.2).
    if given.flag("confirm") == Some(false) && !matches!(given.text("risk-fund"), "" | ESTIMATE) {
        rule("risk-fund", plain("problem-risk-fund-estimate"));
    }
    if given.money("risk-amount").is_some_and(|amount| amount.minor == 0) {
        rule("risk-amount", Problem::Zero);
    }
    if let Some(error) = time_rules(given) {
        rule(error.field, error.problem);
    }
    if given.is_filled("end-remark") && !given.is_filled("end") {
        rule("end-remark", plain("problem-remark-alone"));
    }
    if given.is_filled("end-location") && !given.is_filled("start-location") {
        rule("end-location", plain("problem-location-alone"));
    }
    for (field, both) in [("payments", false), ("discounts", true)] {
        let rows = given.rows(field);
        for (i, cells) in rows.iter().enumerate() {
            let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
            let in_row = |id| Problem::Row { row: i + 1, column: None, problem: Box::new(plain(id)) };
            if both && cell(2).is_empty() {
                rule(field, in_row("problem-discount-described"));
            } else if !both && cell(AMOUNT).is_empty() && cell(2).is_empty() {
                rule(field, in_row("problem-line-empty"));
            }
            // 商品信息 is the one name that may stand twice.
            let same = rows[..i].iter().any(|before| before.first() == cells.first());
            if same && cell(0) != "商品信息" {
                rule(field, in_row("problem-name-twice"));
            }
        }
    }
    errors
}

/// The rule for the times of a service: its end is after its start and in the future (PayScore reference §4.2).
pub(super) fn time_rules(given: &FormValues<'_>) -> Option<FieldError> {
    let (start, end) = (given.time("start"), given.time("end")?);
    let is_exact = |field| given.text(field).len() == 14;
    // Equal days are allowed.
    let problem = if start.is_some_and(|start| end < start || end == start && is_exact("start") && is_exact("end")) {
        Problem::Rule { id: "problem-end-before-start", value: String::new() }
    } else if is_exact("end") && end < given.now + Duration::MINUTE {
        Problem::Past
    } else {
        return None;
    };
    Some(FieldError { field: "end", problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Object;

    #[test]
    fn a_service_ends_after_its_start_and_before_the_platforms_clock() {
        let now = parse_compact("20261122003212").unwrap();
        for (start, end) in [
            ("20261122003000", "20261122003207"),
            // The platform's clock is ahead of ours by a second.
            ("20261122003213", "20261122003214"),
            ("20261122003209", "20261122003210"),
            ("20261122", "20261122"),
            ("OnAccept", "20261122003207"),
        ] {
            let raw = json!({"out_order_no": "O-1", "state": "DOING", "time_range": {"start_time": start}});
            let object = Object::parse(Kind::ServiceOrder, &raw.to_string()).unwrap();
            let Entity::ServiceOrder(order) = &*object.entity else { panic!("{:?}", object.entity) };
            assert_eq!(end_of_service(order, now), Some(json!({ "end_time": end })), "{start}");
        }
    }
}
