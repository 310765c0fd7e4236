//! What is made: plans, sign plans, service orders, permissions, transactions, stocks and coupons. Their [`fields`] with
//! the documented [`rules`], what follows from what was filled in, and what the preview tells.

mod fields;
mod given;
mod rules;

use serde_json::{Map, Value, json};

use super::field::ON_ACCEPT;
use super::{ActionId, Fact, FieldError, PrepareError, Problem, Values, body};
use crate::model::time::{Timestamp, compact, rfc3339};
use crate::model::{
    Currency, DetailState, Document, Entity, Kind, Merchant, MissingSetting, Money, MoneyError, Number, Object,
    ObjectId, Plan, Region, SignPlan, Sum,
};
use fields::RISK_FUNDS;
pub(super) use fields::{
    APP, CALLBACK, COUPON, DETAIL_ORDER, H5, JSAPI, NATIVE, ORDER, PERMISSION, PLAN, SIGN_PLAN, STOCK,
};
use given::{Given, stock_budget};
pub(super) use given::{currency, currency_of};
pub(super) use rules::rules;

/// What the form starts with, of what no object says.
pub(super) fn defaults(action: ActionId, merchant: &Merchant, now: Timestamp) -> Values {
    let mut values = Values::new();
    let setting = |setting: Option<&str>| setting.unwrap_or_default().to_owned();
    // Two people, or two commands, may ask within one second.
    let moment = format!("{}{:03}", compact(now), now.millisecond());
    let fresh = |prefix: &str| format!("{prefix}{moment}");
    for field in action.action().fields_in(merchant.region) {
        let value = match (field.name, action) {
            ("appid", _) => setting(merchant.appid.as_ref().map(crate::model::AppId::as_str)),
            ("service-id", _) => setting(merchant.service_id.as_ref().map(crate::model::ServiceId::as_str)),
            ("notify-url", _) => setting(merchant.notify_url.as_deref()),
            ("number", ActionId::PlanCreate) => fresh("PLN"),
            ("number", ActionId::PlanSell) => fresh("SGN"),
            ("number", ActionId::OrderCreate) => fresh("SO"),
            ("number", ActionId::PermissionCreate) => fresh("AUTH"),
            ("number", ActionId::StockCreate | ActionId::StockSend) => format!("{}{moment}", merchant.mchid),
            ("number", ActionId::TransactionJsapi | ActionId::TransactionNative) => fresh("PAY"),
            ("number", ActionId::TransactionApp | ActionId::TransactionH5) => fresh("PAY"),
            ("start", _) => ON_ACCEPT.to_owned(),
            ("confirm" | "natural-person" | "no-cash", _) => "false".to_owned(),
            ("prevent-abuse" | "switch", _) => "true".to_owned(),
            ("risk-fund", _) => RISK_FUNDS[0].to_owned(),
            ("h5-type", _) => "Wap".to_owned(),
            ("per-user", _) => "1".to_owned(),
            ("merchants", _) => merchant.mchid.as_str().to_owned(),
            _ => continue,
        };
        values.insert(field.name, value);
    }
    values
}

/// The same, of what the object says that it is made of.
pub(super) fn defaults_of(action: ActionId, object: &Object, values: &mut Values) {
    if let (ActionId::SignPlanOrder, Entity::SignPlan(sign_plan)) = (action, &*object.entity) {
        let next = next_detail(sign_plan).map(|place| (place + 1).to_string());
        values.insert("detail", next.unwrap_or_default());
        let name: String = sign_plan.plan_name.as_deref().unwrap_or_default().chars().take(20).collect();
        values.insert("introduction", name);
    }
}

/// The detail whose turn it is: the first that was not used, if everything before it has ended (PayScore reference
/// §3.6).
pub(super) fn next_detail(sign_plan: &SignPlan) -> Option<usize> {
    let ended = |state: &DetailState| matches!(state, DetailState::Used | DetailState::Cancelled);
    let place = sign_plan.details.iter().position(|detail| !ended(&detail.state))?;
    (sign_plan.details[place].state == DetailState::NotUsed).then_some(place)
}

