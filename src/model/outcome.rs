//! What an answer to a change proves. A signature says that WeChat Pay wrote these bytes, not that it wrote them in
//! answer to this request: a cache or a replay brings genuine bytes, too. So a change is done only by an answer that
//! names what was sent, refused only by a verified refusal, and unknown otherwise. What an answer cannot show is left to
//! the object's own query.

use serde_json::Value;

use super::endpoint::percent_decode;
use super::{EndpointId, Merchant};

/// What the signature of an answer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// WeChat Pay wrote these bytes after the request had left.
    Verified,
    /// WeChat Pay wrote them before the request had left, by its own clock: they answer another one.
    Stale,
    /// No signature at all.
    Unsigned,
    /// A signature that does not hold.
    NotGenuine,
}

/// The change that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub merchant: &'a Merchant,
    /// `None` if the table has no such endpoint.
    pub endpoint: Option<EndpointId>,
    /// As they stood on the wire.
    pub target: &'a str,
    pub body: &'a str,
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    pub status: u16,
    pub verdict: Verdict,
    pub body: &'a str,
}

/// What became of a change, as far as its answer proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The answer names this request's own number, its amount where it returns one, and the effect where it shows one.
    Done,
    /// A verified success whose documented body is empty or names nothing of the request: only the object's own query
    /// can show the effect.
    NeedsQuery,
    /// WeChat Pay said no.
    Refused,
    Unknown(Doubt),
}

/// Why an answer proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    Unsigned,
    NotGenuine,
    /// Signed before the request had left.
    Stale,
    /// Accepted and not finished, limited, failed, or led elsewhere.
    Status,
    /// It is about something else: what it says where this request said otherwise.
    Another { found: String },
    /// It lacks what the endpoint documents.
    Lacks(&'static str),
    /// It is about this object, and does not show the effect.
    NotShown,
}

/// The status of what is accepted and not finished.
const ACCEPTED: u16 = 202;

/// Where a request says what its answer must repeat.
#[derive(Clone, Copy, Debug)]
enum Sent {
    /// A parameter of the path.
    Path(&'static str),
    /// A member of the body, by JSON pointer.
    Body(&'static str),
    /// The same, which a request may leave out.
    IfSent(&'static str),
}

/// What the documented answer of an endpoint shows of its request.
#[derive(Debug)]
struct Rule {
    /// Members of the answer, by JSON pointer, and what they repeat.
    same: &'static [(&'static str, Sent)],
    /// Members that the answer must have, whatever they say.
    has: &'static [&'static str],
    /// The effect, of which one must show: a member of the answer and its value.
    effect: &'static [(&'static str, &'static str)],
    /// False if another request on the same object is answered likewise, or if nothing of the request is repeated.
    proves: bool,
}

use Sent::{Body, IfSent, Path};

const NOTHING: Rule = Rule { same: &[], has: &[], effect: &[], proves: false };

