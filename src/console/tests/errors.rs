//! Errors as they are shown, in both languages, on the smallest screen that is fit to work on.

use std::sync::Arc;

use crate::api::{ApiError, Refusal, RequestFailure};
use crate::console::tests::fixture::{Console, NOW, concluded, id, journal, open, press, receive};
use crate::console::tests::screen::{assert_screen, picture};
use crate::i18n::Lang;
use crate::ledger::{Broken, Ending, Flaw, LedgerError};
use crate::model::{EndpointId, Kind};
use crate::services::{Event, Outcome, Ticket};

const LANGS: [Lang; 2] = [Lang::En, Lang::ZhCn];

/// An error answer to a refund.
fn answer(status: u16, code: &str, message: &str, cause: u64) -> Refusal {
    let detail = r#"{"field":"/amount/refund","value":9900,"issue":"above maximum 1000","location":"body"}"#;
    let detail = if status == 400 { format!(r#","detail":{detail}"#) } else { String::new() };
    let body = format!(r#"{{"code":"{code}","message":"{message}"{detail}}}"#);
    let request_id = Some(format!("08F3A9D7E2B1C44A-{cause}"));
    Refusal { endpoint: Some(EndpointId::RefundCreate), ..Refusal::read(status, body.as_bytes(), request_id, true) }
}

/// A refund is confirmed and sent, and this comes back.
fn after_refund(lang: Lang, size: (u16, u16), outcome: impl Fn(Arc<ApiError>) -> Outcome, error: ApiError) -> Console {
    let mut state = open(lang, size);
    press(&mut state, "4/success<Enter>a<Enter><Enter>0001<Enter>");
    receive(&mut state, Event::Concluded { ticket: Ticket(1), outcome: outcome(Arc::new(error)) });
    state
}

fn refused(error: Arc<ApiError>) -> Outcome {
    Outcome::Refused { error, journal: Some(12) }
}

fn unknown(error: Arc<ApiError>) -> Outcome {
    Outcome::Unknown { error, journal: 12 }
}

#[test]
fn a_refused_refund_says_why_and_what_to_do_on_any_screen() {
    for lang in LANGS {
        let error = || ApiError::Refused(answer(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起", 268_435_462));
        let state = after_refund(lang, (80, 24), refused, error());
        assert_screen("errors", "toast_refused", &state);
        // However little room there is, what to do is begun.
        let small = picture(&after_refund(lang, (60, 16), refused, error()));
        assert!(small.contains(if lang == Lang::En { "Top up" } else { "请为商户账户充值" }), "{small}");
    }
}

#[test]
fn a_damaged_ledger_names_the_command_that_says_more_on_a_small_screen() {
    for lang in LANGS {
        let mut state = open(lang, (80, 24));
        let path = "/home/somebody/.local/share/paydeck/merchants/of-the-south/ledger.db".into();
        let source = Box::new(LedgerError::Unsound(Flaw::Journal(Broken::Missing(4))));
        receive(&mut state, Event::Unsound(Arc::new(LedgerError::In { path, source })));
        assert_screen("errors", "banner_damaged", &state);
        assert!(picture(&state).contains("paydeck ledger check"));
    }
}

#[test]
fn a_refused_field_is_named_with_its_cause() {
    for lang in LANGS {
        let error = ApiError::Refused(answer(400, "PARAM_ERROR", "值高于最大值 1000", 268_435_464));
        let state = after_refund(lang, (80, 24), refused, error);
        assert_screen("errors", "toast_field", &state);
    }
}

#[test]
fn a_refund_whose_outcome_is_unknown_says_not_to_send_it_again() {
    for lang in LANGS {
        let error =
            ApiError::UnknownOutcome(RequestFailure::Status(answer(500, "SYSTEM_ERROR", "系统错误", 272_888_874)));
        let state = after_refund(lang, (80, 24), unknown, error);
        assert_screen("errors", "toast_unknown", &state);
    }
}

#[test]
fn an_object_that_could_not_be_asked_says_why_and_what_to_do() {
    for lang in LANGS {
        let mut state = open(lang, (80, 24));
        let order = id(Kind::ServiceOrder, "SO20261121000001");
        let body = r#"{"code":"NO_AUTH","message":"商户暂无权限使用此服务"}"#;
        let refusal = Refusal::read(403, body.as_bytes(), Some("08F3-268503786".to_owned()), true);
        let error = ApiError::Refused(refusal).to("GET", "/v3/payscore/serviceorder?out_order_no=SO20261121000001");
        receive(&mut state, Event::Fetched { id: order, at: NOW, result: Err(Arc::new(error)) });
        press(&mut state, "<Enter>");
        assert_screen("errors", "detail_error", &state);
    }
}

#[test]
fn an_entry_of_the_journal_explains_its_error() {
    for lang in LANGS {
        let mut state = open(lang, (80, 24));
        journal(&mut state);
        let refund = id(Kind::Transaction, "T20261121000009");
        let body = serde_json::json!({"out_refund_no": "R-2", "amount": {"refund": 1000, "total": 5800}});
        let mut intent = state.intent("transaction-refund", Some(refund), &body, 1);
        intent.target = "/v3/refund/domestic/refunds".to_owned();
        let error = "refused: 403 NOT_ENOUGH 基本账户余额不足";
        state.commit(&intent, &[concluded(Ending::Refused, None, Some(error))]);
        press(&mut state, "9<Enter>jjjj");
        assert_screen("errors", "entry_error", &state);
    }
}