/// What the values come to, while they are typed and in the preview.
pub(super) fn sums(action: ActionId, values: &Values) -> Vec<Fact> {
    let given = Given { values, now: Timestamp::UNIX_EPOCH };
    let total = |amounts: Vec<Option<Money>>| {
        let none = Sum { minor: 0, currency: given.currency() };
        Money::sums(amounts.into_iter().flatten()).pop().unwrap_or(none)
    };
    let fact = |label, value: String| Fact { label, value };
    match action {
        ActionId::PlanCreate => {
            let (original, actual) = (total(given.amounts("details", 1)), total(given.amounts("details", 2)));
            vec![
                fact("column-deductions", given.rows("details").len().to_string()),
                fact("detail-original-price", original.to_string()),
                fact("column-price", actual.to_string()),
            ]
        }
        ActionId::OrderCreate => {
            let (payments, discounts) = (total(given.amounts("payments", 1)), total(given.amounts("discounts", 1)));
            let rest = Sum { minor: payments.minor.saturating_sub(discounts.minor), ..payments };
            vec![fact("fact-lines-total", rest.to_string())]
        }
        ActionId::StockCreate => {
            let budget = stock_budget(&given).map(|budget| budget.to_string()).unwrap_or_default();
            vec![fact("column-budget", budget)]
        }
        _ => Vec::new(),
    }
}

/// What is made of the values, beside the body that the fields declare.
pub(super) struct Made {
    pub(super) id: ObjectId,
    pub(super) amount: Option<Money>,
    pub(super) facts: Vec<Fact>,
}

