//! What an action sends: built once, shown in the preview, and then sent as it was shown.

use serde_json::{Map, Value, json};

use super::field::money;
use super::{
    Action, ActionId, Again, FieldError, Illegal, Intention, Problem, Secret, Surroundings, Values, abnormal, body,
    creation, refund, witness,
};
use crate::model::query::order_owner;
use crate::model::time::{Duration, Timestamp, compact, compact_day, parse_compact, rfc3339};
use crate::model::{
    AppId, EndpointId, Entity, Kind, LineItem, Merchant, MissingSetting, Money, Object, ObjectId, Region, ServiceId,
    ServiceOrder, Stock, Tone,
};

/// An action on one object, ready to be sent. What is confirmed is this value, and this value is what is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub action: ActionId,
    /// Where it is sent: the action's endpoint in the merchant's region.
    pub endpoint: EndpointId,
    /// What it is on; of a creation, what it makes.
    pub object: ObjectId,
    /// The object that is asked when the outcome is not known: itself, or the one that is made.
    pub witness: ObjectId,
    /// The object's name, for the preview. Text from outside.
    pub title: Option<String>,
    pub user: Option<String>,
    /// The state's code when the operation was prepared.
    pub before: String,
    /// The request target, as it is signed and sent.
    pub target: String,
    /// The exact body; empty where the endpoint takes none.
    pub body: String,
    /// The latest entry of the journal about the object when it was prepared: what came later, nobody has seen who
    /// confirms this. Of a creation there is nothing to have seen.
    pub seen: Option<i64>,
    /// The money that moves or is given up.
    pub amount: Option<Money>,
    /// What else it touches.
    pub facts: Vec<Fact>,
    /// Why, for the journal: what its form asked for, else what was said when it was confirmed.
    pub reason: Option<String>,
    /// Members of the body that are encrypted when it is sent. Until then the body shows their masks.
    pub secrets: Vec<Secret>,
    /// Whether it may be a second one of the same intention.
    pub again: Again,
}

/// A line of the preview: a message id and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
}

/// Why an action cannot be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepareError {
    Illegal(Illegal),
    Fields(Vec<FieldError>),
    Setting(MissingSetting),
}

impl Operation {
    /// Whether something in its body is yet to be encrypted.
    pub fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// What must be typed to confirm, for operations that cannot be taken back: the end of the number, or the journal
    /// entry that is repeated on purpose.
    pub fn typed_confirmation(&self) -> Option<String> {
        match self.again {
            Again::AfterEntry(journal) => Some(journal.to_string()),
            Again::No | Again::Yes => {
                self.action.action().risk.is_typed().then(|| self.object.number.tail().to_owned())
            }
        }
    }

    /// What it is meant to bring about.
    pub fn intention(&self) -> Intention {
        Intention::of(self.action, &self.object, &self.target, &self.body)
    }

    /// Everything it changes or makes: the object first.
    pub fn touched(&self) -> Vec<ObjectId> {
        let made = Some(&self.witness).filter(|witness| **witness != self.object);
        std::iter::once(&self.object).chain(made).cloned().collect()
    }
}

