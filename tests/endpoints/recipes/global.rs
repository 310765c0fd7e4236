//! A Global merchant of its own: orders, refunds, statements and settlements.

use paydeck::model::EndpointId::{self, *};
use paydeck::model::time::compact_day;
use serde_json::{Value, json};
use time::Duration;

use crate::call::Call;
use crate::stage::Stage;

const MCHID: &str = "1610000002";
const APPID: &str = "wx6a1c0de6a1c0de02";
/// An order can be closed so long after it was placed.
const CLOSABLE: Duration = Duration::minutes(6);

pub fn place(stage: &Stage, id: EndpointId) -> Call {
    let (word, given) = match id {
        GlobalApp => ("APP", "/prepay_id"),
        GlobalJsapi => ("JSAPI", "/prepay_id"),
        GlobalH5 => ("MWEB", "/mweb_url"),
        _ => ("NATIVE", "/code_url"),
    };
    let body = json!({
        "mchid": MCHID, "appid": APPID, "description": "Harbour Cafe - set", "out_trade_no": stage.number("GTRADE"),
        "notify_url": "https://merchant.example/notify", "trade_type": word, "merchant_category_code": "5812",
        "amount": {"total": 6800, "currency": "HKD"}, "payer": {"openid": "oWalkAbroad"},
        "scene_info": {"payer_client_ip": "203.0.113.7", "store_info": {"id": "HC01"}},
    });
    Call::to(id).sending(body).gives(given, Value::Null)
}

async fn placed(stage: &Stage) -> String {
    let call = place(stage, GlobalNative);
    stage.done(call.clone()).await;
    call.json()["out_trade_no"].as_str().unwrap().to_owned()
}

async fn paid(stage: &Stage) -> String {
    let number = placed(stage).await;
    stage.shop.gateway.user().pay(&number).unwrap();
    number
}

fn by_number(number: &str) -> Call {
    Call::to(GlobalByNumber).at("out_trade_no", number).asking("mchid", MCHID).gives("/out_trade_no", number)
}

/// WeChat Pay's own number of an order.
async fn id_of(stage: &Stage, number: &str) -> String {
    stage.done(by_number(number)).await["id"].as_str().unwrap().to_owned()
}

pub async fn query(stage: &Stage, id: EndpointId) -> Call {
    let number = paid(stage).await;
    if id == GlobalByNumber {
        return by_number(&number).gives("/trade_state", "SUCCESS");
    }
    let own = id_of(stage, &number).await;
    Call::to(id).at("id", own).asking("mchid", MCHID).gives("/out_trade_no", number)
}

async fn closing(stage: &Stage, id: EndpointId, number: &str) -> Call {
    let call = Call::to(id).sending(json!({"mchid": MCHID}));
    match id {
        GlobalClose => call.at("out_trade_no", number),
        _ => call.at("id", id_of(stage, number).await),
    }
}

pub async fn close(stage: &Stage, id: EndpointId) -> Call {
    let number = placed(stage).await;
    stage.let_time_pass(CLOSABLE);
    closing(stage, id, &number).await
}

fn refund_of(stage: &Stage, order: &str) -> Call {
    let number = stage.number("GREFUND");
    let body = json!({
        "mchid": MCHID, "appid": APPID, "out_trade_no": order, "out_refund_no": number,
        "amount": {"refund": 500, "total": 6800, "currency": "HKD"},
    });
    Call::to(GlobalRefundCreate).sending(body).gives("/out_refund_no", number).gives("/id", Value::Null)
}

pub async fn refund(stage: &Stage) -> Call {
    refund_of(stage, &paid(stage).await)
}

pub async fn query_refund(stage: &Stage, id: EndpointId) -> Call {
    let refund = stage.done(refund(stage).await).await;
    let (own, platforms) = (refund["out_refund_no"].as_str().unwrap(), refund["id"].as_str().unwrap());
    let call = match id {
        GlobalRefundById => Call::to(id).at("refund_id", platforms),
        _ => Call::to(id).at("out_refund_no", own),
    };
    call.asking("mchid", MCHID).gives("/out_refund_no", own).gives("/status", Value::Null)
}

pub async fn list_refunds(stage: &Stage) -> Call {
    let order = paid(stage).await;
    let refund = stage.done(refund_of(stage, &order)).await;
    Call::to(GlobalRefundList)
        .asking("out_trade_no", order)
        .asking("mchid", MCHID)
        .asking("offset", "0")
        .asking("count", "20")
        .gives("/total_num", 1)
        .gives("/data/0/id", refund["id"].clone())
}

