use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::because;
use super::*;
use crate::api::Refusal;
use crate::ledger::{Broken, Flaw, LedgerError, RecordedConclusion, RecordedIntent};
use crate::model::action::RuleBroken;
use crate::model::code::{CAUSES, CODES, Next};
use crate::model::code::{ErrorCode, Meaning};
use crate::model::endpoint::{ENDPOINTS, EVERYWHERE};
use crate::model::{EndpointId, Number, NumberError};

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
        202 | 429 | 500.. if mutation => ApiError::UnknownOutcome(RequestFailure::Status(refusal)),
        202 | 429 | 500.. => ApiError::Unreachable(RequestFailure::Status(refusal)),
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
        let row = id.strip_suffix("-console").unwrap_or(id);
        assert!(ids.contains(row), "{id} belongs to no row");
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
        let codes = CODES.iter().map(|row| row.code).chain(["", "NEVER_DOCUMENTED"]);
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
    let sentences = NEXT.map(|next| Lang::En.t(next.message()));
    let rule = Lang::En.t("advice-unknown-outcome");
    let mut unknown = 0;
    for refusal in answers_to_changes().filter(|refusal| is_open(refusal.status)) {
        let next = api_error(Lang::En, &error(refusal)).next.unwrap();
        assert!(next.ends_with(&rule), "{next}");
        assert!(sentences.iter().all(|sentence| !next.contains(sentence)), "{next}");
        unknown += 1;
    }
    assert!(unknown > 10_000, "{unknown}");
    // No other error leaves the outcome unknown.
    let timeout = ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 1 });
    assert_eq!(api_error(Lang::En, &timeout).next.as_ref(), Some(&rule));
}

#[test]
fn every_refusal_of_a_change_says_what_may_be_sent_afterwards() {
    let sentences = NEXT.map(|next| Lang::En.t(next.message()));
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
                let explained = api_error(lang, &error(answer(row.status, row.code, 0, endpoint.id)));
                let code = ErrorCode::find(row.code).unwrap().at(Some(endpoint.id));
                assert!(explained.why.is_some_and(|why| why.contains(&*lang.t(code.means))), "{}", row.code);
                assert!(explained.next.is_some_and(|next| next.contains(&*lang.t(code.advice))), "{}", row.code);
                assert_eq!(explained.code.as_deref(), Some(row.code));
            }
        }
    }
}

#[test]
fn nothing_that_is_not_documented_is_swallowed() {
    let explained = api_error(Lang::En, &error(answer(403, "NEVER_DOCUMENTED", 123_456_789, EndpointId::RefundCreate)));
    assert_eq!(explained.code.as_deref(), Some("NEVER_DOCUMENTED"));
    assert!(explained.what.contains("403") && explained.what.contains("……"), "{}", explained.what);
    assert!(explained.why.unwrap().contains("123456789"));
    assert_eq!(explained.request_id.as_deref(), Some("08F3A9D7-123456789"));
    // Rate limits and server errors are recognised by status, whatever the code.
    for (status, advice) in [(429, "advice-FREQUENCY_LIMITED"), (502, "advice-SYSTEM_ERROR")] {
        let explained = api_error(Lang::En, &error(answer(status, "NEVER_DOCUMENTED", 123, EndpointId::RefundQuery)));
        assert!(explained.next.unwrap().contains(&*Lang::En.t(advice)), "{status}");
        let explained = api_error(Lang::En, &error(answer(429, "PARAM_ERROR", 0, EndpointId::RefundQuery)));
        assert_eq!(explained.next.as_deref(), Some(&*Lang::En.t("advice-FREQUENCY_LIMITED")));
    }
}

