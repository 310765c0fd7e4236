//! Ordinary payments.

use paydeck::model::EndpointId::{self, *};
use serde_json::{Value, json};

use crate::call::Call;
use crate::stage::Stage;

const USER: &str = "oWalkThePayments000000000001";

pub fn place(stage: &Stage, id: EndpointId) -> Call {
    let merchant = stage.merchant();
    let mut body = json!({
        "appid": merchant.appid, "mchid": merchant.mchid, "description": "拿铁", "out_trade_no": stage.number("TRADE"),
        "notify_url": "https://merchant.example/notify", "amount": {"total": 2880, "currency": "CNY"},
    });
    let given = match id {
        TransactionNative => "/code_url",
        TransactionH5 => {
            body["scene_info"] = json!({"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}});
            "/h5_url"
        }
        TransactionJsapi => {
            body["payer"] = json!({"openid": USER});
            "/prepay_id"
        }
        _ => "/prepay_id",
    };
    Call::to(id).sending(body).gives(given, Value::Null)
}

/// An unpaid order.
pub async fn placed(stage: &Stage) -> String {
    let call = place(stage, TransactionJsapi);
    stage.done(call.clone()).await;
    call.json()["out_trade_no"].as_str().unwrap().to_owned()
}

/// One that is paid.
pub async fn paid(stage: &Stage) -> String {
    let number = placed(stage).await;
    stage.shop.gateway.user().pay_transaction(&number).unwrap();
    number
}

fn query_of(stage: &Stage, number: &str) -> Call {
    let merchant = stage.merchant();
    Call::to(TransactionByNumber)
        .at("out_trade_no", number)
        .asking("mchid", merchant.mchid.as_str())
        .gives("/out_trade_no", number)
}

pub async fn by_number(stage: &Stage) -> Call {
    query_of(stage, &placed(stage).await).gives("/trade_state", "NOTPAY")
}

pub async fn by_id(stage: &Stage) -> Call {
    let number = paid(stage).await;
    let document = stage.done(query_of(stage, &number)).await;
    Call::to(TransactionById)
        .at("transaction_id", document["transaction_id"].as_str().unwrap())
        .asking("mchid", stage.merchant().mchid.as_str())
        .gives("/out_trade_no", number)
        .gives("/trade_state", "SUCCESS")
}

fn closing(stage: &Stage, number: &str) -> Call {
    let mchid = stage.merchant().mchid;
    Call::to(TransactionClose).at("out_trade_no", number).sending(json!({"mchid": mchid}))
}

pub async fn close(stage: &Stage) -> Call {
    closing(stage, &placed(stage).await)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (TransactionJsapi | TransactionNative | TransactionApp | TransactionH5, _) => {
            let call = place(stage, id);
            match code {
                "PARAM_ERROR" => call.with("/amount/total", 0),
                "APPID_MCHID_NOT_MATCH" => call.with("/appid", "wx0000000000000000"),
                // Paid already.
                "INVALID_REQUEST" => {
                    stage.done(call.clone()).await;
                    stage.shop.gateway.user().pay_transaction(call.json()["out_trade_no"].as_str()?).unwrap();
                    call
                }
                "ORDER_CLOSED" => {
                    stage.done(call.clone()).await;
                    stage.done(closing(stage, call.json()["out_trade_no"].as_str()?)).await;
                    call
                }
                "OUT_TRADE_NO_USED" => {
                    stage.done(call.clone()).await;
                    call.with("/description", "浓缩")
                }
                _ => return None,
            }
        }
        (TransactionById, "PARAM_ERROR") => by_id(stage).await.without("mchid"),
        (TransactionById, "INVALID_REQUEST") => by_id(stage).await.asking("mchid", "1900000000"),
        (TransactionById, "ORDER_NOT_EXIST") => by_id(stage).await.at("transaction_id", "4200000000000000000000000000"),
        (TransactionByNumber, "PARAM_ERROR") => by_number(stage).await.without("mchid"),
        (TransactionByNumber, "INVALID_REQUEST") => by_number(stage).await.asking("mchid", "1900000000"),
        (TransactionByNumber, "ORDER_NOT_EXIST") => query_of(stage, "NOBODYS-TRADE"),
        (TransactionClose, "PARAM_ERROR") => close(stage).await.without("mchid"),
        (TransactionClose, "ORDER_PAID") => closing(stage, &paid(stage).await),
        _ => return None,
    })
}
