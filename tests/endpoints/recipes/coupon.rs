//! Coupons: sent, queried, used; and the callback URL for their uses.

use paydeck::model::EndpointId::{self, *};
use serde_json::{Value, json};
use time::Duration;

use super::{stock, transaction};
use crate::call::Call;
use crate::stage::Stage;

/// A coupon of this stock for a user who has none.
fn sending(stage: &Stage, stock: &str) -> Call {
    let merchant = stage.merchant();
    let body = json!({
        "stock_id": stock, "out_request_no": stage.number("SEND"), "appid": merchant.appid,
        "stock_creator_mchid": merchant.mchid,
    });
    let openid = stage.number("oWalkTheCoupons");
    Call::to(CouponSend).at("openid", openid).sending(body).gives("/coupon_id", Value::Null)
}

pub async fn send(stage: &Stage) -> Call {
    sending(stage, &stock::running(stage, stock::create(stage)).await)
}

/// A user with a coupon: who, and which.
async fn sent(stage: &Stage) -> (String, String) {
    let call = send(stage).await;
    let answer = stage.done(call.clone()).await;
    (call.parameter("openid").to_owned(), answer["coupon_id"].as_str().unwrap().to_owned())
}

pub async fn query(stage: &Stage) -> Call {
    let (openid, coupon) = sent(stage).await;
    Call::to(CouponQuery)
        .at("openid", openid)
        .at("coupon_id", coupon.as_str())
        .asking("appid", stage.merchant().appid)
        .gives("/coupon_id", coupon)
        .gives("/status", "SENDED")
}

pub async fn list(stage: &Stage) -> Call {
    let (openid, coupon) = sent(stage).await;
    let merchant = stage.merchant();
    Call::to(CouponList)
        .at("openid", openid)
        .asking("appid", merchant.appid)
        .asking("creator_mchid", merchant.mchid)
        .asking("offset", "0")
        .asking("limit", "20")
        .gives("/data/0/coupon_id", coupon)
}

/// The file of a stock that has ended, of whose coupons one was used and given back.
pub async fn flow(stage: &Stage, id: EndpointId) -> Call {
    let call = stock::create(stage).with("/coupon_use_rule/available_items", json!([]));
    let stock = stock::running(stage, call).await;
    let send = sending(stage, &stock);
    stage.done(send.clone()).await;
    // Coupons can be used from the stock's beginning on.
    stage.let_time_pass(Duration::minutes(11));
    let order = transaction::place(stage, TransactionJsapi)
        .with("/payer/openid", send.parameter("openid"))
        .with("/amount/total", 5000);
    stage.done(order.clone()).await;
    let trade = order.json()["out_trade_no"].as_str().unwrap();
    stage.shop.gateway.user().pay_transaction(trade).unwrap();
    let refund = json!({
        "out_trade_no": trade, "out_refund_no": stage.number("REFUND"),
        "amount": {"refund": 5000, "total": 5000, "currency": "CNY"},
    });
    stage.done(Call::to(RefundCreate).sending(refund)).await;
    stage.let_time_pass(Duration::days(33));
    Call::to(id).at("stock_id", stock).gives("/url", Value::Null).gives("/hash_type", "SHA1")
}

pub fn set_callback(stage: &Stage) -> Call {
    let body = json!({"mchid": stage.merchant().mchid, "notify_url": "https://merchant.example/coupons"});
    Call::to(CallbackSet).sending(body).gives("/notify_url", "https://merchant.example/coupons")
}

fn callback(stage: &Stage) -> Call {
    Call::to(CallbackQuery).asking("mchid", stage.merchant().mchid)
}

pub async fn query_callback(stage: &Stage) -> Call {
    stage.done(set_callback(stage)).await;
    callback(stage).gives("/notify_url", "https://merchant.example/coupons")
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (StockUseFlow | StockRefundFlow, "RESOURCE_NOT_EXISTS") => {
            Call::to(id).at("stock_id", stock::running(stage, stock::create(stage)).await)
        }
        (CouponSend, "PARAM_ERROR") => send(stage).await.without("appid"),
        // Not before the stock was started.
        (CouponSend, "INVALID_REQUEST") => sending(stage, &stock::made(stage, stock::create(stage)).await),
        (CouponSend, "APPID_MCHID_NOT_MATCH") => send(stage).await.with("/appid", "wx0000000000000000"),
        (CouponSend, "NOT_ENOUGH") => {
            let call =
                stock::create(stage).with("/stock_use_rule/max_coupons", 5).with("/stock_use_rule/max_amount", 2500);
            let stock = stock::running(stage, call).await;
            for _ in 0..5 {
                stage.done(sending(stage, &stock)).await;
            }
            sending(stage, &stock)
        }
        // One for each user.
        (CouponSend, "RULE_LIMIT") => {
            let call = send(stage).await;
            stage.done(call.clone()).await;
            call.with("/out_request_no", stage.number("SEND"))
        }
        (CouponSend, "REQUEST_BLOCKED") => send(stage).await.with("/stock_creator_mchid", "1900000000"),
        (CouponSend, "USER_ACCOUNT_ABNORMAL") => {
            let call = send(stage).await;
            stage.shop.gateway.user().make_abnormal(call.parameter("openid"));
            call
        }
        (CouponSend, "RESOURCE_NOT_EXISTS") => sending(stage, "177000000000"),
        (CouponQuery, "PARAM_ERROR") => query(stage).await.without("appid"),
        (CouponQuery, "INVALID_REQUEST") => query(stage).await.asking("appid", "wx0000000000000000"),
        (CouponQuery, "RESOURCE_NOT_EXISTS") => query(stage).await.at("coupon_id", "80000000000000"),
        (CouponList, "PARAM_ERROR") => list(stage).await.without("creator_mchid"),
        (CouponList, "INVALID_REQUEST") => list(stage).await.asking("appid", "wx0000000000000000"),
        (CallbackSet, "PARAM_ERROR") => set_callback(stage).with("/notify_url", "http://merchant.example/coupons"),
        (CallbackQuery, "PARAM_ERROR") => callback(stage).without("mchid"),
        // Refusals are provoked before anything succeeds: none is set yet.
        (CallbackQuery, "RESOURCE_NOT_EXISTS") => callback(stage),
        _ => return None,
    })
}