#[test]
fn a_cause_explains_more_than_a_vague_code_and_less_than_a_precise_one() {
    let advice = |code: &str, cause: u64, endpoint| {
        api_error(Lang::En, &error(answer(400, code, cause, endpoint))).next.unwrap()
    };
    let order = EndpointId::OrderComplete;
    assert!(advice("INVALID_REQUEST", 271_302_332, order).contains("until the user has confirmed"));
    assert!(advice("INVALID_REQUEST", 271_302_333, order).contains("Nothing to do"));
    assert!(advice("ORDER_DONE", 271_302_262, order).contains("Nothing to do"), "a wrong state says less");
    // An undocumented cause changes nothing.
    assert_eq!(advice("INVALID_REQUEST", 7, order), advice("INVALID_REQUEST", 0, order));
    // For an undocumented code the cause is the only information.
    assert!(advice("NEVER_DOCUMENTED", 270_079_534, EndpointId::CouponSend).contains("the stock’s use"));
}

#[test]
fn the_cause_of_a_wrong_signature_shows_what_is_wrong_with_it() {
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
        let explained = api_error(lang, &error(refusal.clone()));
        assert!(explained.why.unwrap().contains(&*lang.t("why-unsigned-error")));
        assert!(explained.next.unwrap().ends_with(&*lang.t("next-unsigned")));
    }
}

#[test]
fn the_field_at_fault_is_named_with_what_is_known_of_it() {
    let read = |detail: serde_json::Value| {
        let body = json!({"code": "PARAM_ERROR", "message": "m", "detail": detail}).to_string();
        because(Lang::En.into(), &Refusal::read(400, body.as_bytes(), None, true)).unwrap()
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
    for (lang, name) in LANGS.into_iter().zip(["WeChat Pay", "微信支付"]) {
        for signed in [true, false] {
            let error = ApiError::Refused(Refusal::read(401, body.to_string().as_bytes(), None, signed));
            let diagnosis = api_error(lang, &error).diagnosis.unwrap();
            assert!(diagnosis.contains("81") && diagnosis.contains("GET\\n/v3/x\\r\\n"), "{diagnosis}");
            assert_eq!(diagnosis.contains(name), signed, "what nobody signed is not its word: {diagnosis}");
        }
    }
}

#[test]
fn an_unsigned_404_for_the_certificates_says_nothing_of_the_merchant_or_of_an_object() {
    let body = br#"{"code": "RESOURCE_NOT_EXISTS", "message": "x"}"#;
    let error = ApiError::Refused(Refusal::read(404, body, None, false)).to("GET", "/v3/certificates");
    assert!(!error.is_of_the_object(), "it befalls every object");
    for lang in LANGS {
        let Explanation { what, why, next, .. } = api_error(lang, &error);
        assert_eq!(what, tr!(lang, "what-no-certificates", status = "404", message = "x"));
        assert_eq!(why.unwrap(), lang.t("why-unsigned-error"));
        assert_eq!(next.unwrap(), lang.t("advice-no-certificates"));
    }
}

#[test]
fn errors_of_the_journal_are_shown_in_the_readers_language() {
    let all = [Broken::Missing, Broken::Changed, Broken::Order, Broken::Index, Broken::Head, Broken::Number];
    for found in all.map(|broken| broken(4)) {
        assert_eq!(broken(Lang::En, &found), found.to_string(), "as in the logs");
        let explained = ledger(Lang::ZhCn, &LedgerError::Unsound(Flaw::Journal(found.clone()))).why.unwrap();
        assert!(
            explained.contains('4') && !explained.chars().any(|c| c.is_ascii_alphabetic()),
            "{found:?}: {explained}"
        );
    }
}

/// What the journal explains of a conclusion; the JSON is as it is stored.
fn explained(intent: &Value, conclusion: &Value, last: bool, voice: impl Into<Voice>) -> Explanation {
    super::conclusion(voice, &RecordedIntent::read(intent), &RecordedConclusion::read(conclusion), last).unwrap()
}

fn settled(error: &ApiError, outcome: &str, last: bool) -> Explanation {
    let intent = json!({"method": "POST", "target": "/v3/refund/domestic/refunds"});
    let settlement = json!({"outcome": outcome, "final": outcome != "unknown", "error": error.to_string(),
        "request_id": error.request_id()});
    explained(&intent, &settlement, last, Lang::En)
}

#[test]
fn the_journal_explains_an_error_as_it_was_explained_when_it_happened() {
    for (code, cause) in [("NOT_ENOUGH", 0), ("INVALID_REQUEST", 268_498_688), ("NEVER_DOCUMENTED", 12)] {
        let error = error(answer(403, code, cause, EndpointId::RefundCreate));
        assert_eq!(settled(&error, "refused", true), api_error(Lang::En, &error));
    }
    let unknown = error(answer(500, "SYSTEM_ERROR", 0, EndpointId::RefundCreate));
    assert_eq!(settled(&unknown, "unknown", true), api_error(Lang::En, &unknown));
    assert_eq!(settled(&unknown, "unknown", false).next, None, "something was settled afterwards");
    let contrary = settled(&unknown, "refused", true);
    assert_eq!(contrary.next.as_deref(), Some(&*Lang::En.t("advice-no-effect")));
    let timeout = ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 2 });
    assert_eq!(settled(&timeout, "unknown", true).next.as_deref(), Some(&*Lang::En.t("advice-unknown-outcome")));
}