/// Completes the body of a creation, and says what it makes. The values were checked.
pub(super) fn complete(
    action: ActionId,
    object: Option<&Object>,
    merchant: &Merchant,
    values: &Values,
    now: Timestamp,
    map: &mut Map<String, Value>,
) -> Result<Made, PrepareError> {
    let given = Given { values, now };
    let number = |text: &str, kind: Kind| {
        let parsed = Number::parse(text);
        parsed
            .map(|number| ObjectId::new(kind, number))
            .map_err(|_| PrepareError::Fields(vec![FieldError { field: "number", problem: Problem::Required }]))
    };
    let mchid = merchant.mchid.as_str();
    let mut facts = sums(action, values);
    let mut amount = None;
    let id = match (action, object.map(|object| &*object.entity)) {
        (ActionId::PlanCreate, _) => {
            let total = |column| {
                let amounts = given.amounts("details", column).into_iter().flatten();
                Money::total(amounts, Currency::CNY).map(|total| total.minor).ok_or_else(|| {
                    let problem = Problem::NotMoney(MoneyError::Range);
                    PrepareError::Fields(vec![FieldError { field: "details", problem }])
                })
            };
            let (original, actual) = (total(1)?, total(2)?);
            map.insert("deduction_quantity".into(), given.rows("details").len().into());
            map.insert("total_original_price".into(), original.into());
            map.insert("total_actual_price".into(), actual.into());
            amount = Some(Money::cny(actual));
            number(given.text("number"), Kind::Plan)?
        }
        (ActionId::PlanSell, Some(Entity::Plan(plan))) => {
            let plan_id = plan.plan_id.as_deref().ok_or(PrepareError::Illegal(super::Illegal("illegal-plan-no-id")))?;
            let service_id = plan.service_id.as_deref().or(merchant.service_id.as_ref().map(|id| id.as_str()));
            let service_id = service_id.ok_or(PrepareError::Setting(MissingSetting("service_id")))?;
            map.insert("service_id".into(), service_id.into());
            map.insert("plan_id".into(), plan_id.into());
            let own = given.text("number");
            number_details(plan, own, &given, map)?;
            amount = plan.total_actual_price;
            number(own, Kind::SignPlan)?
        }
        (ActionId::SignPlanOrder, Some(Entity::SignPlan(sign_plan))) => {
            let place =
                next_detail(sign_plan).ok_or(PrepareError::Illegal(super::Illegal("illegal-detail-blocked")))?;
            let detail = &sign_plan.details[place];
            let own = detail.order_number.as_deref().unwrap_or_default();
            for (name, value) in [
                ("service_id", sign_plan.service_id.as_deref()),
                ("sign_plan_id", sign_plan.sign_plan_id.as_deref()),
                ("openid", sign_plan.openid.as_deref()),
                ("out_trade_no", Some(own)),
            ] {
                map.insert(name.into(), value.unwrap_or_default().into());
            }
            amount = detail.actual_price;
            number(own, Kind::ServiceOrder)?
        }
        (ActionId::OrderCreate, _) => {
            amount = given.money("risk-amount");
            number(given.text("number"), Kind::ServiceOrder)?
        }
        (ActionId::PermissionCreate, _) => number(given.text("number"), Kind::Permission)?,
        (
            ActionId::TransactionJsapi
            | ActionId::TransactionNative
            | ActionId::TransactionApp
            | ActionId::TransactionH5,
            _,
        ) => {
            match merchant.region {
                Region::Mainland => drop(map.insert("mchid".into(), mchid.into())),
                Region::Global => of_global_merchant(action, merchant, map),
            }
            body::place(map, "/amount/currency", given.currency().code().into());
            amount = given.money("amount");
            number(given.text("number"), Kind::Transaction)?
        }
        (ActionId::StockCreate, _) => {
            map.insert("belong_merchant".into(), mchid.into());
            map.insert("stock_type".into(), "NORMAL".into());
            amount = stock_budget(&given);
            body::place(map, "/stock_use_rule/max_amount", amount.map_or(0, |budget| budget.minor).into());
            if let (Some(begins), Some(ends)) = (given.time("begins"), given.time("ends")) {
                facts
                    .push(Fact {
                        label: "fact-stock-runs", value: format!("{} → {}", rfc3339(begins), rfc3339(ends))
                    });
            }
            // Until it is made it is known by the number of the request.
            number(given.text("number"), Kind::Stock)?
        }
        (ActionId::StockSend, Some(Entity::Stock(stock))) => {
            let creator = stock.creator_mchid.as_deref().unwrap_or(mchid);
            map.insert("stock_creator_mchid".into(), creator.into());
            if let Some(stock) = object {
                map.insert("stock_id".into(), stock.id.number.as_str().into());
            }
            amount = stock.coupon_amount;
            if let (Some(sent), Some(most)) = (stock.distributed_coupons, stock.max_coupons) {
                facts.push(Fact { label: "fact-coupons-sent", value: format!("{sent} / {most}") });
            }
            // Likewise.
            number(given.text("number"), Kind::Coupon)?
        }
        (ActionId::StockCallback, _) => {
            map.insert("mchid".into(), mchid.into());
            number(&format!("callback@{mchid}"), Kind::Stock)?
        }
        _ => return Err(PrepareError::Illegal(super::Illegal("illegal-kind"))),
    };
    Ok(Made { id, amount, facts })
}

/// Says whose an order abroad is, and how it is to be paid: an institution's members have names of their own (Global
/// reference §0).
fn of_global_merchant(action: ActionId, merchant: &Merchant, map: &mut Map<String, Value>) {
    for (name, id) in merchant.global_ids() {
        map.insert(name.into(), id.into());
    }
    if merchant.sub_mchid.is_some() {
        let rename = |members: &mut Map<String, Value>, from: &str, to: &str| {
            if let Some(value) = members.remove(from) {
                members.insert(to.to_owned(), value);
            }
        };
        rename(map, "appid", "sp_appid");
        if let Some(Value::Object(payer)) = map.get_mut("payer") {
            rename(payer, "openid", "sp_openid");
        }
    }
    let word = match action {
        ActionId::TransactionJsapi => "JSAPI",
        ActionId::TransactionApp => "APP",
        ActionId::TransactionH5 => "MWEB",
        _ => "NATIVE",
    };
    map.insert("trade_type".into(), word.into());
}

