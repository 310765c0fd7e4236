//! What an answer to a change proves. A signature proves that WeChat Pay wrote these bytes, not that it wrote them in
//! answer to this request: a cache or a replay delivers genuine bytes, too. So a change is done only by an answer that
//! names what was sent, refused only by a verified refusal, and unknown otherwise. What an answer cannot prove is left
//! to the object's own query.

use serde_json::Value;

use super::endpoint::SentValue::{Body, Optional, Path};
use super::endpoint::percent_decode;
use super::{EndpointId, Merchant};

/// The result of checking an answer's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureVerdict {
    /// WeChat Pay wrote these bytes after the request was sent.
    Verified,
    /// WeChat Pay wrote them before the request was sent, by its own clock: they answer another one.
    Stale,
    /// There is no signature.
    Unsigned,
    /// An invalid signature.
    NotGenuine,
}

/// The change that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub merchant: &'a Merchant,
    /// `None` if the table has no such endpoint.
    pub endpoint: Option<EndpointId>,
    /// As they were sent.
    pub target: &'a str,
    pub body: &'a str,
}

/// The response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    pub status: u16,
    pub verdict: SignatureVerdict,
    pub body: &'a str,
}

/// The outcome of a change, as far as its answer proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AnswerMeaning {
    /// The answer names this request's own number, its amount where it returns one, and the effect where it shows one.
    Done,
    /// A verified success whose documented body is empty or names nothing of the request: only the object's own query
    /// can show the effect.
    NeedsQuery,
    /// WeChat Pay refused it.
    Refused,
    Unknown(Doubt),
}

/// Why an answer proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    Unsigned,
    NotGenuine,
    /// Signed before the request was sent.
    Stale,
    /// A status that means accepted but not finished, rate-limited, failed, or redirected.
    Status,
    /// It is about something else: the value that differs from this request's.
    Another {
        found: String,
    },
    /// It lacks a member that the endpoint documents.
    Lacks(&'static str),
    /// It is about this object, and does not show the effect.
    NotShown,
}

/// The status of a request that is accepted and not finished.
const ACCEPTED: u16 = 202;

/// What an answer proves about its request.
pub(crate) fn conclude(change: &Change<'_>, answered: &Answered<'_>) -> AnswerMeaning {
    match answered.verdict {
        SignatureVerdict::Verified => {}
        SignatureVerdict::Stale => return AnswerMeaning::Unknown(Doubt::Stale),
        SignatureVerdict::Unsigned => return AnswerMeaning::Unknown(Doubt::Unsigned),
        SignatureVerdict::NotGenuine => return AnswerMeaning::Unknown(Doubt::NotGenuine),
    }
    match answered.status {
        ACCEPTED | 429 => AnswerMeaning::Unknown(Doubt::Status),
        200..300 => success(change, answered.body),
        400..500 => AnswerMeaning::Refused,
        _ => AnswerMeaning::Unknown(Doubt::Status),
    }
}

/// What a verified success proves.
fn success(change: &Change<'_>, body: &str) -> AnswerMeaning {
    let sent: Value = serde_json::from_str(change.body).unwrap_or_default();
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let another = |found: String| AnswerMeaning::Unknown(Doubt::Another { found });
    let Some((endpoint, proof)) = change.endpoint.and_then(|id| Some((id, id.endpoint().proof.as_ref()?))) else {
        return unlisted(change.target, &sent, &answer);
    };
    if let Some(mchid) = change.merchant.foreign_merchant(body) {
        return another(mchid);
    }
    for (pointer, place) in proof.same {
        let wanted = match place {
            Path(name) => parameter(endpoint, change.target, name),
            Body(pointer) | Optional(pointer) => sent.pointer(pointer).and_then(word),
        };
        match (wanted, answer.pointer(pointer).and_then(word)) {
            (Some(wanted), Some(found)) if wanted == found => {}
            (None, _) if matches!(place, Optional(_)) => {}
            (Some(_), Some(found)) => return another(format!("{} {found}", name(pointer))),
            // A value that was not sent cannot be repeated.
            _ => return AnswerMeaning::Unknown(Doubt::Lacks(name(pointer))),
        }
    }
    let value = |pointer: &str| answer.pointer(pointer).and_then(word);
    if let Some(pointer) = proof.has.iter().find(|pointer| value(pointer).is_none()) {
        return AnswerMeaning::Unknown(Doubt::Lacks(name(pointer)));
    }
    let shows = |(pointer, effect): &(&str, &str)| value(pointer).as_deref() == Some(*effect);
    if !proof.effect.is_empty() && !proof.effect.iter().any(shows) {
        return AnswerMeaning::Unknown(Doubt::NotShown);
    }
    if proof.proves { AnswerMeaning::Done } else { AnswerMeaning::NeedsQuery }
}