#[test]
fn a_raw_request_promises_nothing_that_only_an_object_can_show() {
    let error = ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 2 });
    for lang in [Lang::En, Lang::ZhCn] {
        let raw = super::raw_error(lang, &error).next.unwrap();
        assert_ne!(raw, lang.t("advice-unknown-outcome"));
        assert!(raw.contains("paydeck journal close"), "{raw}");
        let intent = json!({"action": "api", "method": "POST", "target": "/v3/nosuch", "kind": "", "number": ""});
        let settlement = json!({"outcome": "unknown", "final": false, "error": error.to_string()});
        let explained = explained(&intent, &settlement, true, lang);
        assert_eq!(explained.next, Some(raw));
        let screen = super::raw_error(super::on_screen(lang), &error).next.unwrap();
        assert!(!screen.contains("paydeck "), "{screen}");
    }
}

#[test]
fn an_unsigned_answer_is_never_quoted_as_wechat_pays() {
    use crate::api::RequestFailure;
    let unsigned = |body: &[u8]| Refusal::read(403, body, None, false);
    let explained = unsigned(r#"{"code": "NOT_ENOUGH", "message": "余额不足"}"#.as_bytes());
    for (lang, words, bare) in [
        (Lang::En, "Unsigned answer 403: 余额不足", "Unsigned answer 403"),
        (
            Lang::ZhCn,
            "收到状态码为 403 的应答，但没有签名，不能认定来自微信支付：余额不足",
            "收到状态码为 403 的应答，但没有签名，不能认定来自微信支付",
        ),
    ] {
        let unknown = api_error(lang, &ApiError::UnknownOutcome(RequestFailure::Status(explained.clone())));
        assert!(unknown.why.as_deref().is_some_and(|why| why.starts_with(words)), "{unknown:?}");
        assert_eq!(unknown.what, lang.t("what-unknown-outcome"));
        // A proxy's answer gives no advice.
        let advice = unknown.next.unwrap();
        assert!(advice.contains(&*lang.t("advice-unknown-outcome")), "{advice}");
        assert!(advice.contains(&*lang.t("advice-not-wechat")), "{advice}");
        assert_eq!(api_error(lang, &ApiError::Refused(explained.clone())).what, words);
        assert_eq!(api_error(lang, &ApiError::Refused(unsigned(b""))).what, bare);
        let signed = Refusal { signed: true, ..explained.clone() };
        assert!(!api_error(lang, &ApiError::Refused(signed)).what.contains(words));
    }
}

#[test]
fn what_kept_a_change_from_being_sent_says_so() {
    use crate::api::RequestFailure;
    let source = || std::io::Error::other("refused").into();
    let of =
        |endpoint| ApiError::Refused(Refusal { endpoint: Some(endpoint), ..Refusal::read(401, b"{}", None, true) });
    let unsent = |error: &ApiError| change_error(Lang::En, error).what.starts_with("Nothing was sent: ");
    assert!(unsent(&ApiError::Unreachable(RequestFailure::Connect(source()))));
    assert!(unsent(&of(EndpointId::Certificates)), "what was asked first was refused");
    assert!(!unsent(&of(EndpointId::PlanStop)));
    assert!(!unsent(&ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 1 })));
}

