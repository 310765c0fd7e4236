//! Errors as the real binary prints them: what they mean and what to do now, in both languages, for people and programs.

mod support;

use paydeck::model::EndpointId;
use paydeck::model::action::ActionId;
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::json;
use support::{Shop, json_errors, status, stderr, stdout};

/// Pauses a stock that was never started, past the rules that would not even send it.
async fn refused(shop: &Shop, lang: &str, format: &str) -> std::process::Output {
    let stock = shop.object_for(&shop.client(), ActionId::StockStart.action()).await;
    let path = format!("/v3/marketing/favor/stocks/{}/pause", stock.id.number);
    let body = json!({"stock_creator_mchid": shop.client().mchid().as_str()}).to_string();
    shop.paydeck(&["--lang", lang, "--output", format, "api", "POST", &path, &body, "--yes"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_it_means_and_what_to_do_in_both_languages() {
    let shop = Shop::open(60).await;
    let cases = [
        ("en", "The stock’s status does not allow it", "Look at the stock’s status"),
        ("zh-CN", "批次状态不允许", "请查看批次状态"),
    ];
    for (lang, means, advice) in cases {
        let output = refused(&shop, lang, "text").await;
        assert_eq!(status(&output), 1);
        let printed = stderr(&output);
        assert!(printed.contains(means) && printed.contains(advice) && printed.contains("PARAM_ERROR"), "{printed}");

        let error = json_errors(&refused(&shop, lang, "json").await).remove(0);
        assert_eq!((&error["kind"], &error["code"]), (&json!("refused"), &json!("PARAM_ERROR")), "{error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(means)), "{error}");
        assert!(error["advice"].as_str().is_some_and(|said| said.contains(advice)), "{error}");
        // The cause at the end of the Request-ID is shown, too.
        assert!(error["request_id"].as_str().is_some_and(|id| id.ends_with("-268435461")), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_explains_what_was_refused() {
    let shop = Shop::open(60).await;
    refused(&shop, "en", "text").await;
    for (lang, means, advice) in [
        ("en", "The stock’s status does not allow it", "Look at the stock’s status"),
        ("zh-CN", "批次状态不允许", "请查看批次状态"),
    ] {
        let shown = stdout(&shop.paydeck(&["--lang", lang, "journal", "show", "1"]));
        assert!(shown.contains(means) && shown.contains(advice), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_outcome_is_unknown_is_never_advised_to_be_sent_again() {
    let shop = Shop::open(60).await;
    let stock = shop.object_for(&shop.client(), ActionId::StockStart.action()).await;
    let faults = shop.gateway.faults();
    for fault in [Fault::RateLimited, Fault::FailBefore] {
        faults.once(FaultMatcher::endpoint(EndpointId::StockStart), fault);
        let path = format!("/v3/marketing/favor/stocks/{}/start", stock.id.number);
        let body = json!({"stock_creator_mchid": shop.client().mchid().as_str()}).to_string();
        let store = shop.store("beside.db");
        let arguments = ["--store", &store, "--lang", "en", "--output", "json", "api", "POST", &path, &body, "--yes"];
        let output = shop.paydeck(&arguments);
        assert_eq!(status(&output), 3, "{}", stderr(&output));
        let error = json_errors(&output).remove(0);
        let advice = error["advice"].as_str().unwrap();
        assert!(advice.contains("Never send it under another number"), "{advice}");
        assert!(!advice.contains("identical"), "{advice}");
        std::fs::remove_file(shop.folder.path().join("beside.db")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_is_shown_what_the_platform_signed() {
    let shop = Shop::open(0).await;
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys/unrelated_key.TESTONLY.pem");
    // Beside the merchant's certificate it would be seen before anything is sent.
    shop.edit_config("file = \"apiclient_key.pem\"", &format!("file = \"{key}\""));
    let output = shop.paydeck(&["--output", "json", "api", "GET", "/v3/certificates"]);
    let error = json_errors(&output).remove(0);
    assert_eq!(error["code"], "SIGN_ERROR", "{error}");
    let diagnosis = error["diagnosis"].as_str().unwrap();
    assert!(diagnosis.contains("GET\\n/v3/certificates\\n"), "{diagnosis}");
    let text = stderr(&shop.paydeck(&["api", "GET", "/v3/certificates"]));
    assert!(text.contains("GET\\n/v3/certificates\\n"), "{text}");
}
