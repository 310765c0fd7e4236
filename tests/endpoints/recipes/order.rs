//! Service orders that stand alone.

use paydeck::model::EndpointId::{self, *};
use paydeck::model::time::compact;
use serde_json::{Value, json};

use crate::call::Call;
use crate::stage::Stage;

const USER: &str = "oWalkTheOrders00000000000001";

/// Without confirmation, so that it is in service at once.
pub fn create(stage: &Stage) -> Call {
    stage.authorise(USER);
    let merchant = stage.merchant();
    let number = stage.number("ORDER");
    let body = json!({
        "appid": merchant.appid, "service_id": merchant.service_id, "out_order_no": number,
        "service_introduction": "充电宝租借", "need_user_confirm": false, "openid": USER,
        "risk_fund": {"name": "ESTIMATE_ORDER_COST", "amount": 9900},
        "time_range": {"start_time": "OnAccept", "end_time": compact(stage.now() + time::Duration::DAY)},
        "notify_url": "https://merchant.example/notify",
    });
    Call::to(OrderCreate).sending(body).gives("/out_order_no", number).gives("/state", "DOING")
}

/// Which order, by whose service.
fn named(stage: &Stage, id: EndpointId, order: &str) -> Call {
    let merchant = stage.merchant();
    let call = Call::to(id);
    match id {
        OrderQuery => call
            .asking("out_order_no", order)
            .asking("service_id", merchant.service_id.as_str())
            .asking("appid", merchant.appid.as_str()),
        _ => {
            call.at("out_order_no", order).sending(json!({"appid": merchant.appid, "service_id": merchant.service_id}))
        }
    }
    .gives("/out_order_no", order)
}

/// An order in service.
async fn running(stage: &Stage) -> String {
    stage.done(create(stage)).await["out_order_no"].as_str().unwrap().to_owned()
}

fn charge(call: Call, fen: i64) -> Call {
    call.with("/post_payments", json!([{"name": "租借费", "amount": fen}])).with("/total_amount", fen)
}

fn completion(stage: &Stage, order: &str) -> Call {
    charge(named(stage, OrderComplete, order), 2680)
}

/// An order that is completed and waits for its money.
async fn charging(stage: &Stage) -> String {
    let order = running(stage).await;
    stage.done(completion(stage, &order)).await;
    order
}

async fn done(stage: &Stage) -> String {
    let order = charging(stage).await;
    stage.shop.gateway.user().pay_order(&order).unwrap();
    order
}

async fn cancelled(stage: &Stage) -> String {
    let order = running(stage).await;
    stage.done(on(stage, OrderCancel, &order)).await;
    order
}

/// An action as it is sent, on any order.
fn on(stage: &Stage, id: EndpointId, order: &str) -> Call {
    let call = named(stage, id, order);
    match id {
        OrderComplete => completion(stage, order),
        OrderModify => charge(call, 880).with("/reason", "少用了一小时"),
        OrderCancel => call.with("/reason", "客户来电"),
        OrderSync => call.with("/type", "Order_Paid").with("/detail", json!({"paid_time": "20251009165320"})),
        _ => call,
    }
}

pub async fn query(stage: &Stage) -> Call {
    on(stage, OrderQuery, &running(stage).await)
}

pub async fn complete(stage: &Stage) -> Call {
    completion(stage, &running(stage).await).gives("/state_description", "MCH_COMPLETE")
}

pub async fn modify(stage: &Stage) -> Call {
    on(stage, OrderModify, &charging(stage).await).gives("/total_amount", 880)
}

pub async fn cancel(stage: &Stage) -> Call {
    on(stage, OrderCancel, &running(stage).await)
}

pub async fn sync(stage: &Stage) -> Call {
    on(stage, OrderSync, &charging(stage).await).gives("/state", "DONE")
}

pub async fn pay(stage: &Stage) -> Call {
    on(stage, OrderPay, &charging(stage).await)
}

/// An order on which this action is allowed.
async fn ready(stage: &Stage, id: EndpointId) -> String {
    match id {
        OrderModify | OrderSync | OrderPay => charging(stage).await,
        _ => running(stage).await,
    }
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (OrderCreate, "PARAM_ERROR") => create(stage).without("risk_fund"),
        (OrderCreate, "INVALID_REQUEST") => {
            let call = create(stage);
            stage.done(call.clone()).await;
            call.with("/service_introduction", "另一项服务")
        }
        (OrderCreate, "NO_AUTH") => create(stage).with("/openid", "oNeverAuthorised000000000001"),
        (OrderQuery, "PARAM_ERROR") => query(stage).await.without("out_order_no"),
        (OrderQuery, "NO_AUTH") => query(stage).await.asking("service_id", "00004501000000000000000000000000"),
        (_, "NO_AUTH") => {
            let order = ready(stage, id).await;
            on(stage, id, &order).with("/service_id", "00004501000000000000000000000000")
        }
        (_, "ORDER_NOT_EXIST") => on(stage, id, "NOBODYS-ORDER"),
        // The lines and the total do not add up.
        (OrderComplete | OrderModify, "PARAM_ERROR") => {
            let order = ready(stage, id).await;
            on(stage, id, &order).with("/total_amount", 1)
        }
        (OrderCancel, "PARAM_ERROR") => cancel(stage).await.without("reason"),
        (OrderSync, "PARAM_ERROR") => sync(stage).await.with("/type", "Order_Lost"),
        // Above the ceiling of the service.
        (OrderComplete, "INVALID_REQUEST") => charge(completion(stage, &running(stage).await), 600_000),
        // A deduction is in flight.
        (OrderModify | OrderCancel | OrderSync, "INVALID_REQUEST") => {
            let order = charging(stage).await;
            stage.shop.gateway.user().begin_deduction(&order, time::Duration::minutes(3)).unwrap();
            on(stage, id, &order)
        }
        (OrderModify | OrderSync | OrderPay, "INVALID_ORDER_STATE") => on(stage, id, &running(stage).await),
        (OrderComplete, "INVALID_ORDER_STATE") => on(stage, id, &unconfirmed(stage).await),
        (OrderCancel, "INVALID_ORDER_STATE") => {
            let order = unconfirmed(stage).await;
            stage.let_time_pass(time::Duration::days(31));
            on(stage, id, &order)
        }
        (_, "ORDER_CANCELED") => {
            let order = cancelled(stage).await;
            let call = on(stage, id, &order);
            if id == OrderCancel { call.with("/reason", "另一个原因") } else { call }
        }
        (_, "ORDER_DONE") => {
            let order = done(stage).await;
            let call = on(stage, id, &order);
            if id == OrderComplete { charge(call, 100) } else { call }
        }
        _ => return None,
    })
}

/// An order that its user has not confirmed.
async fn unconfirmed(stage: &Stage) -> String {
    let call = create(stage).without("openid").with("/need_user_confirm", true).gives("/state", "CREATED");
    let order: Value = stage.done(call).await;
    order["out_order_no"].as_str().unwrap().to_owned()
}