/// What the answer to a request outside the table proves: it must repeat a number that was sent, and contradict neither
/// a number nor an amount.
fn unlisted(target: &str, sent: &Value, answer: &Value) -> AnswerMeaning {
    let path = target.split('?').next().unwrap_or_default();
    let in_path = |found: &String| path.split('/').any(|part| percent_decode(part).as_ref() == Some(found));
    let mut named = false;
    for (name, found) in answer.as_object().into_iter().flatten() {
        let Some(found) = word(found) else { continue };
        let wanted = sent.get(name).and_then(word);
        let (is_number, is_amount) = (name.ends_with("_no"), name.ends_with("amount"));
        if (is_number || is_amount) && wanted.as_ref().is_some_and(|wanted| *wanted != found) {
            return AnswerMeaning::Unknown(Doubt::Another { found: format!("{name} {found}") });
        }
        named |= is_number && (wanted.is_some() || in_path(&found));
    }
    if named { AnswerMeaning::Done } else { AnswerMeaning::NeedsQuery }
}

/// A parameter of the path by name.
fn parameter(endpoint: EndpointId, target: &str, name: &str) -> Option<String> {
    let endpoint = endpoint.endpoint();
    let mut names = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let place = names.position(|known| known == name)?;
    endpoint.parameters_leniently(target)?.into_iter().nth(place)
}