/// Of a day on which there was trade, once its statement is made.
pub async fn statement(stage: &Stage) -> Call {
    paid(stage).await;
    let day = compact_day(stage.now());
    stage.let_time_pass(Duration::days(2));
    Call::to(GlobalStatement).asking("date", day).asking("mchid", MCHID).gives("/sha1", Value::Null)
}

pub async fn settlements(stage: &Stage) -> Call {
    paid(stage).await;
    Call::to(GlobalSettlements)
        .asking("settle_state", "UNSETTLE")
        .asking("limit", "10")
        .asking("offset", "0")
        .gives("/data/0/amount/currency", "HKD")
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (GlobalApp | GlobalJsapi | GlobalNative | GlobalH5, _) => {
            let call = place(stage, id);
            let number = call.json()["out_trade_no"].as_str()?.to_owned();
            match code {
                "PARAM_ERROR" => call.with("/merchant_category_code", "0001"),
                "ORDERPAID" => {
                    stage.done(call.clone()).await;
                    stage.shop.gateway.user().pay(&number).unwrap();
                    call
                }
                "ORDERCLOSED" => {
                    stage.done(call.clone()).await;
                    stage.let_time_pass(CLOSABLE);
                    stage.done(closing(stage, GlobalClose, &number).await).await;
                    call
                }
                "OUT_TRADE_NO_USED" => {
                    stage.done(call.clone()).await;
                    call.with("/amount/total", 6801)
                }
                _ => return None,
            }
        }
        (GlobalById | GlobalByNumber, "PARAM_ERROR") => query(stage, id).await.without("mchid"),
        (GlobalById, "ORDER_NOT_EXIST") => query(stage, id).await.at("id", "4200000000000000000000000000"),
        (GlobalByNumber, "ORDER_NOT_EXIST") => by_number("NOBODYS-TRADE"),
        (GlobalClose | GlobalCloseById, "PARAM_ERROR") => close(stage, id).await.without("mchid"),
        // Too soon.
        (GlobalClose | GlobalCloseById, "INVALID_REQUEST") => closing(stage, id, &placed(stage).await).await,
        (GlobalClose | GlobalCloseById, "ORDERPAID") => closing(stage, id, &paid(stage).await).await,
        (GlobalClose | GlobalCloseById, "ORDERCLOSED") => {
            let call = close(stage, id).await;
            stage.done(call.clone()).await;
            call
        }
        (GlobalClose, "ORDER_NOT_EXIST") => closing(stage, id, "NOBODYS-TRADE").await,
        (GlobalCloseById, "ORDER_NOT_EXIST") => close(stage, id).await.at("id", "4200000000000000000000000000"),
        (GlobalRefundCreate, "PARAM_ERROR") => refund(stage).await.with("/amount/refund", 0),
        (GlobalRefundCreate, "INVALID_REQUEST") => refund(stage).await.with("/amount/refund", 6801),
        (GlobalRefundCreate, "NOTENOUGH") => {
            let call = refund(stage).await;
            stage.shop.gateway.user().set_short_of_money_global(true);
            call
        }
        (GlobalRefundCreate, "TRADE_OVERDUE") => {
            let call = refund(stage).await;
            stage.let_time_pass(Duration::days(366));
            call
        }
        (GlobalRefundCreate, "RESOURCE_NOT_EXISTS") => refund_of(stage, "NOBODYS-TRADE"),
        (GlobalRefundById | GlobalRefundByNumber, "PARAM_ERROR") => query_refund(stage, id).await.without("mchid"),
        (GlobalRefundById, "RESOURCE_NOT_EXISTS") => query_refund(stage, id).await.at("refund_id", "5020"),
        (GlobalRefundByNumber, "RESOURCE_NOT_EXISTS") => query_refund(stage, id).await.at("out_refund_no", "NOBODYS"),
        (GlobalRefundList, "PARAM_ERROR") => list_refunds(stage).await.asking("count", "21"),
        (GlobalStatement, "PARAM_ERROR") => statement(stage).await.asking("date", "2026-11-20"),
        (GlobalStatement, "STATEMENT_CREATING") => statement(stage).await.asking("date", compact_day(stage.now())),
        (GlobalStatement, "NO_STATEMENT_EXIST") => {
            let call = statement(stage).await;
            call.asking("date", compact_day(stage.now() - Duration::days(100)))
        }
        (GlobalSettlements, "PARAM_ERROR") => settlements(stage).await.asking("limit", "31"),
        _ => return None,
    })
}
