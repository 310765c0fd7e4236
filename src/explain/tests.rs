use std::collections::BTreeSet;

use serde_json::json;

use super::answer::because;
use super::*;
use crate::api::Refusal;
use crate::model::Document;
use crate::model::EndpointId;
use crate::model::code::{CAUSES, CODES, Next};
use crate::model::code::{ErrorCode, Meaning};
use crate::model::endpoint::{ENDPOINTS, EVERYWHERE};

const LANGS: [Lang; 2] = [Lang::En, Lang::ZhCn];
const NEXT: [Next; 5] = [Next::Correct, Next::Same, Next::Look, Next::NewNumber, Next::Nothing];

fn answer(status: u16, code: &str, cause: u64, endpoint: EndpointId) -> Refusal {
    let body = json!({"code": code, "message": "……"}).to_string();
    let id = format!("08F3A9D7-{cause}");
    Refusal { endpoint: Some(endpoint), ..Refusal::read(status, body.as_bytes(), Some(id), true) }
}

/// The error that the client makes of an answer.
fn error(refusal: Refusal) -> ApiError {
    let mutation = refusal.endpoint.is_some_and(|endpoint| endpoint.endpoint().is_mutation());
    match refusal.status {
        202 | 429 | 500.. if mutation => ApiError::UnknownOutcome(Failure::Status(refusal)),
        202 | 429 | 500.. => ApiError::Unreachable(Failure::Status(refusal)),
        _ => ApiError::Refused(refusal),
    }
}

/// Every meaning of every code, everywhere and on the endpoints where it differs.
fn meanings() -> Vec<Meaning> {
    let codes = CODES
        .iter()
        .flat_map(|row| std::iter::once(row.meaning).chain(row.elsewhere.iter().map(|(_, meaning)| *meaning)));
    codes.chain(CAUSES.iter().filter_map(|cause| cause.at(None))).collect()
}

#[test]
fn every_code_and_every_cause_is_explained_in_both_languages_and_nothing_else_is() {
    let mut ids: BTreeSet<&str> = NEXT.map(Next::message).into();
    ids.insert("next-unsigned");
    ids.extend(meanings().iter().flat_map(|meaning| [meaning.means, meaning.advice]));
    ids.extend(CAUSES.iter().map(|cause| cause.means));
    for lang in LANGS {
        for id in &ids {
            assert!(lang.has(id) && !lang.t(id).trim().is_empty(), "{id} in {}", lang.tag());
        }
    }
    let file = include_str!("../../assets/i18n/en/codes.ftl");
    for id in file.lines().filter_map(|line| line.split_once(" = ")).map(|(id, _)| id) {
        assert!(ids.contains(id), "{id} belongs to no row");
    }
}

#[test]
fn no_advice_speaks_of_sending_again_but_under_the_same_number() {
    let says = |text: &str, words: &[&str]| words.iter().any(|word| text.to_lowercase().contains(word));
    for meaning in meanings() {
        let (en, zh) = (Lang::En.t(meaning.advice), Lang::ZhCn.t(meaning.advice));
        let again = ["again", "resend", "repeat", "retry", "once more", " send it", "may be sent"];
        assert!(!says(&en, &again) || en.contains("only under the same number"), "{en}");
        let again = ["重试", "重发", "再发", "再次发", "重新发", "金额发送"];
        assert!(!says(&zh, &again) || zh.contains("只能用原单号"), "{zh}");
    }
    assert!(Lang::En.t(Next::Same.message()).contains("under the same number"));
    assert!(Lang::ZhCn.t(Next::Same.message()).contains("原单号"));
}

/// Whether a status leaves open what became of a change.
fn is_open(status: u16) -> bool {
    status == 202 || status >= 429
}

