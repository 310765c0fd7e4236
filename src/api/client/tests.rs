use super::judge::is_stale;
use super::*;
use crate::crypto::PrivateKey;

fn client() -> Client {
    let key = PrivateKey::generate().unwrap();
    let signer = Signer { mchid: MchId::new("1900000001"), serial: Serial::new(&"5A".repeat(20)), key: key.clone() };
    let platform = PlatformMode::PublicKey { id: Serial::new("PUB_KEY_ID_1"), key: key.public_key(), apiv3_key: None };
    Client::new(ClientOptions {
        base_url: "http://127.0.0.1:1".into(),
        signer,
        platform,
        merchant: Merchant::new(MchId::new("1900000001")),
        requests_per_second: 1,
        limits: Limits::default(),
        lang: Lang::En,
    })
    .unwrap()
}

#[test]
fn the_same_number_at_another_merchant_is_another_object() {
    let client = client();
    let whose = |kind: Kind, mchid: &str, asked_for: bool| {
        let raw = serde_json::json!({kind.number_field(): "N-1", "mchid": mchid}).to_string();
        let reply =
            Reply { status: 200, body: raw.clone(), request_id: Some("08-0".into()), proof: crate::api::Proof::Itself };
        client.check_whose(asked_for, &Object::parse(kind, &raw).unwrap(), &reply).map_err(|error| error.to_string())
    };
    assert_eq!(whose(Kind::Transaction, "1900000001", true), Ok(()));
    let foreign_merchant = Err("untrusted: the answer is about 1900000002 transaction N-1".to_owned());
    assert_eq!(whose(Kind::Transaction, "1900000002", true), foreign_merchant);
    assert!(whose(Kind::Transaction, "1900000001", false).is_err());
    // A stock may belong to another merchant.
    assert_eq!(whose(Kind::Stock, "1900000002", true), Ok(()));
}

/// The result of an answer to a change.
async fn judged(status: u16, body: &[u8], headers: SignatureHeaders, html: bool) -> Result<Reply, ApiError> {
    let answer = HttpAnswer { status, signature: headers, digest: None, request_id: None, html, body: body.to_vec() };
    let (target, body) = ("/v3/payscore/serviceorder/SO-1/modify", r#"{"total_amount": 5}"#);
    let call = Call { method: Method::Post, target, body, mutation: true, patience: Patience::Whole, key: None };
    client().judge_change(call, None, answer).await
}

#[tokio::test]
async fn an_unsigned_answer_to_a_change_is_only_a_hint() {
    let refusal = br#"{"code": "NOT_ENOUGH", "message": "x"}"#;
    for (status, body) in [(400, &refusal[..]), (401, refusal), (403, refusal), (404, b""), (405, b""), (409, b"x")] {
        let error = judged(status, body, SignatureHeaders::default(), false).await.unwrap_err();
        let ApiError::UnknownOutcome(RequestFailure::Status(refusal)) = &error else { panic!("{status}: {error}") };
        assert!(!refusal.signed && refusal.status == status);
        assert!(error.to_string().contains(&format!("not signed: {status}")), "{error}");
    }
    let page = judged(403, b"<html>NOT_ENOUGH</html>", SignatureHeaders::default(), true).await.unwrap_err();
    assert!(page.refusal().is_some_and(|refusal| refusal.message.is_empty()), "a page is not quoted: {page}");
    for status in [200, 204, 302] {
        let error = judged(status, b"{}", SignatureHeaders::default(), false).await.unwrap_err();
        let unsigned = ApiError::UnknownOutcome(RequestFailure::Untrusted(Untrusted::Unsigned { html: false }));
        assert_eq!(error.to_string(), unsigned.to_string(), "{status}");
    }
    let partly = SignatureHeaders { serial: Some("x".into()), ..SignatureHeaders::default() };
    let error = judged(403, refusal, partly, false).await.unwrap_err();
    assert!(matches!(error, ApiError::UnknownOutcome(RequestFailure::Untrusted(Untrusted::Signature(_)))), "{error}");
}

#[test]
fn an_answer_signed_before_its_request_left_is_stale() {
    let at = |seconds| Some(OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds));
    assert!(is_stale(at(100), at(94)));
    assert!(!is_stale(at(100), at(95)), "the platform's machines differ by a little");
    assert!(!is_stale(at(100), at(101)) && !is_stale(None, at(1)) && !is_stale(at(1), None));
}

#[tokio::test(start_paused = true)]
async fn the_platforms_clock_runs_on_and_is_not_set_back_by_an_older_answer() {
    let client = client();
    let signed = |seconds: i64| SignatureHeaders { timestamp: Some(seconds.to_string()), ..Default::default() };
    assert_eq!(client.platform_now(), None);
    client.note_clock(&signed(1_000));
    tokio::time::advance(Duration::from_secs(30)).await;
    let now = || client.platform_now().unwrap().unix_timestamp();
    assert_eq!(now(), 1_030);
    client.note_clock(&signed(1_010));
    assert_eq!(now(), 1_030, "a replay");
    client.note_clock(&signed(1_040));
    assert_eq!(now(), 1_040);
    assert!(client.platform_at_the_latest() >= client.platform_now());
}
