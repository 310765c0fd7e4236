//! A Global merchant of its own: orders, refunds, statements, settlements.

use paydeck::model::EndpointId::{self, *};
use paydeck::model::time::BEIJING;
use serde_json::{Value, json};
use time::{Duration, Time};

use crate::call::Call;
use crate::stage::Stage;

const USER: &str = "oWalkTheWorld000000000000001";

/// Whose order it is, as bodies say it.
fn owner(stage: &Stage, with_app: bool) -> Value {
    let merchant = stage.merchant_abroad();
    match with_app {
        true => json!({"mchid": merchant.mchid, "appid": merchant.appid}),
        false => json!({"mchid": merchant.mchid}),
    }
}

pub fn place(stage: &Stage, id: EndpointId) -> Call {
    let (kind, gives) = match id {
        GlobalApp => ("APP", "/prepay_id"),
        GlobalJsapi => ("JSAPI", "/prepay_id"),
        GlobalH5 => ("MWEB", "/mweb_url"),
        _ => ("NATIVE", "/code_url"),
    };
    let mut body = owner(stage, true);
    body["description"] = "Harbour Cafe".into();
    body["out_trade_no"] = stage.number("ABROAD").into();
    body["notify_url"] = "https://merchant.example/notify".into();
    body["trade_type"] = kind.into();
    body["merchant_category_code"] = "5812".into();
    body["amount"] = json!({"total": 6800, "currency": "HKD"});
    if id == GlobalJsapi {
        body["payer"] = json!({"openid": USER});
    }
    if id == GlobalH5 {
        body["scene_info"] = json!({"payer_client_ip": "203.0.113.7", "store_info": {"id": "HK-1"}});
    }
    Call::to(id).sending(body).gives(gives, Value::Null)
}

async fn placed(stage: &Stage) -> String {
    let call = place(stage, GlobalNative);
    stage.done(call.clone()).await;
    call.json()["out_trade_no"].as_str().unwrap().to_owned()
}

async fn paid(stage: &Stage) -> String {
    let number = placed(stage).await;
    stage.shop.gateway.user().pay_abroad(&number).unwrap();
    number
}

fn by_number(stage: &Stage, number: &str) -> Call {
    Call::to(GlobalByNumber)
        .at("out_trade_no", number)
        .asking("mchid", stage.merchant_abroad().mchid)
        .gives("/out_trade_no", number)
}

/// WeChat Pay's own number of an order.
async fn transaction_id(stage: &Stage, number: &str) -> String {
    stage.done(by_number(stage, number)).await["id"].as_str().unwrap().to_owned()
}

pub async fn query(stage: &Stage, id: EndpointId) -> Call {
    let number = paid(stage).await;
    let call = by_number(stage, &number).gives("/trade_state", "SUCCESS");
    match id {
        GlobalById => call.to_another(id).at("id", transaction_id(stage, &number).await),
        _ => call,
    }
}

/// The closing of an order, by either of its numbers.
async fn closing(stage: &Stage, id: EndpointId, number: &str) -> Call {
    let call = Call::to(id).sending(owner(stage, false));
    match id {
        GlobalCloseById => call.at("id", transaction_id(stage, number).await),
        _ => call.at("out_trade_no", number),
    }
}

/// Five minutes after it was placed.
pub async fn close(stage: &Stage, id: EndpointId) -> Call {
    let number = placed(stage).await;
    stage.let_time_pass(Duration::minutes(6));
    closing(stage, id, &number).await
}

fn refunding(stage: &Stage, trade: &str) -> Call {
    let number = stage.number("REFUND");
    let mut body = owner(stage, true);
    body["out_trade_no"] = trade.into();
    body["out_refund_no"] = number.as_str().into();
    body["amount"] = json!({"refund": 800, "total": 6800, "currency": "HKD"});
    Call::to(GlobalRefundCreate).sending(body).gives("/out_refund_no", number)
}

pub async fn refund(stage: &Stage) -> Call {
    refunding(stage, &paid(stage).await)
}

pub async fn query_refund(stage: &Stage, id: EndpointId) -> Call {
    let refund = stage.done(refund(stage).await).await;
    let number = refund["out_refund_no"].as_str().unwrap();
    let call = Call::to(id).asking("mchid", stage.merchant_abroad().mchid).gives("/out_refund_no", number);
    match id {
        GlobalRefundById => call.at("refund_id", refund["id"].as_str().unwrap()),
        _ => call.at("out_refund_no", number),
    }
}

pub async fn refunds(stage: &Stage) -> Call {
    let trade = paid(stage).await;
    let refund = stage.done(refunding(stage, &trade)).await;
    Call::to(GlobalRefundList)
        .asking("mchid", stage.merchant_abroad().mchid)
        .asking("out_trade_no", trade)
        .asking("offset", "0")
        .asking("count", "20")
        .gives("/total_num", 1)
        .gives("/data/0/id", refund["id"].clone())
}

/// A day in Beijing, so long ago, as these endpoints write it.
fn day(stage: &Stage, ago: Duration) -> String {
    (stage.now() - ago).to_offset(BEIJING).date().to_string().replace('-', "")
}

