//! A raw request that may change something. It is not an action of the catalogue, but it may reach the endpoint of one:
//! then the rules for that action apply to it.

use serde::Deserialize;

use super::worth::worth;
use super::{ACTIONS, Action, ActionId, AmountIn, FieldKind};
use crate::model::{Currency, Document, Method, Money, Number, ObjectId};

/// One raw request with a method that writes.
#[derive(Clone, Debug, PartialEq)]
pub struct RawWrite {
    method: Method,
    target: String,
    body: String,
    reason: Option<String>,
    reached: Option<Reached>,
}

/// The action that a target reaches.
#[derive(Clone, Debug, PartialEq)]
struct Reached {
    action: ActionId,
    object: Option<ObjectId>,
    /// WeChat Pay's number in the path, if it identifies the object.
    platform_number: Option<Number>,
}

/// The money members of the bodies of actions. A duplicate member, or a value that is not an integer, does not read.
#[derive(Deserialize)]
struct SentBody {
    total_amount: Option<i64>,
    amount: Option<SentAmount>,
}

#[derive(Deserialize)]
struct SentAmount {
    total: Option<i64>,
    refund: Option<i64>,
    currency: Option<String>,
}

impl RawWrite {
    /// `None` for a method that only reads.
    pub fn new(method: Method, target: &str, body: &str, reason: Option<&str>) -> Option<Self> {
        (method != Method::Get).then(|| Self {
            method,
            target: target.to_owned(),
            body: body.to_owned(),
            reason: reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            reached: reached(target, body),
        })
    }

    pub fn method(&self) -> Method {
        self.method
    }

    pub fn target(&self) -> &str {
        &self.target
    }

    pub fn body(&self) -> &str {
        &self.body
    }

    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The action whose endpoint it would reach, by any method: a forbidden path is forbidden.
    pub fn action(&self) -> Option<ActionId> {
        self.reached.as_ref().map(|reached| reached.action)
    }

    /// The object of that action.
    pub fn object(&self) -> Option<ObjectId> {
        self.reached.as_ref().and_then(|reached| reached.object.clone())
    }

    /// The object that is changed, if the path does not have its own number: the transaction of a refund, by either of
    /// its numbers, or of a close by WeChat Pay's, the abnormal refund by WeChat Pay's, the plan that is signed, the
    /// sign plan of an order, the stock of a coupon.
    pub fn named(&self) -> Option<Number> {
        if let Some(number) = self.reached.as_ref().and_then(|reached| reached.platform_number.clone()) {
            return Some(number);
        }
        let names = self.action()?.action().names_object;
        Number::parse(&names.iter().find_map(|name| Document::member(&self.body, name))?).ok()
    }

    /// The amount in its body; `None` if the body has none, or if it reaches an action whose body has no amount: WeChat
    /// Pay would not read it. If no action is known, money counts under any name.
    pub fn amount(&self) -> Result<Option<Money>, serde_json::Error> {
        let names_amount = |id: ActionId| id.action().fields.iter().any(|field| field.kind == FieldKind::Money);
        if self.body.trim().is_empty() || !self.action().is_none_or(names_amount) {
            return Ok(None);
        }
        let Some(action) = self.action() else { return worth(&self.body) };
        let sent: SentBody = serde_json::from_str(&self.body)?;
        let code = sent.amount.as_ref().and_then(|amount| amount.currency.as_deref());
        let currency = code.map_or(Some(Currency::CNY), Currency::parse);
        let currency = currency.ok_or_else(|| serde::de::Error::custom("the currency is unknown"))?;
        let parts = |part: fn(SentAmount) -> Option<i64>| sent.amount.and_then(part);
        let amount = match action.action().amount_in {
            Some(AmountIn::TotalAmount) => sent.total_amount,
            Some(AmountIn::AmountTotal) => parts(|amount| amount.total),
            Some(AmountIn::AmountRefund) => parts(|amount| amount.refund),
            None => None,
        };
        match amount {
            // The amount that it would move is unknown.
            Some(..0) => Err(serde::de::Error::custom("the amount is negative")),
            amount => Ok(amount.map(|minor| Money { minor, currency })),
        }
    }
}