/// An error of every kind. Add new kinds here, too.
fn every_api_error() -> Vec<ApiError> {
    let source = || -> crate::api::BoxedError { "connection refused".into() };
    let serial = || crate::model::Serial::new("5157F09EFDC096DE15EBE81A47057A7232F1B8E1");
    let untrusted = || {
        vec![
            Untrusted::Signature(VerifyError::HeaderMissing("Wechatpay-Serial")),
            Untrusted::Signature(VerifyError::Probe),
            Untrusted::Signature(VerifyError::SignatureType("X".into())),
            Untrusted::Signature(VerifyError::Timestamp),
            Untrusted::Signature(VerifyError::Clock(-301)),
            Untrusted::Signature(VerifyError::UnknownSerial(serial())),
            Untrusted::Signature(VerifyError::Encoding),
            Untrusted::Signature(VerifyError::Signature(serial())),
            Untrusted::Unsigned { html: true },
            Untrusted::Unsigned { html: false },
            Untrusted::Certificates(crate::crypto::AeadError::Encoding),
            Untrusted::Sealed(crate::crypto::AeadError::Encoding),
            Untrusted::Another { found: "plan P-1".into() },
            Untrusted::Hash { expected: "a".into(), found: "b".into() },
            Untrusted::Packed(source()),
            Untrusted::Link { found: "https://evil.example".into() },
            Untrusted::Tls(source()),
            Untrusted::Digest,
            Untrusted::Stale,
            Untrusted::Certificate(source()),
        ]
    };
    let failures = || {
        let refusals = [202, 429, 500, 502].map(|status| answer(status, "", 0, EndpointId::RefundCreate));
        let unsigned = Refusal { signed: false, ..answer(502, "", 0, EndpointId::RefundCreate) };
        let others = vec![
            RequestFailure::Connect(source()),
            RequestFailure::Tls(source()),
            RequestFailure::Timeout { seconds: 3 },
            RequestFailure::Broken(source()),
            RequestFailure::TooLarge { limit: 1 << 22 },
            RequestFailure::Unproven(Unproven::Lacks("refund_id")),
            RequestFailure::Unproven(Unproven::NotShown),
        ];
        let refused = refusals.into_iter().chain([unsigned]).map(RequestFailure::Status);
        others.into_iter().chain(refused).chain(untrusted().into_iter().map(RequestFailure::Untrusted))
    };
    let configurations = [
        Misconfigured::Setting(crate::model::MissingSetting("appid")),
        Misconfigured::PublicKeyNeeded,
        Misconfigured::Region(Region::Mainland),
        Misconfigured::Region(Region::Global),
        Misconfigured::BaseUrl("x".into()),
        Misconfigured::Client(source()),
    ];
    let unreadable = [
        crate::model::DocumentError::Missing("out_trade_no"),
        crate::model::DocumentError::Packed("x".into()),
        crate::model::DocumentError::Number { field: "out_trade_no", source: NumberError::Empty },
    ];
    let signed = [true, false];
    let statuses = [400, 401, 403, 404, 405, 406, 409, 422];
    let refusals = CODES.iter().map(|row| row.code).chain(["", "NEVER_DOCUMENTED"]).flat_map(|code| {
        statuses.into_iter().flat_map(move |status| {
            signed.map(|signed| Refusal { signed, ..answer(status, code, 0, EndpointId::RefundCreate) })
        })
    });
    let reads = statuses.map(|status| answer(status, "NEVER_DOCUMENTED", 0, EndpointId::RefundQuery));
    let untrusted = untrusted().into_iter().map(|reason| ApiError::Untrusted { reason, request_id: None });
    let errors: Vec<ApiError> = refusals
        .chain(reads)
        .map(ApiError::Refused)
        .chain(failures().map(ApiError::Unreachable))
        .chain(failures().map(ApiError::UnknownOutcome))
        .chain(untrusted)
        .chain(unreadable.into_iter().map(|source| ApiError::Unreadable { source, request_id: None }))
        .chain(configurations.into_iter().map(ApiError::Configuration))
        .collect();
    let kinds: BTreeSet<&str> = errors.iter().map(ApiError::kind).collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    errors
}

