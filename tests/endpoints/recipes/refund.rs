//! Refunds of ordinary payments.

use paydeck::model::EndpointId::{self, *};
use serde_json::json;

use super::transaction;
use crate::call::Call;
use crate::stage::Stage;

fn of(stage: &Stage, trade: &str) -> Call {
    let number = stage.number("REFUND");
    let body = json!({
        "out_trade_no": trade, "out_refund_no": number, "reason": "做错口味",
        "amount": {"refund": 500, "total": 2880, "currency": "CNY"},
    });
    Call::to(RefundCreate).sending(body).gives("/out_refund_no", number).gives("/status", "PROCESSING")
}

pub async fn create(stage: &Stage) -> Call {
    of(stage, &transaction::paid(stage).await)
}

pub async fn query(stage: &Stage) -> Call {
    let refund = stage.done(create(stage).await).await;
    let number = refund["out_refund_no"].as_str().unwrap();
    Call::to(RefundQuery).at("out_refund_no", number).gives("/out_refund_no", number)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (RefundCreate, "PARAM_ERROR") => create(stage).await.with("/amount/refund", 0),
        (RefundCreate, "INVALID_REQUEST") => {
            create(stage).await.with("/amount/refund", 2881).with("/amount/total", 2880)
        }
        (RefundCreate, "NOT_ENOUGH") => {
            let call = create(stage).await;
            stage.shop.gateway.user().set_short_of_money(true);
            call
        }
        (RefundCreate, "USER_ACCOUNT_ABNORMAL") => {
            let openid = stage.number("oClosedTheirAccount");
            let order = transaction::place(stage, TransactionJsapi).with("/payer/openid", openid.as_str());
            stage.done(order.clone()).await;
            let trade = order.json()["out_trade_no"].as_str()?;
            stage.shop.gateway.user().pay_transaction(trade).unwrap();
            stage.shop.gateway.user().make_abnormal(&openid);
            of(stage, trade)
        }
        (RefundCreate, "RESOURCE_NOT_EXISTS") => of(stage, &transaction::placed(stage).await),
        (RefundQuery, "RESOURCE_NOT_EXISTS") => Call::to(id).at("out_refund_no", "NOBODYS-REFUND"),
        _ => return None,
    })
}