fn reached(target: &str, body: &str) -> Option<Reached> {
    let reaches = |action: &Action| {
        let endpoints = [Some(action.endpoint), action.endpoint.endpoint().global, action.by_platform_number];
        let found = endpoints.into_iter().flatten().find_map(|id| {
            let endpoint = id.endpoint();
            Some((endpoint, endpoint.parameters_leniently(target)?))
        });
        let (endpoint, parameters) = found?;
        let field = action.kind.number_field();
        let in_path = || parameters.first().and_then(|text| Number::parse(text).ok());
        // Some paths name a user instead.
        let by_path = endpoint.path.contains(&format!("{{{field}}}")).then(in_path).flatten();
        let field = action.number_in.unwrap_or(field);
        let by_body = || Document::member(body, field).filter(|_| action.is_creation());
        let number = by_path.or_else(|| Number::parse(&by_body()?).ok());
        Some(Reached {
            action: action.id,
            object: number.map(|number| ObjectId::new(action.kind, number)),
            platform_number: (Some(endpoint.id) == action.by_platform_number).then(in_path).flatten(),
        })
    };
    ACTIONS.iter().find_map(reaches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn post(target: &str, body: &str) -> RawWrite {
        RawWrite::new(Method::Post, target, body, None).unwrap()
    }

    #[test]
    fn a_raw_request_is_known_by_its_action_however_its_path_is_spelled() {
        let base = "/v3/payscore/plan/payscore-plans/merchant-plan-no";
        for path in [
            format!("{base}/PLN-1/stop"),
            format!("{base}/PLN-1/stop?x=1"),
            format!("{base}/PLN-1/stop/"),
            format!("{base}/PLN%2D1/%73top"),
            format!("{base}/PLN-1/%2573top"),
            format!("{base}/PLN-1%2Fstop"),
            format!("{base}/PLN-1/x/../STOP;v=1"),
            format!("{base}//PLN-1/./stop%20"),
            format!("{base}/PLN-1\\stop%3Fx"),
        ] {
            let raw = post(&path, "");
            assert_eq!(raw.action(), Some(ActionId::PlanStop), "{path}");
            let plan = ObjectId::new(Kind::Plan, Number::parse("PLN-1").unwrap());
            assert_eq!(raw.object(), Some(plan), "{path}");
        }
        for path in [format!("{base}/PLN-1"), "/v3/payscore/serviceorders".into(), "/v3/x%zz%ff%".into()] {
            assert_eq!(post(&path, "").action(), None, "{path}");
        }
        for action in ACTIONS {
            let endpoint = action.endpoint.endpoint();
            let field = action.kind.number_field();
            let target = endpoint.target(&[(field, "A|b*1"), ("openid", "oUser"), ("refund_id", "5030")], &[]);
            assert_eq!(post(&target, "").action(), Some(action.id));
            // The path of a refund names no object, that of a coupon its user.
            let number = endpoint.path.contains(field).then(|| "A|b*1".to_owned());
            assert_eq!(post(&target, "").object().map(|object| object.number.to_string()), number);
        }
    }

    #[test]
    fn an_amount_that_can_be_read_two_ways_is_not_read() {
        let amount = |body: &str| post("/v3/x", body).amount().map(|amount| amount.map(|amount| amount.minor)).ok();
        assert_eq!(amount(""), Some(None));
        assert_eq!(amount("{}"), Some(None));
        assert_eq!(amount(r#"{"total_amount": 100}"#), Some(Some(100)));
        assert_eq!(amount(r#"{"total\u005famount": 100}"#), Some(Some(100)));
        assert_eq!(amount(r#"{"amount": {"refund": 5, "total": 100}}"#), Some(Some(100)));
        assert_eq!(amount(r#"{"total_amount": 100, "amount": {"refund": 5}}"#), Some(Some(100)));
        for body in [
            r#"{"total_amount": 1, "total_amount": 100}"#,
            r#"{"total_amount": 1, "total\u005famount": 100}"#,
            r#"{"total_amount": "100"}"#,
            r#"{"total_amount": 1e2}"#,
            r#"{"total_amount": 99999999999999999999}"#,
            "[1]",
            "total_amount=100",
        ] {
            assert_eq!(amount(body), None, "{body}");
        }
    }

    #[test]
    fn a_raw_creation_is_known_by_the_number_in_its_body() {
        let made = post("/v3/pay/transactions/miniprogram", r#"{"out_trade_no": "T-000001"}"#);
        assert_eq!(made.action(), Some(ActionId::TransactionJsapi), "also by the path of the guide");
        assert_eq!(made.object().map(|id| id.to_string()).as_deref(), Some("transaction T-000001"));
        let coupon = post("/v3/marketing/favor/users/o1/coupons", r#"{"stock_id": "17"}"#);
        assert_eq!((coupon.object(), coupon.named().map(|number| number.to_string())), (None, Some("17".to_owned())));
        let global = post("/v3/global/transactions/out-trade-no/T-1/close", "{}");
        assert_eq!(global.action(), Some(ActionId::TransactionClose));
        let by_id = post("/v3/global/transactions/id/4200001/close", "{}");
        assert_eq!((by_id.action(), by_id.object()), (Some(ActionId::TransactionClose), None));
        assert_eq!(by_id.named().map(|number| number.to_string()).as_deref(), Some("4200001"));
        let abnormal = post("/v3/refund/domestic/refunds/5030/apply-abnormal-refund", r#"{"out_refund_no": "R-9"}"#);
        assert_eq!((abnormal.action(), abnormal.object()), (Some(ActionId::RefundApplyAbnormal), None));
        assert_eq!(abnormal.named().map(|number| number.to_string()).as_deref(), Some("5030"), "as in the path");
    }

    #[test]
    fn a_read_is_not_a_write() {
        assert_eq!(RawWrite::new(Method::Get, "/v3/certificates", "", None), None);
    }
}