/// The rule of an endpoint that changes something. A new endpoint does not compile without one.
const fn rule(endpoint: EndpointId) -> Option<Rule> {
    use EndpointId as E;
    Some(match endpoint {
        E::PlanCreate => Rule {
            same: &[
                ("/merchant_plan_no", Body("/merchant_plan_no")),
                ("/total_actual_price", IfSent("/total_actual_price")),
                ("/total_original_price", IfSent("/total_original_price")),
            ],
            proves: true,
            ..NOTHING
        },
        E::PlanStop => Rule {
            same: &[("/merchant_plan_no", Path("merchant_plan_no"))],
            effect: &[("/plan_state", "STOP")],
            proves: true,
            ..NOTHING
        },
        E::SignPlanCreate => Rule {
            same: &[
                ("/sign_plan/merchant_sign_plan_no", Body("/merchant_sign_plan_no")),
                ("/sign_plan/plan_id", IfSent("/plan_id")),
            ],
            has: &["/package"],
            proves: true,
            ..NOTHING
        },
        E::SignPlanCancel => Rule {
            same: &[("/merchant_sign_plan_no", Path("merchant_sign_plan_no"))],
            effect: &[("/cancel_sign_type", "MERCHANT")],
            proves: true,
            ..NOTHING
        },
        E::SignPlanOrderCreate => Rule {
            same: &[("/out_order_no", Body("/out_trade_no")), ("/service_id", IfSent("/service_id"))],
            has: &["/state"],
            proves: true,
            ..NOTHING
        },
        E::OrderCreate => Rule {
            same: &[
                ("/out_order_no", Body("/out_order_no")),
                ("/service_id", IfSent("/service_id")),
                ("/risk_fund/amount", IfSent("/risk_fund/amount")),
            ],
            has: &["/state"],
            proves: true,
            ..NOTHING
        },
        E::OrderComplete => Rule {
            same: &[("/out_order_no", Path("out_order_no")), ("/total_amount", Body("/total_amount"))],
            effect: &[("/state_description", "MCH_COMPLETE"), ("/state", "DONE")],
            proves: true,
            ..NOTHING
        },
        E::OrderModify => Rule {
            same: &[("/out_order_no", Path("out_order_no")), ("/total_amount", Body("/total_amount"))],
            proves: true,
            ..NOTHING
        },
        // Asking for the money is answered in the same words as giving it up.
        E::OrderCancel => Rule { same: &[("/out_order_no", Path("out_order_no"))], ..NOTHING },
        // An order that ended meanwhile may have been paid through WeChat Pay: its query tells.
        E::OrderSync => Rule {
            same: &[("/out_order_no", Path("out_order_no"))],
            effect: &[("/state", "DONE")],
            ..NOTHING
        },
        // No query ever shows it.
        E::OrderPay => Rule { same: &[("/out_order_no", Path("out_order_no"))], proves: true, ..NOTHING },
        E::PermissionCreate => Rule { has: &["/apply_permissions_token"], ..NOTHING },
        E::TransactionJsapi | E::TransactionApp | E::GlobalJsapi | E::GlobalApp => {
            Rule { has: &["/prepay_id"], ..NOTHING }
        }
        E::TransactionNative | E::GlobalNative => Rule { has: &["/code_url"], ..NOTHING },
        E::TransactionH5 => Rule { has: &["/h5_url"], ..NOTHING },
        E::GlobalH5 => Rule { has: &["/mweb_url"], ..NOTHING },
        // 204.
        E::PermissionTerminateByOpenid
        | E::PermissionTerminateByCode
        | E::TransactionClose
        | E::GlobalClose
        | E::GlobalCloseById => NOTHING,
        E::RefundCreate => Rule {
            same: &[
                ("/out_refund_no", Body("/out_refund_no")),
                ("/amount/refund", Body("/amount/refund")),
                ("/amount/total", IfSent("/amount/total")),
                ("/transaction_id", IfSent("/transaction_id")),
                ("/out_trade_no", IfSent("/out_trade_no")),
            ],
            has: &["/status"],
            proves: true,
            ..NOTHING
        },
        E::GlobalRefundCreate => Rule {
            same: &[
                ("/out_refund_no", Body("/out_refund_no")),
                ("/amount/refund", Body("/amount/refund")),
                ("/amount/currency", IfSent("/amount/currency")),
            ],
            proves: true,
            ..NOTHING
        },
        // The number is the answer's own: what stands under it must be asked about.
        E::StockCreate => Rule { has: &["/stock_id"], ..NOTHING },
        E::CouponSend => Rule { has: &["/coupon_id"], ..NOTHING },
        E::StockStart => Rule {
            same: &[("/stock_id", Path("stock_id"))],
            has: &["/start_time"],
            ..NOTHING
        },
        // Pausing and restarting follow each other: an earlier answer says the same.
        E::StockPause | E::StockRestart => Rule { same: &[("/stock_id", Path("stock_id"))], ..NOTHING },
        E::CallbackSet => Rule { same: &[("/notify_url", Body("/notify_url"))], ..NOTHING },
        E::Certificates
        | E::PlanQuery
        | E::SignPlanQuery
        | E::OrderQuery
        | E::PermissionByOpenid
        | E::PermissionByCode
        | E::TransactionById
        | E::TransactionByNumber
        | E::RefundQuery
        | E::BillTrade
        | E::BillFundFlow
        | E::BillDownload
        | E::StockList
        | E::StockQuery
        | E::StockMerchants
        | E::StockItems
        | E::StockUseFlow
        | E::StockRefundFlow
        | E::CouponQuery
        | E::CouponList
        | E::CallbackQuery
        | E::GlobalCertificates
        | E::GlobalById
        | E::GlobalByNumber
        | E::GlobalRefundById
        | E::GlobalRefundByNumber
        | E::GlobalRefundList
        | E::GlobalStatement
        | E::GlobalSettlements => return None,
    })
}

