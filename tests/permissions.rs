//! Permissions of users, as the real binary reads them: by code and by user, from the ledger, and after changes.

mod support;

use paydeck::model::{EndpointId, Kind, Merchant};
use serde_json::{Value, json};
use support::{Shop, json_errors, status, stderr, stdout};

const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

fn printed(output: &std::process::Output) -> Value {
    assert_eq!(status(output), 0, "{}", stderr(output));
    serde_json::from_str(&stdout(output)).unwrap()
}

fn state(document: &Value) -> &str {
    document["authorization_state"].as_str().unwrap()
}

/// Has the merchant ask a user for permission under a code.
async fn create(shop: &Shop, code: &str) {
    let client = shop.client();
    let Merchant { appid, service_id, .. } = client.merchant();
    let body = json!({
        "service_id": service_id.as_ref().unwrap().as_str(), "appid": appid.as_ref().unwrap().as_str(),
        "authorization_code": code, "notify_url": "https://merchant.example/permission",
    });
    let create = EndpointId::PermissionCreate;
    let reply = client.call(create, create.endpoint().path, &body.to_string()).await.unwrap();
    assert!(reply.body.contains("apply_permissions_token"));
}

async fn end(shop: &Shop, code: &str) -> u16 {
    let client = shop.client();
    let end = EndpointId::PermissionTerminateByCode;
    let target = end.endpoint().target(&[("authorization_code", code)], &[]);
    let service_id = client.merchant().service_id.as_ref().unwrap().as_str();
    let body = json!({ "service_id": service_id, "reason": "会员到期" });
    client.call(end, &target, &body.to_string()).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_is_found_by_its_code_and_by_its_user_and_its_versions_are_kept() {
    let shop = Shop::open(0).await;
    create(&shop, "A-1").await;
    let get = |number: &str| printed(&shop.paydeck(&["--output", "json", "permission", "get", number]));
    assert_eq!(state(&get("A-1")), "UNBINDUSER");
    let nobody = get(OPENID);
    assert_eq!((state(&nobody), nobody.get("authorization_code")), ("UNAVAILABLE", None));
    shop.gateway.user().authorise_as("A-1", OPENID).unwrap();
    assert_eq!(state(&get("A-1")), "AVAILABLE");
    assert_eq!(get(OPENID)["authorization_code"], "A-1");
    let by_user = ["permission", "terminate-openid", OPENID, "--reason", "x", "--dry-run"];
    assert!(stdout(&shop.paydeck(&by_user)).contains(&format!("/openid/{OPENID}/terminate")));
    assert_eq!(end(&shop, "A-1").await, 204);
    assert_eq!(state(&get("A-1")), "UNAVAILABLE");
    let history = stdout(&shop.paydeck(&["--output", "json", "permission", "get", "A-1", "--history"]));
    for version in ["UNBINDUSER", "AVAILABLE", "UNAVAILABLE"] {
        assert!(history.contains(version), "{history}");
    }
    // `open` identifies it, too.
    let opened = printed(&shop.paydeck(&["--output", "json", "open", "A-1"]));
    assert_eq!(opened["authorization_code"], "A-1");
    let missing = shop.paydeck(&["--output", "json", "permission", "get", "A-9"]);
    assert_eq!((status(&missing), json_errors(&missing)[0]["code"].as_str()), (1, Some("RESOURCE_NOT_EXISTS")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_named_by_their_openid_whatever_its_length() {
    let shop = Shop::open(0).await;
    let [first, second, third] = ["oFakeUser_0001", "oFakeUser_0002", "oFakeUser_0003"];
    for openid in [first, second, third] {
        shop.gateway.user().authorise(openid).unwrap();
    }
    let opened = printed(&shop.paydeck(&["--output", "json", "open", first]));
    assert_eq!((&opened["openid"], state(&opened)), (&json!(first), "AVAILABLE"));
    let end = |numbers: &[&str]| {
        let line = [&["permission", "terminate-openid"], numbers, &["--reason", "会员到期", "--yes"]].concat();
        let output = shop.paydeck(&line);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
    };
    end(&[first]);
    let sent = shop.gateway.requests().into_iter().rfind(|request| request.method == "POST").unwrap();
    assert!(sent.target.contains(&format!("/openid/{first}/terminate")), "{}", sent.target);
    // Several at once, too.
    end(&[second, third]);
    assert_eq!(shop.arrived(EndpointId::PermissionTerminateByOpenid), 3);
    for openid in [first, second, third] {
        let ended = printed(&shop.paydeck(&["--output", "json", "permission", "get", openid]));
        assert_eq!(state(&ended), "UNAVAILABLE", "{openid}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permissions_of_the_ledger_are_listed_in_every_state() {
    let shop = Shop::open(200).await;
    let known = shop.ids(Kind::Permission);
    assert!(known.len() >= 40, "{}", known.len());
    let listed = stdout(&shop.paydeck(&["--output", "json", "permission", "list"]));
    let rows: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), known.len());
    for wanted in ["UNBINDUSER", "AVAILABLE", "UNAVAILABLE"] {
        assert!(rows.iter().any(|row| state(row) == wanted), "{wanted}");
    }
    let table = stdout(&shop.paydeck(&["--output", "csv", "permission", "list", "--cached"]));
    assert_eq!(table.lines().count(), rows.len() + 1);
    let asked = shop.arrived(EndpointId::PermissionByCode);
    assert_eq!(asked, rows.len(), "the cached list asks nothing");
}