/// Checks the form and builds the request. `around` is what is known of the objects that belong to this one or
/// depend on it.
pub fn prepare(
    action: &'static Action,
    object: &Object,
    around: &Surroundings,
    merchant: &Merchant,
    values: &Values,
    now: Timestamp,
) -> Result<Operation, PrepareError> {
    exists(action, merchant)?;
    action.legal(&object.entity, now).map_err(PrepareError::Illegal)?;
    let errors = action.problems(Some(object), values, merchant.region, true, now);
    if !errors.is_empty() {
        return Err(PrepareError::Fields(errors));
    }
    let text = |name: &str| values.get(name).map_or("", |v| v.trim());
    let number = object.id.number.as_str();
    let endpoint = action.endpoint.on(merchant.region);
    let target = match (action.id, &*object.entity) {
        (ActionId::StockSend, _) => endpoint.endpoint().target(&[("openid", text("openid"))], &[]),
        (ActionId::PermissionTerminateOpenid, Entity::Permission(permission)) => {
            let openid = permission.openid.as_deref().unwrap_or_default();
            endpoint.endpoint().target(&[("openid", openid)], &[])
        }
        (ActionId::PermissionTerminate, Entity::Permission(permission)) => {
            // It may be known by its user.
            let code = permission.authorization_code.as_deref().unwrap_or(number);
            endpoint.endpoint().target(&[("authorization_code", code)], &[])
        }
        // Built with the rest.
        (ActionId::RefundApplyAbnormal, _) => String::new(),
        _ => endpoint.endpoint().target(&[(object.id.kind.number_field(), number)], &[]),
    };
    let mut operation = Operation {
        action: action.id,
        endpoint,
        object: object.id.clone(),
        witness: object.id.clone(),
        title: object.entity.title().map(str::to_owned),
        user: object.entity.user().map(str::to_owned),
        before: object.entity.state().code,
        target,
        body: String::new(),
        seen: Some(around.journal),
        amount: None,
        facts: Vec::new(),
        reason: action.asks_reason().then(|| text("reason").to_owned()),
        secrets: Vec::new(),
        again: Again::No,
    };
    if action.makes.is_some() && action.id != ActionId::TransactionRefund {
        let mut map = body::build(action.fields_in(merchant.region), values, creation::currency(values));
        let made = creation::complete(action.id, Some(object), merchant, values, now, &mut map)?;
        operation.body = Value::Object(map).to_string();
        (operation.witness, operation.amount, operation.facts) = (made.id, made.amount, made.facts);
        return Ok(operation);
    }
    match &*object.entity {
        Entity::Plan(plan) => {
            operation.amount = plan.total_actual_price;
            // Stopping ends no signing: these go on, and are charged (PayScore reference §2.3).
            let (running, worth) = around.count(Kind::SignPlan, |state| state.tone == Tone::Running);
            operation.fact("fact-running-sign-plans", format!("{running} · {worth}"));
            let (waiting, _) = around.count(Kind::SignPlan, |state| state.tone == Tone::Waiting);
            operation.fact("fact-unsigned-sign-plans", waiting.to_string());
        }
        Entity::SignPlan(sign_plan) => {
            let (count, worth) = sign_plan.unused();
            operation.body = json!({"stop_reason": text("reason")}).to_string();
            operation.fact("fact-unused-details", format!("{count} · {worth}"));
            if let Some(detail) = sign_plan.in_use() {
                // Cancelling the signing leaves this order as it is (PayScore reference §3.4).
                let number = detail.order_number.clone().unwrap_or_default();
                let order = around.object(Kind::ServiceOrder, &number).map(|order| {
                    let amount = order.entity.amount().map(|amount| format!(" · {amount}")).unwrap_or_default();
                    format!("{amount} · {}", order.entity.state().code)
                });
                operation.fact("fact-detail-in-use", number + &order.unwrap_or_default());
            }
        }
        Entity::ServiceOrder(order) => {
            let (appid, service_id) = order_owner(merchant, Some(&object.entity)).map_err(PrepareError::Setting)?;
            let mut body = Map::new();
            body.insert("appid".into(), appid.into());
            body.insert("service_id".into(), service_id.into());
            order_body(action.id, order, &text, now, &mut body, &mut operation)?;
            operation.body = Value::Object(body).to_string();
            if let Some(sign_plan) = around.related.iter().find(|object| object.id.kind == Kind::SignPlan) {
                operation.fact("fact-step-of", sign_plan.id.number.to_string());
            }
        }
        Entity::Transaction(transaction) if action.id == ActionId::TransactionRefund => {
            refund::build(transaction, around, merchant, &text, &mut operation)?;
        }
        Entity::Transaction(transaction) => {
            let mchid = transaction.mchid.as_deref().unwrap_or(merchant.mchid.as_str());
            let ids = match merchant.region {
                Region::Mainland => vec![("mchid", mchid)],
                Region::Global => merchant.global_ids(),
            };
            let ids: Map<String, Value> = ids.into_iter().map(|(name, id)| (name.to_owned(), id.into())).collect();
            operation.body = Value::Object(ids).to_string();
            operation.amount = transaction.total;
        }
        Entity::Stock(stock) => {
            let creator = stock.creator_mchid.as_deref().unwrap_or(merchant.mchid.as_str());
            operation.body = json!({"stock_creator_mchid": creator}).to_string();
            stock_facts(action.id, stock, &mut operation);
        }
        Entity::Permission(permission) => {
            let service_id = permission.service_id.as_deref().or(merchant.service_id.as_ref().map(ServiceId::as_str));
            let service_id = service_id.ok_or(PrepareError::Setting(MissingSetting("service_id")))?;
            let mut body = json!({"service_id": service_id, "reason": text("reason")});
            if action.id == ActionId::PermissionTerminateOpenid {
                let appid = permission.appid.as_deref().or(merchant.appid.as_ref().map(AppId::as_str));
                body["appid"] = appid.ok_or(PrepareError::Setting(MissingSetting("appid")))?.into();
            }
            operation.body = body.to_string();
        }
        Entity::Refund(refund) => abnormal::build(object, refund, &text, &mut operation)?,
        // The catalogue has no action on these.
        Entity::Coupon(_) => {}
    }
    if let Some(witness) = witness(action.id, &operation.object, &operation.body) {
        operation.witness = witness;
    }
    Ok(operation)
}

/// Refuses what the merchant's region does not have.
fn exists(action: &Action, merchant: &Merchant) -> Result<(), PrepareError> {
    match action.is_in(merchant.region) {
        true => Ok(()),
        false => Err(PrepareError::Illegal(Illegal("illegal-region"))),
    }
}

