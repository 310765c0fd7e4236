//! Coupon stocks: made, started, paused, looked at.

use paydeck::model::EndpointId::{self, *};
use serde_json::{Value, json};
use time::Duration;

use crate::call::Call;
use crate::stage::Stage;

pub fn create(stage: &Stage) -> Call {
    let mchid = stage.merchant().mchid;
    let body = json!({
        "stock_name": "秋季满减", "belong_merchant": mchid,
        "available_begin_time": stage.later(Duration::minutes(10)), "available_end_time": stage.later(Duration::days(30)),
        "stock_use_rule": {
            "max_coupons": 200, "max_amount": 100_000, "max_coupons_per_user": 1, "natural_person_limit": false,
            "prevent_api_abuse": true,
        },
        "coupon_use_rule": {
            "fixed_normal_coupon": {"coupon_amount": 500, "transaction_minimum": 3000},
            "available_merchants": [mchid], "available_items": ["latte"],
        },
        "no_cash": true, "stock_type": "NORMAL", "out_request_no": stage.number("STOCK"),
    });
    Call::to(StockCreate).sending(body).gives("/stock_id", Value::Null)
}

pub async fn made(stage: &Stage, call: Call) -> String {
    stage.done(call).await["stock_id"].as_str().unwrap().to_owned()
}

pub fn changing(stage: &Stage, id: EndpointId, stock: &str) -> Call {
    let mchid = stage.merchant().mchid;
    Call::to(id).at("stock_id", stock).sending(json!({"stock_creator_mchid": mchid})).gives("/stock_id", stock)
}

/// A stock whose coupons can be sent.
pub async fn running(stage: &Stage, call: Call) -> String {
    let stock = made(stage, call).await;
    stage.done(changing(stage, StockStart, &stock)).await;
    stock
}

pub async fn change(stage: &Stage, id: EndpointId) -> Call {
    let stock = match id {
        StockStart => made(stage, create(stage)).await,
        _ => running(stage, create(stage)).await,
    };
    if id == StockRestart {
        stage.done(changing(stage, StockPause, &stock)).await;
    }
    changing(stage, id, &stock)
}

fn reading(stage: &Stage, id: EndpointId, stock: &str) -> Call {
    let call = Call::to(id).at("stock_id", stock).asking("stock_creator_mchid", stage.merchant().mchid.as_str());
    match id {
        StockQuery => call.gives("/stock_id", stock),
        _ => call.asking("offset", "0").asking("limit", "10").gives("/stock_id", stock).gives("/data/0", Value::Null),
    }
}

pub async fn read(stage: &Stage, id: EndpointId) -> Call {
    let stock = running(stage, create(stage)).await;
    reading(stage, id, &stock)
}

pub async fn list(stage: &Stage) -> Call {
    let stock = made(stage, create(stage)).await;
    Call::to(StockList)
        .asking("offset", "0")
        .asking("limit", "10")
        .asking("stock_creator_mchid", stage.merchant().mchid.as_str())
        .gives("/data/0/stock_id", stock)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (StockCreate, "PARAM_ERROR") => create(stage).with("/stock_use_rule/max_amount", 99_999),
        (StockCreate, "INVALID_REQUEST") => create(stage).with("/stock_use_rule/max_coupons_per_user", 61),
        (StockCreate, "MCH_NOT_EXISTS") => create(stage).with("/coupon_use_rule/available_merchants", json!(["shop"])),
        (StockCreate, "RESOURCE_ALREADY_EXISTS") => {
            let call = create(stage);
            stage.done(call.clone()).await;
            call.with("/stock_name", "冬季满减")
        }
        (StockCreate, "REQUEST_BLOCKED") => {
            create(stage).with("/available_begin_time", stage.later(-Duration::minutes(1)))
        }
        (StockList, "PARAM_ERROR") => list(stage).await.asking("limit", "11"),
        (StockQuery | StockMerchants | StockItems, "PARAM_ERROR") => {
            read(stage, id).await.without("stock_creator_mchid")
        }
        (StockQuery | StockMerchants | StockItems, "INVALID_REQUEST") => {
            read(stage, id).await.asking("stock_creator_mchid", "1900000000")
        }
        (StockQuery | StockMerchants | StockItems, "RESOURCE_NOT_EXISTS") => reading(stage, id, "177000000000"),
        // In the wrong status.
        (StockStart, "PARAM_ERROR") => {
            let stock = running(stage, create(stage)).await;
            stage.done(changing(stage, StockPause, &stock)).await;
            changing(stage, id, &stock)
        }
        (StockPause | StockRestart, "PARAM_ERROR") => changing(stage, id, &made(stage, create(stage)).await),
        (StockStart | StockPause | StockRestart, "INVALID_REQUEST") => {
            change(stage, id).await.with("/stock_creator_mchid", "1900000000")
        }
        (StockStart | StockPause | StockRestart, "RESOURCE_NOT_EXISTS") => changing(stage, id, "177000000000"),
        (StockStart, "NOT_ENOUGH") => {
            let stock = made(stage, create(stage).with("/no_cash", false)).await;
            stage.shop.gateway.user().set_balance(0);
            changing(stage, id, &stock)
        }
        (StockStart, "REQUEST_BLOCKED") => {
            let stock = made(stage, create(stage)).await;
            stage.let_time_pass(Duration::days(31));
            changing(stage, id, &stock)
        }
        _ => return None,
    })
}
