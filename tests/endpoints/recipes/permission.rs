//! Users' permissions.

use paydeck::model::EndpointId::{self, *};
use serde_json::{Value, json};

use super::order;
use crate::call::Call;
use crate::stage::Stage;

const FOREIGN: &str = "00004501000000000000000000000000";

pub fn create(stage: &Stage) -> Call {
    let merchant = stage.merchant();
    let body = json!({
        "service_id": merchant.service_id, "appid": merchant.appid, "authorization_code": stage.number("CODE"),
        "notify_url": "https://merchant.example/notify",
    });
    Call::to(PermissionCreate).sending(body).gives("/apply_permissions_token", Value::Null)
}

/// A user who has authorised the service, and the code.
async fn given(stage: &Stage) -> (String, String) {
    let call = create(stage);
    stage.done(call.clone()).await;
    let (openid, code) = (stage.number("oWalkThePermissions"), call.json()["authorization_code"].as_str().unwrap());
    stage.shop.gateway.user().authorise_as(code, &openid).unwrap();
    (openid, code.to_owned())
}

fn ended(stage: &Stage, id: EndpointId) -> Call {
    let merchant = stage.merchant();
    let call = Call::to(id).sending(json!({"service_id": merchant.service_id, "reason": "用户来电"}));
    if id == PermissionTerminateByOpenid { call.with("/appid", merchant.appid) } else { call }
}

pub async fn by_openid(stage: &Stage) -> Call {
    let (openid, _) = given(stage).await;
    let merchant = stage.merchant();
    Call::to(PermissionByOpenid)
        .at("openid", openid)
        .asking("service_id", merchant.service_id)
        .asking("appid", merchant.appid)
        .gives("/authorization_state", "AVAILABLE")
}

pub async fn by_code(stage: &Stage) -> Call {
    let (openid, code) = given(stage).await;
    Call::to(PermissionByCode)
        .at("authorization_code", code)
        .asking("service_id", stage.merchant().service_id)
        .gives("/openid", openid)
}

pub async fn end_by_openid(stage: &Stage) -> Call {
    ended(stage, PermissionTerminateByOpenid).at("openid", given(stage).await.0)
}

pub async fn end_by_code(stage: &Stage) -> Call {
    ended(stage, PermissionTerminateByCode).at("authorization_code", given(stage).await.1)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (PermissionCreate, "PARAM_ERROR") => create(stage).without("notify_url"),
        (PermissionCreate, "INVALID_REQUEST") => {
            let call = create(stage);
            stage.done(call.clone()).await;
            call.with("/notify_url", "https://merchant.example/another")
        }
        (PermissionCreate, "NO_AUTH") => create(stage).with("/service_id", FOREIGN),
        (PermissionByOpenid, "PARAM_ERROR") => by_openid(stage).await.without("service_id"),
        (PermissionByOpenid, "NO_AUTH") => by_openid(stage).await.asking("service_id", FOREIGN),
        (PermissionByCode, "PARAM_ERROR") => by_code(stage).await.without("service_id"),
        (PermissionByCode, "NO_AUTH") => by_code(stage).await.asking("service_id", FOREIGN),
        (PermissionByCode, "RESOURCE_NOT_EXISTS") => by_code(stage).await.at("authorization_code", "NOBODYS-CODE"),
        (PermissionTerminateByOpenid, "PARAM_ERROR") => end_by_openid(stage).await.without("reason"),
        // Not while an order of the user is unfinished.
        (PermissionTerminateByOpenid, "INVALID_REQUEST") => {
            let (openid, _) = given(stage).await;
            stage.done(order::create(stage).with("/openid", openid.as_str())).await;
            ended(stage, id).at("openid", openid)
        }
        (PermissionTerminateByOpenid, "NO_AUTH") => end_by_openid(stage).await.with("/service_id", FOREIGN),
        (PermissionTerminateByCode, "PARAM_ERROR") => end_by_code(stage).await.without("reason"),
        // No user has authorised under it yet.
        (PermissionTerminateByCode, "INVALID_REQUEST") => {
            let call = create(stage);
            stage.done(call.clone()).await;
            ended(stage, id).at("authorization_code", call.json()["authorization_code"].as_str()?)
        }
        (PermissionTerminateByCode, "NO_AUTH") => end_by_code(stage).await.with("/service_id", FOREIGN),
        (PermissionTerminateByCode, "RESOURCE_NOT_EXISTS") => ended(stage, id).at("authorization_code", "NOBODYS-CODE"),
        _ => return None,
    })
}
