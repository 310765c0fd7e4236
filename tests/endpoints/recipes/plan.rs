//! Plans, what users sign of them, and the orders of what they signed.

use paydeck::model::EndpointId::{self, *};
use serde_json::{Value, json};

use crate::call::Call;
use crate::stage::Stage;

const USER: &str = "oWalkThePlans000000000000001";

fn details(count: usize) -> Vec<Value> {
    let detail = |i| json!({"plan_detail_name": format!("第{i}课"), "original_price": 9900, "actual_price": 8800});
    (1..=count).map(detail).collect()
}

pub fn create(stage: &Stage) -> Call {
    let merchant = stage.merchant();
    let number = stage.number("PLAN");
    let body = json!({
        "service_id": merchant.service_id, "appid": merchant.appid, "merchant_plan_no": number, "plan_name": "陶艺课",
        "plan_duration": 120, "deduction_quantity": 2, "total_original_price": 19_800, "total_actual_price": 17_600,
        "plan_detail_list": details(2),
    });
    Call::to(PlanCreate).sending(body).gives("/merchant_plan_no", number).gives("/plan_state", "NORMAL")
}

async fn made(stage: &Stage) -> Value {
    stage.done(create(stage)).await
}

fn named(id: EndpointId, plan: &Value) -> Call {
    let number = plan["merchant_plan_no"].as_str().unwrap();
    Call::to(id).at("merchant_plan_no", number).gives("/merchant_plan_no", number)
}

pub async fn query(stage: &Stage) -> Call {
    named(PlanQuery, &made(stage).await).gives("/plan_state", "NORMAL")
}

pub async fn stop(stage: &Stage) -> Call {
    named(PlanStop, &made(stage).await).gives("/plan_state", "STOP")
}

pub async fn offer(stage: &Stage) -> Call {
    let plan = made(stage).await;
    let merchant = stage.merchant();
    let number = stage.number("SIGN");
    let places: Vec<Value> = (1..=2)
        .map(|place| json!({"plan_detail_no": place, "merchant_plan_detail_no": format!("{number}-{place}")}))
        .collect();
    let body = json!({
        "merchant_sign_plan_no": number, "service_id": merchant.service_id, "plan_id": plan["plan_id"],
        "appid": merchant.appid, "openid": USER, "notify_url": "https://merchant.example/notify",
        "sign_plan_detail": places,
    });
    Call::to(SignPlanCreate)
        .sending(body)
        .gives("/sign_plan/merchant_sign_plan_no", number)
        .gives("/package", Value::Null)
}

/// A sign plan, signed by its user or not.
async fn offered(stage: &Stage, signed: bool) -> Value {
    let answer = stage.done(offer(stage).await).await;
    let number = answer["sign_plan"]["merchant_sign_plan_no"].as_str().unwrap();
    if signed {
        stage.shop.gateway.user().sign(number).unwrap();
    }
    answer["sign_plan"].clone()
}

fn named_signed(id: EndpointId, sign_plan: &Value) -> Call {
    let number = sign_plan["merchant_sign_plan_no"].as_str().unwrap();
    Call::to(id).at("merchant_sign_plan_no", number).gives("/merchant_sign_plan_no", number)
}

pub async fn query_signed(stage: &Stage) -> Call {
    named_signed(SignPlanQuery, &offered(stage, true).await)
}

pub async fn cancel(stage: &Stage) -> Call {
    named_signed(SignPlanCancel, &offered(stage, true).await).sending(json!({"stop_reason": "客户来电"}))
}

/// The first detail's order of a sign plan.
fn order_of(stage: &Stage, sign_plan: &Value) -> Call {
    let merchant = stage.merchant();
    let number = format!("{}-1", sign_plan["merchant_sign_plan_no"].as_str().unwrap());
    let body = json!({
        "service_id": merchant.service_id, "sign_plan_id": sign_plan["sign_plan_id"], "plan_detail_no": 1,
        "appid": merchant.appid, "openid": USER, "notify_url": "https://merchant.example/notify",
        "out_trade_no": number, "time_range": {"start_time": "OnAccept"},
    });
    Call::to(SignPlanOrderCreate).sending(body).gives("/out_order_no", number)
}

pub async fn order(stage: &Stage) -> Call {
    order_of(stage, &offered(stage, true).await)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    let foreign = "00004501000000000000000000000000";
    Some(match (id, code) {
        // The prices of a plan's details never rise.
        (PlanCreate, "PARAM_ERROR") => create(stage).with("/plan_detail_list/1/actual_price", 9000),
        (PlanCreate, "INVALID_REQUEST") => {
            let call = create(stage);
            stage.done(call.clone()).await;
            call.with("/plan_name", "另一个计划")
        }
        (PlanCreate, "NO_AUTH") => create(stage).with("/service_id", foreign),
        (PlanQuery | PlanStop, "RESOURCE_NOT_EXISTS") => Call::to(id).at("merchant_plan_no", "NOBODYS-PLAN"),
        (SignPlanCreate, "PARAM_ERROR") => offer(stage).await.with("/sign_plan_detail/1/plan_detail_no", 1),
        (SignPlanCreate, "INVALID_REQUEST") => {
            // A plan that was stopped in the meantime cannot be signed.
            let plan = made(stage).await;
            stage.done(named(PlanStop, &plan)).await;
            offer(stage).await.with("/plan_id", plan["plan_id"].clone())
        }
        (SignPlanCreate, "NO_AUTH") => offer(stage).await.with("/service_id", foreign),
        (SignPlanQuery | SignPlanCancel, "RESOURCE_NOT_EXISTS") => {
            let call = Call::to(id).at("merchant_sign_plan_no", "NOBODYS-SIGN-PLAN");
            if id == SignPlanCancel { call.with("/stop_reason", "客户来电") } else { call }
        }
        (SignPlanCancel, "PARAM_ERROR") => cancel(stage).await.without("stop_reason"),
        (SignPlanCancel, "INVALID_REQUEST") => {
            let call = cancel(stage).await;
            stage.done(call.clone()).await;
            call.with("/stop_reason", "另一个原因")
        }
        (SignPlanOrderCreate, "PARAM_ERROR") => order(stage).await.with("/out_trade_no", "ANOTHER-NUMBER"),
        // Not before its user has signed.
        (SignPlanOrderCreate, "INVALID_REQUEST") => order_of(stage, &offered(stage, false).await),
        (SignPlanOrderCreate, "NO_AUTH") => order(stage).await.with("/service_id", foreign),
        _ => return None,
    })
}
