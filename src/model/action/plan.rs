//! Actions on plans (PayScore reference §2): create, sell as a sign plan, stop.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::evidence::{is_made, same, shows};
use super::field::{APPID, ID, NOTIFY, OPENID, SERVICE, text};
use super::form::fresh_number;
use super::{
    Action, ActionContext, ActionId, ActionRow, Behaviour, Evidence, Field, FieldError, FieldKind, FormValues, Illegal,
    PrepareError, PreviewLine, Problem, RequestParts, Risk, SameBy,
};
use crate::model::{
    Currency, EndpointId, Entity, Kind, MissingSetting, Money, MoneyError, Plan, PlanState, ServiceId, Sum, Tone,
};

pub(super) const STOP: Action =
    ActionRow(ActionId::PlanStop, Kind::Plan, "stop", EndpointId::PlanStop, Risk::Irreversible).does(Behaviour {
        legal: |entity, _| is_normal(entity).map(drop),
        request: stop,
        evidence: |_, found| {
            let Entity::Plan(plan) = found else { return Evidence::Silent };
            shows(plan.state == PlanState::Stop, found)
        },
        same_by: SameBy::Terms,
    });

pub(super) const SELL: Action = Action {
    fields: &[
        Field::needed("number", "field-sign-plan-number", ID, "/merchant_sign_plan_no"),
        OPENID,
        Field::optional(
            "details",
            "field-detail-numbers",
            FieldKind::Rows {
                columns: &[
                    Field::needed("detail", "detail-step", FieldKind::Whole { min: 1, max: 1000 }, "plan_detail_no"),
                    Field::needed("number", "field-order-number", ID, "merchant_plan_detail_no"),
                ],
                most: 1000,
            },
            "/sign_plan_detail",
        ),
        Field { kind: FieldKind::Url { max: 1024 }, ..NOTIFY },
        APPID,
    ],
    makes: Some(Kind::SignPlan),
    derived: &["service_id", "plan_id"],
    names_object: &["plan_id"],
    defaults: |context| fresh_number("SGN", context.now),
    made: |made| made.member("sign_plan"),
    ..ActionRow(ActionId::PlanSell, Kind::Plan, "sell", EndpointId::SignPlanCreate, Risk::Makes).does(Behaviour {
        legal: |entity, _| match is_normal(entity)?.plan_id {
            Some(_) => Ok(()),
            None => Err(NO_ID),
        },
        request: sell,
        evidence: |sent, found| {
            let Entity::SignPlan(sign_plan) = found else { return Evidence::Silent };
            let same_plan = same(sent.text("plan_id"), sign_plan.plan_id.clone());
            is_made(same_plan && same(sent.text("openid"), sign_plan.openid.clone()))
        },
        same_by: SameBy::Terms,
    })
};

pub(super) const CREATE: Action = Action {
    fields: &[
        Field::needed("number", "field-plan-number", ID, "/merchant_plan_no"),
        Field::needed("name", "column-plan-name", text(20), "/plan_name"),
        Field::needed("days", "field-plan-days", FieldKind::Whole { min: 1, max: 3650 }, "/plan_duration"),
        Field::needed(
            "details",
            "field-plan-details",
            FieldKind::Rows {
                columns: &[
                    Field::needed("name", "column-name", text(20), "plan_detail_name"),
                    Field::needed("original", "column-original-price", FieldKind::Money, "original_price"),
                    Field::needed("actual", "column-price", FieldKind::Money, "actual_price"),
                    Field::optional("discount", "detail-discount", text(20), "plan_discount_description"),
                ],
                most: 100,
            },
            "/plan_detail_list",
        ),
        SERVICE,
        APPID,
    ],
    makes: Some(Kind::Plan),
    derived: &["deduction_quantity", "total_original_price", "total_actual_price"],
    defaults: |context| fresh_number("PLN", context.now),
    rules: |given, _, _| rules(given),
    sums,
    ..ActionRow(ActionId::PlanCreate, Kind::Plan, "create", EndpointId::PlanCreate, Risk::Makes).does(Behaviour {
        legal: |_, _| Err(Illegal::KIND),
        request: |_, given| create(given),
        evidence: |sent, found| {
            let Entity::Plan(plan) = found else { return Evidence::Silent };
            let same_count = same(sent.int("deduction_quantity"), plan.deduction_quantity);
            let same_original = same(sent.fen("total_original_price"), plan.total_original_price);
            is_made(same_count && same_original && same(sent.fen("total_actual_price"), plan.total_actual_price))
        },
        same_by: SameBy::Terms,
    })
};

const NO_ID: Illegal = Illegal("illegal-plan-no-id");

/// The columns of a plan's details with amounts.
const ORIGINAL: usize = 1;
const ACTUAL: usize = 2;

fn is_normal(entity: &Entity) -> Result<&Plan, Illegal> {
    let Entity::Plan(plan) = entity else { return Err(Illegal::KIND) };
    match plan.state {
        PlanState::Normal => Ok(plan),
        PlanState::Stop => Err(Illegal("illegal-plan-stopped")),
        PlanState::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
    }
}