fn statement_of(stage: &Stage, day: String) -> Call {
    Call::to(GlobalStatement).asking("date", day).asking("mchid", stage.merchant_abroad().mchid)
}

pub async fn statement(stage: &Stage) -> Call {
    paid(stage).await;
    stage.let_time_pass(Duration::days(2));
    statement_of(stage, day(stage, Duration::days(2))).gives("/text", Value::Null)
}

pub async fn settlements(stage: &Stage) -> Call {
    paid(stage).await;
    stage.let_time_pass(Duration::days(3));
    Call::to(GlobalSettlements)
        .asking("settle_state", "SETTLED")
        .asking("settle_start_date", day(stage, Duration::days(3)))
        .asking("settle_end_date", day(stage, Duration::ZERO))
        .asking("limit", "10")
        .asking("offset", "0")
        .gives("/data/0/batch_id", Value::Null)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (GlobalApp | GlobalJsapi | GlobalNative | GlobalH5, _) => {
            let call = place(stage, id);
            let number = call.json()["out_trade_no"].as_str()?.to_owned();
            match code {
                "PARAM_ERROR" => call.with("/merchant_category_code", "0000"),
                "ORDERPAID" => {
                    stage.done(call.clone()).await;
                    stage.shop.gateway.user().pay_abroad(&number).unwrap();
                    call
                }
                "ORDERCLOSED" => {
                    stage.done(call.clone()).await;
                    stage.let_time_pass(Duration::minutes(6));
                    stage.done(closing(stage, GlobalClose, &number).await).await;
                    call
                }
                "OUT_TRADE_NO_USED" => {
                    stage.done(call.clone()).await;
                    call.with("/description", "Another cafe")
                }
                _ => return None,
            }
        }
        (GlobalById | GlobalByNumber, "PARAM_ERROR") => query(stage, id).await.without("mchid"),
        (GlobalById, "ORDER_NOT_EXIST") => query(stage, id).await.at("id", "4200000000000000000000000000"),
        (GlobalByNumber, "ORDER_NOT_EXIST") => by_number(stage, "NOBODYS-ORDER"),
        (GlobalClose | GlobalCloseById, "PARAM_ERROR") => close(stage, id).await.without("mchid"),
        // Not in the first five minutes.
        (GlobalClose | GlobalCloseById, "INVALID_REQUEST") => closing(stage, id, &placed(stage).await).await,
        (GlobalClose | GlobalCloseById, "ORDERPAID") => closing(stage, id, &paid(stage).await).await,
        (GlobalClose | GlobalCloseById, "ORDERCLOSED") => {
            let call = close(stage, id).await;
            stage.done(call.clone()).await;
            call
        }
        (GlobalClose, "ORDER_NOT_EXIST") => close(stage, id).await.at("out_trade_no", "NOBODYS-ORDER"),
        (GlobalCloseById, "ORDER_NOT_EXIST") => close(stage, id).await.at("id", "4200000000000000000000000000"),
        (GlobalRefundCreate, "PARAM_ERROR") => refund(stage).await.with("/amount/refund", 0),
        (GlobalRefundCreate, "INVALID_REQUEST") => refund(stage).await.with("/amount/currency", "JPY"),
        (GlobalRefundCreate, "NOTENOUGH") => {
            let call = refund(stage).await;
            stage.shop.gateway.user().set_short_of_money_abroad(true);
            call
        }
        (GlobalRefundCreate, "TRADE_OVERDUE") => {
            let call = refund(stage).await;
            stage.let_time_pass(Duration::days(366));
            call
        }
        (GlobalRefundCreate, "RESOURCE_NOT_EXISTS") => refunding(stage, "NOBODYS-ORDER"),
        (GlobalRefundById | GlobalRefundByNumber, "PARAM_ERROR") => query_refund(stage, id).await.without("mchid"),
        (GlobalRefundById, "RESOURCE_NOT_EXISTS") => query_refund(stage, id).await.at("refund_id", "5030000000000"),
        (GlobalRefundByNumber, "RESOURCE_NOT_EXISTS") => {
            query_refund(stage, id).await.at("out_refund_no", "NOBODYS-REFUND")
        }
        (GlobalRefundList, "PARAM_ERROR") => refunds(stage).await.asking("count", "21"),
        (GlobalStatement, "PARAM_ERROR") => statement_of(stage, "2025-10-09".to_owned()),
        (GlobalStatement, "NO_STATEMENT_EXIST") => statement_of(stage, day(stage, Duration::days(90))),
        // Yesterday's, at two in the morning.
        (GlobalStatement, "STATEMENT_CREATING") => {
            let here = stage.now().to_offset(BEIJING);
            let night = here.replace_time(Time::MIDNIGHT) + Duration::DAY + Duration::hours(2);
            stage.let_time_pass(night - here);
            statement_of(stage, day(stage, Duration::DAY))
        }
        (GlobalSettlements, "PARAM_ERROR") => settlements(stage).await.asking("limit", "31"),
        _ => return None,
    })
}