/// Every answer that every change may get; of three of them, of different guides, with every cause.
fn answers_to_changes() -> impl Iterator<Item = Refusal> {
    let changes = ENDPOINTS.iter().filter(|endpoint| endpoint.is_mutation());
    changes.flat_map(|endpoint| {
        let statuses = [202, 400, 401, 403, 404, 429, 500, 502, 503];
        let codes = CODES.iter().map(|row| row.code).chain(["", "NEVER_HEARD_OF"]);
        codes.flat_map(move |code| {
            statuses.into_iter().flat_map(move |status| {
                let thorough = [EndpointId::RefundCreate, EndpointId::OrderComplete, EndpointId::CouponSend];
                let documented = if thorough.contains(&endpoint.id) { CAUSES } else { &[] };
                let causes = documented.iter().map(|cause| cause.number).chain([0, 123]);
                causes.map(move |cause| answer(status, code, cause, endpoint.id))
            })
        })
    })
}

#[test]
fn of_a_change_whose_outcome_is_unknown_the_advice_never_says_to_send_it() {
    let sentences = NEXT.map(|next| Lang::En.t(next.message()).into_owned());
    let rule = Lang::En.t("advice-unknown-outcome").into_owned();
    let mut unknown = 0;
    for refusal in answers_to_changes().filter(|refusal| is_open(refusal.status)) {
        let next = api_error(Lang::En, &error(refusal)).next.unwrap();
        assert!(next.ends_with(&rule), "{next}");
        assert!(sentences.iter().all(|sentence| !next.contains(sentence)), "{next}");
        unknown += 1;
    }
    assert!(unknown > 10_000, "{unknown}");
    // Nor is there another way in which nobody knows.
    let timeout = ApiError::UnknownOutcome(Failure::Timeout { seconds: 1 });
    assert_eq!(api_error(Lang::En, &timeout).next.as_ref(), Some(&rule));
}

#[test]
fn every_refusal_of_a_change_says_what_may_be_sent_afterwards() {
    let sentences = NEXT.map(|next| Lang::En.t(next.message()).into_owned());
    for refusal in answers_to_changes().filter(|refusal| !is_open(refusal.status)) {
        let known = ErrorCode::find(&refusal.code).is_some();
        let shown = format!("{} {:?}", refusal.code, refusal.endpoint);
        let next = api_error(Lang::En, &error(refusal)).next.unwrap();
        assert!(!known || sentences.iter().any(|sentence| next.ends_with(sentence)), "{shown}: {next}");
    }
}

#[test]
fn every_documented_error_of_every_endpoint_is_explained_in_both_languages() {
    for lang in LANGS {
        for endpoint in ENDPOINTS {
            for row in endpoint.errors.iter().chain(EVERYWHERE) {
                let told = api_error(lang, &error(answer(row.status, row.code, 0, endpoint.id)));
                let code = ErrorCode::find(row.code).unwrap().at(Some(endpoint.id));
                assert!(told.why.is_some_and(|why| why.contains(&*lang.t(code.means))), "{}", row.code);
                assert!(told.next.is_some_and(|next| next.contains(&*lang.t(code.advice))), "{}", row.code);
                assert_eq!(told.code.as_deref(), Some(row.code));
            }
        }
    }
}

#[test]
fn nothing_that_is_not_documented_is_swallowed() {
    let told = api_error(Lang::En, &error(answer(403, "NEVER_HEARD_OF", 123_456_789, EndpointId::RefundCreate)));
    assert_eq!(told.code.as_deref(), Some("NEVER_HEARD_OF"));
    assert!(told.what.contains("403") && told.what.contains("……"), "{}", told.what);
    assert!(told.why.unwrap().contains("123456789"));
    assert_eq!(told.request_id.as_deref(), Some("08F3A9D7-123456789"));
    // By its status an answer is a limit or trouble on the other side, whatever the code says.
    for (status, advice) in [(429, "advice-FREQUENCY_LIMITED"), (502, "advice-SYSTEM_ERROR")] {
        let told = api_error(Lang::En, &error(answer(status, "NEVER_HEARD_OF", 123, EndpointId::RefundQuery)));
        assert!(told.next.unwrap().contains(&*Lang::En.t(advice)), "{status}");
        let told = api_error(Lang::En, &error(answer(429, "PARAM_ERROR", 0, EndpointId::RefundQuery)));
        assert_eq!(told.next.as_deref(), Some(&*Lang::En.t("advice-FREQUENCY_LIMITED")));
    }
}