/// Checks the form of a creation and builds the request.
pub fn create(
    action: &'static Action,
    merchant: &Merchant,
    values: &Values,
    now: Timestamp,
) -> Result<Operation, PrepareError> {
    exists(action, merchant)?;
    let errors = action.problems(None, values, merchant.region, true, now);
    if !errors.is_empty() {
        return Err(PrepareError::Fields(errors));
    }
    let endpoint = action.endpoint.on(merchant.region);
    let mut map = body::build(action.fields_in(merchant.region), values, creation::currency(values));
    let made = creation::complete(action.id, None, merchant, values, now, &mut map)?;
    let text = |name: &str| values.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(Operation {
        action: action.id,
        endpoint,
        object: made.id.clone(),
        witness: made.id,
        title: text("name").or_else(|| text("description")).or_else(|| text("introduction")),
        user: text("openid"),
        before: String::new(),
        target: endpoint.endpoint().target(&[], &[]),
        body: Value::Object(map).to_string(),
        seen: None,
        amount: made.amount,
        facts: made.facts,
        reason: None,
        secrets: Vec::new(),
        again: Again::No,
    })
}

impl Operation {
    pub(super) fn fact(&mut self, label: &'static str, value: String) {
        self.facts.push(Fact { label, value });
    }
}

fn order_body<'v>(
    action: ActionId,
    order: &ServiceOrder,
    text: &impl Fn(&str) -> &'v str,
    now: Timestamp,
    body: &mut Map<String, Value>,
    operation: &mut Operation,
) -> Result<(), PrepareError> {
    let refuse = |field, problem| PrepareError::Fields(vec![FieldError { field, problem }]);
    let outstanding = order.collection.as_ref().and_then(|c| c.paying);
    match action {
        ActionId::OrderComplete | ActionId::OrderModify => {
            let total = money(text("amount")).map_err(|problem| refuse("amount", problem))?;
            if action == ActionId::OrderModify {
                if let Some(current) = order.total.filter(|current| total.minor >= current.minor) {
                    return Err(refuse("amount", Problem::NotLower { current }));
                }
                body.insert("reason".into(), text("reason").into());
            } else if let Some(range) = end_of_service(order, now) {
                body.insert("time_range".into(), range);
            }
            let (payments, discounts) = lines(order, total);
            body.insert("post_payments".into(), payments);
            if let Some(discounts) = discounts {
                body.insert("post_discounts".into(), discounts);
            }
            body.insert("total_amount".into(), total.minor.into());
            operation.amount = Some(total);
            if let Some(before) = order.amount().filter(|before| *before != total) {
                operation.fact("fact-amount-change", format!("{before} → {total}"));
            }
            if action == ActionId::OrderComplete && total.minor > 0 {
                operation.fact("fact-user-charged", total.to_string());
            }
        }
        ActionId::OrderCancel => {
            body.insert("reason".into(), text("reason").into());
            if let Some(amount) = outstanding {
                operation.amount = Some(amount);
                operation.fact("fact-outstanding-given-up", amount.to_string());
            }
        }
        ActionId::OrderSync => {
            body.insert("type".into(), "Order_Paid".into());
            body.insert("detail".into(), json!({"paid_time": text("paid-time")}));
            operation.amount = outstanding;
            if let Some(amount) = outstanding {
                operation.fact("fact-collected-elsewhere", amount.to_string());
            }
        }
        _ => operation.amount = outstanding,
    }
    Ok(())
}

/// The lines of a bill of `total`: the order's own if they add up to it, else one line under its first name. The
/// total must be Σ payments − Σ discounts (PayScore reference §4.2).
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

/// `time_range` for a completion, where the times given at creation do not serve: none, or not yet past. In the
/// precision of the creation (PayScore reference §4.2).
fn end_of_service(order: &ServiceOrder, now: Timestamp) -> Option<Value> {
    let planned = order.end_time.as_deref().and_then(parse_compact);
    if planned.is_some_and(|end| end <= now - CLOCK_MARGIN) {
        return None;
    }
    let is_day = |start: &str| start.len() == 8 && parse_compact(start).is_some();
    let by_day = order.start_time.as_deref().is_some_and(is_day);
    // The margin must not put the end of a service that has only just begun before its start.
    let begun = order.start_time.as_deref().and_then(parse_compact).map(|start| start.saturating_add(Duration::SECOND));
    let end = begun.map_or(now - CLOCK_MARGIN, |begun| begun.max(now - CLOCK_MARGIN));
    let end = if by_day { compact_day(now) } else { compact(end) };
    Some(json!({"end_time": end}))
}

fn stock_facts(action: ActionId, stock: &Stock, operation: &mut Operation) {
    operation.amount = stock.max_amount;
    if let (Some(sent), Some(max)) = (stock.distributed_coupons, stock.max_coupons) {
        operation.fact("fact-coupons-sent", format!("{sent} / {max}"));
        // Which of them were used, no query tells; whatever is done to the stock, the others stay good (coupons reference
        // §5).
        let worth = stock.distributed_amount().map(|worth| format!(" · ≤ {worth}")).unwrap_or_default();
        operation.fact("fact-coupons-outstanding", format!("≤ {sent}{worth}"));
    }
    if let Some(end) = stock.end_time {
        operation.fact("fact-stock-ends", rfc3339(end));
    }
    if action == ActionId::StockStart && stock.no_cash == Some(false) {
        // A prefunded stock freezes its whole budget when it starts (coupons reference §3.2).
        operation.fact("fact-budget-frozen", stock.max_amount.map(|m| m.to_string()).unwrap_or_default());
    }
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
