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

/// To the merchant's own card, for which nothing is encrypted.
pub async fn apply_abnormal(stage: &Stage) -> Call {
    let refund = stage.done(create(stage).await).await;
    let (number, id) = (refund["out_refund_no"].as_str().unwrap(), refund["refund_id"].as_str().unwrap());
    stage.shop.gateway.user().fail_refund(number).unwrap();
    let body = json!({ "out_refund_no": number, "type": "MERCHANT_BANK_CARD" });
    let call = Call::to(RefundApplyAbnormal).at("refund_id", id).sending(body);
    call.gives("/out_refund_no", number).gives("/refund_id", id).gives("/status", "PROCESSING")
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
        (RefundApplyAbnormal, "PARAM_ERROR") => apply_abnormal(stage).await.with("/type", "USER_BANK_CARD"),
        (RefundApplyAbnormal, "INVALID_REQUEST") => {
            let call = apply_abnormal(stage).await;
            // It is being processed, and no longer abnormal.
            stage.done(call.clone()).await;
            call
        }
        (RefundApplyAbnormal, "RESOURCE_NOT_EXISTS") => {
            apply_abnormal(stage).await.at("refund_id", "50300000000000000")
        }
        (RefundQuery, "RESOURCE_NOT_EXISTS") => Call::to(id).at("out_refund_no", "NOBODYS-REFUND"),
        _ => return None,
    })
}