#[test]
fn a_cause_tells_more_than_a_vague_code_and_less_than_a_telling_one() {
    let advice = |code: &str, cause: u64, endpoint| {
        api_error(Lang::En, &error(answer(400, code, cause, endpoint))).next.unwrap()
    };
    let order = EndpointId::OrderComplete;
    assert!(advice("INVALID_REQUEST", 271_302_332, order).contains("until the user has confirmed"));
    assert!(advice("INVALID_REQUEST", 271_302_333, order).contains("Nothing to do"));
    assert!(advice("ORDER_DONE", 271_302_262, order).contains("Nothing to do"), "a wrong state says less");
    // A cause that nobody has documented changes nothing.
    assert_eq!(advice("INVALID_REQUEST", 7, order), advice("INVALID_REQUEST", 0, order));
    // Of a code that nobody has documented the cause is all there is.
    assert!(advice("NEVER_HEARD_OF", 270_079_534, EndpointId::CouponSend).contains("the stock’s use"));
}

#[test]
fn the_numbers_of_a_wrong_signature_tell_what_is_wrong_with_it() {
    let advice = |cause| api_error(Lang::En, &error(answer(401, "SIGN_ERROR", cause, EndpointId::PlanQuery))).next;
    let cases = [
        (268_573_590, "advice-clock"),
        (269_546_507, "advice-merchant-serial"),
        (269_546_505, "advice-merchant-certificate"),
        (268_443_699, "advice-SIGN_ERROR"),
    ];
    for (cause, id) in cases {
        assert_eq!(advice(cause).as_deref(), Some(&*Lang::En.t(id)));
    }
}

#[test]
fn an_unsigned_refusal_claims_nothing_about_what_was_changed() {
    let refusal = Refusal { signed: false, ..answer(403, "NOT_ENOUGH", 0, EndpointId::RefundCreate) };
    for lang in LANGS {
        let told = api_error(lang, &error(refusal.clone()));
        assert!(told.why.unwrap().contains(&*lang.t("why-unsigned-error")));
        assert!(told.next.unwrap().ends_with(&*lang.t("next-unsigned")));
    }
}

#[test]
fn the_field_at_fault_is_named_with_what_is_known_of_it() {
    let read = |detail: serde_json::Value| {
        let body = json!({"code": "PARAM_ERROR", "message": "m", "detail": detail}).to_string();
        because(Lang::En, &Refusal::read(400, body.as_bytes(), None, true)).unwrap()
    };
    assert!(
        read(json!({"field": "/amount/total", "value": 0, "issue": "below minimum 1", "location": "body"}))
            .contains("Field /amount/total: below minimum 1 (sent: 0).")
    );
    assert!(read(json!({"field": "/a", "issue": "missing"})).contains("Field /a: missing."));
    // A real one has only these two.
    assert!(read(json!({"location": "body", "value": "x"})).contains("Field body (sent: x)."));
    assert!(!read(json!({})).contains("Field"));
}

#[test]
fn a_developer_is_shown_what_the_platform_signed() {
    let body = json!({"code": "SIGN_ERROR", "message": "签名错误", "detail": {"field": "signature",
        "sign_information": {"truncated_sign_message": "GET\n/v3/x\r\n", "sign_message_length": 81}}});
    let error = ApiError::Refused(Refusal::read(401, body.to_string().as_bytes(), None, false));
    for lang in LANGS {
        let diagnosis = api_error(lang, &error).diagnosis.unwrap();
        assert!(diagnosis.contains("81") && diagnosis.contains("GET\\n/v3/x\\r\\n"), "{diagnosis}");
    }
}