/// What an answer proves about the very request it came for.
pub fn conclude(change: &Change<'_>, answered: &Answered<'_>) -> Conclusion {
    match answered.verdict {
        Verdict::Verified => {}
        Verdict::Stale => return Conclusion::Unknown(Doubt::Stale),
        Verdict::Unsigned => return Conclusion::Unknown(Doubt::Unsigned),
        Verdict::NotGenuine => return Conclusion::Unknown(Doubt::NotGenuine),
    }
    match answered.status {
        ACCEPTED | 429 => Conclusion::Unknown(Doubt::Status),
        200..300 => success(change, answered.body),
        400..500 => Conclusion::Refused,
        _ => Conclusion::Unknown(Doubt::Status),
    }
}

/// What a verified success proves.
fn success(change: &Change<'_>, body: &str) -> Conclusion {
    let sent: Value = serde_json::from_str(change.body).unwrap_or_default();
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let another = |found: String| Conclusion::Unknown(Doubt::Another { found });
    let Some((endpoint, rule)) = change.endpoint.and_then(|id| Some((id, rule(id)?))) else {
        return unlisted(change.target, &sent, &answer);
    };
    if let Some(mchid) = change.merchant.stranger(body) {
        return another(mchid);
    }
    for (pointer, place) in rule.same {
        let wanted = match place {
            Path(name) => parameter(endpoint, change.target, name),
            Body(pointer) | IfSent(pointer) => sent.pointer(pointer).and_then(word),
        };
        match (wanted, answer.pointer(pointer).and_then(word)) {
            (Some(wanted), Some(found)) if wanted == found => {}
            (None, _) if matches!(place, IfSent(_)) => {}
            (Some(_), Some(found)) => return another(format!("{} {found}", name(pointer))),
            // What was not sent cannot be repeated.
            _ => return Conclusion::Unknown(Doubt::Lacks(name(pointer))),
        }
    }
    let says = |pointer: &str| answer.pointer(pointer).and_then(word);
    if let Some(pointer) = rule.has.iter().find(|pointer| says(pointer).is_none()) {
        return Conclusion::Unknown(Doubt::Lacks(name(pointer)));
    }
    let shows = |(pointer, value): &(&str, &str)| says(pointer).as_deref() == Some(*value);
    if !rule.effect.is_empty() && !rule.effect.iter().any(shows) {
        return Conclusion::Unknown(Doubt::NotShown);
    }
    if rule.proves { Conclusion::Done } else { Conclusion::NeedsQuery }
}

/// What the answer to a request that is in no table proves: it must repeat a number that was sent, and contradict
/// neither a number nor an amount.
fn unlisted(target: &str, sent: &Value, answer: &Value) -> Conclusion {
    let path = target.split('?').next().unwrap_or_default();
    let in_path = |found: &String| path.split('/').any(|part| percent_decode(part).as_ref() == Some(found));
    let mut named = false;
    for (name, found) in answer.as_object().into_iter().flatten() {
        let Some(found) = word(found) else { continue };
        let wanted = sent.get(name).and_then(word);
        let (is_number, is_amount) = (name.ends_with("_no"), name.ends_with("amount"));
        if (is_number || is_amount) && wanted.as_ref().is_some_and(|wanted| *wanted != found) {
            return Conclusion::Unknown(Doubt::Another { found: format!("{name} {found}") });
        }
        named |= is_number && (wanted.is_some() || in_path(&found));
    }
    if named { Conclusion::Done } else { Conclusion::NeedsQuery }
}

/// A parameter of the path by its name.
fn parameter(endpoint: EndpointId, target: &str, name: &str) -> Option<String> {
    let endpoint = endpoint.endpoint();
    let mut names = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let place = names.position(|known| known == name)?;
    endpoint.parameters_leniently(target)?.into_iter().nth(place)
}

/// A text or a number, as it is written.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The last part of a pointer.
fn name(pointer: &'static str) -> &'static str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}