/// The longest number of an order (PayScore reference §0).
const ORDER_NUMBER: usize = 32;

/// The numbers of a sign plan's details, which become those of their orders: those that were given, each detail once,
/// or the sign plan's own with the detail behind it.
fn number_details(plan: &Plan, own: &str, given: &Given<'_>, map: &mut Map<String, Value>) -> Result<(), PrepareError> {
    let refuse = |field, id, value: String| {
        Err(PrepareError::Fields(vec![FieldError { field, problem: Problem::Rule { id, value } }]))
    };
    let rows = given.rows("details");
    if !rows.is_empty() {
        let mut details: Vec<usize> = rows.iter().filter_map(|cells| cells.first()?.parse().ok()).collect();
        details.sort_unstable();
        let numbers: std::collections::HashSet<_> = rows.iter().filter_map(|cells| cells.get(1)).collect();
        if details != (1..=plan.details.len()).collect::<Vec<_>>() || numbers.len() != rows.len() {
            return refuse("details", "problem-details-once", plan.details.len().to_string());
        }
        return Ok(());
    }
    let numbers: Vec<String> = (1..=plan.details.len()).map(|n| format!("{own}-{n:02}")).collect();
    if let Some(long) = numbers.iter().map(String::len).max().filter(|longest| *longest > ORDER_NUMBER) {
        return refuse("number", "problem-detail-numbers-long", (own.len() + ORDER_NUMBER - long).to_string());
    }
    let detail = |(i, number): (usize, String)| json!({"plan_detail_no": i + 1, "merchant_plan_detail_no": number});
    map.insert("sign_plan_detail".into(), numbers.into_iter().enumerate().map(detail).collect());
    Ok(())
}

/// What a body says of members that the action works out itself, where that differs from what it comes to.
pub fn derived_differ(given: &Value, built: &str, derived: &[&'static str]) -> Vec<FieldError> {
    let built: Value = serde_json::from_str(built).unwrap_or_default();
    let differs = |pointer: &&'static str| {
        let at = format!("/{pointer}");
        given.pointer(&at).is_some_and(|given| built.pointer(&at) != Some(given))
    };
    let told = |field: &'static str| {
        let value = built.pointer(&format!("/{field}")).map(Value::to_string).unwrap_or_default();
        FieldError { field, problem: Problem::Rule { id: "problem-derived", value } }
    };
    derived.iter().copied().filter(|pointer| differs(pointer)).map(told).collect()
}

/// What a reply to a creation says was made: its id, and its document where the reply holds one.
pub fn made(action: ActionId, operation: &ObjectId, target: &str, reply: &str) -> (ObjectId, Option<Object>) {
    let value: Value = serde_json::from_str(reply).unwrap_or_default();
    let doc = Document::new(&value);
    let found = match action {
        ActionId::StockCreate => {
            let id = doc.text("stock_id").and_then(|id| Number::parse(&id).ok());
            return (id.map_or_else(|| operation.clone(), |id| ObjectId::new(Kind::Stock, id)), None);
        }
        ActionId::StockSend => {
            let endpoint = action.action().endpoint.endpoint();
            let openid = endpoint.parameters_leniently(target).and_then(|found| found.into_iter().next());
            let id = doc.text("coupon_id").zip(openid).and_then(|(id, openid)| ObjectId::of_coupon(&id, &openid).ok());
            return (id.unwrap_or_else(|| operation.clone()), None);
        }
        ActionId::PlanSell => value.get("sign_plan").map(Value::to_string),
        _ => Some(reply.to_owned()),
    };
    // A refund abroad is accepted without a word about its state: that is no document of it yet (Global reference §6).
    let whole = |object: &Object| object.id.kind != Kind::Refund || !object.entity.state().code.is_empty();
    let object = found
        .and_then(|raw| Object::parse(operation.kind, &raw).ok())
        .filter(|object| object.id == *operation && whole(object));
    (operation.clone(), object)
}