fn every_denial() -> Vec<Denial> {
    let (write, money) = (crate::model::action::WriteName::Api, crate::model::Money::cny(500));
    let rules = [
        RuleBroken::Denied(write),
        RuleBroken::AmountAbove { write, amount: money, max: money },
        RuleBroken::AmountUnknown { write, max: money },
        RuleBroken::PathUnknown,
        RuleBroken::TooMany { objects: 3, max: 2 },
        RuleBroken::NoReason(write),
    ];
    let rules = rules.map(|broken| Denial::Rule { broken, profile: "shop".into() });
    let others = [
        Denial::ReadOnly,
        Denial::NotTyped,
        Denial::Illegal(crate::model::action::Illegal("illegal-overtaken")),
        Denial::Busy { journal: 7 },
        Denial::SameRequest { journal: 7 },
        Denial::NumberTaken {
            is: ObjectId::new(Kind::Refund, Number::parse("R-1").unwrap()),
            amount: Some(money),
            of: Some("T-1".into()),
        },
        Denial::Journal(std::sync::Arc::new(LedgerError::Thread)),
    ];
    rules.into_iter().chain(others).collect()
}

/// Words that make no sense on a surface: keys and pages of the console in a shell, commands and flags on its screen.
fn is_out_of_place(advice: &str, surface: Surface) -> bool {
    match surface {
        Surface::CommandLine => {
            ["(r)", "(p)", "refresh", "Refresh", "刷新", " Raw", "“原文”", " tab ", "tab ", "按 n", "at J"]
                .iter()
                .any(|word| advice.contains(word))
        }
        Surface::Console => ["paydeck ", "--"].iter().any(|word| advice.contains(word)),
    }
}

#[test]
fn every_error_has_an_advice_in_the_words_of_where_it_is_read() {
    for lang in LANGS {
        let voices = [(Voice::from(lang), Surface::CommandLine), (on_screen(lang), Surface::Console)];
        for (voice, surface) in voices {
            let errors = every_api_error().into_iter().map(|error| {
                let name = format!("{error:?}");
                (name, api_error(voice, &error).next)
            });
            let denials = every_denial().into_iter().filter(|denial| !matches!(denial, Denial::Journal(_)));
            let denials = denials.map(|denial| {
                let name = format!("{denial:?}");
                (name, self::denial(voice, &denial).next)
            });
            for (name, advice) in errors.chain(denials) {
                let advice = advice.unwrap_or_default();
                assert!(!advice.trim().is_empty(), "no advice for {name} ({surface:?}, {})", lang.tag());
                assert!(!is_out_of_place(&advice, surface), "{name} ({surface:?}): {advice}");
            }
            let full = LedgerError::Thread;
            assert!(denial(voice, &Denial::Journal(std::sync::Arc::new(full))).next.is_some());
        }
    }
}

