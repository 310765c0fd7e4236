//! Actions on sign plans (PayScore reference §3): cancel, and create a service order of the next detail.

use serde_json::json;

use super::evidence::shows;
use super::field::{APPID, NOTIFY, ON_ACCEPT, REASON_50, text};
use super::order::{is_the_order, time_rules};
use super::{
    Action, ActionContext, ActionId, ActionRow, Behaviour, Evidence, Field, FieldError, FieldKind, FormValues, Illegal,
    PrepareError, PreviewLine, Problem, RequestParts, Risk, SameBy, Values,
};
use crate::model::{
    CancelSignType, DetailState, EndpointId, Entity, Kind, Number, Object, ObjectId, SignPlan, SignState,
};

pub(super) const CANCEL: Action = Action {
    fields: &[Field { kind: text(128), ..REASON_50 }],
    ..ActionRow(ActionId::SignPlanCancel, Kind::SignPlan, "cancel", EndpointId::SignPlanCancel, Risk::Irreversible)
        .does(Behaviour {
            legal: |entity, _| match is_running(entity) {
                Ok(_) | Err(UNSIGNED) => Ok(()),
                Err(illegal) => Err(illegal),
            },
            request: cancel,
            evidence: |_, found| {
                let Entity::SignPlan(sign_plan) = found else { return Evidence::Silent };
                let by_us = sign_plan.cancel_type == CancelSignType::Merchant;
                shows(sign_plan.state == SignState::Cancelled && by_us, found)
            },
            same_by: SameBy::Terms,
        })
};

pub(super) const ORDER: Action = Action {
    fields: &[
        Field::needed("detail", "field-detail", FieldKind::Whole { min: 1, max: 1000 }, "/plan_detail_no"),
        Field::optional("introduction", "column-service", text(20), "/service_introduction"),
        Field::needed("start", "field-start", FieldKind::Start, "/time_range/start_time").usually(ON_ACCEPT),
        Field::optional("end", "field-end", FieldKind::LaterCompactTime, "/time_range/end_time"),
        Field::optional("attach", "column-attach", text(256), "/attach"),
        Field { kind: FieldKind::Url { max: 256 }, ..NOTIFY },
        APPID,
    ],
    makes: Some(Kind::ServiceOrder),
    derived: &["service_id", "sign_plan_id", "openid", "out_trade_no"],
    number_in: Some("out_trade_no"),
    names_object: &["sign_plan_id"],
    defaults: |context| {
        let Some(Entity::SignPlan(sign_plan)) = context.entity() else { return Values::new() };
        let next = next_detail(sign_plan).map(|place| (place + 1).to_string());
        let name = sign_plan.plan_name.as_deref().unwrap_or_default().chars().take(20).collect();
        Values::from([("detail", next.unwrap_or_default()), ("introduction", name)])
    },
    rules: |given, object, _| order_rules(given, object),
    ..ActionRow(ActionId::SignPlanOrder, Kind::SignPlan, "order", EndpointId::SignPlanOrderCreate, Risk::Makes).does(
        Behaviour {
            legal: |entity, _| next_detail(is_running(entity)?).map(drop).ok_or(BLOCKED),
            request: order,
            evidence: is_the_order,
            same_by: SameBy::Terms,
        },
    )
};

const UNSIGNED: Illegal = Illegal("illegal-sign-unsigned");
const BLOCKED: Illegal = Illegal("illegal-detail-blocked");

fn is_running(entity: &Entity) -> Result<&SignPlan, Illegal> {
    let Entity::SignPlan(sign_plan) = entity else { return Err(Illegal::KIND) };
    match sign_plan.state {
        SignState::Signed => Ok(sign_plan),
        SignState::Unsigned => Err(UNSIGNED),
        SignState::Cancelled => Err(Illegal("illegal-sign-cancelled")),
        SignState::Complete => Err(Illegal("illegal-sign-complete")),
        SignState::Expired => Err(Illegal("illegal-sign-expired")),
        SignState::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
    }
}

fn cancel(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let Some(Entity::SignPlan(sign_plan)) = context.entity() else {
        return Err(PrepareError::Illegal(Illegal::KIND));
    };
    let (count, worth) = sign_plan.unused();
    let mut preview = vec![PreviewLine::new("fact-unused-details", format!("{count} · {worth}"))];
    if let Some(detail) = sign_plan.in_use() {
        // Cancelling the signing leaves this order as it is (PayScore reference §3.4).
        let number = detail.order_number.clone().unwrap_or_default();
        let order = context.related_state.object(Kind::ServiceOrder, &number).map(|order| {
            let amount = order.entity.amount().map(|amount| format!(" · {amount}")).unwrap_or_default();
            format!("{amount} · {}", order.entity.state().code)
        });
        preview.push(PreviewLine::new("fact-detail-in-use", number + &order.unwrap_or_default()));
    }
    Ok(RequestParts { body: json!({"stop_reason": given.text("reason")}), preview, ..RequestParts::default() })
}

/// The next detail: the first that was not used, if everything before it has ended (PayScore reference §3.6).
fn next_detail(sign_plan: &SignPlan) -> Option<usize> {
    let ended = |state: &DetailState| matches!(state, DetailState::Used | DetailState::Cancelled);
    let place = sign_plan.details.iter().position(|detail| !ended(&detail.state))?;
    (sign_plan.details[place].state == DetailState::NotUsed).then_some(place)
}

fn order(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let Some(Entity::SignPlan(sign_plan)) = context.entity() else {
        return Err(PrepareError::Illegal(Illegal::KIND));
    };
    let place = next_detail(sign_plan).ok_or(PrepareError::Illegal(BLOCKED))?;
    let detail = &sign_plan.details[place];
    let own = detail.order_number.as_deref().unwrap_or_default();
    let number = Number::parse(own).map_err(|_| PrepareError::field("number", Problem::Required))?;
    let mut body = given.body();
    for (name, value) in [
        ("service_id", sign_plan.service_id.as_deref()),
        ("sign_plan_id", sign_plan.sign_plan_id.as_deref()),
        ("openid", sign_plan.openid.as_deref()),
        ("out_trade_no", Some(own)),
    ] {
        body.insert(name.into(), value.unwrap_or_default().into());
    }
    let makes = Some(ObjectId::new(Kind::ServiceOrder, number));
    Ok(RequestParts { body: body.into(), makes, amount: detail.actual_price, ..RequestParts::default() })
}

fn order_rules(given: &FormValues<'_>, object: Option<&Object>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let next = object.and_then(|object| match &*object.entity {
        Entity::SignPlan(sign_plan) => next_detail(sign_plan),
        _ => None,
    });
    if let (Some(next), Some(asked)) = (next, given.whole("detail"))
        && i64::try_from(next + 1) != Ok(asked)
    {
        let problem = Problem::Rule { id: "problem-detail-order", value: (next + 1).to_string() };
        errors.push(FieldError { field: "detail", problem });
    }
    errors.extend(time_rules(given));
    errors
}