/// A settlement as the journal keeps it.
fn settled(error: &ApiError, outcome: &str, last: bool) -> Explanation {
    let intent = json!({"method": "POST", "target": "/v3/refund/domestic/refunds"});
    let settlement = json!({"outcome": outcome, "final": outcome != "unknown", "error": error.to_string(),
        "request_id": error.request_id()});
    super::settlement(Lang::En, &Document::new(&intent), &Document::new(&settlement), last).unwrap()
}

#[test]
fn the_journal_explains_an_error_as_it_was_explained_when_it_happened() {
    for (code, cause) in [("NOT_ENOUGH", 0), ("INVALID_REQUEST", 268_498_688), ("NEVER_HEARD_OF", 12)] {
        let error = error(answer(403, code, cause, EndpointId::RefundCreate));
        assert_eq!(settled(&error, "refused", true), api_error(Lang::En, &error));
    }
    let unknown = error(answer(500, "SYSTEM_ERROR", 0, EndpointId::RefundCreate));
    assert_eq!(settled(&unknown, "unknown", true), api_error(Lang::En, &unknown));
    assert_eq!(settled(&unknown, "unknown", false).next, None, "something was settled afterwards");
    let contrary = settled(&unknown, "refused", true);
    assert_eq!(contrary.next.as_deref(), Some(&*Lang::En.t("advice-no-effect")));
    let timeout = ApiError::UnknownOutcome(Failure::Timeout { seconds: 2 });
    assert_eq!(settled(&timeout, "unknown", true).next.as_deref(), Some(&*Lang::En.t("advice-unknown-outcome")));
}

#[test]
fn what_nobody_signed_is_never_quoted_as_wechat_pays() {
    use crate::api::Failure;
    let unsigned = |body: &[u8]| Refusal::read(403, body, None, false);
    let told = unsigned(r#"{"code": "NOT_ENOUGH", "message": "余额不足"}"#.as_bytes());
    for (lang, words, bare) in [
        (Lang::En, "Something answered 403; not signed: 余额不足", "Something answered 403; not signed"),
        (
            Lang::ZhCn,
            "收到状态码为 403 的应答，但没有签名，不能认定来自微信支付：余额不足",
            "收到状态码为 403 的应答，但没有签名，不能认定来自微信支付",
        ),
    ] {
        let unknown = api_error(lang, &ApiError::UnknownOutcome(Failure::Status(told.clone())));
        assert!(unknown.why.as_deref().is_some_and(|why| why.starts_with(words)), "{unknown:?}");
        assert_eq!(unknown.what, lang.t("what-unknown-outcome"));
        // What a proxy advises is no advice.
        let advice = unknown.next.unwrap();
        assert!(advice.contains(&*lang.t("advice-unknown-outcome")), "{advice}");
        assert!(advice.contains(&*lang.t("advice-not-wechat")), "{advice}");
        assert_eq!(api_error(lang, &ApiError::Refused(told.clone())).what, words);
        assert_eq!(api_error(lang, &ApiError::Refused(unsigned(b""))).what, bare);
        let signed = Refusal { signed: true, ..told.clone() };
        assert!(!api_error(lang, &ApiError::Refused(signed)).what.contains(words));
    }
}

#[test]
fn what_kept_a_change_from_being_sent_says_so() {
    use crate::api::Failure;
    let source = || std::io::Error::other("refused").into();
    let of =
        |endpoint| ApiError::Refused(Refusal { endpoint: Some(endpoint), ..Refusal::read(401, b"{}", None, true) });
    let unsent = |error: &ApiError| change_error(Lang::En, error).what.starts_with("Nothing was sent: ");
    assert!(unsent(&ApiError::Unreachable(Failure::Connect(source()))));
    assert!(unsent(&of(EndpointId::Certificates)), "what was asked first was refused");
    assert!(!unsent(&of(EndpointId::PlanStop)));
    assert!(!unsent(&ApiError::UnknownOutcome(Failure::Timeout { seconds: 1 })));
}