#[test]
fn no_advice_of_any_file_is_out_of_place() {
    for lang in LANGS {
        let folder = format!("{}/assets/i18n/{}", env!("CARGO_MANIFEST_DIR"), lang.tag());
        let mut seen = 0;
        for file in ["errors.ftl", "codes.ftl", "bills.ftl"] {
            let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
            let messages = text.lines().filter_map(|line| line.split_once(" = "));
            for (id, words) in messages.filter(|(id, _)| id.starts_with("advice-") || id.starts_with("next-")) {
                // What is wrong with the ledger's file is set right outside, in a shell.
                if id.starts_with("advice-ledger-") {
                    continue;
                }
                seen += 1;
                match id.strip_suffix("-console") {
                    Some(base) => {
                        assert!(lang.has(base) && lang.t(base) != words, "{id}");
                        assert!(!is_out_of_place(words, Surface::Console), "{id} = {words}");
                    }
                    None => {
                        assert!(!is_out_of_place(words, Surface::CommandLine), "{id} = {words}");
                        let screen = lang.has(&format!("{id}-console"));
                        assert!(screen || !is_out_of_place(words, Surface::Console), "{id} needs words for the screen");
                    }
                }
            }
        }
        assert!(seen > 100, "{seen}");
    }
}

#[test]
fn the_console_asks_for_the_words_of_the_console() {
    let names = [
        "api_error",
        "denial",
        "outcome",
        "outcome_line",
        "left_out",
        "bill",
        "ledger",
        "unwritten",
        "tried",
        "settlement",
        "failure",
        "change_error",
    ];
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/console"))];
    let mut calls = 0;
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for name in names {
            for call in source.split(&format!("explain::{name}(")).skip(1) {
                calls += 1;
                assert!(call.trim_start().starts_with("explain::on_screen("), "explain::{name} in {}", path.display());
            }
        }
    }
    assert!(calls > 20, "{calls}");
}

#[test]
fn a_message_of_a_megabyte_is_shown_at_a_persons_length_wherever_it_stands() {
    let long = "错".repeat(1 << 20);
    let detail = json!({"field": long, "value": long, "issue": long});
    let body = json!({"code": long, "message": long, "detail": detail}).to_string();
    let refusal = |signed| Refusal::read(403, body.as_bytes(), Some(long.clone()), signed);
    let tried = |number: &str| LookupAttempt {
        question: crate::services::LookupQuery::User(Number::parse(number).unwrap()),
        error: ApiError::Refused(refusal(true)),
    };
    for lang in LANGS {
        for voice in [Voice::from(lang), on_screen(lang)] {
            for error in [
                ApiError::Refused(refusal(true)),
                ApiError::Refused(refusal(false)),
                ApiError::UnknownOutcome(RequestFailure::Status(refusal(true))),
                ApiError::Unreachable(RequestFailure::Status(refusal(false))),
                ApiError::Untrusted {
                    reason: Untrusted::Another { found: long.clone() },
                    request_id: Some(long.clone()),
                },
            ] {
                let explained = api_error(voice, &error);
                let texts = [Some(explained.what), explained.why, explained.next, explained.code, explained.request_id];
                let all = texts.into_iter().flatten().collect::<Vec<_>>().join("\n");
                assert!(all.chars().count() < 3000, "{} characters", all.chars().count());
                assert!(all.contains("3 145 728"), "says how long it is: {all}");
            }
            let six: Vec<LookupAttempt> = ["a", "b", "c", "d", "e", "f"].map(tried).into();
            let all = super::tried(voice, &six);
            assert!(all.chars().count() < 6000, "{} characters", all.chars().count());
        }
    }
    assert!(api_error(Lang::En, &ApiError::Refused(refusal(true))).what.contains("--verbose"));
    assert!(!api_error(on_screen(Lang::En), &ApiError::Refused(refusal(true))).what.contains("--verbose"));
    // The journal of an earlier version kept all of it.
    let settlement = json!({"outcome": "unknown", "final": false, "error": format!("the outcome is unknown: {long}")});
    let explained = explained(&json!({}), &settlement, true, Lang::En);
    assert!(explained.what.chars().count() < 400);
}