fn stop(context: &ActionContext<'_>, _: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let Some(Entity::Plan(plan)) = context.entity() else { return Err(PrepareError::Illegal(Illegal::KIND)) };
    // Stopping does not end existing sign plans: they continue, and are charged (PayScore reference §2.3).
    let (running, worth) = context.related_state.count(Kind::SignPlan, |state| state.tone == Tone::Running);
    let (waiting, _) = context.related_state.count(Kind::SignPlan, |state| state.tone == Tone::Waiting);
    let preview = vec![
        PreviewLine::new("fact-running-sign-plans", format!("{running} · {worth}")),
        PreviewLine::new("fact-unsigned-sign-plans", waiting),
    ];
    Ok(RequestParts { amount: plan.total_actual_price, preview, ..RequestParts::default() })
}

fn sell(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let Some(Entity::Plan(plan)) = context.entity() else { return Err(PrepareError::Illegal(Illegal::KIND)) };
    let plan_id = plan.plan_id.as_deref().ok_or(PrepareError::Illegal(NO_ID))?;
    let own = context.merchant.service_id.as_ref().map(ServiceId::as_str);
    let service_id = plan.service_id.as_deref().or(own);
    let mut body = given.body();
    body.insert("service_id".into(), service_id.ok_or(PrepareError::Setting(MissingSetting("service_id")))?.into());
    body.insert("plan_id".into(), plan_id.into());
    number_details(plan, given, &mut body)?;
    let makes = Some(given.id(Kind::SignPlan)?);
    Ok(RequestParts { body: body.into(), makes, amount: plan.total_actual_price, ..RequestParts::default() })
}

/// The maximum length of an order number (PayScore reference §0).
const ORDER_NUMBER: usize = 32;

/// The numbers of a sign plan's details, which become those of their orders: the given ones, each detail once, or the
/// sign plan's own followed by the detail's.
fn number_details(plan: &Plan, given: &FormValues<'_>, body: &mut Map<String, Value>) -> Result<(), PrepareError> {
    let own = given.text("number");
    let refuse = |field, id, value: String| Err(PrepareError::field(field, Problem::Rule { id, value }));
    let rows = given.rows("details");
    if !rows.is_empty() {
        let details = given.wholes("details", 0).into_iter().flatten();
        let mut details: Vec<usize> = details.filter_map(|detail| detail.try_into().ok()).collect();
        details.sort_unstable();
        let numbers: HashSet<_> = rows.iter().filter_map(|cells| cells.get(1)).collect();
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
    body.insert("sign_plan_detail".into(), numbers.into_iter().enumerate().map(detail).collect());
    Ok(())
}

fn create(given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let total = |column| {
        let amounts = given.amounts("details", column).into_iter().flatten();
        let beyond = || PrepareError::field("details", Problem::NotMoney(MoneyError::Range));
        Money::total(amounts, Currency::CNY).map(|total| total.minor).ok_or_else(beyond)
    };
    let (original, actual) = (total(ORIGINAL)?, total(ACTUAL)?);
    let mut body = given.body();
    body.insert("deduction_quantity".into(), given.rows("details").len().into());
    body.insert("total_original_price".into(), original.into());
    body.insert("total_actual_price".into(), actual.into());
    Ok(RequestParts {
        body: body.into(),
        makes: Some(given.id(Kind::Plan)?),
        amount: Some(Money::cny(actual)),
        preview: sums(given),
        ..RequestParts::default()
    })
}

fn sums(given: &FormValues<'_>) -> Vec<PreviewLine> {
    let total = |column| {
        let nothing = Sum { minor: 0, currency: given.currency };
        Money::sums(given.amounts("details", column).into_iter().flatten()).pop().unwrap_or(nothing)
    };
    vec![
        PreviewLine::new("column-deductions", given.rows("details").len()),
        PreviewLine::new("detail-original-price", total(ORIGINAL)),
        PreviewLine::new("column-price", total(ACTUAL)),
    ]
}

fn rules(given: &FormValues<'_>) -> Vec<FieldError> {
    let (originals, actuals) = (given.amounts("details", ORIGINAL), given.amounts("details", ACTUAL));
    let mut errors = Vec::new();
    let mut refuse = |row, id, limit: Money| {
        let problem = Box::new(Problem::Rule { id, value: limit.to_string() });
        errors.push(FieldError {
            field: "details",
            problem: Problem::Row { row, column: Some("column-price"), problem },
        });
    };
    for (i, (original, actual)) in originals.iter().zip(&actuals).enumerate() {
        let Some(actual) = actual else { continue };
        if let Some(original) = original.filter(|original| actual.minor > original.minor) {
            refuse(i + 1, "problem-above-original", original);
        }
        // Prices of the details never rise (PayScore reference §2.2, rule 4).
        let before = i.checked_sub(1).and_then(|before| actuals[before]);
        if let Some(before) = before.filter(|before| actual.minor > before.minor) {
            refuse(i + 1, "problem-price-rises", before);
        }
    }
    errors
}