/// A text, or a number as it is written.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The last segment of a pointer.
fn name(pointer: &'static str) -> &'static str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::endpoint::ENDPOINTS;
    use crate::model::{MchId, Merchant, Region};
    use serde_json::json;

    /// A change of an endpoint, and the answer that its page documents.
    struct Recipe {
        parameters: &'static [(&'static str, &'static str)],
        sent: Value,
        answer: Value,
        proves: bool,
    }

    fn recipe(endpoint: EndpointId) -> Option<Recipe> {
        use EndpointId as E;
        let made = |parameters, sent, answer, proves| Some(Recipe { parameters, sent, answer, proves });
        let order: &[_] = &[("out_order_no", "SO-1")];
        let stock: &[_] = &[("stock_id", "17")];
        let trade = json!({"out_trade_no": "T-1", "amount": {"total": 100, "currency": "CNY"}});
        match endpoint {
            E::PlanCreate => made(
                &[],
                json!({"merchant_plan_no": "P-1", "total_actual_price": 100, "total_original_price": 120}),
                json!({"merchant_plan_no": "P-1", "total_actual_price": 100, "total_original_price": 120}),
                true,
            ),
            E::PlanStop => made(
                &[("merchant_plan_no", "P-1")],
                Value::Null,
                json!({"merchant_plan_no": "P-1", "plan_state": "STOP"}),
                true,
            ),
            E::SignPlanCreate => made(
                &[],
                json!({"merchant_sign_plan_no": "S-1", "plan_id": "7"}),
                json!({"sign_plan": {"merchant_sign_plan_no": "S-1", "plan_id": "7"}, "package": "AA"}),
                true,
            ),
            E::SignPlanCancel => made(
                &[("merchant_sign_plan_no", "S-1")],
                json!({"stop_reason": "x"}),
                json!({"merchant_sign_plan_no": "S-1", "cancel_sign_type": "MERCHANT"}),
                true,
            ),
            E::SignPlanOrderCreate => made(
                &[],
                json!({"out_trade_no": "S-1-01", "service_id": "5"}),
                json!({"out_order_no": "S-1-01", "service_id": "5", "state": "DOING"}),
                true,
            ),
            E::OrderCreate => made(
                &[],
                json!({"out_order_no": "SO-1", "service_id": "5", "risk_fund": {"amount": 100}}),
                json!({"out_order_no": "SO-1", "service_id": "5", "state": "CREATED", "risk_fund": {"amount": 100}}),
                true,
            ),
            E::OrderComplete => made(
                order,
                json!({"total_amount": 100}),
                json!({"out_order_no": "SO-1", "total_amount": 100, "state": "DOING", "state_description": "MCH_COMPLETE"}),
                true,
            ),
            E::OrderModify => made(
                order,
                json!({"total_amount": 100}),
                json!({"out_order_no": "SO-1", "total_amount": 100, "state": "DOING"}),
                true,
            ),
            E::OrderCancel => made(order, json!({"reason": "x"}), json!({"out_order_no": "SO-1"}), false),
            E::OrderSync => made(order, json!({}), json!({"out_order_no": "SO-1", "state": "DONE"}), false),
            E::OrderPay => made(order, json!({}), json!({"out_order_no": "SO-1"}), true),
            E::PermissionCreate => {
                made(&[], json!({"authorization_code": "A-1"}), json!({"apply_permissions_token": "t"}), false)
            }
            E::PermissionTerminateByOpenid => made(&[("openid", "o1")], json!({}), Value::Null, false),
            E::PermissionTerminateByCode => made(&[("authorization_code", "A-1")], json!({}), Value::Null, false),
            E::TransactionClose | E::GlobalClose => made(&[("out_trade_no", "T-1")], json!({}), Value::Null, false),
            E::GlobalCloseById => made(&[("id", "42")], json!({}), Value::Null, false),
            E::TransactionJsapi | E::TransactionApp | E::GlobalJsapi | E::GlobalApp => {
                made(&[], trade, json!({"prepay_id": "wx1"}), false)
            }
            E::TransactionNative | E::GlobalNative => made(&[], trade, json!({"code_url": "weixin://x"}), false),
            E::TransactionH5 => made(&[], trade, json!({"h5_url": "https://x"}), false),
            E::GlobalH5 => made(&[], trade, json!({"mweb_url": "https://x"}), false),
            E::RefundCreate => made(
                &[],
                json!({"transaction_id": "42", "out_refund_no": "R-1",
                    "amount": {"refund": 100, "total": 900, "currency": "CNY"}}),
                json!({"transaction_id": "42", "out_trade_no": "T-1", "out_refund_no": "R-1", "status": "PROCESSING",
                    "amount": {"refund": 100, "total": 900, "currency": "CNY"}}),
                true,
            ),
            E::RefundApplyAbnormal => made(
                &[("refund_id", "5030")],
                json!({"out_refund_no": "R-1", "type": "MERCHANT_BANK_CARD"}),
                json!({"refund_id": "5030", "out_refund_no": "R-1", "status": "PROCESSING"}),
                false,
            ),
            E::GlobalRefundCreate => made(
                &[],
                json!({"transaction_id": "42", "out_refund_no": "R-1",
                    "amount": {"refund": 100, "total": 900, "currency": "HKD"}}),
                json!({"id": "50", "out_refund_no": "R-1", "amount": {"refund": 100, "currency": "HKD"}}),
                true,
            ),
            E::StockCreate => made(&[], json!({"out_request_no": "Q-1"}), json!({"stock_id": "17"}), false),
            E::StockStart => made(stock, json!({}), json!({"stock_id": "17", "start_time": "t"}), false),
            E::StockPause => made(stock, json!({}), json!({"stock_id": "17", "pause_time": "t"}), false),
            E::StockRestart => made(stock, json!({}), json!({"stock_id": "17", "restart_time": "t"}), false),
            E::CouponSend => {
                made(&[("openid", "o1")], json!({"out_request_no": "Q-1"}), json!({"coupon_id": "99"}), false)
            }
            E::CallbackSet => made(
                &[],
                json!({"notify_url": "https://a"}),
                json!({"notify_url": "https://a", "update_time": "t"}),
                false,
            ),
            _ => None,
        }
    }

    /// The conclusion from an answer with this body.
    fn concluded(
        endpoint: EndpointId,
        recipe: &Recipe,
        status: u16,
        verdict: SignatureVerdict,
        body: &Value,
    ) -> AnswerMeaning {
        let row = endpoint.endpoint();
        let mut merchant = Merchant::new(MchId::new("1900000001"));
        if row.is_in(Region::Global) {
            merchant.region = Region::Global;
        }
        let text = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
        let (target, sent, body) = (row.target(recipe.parameters, &[]), text(&recipe.sent), text(body));
        let change = Change { merchant: &merchant, endpoint: Some(endpoint), target: &target, body: &sent };
        conclude(&change, &Answered { status, verdict, body: &body })
    }

    /// The same document with one scalar member changed, once for each: a number by one, a text by a letter.
    fn each_changed(document: &Value) -> Vec<(String, Value)> {
        fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    members.iter().for_each(|(name, member)| pointers(member, &format!("{at}/{name}"), found));
                }
                Value::Null => {}
                _ => found.push(at.to_owned()),
            }
        }
        let mut found = Vec::new();
        pointers(document, "", &mut found);
        let changed = |pointer: String| {
            let mut other = document.clone();
            let member = other.pointer_mut(&pointer).unwrap();
            *member = match &*member {
                Value::Number(number) => (number.as_i64().unwrap() + 1).into(),
                text => format!("{}x", text.as_str().unwrap()).into(),
            };
            (pointer, other)
        };
        found.into_iter().map(changed).collect()
    }

    #[test]
    fn every_endpoint_that_changes_something_is_judged_by_what_its_answer_shows() {
        let mutations = || ENDPOINTS.iter().filter(|endpoint| endpoint.is_mutation());
        let (mut cells, mut proving) = (0, 0);
        let mut check = |what: String, found: AnswerMeaning, expected: fn(&AnswerMeaning) -> bool| {
            cells += 1;
            assert!(expected(&found), "{what}: {found:?}");
        };
        let unknown: fn(&AnswerMeaning) -> bool = |found| matches!(found, AnswerMeaning::Unknown(_));
        for endpoint in mutations() {
            let id = endpoint.id;
            let this = recipe(id).unwrap_or_else(|| panic!("{id:?} has no recipe"));
            let right: fn(&AnswerMeaning) -> bool = match this.proves {
                true => |found| *found == AnswerMeaning::Done,
                false => |found| *found == AnswerMeaning::NeedsQuery,
            };
            proving += usize::from(this.proves);
            let verified = |status, body: &Value| concluded(id, &this, status, SignatureVerdict::Verified, body);
            check(format!("{id:?} as documented"), verified(200, &this.answer), right);
            // Never done without a member of this request.
            let empty = verified(204, &Value::Null);
            let names_nothing = this.answer.is_null();
            check(format!("{id:?} empty"), empty, if names_nothing { right } else { unknown });
            let blank = verified(200, &json!({}));
            check(format!("{id:?} blank"), blank, if names_nothing { right } else { unknown });
            // Genuine answers to every other change.
            for other in mutations().filter(|other| other.id != id) {
                let theirs = recipe(other.id).unwrap().answer;
                let theirs = if theirs.is_null() { theirs } else { renumbered(&theirs) };
                let found = verified(200, &theirs);
                check(format!("{id:?} answered as {:?}", other.id), found, |found| {
                    !matches!(found, AnswerMeaning::Done | AnswerMeaning::Refused)
                });
            }
            // Each member that identifies the object or the amount, changed.
            for (pointer, other) in each_changed(&this.answer) {
                let tokens =
                    ["/prepay_id", "/code_url", "/h5_url", "/mweb_url", "/package", "/apply_permissions_token"];
                let free = ["/stock_id", "/coupon_id"].contains(&&*pointer) && !this.proves
                    || tokens.contains(&&*pointer)
                    || pointer.ends_with("_time")
                    || ["/state", "/status", "/id"].contains(&&*pointer) && id != EndpointId::OrderSync
                    || pointer == "/out_trade_no" && id == EndpointId::RefundCreate
                    || pointer == "/amount/currency" && id == EndpointId::RefundCreate;
                if !free {
                    check(format!("{id:?} with another {pointer}"), verified(200, &other), unknown);
                }
            }
            // Unsigned answers and those signed before prove nothing.
            for verdict in [SignatureVerdict::Unsigned, SignatureVerdict::NotGenuine, SignatureVerdict::Stale] {
                for status in [200, 204, 302, 400, 401, 403, 404, 405, 500] {
                    check(
                        format!("{id:?} {verdict:?} {status}"),
                        concluded(id, &this, status, verdict, &this.answer),
                        unknown,
                    );
                }
            }
            for status in [400, 401, 403, 404, 405, 409] {
                let body = json!({"code": "PARAM_ERROR", "message": "x"});
                check(format!("{id:?} {status}"), verified(status, &body), |found| *found == AnswerMeaning::Refused);
            }
            for status in [100, 202, 301, 429, 500, 502, 503] {
                check(format!("{id:?} {status}"), verified(status, &this.answer), unknown);
            }
        }
        println!("{} endpoints, {proving} answers prove the change, {cells} cells", mutations().count());
    }

    /// A genuine document about other numbers.
    fn renumbered(document: &Value) -> Value {
        let mut other = document.clone();
        for name in ["merchant_plan_no", "merchant_sign_plan_no", "out_order_no", "out_refund_no", "stock_id"] {
            for pointer in [format!("/{name}"), format!("/sign_plan/{name}")] {
                if let Some(member) = other.pointer_mut(&pointer) {
                    *member = "OTHER-1".into();
                }
            }
        }
        other
    }

    #[test]
    fn an_answer_to_another_merchant_proves_nothing() {
        let this = recipe(EndpointId::OrderModify).unwrap();
        let mut body = this.answer.clone();
        body["mchid"] = "1900000001".into();
        let concluded = |body: &Value| concluded(EndpointId::OrderModify, &this, 200, SignatureVerdict::Verified, body);
        assert_eq!(concluded(&body), AnswerMeaning::Done);
        body["mchid"] = "1900000002".into();
        assert_eq!(concluded(&body), AnswerMeaning::Unknown(Doubt::Another { found: "1900000002".into() }));
    }

    #[test]
    fn a_request_in_no_table_is_proven_by_its_own_number_only() {
        let merchant = Merchant::new(MchId::new("1900000001"));
        let concluded = |target, sent: &str, body: &str| {
            let change = Change { merchant: &merchant, endpoint: None, target, body: sent };
            conclude(&change, &Answered { status: 200, verdict: SignatureVerdict::Verified, body })
        };
        let split = "/v3/profitsharing/orders";
        let sent = r#"{"out_order_no": "F-1", "amount": 5}"#;
        assert_eq!(concluded(split, sent, r#"{"out_order_no": "F-1", "state": "PROCESSING"}"#), AnswerMeaning::Done);
        assert!(matches!(
            concluded(split, sent, r#"{"out_order_no": "F-2"}"#),
            AnswerMeaning::Unknown(Doubt::Another { .. })
        ));
        let other_amount = concluded(split, sent, r#"{"out_order_no": "F-1", "amount": 6}"#);
        assert!(matches!(other_amount, AnswerMeaning::Unknown(Doubt::Another { .. })));
        for names_nothing in ["", "{}", "[]", r#"{"prepay_id": "wx1"}"#, r#"{"order_no": ""}"#] {
            assert_eq!(concluded(split, sent, names_nothing), AnswerMeaning::NeedsQuery, "{names_nothing}");
        }
        let by_path = "/v3/x/out-batch-no/B%2D1/close?y=1";
        assert_eq!(concluded(by_path, "", r#"{"out_batch_no": "B-1"}"#), AnswerMeaning::Done);
        assert_eq!(concluded(by_path, "", r#"{"out_batch_no": "B-2"}"#), AnswerMeaning::NeedsQuery);
    }
}
